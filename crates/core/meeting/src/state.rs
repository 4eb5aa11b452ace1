//! State: what all events so far amount to.

use std::sync::Arc;

use base::{ItemId, Sequence, VenueId, Wall};

use crate::across::returns::Returns;
use crate::event::{Event, Record};
use crate::part::course::Phase;
use crate::part::floor::{CallOn, Lease};
use crate::part::queue::Request;
use crate::part::{course, floor, membership, preview, programme, queue};
use crate::roster::Roster;
use crate::scene::Scene;

/// What all events so far amount to. Changed by [`State::apply`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Sequence of the last event.
    pub seq: Sequence,
    /// Time of the last event.
    pub at: Wall,
    parts: Parts,
}

/// The parts of a state. Each is shared until an event changes it: a copy costs a handle each, and who keeps the handles of an earlier state
/// sees by [`Arc::ptr_eq`] what has not changed since.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// Which venues take part, and which have come.
    pub membership: Arc<membership::State>,
    /// Where the meeting is, and at which item.
    pub course: Arc<course::State>,
    /// Who may be heard, and the call-on.
    pub floor: Arc<floor::State>,
    /// Who wants to speak.
    pub queue: Arc<queue::State>,
    /// What everybody is shown.
    pub programme: Arc<programme::State>,
    /// What comes next.
    pub preview: Arc<preview::State>,
    /// What the venue on air sees; follows from membership and programme.
    pub returns: Arc<Returns>,
}

impl Default for State {
    fn default() -> Self {
        Self { seq: Sequence(0), at: Wall(0), parts: Parts::default() }
    }
}

impl State {
    /// Takes an event. Cannot fail: what was checked when it was decided is not checked again.
    pub fn apply(&mut self, record: &Record) {
        self.seq = record.seq;
        self.at = record.at;
        match &record.event {
            Event::Opened(roster) | Event::RosterChanged(roster) => self.set_roster(roster),
            Event::Started => self.course().phase = Phase::Live { started: record.at },
            Event::Ended => self.end(record.at, false),
            Event::EndedAndClosed => self.end(record.at, true),
            Event::Closed => {
                if let Phase::Ended { closed, .. } = &mut self.course().phase {
                    *closed = true;
                }
            }
            Event::VenueJoined { venue } => {
                Arc::make_mut(&mut self.parts.membership).joined.insert(venue.clone());
            }
            Event::PreviewSet { source, held } => {
                *Arc::make_mut(&mut self.parts.preview) =
                    preview::State { source: source.clone(), held: *held };
            }
            Event::ProgrammeSet { scene } => self.set_programme(scene),
            Event::FloorOpened { venue, kind } => self.floor_mut().open(venue, *kind, record.at),
            Event::FloorClosed { venue, .. } => self.floor_mut().leases.retain(|lease| lease.venue != *venue),
            Event::CallOnBegan { venue, source, person, request, limit_s } => {
                self.floor_mut().call_on = Some(CallOn {
                    venue: venue.clone(),
                    source: source.clone(),
                    person: person.clone(),
                    request: request.clone(),
                    began: record.at,
                    limit_s: *limit_s,
                });
            }
            Event::CallOnEnded { venue } => self.floor_mut().end_call_on(venue, record.at),
            Event::RequestRaised { request, venue, person } => self.queue_mut().requests.push(Request {
                id: request.clone(),
                venue: venue.clone(),
                person: person.clone(),
                since: record.at,
                speaking: false,
            }),
            Event::RequestSpeaking { request } => self.queue_mut().set_speaking(request, true),
            Event::RequestWaits { request } => self.queue_mut().set_speaking(request, false),
            Event::RequestRemoved { request, .. } => self.queue_mut().requests.retain(|r| r.id != *request),
            Event::ItemBegan { item } => {
                let course = self.course();
                course.item = Some(item.clone());
                course.items_began.insert(item.clone(), record.at);
            }
            Event::Unchanged => {}
        }
    }

    /// The parts, to be kept and compared.
    #[must_use]
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Who takes part. None until the first event.
    #[must_use]
    pub fn roster(&self) -> Option<&Roster> {
        self.parts.membership.roster.as_deref()
    }

    /// That venue has published in this run.
    #[must_use]
    pub fn has_joined(&self, venue: &VenueId) -> bool {
        self.parts.membership.joined.contains(venue)
    }

    /// Where the meeting is.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.parts.course.phase
    }

    /// The current item.
    #[must_use]
    pub fn item(&self) -> Option<&ItemId> {
        self.parts.course.item.as_ref()
    }

    /// When that item began last.
    #[must_use]
    pub fn item_began(&self, item: &ItemId) -> Option<Wall> {
        self.parts.course.items_began.get(item).copied()
    }

    /// Leases in the order of opening.
    #[must_use]
    pub fn floor(&self) -> &[Lease] {
        &self.parts.floor.leases
    }

    /// The running call-on.
    #[must_use]
    pub fn call_on(&self) -> Option<&CallOn> {
        self.parts.floor.call_on.as_ref()
    }

    /// Milliseconds that a venue has spoken on call-ons.
    #[must_use]
    pub fn spoken_ms(&self, venue: &VenueId) -> u64 {
        self.parts.floor.spoken_ms.get(venue).copied().unwrap_or_default()
    }

    /// Requests in order.
    #[must_use]
    pub fn queue(&self) -> &[Request] {
        &self.parts.queue.requests
    }

    /// What everybody is shown.
    #[must_use]
    pub fn programme(&self) -> &Scene {
        &self.parts.programme.scene
    }

    /// What comes next.
    #[must_use]
    pub fn preview(&self) -> &preview::State {
        &self.parts.preview
    }

    /// When the meeting began.
    #[must_use]
    pub fn started(&self) -> Option<Wall> {
        match self.phase() {
            Phase::Waiting => None,
            Phase::Live { started } | Phase::Ended { started, .. } => Some(started),
        }
    }

    /// The meeting is under way.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.phase(), Phase::Live { .. })
    }

    /// The lease of a venue.
    #[must_use]
    pub fn lease(&self, venue: &VenueId) -> Option<&Lease> {
        self.floor().iter().find(|lease| lease.venue == *venue)
    }

    /// The request of a venue, waiting or speaking.
    #[must_use]
    pub fn request_of(&self, venue: &VenueId) -> Option<&Request> {
        self.queue().iter().find(|request| request.venue == *venue)
    }

    /// Place of a venue among those that wait to speak, from 1.
    #[must_use]
    pub fn place(&self, venue: &VenueId) -> Option<usize> {
        self.queue().iter().filter(|r| !r.speaking).position(|r| r.venue == *venue).map(|n| n + 1)
    }

    /// The chair's venue.
    #[must_use]
    pub fn chair_venue(&self) -> Option<&VenueId> {
        self.roster().map(|roster| &roster.chair_venue)
    }

    /// What a venue sees while it is itself on air (R6): the chair's venue; the chair's own venue sees the last branch that was shown, else the slate.
    #[must_use]
    pub fn return_picture(&self, venue: &VenueId) -> Scene {
        self.roster().map_or(Scene::Slate, |roster| self.parts.returns.picture(roster, venue))
    }

    fn end(&mut self, at: Wall, closed: bool) {
        let started = self.started().unwrap_or(at);
        self.course().phase = Phase::Ended { started, ended: at, closed };
    }

    fn set_roster(&mut self, roster: &Roster) {
        Arc::make_mut(&mut self.parts.returns).keep_branches(roster);
        Arc::make_mut(&mut self.parts.membership).roster = Some(Arc::new(roster.clone()));
    }

    fn set_programme(&mut self, scene: &Scene) {
        let Parts { membership, programme, returns, .. } = &mut self.parts;
        Arc::make_mut(returns).leaves(membership.roster.as_deref(), &programme.scene);
        Arc::make_mut(programme).scene = scene.clone();
    }

    fn course(&mut self) -> &mut course::State {
        Arc::make_mut(&mut self.parts.course)
    }

    fn floor_mut(&mut self) -> &mut floor::State {
        Arc::make_mut(&mut self.parts.floor)
    }

    fn queue_mut(&mut self) -> &mut queue::State {
        Arc::make_mut(&mut self.parts.queue)
    }
}
