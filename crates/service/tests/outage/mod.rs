//! A log that cannot be written, and what may happen meanwhile (R16, R17).

use std::time::Duration;

use base::{Epoch, LogCause, LogCondition, Mono, RequestKind, Wall};
use meeting::{Act, By, across, queue};
use service::control::AskedAt;
use service::port::unlogged::{Closing, Entry};
use service::sequencer::{Input, Trouble, WAITING_MAX};

use crate::hall::{Bench, call_on, close, command, gate, live, open, preview, source};

const SECOND: Duration = Duration::from_secs(1);

fn mute_all() -> Act {
    Act::Across(across::Act::MuteAll)
}

fn slate() -> Act {
    Act::Across(across::Act::Slate)
}

fn take() -> Act {
    Act::Across(across::Act::Take { expect_preview: None })
}

/// Branches `v1` and `v2` have the floor, `v1` is on air, and the disk is full.
fn shut() -> Bench {
    let mut bench = Bench::live();
    bench.done("director", preview("v1.1"));
    bench.done("director", take());
    bench.done("chair", open("v1"));
    bench.done("chair", open("v2"));
    bench.act("director", preview("v2.1"));
    let lines = bench.fails(LogCause::DiskFull, false);
    assert_eq!(lines[..2], ["unconfirmed 6", "open"]);
    bench
}

/// The log could not be opened.
fn open_fails(bench: &mut Bench) -> Vec<String> {
    bench.input(Input::OpenFailed(Trouble { why: LogCause::DiskFull, theirs: None }))
}

fn gates(bench: &Bench) -> Vec<&str> {
    bench.target.gates.iter().map(|venue| venue.as_str()).collect()
}

fn kinds(bench: &Bench) -> Vec<&str> {
    bench.batch.iter().flatten().map(|event| event.kind.as_str()).collect()
}

#[test]
fn r16_what_is_asked_while_the_log_is_shut_is_busy_and_never_happens() {
    let mut bench = shut();
    for act in [take(), open("v3"), call_on("v3"), preview("v3.1")] {
        let lines = bench.act("director", act);
        assert!(lines.iter().all(|line| line.starts_with("busy")), "{lines:?}");
    }
    // Minutes of it: leases are renewed, and the log is asked for again and again.
    let mut asked = 0;
    for _ in 0..180 {
        let lines = bench.tick_without_store();
        asked += lines.iter().filter(|line| *line == "open").count();
        open_fails(&mut bench);
        assert_eq!(gates(&bench), ["main", "v1", "v2"]);
    }
    assert!(asked >= 60, "{asked}");
    assert_eq!(bench.sequencer.moment().log.condition, LogCondition::Shut);
    assert_eq!(bench.sequencer.moment().log.cause, Some(LogCause::DiskFull));
    bench.ticks(3);
    bench.opened();
    assert_eq!(kinds(&bench), Vec::<&str>::new(), "nothing happens by itself");
    assert_eq!(bench.sequencer.moment().log.condition, LogCondition::Ok);
    assert_eq!(gates(&bench), ["main", "v1", "v2"]);
}

#[test]
fn r16_a_command_over_its_age_is_busy_and_a_closing_one_has_no_age() {
    let mut bench = Bench::live();
    bench.done("chair", open("v1"));
    bench.pass(10 * SECOND);
    let read = |ms: u64| Mono(bench.now.0 - ms * 1_000);
    let ages = [
        (AskedAt { read: read(1_900), seen: None }, true),
        (AskedAt { read: read(2_100), seen: None }, false),
        (AskedAt { read: read(0), seen: Some(read(2_900)) }, true),
        (AskedAt { read: read(0), seen: Some(read(3_100)) }, false),
        // Of another process: it is counted from when it was read.
        (AskedAt { read: read(0), seen: Some(Mono(bench.now.0 + 1)) }, true),
    ];
    for (n, (asked, young)) in ages.into_iter().enumerate() {
        let source = if n % 2 == 0 { "v1.1" } else { "v2.1" };
        let lines = bench.give_seen(command("director", &format!("age{n}"), preview(source)), asked);
        bench.stored();
        assert_eq!(!lines[0].starts_with("busy"), young, "{asked:?}: {lines:?}");
    }
    let old = AskedAt { read: Mono(0), seen: Some(Mono(0)) };
    let lines = bench.give_seen(command("chair", "old", mute_all()), old);
    assert!(lines[0].starts_with("close_gates v1"), "{lines:?}");
    // A repeat of what is stored gets its answer, however old it is.
    bench.stored();
    assert!(bench.give_seen(command("director", "age0", preview("v1.1")), old)[0].starts_with("ack"));
}

#[test]
fn r16_what_was_in_the_batch_that_failed_is_unconfirmed_and_what_waited_behind_it_is_busy() {
    for stored in [false, true] {
        let mut bench = Bench::live();
        bench.act("chair", open("v1"));
        bench.act("chair", open("v2"));
        let lines = bench.fails(LogCause::IoError, stored);
        assert!(lines.contains(&"unconfirmed 2".into()) && lines.contains(&"busy 3".into()), "{lines:?}");
        assert_eq!(bench.give(command("chair", "k1", open("v1"))), ["unconfirmed 4"]);
        bench.opened();
        // Found stored or not: nobody was told that v1 is open, so it is not.
        assert_eq!(gates(&bench), ["main"], "stored: {stored}");
        bench.stored();
        assert_eq!(gates(&bench), ["main"], "stored: {stored}");
        assert!(bench.sequencer.state().lease(&crate::hall::venue("v1")).is_none());
        // The same key tells now: it was done, and taken back; or it is done now.
        let lines = bench.give(command("chair", "k1", open("v1")));
        assert_eq!(lines[0].starts_with("ack"), stored, "{lines:?}");
    }
}

#[test]
fn r16_a_cut_that_is_found_stored_is_taken_back_with_its_preview() {
    let mut bench = Bench::live();
    bench.done("director", preview("v1.1"));
    bench.done("director", take());
    bench.done("director", preview("v2.1"));
    bench.act("director", take());
    bench.fails(LogCause::IoError, true);
    bench.opened();
    assert_eq!(bench.target.programme.source(), Some(&source("v1.1")));
    bench.stored();
    let state = bench.sequencer.state();
    assert_eq!(state.programme().source(), Some(&source("v1.1")));
    assert_eq!((state.preview().source.as_ref(), state.preview().held), (Some(&source("v2.1")), false));
}

#[test]
fn r16_a_call_on_that_is_found_stored_is_taken_back_whole() {
    for first in ["v1", "v2"] {
        let mut bench = Bench::live();
        bench.done("chair", open("v1"));
        bench.done("chair", open("v3"));
        bench.act("chair", call_on(first));
        bench.fails(LogCause::IoError, true);
        assert!(!gates(&bench).contains(&"v3"), "it was silenced for the call-on");
        bench.opened();
        bench.stored();
        let state = bench.sequencer.state();
        assert!(state.call_on().is_none());
        assert_eq!(state.programme().source(), None);
        assert_eq!(gates(&bench), ["main"], "nobody is heard by surprise");
        assert_eq!(meeting::broken_invariant(state), None);
    }
}

#[test]
fn r17_an_append_that_hangs_has_failed_however_it_ends() {
    for (ends, stored) in [("well", true), ("badly", false)] {
        let mut bench = Bench::live();
        bench.act("chair", open("v1"));
        bench.pass(Duration::from_millis(1_999));
        assert_eq!(bench.input(Input::Tick).iter().filter(|line| line.starts_with("unconf")).count(), 0);
        assert_eq!(bench.sequencer.moment().log.condition, LogCondition::Slow);
        bench.pass(Duration::from_millis(1));
        assert_eq!(bench.sequencer.deadline(), bench.now);
        let lines = bench.input(Input::Tick);
        assert!(lines.contains(&"unconfirmed 2".into()) && !lines.contains(&"open".into()), "{lines:?}");
        assert_eq!(bench.sequencer.moment().log.cause, Some(LogCause::Hangs));
        assert_eq!(bench.act("chair", open("v2")), ["busy 3"]);
        bench.pass(20 * SECOND);
        let batch = bench.batch.take().unwrap();
        let lines = if stored {
            bench.log.extend(batch);
            bench.input(Input::Appended)
        } else {
            bench.input(Input::AppendFailed(Trouble { why: LogCause::IoError, theirs: None }))
        };
        assert_eq!(lines.last().map(String::as_str), Some("open"), "{ends}: {lines:?}");
        bench.opened();
        bench.stored();
        assert_eq!(gates(&bench), ["main"], "{ends}");
    }
}

#[test]
fn r17_closing_acts_shut_at_once_are_answered_so_and_come_into_the_log_with_their_time() {
    let mut bench = shut();
    let (at, since) = (bench.wall, bench.sequencer.moment().log.since.unwrap());
    let lines = bench.give(command("chair", "mute", mute_all()));
    assert_eq!(lines[0], "close_gates v1+v2 until ever");
    assert!(lines[1].ends_with(" main") && lines[2] == "closed 7", "{lines:?}");
    // Asked again it is answered alike; another act under its key is refused.
    assert_eq!(bench.give(command("chair", "mute", mute_all())), ["closed 8"]);
    assert_eq!(bench.give(command("chair", "mute", slate())), ["refuse 9: KeyReused"]);
    bench.pass(90 * SECOND);
    bench.opened();
    assert_eq!(kinds(&bench), ["floor_closed", "floor_closed"]);
    assert_eq!(gates(&bench), ["main"], "withheld until it is stored");
    let seen = bench.sequencer.moment().log;
    assert_eq!(
        (seen.condition, seen.since),
        (LogCondition::Shut, Some(since)),
        "it has not taken what is owed to it"
    );
    // That fails too, and is one outage with what was before.
    bench.fails(LogCause::IoError, false);
    let seen = bench.sequencer.moment().log;
    assert_eq!((seen.cause, seen.since), (Some(LogCause::IoError), Some(since)));
    bench.ticks(3);
    bench.opened();
    let brought = bench.wall;
    bench.stored();
    assert_eq!(bench.sequencer.moment().log.condition, LogCondition::Ok);
    assert_eq!((gates(&bench), bench.entries.len()), (vec!["main"], 0));
    let last = service::record::read(bench.log.last().unwrap()).unwrap();
    let By::Actor { effective, .. } = last.by else { panic!("it is the chair's act") };
    assert_eq!((effective, last.at), (Some(at), brought));
    assert!(bench.give(command("chair", "mute", mute_all()))[0].starts_with("ack"));
}

#[test]
fn r17_a_speech_that_ended_without_the_log_took_as_long_as_it_took() {
    let mut bench = Bench::live();
    bench.done("chair", call_on("v1"));
    bench.pass(30 * SECOND);
    bench.act("director", preview("v2.1"));
    bench.fails(LogCause::DiskFull, false);
    bench.pass(10 * SECOND);
    let at = bench.wall;
    bench.give(command("chair", "over", Act::Across(across::Act::EndCallOn)));
    bench.pass(90 * SECOND);
    // A clock that jumps meanwhile changes nothing of that.
    bench.wall = Wall(bench.wall.0 + 3_600_000);
    bench.tick_without_store();
    bench.opened();
    bench.stored();
    let state = bench.sequencer.state();
    let speeches: Vec<u64> = state.summary().speeches.iter().map(|speech| speech.ms).collect();
    assert_eq!((speeches, state.spoken_ms(&crate::hall::venue("v1"))), (vec![40_000], 40_000));
    let asked = command("chair", "over", Act::Across(across::Act::EndCallOn));
    let answer = bench.sequencer.keys().answer(&asked.actor.token, &asked.key).unwrap();
    assert_eq!(answer.at, at, "a repeat is told when it took effect");
}

#[test]
fn r17_what_closes_is_taken_however_many_wait_for_a_log_that_hangs() {
    let mut bench = Bench::live();
    bench.done("chair", open("v1"));
    let hand =
        command("v2", "hand", Act::Queue(queue::Act::Raise { kind: RequestKind::Speech, person: None }));
    for _ in 0..WAITING_MAX {
        bench.give(hand.clone());
    }
    let repeat = bench.give(hand);
    assert!(repeat[0].starts_with("busy"), "{repeat:?}");
    let lines = bench.act("chair", mute_all());
    assert!(lines[0].starts_with("close_gates v1"), "{lines:?}");
    bench.pass(3 * SECOND);
    let lines = bench.tick_without_store();
    assert!(lines.iter().any(|line| line.starts_with("closed")), "{lines:?}");
}

#[test]
fn r17_the_slate_closes_the_picture_and_the_end_closes_every_branch_and_ends_nothing() {
    let mut bench = shut();
    let lines = bench.give(command("director", "slate", slate()));
    assert_eq!(lines.last().unwrap(), "closed 7");
    assert_eq!(bench.target.programme.source(), None);
    assert_eq!(*bench.sequencer.moment().programme(), meeting::Scene::Slate);
    let lines = bench.give(command("director", "end", Act::Across(across::Act::End)));
    assert_eq!(lines[0], "close_gates v1+v2 until ever");
    assert_eq!(lines.last().unwrap(), "closed 8 ended false");
    bench.opened();
    bench.stored();
    let state = bench.sequencer.state();
    assert!(state.is_live(), "the meeting ends when it is asked for again");
    assert_eq!((gates(&bench), state.programme().source()), (vec!["main"], None));
    let before = bench.log.len();
    bench.give(command("director", "end", Act::Across(across::Act::End)));
    bench.stored();
    assert!(bench.log.len() > before && !bench.sequencer.state().is_live());
}

#[test]
fn r17_a_closing_act_in_the_batch_that_fails_stays_closed_and_is_said_so() {
    for stored in [false, true] {
        let mut bench = Bench::live();
        bench.done("chair", open("v1"));
        bench.act("chair", close("v1"));
        let lines = bench.fails(LogCause::DiskFull, stored);
        assert!(lines.contains(&"closed 3".into()), "{lines:?}");
        bench.opened();
        bench.stored();
        assert_eq!(gates(&bench), ["main"]);
        let closings = bench.log.iter().filter(|event| event.kind == "floor_closed").count();
        assert_eq!(closings, 1, "stored: {stored}");
    }
}

#[test]
fn r17_what_closed_stays_closed_over_a_second_failure_and_over_a_new_process() {
    let mut bench = shut();
    bench.give(command("chair", "mute", mute_all()));
    bench.opened();
    bench.fails(LogCause::DiskFull, false);
    assert_eq!(gates(&bench), ["main"]);
    bench.opened();
    assert_eq!(gates(&bench), ["main"]);
    bench.batch = None;
    // The process is killed before that is stored.
    let mut again = bench.reload();
    let lines = again.drain();
    assert!(lines.iter().all(|line| !line.contains("v1") || line.starts_with("close_gates")), "{lines:?}");
    assert_eq!((gates(&again), again.entries.len()), (vec!["main"], 1));
    again.stored();
    assert_eq!((gates(&again), again.entries.len()), (vec!["main"], 0));
    // And once more, between the log and the page: nothing is done twice.
    let entry = Entry {
        run: crate::hall::run(),
        by: service::record::read(again.log.last().unwrap()).unwrap().by,
        closing: Closing::MuteAll,
        venues: vec![],
        at: again.wall,
    };
    let mut third = Bench::load_with(again.log.clone(), Epoch(9), vec![entry.clone()]).unwrap();
    third.entries = vec![entry];
    assert!(third.drain().iter().all(|line| !line.starts_with("append")));
    assert_eq!(third.entries.len(), 0);
}

#[test]
fn r17_microphones_that_a_page_had_no_room_to_say_more_of_stay_closed_and_no_other() {
    let mut bench = Bench::live();
    bench.done("chair", open("v1"));
    bench.done("chair", open("v2"));
    let (run, venues) = (crate::hall::run(), vec![base::VenueId::new("v1").unwrap()]);
    let entry = Entry::of_venues(run, venues, bench.wall);
    let mut bench = Bench::load_with(bench.log, Epoch(2), vec![entry.clone()]).unwrap();
    bench.entries = vec![entry];
    bench.drain();
    assert_eq!(gates(&bench), ["main", "v2"]);
    bench.stored();
    assert_eq!((gates(&bench), bench.entries.len()), (vec!["main", "v2"], 0));
    assert_eq!(bench.sequencer.state().floor().len(), 2);
}

#[test]
fn r17_a_link_that_is_lost_for_30_seconds_closes_without_the_log_too() {
    let mut bench = shut();
    bench.hop(gate("v1", true));
    bench.hop(live("v1", false));
    for _ in 0..29 {
        bench.tick_without_store();
    }
    assert_eq!(gates(&bench), ["main", "v1", "v2"]);
    (0..2).for_each(|_| drop(bench.tick_without_store()));
    assert_eq!(gates(&bench), ["main", "v2"]);
    bench.hop(live("v1", true));
    open_fails(&mut bench);
    bench.ticks(5);
    bench.opened();
    bench.stored();
    assert_eq!(gates(&bench), ["main", "v2"]);
    assert!(bench.log.last().is_some_and(|event| event.kind == "floor_closed"));
}

#[test]
fn r4_a_venue_that_was_closed_without_the_log_disagrees_with_nobody() {
    let mut bench = shut();
    bench.hop(gate("main", true));
    bench.hop(gate("v1", true));
    bench.hop(gate("v2", true));
    bench.give(command("chair", "close", close("v1")));
    bench.hop(gate("v1", false));
    (0..5).for_each(|_| drop(bench.tick_without_store()));
    let codes: Vec<_> = bench.sequencer.moment().alarms.iter().map(|alarm| alarm.code).collect();
    assert_eq!(codes, [base::AlarmCode::Log]);
}

#[test]
fn a_fenced_sequencer_renews_nothing_and_opens_nothing_again() {
    let mut bench = Bench::live();
    bench.done("chair", open("v1"));
    bench.act("director", preview("v1.1"));
    bench.batch = None;
    let theirs = Some(Epoch(7));
    let lines = bench.input(Input::AppendFailed(Trouble { why: LogCause::Fenced, theirs }));
    assert_eq!(lines, ["unconfirmed 3"]);
    for _ in 0..60 {
        assert_eq!(bench.tick_without_store(), Vec::<String>::new());
    }
    assert_eq!(bench.act("director", preview("v2.1")), ["busy 4"]);
    let log = bench.sequencer.moment().log;
    assert_eq!((log.cause, log.theirs), (Some(LogCause::Fenced), theirs));
}

#[test]
fn what_the_store_knows_of_is_told_though_nobody_acts() {
    let mut bench = Bench::live();
    bench.done("chair", open("v1"));
    let trouble = || Input::Trouble(Trouble { why: LogCause::FolderGone, theirs: None });
    assert_eq!(bench.input(trouble()), ["open"]);
    assert_eq!(bench.input(trouble()), Vec::<String>::new());
    assert_eq!(bench.sequencer.moment().log.cause, Some(LogCause::FolderGone));
    bench.tick_without_store();
    assert_eq!(gates(&bench), ["main", "v1"]);
}

#[test]
fn a_sequencer_that_breaks_goes_on_from_its_log_and_keeps_shut_what_it_shut() {
    let mut bench = Bench::live();
    bench.done("chair", open("v1"));
    bench.act("chair", close("v1"));
    let moment = bench.sequencer.moment();
    let (now, wall) = (bench.now, bench.wall);
    bench.sequencer.handle(now, wall, Input::Tick);
    bench.sequencer.broke(moment.state, moment.journal, wall);
    let lines = bench.drain();
    assert!(lines.contains(&"closed 3".into()), "{lines:?}");
    assert_eq!(gates(&bench), ["main"]);
    // The batch under way comes to its end first.
    bench.log.extend(bench.batch.take().unwrap());
    assert_eq!(bench.input(Input::Appended), ["open"]);
    bench.opened();
    bench.stored();
    assert_eq!(gates(&bench), ["main"]);
}

#[test]
fn r20_a_clock_that_jumps_is_an_event_and_what_follows_has_the_new_time() {
    let mut bench = Bench::live();
    bench.done("chair", call_on("v1"));
    let began = bench.sequencer.state().call_on().unwrap().began;
    bench.pass(10 * SECOND);
    let far = 100 * 86_400_000;
    bench.wall = Wall(bench.wall.0 + far);
    bench.input(Input::Tick);
    assert_eq!(kinds(&bench), ["clock_jumped"]);
    bench.stored();
    assert_eq!(bench.sequencer.state().call_on().unwrap().began, Wall(began.0 + far));
    bench.pass(10 * SECOND);
    // And back again.
    bench.wall = Wall(bench.wall.0 - far);
    bench.input(Input::Tick);
    bench.stored();
    bench.done("chair", Act::Across(across::Act::EndCallOn));
    let last = bench.log.last().unwrap().at;
    assert_eq!(last, Wall(began.0 + 20_000), "nothing is stamped into the future");
    assert_eq!(bench.sequencer.state().spoken_ms(&crate::hall::venue("v1")), 20_000);
    assert_eq!(bench.sequencer.state().summary().speeches[0].ms, 20_000);
    let jumps = bench.log.iter().filter(|event| event.kind == "clock_jumped").count();
    assert_eq!(jumps, 2);
}

#[test]
fn r20_a_clock_that_is_put_right_by_degrees_is_no_event_until_it_is_two_seconds() {
    let mut bench = Bench::live();
    bench.done("chair", open("v1"));
    let jumps = |bench: &Bench| bench.log.iter().filter(|event| event.kind == "clock_jumped").count();
    for _ in 0..2 {
        bench.wall = Wall(bench.wall.0 - 900);
        bench.input(Input::Tick);
        bench.stored();
    }
    bench.done("chair", open("v2"));
    assert_eq!(jumps(&bench), 0);
    assert!(bench.log.windows(2).all(|two| two[0].at <= two[1].at));
    bench.wall = Wall(bench.wall.0 - 900);
    bench.input(Input::Tick);
    bench.stored();
    bench.done("chair", close("v2"));
    assert_eq!((jumps(&bench), bench.log.last().unwrap().at), (1, bench.wall));
}

#[test]
fn r20_a_log_from_the_future_is_a_jump_when_it_is_loaded() {
    let mut bench = Bench::live();
    bench.wall = Wall(bench.wall.0 + 100 * 86_400_000);
    bench.done("chair", open("v1"));
    let mut again = bench.reload();
    again.drain();
    assert_eq!(kinds(&again)[0], "clock_jumped");
    again.stored();
    let last = again.log.last().unwrap();
    assert_eq!(last.at, again.wall);
}

#[test]
fn r20_a_jump_while_the_log_is_shut_comes_into_it_afterwards() {
    let mut bench = shut();
    bench.wall = Wall(bench.wall.0 - 7_200_000);
    bench.tick_without_store();
    bench.opened();
    assert_eq!(kinds(&bench), ["clock_jumped"]);
}
