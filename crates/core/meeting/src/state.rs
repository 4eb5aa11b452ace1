//! State: what all events so far amount to.

use std::sync::Arc;

use base::{ItemId, Sequence, VenueId, Wall};

use crate::across::returns::Returns;
use crate::across::summary::Summary;
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
    /// What was held; follows from course and floor.
    pub summary: Arc<Summary>,
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
        let at = record.took_effect();
        let parts = &mut self.parts;
        match &record.event {
            Event::Membership(event) => {
                if let Some(roster) = event.roster() {
                    Arc::make_mut(&mut parts.returns).keep_branches(roster);
                }
                Arc::make_mut(&mut parts.membership).apply(event);
            }
            Event::Course(event) => {
                Arc::make_mut(&mut parts.summary).course(event, at);
                Arc::make_mut(&mut parts.course).apply(event, at);
                if let course::Event::ClockJumped { by_ms } = event {
                    Arc::make_mut(&mut parts.floor).clock_jumped(*by_ms);
                    Arc::make_mut(&mut parts.queue).clock_jumped(*by_ms);
                }
            }
            Event::Floor(event) => {
                let item = parts.course.item.as_ref();
                Arc::make_mut(&mut parts.summary).floor(event, item, at);
                Arc::make_mut(&mut parts.floor).apply(event, at);
            }
            Event::Queue(event) => Arc::make_mut(&mut parts.queue).apply(event, at),
            Event::Programme(event) => {
                let roster = parts.membership.roster.as_deref();
                Arc::make_mut(&mut parts.returns).leaves(roster, &parts.programme.scene);
                Arc::make_mut(&mut parts.programme).apply(event);
            }
            Event::Preview(event) => Arc::make_mut(&mut parts.preview).apply(event),
            // Keys stand beside the state.
            Event::Keys(_) => {}
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

    /// What was held so far: items and speeches.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.parts.summary
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
        self.parts.course.started()
    }

    /// By how much the clock of the server has jumped so far, in milliseconds.
    #[must_use]
    pub fn clock_jumped_ms(&self) -> i64 {
        self.parts.course.jumped_ms
    }

    /// The meeting is under way.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.parts.course.is_live()
    }

    /// The lease of a venue.
    #[must_use]
    pub fn lease(&self, venue: &VenueId) -> Option<&Lease> {
        self.parts.floor.lease(venue)
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
}
