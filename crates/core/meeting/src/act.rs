//! What an actor asks for.

use base::VenueId;
use directory::policy::ActKind;

use crate::across;
use crate::part::{course, floor, preview, queue};

/// An act, by the part that it concerns. Where a source is meant, a venue's id names its first source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Of the course.
    Course(course::Act),
    /// Of the floor.
    Floor(floor::Act),
    /// Of the queue.
    Queue(queue::Act),
    /// Of the preview.
    Preview(preview::Act),
    /// Of several of them.
    Across(across::Act),
}

impl Act {
    /// Its kind, by which the policy table decides.
    #[must_use]
    pub fn kind(&self) -> ActKind {
        match self {
            Self::Course(act) => act.kind(),
            Self::Floor(act) => act.kind(),
            Self::Queue(act) => act.kind(),
            Self::Preview(act) => act.kind(),
            Self::Across(act) => act.kind(),
        }
    }
}

impl Act {
    /// The venue that it names to be given the floor. No act opens what it does not name (R2); the start opens the chair's venue.
    #[must_use]
    pub fn opens(&self) -> Option<&VenueId> {
        match self {
            Self::Floor(act) => act.opens(),
            Self::Across(act) => act.opens(),
            Self::Course(_) | Self::Queue(_) | Self::Preview(_) => None,
        }
    }
}

macro_rules! from {
    ($($name:ident $module:ident),*) => {
        $(
            impl From<$module::Act> for Act {
                fn from(act: $module::Act) -> Self {
                    Self::$name(act)
                }
            }
        )*
    };
}
from!(Course course, Floor floor, Queue queue, Preview preview, Across across);
