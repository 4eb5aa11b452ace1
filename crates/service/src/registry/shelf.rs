//! Which meetings are loaded, who holds them, and which of them goes. A machine without IO.

use std::collections::BTreeMap;
use std::time::Duration;

use base::{MeetingId, Mono};

/// A meeting that nobody held for so long, and that does not run, is unloaded.
pub const UNHELD_MAX: Duration = Duration::from_secs(600);
/// Meetings that are loaded and do not run, held or not.
pub const IDLE_MAX: usize = 64;

/// What is loaded of a meeting.
pub trait MayRun {
    /// The meeting is under way: it started, and its log has not its last event yet. Such a one is never unloaded.
    fn runs(&self) -> bool;
}

/// What whoever asks for a meeting is to do. But for [`Asked::Full`], the asker holds the meeting from now on; the number names its place.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked<L> {
    /// It is loaded.
    Ready(u64),
    /// Wait: it is being loaded, or unloaded and then loaded again. If there is another meeting here, that one is to be unloaded for it.
    Wait(u64, Option<L>),
    /// Load it, once another meeting has been unloaded, if there is one here.
    Load(u64, Option<L>),
    /// There is no room.
    Full,
}

/// What becomes of a meeting whose task has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It is unloaded.
    Gone,
    /// Somebody has asked for it meanwhile: it is to be loaded again.
    Again,
    /// Its task broke, and the meeting is needed: it is to be loaded again.
    Broke,
}

/// The meetings that are loaded, are being loaded, or are being unloaded.
#[derive(Debug)]
pub struct Shelf<L> {
    places: BTreeMap<MeetingId, Place<L>>,
    next: u64,
}

#[derive(Debug)]
struct Place<L> {
    number: u64,
    holds: u32,
    /// When it was held last, looked at last, or loaded.
    since: Mono,
    state: State<L>,
}

#[derive(Debug)]
enum State<L> {
    Loading,
    Loaded(L),
    Ending,
}

impl<L> Default for Shelf<L> {
    fn default() -> Self {
        Self { places: BTreeMap::new(), next: 0 }
    }
}

impl<L: MayRun> Shelf<L> {
    /// Somebody asks for a meeting.
    pub fn ask(&mut self, now: Mono, id: &MeetingId) -> Asked<L> {
        match self.places.get_mut(id).map(|place| (place.holds > 0, place)) {
            Some((_, Place { state: State::Loaded(_), holds, number, .. })) => {
                *holds += 1;
                return Asked::Ready(*number);
            }
            Some(
                (_, Place { state: State::Loading, holds, number, .. }) | (true, Place { holds, number, .. }),
            ) => {
                *holds += 1;
                return Asked::Wait(*number, None);
            }
            // One that is on its way out and is to come back needs a place as a new one does.
            Some((false, _)) | None => {}
        }
        let mut room = None;
        if self.idle() >= IDLE_MAX {
            room = self.end_longest_unheld();
            if room.is_none() {
                return Asked::Full;
            }
        }
        if let Some(place) = self.places.get_mut(id) {
            place.holds += 1;
            return Asked::Wait(place.number, room);
        }
        let number = self.next;
        self.next += 1;
        self.places.insert(id.clone(), Place { number, holds: 1, since: now, state: State::Loading });
        Asked::Load(number, room)
    }

    /// Somebody lets go of the meeting of that place.
    pub fn give_back(&mut self, now: Mono, id: &MeetingId, number: u64) {
        if let Some(place) = self.place(id, number) {
            place.holds = place.holds.saturating_sub(1);
            place.since = now;
        }
    }

    /// The meeting of that place is loaded.
    pub fn loaded(&mut self, now: Mono, id: &MeetingId, number: u64, loaded: L) {
        if let Some(place) = self.place(id, number) {
            (place.since, place.state) = (now, State::Loaded(loaded));
        }
    }

    /// The meeting of that place cannot be loaded. Whoever asked for it holds nothing.
    pub fn failed(&mut self, id: &MeetingId, number: u64) {
        if self.place(id, number).is_some() {
            self.places.remove(id);
        }
    }

    /// The meetings that are to be unloaded now: their tasks are to end.
    pub fn due(&mut self, now: Mono) -> Vec<L> {
        let mut due = Vec::new();
        for place in self.places.values_mut() {
            let State::Loaded(loaded) = &place.state else { continue };
            if place.holds > 0 || now.since(place.since) < UNHELD_MAX {
                continue;
            }
            if loaded.runs() {
                place.since = now;
            } else {
                due.extend(place.end());
            }
        }
        // Meetings that ended took no place among the idle ones while they ran.
        while self.idle() > IDLE_MAX
            && let Some(loaded) = self.end_longest_unheld()
        {
            due.push(loaded);
        }
        due
    }

    /// All that is loaded, to be unloaded whoever holds it.
    pub fn end_all(&mut self) -> Vec<L> {
        let loaded = self.places.values_mut().filter(|place| matches!(place.state, State::Loaded(_)));
        loaded.filter_map(Place::end).collect()
    }

    /// When [`Self::due`] is to be asked next, unless something changes before.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let unheld = |place: &&Place<L>| place.holds == 0 && matches!(place.state, State::Loaded(_));
        self.places.values().filter(unheld).map(|place| place.since + UNHELD_MAX).min()
    }

    /// The task of the meeting of that place has ended.
    pub fn ended(&mut self, id: &MeetingId, number: u64) -> Ended {
        let Some(place) = self.place(id, number) else { return Ended::Gone };
        let (broke, ran) = match &place.state {
            State::Loaded(loaded) => (true, loaded.runs()),
            State::Loading | State::Ending => (false, false),
        };
        if place.holds == 0 && !ran {
            self.places.remove(id);
            return Ended::Gone;
        }
        place.state = State::Loading;
        if broke { Ended::Broke } else { Ended::Again }
    }

    /// What is loaded of a meeting.
    #[must_use]
    pub fn get(&self, id: &MeetingId) -> Option<&L> {
        match &self.places.get(id)?.state {
            State::Loaded(loaded) => Some(loaded),
            State::Loading | State::Ending => None,
        }
    }

    /// All that is loaded.
    pub fn all(&self) -> impl Iterator<Item = &L> {
        self.places.values().filter_map(|place| match &place.state {
            State::Loaded(loaded) => Some(loaded),
            State::Loading | State::Ending => None,
        })
    }

    /// The meetings that are being loaded.
    pub fn loading(&self) -> impl Iterator<Item = &MeetingId> {
        let loading = self.places.iter().filter(|(_, place)| matches!(place.state, State::Loading));
        loading.map(|(id, _)| id)
    }

    /// Those that do not run, as far as anybody knows. One that ends while somebody waits for it comes back.
    fn idle(&self) -> usize {
        let idle = |place: &&Place<L>| match &place.state {
            State::Loading => true,
            State::Loaded(loaded) => !loaded.runs(),
            State::Ending => place.holds > 0,
        };
        self.places.values().filter(idle).count()
    }

    fn end_longest_unheld(&mut self) -> Option<L> {
        let unheld = self.places.values_mut().filter(|place| {
            place.holds == 0 && matches!(&place.state, State::Loaded(loaded) if !loaded.runs())
        });
        unheld.min_by_key(|place| place.since)?.end()
    }

    fn place(&mut self, id: &MeetingId, number: u64) -> Option<&mut Place<L>> {
        self.places.get_mut(id).filter(|place| place.number == number)
    }
}

impl<L> Place<L> {
    fn end(&mut self) -> Option<L> {
        match std::mem::replace(&mut self.state, State::Ending) {
            State::Loaded(loaded) => Some(loaded),
            State::Loading | State::Ending => None,
        }
    }
}
