//! Which meetings are loaded, seeded: whoever holds one has it, what runs stays, and what nobody needs goes in time.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use base::random::Random;
use base::{MeetingId, Mono};
use service::registry::{Asked, Ended, IDLE_MAX, MayRun, Shelf, UNHELD_MAX};

/// More than may be loaded idle.
const MEETINGS: u64 = 80;

#[derive(Debug, Clone)]
struct Loaded {
    id: MeetingId,
    runs: Rc<Cell<bool>>,
}

impl MayRun for Loaded {
    fn runs(&self) -> bool {
        self.runs.get()
    }
}

/// What the test knows of a meeting that has a place.
#[derive(Debug, Default)]
struct Known {
    number: u64,
    holds: u32,
    since: u64,
    runs: Rc<Cell<bool>>,
    state: State,
}

impl Known {
    fn is_unheld(&self) -> bool {
        self.state == State::Loaded && self.holds == 0 && !self.runs.get()
    }
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Loading,
    Loaded,
    Ending,
}

fn id(n: u64) -> MeetingId {
    MeetingId::new(&format!("m{n}")).unwrap()
}

struct World {
    seed: u64,
    now: u64,
    shelf: Shelf<Loaded>,
    known: BTreeMap<MeetingId, Known>,
    full: u32,
    room: u32,
    /// Unloaded since too many were idle, after they had ended.
    surplus: u32,
    unloaded: u32,
}

impl World {
    fn mono(&self) -> Mono {
        Mono(self.now)
    }

    fn idle(&self) -> usize {
        let idle = |known: &&Known| match known.state {
            State::Loading => true,
            State::Loaded => !known.runs.get(),
            State::Ending => known.holds > 0,
        };
        self.known.values().filter(idle).count()
    }

    fn longest_unheld(&self) -> Option<u64> {
        self.known.values().filter(|known| known.is_unheld()).map(|known| known.since).min()
    }

    fn ask(&mut self, id: MeetingId) {
        let idle = self.idle();
        match self.shelf.ask(self.mono(), &id) {
            Asked::Ready(number) => {
                let known = self.known.get_mut(&id).unwrap();
                assert_eq!((known.state, known.number), (State::Loaded, number), "seed {}", self.seed);
                known.holds += 1;
            }
            Asked::Wait(number, room) => {
                let known = &self.known[&id];
                assert!(known.state != State::Loaded && known.number == number, "seed {}", self.seed);
                let comes_back = known.state == State::Ending && known.holds == 0;
                assert_eq!(room.is_some(), comes_back && idle >= IDLE_MAX, "seed {}", self.seed);
                self.make_room(room);
                self.known.get_mut(&id).unwrap().holds += 1;
            }
            Asked::Full => {
                assert!(idle >= IDLE_MAX && !self.known.values().any(Known::is_unheld), "seed {}", self.seed);
                self.full += 1;
            }
            Asked::Load(number, room) => {
                assert_eq!(room.is_some(), idle >= IDLE_MAX, "seed {}", self.seed);
                self.make_room(room);
                let known = Known { number, holds: 1, since: self.now, ..Known::default() };
                assert!(self.known.insert(id, known).is_none(), "seed {}: loaded twice", self.seed);
            }
        }
        assert!(self.idle() <= idle.max(IDLE_MAX), "seed {}: too many are loaded", self.seed);
    }

    fn make_room(&mut self, room: Option<Loaded>) {
        let Some(room) = room else { return };
        let longest = self.longest_unheld();
        let known = self.known.get_mut(&room.id).unwrap();
        assert!(known.is_unheld() && Some(known.since) == longest, "seed {}: {room:?}", self.seed);
        known.state = State::Ending;
        self.room += 1;
    }

    /// What was under way ends: a load, well or not, or a task.
    fn go_on(&mut self, id: &MeetingId, well: bool) {
        let Some(known) = self.known.get_mut(id) else { return };
        let number = known.number;
        match known.state {
            State::Loading if well => {
                (known.state, known.since) = (State::Loaded, self.now);
                let loaded = Loaded { id: id.clone(), runs: Rc::clone(&known.runs) };
                self.shelf.loaded(Mono(self.now), id, number, loaded);
            }
            State::Loading => {
                self.known.remove(id);
                self.shelf.failed(id, number);
            }
            State::Ending => {
                let expected = if known.holds > 0 { Ended::Again } else { Ended::Gone };
                assert_eq!(self.shelf.ended(id, number), expected, "seed {}", self.seed);
                self.gone_or_again(id, expected);
            }
            State::Loaded if well => {}
            State::Loaded => {
                let needed = known.holds > 0 || known.runs.get();
                let expected = if needed { Ended::Broke } else { Ended::Gone };
                assert_eq!(self.shelf.ended(id, number), expected, "seed {}", self.seed);
                self.gone_or_again(id, expected);
            }
        }
    }

    fn gone_or_again(&mut self, id: &MeetingId, ended: Ended) {
        if ended == Ended::Gone {
            self.known.remove(id);
            self.unloaded += 1;
        } else if let Some(known) = self.known.get_mut(id) {
            known.state = State::Loading;
        }
    }

    fn unload_what_is_due(&mut self) {
        for loaded in self.shelf.due(self.mono()) {
            let (idle, longest) = (self.idle(), self.longest_unheld());
            let known = self.known.get_mut(&loaded.id).unwrap();
            assert!(known.holds == 0 && !known.runs.get(), "seed {}: {loaded:?} is needed", self.seed);
            let too_many = idle > IDLE_MAX && Some(known.since) == longest;
            let over = self.now - known.since >= micros(UNHELD_MAX);
            assert!(over || too_many, "seed {}: too early", self.seed);
            self.surplus += u32::from(!over);
            known.state = State::Ending;
        }
        let unheld = self.longest_unheld().is_some();
        assert!(self.idle() <= IDLE_MAX || !unheld, "seed {}: too many are idle", self.seed);
        for (id, known) in &mut self.known {
            let over = known.state == State::Loaded
                && known.holds == 0
                && self.now - known.since >= micros(UNHELD_MAX);
            if over {
                assert!(known.runs.get(), "seed {}: nobody needs {id}, and it stays", self.seed);
                known.since = self.now;
            }
        }
        let deadline = self.known.values().filter(|known| known.state == State::Loaded && known.holds == 0);
        let deadline = deadline.map(|known| known.since + micros(UNHELD_MAX)).min();
        assert_eq!(self.shelf.deadline(), deadline.map(Mono), "seed {}", self.seed);
    }

    fn step(&mut self, random: &mut Random) {
        let meeting = id(random.below(MEETINGS));
        match random.below(10) {
            0..=2 => self.ask(meeting),
            3 | 4 => self.go_on(&meeting, !random.chance(100)),
            5 | 6 => {
                if let Some(known) = self.known.get_mut(&meeting).filter(|known| known.holds > 0) {
                    known.holds -= 1;
                    known.since = self.now;
                    let number = known.number;
                    self.shelf.give_back(self.mono(), &meeting, number);
                    // One who held an earlier load of it lets go too, and that changes nothing.
                    self.shelf.give_back(self.mono(), &meeting, number + 1_000_000);
                }
            }
            7 => {
                if let Some(known) = self.known.get(&meeting).filter(|known| known.state == State::Loaded) {
                    // It starts or ends by a command, which holds it.
                    if known.holds > 0 {
                        known.runs.set(random.chance(500));
                    }
                }
            }
            _ => self.now += random.below(micros(UNHELD_MAX) / 20),
        }
        self.unload_what_is_due();
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap()
}

#[test]
fn what_is_needed_stays_and_what_nobody_needs_goes_in_time() {
    let (mut full, mut room, mut unloaded, mut surplus) = (0, 0, 0, 0);
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let mut world = World {
            seed,
            now: 0,
            shelf: Shelf::default(),
            known: BTreeMap::new(),
            full: 0,
            room: 0,
            surplus: 0,
            unloaded: 0,
        };
        // Some seeds have the time to let everything go, others fill the shelf.
        let pace = seed % 3;
        for n in 0..1_500 {
            if pace == 0 || n % 4 != 0 {
                world.step(&mut random);
            } else {
                let meeting = id(random.below(MEETINGS));
                world.ask(meeting.clone());
                world.go_on(&meeting, true);
            }
            let loaded = world.known.values().filter(|known| known.state == State::Loaded).count();
            assert_eq!(world.shelf.all().count(), loaded, "seed {seed}");
        }
        (full, room, unloaded) = (full + world.full, room + world.room, unloaded + world.unloaded);
        surplus += world.surplus;
    }
    assert!(
        full > 100 && room > 100 && unloaded > 1_000 && surplus > 100,
        "{full} full, {room} made room, {unloaded} unloaded, {surplus} of them for they were too many"
    );
}
