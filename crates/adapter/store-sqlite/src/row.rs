//! How roles are stored.

use directory::policy::Role;

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
