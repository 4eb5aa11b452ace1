//! Packets in, packets out.

use base::Mono;
use media::anchor::Numbers;
use media::budget::Why;
use media::slots::Slot;
use media::switcher::Feed;
use service::port::hop::{CloseReason, Fact, SessionKind};

use super::{Plane, Role, Session, Subscriber, guard};
use crate::downlink::Told;
use crate::keys::{RingKey, SessionKey, TrackKey, VoiceKey};
use crate::meeting::Reads;
use crate::ring::{Owner, Packet};
use crate::slate::OPUS_SILENCE;
use crate::track::Ingested;
use crate::uplink::{Arrived, Stream};
use ::meeting::Scene;

impl Plane {
    pub(super) fn on_packet(
        &mut self,
        now: Mono,
        number: SessionKey,
        track: TrackKey,
        voice: VoiceKey,
        arrived: Arrived,
    ) {
        match arrived.stream {
            Stream::Sound => self.on_sound(now, number, track, voice, &arrived),
            Stream::Picture(layer) => self.on_picture(now, number, track, layer, &arrived),
        }
    }

    /// The floor is enforced here (R3): sound of a venue without an open gate goes no further.
    fn on_sound(
        &mut self,
        now: Mono,
        number: SessionKey,
        track: TrackKey,
        voice: VoiceKey,
        arrived: &Arrived,
    ) {
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
        let Some(session) = self.sessions.get(number).map(|s| s.id.0) else { return };
        let venue = &mut self.venues[voice];
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
    fn is_microphone(&self, track: TrackKey, voice: VoiceKey) -> bool {
        let Some(first) = self.venues[voice].first else { return true };
        first == track || self.tracks[first].session.is_none()
    }

    fn on_picture(&mut self, now: Mono, number: SessionKey, track: TrackKey, layer: u8, arrived: &Arrived) {
        let Some(session) = self.sessions.get(number) else { return };
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

    fn order_layers(&mut self, number: SessionKey, track: TrackKey) {
        let Some((a, b)) = self.tracks[track].inverted() else { return };
        self.tracks[track].swap(a, b);
        if let Some(session) = self.sessions.get_mut(number)
            && let Role::Publish(publisher) = &mut session.role
        {
            publisher.up.swap_layers(a, b);
        }
        for layer in [a, b] {
            self.want_layer(track, layer, Why::Switch);
        }
    }

    pub(super) fn layers_changed(&mut self, track: TrackKey) {
        if let Some((meeting, _)) = self.tracks[track].source {
            self.meetings[meeting].stale = true;
            self.work = true;
        }
    }

    /// Puts a packet of a picture into the rings that carry it.
    fn deliver(&mut self, now: Mono, track: TrackKey, layer: u8, packet: Packet) {
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
                for meeting in self.meetings.values_mut().filter(|m| m.slate == key) {
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
    pub(super) fn want(&mut self, ring: RingKey) {
        match self.rings.of(ring).owner {
            Owner::Source(feed) => self.want_layer(feed.track, feed.layer, Why::Repair),
            Owner::Programme(meeting, layer) => {
                let switcher = &self.meetings[meeting].programme.switcher;
                match switcher.feed(usize::from(layer)) {
                    Some(feed) => self.want_layer(feed.track, feed.layer, Why::Repair),
                    None => self.want_programme(meeting),
                }
            }
            Owner::Sound => {}
        }
    }

    pub(super) fn want_layer(&mut self, track: TrackKey, layer: u8, why: Why) {
        self.tracks[track].layers[usize::from(layer)].budget.want(why);
        self.asks.insert((track, layer));
    }

    /// Asks publishers for the key frames that are wanted, as their budgets allow.
    pub(super) fn ask_key_frames(&mut self, now: Mono) {
        if self.asks.is_empty() {
            return;
        }
        for (track, layer) in std::mem::take(&mut self.asks) {
            let Some(t) = self.tracks.get_mut(track) else { continue };
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
                && let Some(session) = self.sessions.get_mut(number)
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
        let mut told: Vec<(SessionKey, Told)> = Vec::new();
        let mut turn = std::mem::take(&mut self.turn);
        turn.extend(self.sessions.iter().filter(|(_, s)| s.connected).map(|(number, _)| number));
        for number in turn.drain(..) {
            let Some(session) = self.sessions.get_mut(number) else { continue };
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
            self.deadlines.insert(number, down.deadline());
        }
        self.turn = turn;
        for (number, tell) in told {
            self.on_told(now, number, tell);
        }
        self.tell_shown(now);
        self.ask_key_frames(now);
    }

    fn tell_shown(&mut self, now: Mono) {
        let mut shown = Vec::new();
        for (number, meeting) in &mut self.meetings {
            let Some(key) = meeting.programme.shown.take() else { continue };
            let scene = match &self.tracks[key].source {
                Some((_, source)) => Scene::Full(source.clone()),
                None => Scene::Slate,
            };
            shown.push((number, Fact::Shown { scene, at: now }));
        }
        shown.into_iter().for_each(|(meeting, fact)| self.tell(meeting, fact));
    }

    /// Says anew what each slot carries, in meetings where that may have changed.
    fn assign_slots(&mut self, now: Mono) {
        if !self.meetings.values().any(|m| m.stale) {
            return;
        }
        let stale = |s: &Session| s.connected && self.meetings[s.meeting].stale;
        let stale: Vec<SessionKey> =
            self.sessions.iter().filter(|(_, s)| stale(s)).map(|(number, _)| number).collect();
        for number in stale {
            self.assign(number);
        }
        for meeting in self.meetings.values_mut() {
            meeting.stale = false;
        }
        self.ask_key_frames(now);
    }

    fn assign(&mut self, number: SessionKey) {
        let Some(session) = self.sessions.get_mut(number) else { return };
        let Session { kind, role, meeting, admitted, client, .. } = &mut **session;
        let (SessionKind::Watch { venue, wishes }, Role::Watch(subscriber)) = (&*kind, role) else { return };
        let meeting = &self.meetings[*meeting];
        let Subscriber { down, own, cap, mix } = subscriber;
        meeting.ranking.fill(*own, mix);
        let reads = Reads {
            venue: venue.as_ref(),
            own: own.and_then(|voice| self.venues[voice].first),
            mix,
            silence: Some(self.silence),
            cap: cap.cap(),
        };
        for wish in &wishes.slots {
            if *admitted || matches!(wish.slot, Slot::Sound(_)) {
                down.set(wish.slot, meeting.ring_for(wish, &reads, &self.tracks, &self.venues));
            }
        }
        if let Some(layer) = wishes.chooses.filter(|_| *admitted) {
            let rings = meeting.rings_chosen(client.as_ref(), layer.min(cap.cap()), &self.tracks);
            for (n, ring) in rings.into_iter().enumerate() {
                down.set(Slot::Video(n as u8), ring);
            }
        }
    }

    pub(super) fn on_estimate(&mut self, now: Mono, number: SessionKey, loss: u16) {
        let Some(session) = self.sessions.get_mut(number) else { return };
        let Role::Watch(subscriber) = &mut session.role else { return };
        let before = subscriber.cap.cap();
        subscriber.cap.report(now, loss);
        if subscriber.cap.cap() != before {
            tracing::debug!(session = %session.id, loss, cap = subscriber.cap.cap(), "layers capped by loss");
            self.meetings[session.meeting].stale = true;
            self.work = true;
        }
    }

    /// Sends the slate's key frame.
    pub(super) fn show_slate(&mut self, now: Mono, track: TrackKey) {
        let ts = (now.0 * 9 / 100) as u32;
        let Some(codec) = self.slates.iter().position(|slate| *slate == track) else { return };
        let parts = self.slate_payloads[codec].clone();
        let last = parts.len().saturating_sub(1);
        for (n, payload) in parts.into_iter().enumerate() {
            let arrived = Arrived {
                stream: Stream::Picture(0),
                ssrc: 0,
                seq: self.slate_seq[codec],
                ts,
                at: now,
                marker: n == last,
                payload,
                level: None,
            };
            self.slate_seq[codec] += 1;
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
