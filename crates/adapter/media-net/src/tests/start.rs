//! How a slot begins: with what, how fast, and at which timestamps.

use base::Mono;
use media::slots::Page;
use str0m::media::MediaKind;

use super::picture::clean;
use super::world::{Body, Got, World, full, of, source, venue};
use service::port::hop::VideoCodec;

fn pictures(world: &World, client: usize, slot: usize, from: Mono) -> Vec<Got> {
    let got = world.clients[client].slot(MediaKind::Video, slot);
    got.into_iter().filter(|got| got.at >= from).cloned().collect()
}

fn body(got: &Got) -> Body {
    Body::read(VideoCodec::Vp8, &got.payload).unwrap()
}

/// By how many milliseconds timestamps have run ahead of the clock since the first packet, at most.
fn ahead(got: &[Got]) -> i64 {
    let first = &got[0];
    let ahead = |got: &Got| {
        i64::from(got.ts.wrapping_sub(first.ts) as i32) / 90 - got.at.since(first.at).as_millis() as i64
    };
    got.iter().map(ahead).max().unwrap()
}

/// A source on air, whose last key frame is `ms` old.
fn on_air(ms: u64) -> (World, usize) {
    let mut world = World::new();
    let a = world.publish("a", 1, &[360], Some("pa"));
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(4_000);
    // It gives one, and no other.
    world.obeys(a, true);
    world.watch(Page::Plain, None, 1, 1);
    let asked = world.clients[a].key_requests.len();
    while world.clients[a].key_requests.len() == asked {
        world.run_ms(1);
    }
    world.run_ms(40);
    world.obeys(a, false);
    world.run_ms(ms);
    (world, a)
}

#[test]
fn who_joins_begins_in_the_past_sixteen_packets_a_tick_and_is_in_the_present_at_once() {
    let (mut world, a) = on_air(1_000);
    let player = world.watch(Page::Plain, None, 1, 1);
    world.run_ms(500);
    let now = world.frame_of(a);
    let got = pictures(&world, player, 0, Mono(0));
    clean(&world.clients[player].bodies(0));
    let begun = got[0].at;
    let at_once = got.iter().filter(|got| got.at.since(begun).as_millis() < 20).count();
    assert!(at_once > 80, "{at_once} packets of a second");
    for ms in 0..20 {
        let within = got.iter().filter(|got| got.at.since(begun).as_millis() == ms).count();
        assert!(within <= 16 + 3, "{within} packets in one tick");
    }
    assert_eq!(body(got.last().unwrap()).frame, now);
    for pair in got.windows(2) {
        assert!(pair[1].ts.wrapping_sub(pair[0].ts) < 90_000 / 10, "{pair:?}");
    }
    // All of the past stands within a few hundredths of a second before the present.
    assert!(ahead(&got) <= 60, "{} ms ahead", ahead(&got));
}

#[test]
fn timestamps_do_not_jump_for_who_joins_during_the_slate() {
    for ms in [50, 350, 650, 950] {
        let mut world = World::new();
        world.run_ms(2_000 + ms);
        let player = world.watch(Page::Plain, None, 1, 1);
        world.run_ms(4_000);
        let got = pictures(&world, player, 0, Mono(0));
        assert!(got.len() >= 4);
        assert!(ahead(&got) <= 20, "{} ms ahead", ahead(&got));
    }
}

#[test]
fn a_slot_that_shows_a_picture_goes_over_at_a_fresh_key_frame() {
    let mut world = World::new();
    world.publish("a", 1, &[360], Some("pa"));
    let b = world.publish("b", 2, &[360], Some("pb"));
    let desk = world.watch(Page::Desk, None, 4, 3);
    for n in 0..6 {
        let from = world.now;
        let began = world.frame_of(b);
        world.apply(|t| t.preview = Some(source(if n % 2 == 0 { "a.1" } else { "b.1" })));
        world.run_ms(800);
        let first = pictures(&world, desk, 2, from).iter().map(body).find(|body| body.who == 2 && body.key);
        if n % 2 == 1 {
            let first = first.unwrap().frame;
            assert!(first + 9 >= began, "it goes {} frames back", began - first);
        }
    }
    clean(&world.clients[desk].bodies(2));
}

#[test]
fn a_subscriber_that_was_lowered_for_loss_begins_with_few_packets_or_a_fresh_key_frame() {
    for thin in [false, true] {
        let (mut world, a) = on_air(1_000);
        let hall = world.watch(Page::Hall, of("b"), 4, 3);
        world.run_ms(300);
        if thin {
            let number = world.plane.sessions.keys[&world.clients[hall].session];
            world.plane.on_estimate(world.now, number, 200);
        }
        world.apply(|t| {
            t.return_default = full("a.1");
            t.warm.insert(venue("b"));
        });
        let from = world.now;
        let now = world.frame_of(a);
        world.run_ms(100);
        assert_eq!(pictures(&world, hall, 2, from).is_empty(), thin);
        world.obeys(a, true);
        world.run_ms(600);
        let got = pictures(&world, hall, 2, from);
        let began = body(&got[0]);
        assert!(began.key && (began.frame > now) == thin, "{began:?}, {now}");
        let at_once = got.iter().filter(|g| g.at.since(got[0].at).as_millis() < 20).count();
        assert_eq!(at_once <= 64, thin, "{at_once} packets");
        clean(&world.clients[hall].bodies(2));
    }
}
