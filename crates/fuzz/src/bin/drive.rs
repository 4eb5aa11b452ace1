//! One target under libFuzzer, whose command line this is; the environment names the target. `cargo xtask fuzz` builds and starts it.
#![no_main]

use std::sync::LazyLock;

use fuzz::{TARGETS, Target};
use libfuzzer_sys::fuzz_target;

/// Set by `cargo xtask fuzz`.
const VARIABLE: &str = "ONEHALL_FUZZ_TARGET";

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var(VARIABLE).unwrap_or_default();
    let target = TARGETS.iter().find(|target| target.name == name);
    *target.expect("the variable names a target, as `cargo xtask fuzz` sets it")
});

fuzz_target!(|bytes: &[u8]| (TARGET.run)(bytes));
