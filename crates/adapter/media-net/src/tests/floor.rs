//! The floor at the hop (R2, R3).

use base::{Epoch, Sequence};
use media::slots::Page;
use service::port::hop::{Fact, Measure, What};

use super::world::{World, full, meeting, of, source, venue};

#[test]
fn r2_no_sound_passes_before_a_gate_is_opened_and_what_comes_is_counted() {
    let mut world = World::new();
    world.publish("a", 1, &[360], Some("pa"));
    let watcher = world.watch(Page::Watch, None, 4, 1);
    world.run_ms(2_500);
    let client = &world.clients[watcher];
    for slot in 0..4 {
        assert!(client.voices(slot, base::Mono(0)).is_empty());
    }
    let dropped = world.facts().rev().find_map(|(_, e)| match e {
        Fact::Dropped { venue: v, packets, .. } if *v == venue("a") => Some(*packets),
        _ => None,
    });
    assert!(dropped.unwrap() > 40);
}

#[test]
fn r3_no_sound_is_forwarded_after_close_gates() {
    let mut world = World::new();
    world.publish("a", 1, &[360], Some("pa"));
    let watcher = world.watch(Page::Watch, None, 4, 1);
    world.apply(|t| {
        t.gates.insert(venue("a"));
    });
    world.run_ms(1_000);
    assert_eq!(world.clients[watcher].voices(0, base::Mono(0)), [1]);
    let until = Sequence(world.sequence + 1);
    let closed = world.now;
    world.plane.close_gates(world.now, &meeting(), Epoch(1), until, &[venue("a")]);
    // Renewals of the old target do not open it again.
    world.run_ms(3_000);
    assert!(world.clients[watcher].voices(0, closed + std::time::Duration::from_millis(5)).is_empty());
    assert_eq!(world.gates(), [(venue("a"), true), (venue("a"), false)]);
    world.apply(|_| {});
    world.run_ms(500);
    assert_eq!(world.gates().last(), Some(&(venue("a"), true)));
}

#[test]
fn r3_eight_seconds_without_renewal_close_all_but_the_chair() {
    let mut world = World::new();
    world.publish("a", 1, &[360], Some("pa"));
    world.publish("main", 2, &[360], Some("pm"));
    let watcher = world.watch(Page::Watch, None, 4, 1);
    world.apply(|t| {
        t.gates.insert(venue("a"));
        t.gates.insert(venue("main"));
        t.programme = full("a.1");
    });
    world.run_ms(1_000);
    world.renews = false;
    world.run_ms(8_100);
    let closed = world.now;
    world.run_ms(500);
    let heard: Vec<u8> = (0..4).flat_map(|slot| world.clients[watcher].voices(slot, closed)).collect();
    assert_eq!(heard, [2]);
    assert_eq!(world.gates().last(), Some(&(venue("a"), false)));
}

#[test]
fn a0_has_fifty_packets_a_second_whoever_speaks() {
    let mut world = World::new();
    let a = world.publish("a", 1, &[360], Some("pa"));
    let watcher = world.watch(Page::Plain, None, 1, 1);
    world.run_ms(1_000);
    world.apply(|t| {
        t.gates.insert(venue("a"));
    });
    world.run_ms(2_000);
    world.sends(a, true, false);
    world.run_ms(2_000);
    let got = world.clients[watcher].slot(str0m::media::MediaKind::Audio, 0);
    assert!((235..=260).contains(&got.len()), "{}", got.len());
    for pair in got.windows(2) {
        assert_eq!(pair[1].seq, pair[0].seq + 1);
        let step = pair[1].ts.wrapping_sub(pair[0].ts);
        assert!((1..48_000 / 2).contains(&step), "{step}");
        assert!(pair[1].at.since(pair[0].at).as_millis() <= 250);
    }
}

#[test]
fn nobody_hears_their_own_venue_and_the_venue_on_air_comes_first() {
    let mut world = World::new();
    for (n, name) in ["main", "a", "b", "c"].into_iter().enumerate() {
        world.publish(name, n as u8 + 1, &[360], None);
    }
    let hall = world.watch(Page::Hall, of("a"), 4, 3);
    let watcher = world.watch(Page::Watch, None, 4, 1);
    world.apply(|t| {
        for name in ["main", "a", "b", "c"] {
            t.gates.insert(venue(name));
        }
        t.programme = full("b.1");
    });
    world.run_ms(1_000);
    let settled = world.now;
    world.run_ms(500);
    let at = |client: usize| -> Vec<Vec<u8>> {
        (0..4).map(|slot| world.clients[client].voices(slot, settled)).collect()
    };
    assert_eq!(at(watcher)[0], [3]);
    assert_eq!(at(hall)[0], [3]);
    let mut all: Vec<u8> = at(watcher).concat();
    all.sort_unstable();
    assert_eq!(all, [1, 2, 3, 4]);
    let mut others: Vec<u8> = at(hall).concat();
    others.sort_unstable();
    assert_eq!(others, [1, 3, 4]);
}

#[test]
fn levels_of_open_gates_are_told_five_times_a_second() {
    let mut world = World::new();
    world.publish("a", 1, &[360], Some("pa"));
    world.publish("b", 2, &[360], Some("pb"));
    world.apply(|t| {
        t.gates.insert(venue("a"));
    });
    world.run_ms(3_000);
    let mut count = 0;
    for (at, what) in &world.told {
        if let What::Measure(Measure::Levels { levels, .. }) = what {
            assert_eq!(*levels, [(venue("a"), 20)]);
            count += u32::from(at.since(base::Mono(2_000_000)).as_millis() > 0);
        }
    }
    assert!((9..=11).contains(&count), "{count}");
}

#[test]
fn r2_a_source_that_moves_passes_the_gate_of_the_venue_that_it_belongs_to_now() {
    let mut world = World::new();
    world.publish("a", 1, &[360], Some("pa"));
    let watcher = world.watch(Page::Watch, None, 4, 1);
    world.apply(|t| {
        t.gates.insert(venue("a"));
    });
    world.run_ms(1_000);
    assert_eq!(world.clients[watcher].voices(0, base::Mono(0)), [1]);
    let moves = |world: &mut World, to: Option<&str>| {
        world.apply(|t| {
            t.sources.retain(|(source, _)| source.as_str() != "a.1");
            t.sources.extend(to.map(|to| (source("a.1"), venue(to))));
        });
        world.run_ms(100);
        let from = world.now;
        world.run_ms(500);
        world.clients[watcher].voices(0, from)
    };
    assert_eq!(moves(&mut world, Some("b")), [0_u8; 0]);
    assert_eq!(moves(&mut world, Some("a")), [1]);
    assert_eq!(moves(&mut world, None), [0_u8; 0], "a source of nobody has no floor");
    world.apply(|t| {
        t.gates.insert(venue("b"));
        t.gates.remove(&venue("a"));
    });
    assert_eq!(moves(&mut world, Some("b")), [1]);
}

#[test]
fn while_the_first_source_of_a_venue_is_away_one_other_is_its_microphone() {
    let mut world = World::new();
    world.apply(|t| {
        t.sources.retain(|(_, of)| *of != venue("a"));
        t.sources.extend(["a.1", "b.1", "c.1"].map(|id| (source(id), venue("a"))));
        t.gates.insert(venue("a"));
    });
    let second = world.publish("b", 2, &[360], Some("pb"));
    world.run_ms(7);
    world.publish("c", 3, &[360], Some("pc"));
    let watcher = world.watch(Page::Watch, None, 4, 1);
    world.run_ms(1_000);
    assert_eq!(world.clients[watcher].voices(0, base::Mono(0)), [2]);
    world.sends(second, true, false);
    world.run_ms(1_300);
    let from = world.now;
    world.run_ms(500);
    assert_eq!(world.clients[watcher].voices(0, from), [3]);
    world.publish("a", 1, &[360], Some("pa"));
    world.run_ms(500);
    let from = world.now;
    world.run_ms(500);
    assert_eq!(world.clients[watcher].voices(0, from), [1]);
}

#[test]
fn sound_that_says_no_level_is_told_as_such() {
    let mut world = World::new();
    let a = world.publish("a", 1, &[360], Some("pa"));
    world.says_levels(a, false);
    world.apply(|t| {
        t.gates.insert(venue("a"));
    });
    world.run_ms(2_000);
    let told = |world: &World| -> Vec<(usize, Vec<base::VenueId>)> {
        let last = world.told.iter().rev().filter_map(|(_, what)| match what {
            What::Measure(Measure::Levels { levels, unmeasured }) => Some((levels.len(), unmeasured.clone())),
            What::Measure(Measure::Quality { .. }) | What::Fact(_) => None,
        });
        last.take(1).collect()
    };
    assert_eq!(told(&world), [(0, vec![venue("a")])]);
    world.says_levels(a, true);
    world.run_ms(500);
    assert_eq!(told(&world), [(1, vec![])]);
}
