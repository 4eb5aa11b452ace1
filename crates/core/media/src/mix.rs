//! Which voice stands in which sound slot of a subscriber.
//!
//! a0 carries the venue on air, else the chair, else the loudest open gate, else silence; a1–a3 the others, each where it was as long
//! as it stays open. Nobody hears their own venue.

/// Sound slots of a subscriber.
pub const SOUND_SLOTS: usize = 4;

/// Voices of a meeting in the order in which a0 chooses, and loudness. A voice is a venue with an open gate that delivers sound; `V` names it.
#[derive(Debug, Clone)]
pub struct Ranking<V> {
    voices: Vec<V>,
    loudest: Option<V>,
}

impl<V> Default for Ranking<V> {
    fn default() -> Self {
        Self { voices: Vec::new(), loudest: None }
    }
}

/// What is known of a voice.
#[derive(Debug, Clone, Copy)]
pub struct Heard<V> {
    /// Which.
    pub voice: V,
    /// Its venue is on air.
    pub on_air: bool,
    /// It is the chair's.
    pub chair: bool,
    /// -dBov: 0 loudest, 127 silence.
    pub level: u8,
}

/// How much louder another voice must be to take the place of the loudest, in dB.
const LOUDER_BY: u8 = 6;

impl<V: Copy + Ord> Ranking<V> {
    /// No voice is heard.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.voices.is_empty()
    }

    /// That voice is among them.
    #[must_use]
    pub fn has(&self, voice: V) -> bool {
        self.voices.contains(&voice)
    }

    /// Takes what is known now; true when the order changed.
    pub fn update(&mut self, heard: &[Heard<V>]) -> bool {
        let held = heard.iter().find(|h| Some(h.voice) == self.loudest);
        let loudest = heard.iter().min_by_key(|h| h.level);
        self.loudest = match (held, loudest) {
            (Some(held), Some(top)) if top.level.saturating_add(LOUDER_BY) > held.level => Some(held.voice),
            (_, top) => top.map(|h| h.voice),
        };
        let mut order: Vec<&Heard<V>> = heard.iter().collect();
        order.sort_by_key(|h| (!h.on_air, !h.chair, Some(h.voice) != self.loudest, h.voice));
        let voices: Vec<V> = order.into_iter().map(|h| h.voice).collect();
        let changed = voices != self.voices;
        self.voices = voices;
        changed
    }

    /// Fills the slots of a subscriber whose own venue is `own`; true when a slot changed. `None` in a0 is silence.
    pub fn fill(&self, own: Option<V>, slots: &mut [Option<V>; SOUND_SLOTS]) -> bool {
        let before = *slots;
        let mut others = self.voices.iter().copied().filter(|v| Some(*v) != own);
        slots[0] = others.next();
        let rest: Vec<V> = others.collect();
        for slot in &mut slots[1..] {
            if slot.is_some_and(|v| !rest.contains(&v)) {
                *slot = None;
            }
        }
        for voice in rest {
            if !slots[1..].contains(&Some(voice))
                && let Some(free) = slots[1..].iter_mut().find(|s| s.is_none())
            {
                *free = Some(voice);
            }
        }
        *slots != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(voice: u32, on_air: bool, chair: bool, level: u8) -> Heard<u32> {
        Heard { voice, on_air, chair, level }
    }

    #[test]
    fn a0_is_on_air_then_chair_then_loudest_then_silence() {
        let mut ranking = Ranking::default();
        let mut slots = [None; SOUND_SLOTS];
        ranking.update(&[heard(1, false, false, 10), heard(2, true, false, 60), heard(3, false, true, 60)]);
        ranking.fill(None, &mut slots);
        assert_eq!(slots[0], Some(2));
        ranking.fill(Some(2), &mut slots);
        assert_eq!(slots[0], Some(3));
        ranking.update(&[heard(1, false, false, 10), heard(4, false, false, 30)]);
        ranking.fill(None, &mut slots);
        assert_eq!(slots[0], Some(1));
        ranking.update(&[]);
        ranking.fill(None, &mut slots);
        assert_eq!(slots, [None; SOUND_SLOTS]);
    }

    #[test]
    fn nobody_hears_themselves() {
        let mut ranking = Ranking::default();
        ranking.update(&[heard(1, true, true, 0), heard(2, false, false, 0)]);
        for own in [1, 2] {
            let mut slots = [None; SOUND_SLOTS];
            ranking.fill(Some(own), &mut slots);
            assert!(!slots.contains(&Some(own)));
        }
    }

    #[test]
    fn other_voices_keep_their_slots() {
        let mut ranking = Ranking::default();
        let mut slots = [None; SOUND_SLOTS];
        ranking.update(&[heard(1, true, false, 0), heard(2, false, false, 0), heard(3, false, false, 0)]);
        ranking.fill(None, &mut slots);
        let place = slots.iter().position(|s| *s == Some(3)).unwrap();
        ranking.update(&[heard(1, true, false, 0), heard(3, false, false, 0)]);
        ranking.fill(None, &mut slots);
        assert_eq!(slots[place], Some(3));
        ranking.update(&[heard(1, true, false, 0), heard(3, false, false, 0), heard(0, false, false, 0)]);
        ranking.fill(None, &mut slots);
        assert_eq!(slots[place], Some(3));
        assert!(slots.contains(&Some(0)));
    }

    #[test]
    fn the_loudest_does_not_flicker() {
        let mut ranking = Ranking::default();
        ranking.update(&[heard(1, false, false, 30), heard(2, false, false, 40)]);
        assert!(!ranking.update(&[heard(1, false, false, 30), heard(2, false, false, 26)]));
        assert!(ranking.update(&[heard(1, false, false, 30), heard(2, false, false, 20)]));
    }
}
