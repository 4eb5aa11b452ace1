//! What the hop and the pages report. Never logged: after a restart they are learned anew.

use std::collections::BTreeMap;
use std::time::Duration;

use base::limits::{FLOOR_KEPT_MS, VENUES_MAX};
use base::{Mono, SourceId, VenueId, Wall};
use meeting::{Scene, State};

use crate::port::hop::{Fact, Measure, SourceState, Traffic, What};

/// How long a venue whose link is lost keeps its lease (R3).
pub const LEASE_OF_LOST: Duration = Duration::from_millis(FLOOR_KEPT_MS);

/// Sources that left the plan of which something is still known.
const SOURCES_AWAY_MAX: usize = VENUES_MAX;

/// What a page does with its microphone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageMicrophone {
    /// Sends.
    Open,
    /// Has one, sends nothing.
    Closed,
    /// Has none.
    Missing,
}

/// What a page of a venue reports of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageReport {
    /// Level before the gate, dBov from 0 (loudest) to -127.
    pub level: Option<i8>,
    /// Microphone.
    pub microphone: Option<PageMicrophone>,
    /// The browser refuses to play sound.
    pub sound_blocked: Option<bool>,
    /// The page is hidden.
    pub hidden: Option<bool>,
    /// Camera: width and height in pixels, frames per second.
    pub camera: Option<[u32; 3]>,
}

impl PageReport {
    /// This report, with what an earlier one said of all that this one leaves out.
    #[must_use]
    pub fn over(self, earlier: Self) -> Self {
        Self {
            level: self.level.or(earlier.level),
            microphone: self.microphone.or(earlier.microphone),
            sound_blocked: self.sound_blocked.or(earlier.sound_blocked),
            hidden: self.hidden.or(earlier.hidden),
            camera: self.camera.or(earlier.camera),
        }
    }
}

/// Level of a quiet room, in −dBov: whoever speaks is louder.
const QUIET_ROOM: u8 = 60;

/// Whether packets of a venue arrive, by any of its sessions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Transport {
    /// Nothing came in the life of this process.
    #[default]
    Never,
    /// Packets come.
    Up {
        /// Since.
        since: Wall,
    },
    /// Packets came, and come no more.
    Lost {
        /// Since.
        since: Wall,
        /// Since, on the clock by which leases count.
        since_mono: Mono,
    },
}

/// What is known of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceFact {
    /// As the hop says.
    pub state: SourceState,
    /// Packets lost per mille in the last second.
    pub loss_permille: u16,
    /// Kilobits per second that arrive.
    pub kbps: u32,
    /// Packets dropped because they were too large to be forwarded, since the process of the hop began.
    pub too_large: u64,
    /// When `too_large` rose last.
    pub too_large_at: Option<Mono>,
}

/// What is known of a venue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VenueFact {
    /// Whether its packets arrive.
    pub transport: Transport,
    /// The gate is open, as the hop reports it. Screens show this, never the command's intent (R4).
    pub gate_open: bool,
    /// Audio packets dropped for want of a lease.
    pub dropped: u64,
    /// When `dropped` rose last, and since when it has risen without a pause of over two seconds.
    pub dropping: Option<(Mono, Mono)>,
    /// Since when page, hop and log disagree about its microphone (R4).
    pub disagreeing: Option<Mono>,
    /// When sound above silence was last heard through its open gate, or the gate opened.
    pub heard: Mono,
    /// What its hall page reports.
    pub report: Option<PageReport>,
    /// Losses of the last five seconds, per mille.
    pub losses: [u16; 5],
    /// It has the floor and no link: since when that counts, and when the lease ends if it does not come back.
    pub losing: Option<(Mono, Wall)>,
}

/// All that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Venues.
    pub venues: BTreeMap<VenueId, VenueFact>,
    /// Sources.
    pub sources: BTreeMap<SourceId, SourceFact>,
    /// What the hop shows: this is on air.
    pub shown: Scene,
    /// Since when.
    pub shown_at: Wall,
    /// A take waits for a key frame of this source for over a second.
    pub waiting: Option<SourceId>,
    /// Clients on the control connection.
    pub clients: u32,
    /// Media sessions of the node.
    pub sessions: u32,
    /// Kilobits per second that come in.
    pub in_kbps: u32,
    /// Kilobits per second that go out.
    pub out_kbps: u32,
    /// Venue of each source.
    venue_of: BTreeMap<SourceId, VenueId>,
    away: Away,
}

/// What is known of venues and sources that left the plan. The hop tells nothing twice, so it must still be known when they come back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Away {
    venues: BTreeMap<VenueId, VenueFact>,
    sources: BTreeMap<SourceId, SourceFact>,
    venue_of: BTreeMap<SourceId, VenueId>,
}

impl Facts {
    /// Sets which sources and venues there are. What is known of the others is kept for their return.
    pub fn set_sources(&mut self, sources: &[(SourceId, VenueId)]) {
        let mut before = std::mem::take(&mut self.away);
        before.venues.append(&mut self.venues);
        before.sources.append(&mut self.sources);
        before.venue_of.append(&mut self.venue_of);
        self.venue_of = sources.iter().cloned().collect();
        for venue in self.venue_of.values() {
            if !self.venues.contains_key(venue) {
                self.venues.insert(venue.clone(), before.venues.remove(venue).unwrap_or_default());
            }
        }
        for source in self.venue_of.keys() {
            before.venue_of.remove(source);
            if let Some(fact) = before.sources.remove(source) {
                self.sources.insert(source.clone(), fact);
            }
        }
        if before.venue_of.len() <= SOURCES_AWAY_MAX {
            self.away = before;
        }
    }

    /// What is known of a venue.
    #[must_use]
    pub fn venue(&self, venue: &VenueId) -> Option<&VenueFact> {
        self.venues.get(venue)
    }

    /// A picture of that source can be decoded now.
    #[must_use]
    pub fn decodable(&self, source: &SourceId) -> bool {
        self.sources.get(source).is_some_and(|fact| fact.state.decodable)
    }

    /// Audio packets dropped for want of a lease, of all venues.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.venues.values().map(|fact| fact.dropped).sum()
    }

    /// Takes a report of the hop. True if a screen would show the difference.
    pub fn on_hop(&mut self, now: Mono, at: Wall, what: &What) -> bool {
        match what {
            What::Fact(fact) => self.on_fact(now, at, fact),
            What::Measure(Measure::Levels { levels }) => {
                for (venue, level) in levels {
                    if let Some(fact) = self.venues.get_mut(venue)
                        && *level < QUIET_ROOM
                    {
                        fact.heard = now;
                    }
                }
                false
            }
            What::Measure(Measure::Quality { source, loss_permille, kbps }) => {
                self.on_quality(source, *loss_permille, *kbps);
                true
            }
        }
    }

    /// Takes the traffic of the node.
    pub fn on_node(&mut self, traffic: Traffic) {
        (self.in_kbps, self.out_kbps, self.sessions) = (traffic.in_kbps, traffic.out_kbps, traffic.sessions);
    }

    fn on_fact(&mut self, now: Mono, at: Wall, fact: &Fact) -> bool {
        match fact {
            Fact::Gate { venue, open, .. } => {
                let Some(fact) = self.venue_mut(venue) else { return false };
                fact.heard = now;
                std::mem::replace(&mut fact.gate_open, *open) != *open
            }
            Fact::Shown { scene, .. } => {
                if self.waiting.as_ref() == scene.source() {
                    self.waiting = None;
                }
                if self.shown == *scene {
                    return false;
                }
                self.shown = scene.clone();
                self.shown_at = at;
                true
            }
            Fact::Waiting { source } => self.waiting.replace(source.clone()).as_ref() != Some(source),
            Fact::Source { source, state } => self.on_source(now, at, source, state),
            Fact::Session { .. } => false,
            Fact::Dropped { venue, packets } => self.on_dropped(now, venue, *packets),
            Fact::TooLarge { source, packets } => self.on_too_large(now, source, *packets),
        }
    }

    /// Takes what a page of a venue reports. True if a screen would show the difference.
    pub fn on_report(&mut self, venue: &VenueId, new: &PageReport) -> bool {
        let Some(fact) = self.venues.get_mut(venue) else { return false };
        let report = fact.report.get_or_insert_default();
        let before = report.clone();
        *report = new.clone().over(before.clone());
        // Levels travel by themselves, five times a second.
        PageReport { level: None, ..before } != PageReport { level: None, ..report.clone() }
    }

    /// Forgets what a page reported, since it is gone.
    pub fn forget_report(&mut self, venue: &VenueId) {
        if let Some(fact) = self.venues.get_mut(venue) {
            fact.report = None;
        }
    }

    /// Notes which venues' pages, hop and log disagree about a microphone now, and since when.
    pub fn note_disagreements(&mut self, now: Mono, state: &State) {
        for (venue, fact) in &mut self.venues {
            let up = matches!(fact.transport, Transport::Up { .. });
            let lease = state.lease(venue).is_some();
            let page_open =
                fact.report.as_ref().and_then(|report| report.microphone) == Some(PageMicrophone::Open);
            let disagree = up && (fact.gate_open != lease || (page_open && !fact.gate_open));
            fact.disagreeing = disagree.then(|| fact.disagreeing.unwrap_or(now));
        }
    }

    /// Other venues than these are about to lose the floor, or from another time on, as was noted last.
    #[must_use]
    pub fn loses_otherwise(&self, losing: &BTreeMap<VenueId, Mono>) -> bool {
        let noted = |fact: &VenueFact| fact.losing.map(|(since, _)| since);
        self.venues.iter().any(|(venue, fact)| noted(fact) != losing.get(venue).copied())
    }

    /// Notes which venues are about to lose the floor for want of a link, and since when that counts. Until when is told once, and not
    /// counted anew at each tick: the two clocks do not run alike.
    pub fn note_losing(&mut self, now: Mono, at: Wall, losing: &BTreeMap<VenueId, Mono>) {
        for (venue, fact) in &mut self.venues {
            fact.losing = losing.get(venue).map(|&since| match fact.losing {
                Some((before, until)) if before == since => (since, until),
                Some(_) | None => (since, at + LEASE_OF_LOST.saturating_sub(now.since(since))),
            });
        }
    }

    fn on_source(&mut self, now: Mono, at: Wall, source: &SourceId, state: &SourceState) -> bool {
        let Self { venues, sources, venue_of, away, .. } = self;
        let (venues, sources, venue_of) = if venue_of.contains_key(source) {
            (venues, sources, &*venue_of)
        } else {
            (&mut away.venues, &mut away.sources, &away.venue_of)
        };
        let Some(venue) = venue_of.get(source) else { return false };
        let fact = sources.entry(source.clone()).or_default();
        let changed = fact.state != *state;
        fact.state = state.clone();
        if !state.live {
            fact.kbps = 0;
        }
        let mut of_venue = venue_of.iter().filter(|(_, of)| *of == venue).map(|(source, _)| source);
        let up = of_venue.any(|source| sources.get(source).is_some_and(|fact| fact.state.live));
        let fact = venues.entry(venue.clone()).or_default();
        fact.transport = match (fact.transport, up) {
            (Transport::Up { since }, true) => Transport::Up { since },
            (Transport::Never | Transport::Lost { .. }, true) => Transport::Up { since: at },
            (Transport::Up { .. }, false) => Transport::Lost { since: at, since_mono: now },
            (Transport::Never | Transport::Lost { .. }, false) => fact.transport,
        };
        changed
    }

    fn venue_mut(&mut self, venue: &VenueId) -> Option<&mut VenueFact> {
        match self.venues.get_mut(venue) {
            Some(fact) => Some(fact),
            None => self.away.venues.get_mut(venue),
        }
    }

    fn on_dropped(&mut self, now: Mono, venue: &VenueId, packets: u64) -> bool {
        let Some(fact) = self.venue_mut(venue) else { return false };
        if packets <= fact.dropped {
            return false;
        }
        fact.dropped = packets;
        fact.dropping = match fact.dropping {
            Some((last, since)) if now.since(last) <= Duration::from_secs(2) => Some((now, since)),
            Some(_) | None => Some((now, now)),
        };
        true
    }

    fn on_too_large(&mut self, now: Mono, source: &SourceId, packets: u64) -> bool {
        let fact = self.sources.entry(source.clone()).or_default();
        let rose = packets > fact.too_large;
        if rose {
            (fact.too_large, fact.too_large_at) = (packets, Some(now));
        }
        rose
    }

    fn on_quality(&mut self, source: &SourceId, loss_permille: u16, kbps: u32) {
        let fact = self.sources.entry(source.clone()).or_default();
        (fact.loss_permille, fact.kbps) = (loss_permille, kbps);
        if let Some(venue) = self.venue_of.get(source)
            && let Some(fact) = self.venues.get_mut(venue)
        {
            fact.losses.rotate_right(1);
            fact.losses[0] = loss_permille;
        }
    }
}
