//! The first minute of a demo: a script that puts the main venue's hall on air, its podium in NEXT, begins the first item, and 20 s later
//! raises a branch's hand, so that who opens the desk sees a meeting.
//!
//! [`Opening`] is the script without IO: it is told the time and what is seen of the meeting, and says which act comes next. Each act has a
//! key, so that one whose answer was lost is not done twice; how many are done is kept in the data folder, so that a run that goes on is
//! opened once. Where a person was faster, the script gives way.

mod folder;
mod play;

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use crate::organisation::MAIN;

pub(crate) use folder::{due, prepare};
pub(crate) use play::play;

/// The main venue's hall, from afar.
const HALL: &str = "main.2";
/// The main venue's podium.
const PODIUM: &str = "main.1";
/// The first item.
const ITEM: &str = "i1";
/// From the first item to the hand.
const HAND_AFTER: Duration = Duration::from_secs(20);
/// How often the meeting is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// An act of the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Hall,
    Take,
    Podium,
    Item,
    Hand,
}

/// What is seen of the meeting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// All sources of the main venue give a picture.
    pictures: bool,
    /// What is on air; none is the slate.
    programme: Option<String>,
    preview: Option<String>,
    /// The preview's picture can be decoded.
    ready: bool,
    /// A take left it in preview.
    held: bool,
    item: Option<String>,
}

/// What the script wants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// To look again after so long.
    Wait(Duration),
    Send(Step),
    /// All is done.
    Over,
    GiveWay(Why),
}

/// Why the script gives way.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// A person acted meanwhile.
    Touched,
    /// What it waits for does not come.
    TooLate,
    /// The server's answer to an act.
    Refused(String),
}

/// Whether it is time for an act.
enum Look {
    Due,
    NotYet,
    Touched,
}

/// The script and how far it is. Times are since it began, in this life of the supervisor.
#[derive(Debug)]
pub(crate) struct Opening {
    done: usize,
    since: Duration,
}

impl Opening {
    /// A script of which so many acts are done.
    pub(crate) const fn after(done: usize) -> Self {
        Self { done, since: Duration::ZERO }
    }

    /// What comes next. Nothing is seen of a server that does not answer.
    pub(crate) fn next(&self, now: Duration, seen: Option<&Seen>) -> Next {
        let Some(step) = Step::ALL.get(self.done).copied() else { return Next::Over };
        let waited = now.saturating_sub(self.since);
        if waited < step.pause() {
            return Next::Wait(step.pause() - waited);
        }
        match seen.map(|seen| step.look(seen)) {
            Some(Look::Due) => Next::Send(step),
            Some(Look::Touched) => Next::GiveWay(Why::Touched),
            Some(Look::NotYet) | None if waited >= step.pause() + step.within() => {
                Next::GiveWay(Why::TooLate)
            }
            Some(Look::NotYet) | None => Next::Wait(LOOK_EVERY),
        }
    }

    /// The act was done. Says how many are.
    pub(crate) fn taken(&mut self, now: Duration) -> usize {
        (self.done, self.since) = (self.done + 1, now);
        self.done
    }
}

impl Step {
    pub(crate) const ALL: [Self; 5] = [Self::Hall, Self::Take, Self::Podium, Self::Item, Self::Hand];

    /// The same for each life of server and supervisor.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Hall => "opening-hall",
            Self::Take => "opening-take",
            Self::Podium => "opening-podium",
            Self::Item => "opening-item",
            Self::Hand => "opening-hand",
        }
    }

    /// As the protocol has it. `branch` is whose hand is raised.
    pub(crate) fn act(self, branch: &str) -> Value {
        match self {
            Self::Hall => json!({"preview": {"source": HALL}}),
            Self::Take => json!({"take": {"expect_preview": HALL}}),
            Self::Podium => json!({"preview": {"source": PODIUM}}),
            Self::Item => json!({"item": {"item": ITEM}}),
            Self::Hand => json!({"raise": {"person": format!("p-{branch}")}}),
        }
    }

    const fn pause(self) -> Duration {
        match self {
            Self::Hall | Self::Take | Self::Podium | Self::Item => Duration::ZERO,
            Self::Hand => HAND_AFTER,
        }
    }

    /// How long it may be waited for: bots and their pictures on a busy machine, else a server that comes back.
    const fn within(self) -> Duration {
        match self {
            Self::Hall | Self::Take => Duration::from_secs(120),
            Self::Podium | Self::Item | Self::Hand => Duration::from_secs(20),
        }
    }

    /// What was done already, where its answer was lost, is due as well: its repeat changes nothing. A state may be older than an answer.
    fn look(self, seen: &Seen) -> Look {
        let (programme, preview) = (seen.programme.as_deref(), seen.preview.as_deref());
        match (self, programme, preview) {
            (Self::Hall, None, None | Some(HALL)) if seen.pictures => Look::Due,
            (Self::Hall, None, None | Some(HALL)) => Look::NotYet,
            (Self::Take, None, Some(HALL)) if seen.ready => Look::Due,
            (Self::Take, None, None | Some(HALL)) => Look::NotYet,
            (Self::Take, Some(HALL), _) => Look::Due,
            (Self::Podium, Some(HALL), None | Some(PODIUM)) => Look::Due,
            (Self::Podium, None, Some(HALL)) if !seen.held => Look::NotYet,
            (Self::Item, _, _) if seen.item.as_deref().is_none_or(|item| item == ITEM) => Look::Due,
            (Self::Hand, _, _) => Look::Due,
            (Self::Hall | Self::Take | Self::Podium | Self::Item, _, _) => Look::Touched,
        }
    }
}

impl Seen {
    /// Reads the state of the protocol.
    pub(crate) fn of(state: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let sources = state[format!("venue:{MAIN}")]["sources"].as_array().map_or(&[][..], Vec::as_slice);
        Self {
            pictures: !sources.is_empty() && sources.iter().all(|source| source["live"] == true),
            programme: text(&state["programme"]["scene"]["source"]),
            preview: text(&state["preview"]["source"]),
            ready: state["preview"]["ready"] == true,
            held: state["preview"]["held"] == true,
            item: text(&state["rundown"]["current"]),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Touched => f.write_str("somebody acted meanwhile"),
            Self::TooLate => f.write_str("what it waits for did not come in time"),
            Self::Refused(code) => write!(f, "the server answered {code}"),
        }
    }
}

#[cfg(test)]
mod tests;
