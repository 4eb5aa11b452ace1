//! Faults that a test plants to prove that the simulator finds them. Without the feature `planted` none can be active.

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bug {
    /// R1: a take opens the microphone of the venue it shows.
    TakeOpensFloor,
    /// R2: the end of a call-on leaves the microphone open.
    CallOnLeavesFloor,
    /// R3: a revocation does not shut the gate before it is appended.
    RevokeSkipsGate,
    /// R3: a lost link keeps its lease for ever.
    LostKeepsLease,
    /// R4: screens show the lease in place of the hop's gate.
    GateFromLease,
    /// R5: a call-on leaves other microphones open.
    CallOnNotExclusive,
    /// R6: the chair's venue sees itself.
    ReturnShowsSelf,
    /// R8: closing all microphones removes the speaker's request.
    MuteForgetsRequest,
    /// R10: video is admitted before the snapshot is shown.
    AdmitEarly,
    /// R15: a repeated key acts again.
    RepeatActsAgain,
    /// R15: the answer is given before the log has the act.
    AckBeforeAppend,
    /// R15: a server keeps its old epoch when it recovers.
    OldEpoch,
    /// A run that is closed takes a roster that changes.
    ClosedTakesRoster,
    /// R16: a command that waited is decided however old it is.
    InboxKept,
    /// R16: a grant that nobody was told of opens a microphone when the log is found to hold it.
    StoredGrantOpens,
    /// R16: a batch that hung and was given up takes effect when it is stored after all.
    LateSuccessOpens,
    /// R17: what was closed and is not in the log yet opens again under a new epoch.
    LoadForgetsWithheld,
    /// R17: so does the picture.
    LoadForgetsSlate,
    /// R18: what the hop reports of one meeting waits for the mailbox of another.
    FactsWaitForOther,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::TakeOpensFloor,
        Self::CallOnLeavesFloor,
        Self::RevokeSkipsGate,
        Self::LostKeepsLease,
        Self::GateFromLease,
        Self::CallOnNotExclusive,
        Self::ReturnShowsSelf,
        Self::MuteForgetsRequest,
        Self::AdmitEarly,
        Self::RepeatActsAgain,
        Self::AckBeforeAppend,
        Self::OldEpoch,
        Self::ClosedTakesRoster,
        Self::InboxKept,
        Self::StoredGrantOpens,
        Self::LateSuccessOpens,
        Self::LoadForgetsWithheld,
        Self::LoadForgetsSlate,
        Self::FactsWaitForOther,
    ];
}

#[cfg(feature = "planted")]
mod chosen {
    use super::Bug;
    use std::cell::Cell;

    thread_local! {
        static CHOSEN: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// Plants a fault in this thread, or removes it.
    pub fn plant(bug: Option<Bug>) {
        CHOSEN.with(|chosen| chosen.set(bug));
    }

    /// That fault is planted in this thread.
    #[must_use]
    pub fn active(bug: Bug) -> bool {
        CHOSEN.with(|chosen| chosen.get() == Some(bug))
    }
}

#[cfg(feature = "planted")]
pub use chosen::{active, plant};

/// That fault is planted: never, without the feature.
#[cfg(not(feature = "planted"))]
#[must_use]
pub const fn active(_: Bug) -> bool {
    false
}
