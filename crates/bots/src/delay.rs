//! How long a frame of the bench's picture takes from its sending to its arrival: it carries the moment in which it was sent.

use base::Mono;

/// What stands before the moment, at the end of a frame.
const MARK: [u8; 8] = *b"\xffsent\xff\xff\xff";
/// Bytes of mark and moment.
const STAMP_BYTES: usize = MARK.len() + size_of::<u64>();
/// Width of a step, microseconds, and how many there are; what took longer is in the last.
const STEP_US: u64 = 500;
const STEPS: usize = 256;

/// Writes the moment at the end of a frame's last payload, in the place of what stands there. One that is too short is left as it is.
pub(crate) fn stamp(payload: &mut [u8], now: Mono) {
    if let Some(end) = payload.last_chunk_mut::<STAMP_BYTES>() {
        let (mark, moment) = end.split_at_mut(MARK.len());
        mark.copy_from_slice(&MARK);
        moment.copy_from_slice(&now.0.to_le_bytes());
    }
}

/// When a frame was sent, by its last payload.
pub(crate) fn sent_at(payload: &[u8]) -> Option<Mono> {
    let end = payload.last_chunk::<STAMP_BYTES>()?;
    let moment = end.strip_prefix(&MARK)?;
    Some(Mono(u64::from_le_bytes(moment.try_into().ok()?)))
}

/// How often a frame took how long, in steps of half a millisecond up to 128 ms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delays([u32; STEPS]);

impl Default for Delays {
    fn default() -> Self {
        Self([0; STEPS])
    }
}

impl Delays {
    pub(crate) fn note(&mut self, sent: Mono, now: Mono) {
        let step = (now.since(sent).as_micros() / u128::from(STEP_US)).min(STEPS as u128 - 1);
        self.0[step as usize] = self.0[step as usize].saturating_add(1);
    }

    /// Adds others to these.
    pub fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(own, other)| *own = own.saturating_add(other));
    }

    /// Takes those that were there before out of these.
    pub fn less(&mut self, before: &Self) {
        self.0.iter_mut().zip(before.0).for_each(|(own, before)| *own = own.saturating_sub(before));
    }

    /// The end of the step in which so many of a hundred have arrived, milliseconds; 0 if there are none.
    #[must_use]
    pub fn percentile_ms(&self, percent: u64) -> f64 {
        let all: u64 = self.0.iter().map(|count| u64::from(*count)).sum();
        let wanted = (all * percent).div_ceil(100).max(1);
        let mut arrived = 0;
        let step = self.0.iter().position(|count| {
            arrived += u64::from(*count);
            arrived >= wanted
        });
        step.map_or(0.0, |step| (step as u64 + 1) as f64 * STEP_US as f64 / 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_says_when_it_was_sent_and_other_bytes_say_nothing() {
        let mut payload = vec![7; 40];
        assert_eq!(sent_at(&payload), None);
        stamp(&mut payload, Mono(123_456));
        assert_eq!((sent_at(&payload), &payload[..24]), (Some(Mono(123_456)), &[7; 24][..]));
        let mut short = [1, 2, 3];
        stamp(&mut short, Mono(5));
        assert_eq!((short, sent_at(&short)), ([1, 2, 3], None));
    }

    #[test]
    fn delays_are_told_by_the_end_of_their_step() {
        let mut delays = Delays::default();
        assert_eq!(delays.percentile_ms(50).to_bits(), 0.0_f64.to_bits());
        for us in [100, 200, 1_600, 300_000] {
            delays.note(Mono(1_000), Mono(1_000 + us));
        }
        let told = [50, 75, 99].map(|percent| delays.percentile_ms(percent));
        assert_eq!(told.map(f64::to_bits), [0.5, 2.0, 128.0].map(f64::to_bits));
        let before = delays.clone();
        delays.add(&before);
        delays.less(&before);
        assert_eq!(delays, before);
    }
}
