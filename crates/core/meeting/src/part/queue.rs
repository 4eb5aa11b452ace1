//! The queue: who wants to speak. Written by venues, and by the chair who drops a request or lets it speak.

use std::collections::BTreeSet;

use base::{JournalKind, PersonId, RequestId, RequestKind, Sequence, VenueId, Wall};
use directory::policy::ActKind;
use serde::{Deserialize, Serialize};

use crate::command::{Refusal, RefusalCode};
use crate::decide::Ground;
use crate::event::events;
use crate::told::Told;

/// What an actor asks of the queue alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Request to speak, of the actor's venue.
    Raise {
        /// Who would speak.
        person: Option<PersonId>,
        /// What for.
        kind: RequestKind,
    },
    /// Takes one's own request back.
    Withdraw,
    /// Removes a request.
    Drop {
        /// The request.
        request: RequestId,
    },
}

events! {
    /// What happens to the queue.
    writes Queue;

    /// A venue asks to speak. Version 1 had no kinds: it was for a speech.
    "request_raised" v 2 reads 1 => Raised {
        /// The request, named by the sequence of this event.
        request: RequestId,
        /// Whose it is.
        venue: VenueId,
        /// Who would speak.
        person: Option<PersonId>,
        /// What for.
        #[serde(default)]
        kind: RequestKind,
    };
    /// A request has the floor.
    "request_speaking" v 1 => Speaking {
        /// The request.
        request: RequestId,
    };
    /// A request waits again, at its old place.
    "request_waits" v 1 => Waits {
        /// The request.
        request: RequestId,
    };
    /// A request is gone.
    "request_removed" v 1 => Removed {
        /// The request.
        request: RequestId,
        /// Why it went.
        why: RemovedWhy,
    };
}

/// Why a request is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemovedWhy {
    /// The venue took it back.
    Withdrawn,
    /// The chair removed it.
    Dropped,
    /// It has spoken.
    Spoken,
    /// The venue is no longer on the roster.
    LeftRoster,
}

/// A request to speak. It keeps its place for as long as it lives (R8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its name in the run.
    pub id: RequestId,
    /// Whose it is.
    pub venue: VenueId,
    /// Who would speak.
    pub person: Option<PersonId>,
    /// What for.
    pub kind: RequestKind,
    /// When it was raised.
    pub since: Wall,
    /// It has the floor.
    pub speaking: bool,
}

/// Who wants to speak.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// In the order in which they were raised.
    pub(crate) requests: Vec<Request>,
}

impl Act {
    pub(crate) fn kind(&self) -> ActKind {
        match self {
            Self::Raise { .. } => ActKind::Raise,
            Self::Withdraw => ActKind::Withdraw,
            Self::Drop { .. } => ActKind::Drop,
        }
    }
}

impl Event {
    pub(crate) fn told(&self) -> Option<Told<'_>> {
        match self {
            Self::Raised { venue, person, .. } => {
                Some(Told { person: person.as_ref(), ..Told::of(JournalKind::Raised, venue) })
            }
            Self::Removed { request, why } => {
                let kind = match why {
                    RemovedWhy::Withdrawn => JournalKind::Withdrawn,
                    RemovedWhy::Dropped => JournalKind::Dropped,
                    RemovedWhy::Spoken | RemovedWhy::LeftRoster => return None,
                };
                Some(Told { request: Some(request), ..Told::plain(kind) })
            }
            Self::Speaking { .. } | Self::Waits { .. } => None,
        }
    }
}

pub(crate) fn decide(ground: &Ground<'_>, act: &Act) -> Result<Vec<Event>, Refusal> {
    match act {
        Act::Raise { person, kind } => raise(ground, person.as_ref(), *kind),
        Act::Withdraw => {
            let request = ground.state.request_of(&ground.own_venue()?.id);
            let request = request.ok_or_else(|| Refusal::new(RefusalCode::NotWaiting))?;
            Ok(vec![Event::Removed { request: request.id.clone(), why: RemovedWhy::Withdrawn }])
        }
        Act::Drop { request } if ground.state.queue().iter().any(|r| r.id == *request) => {
            Ok(vec![Event::Removed { request: request.clone(), why: RemovedWhy::Dropped }])
        }
        Act::Drop { request } => Err(Refusal::held(RefusalCode::UnknownRequest, request, vec![])),
    }
}

fn raise(ground: &Ground<'_>, person: Option<&PersonId>, kind: RequestKind) -> Result<Vec<Event>, Refusal> {
    let venue = &ground.own_venue()?.id;
    ground.person_of(venue, person)?;
    if let Some(request) = ground.state.request_of(venue) {
        return Err(Refusal::held(RefusalCode::AlreadyWaiting, &request.id, vec![]));
    }
    Ok(vec![Event::Raised {
        request: request_id(ground.state.seq.next()),
        venue: venue.clone(),
        person: person.cloned(),
        kind,
    }])
}

/// A request is named by the sequence of the event that raised it, so that replay names it alike.
fn request_id(seq: Sequence) -> RequestId {
    RequestId::new(&format!("r{seq}")).expect("r and digits are an id")
}

impl State {
    /// The clock of the server jumped.
    pub(crate) fn clock_jumped(&mut self, by_ms: i64) {
        self.requests.iter_mut().for_each(|request| request.since = request.since.shifted_ms(by_ms));
    }

    pub(crate) fn apply(&mut self, event: &Event, at: Wall) {
        match event {
            Event::Raised { request, venue, person, kind } => self.requests.push(Request {
                id: request.clone(),
                venue: venue.clone(),
                person: person.clone(),
                kind: *kind,
                since: at,
                speaking: false,
            }),
            Event::Speaking { request } => self.set_speaking(request, true),
            Event::Waits { request } => self.set_speaking(request, false),
            Event::Removed { request, .. } => self.requests.retain(|r| r.id != *request),
        }
    }

    pub(crate) fn broken(&self) -> Option<String> {
        let venues: BTreeSet<_> = self.requests.iter().map(|request| &request.venue).collect();
        (venues.len() != self.requests.len()).then(|| "a venue has two requests".into())
    }

    fn set_speaking(&mut self, request: &RequestId, speaking: bool) {
        if let Some(found) = self.requests.iter_mut().find(|r| r.id == *request) {
            found.speaking = speaking;
        }
    }
}
