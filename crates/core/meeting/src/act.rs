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
    /// A number that differs where fields of acts of one kind do (FNV-1a, 32 bits, over each field's name and text). None of a kind without fields.
    /// It is in the log for ever: a field that comes later and is left out adds nothing to it.
    #[must_use]
    pub fn fields(&self) -> Option<u32> {
        let mut fields = Fields(0x811c_9dc5);
        match self {
            Self::Course(course::Act::Item { item }) => fields.add("item", Some(item)),
            Self::Floor(floor::Act::Open { venue }) | Self::Across(across::Act::CloseFloor { venue }) => {
                fields.add("venue", Some(venue));
            }
            Self::Queue(queue::Act::Raise { person, kind }) => {
                fields.add("person", person.as_ref());
                fields.add("kind", Some(kind.name()));
            }
            Self::Queue(queue::Act::Drop { request }) => fields.add("request", Some(request)),
            Self::Preview(preview::Act::Set { source }) => fields.add("source", source.as_ref()),
            Self::Across(across::Act::Take { expect_preview }) => {
                fields.add("expect_preview", expect_preview.as_ref());
            }
            Self::Across(across::Act::CallOn { venue, source, person, limit_s, request }) => {
                fields.add("venue", Some(venue));
                fields.add("source", source.as_ref());
                fields.add("person", person.as_ref());
                fields.add("limit_s", limit_s.as_ref());
                fields.add("request", request.as_ref());
            }
            Self::Queue(queue::Act::Withdraw)
            | Self::Across(
                across::Act::Start
                | across::Act::End
                | across::Act::Slate
                | across::Act::EndCallOn
                | across::Act::MuteAll,
            ) => return None,
        }
        Some(fields.0)
    }

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

/// The number of some fields.
struct Fields(u32);

impl Fields {
    fn add(&mut self, name: &str, value: Option<impl ToString>) {
        let Some(value) = value else { return };
        for byte in format!("{name}={};", value.to_string()).bytes() {
            self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
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
