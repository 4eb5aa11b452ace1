//! Joining streams end to end: sequence, timestamp and picture numbers go on when the source changes, so a decoder never notices.

use std::time::Duration;

use base::Mono;

/// Numbers of a packet of one layer of one source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Extended sequence number.
    pub seq: u64,
    /// RTP timestamp.
    pub ts: u32,
    /// VP8 picture id, 15 bits; zero for other codecs.
    pub picture_id: u16,
    /// VP8 TL0PICIDX; zero for other codecs.
    pub tl0: u8,
    /// When it was captured, on the node's clock.
    pub at: Mono,
}

/// Frames of the past are so much closer together than they were taken: a player that gets them at once shows the newest.
const PAST_FASTER: u32 = 32;
/// For so long after the present, in timestamp units, packets of the past may still come late.
const PAST_KEPT: u32 = 900_000;

/// What a stream that begins in the past brings of it.
#[derive(Debug, Clone, Copy)]
struct Past {
    /// Timestamp of the newest frame that is there, and what goes out for it.
    newest: u32,
    ts: u32,
    at: Mono,
    /// Frames of the present have come since.
    over: bool,
}

/// An outgoing stream. Its sequence number never goes back.
#[derive(Debug, Clone)]
pub struct Splice {
    rate: u32,
    step_min: u32,
    /// Highest numbers that went out.
    last: Option<Numbers>,
    next_seq: u64,
    /// First sequence number of the present source; older packets belong to what is gone.
    from: u64,
    seq: u64,
    ts: u32,
    picture_id: u16,
    tl0: u8,
    past: Option<Past>,
}

impl Splice {
    /// A stream with `rate` timestamp units a second that begins at sequence number `first_seq` and timestamp `first_ts`. At a join
    /// its timestamp rises by at least `step_min`.
    #[must_use]
    pub fn new(rate: u32, step_min: u32, first_seq: u16, first_ts: u32) -> Self {
        Self {
            rate,
            step_min,
            last: None,
            next_seq: u64::from(first_seq),
            from: 0,
            seq: 0,
            ts: first_ts,
            picture_id: 0,
            tl0: 0,
            past: None,
        }
    }

    /// Goes on with a source whose first packet is `first`: a key frame for video.
    pub fn join(&mut self, first: &Numbers) {
        self.past = None;
        self.from = first.seq;
        self.seq = self.next_seq.wrapping_sub(first.seq);
        match self.last {
            None => self.ts = self.ts.wrapping_sub(first.ts),
            Some(last) => {
                let micros = first.at.0.saturating_sub(last.at.0);
                let step = (u128::from(micros) * u128::from(self.rate) / 1_000_000) as u32;
                let ts = last.ts.wrapping_add(step.max(self.step_min));
                self.ts = ts.wrapping_sub(first.ts);
                self.picture_id = last.picture_id.wrapping_add(1).wrapping_sub(first.picture_id) & 0x7fff;
                self.tl0 = last.tl0.wrapping_add(1).wrapping_sub(first.tl0);
            }
        }
    }

    /// Goes on with a source whose packets since `first`, a key frame, are there: their timestamps stand just before the present, which is when
    /// its `newest` would be captured if it were captured now.
    pub fn join_past(&mut self, first: &Numbers, newest: &Numbers, present: Mono) {
        let span = newest.ts.wrapping_sub(first.ts) / PAST_FASTER;
        self.join(&Numbers { at: present, ..*first });
        let ts = first.ts.wrapping_add(self.ts).wrapping_add(span);
        self.past = Some(Past { newest: newest.ts, ts, at: present, over: false });
    }

    /// Timestamp and time of a packet of the past; none if it is of the present.
    fn of_past(&mut self, packet: &Numbers) -> Option<(u32, Mono)> {
        let past = self.past.as_mut()?;
        let before = past.newest.wrapping_sub(packet.ts);
        if before < 1 << 31 {
            return Some((past.ts.wrapping_sub(before / PAST_FASTER), past.at));
        }
        let after = before.wrapping_neg();
        if !past.over {
            past.over = true;
            let micros = packet.at.0.saturating_sub(past.at.0);
            let step = (u128::from(micros) * u128::from(self.rate) / 1_000_000) as u32;
            self.ts = past.ts.wrapping_add(step.max(self.step_min)).wrapping_sub(packet.ts);
        } else if after > PAST_KEPT {
            self.past = None;
        }
        None
    }

    /// Goes on with the present source behind what [`fill`](Self::fill) put in: `first` at its own timestamp where that is later still, else
    /// right behind.
    pub fn resume(&mut self, first: &Numbers) {
        let Some(last) = self.last else { return self.join(first) };
        let ts = match self.ahead(first) {
            Some(ahead) => last.ts.wrapping_add(ahead.max(self.step_min)),
            None => last.ts.wrapping_add(self.step_min),
        };
        self.from = first.seq;
        self.seq = self.next_seq.wrapping_sub(first.seq);
        self.ts = ts.wrapping_sub(first.ts);
    }

    /// How far behind what went out last a packet of the present source has its timestamp; none if it is before that.
    #[must_use]
    pub fn ahead(&self, packet: &Numbers) -> Option<u32> {
        let ahead = packet.ts.wrapping_add(self.ts).wrapping_sub(self.last?.ts);
        (ahead < 1 << 31).then_some(ahead)
    }

    /// Numbers of a packet that no source sent, so many least steps behind the last; none before the first. What the source sends then needs
    /// a [`resume`](Self::resume) or a [`join`](Self::join).
    pub fn fill(&mut self, steps: u32) -> Option<Numbers> {
        let last = self.last?;
        let units = self.step_min.saturating_mul(steps);
        let micros = u64::from(units) * 1_000_000 / u64::from(self.rate.max(1));
        let at = last.at + Duration::from_micros(micros);
        let out = Numbers { seq: self.next_seq, ts: last.ts.wrapping_add(units), at, ..last };
        self.next_seq += 1;
        self.last = Some(out);
        Some(out)
    }

    /// Numbers with which a packet of the present source goes out; none if it is older than the join.
    #[inline]
    pub fn map(&mut self, packet: &Numbers) -> Option<Numbers> {
        if packet.seq < self.from {
            return None;
        }
        let past = self.of_past(packet);
        let (ts, at) = past.unwrap_or((packet.ts.wrapping_add(self.ts), packet.at));
        let out = Numbers {
            seq: packet.seq.wrapping_add(self.seq),
            ts,
            picture_id: packet.picture_id.wrapping_add(self.picture_id) & 0x7fff,
            tl0: packet.tl0.wrapping_add(self.tl0),
            at,
        };
        if out.seq >= self.next_seq {
            self.next_seq = out.seq + 1;
            self.last = Some(out);
        }
        Some(out)
    }

    /// Sequence number that the present source gave to what goes out under that one; none for what was there before the join.
    #[must_use]
    pub fn source_of(&self, out: u64) -> Option<u64> {
        (out >= self.from.wrapping_add(self.seq)).then(|| out.wrapping_sub(self.seq))
    }

    /// Highest numbers that went out.
    #[must_use]
    pub fn last(&self) -> Option<&Numbers> {
        self.last.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::random::Random;

    fn packet(seq: u64, frame: u64) -> Numbers {
        Numbers {
            seq,
            ts: (frame * 3000) as u32,
            picture_id: (frame & 0x7fff) as u16,
            tl0: frame as u8,
            at: Mono::from_millis(frame * 33),
        }
    }

    #[test]
    fn joins_leave_no_gap_and_never_go_back() {
        let mut rng = Random::new(4);
        let mut out = Splice::new(90_000, 900, 100, 7);
        let mut last: Option<Numbers> = None;
        let mut frame = 0;
        for _ in 0..500 {
            let base = rng.below(1 << 40);
            out.join(&packet(base, frame));
            for n in 0..1 + rng.below(50) {
                let got = out.map(&packet(base + n, frame)).unwrap();
                if let Some(last) = last {
                    assert_eq!(got.seq, last.seq + 1);
                    assert!(got.ts.wrapping_sub(last.ts) < 1 << 31);
                    let step = got.picture_id.wrapping_sub(last.picture_id) & 0x7fff;
                    assert!(step <= 1, "picture ids go on by one");
                }
                last = Some(got);
                frame += n % 3 / 2;
            }
            frame += 1;
        }
    }

    #[test]
    fn packets_from_before_the_join_are_dropped_and_late_ones_keep_their_place() {
        let mut out = Splice::new(90_000, 900, 1, 0);
        out.join(&packet(50, 1));
        assert_eq!(out.map(&packet(50, 1)).unwrap().seq, 1);
        assert_eq!(out.map(&packet(53, 1)).unwrap().seq, 4);
        assert_eq!(out.map(&packet(51, 1)).unwrap().seq, 2);
        assert!(out.map(&packet(49, 1)).is_none());
        out.join(&packet(9, 3));
        assert_eq!(out.map(&packet(9, 3)).unwrap().seq, 5);
    }

    #[test]
    fn a_stream_that_begins_in_the_past_stands_just_before_the_present_and_goes_on_with_it() {
        let mut rng = Random::new(8);
        for _ in 0..300 {
            let mut out = Splice::new(90_000, 900, 100, rng.bits() as u32);
            let first_ts = rng.bits() as u32;
            let frame = |n: u64| Numbers { ts: first_ts.wrapping_add(n as u32 * 3_000), ..packet(n, n) };
            if rng.below(2) == 0 {
                out.join(&packet(7_000, 3));
                out.map(&packet(7_000, 3)).unwrap();
            }
            let before = out.last().copied();
            let newest = rng.below(60);
            // The newest frame is some time old by now.
            let present = Mono::from_millis(newest * 33 + rng.below(900));
            out.join_past(&frame(0), &frame(newest), present);
            let mut last: Option<Numbers> = before;
            for n in 0..=newest {
                let got = out.map(&frame(n)).unwrap();
                assert!(last.is_none_or(|last| (1..1 << 31).contains(&got.ts.wrapping_sub(last.ts))));
                last = Some(got);
            }
            let shown = last.unwrap();
            let began = before.map_or(shown.ts, |before| before.ts);
            assert!(before.is_none() || shown.ts.wrapping_sub(began) / 90 <= present.0 as u32 / 1_000 + 75);
            // The next frame comes when it should, or is late by what a network does.
            let next = Numbers { at: present + Duration::from_millis(rng.below(60)), ..frame(newest + 1) };
            let live = out.map(&next).unwrap();
            let gone = next.at.since(present).as_millis() as u32 * 90;
            assert_eq!(live.ts.wrapping_sub(shown.ts), gone.max(900));
            let late = out.map(&Numbers { seq: frame(newest).seq, ..frame(newest) }).unwrap();
            assert_eq!(late.ts, shown.ts, "a late packet of a frame has its frame's timestamp");
            assert_eq!(out.map(&frame(newest + 2)).unwrap().ts, live.ts.wrapping_add(3_000));
        }
    }
}
