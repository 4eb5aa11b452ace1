//! What came of one part of the night, and the block that is quoted.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use super::watched::{Ended, Seen};
use crate::count::Counts;
use crate::failure::Failure;

/// One part.
#[derive(Debug)]
pub(super) struct Part {
    name: String,
    began: Instant,
    took: Duration,
    /// Rounds that passed, that were run to their end, and that were to be run.
    rounds: Option<(u32, u32, u32)>,
    counts: Counts,
    /// Why it failed.
    faults: Vec<String>,
    /// Why not all of it was run.
    unfinished: Option<String>,
    /// Values that it measured, each on a line.
    values: Vec<String>,
}

impl Part {
    pub(super) fn begin(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            began: Instant::now(),
            took: Duration::ZERO,
            rounds: None,
            counts: Counts::default(),
            faults: Vec::new(),
            unfinished: None,
            values: Vec::new(),
        }
    }

    pub(super) fn end(&mut self) {
        self.took = self.began.elapsed();
    }

    pub(super) fn failed(&self) -> bool {
        !self.faults.is_empty()
    }

    pub(super) fn fail(&mut self, why: String) {
        self.faults.push(why);
    }

    pub(super) fn unfinished(&mut self, why: &str) {
        self.unfinished = Some(why.to_owned());
    }

    pub(super) fn values(&mut self, values: impl IntoIterator<Item = String>) {
        self.values.extend(values);
    }

    /// Takes over what a program counted, and that it failed or was cut off.
    pub(super) fn count(&mut self, what: &str, seen: &Seen) {
        self.counts.add(seen.counts);
        match seen.ended {
            Ended::Well => {}
            Ended::Badly => self.fail(format!("{what} failed")),
            Ended::Cut => self.unfinished("its time was over"),
        }
    }

    /// Runs something again and again, and notes what failed how often, and what the last round printed of numbers.
    pub(super) fn rounds(
        &mut self,
        number: u32,
        until: Instant,
        mut round: impl FnMut() -> Result<Seen, Failure>,
    ) -> Result<(), Failure> {
        let (mut passed, mut run) = (0, 0);
        let mut failed: BTreeMap<String, u32> = BTreeMap::new();
        while run < number && Instant::now() < until {
            let seen = round()?;
            // What was cut off looks like a failure.
            if seen.ended == Ended::Cut {
                break;
            }
            self.counts.add(seen.counts);
            for name in seen.lines.iter().filter_map(|line| failure(line)) {
                *failed.entry(name).or_default() += 1;
            }
            run += 1;
            passed += u32::from(seen.ended == Ended::Well);
            self.values = seen.lines.into_iter().filter(|line| measured(line)).collect();
        }
        self.rounds = Some((passed, run, number));
        if run < number {
            self.unfinished("its time was over");
        }
        if passed < run {
            self.fail(format!("{} of {run} rounds failed", run - passed));
        }
        self.faults.extend(failed.into_iter().map(|(name, times)| format!("{times} of {run}: {name}")));
        Ok(())
    }

    fn lines(&self) -> Vec<String> {
        let verdict = match (self.failed(), &self.unfinished) {
            (true, _) => "FAILED",
            (false, Some(_)) => "unfinished",
            (false, None) => "passed",
        };
        let rounds = self.rounds.map(|(passed, _, number)| format!("{passed} of {number} rounds passed"));
        let said = [rounds, Some(self.counts.phrase()), self.unfinished.clone()];
        let said: Vec<String> = said.into_iter().flatten().filter(|said| !said.is_empty()).collect();
        let first =
            format!("{:10} {verdict:10} {:>6} s  {}", self.name, self.took.as_secs(), said.join("; "));
        let more = self.faults.iter().map(|fault| format!("  ! {fault}"));
        let values = self.values.iter().map(|value| format!("    {value}"));
        std::iter::once(first.trim_end().to_owned()).chain(more).chain(values).collect()
    }
}

/// The name of a test that a line calls failed: cargo's `test NAME ... FAILED`, and what stands behind Playwright's cross.
fn failure(line: &str) -> Option<String> {
    let line = line.trim();
    let cargo = line.strip_prefix("test ").and_then(|line| line.strip_suffix(" ... FAILED"));
    let browser = || line.strip_prefix('✘').and_then(|line| line.get(line.find('[')?..));
    // The time in which it failed is another each round.
    let name = cargo.or_else(browser)?;
    Some(name.rsplit_once(" (").map_or(name, |(name, _)| name).to_owned())
}

/// A line on which a test tells what it measured: a number with a unit of time, and no name of a test.
fn measured(line: &str) -> bool {
    let numbered = line.split([' ', ',', ':']).collect::<Vec<_>>();
    let value = |pair: &[&str]| {
        let number = pair[0].parse::<f64>().is_ok();
        number && matches!(pair[1], "ms" | "s" | "packets" | "kills" | "commands")
    };
    let named = line.trim_start().starts_with(['✓', '✘', '-', '=']) || line.contains("test result:");
    !named && numbered.windows(2).any(value)
}

/// Prints the block, alone on standard output.
pub(super) fn tell(begun: &str, parts: &[Part]) {
    let mut out = std::io::stdout().lock();
    let lines = parts.iter().flat_map(Part::lines);
    // A closed standard output leaves nobody to tell; the exit code still does.
    let _ = writeln!(out, "nightly: {begun}");
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(ended: Ended, lines: &[&str]) -> Seen {
        let counts = Counts { passed: 2, failed: u64::from(ended == Ended::Badly), skipped: 0 };
        Seen { ended, counts, lines: lines.iter().map(|line| (*line).to_owned()).collect() }
    }

    #[test]
    fn a_part_names_what_failed_and_how_often_and_what_the_last_round_measured() {
        let later = Instant::now() + Duration::from_secs(3600);
        let cross = "  ✘  1 [meetings] › e2e/take.spec.ts:41:1 › twenty takes (3.1s)";
        let again = "  ✘  7 [meetings] › e2e/take.spec.ts:41:1 › twenty takes (2.9s)";
        let mut rounds = [
            seen(Ended::Badly, &[cross, "test bots::who ... FAILED", "TAKE: p50 300 ms"]),
            seen(Ended::Badly, &[again]),
            seen(Ended::Well, &["TAKE: p50 200 ms, p95 230 ms", "  ✓  1 a test (200 ms)", "ok"]),
        ]
        .into_iter();
        let mut part = Part::begin("browsers");
        let mut enough = |part: &mut Part| part.rounds(3, later, || Ok(rounds.next().expect("three rounds")));
        assert!(enough(&mut part).is_ok());
        let lines = part.lines();
        assert_eq!(lines[0], "browsers   FAILED          0 s  1 of 3 rounds passed; 6 passed, 2 failed");
        assert_eq!(
            lines[1..],
            [
                "  ! 2 of 3 rounds failed",
                "  ! 2 of 3: [meetings] › e2e/take.spec.ts:41:1 › twenty takes",
                "  ! 1 of 3: bots::who",
                "    TAKE: p50 200 ms, p95 230 ms",
            ]
        );
    }

    #[test]
    fn a_part_whose_time_was_over_is_unfinished_and_not_failed() {
        let mut part = Part::begin("whole");
        assert!(part.rounds(3, Instant::now(), || Ok(seen(Ended::Well, &[]))).is_ok());
        assert!(!part.failed());
        assert_eq!(part.lines(), ["whole      unfinished      0 s  0 of 3 rounds passed; its time was over"]);
    }
}
