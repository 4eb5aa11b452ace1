//! Key frames: who wants them, and when their publishers are asked.

use std::collections::BTreeSet;

use base::Mono;
use media::budget::Why;
use service::port::hop::CloseReason;

use super::sessions::Role;
use crate::keys::{MeetingKey, RingKey, TrackKey};
use crate::plane::{Plane, guard};
use crate::ring::Owner;

/// Layers that need a key frame.
#[derive(Debug, Default)]
pub(crate) struct KeyFrames {
    pub(crate) asks: BTreeSet<(TrackKey, u8)>,
}

impl Plane {
    /// A key frame of a ring is wanted by a subscriber.
    pub(crate) fn want(&mut self, ring: RingKey) {
        match self.ingress.rings.of(ring).owner() {
            Owner::Source(feed) => self.want_layer(feed.track, feed.layer, Why::Repair),
            Owner::Programme(meeting, layer) => {
                let switcher = &self.ingress.meetings[meeting].programme.switcher;
                match switcher.feed(usize::from(layer)) {
                    Some(feed) => self.want_layer(feed.track, feed.layer, Why::Repair),
                    None => self.want_programme(meeting),
                }
            }
            Owner::Sound => {}
        }
    }

    pub(crate) fn want_layer(&mut self, track: TrackKey, layer: u8, why: Why) {
        self.ingress.tracks[track].layers[usize::from(layer)].budget.want(why);
        self.keyframes.asks.insert((track, layer));
    }

    /// Asks for the key frames that the programme waits for.
    pub(crate) fn want_programme(&mut self, meeting: MeetingKey) {
        let switcher = &self.ingress.meetings[meeting].programme.switcher;
        let track = switcher.wanted();
        let missing = switcher.missing(self.ingress.tracks[track].flowing);
        for layer in (0..3).filter(|l| missing >> l & 1 == 1) {
            self.want_layer(track, layer, Why::Switch);
        }
    }

    /// Asks publishers for the key frames that are wanted, as their budgets allow.
    pub(crate) fn ask_key_frames(&mut self, now: Mono) {
        if self.keyframes.asks.is_empty() {
            return;
        }
        for (track, layer) in std::mem::take(&mut self.keyframes.asks) {
            let Some(t) = self.ingress.tracks.get_mut(track) else { continue };
            let budget = &mut t.layers[usize::from(layer)].budget;
            let due = budget.take(now);
            if budget.deadline().is_some() {
                self.keyframes.asks.insert((track, layer));
            }
            if !due {
                continue;
            }
            if self.ingress.tracks[track].source.is_none() {
                self.show_slate(now, track);
            } else if let Some(number) = self.ingress.tracks[track].session
                && let Some(session) = self.sessions.all.get_mut(number)
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
}
