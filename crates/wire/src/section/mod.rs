//! The state of a meeting as clients see it: sections, each sent whole when it changes. One file for each section, and one list of them below.

mod alarms;
mod call_on;
mod directory;
mod floor;
mod journal;
mod meeting;
mod node;
mod preview;
mod programme;
mod queue;
mod rundown;
mod summary;
mod venue;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use base::VenueId;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

pub use alarms::{AcknowledgedEntry, AlarmEntry, AlarmsSection};
pub use call_on::{CallOnEntry, CallOnSection};
pub use directory::{DirectorySection, SourceEntry, UnitEntry, VenueEntry};
pub use floor::{FloorSection, LeaseEntry};
pub use journal::{JournalLine, JournalSection};
pub use meeting::{Contact, Desk, MeetingSection};
pub use node::NodeSection;
pub use preview::PreviewSection;
pub use programme::{ProgrammeSection, Scene};
pub use queue::{QueueEntry, QueueSection};
pub use rundown::{ItemEntry, RundownSection};
pub use summary::{Summary, SummaryItem, SummarySection, SummarySpeech};
pub use venue::{Gate, Quality, ReportEntry, SourceSection, Tally, VenueSection, VenueState};

/// The types of a section's file, as TypeScript: every file says which it has.
macro_rules! declares {
    ($($type:ty),*) => {
        pub(super) fn declare(out: &mut Vec<String>, config: &ts_rs::Config) {
            out.extend([$( <$type as ts_rs::TS>::decl(config) ),*]);
        }
    };
}
use declares;

/// Makes the struct of all sections, and its TypeScript, of the list of them.
macro_rules! sections {
    (
        one { $( $(#[$doc:meta])* $name:ident: $section:ident, )* }
        keyed { $( $(#[$keyed_doc:meta])* $kind:ident in $kinds:ident: $key:ident => $keyed:ident, )* }
    ) => {
        /// Sections by name; in a snapshot all that the role sees, in a delta those that changed. Shared, since many are sent the same.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct Sections {
            $( $(#[$doc])* pub $name: Option<Arc<$section>>, )*
            $( $(#[$keyed_doc])* pub $kinds: BTreeMap<$key, Arc<$keyed>>, )*
        }

        impl Sections {
            /// There is none.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                $( self.$name.is_none() && )* $( self.$kinds.is_empty() && )* true
            }

            /// Takes the sections of a delta.
            pub fn merge(&mut self, set: Self) {
                $( if set.$name.is_some() { self.$name = set.$name; } )*
                $( self.$kinds.extend(set.$kinds); )*
            }
        }

        impl Serialize for Sections {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                $( if let Some(section) = &self.$name { map.serialize_entry(stringify!($name), section)?; } )*
                $( for (key, section) in &self.$kinds {
                    map.serialize_entry(&format_args!(concat!(stringify!($kind), ":{}"), key), section)?;
                } )*
                map.end()
            }
        }

        impl<'de> Visitor<'de> for Reading {
            type Value = Sections;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("sections by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sections, A::Error> {
                let mut sections = Sections::default();
                while let Some(name) = map.next_key::<String>()? {
                    match (name.as_str(), name.split_once(':')) {
                        $( (stringify!($name), _) => sections.$name = Some(map.next_value()?), )*
                        $( (_, Some((stringify!($kind), key))) => {
                            let key = $key::new(key).map_err(A::Error::custom)?;
                            sections.$kinds.insert(key, map.next_value()?);
                        } )*
                        _ => return Err(A::Error::custom(format_args!("there is no section {name:?}"))),
                    }
                }
                Ok(sections)
            }
        }

        /// All types of sections, in the order of the list.
        pub(crate) fn declarations(config: &ts_rs::Config) -> Vec<String> {
            let mut out = Vec::new();
            $( $name::declare(&mut out, config); )*
            $( $kind::declare(&mut out, config); )*
            out
        }

        /// The type of all sections, which is written by hand, since a map with prefixed keys has no derived form.
        pub(crate) fn declaration() -> String {
            let one = [$( concat!(stringify!($name), "?: ", stringify!($section)) ),*].join(", ");
            let keyed = [$( concat!("{ [", stringify!($kind), ": `", stringify!($kind), ":${string}`]: ", stringify!($keyed), " }") ),*];
            format!("type Sections = {{ {one} }} & {};", keyed.join(" & "))
        }
    };
}

sections! {
    one {
        /// Title, phase, times, chair.
        meeting: MeetingSection,
        /// Units, venues, sources and how to find and ring them.
        directory: DirectorySection,
        /// What everybody is shown.
        programme: ProgrammeSection,
        /// What comes next.
        preview: PreviewSection,
        /// Who may be heard.
        floor: FloorSection,
        /// The running call-on.
        call_on: CallOnSection,
        /// Who wants to speak.
        queue: QueueSection,
        /// The items.
        rundown: RundownSection,
        /// What was held.
        summary: SummarySection,
        /// What needs a look.
        alarms: AlarmsSection,
        /// The last lines of the log.
        journal: JournalSection,
        /// Facts of the node.
        node: NodeSection,
    }
    keyed {
        /// What is happening to each venue; keys `venue:ID`.
        venue in venues: VenueId => VenueSection,
    }
}

/// Reads sections by name.
struct Reading;

impl<'de> Deserialize<'de> for Sections {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reading)
    }
}

// Named inside frames, and declared by `declaration`.
impl TS for Sections {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;
    fn name(_: &ts_rs::Config) -> String {
        "Sections".to_owned()
    }
    fn inline(_: &ts_rs::Config) -> String {
        "Sections".to_owned()
    }
}
