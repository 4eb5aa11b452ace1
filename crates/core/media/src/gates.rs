//! The floor at the first hop (R3): which venues' sound passes.
//!
//! Closed by default. [`Gates::close`] shuts at once and holds shut until a target at or after the sequence that the revocation gets, or
//! of a later epoch. A target that is not renewed for [`RENEW_MAX`] closes every gate but that of the chair's venue.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base::{Epoch, Mono, Sequence, VenueId};

/// How long gates stay open without being renewed.
pub const RENEW_MAX: Duration = Duration::from_secs(8);

/// A gate that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whose.
    pub venue: VenueId,
    /// It lets sound pass.
    pub open: bool,
    /// By which target, or the revocation that shut it.
    pub epoch: Epoch,
    /// By which target, or the revocation that shut it.
    pub sequence: Sequence,
}

/// Gates of one meeting.
#[derive(Debug, Clone, Default)]
pub struct Gates {
    open: BTreeSet<VenueId>,
    /// Shut until this epoch and sequence.
    shut: BTreeMap<VenueId, (Epoch, Sequence)>,
    chair: Option<VenueId>,
    applied: Option<(Epoch, Sequence)>,
    renewed: Mono,
}

impl Gates {
    /// Shuts gates at once. What an older epoch says is ignored.
    pub fn close(&mut self, epoch: Epoch, until: Sequence, venues: &[VenueId]) -> Vec<Change> {
        if self.applied.is_some_and(|(at, _)| epoch < at) {
            return Vec::new();
        }
        let mut changes = Vec::new();
        for venue in venues {
            // A revocation that a target has overtaken says nothing new.
            if self.applied.is_some_and(|at| at >= (epoch, until)) {
                continue;
            }
            let bar = self.shut.entry(venue.clone()).or_insert((epoch, until));
            *bar = (*bar).max((epoch, until));
            if self.open.remove(venue) {
                changes.push(Change { venue: venue.clone(), open: false, epoch, sequence: until });
            }
        }
        changes
    }

    /// Takes a target; none if it is older than what is applied. The same again renews.
    pub fn apply(
        &mut self,
        now: Mono,
        epoch: Epoch,
        sequence: Sequence,
        gates: &BTreeSet<VenueId>,
        chair: Option<&VenueId>,
    ) -> Option<Vec<Change>> {
        if self.applied.is_some_and(|at| (epoch, sequence) < at) {
            return None;
        }
        self.applied = Some((epoch, sequence));
        self.renewed = now;
        self.chair = chair.cloned();
        // A later epoch has recovered from the log, so its target knows of every revocation; a late target of an earlier one knows nothing.
        self.shut.retain(|_, bar| *bar > (epoch, sequence));
        let open: BTreeSet<VenueId> = gates.iter().filter(|v| !self.shut.contains_key(*v)).cloned().collect();
        let changed: Vec<VenueId> = self.open.symmetric_difference(&open).cloned().collect();
        self.open = open;
        Some(
            changed
                .into_iter()
                .map(|venue| Change { open: self.open.contains(&venue), venue, epoch, sequence })
                .collect(),
        )
    }

    /// Closes what was not renewed.
    pub fn tick(&mut self, now: Mono) -> Vec<Change> {
        if now < self.deadline() {
            return Vec::new();
        }
        let (epoch, sequence) = self.applied.unwrap_or_default();
        let chair = self.chair.clone();
        let expired: Vec<VenueId> =
            self.open.iter().filter(|v| Some(*v) != chair.as_ref()).cloned().collect();
        self.open.retain(|v| Some(v) == chair.as_ref());
        expired.into_iter().map(|venue| Change { venue, open: false, epoch, sequence }).collect()
    }

    /// When gates close unless they are renewed.
    #[must_use]
    pub fn deadline(&self) -> Mono {
        self.renewed + RENEW_MAX
    }

    /// Venues whose sound passes.
    #[must_use]
    pub fn open(&self) -> &BTreeSet<VenueId> {
        &self.open
    }

    /// Epoch and sequence of the target that is applied.
    #[must_use]
    pub fn applied(&self) -> Option<(Epoch, Sequence)> {
        self.applied
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::random::Random;

    fn venue(name: &str) -> VenueId {
        VenueId::new(name).unwrap()
    }

    fn set(names: &[&str]) -> BTreeSet<VenueId> {
        names.iter().map(|n| venue(n)).collect()
    }

    fn apply(gates: &mut Gates, at_ms: u64, epoch: u64, seq: u64, open: &[&str]) -> Option<usize> {
        gates
            .apply(Mono::from_millis(at_ms), Epoch(epoch), Sequence(seq), &set(open), Some(&venue("main")))
            .map(|c| c.len())
    }

    #[test]
    fn r2_every_gate_is_closed_at_first() {
        assert!(Gates::default().open().is_empty());
    }

    #[test]
    fn r3_a_late_target_of_an_earlier_epoch_opens_no_shut_gate() {
        let mut gates = Gates::default();
        apply(&mut gates, 0, 1, 4, &["main", "a"]);
        gates.close(Epoch(2), Sequence(6), &[venue("a")]);
        assert_eq!(apply(&mut gates, 1, 1, 4, &["main", "a"]), Some(0));
        assert_eq!(*gates.open(), set(&["main"]));
        assert_eq!(apply(&mut gates, 2, 2, 6, &["main", "a"]), Some(1));
    }

    #[test]
    fn r3_a_shut_gate_stays_shut_until_its_revocation_is_applied() {
        let mut gates = Gates::default();
        apply(&mut gates, 0, 1, 4, &["main", "a"]);
        let changes = gates.close(Epoch(1), Sequence(6), &[venue("a")]);
        assert_eq!(changes.len(), 1);
        assert_eq!(*gates.open(), set(&["main"]));
        assert_eq!(apply(&mut gates, 1, 1, 4, &["main", "a"]), Some(0));
        assert_eq!(apply(&mut gates, 1, 1, 5, &["main", "a"]), Some(0));
        assert_eq!(*gates.open(), set(&["main"]));
        apply(&mut gates, 2, 1, 6, &["main", "a"]);
        assert_eq!(*gates.open(), set(&["main", "a"]));
    }

    #[test]
    fn r3_a_later_epoch_lifts_what_an_earlier_one_shut() {
        let mut gates = Gates::default();
        apply(&mut gates, 0, 1, 4, &["a"]);
        gates.close(Epoch(1), Sequence(60), &[venue("a")]);
        apply(&mut gates, 2, 2, 5, &["a"]);
        assert_eq!(*gates.open(), set(&["a"]));
        assert!(gates.close(Epoch(1), Sequence(90), &[venue("a")]).is_empty());
        assert_eq!(*gates.open(), set(&["a"]));
    }

    #[test]
    fn older_targets_are_ignored() {
        let mut gates = Gates::default();
        apply(&mut gates, 0, 2, 9, &["a"]);
        assert_eq!(apply(&mut gates, 1, 2, 8, &["b"]), None);
        assert_eq!(apply(&mut gates, 1, 1, 99, &["b"]), None);
        assert_eq!(*gates.open(), set(&["a"]));
    }

    #[test]
    fn r3_eight_seconds_without_renewal_close_all_but_the_chair() {
        let mut gates = Gates::default();
        apply(&mut gates, 0, 1, 4, &["main", "a", "b"]);
        apply(&mut gates, 5_000, 1, 4, &["main", "a", "b"]);
        assert!(gates.tick(Mono::from_millis(12_999)).is_empty());
        assert_eq!(gates.tick(Mono::from_millis(13_000)).len(), 2);
        assert_eq!(*gates.open(), set(&["main"]));
        apply(&mut gates, 13_500, 1, 4, &["main", "a", "b"]);
        assert_eq!(*gates.open(), set(&["main", "a", "b"]));
    }

    #[test]
    fn r3_no_order_of_messages_opens_a_revoked_gate() {
        for seed in 0..500 {
            let mut rng = Random::new(seed);
            let mut gates = Gates::default();
            let mut revoked: Option<u64> = None;
            let mut newest = 0;
            for n in 0..200 {
                let seq = rng.below(40);
                if rng.below(4) == 0 {
                    gates.close(Epoch(1), Sequence(seq), &[venue("a")]);
                    if seq > newest {
                        revoked = Some(revoked.map_or(seq, |r| r.max(seq)));
                    }
                } else if apply(&mut gates, n, 1, seq, &["a"]).is_some() {
                    newest = seq;
                }
                if revoked.is_some_and(|until| newest < until) {
                    assert!(gates.open().is_empty(), "seed {seed}");
                }
            }
        }
    }
}
