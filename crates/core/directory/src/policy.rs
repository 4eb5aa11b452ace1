//! What a role may do: one table.

pub use base::{ActKind, Role};

/// Version of the table; stored in the first event of a run.
pub const VERSION: u32 = 1;

/// The role whose act this is.
#[must_use]
pub const fn owner(act: ActKind) -> Role {
    match act {
        ActKind::Start
        | ActKind::End
        | ActKind::Preview
        | ActKind::Take
        | ActKind::Slate
        | ActKind::Item
        | ActKind::Acknowledge => Role::Director,
        ActKind::CallOn
        | ActKind::EndCallOn
        | ActKind::OpenFloor
        | ActKind::CloseFloor
        | ActKind::MuteAll
        | ActKind::Drop => Role::Chair,
        ActKind::Raise | ActKind::Withdraw => Role::Venue,
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
    match (role, owner(act)) {
        // An alarm is seen to by whoever of the two sees it.
        (Role::Chair, Role::Director) if matches!(act, ActKind::Acknowledge) => Permission::Own,
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
    roles.sort_by_key(|r| *r != owner(act));
    roles
}

/// Names of the acts that a role may do.
#[must_use]
pub fn may(role: Role) -> Vec<ActKind> {
    ActKind::ALL.into_iter().filter(|act| permission(role, *act) != Permission::No).collect()
}
