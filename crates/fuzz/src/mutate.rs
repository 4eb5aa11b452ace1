//! Bytes that come near to good ones.

use base::random::Random;

/// Longest input that is made, in bytes; what a stranger may send is about as long.
const BYTES_MAX: usize = 4 * 1024;
/// Most changes to one input.
const CHANGES_MAX: u64 = 6;
/// Longest run of bytes that one change moves, doubles or takes out.
const RUN_MAX: u64 = 64;
/// Bytes at which parsers turn: ends of ranges, and what brackets, quotes and separates.
const TURNS: &[u8] = &[
    0, 1, 0x7f, 0x80, 0xff, b'"', b'\'', b'{', b'}', b'[', b']', b'\\', b'\n', b'.', b',', b'=', b'-', b'0',
];

/// One of the corpus, changed here and there. The corpus is not empty.
pub(crate) fn mutated(random: &mut Random, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = random.pick(corpus).clone();
    for _ in 0..random.between(1, CHANGES_MAX) {
        change(random, &mut bytes, corpus);
    }
    bytes.truncate(BYTES_MAX);
    bytes
}

fn change(random: &mut Random, bytes: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    let at = random.index(bytes.len() + 1);
    let run = run_of(random, bytes, at);
    match random.below(7) {
        0 => flip(bytes, at, 1 << random.below(8)),
        1 => put(bytes, at, random.below(256)),
        2 => put(bytes, at, u64::from(*random.pick(TURNS))),
        3 => drop(bytes.splice(at..at, [*random.pick(TURNS)])),
        4 => drop(bytes.drain(run)),
        5 => {
            let doubled = bytes[run].to_vec();
            drop(bytes.splice(at..at, doubled));
        }
        _ => {
            let other = random.pick(corpus);
            let from = random.index(other.len() + 1);
            let part = other[run_of(random, other, from)].to_vec();
            drop(bytes.splice(run, part));
        }
    }
}

fn run_of(random: &mut Random, bytes: &[u8], at: usize) -> std::ops::Range<usize> {
    let length = usize::try_from(random.between(1, RUN_MAX)).unwrap_or(1);
    at..bytes.len().min(at + length)
}

fn flip(bytes: &mut [u8], at: usize, bit: u8) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= bit;
    }
}

fn put(bytes: &mut [u8], at: usize, value: u64) {
    if let (Some(byte), Ok(value)) = (bytes.get_mut(at), u8::try_from(value)) {
        *byte = value;
    }
}
