//! What the bearers of each token may still ask for, over all their connections and requests together.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base::{Mono, TokenId};
use service::bucket::Bucket;

/// Tokens that are counted at one time.
const TOKENS_MAX: usize = 10_000;

/// A bucket for each token.
#[derive(Debug)]
pub(crate) struct Buckets {
    per_second: u32,
    burst: u32,
    of: Mutex<BTreeMap<TokenId, Bucket>>,
}

impl Buckets {
    /// All of them full.
    pub(crate) fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second, burst, of: Mutex::default() }
    }

    /// Takes one. False if that token has none.
    pub(crate) fn take(&self, token: &TokenId, now: Mono) -> bool {
        // A holder of this lock does nothing that can panic.
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if of.len() >= TOKENS_MAX {
            of.retain(|_, bucket| !bucket.is_full(now));
        }
        let fresh = || Bucket::new(self.per_second, Duration::from_secs(1), self.burst, now);
        of.entry(token.clone()).or_insert_with(fresh).take(now)
    }
}
