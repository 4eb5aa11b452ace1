//! What screens show, as the crate `screen` works it out.

use service::control::View;
use wire::Gate;

use crate::oracle::{Broken, bit};

/// Screens show a gate as the hop reported it, whatever was commanded (R4).
pub(crate) fn check_gates(view: &View, told: u32) -> Result<(), Broken> {
    let sections = ::screen::projection::complete(view, None);
    for venue in &view.plan.venues {
        let name = ::screen::projection::venue_section(venue);
        let Some(section) = sections.venues.get(&name) else { continue };
        let open = section.gate == Gate::Open;
        if open != (told & bit(venue) != 0) {
            return Err(format!(
                "a screen shows the gate of {venue} as {:?}, the hop does not (R4)",
                section.gate
            ));
        }
    }
    Ok(())
}
