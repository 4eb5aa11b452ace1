//! The acts of the contract, row by row: what each does, and each of its refusals.

use crate::hall::Hall;
use base::RequestKind;
use directory::policy::{ActKind, Permission, Role, permission};

/// After `given`, the act in `when` answers as `want` says.
#[track_caller]
fn check(given: &str, when: &str, want: &str) {
    assert_eq!(Hall::after(given).step(when), want, "given {given:?}, when {when:?}");
}

const LIVE: &str = "director start";

/// `LIVE`, then more.
fn live(more: &str) -> String {
    format!("{LIVE}; {more}")
}

#[test]
fn start_opens_the_chairs_standing_lease_once() {
    check("", "director start", "started, floor_opened main standing");
    check(LIVE, "director start", "refused already_started");
    check(&live("director end"), "director start", "refused ended");
}

#[test]
fn end_closes_every_gate_and_the_run() {
    check(
        &live("chair open_floor v1; director preview v2"),
        "director end",
        "floor_closed main meeting_ended, floor_closed v1 meeting_ended, preview_set none, ended",
    );
    check(
        &live("v1 raise p1; chair call_on v1 request=v1"),
        "director end",
        "call_on_ended v1, request_waits v1, floor_closed main meeting_ended, floor_closed v1 meeting_ended, \
         programme_set slate, ended",
    );
    check("", "director end", "refused not_started");
    check(&live("director end"), "director end", "refused ended");
}

#[test]
fn preview_is_set_cleared_and_touched() {
    check("", "director preview v1.1", "preview_set v1.1");
    check("", "director preview v1", "preview_set v1.1");
    check("", "director preview main.2", "preview_set main.2");
    check("director preview v1", "director preview none", "preview_set none");
    check("director preview v1", "director preview v1.1", "unchanged");
    check("", "director preview none", "unchanged");
    let held = live("director preview v1; director take; director preview v2; director take");
    check(&held, "director preview v1", "preview_set v1.1");
    check("", "director preview v9", "refused unknown_source v9");
    check("", "director preview v1.2", "refused unknown_source v1.2");
    check(&live("director end"), "director preview v1", "refused ended");
}

#[test]
fn take_brings_the_preview_on_air_and_holds_what_was_there() {
    let first = live("director preview v1");
    check(&first, "director take", "programme_set v1.1, preview_set none");
    check(&first, "director take v1.1", "programme_set v1.1, preview_set none");
    check(&first, "director take v1", "programme_set v1.1, preview_set none");
    let second = format!("{first}; director take; director preview v2");
    check(&second, "director take", "programme_set v2.1, preview_set v1.1 held");
    let again = format!("{second}; director take; director take");
    check(&again, "director preview v2", "preview_set v2.1");
    check(&format!("{first}; director take; director preview v1"), "director take", "unchanged");
    check(&first, "director take v2.1", "refused preview_changed v1.1");
    check(&first, "director take v9", "refused preview_changed v1.1");
    check(LIVE, "director take", "refused preview_empty");
    check("director preview v1", "director take", "refused not_started");
}

#[test]
fn slate_leaves_the_floor_and_what_was_on_air_comes_back_with_one_take() {
    let given = live("director preview v1; director take; chair open_floor v1");
    check(&given, "director slate", "programme_set slate, preview_set v1.1 held");
    let prepared = format!("{given}; director preview v2");
    check(&prepared, "director slate", "programme_set slate, preview_set v1.1 held");
    check(&format!("{prepared}; director slate"), "director take", "programme_set v1.1, preview_set none");
    check(&live("director preview v2"), "director slate", "unchanged");
    let mut hall = Hall::after(&given);
    hall.step("director slate");
    assert_eq!(hall.open(), ["main", "v1"]);
    check(LIVE, "director slate", "unchanged");
    check("", "director slate", "refused not_started");
}

#[test]
fn call_on_is_picture_floor_banner_and_timer() {
    check(
        &live("chair open_floor v2; chair open_floor v3"),
        "chair call_on v1 limit=180 person=p1",
        "floor_closed v2 exclusive, floor_closed v3 exclusive, floor_opened v1 call_on, \
         call_on_began v1 v1.1 person=p1 limit=180, programme_set v1.1",
    );
    check(
        &live("v1 raise p2"),
        "chair call_on v1 request=v1",
        "floor_opened v1 call_on, call_on_began v1 v1.1 person=p2 request=v1, request_speaking v1, programme_set v1.1",
    );
    // A venue that has the floor keeps it, and its lease becomes that of the call-on.
    check(
        &live("chair open_floor v1"),
        "chair call_on v1",
        "floor_opened v1 call_on, call_on_began v1 v1.1, programme_set v1.1",
    );
    // The chair's own venue speaks from its standing lease, or gets it back.
    check(LIVE, "chair call_on main source=main.2", "call_on_began main main.2, programme_set main.2");
    check(
        &live("chair close_floor main"),
        "chair call_on main",
        "floor_opened main standing, call_on_began main main.1, programme_set main.1",
    );
    // What was previewed is on air now; the preview holds what was on air.
    check(
        &live("director preview v2; director take; director preview v1"),
        "chair call_on v1",
        "floor_opened v1 call_on, call_on_began v1 v1.1, preview_set v2.1 held, programme_set v1.1",
    );
    check(
        &live("director preview v1; director take"),
        "chair call_on v1 source=v1",
        "floor_opened v1 call_on, call_on_began v1 v1.1",
    );
}

#[test]
fn call_on_is_refused_with_what_stands_in_its_way() {
    check(&live("chair call_on v1"), "chair call_on v2", "refused floor_held v1 may chair director");
    check(LIVE, "chair call_on v9", "refused unknown_venue v9");
    check(LIVE, "chair call_on v1 source=v9", "refused unknown_source v9");
    check(LIVE, "chair call_on v1 source=v2.1", "refused unknown_source v1");
    check(LIVE, "chair call_on v1 person=p9", "refused unknown_person p9");
    check(LIVE, "chair call_on v1 limit=0", "refused bad_limit");
    check(LIVE, "chair call_on v1 limit=14401", "refused bad_limit");
    check(
        LIVE,
        "chair call_on v1 limit=14400",
        "floor_opened v1 call_on, call_on_began v1 v1.1 limit=14400, programme_set v1.1",
    );
    check(LIVE, "chair call_on v1 request=r9", "refused unknown_request r9");
    let mut hall = Hall::after(&live("v2 raise"));
    assert!(hall.step("chair call_on v1 request=v2").starts_with("refused unknown_request"));
    check("", "chair call_on v1", "refused not_started");
}

#[test]
fn end_call_on_closes_that_gate_and_removes_that_request_and_the_picture_stays() {
    let given = live("v1 raise; v2 raise; chair call_on v1 request=v1");
    check(
        &given,
        "chair end_call_on",
        "call_on_ended v1, floor_closed v1 call_on_ended, request_removed v1 spoken",
    );
    let mut hall = Hall::after(&given);
    hall.step("chair end_call_on");
    assert_eq!((hall.on_air(), hall.open(), hall.queue()), ("v1.1".into(), vec!["main"], vec!["v2".into()]));
    check(&live("chair call_on main"), "chair end_call_on", "call_on_ended main");
    check(LIVE, "chair end_call_on", "refused no_call_on");
}

#[test]
fn open_floor_takes_at_most_four_microphones() {
    check(LIVE, "chair open_floor v1", "floor_opened v1 open");
    check(&live("chair open_floor v1"), "chair open_floor v1", "unchanged");
    check(LIVE, "chair open_floor main", "unchanged");
    check(&live("chair close_floor main"), "chair open_floor main", "floor_opened main standing");
    let three = live("chair open_floor v1; chair open_floor v2; chair open_floor v3");
    check(&three, "chair open_floor v4", "refused floor_full");
    // The chair's place is kept while it is closed.
    check(&format!("{three}; chair close_floor main"), "chair open_floor v4", "refused floor_full");
    check(&format!("{three}; chair close_floor main"), "chair open_floor main", "floor_opened main standing");
    check(&live("chair call_on v1"), "chair open_floor v2", "refused floor_held v1 may chair director");
    check(&live("chair call_on v1"), "chair open_floor v1", "unchanged");
    check(LIVE, "chair open_floor v9", "refused unknown_venue v9");
    check("", "chair open_floor v1", "refused not_started");
}

#[test]
fn close_floor_closes_one_and_may_end_its_call_on() {
    check(&live("chair open_floor v1"), "chair close_floor v1", "floor_closed v1 closed");
    check(LIVE, "chair close_floor main", "floor_closed main closed");
    check(LIVE, "chair close_floor v1", "unchanged");
    check(
        &live("v1 raise; chair call_on v1 request=v1"),
        "chair close_floor v1",
        "call_on_ended v1, floor_closed v1 closed, request_removed v1 spoken",
    );
    // The chair is muted during its own call-on, which goes on.
    check(&live("chair call_on main"), "chair close_floor main", "floor_closed main closed");
    check(LIVE, "chair close_floor v9", "refused unknown_venue v9");
    check("", "chair close_floor v1", "refused not_started");
}

#[test]
fn mute_all_closes_every_branch_and_never_the_chair() {
    check(
        &live("chair open_floor v1; chair open_floor v2"),
        "chair mute_all",
        "floor_closed v1 muted_all, floor_closed v2 muted_all",
    );
    check(
        &live("v1 raise; chair call_on v1 request=v1"),
        "chair mute_all",
        "call_on_ended v1, request_waits v1, floor_closed v1 muted_all",
    );
    check(&live("chair call_on main"), "chair mute_all", "call_on_ended main");
    check(LIVE, "chair mute_all", "unchanged");
    check("", "chair mute_all", "refused not_started");
}

#[test]
fn a_venue_raises_one_request_and_takes_it_back() {
    check(LIVE, "v1 raise p1", "request_raised v1 p1 speech");
    check(LIVE, "v1 raise", "request_raised v1 speech");
    check(LIVE, "main raise", "request_raised main speech");
    for kind in RequestKind::ALL.map(RequestKind::name) {
        check(LIVE, &format!("v1 raise p1 kind={kind}"), &format!("request_raised v1 p1 {kind}"));
    }
    let mut hall = Hall::after(&live("v1 raise"));
    assert!(hall.step("v1 raise p1").starts_with("refused already_waiting r"));
    check(LIVE, "v1 raise p9", "refused unknown_person p9");
    // Somebody of another venue's unit is nobody to this one; the desk may call them from anywhere.
    check(LIVE, "v1 raise p3", "refused unknown_person p3");
    check(LIVE, "v5 raise p3", "request_raised v5 p3 speech");
    check(LIVE, "v9 raise", "refused unknown_venue v9");
    check(&live("v1 raise"), "v1 withdraw", "request_removed v1 withdrawn");
    check(&live("v2 raise"), "v1 withdraw", "refused not_waiting");
    check(LIVE, "v9 withdraw", "refused unknown_venue v9");
    check("", "v1 raise", "refused not_started");
    check("", "v1 withdraw", "refused not_started");
}

#[test]
fn the_chair_drops_a_request() {
    check(&live("v1 raise; v2 raise"), "chair drop v1", "request_removed v1 dropped");
    check(LIVE, "chair drop r9", "refused unknown_request r9");
    check("", "chair drop r9", "refused not_started");
    // The one who speaks is not interrupted by it.
    let mut hall = Hall::after(&live("v1 raise; chair call_on v1 request=v1; chair drop v1"));
    assert_eq!(hall.open(), ["main", "v1"]);
    assert_eq!(hall.step("chair end_call_on"), "call_on_ended v1, floor_closed v1 call_on_ended");
}

#[test]
fn an_item_becomes_the_current_one() {
    check("", "director item i1", "item_began i1");
    check("director item i1", "director item i1", "unchanged");
    check("director item i1", "director item i2", "item_began i2");
    check(LIVE, "director item i9", "refused unknown_item i9");
    check(&live("director end"), "director item i1", "refused ended");
}

#[test]
fn who_may_not_is_told_who_may() {
    check(LIVE, "chair slate", "refused no_right may director");
    check(LIVE, "v1 mute_all", "refused no_right may chair director");
    check(LIVE, "watcher raise", "refused no_right may venue");
    check(LIVE, "director raise", "refused no_right may venue");
    check("", "watcher start", "refused no_right may director");
    let acts = [
        "start",
        "end",
        "preview v1",
        "take",
        "slate",
        "call_on v1",
        "end_call_on",
        "open_floor v1",
        "close_floor v1",
        "mute_all",
        "raise",
        "withdraw",
        "drop r1",
        "item i1",
    ];
    for (kind, act) in ActKind::ALL.into_iter().zip(acts) {
        for (role, who) in Role::ALL.into_iter().zip(["director", "chair", "v1", "watcher"]) {
            let refused = Hall::after(LIVE).step(&format!("{who} {act}")).starts_with("refused no_right");
            assert_eq!(refused, permission(role, kind) == Permission::No, "{who} {act}");
        }
    }
}

#[test]
fn the_desk_acts_for_the_chair_and_the_log_says_so() {
    let hall = Hall::after(&live("director open_floor v1; chair open_floor v2; director slate"));
    let acting: Vec<_> = hall
        .log
        .iter()
        .filter_map(|record| match &record.by {
            meeting::By::Actor { role, acting_for, .. } => Some((*role, *acting_for)),
            meeting::By::Server => None,
        })
        .skip(2)
        .collect();
    assert_eq!(acting, [(Role::Director, Some(Role::Chair)), (Role::Chair, None), (Role::Director, None)]);
}
