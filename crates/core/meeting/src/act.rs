//! What an actor asks for.

use base::{ItemId, PersonId, RequestId, SourceId, VenueId};
use directory::policy::ActKind;

/// An act. Where a source is meant, a venue's id names its first source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Opens the chair's standing lease.
    Start,
    /// Closes every gate and ends the run.
    End,
    /// Sets the preview; touching a held source makes it next.
    Preview {
        /// The source, or none.
        source: Option<SourceId>,
    },
    /// Preview to programme; the former programme is in preview, held.
    Take {
        /// Refused if the preview is another one by now.
        expect_preview: Option<SourceId>,
    },
    /// Programme to slate; the floor stays.
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
    /// One more microphone, without a picture.
    OpenFloor {
        /// Whose.
        venue: VenueId,
    },
    /// One microphone less.
    CloseFloor {
        /// Whose.
        venue: VenueId,
    },
    /// Closes every branch and ends a call-on; never the chair's venue.
    MuteAll,
    /// Request to speak.
    Raise {
        /// Who would speak.
        person: Option<PersonId>,
    },
    /// Takes one's own request back.
    Withdraw,
    /// Removes a request.
    Drop {
        /// Which.
        request: RequestId,
    },
    /// Makes that item the current one.
    Item {
        /// Which.
        item: ItemId,
    },
}

impl Act {
    /// Its kind, by which the policy table decides.
    #[must_use]
    pub fn kind(&self) -> ActKind {
        match self {
            Self::Start => ActKind::Start,
            Self::End => ActKind::End,
            Self::Preview { .. } => ActKind::Preview,
            Self::Take { .. } => ActKind::Take,
            Self::Slate => ActKind::Slate,
            Self::CallOn { .. } => ActKind::CallOn,
            Self::EndCallOn => ActKind::EndCallOn,
            Self::OpenFloor { .. } => ActKind::OpenFloor,
            Self::CloseFloor { .. } => ActKind::CloseFloor,
            Self::MuteAll => ActKind::MuteAll,
            Self::Raise { .. } => ActKind::Raise,
            Self::Withdraw => ActKind::Withdraw,
            Self::Drop { .. } => ActKind::Drop,
            Self::Item { .. } => ActKind::Item,
        }
    }
}
