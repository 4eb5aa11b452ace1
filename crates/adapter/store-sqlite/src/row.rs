//! Rows that the store lists.

use base::{Epoch, MeetingId, RunId, TokenId, VenueId, Wall};
use directory::Text;
use directory::policy::Role;

/// A meeting in the list of meetings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingRow {
    /// Id.
    pub id: MeetingId,
    /// Title.
    pub title: Text,
    /// Planned start.
    pub start: Option<Wall>,
}

/// What a run is for. In the order in which runs of a meeting are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunKind {
    /// The meeting as held; it alone enters the record.
    Held,
    /// A run-through 彩排.
    RunThrough,
    /// A joint test 联调.
    JointTest,
    /// What people do after the meeting: approvals, corrections, holds. Reserved: nothing makes such a run yet.
    Office,
}

impl RunKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Held, Self::RunThrough, Self::JointTest, Self::Office];

    /// Its name in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::RunThrough => "run_through",
            Self::JointTest => "joint_test",
            Self::Office => "office",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A run of a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Id, unique in the data folder.
    pub id: RunId,
    /// The meeting.
    pub meeting: MeetingId,
    /// What it is for.
    pub kind: RunKind,
    /// When it was made.
    pub created: Wall,
    /// Epoch of the last writer that opened it, 0 before the first.
    pub epoch: Epoch,
}

/// A token that was given out. The token itself carries what it says; the row is there to list and to revoke it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Id.
    pub id: TokenId,
    /// The meeting.
    pub meeting: MeetingId,
    /// What it stands for.
    pub role: Role,
    /// The venue, of the role `venue` and of no other.
    pub venue: Option<VenueId>,
    /// Until when it is good.
    pub expires: Wall,
    /// Since when it is not, whatever it says.
    pub revoked: Option<Wall>,
}

pub(crate) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Director => "director",
        Role::Chair => "chair",
        Role::Venue => "venue",
        Role::Watcher => "watcher",
    }
}

pub(crate) fn role_from_name(name: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role_name(*role) == name)
}
