//! A bot's side of the control protocol, without IO: says hello, takes snapshots and deltas, obeys its gate, reports itself,
//! and asks to speak now and then.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use base::random::Random;
use base::{ClientId, CommandKey, Mono, SourceId, VenueId};
use wire::{
    Act, CameraReport, ClientFrame, Codec, ErrorCode, Gate, MicrophoneReport, Phase, Report, Sections,
    ServerFrame, SoundReport, SourceSection, VERSION,
};

/// A connection that says nothing for so long is dead: the server ticks each second.
const SILENCE_US_MAX: u64 = 5_000_000;
/// Between two reports.
const REPORT_US: u64 = 5_000_000;
/// A source that another page took is free when nobody has published it for so long.
const FREE_US: u64 = 5_000_000;
/// Frames and events kept for a caller that does not ask.
const KEPT_MAX: usize = 256;
/// Bots in a meeting whose queue has about six requests with [`Whims::DEMO`]; more bots ask less often.
const BOTS_AT_EASE: u64 = 24;

/// How often a bot asks to speak, in seconds; each time is drawn between the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whims {
    /// From nothing to a request.
    pub raise_s: (u64, u64),
    /// From a request to its withdrawal, if nobody gave the floor.
    pub withdraw_s: (u64, u64),
}

impl Whims {
    /// For a demonstration.
    pub const DEMO: Self = Self { raise_s: (20, 900), withdraw_s: (60, 240) };

    /// Slower, when there are many bots.
    #[must_use]
    pub fn among(self, bots: usize) -> Self {
        let slow = (bots as u64).div_ceil(BOTS_AT_EASE).max(1);
        Self { raise_s: (self.raise_s.0 * slow, self.raise_s.1 * slow), ..self }
    }
}

/// What a bot brings to the control connection.
#[derive(Debug, Clone)]
pub struct ControlSpec {
    /// Its venue.
    pub venue: VenueId,
    /// The token of its link.
    pub token: String,
    /// Whether and how often it asks to speak.
    pub whims: Option<Whims>,
    /// Its microphone sends whatever its gate: it reports so.
    pub hostile: bool,
    /// Size of its first camera; none without media.
    pub camera: Option<CameraReport>,
    /// For whims and levels.
    pub seed: u64,
    /// Differs from one life of the bots to the next: it is in the keys of commands, which must not come again.
    pub life: u64,
}

/// What its owner must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlEvent {
    /// The snapshot came and was acknowledged: media may be opened under this client's name.
    Welcome {
        /// The name.
        client: ClientId,
        /// Life of the server process: sessions opened in an earlier one are gone.
        boot: String,
        /// The meeting's codec.
        codec: Codec,
    },
    /// The microphone's gate opened or closed.
    Gate(bool),
    /// Another page publishes that source; its session must not come back before that page has left.
    Replaced(SourceId),
    /// The page that took that source has left it: it may be published again.
    Free(SourceId),
    /// The server refused the bot itself. It may try again later.
    Rejected(ErrorCode),
}

/// A bot's control connection, over reconnects.
#[derive(Debug)]
pub struct Control {
    spec: ControlSpec,
    rng: Random,
    client: Option<ClientId>,
    /// Boot and revision of what it has; none until a snapshot came over this connection.
    have: Option<(String, u64)>,
    phase: Phase,
    codec: Codec,
    chair: Option<VenueId>,
    gate: bool,
    waits: bool,
    speaking: bool,
    /// Sources that other pages took, and since when nobody is seen to publish them.
    taken: BTreeMap<SourceId, Option<Mono>>,
    /// Sources of the venue that nobody publishes, as it was told last.
    unpublished: BTreeSet<SourceId>,
    heard: Mono,
    report_at: Mono,
    whim_at: Mono,
    keys: u64,
    frames: VecDeque<ClientFrame>,
    events: VecDeque<ControlEvent>,
}

impl Control {
    /// A control side that is not connected.
    #[must_use]
    pub fn new(now: Mono, spec: ControlSpec) -> Self {
        let mut rng = Random::new(spec.seed);
        let whim_at = spec.whims.map_or(now, |w| later(now, &mut rng, w.raise_s));
        Self {
            spec,
            rng,
            client: None,
            have: None,
            phase: Phase::Waiting,
            codec: Codec::Vp8,
            chair: None,
            gate: false,
            waits: false,
            speaking: false,
            taken: BTreeMap::new(),
            unpublished: BTreeSet::new(),
            heard: now,
            report_at: now,
            whim_at,
            keys: 0,
            frames: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    /// A connection opened: hello is the first frame. The name of an earlier connection is said again.
    pub fn connected(&mut self, now: Mono) {
        self.have = None;
        self.heard = now;
        // Nobody knows who came and left while there was no connection.
        self.taken.values_mut().for_each(|quiet| *quiet = None);
        self.unpublished.clear();
        self.frames.clear();
        let hello = ClientFrame::Hello {
            v: VERSION,
            token: self.spec.token.clone(),
            client: self.client.clone(),
            have: None,
        };
        self.frames.push_back(hello);
    }

    /// A frame came.
    pub fn frame(&mut self, now: Mono, frame: ServerFrame) {
        self.heard = now;
        match frame {
            ServerFrame::Snapshot { boot, rev, client, state, .. } => {
                self.client = Some(client.clone());
                self.have = Some((boot.clone(), rev));
                self.take(now, &state);
                self.say(ClientFrame::Ready { rev });
                self.report(now);
                self.tell(ControlEvent::Welcome { client, boot, codec: self.codec });
            }
            ServerFrame::Delta { boot, from, to, set } => match &mut self.have {
                Some((have, rev)) if *have == boot && *rev == from => {
                    *rev = to;
                    self.take(now, &set);
                }
                Some(_) => {
                    self.have = None;
                    self.say(ClientFrame::Resync);
                }
                // A snapshot was asked for and is on its way.
                None => {}
            },
            ServerFrame::Replaced { source } => {
                let quiet = self.unpublished.contains(&source).then_some(now);
                self.taken.insert(source.clone(), quiet);
                self.tell(ControlEvent::Replaced(source));
            }
            ServerFrame::Error { code, detail } => {
                tracing::debug!(venue = %self.spec.venue, %code, detail, "a bot was refused");
                self.tell(ControlEvent::Rejected(code));
            }
            // A request that is refused has lost a race with somebody else; what holds now comes as a delta.
            ServerFrame::Tick { .. }
            | ServerFrame::Ack { .. }
            | ServerFrame::ClosedUnlogged { .. }
            | ServerFrame::Refused { .. } => {}
        }
    }

    /// Time passed: reports, whims, and sources that are free again.
    pub fn tick(&mut self, now: Mono) {
        if self.have.is_none() {
            return;
        }
        if now >= self.report_at {
            self.report(now);
        }
        if let Some(whims) = self.spec.whims
            && now >= self.whim_at
        {
            self.whim(now, whims);
        }
        let free = |quiet: &Option<Mono>| quiet.is_some_and(|since| now.0 >= since.0 + FREE_US);
        while let Some(source) = self.taken.iter().find(|(_, quiet)| free(quiet)).map(|(id, _)| id.clone()) {
            self.taken.remove(&source);
            self.tell(ControlEvent::Free(source));
        }
    }

    /// Whether the connection must be given up.
    #[must_use]
    pub const fn dead(&self, now: Mono) -> bool {
        now.0 > self.heard.0 + SILENCE_US_MAX
    }

    /// The next frame to send.
    pub fn next_frame(&mut self) -> Option<ClientFrame> {
        self.frames.pop_front()
    }

    /// The next thing that its owner must know.
    pub fn next_event(&mut self) -> Option<ControlEvent> {
        self.events.pop_front()
    }

    /// Whether the microphone may send.
    #[must_use]
    pub const fn gate(&self) -> bool {
        self.gate
    }

    fn take(&mut self, now: Mono, sections: &Sections) {
        if let Some(meeting) = &sections.meeting {
            self.phase = meeting.phase;
            self.codec = meeting.codec;
            self.chair = Some(meeting.chair_venue.clone());
        }
        let Some(own) = sections.venues.get(&self.spec.venue) else { return };
        let free = own.sources.iter().filter(|source| !taken(source));
        self.unpublished = free.map(|source| source.id.clone()).collect();
        for source in &own.sources {
            if let Some(quiet) = self.taken.get_mut(&source.id) {
                *quiet = if taken(source) { None } else { quiet.or(Some(now)) };
            }
        }
        let waited = self.waits || self.speaking;
        self.waits = own.hand.is_some();
        self.speaking = own.speaking;
        if waited != (self.waits || self.speaking)
            && let Some(whims) = self.spec.whims
        {
            let range = if waited { whims.raise_s } else { whims.withdraw_s };
            self.whim_at = later(now, &mut self.rng, range);
        }
        // Both must agree to open: the log grants first, and the hop closes first.
        let gate = own.lease && own.gate == Gate::Open;
        if gate != self.gate {
            self.gate = gate;
            self.tell(ControlEvent::Gate(gate));
            self.report(now);
        }
    }

    fn whim(&mut self, now: Mono, whims: Whims) {
        // If nothing comes of it, it is thought of again after as long as a request waits.
        self.whim_at = later(now, &mut self.rng, whims.withdraw_s);
        let chairs = self.chair.as_ref() == Some(&self.spec.venue);
        if self.phase != Phase::Live || chairs || self.speaking || self.gate {
            return;
        }
        let act = if self.waits { Act::Withdraw {} } else { Act::Raise { person: None, kind: None } };
        self.keys += 1;
        // A venue's id may be as long as a key, so its end is kept.
        let key = format!("{}-{:x}-{}", self.spec.venue.as_str(), self.spec.life, self.keys);
        if let Ok(key) = CommandKey::new(&key[key.len().saturating_sub(base::id::ID_BYTES_MAX)..]) {
            self.say(ClientFrame::Cmd { key, r#do: act, seen: None });
        }
    }

    fn report(&mut self, now: Mono) {
        self.report_at = Mono(now.0 + REPORT_US);
        let microphone = match (self.spec.camera.is_some(), self.gate || self.spec.hostile) {
            (false, _) => MicrophoneReport::Missing,
            (true, true) => MicrophoneReport::Open,
            (true, false) => MicrophoneReport::Closed,
        };
        let level = i8::try_from(self.rng.between(24, 55)).map_or(-40, |level| -level);
        self.say(ClientFrame::Report(Report {
            level: self.spec.camera.map(|_| level),
            microphone: Some(microphone),
            sound: Some(SoundReport::On),
            hidden: Some(false),
            camera: self.spec.camera,
            camera_fault: None,
        }));
    }

    fn say(&mut self, frame: ClientFrame) {
        if self.frames.len() < KEPT_MAX {
            self.frames.push_back(frame);
        }
    }

    fn tell(&mut self, event: ControlEvent) {
        if self.events.len() < KEPT_MAX {
            self.events.push_back(event);
        }
    }
}

/// Somebody publishes a source: a page that has a session, though no picture of it comes yet, or whoever sends one.
fn taken(source: &SourceSection) -> bool {
    source.live || source.published_by.is_some()
}

fn later(now: Mono, rng: &mut Random, seconds: (u64, u64)) -> Mono {
    Mono(now.0 + rng.between(seconds.0 * 1_000_000, seconds.1 * 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(gate: &str, lease: bool, hand: Option<u32>) -> serde_json::Value {
        serde_json::json!({
            "state": "ok", "reason": null, "since": null, "tally": "none", "gate": gate, "lease": lease, "withheld": false,
            "lease_until": null, "hand": hand, "speaking": false, "quality": "good", "returned": {"kind": "slate"}, "sources": [], "dropped": 0, "report": null,
        })
    }

    fn snapshot(boot: &str, rev: u64, own: serde_json::Value) -> ServerFrame {
        let frame = serde_json::json!({
            "k": "snapshot", "boot": boot, "rev": rev, "client": "c7", "at": 0,
            "state": {
                "meeting": {
                    "id": "m", "title": {"zh": "", "en": ""}, "phase": "live", "planned_start": null, "started_at": 0, "ended_at": null,
                    "chair_venue": "main", "chair": null, "contact": null, "codec": "h264", "zone": "UTC",
                    "log": "ok", "cause": null, "log_since": null,
                },
                "venue:v1": own,
            },
            "you": {"role": "venue", "venue": "v1", "may": []},
        });
        serde_json::from_value(frame).unwrap()
    }

    fn delta(from: u64, to: u64, own: serde_json::Value) -> ServerFrame {
        let frame =
            serde_json::json!({"k": "delta", "boot": "b1", "from": from, "to": to, "set": {"venue:v1": own}});
        serde_json::from_value(frame).unwrap()
    }

    fn control(whims: Option<Whims>) -> Control {
        let camera = Some(CameraReport { width: 640, height: 360, fps: 12 });
        let venue = VenueId::new("v1").unwrap();
        Control::new(
            Mono(0),
            ControlSpec { venue, token: "t".into(), whims, hostile: false, camera, seed: 1, life: 1 },
        )
    }

    fn frames(control: &mut Control) -> Vec<ClientFrame> {
        std::iter::from_fn(|| control.next_frame()).collect()
    }

    fn events(control: &mut Control) -> Vec<ControlEvent> {
        std::iter::from_fn(|| control.next_event()).collect()
    }

    #[test]
    fn the_gate_opens_when_log_and_hop_agree_and_closes_when_either_does_not() {
        let mut c = control(None);
        c.connected(Mono(0));
        assert!(matches!(frames(&mut c)[..], [ClientFrame::Hello { client: None, .. }]));
        c.frame(Mono(1), snapshot("b1", 4, section("closed", false, None)));
        assert!(matches!(frames(&mut c)[..], [ClientFrame::Ready { rev: 4 }, ClientFrame::Report(_)]));
        assert!(matches!(&events(&mut c)[..], [ControlEvent::Welcome { codec: Codec::H264, .. }]));
        c.frame(Mono(2), delta(4, 5, section("closed", true, None)));
        assert!(!c.gate());
        c.frame(Mono(3), delta(5, 6, section("open", true, None)));
        c.frame(Mono(4), delta(6, 9, section("closed", true, None)));
        assert_eq!(events(&mut c), [ControlEvent::Gate(true), ControlEvent::Gate(false)]);
        let microphone = |frame: &ClientFrame| match frame {
            ClientFrame::Report(report) => report.microphone,
            ClientFrame::Hello { .. }
            | ClientFrame::Ready { .. }
            | ClientFrame::Resync
            | ClientFrame::Cmd { .. }
            | ClientFrame::View { .. } => None,
        };
        let reports: Vec<_> = frames(&mut c).iter().map(microphone).collect();
        assert_eq!(reports, [Some(MicrophoneReport::Open), Some(MicrophoneReport::Closed)]);
    }

    #[test]
    fn a_gap_is_answered_by_one_resync_and_the_name_is_kept_over_reconnects() {
        let mut c = control(None);
        c.connected(Mono(0));
        c.frame(Mono(1), snapshot("b1", 4, section("closed", false, None)));
        frames(&mut c);
        c.frame(Mono(2), delta(5, 6, section("open", true, None)));
        c.frame(Mono(3), delta(6, 7, section("open", true, None)));
        assert!(matches!(frames(&mut c)[..], [ClientFrame::Resync]));
        assert!(!c.gate());
        assert!(!c.dead(Mono(5_000_000)) && c.dead(Mono(5_000_004)));
        c.connected(Mono(9));
        let [ClientFrame::Hello { client: Some(client), .. }] = &frames(&mut c)[..] else {
            panic!("no hello")
        };
        assert_eq!(client.as_str(), "c7");
    }

    /// The section of a venue, one of whose sources is live or not.
    fn sourced(live: bool) -> serde_json::Value {
        let mut own = section("closed", false, None);
        own["sources"] = serde_json::json!([{"id": "v1.1", "tally": "none", "live": live, "layers": [], "published_by": null}]);
        own
    }

    /// What a bot is told to do, second by second, after another page took its source and said this of it at these seconds.
    fn after_a_takeover(said: &[(u64, bool)], seconds: u64) -> Vec<(u64, ControlEvent)> {
        let mut c = control(None);
        c.connected(Mono(0));
        c.frame(Mono(0), snapshot("b1", 1, sourced(true)));
        c.frame(Mono(0), ServerFrame::Replaced { source: SourceId::new("v1.1").unwrap() });
        events(&mut c);
        let (mut told, mut rev) = (Vec::new(), 1);
        for second in 1..=seconds {
            let now = Mono(second * 1_000_000);
            for (_, live) in said.iter().filter(|(at, _)| *at == second) {
                c.frame(now, delta(rev, rev + 1, sourced(*live)));
                rev += 1;
            }
            c.tick(now);
            told.extend(events(&mut c).into_iter().map(|event| (second, event)));
        }
        told
    }

    #[test]
    fn a_source_that_a_page_took_is_free_five_seconds_after_it_fell_silent() {
        let free = |second| (second, ControlEvent::Free(SourceId::new("v1.1").unwrap()));
        assert_eq!(after_a_takeover(&[(10, false)], 60), [free(15)]);
        // While somebody publishes it, and where nothing is told of it, it is not.
        assert_eq!(after_a_takeover(&[], 60), []);
        // A page that is reloaded, or whose line breaks, comes back.
        assert_eq!(after_a_takeover(&[(10, false), (14, true)], 60), []);
        assert_eq!(after_a_takeover(&[(10, false), (14, true), (20, false), (22, false)], 60), [free(25)]);
    }

    #[test]
    fn a_page_that_has_a_session_and_sends_no_picture_yet_keeps_its_source() {
        let mut c = control(None);
        c.connected(Mono(0));
        c.frame(Mono(0), snapshot("b1", 1, sourced(true)));
        c.frame(Mono(0), ServerFrame::Replaced { source: SourceId::new("v1.1").unwrap() });
        let mut waits = sourced(false);
        waits["sources"][0]["published_by"] = "c9".into();
        c.frame(Mono(1), delta(1, 2, waits));
        events(&mut c);
        c.tick(Mono(60_000_000));
        assert_eq!(events(&mut c), []);
    }

    #[test]
    fn what_a_bot_did_not_see_of_a_source_for_want_of_a_connection_does_not_count() {
        let mut c = control(None);
        c.connected(Mono(0));
        c.frame(Mono(0), snapshot("b1", 1, sourced(false)));
        c.frame(Mono(0), ServerFrame::Replaced { source: SourceId::new("v1.1").unwrap() });
        c.frame(Mono(1), delta(1, 2, sourced(false)));
        c.connected(Mono(4_000_000));
        // It is told again who took its source, after the state.
        c.frame(Mono(4_000_000), snapshot("b2", 1, sourced(false)));
        c.frame(Mono(4_000_000), ServerFrame::Replaced { source: SourceId::new("v1.1").unwrap() });
        events(&mut c);
        c.tick(Mono(8_900_000));
        assert_eq!(events(&mut c), []);
        c.tick(Mono(9_000_000));
        assert_eq!(events(&mut c), [ControlEvent::Free(SourceId::new("v1.1").unwrap())]);
    }

    #[test]
    fn a_bot_asks_to_speak_and_takes_it_back_when_nobody_listens() {
        let mut c = control(Some(Whims { raise_s: (10, 20), withdraw_s: (30, 40) }));
        c.connected(Mono(0));
        c.frame(Mono(1), snapshot("b1", 1, section("closed", false, None)));
        let acts = |c: &mut Control| {
            let command =
                |frame| if let ClientFrame::Cmd { r#do, key, .. } = frame { Some((r#do, key)) } else { None };
            let commands = frames(c).into_iter().filter_map(command);
            commands.collect::<Vec<_>>()
        };
        c.tick(Mono(9_000_000));
        assert!(acts(&mut c).is_empty());
        c.tick(Mono(20_000_002));
        let raised = acts(&mut c);
        assert!(matches!(raised[..], [(Act::Raise { person: None, kind: None }, _)]));
        c.frame(Mono(20_000_003), delta(1, 2, section("closed", false, Some(1))));
        c.tick(Mono(49_000_000));
        assert!(acts(&mut c).is_empty());
        c.tick(Mono(61_000_000));
        let withdrawn = acts(&mut c);
        assert!(matches!(withdrawn[..], [(Act::Withdraw {}, _)]));
        assert_ne!(raised[0].1, withdrawn[0].1);
        // Who speaks asks for nothing.
        c.frame(Mono(61_000_001), delta(2, 3, section("open", true, None)));
        c.tick(Mono(900_000_000));
        assert!(acts(&mut c).is_empty());
    }
}
