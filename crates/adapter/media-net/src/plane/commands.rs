//! What control asks for.

use std::net::SocketAddr;

use base::limits::{SOURCES_PER_VENUE_MAX, VENUES_MAX};
use base::{ClientId, Epoch, MeetingId, Mono, Sequence, SessionId, SourceId, VenueId};
use media::anchor::Splice;
use media::budget::Why;
use media::gates::Change;
use media::layers::LayerCap;
use media::mix::SOUND_SLOTS;
use media::switcher::Switcher;
use service::port::hop::{
    CloseReason, Fact, HopError, MediaTarget, Sdp, SessionKind, SessionSpec, VideoCodec,
};
use str0m::Rtc;

use super::{CODECS, HALF_OPEN_MAX, Plane, Publisher, Role, Session, Subscriber, guard};
use crate::downlink::StrDownlink;
use crate::keys::{MeetingKey, TrackKey, VoiceKey};
use crate::meeting::{Meeting, Venue};
use crate::ring::Owner;
use crate::sdp::{self, Lines, Offer};
use crate::track::Track;
use crate::transport::accept;
use crate::uplink::Uplink;

/// Clients of a meeting that may choose sources for their lines.
const VIEWS_MAX: usize = 64;
/// Meetings of one node.
const MEETINGS_MAX: usize = 256;

impl Plane {
    /// Opens a session: its id and the answer to its offer.
    ///
    /// # Errors
    /// Names the limit that is reached, or what is wrong with the offer.
    pub(crate) fn open(
        &mut self,
        now: Mono,
        spec: SessionSpec,
        offer: &Sdp,
    ) -> Result<(SessionId, Sdp), HopError> {
        let want = match &spec.kind {
            SessionKind::Publish { .. } => Lines::Publish,
            SessionKind::Watch { wishes, .. } if wishes.chooses.is_some() => Lines::Wall,
            SessionKind::Watch { .. } => Lines::Watch,
        };
        let offer = sdp::read(&offer.0, want)?;
        if self.sessions.len() >= self.sessions_max || self.half_open >= HALF_OPEN_MAX {
            return Err(HopError::Full(self.sessions.len()));
        }
        let at = self.clock.instant(now);
        let accepted = guard(|| accept(at, self.cert.as_ref(), spec.codec, want, &offer, &self.addresses));
        let (rtc, answer) =
            accepted.unwrap_or_else(|| Err(HopError::BadOffer("it could not be processed".to_owned())))?;
        let Some(ufrag) = answer.lines().find_map(|l| l.strip_prefix("a=ice-ufrag:")).map(str::to_owned)
        else {
            return Err(HopError::BadOffer("no ICE credentials came of it".to_owned()));
        };
        let meeting = self.meeting(now, &spec.meeting).ok_or(HopError::Full(MEETINGS_MAX))?;
        self.set_codec(now, meeting, spec.codec);
        self.last_id += 1;
        let id = SessionId(self.last_id);
        let role = self.role(now, meeting, &spec, rtc, &offer).ok_or(HopError::Full(self.sessions.len()))?;
        let session = Session {
            id,
            meeting,
            kind: spec.kind,
            client: spec.client,
            admitted: spec.admitted,
            connected: false,
            opened: now,
            heard: now,
            ufrag: ufrag.clone(),
            addresses: Vec::<SocketAddr>::new(),
            handshakes_waiting: 0,
            trouble: None,
            role,
            #[cfg(test)]
            fault: false,
        };
        let number = self.sessions.insert(Box::new(session));
        self.half_open += 1;
        self.session_keys.insert(id, number);
        self.ufrags.insert(ufrag, number);
        self.deadlines.insert(number, now);
        Ok((id, Sdp(answer)))
    }

    fn role(
        &mut self,
        now: Mono,
        meeting: MeetingKey,
        spec: &SessionSpec,
        rtc: Rtc,
        offer: &Offer,
    ) -> Option<Role> {
        match &spec.kind {
            SessionKind::Publish { source, venue } => {
                let track = self.track(meeting, source)?;
                let voice = self.voice(meeting, venue)?;
                let up = Uplink::new(self.clock, now, rtc, &offer.lines);
                Some(Role::Publish(Box::new(Publisher { up, track, voice })))
            }
            SessionKind::Watch { venue, .. } => {
                let own = match venue {
                    Some(venue) => Some(self.voice(meeting, venue)?),
                    None => None,
                };
                let seed = (self.last_id as u32).wrapping_mul(0x85eb_ca6b) ^ now.0 as u32;
                let down = StrDownlink::new(self.clock, now, rtc, &offer.lines, spec.codec, seed);
                Some(Role::Watch(Subscriber {
                    down: Box::new(down),
                    own,
                    cap: LayerCap::default(),
                    mix: [None; SOUND_SLOTS],
                }))
            }
        }
    }

    /// Video may flow to that session from now on (R10).
    pub(crate) fn admit(&mut self, id: SessionId) {
        let Some(number) = self.session_keys.get(&id) else { return };
        if let Some(session) = self.sessions.get_mut(*number) {
            session.admitted = true;
            self.meetings[session.meeting].stale = true;
            self.work = true;
        }
    }

    /// Closes a session.
    pub(crate) fn close(&mut self, now: Mono, id: SessionId, why: CloseReason) {
        if let Some(number) = self.session_keys.get(&id).copied() {
            self.close_session(now, number, why);
        }
    }

    /// The next datagram of that session panics.
    #[cfg(test)]
    pub(crate) fn plant_fault(&mut self, id: SessionId) {
        let number = self.session_keys[&id];
        if let Some(session) = self.sessions.get_mut(number) {
            session.fault = true;
        }
    }

    /// Ends all sessions.
    pub(crate) fn end(&mut self, now: Mono) {
        for number in self.sessions.keys().collect::<Vec<_>>() {
            self.close_session(now, number, CloseReason::Ended);
        }
    }

    /// Gives back all that is held for a meeting, unless a later epoch has been applied.
    pub(crate) fn forget(&mut self, now: Mono, id: &MeetingId, epoch: Epoch) {
        let key = self.meeting_keys.get(id).copied();
        let applied = key.and_then(|key| self.meetings[key].gates.applied());
        if applied.is_some_and(|(applied, _)| applied > epoch) {
            return;
        }
        let last = self.forgotten.entry(id.clone()).or_insert(epoch);
        *last = (*last).max(epoch);
        let Some(key) = key else { return };
        let of_meeting = self.sessions.iter().filter(|(_, session)| session.meeting == key);
        for session in of_meeting.map(|(number, _)| number).collect::<Vec<_>>() {
            self.close_session(now, session, CloseReason::Ended);
        }
        self.meeting_keys.remove(id);
        let Some(meeting) = self.meetings.remove(key) else { return };
        let mut rings = meeting.programme.rings.to_vec();
        for track in meeting.sources.values().filter_map(|track| self.tracks.remove(*track)) {
            rings.extend(track.layers.iter().map(|layer| layer.ring));
        }
        rings.extend(meeting.venues.values().filter_map(|voice| Some(self.venues.remove(*voice)?.ring)));
        for ring in rings {
            self.rings.remove(ring);
        }
        self.asks.retain(|(track, _)| self.tracks.contains_key(*track));
    }

    /// It comes from a sequencer whose meeting was forgotten.
    fn is_late(&self, meeting: &MeetingId, epoch: Epoch) -> bool {
        self.forgotten.get(meeting).is_some_and(|forgotten| epoch <= *forgotten)
    }

    /// Meetings, sources, venues, rings and sessions that are held.
    #[cfg(test)]
    pub(crate) fn held(&self) -> [usize; 5] {
        [self.meetings.len(), self.tracks.len(), self.venues.len(), self.rings.len(), self.sessions.len()]
    }

    /// Shuts gates at once.
    pub(crate) fn close_gates(
        &mut self,
        now: Mono,
        meeting: &MeetingId,
        epoch: Epoch,
        until: Sequence,
        venues: &[VenueId],
    ) {
        if self.is_late(meeting, epoch) {
            return;
        }
        let Some(number) = self.meeting(now, meeting) else { return };
        let changes = self.meetings[number].gates.close(epoch, until, venues);
        self.gates_changed(number, changes);
    }

    /// Takes the sources that a client chooses for its lines.
    pub(crate) fn views(&mut self, meeting: &MeetingId, client: ClientId, lines: Vec<Option<SourceId>>) {
        let Some(key) = self.meeting_keys.get(meeting) else { return };
        let meeting = &mut self.meetings[*key];
        if lines.is_empty() {
            meeting.views.remove(&client);
        } else if meeting.views.len() < VIEWS_MAX || meeting.views.contains_key(&client) {
            meeting.views.insert(client, lines);
        }
        meeting.stale = true;
        self.work = true;
    }

    /// Takes what the hop is to do from now on.
    pub(crate) fn apply(
        &mut self,
        now: Mono,
        meeting: &MeetingId,
        epoch: Epoch,
        sequence: Sequence,
        target: MediaTarget,
    ) {
        if self.is_late(meeting, epoch) {
            return;
        }
        let Some(number) = self.meeting(now, meeting) else { return };
        let gates = &mut self.meetings[number].gates;
        let again = gates.applied() == Some((epoch, sequence));
        let Some(changes) = gates.apply(now, epoch, sequence, &target.gates, target.chair.as_ref()) else {
            return;
        };
        self.gates_changed(number, changes);
        if again && self.meetings[number].target == target {
            return;
        }
        let limit = VENUES_MAX * SOURCES_PER_VENUE_MAX;
        for voice in self.meetings[number].venues.values() {
            self.venues[*voice].first = None;
        }
        for (source, venue) in target.sources.iter().take(limit) {
            let track = self.track(number, source);
            if let Some(voice) = self.voice(number, venue) {
                let venue = &mut self.venues[voice];
                venue.first = venue.first.or(track);
            }
        }
        let m = &mut self.meetings[number];
        let previewed = target.preview != m.target.preview;
        m.target = target;
        m.stale = true;
        let track = m.track_of(&m.target.programme);
        m.programme.switcher.take(now, track);
        let preview = m.target.preview.as_ref().and_then(|s| m.sources.get(s)).copied();
        self.work = true;
        if let Some(track) = preview.filter(|_| previewed) {
            // So that it can be taken at once.
            let flowing = self.tracks[track].flowing;
            for layer in (0..3).filter(|l| flowing.has(*l)) {
                self.want_layer(track, layer, Why::Switch);
            }
        }
        self.want_programme(number);
    }

    /// Asks for the key frames that the programme waits for.
    pub(super) fn want_programme(&mut self, meeting: MeetingKey) {
        let switcher = &self.meetings[meeting].programme.switcher;
        let track = switcher.wanted();
        let missing = switcher.missing(self.tracks[track].flowing);
        for layer in (0..3).filter(|l| missing >> l & 1 == 1) {
            self.want_layer(track, layer, Why::Switch);
        }
    }

    pub(super) fn gates_changed(&mut self, number: MeetingKey, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        for change in changes {
            let Some(voice) = self.voice(number, &change.venue) else { continue };
            let venue = &mut self.venues[voice];
            venue.open = change.open;
            venue.heard = None;
            venue.level = None;
            venue.loudest = None;
            // What has not gone out yet never does.
            self.rings.of_mut(venue.ring).clear();
            let meeting = &mut self.meetings[number];
            meeting.open.retain(|v| *v != voice);
            if change.open {
                meeting.open.push(voice);
            }
            let Change { venue, open, epoch, sequence } = change;
            self.tell(number, Fact::Gate { venue, open, epoch, sequence });
        }
    }

    fn meeting(&mut self, now: Mono, id: &MeetingId) -> Option<MeetingKey> {
        if let Some(number) = self.meeting_keys.get(id) {
            return Some(*number);
        }
        if self.meetings.len() == MEETINGS_MAX {
            tracing::warn!(limit = MEETINGS_MAX, "no room for another meeting");
            return None;
        }
        let [slate, _] = self.slates;
        let rings = &mut self.rings;
        let number = self
            .meetings
            .insert_with_key(|key| Meeting::new(now, key, id.clone(), VideoCodec::Vp8, slate, rings));
        self.meeting_keys.insert(id.clone(), number);
        self.want_programme(number);
        Some(number)
    }

    /// The codec is known once the first session is opened.
    fn set_codec(&mut self, now: Mono, number: MeetingKey, codec: VideoCodec) {
        let slate = self.slates[usize::from(codec == CODECS[1])];
        let meeting = &mut self.meetings[number];
        if meeting.codec == codec {
            return;
        }
        meeting.codec = codec;
        meeting.slate = slate;
        meeting.programme.switcher = Switcher::new(now, meeting.slate);
        let track = meeting.track_of(&meeting.target.programme);
        meeting.programme.switcher.take(now, track);
        for key in meeting.sources.values() {
            self.tracks[*key].codec = codec;
        }
        self.want_programme(number);
    }

    fn track(&mut self, meeting: MeetingKey, source: &SourceId) -> Option<TrackKey> {
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

    fn voice(&mut self, meeting: MeetingKey, id: &VenueId) -> Option<VoiceKey> {
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
            splice: Splice::new(48_000, 960, 1, 0),
            first: None,
            joined: None,
            heard: None,
            loudest: None,
            level: None,
            dropped: 0,
            dropped_told: 0,
        });
        self.meetings[meeting].venues.insert(id.clone(), voice);
        Some(voice)
    }
}
