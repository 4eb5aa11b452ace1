//! State: what all events so far amount to.

use std::collections::{BTreeMap, BTreeSet};

use base::{ItemId, PersonId, RequestId, Sequence, SourceId, VenueId, Wall};

use crate::command::By;
use crate::event::{Event, LeaseKind, Record};
use crate::keys::{Answer, Keys};
use crate::roster::Roster;
use crate::scene::Scene;

/// Where the meeting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not begun: every gate is closed, the programme is the slate.
    Waiting,
    /// Under way.
    Live {
        /// Since.
        started: Wall,
    },
    /// Over.
    Ended {
        /// Began.
        started: Wall,
        /// Ended.
        ended: Wall,
        /// The log has its last event: nothing is appended any more.
        closed: bool,
    },
}

/// A lease of the floor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whose.
    pub venue: VenueId,
    /// Why.
    pub kind: LeaseKind,
    /// Since.
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
    /// Began.
    pub began: Wall,
    /// Seconds.
    pub limit_s: Option<u32>,
}

/// A request to speak. It keeps its place for as long as it lives (R8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Id.
    pub id: RequestId,
    /// Whose.
    pub venue: VenueId,
    /// Who would speak.
    pub person: Option<PersonId>,
    /// Since.
    pub since: Wall,
    /// It has the floor.
    pub speaking: bool,
}

/// The preview.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// The source.
    pub source: Option<SourceId>,
    /// It came there by a take, and is untold.
    pub held: bool,
}

/// The programme.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Programme {
    /// What everybody is shown.
    pub scene: Scene,
    /// The last source of a venue other than the chair's that was shown: what the chair's venue sees while it is itself on air (R6).
    pub last_branch: Option<SourceId>,
}

/// What all events so far amount to. Changed by [`State::apply`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Sequence of the last event.
    pub seq: Sequence,
    /// Time of the last event.
    pub at: Wall,
    /// Who takes part. None until the first event.
    pub roster: Option<Roster>,
    /// Where the meeting is.
    pub phase: Phase,
    /// Venues that have published in this run.
    pub joined: BTreeSet<VenueId>,
    /// Leases in the order of opening.
    pub floor: Vec<Lease>,
    /// The running call-on.
    pub call_on: Option<CallOn>,
    /// The programme.
    pub programme: Programme,
    /// The preview.
    pub preview: Preview,
    /// Requests in order.
    pub queue: Vec<Request>,
    /// The current item.
    pub item: Option<ItemId>,
    /// When each item began last.
    pub items_began: BTreeMap<ItemId, Wall>,
    /// Milliseconds that each venue has spoken on call-ons.
    pub spoken_ms: BTreeMap<VenueId, u64>,
    /// Answers to the last commands.
    pub keys: Keys,
}

impl Default for State {
    fn default() -> Self {
        Self {
            seq: Sequence(0),
            at: Wall(0),
            roster: None,
            phase: Phase::Waiting,
            joined: BTreeSet::new(),
            floor: Vec::new(),
            call_on: None,
            programme: Programme::default(),
            preview: Preview::default(),
            queue: Vec::new(),
            item: None,
            items_began: BTreeMap::new(),
            spoken_ms: BTreeMap::new(),
            keys: Keys::default(),
        }
    }
}

impl State {
    /// Takes an event. Cannot fail: what was checked when it was decided is not checked again.
    pub fn apply(&mut self, record: &Record) {
        self.seq = record.seq;
        self.at = record.at;
        if let By::Actor { token, key, act, .. } = &record.by {
            self.keys.note(token, key, Answer { seq: record.seq, at: record.at, act: *act });
        }
        match &record.event {
            Event::Opened(roster) | Event::RosterChanged(roster) => self.set_roster(roster),
            Event::Started => self.phase = Phase::Live { started: record.at },
            Event::Ended => self.end(record.at, false),
            Event::EndedAndClosed => self.end(record.at, true),
            Event::Closed => {
                if let Phase::Ended { closed, .. } = &mut self.phase {
                    *closed = true;
                }
            }
            Event::VenueJoined { venue } => {
                self.joined.insert(venue.clone());
            }
            Event::PreviewSet { source, held } => {
                self.preview = Preview { source: source.clone(), held: *held }
            }
            Event::ProgrammeSet { scene } => self.set_programme(scene),
            Event::FloorOpened { venue, kind } => self.open_floor(venue, *kind, record.at),
            Event::FloorClosed { venue, .. } => self.floor.retain(|lease| lease.venue != *venue),
            Event::CallOnBegan { venue, source, person, request, limit_s } => {
                self.call_on = Some(CallOn {
                    venue: venue.clone(),
                    source: source.clone(),
                    person: person.clone(),
                    request: request.clone(),
                    began: record.at,
                    limit_s: *limit_s,
                });
            }
            Event::CallOnEnded { venue } => {
                if let Some(call_on) = self.call_on.take() {
                    *self.spoken_ms.entry(venue.clone()).or_default() += record.at.since_ms(call_on.began);
                }
            }
            Event::RequestRaised { request, venue, person } => self.queue.push(Request {
                id: request.clone(),
                venue: venue.clone(),
                person: person.clone(),
                since: record.at,
                speaking: false,
            }),
            Event::RequestSpeaking { request } => self.set_speaking(request, true),
            Event::RequestWaits { request } => self.set_speaking(request, false),
            Event::RequestRemoved { request, .. } => self.queue.retain(|r| r.id != *request),
            Event::ItemBegan { item } => {
                self.item = Some(item.clone());
                self.items_began.insert(item.clone(), record.at);
            }
            Event::Unchanged => {}
        }
    }

    /// When the meeting began.
    #[must_use]
    pub fn started(&self) -> Option<Wall> {
        match self.phase {
            Phase::Waiting => None,
            Phase::Live { started } | Phase::Ended { started, .. } => Some(started),
        }
    }

    /// The meeting is under way.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Live { .. })
    }

    /// The lease of a venue.
    #[must_use]
    pub fn lease(&self, venue: &VenueId) -> Option<&Lease> {
        self.floor.iter().find(|lease| lease.venue == *venue)
    }

    /// The request of a venue, waiting or speaking.
    #[must_use]
    pub fn request_of(&self, venue: &VenueId) -> Option<&Request> {
        self.queue.iter().find(|request| request.venue == *venue)
    }

    /// Place of a venue among those that wait to speak, from 1.
    #[must_use]
    pub fn place(&self, venue: &VenueId) -> Option<usize> {
        self.queue.iter().filter(|r| !r.speaking).position(|r| r.venue == *venue).map(|n| n + 1)
    }

    /// The chair's venue.
    #[must_use]
    pub fn chair_venue(&self) -> Option<&VenueId> {
        self.roster.as_ref().map(|roster| &roster.chair_venue)
    }

    /// What a venue sees while it is itself on air (R6): the chair's venue; the chair's own venue sees the last branch that was shown, else the slate.
    #[must_use]
    pub fn return_picture(&self, venue: &VenueId) -> Scene {
        let Some(roster) = &self.roster else { return Scene::Slate };
        let source = if *venue == roster.chair_venue
            && !crate::planted::active(crate::planted::Bug::ReturnShowsSelf)
        {
            self.programme.last_branch.as_ref()
        } else {
            roster.chair_source()
        };
        source.map_or(Scene::Slate, |source| Scene::Full(source.clone()))
    }

    fn end(&mut self, at: Wall, closed: bool) {
        self.phase = Phase::Ended { started: self.started().unwrap_or(at), ended: at, closed };
    }

    fn set_roster(&mut self, roster: &Roster) {
        let branch =
            |source: &SourceId| roster.venue_of(source).is_some_and(|venue| *venue != roster.chair_venue);
        if !self.programme.last_branch.as_ref().is_some_and(branch) {
            self.programme.last_branch = None;
        }
        self.roster = Some(roster.clone());
    }

    fn set_programme(&mut self, scene: &Scene) {
        if let (Some(source), Some(roster)) = (self.programme.scene.source(), &self.roster)
            && roster.venue_of(source).is_some_and(|venue| *venue != roster.chair_venue)
        {
            self.programme.last_branch = Some(source.clone());
        }
        self.programme.scene = scene.clone();
    }

    fn open_floor(&mut self, venue: &VenueId, kind: LeaseKind, at: Wall) {
        match self.floor.iter_mut().find(|lease| lease.venue == *venue) {
            Some(lease) => lease.kind = kind,
            None => self.floor.push(Lease { venue: venue.clone(), kind, since: at }),
        }
    }

    fn set_speaking(&mut self, request: &RequestId, speaking: bool) {
        if let Some(found) = self.queue.iter_mut().find(|r| r.id == *request) {
            found.speaking = speaking;
        }
    }
}
