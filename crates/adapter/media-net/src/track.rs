//! A source as this node knows it: its layers, their rings, and what is told of it.

use std::sync::Arc;
use std::time::Duration;

use base::limits::PAYLOAD_BYTES_MAX;
use base::{Mono, SourceId};
use media::anchor::{Numbers, Splice};
use media::budget::KeyFrameBudget;
use media::layers::{Flowing, LAYERS_MAX};
use media::switcher::Feed;
use media::vp8::{CANONICAL_BYTES, Canonical, patch};
use service::port::hop::{SourceState, VideoCodec};
use str0m::rtp::Vp8Descriptor;

use crate::keys::{MeetingKey, RingKey, SessionKey, TrackKey, VoiceKey};
use crate::ring::{Owner, Packet, Rings};
use crate::slate::SLATE_HEIGHT;
use crate::uplink::Arrived;

/// A source without a packet for this long is not live.
pub(crate) const LIVE_MAX: Duration = Duration::from_millis(1_500);
/// A layer without a packet for this long does not flow.
const FLOWS_MAX: Duration = Duration::from_secs(1);
/// Nor does one without a packet for this long, while other layers of its source have brought so many pictures.
const BEHIND_MAX: Duration = Duration::from_millis(300);
const PICTURES_BEHIND_MAX: u8 = 5;

/// One layer.
#[derive(Debug)]
pub(crate) struct Layer {
    pub(crate) ring: RingKey,
    pub(crate) budget: KeyFrameBudget,
    pub(crate) height: u16,
    canonical: Canonical,
    splice: Splice,
    /// The stream whose packets the ring holds.
    joined: Option<StreamKey>,
    /// The stream that came last, and the highest number of its packets.
    newest: Option<(StreamKey, u64)>,
    heard: Mono,
    /// Pictures that other layers have brought since then.
    behind: u8,
    count: Count,
}

/// A stream: its session, and its SSRC there.
type StreamKey = (u64, u32);

/// Packets of the last second.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    received: u32,
    bytes: u32,
    /// Packets that the streams before the present one should have brought.
    before: u64,
    /// The present stream, and the numbers of its packets.
    run: Option<Run>,
}

/// Numbers of the packets of one stream; another one counts from elsewhere.
#[derive(Debug, Clone, Copy)]
struct Run {
    of: StreamKey,
    first: u64,
    last: u64,
}

/// A source, or the slate.
#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) key: TrackKey,
    /// Its meeting, and its id there; none for the slate.
    pub(crate) source: Option<(MeetingKey, SourceId)>,
    pub(crate) codec: VideoCodec,
    pub(crate) layers: [Layer; LAYERS_MAX],
    /// The voice of the venue that it belongs to now.
    pub(crate) voice: Option<VoiceKey>,
    /// The session that publishes it.
    pub(crate) session: Option<SessionKey>,
    pub(crate) flowing: Flowing,
    /// Last authenticated packet.
    pub(crate) heard: Option<Mono>,
    /// Last packet of a picture.
    pub(crate) seen: Option<Mono>,
    /// A key frame came from the present session.
    pub(crate) had_key: bool,
    told: SourceState,
    too_large: u64,
    too_large_told: u64,
}

/// What a packet of a picture did.
#[derive(Debug)]
pub(crate) enum Ingested {
    /// It is to be forwarded.
    Packet(Packet),
    /// It cannot be decoded without a key frame.
    NeedsKeyFrame,
    /// It is too large to be forwarded.
    TooLarge,
    /// It is nothing that this codec knows, or too late.
    Dropped,
}

impl Track {
    pub(crate) fn new(
        key: TrackKey,
        source: Option<(MeetingKey, SourceId)>,
        codec: VideoCodec,
        rings: &mut Rings,
    ) -> Self {
        let mut layer = |layer: u8| Layer {
            ring: rings.add(Owner::Source(Feed { track: key, layer })),
            budget: KeyFrameBudget::default(),
            height: 0,
            canonical: Canonical::default(),
            splice: Splice::new(90_000, 900, 1, 0),
            joined: None,
            newest: None,
            heard: Mono(0),
            behind: 0,
            count: Count::default(),
        };
        Self {
            key,
            source,
            codec,
            layers: [layer(0), layer(1), layer(2)],
            voice: None,
            session: None,
            flowing: Flowing(0),
            heard: None,
            seen: None,
            had_key: false,
            told: SourceState::default(),
            too_large: 0,
            too_large_told: 0,
        }
    }

    /// The slate of a codec.
    pub(crate) fn slate(key: TrackKey, codec: VideoCodec, rings: &mut Rings) -> Self {
        let mut track = Self::new(key, None, codec, rings);
        track.flowing = Flowing(1);
        track.layers[0].height = SLATE_HEIGHT;
        track
    }

    /// A session publishes it from now on.
    pub(crate) fn adopt(&mut self, session: SessionKey) {
        self.session = Some(session);
        self.had_key = false;
        for layer in &mut self.layers {
            layer.height = 0;
        }
    }

    /// Takes a packet of a layer. `scratch` is working space.
    pub(crate) fn ingest(
        &mut self,
        now: Mono,
        session: u64,
        layer_no: u8,
        arrived: &Arrived,
        scratch: &mut Vec<u8>,
    ) -> Ingested {
        self.heard = Some(now);
        self.seen = Some(now);
        self.flowing = self.flowing.with(layer_no);
        if arrived.marker {
            self.layers.iter_mut().for_each(|layer| layer.behind = layer.behind.saturating_add(1));
        }
        let codec = self.codec;
        let layer = &mut self.layers[usize::from(layer_no)];
        (layer.heard, layer.behind) = (now, 0);
        let here = (session, arrived.ssrc);
        let in_order = layer.in_order(here, arrived.seq);
        layer.count.add(here, arrived.seq, arrived.payload.len());
        let fresh = layer.joined != Some(here);
        if fresh {
            layer.canonical = Canonical::default();
        }
        let Some(picture) = layer.look(codec, arrived, scratch) else { return Ingested::Dropped };
        let numbers = picture.numbers;
        let body = match codec {
            VideoCodec::Vp8 => scratch.len() - CANONICAL_BYTES,
            VideoCodec::H264 => arrived.payload.len(),
        };
        if body > PAYLOAD_BYTES_MAX {
            self.too_large += 1;
            return Ingested::TooLarge;
        }
        // What came before the first packet of a stream's first key frame is gone: nobody can begin there.
        let key = picture.key && (in_order || !fresh);
        if fresh && !key {
            return Ingested::NeedsKeyFrame;
        }
        if fresh {
            layer.joined = Some(here);
            layer.splice.join(&numbers);
        }
        if let Some((_, height)) = picture.size {
            layer.height = height;
        }
        let Some(out) = layer.splice.map(&numbers) else { return Ingested::Dropped };
        if key {
            layer.budget.satisfied();
            self.had_key = true;
        }
        let payload: Arc<[u8]> = match codec {
            VideoCodec::Vp8 => {
                patch(scratch, out.picture_id, out.tl0);
                Arc::from(&scratch[..])
            }
            VideoCodec::H264 => arrived.payload.clone(),
        };
        let vp8 = if codec == VideoCodec::Vp8 { Vp8Descriptor::parse(&payload).ok() } else { None };
        Ingested::Packet(Packet {
            payload,
            numbers: out,
            key,
            marker: arrived.marker,
            level: None,
            vp8,
            arrived: now,
        })
    }

    /// Sound may be forwarded; what is too large is counted.
    pub(crate) fn fits(&mut self, arrived: &Arrived) -> bool {
        let fits = arrived.payload.len() <= PAYLOAD_BYTES_MAX;
        self.too_large += u64::from(!fits);
        fits
    }

    /// Packets that were too large since the process began, if they are more than were told.
    pub(crate) fn too_large_news(&mut self) -> Option<u64> {
        (self.too_large > self.too_large_told).then(|| {
            self.too_large_told = self.too_large;
            self.too_large
        })
    }

    /// Two layers of which the lower has the larger picture.
    pub(crate) fn inverted(&self) -> Option<(u8, u8)> {
        for low in 0..LAYERS_MAX {
            for high in low + 1..LAYERS_MAX {
                let (a, b) = (self.layers[low].height, self.layers[high].height);
                if a > b && b > 0 {
                    return Some((low as u8, high as u8));
                }
            }
        }
        None
    }

    /// Two layers change places; both begin anew at a key frame.
    pub(crate) fn swap(&mut self, a: u8, b: u8) {
        let (i, j) = (usize::from(a), usize::from(b));
        let height = self.layers[i].height;
        self.layers[i].height = self.layers[j].height;
        self.layers[j].height = height;
        for at in [i, j] {
            self.layers[at].joined = None;
        }
    }

    /// Layers that fell silent flow no longer; true when that changed.
    pub(crate) fn settle(&mut self, now: Mono) -> bool {
        let mut flowing = Flowing(0);
        for (n, layer) in self.layers.iter().enumerate() {
            if self.flowing.has(n as u8) && layer.flows(now) {
                flowing = flowing.with(n as u8);
            }
        }
        let changed = flowing != self.flowing;
        self.flowing = flowing;
        changed
    }

    pub(crate) fn live(&self, now: Mono) -> bool {
        self.session.is_some() && self.heard.is_some_and(|at| now.since(at) < LIVE_MAX)
    }

    /// What is known now, if it is not what was told last.
    pub(crate) fn news(&mut self, now: Mono) -> Option<SourceState> {
        let live = self.live(now);
        let mut layers: Vec<u16> = Vec::new();
        if live {
            let flows = |n: &usize| self.flowing.has(*n as u8) && self.layers[*n].height > 0;
            layers.extend((0..LAYERS_MAX).filter(flows).map(|n| self.layers[n].height));
        }
        let state =
            SourceState { live, layers, decodable: live && self.had_key && self.flowing != Flowing(0) };
        (state != self.told).then(|| {
            self.told = state.clone();
            state
        })
    }

    /// Loss per mille and kilobits per second since the last time, about a second.
    pub(crate) fn quality(&mut self, elapsed: Duration) -> (u16, u32) {
        let (mut received, mut expected, mut bytes) = (0_u64, 0_u64, 0_u64);
        for layer in &mut self.layers {
            let count = std::mem::take(&mut layer.count);
            received += u64::from(count.received);
            expected += count.expected();
            bytes += u64::from(count.bytes);
        }
        let lost = expected.saturating_sub(received);
        let loss = lost.saturating_mul(1_000).checked_div(expected).unwrap_or(0);
        let ms = u64::try_from(elapsed.as_millis()).unwrap_or(1).max(1);
        (u16::try_from(loss).unwrap_or(1_000), u32::try_from(bytes * 8 / ms).unwrap_or(u32::MAX))
    }
}

/// What a packet says of its picture.
struct Looked {
    numbers: Numbers,
    key: bool,
    size: Option<(u16, u16)>,
}

impl Layer {
    /// Looks at a packet; of VP8 `scratch` has it in the canonical form.
    fn look(&mut self, codec: VideoCodec, arrived: &Arrived, scratch: &mut Vec<u8>) -> Option<Looked> {
        let mut numbers = Numbers { seq: arrived.seq, ts: arrived.ts, picture_id: 0, tl0: 0, at: arrived.at };
        match codec {
            VideoCodec::Vp8 => {
                let picture = self.canonical.rewrite(arrived.ts, &arrived.payload, scratch).ok()?;
                (numbers.picture_id, numbers.tl0) = (picture.picture_id, picture.tl0);
                Some(Looked { numbers, key: picture.key, size: picture.size })
            }
            VideoCodec::H264 => {
                let picture = media::h264::inspect(&arrived.payload);
                Some(Looked { numbers, key: picture.key, size: picture.size })
            }
        }
    }

    /// No packet of that stream with a higher number came before.
    fn in_order(&mut self, of: StreamKey, seq: u64) -> bool {
        match &mut self.newest {
            Some((newest_of, newest)) if *newest_of == of && *newest > seq => false,
            newest => {
                *newest = Some((of, seq));
                true
            }
        }
    }

    fn flows(&self, now: Mono) -> bool {
        let silent = now.since(self.heard);
        silent < BEHIND_MAX || silent < FLOWS_MAX && self.behind < PICTURES_BEHIND_MAX
    }
}

impl Count {
    fn add(&mut self, of: StreamKey, seq: u64, bytes: usize) {
        self.received += 1;
        self.bytes = self.bytes.saturating_add(bytes as u32);
        self.run = Some(match self.run {
            Some(run) if run.of == of => Run { of, first: run.first.min(seq), last: run.last.max(seq) },
            Some(_) | None => {
                self.before = self.expected();
                Run { of, first: seq, last: seq }
            }
        });
    }

    fn expected(&self) -> u64 {
        self.before + self.run.map_or(0, |run| run.last - run.first + 1)
    }
}
