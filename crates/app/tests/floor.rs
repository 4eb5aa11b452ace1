//! The floor against a client that keeps sending: the real binary, real WebRTC clients over loopback.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails it by panicking")]

mod started;

use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};

use base::VenueId;
use demo::bots::fleet::{BotReport, Fleet, FleetOptions, script};
use demo::bots::{Part, Slot};
use wire::ReadyLine;

use started::Started;

/// For what never comes.
const DEADLINE: Duration = Duration::from_secs(60);
/// Venue whose client sends audio whatever its gate says, and the number of its clip.
const HOSTILE: (&str, u16) = ("v003", 3);

/// A demo without bots, ended with the test.
struct Demo {
    _started: Started,
    ready: ReadyLine,
}

impl Demo {
    fn start() -> Self {
        let mut demo = Command::new(env!("CARGO_BIN_EXE_onehall"));
        demo.args(["demo", "--json", "--no-bots", "--slate", "--venues", "3", "--address", "127.0.0.1:0"]);
        let (started, line) = Started::spawn(&mut demo);
        Self { _started: started, ready: serde_json::from_str(&line).unwrap() }
    }

    async fn act(&self, key: &str, act: &str) {
        let token = &self.ready.tokens.as_ref().unwrap().director;
        let (status, answer) = script::act(&self.ready.api, token, key, act).await.unwrap();
        assert_eq!(status, 200, "{act}: {answer}");
    }

    async fn state(&self) -> serde_json::Value {
        let token = &self.ready.tokens.as_ref().unwrap().director;
        script::state(&self.ready.api, token).await.unwrap()["state"].take()
    }
}

/// Tone packets of the hostile venue that a receiving bot has got on all its sound slots.
fn heard(report: &BotReport) -> u64 {
    report
        .slots
        .iter()
        .filter(|(slot, _)| matches!(slot, Slot::Audio(_)))
        .flat_map(|(_, count)| &count.origins)
        .filter(|(origin, _)| origin.number == HOSTILE.1 && origin.part == Part::Tone)
        .map(|(_, packets)| packets)
        .sum()
}

async fn until(what: &str, mut met: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !met().await {
        assert!(began.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_nothing_of_a_hostile_client_is_forwarded_once_its_gate_was_shut() {
    let demo = Demo::start();
    let id = |text: &str| VenueId::new(text).unwrap();
    let (hostile, listener) = (id(HOSTILE.0), id("main"));
    let options = FleetOptions {
        without: BTreeSet::from([id("guest")]),
        hostile: BTreeSet::from([hostile.clone()]),
        whims: None,
        ..FleetOptions::default()
    };
    let fleet = Fleet::start(&demo.ready, options).unwrap();
    let sent =
        || fleet.report(&hostile).map_or(0, |report| report.sent.values().map(|s| s.audio_packets).sum());
    until("the hostile client sends and the listener watches", async || {
        sent() > 50 && fleet.report(&listener).is_some_and(|report| report.connected.len() > 1)
    })
    .await;

    // Broadcast without the floor: the picture everywhere, and no sound of it.
    demo.act("b1", r#"{"preview":{"source":"v003"}}"#).await;
    demo.act("b2", r#"{"take":{}}"#).await;
    let shows = async |number: u16| {
        let pictured = |report: &BotReport| {
            let programme = report.slots.get(&Slot::Video(0));
            programme.and_then(|slot| slot.last).is_some_and(|origin| origin.number == number)
        };
        until("the picture is on air", async || fleet.report(&listener).is_some_and(|r| pictured(&r))).await;
    };
    shows(HOSTILE.1).await;
    assert_eq!(heard(&fleet.report(&listener).unwrap()), 0, "a broadcast without the floor is heard");

    demo.act("c1", r#"{"call_on":{"venue":"v003"}}"#).await;
    until("it is heard when called", async || fleet.report(&listener).is_some_and(|r| heard(&r) > 50)).await;

    demo.act("c2", r#"{"end_call_on":{}}"#).await;
    // The gate was shut before the act was acknowledged. The listener has read all that was sent to it before once it has the picture of
    // another venue, taken after that.
    let (shut, heard_then) = (fleet.now(), heard(&fleet.report(&listener).unwrap()));
    demo.act("d1", r#"{"preview":{"source":"v002"}}"#).await;
    demo.act("d2", r#"{"take":{}}"#).await;
    shows(2).await;
    let (before, sent_then) = (heard(&fleet.report(&listener).unwrap()), sent());
    let read_ms = fleet.now().since(shut).as_millis();
    until("the hostile client goes on", async || sent() > sent_then + 150).await;
    // The same again: what was forwarded of those packets would be read by now.
    demo.act("e1", r#"{"preview":{"source":"v004"}}"#).await;
    demo.act("e2", r#"{"take":{}}"#).await;
    shows(4).await;
    let (late, more) = (heard(&fleet.report(&listener).unwrap()) - before, sent() - sent_then);
    assert_eq!(late, 0, "{late} packets were forwarded after the gate was shut");

    until("the desk counts what was dropped", async || {
        demo.state().await["venue:v003"]["dropped"].as_u64().is_some_and(|dropped| dropped >= 100)
    })
    .await;
    println!(
        "after revocation: {} packets were still under way, all read within {read_ms} ms; {more} sent later, 0 forwarded",
        before - heard_then
    );
    fleet.stop();
}
