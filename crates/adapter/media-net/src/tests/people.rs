//! Sessions that come, go, fail and attack.

use std::time::Duration;

use base::limits::PAYLOAD_BYTES_MAX;
use base::{Places, Role, TokenId};
use media::slots::Page;
use media::vp8::CANONICAL_BYTES;
use service::port::hop::{CloseReason, Fact, HopError, Measure, Sdp, SessionSpec, VideoCodec};

use super::picture::clean;
use super::world::{Got, World, full, source, venue, watching};
use str0m::media::MediaKind;

#[test]
fn the_newest_publisher_of_a_source_wins() {
    let mut world = World::new();
    let first = world.publish("a", 1, &[360], Some("one"));
    let watcher = world.watch(Page::Plain, None, 1, 1);
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(1_000);
    let second = world.publish("a", 2, &[360], Some("two"));
    world.run_ms(1_000);
    assert_eq!(world.closed(world.clients[first].session), Some(CloseReason::Replaced));
    assert_eq!(world.closed(world.clients[second].session), None);
    let bodies = world.clients[watcher].bodies(0);
    clean(&bodies);
    assert_eq!(bodies.last().unwrap().1.unwrap().who, 2);
}

#[test]
fn a_session_ends_when_its_token_is_over_or_revoked_and_no_other_does() {
    let mut world = World::new();
    let spec = |token: &str, seconds| SessionSpec {
        token: TokenId::new(token).unwrap(),
        good_for: Duration::from_secs(seconds),
        ..World::spec(watching(Page::Plain, None), None)
    };
    let [short, revoked, other] = [("short", 3), ("revoked", 60), ("other", 60)]
        .map(|(token, s)| world.watch_as(spec(token, s), 1, 1).unwrap());
    let ended = |world: &World, who: usize| world.closed(world.clients[who].session);
    world.run_ms(2_900);
    assert_eq!([short, revoked, other].map(|who| ended(&world, who)), [None; 3]);
    world.run_ms(200);
    assert_eq!(ended(&world, short), Some(CloseReason::LinkEnded));
    let now = world.now;
    world.plane.close_token(now, &TokenId::new("revoked").unwrap());
    world.run_ms(100);
    assert_eq!(ended(&world, revoked), Some(CloseReason::LinkEnded));
    world.run_ms(2_000);
    assert_eq!(ended(&world, other), None);
}

/// Losses per mille of the source `a.1` as they were told.
fn losses(world: &World) -> Vec<u16> {
    let told = world.measures().filter_map(|measure| match measure {
        Measure::Quality { source: of, loss_permille, .. } if *of == source("a.1") => Some(*loss_permille),
        _ => None,
    });
    told.collect()
}

#[test]
fn who_takes_a_source_over_has_no_loss_for_numbering_its_packets_from_elsewhere() {
    let mut world = World::new();
    for (who, ms) in [(1, 1_000), (2, 1_300), (3, 1_600), (4, 1_900)] {
        world.publish("a", who, &[360], Some("page"));
        world.run_ms(ms);
    }
    let losses = losses(&world);
    assert!(losses.len() >= 5, "{losses:?}");
    assert!(losses.iter().all(|permille| *permille == 0), "{losses:?}");
}

#[test]
fn layers_that_change_places_have_no_loss_for_it() {
    let mut world = World::new();
    world.publish("a", 1, &[720, 360, 180], Some("pa"));
    world.run_ms(3_000);
    let losses = losses(&world);
    assert!(losses.len() >= 2 && losses.iter().all(|permille| *permille == 0), "{losses:?}");
}

#[test]
fn the_same_client_again_is_a_reconnect() {
    let mut world = World::new();
    let first = world.publish("a", 1, &[360], Some("one"));
    world.run_ms(500);
    world.publish("a", 2, &[360], Some("one"));
    world.run_ms(500);
    assert_eq!(world.closed(world.clients[first].session), Some(CloseReason::Left));
}

#[test]
fn a_source_is_live_while_packets_arrive() {
    let mut world = World::new();
    let a = world.publish("a", 1, &[360], Some("pa"));
    world.run_ms(1_000);
    let live = |world: &World| {
        world.facts().rev().find_map(|(at, e)| match e {
            Fact::Source { source: s, state, .. } if *s == source("a.1") => Some((at, state.clone())),
            _ => None,
        })
    };
    assert!(live(&world).unwrap().1.decodable);
    world.sends(a, false, false);
    let stopped = world.now;
    world.run_ms(2_000);
    let (at, state) = live(&world).unwrap();
    assert!(!state.live && !state.decodable && state.layers.is_empty());
    assert!((1_400..1_700).contains(&at.since(stopped).as_millis()), "{:?}", at.since(stopped));
}

#[test]
fn a_panic_in_one_session_costs_that_session_alone() {
    let mut world = World::new();
    world.publish("a", 1, &[360], Some("pa"));
    let victim = world.watch(Page::Watch, None, 4, 1);
    let other = world.watch(Page::Watch, None, 4, 1);
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(1_000);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    world.plane.plant_fault(world.clients[victim].session);
    world.run_ms(6_000);
    std::panic::set_hook(hook);
    assert_eq!(world.closed(world.clients[victim].session), Some(CloseReason::Failed));
    assert_eq!(world.closed(world.clients[other].session), None);
    let last = world.clients[other].got.last().unwrap().at;
    assert!(world.now.since(last).as_millis() < 100);
}

#[test]
fn silence_keeps_time_when_the_thread_was_late() {
    let mut world = World::new();
    let watcher = world.watch(Page::Plain, None, 1, 1);
    world.run_ms(500);
    for stall in [70, 130, 1_000, 45] {
        world.stall_ms(stall);
        world.run_ms(100);
    }
    // How late each packet is, by its RTP timestamp in ticks of 48 kHz; they are the delays that a player measures.
    let silence = world.clients[watcher].slot(MediaKind::Audio, 0);
    let first = silence[0].ts;
    let late = |g: &Got| g.at.0 as i64 / 1_000 - i64::from(g.ts.wrapping_sub(first)) / 48;
    let least = silence.iter().map(|g| late(g)).min().unwrap();
    assert!(silence.iter().all(|g| late(g) - least <= 200), "later than it is worth sending");
    assert!(late(silence.last().unwrap()) - least < 25, "still behind after the thread is back");
    let seqs: Vec<u64> = silence.iter().map(|g| g.seq).collect();
    assert!(seqs.windows(2).all(|w| w[1] == w[0] + 1), "{seqs:?}");
}

#[test]
fn a_silent_session_and_a_half_open_one_time_out() {
    let mut world = World::new();
    let gone = world.watch(Page::Watch, None, 4, 1);
    world.run_ms(500);
    world.clients[gone].cut = true;
    let never = world.watch(Page::Watch, None, 4, 1);
    world.clients[never].cut = true;
    world.run_ms(11_000);
    assert_eq!(world.closed(world.clients[never].session), Some(CloseReason::TimedOut));
    world.run_ms(12_000);
    assert_eq!(world.closed(world.clients[gone].session), Some(CloseReason::TimedOut));
}

#[test]
fn r18_sessions_that_watchers_leave_half_open_keep_out_watchers_alone() {
    let check = |set: fn(&mut World)| {
        let mut world = World::new();
        set(&mut world);
        let mut open = |role: Role, page: Page, venue: Option<&str>| {
            let spec = SessionSpec { role, ..World::spec(watching(page, venue.map(self::venue)), None) };
            world.watch_as(spec, 1, 1)
        };
        for _ in 0..12 {
            open(Role::Watcher, Page::Watch, None).unwrap();
        }
        let refused = open(Role::Watcher, Page::Watch, None).unwrap_err();
        assert_eq!(refused.to_string(), "this node has as many media sessions of the role watcher as it may");
        for _ in 0..2 {
            open(Role::Venue, Page::Hall, Some("a")).unwrap();
        }
        open(Role::Venue, Page::Hall, Some("a")).unwrap_err();
        for _ in 0..2 {
            open(Role::Chair, Page::Desk, None).unwrap();
        }
        open(Role::Chair, Page::Desk, None).unwrap_err();
        world.clients.iter_mut().for_each(|client| client.cut = true);
        world.run_ms(11_000);
        world.watch(Page::Watch, None, 1, 1);
    };
    check(|world| world.plane.sessions.half_open = Places::new(16));
    check(|world| world.plane.sessions.places = Places::new(16));
}

#[test]
fn datagrams_of_strangers_change_nothing() {
    let mut world = World::new();
    world.publish("a", 1, &[360], Some("pa"));
    let watcher = world.watch(Page::Watch, None, 4, 1);
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(500);
    let mut seed = 7_u64;
    for n in 0..5_000_usize {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let bytes: Vec<u8> = (0..n % 90).map(|k| (seed >> (k % 56)) as u8).collect();
        let local = "10.0.0.1:5000".parse().unwrap();
        // Strangers, and forged addresses of those who are in.
        let remote = format!("10.0.1.1:{}", 1_000 + n % 4).parse().unwrap();
        world.plane.on_datagram(world.now, crate::transport::Path { local, remote }, &bytes);
    }
    world.run_ms(1_000);
    assert!(world.clients.iter().all(|c| world.closed(c.session).is_none()));
    let last = world.clients[watcher].got.last().unwrap().at;
    assert!(world.now.since(last).as_millis() < 100);
}

#[test]
fn packets_too_large_to_be_forwarded_cost_no_watcher_and_are_counted_by_source() {
    for codec in [VideoCodec::Vp8, VideoCodec::H264] {
        let mut world = World::with(codec);
        let large = world.publish("a", 1, &[360], Some("pa"));
        let watchers: Vec<usize> = (0..5).map(|_| world.watch(Page::Watch, None, 4, 1)).collect();
        world.apply(|t| {
            t.programme = full("a.1");
            t.gates.insert(venue("a"));
        });
        world.run_ms(1_000);
        // From about 1,970 bytes on, str0m panics where it sends a packet.
        for padding in [1_400, 1_700, 1_900] {
            world.pads(large, padding);
            world.run_ms(300);
        }
        let from = world.now;
        world.run_ms(1_000);
        let told = world.facts().rev().find_map(|(_, event)| match event {
            Fact::TooLarge { source: s, packets, .. } if *s == source("a.1") => Some(*packets),
            _ => None,
        });
        assert!(told.unwrap() > 100, "{told:?}");
        for watcher in watchers {
            assert_eq!(world.closed(world.clients[watcher].session), None);
            assert_eq!(world.clients[watcher].voices(0, from), Vec::<u8>::new());
        }
        assert_eq!(world.closed(world.clients[large].session), None);
    }
}

#[test]
fn the_largest_packets_that_are_forwarded_reach_every_watcher() {
    let mut world = World::new();
    let large = world.publish("a", 1, &[360], Some("pa"));
    let watcher = world.watch(Page::Watch, None, 4, 1);
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(1_000);
    // A descriptor of four bytes, and a body of ten and eight.
    let room = PAYLOAD_BYTES_MAX - 18;
    world.pads(large, room);
    world.run_ms(500);
    let got = |world: &World| {
        world.clients[watcher].slot(MediaKind::Video, 0).iter().map(|g| g.payload.len()).max()
    };
    assert_eq!(got(&world), Some(PAYLOAD_BYTES_MAX + CANONICAL_BYTES));
    world.pads(large, room + 1);
    world.run_ms(500);
    assert_eq!(got(&world), Some(PAYLOAD_BYTES_MAX + CANONICAL_BYTES));
}

#[test]
fn malformed_offers_are_refused_and_harm_nobody() {
    let mut world = World::new();
    let client = world.watch(Page::Watch, None, 4, 3);
    let good = world.clients[client].answer.clone();
    let spec = || World::spec(watching(Page::Watch, None), None);
    let mut seed = 3_usize;
    for n in 0..400 {
        let mut text = good.clone().into_bytes();
        for _ in 0..1 + n % 8 {
            seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345) % (1 << 31);
            let at = seed % text.len();
            match n % 3 {
                0 => text[at] = (seed >> 8) as u8 & 0x7f,
                1 => {
                    text.remove(at);
                }
                _ => text.truncate(at.max(40)),
            }
        }
        // What it says does not matter; that it comes back does.
        let _ = world.open(spec(), &Sdp(String::from_utf8_lossy(&text).into_owned()));
    }
    let big = Sdp("v=0\r\n".to_owned() + &"a=x\r\n".repeat(20_000));
    assert!(matches!(world.open(spec(), &big), Err(HopError::TooLarge { .. })));
    world.run_ms(500);
    assert!(world.clients[client].connected);
}

#[test]
fn an_offer_without_the_codec_of_the_meeting_is_refused_by_name() {
    let mut world = World::with(VideoCodec::H264);
    let mut spec = World::spec(watching(Page::Watch, None), None);
    spec.codec = VideoCodec::Vp8;
    let error = world.watch_as(spec, 1, 1).unwrap_err();
    assert!(error.to_string().contains("lacks VP8"), "{error}");
}

#[test]
fn slots_have_the_streams_that_the_contract_says() {
    let mut world = World::new();
    let client = world.watch(Page::Desk, None, 4, 3);
    let answer = &world.clients[client].answer;
    assert_eq!(answer.matches("a=sendonly").count(), 7);
    assert_eq!(answer.matches("a=msid:programme ").count(), 2);
    for stream in ["a1", "a2", "a3", "v1", "v2"] {
        assert_eq!(answer.matches(&format!("a=msid:{stream} ")).count(), 1, "{answer}");
    }
    assert!(answer.contains("a=ice-lite"));
    assert!(answer.contains("a=setup:passive"));
}

#[test]
fn an_ended_session_says_goodbye() {
    let mut world = World::new();
    let client = world.watch(Page::Watch, None, 4, 1);
    world.run_ms(500);
    let session = world.clients[client].session;
    world.plane.close(world.now, session, CloseReason::Ended);
    world.run_ms(100);
    assert_eq!(world.closed(session), Some(CloseReason::Ended));
    assert!(!world.clients[client].rtc.is_alive());
}
