//! `cargo xtask nightly`: what takes too long for every commit, in one run that is bounded in time and ends with a block to be quoted.
//!
//! The bench comes first, while the machine is quiet; then sequences of the simulator that no night has played, and the parsers under
//! libFuzzer; then each test with a socket or a browser again and again, and whole runs, beside two loops that take all they can get
//! ([`load`]). A round that fails stops nothing. The main types are [`Plan`], what is run for how long, and [`part::Part`], what came of one.

mod load;
mod part;
mod watched;

use std::process::Command;
use std::time::{Duration, Instant};

use crate::count::Runner;
use crate::failure::Failure;
use crate::setup::{self, Extent};
use crate::{check, fuzz, place, run, step};
use load::Load;
use part::Part;
use watched::Ended;

/// Crates of which a test opens a socket.
const SOCKETS: &[&str] =
    &["onehall", "onehall-bots", "onehall-demo", "onehall-http", "onehall-media-net", "onehall-sys"];
/// Sequences of the simulator that are played at once, so that the time is looked at now and then.
const SEQUENCES: u64 = 20_000;
/// Nights are so many seeds apart: each plays sequences of its own, however fast its machine.
const SEEDS_A_NIGHT: u64 = 1_000_000_000;
/// The part of the time that simulator and fuzzing get, each.
const TENTH: u32 = 10;

/// What is run, and for how long.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    /// What has not begun then does not begin, and what is under way is ended.
    minutes: u64,
    /// How often each test with a socket or a browser is run.
    rounds: u32,
    /// How often everything is run.
    runs: u32,
    /// Which parts, in the order of [`PARTS`]; all if none is named.
    parts: Vec<String>,
}

type Work = fn(&mut Part, &Plan, Instant) -> Result<(), Failure>;

const PARTS: &[(&str, Work)] = &[
    ("bench", bench),
    ("simulator", simulator),
    ("fuzz", fuzzing),
    ("sockets", sockets),
    ("browsers", browsers),
    ("whole", whole),
];

/// `cargo xtask nightly [PART…] [--minutes 480] [--rounds 10] [--runs 3]`.
pub(crate) fn task(words: &[String]) -> Result<(), Failure> {
    let plan = Plan::read(words)?;
    let until = Instant::now() + Duration::from_secs(60 * plan.minutes);
    setup::machine(Extent::Tests)?;
    let begun = head();
    let mut parts = Vec::new();
    for (name, work) in PARTS.iter().filter(|(name, _)| plan.has(name)) {
        step::say(&format!("== nightly: {name}"));
        let mut part = Part::begin(name);
        if Instant::now() >= until {
            part.unfinished("the time was over before it");
        } else if let Err(failure) = work(&mut part, &plan, until) {
            part.fail(failure.to_string());
        }
        part.end();
        parts.push(part);
    }
    part::tell(&begun, &parts);
    if parts.iter().any(Part::failed) { Err(Failure::Steps) } else { Ok(()) }
}

impl Plan {
    fn read(words: &[String]) -> Result<Self, Failure> {
        let mut plan = Self { minutes: 480, rounds: 10, runs: 3, parts: Vec::new() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut number = || {
                let given = words.next().and_then(|value| value.parse::<u32>().ok());
                given.ok_or(Failure::Missing { what: format!("the number of {word}"), how: "name it".into() })
            };
            match word.as_str() {
                "--minutes" => plan.minutes = number()?.into(),
                "--rounds" => plan.rounds = number()?,
                "--runs" => plan.runs = number()?,
                part if PARTS.iter().any(|(name, _)| *name == part) => plan.parts.push(part.to_owned()),
                option if option.starts_with('-') => {
                    return Err(Failure::UnknownOption { task: "nightly", word: word.clone() });
                }
                _ => {
                    let known = PARTS.iter().map(|(name, _)| (*name).to_owned()).collect();
                    return Err(Failure::UnknownPart { word: word.clone(), known });
                }
            }
        }
        Ok(plan)
    }

    fn has(&self, name: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|part| part == name)
    }

    fn tenth(&self, until: Instant) -> Instant {
        until.min(Instant::now() + Duration::from_secs(60 * self.minutes) / TENTH)
    }
}

fn bench(part: &mut Part, _: &Plan, until: Instant) -> Result<(), Failure> {
    let mut command = Command::new(run::bench_binary()?);
    let seen = watched::run(command.arg("bench"), None, until)?;
    part.values(seen.lines.iter().filter(|line| !line.is_empty()).cloned());
    part.count("bench", &seen);
    Ok(())
}

fn simulator(part: &mut Part, plan: &Plan, until: Instant) -> Result<(), Failure> {
    let sim = |word: &str| {
        let mut sim = place::cargo();
        sim.args([word, "--quiet", "--package", "onehall-testing", "--bin", "sim"]);
        sim
    };
    step::run("the build of the simulator", &mut sim("build"))?;
    let until = plan.tenth(until);
    let first = days()? * SEEDS_A_NIGHT;
    let mut played = 0;
    while Instant::now() < until {
        let mut sim = sim("run");
        sim.arg("--");
        sim.args(["--count", &SEQUENCES.to_string(), "--first", &(first + played).to_string()]);
        let seen = watched::run(&mut sim, None, until)?;
        match seen.ended {
            Ended::Well => played += SEQUENCES,
            Ended::Badly => {
                part.count("simulator", &seen);
                part.values(seen.lines.iter().rev().take(3).rev().cloned());
                break;
            }
            Ended::Cut => break,
        }
    }
    if played == 0 {
        part.unfinished("its time was too short");
    }
    part.values([format!("{played} sequences from seed {first} with every invariant held")]);
    Ok(())
}

fn fuzzing(part: &mut Part, plan: &Plan, until: Instant) -> Result<(), Failure> {
    let names = fuzz::names()?;
    let left = plan.tenth(until).saturating_duration_since(Instant::now());
    let seconds = (left.as_secs() / names.len().max(1) as u64).max(1);
    if place::program(&["c++"]).is_none() {
        part.unfinished("there is no C++ compiler, by which libFuzzer is built");
        return Ok(());
    }
    fuzz::task(&[seconds.to_string()])?;
    part.values([format!("{} targets, {seconds} s each: {}", names.len(), names.join(", "))]);
    Ok(())
}

fn sockets(part: &mut Part, plan: &Plan, until: Instant) -> Result<(), Failure> {
    let tests = |and: &[&str]| {
        let mut tests = place::cargo();
        tests.arg("test").args(SOCKETS.iter().flat_map(|name| ["--package", name])).args(and);
        tests.env("CARGO_TERM_COLOR", "never");
        tests
    };
    step::run("the build of the tests", &mut tests(&["--no-run"]))?;
    let _load = Load::begin();
    part.rounds(plan.rounds, until, || {
        watched::run(&mut tests(&["--no-fail-fast", "--", "--show-output"]), Some(Runner::Cargo), until)
    })
}

fn browsers(part: &mut Part, plan: &Plan, until: Instant) -> Result<(), Failure> {
    let binary = run::product(run::ALONE)?;
    let _load = Load::begin();
    part.rounds(plan.rounds, until, || {
        watched::run(&mut check::browser_tests(&binary), Some(Runner::Playwright), until)
    })
}

fn whole(part: &mut Part, plan: &Plan, until: Instant) -> Result<(), Failure> {
    let own = std::env::current_exe();
    let own = own.map_err(|cause| Failure::Start { program: "cargo xtask".into(), cause })?;
    let _load = Load::begin();
    part.rounds(plan.runs, until, || {
        watched::run(Command::new(&own).arg("test").current_dir(place::root()), Some(Runner::Whole), until)
    })
}

/// What was run: the commit and the moment.
fn head() -> String {
    let said = |program: &str, words: &[&str]| {
        let output = Command::new(program).args(words).current_dir(place::root()).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    };
    let commit = said("git", &["describe", "--always", "--dirty"]);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("commit {commit}, {}, {cores} cores", said("date", &["-u", "+%F %R UTC"]))
}

fn days() -> Result<u64, Failure> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.map_err(|cause| Failure::Answer { program: "the clock", cause: cause.to_string() })?;
    Ok(now.as_secs() / 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_numbers_may_be_named_in_any_order() {
        let read =
            |words: &[&str]| Plan::read(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        let all = Plan { minutes: 480, rounds: 10, runs: 3, parts: Vec::new() };
        assert_eq!(read(&[]).ok(), Some(all));
        let some = Plan { minutes: 5, rounds: 2, runs: 3, parts: vec!["fuzz".into(), "bench".into()] };
        assert_eq!(read(&["fuzz", "--minutes", "5", "bench", "--rounds", "2"]).ok(), Some(some));
        let said = |words: &[&str]| read(words).err().map(|failure| failure.to_string());
        let parts = "bench, simulator, fuzz, sockets, browsers, whole";
        let unknown =
            |word: &str| Some(format!("`{word}` is no part of `cargo xtask nightly`; there are {parts}"));
        assert_eq!(said(&["flood"]), unknown("flood"));
        assert_eq!(
            said(&["--flood"]).as_deref(),
            Some("`cargo xtask nightly` knows no option `--flood`; `cargo xtask nightly --help` names them")
        );
        assert_eq!(said(&["--rounds"]).as_deref(), Some("the number of --rounds is missing; name it"));
    }
}
