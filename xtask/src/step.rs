//! Steps: running programs one after another, with their time and the tests they counted.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::count::{Counts, Runner};
use crate::failure::Failure;
use crate::place;

/// How often a program that says nothing itself is looked at.
const POLL: Duration = Duration::from_millis(100);
/// How long it may stay silent.
const STILL_AT_WORK: Duration = Duration::from_secs(15);

/// Says a line on standard error: standard output belongs to the program that a task starts.
pub(crate) fn say(line: &str) {
    // The steps that this crate's own tests let fail would stand among the steps of the run that they are part of.
    if cfg!(test) {
        return;
    }
    // A closed standard error leaves nobody to tell.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Runs a program with its standard output turned to standard error.
///
/// # Errors
/// When it cannot be started or ends with a code other than 0.
pub(crate) fn run(what: &str, command: &mut Command) -> Result<(), Failure> {
    let status =
        command.stdout(Stdio::from(std::io::stderr())).status().map_err(|cause| start(command, cause))?;
    if status.success() { Ok(()) } else { Err(Failure::Ended { what: what.to_owned() }) }
}

/// Runs a program whose output only matters when it fails; says every so often that it is still at work.
///
/// # Errors
/// As [`run`]; the output is then shown.
pub(crate) fn run_quietly(what: &str, command: &mut Command) -> Result<(), Failure> {
    let path = place::target()?.join("xtask").join("output.log");
    place::write(&path, "")?;
    let failed = |cause| Failure::File { path: path.clone(), cause };
    let output = File::options().append(true).open(&path).map_err(failed)?;
    let errors = output.try_clone().map_err(failed)?;
    let begin = Instant::now();
    let mut child = command.stdout(output).stderr(errors).spawn().map_err(|cause| start(command, cause))?;
    let mut told = Duration::ZERO;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|cause| start(command, cause))? {
            break status;
        }
        std::thread::sleep(POLL);
        if begin.elapsed() >= told + STILL_AT_WORK {
            told = begin.elapsed();
            say(&format!("  {what}: at work for {} s", told.as_secs()));
        }
    };
    if status.success() {
        return Ok(());
    }
    say(place::read(&path)?.trim_end());
    Err(Failure::Ended { what: what.to_owned() })
}

/// Runs a program, shows what it prints on standard output, and counts the tests it reports there.
fn run_counted(what: &str, command: &mut Command, runner: Runner) -> (Counts, Result<(), Failure>) {
    let mut counts = Counts::default();
    let mut child = match command.stdout(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(cause) => return (counts, Err(start(command, cause))),
    };
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            say(&line);
            counts.add(runner.counts_of(&line));
        }
    }
    let ended = match child.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::Ended { what: what.to_owned() }),
        Err(cause) => Err(start(command, cause)),
    };
    (counts, ended)
}

fn start(command: &Command, cause: std::io::Error) -> Failure {
    Failure::Start { program: command.get_program().to_string_lossy().into_owned(), cause }
}

struct Done {
    name: String,
    time: Duration,
    counts: Counts,
    passed: bool,
}

/// The steps of one task so far. A failing step does not stop the next one.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<Done>,
}

impl Steps {
    /// Runs a step that is not a test runner.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<(), Failure>) -> bool {
        self.record(name, || (Counts::default(), work()))
    }

    /// Runs a step that is a program and no test runner.
    pub(crate) fn command(&mut self, name: &str, command: &mut Command) -> bool {
        self.step(name, || run(name, command))
    }

    /// Runs a step that reports tests on standard output.
    pub(crate) fn tests(&mut self, name: &str, runner: Runner, command: &mut Command) -> bool {
        self.record(name, || run_counted(name, command, runner))
    }

    fn record(&mut self, name: &str, work: impl FnOnce() -> (Counts, Result<(), Failure>)) -> bool {
        say(&format!("== {name}"));
        let begin = Instant::now();
        let (mut counts, result) = work();
        let time = begin.elapsed();
        let passed = result.is_ok();
        if let Err(failure) = result {
            failure.report();
            // A step that fails without a failed test (a build that breaks, a lint) is one failure.
            counts.failed = counts.failed.max(1);
        }
        say(&format!("== {name}: {} in {}", if passed { "passed" } else { "FAILED" }, seconds(time)));
        self.done.push(Done { name: name.to_owned(), time, counts, passed });
        passed
    }

    /// Prints each step with its time, and last of all, alone on standard output, the tests that passed and failed.
    ///
    /// # Errors
    /// When a step failed.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        say("");
        for done in &self.done {
            say(&done.summary());
        }
        let time: Duration = self.done.iter().map(|done| done.time).sum();
        say(&format!("{:>9}  all", seconds(time)));
        let total = self.total();
        // A closed standard output leaves nobody to tell; the exit code still does.
        let _ = writeln!(std::io::stdout(), "{}", total.line());
        if total.failed > 0 { Err(Failure::Steps) } else { Ok(()) }
    }

    fn total(&self) -> Counts {
        let mut total = Counts::default();
        self.done.iter().for_each(|done| total.add(done.counts));
        total
    }
}

impl Done {
    fn summary(&self) -> String {
        let failed = if self.passed { "" } else { "FAILED  " };
        let what = format!("{failed}{}", self.counts.phrase());
        format!("{:>9}  {:32} {what}", seconds(self.time), self.name).trim_end().to_owned()
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_step_does_not_stop_the_next_and_counts_as_one_failure() {
        let mut steps = Steps::default();
        assert!(!steps.command("first", &mut Command::new("false")));
        assert!(steps.command("second", &mut Command::new("true")));
        assert_eq!(steps.total(), Counts { passed: 0, failed: 1, skipped: 0 });
        assert_eq!(
            steps.done[0].summary().split_once("first").map(|(_, what)| what.trim()),
            Some("FAILED  0 passed, 1 failed")
        );
    }

    #[test]
    fn a_runner_that_dies_without_a_failed_test_counts_as_one_failure() {
        let mut steps = Steps::default();
        let script = "echo 'test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured'; exit 101";
        steps.tests("unit", Runner::Cargo, Command::new("sh").args(["-c", script]));
        let counts = steps.done[0].counts;
        assert_eq!((counts.passed, counts.failed, counts.skipped), (3, 1, 1));
    }
}
