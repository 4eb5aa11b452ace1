//! Sound that is late, silent, or moves between slots.

use base::Mono;
use media::slots::Page;
use str0m::media::MediaKind;

use super::world::{Got, World, full, venue};

/// A venue that is heard, and a plain player.
fn speaking() -> (World, usize, usize) {
    let mut world = World::new();
    let a = world.publish("a", 1, &[360], Some("pa"));
    let player = world.watch(Page::Plain, None, 1, 1);
    world.apply(|t| {
        t.gates.insert(venue("a"));
    });
    world.run_ms(2_000);
    (world, a, player)
}

/// What a slot carried since then.
fn since(world: &World, client: usize, slot: usize, from: Mono) -> Vec<Got> {
    let got = world.clients[client].slot(MediaKind::Audio, slot);
    got.into_iter().filter(|got| got.at >= from).cloned().collect()
}

/// Whose packet it is, and which; none for silence.
fn spoken(got: &Got) -> Option<(u8, u32)> {
    let (body, n) = got.payload.split_at_checked(4)?;
    Some((body[1], u32::from_be_bytes(n.try_into().ok()?)))
}

/// Nothing is missing from the first packet of that publisher to its last. Answers how many there are.
#[track_caller]
fn whole(got: &[Got], who: u8) -> usize {
    let mut numbers: Vec<u32> =
        got.iter().filter_map(spoken).filter(|(w, _)| *w == who).map(|s| s.1).collect();
    numbers.sort_unstable();
    for pair in numbers.windows(2) {
        assert_eq!(pair[1], pair[0] + 1, "{who} is cut");
    }
    numbers.len()
}

/// Numbers go on by one, and timestamps forward; no pause is longer than the beat and what a voice may be silent for.
#[track_caller]
fn beats(got: &[Got]) {
    for pair in got.windows(2) {
        assert_eq!(pair[1].seq, pair[0].seq + 1);
        let step = pair[1].ts.wrapping_sub(pair[0].ts);
        assert!((960..48_000 / 2).contains(&step), "{step}");
        let pause = pair[1].at.since(pair[0].at).as_millis();
        assert!(pause <= 85, "{pause} ms");
    }
}

#[test]
fn what_a_stall_held_up_is_heard_whole_behind_the_silence() {
    for ms in [70, 150, 400, 900] {
        let (mut world, a, player) = speaking();
        let from = world.now;
        world.hold_ms(a, ms);
        world.run_ms(3_000);
        let got = since(&world, player, 0, from);
        beats(&got);
        assert!(whole(&got, 1) >= 148, "{ms} ms: {} packets", whole(&got, 1));
        assert!(got.len() as u64 + 2 >= 150 + (ms / 20).saturating_sub(3), "{ms} ms: {} in all", got.len());
        let client = &world.clients[player];
        let told = client.reports.iter().filter(|(mid, ..)| *mid == got[0].mid).count();
        assert!(told >= 4, "a report each second says how late it is: {told}");
    }
}

#[test]
fn what_was_held_up_for_longer_than_a_second_is_not_heard() {
    let (mut world, a, player) = speaking();
    world.hold_ms(a, 3_000);
    world.run_ms(3_000);
    let from = world.now;
    world.run_ms(1_000);
    let got = since(&world, player, 0, from);
    beats(&got);
    let heard = whole(&got, 1);
    // A second of what was held up, and what came since.
    assert!((90..=105).contains(&heard), "{heard}");
}

#[test]
fn a_speaker_whose_client_sends_nothing_while_silent_is_heard_from_the_first_packet_and_a0_keeps_its_beat() {
    let (mut world, a, player) = speaking();
    let from = world.now;
    world.speaks_every(a, 400);
    world.run_ms(4_000);
    world.speaks_every(a, 20);
    world.run_ms(1_000);
    let got = since(&world, player, 0, from);
    beats(&got);
    assert!(whole(&got, 1) >= 58, "{}", whole(&got, 1));
    for second in 0..4 {
        let (begins, ends) = (second * 1_000, second * 1_000 + 1_000);
        let within =
            got.iter().filter(|got| (begins..ends).contains(&got.at.since(from).as_millis())).count();
        assert!((48..=53).contains(&within), "{within} packets in second {second}");
    }
    let (first, last) = (&got[0], got.last().unwrap());
    let ahead = i64::from(last.ts.wrapping_sub(first.ts) / 48) - last.at.since(first.at).as_millis() as i64;
    assert!(ahead.abs() <= 80, "{ahead} ms ahead");
}

#[test]
fn the_first_packet_of_an_utterance_goes_out_however_long_the_silence_was() {
    for ms in [150, 400, 1_100, 3_000, 3_007] {
        let (mut world, a, player) = speaking();
        let from = world.now;
        world.sends(a, true, false);
        world.run_ms(ms);
        world.sends(a, true, true);
        let last = world.last_spoken(a);
        world.run_ms(500);
        let got = since(&world, player, 0, from);
        beats(&got);
        let first = got.iter().filter_map(spoken).find(|(_, n)| *n > last).unwrap().1;
        assert_eq!(first, last + 1, "{ms} ms of silence");
    }
}

#[test]
fn a_voice_keeps_its_place_for_a_second() {
    let (mut world, a, player) = speaking();
    world.publish("main", 2, &[360], Some("pm"));
    world.apply(|t| {
        t.gates.insert(venue("main"));
        t.programme = full("a.1");
    });
    world.run_ms(1_000);
    let from = world.now;
    world.sends(a, true, false);
    world.run_ms(900);
    let early = since(&world, player, 0, from);
    assert!(early.iter().filter_map(spoken).all(|(who, _)| who == 1));
    beats(&early);
    world.run_ms(200);
    let from = world.now;
    world.run_ms(300);
    assert!(since(&world, player, 0, from).iter().filter_map(spoken).all(|(who, _)| who == 2));
}

#[test]
fn a_voice_that_moves_between_slots_loses_nothing() {
    // The order of voices is looked at every 20 ms: some voice brings a packet just then.
    for phase in 0..20 {
        let mut world = World::new();
        world.run_ms(phase);
        for (n, name) in ["main", "a", "b"].into_iter().enumerate() {
            world.publish(name, n as u8 + 1, &[360], None);
        }
        let watcher = world.watch(Page::Watch, None, 4, 1);
        world.apply(|t| {
            for name in ["main", "a", "b"] {
                t.gates.insert(venue(name));
            }
        });
        world.run_ms(1_000);
        let from = world.now;
        for n in 0..6 {
            world.apply(|t| t.programme = full(["a.1", "b.1", "main.1"][n % 3]));
            world.run_ms(150);
        }
        let all: Vec<Got> = (0..4).flat_map(|slot| since(&world, watcher, slot, from)).collect();
        for who in 1..=3 {
            assert!(whole(&all, who) >= 44);
        }
    }
}
