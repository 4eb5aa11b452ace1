//! When each session wants its turn, in the order of time: whose time has come is found without looking at the others.

use std::collections::BTreeSet;

use base::Mono;
use slotmap::SecondaryMap;

use crate::keys::SessionKey;

/// A time for each session.
#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    of: SecondaryMap<SessionKey, Mono>,
    in_order: BTreeSet<(Mono, SessionKey)>,
}

impl Deadlines {
    /// A session wants its turn then, and no longer when it wanted it before.
    pub(crate) fn set(&mut self, session: SessionKey, at: Mono) {
        let before = self.of.insert(session, at);
        if before == Some(at) {
            return;
        }
        if let Some(before) = before {
            self.in_order.remove(&(before, session));
        }
        self.in_order.insert((at, session));
    }

    /// A session is gone.
    pub(crate) fn remove(&mut self, session: SessionKey) {
        if let Some(before) = self.of.remove(session) {
            self.in_order.remove(&(before, session));
        }
    }

    /// The first time of all.
    pub(crate) fn first(&self) -> Option<Mono> {
        self.in_order.first().map(|(at, _)| *at)
    }

    /// Sessions whose time has come, the longest due first.
    pub(crate) fn due(&self, now: Mono) -> impl Iterator<Item = SessionKey> + '_ {
        self.in_order.iter().take_while(move |(at, _)| *at <= now).map(|(_, session)| *session)
    }
}

#[cfg(test)]
mod tests {
    use base::random::Random;
    use slotmap::SlotMap;

    use super::*;

    #[test]
    fn whose_time_has_come_is_found_in_order_whatever_changed_before() {
        let mut rng = Random::new(5);
        let mut keys = SlotMap::<SessionKey, ()>::with_key();
        let mut deadlines = Deadlines::default();
        let mut known: Vec<(SessionKey, Mono)> = Vec::new();
        for _ in 0..5_000 {
            let n = rng.below(60) as usize;
            let at = Mono(rng.below(1_000));
            match (known.get(n).copied(), rng.below(8)) {
                (None, _) => known.push((keys.insert(()), at)),
                (Some((key, _)), 0) => {
                    known.swap_remove(n);
                    deadlines.remove(key);
                    deadlines.remove(key);
                    continue;
                }
                (Some((key, _)), _) => known[n] = (key, at),
            }
            let (key, at) = known[n.min(known.len() - 1)];
            deadlines.set(key, at);
            let now = Mono(rng.below(1_000));
            let mut due: Vec<_> =
                known.iter().filter(|(_, at)| *at <= now).map(|(key, at)| (*at, *key)).collect();
            due.sort_unstable();
            assert_eq!(
                deadlines.due(now).collect::<Vec<_>>(),
                due.iter().map(|(_, key)| *key).collect::<Vec<_>>()
            );
            assert_eq!(deadlines.first(), known.iter().map(|(_, at)| *at).min());
            assert_eq!(deadlines.in_order.len(), known.len());
        }
    }
}
