//! What control asks of a meeting: its target, gates to shut, what clients choose, and to be forgotten.

use std::collections::BTreeSet;

use base::limits::{SOURCES_PER_VENUE_MAX, VENUES_MAX};
use base::{ClientId, Epoch, MeetingId, Mono, Sequence, SourceId, VenueId};
use media::budget::Why;
use media::gates::Change;
use media::switcher::Switcher;
use service::port::hop::{CloseReason, Fact, MediaTarget, VideoCodec};

use super::ingress::Ingress;
use crate::keys::{MeetingKey, TrackKey};
use crate::meeting::Meeting;
use crate::plane::Plane;

/// Clients of a meeting that may choose sources for their lines.
const VIEWS_MAX: usize = 64;
/// Meetings of one node.
pub(crate) const MEETINGS_MAX: usize = 256;

impl Plane {
    /// Gives back all that is held for a meeting, unless a later epoch has been applied.
    pub(crate) fn forget(&mut self, now: Mono, id: &MeetingId, epoch: Epoch) {
        let key = self.ingress.keys.get(id).copied();
        let applied = key.and_then(|key| self.ingress.meetings[key].gates.applied());
        if applied.is_some_and(|(applied, _)| applied > epoch) {
            return;
        }
        let last = self.ingress.forgotten.entry(id.clone()).or_insert(epoch);
        *last = (*last).max(epoch);
        let Some(key) = key else { return };
        let of_meeting = self.sessions.all.iter().filter(|(_, session)| session.meeting == key);
        for session in of_meeting.map(|(number, _)| number).collect::<Vec<_>>() {
            self.close_session(now, session, CloseReason::Ended);
        }
        self.ingress.keys.remove(id);
        let Some(meeting) = self.ingress.meetings.remove(key) else { return };
        let mut rings = meeting.programme.rings.to_vec();
        for track in meeting.sources.values().filter_map(|track| self.ingress.tracks.remove(*track)) {
            rings.extend(track.layers.iter().map(|layer| layer.ring));
        }
        rings.extend(
            meeting.venues.values().filter_map(|voice| Some(self.ingress.venues.remove(*voice)?.ring)),
        );
        for ring in rings {
            self.ingress.rings.remove(ring);
            self.egress.forget(ring);
        }
        self.keyframes.asks.retain(|(track, _)| self.ingress.tracks.contains_key(*track));
    }

    /// Meetings, sources, venues, rings and sessions that are held.
    #[cfg(test)]
    pub(crate) fn held(&self) -> [usize; 5] {
        [
            self.ingress.meetings.len(),
            self.ingress.tracks.len(),
            self.ingress.venues.len(),
            self.ingress.rings.len(),
            self.sessions.all.len(),
        ]
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
        if self.ingress.is_late(meeting, epoch) {
            return;
        }
        let Some(number) = self.meeting(now, meeting) else { return };
        let changes = self.ingress.meetings[number].gates.close(epoch, until, venues);
        self.gates_changed(number, changes);
    }

    /// Takes the sources that a client chooses for its lines.
    pub(crate) fn views(&mut self, meeting: &MeetingId, client: ClientId, lines: Vec<Option<SourceId>>) {
        let Some(key) = self.ingress.keys.get(meeting) else { return };
        let meeting = &mut self.ingress.meetings[*key];
        if lines.is_empty() {
            meeting.views.remove(&client);
        } else if meeting.views.len() < VIEWS_MAX || meeting.views.contains_key(&client) {
            meeting.views.insert(client, lines);
        }
        meeting.stale = true;
        self.egress.work = true;
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
        if self.ingress.is_late(meeting, epoch) {
            return;
        }
        let Some(number) = self.meeting(now, meeting) else { return };
        let gates = &mut self.ingress.meetings[number].gates;
        let again = gates.applied() == Some((epoch, sequence));
        let Some(changes) = gates.apply(now, epoch, sequence, &target.gates, target.chair.as_ref()) else {
            return;
        };
        self.gates_changed(number, changes);
        if again && self.ingress.meetings[number].target == target {
            return;
        }
        let limit = VENUES_MAX * SOURCES_PER_VENUE_MAX;
        for voice in self.ingress.meetings[number].venues.values() {
            self.ingress.venues[*voice].first = None;
        }
        for track in self.ingress.meetings[number].sources.values() {
            self.ingress.tracks[*track].voice = None;
        }
        for (source, venue) in target.sources.iter().take(limit) {
            let Some(track) = self.ingress.track(number, source) else { continue };
            let Some(voice) = self.ingress.voice(number, venue) else { continue };
            let venue = &mut self.ingress.venues[voice];
            venue.first = venue.first.or(Some(track));
            self.ingress.tracks[track].voice = Some(voice);
        }
        let warmed: Vec<VenueId> =
            target.warm.difference(&self.ingress.meetings[number].target.warm).cloned().collect();
        let m = &mut self.ingress.meetings[number];
        let previewed = target.preview != m.target.preview;
        m.target = target;
        m.stale = true;
        let track = m.track_of(&m.target.programme);
        m.programme.switcher.take(now, track);
        let preview = m.target.preview.as_ref().and_then(|s| m.sources.get(s)).copied();
        // So that it can be taken at once, and that a hall sees its return picture as soon as it needs it.
        let returns: BTreeSet<TrackKey> = warmed.iter().map(|venue| m.return_of(venue)).collect();
        self.egress.work = true;
        for track in preview.filter(|_| previewed).into_iter().chain(returns) {
            let flowing = self.ingress.tracks[track].flowing;
            for layer in (0..3).filter(|l| flowing.has(*l)) {
                self.want_layer(track, layer, Why::Switch);
            }
        }
        self.want_programme(number);
    }

    pub(crate) fn gates_changed(&mut self, number: MeetingKey, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        for change in changes {
            let Some(voice) = self.ingress.voice(number, &change.venue) else { continue };
            let venue = &mut self.ingress.venues[voice];
            venue.open = change.open;
            venue.heard = None;
            venue.sound.rest();
            venue.level = None;
            venue.loudest = None;
            // What has not gone out yet never does.
            self.ingress.rings.clear(venue.ring);
            let meeting = &mut self.ingress.meetings[number];
            meeting.open.retain(|v| *v != voice);
            if change.open {
                meeting.open.push(voice);
            }
            let Change { venue, open, epoch, sequence } = change;
            self.tell(number, Fact::Gate { venue, open, epoch, sequence });
        }
    }

    pub(crate) fn meeting(&mut self, now: Mono, id: &MeetingId) -> Option<MeetingKey> {
        if let Some(number) = self.ingress.keys.get(id) {
            return Some(*number);
        }
        if self.ingress.meetings.len() == MEETINGS_MAX {
            tracing::warn!(limit = MEETINGS_MAX, "no room for another meeting");
            return None;
        }
        let [slate, _] = self.slate.tracks;
        let Ingress { meetings, rings, .. } = &mut self.ingress;
        let number =
            meetings.insert_with_key(|key| Meeting::new(now, key, id.clone(), VideoCodec::Vp8, slate, rings));
        self.ingress.keys.insert(id.clone(), number);
        self.want_programme(number);
        Some(number)
    }

    /// The codec is known once the first session is opened.
    pub(crate) fn set_codec(&mut self, now: Mono, number: MeetingKey, codec: VideoCodec) {
        let slate = self.slate.track(codec);
        let meeting = &mut self.ingress.meetings[number];
        if meeting.codec == codec {
            return;
        }
        meeting.codec = codec;
        meeting.slate = slate;
        meeting.programme.switcher = Switcher::new(now, meeting.slate);
        let track = meeting.track_of(&meeting.target.programme);
        meeting.programme.switcher.take(now, track);
        for key in meeting.sources.values() {
            self.ingress.tracks[*key].codec = codec;
        }
        self.want_programme(number);
    }
}
