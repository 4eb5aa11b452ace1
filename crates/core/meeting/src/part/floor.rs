//! The floor: who may be heard, and the call-on that runs. Written by the chair.

use std::collections::{BTreeMap, BTreeSet};

pub use base::LeaseKind;
use base::limits::OPEN_MICROPHONES_MAX;
use base::{JournalKind, PersonId, RequestId, SourceId, VenueId, Wall};
use directory::policy::ActKind;
use serde::{Deserialize, Serialize};

use crate::command::{Refusal, RefusalCode};
use crate::decide::Ground;
use crate::event::events;
use crate::told::Told;

/// What an actor asks of the floor alone. Acts that may also end a call-on touch the queue: see [`crate::across`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// One more microphone, without a picture.
    Open {
        /// The venue whose microphone it is.
        venue: VenueId,
    },
}

events! {
    /// What happens to the floor.
    writes Floor;

    /// A venue has the floor.
    "floor_opened" v 1 => Opened {
        /// The venue.
        venue: VenueId,
        /// By what right.
        kind: LeaseKind,
    };
    /// A venue has the floor no more.
    "floor_closed" v 1 => Closed {
        /// The venue.
        venue: VenueId,
        /// Why it ended.
        why: FloorClosedWhy,
    };
    /// A call-on began.
    "call_on_began" v 1 => CallOnBegan {
        /// The venue called.
        venue: VenueId,
        /// Its source.
        source: SourceId,
        /// Who speaks.
        person: Option<PersonId>,
        /// The request that it answers.
        request: Option<RequestId>,
        /// Seconds until the timer says that time is up.
        limit_s: Option<u32>,
    };
    /// The call-on ended.
    "call_on_ended" v 1 => CallOnEnded {
        /// The venue that was called.
        venue: VenueId,
    };
}

/// Why a lease ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FloorClosedWhy {
    /// The chair closed it.
    Closed,
    /// A call-on gave the floor to another venue alone.
    Exclusive,
    /// Its call-on ended.
    CallOnEnded,
    /// All branches were closed.
    MutedAll,
    /// Its link was lost for too long.
    LinkLost,
    /// The meeting ended.
    MeetingEnded,
    /// The venue is no longer on the roster.
    LeftRoster,
    /// The log could not be written when it was closed, or opened: nobody was told that it is open, so it is not.
    Unconfirmed,
}

/// A lease of the floor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whose it is.
    pub venue: VenueId,
    /// By what right; a call-on may change it.
    pub kind: LeaseKind,
    /// Since when the venue has the floor.
    pub since: Wall,
}

/// The running call-on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallOn {
    /// The venue called.
    pub venue: VenueId,
    /// Its source.
    pub source: SourceId,
    /// Who speaks.
    pub person: Option<PersonId>,
    /// The request that it answers.
    pub request: Option<RequestId>,
    /// When it began.
    pub began: Wall,
    /// Seconds until the timer says that time is up.
    pub limit_s: Option<u32>,
}

/// Who has the floor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// In the order of opening.
    pub(crate) leases: Vec<Lease>,
    pub(crate) call_on: Option<CallOn>,
    /// Milliseconds that each venue has spoken on call-ons.
    pub(crate) spoken_ms: BTreeMap<VenueId, u64>,
}

impl Act {
    pub(crate) fn kind(&self) -> ActKind {
        match self {
            Self::Open { .. } => ActKind::OpenFloor,
        }
    }

    pub(crate) fn opens(&self) -> Option<&VenueId> {
        match self {
            Self::Open { venue } => Some(venue),
        }
    }
}

impl Event {
    pub(crate) fn told(&self) -> Option<Told<'_>> {
        Some(match self {
            Self::Opened { venue, .. } => Told::of(JournalKind::FloorOpened, venue),
            Self::Closed { venue, .. } => Told::of(JournalKind::FloorClosed, venue),
            Self::CallOnBegan { venue, source, person, .. } => {
                Told { source: Some(source), person: person.as_ref(), ..Told::of(JournalKind::CallOn, venue) }
            }
            Self::CallOnEnded { venue } => Told::of(JournalKind::CallOnEnded, venue),
        })
    }
}

pub(crate) fn decide(ground: &Ground<'_>, act: &Act) -> Result<Vec<Event>, Refusal> {
    let Act::Open { venue } = act;
    let venue = &ground.venue(venue)?.id;
    let chair = &ground.roster.chair_venue;
    if ground.state.lease(venue).is_some() {
        return Ok(vec![]);
    }
    if venue == chair {
        return Ok(vec![Event::Opened { venue: venue.clone(), kind: LeaseKind::Standing }]);
    }
    ground.no_call_on()?;
    // One of the microphones is the chair's, whether it is open or not.
    let branches = ground.state.floor().iter().filter(|lease| lease.venue != *chair).count();
    if branches + 1 >= OPEN_MICROPHONES_MAX {
        return Err(Refusal::new(RefusalCode::FloorFull));
    }
    Ok(vec![Event::Opened { venue: venue.clone(), kind: LeaseKind::Open }])
}

impl State {
    /// The clock of the server jumped: what is counted from an hour is counted from it as the clock now has it.
    pub(crate) fn clock_jumped(&mut self, by_ms: i64) {
        self.leases.iter_mut().for_each(|lease| lease.since = lease.since.shifted_ms(by_ms));
        if let Some(call_on) = &mut self.call_on {
            call_on.began = call_on.began.shifted_ms(by_ms);
        }
    }

    pub(crate) fn apply(&mut self, event: &Event, at: Wall) {
        match event {
            Event::Opened { venue, kind } => match self.leases.iter_mut().find(|l| l.venue == *venue) {
                Some(lease) => lease.kind = *kind,
                None => self.leases.push(Lease { venue: venue.clone(), kind: *kind, since: at }),
            },
            Event::Closed { venue, .. } => self.leases.retain(|lease| lease.venue != *venue),
            Event::CallOnBegan { venue, source, person, request, limit_s } => {
                self.call_on = Some(CallOn {
                    venue: venue.clone(),
                    source: source.clone(),
                    person: person.clone(),
                    request: request.clone(),
                    began: at,
                    limit_s: *limit_s,
                });
            }
            Event::CallOnEnded { venue } => {
                if let Some(call_on) = self.call_on.take() {
                    *self.spoken_ms.entry(venue.clone()).or_default() += at.since_ms(call_on.began);
                }
            }
        }
    }

    pub(crate) fn lease(&self, venue: &VenueId) -> Option<&Lease> {
        self.leases.iter().find(|lease| lease.venue == *venue)
    }

    pub(crate) fn broken(&self, chair: Option<&VenueId>) -> Option<String> {
        let venues: BTreeSet<_> = self.leases.iter().map(|lease| &lease.venue).collect();
        if venues.len() != self.leases.len() {
            return Some("a venue has two leases".into());
        }
        if self.leases.len() > OPEN_MICROPHONES_MAX {
            return Some(format!("{} microphones are open", self.leases.len()));
        }
        let standing = |lease: &Lease| lease.kind == LeaseKind::Standing;
        let stray = self.leases.iter().find(|lease| standing(lease) != (Some(&lease.venue) == chair));
        if let Some(lease) = stray {
            return Some(format!("the lease of {} has the wrong kind", lease.venue));
        }
        self.broken_call_on(chair)
    }

    fn broken_call_on(&self, chair: Option<&VenueId>) -> Option<String> {
        let Some(call_on) = &self.call_on else {
            let left = self.leases.iter().find(|lease| lease.kind == LeaseKind::CallOn);
            return left.map(|lease| format!("{} keeps the floor of a call-on that ended (R2)", lease.venue));
        };
        if self.lease(&call_on.venue).is_none() && Some(&call_on.venue) != chair {
            return Some("a call-on runs without the floor (R5)".into());
        }
        let mut branches = self.leases.iter().filter(|lease| Some(&lease.venue) != chair);
        let other = branches.find(|lease| lease.venue != call_on.venue);
        other.map(|lease| format!("{} is open beside a call-on (R5)", lease.venue))
    }
}
