//! A store in memory behind all ports of a store, and the faults that a store could have.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base::{Epoch, MeetingId, RunId, Sequence, TokenId, VenueId, Wall};
use directory::{Directory, Plan};
use service::port::directories::{Directories, DirectoriesError, DirectoriesFuture, MeetingRow};
use service::port::log::{Log, LogError, LogFuture, OpenedRun, StoredEvent};
use service::port::runs::{Course, RunKind, RunRow, Runs, RunsError, RunsFuture};
use service::port::tokens::{TokenRow, Tokens, TokensError, TokensFuture};

/// A promise that a store breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// The last append of a run is gone when the store is opened again.
    LosesLastAppend,
    /// An append is answered before it would outlive a crash.
    AnswersBeforeSync,
    /// Runs of one meeting share a log.
    MixesRuns,
    /// A writer whose epoch is over may still append.
    LetsOlderEpochWrite,
    /// A meeting file may take away what another meeting names.
    LetsNamedThingsVanish,
    /// A dry run says yes to a meeting file that is refused when it is applied.
    PromisesWhatItRefuses,
    /// A token that was revoked is good again when the store is opened again.
    ForgetsRevocations,
}

/// What is stored.
#[derive(Debug, Clone, Default)]
struct Tables {
    directory: Option<Directory>,
    plans: BTreeMap<MeetingId, Plan>,
    runs: BTreeMap<RunId, RunRow>,
    events: BTreeMap<RunId, Vec<StoredEvent>>,
    /// Events of the last append of a run.
    last_append: BTreeMap<RunId, usize>,
    tokens: BTreeMap<TokenId, TokenRow>,
}

impl Tables {
    /// Whether all that meetings but this one name is in `directory`.
    fn fits(&self, directory: &Directory, meeting: &MeetingId) -> Result<(), DirectoriesError> {
        let mut others = self.plans.values().filter(|other| other.id != *meeting);
        others.try_for_each(|other| names_only(other, directory))
    }
}

#[derive(Debug, Default)]
struct Memory {
    now: Tables,
    /// What outlives a crash.
    synced: Tables,
}

/// A store in memory. What it calls synced outlives [`Self::crash`], whatever it holds outlives [`Self::reopen`].
#[derive(Debug, Default)]
pub struct MemoryStore {
    memory: Mutex<Memory>,
    planted: Option<Planted>,
}

impl MemoryStore {
    /// An empty store with a fault.
    #[must_use]
    pub fn planted(fault: Planted) -> Self {
        Self { memory: Mutex::default(), planted: Some(fault) }
    }

    /// Closes it in good order and opens it again.
    pub fn reopen(&self) {
        let mut memory = self.memory();
        if self.planted == Some(Planted::LosesLastAppend) {
            let Tables { events, last_append, .. } = &mut memory.now;
            for (run, count) in std::mem::take(last_append) {
                let events = events.entry(run).or_default();
                events.truncate(events.len().saturating_sub(count));
            }
        }
        if self.planted == Some(Planted::ForgetsRevocations) {
            for token in memory.now.tokens.values_mut() {
                token.revoked = None;
            }
        }
        memory.synced = memory.now.clone();
    }

    /// Loses the power and opens it again: only what it called synced is there.
    pub fn crash(&self) {
        let mut memory = self.memory();
        memory.now = memory.synced.clone();
        drop(memory);
        self.reopen();
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // No holder leaves it half changed.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the tables and syncs them.
    fn change<T, E>(&self, change: impl FnOnce(&mut Tables) -> Result<T, E>) -> Result<T, E> {
        let mut memory = self.memory();
        let answer = change(&mut memory.now)?;
        memory.synced = memory.now.clone();
        Ok(answer)
    }

    /// The run whose log this run's is.
    fn log_of(&self, tables: &Tables, run: &RunId) -> RunId {
        let meeting = tables.runs.get(run).map(|row| &row.meeting);
        let shared = tables.runs.values().find(|row| Some(&row.meeting) == meeting);
        match shared {
            Some(first) if self.planted == Some(Planted::MixesRuns) => first.id.clone(),
            Some(_) | None => run.clone(),
        }
    }

    fn course_of(&self, tables: &Tables, run: &RunId) -> Course {
        let events = tables.events.get(&self.log_of(tables, run)).into_iter().flatten();
        events.rev().find_map(|event| Course::after(&event.kind, event.ver)).unwrap_or(Course::Prepared)
    }

    fn open_run(&self, run: &RunId) -> Result<OpenedRun, LogError> {
        self.change(|tables| {
            let log = self.log_of(tables, run);
            let row = tables.runs.get_mut(run).ok_or_else(|| LogError::NoRun(run.clone()))?;
            row.epoch = row.epoch.next();
            let events = tables.events.get(&log).cloned().unwrap_or_default();
            Ok(OpenedRun::whole(row.epoch, events))
        })
    }

    fn append_events(&self, run: &RunId, epoch: Epoch, batch: Vec<StoredEvent>) -> Result<(), LogError> {
        let mut memory = self.memory();
        let tables = &mut memory.now;
        let theirs = tables.runs.get(run).ok_or_else(|| LogError::NoRun(run.clone()))?.epoch;
        if theirs != epoch && self.planted != Some(Planted::LetsOlderEpochWrite) {
            return Err(LogError::Fenced { ours: epoch, theirs });
        }
        let log = self.log_of(tables, run);
        let events = tables.events.entry(log.clone()).or_default();
        let mut expected = events.last().map_or(Sequence(0), |event| event.seq);
        for event in &batch {
            expected = expected.next();
            if event.seq != expected {
                return Err(LogError::Gap { expected, got: event.seq });
            }
        }
        tables.last_append.insert(log, batch.len());
        events.extend(batch);
        if self.planted != Some(Planted::AnswersBeforeSync) {
            memory.synced = memory.now.clone();
        }
        Ok(())
    }

    fn replace_both(&self, directory: Directory, plan: Plan) -> Result<(), DirectoriesError> {
        let planted = self.planted;
        self.change(|tables| {
            if planted != Some(Planted::LetsNamedThingsVanish) {
                tables.fits(&directory, &plan.id)?;
            }
            tables.directory = Some(directory);
            tables.plans.insert(plan.id.clone(), plan);
            Ok(())
        })
    }
}

/// Refuses a directory without something that this plan names.
fn names_only(plan: &Plan, directory: &Directory) -> Result<(), DirectoriesError> {
    let in_use = |what, id: String| Err(DirectoriesError::InUse { what, id, meeting: plan.id.to_string() });
    let items = plan.items.iter();
    let venues: BTreeSet<&VenueId> =
        plan.venues.iter().chain([&plan.chair_venue]).chain(items.filter_map(|i| i.venue.as_ref())).collect();
    if let Some(gone) = venues.into_iter().find(|venue| directory.venue(venue).is_none()) {
        return in_use("venue", gone.to_string());
    }
    let people = plan.items.iter().filter_map(|item| item.person.as_ref()).chain(&plan.chair);
    match people.into_iter().find(|person| !directory.people().contains_key(person)) {
        Some(gone) => in_use("person", gone.to_string()),
        None => Ok(()),
    }
}

impl Log for MemoryStore {
    fn open(&self, run: &RunId) -> LogFuture<'_, OpenedRun> {
        let run = run.clone();
        Box::pin(async move { self.open_run(&run) })
    }

    fn open_to_read(&self, run: &RunId) -> LogFuture<'_, OpenedRun> {
        let run = run.clone();
        Box::pin(async move {
            let tables = &self.memory().now;
            let epoch = tables.runs.get(&run).ok_or_else(|| LogError::NoRun(run.clone()))?.epoch;
            let events = tables.events.get(&self.log_of(tables, &run)).cloned().unwrap_or_default();
            Ok(OpenedRun::whole(epoch, events))
        })
    }

    fn append(&self, run: &RunId, epoch: Epoch, events: Vec<StoredEvent>) -> LogFuture<'_, ()> {
        let run = run.clone();
        Box::pin(async move { self.append_events(&run, epoch, events) })
    }

    fn read(&self, run: &RunId, from: Sequence, count_max: u32) -> LogFuture<'_, Vec<StoredEvent>> {
        let run = run.clone();
        Box::pin(async move {
            let tables = &self.memory().now;
            if !tables.runs.contains_key(&run) {
                return Err(LogError::NoRun(run));
            }
            let events = tables.events.get(&self.log_of(tables, &run)).into_iter().flatten();
            let count_max = usize::try_from(count_max).unwrap_or(usize::MAX);
            Ok(events.filter(|event| event.seq >= from).take(count_max).cloned().collect())
        })
    }
}

impl Directories for MemoryStore {
    fn directory(&self) -> DirectoriesFuture<'_, Option<Directory>> {
        Box::pin(async move { Ok(self.memory().now.directory.clone()) })
    }

    fn load(&self, meeting: &MeetingId) -> DirectoriesFuture<'_, (Directory, Plan)> {
        let meeting = meeting.clone();
        Box::pin(async move {
            let tables = &self.memory().now;
            match (&tables.directory, tables.plans.get(&meeting)) {
                (Some(directory), Some(plan)) => Ok((directory.clone(), plan.clone())),
                (Some(_) | None, _) => Err(DirectoriesError::NoMeeting(meeting)),
            }
        })
    }

    fn meetings(&self) -> DirectoriesFuture<'_, Vec<MeetingRow>> {
        Box::pin(async move {
            let row = |plan: &Plan| MeetingRow {
                id: plan.id.clone(),
                title: plan.title.clone(),
                start: plan.start,
            };
            let mut rows: Vec<MeetingRow> = self.memory().now.plans.values().map(row).collect();
            rows.sort_by_key(|row| (row.start.is_none(), row.start));
            Ok(rows)
        })
    }

    fn fits(&self, directory: &Directory, meeting: &MeetingId) -> DirectoriesFuture<'_, ()> {
        let promised = self.planted == Some(Planted::PromisesWhatItRefuses);
        let fits = if promised { Ok(()) } else { self.memory().now.fits(directory, meeting) };
        Box::pin(async move { fits })
    }

    fn replace(&self, directory: Directory, plan: Plan) -> DirectoriesFuture<'_, ()> {
        Box::pin(async move { self.replace_both(directory, plan) })
    }
}

impl Runs for MemoryStore {
    fn add_run(&self, id: RunId, meeting: MeetingId, kind: RunKind, created: Wall) -> RunsFuture<'_, ()> {
        Box::pin(async move {
            self.change(|tables| {
                if !tables.plans.contains_key(&meeting) {
                    return Err(RunsError::NoMeeting(meeting));
                }
                let row = RunRow { id: id.clone(), meeting, kind, created, epoch: Epoch(0) };
                tables.runs.entry(id).or_insert(row);
                Ok(())
            })
        })
    }

    fn runs(&self, meeting: &MeetingId) -> RunsFuture<'_, Vec<RunRow>> {
        let meeting = meeting.clone();
        Box::pin(async move {
            let tables = &self.memory().now;
            let mut rows: Vec<RunRow> =
                tables.runs.values().filter(|row| row.meeting == meeting).cloned().collect();
            rows.sort_by_key(|row| (row.kind, row.created));
            Ok(rows)
        })
    }

    fn course(&self, run: &RunId) -> RunsFuture<'_, Option<Course>> {
        let run = run.clone();
        Box::pin(async move {
            let tables = &self.memory().now;
            Ok(tables.runs.contains_key(&run).then(|| self.course_of(tables, &run)))
        })
    }

    fn unclosed(&self) -> RunsFuture<'_, Vec<MeetingId>> {
        Box::pin(async move {
            let tables = &self.memory().now;
            let held = tables.runs.values().filter(|row| row.kind == RunKind::Held);
            let unclosed =
                held.filter(|row| matches!(self.course_of(tables, &row.id), Course::Started | Course::Ended));
            let meetings: BTreeSet<MeetingId> = unclosed.map(|row| row.meeting.clone()).collect();
            Ok(meetings.into_iter().collect())
        })
    }
}

impl Tokens for MemoryStore {
    fn add_token(&self, token: TokenRow) -> TokensFuture<'_, ()> {
        Box::pin(async move {
            self.change(|tables| {
                if !tables.plans.contains_key(&token.meeting) {
                    return Err(TokensError::NoMeeting(token.meeting));
                }
                tables.tokens.entry(token.id.clone()).or_insert(token);
                Ok(())
            })
        })
    }

    fn revoke_token(&self, id: TokenId, at: Wall) -> TokensFuture<'_, ()> {
        Box::pin(async move {
            self.change(|tables| {
                if let Some(token) = tables.tokens.get_mut(&id) {
                    token.revoked.get_or_insert(at);
                }
                Ok(())
            })
        })
    }

    fn note_used(&self, used: Vec<(TokenId, Wall)>) -> TokensFuture<'_, ()> {
        Box::pin(async move {
            self.change(|tables| {
                for (id, at) in used {
                    if let Some(token) = tables.tokens.get_mut(&id) {
                        token.used = token.used.max(Some(at));
                    }
                }
                Ok(())
            })
        })
    }

    fn token(&self, id: &TokenId) -> TokensFuture<'_, Option<TokenRow>> {
        let id = id.clone();
        Box::pin(async move { Ok(self.memory().now.tokens.get(&id).cloned()) })
    }

    fn tokens(&self, meeting: &MeetingId) -> TokensFuture<'_, Vec<TokenRow>> {
        let meeting = meeting.clone();
        Box::pin(async move {
            let tables = &self.memory().now;
            let mut rows: Vec<TokenRow> =
                tables.tokens.values().filter(|row| row.meeting == meeting).cloned().collect();
            rows.sort_by(|a, b| (a.role, &a.venue, &a.id).cmp(&(b.role, &b.venue, &b.id)));
            Ok(rows)
        })
    }

    fn revoked(&self) -> TokensFuture<'_, Vec<TokenId>> {
        Box::pin(async move {
            let tables = &self.memory().now;
            let revoked = tables.tokens.values().filter(|token| token.revoked.is_some());
            Ok(revoked.map(|token| token.id.clone()).collect())
        })
    }
}
