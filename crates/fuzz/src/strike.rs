//! Runs a target over its corpus and over mutations of it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use base::random::Random;

use crate::mutate::mutated;

/// Bytes at which a parser panicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The bytes, to be kept in the corpus.
    pub bytes: Vec<u8>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it panics at {:?}", String::from_utf8_lossy(&self.bytes))?;
        write!(f, ", in hexadecimal ")?;
        self.bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What a parser stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Struck {
    /// How many inputs.
    pub inputs: usize,
    /// How long all of them took.
    pub took: Duration,
    /// How long the slowest took.
    pub slowest: Duration,
}

impl fmt::Display for Struck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inputs, took, slowest } = self;
        write!(f, "{inputs} inputs in {took:.2?}, the slowest in {slowest:.2?}")
    }
}

/// Runs it over the corpus, which is not empty, and over so many mutations; the same seed makes the same ones.
///
/// # Errors
/// The first [`Finding`]; the panic itself has been printed.
pub fn strike(run: fn(&[u8]), corpus: &[Vec<u8>], mutations: usize, seed: u64) -> Result<Struck, Finding> {
    let mut random = Random::new(seed);
    let begin = Instant::now();
    let mut slowest = Duration::ZERO;
    let made = (0..mutations).map(|_| mutated(&mut random, corpus));
    for bytes in corpus.iter().cloned().chain(made) {
        let begin = Instant::now();
        if catch_unwind(AssertUnwindSafe(|| run(&bytes))).is_err() {
            return Err(Finding { bytes });
        }
        slowest = slowest.max(begin.elapsed());
    }
    Ok(Struck { inputs: corpus.len() + mutations, took: begin.elapsed(), slowest })
}
