//! A meeting as this node forwards it: its gates, its programme, and who is shown what.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ::meeting::Scene;
use base::limits::WALL_LINES_MAX;
use base::{ClientId, MeetingId, Mono, SourceId, VenueId};
use media::anchor::Splice;
use media::gates::Gates;
use media::layers::Flowing;
use media::layers::LAYERS_MAX;
use media::mix::{Heard, Ranking};
use media::slots::{Carries, When, Wish};
use media::switcher::{Cut, Feed, LayerBits, Switcher};
use media::voice::Voice;
use service::port::hop::{MediaTarget, VideoCodec};
use slotmap::SlotMap;

use crate::keys::{MeetingKey, RingKey, TrackKey, VoiceKey};
use crate::ring::{Owner, Packet, Rings};
use crate::track::Track;

/// A voice that delivers nothing keeps its place in the mix for so long.
pub(crate) const IN_MIX_MAX: Duration = Duration::from_secs(1);

/// A venue's sound.
#[derive(Debug)]
pub(crate) struct Venue {
    pub(crate) id: VenueId,
    pub(crate) ring: RingKey,
    pub(crate) open: bool,
    /// The numbers of what its ring holds.
    pub(crate) sound: Voice,
    /// Track of its first source, with which its microphone comes.
    pub(crate) first: Option<TrackKey>,
    /// Track whose sound passed the gate last.
    pub(crate) microphone: Option<TrackKey>,
    /// Session and stream whose sound the ring holds.
    pub(crate) joined: Option<(u64, u32)>,
    /// Last packet that passed the gate.
    pub(crate) heard: Option<Mono>,
    /// Loudest of the present fifth of a second, and of the one before, in -dBov.
    pub(crate) loudest: Option<u8>,
    pub(crate) level: Option<u8>,
    /// Its last packet said no level.
    pub(crate) unmeasured: bool,
    /// Packets dropped for want of a lease, and how many of them were told.
    pub(crate) dropped: u64,
    pub(crate) dropped_told: u64,
}

/// The programme: a track of its own, switched once for all.
#[derive(Debug)]
pub(crate) struct Programme {
    pub(crate) switcher: Switcher<TrackKey>,
    pub(crate) rings: [RingKey; LAYERS_MAX],
    splices: [Splice; LAYERS_MAX],
    /// What went on air with packets that have not gone out yet.
    pub(crate) shown: Option<TrackKey>,
}

/// One meeting.
#[derive(Debug)]
pub(crate) struct Meeting {
    pub(crate) id: MeetingId,
    pub(crate) codec: VideoCodec,
    pub(crate) gates: Gates,
    pub(crate) target: MediaTarget,
    /// Sources that clients choose for their lines.
    pub(crate) views: BTreeMap<ClientId, Vec<Option<SourceId>>>,
    pub(crate) programme: Programme,
    pub(crate) slate: TrackKey,
    pub(crate) sources: BTreeMap<SourceId, TrackKey>,
    pub(crate) venues: BTreeMap<VenueId, VoiceKey>,
    /// Voices with an open gate.
    pub(crate) open: Vec<VoiceKey>,
    pub(crate) ranking: Ranking<VoiceKey>,
    /// Levels were told last time, so that their end is told as well.
    pub(crate) levels_told: bool,
    /// Slots of its subscribers are to be assigned anew.
    pub(crate) stale: bool,
}

impl Programme {
    fn new(now: Mono, meeting: MeetingKey, slate: TrackKey, rings: &mut Rings) -> Self {
        let mut ring = |layer| rings.add(Owner::Programme(meeting, layer));
        Self {
            switcher: Switcher::new(now, slate),
            rings: [ring(0), ring(1), ring(2)],
            splices: std::array::from_fn(|_| Splice::new(90_000, 900, 1, 0)),
            shown: None,
        }
    }

    /// A packet of a source's layer came, and is in its `ring`.
    fn on_packet(
        &mut self,
        feed: Feed<TrackKey>,
        packet: &Packet,
        flowing: Flowing,
        ring: RingKey,
        rings: &mut Rings,
    ) {
        let cut = if packet.key { self.switcher.on_key_frame(feed, flowing) } else { Cut::default() };
        for layer in layers(cut.layers) {
            self.splices[layer].join(&packet.numbers);
        }
        for layer in layers(self.switcher.carriers(feed)) {
            self.forward(layer, packet, rings);
        }
        if cut.layers != 0 {
            // The rest of the key frame may have come before its first packet.
            let rest: Vec<Packet> = rings.of(ring).from(packet.numbers.seq + 1).cloned().collect();
            for layer in layers(cut.layers) {
                rest.iter().for_each(|packet| self.forward(layer, packet, rings));
            }
        }
        if cut.shown {
            self.shown = Some(feed.track);
        }
    }

    fn forward(&mut self, layer: usize, packet: &Packet, rings: &mut Rings) {
        if let Some(out) = self.switched(layer, packet) {
            rings.push(self.rings[layer], out);
        }
    }

    fn switched(&mut self, layer: usize, packet: &Packet) -> Option<Packet> {
        let numbers = self.splices[layer].map(&packet.numbers)?;
        let same = numbers.picture_id == packet.numbers.picture_id && numbers.tl0 == packet.numbers.tl0;
        let payload = if packet.vp8.is_some() && !same {
            let mut copy = packet.payload.to_vec();
            media::vp8::patch(&mut copy, numbers.picture_id, numbers.tl0);
            Arc::from(copy)
        } else {
            packet.payload.clone()
        };
        Some(Packet { payload, numbers, ..packet.clone() })
    }
}

impl Meeting {
    pub(crate) fn new(
        now: Mono,
        key: MeetingKey,
        id: MeetingId,
        codec: VideoCodec,
        slate: TrackKey,
        rings: &mut Rings,
    ) -> Self {
        Self {
            id,
            codec,
            gates: Gates::default(),
            target: MediaTarget::default(),
            views: BTreeMap::new(),
            programme: Programme::new(now, key, slate, rings),
            slate,
            sources: BTreeMap::new(),
            venues: BTreeMap::new(),
            open: Vec::new(),
            ranking: Ranking::default(),
            levels_told: false,
            stale: true,
        }
    }

    /// A packet of a source's layer came, or of the slate's, and is in its `ring`.
    pub(crate) fn on_packet(
        &mut self,
        feed: Feed<TrackKey>,
        packet: &Packet,
        flowing: Flowing,
        ring: RingKey,
        rings: &mut Rings,
    ) {
        self.programme.on_packet(feed, packet, flowing, ring, rings);
        // The return picture of the venue that was on air goes with it.
        self.stale |= self.programme.shown.is_some();
    }

    /// The venue that is on air.
    pub(crate) fn venue_on_air(&self, tracks: &SlotMap<TrackKey, Track>) -> Option<&VenueId> {
        let (_, source) = tracks[self.programme.switcher.shown()?].source.as_ref()?;
        self.venue_of(source)
    }

    /// The track of a scene: the slate where its source is unknown.
    pub(crate) fn track_of(&self, scene: &Scene) -> TrackKey {
        scene.source().and_then(|s| self.sources.get(s)).copied().unwrap_or(self.slate)
    }

    /// The return picture of a venue (R6).
    pub(crate) fn return_of(&self, venue: &VenueId) -> TrackKey {
        self.track_of(self.target.returns.get(venue).unwrap_or(&self.target.return_default))
    }

    /// The venue of a source.
    pub(crate) fn venue_of(&self, source: &SourceId) -> Option<&VenueId> {
        self.target.sources.iter().find(|(s, _)| s == source).map(|(_, v)| v)
    }

    /// Orders the voices anew; true when the order changed.
    pub(crate) fn rank(
        &mut self,
        now: Mono,
        venues: &SlotMap<VoiceKey, Venue>,
        on_air: Option<VoiceKey>,
    ) -> bool {
        let chair = self.target.chair.as_ref().and_then(|v| self.venues.get(v)).copied();
        let mut heard = Vec::with_capacity(self.open.len());
        for voice in &self.open {
            let venue = &venues[*voice];
            if venue.heard.is_some_and(|at| now.since(at) < IN_MIX_MAX) {
                heard.push(Heard {
                    voice: *voice,
                    on_air: Some(*voice) == on_air,
                    chair: Some(*voice) == chair,
                    level: venue.level.unwrap_or(127),
                });
            }
        }
        self.ranking.update(&heard)
    }

    /// The ring that a wish comes to now. `own` is the first source of the session's venue, `mix` what it hears, `cap` the highest layer that
    /// its line bears.
    pub(crate) fn ring_for(
        &self,
        wish: &Wish,
        reader: &Reads<'_>,
        tracks: &SlotMap<TrackKey, Track>,
        venues: &SlotMap<VoiceKey, Venue>,
    ) -> Option<RingKey> {
        // A venue that is on air still, though another was taken, sees its return picture until the cut.
        let stays = |venue| self.venue_on_air(tracks) == Some(venue);
        let warm = || reader.venue.is_some_and(|venue| self.target.warm.contains(venue) || stays(venue));
        if wish.when == When::Warm && !warm() {
            return None;
        }
        let layer = wish.layer.min(reader.cap);
        let track = match &wish.carries {
            Carries::Programme(0) => return Some(self.programme.rings[usize::from(layer)]),
            Carries::Sound(n) => {
                let voice = reader.mix.get(usize::from(*n)).copied().flatten();
                return voice.map(|voice| venues[voice].ring).or(reader.silence.filter(|_| *n == 0));
            }
            Carries::Return => Some(self.return_of(reader.venue?)),
            Carries::Own => reader.own,
            Carries::Preview(0) => self.source(self.target.preview.as_ref()),
            Carries::Source(source) => self.source(Some(source)),
            Carries::Programme(_) | Carries::Preview(_) | Carries::Content => None,
        };
        layer_of(&tracks[track?], layer)
    }

    /// The rings of the lines whose sources a client chooses.
    pub(crate) fn rings_chosen(
        &self,
        client: Option<&ClientId>,
        layer: u8,
        tracks: &SlotMap<TrackKey, Track>,
    ) -> Vec<Option<RingKey>> {
        let lines = client.and_then(|client| self.views.get(client));
        let line = |n: usize| lines.and_then(|lines| lines.get(n)).and_then(Option::as_ref);
        let ring = |n| layer_of(&tracks[self.source(line(n))?], layer);
        (0..WALL_LINES_MAX).map(ring).collect()
    }

    fn source(&self, source: Option<&SourceId>) -> Option<TrackKey> {
        source.and_then(|source| self.sources.get(source)).copied()
    }
}

/// What decides which rings a subscriber reads.
#[derive(Debug)]
pub(crate) struct Reads<'a> {
    pub(crate) venue: Option<&'a VenueId>,
    /// First source of its venue.
    pub(crate) own: Option<TrackKey>,
    pub(crate) mix: &'a [Option<VoiceKey>],
    pub(crate) silence: Option<RingKey>,
    /// Highest layer that its line bears.
    pub(crate) cap: u8,
}

fn layers(bits: LayerBits) -> impl Iterator<Item = usize> {
    (0..LAYERS_MAX).filter(move |layer| bits >> layer & 1 == 1)
}

/// The ring of the layer that serves a wish for `layer`.
fn layer_of(track: &Track, layer: u8) -> Option<RingKey> {
    Some(track.layers[usize::from(track.flowing.nearest(layer)?)].ring)
}
