//! What test runners say they ran.

/// Tests that ran, or did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
        self.skipped += more.skipped;
    }

    /// The closing line of a run.
    pub(crate) fn line(self) -> String {
        let skipped = if self.skipped > 0 { format!(", {} skipped", self.skipped) } else { String::new() };
        format!("{} passed, {} failed{skipped}", self.passed, self.failed)
    }

    /// The same for one step; a step that ran no test says nothing.
    pub(crate) fn phrase(self) -> String {
        if self == Self::default() { String::new() } else { self.line() }
    }
}

/// A test runner, by the lines in which it counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Runner {
    /// `test result: ok. 12 passed; 0 failed; 1 ignored; …`, once per test binary.
    Cargo,
    /// `      Tests  1 failed | 11 passed | 2 skipped (14)`, once.
    Vitest,
    /// `1234 passed, 0 failed, 1 skipped`, the closing line of `cargo xtask test`.
    Whole,
    /// `  11 passed (3.2s)`, `  1 failed`, `  2 skipped`, `  1 did not run`, each on a line of its own.
    Playwright,
}

impl Runner {
    /// The tests that one line of output counts.
    pub(crate) fn counts_of(self, line: &str) -> Counts {
        let line = plain(line);
        let line = line.trim();
        match self {
            Self::Cargo => line.strip_prefix("test result: ").map(words).unwrap_or_default(),
            Self::Vitest => line.strip_prefix("Tests ").map(words).unwrap_or_default(),
            Self::Whole => whole(line),
            Self::Playwright => playwright(line),
        }
    }
}

/// The closing line alone, not those of the steps before it, which have a time or a name in front.
fn whole(line: &str) -> Counts {
    let closing = line.split(", ").zip(["passed", "failed", "skipped"]);
    let fits = |(part, word): (&str, &str)| {
        part.strip_suffix(word).is_some_and(|number| number.trim().parse::<u64>().is_ok())
    };
    let is_one = closing.clone().count() >= 2 && closing.clone().all(fits);
    if is_one { words(&line.replace(',', " ")) } else { Counts::default() }
}

/// Playwright counts on short lines that begin with a number, which a title that it prints does not.
fn playwright(line: &str) -> Counts {
    let Some((number, what)) = line.split_once(' ') else { return Counts::default() };
    let Ok(n) = number.parse::<u64>() else { return Counts::default() };
    let what = what.split_once(" (").map_or(what, |(what, _)| what);
    match what {
        "passed" | "flaky" => Counts { passed: n, ..Counts::default() },
        "failed" | "interrupted" => Counts { failed: n, ..Counts::default() },
        "skipped" | "did not run" => Counts { skipped: n, ..Counts::default() },
        _ => Counts::default(),
    }
}

/// Adds up each `NUMBER WORD` of a line.
fn words(line: &str) -> Counts {
    let mut counts = Counts::default();
    let words: Vec<&str> =
        line.split([' ', ';', '|', '.', '(', ')']).filter(|word| !word.is_empty()).collect();
    for pair in words.windows(2) {
        let [number, what] = pair else { continue };
        let Ok(n) = number.parse::<u64>() else { continue };
        match *what {
            "passed" => counts.passed += n,
            "failed" => counts.failed += n,
            "ignored" | "skipped" | "todo" => counts.skipped += n,
            _ => {}
        }
    }
    counts
}

/// A line without terminal colours.
fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            for c in chars.by_ref() {
                if c.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(runner: Runner, line: &str, passed: u64, failed: u64, skipped: u64) {
        assert_eq!(runner.counts_of(line), Counts { passed, failed, skipped }, "{line}");
    }

    #[test]
    fn each_runner_is_counted_by_its_own_lines() {
        let cargo = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        check(Runner::Cargo, cargo, 12, 3, 1);
        check(Runner::Cargo, "running 16 tests", 0, 0, 0);
        check(Runner::Vitest, "      Tests  1 failed | 11 passed | 2 skipped (14)", 11, 1, 2);
        check(
            Runner::Vitest,
            "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m24 passed\u{1b}[39m (24)",
            24,
            0,
            0,
        );
        check(Runner::Vitest, " Test Files  3 passed (3)", 0, 0, 0);
        check(Runner::Whole, "1132 passed, 2 failed, 1 skipped", 1132, 2, 1);
        check(Runner::Whole, "1132 passed, 0 failed", 1132, 0, 0);
        check(Runner::Whole, "   90.5 s  unit and simulation              542 passed, 0 failed", 0, 0, 0);
        check(Runner::Playwright, "  11 passed (3.2s)", 11, 0, 0);
        check(Runner::Playwright, "  1 failed", 0, 1, 0);
        check(Runner::Playwright, "  2 did not run", 0, 0, 2);
        check(Runner::Playwright, "  1 skipped", 0, 0, 1);
        check(Runner::Playwright, "  ✓  1 take.spec.ts:3:1 › 20 passed takes (2s)", 0, 0, 0);
    }

    #[test]
    fn the_closing_line_names_skipped_tests_only_when_there_are_some() {
        assert_eq!(Counts { passed: 3, failed: 0, skipped: 0 }.line(), "3 passed, 0 failed");
        assert_eq!(Counts { passed: 3, failed: 1, skipped: 2 }.line(), "3 passed, 1 failed, 2 skipped");
    }
}
