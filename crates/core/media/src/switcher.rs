//! The programme: which source each of its layers carries, and when that changes.
//!
//! A take changes only the wish. Each layer goes over at a key frame of the new source; until its own layer has one, a lower layer of
//! the new source fills it. What is on air is what the first layer that went over shows. A source on air that falls silent is replaced
//! by the slate, and comes back at its next key frame.

use std::time::Duration;

use base::Mono;

use crate::layers::{Flowing, LAYERS_MAX};

/// One layer of a track: of a source, or of the slate. `T` names tracks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feed<T> {
    /// Which track.
    pub track: T,
    /// Which of its layers.
    pub layer: u8,
}

/// How long a take waits for a key frame before that is said.
pub const WAITING_AFTER: Duration = Duration::from_secs(1);
/// How long the source on air may be silent before the slate is shown.
pub const LOST_AFTER: Duration = Duration::from_secs(1);

/// Layers of the programme, as bits.
pub type LayerBits = u8;

/// What a key frame did to the programme.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cut {
    /// Layers that go over to this feed with this packet.
    pub layers: LayerBits,
    /// The picture on air is another one from now on.
    pub shown: bool,
}

/// State of the programme of one meeting.
#[derive(Debug, Clone)]
pub struct Switcher<T> {
    slate: T,
    wanted: T,
    since: Mono,
    told: bool,
    /// The source on air is lost: the slate may stand in.
    standing_in: bool,
    shown: Option<T>,
    feeds: [Option<Feed<T>>; LAYERS_MAX],
}

impl<T: Copy + Eq> Switcher<T> {
    /// A programme that is to show the slate.
    #[must_use]
    pub fn new(now: Mono, slate: T) -> Self {
        Self {
            slate,
            wanted: slate,
            since: now,
            told: false,
            standing_in: false,
            shown: None,
            feeds: [None; LAYERS_MAX],
        }
    }

    /// A take. The same again changes nothing.
    pub fn take(&mut self, now: Mono, track: T) {
        if self.wanted != track {
            self.wanted = track;
            self.since = now;
            self.told = false;
            self.standing_in = false;
        }
    }

    /// What is to be shown.
    #[must_use]
    pub fn wanted(&self) -> T {
        self.wanted
    }

    /// What is on air.
    #[must_use]
    pub fn shown(&self) -> Option<T> {
        self.shown
    }

    /// The layer that feeds a layer of the programme.
    #[must_use]
    pub fn feed(&self, layer: usize) -> Option<Feed<T>> {
        self.feeds.get(layer).copied().flatten()
    }

    /// Layers of the programme that carry this feed.
    #[inline]
    #[must_use]
    pub fn carriers(&self, feed: Feed<T>) -> LayerBits {
        let mut bits = 0;
        for (layer, carried) in self.feeds.iter().enumerate() {
            if *carried == Some(feed) {
                bits |= 1 << layer;
            }
        }
        bits
    }

    /// A key frame of `feed` begins; `flowing` are the layers of its track that flow, this one included.
    pub fn on_key_frame(&mut self, feed: Feed<T>, flowing: Flowing) -> Cut {
        let mut cut = Cut::default();
        if feed.track != self.wanted && !(feed.track == self.slate && self.standing_in) {
            return cut;
        }
        if feed.track == self.wanted {
            self.standing_in = false;
        }
        for layer in 0..LAYERS_MAX {
            if self.goes_over(layer, feed, flowing) {
                self.feeds[layer] = Some(feed);
                cut.layers |= 1 << layer;
            }
        }
        if cut.layers != 0 && self.shown != Some(feed.track) {
            self.shown = Some(feed.track);
            cut.shown = true;
        }
        cut
    }

    fn goes_over(&self, layer: usize, feed: Feed<T>, flowing: Flowing) -> bool {
        let best = flowing.with(feed.layer).nearest(layer as u8).unwrap_or(feed.layer);
        if feed.layer > best {
            return false;
        }
        match self.feeds[layer] {
            Some(now) if now.track == feed.track => {
                now.layer != feed.layer && (feed.layer == best || now.layer > best || feed.layer > now.layer)
            }
            Some(_) | None => true,
        }
    }

    /// The last packet of the track on air came at `heard`. True when the slate is to stand in from now on.
    pub fn on_silence(&mut self, now: Mono, heard: Mono) -> bool {
        let lost = self.shown.is_some_and(|t| t != self.slate) && now >= heard + LOST_AFTER;
        let begins = lost && !self.standing_in && self.wanted != self.slate;
        if begins {
            self.standing_in = true;
        }
        begins
    }

    /// The slate stands in, or is to, for a source that is lost.
    #[must_use]
    pub fn stands_in(&self) -> bool {
        self.standing_in
    }

    /// The layers of the wanted track of which a key frame is still missing.
    #[must_use]
    pub fn missing(&self, flowing: Flowing) -> LayerBits {
        let mut bits = 0;
        for layer in 0..LAYERS_MAX {
            let Some(best) = flowing.nearest(layer as u8) else { continue };
            if self.feeds[layer] != Some(Feed { track: self.wanted, layer: best }) {
                bits |= 1 << best;
            }
        }
        bits
    }

    /// Once per take: it has waited for [`WAITING_AFTER`].
    pub fn waits_too_long(&mut self, now: Mono) -> bool {
        let late = !self.told && self.shown != Some(self.wanted) && now >= self.since + WAITING_AFTER;
        self.told |= late;
        late
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::random::Random;

    /// Names of tracks.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    struct Track(u32);

    const SLATE: Track = Track(0);
    const A: Track = Track(1);
    const B: Track = Track(2);
    const THREE: Flowing = Flowing(0b111);

    fn key(s: &mut Switcher<Track>, track: Track, layer: u8, flowing: Flowing) -> Cut {
        s.on_key_frame(Feed { track, layer }, flowing)
    }

    fn on_air(track: Track) -> Switcher<Track> {
        let mut s = Switcher::new(Mono(0), SLATE);
        s.take(Mono(0), track);
        for layer in 0..3 {
            key(&mut s, track, layer, THREE);
        }
        s
    }

    #[test]
    fn the_old_picture_stays_until_the_new_one_has_a_key_frame() {
        let mut s = on_air(A);
        s.take(Mono(1), B);
        assert_eq!(s.shown(), Some(A));
        assert_eq!(s.carriers(Feed { track: A, layer: 2 }), 0b100);
        assert_eq!(key(&mut s, A, 2, THREE), Cut::default());
        assert_eq!(key(&mut s, B, 0, THREE), Cut { layers: 0b111, shown: true });
        assert_eq!(s.shown(), Some(B));
    }

    #[test]
    fn lower_layers_fill_until_the_higher_arrive() {
        let mut s = on_air(A);
        s.take(Mono(1), B);
        key(&mut s, B, 0, THREE);
        assert_eq!(key(&mut s, B, 2, THREE), Cut { layers: 0b100, shown: false });
        assert_eq!(key(&mut s, B, 1, THREE), Cut { layers: 0b010, shown: false });
        assert_eq!(s.missing(THREE), 0);
    }

    #[test]
    fn a_higher_layer_never_fills_a_lower() {
        let mut s = on_air(A);
        s.take(Mono(1), B);
        assert_eq!(key(&mut s, B, 2, THREE).layers, 0b100);
        assert_eq!(s.feed(0), Some(Feed { track: A, layer: 0 }));
        assert_eq!(s.missing(THREE), 0b011);
    }

    #[test]
    fn a_source_with_one_layer_serves_all() {
        let mut s = on_air(A);
        s.take(Mono(1), B);
        assert_eq!(key(&mut s, B, 0, Flowing(1)).layers, 0b111);
        assert_eq!(s.missing(Flowing(1)), 0);
    }

    #[test]
    fn a_layer_that_stops_is_replaced_by_the_one_below() {
        let mut s = on_air(A);
        assert_eq!(s.missing(Flowing(0b011)), 0b010);
        assert_eq!(key(&mut s, A, 1, Flowing(0b011)).layers, 0b100);
        assert_eq!(key(&mut s, A, 2, THREE).layers, 0b100);
    }

    #[test]
    fn the_slate_stands_in_for_a_lost_source_until_its_next_key_frame() {
        let mut s = on_air(A);
        assert!(!s.on_silence(Mono::from_millis(1_900), Mono::from_millis(1_000)));
        assert!(s.on_silence(Mono::from_millis(2_000), Mono::from_millis(1_000)));
        assert_eq!(key(&mut s, SLATE, 0, Flowing(1)), Cut { layers: 0b111, shown: true });
        assert_eq!(key(&mut s, SLATE, 0, Flowing(1)), Cut::default());
        assert_eq!(key(&mut s, A, 0, THREE), Cut { layers: 0b111, shown: true });
        assert_eq!(s.shown(), Some(A));
    }

    #[test]
    fn a_take_that_waits_says_so_once() {
        let mut s = on_air(A);
        s.take(Mono(0), B);
        assert!(!s.waits_too_long(Mono::from_millis(999)));
        assert!(s.waits_too_long(Mono::from_millis(1_000)));
        assert!(!s.waits_too_long(Mono::from_millis(2_000)));
    }

    #[test]
    fn a_layer_changes_its_feed_only_at_a_key_frame_of_what_is_wanted() {
        let tracks = [SLATE, A, B, Track(3)];
        for seed in 0..300 {
            let mut rng = Random::new(seed);
            let mut s = Switcher::new(Mono(0), SLATE);
            for n in 0..300 {
                let now = Mono::from_millis(n * 50);
                let track = tracks[rng.below(4) as usize];
                match rng.below(6) {
                    0 => s.take(now, track),
                    1 => {
                        s.on_silence(now, Mono(0));
                    }
                    _ => {
                        let feed = Feed { track, layer: rng.below(3) as u8 };
                        let before: Vec<_> = (0..3).map(|l| s.feed(l)).collect();
                        let may = track == s.wanted() || track == SLATE && s.stands_in();
                        let cut = s.on_key_frame(feed, Flowing(rng.below(8) as u8));
                        for (layer, was) in before.into_iter().enumerate() {
                            let changed = s.feed(layer) != was;
                            assert_eq!(changed, cut.layers >> layer & 1 == 1);
                            assert!(!changed || may && s.feed(layer) == Some(feed), "seed {seed}");
                        }
                    }
                }
            }
        }
    }
}
