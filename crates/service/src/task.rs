//! The task of a meeting: gives its sequencer the outside world.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base::{Epoch, LogCause, MeetingId, RunId, TokenId};
use directory::{Directory, Plan};
use tokio::sync::{broadcast, watch};
use tokio::task::{JoinError, JoinHandle};

use crate::control::{Acked, Answer, ClosedUnlogged, Inbox, Levels, Meeting, Moment, NotAcked};
use crate::mailbox::{MailReader, mailbox};
use crate::paging::Paging;
use crate::port::clock::Clock;
use crate::port::directories::{Directories, DirectoriesError};
use crate::port::hop::{Hop, Measure, What};
use crate::port::log::{Log, LogError, StoredEvent};
use crate::port::runs::{Course, RunKind, Runs, RunsError};
use crate::port::unlogged::{Closing, Entry, Unlogged, UnloggedError};
use crate::registry::{Loader, LoaderError, LoaderFuture, Started, chain};
use crate::sequencer::{Input, Load, LoadError, Output, Replayed, Reply, Sequencer, Trouble};

/// Level frames that a slow client may be behind.
const LEVELS_MAX: usize = 8;
/// A closing act is answered within 100 ms; the page has the most of it.
const KEPT_WITHIN: Duration = Duration::from_millis(90);

/// What meetings stand on.
#[derive(Clone)]
pub struct Ground {
    /// The logs of their runs.
    pub log: Arc<dyn Log>,
    /// The hop.
    pub hop: Arc<dyn Hop>,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// Organisation and plans.
    pub directories: Arc<dyn Directories>,
    /// Their runs.
    pub runs: Arc<dyn Runs>,
    /// The page of what closed while a log could not be written.
    pub unlogged: Arc<dyn Unlogged>,
}

impl std::fmt::Debug for Ground {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ground")
    }
}

/// Why a meeting cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The id of its run would be too long.
    #[error("its run can have no id")]
    Run(#[from] base::id::IdError),
    /// Its organisation or its plan cannot be read.
    #[error("its organisation and plan cannot be read")]
    Directories(#[from] DirectoriesError),
    /// How far its run has come cannot be read, or no run can be added.
    #[error("its run cannot be read or added")]
    Runs(#[from] RunsError),
    /// The log does not open.
    #[error("its log does not open")]
    Log(#[from] LogError),
    /// The log does not replay.
    #[error("its log does not replay")]
    Load(#[from] LoadError),
    /// The replay broke.
    #[error("the replay of its log broke")]
    Broke(#[from] JoinError),
    /// What closed while its log could not be written cannot be read.
    #[error("its closing acts cannot be read")]
    Unlogged(#[from] UnloggedError),
}

impl TaskError {
    /// Why, for everybody: what a log or its replay says of itself names no file.
    fn words(&self) -> String {
        match self {
            Self::Log(cause) => format!("{self}: {cause}"),
            Self::Load(cause) => format!("{self}: {cause}"),
            Self::Run(_) | Self::Directories(_) | Self::Runs(_) | Self::Broke(_) | Self::Unlogged(_) => {
                self.to_string()
            }
        }
    }

    /// Why the log cannot be opened.
    fn trouble(&self) -> Trouble {
        let why = match self {
            Self::Log(cause) => return trouble(cause),
            Self::Runs(RunsError::Store(_)) | Self::Unlogged(_) => LogCause::IoError,
            Self::Load(_) | Self::Run(_) | Self::Directories(_) | Self::Runs(_) => LogCause::Damaged,
            Self::Broke(_) => LogCause::Broke,
        };
        Trouble { why, theirs: None }
    }
}

impl Loader for Ground {
    fn load(&self, id: &MeetingId) -> LoaderFuture<Started> {
        let (ground, id) = (self.clone(), id.clone());
        Box::pin(async move { ground.start(&id).await.map_err(|cause| not_loaded(&id, cause)) })
    }

    fn prepared(&self, id: &MeetingId) -> LoaderFuture<(Arc<Directory>, Arc<Plan>)> {
        let (directories, id) = (Arc::clone(&self.directories), id.clone());
        Box::pin(async move {
            let loaded = directories.load(&id).await.map_err(|cause| not_loaded(&id, cause.into()))?;
            Ok((Arc::new(loaded.0), Arc::new(loaded.1)))
        })
    }

    fn knows(&self, id: &MeetingId) -> LoaderFuture<bool> {
        let (directories, id) = (Arc::clone(&self.directories), id.clone());
        Box::pin(async move {
            let rows = directories.meetings().await.map_err(|cause| not_loaded(&id, cause.into()))?;
            Ok(rows.iter().any(|row| row.id == id))
        })
    }

    fn let_go(&self, token: &TokenId) {
        self.hop.close_token(token);
    }
}

fn not_loaded(id: &MeetingId, cause: TaskError) -> LoaderError {
    if let TaskError::Directories(DirectoriesError::NoMeeting(id)) = cause {
        return LoaderError::Unknown(id);
    }
    LoaderError::Failed { id: id.clone(), why: cause.words(), cause: Box::new(cause) }
}

impl Ground {
    /// Loads a meeting and starts its task. Answers when its first moment is there; later failures are recovered from by the task itself.
    async fn start(self, id: &MeetingId) -> Result<Started, TaskError> {
        let (directory, plan) = self.directories.load(id).await?;
        let run = RunId::new(&format!("{id}-held"))?;
        if self.runs.course(&run).await?.is_none() {
            self.runs.add_run(run.clone(), id.clone(), RunKind::Held, self.clock.wall()).await?;
        }
        let replayed = self.replay(&run).await?;
        let load = Load {
            run: run.clone(),
            replayed,
            directory: Arc::new(directory),
            plan: Arc::new(plan),
            unlogged: self.unlogged.all(&run).await?,
        };
        let sequencer = Sequencer::load(load, self.clock.mono(), self.clock.wall());
        let (inbox, messages) = mailbox();
        let (publish, moment) = watch::channel(Arc::new(sequencer.moment()));
        let levels = broadcast::Sender::new(LEVELS_MAX);
        let log = Arc::clone(&self.log);
        let paging = Paging::start(Arc::clone(&self.unlogged), id.clone(), run.clone());
        let task = Task {
            ground: self,
            id: id.clone(),
            run: run.clone(),
            epoch: sequencer.epoch(),
            messages,
            publish,
            levels: levels.clone(),
            replies: BTreeMap::new(),
            next_reply: 0,
            appending: None,
            opening: None,
            not_opened: String::new(),
            paging,
        };
        let task = tokio::spawn(task.run(sequencer));
        // A task that broke has ended too.
        let ended = Box::pin(async move { drop(task.await) });
        Ok(Started { meeting: Meeting { id: id.clone(), run, inbox, moment, levels, log }, ended })
    }

    /// Opens a run under a new epoch, or only to be read if its log has its last event, and replays it. That takes seconds where there are hundreds
    /// of thousands of events, so it has a thread of its own.
    async fn replay(&self, run: &RunId) -> Result<Replayed, TaskError> {
        let done = self.runs.course(run).await? == Some(Course::Closed);
        let opened = if done { self.log.open_to_read(run).await? } else { self.log.open(run).await? };
        let run = run.clone();
        Ok(tokio::task::spawn_blocking(move || Replayed::of(&run, &opened)).await??)
    }
}

struct Task {
    ground: Ground,
    id: MeetingId,
    run: RunId,
    /// Under which the sequencer writes.
    epoch: Epoch,
    messages: MailReader,
    publish: watch::Sender<Arc<Moment>>,
    levels: broadcast::Sender<Levels>,
    replies: BTreeMap<Reply, Answer>,
    next_reply: Reply,
    appending: Option<JoinHandle<Result<(), LogError>>>,
    opening: Option<JoinHandle<Result<Replayed, TaskError>>>,
    /// Why the log could not be opened, as it was logged last.
    not_opened: String,
    paging: Paging,
}

/// What made the task turn.
enum Turn {
    Message(Inbox),
    Log(Input),
    Tick,
    Closed,
}

impl Drop for Task {
    fn drop(&mut self) {
        // However it ended: nothing of it reaches the hop any more. The next one has a later epoch.
        self.ground.hop.forget(&self.id, self.epoch);
    }
}

impl Task {
    async fn run(mut self, mut sequencer: Sequencer) {
        loop {
            self.carry_out(&mut sequencer);
            let input = match self.turn(&sequencer).await {
                Turn::Message(message) => match self.input(message) {
                    Some(input) => input,
                    None => continue,
                },
                Turn::Log(input) => input,
                Turn::Tick => Input::Tick,
                Turn::Closed => return self.end(sequencer).await,
            };
            let (mono, wall) = (self.ground.clock.mono(), self.ground.clock.wall());
            // A broken invariant costs what was decided and not stored, never the node: all else is in the log.
            let handled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                sequencer.handle(mono, wall, input);
            }));
            self.epoch = sequencer.epoch();
            if handled.is_err() {
                tracing::error!(meeting = %self.id, "the sequencer broke; the meeting is loaded from its log");
                let moment = self.publish.borrow().clone();
                sequencer.broke(Arc::clone(&moment.state), Arc::clone(&moment.journal), wall);
                self.carry_out(&mut sequencer);
                // Whoever still waits was being answered when it broke.
                std::mem::take(&mut self.replies).into_values().for_each(busy);
            }
        }
    }

    /// Nothing comes any more: what was decided is stored and answered, and that is all.
    async fn end(mut self, mut sequencer: Sequencer) {
        while let Some(appending) = self.appending.take() {
            let input = appended(&self.id, appending.await);
            sequencer.handle(self.ground.clock.mono(), self.ground.clock.wall(), input);
            self.carry_out(&mut sequencer);
        }
        self.paging.end().await;
    }

    async fn turn(&mut self, sequencer: &Sequencer) -> Turn {
        let until_tick = sequencer.deadline().since(self.ground.clock.mono());
        tokio::select! {
            biased;
            ended = ended(&mut self.appending) => {
                self.appending = None;
                Turn::Log(appended(&self.id, ended))
            }
            ended = ended(&mut self.opening) => {
                self.opening = None;
                Turn::Log(self.opened(ended))
            }
            () = tokio::time::sleep(until_tick) => match self.ground.log.trouble() {
                Some(why) if !sequencer.is_shut() => Turn::Log(Input::Trouble(Trouble { why, theirs: None })),
                Some(_) | None => Turn::Tick,
            },
            message = self.messages.recv() => message.map_or(Turn::Closed, Turn::Message),
        }
    }

    fn input(&mut self, message: Inbox) -> Option<Input> {
        Some(match message {
            // Whoever asked is gone and expects nothing; what closes needs no asker (R16).
            Inbox::Command(command, _, answer)
                if answer.is_closed() && Closing::of(&command.act).is_none() =>
            {
                return None;
            }
            Inbox::Command(command, asked, answer) => {
                Input::Command(self.await_reply(answer), command, asked)
            }
            Inbox::Acknowledge(acknowledge, answer) => {
                Input::Acknowledge(self.await_reply(answer), acknowledge)
            }
            Inbox::Hop(what) => {
                if let What::Measure(Measure::Levels { levels, .. }) = &what {
                    // Nobody may be listening; levels are never owed.
                    let _ = self.levels.send(Arc::new(levels.clone()));
                }
                Input::Hop(what)
            }
            Inbox::Node(traffic) => Input::Node(traffic),
            Inbox::Report(venue, report) => Input::Report(venue, report),
            Inbox::ReportGone(venue) => Input::ReportGone(venue),
            Inbox::Clients(clients) => Input::Clients(clients),
            Inbox::Desks(desks) => Input::Desks(desks),
            Inbox::Directory(directory, plan) => Input::Directory(directory, plan),
        })
    }

    fn await_reply(&mut self, answer: Answer) -> Reply {
        self.next_reply += 1;
        self.replies.insert(self.next_reply, answer);
        self.next_reply
    }

    /// Carries out what the sequencer says, in its order.
    fn carry_out(&mut self, sequencer: &mut Sequencer) {
        while let Some(output) = sequencer.poll_output() {
            let hop = &self.ground.hop;
            match output {
                Output::CloseGates { epoch, until, venues } => {
                    hop.close_gates(&self.id, epoch, until, &venues)
                }
                Output::Append { epoch, events } => self.append(epoch, events),
                Output::Open => {
                    let (ground, run) = (self.ground.clone(), self.run.clone());
                    self.opening = Some(tokio::spawn(async move { ground.replay(&run).await }));
                }
                Output::Apply { epoch, sequence, target } => hop.apply(&self.id, epoch, sequence, *target),
                Output::Ack(reply, acked) => self.answer(reply, Ok(acked)),
                Output::Refuse(reply, refusal) => self.answer(reply, Err(NotAcked::Refused(refusal))),
                Output::Busy(reply) => self.answer(reply, Err(NotAcked::Busy)),
                Output::Unconfirmed(reply) => self.answer(reply, Err(NotAcked::Unconfirmed)),
                Output::CloseUnlogged { reply, closed, entry } => self.close_unlogged(reply, closed, *entry),
                Output::Cleared => self.paging.clear(),
                Output::Publish(moment) => {
                    self.publish.send_replace(Arc::new(*moment));
                }
            }
        }
    }

    fn append(&mut self, epoch: Epoch, events: Vec<StoredEvent>) {
        let (log, run) = (Arc::clone(&self.ground.log), self.run.clone());
        self.appending = Some(tokio::spawn(async move { log.append(&run, epoch, events).await }));
    }

    /// The gates are shut by now. Whoever asked is told within 100 ms, whether the page has the entry by then or not.
    fn close_unlogged(&mut self, reply: Option<Reply>, closed: ClosedUnlogged, entry: Entry) {
        let waiting = reply.and_then(|reply| self.replies.remove(&reply));
        let put = self.paging.put(entry);
        tokio::spawn(async move {
            let kept = matches!(tokio::time::timeout(KEPT_WITHIN, put).await, Ok(Ok(true)));
            if let Some(waiting) = waiting {
                // The asker may be gone; what closed is closed.
                let _ = waiting.send(Err(NotAcked::ClosedUnlogged(ClosedUnlogged { kept, ..closed })));
            }
        });
    }

    /// What came of opening the log. It is tried every other second: the same trouble is logged once.
    fn opened(&mut self, ended: Result<Result<Replayed, TaskError>, JoinError>) -> Input {
        let (input, cause) = match ended {
            Ok(Ok(replayed)) => {
                tracing::warn!(meeting = %self.id, epoch = %replayed.epoch(), "the meeting goes on from its log");
                (Input::Opened(Box::new(replayed)), String::new())
            }
            Ok(Err(cause)) => (Input::OpenFailed(self.known(cause.trouble())), chain(&cause)),
            Err(cause) => {
                (Input::OpenFailed(Trouble { why: LogCause::Broke, theirs: None }), cause.to_string())
            }
        };
        if cause != self.not_opened {
            if !cause.is_empty() {
                tracing::error!(meeting = %self.id, cause, "the log cannot be opened; it is tried again and again");
            }
            self.not_opened = cause;
        }
        input
    }

    /// What is known of the store says more than that something of it failed.
    fn known(&self, trouble: Trouble) -> Trouble {
        let known = self.ground.log.trouble().filter(|_| trouble.why == LogCause::IoError);
        Trouble { why: known.unwrap_or(trouble.why), ..trouble }
    }

    fn answer(&mut self, reply: Reply, answer: Result<Acked, NotAcked>) {
        if let Some(waiting) = self.replies.remove(&reply) {
            // The asker may be gone; the act stands in the log all the same.
            let _ = waiting.send(answer);
        }
    }
}

fn busy(waiting: Answer) {
    let _ = waiting.send(Err(NotAcked::Busy));
}

/// What a task under way comes to; never, if there is none.
async fn ended<T>(task: &mut Option<JoinHandle<T>>) -> Result<T, JoinError> {
    match task {
        Some(task) => task.await,
        None => std::future::pending().await,
    }
}

fn appended(id: &MeetingId, ended: Result<Result<(), LogError>, JoinError>) -> Input {
    match ended {
        Ok(Ok(())) => Input::Appended,
        Ok(Err(cause)) => {
            tracing::error!(meeting = %id, cause = chain(&cause), "the log did not take a batch");
            Input::AppendFailed(trouble(&cause))
        }
        Err(cause) => {
            tracing::error!(meeting = %id, %cause, "the append ended");
            Input::AppendFailed(Trouble { why: LogCause::Broke, theirs: None })
        }
    }
}

fn trouble(cause: &LogError) -> Trouble {
    let theirs = if let LogError::Fenced { theirs, .. } = cause { Some(*theirs) } else { None };
    Trouble { why: cause.why(), theirs }
}
