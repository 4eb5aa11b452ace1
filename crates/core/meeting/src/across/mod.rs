//! What concerns several parts at once: acts, and causes that the server brings into the log.

use base::{PersonId, RequestId, SourceId, VenueId};
use directory::policy::ActKind;

use crate::command::Refusal;
use crate::decide::Ground;
use crate::event::Event;

mod call_on;
mod end;
pub(crate) mod invariant;
pub(crate) mod link_lost;
pub(crate) mod outage;
pub(crate) mod returns;
pub(crate) mod roster;
mod slate;
mod start;
pub(crate) mod summary;
mod take;

/// What an actor asks of several parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Opens the chair's standing lease.
    Start,
    /// Closes every gate and ends the run.
    End,
    /// Preview to programme; the former programme is in preview, held.
    Take {
        /// Refused if the preview is another one by now.
        expect_preview: Option<SourceId>,
    },
    /// Programme to slate; the former programme is in preview, held. The floor stays.
    Slate,
    /// Programme, exclusive floor, banner and timer in one.
    CallOn {
        /// The venue called.
        venue: VenueId,
        /// Its source; the first if left out.
        source: Option<SourceId>,
        /// Who speaks.
        person: Option<PersonId>,
        /// Seconds until the timer says that time is up.
        limit_s: Option<u32>,
        /// The request that this answers.
        request: Option<RequestId>,
    },
    /// Closes the called venue's gate and removes its request; the picture stays.
    EndCallOn,
    /// One microphone less.
    CloseFloor {
        /// The venue whose microphone it is.
        venue: VenueId,
    },
    /// Closes every branch and ends a call-on; never the chair's venue.
    MuteAll,
}

impl Act {
    pub(crate) fn kind(&self) -> ActKind {
        match self {
            Self::Start => ActKind::Start,
            Self::End => ActKind::End,
            Self::Take { .. } => ActKind::Take,
            Self::Slate => ActKind::Slate,
            Self::CallOn { .. } => ActKind::CallOn,
            Self::EndCallOn => ActKind::EndCallOn,
            Self::CloseFloor { .. } => ActKind::CloseFloor,
            Self::MuteAll => ActKind::MuteAll,
        }
    }

    pub(crate) fn opens(&self) -> Option<&VenueId> {
        match self {
            Self::CallOn { venue, .. } => Some(venue),
            Self::Start
            | Self::End
            | Self::Take { .. }
            | Self::Slate
            | Self::EndCallOn
            | Self::CloseFloor { .. }
            | Self::MuteAll => None,
        }
    }
}

pub(crate) fn decide(ground: &Ground<'_>, act: &Act) -> Result<Vec<Event>, Refusal> {
    match act {
        Act::Start => Ok(start::start(ground)),
        Act::End => Ok(end::end(ground)),
        Act::Take { expect_preview } => take::take(ground, expect_preview.as_ref()),
        Act::Slate => Ok(slate::slate(ground)),
        Act::CallOn { venue, source, person, limit_s, request } => {
            let (source, person, request) = (source.as_ref(), person.as_ref(), request.as_ref());
            call_on::call_on(ground, &call_on::Call { venue, source, person, limit_s: *limit_s, request })
        }
        Act::EndCallOn => call_on::end_call_on(ground),
        Act::CloseFloor { venue } => call_on::close_floor(ground, venue),
        Act::MuteAll => Ok(call_on::mute_all(ground)),
    }
}
