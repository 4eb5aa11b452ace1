//! The sections: one file for each, and one list of them below.
//!
//! A file says what a section is made of and when it must be made anew ([`Section`]), who sees it ([`Audience`]) and how soon a change of
//! it is published ([`Pace`]). Its type is in `wire`, whose list must have the same names: the compiler refuses a section that only one has.

mod alarms;
mod call_on;
mod current;
pub(crate) mod directory;
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

use std::collections::BTreeSet;

pub(crate) use self::current::{Many, One, Outcome, Turn};
use crate::audience::{Audience, Look, Reach, Sight};
use crate::input::Input;

/// A section that there is once.
pub(crate) trait Section {
    /// As it is sent.
    type Shape: Clone + PartialEq;
    const AUDIENCE: Audience<Sight<Self::Shape>>;
    const PACE: Pace<Self::Shape>;

    /// What it is made of. Where this is equal, it is not made anew.
    fn reads(input: &Input) -> impl PartialEq + '_;

    fn of(input: &Input) -> Self::Shape;
}

/// A kind of section, of which there is one for each of something.
pub(crate) trait Keyed {
    type Key: Clone + Ord;
    /// As it is sent.
    type Shape: Clone + PartialEq;
    const AUDIENCE: Audience<Reach<Self::Key>>;
    const PACE: Pace<Self::Shape>;

    fn keys(input: &Input) -> BTreeSet<Self::Key>;

    /// Those that may be others now. The others are not made anew.
    fn touched(before: &Input, now: &Input) -> Touched<Self::Key>;

    /// None if there is no such section.
    fn of(input: &Input, key: &Self::Key) -> Option<Self::Shape>;
}

/// Which sections of a kind may be others.
pub(crate) enum Touched<K> {
    /// Any, and there may be others than before.
    All,
    Some(BTreeSet<K>),
}

/// How soon a change is published.
pub(crate) enum Pace<T> {
    AtOnce,
    EachSecond,
    /// At once, except for what this puts back from the second to the first until the second is over. True if that hides a change.
    AtOnceBut(fn(&T, &mut T) -> bool),
}

/// Makes of the list of sections all that is done with each of them.
macro_rules! sections {
    (
        one { $( $name:ident: $section:ty, )* }
        keyed { $( $kinds:ident: $keyed:ty, )* }
    ) => {
        /// All that is published.
        #[derive(Default)]
        pub(crate) struct Current {
            $( pub(crate) $name: One<$section>, )*
            $( pub(crate) $kinds: Many<$keyed>, )*
        }

        impl Current {
            /// Takes what is new.
            pub(crate) fn take(&mut self, turn: Turn<'_>) -> Outcome {
                let mut outcome = Outcome::default();
                $( outcome |= self.$name.take(turn); )*
                $( outcome |= self.$kinds.take(turn); )*
                outcome
            }

            /// The part that a viewer sees, as far as it is wanted.
            pub(crate) fn seen(&self, look: &Look<'_>) -> wire::Sections {
                wire::Sections {
                    $( $name: self.$name.seen(look), )*
                    $( $kinds: self.$kinds.seen(look), )*
                }
            }
        }
    };
}

sections! {
    one {
        meeting: meeting::Meeting,
        directory: directory::Names,
        programme: programme::Programme,
        preview: preview::Preview,
        floor: floor::Floor,
        call_on: call_on::RunningCallOn,
        queue: queue::Queue,
        rundown: rundown::Rundown,
        summary: summary::Held,
        alarms: alarms::Alarms,
        journal: journal::Journal,
        node: node::Node,
    }
    keyed {
        venues: venue::Venue,
    }
}

/// How many, as it is sent.
fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
