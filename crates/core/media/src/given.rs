//! Numbers under which an outgoing stream's packets are sealed: with one key a number is used once (RFC 3711 §9.1), by type.

/// How far behind the highest number a late packet may come.
const LATE_MAX: u64 = 512;

/// The number of one packet of one stream. There is one of each, and who seals takes it.
#[derive(Debug, PartialEq, Eq)]
pub struct Index {
    ssrc: u32,
    number: u64,
}

impl Index {
    /// The stream.
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// The extended sequence number: its lowest 16 bits go into the packet, those above are the rollover counter (RFC 3711 §3.3.1).
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }
}

/// The numbers of an outgoing stream that were given to a packet: none is given twice.
#[derive(Debug, Clone)]
pub struct Given {
    ssrc: u32,
    /// One above the highest.
    next: u64,
    /// A bit for each of the last 512, by its number.
    bits: [u64; (LATE_MAX / 64) as usize],
}

impl Given {
    /// Of the stream with that SSRC, none is given yet.
    #[must_use]
    pub fn new(ssrc: u32) -> Self {
        Self { ssrc, next: 0, bits: [0; (LATE_MAX / 64) as usize] }
    }

    /// One above the highest number.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// That number, which is given now. None if it was before, or is so old that nobody can tell.
    pub fn give(&mut self, number: u64) -> Option<Index> {
        if number >= self.next {
            let skipped = (number - self.next).min(LATE_MAX);
            (number - skipped..=number).for_each(|n| self.set(n, false));
            self.next = number.checked_add(1)?;
        } else if self.next - number > LATE_MAX || self.has(number) {
            return None;
        }
        self.set(number, true);
        Some(Index { ssrc: self.ssrc, number })
    }

    /// The number that was given last of those that end in these 16 bits, if it is one of the last 512.
    #[must_use]
    pub fn find(&self, low: u16) -> Option<u64> {
        let last = self.next.checked_sub(1)?;
        let number = last.checked_sub(u64::from((last as u16).wrapping_sub(low)))?;
        (self.next - number <= LATE_MAX && self.has(number)).then_some(number)
    }

    fn has(&self, number: u64) -> bool {
        self.bits[(number % LATE_MAX / 64) as usize] >> (number % 64) & 1 == 1
    }

    fn set(&mut self, number: u64, given: bool) {
        let word = &mut self.bits[(number % LATE_MAX / 64) as usize];
        *word = *word & !(1 << (number % 64)) | u64::from(given) << (number % 64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::random::Random;

    #[test]
    fn no_number_is_given_twice_and_late_ones_are_given_once() {
        let mut rng = Random::new(9);
        let mut given = Given::new(7);
        let mut seen = std::collections::BTreeSet::new();
        let (mut at, mut late) = (70_000_u64, 0);
        for _ in 0..20_000 {
            at += match rng.below(40) {
                0 => rng.below(2_000),
                _ => rng.below(3),
            };
            let seq = at - rng.below(700).saturating_sub(200);
            let highest = seen.last().copied().unwrap_or(0);
            let near = seen.is_empty() || seq + LATE_MAX > highest;
            let fresh = !seen.contains(&seq);
            let index = (near && fresh).then_some(Index { ssrc: 7, number: seq });
            assert_eq!(given.give(seq), index, "{seq} after {highest}");
            late += u32::from(near && fresh && seq < highest);
            if near {
                seen.insert(seq);
            }
            let asked = (at - rng.below(600)) as u16;
            let sent = |n: &&u64| **n as u16 == asked && **n + LATE_MAX > *seen.last().unwrap();
            assert_eq!(given.find(asked), seen.iter().rev().find(sent).copied());
        }
        assert!(late > 1_000, "{late}");
    }
}
