//! A hop without media: the real gates of core, and as much of rooms and pictures as control can see.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base::random::Random;
use base::{ClientId, Epoch, Mono, Sequence, SourceId, VenueId};
use media::gates::{Change, Gates};
use meeting::Scene;
use service::port::hop::{Fact, MediaTarget, SourceState};

use crate::organisation::{Organisation, SOURCES, source_index, venue_index};

/// A room that sends nothing for so long is lost.
const LOST_AFTER: Duration = Duration::from_millis(1500);
/// A source on air that is lost gives way to the slate after this.
const SLATE_AFTER: Duration = Duration::from_millis(1000);
/// A take that waits longer says so.
const WAITING_AFTER: Duration = Duration::from_millis(1000);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Feed {
    /// Nothing comes.
    #[default]
    Gone,
    /// Packets come, a picture does not yet.
    Joining { decodable_at: Mono },
    /// A picture comes.
    Decodable,
    /// Packets came; it is lost when none come until then.
    Silent { lost_at: Mono },
}

/// A take under way.
#[derive(Debug, Clone, Copy)]
struct Switching {
    source: usize,
    /// When the next key frame of the source comes, if a picture of it comes at all.
    key_frame: Mono,
    says_so_at: Option<Mono>,
}

/// The hop. Its clock counts from the start of its process.
#[derive(Debug)]
pub struct FakeHop {
    names: Arc<Organisation>,
    gates: Gates,
    /// Epoch under which the meeting was forgotten last.
    forgotten: Option<Epoch>,
    /// Venues whose sound passes, one bit each.
    audible: u32,
    target: Arc<MediaTarget>,
    views: BTreeMap<ClientId, Vec<Option<SourceId>>>,
    /// Source on air, by index.
    shown: Option<usize>,
    switching: Option<Switching>,
    slate_at: Option<Mono>,
    feeds: [Feed; SOURCES],
    random: Random,
    facts: Vec<Fact>,
}

impl FakeHop {
    /// A hop that has heard nothing yet.
    #[must_use]
    pub fn new(names: Arc<Organisation>, random: Random) -> Self {
        Self {
            names,
            gates: Gates::default(),
            forgotten: None,
            audible: 0,
            target: Arc::default(),
            views: BTreeMap::new(),
            shown: None,
            switching: None,
            slate_at: None,
            feeds: [Feed::Gone; SOURCES],
            random,
            facts: Vec::new(),
        }
    }

    /// Venues whose sound passes, one bit each.
    #[must_use]
    pub fn audible(&self) -> u32 {
        self.audible
    }

    /// Source on air, by index; none while the slate is.
    #[must_use]
    pub fn shown(&self) -> Option<usize> {
        self.shown
    }

    /// The target that is applied.
    #[must_use]
    pub fn target(&self) -> &MediaTarget {
        &self.target
    }

    /// Epoch and sequence that are applied.
    #[must_use]
    pub fn applied(&self) -> Option<(Epoch, Sequence)> {
        self.gates.applied()
    }

    /// A picture of that source can be decoded now.
    #[must_use]
    pub fn decodable(&self, source: usize) -> bool {
        self.feeds[source] == Feed::Decodable
    }

    /// What there is to report since the last call.
    pub fn take_facts(&mut self) -> std::vec::Drain<'_, Fact> {
        self.facts.drain(..)
    }

    /// As [`service::port::hop::Hop::close_gates`].
    pub fn close_gates(&mut self, epoch: Epoch, until: Sequence, venues: &[VenueId]) {
        if self.is_late(epoch) {
            return;
        }
        let changes = self.gates.close(epoch, until, venues);
        self.report_gates(changes);
    }

    /// As [`service::port::hop::Hop::apply`]. True if it is taken.
    pub fn apply(&mut self, now: Mono, epoch: Epoch, sequence: Sequence, target: Arc<MediaTarget>) -> bool {
        let chair = target.chair.as_ref();
        if self.is_late(epoch) {
            return false;
        }
        let Some(changes) = self.gates.apply(now, epoch, sequence, &target.gates, chair) else {
            return false;
        };
        self.report_gates(changes);
        let programme = target.programme.source().and_then(source_index);
        let before = std::mem::replace(&mut self.target, target);
        if before.programme == self.target.programme {
            return true;
        }
        self.slate_at = None;
        match programme {
            None => {
                self.switching = None;
                self.show(now, None);
            }
            Some(source) if self.shown == Some(source) => self.switching = None,
            Some(source) => self.switch_to(now, source),
        }
        true
    }

    /// As [`service::port::hop::Hop::forget`].
    pub fn forget(&mut self, epoch: Epoch) {
        if self.gates.applied().is_some_and(|(applied, _)| applied > epoch) {
            return;
        }
        self.forgotten = self.forgotten.max(Some(epoch));
        (self.gates, self.audible, self.target) = (Gates::default(), 0, Arc::default());
        self.views.clear();
        (self.shown, self.switching, self.slate_at) = (None, None, None);
        // Its publishers' sessions end with it.
        self.feeds = [Feed::Gone; SOURCES];
    }

    fn is_late(&self, epoch: Epoch) -> bool {
        self.forgotten.is_some_and(|forgotten| epoch <= forgotten)
    }

    /// As [`service::port::hop::Hop::views`].
    pub fn views(&mut self, client: ClientId, lines: Vec<Option<SourceId>>) {
        if lines.is_empty() {
            self.views.remove(&client);
        } else {
            self.views.insert(client, lines);
        }
    }

    /// Sources that clients have chosen for their lines.
    #[must_use]
    pub fn chosen(&self) -> &BTreeMap<ClientId, Vec<Option<SourceId>>> {
        &self.views
    }

    /// Reports all that there is, to a server that knows nothing.
    pub fn report_all(&mut self, now: Mono) {
        let (epoch, sequence) = self.gates.applied().unwrap_or_default();
        let open: Vec<VenueId> = self.gates.open().iter().cloned().collect();
        self.report_gates(
            open.into_iter().map(|venue| Change { venue, open: true, epoch, sequence }).collect(),
        );
        for source in 0..SOURCES {
            if self.names.has_source(source) {
                self.report_source(source);
            }
        }
        let scene = self.shown.map_or(Scene::Slate, |source| Scene::Full(self.names.sources[source].clone()));
        self.facts.push(Fact::Shown { scene, at: now });
    }

    /// Packets of a room come.
    pub fn room_up(&mut self, now: Mono, source: usize) {
        match self.feeds[source] {
            Feed::Decodable | Feed::Joining { .. } => {}
            Feed::Silent { .. } => {
                self.feeds[source] = Feed::Decodable;
            }
            Feed::Gone => {
                let decodable_at = now + Duration::from_millis(self.random.between(40, 400));
                self.feeds[source] = Feed::Joining { decodable_at };
                self.report_source(source);
            }
        }
    }

    /// Packets of a room come no more.
    pub fn room_down(&mut self, now: Mono, source: usize) {
        if matches!(self.feeds[source], Feed::Decodable | Feed::Joining { .. }) {
            self.feeds[source] = Feed::Silent { lost_at: now + LOST_AFTER };
            if self.shown == Some(source) {
                self.slate_at = Some(now + SLATE_AFTER);
            }
        }
    }

    /// When [`Self::tick`] is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let feeds = self.feeds.iter().filter_map(|feed| match feed {
            Feed::Joining { decodable_at: at } | Feed::Silent { lost_at: at } => Some(*at),
            Feed::Gone | Feed::Decodable => None,
        });
        let switching = self.switching.and_then(|switching| {
            let picture = self.decodable(switching.source).then_some(switching.key_frame);
            [picture, switching.says_so_at].into_iter().flatten().min()
        });
        // The chair's gate alone needs no renewal.
        let chair = self.target.chair.as_ref().and_then(venue_index).map_or(0, |n| 1 << n);
        let gates = (self.audible & !chair != 0).then(|| self.gates.deadline());
        feeds.chain(switching).chain(self.slate_at).chain(gates).min()
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Mono) {
        let changes = self.gates.tick(now);
        self.report_gates(changes);
        for source in 0..SOURCES {
            match self.feeds[source] {
                Feed::Joining { decodable_at } if decodable_at <= now => {
                    self.feeds[source] = Feed::Decodable;
                    self.report_source(source);
                    if self.target.programme.source().and_then(source_index) == Some(source)
                        && self.shown != Some(source)
                    {
                        self.switch_to(now, source);
                    }
                }
                Feed::Silent { lost_at } if lost_at <= now => {
                    self.feeds[source] = Feed::Gone;
                    self.report_source(source);
                }
                Feed::Gone | Feed::Joining { .. } | Feed::Decodable | Feed::Silent { .. } => {}
            }
        }
        if self.slate_at.is_some_and(|at| at <= now) {
            self.slate_at = None;
            if let Some(source) = self.shown.filter(|source| !self.decodable(*source)) {
                self.show(now, None);
                // Unless a take waits for another, it is shown again when it is back.
                if self.switching.is_none() {
                    self.switch_to(now, source);
                }
            }
        }
        self.switch(now);
    }

    fn switch_to(&mut self, now: Mono, source: usize) {
        let key_frame = now + Duration::from_millis(self.random.between(5, 200));
        self.switching = Some(Switching { source, key_frame, says_so_at: Some(now + WAITING_AFTER) });
    }

    fn switch(&mut self, now: Mono) {
        let Some(switching) = &mut self.switching else { return };
        let source = switching.source;
        if self.feeds[source] == Feed::Decodable && switching.key_frame <= now {
            self.switching = None;
            self.show(now, Some(source));
        } else if switching.says_so_at.is_some_and(|at| at <= now) {
            switching.says_so_at = None;
            if let Some(source) = self.target.programme.source().cloned() {
                self.facts.push(Fact::Waiting { source });
            }
        }
    }

    fn show(&mut self, now: Mono, source: Option<usize>) {
        if std::mem::replace(&mut self.shown, source) == source {
            return;
        }
        let scene = source.map_or(Scene::Slate, |source| Scene::Full(self.names.sources[source].clone()));
        self.facts.push(Fact::Shown { scene, at: now });
    }

    fn report_gates(&mut self, changes: Vec<Change>) {
        for Change { venue, open, epoch, sequence } in changes {
            let bit = venue_index(&venue).map_or(0, |n| 1 << n);
            if open {
                self.audible |= bit
            } else {
                self.audible &= !bit
            }
            self.facts.push(Fact::Gate { venue, open, epoch, sequence });
        }
    }

    fn report_source(&mut self, source: usize) {
        let (live, decodable) = match self.feeds[source] {
            Feed::Gone => (false, false),
            Feed::Joining { .. } => (true, false),
            Feed::Decodable | Feed::Silent { .. } => (true, true),
        };
        let layers = if decodable { vec![180, 360] } else { vec![] };
        self.facts.push(Fact::Source {
            source: self.names.sources[source].clone(),
            state: SourceState { live, layers, decodable },
        });
    }
}
