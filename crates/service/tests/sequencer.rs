//! The sequencer through its inputs and outputs: the order of acts, failure, repeats, leases.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod alarms;
mod hall;
mod outage;

use std::time::Duration;

use base::{Epoch, MicrophoneReport, RequestKind};
use hall::{ALL, Bench, call_on, close, command, gate, live, open, plan, preview, source, venue};
use meeting::{Act, across, queue};
use service::facts::{PageReport, Transport};
use service::port::hop::Fact;
use service::port::log::{Loss, OpenedRun};
use service::sequencer::{Input, LoadError, WAITING_MAX};

/// The lines, without what they begin with.
fn of(lines: &[String], what: &str) -> Vec<String> {
    lines.iter().filter(|line| line.starts_with(what)).cloned().collect()
}

#[test]
fn the_first_load_writes_the_event_that_holds_all_that_replay_needs() {
    let mut bench = Bench::load(vec![], Epoch(1)).unwrap();
    assert_eq!(bench.drain(), ["apply 0 ", "append opened"]);
    assert_eq!(bench.appended(), ["apply 1 "]);
    let mut again = bench.reload();
    assert_eq!(again.drain(), ["apply 1 "]);
}

#[test]
fn a_run_that_ends_is_closed_in_the_same_batch_and_takes_nothing_afterwards() {
    let mut bench = Bench::live();
    let lines = bench.done("director", Act::Across(across::Act::End));
    let seq = bench.sequencer.state().seq.0;
    assert_eq!(of(&lines, "append"), ["append floor_closed+ended+closed"]);
    // The act is answered with its own last event: the last of the run is the server's.
    assert_eq!(of(&lines, "ack"), [format!("ack 2: {}", seq - 1)]);
    let smaller = plan(&["main", "v2"]);
    for (what, lines) in [
        ("a meeting file", bench.input(Input::Directory(hall::directory(), smaller))),
        ("a link that is lost", bench.hop(live("v1", false))),
        ("a venue that publishes", bench.hop(live("v1", true))),
        ("time", bench.ticks(60)),
        ("an act", bench.act("director", Act::Across(across::Act::Slate))),
    ] {
        assert_eq!(of(&lines, "append"), Vec::<String>::new(), "{what}");
    }
    let mut again = bench.reload();
    assert_eq!(again.drain(), [format!("apply {seq} ")]);
}

#[test]
fn r19_a_log_that_lost_events_says_so_before_anything_else_and_once() {
    let bench = Bench::live();
    let mut log = bench.log;
    let had = log.last().unwrap().seq;
    log.truncate(log.len() - 2);
    let has = log.last().unwrap().seq;
    let lost = Some(Loss { run: hall::run(), had, has });
    let opened = OpenedRun { epoch: Epoch(2), events: log, lost };
    let mut bench = Bench::open(opened).unwrap();
    let lines = bench.drain();
    assert_eq!(of(&lines, "append"), ["append loss_accepted"]);
    bench.stored();
    let stored = String::from_utf8(bench.log.last().unwrap().body.clone()).unwrap();
    assert_eq!(
        stored,
        format!(r#"{{"by":"server","event":{{"loss_accepted":{{"had":{had},"has":{has}}}}}}}"#)
    );
    let mut again = bench.reload();
    assert_eq!(of(&again.drain(), "append"), Vec::<String>::new());
}

#[test]
fn a_run_that_a_crash_left_without_its_last_event_gets_it_once() {
    let mut bench = Bench::live();
    bench.done("director", Act::Across(across::Act::End));
    let closed = bench.log.pop().unwrap();
    assert_eq!(closed.kind, "closed");
    let mut bench = bench.reload();
    let lines = bench.drain();
    assert_eq!(of(&lines, "append"), ["append closed"]);
    assert_eq!((bench.batch.as_ref().unwrap()[0].epoch, bench.epoch), (Epoch(2), Epoch(2)));
    bench.stored();
    let mut bench = bench.reload();
    assert_eq!(of(&bench.drain(), "append"), Vec::<String>::new());
}

/// The first release wrote version 1 of `ended`, took rosters after it, and wrote no `closed`.
#[test]
fn a_run_that_the_first_release_ended_is_loaded_as_it_stops_and_takes_nothing() {
    let mut bench = Bench::live();
    bench.done("director", Act::Across(across::Act::End));
    bench.log.truncate(bench.log.len() - 2);
    let smaller = service::target::roster(&hall::directory(), &plan(&["main", "v2"]));
    for event in [
        meeting::Event::Course(meeting::course::Event::EndedAndClosed),
        meeting::Event::Membership(meeting::membership::Event::RosterChanged(smaller)),
    ] {
        let prev = bench.log.last().unwrap();
        let record = meeting::Record { seq: prev.seq.next(), at: prev.at, by: meeting::By::Server, event };
        let stored = service::record::seal(&hall::run(), Epoch(1), &prev.hash, &record);
        bench.log.push(stored);
    }
    let kinds: Vec<_> =
        bench.log.iter().rev().take(2).map(|event| (event.kind.as_str(), event.ver)).collect();
    assert_eq!(kinds, [("roster_changed", 2), ("ended", 1)]);
    let mut bench = bench.reload();
    assert_eq!(of(&bench.drain(), "append"), Vec::<String>::new());
    assert_eq!(
        of(&bench.input(Input::Directory(hall::directory(), plan(&ALL))), "append"),
        Vec::<String>::new()
    );
    assert_eq!(bench.sequencer.state().roster().map(|roster| roster.venues.len()), Some(2));
}

#[test]
fn r3_a_revocation_shuts_gates_then_appends_then_applies_then_acknowledges() {
    let mut bench = Bench::live();
    bench.done("chair", open("v1"));
    let seq = bench.sequencer.state().seq.0 + 1;
    let lines = bench.done("chair", close("v1"));
    assert_eq!(
        lines,
        [
            format!("close_gates v1 until {seq}"),
            "append floor_closed".into(),
            format!("apply {seq} main"),
            format!("ack 3: {seq}")
        ]
    );
}

#[test]
fn an_act_that_revokes_and_opens_shuts_first_and_holds_shut_until_its_last_event() {
    let mut bench = Bench::live();
    bench.done("chair", open("v1"));
    let seq = bench.sequencer.state().seq.0;
    let lines = bench.done("chair", call_on("v2"));
    assert_eq!(lines[0], format!("close_gates v1 until {}", seq + 4));
    assert_eq!(lines[1], "append floor_closed+floor_opened+call_on_began+programme_set");
    assert_eq!(lines[2], format!("apply {} main+v2", seq + 4));
}

#[test]
fn all_else_is_appended_applied_acknowledged() {
    let mut bench = Bench::live();
    let seq = bench.sequencer.state().seq.0 + 1;
    assert_eq!(bench.act("chair", open("v1")), ["append floor_opened"]);
    assert_eq!(bench.appended(), [format!("apply {seq} main+v1"), format!("ack 2: {seq}")]);
}

#[test]
fn r15_nothing_is_acknowledged_or_shown_before_it_is_stored() {
    let mut bench = Bench::live();
    let before = bench.sequencer.state().clone();
    bench.act("chair", open("v1"));
    let lines = bench.tick_without_store();
    assert_eq!(of(&lines, "ack"), Vec::<String>::new());
    assert_eq!(*bench.sequencer.state(), before);
    assert!(!bench.target.gates.contains(&venue("v1")));
}

#[test]
fn commands_that_come_while_a_batch_is_under_way_wait_for_the_next_together() {
    let mut bench = Bench::live();
    let seq = bench.sequencer.state().seq.0;
    assert_eq!(bench.act("chair", open("v1")), ["append floor_opened"]);
    assert_eq!(bench.act("chair", open("v2")), Vec::<String>::new());
    // It is decided on what was decided before it, and its gate is shut at once.
    assert_eq!(bench.act("chair", close("v1")), [format!("close_gates v1 until {}", seq + 3)]);
    assert_eq!(bench.act("director", Act::Across(across::Act::Start)), ["refuse 5: AlreadyStarted"]);
    let first = bench.appended();
    assert_eq!(
        first,
        [
            format!("apply {} main+v1", seq + 1),
            format!("ack 2: {}", seq + 1),
            "append floor_opened+floor_closed".into()
        ]
    );
    assert_eq!(
        bench.appended(),
        [format!("apply {} main+v2", seq + 3), format!("ack 3: {}", seq + 2), format!("ack 4: {}", seq + 3)]
    );
}

#[test]
fn r15_a_repeat_gets_the_first_answer_at_every_moment() {
    let mut bench = Bench::live();
    let asked = command("chair", "same", open("v1"));
    let seq = bench.sequencer.state().seq.0 + 1;
    assert_eq!(bench.give(asked.clone()), ["append floor_opened"]);
    // While the first is under way, and while another waits behind it.
    assert_eq!(bench.give(asked.clone()), Vec::<String>::new());
    bench.act("chair", open("v2"));
    assert_eq!(bench.give(asked.clone()), Vec::<String>::new());
    let lines = bench.appended();
    assert_eq!(of(&lines, "ack"), [2, 3, 5].map(|n| format!("ack {n}: {seq}")));
    bench.stored();
    bench.done("chair", close("v1"));
    // Long after, when it would mean something else.
    assert_eq!(bench.give(asked.clone()), [format!("ack 7: {seq}")]);
    // After a restart.
    let mut bench = bench.reload();
    bench.drain();
    assert_eq!(bench.give(asked.clone()), [format!("ack 101: {seq}")]);
    // Another act under the same key is told so; the same key of another token is another key.
    assert_eq!(
        bench.give(command("chair", "same", Act::Across(across::Act::MuteAll))),
        ["refuse 102: KeyReused"]
    );
    assert_eq!(
        bench.give(command("director", "same", Act::Across(across::Act::MuteAll)))[0],
        format!("close_gates v2 until {}", seq + 3)
    );
}

#[test]
fn r18_a_hand_goes_up_and_down_six_times_a_minute_and_a_repeat_is_answered_all_the_same() {
    let mut bench = Bench::live();
    let raise = || Act::Queue(queue::Act::Raise { person: None, kind: RequestKind::Speech });
    let hand = |n: u32| if n.is_multiple_of(2) { raise() } else { Act::Queue(queue::Act::Withdraw) };
    for n in 0..6 {
        assert_eq!(of(&bench.done("v1", hand(n)), "refuse"), Vec::<String>::new());
    }
    let again = command("v1", "again", raise());
    let refused = bench.give(again.clone());
    assert!(refused.concat().ends_with("TooOften"), "{refused:?}");
    assert_eq!(
        of(&bench.done("v2", raise()), "refuse"),
        Vec::<String>::new(),
        "another venue's hand is its own"
    );
    let refused = bench.done("v2", raise());
    assert!(of(&refused, "refuse").concat().ends_with("AlreadyWaiting"), "it would have changed nothing");
    bench.ticks(10);
    assert_eq!(of(&bench.give(again.clone()), "append"), ["append request_raised"]);
    bench.stored();
    assert_eq!(of(&bench.give(again), "refuse"), Vec::<String>::new(), "its repeat is no second one");
    bench.ticks(9);
    assert_eq!(of(&bench.done("v1", hand(1)), "refuse").len(), 1);
}

#[test]
fn r15_a_refusal_is_decided_afresh() {
    let mut bench = Bench::live();
    let asked = command("chair", "same", Act::Across(across::Act::EndCallOn));
    assert_eq!(bench.give(asked.clone()), ["refuse 2: NoCallOn"]);
    bench.done("chair", call_on("v1"));
    assert_eq!(of(&bench.give(asked), "append"), ["append call_on_ended+floor_closed"]);
}

#[test]
fn a_repeat_of_an_act_that_changed_nothing_is_answered_alike() {
    let mut bench = Bench::live();
    let asked = command("chair", "same", Act::Across(across::Act::MuteAll));
    let seq = bench.sequencer.state().seq.0 + 1;
    assert_eq!(bench.give(asked.clone()), ["append unchanged"]);
    bench.appended();
    bench.done("chair", open("v1"));
    assert_eq!(bench.give(asked), [format!("ack 4: {seq}")]);
}

#[test]
fn too_many_commands_that_wait_are_busy() {
    let mut bench = Bench::live();
    bench.act("director", preview("v1"));
    for n in 1..WAITING_MAX {
        bench.act("director", preview(if n % 2 == 0 { "v1" } else { "v2" }));
    }
    assert_eq!(of(&bench.act("director", preview("v1")), "busy").len(), 1);
    bench.appended();
    assert_eq!(of(&bench.act("director", preview("v1")), "busy").len(), 0);
}

#[test]
fn r3_leases_are_renewed_each_second_by_the_same_sequence() {
    let mut bench = Bench::live();
    bench.done("chair", open("v1"));
    let seq = bench.sequencer.state().seq;
    let begin = bench.now;
    let lines = bench.ticks(3);
    assert_eq!(lines, vec![format!("apply {seq} main+v1"); 3]);
    assert!(bench.now.since(begin) <= Duration::from_secs(3));
}

#[test]
fn r3_a_lost_venue_keeps_its_lease_for_30_seconds() {
    let check = |events: &[(u32, &str, bool)], lasts: u32, revoked: bool| {
        let mut bench = Bench::live();
        bench.done("chair", open("v1"));
        let mut events = events.iter().peekable();
        for second in 0..lasts {
            while let Some((_, id, up)) = events.next_if(|(at, ..)| *at <= second) {
                bench.hop(live(id, *up));
            }
            bench.tick();
        }
        assert_eq!(bench.sequencer.state().lease(&venue("v1")).is_none(), revoked, "{lasts} s");
        assert!(bench.sequencer.state().lease(&venue("main")).is_some());
    };
    check(&[(0, "v1", false)], 29, false);
    check(&[(0, "v1", false)], 31, true);
    check(&[(0, "v1", false), (20, "v1", true)], 60, false);
    check(&[(0, "v1", false), (20, "v1", true), (25, "v1", false)], 50, false);
    check(&[(0, "v1", false), (20, "v1", true), (25, "v1", false)], 57, true);
    check(&[(0, "main", false)], 60, false);
    check(&[(0, "v2", false)], 60, false);
}

#[test]
fn r3_the_event_of_a_lost_link_shuts_the_gate_first_and_ends_a_call_on() {
    let mut bench = Bench::live();
    bench.done("chair", call_on("v1"));
    bench.hop(live("v1", false));
    bench.ticks(29);
    let seq = bench.sequencer.state().seq.0;
    assert_eq!(
        bench.tick(),
        [
            format!("close_gates v1 until {}", seq + 2),
            format!("apply {seq} main+v1"),
            "append call_on_ended+floor_closed".into(),
            format!("apply {} main", seq + 2)
        ]
    );
}

/// Seconds for which a lost venue keeps the floor, as screens are told.
fn left(bench: &Bench, id: &str) -> Option<u64> {
    let (_, until) = bench.sequencer.moment().facts.venue(&venue(id))?.losing?;
    Some((until.since_ms(bench.wall) + 500) / 1_000)
}

#[test]
fn r3_after_a_restart_the_30_seconds_begin_anew() {
    let mut bench = Bench::live();
    bench.done("chair", open("v1"));
    bench.hop(live("v1", false));
    bench.ticks(25);
    assert_eq!(left(&bench, "v1"), Some(5));
    let mut bench = bench.reload();
    bench.drain();
    assert_eq!(left(&bench, "v1"), Some(30), "a venue that never came back in this process is counted too");
    assert_eq!(left(&bench, "main"), None, "the chair keeps the floor");
    bench.ticks(29);
    assert_eq!(left(&bench, "v1"), Some(1));
    assert!(bench.sequencer.state().lease(&venue("v1")).is_some());
    bench.ticks(2);
    assert!(bench.sequencer.state().lease(&venue("v1")).is_none());
    assert_eq!(left(&bench, "v1"), None);
}

/// The chair may give the floor to a venue that is on its way back: the lease lasts from then on.
#[test]
fn r3_a_lease_given_to_a_lost_venue_lasts_30_seconds_too() {
    let mut bench = Bench::live();
    bench.hop(live("v1", false));
    bench.ticks(60);
    bench.done("chair", open("v1"));
    assert_eq!(left(&bench, "v1"), Some(30));
    bench.ticks(29);
    assert!(bench.sequencer.state().lease(&venue("v1")).is_some());
    bench.ticks(2);
    assert!(bench.sequencer.state().lease(&venue("v1")).is_none());
}

#[test]
fn r4_what_is_shown_of_a_gate_is_what_the_hop_reports() {
    let mut bench = Bench::live();
    bench.done("chair", open("v1"));
    let shown = |bench: &Bench| bench.sequencer.moment().facts.venue(&venue("v1")).unwrap().gate_open;
    assert!(!shown(&bench), "a lease opens no gate on a screen");
    bench.hop(gate("v1", true));
    assert!(shown(&bench));
    bench.done("chair", close("v1"));
    assert!(shown(&bench), "nor does its end close one");
    bench.hop(gate("v1", false));
    assert!(!shown(&bench));
}

#[test]
fn a_venue_joins_with_its_first_packets_and_once() {
    let mut bench = Bench::new();
    assert_eq!(bench.hop(live("v1", true)), ["append venue_joined"]);
    assert_eq!(bench.hop(live("v1", true)), Vec::<String>::new());
    bench.stored();
    bench.hop(live("v1", false));
    assert_eq!(bench.hop(live("v1", true)), Vec::<String>::new());
    let mut bench = bench.reload();
    bench.drain();
    assert_eq!(bench.hop(live("v1", true)), Vec::<String>::new());
}

#[test]
fn a_venue_whose_hall_has_no_picture_joins_with_the_first_report_of_its_page_and_once() {
    let mut bench = Bench::new();
    let report = || Input::Report(venue("v1"), PageReport::default());
    assert_eq!(bench.input(report()), ["append venue_joined"]);
    assert_eq!(bench.input(report()), Vec::<String>::new());
    bench.stored();
    assert_eq!(bench.hop(live("v1", true)), Vec::<String>::new());
}

#[test]
fn a_plan_that_changes_goes_through_the_log() {
    let mut bench = Bench::live();
    bench.done("chair", open("v1"));
    let seq = bench.sequencer.state().seq.0;
    let lines = bench.input(Input::Directory(hall::directory(), plan(&["main", "v2", "v3", "v4"])));
    assert_eq!(
        lines,
        [format!("close_gates v1 until {}", seq + 2), "append floor_closed+roster_changed".into()]
    );
    bench.stored();
    assert_eq!(bench.sequencer.moment().generation, 2);
    // The same plan again is no event.
    let lines = bench.input(Input::Directory(hall::directory(), plan(&["main", "v2", "v3", "v4"])));
    assert_eq!(of(&lines, "append"), Vec::<String>::new());
}

/// The hop tells of a source when it changes and not again, so a venue that was taken out of the plan by mistake must come back as it is.
#[test]
fn a_venue_that_comes_back_into_the_plan_is_known_as_it_is_now() {
    let link = |bench: &Bench| bench.sequencer.moment().facts.venue(&venue("v1")).map(|fact| fact.transport);
    for lost_meanwhile in [false, true] {
        let mut bench = Bench::live();
        bench.input(Input::Directory(hall::directory(), plan(&["main", "v2"])));
        bench.stored();
        assert_eq!(link(&bench), None);
        if lost_meanwhile {
            bench.hop(live("v1", false));
        }
        bench.input(Input::Directory(hall::directory(), plan(&ALL)));
        bench.stored();
        assert_eq!(matches!(link(&bench), Some(Transport::Up { .. })), !lost_meanwhile);
        assert_eq!(matches!(link(&bench), Some(Transport::Lost { .. })), lost_meanwhile);
    }
}

#[test]
fn a_log_that_was_touched_is_not_loaded() {
    let mut bench = Bench::live();
    bench.done("chair", open("v1"));
    let load = |change: &dyn Fn(&mut Vec<service::port::log::StoredEvent>)| {
        let mut log = bench.log.clone();
        change(&mut log);
        Bench::load(log, Epoch(9)).err()
    };
    assert!(load(&|_| {}).is_none());
    assert!(matches!(load(&|log| log[2].body[0] = b'x'), Some(LoadError::Chain(_))));
    assert!(matches!(load(&|log| drop(log.remove(1))), Some(LoadError::Chain(_))));
    let strange = |log: &mut Vec<service::port::log::StoredEvent>| {
        let last = log.pop().unwrap();
        let unsealed = service::chain::Unsealed {
            seq: last.seq,
            epoch: last.epoch,
            at: last.at,
            kind: "sang".into(),
            ver: 1,
            body: br#"{"by":"server","event":"sang"}"#.to_vec(),
        };
        log.push(service::chain::seal(&hall::run(), &last.prev, unsealed));
    };
    let error = load(&strange).expect("it cannot be read");
    assert!(matches!(&error, LoadError::Unreadable(cause) if cause.to_string().contains("sang, version 1")));
}

#[test]
fn what_pages_report_is_kept_until_they_are_gone() {
    let mut bench = Bench::live();
    let seen = |bench: &Bench| bench.sequencer.moment().facts.venue(&venue("v1")).unwrap().report.clone();
    let report = PageReport { microphone: Some(MicrophoneReport::Closed), ..PageReport::default() };
    bench.input(Input::Report(venue("v1"), report.clone()));
    bench.input(Input::Report(venue("v1"), PageReport { level: Some(-20), ..PageReport::default() }));
    assert_eq!(seen(&bench), Some(PageReport { level: Some(-20), ..report }));
    bench.input(Input::ReportGone(venue("v1")));
    assert_eq!(seen(&bench), None);
}

#[test]
fn what_the_hop_shows_is_on_air_whatever_was_commanded() {
    let mut bench = Bench::live();
    bench.done("director", preview("v1"));
    bench.done("director", Act::Across(across::Act::Take { expect_preview: None }));
    let shown = |bench: &Bench| bench.sequencer.moment().facts.shown.clone();
    assert_eq!(shown(&bench), meeting::Scene::Slate);
    let scene = meeting::Scene::Full(source("v1.1"));
    bench.hop(Fact::Shown { scene: scene.clone(), at: bench.now });
    assert_eq!(shown(&bench), scene);
}
