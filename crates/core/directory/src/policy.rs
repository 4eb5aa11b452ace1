//! What a role may do: one table.

use serde::{Deserialize, Serialize};

/// Version of the table; stored in the first event of a run.
pub const VERSION: u32 = 1;

/// What a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Decides what is shown 导播; by default acts for the chair too (会控代行).
    Director,
    /// Decides who is heard 主席.
    Chair,
    /// A venue: hall screen and technician's page.
    Venue,
    /// Sees and hears the programme.
    Watcher,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 4] = [Self::Director, Self::Chair, Self::Venue, Self::Watcher];
}

/// Kinds of act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActKind {
    /// Begin the meeting.
    Start,
    /// End it.
    End,
    /// Set the preview.
    Preview,
    /// Preview to programme.
    Take,
    /// Programme to slate.
    Slate,
    /// Picture, exclusive floor, banner, timer.
    CallOn,
    /// End of a call-on.
    EndCallOn,
    /// One more microphone.
    OpenFloor,
    /// One less.
    CloseFloor,
    /// All branches closed.
    MuteAll,
    /// Ask to speak.
    Raise,
    /// Take that back.
    Withdraw,
    /// Remove a request.
    Drop,
    /// Current item.
    Item,
}

impl ActKind {
    /// All kinds.
    pub const ALL: [Self; 14] = [
        Self::Start,
        Self::End,
        Self::Preview,
        Self::Take,
        Self::Slate,
        Self::CallOn,
        Self::EndCallOn,
        Self::OpenFloor,
        Self::CloseFloor,
        Self::MuteAll,
        Self::Raise,
        Self::Withdraw,
        Self::Drop,
        Self::Item,
    ];

    /// Its name in the protocol.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
            Self::Preview => "preview",
            Self::Take => "take",
            Self::Slate => "slate",
            Self::CallOn => "call_on",
            Self::EndCallOn => "end_call_on",
            Self::OpenFloor => "open_floor",
            Self::CloseFloor => "close_floor",
            Self::MuteAll => "mute_all",
            Self::Raise => "raise",
            Self::Withdraw => "withdraw",
            Self::Drop => "drop",
            Self::Item => "item",
        }
    }

    /// The role whose act this is.
    #[must_use]
    pub const fn owner(self) -> Role {
        match self {
            Self::Start | Self::End | Self::Preview | Self::Take | Self::Slate | Self::Item => Role::Director,
            Self::CallOn
            | Self::EndCallOn
            | Self::OpenFloor
            | Self::CloseFloor
            | Self::MuteAll
            | Self::Drop => Role::Chair,
            Self::Raise | Self::Withdraw => Role::Venue,
        }
    }
}

/// How a role may do an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// In its own right.
    Own,
    /// For the chair; the event says so.
    ForChair,
    /// Not at all.
    No,
}

/// The table. Floor acts belong to the chair; the desk does them for the chair.
#[must_use]
pub fn permission(role: Role, act: ActKind) -> Permission {
    match (role, act.owner()) {
        (Role::Director, Role::Director) | (Role::Chair, Role::Chair) | (Role::Venue, Role::Venue) => {
            Permission::Own
        }
        (Role::Director, Role::Chair) => Permission::ForChair,
        (Role::Director, Role::Venue | Role::Watcher)
        | (Role::Chair, Role::Director | Role::Venue | Role::Watcher)
        | (Role::Venue, Role::Director | Role::Chair | Role::Watcher)
        | (Role::Watcher, _) => Permission::No,
    }
}

/// Roles that may do an act, its owner first.
#[must_use]
pub fn who_may(act: ActKind) -> Vec<Role> {
    let mut roles: Vec<Role> =
        Role::ALL.into_iter().filter(|r| permission(*r, act) != Permission::No).collect();
    roles.sort_by_key(|r| *r != act.owner());
    roles
}

/// Names of the acts that a role may do.
#[must_use]
pub fn may(role: Role) -> Vec<ActKind> {
    ActKind::ALL.into_iter().filter(|act| permission(role, *act) != Permission::No).collect()
}
