//! Meetings that are forgotten.

use base::{Epoch, MeetingId, Sequence};
use media::slots::Page;
use service::port::hop::{CloseReason, MediaTarget, SessionSpec};

use super::world::{World, full, meeting, venue, watching};

/// A world without meetings, and what its plane holds: the slates and their rings.
fn nothing() -> (World, [usize; 5]) {
    let mut world = World::new();
    world.plane.forget(world.now, &meeting(), Epoch(0));
    assert_eq!(world.plane.held()[0], 1, "a later epoch was applied");
    world.plane.forget(world.now, &meeting(), Epoch(1));
    let held = world.plane.held();
    world.renews = false;
    (world, held)
}

fn apply(world: &mut World, epoch: u64, sequence: u64) {
    let target = world.target.clone();
    world.plane.apply(world.now, &meeting(), Epoch(epoch), Sequence(sequence), target);
}

#[test]
fn a_forgotten_meeting_gives_back_all_that_it_held_and_ends_its_sessions() {
    let (mut world, nothing) = nothing();
    assert_eq!((nothing[0], nothing[2], nothing[4]), (0, 0, 0));
    world.target.programme = full("a.1");
    world.target.gates.insert(venue("a"));
    apply(&mut world, 2, 1);
    let clients = [world.publish("a", 1, &[180, 360], Some("pa")), world.watch(Page::Desk, None, 4, 3)];
    world.run_ms(1_000);
    assert_eq!(world.shown(), [full("a.1")]);
    assert!(world.plane.held().iter().zip(nothing).all(|(now, before)| *now > before));
    world.plane.forget(world.now, &meeting(), Epoch(2));
    assert_eq!(world.plane.held(), nothing);
    world.run_ms(1_000);
    for client in clients {
        assert_eq!(world.closed(world.clients[client].session), Some(CloseReason::Ended));
    }
    assert_eq!(world.plane.held(), nothing);
}

#[test]
fn what_comes_late_under_a_forgotten_epoch_changes_nothing() {
    let (mut world, nothing) = nothing();
    for (epoch, sequence) in [(0, 9), (1, 1), (1, 900)] {
        apply(&mut world, epoch, sequence);
        let until = Sequence(sequence);
        world.plane.close_gates(world.now, &meeting(), Epoch(epoch), until, &[venue("a")]);
        assert_eq!(world.plane.held(), nothing);
    }
    apply(&mut world, 2, 1);
    let held = world.plane.held();
    assert_eq!(held[0], 1);
    world.plane.forget(world.now, &meeting(), Epoch(1));
    assert_eq!(world.plane.held(), held, "the old task must not end the new one");
}

#[test]
fn any_number_of_meetings_is_held_one_after_the_other() {
    let (mut world, nothing) = nothing();
    for n in 0..1_000 {
        let id = MeetingId::new(&format!("m{n}")).unwrap();
        let target = MediaTarget { sources: world.target.sources.clone(), ..MediaTarget::default() };
        world.plane.apply(world.now, &id, Epoch(1), Sequence(1), target);
        assert_eq!(world.plane.held()[0], 1);
        world.plane.forget(world.now, &id, Epoch(1));
        world.plane.tick(world.now);
    }
    assert_eq!(world.plane.held(), nothing);
}

#[test]
fn a_meeting_too_many_is_refused_as_such_until_another_is_forgotten() {
    let mut world = World::new();
    let id = |n: usize| MeetingId::new(&format!("m{n}")).unwrap();
    // The world has one.
    for n in 1..256 {
        world.plane.apply(world.now, &id(n), Epoch(1), Sequence(1), MediaTarget::default());
    }
    assert_eq!(world.plane.held()[0], 256);
    let further = || SessionSpec { meeting: id(256), ..World::spec(watching(Page::Watch, None), None) };
    let refused = world.watch_as(further(), 4, 1).unwrap_err();
    assert_eq!(refused.to_string(), "this node has media for 256 meetings, its limit");
    // The meetings that it has take sessions all the same.
    world.watch(Page::Watch, None, 4, 1);
    world.plane.forget(world.now, &id(1), Epoch(1));
    world.watch_as(further(), 4, 1).unwrap();
}
