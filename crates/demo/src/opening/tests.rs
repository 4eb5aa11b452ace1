use super::*;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A meeting under way in which nothing was done yet, and the main venue gives its pictures.
fn untouched() -> Seen {
    Seen { pictures: true, ..Seen::default() }
}

fn in_preview(source: &str) -> Seen {
    Seen { preview: Some(source.to_owned()), ready: true, ..untouched() }
}

fn on_air(source: &str, preview: Option<&str>) -> Seen {
    let preview = preview.map(str::to_owned);
    Seen { programme: Some(source.to_owned()), preview, ready: true, ..untouched() }
}

/// What a script wants of which so many acts are done, after so many seconds.
#[track_caller]
fn check(done: usize, seconds: u64, seen: Option<&Seen>, want: &Next) {
    assert_eq!(Opening::after(done).next(s(seconds), seen), *want, "{seen:?}");
}

#[test]
fn a_meeting_in_which_nobody_acts_is_opened_act_by_act_and_a_hand_goes_up_20_seconds_later() {
    let mut opening = Opening::after(0);
    let states = [untouched(), in_preview(HALL), on_air(HALL, None), on_air(HALL, Some(PODIUM))];
    for (state, step) in states.iter().zip(Step::ALL) {
        assert_eq!(opening.next(s(3), Some(state)), Next::Send(step));
        opening.taken(s(3));
    }
    let state = Seen { item: Some(ITEM.to_owned()), ..on_air(HALL, Some(PODIUM)) };
    assert_eq!(opening.next(s(4), Some(&state)), Next::Wait(s(19)));
    assert_eq!(opening.next(s(23), Some(&state)), Next::Send(Step::Hand));
    assert_eq!(opening.taken(s(23)), Step::ALL.len());
    assert_eq!(opening.next(s(23), Some(&state)), Next::Over);
}

#[test]
fn acts_have_keys_of_their_own_and_are_read_by_the_protocol() {
    let mut keys: Vec<&str> = Step::ALL.into_iter().map(Step::key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), Step::ALL.len());
    for step in Step::ALL {
        let act = step.act("v002");
        assert!(serde_json::from_value::<wire::Act>(act.clone()).is_ok(), "{act}");
    }
}

#[test]
fn the_names_in_the_script_are_those_of_the_organisation() {
    let made = crate::organisation::organisation(1, base::Codec::Vp8).unwrap();
    let main = &made.directory.venues()[0];
    let named: Vec<(&str, &str)> = main.sources.iter().map(|s| (s.id.as_str(), s.name.en())).collect();
    assert_eq!(named, [(PODIUM, "cam 1 podium"), (HALL, "cam 2 hall")]);
    assert_eq!(made.plan.items[0].id.as_str(), ITEM);
    assert!(made.directory.people().keys().any(|person| person.as_str() == "p-v002"));
}

#[test]
fn without_a_picture_nothing_is_loaded_and_nothing_is_taken() {
    let look = Next::Wait(LOOK_EVERY);
    let dark = Seen { pictures: false, ..untouched() };
    check(0, 5, Some(&dark), &look);
    let loaded = Seen { ready: false, ..in_preview(HALL) };
    check(1, 5, Some(&loaded), &look);
    // A server that is killed comes back.
    check(1, 5, None, &look);
    for (done, seen) in [(0, Some(&dark)), (1, Some(&loaded)), (1, None)] {
        check(done, 120, seen, &Next::GiveWay(Why::TooLate));
    }
}

#[test]
fn where_a_person_was_faster_the_script_gives_way() {
    let touched = Next::GiveWay(Why::Touched);
    check(0, 1, Some(&in_preview("v002.1")), &touched);
    check(0, 1, Some(&on_air("v002.1", None)), &touched);
    check(1, 1, Some(&in_preview("v002.1")), &touched);
    check(1, 1, Some(&on_air("v002.1", Some(HALL))), &touched);
    check(2, 1, Some(&on_air(HALL, Some("v002.1"))), &touched);
    check(2, 1, Some(&on_air("v002.1", Some(HALL))), &touched);
    // Slate was pressed: it leaves what was on air in preview, held.
    check(2, 1, Some(&Seen { held: true, ..in_preview(HALL) }), &touched);
    let elsewhere = Seen { item: Some("i2".to_owned()), ..on_air(HALL, Some(PODIUM)) };
    check(3, 1, Some(&elsewhere), &touched);
}

#[test]
fn an_act_whose_answer_was_lost_is_sent_again() {
    check(0, 1, Some(&in_preview(HALL)), &Next::Send(Step::Hall));
    check(1, 1, Some(&on_air(HALL, None)), &Next::Send(Step::Take));
    check(2, 1, Some(&on_air(HALL, Some(PODIUM))), &Next::Send(Step::Podium));
    let begun = Seen { item: Some(ITEM.to_owned()), ..on_air(HALL, Some(PODIUM)) };
    check(3, 1, Some(&begun), &Next::Send(Step::Item));
}

#[test]
fn a_state_that_is_older_than_the_last_answer_is_waited_out() {
    check(1, 1, Some(&untouched()), &Next::Wait(LOOK_EVERY));
    check(2, 1, Some(&in_preview(HALL)), &Next::Wait(LOOK_EVERY));
}

#[test]
fn what_is_seen_is_read_from_the_state_of_the_protocol() {
    let state = json!({
        "venue:main": {"sources": [{"id": "main.1", "live": true}, {"id": "main.2", "live": true}]},
        "programme": {"scene": {"kind": "full", "source": "main.2"}},
        "preview": {"source": "main.1", "held": true, "ready": true},
        "rundown": {"current": "i1"},
    });
    let seen = Seen { item: Some(ITEM.to_owned()), held: true, ..on_air(HALL, Some(PODIUM)) };
    assert_eq!(Seen::of(&state), seen);
    let state = json!({
        "venue:main": {"sources": [{"id": "main.1", "live": true}, {"id": "main.2", "live": false}]},
        "programme": {"scene": {"kind": "slate"}},
        "preview": {"source": null, "held": false, "ready": false},
        "rundown": {"current": null},
    });
    assert_eq!(Seen::of(&state), Seen::default());
}

#[test]
fn a_run_is_opened_once_and_its_folder_knows_how_far_that_is() {
    let data = std::env::temp_dir().join(format!("onehall-opening-{}", std::process::id()));
    std::fs::create_dir_all(&data).unwrap();
    // A run that goes on, of a demo that never opened it.
    prepare(&data, false, true).unwrap();
    assert_eq!(due(&data), None);
    // One that begins: supervisor and server may die in between.
    prepare(&data, true, true).unwrap();
    assert_eq!(due(&data), Some(0));
    folder::note(&data, 3).unwrap();
    prepare(&data, false, true).unwrap();
    assert_eq!(due(&data), Some(3));
    folder::note(&data, Step::ALL.len()).unwrap();
    assert_eq!(due(&data), None);
    // One that begins on the slate is never opened, however it goes on.
    prepare(&data, true, true).unwrap();
    prepare(&data, false, false).unwrap();
    prepare(&data, false, true).unwrap();
    assert_eq!(due(&data), None);
    std::fs::remove_dir_all(&data).unwrap();
}
