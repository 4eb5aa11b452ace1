//! What needs a look, and how long it must last.

use std::time::Duration;

use crate::hall::{Bench, call_on, command, gate, live, open, preview, source, venue};
use base::{CameraFault, MicrophoneReport, RefusalCode, Role, SessionId};
use meeting::{Act, Command, across};
use service::alarm::Alarm;
use service::control::Acknowledge;
use service::facts::PageReport;
use service::port::hop::{Fact, Measure, SessionChange, SessionKind, Traffic};
use service::sequencer::{Input, Output, Trouble};

/// What stands on the desk after a tick, in words.
fn alarms(bench: &Bench) -> Vec<String> {
    let word = |alarm: &Alarm| {
        let venues: Vec<&str> = alarm.venues.iter().map(|venue| venue.as_str()).collect();
        let unit = alarm.unit.as_ref().map(|unit| format!(" of {unit}")).unwrap_or_default();
        let value = alarm.value.map(|value| format!(" {value}")).unwrap_or_default();
        format!("{:?} {}{unit}{value}", alarm.code, venues.join("+"))
    };
    bench.sequencer.moment().alarms.iter().map(word).collect()
}

/// After these reports and so many seconds, this stands on the desk.
#[track_caller]
fn check(prepare: impl Fn(&mut Bench), seconds: u32, want: &[&str]) {
    let mut bench = Bench::live();
    bench.hop(gate("main", true));
    prepare(&mut bench);
    for _ in 0..seconds {
        // The chair's venue is heard, so that its silence is no alarm here.
        bench.hop(Measure::Levels { levels: vec![(venue("main"), 30)], unmeasured: vec![] });
        bench.tick();
    }
    assert_eq!(alarms(&bench), want);
}

fn dropped(id: &str, packets: u64) -> Fact {
    Fact::Dropped { venue: venue(id), packets }
}

fn report(bench: &mut Bench, id: &str, report: PageReport) {
    bench.input(Input::Report(venue(id), report));
}

#[test]
fn all_is_quiet_when_all_is_well() {
    check(|_| {}, 3, &[]);
}

#[test]
fn a_lost_venue_is_one_alarm_and_a_lost_city_is_one_alarm() {
    let lose = |ids: &'static [&str]| {
        move |bench: &mut Bench| ids.iter().for_each(|id| drop(bench.hop(live(id, false))))
    };
    check(lose(&["v2"]), 1, &["Lost v2"]);
    check(lose(&["v1", "v2"]), 1, &["Lost v1", "Lost v2"]);
    // All that the city and its counties have.
    check(lose(&["v1", "v2", "v3"]), 1, &["Lost v1+v2+v3 of north"]);
    // A city with one venue is that venue.
    check(lose(&["v4"]), 1, &["Lost v4"]);
}

#[test]
fn where_over_half_of_the_venues_are_lost_it_is_one_alarm_that_counts_all_that_were_here() {
    let lose = |ids: &'static [&str]| {
        move |bench: &mut Bench| ids.iter().for_each(|id| drop(bench.hop(live(id, false))))
    };
    check(lose(&["v1", "v2", "v3", "v4"]), 1, &["Lost v1+v2+v3+v4 5"]);
    check(lose(&["main", "v1", "v2", "v3", "v4"]), 1, &["Lost main+v1+v2+v3+v4 5"]);
}

#[test]
fn a_venue_that_was_here_before_a_restart_and_does_not_come_back_is_lost_since_then() {
    let mut bench = Bench::live();
    bench.stored();
    let mut bench = bench.reload();
    bench.drain();
    bench.stored();
    let began = bench.wall;
    bench.hop(live("v3", true));
    report(&mut bench, "v2", PageReport::default());
    bench.ticks(9);
    assert_eq!(alarms(&bench), Vec::<String>::new(), "they are coming back");
    bench.ticks(2);
    assert_eq!(alarms(&bench), ["Lost main", "Lost v1", "Lost v4"]);
    assert_eq!(bench.sequencer.moment().alarms[0].since, began);
    bench.hop(live("main", true));
    bench.tick();
    assert_eq!(alarms(&bench), ["Lost v1", "Lost v4"]);
}

fn faulty(fault: Option<CameraFault>) -> PageReport {
    PageReport { camera_fault: Some(fault), ..PageReport::default() }
}

#[test]
fn a_hall_that_reports_why_it_has_no_camera_is_that_alarm_and_is_not_lost() {
    let refuses = |bench: &mut Bench| report(bench, "v1", faulty(Some(CameraFault::Refused)));
    check(refuses, 1, &["CameraRefused v1"]);
    let unplugs = |bench: &mut Bench| {
        report(bench, "v2", faulty(Some(CameraFault::Missing)));
        bench.hop(live("v2", false));
    };
    check(unplugs, 1, &["CameraMissing v2"]);
    let mends = |bench: &mut Bench| {
        report(bench, "v1", faulty(Some(CameraFault::InUse)));
        report(bench, "v1", faulty(None));
    };
    check(mends, 1, &[]);
    // A report that says nothing of the camera leaves what was said of it.
    let goes_on = |bench: &mut Bench| {
        report(bench, "v1", faulty(Some(CameraFault::InUse)));
        report(bench, "v1", PageReport { hidden: Some(false), ..PageReport::default() });
    };
    check(goes_on, 1, &["CameraInUse v1"]);
}

#[test]
fn the_main_venue_stands_before_the_lost_and_what_is_next_before_the_rest() {
    let many = |bench: &mut Bench| {
        bench.done("director", preview("v3"));
        for id in ["v2", "v3", "main"] {
            report(bench, id, PageReport { hidden: Some(true), ..PageReport::default() });
        }
        report(bench, "v1", faulty(Some(CameraFault::Missing)));
        bench.hop(live("v4", false));
    };
    let want = ["PageHidden main", "Lost v4", "PageHidden v3", "CameraMissing v1", "PageHidden v2"];
    check(many, 1, &want);
}

fn acknowledge(bench: &mut Bench, who: &str, key: &str, alarm: &str) -> Option<Output> {
    let Command { key, actor, .. } = command(who, key, open("v1"));
    let said = Acknowledge { key, actor, alarm: alarm.to_owned() };
    let (now, at) = (bench.now, bench.wall);
    bench.sequencer.handle(now, at, Input::Acknowledge(1, said));
    let answers = |output: &Output| matches!(output, Output::Ack(..) | Output::Refuse(..));
    std::iter::from_fn(|| bench.sequencer.poll_output()).find(answers)
}

fn refusal(output: Option<Output>) -> Option<RefusalCode> {
    match output {
        Some(Output::Refuse(_, refusal)) => Some(refusal.code),
        _ => None,
    }
}

fn seen_to(bench: &Bench) -> Vec<Option<Role>> {
    let moment = bench.sequencer.moment();
    moment.alarms.iter().map(|alarm| alarm.acknowledged.map(|seen| seen.by)).collect()
}

#[test]
fn an_alarm_that_is_seen_to_says_by_whom_until_it_clears_and_nothing_of_it_is_logged() {
    let mut bench = Bench::live();
    bench.hop(gate("main", true));
    bench.hop(live("v4", false));
    bench.tick();
    let before = bench.sequencer.state().seq;
    assert!(matches!(acknowledge(&mut bench, "chair", "a1", "Lost:v4"), Some(Output::Ack(..))));
    assert_eq!(seen_to(&bench), [Some(Role::Chair)]);
    // The first stays, and a repeat is answered alike.
    assert!(matches!(acknowledge(&mut bench, "director", "a2", "Lost:v4"), Some(Output::Ack(..))));
    assert!(matches!(acknowledge(&mut bench, "chair", "a1", "Lost:v4"), Some(Output::Ack(..))));
    bench.ticks(3);
    assert_eq!(seen_to(&bench), [Some(Role::Chair)]);
    assert_eq!(bench.sequencer.state().seq, before);
    bench.hop(live("v4", true));
    bench.tick();
    bench.hop(live("v4", false));
    bench.tick();
    assert_eq!(seen_to(&bench), [None]);
}

#[test]
fn an_alarm_that_is_seen_to_stays_so_over_a_recovery_of_the_log() {
    let mut bench = Bench::live();
    bench.hop(gate("main", true));
    bench.hop(live("v4", false));
    bench.tick();
    acknowledge(&mut bench, "director", "a1", "Lost:v4");
    bench.act("director", preview("v1"));
    bench.fails(base::LogCause::IoError, false);
    bench.opened();
    bench.tick();
    assert_eq!(seen_to(&bench), [Some(Role::Director)]);
}

#[test]
fn a_log_that_cannot_be_written_is_the_first_alarm_and_says_who_has_the_run() {
    let mut bench = Bench::live();
    bench.hop(gate("main", true));
    bench.hop(live("main", false));
    bench.act("director", preview("v1"));
    bench.fails(base::LogCause::DiskFull, false);
    bench.tick_without_store();
    assert_eq!(alarms(&bench), ["Log ", "Lost main"]);
    bench.opened();
    bench.tick();
    assert_eq!(alarms(&bench), ["Lost main"]);
    bench.act("director", preview("v1"));
    bench.batch = None;
    let theirs = Some(base::Epoch(9));
    bench.input(Input::AppendFailed(Trouble { why: base::LogCause::Fenced, theirs }));
    bench.tick_without_store();
    assert_eq!(alarms(&bench), ["Log  9", "Lost main"]);
}

#[test]
fn a_clock_that_jumps_is_told_for_ten_minutes() {
    let mut bench = Bench::live();
    bench.hop(gate("main", true));
    bench.wall = base::Wall(bench.wall.0 + 3_600_000);
    bench.tick();
    assert_eq!(alarms(&bench), ["Clock  3600"]);
    let quiet = |bench: &mut Bench, seconds: u32| {
        for _ in 0..seconds {
            bench.hop(Measure::Levels { levels: vec![(venue("main"), 30)], unmeasured: vec![] });
            bench.tick();
        }
    };
    quiet(&mut bench, 598);
    assert_eq!(alarms(&bench), ["Clock  3600"]);
    quiet(&mut bench, 2);
    assert_eq!(alarms(&bench), Vec::<String>::new());
}

#[test]
fn a_network_card_that_takes_too_little_is_told_until_it_has_kept_up_for_ten_seconds() {
    let mut bench = Bench::live();
    bench.hop(gate("main", true));
    let second = |bench: &mut Bench, given_up: u32| {
        bench.input(Input::Node(Traffic { given_up, ..Traffic::default() }));
        bench.hop(Measure::Levels { levels: vec![(venue("main"), 30)], unmeasured: vec![] });
        bench.tick();
    };
    second(&mut bench, 0);
    assert_eq!(alarms(&bench), Vec::<String>::new());
    second(&mut bench, 7);
    second(&mut bench, 0);
    second(&mut bench, 30);
    assert_eq!(alarms(&bench), ["Network  37"]);
    (0..8).for_each(|_| second(&mut bench, 0));
    assert_eq!(alarms(&bench), ["Network  37"]);
    (0..2).for_each(|_| second(&mut bench, 0));
    assert_eq!(alarms(&bench), Vec::<String>::new());
    second(&mut bench, 2);
    assert_eq!(alarms(&bench), ["Network  2"]);
}

#[test]
fn r20_a_clock_that_jumps_back_says_so_and_leaves_no_alarm_in_the_future() {
    let mut bench = Bench::live();
    bench.hop(gate("main", true));
    bench.hop(live("v2", false));
    bench.tick();
    assert!(matches!(acknowledge(&mut bench, "director", "a1", "Lost:v2"), Some(Output::Ack(..))));
    let age = |bench: &Bench, code: base::AlarmCode| {
        let moment = bench.sequencer.moment();
        let alarm = moment.alarms.iter().find(|alarm| alarm.code == code).cloned().expect("it is told");
        let seen = alarm.acknowledged.map_or(0, |seen| bench.wall.0 - seen.at.0);
        (bench.wall.0 - alarm.since.0, seen)
    };
    let lost = age(&bench, base::AlarmCode::Lost);
    let shown = bench.wall.0 - bench.sequencer.moment().facts.shown_at.0;
    let mut steps = 0;
    for (jump, told) in [(3_600_000, "Clock  3600"), (-7_200_000, "Clock  -7200")] {
        bench.wall = bench.wall.shifted_ms(jump);
        bench.tick();
        steps += 1_000;
        assert_eq!(alarms(&bench), [told, "Lost v2"]);
        assert_eq!(age(&bench, base::AlarmCode::Lost), (lost.0 + steps, lost.1 + steps), "{told}");
        assert_eq!(age(&bench, base::AlarmCode::Clock), (0, 0), "{told}");
        let now = bench.wall.0 - bench.sequencer.moment().facts.shown_at.0;
        assert_eq!(now, shown + steps, "{told}");
    }
}

#[test]
fn only_desks_see_to_alarms_and_only_to_those_that_there_are() {
    let mut bench = Bench::live();
    assert_eq!(
        refusal(acknowledge(&mut bench, "director", "a1", "Lost:v4")),
        Some(RefusalCode::UnknownAlarm)
    );
    assert_eq!(refusal(acknowledge(&mut bench, "v1", "a2", "Lost:v4")), Some(RefusalCode::NoRight));
}

#[test]
fn a_hall_that_leaves_after_the_end_is_no_alarm() {
    let mut bench = Bench::live();
    bench.hop(gate("main", true));
    bench.hop(live("v4", false));
    bench.tick();
    assert_eq!(alarms(&bench), ["Lost v4"]);
    bench.done("director", Act::Across(across::Act::End));
    bench.hop(live("v3", false));
    bench.tick();
    assert_eq!(alarms(&bench).iter().filter(|said| said.starts_with("Lost")).count(), 0);
}

#[test]
fn a_venue_that_never_came_is_absent_and_not_lost() {
    let mut bench = Bench::new();
    bench.hop(live("main", true));
    bench.stored();
    bench.tick();
    assert_eq!(alarms(&bench), Vec::<String>::new());
}

#[test]
fn a_city_of_which_one_never_came_is_lost_as_a_whole() {
    let mut bench = Bench::new();
    for id in ["v1", "v2"] {
        bench.hop(live(id, true));
        bench.stored();
        bench.hop(live(id, false));
    }
    bench.tick();
    assert_eq!(alarms(&bench), ["Lost v1+v2 of north"]);
}

#[test]
fn r4_page_hop_and_log_that_disagree_for_a_second_are_an_alarm() {
    let lease_without_gate = |bench: &mut Bench| drop(bench.done("chair", open("v1")));
    check(lease_without_gate, 1, &[]);
    check(lease_without_gate, 2, &["MicrophoneDisagrees v1"]);
    check(|bench| drop(bench.hop(gate("v1", true))), 2, &["MicrophoneDisagrees v1"]);
    let page_open = |bench: &mut Bench| {
        report(bench, "v1", PageReport { microphone: Some(MicrophoneReport::Open), ..PageReport::default() });
    };
    check(page_open, 2, &["MicrophoneDisagrees v1"]);
    // A page that sends nothing while its gate is open is a silent venue, no disagreement.
    let page_closed = |bench: &mut Bench| {
        bench.done("chair", open("v1"));
        bench.hop(gate("v1", true));
        report(
            bench,
            "v1",
            PageReport { microphone: Some(MicrophoneReport::Closed), ..PageReport::default() },
        );
    };
    check(page_closed, 3, &[]);
    let agreed_in_time = |bench: &mut Bench| {
        bench.done("chair", open("v1"));
        bench.tick();
        bench.hop(gate("v1", true));
    };
    check(agreed_in_time, 3, &[]);
}

#[test]
fn sound_without_a_lease_is_an_alarm_after_a_second_of_it() {
    let mut bench = Bench::live();
    bench.hop(gate("main", true));
    bench.hop(dropped("v1", 10));
    bench.tick();
    assert_eq!(alarms(&bench), Vec::<String>::new());
    bench.hop(dropped("v1", 60));
    bench.tick();
    assert_eq!(alarms(&bench), ["AudioDropped v1 60"]);
    bench.ticks(2);
    assert_eq!(alarms(&bench), Vec::<String>::new());
    assert_eq!(bench.sequencer.moment().facts.dropped(), 60);
}

#[test]
fn a_venue_with_the_floor_that_is_silent_for_20_seconds_is_an_alarm() {
    let speaker = |bench: &mut Bench| {
        bench.done("chair", call_on("v1"));
        bench.hop(gate("v1", true));
    };
    check(speaker, 19, &[]);
    check(speaker, 21, &["Silent v1 21"]);
    let mut bench = Bench::live();
    bench.hop(gate("main", true));
    speaker(&mut bench);
    bench.ticks(15);
    let levels = [("v1", 40), ("main", 40)].map(|(id, level)| (venue(id), level)).to_vec();
    bench.hop(Measure::Levels { levels, unmeasured: vec![] });
    bench.ticks(15);
    assert_eq!(alarms(&bench), Vec::<String>::new());
    let levels = vec![(venue("main"), 40)];
    bench.hop(Measure::Levels { levels, unmeasured: vec![venue("v1")] });
    bench.ticks(15);
    assert_eq!(alarms(&bench), Vec::<String>::new(), "nobody can tell whether it is silent");
}

#[test]
fn a_take_that_waits_for_its_picture_is_an_alarm_until_it_is_shown_or_taken_back() {
    let waits = |bench: &mut Bench| {
        bench.done("director", preview("v1"));
        bench.done("director", Act::Across(across::Act::Take { expect_preview: None }));
        bench.hop(Fact::Waiting { source: source("v1.1") });
    };
    check(waits, 1, &["NoPicture v1"]);
    let shown = |bench: &mut Bench| {
        waits(bench);
        let scene = meeting::Scene::Full(source("v1.1"));
        bench.hop(Fact::Shown { scene, at: bench.now });
    };
    check(shown, 1, &[]);
    let taken_back = |bench: &mut Bench| {
        waits(bench);
        bench.done("director", Act::Across(across::Act::Slate));
    };
    check(taken_back, 1, &[]);
}

#[test]
fn what_pages_and_links_suffer_from_is_told() {
    let blocked = PageReport { sound_blocked: Some(true), ..PageReport::default() };
    check(|bench| report(bench, "v1", blocked.clone()), 1, &["SoundBlocked v1"]);
    let hidden = PageReport { hidden: Some(true), ..PageReport::default() };
    check(|bench| report(bench, "v1", hidden.clone()), 1, &["PageHidden v1"]);
    let loss = |permille| {
        move |bench: &mut Bench| {
            bench.ticks(ARRIVAL_S);
            bench.hop(loses("v1", permille));
        }
    };
    check(loss(49), 1, &[]);
    check(loss(50), 1, &["Loss v1 50"]);
}

/// Seconds after which the losses of a source that has begun count.
const ARRIVAL_S: u32 = 3;

fn loses(id: &str, permille: u16) -> Measure {
    Measure::Quality { source: source(&format!("{id}.1")), loss_permille: permille, kbps: 900 }
}

#[test]
fn the_losses_of_a_source_that_has_just_begun_are_neither_an_alarm_nor_shown() {
    // Its first packets come.
    check(|bench| drop(bench.hop(loses("v1", 998))), 1, &[]);
    let late = |bench: &mut Bench| {
        bench.ticks(ARRIVAL_S - 1);
        bench.hop(loses("v1", 998));
    };
    check(late, 1, &[]);
    // It comes back after its link was lost: what went before is forgotten, and its first packets count as little.
    let back = |bench: &mut Bench| {
        bench.ticks(ARRIVAL_S);
        bench.hop(loses("v1", 300));
        bench.hop(live("v1", false));
        bench.hop(live("v1", true));
        bench.hop(loses("v1", 998));
    };
    check(back, 1, &[]);
    // Another page takes it over without a gap.
    let taken_over = |bench: &mut Bench| {
        bench.ticks(ARRIVAL_S);
        let kind = SessionKind::Publish { source: source("v1.1"), venue: venue("v1") };
        let session = SessionId(9);
        bench.hop(Fact::Session { session, client: None, kind, change: SessionChange::Connected });
        bench.hop(loses("v1", 998));
    };
    check(taken_over, 1, &[]);
    // What it loses after that counts.
    let later = |bench: &mut Bench| {
        bench.hop(loses("v1", 998));
        bench.ticks(ARRIVAL_S);
        bench.hop(loses("v1", 60));
    };
    check(later, 1, &["Loss v1 60"]);
}

#[test]
fn a_source_whose_packets_are_too_large_is_named_until_ten_seconds_after_the_last() {
    let too_large = |packets| Fact::TooLarge { source: source("v1.1"), packets };
    check(|bench| drop(bench.hop(too_large(3))), 1, &["PacketsTooLarge v1 3"]);
    check(|bench| drop(bench.hop(too_large(3))), 9, &["PacketsTooLarge v1 3"]);
    check(|bench| drop(bench.hop(too_large(3))), 10, &[]);
    let mut bench = Bench::live();
    bench.hop(gate("main", true));
    bench.hop(too_large(3));
    bench.ticks(8);
    // The same count again is nothing new.
    bench.hop(too_large(3));
    assert_eq!(bench.sequencer.moment().alarms[0].source, Some(source("v1.1")));
    assert_eq!(bench.sequencer.moment().alarms[0].id(), "PacketsTooLarge:v1.1");
    bench.ticks(2);
    assert_eq!(alarms(&bench), Vec::<String>::new());
}

#[test]
fn the_worst_stands_first_and_keeps_its_beginning() {
    let mut bench = Bench::live();
    bench.hop(gate("main", true));
    let hidden = PageReport { hidden: Some(true), ..PageReport::default() };
    report(&mut bench, "v1", hidden);
    bench.tick();
    let since = bench.sequencer.moment().alarms[0].since;
    bench.hop(live("v4", false));
    bench.pass(Duration::from_millis(1));
    bench.tick();
    assert_eq!(alarms(&bench), ["Lost v4", "PageHidden v1"]);
    assert_eq!(bench.sequencer.moment().alarms[1].since, since);
    assert_eq!(bench.sequencer.moment().alarms_cleared, None);
    bench.input(Input::ReportGone(venue("v1")));
    bench.hop(live("v4", true));
    bench.tick();
    assert_eq!(bench.sequencer.moment().alarms_cleared, Some(bench.wall));
}
