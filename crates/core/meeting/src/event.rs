//! What happened. Events are stored for ever: a change of one is a new version with a golden file of the old.
//!
//! Each part has its own events, named by the macro `events`; here they are one list. It is written untagged, so that an event stands in the log
//! under its kind alone, and read by that kind from the table of [`parts`], never by trial.

use base::{Sequence, VenueId, Wall};
use serde::de::{DeserializeSeed, Deserializer, Error};
use serde::{Deserialize, Serialize};

use crate::command::By;
use crate::keys;
use crate::part::{course, floor, membership, preview, programme, queue};
use crate::told::Told;

/// An event with its place, time and author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Place in the run, from 1.
    pub seq: Sequence,
    /// When, by the clock of the server that wrote it; never before the record in front of it.
    pub at: Wall,
    /// Who is behind it.
    pub by: By,
    /// What happened.
    pub event: Event,
}

impl Record {
    /// When it happened: as it was written, or before that if the log could not be written then.
    #[must_use]
    pub fn took_effect(&self) -> Wall {
        match self.by {
            By::Actor { effective: Some(at), .. } => at,
            By::Actor { .. } | By::Server => self.at,
        }
    }
}

/// The state variables that must never be mixed, as far as they are in the log, and what is beside them. Each part writes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variable {
    /// Which venues are in. Written by admission.
    Membership,
    /// Who may be heard. Written by the chair.
    Floor,
    /// What everybody is shown. Written by the director.
    Programme,
    /// What comes next. Written by the director.
    Preview,
    /// Who wants to speak. Written by venues and the chair.
    Queue,
    /// Where the meeting is. Written by the director.
    Course,
    /// Nothing.
    None,
}

/// Defines the events of a part, the one variable that they write, and their stored form: a line is kind, version, name and fields. A version that
/// the present form also reads stands behind `reads`; a form of old that meant something else is an event of its own, under `older`, which is
/// read and never decided.
macro_rules! events {
    (
        $(#[$outer:meta])*
        writes $variable:ident;
        $(
            $(#[$doc:meta])*
            $kind:literal v $version:literal $(reads $($old:literal),+)? => $name:ident
                $( ( $inner:ty ) )?
                $( { $( $(#[$field_doc:meta])* $field:ident : $type:ty ),* $(,)? } )?;
        )*
        $( older { $( $(#[$older_doc:meta])* $older_kind:literal v $older_version:literal => $older_name:ident; )* } )?
    ) => {
        $(#[$outer])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub enum Event {
            $(
                $(#[$doc])*
                #[serde(rename = $kind)]
                $name $( ( $inner ) )? $( { $( $(#[$field_doc])* $field : $type ),* } )?,
            )*
            $( $(
                $(#[$older_doc])*
                #[serde(rename(serialize = $older_kind), skip_deserializing)]
                $older_name,
            )* )?
        }

        impl Event {
            pub(crate) const KINDS: &[&str] = &[$($kind),*];
            pub(crate) const VARIABLE: $crate::event::Variable = $crate::event::Variable::$variable;

            pub(crate) fn kind(&self) -> &'static str {
                match self {
                    $( Self::$name { .. } => $kind, )*
                    $( $( Self::$older_name => $older_kind, )* )?
                }
            }

            pub(crate) fn version(&self) -> u16 {
                match self {
                    $( Self::$name { .. } => $version, )*
                    $( $( Self::$older_name => $older_version, )* )?
                }
            }

            /// What an event of this form meant when it was written with that version; none if it never was.
            pub(crate) fn of_version(self, version: u16) -> Option<Self> {
                if self.version() == version {
                    return Some(self);
                }
                match (self.kind(), version) {
                    $( $( ($older_kind, $older_version) => Some(Self::$older_name), )* )?
                    $( $( ($kind, $( $old )|+) => Some(self), )? )*
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use events;

/// The table: every part, and with its module the kinds that are its own.
macro_rules! parts {
    ($( $(#[$doc:meta])* $name:ident $module:ident; )*) => {
        /// What happened, by the part that it changes.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum Event {
            $( $(#[$doc])* $name($module::Event), )*
        }

        const KINDS: &[&[&str]] = &[$($module::Event::KINDS),*];

        impl Event {
            /// Its name, as it is stored.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self { $( Self::$name(event) => event.kind(), )* }
            }

            /// Version of its form, as it is written.
            #[must_use]
            pub fn version(&self) -> u16 {
                match self { $( Self::$name(event) => event.version(), )* }
            }

            /// The one variable it writes (R1).
            #[must_use]
            pub fn variable(&self) -> Variable {
                match self { $( Self::$name(_) => $module::Event::VARIABLE, )* }
            }

            /// What a reader of the log is told of it; none where another event of the same act tells it.
            #[must_use]
            pub fn told(&self) -> Option<Told<'_>> {
                match self { $( Self::$name(event) => event.told(), )* }
            }
        }

        impl<'de> DeserializeSeed<'de> for Form<'_> {
            type Value = Event;

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Event, D::Error> {
                $(
                    if $module::Event::KINDS.contains(&self.kind) {
                        let event = $module::Event::deserialize(deserializer)?;
                        // A newer form may parse as an old one and mean something else.
                        let event = Some(event).filter(|event| event.kind() == self.kind);
                        let event = event.and_then(|event| event.of_version(self.ver));
                        return event.map(Event::$name).ok_or_else(|| D::Error::custom(STRANGE));
                    }
                )*
                Err(D::Error::custom("no part has events of that kind"))
            }
        }

        $(
            impl From<$module::Event> for Event {
                fn from(event: $module::Event) -> Self {
                    Self::$name(event)
                }
            }
        )*
    };
}

parts! {
    /// Which venues take part, and which have come.
    Membership membership;
    /// Where the meeting is.
    Course course;
    /// Who may be heard.
    Floor floor;
    /// Who wants to speak.
    Queue queue;
    /// What everybody is shown.
    Programme programme;
    /// What comes next.
    Preview preview;
    /// Beside the parts: what only the answer to a repeated command needs.
    Keys keys;
}

const _: () = assert!(distinct(KINDS), "a kind of event is named twice");

const STRANGE: &str = "its kind or version is not what its body says";

/// The kind and version under which an event is stored: with them its body is read.
#[derive(Debug, Clone, Copy)]
pub struct Form<'a> {
    /// Kind, as the event's own name.
    pub kind: &'a str,
    /// Version of that kind.
    pub ver: u16,
}

impl Event {
    /// The venue that loses the floor by it: its gate is shut before the log has the event (R3).
    #[must_use]
    pub fn revokes(&self) -> Option<&VenueId> {
        if let Self::Floor(floor::Event::Closed { venue, .. }) = self { Some(venue) } else { None }
    }

    /// The venue that has the floor by it.
    #[must_use]
    pub fn grants(&self) -> Option<&VenueId> {
        if let Self::Floor(floor::Event::Opened { venue, .. }) = self { Some(venue) } else { None }
    }
}

const fn distinct(parts: &[&[&str]]) -> bool {
    let (mut p, mut n) = (0, 0);
    while p < parts.len() {
        while n < parts[p].len() {
            if count(parts, parts[p][n]) != 1 {
                return false;
            }
            n += 1;
        }
        (p, n) = (p + 1, 0);
    }
    true
}

const fn count(parts: &[&[&str]], kind: &str) -> usize {
    let (mut p, mut n, mut found) = (0, 0, 0);
    while p < parts.len() {
        while n < parts[p].len() {
            if same(parts[p][n].as_bytes(), kind.as_bytes()) {
                found += 1;
            }
            n += 1;
        }
        (p, n) = (p + 1, 0);
    }
    found
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut n = 0;
    while n < a.len() && n < b.len() && a[n] == b[n] {
        n += 1;
    }
    n == a.len() && n == b.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_is_named_twice_is_seen_within_a_part_and_between_parts() {
        assert!(distinct(&[&["ended", "end"], &["ends"], &[]]));
        assert!(!distinct(&[&["ended", "ended"]]));
        assert!(!distinct(&[&["opened"], &["ended", "opened"]]));
    }
}
