//! Commands become events, or are refused. Nothing is changed here.

use base::limits::{CALL_ON_LIMIT_S_MAX, OPEN_MICROPHONES_MAX};
use base::{ItemId, PersonId, RequestId, Sequence, SourceId, VenueId};
use directory::Directory;
use directory::policy::{self, ActKind, Permission, Role};

use crate::act::Act;
use crate::command::{By, Command, Refusal, RefusalCode};
use crate::event::{Event, FloorClosedWhy, LeaseKind, RemovedWhy};
use crate::part::course::Phase;
use crate::part::floor::CallOn;
use crate::planted::{self, Bug};
use crate::roster::{Roster, RosterVenue};
use crate::scene::Scene;
use crate::state::State;

/// Checks a command. The events belong together: all or none of them happen. There is at least one, so that a repeat can be answered.
/// Whether a person exists is asked of `directory`, the organisation as it is now; all else is in the state.
///
/// # Errors
/// A [`Refusal`] says why nothing happens, who holds what stands in the way, and who may.
pub fn decide(state: &State, directory: &Directory, command: &Command) -> Result<(By, Vec<Event>), Refusal> {
    let kind = command.act.kind();
    let acting_for = match policy::permission(command.actor.role, kind) {
        Permission::Own => None,
        Permission::ForChair => Some(Role::Chair),
        Permission::No => {
            return Err(Refusal { code: RefusalCode::NoRight, holder: None, may: policy::who_may(kind) });
        }
    };
    let roster = state.roster().ok_or_else(|| Refusal::new(RefusalCode::NotStarted))?;
    check_phase(state, kind)?;
    let mut events = Decision { state, directory, roster }.events(command)?;
    if events.is_empty() {
        events.push(Event::Unchanged);
    }
    let by = By::Actor {
        role: command.actor.role,
        venue: command.actor.venue.clone(),
        token: command.actor.token.clone(),
        acting_for,
        key: command.key.clone(),
        act: kind,
    };
    Ok((by, events))
}

/// Preview and item may be prepared before the start; all else needs a running meeting.
fn check_phase(state: &State, kind: ActKind) -> Result<(), Refusal> {
    match (state.phase(), kind) {
        (Phase::Waiting, ActKind::Start | ActKind::Preview | ActKind::Item) => Ok(()),
        (Phase::Waiting, _) => Err(Refusal::new(RefusalCode::NotStarted)),
        (Phase::Live { .. }, ActKind::Start) => Err(Refusal::new(RefusalCode::AlreadyStarted)),
        (Phase::Live { .. }, _) => Ok(()),
        (Phase::Ended { .. }, _) => Err(Refusal::new(RefusalCode::Ended)),
    }
}

struct Decision<'a> {
    state: &'a State,
    directory: &'a Directory,
    roster: &'a Roster,
}

impl Decision<'_> {
    fn events(&self, command: &Command) -> Result<Vec<Event>, Refusal> {
        match &command.act {
            Act::Start => Ok(vec![
                Event::Started,
                Event::FloorOpened { venue: self.roster.chair_venue.clone(), kind: LeaseKind::Standing },
            ]),
            Act::End => Ok(self.end()),
            Act::Preview { source } => self.preview(source.as_ref()),
            Act::Take { expect_preview } => self.take(expect_preview.as_ref()),
            Act::Slate => Ok(self.show(Scene::Slate)),
            Act::CallOn { venue, source, person, limit_s, request } => self.call_on(&Call {
                venue,
                source: source.as_ref(),
                person: person.as_ref(),
                limit_s: *limit_s,
                request: request.as_ref(),
            }),
            Act::EndCallOn => match self.state.call_on() {
                Some(call_on) => Ok(self.end_call_on(call_on, FloorClosedWhy::CallOnEnded)),
                None => Err(Refusal::new(RefusalCode::NoCallOn)),
            },
            Act::OpenFloor { venue } => self.open_floor(venue),
            Act::CloseFloor { venue } => self.close_floor(venue),
            Act::MuteAll => Ok(self.mute_all()),
            Act::Raise { person } => self.raise(command.actor.venue.as_ref(), person.as_ref()),
            Act::Withdraw => self.withdraw(command.actor.venue.as_ref()),
            Act::Drop { request } => self.drop(request),
            Act::Item { item } => self.item(item),
        }
    }

    fn end(&self) -> Vec<Event> {
        let mut events = self.abandon_call_on();
        events.extend(self.state.floor().iter().map(|lease| Event::FloorClosed {
            venue: lease.venue.clone(),
            why: FloorClosedWhy::MeetingEnded,
        }));
        events.extend(self.show(Scene::Slate));
        if self.state.preview().source.is_some() {
            events.push(Event::PreviewSet { source: None, held: false });
        }
        events.push(Event::Ended);
        events
    }

    fn preview(&self, source: Option<&SourceId>) -> Result<Vec<Event>, Refusal> {
        let source = source.map(|named| self.source(named)).transpose()?;
        let now = self.state.preview();
        if now.source == source && !now.held {
            return Ok(vec![]);
        }
        Ok(vec![Event::PreviewSet { source, held: false }])
    }

    fn take(&self, expected: Option<&SourceId>) -> Result<Vec<Event>, Refusal> {
        let Some(next) = &self.state.preview().source else {
            return Err(Refusal::new(RefusalCode::PreviewEmpty));
        };
        if let Some(expected) = expected
            && self.roster.resolve(expected).as_ref() != Some(next)
        {
            return Err(Refusal::held(RefusalCode::PreviewChanged, next, vec![]));
        }
        let former = self.state.programme().source();
        if former == Some(next) {
            return Ok(vec![]);
        }
        let mut events = self.show(Scene::Full(next.clone()));
        events.push(Event::PreviewSet { source: former.cloned(), held: former.is_some() });
        if planted::active(Bug::TakeOpensFloor)
            && let Some(venue) = self.roster.venue_of(next)
        {
            events.push(Event::FloorOpened { venue: venue.clone(), kind: LeaseKind::Open });
        }
        Ok(events)
    }

    fn show(&self, scene: Scene) -> Vec<Event> {
        if *self.state.programme() == scene { vec![] } else { vec![Event::ProgrammeSet { scene }] }
    }

    fn call_on(&self, call: &Call<'_>) -> Result<Vec<Event>, Refusal> {
        self.no_call_on()?;
        let venue = self.venue(call.venue)?;
        let source = self.source_of(venue, call.source)?;
        self.person(call.person)?;
        if call.limit_s.is_some_and(|s| s == 0 || s > CALL_ON_LIMIT_S_MAX) {
            return Err(Refusal::new(RefusalCode::BadLimit));
        }
        let request = call
            .request
            .map(|id| self.state.queue().iter().find(|r| r.id == *id && r.venue == venue.id).ok_or(id))
            .transpose()
            .map_err(|id| Refusal::held(RefusalCode::UnknownRequest, id, vec![]))?;

        let mut events = Vec::new();
        if !planted::active(Bug::CallOnNotExclusive) {
            events.extend(self.close_branches(FloorClosedWhy::Exclusive, Some(&venue.id)));
        }
        if venue.id != self.roster.chair_venue {
            events.push(Event::FloorOpened { venue: venue.id.clone(), kind: LeaseKind::CallOn });
        } else if self.state.lease(&venue.id).is_none() {
            events.push(Event::FloorOpened { venue: venue.id.clone(), kind: LeaseKind::Standing });
        }
        events.push(Event::CallOnBegan {
            venue: venue.id.clone(),
            source: source.clone(),
            person: call.person.cloned().or_else(|| request.and_then(|r| r.person.clone())),
            request: request.map(|r| r.id.clone()),
            limit_s: call.limit_s,
        });
        if let Some(request) = request {
            events.push(Event::RequestSpeaking { request: request.id.clone() });
        }
        let shown = self.show(Scene::Full(source.clone()));
        // What was previewed is on air now, so the preview holds what was on air, as after a take.
        if !shown.is_empty() && self.state.preview().source.as_ref() == Some(&source) {
            let former = self.state.programme().source().cloned();
            let held = former.is_some();
            events.push(Event::PreviewSet { source: former, held });
        }
        events.extend(shown);
        Ok(events)
    }

    /// Ends a call-on by the chair's act: the gate closes, the request has been heard.
    fn end_call_on(&self, call_on: &CallOn, why: FloorClosedWhy) -> Vec<Event> {
        let mut events = vec![Event::CallOnEnded { venue: call_on.venue.clone() }];
        if call_on.venue != self.roster.chair_venue && !planted::active(Bug::CallOnLeavesFloor) {
            events.push(Event::FloorClosed { venue: call_on.venue.clone(), why });
        }
        if let Some(request) = self.speaking(call_on) {
            events.push(Event::RequestRemoved { request, why: RemovedWhy::Spoken });
        }
        events
    }

    /// Ends a call-on for another reason: the request waits again at its old place (R8).
    fn abandon_call_on(&self) -> Vec<Event> {
        let Some(call_on) = self.state.call_on() else { return vec![] };
        let mut events = vec![Event::CallOnEnded { venue: call_on.venue.clone() }];
        if let Some(request) = self.speaking(call_on) {
            events.push(if planted::active(Bug::MuteForgetsRequest) {
                Event::RequestRemoved { request, why: RemovedWhy::Spoken }
            } else {
                Event::RequestWaits { request }
            });
        }
        events
    }

    fn open_floor(&self, venue: &VenueId) -> Result<Vec<Event>, Refusal> {
        let venue = &self.venue(venue)?.id;
        if self.state.lease(venue).is_some() {
            return Ok(vec![]);
        }
        if *venue == self.roster.chair_venue {
            return Ok(vec![Event::FloorOpened { venue: venue.clone(), kind: LeaseKind::Standing }]);
        }
        self.no_call_on()?;
        // One of the microphones is the chair's, whether it is open or not.
        let branches =
            self.state.floor().iter().filter(|lease| lease.venue != self.roster.chair_venue).count();
        if branches + 1 >= OPEN_MICROPHONES_MAX {
            return Err(Refusal::new(RefusalCode::FloorFull));
        }
        Ok(vec![Event::FloorOpened { venue: venue.clone(), kind: LeaseKind::Open }])
    }

    fn close_floor(&self, venue: &VenueId) -> Result<Vec<Event>, Refusal> {
        let venue = &self.venue(venue)?.id;
        if self.state.lease(venue).is_none() {
            return Ok(vec![]);
        }
        match self.state.call_on() {
            Some(call_on) if call_on.venue == *venue && *venue != self.roster.chair_venue => {
                Ok(self.end_call_on(call_on, FloorClosedWhy::Closed))
            }
            Some(_) | None => {
                Ok(vec![Event::FloorClosed { venue: venue.clone(), why: FloorClosedWhy::Closed }])
            }
        }
    }

    fn mute_all(&self) -> Vec<Event> {
        let mut events = self.abandon_call_on();
        events.extend(self.close_branches(FloorClosedWhy::MutedAll, None));
        events
    }

    fn close_branches(&self, why: FloorClosedWhy, but: Option<&VenueId>) -> Vec<Event> {
        let branches =
            self.state.floor().iter().filter(|l| l.venue != self.roster.chair_venue && Some(&l.venue) != but);
        branches.map(|lease| Event::FloorClosed { venue: lease.venue.clone(), why }).collect()
    }

    fn raise(&self, venue: Option<&VenueId>, person: Option<&PersonId>) -> Result<Vec<Event>, Refusal> {
        let venue = &self.own_venue(venue)?.id;
        self.person(person)?;
        if let Some(request) = self.state.request_of(venue) {
            return Err(Refusal::held(RefusalCode::AlreadyWaiting, &request.id, vec![]));
        }
        Ok(vec![Event::RequestRaised {
            request: request_id(self.state.seq.next()),
            venue: venue.clone(),
            person: person.cloned(),
        }])
    }

    fn withdraw(&self, venue: Option<&VenueId>) -> Result<Vec<Event>, Refusal> {
        let venue = &self.own_venue(venue)?.id;
        let request = self.state.request_of(venue).ok_or_else(|| Refusal::new(RefusalCode::NotWaiting))?;
        Ok(vec![Event::RequestRemoved { request: request.id.clone(), why: RemovedWhy::Withdrawn }])
    }

    fn drop(&self, request: &RequestId) -> Result<Vec<Event>, Refusal> {
        if !self.state.queue().iter().any(|r| r.id == *request) {
            return Err(Refusal::held(RefusalCode::UnknownRequest, request, vec![]));
        }
        Ok(vec![Event::RequestRemoved { request: request.clone(), why: RemovedWhy::Dropped }])
    }

    fn item(&self, item: &ItemId) -> Result<Vec<Event>, Refusal> {
        if !self.roster.items.contains(item) {
            return Err(Refusal::held(RefusalCode::UnknownItem, item, vec![]));
        }
        if self.state.item() == Some(item) {
            return Ok(vec![]);
        }
        Ok(vec![Event::ItemBegan { item: item.clone() }])
    }

    fn no_call_on(&self) -> Result<(), Refusal> {
        match self.state.call_on() {
            Some(call_on) => Err(Refusal::held(
                RefusalCode::FloorHeld,
                &call_on.venue,
                policy::who_may(ActKind::EndCallOn),
            )),
            None => Ok(()),
        }
    }

    fn speaking(&self, call_on: &CallOn) -> Option<RequestId> {
        let request = call_on.request.as_ref()?;
        self.state.queue().iter().any(|r| r.id == *request).then(|| request.clone())
    }

    fn venue(&self, id: &VenueId) -> Result<&RosterVenue, Refusal> {
        self.roster.venue(id).ok_or_else(|| Refusal::held(RefusalCode::UnknownVenue, id, vec![]))
    }

    fn own_venue(&self, venue: Option<&VenueId>) -> Result<&RosterVenue, Refusal> {
        venue.ok_or_else(|| Refusal::new(RefusalCode::UnknownVenue)).and_then(|id| self.venue(id))
    }

    fn source(&self, named: &SourceId) -> Result<SourceId, Refusal> {
        self.roster.resolve(named).ok_or_else(|| Refusal::held(RefusalCode::UnknownSource, named, vec![]))
    }

    fn source_of(&self, venue: &RosterVenue, named: Option<&SourceId>) -> Result<SourceId, Refusal> {
        let source = match named {
            Some(named) => Some(self.source(named)?),
            None => venue.sources.first().cloned(),
        };
        source
            .filter(|source| venue.sources.contains(source))
            .ok_or_else(|| Refusal::held(RefusalCode::UnknownSource, &venue.id, vec![]))
    }

    fn person(&self, person: Option<&PersonId>) -> Result<(), Refusal> {
        match person {
            Some(id) if !self.directory.people().contains_key(id) => {
                Err(Refusal::held(RefusalCode::UnknownPerson, id, vec![]))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// A call-on, its fields borrowed from the act.
struct Call<'a> {
    venue: &'a VenueId,
    source: Option<&'a SourceId>,
    person: Option<&'a PersonId>,
    limit_s: Option<u32>,
    request: Option<&'a RequestId>,
}

/// A request is named by the sequence of the event that raised it, so that replay names it alike.
fn request_id(seq: Sequence) -> RequestId {
    RequestId::new(&format!("r{seq}")).expect("r and digits are an id")
}
