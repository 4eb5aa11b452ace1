//! Two who watch the same, one sealed for by str0m and one by ourselves, are sent the same: the slow way is the oracle of the fast one.

use media::slots::Page;
use service::port::hop::VideoCodec;
use str0m::media::MediaKind;

use super::world::{Client, Weather, World, full, of, source, venue};
use crate::transport::Seals;
use ::meeting::Scene;

const VENUES: [&str; 3] = ["main", "a", "b"];
/// The last numbers of a line, which are not compared: half a second of sound or more.
const LAST: u64 = 30;
/// Who watches: page, venue, and lines of sound and of picture.
const WATCHERS: [(Page, Option<&str>, usize, usize); 4] = [
    (Page::Watch, None, 4, 1),
    (Page::Plain, None, 1, 1),
    (Page::Hall, Some("a"), 4, 3),
    (Page::Desk, None, 4, 3),
];

/// A packet as it was decrypted, with numbers counted from the first of its line.
type Seen = (u64, u32, u8, bool, Vec<u8>);

/// What a client was sent on each of its lines, in the order of its numbers, each once.
fn seen(client: &Client) -> Vec<Vec<Seen>> {
    let mut lines = Vec::new();
    for (nth, (kind, _)) in client.mids.iter().enumerate() {
        let before = client.mids[..nth].iter().filter(|(of, _)| of == kind).count();
        let mut got = client.slot(*kind, before);
        let Some(first) = got.first().map(|first| (first.seq, first.ts, first.ssrc)) else {
            lines.push(Vec::new());
            continue;
        };
        assert!(got.iter().all(|got| got.ssrc == first.2), "a line has one stream");
        got.sort_by_key(|got| got.seq);
        let of = |got: &super::world::Got| {
            (got.seq - first.0, got.ts.wrapping_sub(first.1), got.pt, got.marker, got.payload.clone())
        };
        lines.push(got.into_iter().map(of).collect());
    }
    lines
}

/// Each watcher twice, sealed for by either, and what they are sent from where all of them are in.
fn pairs(world: &mut World) -> Vec<(usize, usize)> {
    let join = |world: &mut World, seals| {
        world.seals(seals);
        WATCHERS.map(|(page, at, audio, video)| world.watch(page, at.and_then(of), audio, video)).to_vec()
    };
    let slow = join(world, Seals::Str);
    let pairs = slow.into_iter().zip(join(world, Seals::Own)).collect();
    // Handshakes have their turns, so that one is in some milliseconds before another.
    world.run_ms(1_500);
    for client in &mut world.clients {
        assert!(client.connected);
        client.got.clear();
    }
    pairs
}

/// Both of each pair were sent the same, but for the last of it: one may be a millisecond behind, and what was lost not repaired yet.
fn agree(world: &World, pairs: &[(usize, usize)], seed: u64) -> usize {
    let mut packets = 0;
    for ((slow, fast), (page, ..)) in pairs.iter().zip(WATCHERS) {
        let [mut slow, mut fast] = [slow, fast].map(|n| seen(&world.clients[*n]));
        for (nth, (slow, fast)) in slow.iter_mut().zip(&mut fast).enumerate() {
            let ends = [&*slow, &*fast].map(|line| line.last().map_or(0, |(number, ..)| *number));
            assert!(ends[0].abs_diff(ends[1]) < 10, "seed {seed}: line {nth} of {page:?} ends with {ends:?}");
            let end = ends[0].min(ends[1]).saturating_sub(LAST);
            slow.retain(|(number, ..)| *number < end);
            fast.retain(|(number, ..)| *number < end);
            let differs = slow.iter().zip(&*fast).position(|(a, b)| a != b);
            let at = differs.unwrap_or(slow.len().min(fast.len()));
            assert!(
                slow == fast,
                "seed {seed}: line {nth} of {page:?} differs at {at}: {:?} and {:?}, of {} and {}",
                slow.get(at),
                fast.get(at),
                slow.len(),
                fast.len()
            );
            packets += fast.len();
        }
    }
    packets
}

/// Scenes, previews and gates change at random. What comes in is lost, late and out of order, or its layers come and go: not both, since
/// either way tells some milliseconds sooner or later that a layer is too much for a line.
fn bad_weather(seed: u64, codec: VideoCodec) -> usize {
    let mut weather = Weather {
        seed: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        loss_permille: 0,
        delay_ms: 0,
        jitter_ms: 0,
    };
    let mut draws = Weather { seed: weather.seed ^ 0x5555_5555, ..weather };
    let mut world = World::with(codec);
    world.clear_down = true;
    let storm = seed.is_multiple_of(2);
    let pairs = pairs(&mut world);
    let first = world.clients.len();
    for (n, name) in VENUES.into_iter().enumerate() {
        let heights: &[u16] = match (storm, n) {
            (true, _) => &[360],
            (false, 0) => &[180, 360, 720],
            (false, _) => &[180, 360],
        };
        world.publish(name, n as u8 + 1, heights, Some(name));
    }
    world.run_ms(600);
    weather.loss_permille = weather.below(60);
    weather.delay_ms = weather.below(80);
    weather.jitter_ms = weather.below(60);
    world.weather = storm.then_some(weather);
    for _ in 0..16 {
        let n = draws.below(3) as usize;
        let name = VENUES[n];
        match draws.below(7) {
            0 | 1 => world.apply(|t| t.programme = full(&format!("{name}.1"))),
            2 => world.apply(|t| t.preview = Some(source(&format!("{name}.1")))),
            3 => world.apply(|t| t.programme = Scene::Slate),
            4 => world.apply(|t| {
                t.gates.insert(venue(name));
                t.warm.insert(venue("a"));
            }),
            5 => world.apply(|t| {
                t.gates.remove(&venue(name));
            }),
            _ if storm => {}
            _ => world.stops(first + n, draws.below(2) as usize, draws.below(2) == 0),
        }
        world.run_ms(50 + draws.below(400));
    }
    for client in &world.clients {
        assert!(client.connected && world.closed(client.session).is_none(), "seed {seed}");
    }
    agree(&world, &pairs, seed)
}

#[test]
fn either_sends_the_same_whatever_comes_in() {
    let packets: usize = (0..24).map(|seed| bad_weather(seed, VideoCodec::Vp8)).sum();
    let more: usize = (24..32).map(|seed| bad_weather(seed, VideoCodec::H264)).sum();
    println!("{packets} packets of VP8 and {more} of H.264 alike");
    assert!(packets > 24 * 1_000 && more > 8 * 500, "{packets} {more}");
}

#[test]
fn either_goes_on_alike_where_numbers_wrap_around() {
    let mut world = World::new();
    world.publish("a", 2, &[360], None);
    world.apply(|t| t.programme = full("a.1"));
    world.run_ms(500);
    let pairs = pairs(&mut world);
    // Numbers go on by as many as a ring bears, until they have wrapped around.
    let mut ahead = 0;
    for _ in 0..160 {
        ahead += 480;
        world.writes(0, std::iter::once(ahead), &[0x90, 0x80, 0x80, 0, 0x11, 0, 0, 1]);
        world.run_ms(2);
    }
    assert!(agree(&world, &pairs, 0) > 500);
    let last =
        |client: usize| world.clients[client].slot(MediaKind::Video, 0).iter().map(|got| got.seq).max();
    assert!(pairs.iter().all(|(_, fast)| last(*fast) > Some(1 << 16)), "{:?}", last(pairs[0].1));
}

#[test]
fn either_repairs_what_is_lost_on_its_way() {
    let mut world = World::new();
    world.publish("a", 2, &[360], None);
    world.apply(|t| {
        t.programme = full("a.1");
        t.gates.insert(venue("a"));
    });
    world.run_ms(500);
    let pairs = pairs(&mut world);
    world.lose_numbers = Some(17);
    world.run_ms(4_500);
    for (slow, fast) in &pairs {
        for client in [*slow, *fast] {
            let numbers: Vec<u64> = world.clients[client].bodies(0).into_iter().map(|(seq, _)| seq).collect();
            let numbers = &numbers[..numbers.len() - LAST as usize];
            assert!(numbers.len() > 300);
            assert!(
                numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]),
                "a picture that was lost is repaired"
            );
            let heard = world.clients[client].slot(MediaKind::Audio, 0);
            let gaps = heard.windows(2).filter(|pair| pair[0].seq + 1 != pair[1].seq).count();
            assert!(gaps > 5, "sound is never sent again: {gaps}");
            assert_eq!(world.sent_to(client).1, 0, "a number was given twice");
        }
    }
    agree(&world, &pairs, 0);
}
