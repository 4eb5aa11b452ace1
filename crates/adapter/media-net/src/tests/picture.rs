//! The programme and other pictures.

use media::slots::Page;
use meeting::Scene;
use service::port::hop::{Fact, VideoCodec};
use str0m::media::MediaKind;

use super::world::{Body, World, full, meeting, of, source, venue, watching};

/// Of a slot's packets in order: every change of source or layer begins with a key frame, and no frame is torn.
pub(crate) fn clean(bodies: &[(u64, Option<Body>)]) {
    for pair in bodies.windows(2) {
        assert_eq!(pair[1].0, pair[0].0 + 1, "numbers go on without a gap");
    }
    whole(bodies);
}

/// Packets before a cut among which one may be missing: what was lost of the old source, and had not come again when the new one cut in, is
/// shown no more. A repair takes less than 100 ms here.
const BEFORE_CUT: usize = 12;

/// Of a slot's packets in order, where something of the last moments before a cut may be missing.
fn whole(bodies: &[(u64, Option<Body>)]) {
    let picture = |body: &Option<Body>| body.map(|body| (body.who, body.layer));
    let mut last: Option<(u64, Body)> = None;
    for (n, (seq, body)) in bodies.iter().enumerate() {
        let Some(body) = body else {
            last = None;
            continue;
        };
        if let Some((before_seq, before)) = last {
            if (before.who, before.layer) != (body.who, body.layer) {
                assert!(body.key && body.part == 0, "{before:?} then {body:?}");
            } else if *seq != before_seq + 1 {
                let soon = &bodies[n..bodies.len().min(n + BEFORE_CUT)];
                let cut = soon.iter().any(|(_, later)| picture(later) != Some((body.who, body.layer)));
                assert!(cut, "a gap that no cut follows: {before:?} then {body:?}");
            } else if body.part > 0 {
                assert_eq!((before.frame, before.part + 1), (body.frame, body.part));
            }
        } else {
            assert!(body.key && body.part == 0, "begins with a key frame: {body:?}");
        }
        last = Some((*seq, *body));
    }
}

fn sources(bodies: &[(u64, Option<Body>)]) -> Vec<Option<u8>> {
    let mut out: Vec<Option<u8>> = bodies.iter().map(|(_, b)| b.map(|b| b.who)).collect();
    out.dedup();
    out
}

#[test]
fn what_is_published_is_watched_byte_for_byte() {
    let mut world = World::new();
    world.publish("a", 1, &[360], Some("pa"));
    let watcher = world.watch(Page::Plain, None, 1, 1);
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(1_500);
    let bodies = world.clients[watcher].bodies(0);
    assert!(bodies.len() > 60, "{} packets", bodies.len());
    clean(&bodies);
    assert_eq!(sources(&bodies).last(), Some(&Some(1)));
    assert!(world.shown().ends_with(&[full("a.1")]));
}

#[test]
fn h264_is_forwarded_and_switched_as_well() {
    let mut world = World::with(VideoCodec::H264);
    world.publish("a", 1, &[360], Some("pa"));
    world.publish("b", 2, &[360], Some("pb"));
    let watcher = world.watch(Page::Plain, None, 1, 1);
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(1_000);
    world.apply(|t| t.programme = full("b.1"));
    world.run_ms(500);
    world.apply(|t| t.programme = Scene::Slate);
    world.run_ms(1_200);
    let bodies = world.clients[watcher].bodies(0);
    clean(&bodies);
    assert!(sources(&bodies).ends_with(&[Some(1), Some(2), None]), "{:?}", sources(&bodies));
    let state = world.facts().rev().find_map(|(_, e)| match e {
        Fact::Source { source: s, state, .. } if *s == source("b.1") => Some(state.clone()),
        _ => None,
    });
    assert_eq!(state.unwrap().layers, [360]);
}

#[test]
fn picture_numbers_go_on_over_every_take() {
    let mut world = World::new();
    world.publish("a", 1, &[360], Some("pa"));
    world.publish("b", 2, &[360, 720], Some("pb"));
    let watcher = world.watch(Page::Plain, None, 1, 1);
    for n in 0..6 {
        world.apply(|t| t.programme = full(if n % 2 == 0 { "a.1" } else { "b.1" }));
        world.run_ms(400);
    }
    let got = world.clients[watcher].slot(MediaKind::Video, 0);
    let mut last: Option<(u16, u32)> = None;
    for g in got {
        let id = u16::from_be_bytes([g.payload[2] & 0x7f, g.payload[3]]);
        if let Some((before, ts)) = last {
            let step = id.wrapping_sub(before) & 0x7fff;
            assert!(step <= 1, "picture {before} then {id}");
            assert_eq!(step == 0, g.ts == ts, "one timestamp a picture");
            assert!(g.ts.wrapping_sub(ts) < 90_000 * 2);
        }
        last = Some((id, g.ts));
    }
}

#[test]
fn simulcast_layers_are_told_and_the_highest_is_shown() {
    let mut world = World::new();
    world.publish("a", 1, &[180, 360, 720], Some("pa"));
    let watcher = world.watch(Page::Watch, None, 4, 1);
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(1_500);
    let bodies = world.clients[watcher].bodies(0);
    clean(&bodies);
    assert_eq!(bodies.last().unwrap().1.unwrap().layer, 2);
    let state = world.facts().rev().find_map(|(_, e)| match e {
        Fact::Source { source: s, state, .. } if *s == source("a.1") => Some(state.clone()),
        _ => None,
    });
    let state = state.unwrap();
    assert_eq!(state.layers, [180, 360, 720]);
    assert!(state.live && state.decodable);
}

#[test]
fn a_take_switches_at_one_key_frame_and_never_shows_a_mixed_picture() {
    let mut world = World::new();
    world.publish("a", 1, &[360, 720], Some("pa"));
    world.publish("b", 2, &[180, 360, 720], Some("pb"));
    let watchers: Vec<usize> = (0..3).map(|_| world.watch(Page::Watch, None, 4, 1)).collect();
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(1_000);
    for n in 0..10 {
        let next = if n % 2 == 0 { "b.1" } else { "a.1" };
        let before = world.now;
        world.apply(|t| t.programme = full(next));
        world.run_ms(300 + n * 7);
        let at = world.facts().find_map(|(at, e)| match e {
            Fact::Shown { scene, .. } if at >= before => Some((at, scene.clone())),
            _ => None,
        });
        let (at, scene) = at.unwrap();
        assert_eq!(scene, full(next));
        assert!(at.since(before).as_millis() <= 80, "{:?}", at.since(before));
    }
    for watcher in watchers {
        let bodies = world.clients[watcher].bodies(0);
        clean(&bodies);
        assert!(sources(&bodies).len() >= 11);
    }
}

#[test]
fn a_take_without_a_key_frame_keeps_the_old_picture_and_says_that_it_waits() {
    let mut world = World::new();
    world.publish("a", 1, &[360], Some("pa"));
    let b = world.publish("b", 2, &[360], Some("pb"));
    let watcher = world.watch(Page::Watch, None, 4, 1);
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(1_000);
    world.obeys(b, false);
    world.apply(|t| t.programme = full("b.1"));
    world.run_ms(1_500);
    assert_eq!(world.shown().last(), Some(&full("a.1")));
    let waits = world.facts().filter(|(_, e)| matches!(e, Fact::Waiting { .. })).count();
    assert_eq!(waits, 1);
    world.obeys(b, true);
    world.run_ms(400);
    assert_eq!(world.shown().last(), Some(&full("b.1")));
    clean(&world.clients[watcher].bodies(0));
}

#[test]
fn the_slate_stands_in_for_a_lost_source_and_goes_when_it_returns() {
    let mut world = World::new();
    let a = world.publish("a", 1, &[360], Some("pa"));
    let watcher = world.watch(Page::Plain, None, 1, 1);
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(1_000);
    world.sends(a, false, false);
    world.run_ms(2_000);
    assert_eq!(world.shown().last(), Some(&Scene::Slate));
    world.sends(a, true, true);
    world.run_ms(600);
    assert_eq!(world.shown().last(), Some(&full("a.1")));
    let bodies = world.clients[watcher].bodies(0);
    assert!(sources(&bodies).ends_with(&[Some(1), None, Some(1)]));
    clean(&bodies);
}

#[test]
fn slate_has_a_key_frame_each_second() {
    let mut world = World::new();
    let watcher = world.watch(Page::Plain, None, 1, 1);
    world.run_ms(5_000);
    clean(&world.clients[watcher].bodies(0));
    let keys = world.clients[watcher]
        .slot(MediaKind::Video, 0)
        .iter()
        .filter(|g| media::vp8::Descriptor::parse(&g.payload).unwrap().begins_key_frame(&g.payload))
        .count();
    assert!((5..=7).contains(&keys), "{keys}");
}

#[test]
fn a_late_joiner_gets_a_key_frame_first_and_at_once() {
    let mut world = World::new();
    world.publish("a", 1, &[180, 360, 720], Some("pa"));
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(4_000);
    let began = world.now;
    let watcher = world.watch(Page::Watch, None, 4, 1);
    world.run_ms(800);
    clean(&world.clients[watcher].bodies(0));
    let first = world.clients[watcher].slot(MediaKind::Video, 0)[0].at;
    assert!(first.since(began).as_millis() <= 400, "{:?}", first.since(began));
}

#[test]
fn r10_no_picture_before_a_session_is_admitted() {
    let mut world = World::new();
    world.publish("a", 1, &[360], Some("pa"));
    world.apply(|t| t.programme = full("a.1"));
    let mut spec = World::spec(watching(Page::Watch, None), Some("w"));
    spec.admitted = false;
    let watcher = world.watch_as(spec, 4, 1).unwrap();
    world.run_ms(1_000);
    assert!(world.clients[watcher].slot(MediaKind::Video, 0).is_empty());
    assert!(!world.clients[watcher].slot(MediaKind::Audio, 0).is_empty());
    let session = world.clients[watcher].session;
    world.plane.admit(session);
    world.run_ms(700);
    clean(&world.clients[watcher].bodies(0));
    assert!(!world.clients[watcher].bodies(0).is_empty());
}

#[test]
fn desk_has_its_preview_and_a_hall_its_return_picture_while_it_is_warm() {
    let mut world = World::new();
    world.publish("main", 1, &[360, 720], Some("pm"));
    world.publish("a", 2, &[180, 360], Some("pa"));
    let desk = world.watch(Page::Desk, None, 4, 3);
    let hall = world.watch(Page::Hall, of("a"), 4, 3);
    world.apply(|t| {
        t.programme = full("main.1");
        t.return_default = full("main.1");
        t.preview = Some(source("a.1"));
    });
    world.run_ms(1_500);
    assert_eq!(sources(&world.clients[desk].bodies(2)), [Some(2)]);
    clean(&world.clients[desk].bodies(2));
    assert!(world.clients[hall].bodies(2).is_empty());
    world.apply(|t| {
        t.warm.insert(venue("a"));
    });
    world.run_ms(700);
    assert_eq!(sources(&world.clients[hall].bodies(2)), [Some(1)]);
    clean(&world.clients[hall].bodies(2));
}

#[test]
fn a_hall_sees_its_return_picture_until_the_cut_is_shown() {
    let mut world = World::new();
    world.publish("main", 1, &[360], Some("pm"));
    world.publish("a", 2, &[360], Some("pa"));
    let b = world.publish("b", 3, &[360], Some("pb"));
    let hall = world.watch(Page::Hall, of("a"), 4, 3);
    world.apply(|t| {
        t.programme = full("a.1");
        t.return_default = full("main.1");
        t.warm.insert(venue("a"));
    });
    world.run_ms(1_500);
    world.obeys(b, false);
    world.apply(|t| {
        t.programme = full("b.1");
        t.warm = [venue("b")].into();
    });
    let taken = world.now;
    world.run_ms(2_000);
    assert_eq!(world.shown().last(), Some(&full("a.1")));
    let got = |world: &World, from: base::Mono| {
        world.clients[hall].slot(MediaKind::Video, 2).iter().filter(|got| got.at >= from).count()
    };
    assert!(got(&world, taken) > 150, "{} packets", got(&world, taken));
    world.obeys(b, true);
    world.run_ms(500);
    assert_eq!(world.shown().last(), Some(&full("b.1")));
    let cut = world.now;
    world.run_ms(300);
    assert_eq!(got(&world, cut), 0, "it is on air no longer");
    clean(&world.clients[hall].bodies(2));
}

#[test]
fn a_hall_that_is_called_on_has_its_return_picture_at_once() {
    let mut world = World::new();
    let main = world.publish("main", 1, &[360], Some("pm"));
    world.publish("a", 2, &[360], Some("pa"));
    let hall = world.watch(Page::Hall, of("a"), 4, 3);
    world.apply(|t| {
        t.programme = full("main.1");
        t.return_default = full("main.1");
    });
    world.run_ms(4_000);
    // Somebody joins; the key frame for that is asked for and never comes, and the next for a join may not be asked for yet.
    world.obeys(main, false);
    let asked = world.clients[main].key_requests.len();
    world.watch(Page::Desk, None, 4, 3);
    while world.clients[main].key_requests.len() == asked {
        world.run_ms(1);
    }
    world.obeys(main, true);
    let called = world.now;
    world.apply(|t| {
        t.programme = full("a.1");
        t.warm.insert(venue("a"));
    });
    world.run_ms(700);
    let first = world.clients[hall].slot(MediaKind::Video, 2).first().map(|got| got.at.since(called));
    assert!(first.unwrap().as_millis() <= 60, "{first:?}");
    clean(&world.clients[hall].bodies(2));
}

#[test]
fn the_preview_goes_over_at_a_key_frame() {
    let mut world = World::new();
    world.publish("a", 1, &[360, 720], Some("pa"));
    world.publish("b", 2, &[180, 360], Some("pb"));
    let desk = world.watch(Page::Desk, None, 4, 3);
    for n in 0..5 {
        world.apply(|t| t.preview = Some(source(if n % 2 == 0 { "a.1" } else { "b.1" })));
        world.run_ms(700);
    }
    let bodies = world.clients[desk].bodies(2);
    clean(&bodies);
    assert_eq!(sources(&bodies), [Some(1), Some(2), Some(1), Some(2), Some(1)]);
    world.apply(|t| t.preview = None);
    let before = world.clients[desk].bodies(2).len();
    world.run_ms(300);
    assert!(world.clients[desk].bodies(2).len() <= before + 3);
}

#[test]
fn sound_and_picture_of_the_programme_stay_together_over_a_take() {
    let mut world = World::new();
    world.publish("a", 1, &[360], Some("pa"));
    world.run_ms(130);
    world.publish("b", 2, &[360], Some("pb"));
    let watcher = world.watch(Page::Plain, None, 1, 1);
    world.apply(|t| {
        t.gates.insert(venue("a"));
        t.gates.insert(venue("b"));
        t.programme = full("a.1");
    });
    world.run_ms(1_000);
    world.apply(|t| t.programme = full("b.1"));
    world.run_ms(8_000);
    let client = &world.clients[watcher];
    let lag = |kind: MediaKind, rate: f64| {
        let got = *client.slot(kind, 0).last().unwrap();
        let (_, ntp, rtp) = client.reports.iter().rev().find(|(mid, _, _)| *mid == got.mid).unwrap();
        let ntp = ntp.duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap().as_secs_f64();
        ntp + f64::from(got.ts.wrapping_sub(*rtp) as i32) / rate - got.at.0 as f64 / 1e6
    };
    let apart = lag(MediaKind::Audio, 48_000.0) - lag(MediaKind::Video, 90_000.0);
    assert!(apart.abs() < 0.03, "{apart} s");
}

#[test]
fn a_wall_shows_the_views_of_its_client_at_the_lowest_layer() {
    let mut world = World::new();
    world.publish("a", 1, &[180, 360], Some("pa"));
    world.publish("b", 2, &[180, 360], Some("pb"));
    let wall = world.watch(Page::Wall, None, 0, 4);
    let client = || base::ClientId::new("w").unwrap();
    let lines = vec![Some(source("b.1")), None, Some(source("a.1"))];
    world.plane.views(&meeting(), client(), lines);
    world.run_ms(1_200);
    for (slot, who) in [(0, 2), (2, 1)] {
        let bodies = world.clients[wall].bodies(slot);
        assert!(!bodies.is_empty());
        assert!(bodies.iter().all(|(_, b)| b.is_some_and(|b| b.who == who && b.layer == 0)));
        clean(&bodies);
    }
    assert!(world.clients[wall].bodies(1).is_empty());
    world.plane.views(&meeting(), client(), Vec::new());
    world.run_ms(100);
    let got = world.clients[wall].got.len();
    world.run_ms(500);
    assert_eq!(world.clients[wall].got.len(), got, "a client that is gone sees nothing");
}

#[test]
fn lost_packets_are_sent_again() {
    let mut world = World::new();
    world.publish("a", 1, &[360], Some("pa"));
    let watcher = world.watch(Page::Watch, None, 4, 1);
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(500);
    world.lose_every = Some(29);
    world.run_ms(4_000);
    world.lose_every = None;
    world.run_ms(500);
    let bodies = world.clients[watcher].bodies(0);
    assert!(bodies.len() > 350);
    clean(&bodies);
}

#[test]
fn what_is_lost_on_the_way_in_is_repaired_before_it_goes_out() {
    let mut world = World::new();
    world.publish("a", 1, &[180, 360], Some("pa"));
    world.publish("b", 2, &[180, 360], Some("pb"));
    let watcher = world.watch(Page::Watch, None, 4, 1);
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(600);
    for (n, every) in [17, 23, 31, 41, 53, 61].into_iter().enumerate() {
        world.lose_up_every = Some(every);
        let next = if n % 2 == 0 { "b.1" } else { "a.1" };
        world.apply(|t| t.programme = full(next));
        world.run_ms(1_500);
        world.lose_up_every = None;
        world.run_ms(500);
        assert_eq!(world.shown().last(), Some(&full(next)));
    }
    // What was lost of the old source and had not come again when the new one cut in is missing; nothing else is.
    let bodies = world.clients[watcher].bodies(0);
    assert!(bodies.len() > 1_000);
    whole(&bodies);
}

#[test]
fn a_crowd_that_joins_costs_few_key_frames() {
    let mut world = World::new();
    let a = world.publish("a", 1, &[360], Some("pa"));
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(4_000);
    let before = world.clients[a].key_requests.len();
    let watchers: Vec<usize> = (0..20).map(|_| world.watch(Page::Watch, None, 4, 1)).collect();
    world.run_ms(1_500);
    for watcher in watchers {
        assert!(!world.clients[watcher].bodies(0).is_empty());
    }
    assert!(world.clients[a].key_requests.len() - before <= 4);
}
