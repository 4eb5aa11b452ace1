//! What screens show, as the crate `screen` works it out.

use ::screen::Viewer;
use ::screen::mirror::{Mirror, SOFT_EVERY};
use base::Mono;
use directory::policy::Role;
use service::control::Moment;
use sha2::{Digest, Sha256};
use wire::{Gate, Sections};

use crate::oracle::{Broken, bit};
use crate::pinned::SeedHash;

/// Of so many views one is hashed: all would take longer than the sequences.
const VIEWS_PER_HASHED: u32 = 32;

/// What screens of every role were told, as one hash.
#[derive(Debug, Default)]
pub(crate) struct Screens {
    views: u32,
    /// Follows from moment to moment, and must show what one shows that begins with the last.
    mirror: Mirror,
    now: Mono,
    sum: Sha256,
}

impl Screens {
    /// Counts this moment, and adds it if it is its turn.
    pub(crate) fn published(&mut self, moment: &Moment) -> Result<(), Broken> {
        self.views += 1;
        self.follow(moment);
        if self.views.is_multiple_of(VIEWS_PER_HASHED) { self.add(moment) } else { Ok(()) }
    }

    /// Adds what each role sees of this moment, as JSON: the desk all, a watcher what is public, a venue its own besides.
    pub(crate) fn add(&mut self, moment: &Moment) -> Result<(), Broken> {
        self.follow(moment);
        let anew = anew(moment);
        let venues = moment.plan.venues.iter().map(|venue| (Role::Venue, Some(venue.clone())));
        for (role, venue) in [(Role::Director, None), (Role::Watcher, None)].into_iter().chain(venues) {
            let viewer = Viewer { role, venue };
            let seen = anew.snapshot(&viewer);
            if !alike(&seen, self.mirror.snapshot(&viewer), &viewer) {
                return Err(format!("a screen that followed shows {viewer:?} something else than a new one"));
            }
            let json = serde_json::to_vec(&seen).map_err(|error| error.to_string())?;
            self.sum.update(json);
        }
        Ok(())
    }

    fn follow(&mut self, moment: &Moment) {
        self.now = self.now + SOFT_EVERY;
        self.mirror.update(self.now, moment);
    }

    pub(crate) fn hash(self) -> SeedHash {
        self.sum.finalize().into()
    }
}

/// Names that were called before are still told by a mirror that followed, and not by a new one.
fn alike(anew: &Sections, mut followed: Sections, viewer: &Viewer) -> bool {
    if !viewer.sees_all() {
        followed.directory.clone_from(&anew.directory);
    }
    *anew == followed
}

fn anew(moment: &Moment) -> Mirror {
    let mut mirror = Mirror::new();
    mirror.update(Mono(0), moment);
    mirror
}

/// Screens show a gate as the hop reported it, whatever was commanded (R4).
pub(crate) fn check_gates(moment: &Moment, told: u32) -> Result<(), Broken> {
    let director = Viewer { role: Role::Director, venue: None };
    let sections = anew(moment).snapshot(&director);
    for venue in &moment.plan.venues {
        let Some(section) = sections.venues.get(venue) else { continue };
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
