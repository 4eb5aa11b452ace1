//! A meeting as this node forwards it: its gates, its programme, and who is shown what.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ::meeting::Scene;
use base::{ClientId, MeetingId, Mono, SourceId, VenueId};
use media::anchor::Splice;
use media::gates::Gates;
use media::layers::Flowing;
use media::layers::LAYERS_MAX;
use media::mix::{Heard, Ranking};
use media::switcher::{Feed, Switcher};
use service::port::hop::{MediaTarget, VideoCodec, Watcher};
use slotmap::SlotMap;

use crate::downlink::Slot;
use crate::keys::{MeetingKey, RingKey, TrackKey, VoiceKey};
use crate::ring::{Owner, Packet, Rings};

/// A voice that delivered nothing for this long is left out of the mix.
const DELIVERS_MAX: Duration = Duration::from_millis(100);

/// A venue's sound.
#[derive(Debug)]
pub(crate) struct Venue {
    pub(crate) id: VenueId,
    pub(crate) ring: RingKey,
    pub(crate) open: bool,
    pub(crate) splice: Splice,
    /// Track of its first source, with which its microphone comes.
    pub(crate) first: Option<TrackKey>,
    /// Session and stream whose sound the ring holds.
    pub(crate) joined: Option<(u64, u32)>,
    /// Last packet that passed the gate.
    pub(crate) heard: Option<Mono>,
    /// Loudest of the present fifth of a second, and of the one before, in -dBov.
    pub(crate) loudest: Option<u8>,
    pub(crate) level: Option<u8>,
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

    /// A packet of a source's layer came. `late` are packets that came before this one, a key frame's first, but follow on it.
    pub(crate) fn on_packet(
        &mut self,
        feed: Feed<TrackKey>,
        packet: &Packet,
        late: &[Packet],
        flowing: Flowing,
        rings: &mut Rings,
    ) {
        if packet.key {
            let cut = self.switcher.on_key_frame(feed, flowing);
            for layer in 0..LAYERS_MAX {
                if cut.layers >> layer & 1 == 1 {
                    self.splices[layer].join(&packet.numbers);
                }
            }
            if cut.shown {
                self.shown = Some(feed.track);
            }
        }
        let carriers = self.switcher.carriers(feed);
        for layer in 0..LAYERS_MAX {
            if carriers >> layer & 1 == 1 {
                for packet in std::iter::once(packet).chain(late) {
                    if let Some(out) = self.switched(layer, packet) {
                        rings.of_mut(self.rings[layer]).push(out);
                    }
                }
            }
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

    /// The track of a scene: the slate where its source is unknown.
    pub(crate) fn track_of(&self, scene: &Scene) -> TrackKey {
        scene.source().and_then(|s| self.sources.get(s)).copied().unwrap_or(self.slate)
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
            if venue.heard.is_some_and(|at| now.since(at) < DELIVERS_MAX) {
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

    /// What the video slots of a page carry besides the programme, and the highest layer each is for. `own` is its venue's first source.
    pub(crate) fn pictures(
        &self,
        watcher: &Watcher,
        own: Option<TrackKey>,
        client: Option<&ClientId>,
    ) -> Vec<(Slot, Option<TrackKey>, u8)> {
        let source = |s: Option<&SourceId>| s.and_then(|s| self.sources.get(s)).copied();
        let back = |venue: &VenueId| {
            Some(self.track_of(self.target.returns.get(venue).unwrap_or(&self.target.return_default)))
        };
        match watcher {
            Watcher::Hall(venue) => {
                let warm = self.target.warm.contains(venue);
                vec![(Slot::Video(2), if warm { back(venue) } else { None }, 2)]
            }
            Watcher::Technician(venue) => {
                vec![(Slot::Video(2), back(venue), 1), (Slot::Video(3), own, 0)]
            }
            Watcher::Desk => vec![(Slot::Video(2), source(self.target.preview.as_ref()), 1)],
            Watcher::Wall => {
                let lines = client.and_then(|c| self.target.views.get(c));
                (0..25_u8)
                    .map(|n| {
                        let view = lines.and_then(|l| l.get(usize::from(n))).and_then(Option::as_ref);
                        (Slot::Video(n), source(view), 0)
                    })
                    .collect()
            }
            Watcher::Watch | Watcher::Plain => Vec::new(),
        }
    }
}

/// The venue whose own voice a page does not hear.
pub(crate) fn own_venue(watcher: &Watcher) -> Option<&VenueId> {
    match watcher {
        Watcher::Hall(venue) | Watcher::Technician(venue) => Some(venue),
        Watcher::Desk | Watcher::Wall | Watcher::Watch | Watcher::Plain => None,
    }
}
