//! `onehall link`, with and without a server.

use crate::hall::Hall;
use crate::serve::{act, ended, ready};

/// The id of the link of that role or venue which is good, in a list.
fn id_of(list: &str, who: &str) -> String {
    let good = |line: &&str| line.split_whitespace().nth(1) == Some(who) && !line.contains("revoked");
    let mut lines = list.lines().skip(1).filter(good);
    let only = lines.next();
    assert!(only.is_some() && lines.next().is_none(), "not one link of {who} in:\n{list}");
    only.unwrap().split_whitespace().next().unwrap().to_owned()
}

#[test]
fn links_are_listed_without_what_lets_one_in_revoked_and_renewed_on_the_data_folder() {
    let hall = Hall::empty();
    let given = hall.apply(hall.data.path(), &[]).unwrap();
    let list = hall.link(&["list", "autumn"]).unwrap();
    assert!(list.starts_with("id "), "{list}");
    for token in given.lines().filter_map(|line| Some(line.split_once("#t=")?.1)) {
        let signature = token.rsplit('.').next().unwrap();
        assert!(!list.contains(signature), "{list}");
    }
    let chair = id_of(&list, "chair");
    let said = hall.link(&["revoke", &chair]).unwrap();
    assert_eq!(said, format!("The link {chair}, chair of autumn, is good no more.\n"));
    let list = hall.link(&["list", "autumn"]).unwrap();
    assert!(list.lines().any(|line| line.starts_with(&chair) && line.contains("revoked 2")), "{list}");

    let director = id_of(&list, "director");
    let said = hall.link(&["renew", &director]).unwrap();
    assert!(said.contains("/m/autumn/desk#t=hs256."), "{said}");
    assert_ne!(id_of(&hall.link(&["list", "autumn"]).unwrap(), "director"), director);
    assert!(hall.apply(hall.data.path(), &[]).unwrap().contains(said.split_whitespace().last().unwrap()));
    let watcher = id_of(&list, "watcher");
    let said = hall.link(&["revoke", "nothing", &watcher]).unwrap_err();
    assert!(
        said.contains("1 of 2 links were not revoked") && said.contains("there is no link nothing"),
        "{said}"
    );
    let list = hall.link(&["list", "autumn"]).unwrap();
    assert!(list.lines().any(|line| line.starts_with(&watcher) && line.contains("revoked 2")), "{list}");
    let said = hall.link(&["renew", &director]).unwrap_err();
    assert!(said.contains(&format!("the link {director} was revoked")), "{said}");
    for refused in [&["list", "nothing"][..], &["revoke", "nothing"], &["renew", "nothing"]] {
        let said = hall.link(refused).unwrap_err();
        assert!(said.starts_with("onehall: there is no "), "{said}");
    }
}

#[test]
fn a_link_that_is_revoked_while_a_server_runs_lets_nobody_in_any_more() {
    let hall = Hall::empty();
    hall.apply(hall.data.path(), &[]).unwrap();
    let (server, line) = ready(&hall, &["--start", "--meeting", "autumn"], "info");
    assert!(act(&line, "k1", r#"{"slate":{}}"#).starts_with("HTTP/1.1 200"));
    let director = id_of(&hall.link(&["list", "autumn"]).unwrap(), "director");
    hall.link(&["revoke", &director]).unwrap();
    let refused = act(&line, "k2", r#"{"slate":{}}"#);
    assert!(refused.starts_with("HTTP/1.1 401") && refused.contains("revoked"), "{refused}");
    let said = hall.link(&["renew", &director]).unwrap_err();
    assert!(said.contains(&format!("the link {director} was revoked")), "{said}");
    let chair = id_of(&hall.link(&["list", "autumn"]).unwrap(), "chair");
    let said = hall.link(&["renew", &chair]).unwrap();
    assert!(said.contains("/m/autumn/desk#t=hs256."), "{said}");
    ended(server);
    let list = hall.link(&["list", "autumn"]).unwrap();
    let used = list.lines().find(|line| line.starts_with(&director)).unwrap();
    // When it was made, until when it is good, when it was used, when it was revoked.
    assert_eq!(used.matches(":").count(), 4, "{used}");
}

#[test]
fn commands_that_come_at_once_find_no_server_that_was_killed() {
    let hall = Hall::empty();
    hall.apply(hall.data.path(), &[]).unwrap();
    let mut gone = std::process::Command::new("true").spawn().unwrap();
    gone.wait().unwrap();
    let left = format!(r#"{{"pid":{},"http":"127.0.0.1:9","media_port":9,"office":"x"}}"#, gone.id());
    std::fs::write(hall.data.path().join("server.json"), left).unwrap();
    std::thread::scope(|scope| {
        let asked: Vec<_> = (0..8).map(|_| scope.spawn(|| hall.link(&["list", "autumn"]))).collect();
        for asked in asked {
            asked.join().unwrap().unwrap();
        }
    });
    assert!(!hall.data.path().join("server.json").exists());
}
