//! Commands become events, or are refused. Nothing is changed here.

use base::{PersonId, SourceId, VenueId};
use directory::Directory;
use directory::policy::{self, ActKind, Permission, Role};

use crate::across;
use crate::act::Act;
use crate::command::{Actor, By, Command, Refusal, RefusalCode};
use crate::event::Event;
use crate::keys;
use crate::part::course::Phase;
use crate::part::{course, floor, preview, queue};
use crate::roster::{Roster, RosterVenue};
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
    check_phase(state.phase(), kind)?;
    let mut events = events(&Ground { state, roster, directory, actor: &command.actor }, &command.act)?;
    if events.is_empty() {
        events.push(keys::Event::Unchanged.into());
    }
    let by = By::Actor {
        role: command.actor.role,
        venue: command.actor.venue.clone(),
        token: command.actor.token.clone(),
        acting_for,
        key: command.key.clone(),
        act: kind,
        effective: None,
        fields: command.act.fields(),
    };
    Ok((by, events))
}

/// Preview and item may be prepared before the start; all else needs a running meeting.
fn check_phase(phase: Phase, kind: ActKind) -> Result<(), Refusal> {
    match (phase, kind) {
        (Phase::Waiting, ActKind::Start | ActKind::Preview | ActKind::Item) => Ok(()),
        (Phase::Waiting, _) => Err(Refusal::new(RefusalCode::NotStarted)),
        (Phase::Live { .. }, ActKind::Start) => Err(Refusal::new(RefusalCode::AlreadyStarted)),
        (Phase::Live { .. }, _) => Ok(()),
        (Phase::Ended { .. }, _) => Err(Refusal::new(RefusalCode::Ended)),
    }
}

/// An act of one part gives events of that part only (R1).
fn events(ground: &Ground<'_>, act: &Act) -> Result<Vec<Event>, Refusal> {
    match act {
        Act::Course(act) => course::decide(ground, act).map(of_part),
        Act::Floor(act) => floor::decide(ground, act).map(of_part),
        Act::Queue(act) => queue::decide(ground, act).map(of_part),
        Act::Preview(act) => preview::decide(ground, act).map(of_part),
        Act::Across(act) => across::decide(ground, act),
    }
}

fn of_part<E: Into<Event>>(events: Vec<E>) -> Vec<Event> {
    events.into_iter().map(Into::into).collect()
}

/// What an act is decided on.
pub(crate) struct Ground<'a> {
    pub(crate) state: &'a State,
    pub(crate) roster: &'a Roster,
    directory: &'a Directory,
    actor: &'a Actor,
}

impl<'a> Ground<'a> {
    pub(crate) fn no_call_on(&self) -> Result<(), Refusal> {
        let Some(call_on) = self.state.call_on() else { return Ok(()) };
        Err(Refusal::held(RefusalCode::FloorHeld, &call_on.venue, policy::who_may(ActKind::EndCallOn)))
    }

    pub(crate) fn venue(&self, id: &VenueId) -> Result<&'a RosterVenue, Refusal> {
        self.roster.venue(id).ok_or_else(|| Refusal::held(RefusalCode::UnknownVenue, id, vec![]))
    }

    /// The venue of the actor.
    pub(crate) fn own_venue(&self) -> Result<&'a RosterVenue, Refusal> {
        let own = self.actor.venue.as_ref().ok_or_else(|| Refusal::new(RefusalCode::UnknownVenue))?;
        self.venue(own)
    }

    pub(crate) fn source(&self, named: &SourceId) -> Result<SourceId, Refusal> {
        self.roster.resolve(named).ok_or_else(|| Refusal::held(RefusalCode::UnknownSource, named, vec![]))
    }

    /// A source of that venue: the named one, or its first.
    pub(crate) fn source_of(
        &self,
        venue: &RosterVenue,
        named: Option<&SourceId>,
    ) -> Result<SourceId, Refusal> {
        let source = match named {
            Some(named) => Some(self.source(named)?),
            None => venue.sources.first().cloned(),
        };
        source
            .filter(|source| venue.sources.contains(source))
            .ok_or_else(|| Refusal::held(RefusalCode::UnknownSource, &venue.id, vec![]))
    }

    /// That person exists, if one is named.
    pub(crate) fn person(&self, person: Option<&PersonId>) -> Result<(), Refusal> {
        match person {
            Some(id) if !self.directory.people().contains_key(id) => {
                Err(Refusal::held(RefusalCode::UnknownPerson, id, vec![]))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// That person may speak from that venue, if one is named. Of others a venue is told no more than of those that do not exist.
    pub(crate) fn person_of(&self, venue: &VenueId, person: Option<&PersonId>) -> Result<(), Refusal> {
        let Some(id) = person else { return Ok(()) };
        let meeting: Vec<VenueId> = self.roster.venues.iter().map(|venue| venue.id.clone()).collect();
        let own = self.directory.venue(venue);
        if own.is_some_and(|venue| self.directory.speaks_from(id, venue, &meeting)) {
            Ok(())
        } else {
            Err(Refusal::held(RefusalCode::UnknownPerson, id, vec![]))
        }
    }
}
