//! What is done by the clock: silence, slate, losses, time-outs, and the facts that are told at intervals.

use std::time::Duration;

use base::Mono;
use service::port::hop::{CloseReason, Fact, HopReport, Measure, Traffic};

use super::{Output, Plane};
use crate::keys::{MeetingKey, TrackKey, VoiceKey};

/// Opus frames of silence.
const SILENCE_EVERY: Duration = Duration::from_millis(20);
/// Silence that is later than this is not sent any more.
const SILENCE_LATE_MAX: Duration = Duration::from_millis(200);
/// The slate has a key frame this often.
const SLATE_EVERY: Duration = Duration::from_secs(1);
const HOUSE_EVERY: Duration = Duration::from_millis(50);
const LEVELS_EVERY: Duration = Duration::from_millis(200);
const SECOND: Duration = Duration::from_secs(1);
/// A session that is not connected by then is closed.
const HALF_OPEN_TIMEOUT: Duration = Duration::from_secs(10);
/// A session of which nothing is heard for this long is closed; browsers check consent every few seconds (RFC 7675).
const SILENT_TIMEOUT: Duration = Duration::from_secs(20);

impl Plane {
    pub(super) fn upkeep(&mut self, now: Mono) {
        if now >= self.silence_at {
            self.catch_up_silence(now);
            self.rank(now);
        }
        if now >= self.slate_at {
            self.slate_at = now + SLATE_EVERY;
            for track in self.slates {
                self.show_slate(now, track);
            }
        }
        if now >= self.house_at {
            self.house_at = now + HOUSE_EVERY;
            self.watch_meetings(now);
            self.watch_tracks(now);
            self.watch_sessions(now);
        }
        if now >= self.levels_at {
            self.levels_at = now + LEVELS_EVERY;
            self.tell_levels(now);
        }
        let elapsed = now.since(self.second_at);
        if elapsed >= SECOND {
            self.second_at = now;
            self.tell_second(elapsed);
        }
    }

    /// Silence keeps time: beats that this thread missed are sent late, as a network would, or left out with their time. Were they
    /// sent in the next beats instead, a player would take each for a longer delay, and hold the picture back to match.
    fn catch_up_silence(&mut self, now: Mono) {
        if now.since(self.silence_at) > SILENCE_LATE_MAX {
            let missed = now.since(self.silence_at).as_micros() / SILENCE_EVERY.as_micros();
            self.silence_at = self.silence_at + SILENCE_EVERY * u32::try_from(missed).unwrap_or(u32::MAX);
        }
        while now >= self.silence_at {
            self.send_silence(now, self.silence_at);
            self.silence_at = self.silence_at + SILENCE_EVERY;
        }
    }

    /// All meetings, one after the other.
    fn meeting_turn(&self) -> Vec<MeetingKey> {
        self.meetings.keys().collect()
    }

    fn rank(&mut self, now: Mono) {
        for number in self.meeting_turn() {
            if self.meetings[number].open.is_empty() && self.meetings[number].ranking.is_empty() {
                continue;
            }
            let on_air = self.on_air_voice(number);
            let meeting = &mut self.meetings[number];
            if meeting.rank(now, &self.venues, on_air) {
                meeting.stale = true;
                self.work = true;
            }
        }
    }

    fn on_air_voice(&self, number: MeetingKey) -> Option<VoiceKey> {
        let meeting = &self.meetings[number];
        let track = &self.tracks[meeting.programme.switcher.shown()?];
        let (_, source) = track.source.as_ref()?;
        meeting.venues.get(meeting.venue_of(source)?).copied()
    }

    pub(super) fn expire_gates(&mut self, now: Mono, number: MeetingKey) {
        let changes = self.meetings[number].gates.tick(now);
        if !changes.is_empty() {
            tracing::warn!(meeting = %self.meetings[number].id, "leases were not renewed; gates closed");
        }
        self.gates_changed(number, changes);
    }

    fn watch_meetings(&mut self, now: Mono) {
        for number in self.meeting_turn() {
            self.expire_gates(now, number);
            let switcher = &mut self.meetings[number].programme.switcher;
            let seen = switcher.shown().and_then(|key| self.tracks[key].seen);
            let lost = switcher.on_silence(now, seen.unwrap_or(Mono(0)));
            let waits = switcher.waits_too_long(now);
            if lost {
                let slate = self.meetings[number].slate;
                self.want_layer(slate, 0, media::budget::Why::Switch);
            }
            self.want_programme(number);
            if waits
                && let Some((_, source)) =
                    &self.tracks[self.meetings[number].programme.switcher.wanted()].source
            {
                let source = source.clone();
                self.tell(number, Fact::Waiting { source });
            }
        }
    }

    fn watch_tracks(&mut self, now: Mono) {
        for track in self.tracks.keys().collect::<Vec<_>>() {
            if self.tracks[track].source.is_none() {
                continue;
            }
            if self.tracks[track].settle(now) {
                self.layers_changed(track);
            }
            self.tell_source(now, track);
        }
    }

    pub(super) fn tell_source(&mut self, now: Mono, track: TrackKey) {
        let Some(state) = self.tracks[track].news(now) else { return };
        if let Some((meeting, source)) = self.tracks[track].source.clone() {
            self.tell(meeting, Fact::Source { source, state });
        }
    }

    fn watch_sessions(&mut self, now: Mono) {
        for number in self.sessions.keys().collect::<Vec<_>>() {
            let Some(session) = self.sessions.get(number) else { continue };
            let over = if session.connected {
                now.since(session.heard) >= SILENT_TIMEOUT
            } else {
                now.since(session.opened) >= HALF_OPEN_TIMEOUT
            };
            if over && let Some(trouble) = session.trouble.as_ref().filter(|_| !session.connected) {
                tracing::info!(session = %session.id, %trouble, "the peer never finished its DTLS handshake");
            }
            if over {
                self.close_session(now, number, CloseReason::TimedOut);
            }
        }
    }

    fn tell_levels(&mut self, now: Mono) {
        for number in self.meeting_turn() {
            let mut levels = Vec::new();
            for voice in &self.meetings[number].open {
                let venue = &mut self.venues[*voice];
                venue.level = venue.loudest.take();
                let recent = venue.heard.is_some_and(|at| now.since(at) < SECOND);
                if let Some(level) = venue.level.filter(|_| recent) {
                    levels.push((venue.id.clone(), level));
                }
            }
            let told = std::mem::replace(&mut self.meetings[number].levels_told, !levels.is_empty());
            if told || !levels.is_empty() {
                self.tell(number, Measure::Levels { levels });
            }
        }
    }

    fn tell_second(&mut self, elapsed: Duration) {
        for number in self.meeting_turn() {
            let voices: Vec<VoiceKey> = self.meetings[number].venues.values().copied().collect();
            for voice in voices {
                let venue = &mut self.venues[voice];
                if venue.dropped > venue.dropped_told {
                    venue.dropped_told = venue.dropped;
                    let (venue, packets) = (venue.id.clone(), venue.dropped);
                    self.tell(number, Fact::Dropped { venue, packets });
                }
            }
        }
        for track in self.tracks.keys().collect::<Vec<_>>() {
            if self.tracks[track].session.is_none() {
                continue;
            }
            let (loss_permille, kbps) = self.tracks[track].quality(elapsed);
            let too_large = self.tracks[track].too_large_news();
            if let Some((meeting, source)) = self.tracks[track].source.clone() {
                if let Some(packets) = too_large {
                    self.tell(meeting, Fact::TooLarge { source: source.clone(), packets });
                }
                self.tell(meeting, Measure::Quality { source, loss_permille, kbps });
            }
        }
        let ms = u64::try_from(elapsed.as_millis()).unwrap_or(1).max(1);
        let kbps = |bytes: u64| u32::try_from(bytes * 8 / ms).unwrap_or(u32::MAX);
        let (in_kbps, out_kbps) = (kbps(self.in_bytes), kbps(self.out_bytes));
        self.in_bytes = 0;
        self.out_bytes = 0;
        let connected = self.sessions.values().filter(|s| s.connected).count();
        let traffic = Traffic { in_kbps, out_kbps, sessions: connected as u32 };
        self.out.push_back(Output::Report(HopReport::Node(traffic)));
    }
}
