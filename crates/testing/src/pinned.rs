//! What a change that only moves code must leave as it is: hashes over the log of each of the first seeds, and over what its screens were told.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use service::port::log::StoredEvent;
use sha2::{Digest, Sha256};

/// The seeds below this one are hashed.
pub const SEEDS_PINNED: u64 = 2_000;
/// Seeds in a line of the pinned text.
const LINE_SEEDS: usize = 10;
/// Bytes of a seed's hash in the pinned text: enough to name the seed that differs; the first line covers all hashes whole.
const SHORT_BYTES: usize = 4;

/// SHA-256 over what a seed gave.
pub type SeedHash = [u8; 32];

/// How hashes differ from the pinned ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Differs {
    /// That of this seed does, and of none before it.
    #[error("what seed {0} gives is not what is pinned, and of no seed before it")]
    Seed(u64),
    /// All short hashes are equal, the whole ones are not.
    #[error("what the seeds give is not what is pinned, though the first bytes of all hashes are")]
    Whole,
}

/// The hash over the whole events of a log in their order, each field behind its length.
#[must_use]
pub fn log_hash(events: &[StoredEvent]) -> SeedHash {
    let mut sum = Sha256::new();
    let mut field = |bytes: &[u8]| {
        sum.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
        sum.update(bytes);
    };
    for StoredEvent { seq, epoch, at, kind, ver, alg, body, prev, hash } in events {
        field(&seq.0.to_be_bytes());
        field(&epoch.0.to_be_bytes());
        field(&at.0.to_be_bytes());
        field(kind.as_bytes());
        field(&ver.to_be_bytes());
        field(alg.as_bytes());
        field(body);
        field(prev);
        field(hash);
    }
    sum.finalize().into()
}

/// The hash over the hashes of many seeds, as hexadecimal text.
#[must_use]
pub fn whole(hashes: &BTreeMap<u64, SeedHash>) -> String {
    let mut sum = Sha256::new();
    hashes.values().for_each(|hash| sum.update(hash));
    hex(&sum.finalize())
}

/// The text to pin: the hash over all, then the first bytes of each seed's, from seed 0 on.
#[must_use]
pub fn text(hashes: &BTreeMap<u64, SeedHash>) -> String {
    let mut text = whole(hashes);
    text.push('\n');
    let short: Vec<String> = hashes.values().map(|hash| hex(&hash[..SHORT_BYTES])).collect();
    for (line, row) in short.chunks(LINE_SEEDS).enumerate() {
        let _ = writeln!(text, "{:04} {}", line * LINE_SEEDS, row.join(" "));
    }
    text
}

/// Compares hashes with the pinned text; of fewer seeds than are pinned, only those.
///
/// # Errors
/// [`Differs`] names the first seed that differs.
pub fn compare(pinned: &str, hashes: &BTreeMap<u64, SeedHash>) -> Result<(), Differs> {
    let mut lines = pinned.lines();
    let all = lines.next().unwrap_or_default();
    let short: Vec<&str> = lines.flat_map(|line| line.split(' ').skip(1)).collect();
    for (seed, hash) in hashes {
        let pinned = usize::try_from(*seed).ok().and_then(|seed| short.get(seed));
        if pinned != Some(&hex(&hash[..SHORT_BYTES]).as_str()) {
            return Err(Differs::Seed(*seed));
        }
    }
    if hashes.len() == short.len() && all != whole(hashes) {
        return Err(Differs::Whole);
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use base::{Epoch, Sequence, Wall};

    use super::*;

    fn event() -> StoredEvent {
        StoredEvent {
            seq: Sequence(1),
            epoch: Epoch(1),
            at: Wall(7),
            kind: "started".into(),
            ver: 1,
            alg: "sha256".into(),
            body: b"{}".to_vec(),
            prev: vec![1],
            hash: vec![2],
        }
    }

    #[test]
    fn every_field_of_an_event_counts() {
        let changes: [fn(&mut StoredEvent); 9] = [
            |event| event.seq = Sequence(2),
            |event| event.epoch = Epoch(2),
            |event| event.at = Wall(8),
            |event| event.kind.push('2'),
            |event| event.ver = 2,
            |event| event.alg.push('2'),
            |event| event.body.push(b' '),
            |event| event.prev.push(0),
            |event| event.hash.push(0),
        ];
        for change in changes {
            let mut changed = event();
            change(&mut changed);
            assert_ne!(log_hash(&[changed.clone()]), log_hash(&[event()]), "{changed:?}");
        }
        assert_ne!(log_hash(&[event(), event()]), log_hash(&[event()]));
    }

    #[test]
    fn the_first_seed_that_differs_is_named() {
        let logs: BTreeMap<u64, SeedHash> =
            (0..25_u64).map(|seed| (seed, [seed.to_be_bytes()[7]; 32])).collect();
        let pinned = text(&logs);
        assert_eq!(compare(&pinned, &logs), Ok(()));
        let fewer = logs.iter().take(3).map(|(seed, hash)| (*seed, *hash)).collect();
        assert_eq!(compare(&pinned, &fewer), Ok(()));
        let changed = |seeds: &[u64], place: usize| {
            let mut changed = logs.clone();
            changed
                .iter_mut()
                .filter(|(seed, _)| seeds.contains(seed))
                .for_each(|(_, hash)| hash[place] = 0xff);
            changed
        };
        let differ = |logs: BTreeMap<u64, SeedHash>| compare(&pinned, &logs).unwrap_err();
        assert_eq!(differ(changed(&[24, 11], 0)), Differs::Seed(11));
        assert_eq!(differ(changed(&[11], 31)), Differs::Whole);
        let more = logs.clone().into_iter().chain([(25, [0; 32])]).collect();
        assert_eq!(differ(more), Differs::Seed(25));
    }
}
