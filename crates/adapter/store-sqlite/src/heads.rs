//! The file `heads`: how far each log had come, apart from the database, so that a lost tail is seen (R19).
//!
//! Each run has two slots, overwritten in place by turns after each commit, without an fsync of their own: what is noted may lag behind the log by
//! what the system had not written, and never lead. A slot of 256 bytes is, numbers big-endian: turn (8), sequence (8), hash (32), signature
//! (32, [`service::chain::sign`]), length of the run's name (1), its name (64), zeros. The slots of a run lie on two pages of 4 KiB: sixteen first
//! slots, then their sixteen second ones. One that was torn, or signed by another key, does not count, and the other does.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;

use base::{RunId, Sequence};
use service::chain;
use service::port::log::{Loss, StoredEvent};

use crate::StoreError;
use crate::folder::TOKEN_KEY_BYTES;

/// Runs that have a place in the file: 16 MiB. Beyond it a run has none, which is told when it is opened.
const RUNS_MAX: usize = 32_768;
const SLOT: usize = 256;
const PAGE: usize = 4096;
/// Slots of one page.
const PLACES: usize = PAGE / SLOT;
/// Two pages: the first slots of some runs, and their second ones.
const BLOCK: usize = 2 * PAGE;
const HASH: usize = 32;
const NAME: usize = 80;

/// The heads of all runs.
#[derive(Debug)]
pub(crate) struct Heads {
    path: PathBuf,
    file: File,
    key: [u8; TOKEN_KEY_BYTES],
    /// Places that the file has room for.
    room: usize,
    /// Places that no run has, the last first.
    free: Vec<usize>,
    runs: BTreeMap<RunId, Noted>,
    /// The last note failed, which was told.
    failing: bool,
}

/// What the file says of a run.
#[derive(Debug, Clone)]
struct Noted {
    place: usize,
    turn: u64,
    seq: Sequence,
    hash: Vec<u8>,
}

/// How a log compares with what was noted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Compared {
    /// It has all that was noted.
    Whole,
    /// Nothing was noted.
    Unknown,
    /// It has not what it had.
    Lost(Loss),
}

impl Heads {
    /// Reads the file, and makes it if there is none.
    pub(crate) fn open(path: PathBuf, key: [u8; TOKEN_KEY_BYTES]) -> Result<Self, StoreError> {
        let failed = |cause| StoreError::File { doing: "open", path: path.clone(), cause };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        let mut bytes = Vec::new();
        let most = u64::try_from(RUNS_MAX / PLACES * BLOCK).unwrap_or(u64::MAX);
        (&mut file).take(most).read_to_end(&mut bytes).map_err(failed)?;
        let room = bytes.len() / BLOCK * PLACES;
        let mut heads =
            Self { path, file, key, room, free: Vec::new(), runs: BTreeMap::new(), failing: false };
        let unreadable = heads.take_up(&bytes);
        if unreadable > 0 {
            tracing::warn!(file = %heads.path.display(), unreadable,
                "entries of the heads are damaged or of another token key; a loss in those runs is not seen until they are written again");
        }
        Ok(heads)
    }

    /// Takes up what the bytes of the file say, and gives how many places hold something that counts for nothing.
    fn take_up(&mut self, bytes: &[u8]) -> usize {
        let mut unreadable = 0;
        for place in (0..self.room).rev() {
            let slots = [0, 1].map(|side| &bytes[offset(place, side)..][..SLOT]);
            let newest =
                slots.into_iter().filter_map(|slot| self.read(place, slot)).max_by_key(|(_, n)| n.turn);
            match newest {
                Some((run, noted)) if self.runs.get(&run).is_none_or(|other| other.turn < noted.turn) => {
                    self.runs.insert(run, noted);
                }
                Some(_) => self.free.push(place),
                None => {
                    unreadable += usize::from(slots.iter().any(|slot| slot.iter().any(|byte| *byte != 0)));
                    self.free.push(place);
                }
            }
        }
        unreadable
    }

    /// What a slot says, if it is whole and signed by this store.
    fn read(&self, place: usize, slot: &[u8]) -> Option<(RunId, Noted)> {
        let number = |at: usize| Some(u64::from_be_bytes(slot.get(at..at + 8)?.try_into().ok()?));
        let (turn, seq) = (number(0)?, Sequence(number(8)?));
        let (hash, signed) = (slot.get(16..16 + HASH)?, slot.get(16 + HASH..NAME)?);
        let name = slot.get(NAME + 1..)?.get(..usize::from(*slot.get(NAME)?))?;
        let run = RunId::new(std::str::from_utf8(name).ok()?).ok()?;
        let noted = Noted { place, turn, seq, hash: hash.to_vec() };
        (chain::sign(&self.key, &run, turn, seq, hash) == signed).then_some((run, noted))
    }

    /// The runs of which something is noted, and the last event that is.
    pub(crate) fn noted(&self) -> impl Iterator<Item = (&RunId, Sequence)> {
        self.runs.iter().map(|(run, noted)| (run, noted.seq))
    }

    /// Compares the log of a run, of which these are all events, with what was noted.
    pub(crate) fn compare(&self, run: &RunId, events: &[StoredEvent]) -> Compared {
        let last = events.last().map_or(Sequence(0), |event| event.seq);
        let Some(noted) = self.runs.get(run) else {
            return if events.is_empty() { Compared::Whole } else { Compared::Unknown };
        };
        let there = usize::try_from(noted.seq.0.saturating_sub(1)).ok().and_then(|n| events.get(n));
        if there.is_some_and(|event| event.seq == noted.seq && event.hash == noted.hash) {
            return Compared::Whole;
        }
        Compared::Lost(Loss { run: run.clone(), had: noted.seq, has: last })
    }

    /// Notes the last event of a log that was committed. What cannot be noted is told once, and the log goes on.
    pub(crate) fn note(&mut self, run: &RunId, seq: Sequence, hash: &[u8]) {
        match self.write(run, seq, hash) {
            Ok(()) => self.failing = false,
            Err(error) if !self.failing => {
                self.failing = true;
                tracing::error!(%error, %run, file = %self.path.display(), "how far a log has come cannot be noted, so a loss would not be seen");
            }
            Err(_) => {}
        }
    }

    fn write(&mut self, run: &RunId, seq: Sequence, hash: &[u8]) -> std::io::Result<()> {
        let known = self.runs.get(run).map(|noted| (noted.place, noted.turn + 1));
        let (place, turn) = match known {
            Some(known) => known,
            None => (self.free_place()?, 1),
        };
        let signed = chain::sign(&self.key, run, turn, seq, hash);
        let name = run.as_str().as_bytes();
        let length = u8::try_from(name.len()).map_err(std::io::Error::other)?;
        let mut slot = Vec::with_capacity(SLOT);
        for bytes in [&turn.to_be_bytes(), &seq.0.to_be_bytes(), hash, &signed, &[length], name] {
            slot.extend_from_slice(bytes);
        }
        slot.resize(SLOT, 0);
        let side = usize::from(turn % 2 == 0);
        self.file.write_all_at(&slot, u64::try_from(offset(place, side)).unwrap_or(u64::MAX))?;
        if known.is_none() {
            self.free.pop();
        }
        self.runs.insert(run.clone(), Noted { place, turn, seq, hash: hash.to_vec() });
        Ok(())
    }

    /// A place that no run has. The file grows by a block at a time.
    fn free_place(&mut self) -> std::io::Result<usize> {
        if let Some(place) = self.free.last() {
            return Ok(*place);
        }
        if self.room >= RUNS_MAX {
            return Err(std::io::Error::other(format!("{RUNS_MAX} runs are noted already")));
        }
        let end = u64::try_from(self.room / PLACES * BLOCK).unwrap_or(u64::MAX);
        self.file.write_all_at(&[0; BLOCK], end)?;
        self.free.extend((self.room..self.room + PLACES).rev());
        self.room += PLACES;
        Ok(self.room - PLACES)
    }
}

/// Where the first or the second slot of a place begins.
fn offset(place: usize, side: usize) -> usize {
    place / PLACES * BLOCK + side * PAGE + place % PLACES * SLOT
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn run(name: &str) -> RunId {
        RunId::new(name).unwrap()
    }

    fn hash(seq: u64) -> Vec<u8> {
        vec![seq as u8; HASH]
    }

    fn open(folder: &Path, key: u8) -> Heads {
        Heads::open(folder.join("heads"), [key; 32]).unwrap()
    }

    fn last(heads: &Heads, name: &str) -> Option<u64> {
        heads.noted().find(|(run, _)| run.as_str() == name).map(|(_, seq)| seq.0)
    }

    #[test]
    fn the_newest_whole_slot_counts_whatever_happens_to_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let mut heads = open(folder.path(), 7);
        heads.note(&run("held"), Sequence(8), &hash(8));
        heads.note(&run("held"), Sequence(9), &hash(9));
        drop(heads);
        let path = folder.path().join("heads");
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len(), BLOCK);
        for at in (0..NAME + 1 + 4).chain([PAGE, PAGE + 20, PAGE + 60, PAGE + NAME, PAGE + NAME + 2]) {
            let mut torn = bytes.clone();
            torn[at] ^= 0x10;
            std::fs::write(&path, &torn).unwrap();
            // The first turn is on the first page.
            let want = if at < PAGE { 9 } else { 8 };
            assert_eq!(last(&open(folder.path(), 7), "held"), Some(want), "byte {at}");
        }
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(last(&open(folder.path(), 8), "held"), None, "signed by another key");
    }

    #[test]
    fn a_note_goes_into_the_slot_that_is_not_the_newest_and_of_a_run_whose_slots_are_gone_nothing_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let mut heads = open(folder.path(), 7);
        for seq in 1..=5 {
            heads.note(&run("held"), Sequence(seq), &hash(seq));
            assert_eq!(last(&open(folder.path(), 7), "held"), Some(seq));
        }
        drop(heads);
        std::fs::write(folder.path().join("heads"), vec![0xff; BLOCK]).unwrap();
        let mut heads = open(folder.path(), 7);
        assert_eq!(last(&heads, "held"), None);
        heads.note(&run("held"), Sequence(6), &hash(6));
        assert_eq!(last(&open(folder.path(), 7), "held"), Some(6));
    }

    #[test]
    fn runs_have_places_of_their_own_and_the_file_is_as_large_as_their_number_says() {
        let folder = tempfile::tempdir().unwrap();
        let mut heads = open(folder.path(), 7);
        let names: Vec<String> = (0..100).map(|n| format!("run{n}")).collect();
        for turn in 1..=3 {
            for (n, name) in (1..).zip(&names) {
                heads.note(&run(name), Sequence(n * turn), &hash(n));
            }
        }
        drop(heads);
        let heads = open(folder.path(), 7);
        for (n, name) in (1..).zip(&names) {
            assert_eq!(last(&heads, name), Some(n * 3));
        }
        let length = std::fs::metadata(folder.path().join("heads")).unwrap().len();
        assert_eq!(length, 7 * BLOCK as u64);
        let longest = run(&"x".repeat(64));
        let mut heads = heads;
        heads.note(&longest, Sequence(1), &hash(1));
        assert_eq!(last(&open(folder.path(), 7), longest.as_str()), Some(1));
    }
}
