//! `onehall serve`: how it starts, ends, and what it says meanwhile.

use std::fs;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _, pipe};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Stdio};
use std::time::{Duration, Instant};

use rustix::io::ioctl_fionbio;
use rustix::process::{Pid, Signal, kill_process};
use wire::ReadyLine;

use crate::hall::{Hall, names};

const DEADLINE: Duration = Duration::from_secs(60);

fn terminate(server: &Child) {
    kill_process(Pid::from_child(server), Signal::TERM).unwrap();
}

/// The lines that a server logs until one holds `what`.
pub(crate) fn logged_until(log: &mut BufReader<ChildStderr>, what: &str) -> String {
    let mut logged = String::new();
    while !logged.lines().next_back().is_some_and(|line| line.contains(what)) {
        assert_ne!(log.read_line(&mut logged).unwrap(), 0, "no {what:?} in:\n{logged}");
    }
    logged
}

/// How many meetings are open, as the server says.
pub(crate) fn open_meetings(ready: &ReadyLine) -> u64 {
    let answer = exchange(&ready.api, "GET /api/v1/health HTTP/1.1\r\n", "");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str::<serde_json::Value>(body).unwrap()["meetings"].as_u64().unwrap()
}

/// What the server answers to an act of the director.
pub(crate) fn act(ready: &ReadyLine, key: &str, act: &str) -> String {
    let path = ready.api.splitn(4, '/').nth(3).unwrap();
    let (token, length) = (&ready.tokens.as_ref().unwrap().director, act.len());
    let head = format!(
        "POST /{path}/commands HTTP/1.1\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n"
    );
    exchange(&ready.api, &head, act)
}

fn exchange(url: &str, head: &str, body: &str) -> String {
    let address = url.split('/').nth(2).unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{head}Host: {address}\r\nConnection: close\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Damages the log of `spring`: the key of an act that is in no other log becomes another, so that the chain does not hold.
fn damage_spring(hall: &Hall) {
    let database = hall.data.path().join("onehall.db");
    let mut bytes = fs::read(&database).unwrap();
    let (key, other) = (br#""key":"k16""#, br#""key":"xxx""#);
    let at = bytes.windows(key.len()).position(|window| window == key).unwrap();
    bytes[at..at + key.len()].copy_from_slice(other);
    fs::write(database, bytes).unwrap();
}

/// A server that has said that it is ready, and says so much on standard error.
pub(crate) fn ready(hall: &Hall, more: &[&str], log: &str) -> (Child, ReadyLine) {
    let mut serve = hall.serve();
    serve.arg("--json").args(more).env("ONEHALL_LOG", log).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = serve.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (server, serde_json::from_str(&line).unwrap())
}

/// What a server has logged until it ended in good order.
pub(crate) fn ended(server: Child) -> String {
    terminate(&server);
    let output = server.wait_with_output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");
    log
}

#[test]
fn a_server_starts_beside_a_damaged_meeting_that_is_under_way_and_goes_on_with_the_others() {
    let hall = Hall::of_schema_1();
    // All that is in the WAL goes into the database, and no meeting names a venue that the further one lacks.
    hall.apply(hall.data.path(), &[]).unwrap();
    hall.add("further");
    damage_spring(&hall);
    let start = |more: &[&str]| {
        let (server, ready) = ready(&hall, more, "info");
        let open = open_meetings(&ready);
        let log = ended(server);
        let failed: Vec<&str> = log.lines().filter(|line| line.contains("the others go on")).collect();
        assert_eq!(failed.len(), 1, "{log}");
        assert!(failed[0].contains("the others go on meeting=spring "), "{log}");
        open
    };
    assert_eq!(start(&[]), 0, "nothing else is under way");
    assert_eq!(start(&["--start", "--meeting", "further"]), 1);
    assert_eq!(start(&[]), 1, "the further one is under way");
}

#[test]
fn a_signal_before_the_ready_line_ends_the_server_in_good_order() {
    let hall = Hall::empty();
    // A pipe that is full holds the ready line up.
    let (mut reader, mut writer) = pipe().unwrap();
    ioctl_fionbio(&writer, true).unwrap();
    let full = std::io::copy(&mut std::io::repeat(b'\n'), &mut writer).unwrap_err();
    assert_eq!(full.kind(), ErrorKind::WouldBlock);
    ioctl_fionbio(&writer, false).unwrap();
    let mut server = hall.serve().arg("--json").stdout(writer).spawn().unwrap();
    let began = Instant::now();
    while !names(hall.data.path()).contains(&"server.json".to_owned()) {
        assert!(began.elapsed() < DEADLINE, "it writes no server.json");
        assert_eq!(server.try_wait().unwrap(), None);
        std::thread::yield_now();
    }
    terminate(&server);
    let mut said = String::new();
    reader.read_to_string(&mut said).unwrap();
    let _: ReadyLine = serde_json::from_str(said.trim()).unwrap();
    let ended = server.wait().unwrap();
    assert!(ended.success(), "{ended}");
    let left = names(hall.data.path());
    assert!(left.iter().all(|name| !name.starts_with("server.")), "{left:?}");
}

#[test]
fn no_token_is_in_what_the_server_logs() {
    let hall = Hall::empty();
    let links = hall.apply(hall.data.path(), &[]).unwrap();
    let tokens: Vec<&str> = links.lines().filter_map(|line| Some(line.split_once("#t=")?.1)).collect();
    assert!(tokens.len() > 3, "{links}");
    let mut server = hall.serve().stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(server.stderr.take().unwrap());
    let mut logged = logged_until(&mut log, " ready ");
    assert!(logged.contains("desk=\"http://"), "{logged}");
    terminate(&server);
    log.read_to_string(&mut logged).unwrap();
    assert!(server.wait().unwrap().success());
    for token in tokens {
        assert!(!logged.contains(token), "{logged}");
    }
    assert!(!logged.contains("office-"), "{logged}");
}
