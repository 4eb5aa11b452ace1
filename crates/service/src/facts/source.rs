//! What is known of sources.

use std::time::Duration;

use base::{AlarmCode, ClientId, Mono, SessionId, SourceId, VenueId, Wall};

use super::{Facts, Transport};
use crate::alarm::{Finding, OfSource, SourceRule};
use crate::port::hop::{SessionChange, SessionKind, SourceState};

/// How long an alarm stands after the last packet that was too large: an encoder may send such with its key frames alone.
const TOO_LARGE: Duration = Duration::from_secs(10);

/// For how long the losses of a source that has begun say nothing: its first packets come in bursts, over a line that is yet to be measured.
const ARRIVAL: Duration = Duration::from_secs(3);

/// What is known of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceFact {
    /// As the hop says.
    pub state: SourceState,
    /// When its packets began to come, or another session's in their place.
    pub begun: Option<Mono>,
    /// Packets lost per mille in the last second; none while it has just [begun](Self::begun).
    pub loss_permille: u16,
    /// Kilobits per second that arrive.
    pub kbps: u32,
    /// Packets dropped because they were too large to be forwarded, since the process of the hop began.
    pub too_large: u64,
    /// When `too_large` rose last.
    pub too_large_at: Option<Mono>,
    /// The session that publishes it, and whose page that is.
    pub publisher: Option<(SessionId, Option<ClientId>)>,
}

impl Facts {
    /// A picture of that source can be decoded now.
    #[must_use]
    pub fn decodable(&self, source: &SourceId) -> bool {
        self.sources.get(source).is_some_and(|fact| fact.state.decodable)
    }

    /// A source came, changed or went, and with it the link of its venue.
    pub(super) fn on_source(&mut self, now: Mono, at: Wall, source: &SourceId, state: &SourceState) -> bool {
        let Self { venues, sources, venue_of, away, .. } = self;
        let (venues, sources, venue_of) = if venue_of.contains_key(source) {
            (venues, sources, &*venue_of)
        } else {
            (&mut away.venues, &mut away.sources, &away.venue_of)
        };
        let Some(venue) = venue_of.get(source) else { return false };
        let fact = sources.entry(source.clone()).or_default();
        let changed = fact.state != *state;
        if state.live && !fact.state.live {
            fact.begun = Some(now);
        }
        fact.state = state.clone();
        if !state.live {
            fact.kbps = 0;
        }
        let of_venue = |of: &&VenueId| *of == venue;
        let live = |source| sources.get(source).is_some_and(|fact: &SourceFact| fact.state.live);
        let up = venue_of.iter().filter(|(_, of)| of_venue(of)).any(|(source, _)| live(source));
        let fact = venues.entry(venue.clone()).or_default();
        if up && !matches!(fact.transport, Transport::Up { .. }) {
            // What it lost before it was lost is over.
            fact.losses = [0; 5];
        }
        fact.transport = match (fact.transport, up) {
            (Transport::Up { since }, true) => Transport::Up { since },
            (Transport::Never | Transport::Lost { .. }, true) => Transport::Up { since: at },
            (Transport::Up { .. }, false) => Transport::Lost { since: at, since_mono: now },
            (Transport::Never | Transport::Lost { .. }, false) => fact.transport,
        };
        changed
    }

    /// A session came or went. The one that publishes a source is the newest that came.
    pub(super) fn on_session(
        &mut self,
        now: Mono,
        session: SessionId,
        client: Option<&ClientId>,
        kind: &SessionKind,
        change: SessionChange,
    ) -> bool {
        let SessionKind::Publish { source, .. } = kind else { return false };
        let sources =
            if self.venue_of.contains_key(source) { &mut self.sources } else { &mut self.away.sources };
        let fact = sources.entry(source.clone()).or_default();
        let newest = fact.publisher.as_ref().is_none_or(|(of, _)| *of <= session);
        match change {
            SessionChange::Connected if newest => {
                fact.publisher = Some((session, client.cloned()));
                // Where it takes the place of another one, packets may come without a pause.
                fact.begun = Some(now);
            }
            SessionChange::Closed(_) if fact.publisher.as_ref().is_some_and(|(of, _)| *of == session) => {
                fact.publisher = None;
            }
            SessionChange::Connected | SessionChange::Closed(_) => return false,
        }
        true
    }

    pub(super) fn on_too_large(&mut self, now: Mono, source: &SourceId, packets: u64) -> bool {
        let fact = self.sources.entry(source.clone()).or_default();
        let rose = packets > fact.too_large;
        if rose {
            (fact.too_large, fact.too_large_at) = (packets, Some(now));
        }
        rose
    }

    /// The last second of a source, which is one of the last five of its venue.
    pub(super) fn on_quality(&mut self, now: Mono, source: &SourceId, loss_permille: u16, kbps: u32) {
        let fact = self.sources.entry(source.clone()).or_default();
        let arrives = fact.begun.is_some_and(|at| now.since(at) < ARRIVAL);
        let loss_permille = if arrives { 0 } else { loss_permille };
        (fact.loss_permille, fact.kbps) = (loss_permille, kbps);
        if let Some(venue) = self.venue_of.get(source)
            && let Some(fact) = self.venues.get_mut(venue)
        {
            fact.losses.rotate_right(1);
            fact.losses[0] = loss_permille;
        }
    }
}

/// When a source is an alarm.
pub(crate) const RULES: &[SourceRule] = &[(AlarmCode::PacketsTooLarge, too_large)];

fn too_large(of: &OfSource<'_>) -> Finding {
    let lasts = of.fact.too_large_at.is_some_and(|at| of.now.since(at) < TOO_LARGE);
    Finding::counts(lasts, of.fact.too_large)
}
