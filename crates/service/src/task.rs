//! The task of a meeting: gives its sequencer the outside world.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base::{Epoch, MeetingId, RunId};
use directory::{Directory, Plan};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

use crate::control::{Acked, Answer, Inbox, Levels, Meeting, Moment, NotAcked};
use crate::facts::Facts;
use crate::mailbox::{MailReader, mailbox};
use crate::port::clock::Clock;
use crate::port::directories::{Directories, DirectoriesError};
use crate::port::hop::{Hop, Measure, What};
use crate::port::log::{Log, LogError, OpenedRun, StoredEvent};
use crate::port::runs::{Course, RunKind, Runs, RunsError};
use crate::registry::{Loader, LoaderError, LoaderFuture, Started};
use crate::sequencer::{Input, Load, LoadError, Output, Reply, Sequencer};

/// Level frames that a slow client may be behind.
const LEVELS_MAX: usize = 8;
/// Pause before the log is opened again after it failed.
const RECOVER_PAUSE: Duration = Duration::from_millis(200);
const RECOVER_PAUSE_MAX: Duration = Duration::from_secs(5);

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
    Broke(#[from] tokio::task::JoinError),
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
}

fn not_loaded(id: &MeetingId, cause: TaskError) -> LoaderError {
    if let TaskError::Directories(DirectoriesError::NoMeeting(id)) = cause {
        return LoaderError::Unknown(id);
    }
    LoaderError::Failed { id: id.clone(), cause: Box::new(cause) }
}

impl Ground {
    /// Loads a meeting and starts its task. Answers when its first moment is there; later failures are recovered from by the task itself.
    async fn start(self, id: &MeetingId) -> Result<Started, TaskError> {
        let (directory, plan) = self.directories.load(id).await?;
        let run = RunId::new(&format!("{id}-held"))?;
        if self.runs.course(&run).await?.is_none() {
            self.runs.add_run(run.clone(), id.clone(), RunKind::Held, self.clock.wall()).await?;
        }
        let load = Load {
            run: run.clone(),
            opened: self.open(&run).await?,
            directory: Arc::new(directory),
            plan: Arc::new(plan),
            facts: Facts::default(),
            alarms: Arc::default(),
            generation: 1,
        };
        let sequencer = self.replay(load).await?;
        let (inbox, messages) = mailbox();
        let (publish, moment) = watch::channel(Arc::new(sequencer.moment()));
        let levels = broadcast::Sender::new(LEVELS_MAX);
        let log = Arc::clone(&self.log);
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
        };
        let task = tokio::spawn(task.run(sequencer));
        // A task that broke has ended too.
        let ended = Box::pin(async move { drop(task.await) });
        Ok(Started { meeting: Meeting { id: id.clone(), run, inbox, moment, levels, log }, ended })
    }

    /// Opens a run under a new epoch; or only to be read, if its log has its last event.
    async fn open(&self, run: &RunId) -> Result<OpenedRun, TaskError> {
        let done = self.runs.course(run).await? == Some(Course::Closed);
        Ok(if done { self.log.open_to_read(run).await? } else { self.log.open(run).await? })
    }

    /// Replays a log. That takes seconds where there are hundreds of thousands of events, so it has a thread of its own.
    async fn replay(&self, load: Load) -> Result<Sequencer, TaskError> {
        let clock = Arc::clone(&self.clock);
        let replayed = tokio::task::spawn_blocking(move || Sequencer::load(load, clock.mono(), clock.wall()));
        Ok(replayed.await??)
    }
}

struct Task {
    ground: Ground,
    id: MeetingId,
    run: RunId,
    /// Of the sequencer that works, or worked last.
    epoch: Epoch,
    messages: MailReader,
    publish: watch::Sender<Arc<Moment>>,
    levels: broadcast::Sender<Levels>,
    replies: BTreeMap<Reply, Answer>,
    next_reply: Reply,
    appending: Option<JoinHandle<Result<(), LogError>>>,
}

/// What made the task turn.
enum Turn {
    Message(Inbox),
    Appended(bool),
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
            if self.carry_out(&mut sequencer) {
                let Some(again) = self.recover(sequencer).await else { return };
                sequencer = again;
                continue;
            }
            let input = match self.turn(&sequencer).await {
                Turn::Message(message) => match self.input(message) {
                    Some(input) => input,
                    None => continue,
                },
                Turn::Appended(true) => Input::Appended,
                Turn::Appended(false) => Input::AppendFailed,
                Turn::Tick => Input::Tick,
                Turn::Closed => return self.end(sequencer).await,
            };
            let (mono, wall) = (self.ground.clock.mono(), self.ground.clock.wall());
            // A broken invariant ends this sequencer, never the node: what it knew is in the log.
            let handled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                sequencer.handle(mono, wall, input);
            }));
            if handled.is_err() {
                tracing::error!(meeting = %self.id, "the sequencer broke; loading the meeting from its log");
                let Some(again) = self.recover(sequencer).await else { return };
                sequencer = again;
            }
        }
    }

    /// Nothing comes any more: what was decided is stored and answered, and that is all.
    async fn end(mut self, mut sequencer: Sequencer) {
        while let Some(appending) = self.appending.take() {
            let input =
                if matches!(appending.await, Ok(Ok(()))) { Input::Appended } else { Input::AppendFailed };
            sequencer.handle(self.ground.clock.mono(), self.ground.clock.wall(), input);
            self.carry_out(&mut sequencer);
        }
    }

    async fn turn(&mut self, sequencer: &Sequencer) -> Turn {
        let until_tick = sequencer.deadline().since(self.ground.clock.mono());
        let appending = async {
            match &mut self.appending {
                Some(task) => task.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            appended = appending => {
                self.appending = None;
                match appended {
                    Ok(Ok(())) => Turn::Appended(true),
                    Ok(Err(cause)) => {
                        tracing::error!(meeting = %self.id, %cause, "the log did not take a batch");
                        Turn::Appended(false)
                    }
                    Err(cause) => {
                        tracing::error!(meeting = %self.id, %cause, "the append ended");
                        Turn::Appended(false)
                    }
                }
            }
            () = tokio::time::sleep(until_tick) => Turn::Tick,
            message = self.messages.recv() => message.map_or(Turn::Closed, Turn::Message),
        }
    }

    fn input(&mut self, message: Inbox) -> Option<Input> {
        Some(match message {
            Inbox::Command(command, answer) => Input::Command(self.await_reply(answer), command),
            Inbox::Acknowledge(acknowledge, answer) => {
                Input::Acknowledge(self.await_reply(answer), acknowledge)
            }
            Inbox::Hop(what) => {
                if let What::Measure(Measure::Levels { levels }) = &what {
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

    /// Carries out what the sequencer says, in its order. True if its log must be opened again.
    fn carry_out(&mut self, sequencer: &mut Sequencer) -> bool {
        while let Some(output) = sequencer.poll_output() {
            let hop = &self.ground.hop;
            match output {
                Output::CloseGates { epoch, until, venues } => {
                    hop.close_gates(&self.id, epoch, until, &venues)
                }
                Output::Append { epoch, events } => self.append(epoch, events),
                Output::Apply { epoch, sequence, target } => hop.apply(&self.id, epoch, sequence, *target),
                Output::Ack(reply, acked) => self.answer(reply, Ok(acked)),
                Output::Refuse(reply, refusal) => self.answer(reply, Err(NotAcked::Refused(refusal))),
                Output::Busy(reply) => self.answer(reply, Err(NotAcked::Busy)),
                Output::Publish(moment) => {
                    self.publish.send_replace(Arc::new(*moment));
                }
                Output::Recover => return true,
            }
        }
        false
    }

    fn append(&mut self, epoch: Epoch, events: Vec<StoredEvent>) {
        let (log, run) = (Arc::clone(&self.ground.log), self.run.clone());
        self.appending = Some(tokio::spawn(async move { log.append(&run, epoch, events).await }));
    }

    fn answer(&mut self, reply: Reply, answer: Result<Acked, NotAcked>) {
        if let Some(waiting) = self.replies.remove(&reply) {
            // The asker may be gone; the act stands in the log all the same.
            let _ = waiting.send(answer);
        }
    }

    /// Opens the log again, for as long as it takes, or until the mailbox is closed. The hop goes on with what it was told last, until its
    /// leases run out.
    async fn recover(&mut self, broken: Sequencer) -> Option<Sequencer> {
        if let Some(appending) = self.appending.take() {
            // Whether it is stored is seen when the log is opened.
            let _ = appending.await;
        }
        for (_, waiting) in std::mem::take(&mut self.replies) {
            let _ = waiting.send(Err(NotAcked::Busy));
        }
        let moment = self.publish.borrow().clone();
        let (facts, generation) = broken.into_facts();
        let mut pause = RECOVER_PAUSE;
        loop {
            let loaded = self.load_again(&moment, facts.clone(), generation).await;
            match loaded {
                Ok(sequencer) => {
                    tracing::warn!(meeting = %self.id, epoch = %sequencer.epoch(), "the meeting goes on from its log");
                    self.epoch = sequencer.epoch();
                    return Some(sequencer);
                }
                Err(cause) => {
                    tracing::error!(meeting = %self.id, %cause, "the meeting cannot be loaded yet");
                    tokio::select! {
                        () = self.messages.closed() => return None,
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = (pause * 2).min(RECOVER_PAUSE_MAX);
                }
            }
        }
    }

    async fn load_again(
        &self,
        moment: &Moment,
        facts: Facts,
        generation: u32,
    ) -> Result<Sequencer, TaskError> {
        let load = Load {
            run: self.run.clone(),
            opened: self.ground.open(&self.run).await?,
            directory: Arc::clone(&moment.directory),
            plan: Arc::clone(&moment.plan),
            facts,
            alarms: Arc::clone(&moment.alarms),
            generation,
        };
        self.ground.replay(load).await
    }
}
