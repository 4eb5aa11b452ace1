//! What a run of the simulator did, in numbers.

use std::collections::BTreeMap;
use std::fmt;

use directory::policy::ActKind;
use meeting::RefusalCode;

use crate::actor::LOGGED;
use crate::pinned::SeedHash;

/// Numbers of one sequence, or of many.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Sequences.
    pub sequences: u64,
    /// Commands, each counted once.
    pub commands: u64,
    /// Fewest commands of a sequence.
    pub commands_min: u64,
    /// Fewest actors that gave commands in a sequence.
    pub actors_min: u64,
    /// Events in logs.
    pub events: u64,
    /// Steps after which every invariant was checked.
    pub steps: u64,
    /// Virtual milliseconds.
    pub virtual_ms: u64,
    /// Accepted, by kind of act.
    pub accepted: BTreeMap<&'static str, u64>,
    /// Refused, by kind of act.
    pub refused: BTreeMap<&'static str, u64>,
    /// Refused, by reason.
    pub reasons: BTreeMap<RefusalCode, u64>,
    /// What happened besides, by name.
    pub happened: BTreeMap<&'static str, u64>,
    /// Hash over the log, of each seed below [`crate::pinned::SEEDS_PINNED`].
    pub logs: BTreeMap<u64, SeedHash>,
    /// Hash over what screens of every role were told, of the same seeds.
    pub screens: BTreeMap<u64, SeedHash>,
}

impl Counts {
    /// Adds those of other sequences.
    pub fn add(&mut self, other: &Self) {
        let first = self.sequences == 0;
        self.commands_min =
            if first { other.commands_min } else { self.commands_min.min(other.commands_min) };
        self.actors_min = if first { other.actors_min } else { self.actors_min.min(other.actors_min) };
        self.sequences += other.sequences;
        self.commands += other.commands;
        self.events += other.events;
        self.steps += other.steps;
        self.virtual_ms += other.virtual_ms;
        merge(&mut self.accepted, &other.accepted);
        merge(&mut self.refused, &other.refused);
        merge(&mut self.reasons, &other.reasons);
        merge(&mut self.happened, &other.happened);
        self.logs.extend(&other.logs);
        self.screens.extend(&other.screens);
    }

    /// Notes that something happened.
    pub fn note(&mut self, what: &'static str) {
        *self.happened.entry(what).or_default() += 1;
    }

    /// Kinds of act that were accepted or refused less often than this, in words.
    #[must_use]
    pub fn too_few(&self, least: u64) -> Vec<String> {
        let mut found = Vec::new();
        for kind in LOGGED.map(ActKind::name) {
            for (how, counted) in [("accepted", &self.accepted), ("refused", &self.refused)] {
                let count = counted.get(kind).copied().unwrap_or(0);
                if count < least {
                    found.push(format!("{kind} {how} {count} times"));
                }
            }
        }
        found
    }
}

fn merge<K: Ord + Clone>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        match into.get_mut(key) {
            Some(sum) => *sum += count,
            None => {
                into.insert(key.clone(), *count);
            }
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} sequences, {} commands (at least {} by at least {} actors each), {} events, {} steps, {} s of virtual time",
            self.sequences,
            self.commands,
            self.commands_min,
            self.actors_min,
            self.events,
            self.steps,
            self.virtual_ms / 1000
        )?;
        for kind in LOGGED.map(ActKind::name) {
            let count = |map: &BTreeMap<&'static str, u64>| map.get(kind).copied().unwrap_or(0);
            writeln!(
                f,
                "  {kind:<12} {:>9} accepted {:>9} refused",
                count(&self.accepted),
                count(&self.refused)
            )?;
        }
        for (reason, count) in &self.reasons {
            writeln!(f, "  refused: {:<31} {count:>9}", format!("{reason:?}"))?;
        }
        for (what, count) in &self.happened {
            writeln!(f, "  {what:<40} {count:>9}")?;
        }
        Ok(())
    }
}
