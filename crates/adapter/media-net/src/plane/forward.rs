//! Packets in, packets out.

use base::Mono;
use media::anchor::Numbers;
use media::budget::Why;
use media::mix::Voice;
use media::switcher::Feed;
use service::port::hop::{CloseReason, HopEvent, VideoCodec};

use super::{Plane, Role, guard};
use crate::downlink::{Slot, Told};
use crate::ring::{Owner, Packet, RingId};
use crate::slate::{OPUS_SILENCE, SLATE_HEIGHT, payloads};
use crate::track::{Ingested, Track};
use crate::uplink::{Arrived, Stream};
use ::meeting::Scene;
use media::layers::Flowing;
use media::switcher::TrackKey;

impl Plane {
    pub(super) fn on_packet(
        &mut self,
        now: Mono,
        number: usize,
        track: usize,
        voice: Voice,
        arrived: Arrived,
    ) {
        match arrived.stream {
            Stream::Sound => self.on_sound(now, number, track, voice, &arrived),
            Stream::Picture(layer) => self.on_picture(now, number, track, layer, &arrived),
        }
    }

    /// The floor is enforced here (R3): sound of a venue without an open gate goes no further.
    fn on_sound(&mut self, now: Mono, number: usize, track: usize, voice: Voice, arrived: &Arrived) {
        self.tracks[track].heard = Some(now);
        if !self.tracks[track].fits(arrived) {
            return;
        }
        let Some((meeting, _)) = self.tracks[track].source else { return };
        if now >= self.meetings[meeting].gates.deadline() {
            self.expire_gates(now, meeting);
        }
        if !self.is_microphone(track, voice) {
            return;
        }
        let Some(session) = self.sessions[number].as_ref().map(|s| s.id.0) else { return };
        let venue = &mut self.venues[voice as usize];
        if !venue.open {
            venue.dropped += 1;
            return;
        }
        let numbers = Numbers { seq: arrived.seq, ts: arrived.ts, picture_id: 0, tl0: 0, at: arrived.at };
        let here = (session, arrived.ssrc);
        if venue.joined != Some(here) {
            venue.joined = Some(here);
            venue.splice.join(&numbers);
        }
        let Some(numbers) = venue.splice.map(&numbers) else { return };
        venue.heard = Some(now);
        if let Some((level, _)) = arrived.level {
            let level = level.unsigned_abs().min(127);
            venue.loudest = Some(venue.loudest.map_or(level, |l| l.min(level)));
        }
        self.rings.of_mut(venue.ring).push(Packet {
            payload: arrived.payload.clone(),
            numbers,
            key: true,
            marker: arrived.marker,
            level: arrived.level,
            vp8: None,
            arrived: now,
        });
        self.work = true;
    }

    /// A venue's microphone comes with its first source; that of another one counts while the first is not published.
    fn is_microphone(&self, track: usize, voice: Voice) -> bool {
        let Some(first) = self.venues[voice as usize].first else { return true };
        first.0 as usize == track || self.tracks[first.0 as usize].session.is_none()
    }

    fn on_picture(&mut self, now: Mono, number: usize, track: usize, layer: u8, arrived: &Arrived) {
        let Some(session) = self.sessions[number].as_ref() else { return };
        if self.tracks[track].session != Some(number) {
            return;
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        let flowed = self.tracks[track].flowing;
        let ingested = self.tracks[track].ingest(now, session.id.0, layer, arrived, &mut scratch);
        self.scratch = scratch;
        if self.tracks[track].flowing != flowed {
            self.layers_changed(track);
        }
        match ingested {
            Ingested::Packet(packet) => {
                let key = packet.key;
                self.deliver(now, track, layer, packet);
                if key {
                    self.order_layers(number, track);
                    self.tell_source(now, track);
                }
            }
            Ingested::NeedsKeyFrame => self.want_layer(track, layer, Why::Repair),
            Ingested::TooLarge | Ingested::Dropped => {}
        }
    }

    fn order_layers(&mut self, number: usize, track: usize) {
        let Some((a, b)) = self.tracks[track].inverted() else { return };
        self.tracks[track].swap(a, b);
        if let Some(session) = self.sessions[number].as_mut()
            && let Role::Publish(publisher) = &mut session.role
        {
            publisher.up.swap_layers(a, b);
        }
        for layer in [a, b] {
            self.want_layer(track, layer, Why::Switch);
        }
    }

    pub(super) fn layers_changed(&mut self, track: usize) {
        if let Some((meeting, _)) = self.tracks[track].source {
            self.meetings[meeting].stale = true;
            self.work = true;
        }
    }

    /// Puts a packet of a picture into the rings that carry it.
    fn deliver(&mut self, now: Mono, track: usize, layer: u8, packet: Packet) {
        let t = &self.tracks[track];
        let (key, flowing) = (t.key, t.flowing);
        let feed = Feed { track: key, layer };
        let ring = t.layers[usize::from(layer)].ring;
        let late = if packet.key {
            self.rings.of(ring).later_than(packet.numbers.seq, packet.numbers.ts)
        } else {
            Vec::new()
        };
        match &t.source {
            Some((meeting, _)) => {
                let programme = &mut self.meetings[*meeting].programme;
                programme.on_packet(feed, &packet, &late, flowing, &mut self.rings);
            }
            None => {
                for meeting in self.meetings.iter_mut().filter(|m| m.slate == key) {
                    meeting.programme.on_packet(feed, &packet, &late, flowing, &mut self.rings);
                }
            }
        }
        let ring = self.rings.of_mut(ring);
        ring.push(packet);
        for packet in late {
            ring.push(Packet { arrived: now, ..packet });
        }
        self.work = true;
    }

    /// A key frame of a ring is wanted by a subscriber.
    pub(super) fn want(&mut self, ring: RingId) {
        match self.rings.of(ring).owner {
            Owner::Source(feed) => self.want_layer(feed.track.0 as usize, feed.layer, Why::Repair),
            Owner::Programme(meeting, layer) => {
                let switcher = &self.meetings[meeting].programme.switcher;
                match switcher.feed(usize::from(layer)) {
                    Some(feed) => self.want_layer(feed.track.0 as usize, feed.layer, Why::Repair),
                    None => self.want_programme(meeting),
                }
            }
            Owner::Sound => {}
        }
    }

    pub(super) fn want_layer(&mut self, track: usize, layer: u8, why: Why) {
        self.tracks[track].layers[usize::from(layer)].budget.want(why);
        self.asks.insert((track, layer));
    }

    /// Asks publishers for the key frames that are wanted, as their budgets allow.
    pub(super) fn ask_key_frames(&mut self, now: Mono) {
        if self.asks.is_empty() {
            return;
        }
        for (track, layer) in std::mem::take(&mut self.asks) {
            let t = &mut self.tracks[track];
            let budget = &mut t.layers[usize::from(layer)].budget;
            let due = budget.take(now);
            if budget.deadline().is_some() {
                self.asks.insert((track, layer));
            }
            if !due {
                continue;
            }
            if self.tracks[track].source.is_none() {
                self.show_slate(now, track);
            } else if let Some(number) = self.tracks[track].session
                && let Some(session) = self.sessions[number].as_mut()
                && let Role::Publish(publisher) = &mut session.role
            {
                if guard(|| publisher.up.ask_key_frame(now, layer)).is_none() {
                    self.close_session(now, number, CloseReason::Failed);
                } else {
                    self.settle(now, number);
                }
            }
        }
    }

    /// One round over all subscribers: what is new in the rings goes out.
    pub(super) fn round(&mut self, now: Mono) {
        self.work = false;
        self.round_at = now + self.beat;
        self.assign_slots(now);
        let mut told: Vec<(usize, Told)> = Vec::new();
        for number in 0..self.sessions.len() {
            let Some(session) = self.sessions[number].as_mut() else { continue };
            if !session.connected {
                continue;
            }
            let Role::Watch(subscriber) = &mut session.role else { continue };
            let down = &mut subscriber.down;
            if guard(|| down.tick(now, &self.rings)).is_none() {
                self.close_session(now, number, CloseReason::Failed);
                continue;
            }
            while let Some(tell) = down.poll() {
                match tell {
                    Told::Transmit(t) => {
                        self.out_bytes += t.contents.len() as u64;
                        self.out.push_back(super::Output::Transmit(t));
                    }
                    Told::KeyFrameWanted(_) | Told::Estimate(_) | Told::Connected | Told::Closed(_) => {
                        told.push((number, tell));
                    }
                }
            }
            self.deadlines[number] = down.deadline();
        }
        for (number, tell) in told {
            self.on_told(now, number, tell);
        }
        self.tell_shown(now);
        self.ask_key_frames(now);
    }

    fn tell_shown(&mut self, now: Mono) {
        for number in 0..self.meetings.len() {
            let Some(key) = self.meetings[number].programme.shown.take() else { continue };
            let scene = match &self.tracks[key.0 as usize].source {
                Some((_, source)) => Scene::Full(source.clone()),
                None => Scene::Slate,
            };
            let meeting = self.meetings[number].id.clone();
            self.event(HopEvent::Shown { meeting, scene, at: now });
        }
    }

    /// Says anew what each slot carries, in meetings where that may have changed.
    fn assign_slots(&mut self, now: Mono) {
        if !self.meetings.iter().any(|m| m.stale) {
            return;
        }
        for number in 0..self.sessions.len() {
            let stale = |s: &super::Session| s.connected && self.meetings[s.meeting].stale;
            if self.sessions[number].as_deref().is_some_and(stale) {
                self.assign(number);
            }
        }
        for meeting in &mut self.meetings {
            meeting.stale = false;
        }
        self.ask_key_frames(now);
    }

    fn assign(&mut self, number: usize) {
        let Some(session) = self.sessions[number].as_mut() else { return };
        let meeting = &self.meetings[session.meeting];
        let Role::Watch(subscriber) = &mut session.role else { return };
        let cap = subscriber.cap.cap();
        let own = subscriber.own.and_then(|voice| self.venues[voice as usize].first);
        let pictures = meeting.pictures(&subscriber.watcher, own, session.client.as_ref());
        let down = &mut subscriber.down;
        if session.admitted {
            if subscriber.watcher != service::port::hop::Watcher::Wall {
                down.set(Slot::Video(0), Some(meeting.programme.rings[usize::from(cap)]));
            }
            for (slot, track, wish) in pictures {
                let ring = track.and_then(|key| {
                    let track = &self.tracks[key.0 as usize];
                    let layer = track.flowing.nearest(wish.min(cap))?;
                    Some(track.layers[usize::from(layer)].ring)
                });
                down.set(slot, ring);
            }
        }
        meeting.ranking.fill(subscriber.own, &mut subscriber.mix);
        for (n, voice) in subscriber.mix.iter().enumerate() {
            let ring = match voice {
                Some(voice) => Some(self.venues[*voice as usize].ring),
                None if n == 0 => Some(self.silence),
                None => None,
            };
            down.set(Slot::Audio(n as u8), ring);
        }
    }

    pub(super) fn on_estimate(&mut self, now: Mono, number: usize, loss: u16) {
        let Some(session) = self.sessions[number].as_mut() else { return };
        let Role::Watch(subscriber) = &mut session.role else { return };
        let before = subscriber.cap.cap();
        subscriber.cap.report(now, loss);
        if subscriber.cap.cap() != before {
            tracing::debug!(session = %session.id, loss, cap = subscriber.cap.cap(), "layers capped by loss");
            self.meetings[session.meeting].stale = true;
            self.work = true;
        }
    }

    pub(super) fn add_slates(&mut self) {
        for (n, codec) in [VideoCodec::Vp8, VideoCodec::H264].into_iter().enumerate() {
            let mut track = Track::new(TrackKey(n as u32), None, codec, &mut self.rings);
            track.flowing = Flowing(1);
            track.layers[0].height = SLATE_HEIGHT;
            self.tracks.push(track);
            self.slate_payloads[n] = payloads(codec);
        }
    }

    /// Sends the slate's key frame.
    pub(super) fn show_slate(&mut self, now: Mono, track: usize) {
        let ts = (now.0 * 9 / 100) as u32;
        let parts = self.slate_payloads[track].clone();
        let last = parts.len().saturating_sub(1);
        for (n, payload) in parts.into_iter().enumerate() {
            let arrived = Arrived {
                stream: Stream::Picture(0),
                ssrc: 0,
                seq: self.slate_seq[track],
                ts,
                at: now,
                marker: n == last,
                payload,
                level: None,
            };
            self.slate_seq[track] += 1;
            let mut scratch = std::mem::take(&mut self.scratch);
            let ingested = self.tracks[track].ingest(now, 0, 0, &arrived, &mut scratch);
            self.scratch = scratch;
            if let Ingested::Packet(packet) = ingested {
                self.deliver(now, track, 0, packet);
            }
        }
    }

    /// Sends 20 ms of silence; its RTP timestamp, in ticks of 48 kHz, says `at`.
    pub(super) fn send_silence(&mut self, now: Mono, at: Mono) {
        let seq = self.silence_seq;
        self.silence_seq += 1;
        let numbers = Numbers { seq, ts: (at.0 * 48 / 1_000) as u32, picture_id: 0, tl0: 0, at };
        self.rings.of_mut(self.silence).push(Packet {
            payload: OPUS_SILENCE.into(),
            numbers,
            key: true,
            marker: false,
            level: Some((-127, false)),
            vp8: None,
            arrived: now,
        });
        self.work = true;
    }
}
