//! What a server leaves in its data folder, and what it makes of one that has lost something.

use std::fs::{self, OpenOptions};
use std::process::Stdio;

use crate::hall::{Hall, names};
use crate::serve::{act, ended, open_meetings, ready};

#[test]
fn after_a_clean_stop_there_is_one_file_to_copy_and_nothing_went_wrong() {
    let hall = Hall::empty();
    hall.apply(hall.data.path(), &[]).unwrap();
    let (server, line) = ready(&hall, &["--start", "--meeting", "autumn"], "info");
    assert_eq!(open_meetings(&line), 1);
    let during = names(hall.data.path());
    assert!(during.contains(&"onehall.db-wal".to_owned()), "{during:?}");
    let log = ended(server);
    assert!(!log.contains("ERROR"), "{log}");
    assert_eq!(names(hall.data.path()), ["closed", "heads", "onehall.db", "store.lock", "token.key"]);

    // Its copy alone has the whole log.
    let copy = Hall::empty();
    for name in ["onehall.db", "token.key"] {
        fs::copy(hall.data.path().join(name), copy.data.path().join(name)).unwrap();
    }
    let (server, line) = ready(&copy, &[], "info");
    assert_eq!(open_meetings(&line), 1, "it is under way there too");
    ended(server);
}

/// A folder whose server was killed while `autumn` was under way; another meeting is in it, which nobody has opened.
fn killed() -> Hall {
    let hall = Hall::empty();
    hall.apply(hall.data.path(), &[]).unwrap();
    hall.add("other");
    let (mut server, line) = ready(&hall, &["--start", "--meeting", "autumn"], "info");
    for key in 1..=9 {
        let answer = act(&line, &format!("k{key}"), r#"{"slate":{}}"#);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    server.kill().unwrap();
    server.wait().unwrap();
    hall
}

#[test]
fn r19_a_wal_that_was_cut_after_a_kill_is_told_in_numbers_and_costs_that_meeting_alone() {
    let hall = killed();
    let wal = OpenOptions::new().write(true).open(hall.data.path().join("onehall.db-wal")).unwrap();
    wal.set_len(wal.metadata().unwrap().len() - 1).unwrap();
    let (server, line) = ready(&hall, &["--start", "--meeting", "other"], "info");
    assert_eq!(open_meetings(&line), 1, "the other goes on");
    let log = ended(server);
    let told = |log: &str| {
        log.lines().any(|line| line.contains("1 are lost") && line.contains("--accept-loss autumn-held"))
    };
    assert!(told(&log), "{log}");

    let (server, line) = ready(&hall, &["--accept-loss", "autumn-held"], "info");
    assert_eq!(open_meetings(&line), 2);
    ended(server);
    let (server, line) = ready(&hall, &[], "info");
    assert_eq!(open_meetings(&line), 2, "it needs to be said once");
    let log = ended(server);
    assert!(!told(&log) && !log.contains("ERROR"), "{log}");
}

#[test]
fn r19_a_database_without_its_wal_is_not_taken_for_one_in_which_nothing_has_happened() {
    let hall = killed();
    for name in ["onehall.db-wal", "onehall.db-shm"] {
        fs::remove_file(hall.data.path().join(name)).unwrap();
    }
    let (server, line) = ready(&hall, &["--meeting", "autumn"], "info");
    let answer = act(&line, "k10", r#"{"slate":{}}"#);
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    let log = ended(server);
    assert!(log.contains("the log of run autumn-held ends at event 0, and event "), "{log}");
}

#[test]
fn a_server_that_is_to_accept_the_loss_of_no_run_does_not_start() {
    let hall = Hall::of_schema_1();
    let mut serve = hall.serve();
    // Who gives the meeting's id, or mistypes, is told what there is.
    serve.args(["--accept-loss", "autumn"]).stdout(Stdio::null()).stderr(Stdio::piped());
    let output = serve.spawn().unwrap().wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("there is no run autumn"), "{said}");
    assert!(said.contains("the nearest run is autumn-held"), "{said}");
}

#[test]
fn a_name_that_changed_on_the_disk_is_told_when_the_server_starts_until_the_file_is_applied_again() {
    let hall = Hall::empty();
    hall.apply(hall.data.path(), &[]).unwrap();
    let told =
        |server| ended(server).lines().filter(|line| line.contains("have changed on the disk")).count();
    assert_eq!(told(ready(&hall, &[], "info").0), 0);
    let database = hall.data.path().join("onehall.db");
    let mut bytes = fs::read(&database).unwrap();
    let title = b"Autumn meeting";
    let places: Vec<usize> =
        (0..bytes.len() - title.len()).filter(|at| bytes[*at..].starts_with(title)).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at] ^= 0x02;
    }
    fs::write(&database, bytes).unwrap();
    assert_eq!(told(ready(&hall, &[], "info").0), 1);
    hall.apply(hall.data.path(), &[]).unwrap();
    assert_eq!(told(ready(&hall, &[], "info").0), 0);
}
