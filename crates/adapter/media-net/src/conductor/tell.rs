//! What is told: datagrams and reports on their way out, and what is counted for them.

use std::collections::VecDeque;
use std::time::Duration;

use base::Mono;
use meeting::Scene;
use service::port::hop::{Fact, HopReport, Measure, Traffic, What};
use str0m::net::Transmit;

use crate::egress::batch::Batch;
use crate::keys::{MeetingKey, TrackKey, VoiceKey};
use crate::plane::Plane;
use crate::transport::Path;

/// How long sound counts as heard, and how often what is counted is told.
pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// What waits to be told.
#[derive(Default)]
pub(crate) struct Tell {
    pub(crate) reports: VecDeque<HopReport>,
    pub(crate) batch: Batch,
    pub(crate) in_bytes: u64,
    /// Datagrams that were given up for want of room.
    pub(crate) given_up: u64,
    pub(crate) levels_at: Mono,
    pub(crate) second_at: Mono,
}

impl Tell {
    /// A datagram to send.
    pub(crate) fn send(&mut self, transmit: &Transmit) {
        let path = Path { local: transmit.source, remote: transmit.destination };
        self.batch.push(path, &transmit.contents, None);
    }

    /// Traffic since it was told last, with this many sessions connected.
    fn node(&mut self, elapsed: Duration, sessions: usize) {
        let ms = u64::try_from(elapsed.as_millis()).unwrap_or(1).max(1);
        let kbps = |bytes: u64| u32::try_from(bytes * 8 / ms).unwrap_or(u32::MAX);
        let (in_kbps, out_kbps) = (kbps(self.in_bytes), kbps(self.batch.take_total()));
        self.in_bytes = 0;
        let given_up = u32::try_from(std::mem::take(&mut self.given_up)).unwrap_or(u32::MAX);
        if given_up > 0 {
            tracing::warn!(
                given_up,
                "the network card takes no more: datagrams of the last second were given up"
            );
        }
        let traffic = Traffic { in_kbps, out_kbps, given_up, sessions: sessions as u32 };
        self.reports.push_back(HopReport::Node(traffic));
    }
}

impl Plane {
    pub(crate) fn tell(&mut self, meeting: MeetingKey, what: impl Into<What>) {
        let Some(meeting) = self.ingress.meetings.get(meeting) else { return };
        let report = HopReport::Of { meeting: meeting.id.clone(), what: what.into() };
        self.tell.reports.push_back(report);
    }

    pub(crate) fn tell_source(&mut self, now: Mono, track: TrackKey) {
        let Some(state) = self.ingress.tracks[track].news(now) else { return };
        if let Some((meeting, source)) = self.ingress.tracks[track].source.clone() {
            self.tell(meeting, Fact::Source { source, state });
        }
    }

    pub(crate) fn tell_levels(&mut self, now: Mono) {
        for number in self.meeting_turn() {
            let (mut levels, mut unmeasured) = (Vec::new(), Vec::new());
            for voice in &self.ingress.meetings[number].open {
                let venue = &mut self.ingress.venues[*voice];
                venue.level = venue.loudest.take();
                let recent = venue.heard.is_some_and(|at| now.since(at) < SECOND);
                if let Some(level) = venue.level.filter(|_| recent) {
                    levels.push((venue.id.clone(), level));
                } else if recent && venue.unmeasured {
                    unmeasured.push(venue.id.clone());
                }
            }
            let any = !levels.is_empty() || !unmeasured.is_empty();
            let told = std::mem::replace(&mut self.ingress.meetings[number].levels_told, any);
            if told || any {
                self.tell(number, Measure::Levels { levels, unmeasured });
            }
        }
    }

    pub(crate) fn tell_second(&mut self, elapsed: Duration) {
        for number in self.meeting_turn() {
            let voices: Vec<VoiceKey> = self.ingress.meetings[number].venues.values().copied().collect();
            for voice in voices {
                let venue = &mut self.ingress.venues[voice];
                if venue.dropped > venue.dropped_told {
                    venue.dropped_told = venue.dropped;
                    let (venue, packets) = (venue.id.clone(), venue.dropped);
                    self.tell(number, Fact::Dropped { venue, packets });
                }
            }
        }
        for track in self.ingress.tracks.keys().collect::<Vec<_>>() {
            if self.ingress.tracks[track].session.is_none() {
                continue;
            }
            let (loss_permille, kbps) = self.ingress.tracks[track].quality(elapsed);
            let too_large = self.ingress.tracks[track].too_large_news();
            if let Some((meeting, source)) = self.ingress.tracks[track].source.clone() {
                if let Some(packets) = too_large {
                    self.tell(meeting, Fact::TooLarge { source: source.clone(), packets });
                }
                self.tell(meeting, Measure::Quality { source, loss_permille, kbps });
            }
        }
        let connected = self.sessions.all.values().filter(|s| s.connected).count();
        self.tell.node(elapsed, connected);
    }

    pub(crate) fn tell_shown(&mut self, now: Mono) {
        let mut shown = Vec::new();
        for (number, meeting) in &mut self.ingress.meetings {
            let Some(key) = meeting.programme.shown.take() else { continue };
            let scene = match &self.ingress.tracks[key].source {
                Some((_, source)) => Scene::Full(source.clone()),
                None => Scene::Slate,
            };
            shown.push((number, Fact::Shown { scene, at: now }));
        }
        shown.into_iter().for_each(|(meeting, fact)| self.tell(meeting, fact));
    }
}
