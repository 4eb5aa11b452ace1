//! A WHIP session: the layers of one camera position and, on the first, the microphone.

use std::net::SocketAddr;
use std::sync::Arc;

use base::Mono;
use base::random::Random;
use str0m::Event;
use str0m::format::Codec as Format;
use str0m::media::{Direction, KeyframeRequest, MediaKind, Mid, Pt, Rid, Simulcast, SimulcastLayer};
use str0m::rtp::{ExtensionValues, RtpWrite};
use wire::Codec;

use crate::bot::BotError;
use crate::broadcast::BROADCAST;
use crate::clip::{Clips, Coding, Picture, Track};
use crate::delay;
use crate::packet::{self, Vp8Ids};
use crate::peer::{Peer, instant};

/// Names of simulcast layers, the lowest first, as browsers use them.
pub const RIDS: [&str; 3] = ["q", "h", "f"];

/// Two key frames of a layer lie at least this far apart, however many are asked for.
const KEY_FRAMES_APART_US: u64 = 50_000;
/// Loudness of the tones in -dBov; the header extension says so with a little life in it.
const TONE_DBOV: i8 = -26;

/// What a publisher has done so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// Frames of each layer, the lowest first.
    pub frames: Vec<u64>,
    /// Key frames among them.
    pub key_frames: Vec<u64>,
    /// Key frames that were asked for, of each layer.
    pub asked: Vec<u64>,
    /// Packets of the microphone.
    pub audio_packets: u64,
}

/// A camera position, and a microphone or none.
#[derive(Debug)]
pub(crate) struct Publisher {
    pub(crate) peer: Peer,
    layers: Vec<Layer>,
    microphone: Option<Microphone>,
    video: Mid,
    picture: Picture,
    connected: bool,
    started: Mono,
    pub(crate) sent: Sent,
}

#[derive(Debug)]
struct Layer {
    track: &'static Track,
    rid: Option<Rid>,
    place: usize,
    due: Mono,
    key_at: Option<Mono>,
    ids: Vp8Ids,
    sequence: u64,
    clock: u32,
}

#[derive(Debug)]
struct Microphone {
    track: &'static Track,
    mid: Mid,
    open: bool,
    place: usize,
    due: Mono,
    resumed: bool,
    sequence: u64,
    clock: u32,
}

/// Whose camera and microphone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Studio {
    pub(crate) number: u16,
    pub(crate) camera: u8,
    pub(crate) codec: Codec,
    pub(crate) picture: Picture,
    pub(crate) open: bool,
}

impl Publisher {
    /// The publisher and its offer.
    pub(crate) fn open(
        now: Mono,
        local: SocketAddr,
        studio: Studio,
        rng: &mut Random,
    ) -> Result<(Self, String), BotError> {
        let Studio { number, camera, codec, picture, open } = studio;
        let coding = match codec {
            Codec::Vp8 => Coding::Vp8,
            Codec::H264 => Coding::H264,
        };
        let clips = match (picture, coding) {
            (Picture::Broadcast, Coding::Vp8) => &*BROADCAST,
            (Picture::Broadcast | Picture::Room, _) => Clips::embedded(coding),
        };
        let tracks = clips.layers(number, camera);
        let tone = Clips::embedded(Coding::Opus).layers(number, 0);
        let (false, [tone, ..]) = (tracks.is_empty(), tone.as_slice()) else {
            return Err(BotError::NoClip { number, camera });
        };
        let mut peer = Peer::new(now, local, &[codec])?;
        let stream = format!("venue{number}.{camera}");
        let (offer, (video, audio)) = peer.offer(|api| {
            let line = |name: &str| (Some(stream.clone()), Some(format!("{stream}.{name}")));
            // The microphone comes first, as browsers put it.
            let audio = (camera == 0).then(|| {
                let (stream, track) = line("microphone");
                api.add_media(MediaKind::Audio, Direction::SendOnly, stream, track, None)
            });
            let (stream, track) = line("camera");
            let video =
                api.add_media(MediaKind::Video, Direction::SendOnly, stream, track, simulcast(tracks.len()));
            (video, audio)
        })?;
        let layers: Vec<Layer> =
            tracks.iter().enumerate().map(|(i, track)| Layer::new(track, i, tracks.len(), rng)).collect();
        let counts = vec![0; layers.len()];
        let sent =
            Sent { frames: counts.clone(), key_frames: counts.clone(), asked: counts, audio_packets: 0 };
        let microphone = audio.map(|mid| Microphone::new(tone, mid, open, rng));
        let publisher =
            Self { peer, layers, microphone, video, picture, connected: false, started: now, sent };
        Ok((publisher, offer))
    }

    pub(crate) fn set_gate(&mut self, now: Mono, open: bool) {
        if let Some(microphone) = &mut self.microphone
            && microphone.open != open
        {
            microphone.open = open;
            microphone.resumed = true;
            microphone.due = now;
        }
    }

    pub(crate) const fn connected(&self) -> bool {
        self.connected
    }

    /// After every input: takes events, sends what is due. Says whether the peer closed.
    #[expect(clippy::wildcard_enum_match_arm, reason = "str0m's enum; a publisher needs no other event")]
    pub(crate) fn advance(&mut self, now: Mono, hear: &mut impl FnMut(KeyFrameAsked)) -> bool {
        let mut closed = false;
        loop {
            while let Some(event) = self.peer.next_event() {
                match event {
                    Event::Connected => self.begin(now),
                    Event::KeyframeRequest(request) => {
                        if let Some(layer) = self.jump(now, request) {
                            hear(KeyFrameAsked { layer });
                        }
                    }
                    Event::Closed => closed = true,
                    _ => {}
                }
            }
            if !self.send_due(now) {
                return closed;
            }
            // What was written leaves str0m with its next timeout.
            self.peer.timeout(now);
        }
    }

    /// When it wants a timeout.
    pub(crate) fn wake(&self, now: Mono) -> Mono {
        let mut wake = self.peer.wake(now);
        if self.connected {
            wake = self.layers.iter().map(|layer| layer.due).fold(wake, Mono::min);
            if let Some(microphone) = self.microphone.as_ref().filter(|m| m.open) {
                wake = wake.min(microphone.due);
            }
        }
        wake
    }

    fn begin(&mut self, now: Mono) {
        self.connected = true;
        for layer in &mut self.layers {
            layer.due = now;
        }
        if let Some(microphone) = &mut self.microphone {
            microphone.due = now;
        }
    }

    /// To the next key frame of the loop at once, as an encoder would make one.
    fn jump(&mut self, now: Mono, request: KeyframeRequest) -> Option<u8> {
        if request.mid != self.video {
            return None;
        }
        let index =
            self.layers.iter().position(|l| l.rid == request.rid).or(request.rid.is_none().then_some(0))?;
        let layer = &mut self.layers[index];
        layer.place = layer.track.key_from(layer.place);
        layer.due = layer.key_at.map_or(now, |at| now.max(Mono(at.0 + KEY_FRAMES_APART_US)));
        self.sent.asked[index] += 1;
        u8::try_from(index).ok()
    }

    /// Says whether anything was written.
    fn send_due(&mut self, now: Mono) -> bool {
        if !self.connected {
            return false;
        }
        let mut wrote = false;
        for index in 0..self.layers.len() {
            if self.layers[index].due <= now {
                wrote |= self.send_frame(now, index);
            }
        }
        if self.microphone.as_ref().is_some_and(|m| m.open && m.due <= now) {
            wrote |= self.send_sound(now);
        }
        wrote
    }

    fn send_frame(&mut self, now: Mono, index: usize) -> bool {
        let layer = &mut self.layers[index];
        let at = layer.due;
        layer.due = after(at, layer.track.frame_us(), now);
        let format = match layer.track.coding {
            Coding::Vp8 | Coding::Opus => Format::Vp8,
            Coding::H264 => Format::H264,
        };
        let Some(pt) = payload_type(&self.peer, self.video, format) else { return false };
        let frame = layer.track.frames[layer.place];
        layer.place = (layer.place + 1) % layer.track.frames.len();
        let mut payloads: Vec<Vec<u8>> = match layer.track.coding {
            Coding::Vp8 | Coding::Opus => packet::vp8(frame.bytes, layer.ids).collect(),
            Coding::H264 => packet::h264(frame.bytes),
        };
        if let (Picture::Broadcast, Some(last)) = (self.picture, payloads.last_mut()) {
            delay::stamp(last, now);
        }
        layer.ids = layer.ids.next();
        if frame.key {
            layer.key_at = Some(now);
            self.sent.key_frames[index] += 1;
        }
        self.sent.frames[index] += 1;
        let time = layer.clock.wrapping_add(ticks(at, self.started, layer.track.clock_hz()));
        let mut direct = self.peer.rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(self.video, layer.rid) else { return false };
        let last = payloads.len() - 1;
        for (i, payload) in payloads.into_iter().enumerate() {
            let payload: Arc<[u8]> = payload.into();
            let write = RtpWrite::new(pt, layer.sequence.into(), time, instant(at), payload);
            stream.write_rtp(write.marker(i == last).nackable(true));
            layer.sequence += 1;
        }
        true
    }

    fn send_sound(&mut self, now: Mono) -> bool {
        let Some(microphone) = &mut self.microphone else { return false };
        let at = microphone.due;
        microphone.due = after(at, microphone.track.frame_us(), now);
        let Some(pt) = payload_type(&self.peer, microphone.mid, Format::Opus) else { return false };
        let frame = microphone.track.frames[microphone.place];
        microphone.place = (microphone.place + 1) % microphone.track.frames.len();
        let time = microphone.clock.wrapping_add(ticks(at, self.started, microphone.track.clock_hz()));
        let life = i8::try_from(microphone.sequence / 5 * 7 % 9).unwrap_or(0);
        let extensions = ExtensionValues {
            audio_level: Some(TONE_DBOV - 4 + life),
            voice_activity: Some(true),
            ..ExtensionValues::default()
        };
        let mut direct = self.peer.rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(microphone.mid, None) else { return false };
        let write = RtpWrite::new(pt, microphone.sequence.into(), time, instant(at), frame.bytes);
        stream.write_rtp(write.marker(std::mem::take(&mut microphone.resumed)).ext_vals(extensions));
        microphone.sequence += 1;
        self.sent.audio_packets += 1;
        true
    }
}

/// A layer was asked for a key frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyFrameAsked {
    pub(crate) layer: u8,
}

impl Layer {
    fn new(track: &'static Track, index: usize, count: usize, rng: &mut Random) -> Self {
        let rid = (count > 1).then(|| Rid::from(RIDS[index.min(RIDS.len() - 1)]));
        let random = rng.bits();
        Self {
            track,
            rid,
            place: 0,
            due: Mono(0),
            key_at: None,
            ids: Vp8Ids { picture: (random & 0x7fff) as u16, tl0: (random >> 16) as u8 },
            sequence: random >> 24 & 0x3fff,
            clock: (random >> 40) as u32,
        }
    }
}

impl Microphone {
    fn new(track: &'static Track, mid: Mid, open: bool, rng: &mut Random) -> Self {
        let random = rng.bits();
        Self {
            track,
            mid,
            open,
            place: 0,
            due: Mono(0),
            resumed: true,
            sequence: random & 0x3fff,
            clock: (random >> 16) as u32,
        }
    }
}

fn simulcast(layers: usize) -> Option<Simulcast> {
    (layers > 1).then(|| {
        let mut simulcast = Simulcast::new();
        for rid in RIDS.iter().take(layers) {
            simulcast.add_send_layer(SimulcastLayer::new(rid));
        }
        simulcast
    })
}

/// The payload type that the answer left for a format.
fn payload_type(peer: &Peer, mid: Mid, format: Format) -> Option<Pt> {
    let taken = peer.rtc.media(mid)?.remote_pts();
    peer.rtc
        .codec_config()
        .params()
        .iter()
        .find(|p| p.spec().codec == format && taken.contains(&p.pt()))
        .map(|p| p.pt())
}

/// When the next frame is due; a bot that was held up goes on from now instead of hurrying after.
fn after(at: Mono, frame_us: u64, now: Mono) -> Mono {
    let next = Mono(at.0 + frame_us);
    if next <= now { Mono(now.0 + frame_us) } else { next }
}

/// Media clock since the start; wraps as it does in RTP.
fn ticks(at: Mono, started: Mono, clock_hz: u32) -> u32 {
    let us = at.0.saturating_sub(started.0);
    (us.wrapping_mul(u64::from(clock_hz) / 1_000) / 1_000) as u32
}
