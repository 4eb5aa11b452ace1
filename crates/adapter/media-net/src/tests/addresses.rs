//! Addresses that are forged, floods of what is cheap to send, and handshakes that somebody disturbs.

use std::net::SocketAddr;
use std::time::Duration;

use base::Mono;
use media::slots::Page;
use service::port::hop::{CloseReason, VideoCodec};

use super::world::{Body, Weather, World, full, venue};
use crate::conductor::addresses::{ADDRESSES_EVER_MAX, ADDRESSES_MAX, STUN_BURST_MAX, STUN_PER_SECOND_MAX};

/// What the watcher saw and heard since then, by publisher, without repeats.
fn seen_and_heard(world: &World, watcher: usize, since: Mono) -> (Vec<u8>, Vec<u8>) {
    let client = &world.clients[watcher];
    let recent = client.got.iter().filter(|got| got.at >= since);
    let mut seen: Vec<u8> =
        recent.filter_map(|got| Body::read(VideoCodec::Vp8, &got.payload)).map(|body| body.who).collect();
    seen.sort_unstable();
    seen.dedup();
    (seen, client.voices(0, since))
}

/// A venue on air, a watcher, and another watcher whose STUN comes under the venue's address too.
fn forged() -> (World, usize, usize, usize) {
    let mut world = World::new();
    let venue_on_air = world.publish("a", 1, &[360], Some("pa"));
    let watcher = world.watch(Page::Plain, None, 1, 1);
    world.apply(|t| {
        t.programme = full("a.1");
        t.gates.insert(venue("a"));
    });
    world.run_ms(1_000);
    let forger = world.watch(Page::Plain, None, 1, 1);
    world.run_ms(500);
    assert!(world.clients[forger].connected);
    world.forges = Some((forger, venue_on_air));
    (world, venue_on_air, watcher, forger)
}

#[test]
fn a_forged_address_takes_nothing_from_the_session_that_uses_it() {
    let (mut world, _, watcher, _) = forged();
    for _ in 0..100 {
        let since = world.now;
        world.run_ms(100);
        assert_eq!(seen_and_heard(&world, watcher, since), (vec![1], vec![1]));
    }
    assert_eq!(world.shown(), [full("a.1")]);
}

#[test]
fn an_address_is_put_back_when_its_owner_returns_and_forging_ends() {
    let (mut world, venue_on_air, watcher, forger) = forged();
    world.clients[venue_on_air].cut = true;
    world.run_ms(9_000);
    world.forges = None;
    world.plane.close(world.now, world.clients[forger].session, CloseReason::Left);
    world.clients[venue_on_air].cut = false;
    world.run_ms(3_000);
    let since = world.now;
    world.run_ms(100);
    assert_eq!(seen_and_heard(&world, watcher, since), (vec![1], vec![1]));
}

#[test]
fn what_does_not_decrypt_has_no_effect_on_the_session_whose_address_it_bears() {
    let mut world = World::new();
    let local = "10.0.0.1:5000".parse().unwrap();
    let gone = world.watch(Page::Plain, None, 1, 1);
    let here = world.watch(Page::Plain, None, 1, 1);
    world.run_ms(500);
    world.clients[gone].cut = true;
    let mut rtcp = vec![0x80, 201, 0, 7];
    rtcp.resize(60, 9);
    let mut rtp = vec![0x80, 96, 0, 1];
    rtp.resize(200, 9);
    let alert = vec![21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40];
    for _ in 0..250 {
        world.run_ms(100);
        for client in [gone, here] {
            let remote = world.clients[client].address;
            for bytes in [&rtcp, &rtp, &alert] {
                world.plane.on_datagram(world.now, crate::transport::Path { local, remote }, bytes);
            }
        }
    }
    assert_eq!(world.closed(world.clients[gone].session), Some(CloseReason::TimedOut));
    assert_eq!(world.closed(world.clients[here].session), None);
    let last = world.clients[here].got.last().unwrap().at;
    assert!(world.now.since(last).as_millis() < 100);
}

#[test]
fn a_handshake_that_floods_takes_no_place_of_another() {
    let mut world = World::new();
    world.weather = Some(Weather { seed: 1, loss_permille: 0, delay_ms: 20, jitter_ms: 0 });
    let flooder = world.watch(Page::Plain, None, 1, 1);
    // ICE has its address by now, and DTLS is under way.
    world.run_ms(70);
    let remote = world.clients[flooder].address;
    let local = "10.0.0.1:5000".parse().unwrap();
    let other = world.watch(Page::Plain, None, 1, 1);
    let mut junk = vec![22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 0, 40];
    junk.resize(53, 7);
    for _ in 0..1_000 {
        for _ in 0..100 {
            world.plane.on_datagram(world.now, crate::transport::Path { local, remote }, &junk);
        }
        world.run_ms(1);
        if world.clients[other].connected {
            return;
        }
    }
    panic!("the other never connected");
}

/// A venue on air, its watcher, and another watcher that floods.
fn flooded() -> (World, usize, usize) {
    let mut world = World::new();
    world.publish("a", 1, &[360], Some("pa"));
    let watcher = world.watch(Page::Plain, None, 1, 1);
    world.apply(|t| {
        t.programme = full("a.1");
        t.gates.insert(venue("a"));
    });
    let flooder = world.watch(Page::Plain, None, 1, 1);
    world.run_ms(4_000);
    (world, watcher, flooder)
}

fn port(n: u32) -> SocketAddr {
    SocketAddr::new("10.0.2.1".parse().unwrap(), 1_000 + n as u16)
}

#[test]
fn stun_of_one_session_is_answered_fifty_times_a_second_and_costs_no_other_session_anything() {
    let (mut world, watcher, flooder) = flooded();
    let (remote, stun) = (world.clients[flooder].address, world.clients[flooder].stun.clone());
    let since = world.now;
    let mut answers = 0;
    for _ in 0..2_000 {
        for _ in 0..10 {
            answers += world.inject(remote, &stun);
        }
        world.run_ms(1);
    }
    let most = (STUN_BURST_MAX + 2 * STUN_PER_SECOND_MAX) as usize;
    assert!((most - 10..=most + 1).contains(&answers), "{answers}");
    assert_eq!(seen_and_heard(&world, watcher, since), (vec![1], vec![1]));
    assert_eq!(world.closed(world.clients[flooder].session), None);
}

#[test]
fn a_session_has_eight_addresses_and_the_oldest_unused_one_goes_for_another() {
    let (mut world, _, flooder) = flooded();
    let own = world.clients[flooder].address;
    let stun = world.clients[flooder].stun.clone();
    let others = world.plane.sessions.addresses_of.len() - 1;
    let answered = |world: &mut World, ports: std::ops::Range<u32>| -> Vec<u32> {
        ports.filter(|n| world.inject(port(*n), &stun) > 0).collect()
    };
    assert_eq!(answered(&mut world, 0..20), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(world.plane.sessions.addresses_of.len(), others + ADDRESSES_MAX);
    // Two of them stay in use, as its own does.
    world.run_ms(2_000);
    assert_eq!(answered(&mut world, 0..2), [0, 1]);
    world.run_ms(2_000);
    assert_eq!(answered(&mut world, 20..40), [20, 21, 22, 23, 24]);
    assert_eq!(world.plane.sessions.addresses_of.len(), others + ADDRESSES_MAX);
    let since = world.now;
    world.run_ms(500);
    assert!(world.clients[flooder].got.last().unwrap().at >= since, "{own} is still served");
}

#[test]
fn a_session_has_so_many_addresses_in_its_life_and_no_more() {
    let (mut world, _, flooder) = flooded();
    let stun = world.clients[flooder].stun.clone();
    let mut answered = 0;
    for n in 0..2 * ADDRESSES_EVER_MAX {
        answered += u32::from(world.inject(port(n), &stun) > 0);
        world.run_ms(500);
    }
    assert_eq!(answered, ADDRESSES_EVER_MAX - 1);
    assert_eq!(world.closed(world.clients[flooder].session), None);
}

#[test]
fn an_address_that_another_session_has_by_now_outlives_the_one_that_had_it_first() {
    let (mut world, watcher, flooder) = flooded();
    // The flooder says STUN from where a venue will be, and is gone before that venue speaks.
    let next = SocketAddr::new("10.0.1.1".parse().unwrap(), 1_000 + world.clients.len() as u16);
    let stun = world.clients[flooder].stun.clone();
    assert!(world.inject(next, &stun) > 0);
    let venue_b = world.publish("b", 2, &[360], Some("pb"));
    assert_eq!(world.clients[venue_b].address, next);
    world.apply(|t| t.programme = full("b.1"));
    for _ in 0..20 {
        world.inject(next, &stun);
        world.run_ms(100);
    }
    world.plane.close(world.now, world.clients[flooder].session, CloseReason::Left);
    let since = world.now + Duration::from_millis(100);
    world.run_ms(1_000);
    assert_eq!(seen_and_heard(&world, watcher, since).0, [2]);
}

/// A joining client whose handshake is under way.
fn joining() -> (World, usize) {
    let mut world = World::new();
    world.weather = Some(Weather { seed: 1, loss_permille: 0, delay_ms: 20, jitter_ms: 0 });
    let client = world.watch(Page::Watch, None, 4, 1);
    world.run_ms(70);
    assert!(!world.clients[client].connected);
    (world, client)
}

/// handshake_failure in epoch 0.
const ALERT: [u8; 15] = [21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40];

#[test]
fn alerts_that_anybody_can_send_end_no_handshake() {
    let (mut world, client) = joining();
    let remote = world.clients[client].address;
    for _ in 0..500 {
        world.inject(remote, &ALERT);
        world.run_ms(1);
    }
    assert!(world.clients[client].connected);
    assert_eq!(world.closed(world.clients[client].session), None);
}

#[test]
fn a_handshake_that_never_ends_is_told_with_the_alert_that_came() {
    for alert in [None, Some(40)] {
        let (mut world, client) = joining();
        world.clients[client].cut = true;
        if alert.is_some() {
            world.inject(world.clients[client].address, &ALERT);
        }
        let session = world.clients[client].session;
        world.run_ms(9_500);
        assert_eq!(world.closed(session), None);
        world.run_ms(1_000);
        let why = alert.map_or(CloseReason::TimedOut, |alert| CloseReason::NoHandshake { alert });
        assert_eq!(world.closed(session), Some(why));
    }
}
