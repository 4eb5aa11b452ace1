//! The tasks that say whether all is well.

use std::path::Path;
use std::process::Command;

use crate::count::Runner;
use crate::failure::Failure;
use crate::setup::{self, Extent};
use crate::step::{self, Steps};
use crate::{contract, place, run, tidy};

/// Crates whose every public item is documented.
const DOCUMENTED: &[&str] =
    &["onehall-base", "onehall-directory", "onehall-meeting", "onehall-media", "onehall-wire"];

/// `cargo xtask check`.
pub(crate) fn check(words: &[String]) -> Result<(), Failure> {
    refuse("check", words)?;
    let mut steps = Steps::default();
    checks(&mut steps);
    steps.finish()
}

/// `cargo xtask test`: goes on after a failing step, so that one run reports all.
pub(crate) fn test(words: &[String]) -> Result<(), Failure> {
    refuse("test", words)?;
    let mut steps = Steps::default();
    steps.step("debian packages", || setup::machine(Extent::Tests));
    checks(&mut steps);
    let mut tests = place::cargo();
    tests.args(["test", "--workspace", "--no-fail-fast", "--quiet"]).env("CARGO_TERM_COLOR", "never");
    steps.tests("unit and simulation", Runner::Cargo, &mut tests);
    browsers(&mut steps, run::BESIDE_TESTS, &[]);
    steps.finish()
}

/// `cargo xtask e2e [filter]`.
pub(crate) fn e2e(words: &[String]) -> Result<(), Failure> {
    let mut steps = Steps::default();
    steps.step("debian packages", || setup::machine(Extent::Tests));
    browsers(&mut steps, run::ALONE, words);
    steps.finish()
}

/// `cargo xtask deny [checks]`: licences, bans, sources and advisories of the crates from outside, as `deny.toml` says.
/// Advisories come from the network; `deny licenses bans sources` does without.
pub(crate) fn deny(words: &[String]) -> Result<(), Failure> {
    let installed = place::cargo().args(["deny", "--version"]).output().is_ok_and(|out| out.status.success());
    if !installed {
        step::say(
            "cargo-deny is not installed, so deny.toml is not checked; `cargo install cargo-deny --locked` brings it",
        );
        return Ok(());
    }
    step::run("cargo-deny", place::cargo().args(["deny", "check", "--hide-inclusion-graph"]).args(words))
}

fn refuse(task: &'static str, words: &[String]) -> Result<(), Failure> {
    match words.first() {
        Some(word) => Err(Failure::UnknownOption { task, word: word.clone() }),
        None => Ok(()),
    }
}

fn checks(steps: &mut Steps) {
    steps.command("format", place::cargo().args(["fmt", "--all", "--check"]));
    steps.step("tidy", tidy::check);
    steps.step("generated files", contract::check);
    web(steps);
    let mut clippy = place::cargo();
    clippy.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--keep-going",
        "--quiet",
        "--",
        "--deny",
        "warnings",
    ]);
    steps.command("clippy", &mut clippy);
    documentation(steps);
}

fn documentation(steps: &mut Steps) {
    let doc = |flags: &str| {
        let mut doc = place::cargo();
        doc.args(["doc", "--no-deps", "--keep-going", "--quiet"]).env("RUSTDOCFLAGS", flags);
        doc
    };
    let mut every = doc("--deny warnings --deny missing_docs");
    let mut links = doc("--deny warnings");
    links.arg("--workspace");
    for name in DOCUMENTED {
        every.args(["--package", name]);
        links.args(["--exclude", name]);
    }
    steps.command("documentation, every public item", &mut every);
    steps.command("documentation, other crates", &mut links);
}

fn web(steps: &mut Steps) {
    if !steps.step("node modules", setup::modules) {
        return;
    }
    // The parts of the script `check` one by one, so that each has its time and one that fails hides no other.
    steps.command("web format", &mut script("format:check"));
    steps.command("web message ids", script("ids").args(["--", "--check"]));
    steps.command("web types", &mut script("types"));
    steps.command("web lint", &mut script("lint"));
    steps.tests("web unit tests", Runner::Vitest, &mut script("test"));
    // Last, since the build writes the message ids anew; before the Rust tests, since some of them serve the pages.
    steps.step("pages", setup::web);
}

fn browsers(steps: &mut Steps, build: &[&str], filter: &[String]) {
    let mut binary = None;
    let built = steps.step("build of onehall", || {
        binary = Some(run::product(build)?);
        Ok(())
    });
    let (true, Some(binary)) = (built, binary) else { return };
    steps.tests("browser tests", Runner::Playwright, browser_tests(&binary).args(filter));
}

/// The browser tests against a server binary; what follows the command is the runner's.
pub(crate) fn browser_tests(binary: &Path) -> Command {
    let mut e2e = script("e2e");
    e2e.env("ONEHALL_BIN", binary).arg("--");
    for (name, found) in [("CHROMIUM", setup::chromium()), ("FIREFOX", setup::firefox())] {
        if let Some(path) = found {
            e2e.env(name, path);
        }
    }
    e2e
}

fn script(name: &str) -> Command {
    let mut npm = setup::npm();
    npm.args(["run", "--silent", name]).env("NO_COLOR", "1");
    npm
}
