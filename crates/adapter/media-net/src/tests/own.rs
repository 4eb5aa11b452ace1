//! What only those feel for whom we seal: repairs, requests and addresses.

use media::slots::Page;
use service::port::hop::VideoCodec;
use str0m::media::MediaKind;

use super::world::{World, full, source, venue};
use crate::transport::Seals;

/// A publisher of some layers who is on air and heard, and who watches it.
fn watched(heights: &[u16]) -> (World, usize, usize) {
    let mut world = World::new();
    let publisher = world.publish("a", 2, heights, None);
    world.apply(|t| {
        t.programme = full("a.1");
        t.gates.insert(venue("a"));
    });
    world.run_ms(500);
    let watcher = world.watch(Page::Watch, None, 4, 1);
    world.run_ms(2_000);
    (world, publisher, watcher)
}

fn ago(world: &World, ms: u64) -> base::Mono {
    base::Mono(world.now.0 - ms * 1_000)
}

/// Layers that a watcher was shown since then.
fn layers(world: &World, watcher: usize, since: base::Mono) -> Vec<u8> {
    let got = world.clients[watcher].slot(MediaKind::Video, 0);
    let bodies = got.iter().filter(|got| got.at >= since);
    let mut layers: Vec<u8> = bodies
        .filter_map(|got| super::world::Body::read(VideoCodec::Vp8, &got.payload))
        .map(|body| body.layer)
        .collect();
    layers.sort_unstable();
    layers.dedup();
    layers
}

#[test]
fn who_asks_for_key_frames_again_and_again_gets_a_lower_layer_and_costs_the_others_nothing() {
    let (mut world, publisher, other) = watched(&[180, 360, 720]);
    let bad = world.watch(Page::Watch, None, 4, 1);
    world.run_ms(2_000);
    let (since, asked) = (world.now, world.clients[publisher].key_requests.len());
    assert_eq!(layers(&world, bad, ago(&world, 500)), [2]);
    for _ in 0..60 {
        world.asks_for_key_frame(bad);
        world.run_ms(100);
    }
    let asked = world.clients[publisher].key_requests.len() - asked;
    assert!((2..=12).contains(&asked), "{asked} key frames asked for in 6 s");
    let last = ago(&world, 500);
    assert_eq!(layers(&world, bad, last), [0], "what is too much is lowered");
    assert_eq!(layers(&world, other, since), [2]);
    assert_eq!(world.closed(world.clients[bad].session), None);
}

#[test]
fn all_lines_of_a_session_have_one_name_and_reports_tell_how_their_clocks_stand() {
    let (world, _, watcher) = watched(&[360]);
    let client = &world.clients[watcher];
    let names = client.answer.lines().filter_map(|line| line.split_once(" cname:")).map(|(_, name)| name);
    let names: std::collections::BTreeSet<&str> = names.collect();
    assert_eq!(names.len(), 1, "{names:?}");
    let of = |kind, line: usize| {
        let mid = client.mids.iter().filter(|(of, _)| *of == kind).nth(line).unwrap().1;
        client.reports.iter().filter(|(of, ..)| *of == mid).count()
    };
    // One at once, and one each second.
    assert!((2..=4).contains(&of(MediaKind::Audio, 0)), "{:?}", client.reports);
    assert!((2..=4).contains(&of(MediaKind::Video, 0)), "{:?}", client.reports);
    assert_eq!(of(MediaKind::Audio, 3), 0, "a line that is silent is not reported");
}

#[test]
fn what_is_sent_is_sealed_without_allocating_anything() {
    let (mut world, _, _) = watched(&[180, 360]);
    for _ in 0..5 {
        world.watch(Page::Watch, None, 4, 1);
    }
    world.run_ms(3_000);
    let (before, sent) = (world.allocations, world.sent);
    world.run_ms(5_000);
    assert!(world.sent - sent > 3_000);
    assert_eq!(world.allocations - before, 0, "in {} datagrams", world.sent - sent);
    // The other way does, which shows that it is counted.
    world.seals(Seals::Str);
    world.watch(Page::Watch, None, 4, 1);
    world.run_ms(2_000);
    assert!(world.allocations - before > 200, "{}", world.allocations - before);
}

#[test]
fn a_line_behind_one_that_took_the_whole_turn_has_its_own_in_the_next() {
    let mut world = World::new();
    let (a, b) = (world.publish("a", 1, &[360], None), world.publish("b", 2, &[360], None));
    world.apply(|t| {
        t.programme = full("a.1");
        t.preview = Some(source("b.1"));
    });
    let desk = world.watch(Page::Desk, None, 1, 3);
    world.run_ms(2_000);
    world.sends(a, false, false);
    world.sends(b, false, false);
    world.run_ms(500);
    let before = world.clients[desk].got.len();
    // Both at once, and nothing behind it.
    let delta = [0x90, 0x80, 0x80, 0, 0x11, 0, 0, 1];
    world.writes(a, 1..=16, &delta);
    world.writes(b, 1..=3, &delta);
    world.run_ms(100);
    let pictures: Vec<_> =
        world.clients[desk].mids.iter().filter(|(kind, _)| *kind == MediaKind::Video).collect();
    let got = &world.clients[desk].got[before..];
    let of = |line: usize| got.iter().filter(|got| got.mid == pictures[line].1).count();
    assert_eq!((of(0), of(2)), (16, 3));
}

#[test]
fn a_watcher_whose_address_changes_is_followed_and_nobody_else_is_served_at_either() {
    let (mut world, _, watcher) = watched(&[360]);
    let before = world.clients[watcher].public;
    let after = "10.0.3.1:77".parse().unwrap();
    world.clients[watcher].public = after;
    world.run_ms(6_000);
    let since = ago(&world, 500);
    for kind in [MediaKind::Video, MediaKind::Audio] {
        let got = world.clients[watcher].slot(kind, 0);
        assert!(got.iter().any(|got| got.at >= since), "{kind} is not there yet");
    }
    assert_eq!(world.closed(world.clients[watcher].session), None);
    // Datagrams of before, sent again from elsewhere, move nothing.
    let stun = world.clients[watcher].stun.clone();
    world.inject(before, &stun);
    world.run_ms(500);
    let since = ago(&world, 200);
    assert!(world.clients[watcher].slot(MediaKind::Video, 0).iter().any(|got| got.at >= since));
}
