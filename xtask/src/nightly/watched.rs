//! A program that is ended, with all that it started, when its time is over.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::count::{Counts, Runner};
use crate::failure::Failure;
use crate::step;

/// How long a program may take to end once it was told to.
const GRACE: Duration = Duration::from_secs(if cfg!(test) { 0 } else { 60 });

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// By itself, with code 0.
    Well,
    /// By itself, with another.
    Badly,
    /// Its time was over.
    Cut,
}

/// What a program did.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) ended: Ended,
    pub(super) counts: Counts,
    /// What it wrote on standard output.
    pub(super) lines: Vec<String>,
}

/// Runs a program until it ends or its time is over, shows what it says, and counts the tests that it reports.
///
/// # Errors
/// When it cannot be started.
pub(super) fn run(command: &mut Command, runner: Option<Runner>, until: Instant) -> Result<Seen, Failure> {
    let start = |cause| Failure::Start { program: "a part of the night".into(), cause };
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).process_group(0).spawn().map_err(start)?;
    let group = format!("-{}", child.id());
    let output = child.stdout.take();
    let (over, ended) = channel::<()>();
    let watch = std::thread::spawn(move || {
        let left = |until: Instant| until.saturating_duration_since(Instant::now());
        let timed_out = |wait: Duration| ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout);
        if !timed_out(left(until)) {
            return false;
        }
        // By its own number as a group: what it started ends as well, and nothing else.
        let tell = |signal: &str| Command::new("kill").args([signal, "--", &group]).status();
        // As Ctrl+C does: a runner of tests stops the servers that it started, which are in groups of their own.
        let told = tell("-INT");
        if timed_out(GRACE) || told.is_err() {
            let _ = tell("-KILL");
        }
        true
    });
    let (mut counts, mut lines) = (Counts::default(), Vec::new());
    for line in
        output.into_iter().flat_map(|output| BufReader::new(output).split(b'\n').map_while(Result::ok))
    {
        let line = String::from_utf8_lossy(&line).into_owned();
        step::say(&line);
        if let Some(runner) = runner {
            counts.add(runner.counts_of(&line));
        }
        lines.push(line);
    }
    let status = child.wait().map_err(start)?;
    drop(over);
    let cut = watch.join().unwrap_or(false);
    let ended = match (cut, status.success()) {
        (true, _) => Ended::Cut,
        (false, true) => Ended::Well,
        (false, false) => Ended::Badly,
    };
    Ok(Seen { ended, counts, lines })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(script: &str, until: Instant) -> Seen {
        run(Command::new("sh").args(["-c", script]), Some(Runner::Cargo), until).expect("there is a shell")
    }

    #[test]
    fn a_program_is_counted_and_one_whose_time_is_over_is_ended_with_what_it_started() {
        let later = Instant::now() + Duration::from_secs(3600);
        let well = ended("echo 'test result: ok. 3 passed; 0 failed; 0 ignored'", later);
        assert_eq!((well.ended, well.counts.passed, well.lines.len()), (Ended::Well, 3, 1));
        assert_eq!(ended("exit 3", later).ended, Ended::Badly);
        // The pipe is held open by what the shell started: it ends as well, or this test does not.
        assert_eq!(ended("sleep 3600 & sleep 3600", Instant::now()).ended, Ended::Cut);
    }
}
