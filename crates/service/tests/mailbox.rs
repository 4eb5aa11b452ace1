//! The mailbox of a meeting, seeded: what is read is what was put in, less what was overtaken.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use base::random::Random;
use base::{CommandKey, Epoch, Mono, Sequence, SessionId, SourceId, TokenId, VenueId};
use directory::policy::Role;
use media::slots::Page;
use meeting::{Act, Actor, Command, Scene, across};
use service::control::{AskedAt, Inbox, NotAcked};
use service::facts::PageReport;
use service::mailbox::{COMMANDS_MAX, Mail, mailbox};
use service::port::hop::{CloseReason, Fact, Measure, SessionChange, SessionKind, SourceState};
use tokio::sync::oneshot;

fn venue(n: u64) -> VenueId {
    VenueId::new(&format!("v{n}")).unwrap()
}

fn source(n: u64) -> SourceId {
    SourceId::new(&format!("v{n}.1")).unwrap()
}

fn gate(n: u64, open: bool, sequence: u64) -> Inbox {
    let (epoch, sequence) = (Epoch(1), Sequence(sequence));
    Inbox::Hop(Fact::Gate { venue: venue(n), open, epoch, sequence }.into())
}

fn command(n: u64) -> (Inbox, oneshot::Receiver<Result<service::control::Acked, NotAcked>>) {
    let actor = Actor { role: Role::Director, venue: None, token: TokenId::new("t1").unwrap() };
    let key = CommandKey::new(&format!("k{n}")).unwrap();
    let (answer, answered) = oneshot::channel();
    (
        Inbox::Command(Command { key, actor, act: Act::Across(across::Act::Slate) }, AskedAt::NOW, answer),
        answered,
    )
}

/// A message that names its own number, and its topic in words.
fn message(random: &mut Random, n: u64) -> (String, Inbox) {
    let of = random.below(4);
    let hop = |fact: Fact| Inbox::Hop(fact.into());
    match random.below(9) {
        0 => (format!("gate {of}"), gate(of, random.chance(500), n)),
        1 => {
            let state =
                SourceState { live: random.chance(500), layers: vec![], decodable: n.is_multiple_of(2) };
            (format!("source {of}"), hop(Fact::Source { source: source(of), state }))
        }
        2 => ("shown".into(), hop(Fact::Shown { scene: Scene::Slate, at: Mono(n) })),
        3 => (format!("dropped {of}"), hop(Fact::Dropped { venue: venue(of), packets: n })),
        4 => ("clients".into(), Inbox::Clients(u32::try_from(n).unwrap())),
        5 => (format!("gone {of}"), Inbox::ReportGone(venue(of))),
        6 => {
            let session = SessionId(of);
            let change = if random.chance(500) {
                SessionChange::Connected
            } else {
                SessionChange::Closed(CloseReason::Left)
            };
            let kind = SessionKind::Watch { venue: None, wishes: Page::Plain.wishes() };
            (format!("session {of}"), hop(Fact::Session { session, client: None, kind, change }))
        }
        7 => (
            "levels".into(),
            Inbox::Hop(Measure::Levels { levels: vec![(venue(0), 7)], unmeasured: vec![] }.into()),
        ),
        _ => (format!("command {n}"), command(n).0),
    }
}

#[test]
fn what_is_read_is_what_came_less_what_was_overtaken() {
    for seed in 0..2_000 {
        let mut random = Random::new(seed);
        let mut mail: Mail = Mail::default();
        // What waits by the rule: the latest of each topic, at the place where it came.
        let mut expected: Vec<(String, String)> = Vec::new();
        for n in 0..200 {
            if random.chance(300) {
                let read = mail.take().map(|message| format!("{message:?}"));
                let first = (!expected.is_empty()).then(|| expected.remove(0).1);
                assert_eq!(read, first, "seed {seed}, message {n}");
            } else {
                let (topic, message) = message(&mut random, n);
                expected.retain(|(known, _)| *known != topic);
                expected.push((topic, format!("{message:?}")));
                assert!(mail.put(message).is_none(), "seed {seed}, message {n} comes back");
            }
            assert_eq!(mail.len(), expected.len(), "seed {seed}, message {n}");
        }
        while let Some(message) = mail.take() {
            assert_eq!(format!("{message:?}"), expected.remove(0).1, "seed {seed}");
        }
        assert!(expected.is_empty() && mail.is_empty(), "seed {seed}");
    }
}

#[test]
fn reports_of_a_page_that_wait_are_one_and_none_outlives_the_page() {
    let level = |level| PageReport { level: Some(level), ..PageReport::default() };
    let hidden = PageReport { hidden: Some(true), ..PageReport::default() };
    let mut mail: Mail = Mail::default();
    let mut put = |message| assert!(mail.put(message).is_none());
    put(Inbox::Report(venue(1), level(-60)));
    put(Inbox::ReportGone(venue(1)));
    put(Inbox::Report(venue(1), level(-50)));
    put(Inbox::Report(venue(1), hidden));
    assert!(matches!(mail.take(), Some(Inbox::ReportGone(_))));
    let Some(Inbox::Report(_, report)) = mail.take() else { panic!("no report waits") };
    assert_eq!(report, PageReport { hidden: Some(true), ..level(-50) });
    assert!(mail.is_empty());
}

#[test]
fn r18_a_flood_of_commands_keeps_no_gate_out() {
    let mut mail: Mail = Mail::default();
    for n in 0..2 * COMMANDS_MAX {
        let put = mail.put(command(u64::try_from(n).unwrap()).0);
        assert_eq!(put.is_none(), n < COMMANDS_MAX, "command {n}");
    }
    for n in 0..10_000 {
        assert!(mail.put(gate(n % 300, n % 2 == 0, n)).is_none());
    }
    assert_eq!(mail.len(), COMMANDS_MAX + 300, "what waits is bounded by the size of the meeting");
    let gates = std::iter::from_fn(|| mail.take()).filter(|message| matches!(message, Inbox::Hop(_))).count();
    assert_eq!(gates, 300);
}

#[tokio::test]
async fn a_command_for_which_there_is_no_room_is_answered_at_once() {
    let (mailbox, mut reader) = mailbox();
    let mut answers = Vec::new();
    for n in 0..=COMMANDS_MAX {
        let (message, answered) = command(u64::try_from(n).unwrap());
        mailbox.post(message);
        answers.push(answered);
    }
    assert_eq!(answers.pop().unwrap().await.unwrap(), Err(NotAcked::Busy));
    assert!(answers.iter_mut().all(|answer| answer.try_recv().is_err()), "the others wait");
    assert!(matches!(reader.recv().await, Some(Inbox::Command(..))));
    drop(reader);
    for answer in &mut answers[1..] {
        assert!(matches!(answer.try_recv(), Err(oneshot::error::TryRecvError::Closed)), "nobody reads it");
    }
    let (message, answered) = command(0);
    mailbox.post(message);
    assert_eq!(answered.await.unwrap(), Err(NotAcked::Busy));
}
