//! What is done by the clock: losses, time-outs, and the turns of what is told at intervals.

use std::time::Duration;

use base::Mono;
use service::port::hop::{CloseReason, Fact};

use super::tell::SECOND;
use crate::keys::MeetingKey;
use crate::plane::Plane;

/// The slate has a key frame this often.
const SLATE_EVERY: Duration = Duration::from_secs(1);
const HOUSE_EVERY: Duration = Duration::from_millis(50);
const LEVELS_EVERY: Duration = Duration::from_millis(200);
/// A session that is not connected by then is closed.
const HALF_OPEN_TIMEOUT: Duration = Duration::from_secs(10);
/// A session that is silent for this long is closed; browsers check consent every few seconds (RFC 7675).
const SILENT_TIMEOUT: Duration = Duration::from_secs(20);

impl Plane {
    pub(crate) fn upkeep(&mut self, now: Mono) {
        if now >= self.slate.silence_at {
            self.catch_up_silence(now);
            for meeting in self.meeting_turn() {
                self.fill_voices(now, meeting);
                self.rank_meeting(now, meeting);
            }
        }
        if now >= self.slate.at {
            self.slate.at = now + SLATE_EVERY;
            for track in self.slate.tracks {
                self.show_slate(now, track);
            }
        }
        if now >= self.house_at {
            self.house_at = now + HOUSE_EVERY;
            self.watch_meetings(now);
            self.watch_tracks(now);
            self.watch_sessions(now);
        }
        if now >= self.tell.levels_at {
            self.tell.levels_at = now + LEVELS_EVERY;
            self.tell_levels(now);
        }
        let elapsed = now.since(self.tell.second_at);
        if elapsed >= SECOND {
            self.tell.second_at = now;
            self.tell_second(elapsed);
        }
    }

    /// All meetings, one after the other.
    pub(crate) fn meeting_turn(&self) -> Vec<MeetingKey> {
        self.ingress.meetings.keys().collect()
    }

    /// Orders the voices of a meeting anew.
    pub(crate) fn rank_meeting(&mut self, now: Mono, number: MeetingKey) {
        if self.ingress.meetings[number].open.is_empty() && self.ingress.meetings[number].ranking.is_empty() {
            return;
        }
        let on_air = self.ingress.on_air_voice(number);
        let meeting = &mut self.ingress.meetings[number];
        if meeting.rank(now, &self.ingress.venues, on_air) {
            meeting.stale = true;
            self.egress.work = true;
        }
    }

    pub(crate) fn expire_gates(&mut self, now: Mono, number: MeetingKey) {
        let changes = self.ingress.meetings[number].gates.tick(now);
        if !changes.is_empty() {
            tracing::warn!(meeting = %self.ingress.meetings[number].id, "leases were not renewed; gates closed");
        }
        self.gates_changed(number, changes);
    }

    pub(crate) fn watch_meetings(&mut self, now: Mono) {
        for number in self.meeting_turn() {
            self.expire_gates(now, number);
            let switcher = &mut self.ingress.meetings[number].programme.switcher;
            let seen = switcher.shown().and_then(|key| self.ingress.tracks[key].seen);
            let lost = switcher.on_silence(now, seen.unwrap_or(Mono(0)));
            let waits = switcher.waits_too_long(now);
            if lost {
                let slate = self.ingress.meetings[number].slate;
                self.want_layer(slate, 0, media::budget::Why::Switch);
            }
            self.want_programme(number);
            if waits
                && let Some((_, source)) =
                    &self.ingress.tracks[self.ingress.meetings[number].programme.switcher.wanted()].source
            {
                let source = source.clone();
                self.tell(number, Fact::Waiting { source });
            }
        }
    }

    pub(crate) fn watch_tracks(&mut self, now: Mono) {
        for track in self.ingress.tracks.keys().collect::<Vec<_>>() {
            if self.ingress.tracks[track].source.is_none() {
                continue;
            }
            if self.ingress.tracks[track].settle(now) {
                self.layers_changed(track);
            }
            self.tell_source(now, track);
        }
    }

    pub(crate) fn watch_sessions(&mut self, now: Mono) {
        for number in self.sessions.all.keys().collect::<Vec<_>>() {
            let Some(session) = self.sessions.all.get(number) else { continue };
            if now >= session.until {
                self.close_session(now, number, CloseReason::LinkEnded);
                continue;
            }
            let over = if session.connected {
                now.since(session.heard) >= SILENT_TIMEOUT
            } else {
                now.since(session.opened) >= HALF_OPEN_TIMEOUT
            };
            if !over {
                continue;
            }
            let why = match session.alert.filter(|_| !session.connected) {
                Some(alert) => CloseReason::NoHandshake { alert },
                None => CloseReason::TimedOut,
            };
            if let CloseReason::NoHandshake { alert } = why {
                tracing::info!(
                    session = %session.id,
                    alert,
                    "the peer ended its DTLS handshake, as one does whose certificate is RSA and not ECDSA P-256"
                );
            } else if let Some(trouble) = session.trouble.as_ref().filter(|_| !session.connected) {
                tracing::info!(session = %session.id, ?trouble, "the peer never finished its DTLS handshake");
            }
            self.close_session(now, number, why);
        }
    }
}
