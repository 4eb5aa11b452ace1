//! The rules of `docs/rules.md`, as far as they lie in the core; each test has the number of its rule in its name.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

mod acts;
mod hall;

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{ItemId, PersonId, VenueId};
use hall::Hall;
use meeting::{
    Answer, By, Cause, Event, Keys, Phase, RefusalCode, Variable, course, decide, decide_cause, membership,
};

const LIVE: &str = "director start; director preview v2; director take";

/// After `given` and `when`, these microphones are open and this is on air.
#[track_caller]
fn check(given: &str, when: &str, open: &[&str], on_air: &str) {
    let mut hall = Hall::after(given);
    let answer = hall.step(when);
    assert_eq!((hall.open(), hall.on_air()), (open.to_vec(), on_air.to_owned()), "{when}: {answer}");
}

#[test]
fn r1_each_event_writes_one_variable_and_acts_of_one_writer_leave_the_others() {
    // Every act that succeeds, with what it may write.
    let floor = &[Variable::Floor, Variable::Queue][..];
    let table: &[(&str, &str, &[Variable])] = &[
        ("", "director start", &[Variable::Course, Variable::Floor]),
        (LIVE, "director preview v1", &[Variable::Preview]),
        ("director start; director preview v1", "director take", &[Variable::Programme, Variable::Preview]),
        (
            "director start; director preview v1; director take",
            "director slate",
            &[Variable::Programme, Variable::Preview],
        ),
        (LIVE, "chair open_floor v1", floor),
        ("director start; chair open_floor v1", "chair close_floor v1", floor),
        ("director start; v1 raise; chair call_on v1 request=v1", "chair mute_all", floor),
        ("director start; v1 raise; chair call_on v1 request=v1", "chair end_call_on", floor),
        (LIVE, "v1 raise", &[Variable::Queue]),
        ("director start; v1 raise", "v1 withdraw", &[Variable::Queue]),
        ("director start; v1 raise", "chair drop v1", &[Variable::Queue]),
        (LIVE, "director item i1", &[Variable::Course]),
        (LIVE, "server joins v1", &[Variable::Membership]),
    ];
    for (given, when, may) in table {
        let mut hall = Hall::after(given);
        let before = hall.log.len();
        hall.step(when);
        for record in &hall.log[before..] {
            assert!(may.contains(&record.event.variable()), "{when} writes {:?}", record.event);
        }
        assert!(hall.log.len() > before, "{when}");
    }
}

#[test]
fn r1_an_event_changes_nothing_beside_its_variable() {
    let mut hall = Hall::after(LIVE);
    for step in [
        "v1 raise",
        "v3 raise p1",
        "chair open_floor v3",
        "chair call_on v1 request=v1",
        "director preview v3",
        "director take",
        "director item i1",
        "chair mute_all",
        "server joins v1",
        "chair drop v3",
        "director end",
    ] {
        hall.step(step);
    }
    let mut state = meeting::State::default();
    for record in &hall.log {
        let before = state.clone();
        state.apply(record);
        let changed = changed(&before, &state);
        let may: BTreeSet<_> =
            [record.event.variable()].into_iter().filter(|v| *v != Variable::None).collect();
        // Only what a roster that shrinks takes with it is beside its variable, and none shrinks here.
        assert!(changed.is_subset(&may), "{:?} changes {changed:?}", record.event);
        // The handles of what it leaves alone stay, by which screens pass over it.
        let moved = moved(&before, &state);
        assert!(moved.is_subset(&may), "{:?} makes {moved:?} anew", record.event);
    }
}

fn moved(a: &meeting::State, b: &meeting::State) -> BTreeSet<Variable> {
    let (a, b) = (a.parts(), b.parts());
    let same = [
        (Arc::ptr_eq(&a.membership, &b.membership), Variable::Membership),
        (Arc::ptr_eq(&a.floor, &b.floor), Variable::Floor),
        (Arc::ptr_eq(&a.programme, &b.programme), Variable::Programme),
        (Arc::ptr_eq(&a.preview, &b.preview), Variable::Preview),
        (Arc::ptr_eq(&a.queue, &b.queue), Variable::Queue),
        (Arc::ptr_eq(&a.course, &b.course), Variable::Course),
    ];
    same.into_iter().filter_map(|(same, variable)| (!same).then_some(variable)).collect()
}

fn changed(a: &meeting::State, b: &meeting::State) -> BTreeSet<Variable> {
    let (a, b) = (a.parts(), b.parts());
    let differs = [
        (a.membership != b.membership, Variable::Membership),
        (a.floor != b.floor, Variable::Floor),
        (a.programme != b.programme, Variable::Programme),
        (a.preview != b.preview, Variable::Preview),
        (a.queue != b.queue, Variable::Queue),
        (a.course != b.course, Variable::Course),
    ];
    differs.into_iter().filter_map(|(differs, variable)| differs.then_some(variable)).collect()
}

#[test]
fn r2_ending_any_mode_leaves_every_branch_closed() {
    let call_on = "director start; chair open_floor v3; v1 raise; chair call_on v1 request=v1";
    check(call_on, "chair end_call_on", &["main"], "v1.1");
    check(call_on, "chair close_floor v1", &["main"], "v1.1");
    check(call_on, "chair mute_all", &["main"], "v1.1");
    check(call_on, "server lost v1", &["main"], "v1.1");
    check(call_on, "server roster -v1", &["main"], "slate");
    check(call_on, "director end", &[], "slate");
    check("director start; chair open_floor v1; chair open_floor v2", "chair mute_all", &["main"], "slate");
    check("director start; chair open_floor v1", "director end", &[], "slate");
}

#[test]
fn r2_nothing_is_open_before_the_start_and_no_act_opens_what_it_does_not_name() {
    check("", "director preview v1", &[], "slate");
    check("", "server joins v1", &[], "slate");
    check(LIVE, "director slate", &["main"], "slate");
    check("director start; director preview v1", "director take", &["main"], "v1.1");
    check(LIVE, "v1 raise", &["main"], "v2.1");
    check(LIVE, "chair open_floor v1", &["main", "v1"], "v2.1");
    check(LIVE, "server joins v1", &["main"], "v2.1");
}

#[test]
fn r3_a_lost_link_costs_a_branch_its_lease_and_the_chair_nothing() {
    check("director start; chair open_floor v1", "server lost v1", &["main"], "slate");
    check("director start; chair open_floor v1", "server lost main", &["main", "v1"], "slate");
    check("director start; chair open_floor v1", "server lost v2", &["main", "v1"], "slate");
    let mut hall = Hall::after("director start; v1 raise; chair call_on v1 request=v1");
    assert_eq!(hall.step("server lost v1"), "call_on_ended v1, request_waits v1, floor_closed v1 link_lost");
    let mut hall = Hall::after("director start; chair call_on main");
    assert_eq!(hall.step("server lost main"), "");
}

#[test]
fn r4_the_state_holds_leases_and_no_gate_for_gates_are_what_the_hop_reports() {
    // A lease says who may be heard; that a gate is open is a fact of the hop and no field of the state: see service and simulator.
    let hall = Hall::after("director start; chair open_floor v1");
    let leases: Vec<_> = hall.state.floor().iter().map(|lease| (lease.venue.as_str(), lease.kind)).collect();
    assert_eq!(leases, [("main", meeting::LeaseKind::Standing), ("v1", meeting::LeaseKind::Open)]);
}

#[test]
fn r5_call_on_opens_exactly_the_called_venue_and_the_chair() {
    check(
        "director start; chair open_floor v2; chair open_floor v3",
        "chair call_on v1",
        &["main", "v1"],
        "v1.1",
    );
    check("director start; chair open_floor v1", "chair call_on v1", &["main", "v1"], "v1.1");
    check("director start; chair open_floor v1", "chair call_on main", &["main"], "main.1");
    let mut hall = Hall::after("director start; chair call_on v1 limit=60 person=p1");
    assert!(hall.step("chair call_on v2").starts_with("refused floor_held v1"));
    let call_on = hall.state.call_on().expect("one runs");
    assert_eq!((call_on.venue.as_str(), call_on.limit_s), ("v1", Some(60)));
}

#[test]
fn r5_broadcast_never_touches_the_floor() {
    let call_on = "director start; chair call_on v1; director preview v2";
    check(call_on, "director take", &["main", "v1"], "v2.1");
    check(call_on, "director slate", &["main", "v1"], "slate");
    let mut hall = Hall::after(call_on);
    hall.step("director take");
    assert!(hall.state.call_on().is_some(), "a take during a call-on changes the picture and nothing else");
}

#[test]
fn r6_the_venue_on_air_sees_the_chair_and_the_chair_never_itself() {
    let hall = Hall::after("director start; director preview v1; director take");
    assert_eq!(hall.return_of("v1"), "main.1");
    // The chair alone was on air so far.
    let hall = Hall::after("director start; director preview main; director take");
    assert_eq!(hall.return_of("main"), "slate");
    let hall = Hall::after(
        "director start; director preview main; director take; director preview main.2; director take",
    );
    assert_eq!(hall.return_of("main"), "slate");
    // The last branch on air, also over the slate and another camera position of the chair.
    let hall = Hall::after(
        "director start; director preview v1; director take; director preview v2; director take; director slate;
         director preview main; director take; director preview main.2; director take",
    );
    assert_eq!(hall.return_of("main"), "v2.1");
    let mut hall = hall;
    hall.step("server roster -v2");
    assert_eq!(hall.return_of("main"), "slate");
}

#[test]
fn r6_a_branch_that_becomes_the_chair_does_not_see_itself() {
    let mut hall = Hall::after("director start; director preview v1; director take; director slate");
    hall.step("server roster chair=v1");
    hall.step("director preview v1");
    hall.step("director take");
    assert_ne!(hall.return_of("v1"), "v1.1");
}

#[test]
fn r7_an_act_for_the_chair_names_whom_it_is_for() {
    let hall = Hall::after("director start; director mute_all");
    let last = hall.log.last().expect("an event");
    let By::Actor { acting_for, .. } = &last.by else { panic!("a command") };
    assert_eq!(*acting_for, Some(directory::policy::Role::Chair));
}

#[test]
fn r8_a_request_keeps_its_place_until_requester_or_chair_removes_it() {
    let given = "director start; v1 raise; v2 raise; v3 raise";
    let check = |steps: &[&str], queue: &[&str]| {
        let mut hall = Hall::after(given);
        for step in steps {
            let answer = hall.step(step);
            assert!(!answer.starts_with("refused"), "{step}: {answer}");
        }
        assert_eq!(hall.queue(), queue, "{steps:?}");
    };
    check(&["chair call_on v2 request=v2"], &["v1", "[v2]", "v3"]);
    check(&["chair call_on v2 request=v2", "chair mute_all"], &["v1", "v2", "v3"]);
    check(&["chair call_on v2 request=v2", "server lost v2"], &["v1", "v2", "v3"]);
    check(&["chair call_on v2 request=v2", "chair end_call_on"], &["v1", "v3"]);
    check(&["chair call_on v2", "chair end_call_on"], &["v1", "v2", "v3"]);
    check(&["server lost v2", "server joins v2"], &["v1", "v2", "v3"]);
    check(
        &["director slate", "director preview v1", "director take", "director item i1"],
        &["v1", "v2", "v3"],
    );
    check(&["chair open_floor v1", "chair close_floor v1", "chair mute_all"], &["v1", "v2", "v3"]);
    check(&["director end"], &["v1", "v2", "v3"]);
    check(&["v2 withdraw"], &["v1", "v3"]);
    check(&["chair drop v3"], &["v1", "v2"]);
    check(&["server roster -v1"], &["v2", "v3"]);
    check(
        &["chair call_on v2 request=v2", "v2 withdraw", "v2 raise", "chair end_call_on"],
        &["v1", "v3", "v2"],
    );
}

#[test]
fn r10_the_state_that_a_late_joiner_is_given_is_the_replay_of_the_log() {
    let hall =
        Hall::after("director start; v1 raise; chair call_on v1 request=v1; director item i2; v2 raise");
    let mut replayed = meeting::State::default();
    hall.log.iter().for_each(|record| replayed.apply(record));
    assert_eq!(replayed, hall.state);
}

#[test]
fn r15_a_key_is_answered_from_the_state_also_after_a_replay() {
    let mut hall = Hall::after("director start");
    let command = hall.command("chair", "open_floor v1", "again");
    hall.give(&command);
    let answer = hall.keys.answer(&command.actor.token, &command.key).expect("it is remembered");
    assert_eq!(answer.seq, hall.state.seq);
    // The same key of another token is another command.
    let other = hall.command("director", "open_floor v2", "again");
    assert_eq!(hall.keys.answer(&other.actor.token, &other.key), None);
    hall.step("chair close_floor v1");
    let mut replayed = Keys::default();
    hall.log.iter().for_each(|record| replayed.note(record));
    let kept = replayed.answer(&command.actor.token, &command.key);
    assert_eq!(kept, Some(Answer { act: directory::policy::ActKind::OpenFloor, ..answer }));
}

#[test]
fn r15_an_act_that_changes_nothing_is_in_the_log_and_a_refusal_is_not() {
    let mut hall = Hall::after("director start");
    let before = hall.log.len();
    assert_eq!(hall.step("chair mute_all"), "unchanged");
    assert_eq!(hall.log.len(), before + 1);
    assert!(hall.step("chair end_call_on").starts_with("refused"));
    assert_eq!(hall.log.len(), before + 1);
    let command = hall.command("chair", "end_call_on", "k");
    let refusal = decide(&hall.state, &hall::directory(), &command).expect_err("none runs");
    assert_eq!(refusal.code, RefusalCode::NoCallOn);
}

#[test]
fn r15_a_key_is_forgotten_after_256_others_of_its_token_and_no_sooner() {
    let mut hall = Hall::after("director start");
    let first = hall.command("director", "slate", "first");
    hall.give(&first);
    let known = |hall: &Hall| hall.keys.answer(&first.actor.token, &first.key).is_some();
    for n in 1..256 {
        let command = hall.command("director", "slate", &format!("n{n}"));
        hall.give(&command);
    }
    assert!(known(&hall));
    let command = hall.command("director", "slate", "last");
    hall.give(&command);
    assert!(!known(&hall));
}

#[test]
fn r15_whatever_others_do_a_key_of_the_director_is_known_also_after_a_replay() {
    let mut hall = Hall::after("director start");
    let first = hall.command("director", "preview v1", "first");
    hall.give(&first);
    for n in 0..2_500 {
        for act in ["raise", "withdraw"] {
            let command = hall.command("v1", act, &format!("{act}{n}"));
            hall.give(&command);
        }
    }
    let known = |keys: &Keys| keys.answer(&first.actor.token, &first.key).is_some();
    assert!(known(&hall.keys));
    let mut replayed = Keys::default();
    hall.log.iter().for_each(|record| replayed.note(record));
    assert_eq!(replayed, hall.keys);
}

#[test]
fn r15_a_key_answers_the_act_that_it_was_used_for_and_no_other() {
    let check = |used: &str, again: &str, same: bool| {
        let mut hall = Hall::after("director start; v1 raise; v2 raise");
        let first = hall.command("director", used, "k");
        hall.give(&first);
        let answer = hall.keys.answer(&first.actor.token, &first.key).expect("it is remembered");
        let again_is = hall.command("director", again, "k");
        assert_eq!(answer.is_of(&again_is.act), same, "{used}, then {again}");
    };
    check("preview v1", "preview v1", true);
    check("preview v1", "preview v2", false);
    check("preview v1", "slate", false);
    check("open_floor v1", "open_floor v2", false);
    check("open_floor v1", "close_floor v1", false);
    check("call_on v1 request=v1", "call_on v1", false);
    check("call_on v1", "call_on v1", true);
    check("drop v1", "drop v2", false);
    check("item i1", "item i2", false);
    check("mute_all", "mute_all", true);
}

#[test]
fn a_roster_that_changes_closes_what_is_gone_and_keeps_all_else() {
    let check = |given: &str, change: &str, want: &str| {
        assert_eq!(Hall::after(given).step(&format!("server roster {change}")), want, "{given}, {change}");
    };
    let live = "director start; v1 raise; v2 raise; chair open_floor v3; director preview v2";
    check(live, "-v5", "roster_changed");
    check(live, "+main", "roster_changed");
    check(live, "-v3", "floor_closed v3 left_roster, roster_changed");
    check(live, "-v2", "request_removed v2 left_roster, preview_set none, roster_changed");
    check(
        &format!("{live}; director take"),
        "-v2",
        "request_removed v2 left_roster, programme_set slate, roster_changed",
    );
    check(
        "director start; v1 raise; chair call_on v1 request=v1",
        "-v1",
        "call_on_ended v1, floor_closed v1 left_roster, request_removed v1 left_roster, programme_set slate, roster_changed",
    );
    check(
        "director start; director preview main.2; director take",
        "-main.2",
        "programme_set slate, roster_changed",
    );
    check("director start", "chair=v1", "floor_closed main closed, roster_changed, floor_opened v1 standing");
    check("", "chair=v1", "roster_changed");
    check(
        "director start; chair open_floor v1",
        "chair=v1",
        "floor_closed main closed, roster_changed, floor_opened v1 standing",
    );
    // A call-on of the chair's venue stood on the standing lease, and ends with it.
    check(
        "director start; main raise; chair call_on main request=main",
        "chair=v1",
        "call_on_ended main, request_waits main, floor_closed main closed, roster_changed, floor_opened v1 standing",
    );
    check(
        "director start; chair call_on main; chair close_floor main",
        "chair=v1",
        "call_on_ended main, roster_changed, floor_opened v1 standing",
    );
}

#[test]
fn the_same_roster_again_changes_nothing_and_the_first_opens_the_run() {
    let mut hall = Hall::after("");
    assert!(matches!(hall.log[0].event, Event::Membership(membership::Event::Opened(_))));
    assert_eq!(hall.step("server roster +none"), "");
}

#[test]
fn after_ended_comes_closed_and_nothing_follows_whatever_happens() {
    let world = ["server joins v1", "server lost v1", "server roster -v1", "server roster chair=v1"];
    let mut hall = Hall::after("director start; chair open_floor v1; director end");
    for step in world {
        assert_eq!(hall.step(step), "", "{step}, before it is closed");
    }
    assert_eq!(hall.step("server lost_events"), "loss_accepted 33 28", "that it lost something is owed");
    assert_eq!(hall.step("server owes_nothing"), "closed");
    for step in world.into_iter().chain(["server owes_nothing", "server lost_events"]) {
        assert_eq!(hall.step(step), "", "{step}, after it is closed");
    }
    assert!(matches!(hall.state.phase(), Phase::Ended { closed: true, .. }));
    assert_eq!(
        Hall::after("director start").step("server owes_nothing"),
        "",
        "only what has ended is closed"
    );
}

#[test]
fn a_run_that_the_first_release_ended_is_closed_where_it_stops_and_its_roster_there_is_taken() {
    let mut hall = Hall::after("director start; director end");
    let ended = hall.log.pop().unwrap();
    let event = Event::Course(course::Event::EndedAndClosed);
    hall.log.push(meeting::Record { event, ..ended });
    let mut state = meeting::State::default();
    hall.log.iter().for_each(|record| state.apply(record));
    let smaller = Hall::after("").changed_roster("-v1");
    let late = Event::Membership(membership::Event::RosterChanged(smaller.clone()));
    state.apply(&meeting::Record { seq: state.seq.next(), at: state.at, by: By::Server, event: late });
    assert_eq!(state.roster(), Some(&smaller));
    assert!(matches!(state.phase(), Phase::Ended { closed: true, .. }));
    assert_eq!(decide_cause(&state, &Cause::NothingOwed), vec![]);
    assert_eq!(decide_cause(&state, &Cause::Roster(hall::roster())), vec![]);
}

#[test]
fn a_venue_joins_once() {
    let mut hall = Hall::after("");
    assert_eq!(hall.step("server joins v1"), "venue_joined v1");
    assert_eq!(hall.step("server joins v1"), "");
    assert_eq!(hall.step("server joins v9"), "");
    assert!(hall.state.has_joined(&VenueId::new("v1").unwrap()));
}

#[test]
fn a_venues_speaking_time_adds_up_over_its_call_ons() {
    let hall = Hall::after(
        "director start; chair call_on v1; chair end_call_on; chair call_on v1; chair end_call_on",
    );
    // Each record is a second after the one before.
    let began: Vec<i64> = of_kind(&hall, "call_on_began");
    let ended: Vec<i64> = of_kind(&hall, "call_on_ended");
    let spoken: i64 = ended.iter().zip(&began).map(|(ended, began)| ended - began).sum();
    let v1 = VenueId::new("v1").unwrap();
    assert_eq!(i64::try_from(hall.state.spoken_ms(&v1)).unwrap(), spoken);
}

#[test]
fn the_summary_holds_the_items_as_they_were_held_and_who_spoke_for_how_long() {
    let mut hall = Hall::after("director item i2; director item i1; director start; v1 raise p1");
    // What was chosen before the start is held from the start, and what was left before it was not held.
    for step in [
        "chair call_on v1 request=v1",
        "director item i2",
        "chair end_call_on",
        "director item i1",
        "chair call_on v2",
        "director end",
    ] {
        hall.step(step);
    }
    let at = |kind: &str| of_kind(&hall, kind);
    let (began, items) = (at("call_on_began"), at("item_began"));
    let (started, ended) = (at("started")[0], at("ended")[0]);
    let summary = hall.state.summary();
    let held: Vec<_> =
        summary.items.iter().map(|h| (h.item.as_str(), h.began.0, h.ended.map(|at| at.0))).collect();
    assert_eq!(
        held,
        [("i1", started, Some(items[2])), ("i2", items[2], Some(items[3])), ("i1", items[3], Some(ended)),]
    );
    let speeches: Vec<_> = summary
        .speeches
        .iter()
        .map(|s| (s.venue.as_str(), s.person.as_ref().map(PersonId::as_str), s.began.0))
        .collect();
    assert_eq!(speeches, [("v1", Some("p1"), began[0]), ("v2", None, began[1])]);
    // An item that began meanwhile is not the one at which the speech began.
    let items: Vec<_> = summary.speeches.iter().filter_map(|s| s.item.as_ref()).map(ItemId::as_str).collect();
    assert_eq!(items, ["i1", "i1"]);
    let spoken: Vec<_> =
        summary.speeches.iter().map(|speech| hall.state.spoken_ms(&speech.venue) == speech.ms).collect();
    assert_eq!(spoken, [true, true]);
}

#[test]
fn an_item_left_before_the_start_did_not_begin_and_the_one_chosen_begins_with_the_meeting() {
    let mut hall = Hall::after("director item i2; director item i1");
    let began = |hall: &Hall, item: &str| hall.state.item_began(&ItemId::new(item).unwrap()).map(|at| at.0);
    assert_eq!(began(&hall, "i2"), None);
    assert_eq!(began(&hall, "i1"), Some(of_kind(&hall, "item_began")[1]));
    hall.step("director start");
    assert_eq!(began(&hall, "i2"), None);
    assert_eq!(began(&hall, "i1"), Some(of_kind(&hall, "started")[0]));
    hall.step("director item i2");
    // Left while the meeting was under way: it was held.
    assert_eq!(began(&hall, "i1"), Some(of_kind(&hall, "started")[0]));
    assert_eq!(began(&hall, "i2"), Some(of_kind(&hall, "item_began")[2]));
}

fn of_kind(hall: &Hall, kind: &str) -> Vec<i64> {
    hall.log.iter().filter(|record| record.event.kind() == kind).map(|record| record.at.0).collect()
}
