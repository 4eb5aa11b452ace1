//! The plane, its clients, and the network between them.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};

use base::{ClientId, Epoch, MeetingId, Mono, Role, Sequence, SessionId, SourceId, TokenId, VenueId};
use media::slots::Page;
use meeting::Scene;
use service::port::hop::{
    CloseReason, Fact, HopError, HopReport, Measure, MediaTarget, Sdp, SessionChange, SessionKind,
    SessionSpec, VideoCodec, What,
};
use str0m::change::SdpAnswer;
use str0m::format::Codec;
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Mid, Pt, Rid, Simulcast, SimulcastLayer};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Candidate, Event, Input, Output as RtcOutput, Rtc};

use crate::doorman::Doorman;
use crate::egress::batch::RunView;
use crate::plane::Plane;
use crate::transport::{Clock, Path, Seals};

pub(crate) fn meeting() -> MeetingId {
    MeetingId::new("m").unwrap()
}

pub(crate) fn venue(name: &str) -> VenueId {
    VenueId::new(name).unwrap()
}

pub(crate) fn source(name: &str) -> SourceId {
    SourceId::new(name).unwrap()
}

pub(crate) fn of(name: &str) -> Option<VenueId> {
    Some(venue(name))
}

pub(crate) fn watching(page: Page, venue: Option<VenueId>) -> SessionKind {
    SessionKind::Watch { venue, wishes: page.wishes() }
}

pub(crate) fn full(name: &str) -> Scene {
    Scene::Full(source(name))
}

/// A packet that a watcher decrypted.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) at: Mono,
    pub(crate) mid: Mid,
    pub(crate) ssrc: u32,
    pub(crate) pt: u8,
    pub(crate) marker: bool,
    pub(crate) seq: u64,
    pub(crate) ts: u32,
    pub(crate) payload: Vec<u8>,
}

/// What a body says of itself: which publisher, which layer, which frame, and whether it begins a key frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) who: u8,
    pub(crate) layer: u8,
    pub(crate) frame: u32,
    pub(crate) key: bool,
    pub(crate) part: u8,
}

const PARTS: u8 = 3;

/// Payload of a packet: VP8 with a picture id, or H.264 whose key frames begin with a parameter set.
fn payload(codec: VideoCodec, b: Body, height: u16) -> Vec<u8> {
    let mut out = match codec {
        VideoCodec::Vp8 => {
            let [high, low] = (b.frame as u16 & 0x7fff).to_be_bytes();
            let mut out = vec![if b.part == 0 { 0x90 } else { 0x80 }, 0x80, high | 0x80, low];
            out.extend_from_slice(&[if b.key { 0x10 } else { 0x11 }, 0, 0, 0x9d, 0x01, 0x2a]);
            out.extend_from_slice(&(height * 16 / 9).to_le_bytes());
            out.extend_from_slice(&height.to_le_bytes());
            out
        }
        VideoCodec::H264 if b.key => {
            let mut out = vec![0x78, 0, SPS_360.len() as u8];
            out.extend_from_slice(&SPS_360);
            out.extend_from_slice(&[0, 9, 0x65]);
            out
        }
        VideoCodec::H264 => vec![0x61],
    };
    out.extend_from_slice(&[b'#', b.who, b.layer, b.part]);
    out.extend_from_slice(&b.frame.to_be_bytes());
    out
}

/// Constrained baseline, 640×360.
const SPS_360: [u8; 22] = [
    0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x70, 0x11, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00,
    0x00, 0x03, 0x00, 0x32, 0x0f,
];

impl Body {
    /// Of a forwarded payload; none for the slate.
    pub(crate) fn read(codec: VideoCodec, payload: &[u8]) -> Option<Self> {
        let b = payload.get(payload.len().checked_sub(8)?..)?;
        if b[0] != b'#' || payload.len() > 60 {
            return None;
        }
        let key = match codec {
            VideoCodec::Vp8 => media::vp8::Descriptor::parse(payload).ok()?.begins_key_frame(payload),
            VideoCodec::H264 => media::h264::inspect(payload).key,
        };
        Some(Self {
            who: b[1],
            layer: b[2],
            part: b[3],
            frame: u32::from_be_bytes([b[4], b[5], b[6], b[7]]),
            key,
        })
    }
}

/// One camera layer that is sent.
struct Sent {
    rid: Option<Rid>,
    height: u16,
    seq: u64,
    frame: u32,
    wants_key: bool,
    stopped: bool,
}

/// What a client does.
enum Does {
    Publish {
        who: u8,
        audio: Mid,
        video: Mid,
        layers: Vec<Sent>,
        audio_seq: u64,
        audio_ts: u32,
        /// Time between two packets of sound.
        audio_every: Duration,
        /// It obeys key-frame requests.
        obeys: bool,
        sends_video: bool,
        sends_audio: bool,
        /// Its sound says how loud it is.
        measures: bool,
        /// The first packet of its key frames goes last.
        reorders: bool,
        /// Bytes by which its packets are larger than they need be.
        padding: usize,
        next_video: Mono,
        next_audio: Mono,
    },
    Watch,
}

pub(crate) struct Client {
    pub(crate) rtc: Rtc,
    codec: VideoCodec,
    /// Its own address, and the one that the network shows for it.
    pub(crate) address: SocketAddr,
    pub(crate) public: SocketAddr,
    timeout: Instant,
    does: Does,
    pub(crate) session: SessionId,
    pub(crate) connected: bool,
    pub(crate) got: Vec<Got>,
    pub(crate) key_requests: Vec<Mono>,
    pub(crate) mids: Vec<(MediaKind, Mid)>,
    pub(crate) answer: String,
    /// The network to it is cut.
    pub(crate) cut: bool,
    outbox: VecDeque<Vec<u8>>,
    /// The last STUN request that it sent.
    pub(crate) stun: Vec<u8>,
    /// Sender reports: of which line, NTP time, and RTP time.
    pub(crate) reports: Vec<(Mid, SystemTime, u32)>,
}

pub(crate) struct World {
    pub(crate) now: Mono,
    codec: VideoCodec,
    clock: Clock,
    pub(crate) plane: Plane,
    doorman: Doorman,
    local: SocketAddr,
    pub(crate) clients: Vec<Client>,
    pub(crate) told: Vec<(Mono, What)>,
    pub(crate) target: MediaTarget,
    pub(crate) sequence: u64,
    /// Leases are renewed each second.
    pub(crate) renews: bool,
    renew_at: Mono,
    /// Every so many-th picture packet towards a watcher is lost once.
    pub(crate) lose_every: Option<u64>,
    /// The same on the way from publishers.
    pub(crate) lose_up_every: Option<u64>,
    /// Of each stream that is sent, those whose number this divides, counted from its first, are lost on their way.
    pub(crate) lose_numbers: Option<u16>,
    /// What is sent to clients arrives at once, whatever the weather.
    pub(crate) clear_down: bool,
    /// The first number that a stream sent.
    firsts: BTreeMap<(SocketAddr, u32), u16>,
    /// What was allocated while subscribers were served.
    pub(crate) allocations: u64,
    pub(crate) sent: u64,
    /// Packets of SSRC 0 that publishers sent, by which they measure their lines.
    pub(crate) probes: u32,
    /// STUN of the first client is sent a second time, under the address of the second.
    pub(crate) forges: Option<(usize, usize)>,
    /// What publishers leave out of their offers, and of the answers that they take: lines with one of these in it.
    pub(crate) offers_without: &'static [&'static str],
    pub(crate) answers_without: &'static [&'static str],
    /// A client whose datagrams are held up, and until when.
    held: Option<(usize, Mono)>,
    /// How often each number of each outgoing stream was given to a packet.
    sealed: BTreeMap<(SocketAddr, u32, u16), u32>,
    /// Every datagram is subject to it, if there is any.
    pub(crate) weather: Option<Weather>,
    flights: Vec<Flight>,
}

/// What the network does to datagrams: some are lost, all are late, and not all alike.
pub(crate) struct Weather {
    pub(crate) seed: u64,
    pub(crate) loss_permille: u64,
    pub(crate) delay_ms: u64,
    pub(crate) jitter_ms: u64,
}

impl Weather {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed % end.max(1)
    }

    /// When a datagram that is sent now arrives, if it does.
    fn arrival(&mut self, now: Mono) -> Option<Mono> {
        let late = self.delay_ms + self.below(self.jitter_ms + 1);
        (self.below(1_000) >= self.loss_permille).then(|| now + Duration::from_millis(late))
    }
}

/// A datagram on its way.
struct Flight {
    arrives: Mono,
    to: SocketAddr,
    from: SocketAddr,
    bytes: Vec<u8>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(VideoCodec::Vp8)
    }

    pub(crate) fn with(codec: VideoCodec) -> Self {
        let start = Instant::now();
        let local: SocketAddr = "10.0.0.1:5000".parse().unwrap();
        let mut target = MediaTarget { chair: Some(venue("main")), ..MediaTarget::default() };
        for name in ["main", "a", "b", "c"] {
            target.sources.push((source(&format!("{name}.1")), venue(name)));
        }
        let mut world = Self {
            now: Mono(1_000_000),
            codec,
            clock: Clock(start),
            plane: Plane::new(start, 100),
            doorman: Doorman::new(Clock(start), vec![local], Seals::Own),
            local,
            clients: Vec::new(),
            told: Vec::new(),
            target,
            sequence: 1,
            renews: true,
            renew_at: Mono(0),
            lose_every: None,
            lose_up_every: None,
            lose_numbers: None,
            clear_down: false,
            firsts: BTreeMap::new(),
            allocations: 0,
            sent: 0,
            probes: 0,
            forges: None,
            offers_without: &[],
            answers_without: &[],
            held: None,
            sealed: BTreeMap::new(),
            weather: None,
            flights: Vec::new(),
        };
        world.apply(|_| {});
        world
    }

    pub(crate) fn apply(&mut self, change: impl FnOnce(&mut MediaTarget)) {
        change(&mut self.target);
        self.sequence += 1;
        let (sequence, target) = (Sequence(self.sequence), self.target.clone());
        self.plane.apply(self.now, &meeting(), Epoch(1), sequence, target);
    }

    pub(crate) fn spec(kind: SessionKind, client: Option<&str>) -> SessionSpec {
        let role = match kind {
            SessionKind::Publish { .. } | SessionKind::Watch { venue: Some(_), .. } => Role::Venue,
            SessionKind::Watch { venue: None, .. } => Role::Watcher,
        };
        SessionSpec {
            meeting: meeting(),
            role,
            kind,
            client: client.map(|c| ClientId::new(c).unwrap()),
            admitted: true,
            codec: VideoCodec::Vp8,
            token: TokenId::new("link").unwrap(),
            good_for: Duration::from_secs(3_600),
        }
    }

    fn spec_of(&self, kind: SessionKind, client: Option<&str>) -> SessionSpec {
        SessionSpec { codec: self.codec, ..Self::spec(kind, client) }
    }

    pub(crate) fn publish(&mut self, name: &str, who: u8, heights: &[u16], client: Option<&str>) -> usize {
        let at = self.clock.instant(self.now);
        let mut rtc = client_rtc(at, self.codec);
        let address = self.address();
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let mut changes = rtc.sdp_api();
        let audio = changes.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        let rids: Vec<&str> = ["q", "h", "f"].into_iter().take(heights.len()).collect();
        let simulcast = (heights.len() > 1).then(|| Simulcast {
            send: rids.iter().map(|r| SimulcastLayer::new(r)).collect(),
            recv: Vec::new(),
        });
        let simulcasts = simulcast.is_some();
        let video = changes.add_media(MediaKind::Video, Direction::SendOnly, None, None, simulcast);
        let (offer, pending) = changes.apply().unwrap();
        let kind = SessionKind::Publish { source: source(&format!("{name}.1")), venue: venue(name) };
        let offer = Sdp(without(&offer.to_sdp_string(), self.offers_without));
        let (session, answer) = self.open(self.spec_of(kind, client), &offer).unwrap();
        let taken = without(&answer.0, self.answers_without);
        rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(&taken).unwrap()).unwrap();
        let layers = heights
            .iter()
            .zip(rids)
            .map(|(height, rid)| Sent {
                rid: simulcasts.then(|| Rid::from(rid)),
                height: *height,
                // Each stream numbers its packets from elsewhere, as they do.
                seq: 100 + 7_000 * self.clients.len() as u64 + u64::from(*height),
                frame: 0,
                wants_key: true,
                stopped: false,
            })
            .collect();
        let does = Does::Publish {
            who,
            audio,
            video,
            layers,
            audio_seq: 500,
            audio_ts: 480_000,
            audio_every: Duration::from_millis(20),
            obeys: true,
            sends_video: true,
            sends_audio: true,
            measures: true,
            reorders: false,
            padding: 0,
            next_video: self.now,
            next_audio: self.now,
        };
        self.add(
            rtc,
            address,
            does,
            session,
            answer.0,
            vec![(MediaKind::Audio, audio), (MediaKind::Video, video)],
        )
    }

    pub(crate) fn watch(&mut self, page: Page, venue: Option<VenueId>, audio: usize, video: usize) -> usize {
        let spec = self.spec_of(watching(page, venue), Some("w"));
        self.watch_as(spec, audio, video).unwrap()
    }

    pub(crate) fn watch_as(
        &mut self,
        spec: SessionSpec,
        audio: usize,
        video: usize,
    ) -> Result<usize, HopError> {
        let at = self.clock.instant(self.now);
        let mut rtc = client_rtc(at, self.codec);
        let address = self.address();
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let mut changes = rtc.sdp_api();
        let mut mids = Vec::new();
        for (kind, count) in [(MediaKind::Audio, audio), (MediaKind::Video, video)] {
            for _ in 0..count {
                mids.push((kind, changes.add_media(kind, Direction::RecvOnly, None, None, None)));
            }
        }
        let (offer, pending) = changes.apply().unwrap();
        let (session, answer) = self.open(spec, &Sdp(offer.to_sdp_string()))?;
        rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(&answer.0).unwrap()).unwrap();
        Ok(self.add(rtc, address, Does::Watch, session, answer.0, mids))
    }

    fn add(
        &mut self,
        rtc: Rtc,
        address: SocketAddr,
        does: Does,
        session: SessionId,
        answer: String,
        mids: Vec<(MediaKind, Mid)>,
    ) -> usize {
        let timeout = self.clock.instant(self.now);
        self.clients.push(Client {
            rtc,
            codec: self.codec,
            address,
            public: address,
            timeout,
            does,
            session,
            connected: false,
            got: Vec::new(),
            key_requests: Vec::new(),
            mids,
            answer,
            cut: false,
            outbox: VecDeque::new(),
            stun: Vec::new(),
            reports: Vec::new(),
        });
        self.clients.len() - 1
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::new("10.0.1.1".parse().unwrap(), 1_000 + self.clients.len() as u16)
    }

    /// A publisher stops or goes on.
    pub(crate) fn sends(&mut self, client: usize, video: bool, audio: bool) {
        if let Does::Publish { sends_video, sends_audio, .. } = &mut self.clients[client].does {
            *sends_video = video;
            *sends_audio = audio;
        }
    }

    /// Packets of a publisher are larger by so many bytes from now on.
    pub(crate) fn pads(&mut self, client: usize, bytes: usize) {
        if let Does::Publish { padding, .. } = &mut self.clients[client].does {
            *padding = bytes;
        }
    }

    /// A layer of a publisher stops, or goes on.
    pub(crate) fn stops(&mut self, client: usize, layer: usize, yes: bool) {
        if let Does::Publish { layers, .. } = &mut self.clients[client].does {
            layers[layer].stopped = yes;
        }
    }

    /// The first packet of a publisher's key frames goes last, or no longer.
    pub(crate) fn reorders(&mut self, client: usize, yes: bool) {
        if let Does::Publish { reorders, .. } = &mut self.clients[client].does {
            *reorders = yes;
        }
    }

    /// A publisher sends sound so often, as when it is silent and says so (DTX).
    pub(crate) fn speaks_every(&mut self, client: usize, ms: u64) {
        if let Does::Publish { audio_every, next_audio, .. } = &mut self.clients[client].does {
            *audio_every = Duration::from_millis(ms);
            *next_audio = self.now;
        }
    }

    /// The number of the last packet of sound that a publisher sent, or would have sent.
    pub(crate) fn last_spoken(&self, client: usize) -> u32 {
        match &self.clients[client].does {
            Does::Publish { audio_seq, .. } => *audio_seq as u32,
            Does::Watch => 0,
        }
    }

    /// The last frame of a publisher's lowest layer.
    pub(crate) fn frame_of(&self, client: usize) -> u32 {
        match &self.clients[client].does {
            Does::Publish { layers, .. } => layers[0].frame,
            Does::Watch => 0,
        }
    }

    /// A publisher begins its streams anew, under other SSRCs.
    pub(crate) fn begins_anew(&mut self, client: usize) {
        let client = &mut self.clients[client];
        let Does::Publish { audio, video, layers, .. } = &mut client.does else { return };
        let mut direct = client.rtc.direct_api();
        let ssrc = direct.new_ssrc();
        direct.reset_stream_tx(*audio, None, ssrc, None).unwrap();
        for layer in layers {
            let (ssrc, rtx) = (direct.new_ssrc(), direct.new_ssrc());
            direct.reset_stream_tx(*video, layer.rid, ssrc, Some(rtx)).unwrap();
            layer.wants_key = true;
        }
    }

    /// A publisher measures its line with packets of its picture's payload type that belong to no stream.
    pub(crate) fn probes(&mut self, client: usize) {
        let at = self.clock.instant(self.now);
        let client = &mut self.clients[client];
        let Does::Publish { video, .. } = &client.does else { return };
        let video = *video;
        let pt = client.pt(video, Codec::Vp8).unwrap();
        let mut direct = client.rtc.direct_api();
        let stream = direct.declare_stream_tx(0.into(), None, video, Some(Rid::from("p")));
        for n in self.probes..self.probes + 5 {
            stream.write_rtp(RtpWrite::new(pt, u64::from(n + 1).into(), n, at, vec![0; 100]));
        }
        client.rtc.handle_input(Input::Timeout(at)).unwrap();
        client.outbox = client.drain(self.now, self.clock);
        client.rtc.direct_api().remove_stream_tx(0.into());
    }

    /// What that client sends stays on the way for so long, and arrives all at once.
    pub(crate) fn hold_ms(&mut self, client: usize, ms: u64) {
        self.held = Some((client, self.now + Duration::from_millis(ms)));
    }

    /// Sound of a publisher says how loud it is, or does not.
    pub(crate) fn says_levels(&mut self, client: usize, yes: bool) {
        if let Does::Publish { measures, .. } = &mut self.clients[client].does {
            *measures = yes;
        }
    }

    /// A publisher sends packets of its lowest layer with these numbers behind its last, each with that payload.
    pub(crate) fn writes(&mut self, client: usize, ahead: impl Iterator<Item = u64>, payload: &[u8]) {
        let at = self.clock.instant(self.now);
        let client = &mut self.clients[client];
        let codec = if self.codec == VideoCodec::Vp8 { Codec::Vp8 } else { Codec::H264 };
        let Does::Publish { video, layers, .. } = &mut client.does else { return };
        let (video, rid, last, frame) = (*video, layers[0].rid, layers[0].seq, layers[0].frame);
        let pt = client.pt(video, codec).unwrap();
        for ahead in ahead {
            let ts = frame.wrapping_add(ahead as u32).wrapping_mul(2_970);
            let write = RtpWrite::new(pt, (last + ahead).into(), ts, at, payload.to_vec()).marker(true);
            client.rtc.direct_api().stream_tx_by_mid(video, rid).unwrap().write_rtp(write);
        }
        client.rtc.handle_input(Input::Timeout(at)).unwrap();
    }

    /// Packets of media that were sent to a client, and how many of them bore a number that its stream had given before.
    pub(crate) fn sent_to(&self, client: usize) -> (u32, u32) {
        let address = self.clients[client].address;
        let of = self.sealed.iter().filter(|((to, ..), _)| *to == address).map(|(_, times)| *times);
        of.fold((0, 0), |(all, twice), times| (all + times, twice + times - 1))
    }

    /// A publisher takes no notice of key-frame requests, or does again.
    pub(crate) fn obeys(&mut self, client: usize, yes: bool) {
        if let Does::Publish { obeys, layers, .. } = &mut self.clients[client].does {
            *obeys = yes;
            for layer in layers {
                layer.wants_key = false;
            }
        }
    }

    pub(crate) fn run_ms(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        while self.now < end {
            self.step();
            self.now = self.now + Duration::from_millis(1);
        }
    }

    /// The media thread does nothing for so long.
    pub(crate) fn stall_ms(&mut self, ms: u64) {
        self.now = self.now + Duration::from_millis(ms);
    }

    /// One millisecond.
    fn step(&mut self) {
        let now = self.now;
        if self.renews && now >= self.renew_at {
            self.renew_at = now + Duration::from_secs(1);
            let target = self.target.clone();
            self.plane.apply(now, &meeting(), Epoch(1), Sequence(self.sequence), target);
        }
        for n in 0..self.clients.len() {
            self.clients[n].act(now, self.clock);
        }
        self.land(now);
        for _ in 0..6 {
            let mut moved = false;
            for n in 0..self.clients.len() {
                let (address, local) = (self.clients[n].public, self.local);
                for bytes in self.clients[n].drain(now, self.clock) {
                    moved = true;
                    self.sent += 1;
                    self.probes += u32::from(numbers(&bytes).is_some_and(|(ssrc, _)| ssrc == 0));
                    let lost =
                        is_media(&bytes) && self.lose_up_every.is_some_and(|n| self.sent.is_multiple_of(n));
                    if let Some((_, victim)) = self.forges.filter(|(forger, _)| *forger == n && bytes[0] < 2)
                    {
                        self.fly(now, self.clients[victim].address, local, bytes.clone());
                    }
                    let held = self.held.filter(|(held, until)| *held == n && now < *until);
                    if let Some((_, arrives)) = held {
                        self.flights.push(Flight { arrives, to: local, from: address, bytes });
                    } else if !self.clients[n].cut && !lost {
                        self.fly(now, address, local, bytes);
                    }
                }
            }
            self.plane.tick(now);
            let counted = allocation_counter::measure(|| while self.plane.serve(now) {});
            self.allocations += counted.count_total;
            self.hears(now);
            for (path, bytes) in self.takes_out() {
                moved = true;
                self.sent += 1;
                if let Some((ssrc, seq)) = numbers(&bytes) {
                    *self.sealed.entry((path.remote, ssrc, seq)).or_default() += 1;
                }
                let lost = is_media(&bytes) && self.lose_every.is_some_and(|n| self.sent.is_multiple_of(n));
                let lost = lost || self.lose_numbers.is_some_and(|n| self.is_nth(path.remote, &bytes, n));
                if !lost && self.clear_down {
                    self.arrive(now, path.local, path.remote, &bytes);
                } else if !lost {
                    self.fly(now, path.local, path.remote, bytes);
                }
            }
            if !moved {
                break;
            }
        }
    }

    /// Counted from the first of its stream, it is one whose number `n` divides: of any two that are sent the same, the same.
    fn is_nth(&mut self, to: SocketAddr, bytes: &[u8], n: u16) -> bool {
        let Some((ssrc, seq)) = numbers(bytes) else { return false };
        let first = *self.firsts.entry((to, ssrc)).or_insert(seq);
        seq != first && seq.wrapping_sub(first).is_multiple_of(n)
    }

    fn fly(&mut self, now: Mono, from: SocketAddr, to: SocketAddr, bytes: Vec<u8>) {
        match &mut self.weather {
            None => self.arrive(now, from, to, &bytes),
            Some(weather) => {
                if let Some(arrives) = weather.arrival(now) {
                    self.flights.push(Flight { arrives, to, from, bytes });
                }
            }
        }
    }

    fn land(&mut self, now: Mono) {
        let (landed, flying) = std::mem::take(&mut self.flights).into_iter().partition(|f| f.arrives <= now);
        self.flights = flying;
        let landed: Vec<Flight> = landed;
        for Flight { to, from, bytes, .. } in landed {
            self.arrive(now, from, to, &bytes);
        }
    }

    fn arrive(&mut self, now: Mono, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        if to == self.local {
            self.plane.on_datagram(now, Path { local: self.local, remote: from }, bytes);
        } else if let Some(client) = self.clients.iter_mut().find(|c| c.public == to && !c.cut) {
            client.receive(now, self.clock, from, bytes);
        }
    }

    /// A datagram comes under that address, from whomever. Answers how many go out because of it.
    pub(crate) fn inject(&mut self, remote: SocketAddr, bytes: &[u8]) -> usize {
        self.plane.on_datagram(self.now, Path { local: self.local, remote }, bytes);
        self.hears(self.now);
        self.takes_out().iter().filter(|(path, _)| path.remote == remote).count()
    }

    /// A watcher wants a key frame of its first picture.
    pub(crate) fn asks_for_key_frame(&mut self, client: usize) {
        let client = &mut self.clients[client];
        let mid = client.mids.iter().find(|(kind, _)| *kind == MediaKind::Video).unwrap().1;
        let mut direct = client.rtc.direct_api();
        let stream = direct.stream_rx_by_mid(mid, None).unwrap();
        stream.request_keyframe(KeyframeRequestKind::Pli);
    }

    /// Who seals what is sent to those who watch from now on.
    pub(crate) fn seals(&mut self, seals: Seals) {
        self.doorman = Doorman::new(self.clock, vec![self.local], seals);
    }

    /// Opens a session.
    pub(crate) fn open(&mut self, spec: SessionSpec, offer: &Sdp) -> Result<(SessionId, Sdp), HopError> {
        let taken = self.doorman.take(self.now, &spec, offer)?;
        self.plane.open(self.now, spec, taken)
    }

    /// Notes what the plane has told.
    fn hears(&mut self, now: Mono) {
        while let Some(report) = self.plane.poll_report() {
            if let HopReport::Of { what, .. } = report {
                self.told.push((now, what));
            }
        }
    }

    /// Datagrams that go out.
    fn takes_out(&mut self) -> Vec<(Path, Vec<u8>)> {
        let batch = self.plane.batch();
        let runs = (0..batch.runs()).map(|n| batch.run(n));
        let of = |run: RunView<'_>| {
            let path = Path { local: run.local, remote: run.to };
            run.datagrams().map(|bytes| (path, bytes.to_vec())).collect::<Vec<_>>()
        };
        let datagrams = runs.flat_map(of).collect();
        batch.clear();
        datagrams
    }

    /// Facts and when each was told.
    pub(crate) fn facts(&self) -> impl DoubleEndedIterator<Item = (Mono, &Fact)> {
        self.told.iter().filter_map(|(at, what)| match what {
            What::Fact(fact) => Some((*at, fact)),
            What::Measure(_) => None,
        })
    }

    /// What was measured, in order.
    pub(crate) fn measures(&self) -> impl Iterator<Item = &Measure> {
        self.told.iter().filter_map(|(_, what)| match what {
            What::Fact(_) => None,
            What::Measure(measure) => Some(measure),
        })
    }

    pub(crate) fn shown(&self) -> Vec<Scene> {
        self.facts()
            .filter_map(|(_, e)| match e {
                Fact::Shown { scene, .. } => Some(scene.clone()),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn closed(&self, session: SessionId) -> Option<CloseReason> {
        self.facts().find_map(|(_, e)| match e {
            Fact::Session { session: s, change: SessionChange::Closed(why), .. } if *s == session => {
                Some(*why)
            }
            _ => None,
        })
    }

    pub(crate) fn gates(&self) -> Vec<(VenueId, bool)> {
        self.facts()
            .filter_map(|(_, e)| match e {
                Fact::Gate { venue, open, .. } => Some((venue.clone(), *open)),
                _ => None,
            })
            .collect()
    }
}

/// RTP, and neither STUN, DTLS nor RTCP.
fn is_media(bytes: &[u8]) -> bool {
    bytes.len() > 40 && bytes[0] >> 6 == 2 && !(64..96).contains(&(bytes[1] & 0x7f))
}

/// A description less the lines with one of these in it.
fn without(sdp: &str, words: &[&str]) -> String {
    let kept = sdp.lines().filter(|line| !words.iter().any(|word| line.contains(word)));
    kept.map(|line| format!("{line}\r\n")).collect()
}

/// A packet of sound, and its level.
fn sound(who: u8, n: u32, padding: usize, measures: bool) -> (Vec<u8>, ExtensionValues) {
    let mut payload = vec![0xf8, who, 1, 1];
    payload.extend_from_slice(&n.to_be_bytes());
    payload.resize(payload.len() + padding, 0);
    let mut ext = ExtensionValues::default();
    if measures {
        (ext.audio_level, ext.voice_activity) = (Some(-20), Some(true));
    }
    (payload, ext)
}

/// SSRC and sequence number of RTP.
fn numbers(bytes: &[u8]) -> Option<(u32, u16)> {
    let [b0, b1, s0, s1, _, _, _, _, ssrc @ ..] = bytes else { return None };
    let rtp = b0 >> 6 == 2 && !(64..96).contains(&(b1 & 0x7f));
    let ssrc = ssrc.first_chunk().filter(|_| rtp)?;
    Some((u32::from_be_bytes(*ssrc), u16::from_be_bytes([*s0, *s1])))
}

fn client_rtc(at: Instant, codec: VideoCodec) -> Rtc {
    let rtc = Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false);
    match codec {
        VideoCodec::Vp8 => rtc.enable_vp8(true).build(at),
        VideoCodec::H264 => rtc.enable_h264(true).build(at),
    }
}

impl Client {
    /// Packets of the n-th slot of a kind.
    pub(crate) fn slot(&self, kind: MediaKind, n: usize) -> Vec<&Got> {
        let mid = self.mids.iter().filter(|(k, _)| *k == kind).nth(n).unwrap().1;
        self.got.iter().filter(|g| g.mid == mid).collect()
    }

    /// Bodies of the n-th video slot, in the order of their numbers.
    pub(crate) fn bodies(&self, n: usize) -> Vec<(u64, Option<Body>)> {
        let mut bodies: Vec<_> = self
            .slot(MediaKind::Video, n)
            .iter()
            .map(|g| (g.seq, Body::read(self.codec, &g.payload)))
            .collect();
        bodies.sort_by_key(|(seq, _)| *seq);
        bodies
    }

    /// Publishers whose sound the n-th slot carried since `from`.
    pub(crate) fn voices(&self, n: usize, from: Mono) -> Vec<u8> {
        let mut who: Vec<u8> = self
            .slot(MediaKind::Audio, n)
            .iter()
            .filter(|g| g.at >= from && g.payload.len() == 8)
            .map(|g| g.payload[1])
            .collect();
        who.sort_unstable();
        who.dedup();
        who
    }

    pub(crate) fn pt(&self, mid: Mid, codec: Codec) -> Option<Pt> {
        let pts = self.rtc.media(mid)?.remote_pts().to_vec();
        Some(self.rtc.codec_config().find(|p| p.spec().codec == codec && pts.contains(&p.pt()))?.pt())
    }

    fn receive(&mut self, now: Mono, clock: Clock, from: SocketAddr, bytes: &[u8]) {
        let receive = Receive::new(Protocol::Udp, from, self.address, bytes).unwrap();
        self.rtc.handle_input(Input::Receive(clock.instant(now), receive)).unwrap();
        // str0m in RTP mode keeps one packet until it is polled.
        let out = self.drain(now, clock);
        self.outbox.extend(out);
    }

    fn act(&mut self, now: Mono, clock: Clock) {
        let at = clock.instant(now);
        if at >= self.timeout {
            self.rtc.handle_input(Input::Timeout(at)).unwrap();
        }
        if !self.connected || !matches!(self.does, Does::Publish { .. }) {
            return;
        }
        let codec = self.codec;
        let picture = match codec {
            VideoCodec::Vp8 => Codec::Vp8,
            VideoCodec::H264 => Codec::H264,
        };
        let of = |kind: MediaKind| if kind == MediaKind::Audio { Codec::Opus } else { picture };
        let pts: Vec<Pt> = self.mids.iter().map(|(k, m)| self.pt(*m, of(*k)).unwrap()).collect();
        let Does::Publish {
            who,
            audio,
            video,
            layers,
            audio_seq,
            audio_ts,
            audio_every,
            sends_video,
            sends_audio,
            measures,
            reorders,
            padding,
            next_video,
            next_audio,
            ..
        } = &mut self.does
        else {
            return;
        };
        if now >= *next_audio {
            *next_audio = now + *audio_every;
            *audio_seq += 1;
            *audio_ts = audio_ts.wrapping_add(audio_every.as_millis() as u32 * 48);
            if *sends_audio {
                let (payload, ext) = sound(*who, *audio_seq as u32, *padding, *measures);
                let write = RtpWrite::new(pts[0], (*audio_seq).into(), *audio_ts, at, payload).ext_vals(ext);
                self.rtc.direct_api().stream_tx_by_mid(*audio, None).unwrap().write_rtp(write);
            }
        }
        if now >= *next_video {
            *next_video = now + Duration::from_millis(33);
            for (n, layer) in layers.iter_mut().enumerate() {
                if !*sends_video || layer.stopped {
                    continue;
                }
                layer.frame += 1;
                let first = layer.seq + 1;
                layer.seq += u64::from(PARTS);
                let mut parts: Vec<u8> = (0..PARTS).collect();
                parts.rotate_left(usize::from(*reorders && layer.wants_key));
                for part in parts {
                    let key = layer.wants_key && part == 0;
                    let b = Body { who: *who, layer: n as u8, frame: layer.frame, key, part };
                    let mut payload = payload(codec, b, layer.height);
                    payload.resize(payload.len() + *padding, 0);
                    let ts = layer.frame.wrapping_mul(2_970);
                    let write = RtpWrite::new(pts[1], (first + u64::from(part)).into(), ts, at, payload)
                        .marker(part == PARTS - 1)
                        .nackable(true);
                    self.rtc.direct_api().stream_tx_by_mid(*video, layer.rid).unwrap().write_rtp(write);
                }
                layer.wants_key = false;
            }
        }
        self.rtc.handle_input(Input::Timeout(at)).unwrap();
    }

    fn drain(&mut self, now: Mono, _: Clock) -> VecDeque<Vec<u8>> {
        let mut out = std::mem::take(&mut self.outbox);
        loop {
            match self.rtc.poll_output().unwrap() {
                RtcOutput::Timeout(at) => {
                    self.timeout = at;
                    return out;
                }
                RtcOutput::Transmit(t) => {
                    if t.contents.starts_with(&[0, 1]) {
                        self.stun = t.contents.to_vec();
                    }
                    out.push_back(t.contents.to_vec());
                }
                RtcOutput::Event(Event::Connected) => self.connected = true,
                RtcOutput::Event(Event::RtpPacket(p)) => {
                    let mid = self.rtc.direct_api().stream_rx(&p.header.ssrc).unwrap().mid();
                    self.got.push(Got {
                        at: now,
                        mid,
                        ssrc: *p.header.ssrc,
                        pt: *p.header.payload_type,
                        marker: p.header.marker,
                        seq: *p.seq_no,
                        ts: p.header.timestamp,
                        payload: p.payload.to_vec(),
                    });
                }
                RtcOutput::Event(Event::KeyframeRequest(request)) => {
                    self.key_requests.push(now);
                    if let Does::Publish { layers, obeys: true, .. } = &mut self.does {
                        for layer in layers.iter_mut().filter(|l| l.rid == request.rid) {
                            layer.wants_key = true;
                        }
                    }
                }
                RtcOutput::Event(Event::SenderFeedback(f)) => {
                    let info = f.sender_info;
                    self.reports.push((f.mid, info.ntp_time, info.rtp_time.numer() as u32));
                }
                RtcOutput::Event(_) => {}
            }
        }
    }
}
