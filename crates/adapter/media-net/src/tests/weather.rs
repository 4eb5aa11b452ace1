//! Meetings over a bad network: real sessions, and datagrams that are lost, late and out of order. What is drawn here comes from a
//! seed; DTLS and ICE draw numbers of their own, so a run is not repeated bit by bit.

use std::time::Duration;

use base::{Mono, Sequence};
use media::slots::Page;
use service::port::hop::CloseReason;
use str0m::media::MediaKind;

use super::world::{Weather, World, full, meeting, source, venue};
use ::meeting::Scene;

const RUNS: u64 = 300;
const VENUES: [&str; 3] = ["main", "a", "b"];
/// Place of the venue that is on air in the end.
const A: usize = 1;

/// When the gate of each venue was open, by what the plane was told.
#[derive(Default)]
struct Gates(Vec<(u8, Mono, Option<Mono>)>);

impl Gates {
    fn set(&mut self, who: u8, open: bool, now: Mono) {
        let last = self.0.iter_mut().rev().find(|(w, _, until)| *w == who && until.is_none());
        match (last, open) {
            (None, true) => self.0.push((who, now, None)),
            (Some((_, _, until)), false) => *until = Some(now),
            (None, false) | (Some(_), true) => {}
        }
    }

    fn open_at(&self, who: u8, at: Mono, late: Duration) -> bool {
        self.0.iter().any(|(w, from, until)| *w == who && *from <= at && until.is_none_or(|u| at <= u + late))
    }
}

/// A run: who is on air and who is heard changes at random while the weather is bad; then it clears.
fn run(seed: u64) -> (World, Vec<usize>, Gates, Duration) {
    let mut weather = Weather {
        seed: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        loss_permille: 0,
        delay_ms: 0,
        jitter_ms: 0,
    };
    weather.loss_permille = weather.below(101);
    weather.delay_ms = weather.below(80);
    weather.jitter_ms = weather.below(60);
    let mut draws = Weather { seed: weather.seed ^ 0x5555_5555, ..weather };
    let late = Duration::from_millis(weather.delay_ms + weather.jitter_ms + 5);
    let mut world = World::new();
    world.weather = Some(weather);
    for (n, name) in VENUES.into_iter().enumerate() {
        let heights: &[u16] = if n == 0 { &[180, 360] } else { &[360] };
        world.publish(name, n as u8 + 1, heights, Some(name));
    }
    let watchers = vec![world.watch(Page::Watch, None, 4, 1), world.watch(Page::Plain, None, 1, 1)];
    let mut gates = Gates::default();
    world.run_ms(1_500);
    for _ in 0..14 {
        let n = draws.below(3) as usize;
        let (who, name) = (n as u8 + 1, VENUES[n]);
        match draws.below(5) {
            0 => world.apply(|t| t.programme = full(&format!("{name}.1"))),
            1 => world.apply(|t| t.preview = Some(source(&format!("{name}.1")))),
            2 => world.apply(|t| t.programme = Scene::Slate),
            3 => {
                gates.set(who, true, world.now);
                world.apply(|t| {
                    t.gates.insert(venue(name));
                });
            }
            _ => {
                gates.set(who, false, world.now);
                let until = Sequence(world.sequence + 1);
                world.plane.close_gates(world.now, &meeting(), base::Epoch(1), until, &[venue(name)]);
                world.apply(|t| {
                    t.gates.remove(&venue(name));
                });
            }
        }
        world.run_ms(50 + draws.below(400));
    }
    world.apply(|t| t.programme = full("a.1"));
    world.weather = None;
    // A handshake waits for its next repeat, at most for as long as the plane waits for it.
    for _ in 0..100 {
        if world.clients.iter().all(|client| client.connected) {
            break;
        }
        world.run_ms(100);
    }
    world.run_ms(2_500);
    (world, watchers, gates, late)
}

/// What was counted in some runs.
#[derive(Default)]
struct Counts {
    heard: usize,
    seen: usize,
    late_joins: u64,
}

fn check(seed: u64, counts: &mut Counts) {
    let (world, watchers, gates, late) = run(seed);
    for client in &world.clients {
        match world.closed(client.session) {
            None => assert!(client.connected, "seed {seed}: neither in nor out"),
            // Its handshake had bad luck to the end; it would be opened again.
            Some(CloseReason::TimedOut) if !client.connected => counts.late_joins += 1,
            why => panic!("seed {seed}: a session ended: {why:?}"),
        }
    }
    if world.closed(world.clients[A].session).is_some() {
        return;
    }
    assert_eq!(world.shown().last(), Some(&full("a.1")), "seed {seed}");
    for client in watchers.into_iter().map(|n| &world.clients[n]) {
        if !client.connected {
            continue;
        }
        for slot in 0..client.mids.iter().filter(|(kind, _)| *kind == MediaKind::Audio).count() {
            for got in client.slot(MediaKind::Audio, slot).iter().filter(|got| got.payload.len() == 8) {
                counts.heard += 1;
                let who = got.payload[1];
                assert!(gates.open_at(who, got.at, late), "seed {seed}: {who} is heard at {:?}", got.at);
            }
        }
        // What follows on another source begins with a key frame; behind a gap nobody can tell.
        let bodies = client.bodies(0);
        for pair in bodies.windows(2).filter(|pair| pair[0].0 + 1 == pair[1].0) {
            if let (Some(before), Some(body)) = (pair[0].1, pair[1].1)
                && (before.who, before.layer) != (body.who, body.layer)
            {
                assert!(body.key && body.part == 0, "seed {seed}: {before:?} then {body:?}");
            }
        }
        // The weather is good again: the last 60 packets of the programme, whole.
        let end: Vec<_> = bodies.iter().rev().take(60).collect();
        assert_eq!(end.len(), 60, "seed {seed}: hardly anything was seen");
        assert!(end.iter().all(|(_, body)| body.is_some_and(|body| body.who == A as u8 + 1)), "seed {seed}");
        assert!(end.windows(2).all(|pair| pair[0].0 == pair[1].0 + 1), "seed {seed}: a gap in good weather");
        counts.seen += bodies.len();
    }
}

#[test]
fn meetings_over_a_bad_network_keep_the_floor_and_come_back_to_the_programme() {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let all: Vec<Counts> = std::thread::scope(|scope| {
        let share = |first: u64| {
            let mut counts = Counts::default();
            (first..RUNS).step_by(cores as usize).for_each(|seed| check(seed, &mut counts));
            counts
        };
        let threads: Vec<_> = (0..cores).map(|first| scope.spawn(move || share(first))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let heard: usize = all.iter().map(|counts| counts.heard).sum();
    let seen: usize = all.iter().map(|counts| counts.seen).sum();
    let late: u64 = all.iter().map(|counts| counts.late_joins).sum();
    println!(
        "{RUNS} meetings over a bad network: {heard} packets heard, {seen} seen, {late} handshakes too late"
    );
    assert!(heard > RUNS as usize * 100 && seen > RUNS as usize * 200);
    assert!(late * 100 <= RUNS * 5, "{late} of {} handshakes were too late", RUNS * 5);
}
