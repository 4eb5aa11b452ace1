//! The task of a meeting: gives its sequencer the outside world.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base::{MeetingId, RunId};
use directory::{Directory, Plan};
use tokio::sync::{broadcast, oneshot, watch};
use tokio::task::JoinHandle;

use crate::control::{Acked, Inbox, Levels, Meeting, NotAcked, View};
use crate::facts::Facts;
use crate::mailbox::{MailReader, mailbox};
use crate::port::clock::Clock;
use crate::port::hop::{Hop, Measure, What};
use crate::port::log::{Log, LogError, StoredEvent};
use crate::sequencer::{Input, Load, LoadError, Output, Reply, Sequencer};

/// Level frames that a slow client may be behind.
const LEVELS_MAX: usize = 8;
/// Pause before the log is opened again after it failed.
const RECOVER_PAUSE: Duration = Duration::from_millis(200);
const RECOVER_PAUSE_MAX: Duration = Duration::from_secs(5);

/// What a meeting stands on.
#[derive(Clone)]
pub struct Ground {
    /// The log of its run.
    pub log: Arc<dyn Log>,
    /// The hop.
    pub hop: Arc<dyn Hop>,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Ground {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ground")
    }
}

/// Why a meeting cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The log does not open.
    #[error("the log of the meeting does not open")]
    Log(#[from] LogError),
    /// The log does not replay.
    #[error("the log of the meeting does not replay")]
    Load(#[from] LoadError),
}

/// Loads a meeting and starts its task. Answers when its first view is there.
///
/// # Errors
/// [`TaskError`] if the log does not open or replay; later failures are recovered from by the task itself.
pub async fn start(
    ground: Ground,
    id: MeetingId,
    run: RunId,
    directory: Arc<Directory>,
    plan: Arc<Plan>,
) -> Result<Meeting, TaskError> {
    let (inbox, messages) = mailbox();
    let (levels, _) = broadcast::channel(LEVELS_MAX);
    let load = Load {
        run: run.clone(),
        opened: ground.log.open(&run).await?,
        directory,
        plan,
        facts: Facts::default(),
        generation: 1,
    };
    let sequencer = Sequencer::load(load, ground.clock.mono(), ground.clock.wall())?;
    let (publish, view) = watch::channel(Arc::new(sequencer.view()));
    let log = Arc::clone(&ground.log);
    let task = Task {
        ground,
        id: id.clone(),
        run: run.clone(),
        messages,
        publish,
        levels: levels.clone(),
        replies: BTreeMap::new(),
        next_reply: 0,
        appending: None,
    };
    tokio::spawn(task.run(sequencer));
    Ok(Meeting { id, run, inbox, view, levels, log })
}

type Answer = oneshot::Sender<Result<Acked, NotAcked>>;

struct Task {
    ground: Ground,
    id: MeetingId,
    run: RunId,
    messages: MailReader,
    publish: watch::Sender<Arc<View>>,
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
            Inbox::Command(command, answer) => {
                self.next_reply += 1;
                self.replies.insert(self.next_reply, answer);
                Input::Command(self.next_reply, command)
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
            Inbox::View(client, lines) => Input::View(client, lines),
            Inbox::Clients(clients) => Input::Clients(clients),
            Inbox::Directory(directory, plan) => Input::Directory(directory, plan),
        })
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
                Output::Publish(view) => {
                    self.publish.send_replace(Arc::new(*view));
                }
                Output::Recover => return true,
            }
        }
        false
    }

    fn append(&mut self, epoch: base::Epoch, events: Vec<StoredEvent>) {
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
        let view = self.publish.borrow().clone();
        let (facts, generation) = broken.into_facts();
        let mut pause = RECOVER_PAUSE;
        loop {
            let opened = self.ground.log.open(&self.run).await.map_err(TaskError::from);
            let loaded = opened.and_then(|opened| {
                let load = Load {
                    run: self.run.clone(),
                    opened,
                    directory: Arc::clone(&view.directory),
                    plan: Arc::clone(&view.plan),
                    facts: facts.clone(),
                    generation,
                };
                Ok(Sequencer::load(load, self.ground.clock.mono(), self.ground.clock.wall())?)
            });
            match loaded {
                Ok(sequencer) => {
                    tracing::warn!(meeting = %self.id, epoch = %sequencer.epoch(), "the meeting goes on from its log");
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
}
