//! Many sequences, on all cores.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use meeting::planted::{self, Bug};

use crate::counts::Counts;
use crate::house::run;
use crate::organisation::Organisation;
use crate::trace::Trace;
use crate::world::Failure;

/// Runs the sequences of `count` seeds from `first` on, on all cores, and stops at the first failure.
///
/// # Errors
/// The [`Failure`] with the lowest seed that was found.
pub fn run_many(first: u64, count: u64, bug: Option<Bug>) -> Result<Counts, Failure> {
    let next = AtomicU64::new(0);
    let work = || -> Result<Counts, Failure> {
        planted::plant(bug);
        let names = Arc::new(Organisation::default());
        let mut counts = Counts::default();
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= count {
                return Ok(counts);
            }
            match run(&names, first + n, Trace::default()) {
                Ok(one) => counts.add(&one),
                Err((failure, _)) => {
                    next.store(count, Ordering::Relaxed);
                    return Err(failure);
                }
            }
        }
    };
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let results: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let mut sum = Counts::default();
    let mut failures = Vec::new();
    for result in results {
        match result {
            Ok(counts) => sum.add(&counts),
            Err(failure) => failures.push(failure),
        }
    }
    match failures.into_iter().min_by_key(|failure| failure.seed) {
        Some(failure) => Err(failure),
        None => Ok(sum),
    }
}

/// Replays a seed with all that happened in it.
///
/// # Errors
/// The [`Failure`], and the lines that lead to it.
pub fn replay(seed: u64, bug: Option<Bug>) -> Result<Counts, (Failure, Trace)> {
    planted::plant(bug);
    let result = run(&Arc::new(Organisation::default()), seed, Trace::kept());
    planted::plant(None);
    result
}
