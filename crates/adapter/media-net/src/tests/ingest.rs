//! What a publisher's packets do to those who watch: order, layers that stop, and bytes that are hostile.

use base::limits::PAYLOAD_BYTES_MAX;
use base::random::Random;
use media::slots::Page;
use service::port::hop::VideoCodec;
use str0m::media::MediaKind;

use super::picture::clean;
use super::world::{World, full, venue};

#[test]
fn key_frames_with_falling_numbers_are_not_multiplied() {
    let mut world = World::new();
    let hostile = world.publish("a", 1, &[360], Some("pa"));
    let watcher = world.watch(Page::Plain, None, 1, 1);
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(1_000);
    world.sends(hostile, false, true);
    world.run_ms(50);
    let before = world.sent_to(watcher).0;
    let key = [0x90, 0x80, 0x80, 1, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01];
    world.writes(hostile, (1..=90).rev(), &key);
    world.run_ms(10);
    let (after, twice) = world.sent_to(watcher);
    assert!((80..=92).contains(&(after - before)), "{} packets", after - before);
    assert_eq!(twice, 0);
}

#[test]
fn a_key_frame_whose_first_packet_comes_late_is_begun_with_whole() {
    let mut world = World::new();
    world.publish("a", 1, &[360], Some("pa"));
    let b = world.publish("b", 2, &[360], Some("pb"));
    let watcher = world.watch(Page::Plain, None, 1, 1);
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(1_000);
    world.reorders(b, true);
    world.apply(|t| t.programme = full("b.1"));
    world.run_ms(1_000);
    assert_eq!(world.shown().last(), Some(&full("b.1")));
    let joins = world.watch(Page::Plain, None, 1, 1);
    world.run_ms(1_000);
    for client in [watcher, joins] {
        clean(&world.clients[client].bodies(0));
        assert_eq!(world.sent_to(client).1, 0);
    }
}

#[test]
fn the_first_key_frame_of_a_source_is_whole_or_not_begun_with() {
    let mut world = World::new();
    let a = world.publish("a", 1, &[360], Some("pa"));
    world.reorders(a, true);
    let watcher = world.watch(Page::Plain, None, 1, 1);
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(1_000);
    assert!(!world.shown().contains(&full("a.1")), "its first packet came last");
    world.reorders(a, false);
    world.run_ms(700);
    assert_eq!(world.shown().last(), Some(&full("a.1")));
    clean(&world.clients[watcher].bodies(0));
}

#[test]
fn a_top_layer_that_stops_is_missed_within_half_a_second_and_comes_back() {
    let mut world = World::new();
    let a = world.publish("a", 1, &[180, 360, 720], Some("pa"));
    let watcher = world.watch(Page::Watch, None, 4, 1);
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(3_000);
    let layer = |world: &World| world.clients[watcher].bodies(0).last().unwrap().1.unwrap().layer;
    assert_eq!(layer(&world), 2);
    world.stops(a, 2, true);
    let stopped = world.now;
    world.run_ms(1_000);
    let got = world.clients[watcher].slot(MediaKind::Video, 0);
    let pause = got.windows(2).filter(|pair| pair[1].at >= stopped).map(|p| p[1].at.since(p[0].at)).max();
    assert!(pause.unwrap().as_millis() <= 500, "{pause:?}");
    assert_eq!(layer(&world), 1);
    world.stops(a, 2, false);
    world.run_ms(1_000);
    assert_eq!(layer(&world), 2);
    clean(&world.clients[watcher].bodies(0));
}

#[test]
fn no_payload_of_a_publisher_ends_a_session_or_is_sent_more_than_once_to_each() {
    for codec in [VideoCodec::Vp8, VideoCodec::H264] {
        let mut world = World::with(codec);
        let hostile = world.publish("a", 1, &[360], Some("pa"));
        let watchers = [world.watch(Page::Plain, None, 1, 1), world.watch(Page::Watch, None, 4, 1)];
        world.apply(|t| {
            t.programme = full("a.1");
            t.gates.insert(venue("a"));
        });
        world.run_ms(1_000);
        world.sends(hostile, false, true);
        let mut rng = Random::new(11);
        let before = watchers.map(|watcher| world.sent_to(watcher).0);
        for n in 0..600 {
            let short = rng.below(2) == 0;
            let len = rng.below(if short { 24 } else { PAYLOAD_BYTES_MAX as u64 + 400 });
            let payload: Vec<u8> = (0..len).map(|_| rng.below(256) as u8).collect();
            world.writes(hostile, [n + 1].into_iter(), &payload);
            world.run_ms(2);
        }
        for (watcher, before) in watchers.into_iter().zip(before) {
            let (after, twice) = world.sent_to(watcher);
            // Sound 50 times a second, and the slate where it stands in.
            assert!(after - before < 600 + 60 + 100, "{} packets", after - before);
            assert_eq!(twice, 0);
            assert_eq!(world.closed(world.clients[watcher].session), None);
        }
        assert_eq!(world.closed(world.clients[hostile].session), None);
    }
}
