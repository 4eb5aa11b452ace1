//! The way in for screens and scripts: a handle on each meeting.
//!
//! The task of a meeting owns its [`crate::sequencer::Sequencer`] and does its IO; everybody else holds a [`Meeting`] and sends it an [`Inbox`]
//! message. What there is to see comes back as a [`Moment`], whole and immutable.

use std::collections::VecDeque;
use std::sync::Arc;

use base::{ClientId, CommandKey, MeetingId, Role, RunId, Sequence, VenueId, Wall};
use directory::{Directory, Plan};
use meeting::{Actor, Command, Record, Refusal, State};
use tokio::sync::{broadcast, oneshot, watch};

use crate::alarm::Alarm;
use crate::facts::{Facts, PageReport};
use crate::mailbox::Mailbox;
use crate::port::hop::{Traffic, What};
use crate::port::log::Log;

/// Answer to a command that is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acked {
    /// Sequence of its last event.
    pub seq: Sequence,
    /// When it took effect.
    pub at: Wall,
}

/// Why a command was not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAcked {
    /// The meeting refuses it; nothing changed.
    Refused(Refusal),
    /// The server cannot take it now (too many wait, or the log recovers). Whether it happened is known
    /// only by asking again with the same key.
    Busy,
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
    /// A command, and where its answer goes.
    Command(Command, A),
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
    pub async fn command(&self, command: Command) -> Result<Acked, NotAcked> {
        let (answer, answered) = oneshot::channel();
        self.inbox.post(Inbox::Command(command, answer));
        answered.await.unwrap_or(Err(NotAcked::Busy))
    }
}
