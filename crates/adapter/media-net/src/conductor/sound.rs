//! Sound in: whose microphone it is, the floor, and the silence where a voice is late.

use base::Mono;
use media::anchor::Numbers;

use super::ingress::Ingress;
use super::tell::SECOND;
use crate::keys::{MeetingKey, RingKey, SessionKey, TrackKey, VoiceKey};
use crate::meeting::IN_MIX_MAX;
use crate::plane::Plane;
use crate::ring::Packet;
use crate::slate::OPUS_SILENCE;
use crate::uplink::Arrived;

impl Ingress {
    /// A venue's microphone comes with its first source; that of one other counts while the first is not published, the one that is heard.
    fn is_microphone(&self, now: Mono, track: TrackKey, voice: VoiceKey) -> bool {
        let venue = &self.venues[voice];
        let published = |track: TrackKey| self.tracks.get(track).is_some_and(|t| t.session.is_some());
        if venue.first.is_some_and(|first| first != track && published(first)) {
            return false;
        }
        let heard = venue.heard.is_some_and(|at| now.since(at) < SECOND);
        let other = venue.microphone.filter(|other| heard && *other != track && published(*other));
        other.is_none() || venue.first == Some(track)
    }

    /// Puts 20 ms of silence into a ring of sound.
    pub(crate) fn silence(&mut self, now: Mono, ring: RingKey, numbers: Numbers) {
        let silence = Packet {
            payload: OPUS_SILENCE.into(),
            numbers,
            key: true,
            marker: false,
            level: Some((-127, false)),
            vp8: None,
            arrived: now,
        };
        self.rings.push(ring, silence);
    }
}

impl Plane {
    /// The floor is enforced here (R3): sound of a venue without an open gate goes no further.
    pub(crate) fn on_sound(&mut self, now: Mono, number: SessionKey, track: TrackKey, arrived: &Arrived) {
        self.ingress.tracks[track].heard = Some(now);
        if !self.ingress.tracks[track].fits(arrived) {
            return;
        }
        let Some((meeting, _)) = self.ingress.tracks[track].source else { return };
        if now >= self.ingress.meetings[meeting].gates.deadline() {
            self.expire_gates(now, meeting);
        }
        let Some(voice) = self.ingress.tracks[track].voice else { return };
        if !self.ingress.is_microphone(now, track, voice) {
            return;
        }
        if !self.ingress.venues[voice].open {
            self.ingress.venues[voice].dropped += 1;
            return;
        }
        let Some(session) = self.sessions.all.get(number).map(|s| s.id.0) else { return };
        if self.place_sound(now, voice, (session, arrived.ssrc), arrived) {
            self.ingress.venues[voice].microphone = Some(track);
            if !self.ingress.meetings[meeting].ranking.has(voice) {
                // Its first packet goes out too.
                self.rank_meeting(now, meeting);
            }
        }
    }

    /// Puts a packet of a voice where it belongs; false if it is too late.
    fn place_sound(&mut self, now: Mono, voice: VoiceKey, here: (u64, u32), arrived: &Arrived) -> bool {
        let packet = Numbers { seq: arrived.seq, ts: arrived.ts, picture_id: 0, tl0: 0, at: arrived.at };
        let venue = &mut self.ingress.venues[voice];
        if venue.joined != Some(here) {
            venue.joined = Some(here);
            venue.sound.join(&packet);
        }
        let ring = venue.ring;
        while let Some(numbers) = self.ingress.venues[voice].sound.owes(&packet) {
            self.ingress.silence(now, ring, numbers);
        }
        let venue = &mut self.ingress.venues[voice];
        let Some(numbers) = venue.sound.take(now, &packet) else { return false };
        venue.heard = Some(now);
        venue.unmeasured = arrived.level.is_none();
        if let Some((level, _)) = arrived.level {
            let level = level.unsigned_abs().min(127);
            venue.loudest = Some(venue.loudest.map_or(level, |l| l.min(level)));
        }
        let packet = Packet {
            payload: arrived.payload.clone(),
            numbers,
            key: true,
            marker: arrived.marker,
            level: arrived.level,
            vp8: None,
            arrived: now,
        };
        self.ingress.rings.push(ring, packet);
        true
    }

    /// Silence goes out for voices that are in the mix and bring nothing.
    pub(crate) fn fill_voices(&mut self, now: Mono, meeting: MeetingKey) {
        for voice in self.ingress.meetings[meeting].open.clone() {
            let venue = &self.ingress.venues[voice];
            let ring = venue.ring;
            if venue.heard.is_none_or(|at| now.since(at) >= IN_MIX_MAX) {
                continue;
            }
            while let Some(numbers) = self.ingress.venues[voice].sound.fill(now) {
                self.ingress.silence(now, ring, numbers);
            }
        }
    }
}
