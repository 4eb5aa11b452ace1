//! The way in for screens and scripts: a handle on each meeting.
//!
//! The task of a meeting owns its [`crate::sequencer::Sequencer`] and does its IO; everybody else holds a [`Meeting`] and sends it an [`Inbox`]
//! message. What there is to see comes back as a [`Moment`], whole and immutable.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use base::{
    ClientId, CommandKey, Epoch, LogCause, LogCondition, MeetingId, Mono, Role, RunId, Sequence, TokenId,
    VenueId, Wall,
};
use directory::{Directory, Plan};
use meeting::{Actor, Command, Record, Refusal, Scene, State};
use tokio::sync::{broadcast, oneshot, watch};

use crate::alarm::Alarm;
use crate::facts::{Facts, PageReport};
use crate::mailbox::Mailbox;
use crate::port::hop::{Traffic, What};
use crate::port::log::Log;
use crate::port::unlogged::Entry;

/// Answer to a command that is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acked {
    /// Sequence of its last event.
    pub seq: Sequence,
    /// When it took effect.
    pub at: Wall,
}

/// Answer to a closing act that took effect while the log cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedUnlogged {
    /// When it took effect.
    pub at: Wall,
    /// It stands in the page of closing acts, so that a restart opens nothing again.
    pub kept: bool,
    /// Of the act that ends the meeting: whether it has ended. It has not, and must be asked for again.
    pub ended: Option<bool>,
}

/// Why a command was not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAcked {
    /// The meeting refuses it; nothing changed.
    Refused(Refusal),
    /// It was not decided, and is not decided later.
    Busy,
    /// It was in a batch that the log may hold or not: the same key tells when the log is open again. What is found then and nobody was told of is
    /// taken back.
    Unconfirmed,
    /// It closed something, and is not in the log yet.
    ClosedUnlogged(ClosedUnlogged),
}

/// How old a command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedAt {
    /// When the server read it.
    pub read: Mono,
    /// The last time of the server that its client had seen, if it said so.
    pub seen: Option<Mono>,
}

impl AskedAt {
    /// Of whoever asks within the server, where nothing is on its way for long.
    pub const NOW: Self = Self { read: Mono(u64::MAX), seen: None };
}

/// How it stands with the log of a meeting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogSeen {
    /// Whether it takes what happens.
    pub condition: LogCondition,
    /// Why it does not.
    pub cause: Option<LogCause>,
    /// The epoch of the server that has the run, if that is why.
    pub theirs: Option<Epoch>,
    /// Since when it does not.
    pub since: Option<Wall>,
}

/// What closed and is not known to be in the log: it is in no target until it is (R17).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Withheld {
    /// Venues whose microphones are shut.
    pub venues: BTreeSet<VenueId>,
    /// The slate is on air.
    pub slate: bool,
    /// The acts, in their order.
    pub entries: Vec<Entry>,
    /// Commands that were in a batch that failed.
    pub unconfirmed: BTreeSet<(TokenId, CommandKey)>,
}

/// Says that an alarm is seen to: keyed as a command is, and never logged, for alarms are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledge {
    /// Chosen by the client.
    pub key: CommandKey,
    /// Who.
    pub actor: Actor,
    /// Id of the alarm.
    pub alarm: String,
}

/// A desk that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDesk {
    /// Its page.
    pub client: ClientId,
    /// In which role.
    pub role: Role,
    /// Since.
    pub since: Wall,
}

/// Where the answer to a command goes.
pub type Answer = oneshot::Sender<Result<Acked, NotAcked>>;

/// What goes to the task of a meeting. `A` is how a command is answered: the simulator does it without channels.
#[derive(Debug)]
pub enum Inbox<A = Answer> {
    /// A command, how old it is, and where its answer goes.
    Command(Command, AskedAt, A),
    /// A report of the hop.
    Hop(What),
    /// Traffic of the node.
    Node(Traffic),
    /// What the hall page of a venue reports.
    Report(VenueId, PageReport),
    /// The hall page of a venue is gone.
    ReportGone(VenueId),
    /// Somebody says that an alarm is seen to, and where the answer goes.
    Acknowledge(Acknowledge, A),
    /// How many clients are on the control connection.
    Clients(u32),
    /// Which desks are open.
    Desks(Vec<OpenDesk>),
    /// The directory or the plan changed.
    Directory(Arc<Directory>, Arc<Plan>),
}

/// All there is to see of a meeting at one moment, after commit.
#[derive(Debug, Clone)]
pub struct Moment {
    /// Rises with each change of directory or plan.
    pub generation: u32,
    /// Units, venues, people.
    pub directory: Arc<Directory>,
    /// The plan.
    pub plan: Arc<Plan>,
    /// What the log amounts to.
    pub state: Arc<State>,
    /// The last records, the newest first.
    pub journal: Arc<VecDeque<Record>>,
    /// What hop and pages report.
    pub facts: Arc<Facts>,
    /// What needs a look, the worst first.
    pub alarms: Arc<Vec<Alarm>>,
    /// When the last alarm cleared.
    pub alarms_cleared: Option<Wall>,
    /// How it stands with the log.
    pub log: LogSeen,
    /// What closed and is not in the log yet.
    pub withheld: Arc<Withheld>,
}

impl Moment {
    /// What everybody is shown: the slate too, where that is not in the log yet.
    #[must_use]
    pub fn programme(&self) -> &Scene {
        if self.withheld.slate { &Scene::Slate } else { self.state.programme() }
    }
}

/// Loudness of venues: -dBov, 0 loudest, 127 silence.
pub type Levels = Arc<Vec<(VenueId, u8)>>;

/// A handle on a meeting that is loaded.
#[derive(Clone)]
pub struct Meeting {
    /// Which.
    pub id: MeetingId,
    /// The run that is open.
    pub run: RunId,
    /// The way to its task.
    pub inbox: Mailbox,
    /// What there is to see.
    pub moment: watch::Receiver<Arc<Moment>>,
    /// Loudness, five times a second.
    pub levels: broadcast::Sender<Levels>,
    /// Its log, for reading.
    pub log: Arc<dyn Log>,
}

impl std::fmt::Debug for Meeting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meeting").field("id", &self.id).field("run", &self.run).finish_non_exhaustive()
    }
}

impl Meeting {
    /// Brings a command to the sequencer and waits until it is in the log, or refused.
    ///
    /// # Errors
    /// [`NotAcked`] says why it is not in the log.
    pub async fn command(&self, command: Command, asked: AskedAt) -> Result<Acked, NotAcked> {
        let (answer, answered) = oneshot::channel();
        self.inbox.post(Inbox::Command(command, asked, answer));
        answered.await.unwrap_or(Err(NotAcked::Busy))
    }
}
