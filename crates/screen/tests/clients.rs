//! Who is on the control connection, and R10.

use base::{ClientId, Mono, Role, SessionId, TokenId, Wall};
use screen::clients::{Arrival, Clients, ConnectionId, REMEMBERED, Welcome};

use testing::small::{client_id, meeting_id, source_id, venue_id};

const OLD: &str = "cAAAAAAAAAAAAAAAAAAAAAA";
const FRESH: &str = "cBBBBBBBBBBBBBBBBBBBBBB";

fn arrival(connection: u64, token: &str, returning: Option<&str>) -> Arrival {
    Arrival {
        connection: ConnectionId(connection),
        meeting: meeting_id(),
        token: TokenId::new(token).unwrap(),
        role: Role::Venue,
        venue: Some(venue_id("a")),
        at: Wall(0),
        returning: returning.map(client_id),
        fresh: client_id(FRESH),
    }
}

fn come(clients: &mut Clients, arrival: Arrival) -> Welcome {
    clients.hello(arrival).unwrap()
}

fn admitted(clients: &Clients, client: &ClientId) -> Option<bool> {
    clients.admitted(client, &meeting_id(), &TokenId::new("t").unwrap())
}

#[test]
fn r10_a_session_waits_until_its_page_shows_the_snapshot() {
    let mut clients = Clients::default();
    let client = come(&mut clients, arrival(1, "t", None)).client;
    assert_eq!(admitted(&clients, &client), Some(false));
    assert!(!clients.opened(&client, SessionId(5)));
    assert_eq!(
        clients.ready(&client, ConnectionId(2)),
        [].into(),
        "another connection's ready counts nothing"
    );
    assert_eq!(clients.ready(&client, ConnectionId(1)), [SessionId(5)].into());
    assert_eq!(admitted(&clients, &client), Some(true), "a page that is ready already");
    assert!(clients.opened(&client, SessionId(6)), "ready came while the session was opened");
    assert_eq!(clients.ready(&client, ConnectionId(1)), [].into());
}

#[test]
fn r10_a_page_that_comes_back_must_be_ready_again() {
    let mut clients = Clients::default();
    let client = come(&mut clients, arrival(1, "t", None)).client;
    clients.ready(&client, ConnectionId(1));
    clients.left(Mono(0), &client, ConnectionId(1));
    assert_eq!(admitted(&clients, &client), Some(false));
    assert!(!clients.opened(&client, SessionId(7)));
    let back = come(&mut clients, arrival(2, "t", Some(client.as_str())));
    assert_eq!(back.client, client);
    assert_eq!(admitted(&clients, &client), Some(false));
    assert_eq!(clients.ready(&client, ConnectionId(2)), [SessionId(7)].into());
}

#[test]
fn r10_unknown_clients_and_those_of_another_token_are_none() {
    let mut clients = Clients::default();
    assert_eq!(admitted(&clients, &client_id(OLD)), None);
    let client = come(&mut clients, arrival(1, "other", None)).client;
    assert_eq!(admitted(&clients, &client), None);
}

#[test]
fn r10_a_session_that_ended_is_not_admitted() {
    let mut clients = Clients::default();
    let client = come(&mut clients, arrival(1, "t", None)).client;
    clients.opened(&client, SessionId(5));
    clients.closed(&client, SessionId(5));
    assert_eq!(clients.ready(&client, ConnectionId(1)), [].into());
}

#[test]
fn a_page_keeps_its_name_also_after_a_restart_and_nobody_takes_it() {
    let mut clients = Clients::default();
    assert_eq!(come(&mut clients, arrival(1, "t", Some(OLD))).client, client_id(OLD));
    assert_eq!(come(&mut clients, arrival(2, "thief", Some(OLD))).client, client_id(FRESH));
    let again = come(&mut clients, arrival(3, "t", Some(OLD)));
    assert_eq!((again.client, again.displaced), (client_id(OLD), Some(ConnectionId(1))));
    assert_eq!(clients.count(&meeting_id()), 2);
    assert_eq!(
        clients.left(Mono(0), &client_id(OLD), ConnectionId(1)),
        None,
        "the one displaced is not the client"
    );
    assert_eq!(clients.count(&meeting_id()), 2);
    assert_eq!(
        come(&mut clients, arrival(4, "t", Some("short"))).client,
        client_id(FRESH),
        "no name of ours"
    );
}

#[test]
fn a_replaced_page_is_told_at_once_or_when_it_comes_back() {
    let mut clients = Clients::default();
    let client = come(&mut clients, arrival(1, "t", None)).client;
    assert_eq!(clients.replaced(&client, &source_id("a.1")), Some(ConnectionId(1)));
    clients.left(Mono(0), &client, ConnectionId(1));
    assert_eq!(clients.replaced(&client, &source_id("a.1")), None);
    let back = come(&mut clients, arrival(2, "t", Some(client.as_str())));
    assert_eq!(back.replaced, [source_id("a.1")]);
    clients.left(Mono(0), &client, ConnectionId(2));
    assert_eq!(come(&mut clients, arrival(3, "t", Some(client.as_str()))).replaced, [], "once");
}

#[test]
fn a_venue_is_silent_when_its_last_page_that_reports_is_gone() {
    let mut clients = Clients::default();
    let names = [OLD, FRESH].map(client_id);
    for (n, name) in names.iter().enumerate() {
        come(&mut clients, arrival(n as u64, "t", Some(name.as_str())));
        clients.reports(name);
    }
    let gone = |clients: &mut Clients, n: usize| {
        clients.left(Mono(0), &names[n], ConnectionId(n as u64)).unwrap().silent_venue
    };
    assert_eq!(gone(&mut clients, 0), None);
    assert_eq!(gone(&mut clients, 1), Some(venue_id("a")));
}

#[test]
fn who_left_long_ago_is_forgotten_with_the_wall() {
    let mut clients = Clients::default();
    let client = come(&mut clients, arrival(1, "t", None)).client;
    clients.views(&client);
    let late = Mono(0) + REMEMBERED;
    assert_eq!(clients.forget(late), []);
    clients.left(Mono(0), &client, ConnectionId(1));
    assert_eq!(clients.forget(Mono(1)), []);
    assert_eq!(clients.forget(late), [(meeting_id(), client.clone())]);
    assert_eq!(admitted(&clients, &client), None);
}

#[test]
fn a_session_that_waits_keeps_its_client_known() {
    let mut clients = Clients::default();
    let client = come(&mut clients, arrival(1, "t", None)).client;
    clients.opened(&client, SessionId(1));
    clients.left(Mono(0), &client, ConnectionId(1));
    clients.forget(Mono(0) + REMEMBERED);
    assert_eq!(admitted(&clients, &client), Some(false));
    clients.closed(&client, SessionId(1));
    clients.forget(Mono(0) + REMEMBERED);
    assert_eq!(admitted(&clients, &client), None);
}

/// Someone new, in that role; a venue by a link of its own.
fn one(connection: u64, role: Role) -> Arrival {
    let fresh = client_id(&format!("c{connection:022}"));
    let link = if role == Role::Venue { format!("venue{connection}") } else { role.name().to_owned() };
    Arrival { role, venue: None, fresh, ..arrival(connection, &link, None) }
}

#[test]
fn r18_watchers_shut_out_watchers_and_nobody_else() {
    let mut clients = Clients::default();
    let came = |clients: &mut Clients, from: u64, role: Role| {
        (from..from + 5_000).take_while(|n| clients.hello(one(*n, role)).is_some()).count()
    };
    assert_eq!(came(&mut clients, 0, Role::Watcher), 3_000);
    assert_eq!(came(&mut clients, 10_000, Role::Venue), 936, "the last 64 are for director and chair");
    assert_eq!(come(&mut clients, one(20_000, Role::Director)).made_room, None);
    assert_eq!(came(&mut clients, 20_001, Role::Chair), 63 + 3_000, "watchers go for them, no venue does");
    assert_eq!(clients.count(&meeting_id()), 4_000);
}

#[test]
fn r18_a_desk_that_has_no_place_takes_that_of_the_watcher_who_came_first() {
    let mut clients = Clients::default();
    let watcher = |n: u64| client_id(&format!("c{n:022}"));
    for n in 0..3_000 {
        come(&mut clients, one(n, Role::Watcher));
    }
    clients.left(Mono(0), &watcher(0), ConnectionId(0));
    for n in 3_000..4_001 {
        clients.hello(one(n, Role::Director)).unwrap();
    }
    assert_eq!(clients.count(&meeting_id()), 4_000, "the place of the one who left was free");
    assert_eq!(come(&mut clients, one(5_000, Role::Chair)).made_room, Some(ConnectionId(1)));
    assert_eq!(clients.left(Mono(0), &watcher(1), ConnectionId(1)), None, "it is counted no more");
    assert_eq!(come(&mut clients, one(5_001, Role::Chair)).made_room, Some(ConnectionId(2)));
    assert_eq!(clients.hello(one(5_002, Role::Venue)), None);
    assert_eq!(clients.count(&meeting_id()), 4_000);
}
