//! Packets in: what is known of meetings, sources and venues, their rings, and how packets come into them.

use std::collections::BTreeMap;

use base::limits::{SOURCES_PER_VENUE_MAX, VENUES_MAX};
use base::{Epoch, MeetingId, Mono, SourceId, VenueId};
use media::budget::Why;
use media::switcher::Feed;
use media::voice::Voice;
use slotmap::SlotMap;

use super::sessions::Role;
use crate::keys::{MeetingKey, SessionKey, TrackKey, VoiceKey};
use crate::meeting::{Meeting, Venue};
use crate::plane::Plane;
use crate::ring::{Owner, Packet, Rings};
use crate::track::{Ingested, Track};
use crate::uplink::{Arrived, Stream};

/// What packets come into.
pub(crate) struct Ingress {
    pub(crate) rings: Rings,
    pub(crate) tracks: SlotMap<TrackKey, Track>,
    pub(crate) venues: SlotMap<VoiceKey, Venue>,
    pub(crate) meetings: SlotMap<MeetingKey, Meeting>,
    pub(crate) keys: BTreeMap<MeetingId, MeetingKey>,
    /// Epochs of meetings that were forgotten.
    pub(crate) forgotten: BTreeMap<MeetingId, Epoch>,
    /// Working space.
    pub(crate) scratch: Vec<u8>,
}

impl Ingress {
    /// No meetings yet.
    pub(crate) fn new(rings: Rings, tracks: SlotMap<TrackKey, Track>) -> Self {
        Self {
            rings,
            tracks,
            venues: SlotMap::with_key(),
            meetings: SlotMap::with_key(),
            keys: BTreeMap::new(),
            forgotten: BTreeMap::new(),
            scratch: Vec::with_capacity(2_048),
        }
    }

    pub(crate) fn track(&mut self, meeting: MeetingKey, source: &SourceId) -> Option<TrackKey> {
        if let Some(key) = self.meetings[meeting].sources.get(source) {
            return Some(*key);
        }
        if self.meetings[meeting].sources.len() >= VENUES_MAX * SOURCES_PER_VENUE_MAX {
            return None;
        }
        let codec = self.meetings[meeting].codec;
        let rings = &mut self.rings;
        let key =
            self.tracks.insert_with_key(|key| Track::new(key, Some((meeting, source.clone())), codec, rings));
        self.meetings[meeting].sources.insert(source.clone(), key);
        Some(key)
    }

    pub(crate) fn voice(&mut self, meeting: MeetingKey, id: &VenueId) -> Option<VoiceKey> {
        if let Some(voice) = self.meetings[meeting].venues.get(id) {
            return Some(*voice);
        }
        if self.meetings[meeting].venues.len() >= VENUES_MAX {
            return None;
        }
        let voice = self.venues.insert(Venue {
            id: id.clone(),
            ring: self.rings.add(Owner::Sound),
            open: self.meetings[meeting].gates.open().contains(id),
            sound: Voice::default(),
            first: None,
            microphone: None,
            joined: None,
            heard: None,
            unmeasured: false,
            loudest: None,
            level: None,
            dropped: 0,
            dropped_told: 0,
        });
        self.meetings[meeting].venues.insert(id.clone(), voice);
        Some(voice)
    }

    /// It comes from a sequencer whose meeting was forgotten.
    pub(crate) fn is_late(&self, meeting: &MeetingId, epoch: Epoch) -> bool {
        self.forgotten.get(meeting).is_some_and(|forgotten| epoch <= *forgotten)
    }

    pub(crate) fn on_air_voice(&self, number: MeetingKey) -> Option<VoiceKey> {
        let meeting = &self.meetings[number];
        meeting.venues.get(meeting.venue_on_air(&self.tracks)?).copied()
    }
}

impl Plane {
    pub(crate) fn on_packet(&mut self, now: Mono, number: SessionKey, track: TrackKey, arrived: Arrived) {
        match arrived.stream {
            Stream::Sound => self.on_sound(now, number, track, &arrived),
            Stream::Picture(layer) => self.on_picture(now, number, track, layer, &arrived),
        }
    }

    pub(crate) fn on_picture(
        &mut self,
        now: Mono,
        number: SessionKey,
        track: TrackKey,
        layer: u8,
        arrived: &Arrived,
    ) {
        let Some(session) = self.sessions.all.get(number) else { return };
        if self.ingress.tracks[track].session != Some(number) {
            return;
        }
        let mut scratch = std::mem::take(&mut self.ingress.scratch);
        let flowed = self.ingress.tracks[track].flowing;
        let ingested = self.ingress.tracks[track].ingest(now, session.id.0, layer, arrived, &mut scratch);
        self.ingress.scratch = scratch;
        if self.ingress.tracks[track].flowing != flowed {
            self.layers_changed(track);
        }
        match ingested {
            Ingested::Packet(packet) => {
                let key = packet.key;
                self.deliver(track, layer, packet);
                if key {
                    self.order_layers(number, track);
                    self.tell_source(now, track);
                }
            }
            Ingested::NeedsKeyFrame => self.want_layer(track, layer, Why::Repair),
            Ingested::TooLarge | Ingested::Dropped => {}
        }
    }

    pub(crate) fn order_layers(&mut self, number: SessionKey, track: TrackKey) {
        let Some((a, b)) = self.ingress.tracks[track].inverted() else { return };
        self.ingress.tracks[track].swap(a, b);
        if let Some(session) = self.sessions.all.get_mut(number)
            && let Role::Publish(publisher) = &mut session.role
        {
            publisher.up.swap_layers(a, b);
        }
        for layer in [a, b] {
            self.want_layer(track, layer, Why::Switch);
        }
    }

    pub(crate) fn layers_changed(&mut self, track: TrackKey) {
        if let Some((meeting, _)) = self.ingress.tracks[track].source {
            self.ingress.meetings[meeting].stale = true;
            self.egress.work = true;
        }
    }

    /// Puts a packet of a picture into the rings that carry it.
    pub(crate) fn deliver(&mut self, track: TrackKey, layer: u8, packet: Packet) {
        let t = &self.ingress.tracks[track];
        let (key, flowing) = (t.key, t.flowing);
        let feed = Feed { track: key, layer };
        let ring = t.layers[usize::from(layer)].ring;
        let rings = &mut self.ingress.rings;
        rings.push(ring, packet.clone());
        match &t.source {
            Some((meeting, _)) => {
                self.ingress.meetings[*meeting].on_packet(feed, &packet, flowing, ring, rings);
            }
            None => {
                for meeting in self.ingress.meetings.values_mut().filter(|m| m.slate == key) {
                    meeting.on_packet(feed, &packet, flowing, ring, rings);
                }
            }
        }
    }
}
