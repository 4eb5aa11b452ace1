//! Tasks that build the product and then become it.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use crate::failure::Failure;
use crate::setup::{self, Extent};
use crate::{place, step};

/// `cargo xtask demo`: builds what is missing and becomes `onehall demo`, whose standard output is untouched.
pub(crate) fn demo(words: &[String]) -> Result<(), Failure> {
    let binary = product(ALONE)?;
    let cause = Command::new(&binary).arg("demo").args(words).exec();
    Err(Failure::Start { program: binary.display().to_string(), cause })
}

/// `cargo xtask sim`: the simulator's own options, `--seed` above all.
pub(crate) fn sim(words: &[String]) -> Result<(), Failure> {
    let cause =
        place::cargo().args(["run", "--package", "onehall-testing", "--bin", "sim", "--"]).args(words).exec();
    Err(Failure::Start { program: "cargo".into(), cause })
}

/// `cargo xtask bench`: builds for release and becomes `onehall bench`; `bench screens` measures screens alone, without a server.
pub(crate) fn bench(words: &[String]) -> Result<(), Failure> {
    if let Some((_, rest)) = words.split_first().filter(|(word, _)| *word == "screens") {
        let screens = ["run", "--release", "--package", "onehall-testing", "--bin", "screens", "--"];
        let cause = place::cargo().args(screens).args(rest).exec();
        return Err(Failure::Start { program: "cargo".into(), cause });
    }
    let binary = bench_binary()?;
    let cause = Command::new(&binary).arg("bench").args(words).exec();
    Err(Failure::Start { program: binary.display().to_string(), cause })
}

/// The `onehall` binary as it is released, which alone is worth measuring.
pub(crate) fn bench_binary() -> Result<PathBuf, Failure> {
    setup::machine(Extent::Product)?;
    setup::web()?;
    binary("release", &["--package", "onehall", "--release"])
}

/// The options that build the binary and nothing else.
pub(crate) const ALONE: &[&str] = &["--package", "onehall"];
/// The options that build it beside all tests: after `cargo test --workspace` nothing but this binary is left to
/// build, since the features of every dependency are the same.
pub(crate) const BESIDE_TESTS: &[&str] = &["--workspace", "--tests", "--bin", "onehall"];

/// The `onehall` binary with its pages, in the profile of the tests, built with [`ALONE`] or [`BESIDE_TESTS`].
pub(crate) fn product(options: &[&str]) -> Result<PathBuf, Failure> {
    setup::machine(Extent::Product)?;
    setup::web()?;
    binary("debug", options)
}

fn binary(folder: &str, options: &[&str]) -> Result<PathBuf, Failure> {
    step::say("building onehall (the first time this takes some minutes)");
    step::run("the build of onehall", place::cargo().arg("build").args(options))?;
    Ok(place::target()?.join(folder).join("onehall"))
}
