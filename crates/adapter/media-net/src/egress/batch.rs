//! Datagrams on their way out, side by side in one buffer, in the order in which they go.

use std::net::SocketAddr;

use crate::keys::RingKey;
use crate::transport::Path;

/// Datagrams of a run at most. Longer runs fill a receiver's buffer faster than it is emptied.
pub(crate) const RUN_MAX: u16 = 8;

/// Sound in a datagram: the ring that it is of, and how often that ring's gate had changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sound {
    pub(crate) ring: RingKey,
    pub(crate) generation: u32,
}

/// Datagrams of one peer, of one size but for the last, which may be shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    path: Path,
    start: usize,
    end: usize,
    segment: usize,
    count: u16,
    /// The last datagram is sound.
    sound: Option<Sound>,
}

/// A run, to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunView<'a> {
    pub(crate) local: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) bytes: &'a [u8],
    /// Bytes of each datagram but the last.
    pub(crate) segment: usize,
    pub(crate) sound: Option<Sound>,
}

impl<'a> RunView<'a> {
    /// Its datagrams.
    pub(crate) fn datagrams(self) -> impl ExactSizeIterator<Item = &'a [u8]> {
        self.bytes.chunks(self.segment.max(1))
    }
}

/// The datagrams of a slice of a round.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    runs: Vec<Run>,
    /// Bytes that were ever written.
    total: u64,
}

impl Batch {
    /// Writes a datagram behind those that are there; an empty one is none.
    pub(crate) fn push(&mut self, path: Path, datagram: &[u8], sound: Option<Sound>) {
        self.write(path, sound, |bytes| {
            bytes.extend_from_slice(datagram);
            true
        });
    }

    /// Lets a datagram be written behind those that are there; there is none if `write` says no, or panics.
    #[inline]
    pub(crate) fn write(
        &mut self,
        path: Path,
        sound: Option<Sound>,
        write: impl FnOnce(&mut Vec<u8>) -> bool,
    ) {
        let start = self.whole();
        if write(&mut self.bytes) && self.bytes.len() > start {
            self.written(path, start, sound);
        } else {
            self.bytes.truncate(start);
        }
    }

    /// Takes away what stands behind the last whole datagram; where the next one begins.
    fn whole(&mut self) -> usize {
        let end = self.runs.last().map_or(0, |run| run.end);
        self.bytes.truncate(end);
        end
    }

    /// What stands in the buffer from `start` on is a datagram.
    fn written(&mut self, path: Path, start: usize, sound: Option<Sound>) {
        let end = self.bytes.len();
        self.total += (end - start) as u64;
        match self.runs.last_mut() {
            Some(run) if run.takes(path, end - start) => {
                run.end = end;
                run.count += 1;
                run.sound = sound;
            }
            _ => self.runs.push(Run { path, start, end, segment: end - start, count: 1, sound }),
        }
    }

    /// Bytes that wait.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// How many runs there are.
    pub(crate) fn runs(&self) -> usize {
        self.runs.len()
    }

    /// A run, by its place.
    pub(crate) fn run(&self, n: usize) -> RunView<'_> {
        let Run { path, start, end, segment, sound, .. } = self.runs[n];
        RunView { local: path.local, to: path.remote, bytes: &self.bytes[start..end], segment, sound }
    }

    /// Everything is sent.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.runs.clear();
    }

    /// Bytes that were written since this was asked last.
    pub(crate) fn take_total(&mut self) -> u64 {
        std::mem::take(&mut self.total)
    }
}

impl Run {
    /// A datagram of so many bytes may be its next one.
    fn takes(&self, path: Path, bytes: usize) -> bool {
        let whole = self.end - self.start == self.segment * usize::from(self.count);
        self.path == path && self.sound.is_none() && whole && bytes <= self.segment && self.count < RUN_MAX
    }
}

#[cfg(test)]
mod tests {
    use slotmap::SlotMap;

    use super::*;

    fn path(port: u16) -> Path {
        Path { local: ([127, 0, 0, 1], 1).into(), remote: ([127, 0, 0, 1], port).into() }
    }

    /// Lengths of the datagrams of each run.
    fn lengths(batch: &Batch) -> Vec<Vec<usize>> {
        (0..batch.runs()).map(|n| batch.run(n).datagrams().map(<[u8]>::len).collect()).collect()
    }

    #[test]
    fn datagrams_of_one_size_to_one_peer_are_a_run_that_ends_with_a_shorter_one() {
        let mut batch = Batch::default();
        for (port, bytes) in [(1, 10), (1, 10), (1, 4), (1, 4), (1, 5), (2, 5), (1, 5), (1, 0), (1, 5)] {
            batch.push(path(port), &vec![0; bytes], None);
        }
        assert_eq!(lengths(&batch), [vec![10, 10, 4], vec![4], vec![5], vec![5], vec![5, 5]]);
        assert_eq!(batch.take_total(), 48);
        batch.clear();
        assert_eq!((batch.runs(), batch.len()), (0, 0));
    }

    #[test]
    fn what_is_not_written_to_its_end_is_no_datagram() {
        let mut batch = Batch::default();
        batch.push(path(1), &[1; 10], None);
        batch.write(path(1), None, |bytes| {
            bytes.extend_from_slice(&[2; 10]);
            false
        });
        let broken = std::panic::AssertUnwindSafe(|| {
            batch.write(path(1), None, |bytes| {
                bytes.extend_from_slice(&[3; 10]);
                std::panic::resume_unwind(Box::new(()))
            });
        });
        assert!(std::panic::catch_unwind(broken).is_err());
        batch.push(path(1), &[4; 10], None);
        assert_eq!(batch.run(0).bytes, [[1; 10], [4; 10]].concat());
    }

    #[test]
    fn a_run_is_no_longer_than_its_limit() {
        let mut batch = Batch::default();
        (0..20).for_each(|_| batch.push(path(1), &[0; 10], None));
        assert_eq!(lengths(&batch), [vec![10; 8], vec![10; 8], vec![10; 4]]);
    }

    #[test]
    fn sound_is_the_last_of_its_run() {
        let ring = SlotMap::<RingKey, ()>::with_key().insert(());
        let sound = Some(Sound { ring, generation: 3 });
        let mut batch = Batch::default();
        batch.push(path(1), &[0; 10], None);
        batch.push(path(1), &[0; 10], sound);
        batch.push(path(1), &[0; 10], None);
        assert_eq!(lengths(&batch), [vec![10, 10], vec![10]]);
        assert_eq!((batch.run(0).sound, batch.run(1).sound), (sound, None));
    }
}
