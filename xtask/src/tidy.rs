//! What neither the compiler nor a linter checks: tiers, outside crates, budgets, the numbers of rules, words that must not be committed.

mod budget;
mod cycles;
mod names;
mod outside;
mod repeat;
mod rules;
mod tests_apart;
mod text;
mod tiers;

use std::fmt;
use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::{place, step};

/// One place that breaks one rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    path: String,
    line: usize,
    what: String,
}

impl Violation {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// `cargo xtask tidy`.
pub(crate) fn task(words: &[String]) -> Result<(), Failure> {
    if let Some(word) = words.first() {
        return Err(Failure::UnknownOption { task: "tidy", word: word.clone() });
    }
    check()
}

/// Prints each violation on a line of its own.
///
/// # Errors
/// When there is one.
pub(crate) fn check() -> Result<(), Failure> {
    let files = committed()?;
    let metadata = place::metadata()?;
    let mut found = tiers::violations(&metadata);
    found.extend(outside::violations(&metadata, &files));
    let tests = tests_apart::test_files(&files);
    for (path, source) in &files {
        if weakens_core(path) {
            found.push(Violation::new(
                path,
                1,
                "hides crates/core/clippy.toml from this crate, which no file may",
            ));
        }
        found.extend(text::violations(path, source));
        found.extend(names::violations(path, source));
        found.extend(budget::violations(path, source, tests.contains(path)));
    }
    found.extend(cycles::violations(&files, &tests));
    found.extend(rules::violations(&files));
    let code = files.iter().filter(|(path, _)| is_code(path) && !tests.contains(path));
    let code = code.map(|(path, source)| (path.as_str(), tests_apart::without_tests(path, source)));
    found.extend(repeat::violations(&code.collect::<Vec<_>>()));
    found.sort();
    for violation in &found {
        step::say(&violation.to_string());
    }
    match found.len() {
        0 => Ok(()),
        n => Err(Failure::Ended { what: format!("tidy ({n} violations)") }),
    }
}

/// Clippy reads the nearest `clippy.toml` alone, so one inside a crate of core would lift the bans on clocks and files.
fn weakens_core(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.starts_with("crates/core/") && path != "crates/core/clippy.toml" && name.ends_with("clippy.toml")
}

/// Whether somebody wrote this file as code.
fn is_code(path: &str) -> bool {
    let generated = path == "web/src/contract/index.ts";
    !generated && matches!(path.rsplit_once('.'), Some((_, "rs" | "ts" | "svelte" | "mjs")))
}

/// The text files that are committed or about to be: path from the root, and contents.
fn committed() -> Result<Vec<(String, String)>, Failure> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(place::root())
        .output()
        .map_err(|cause| Failure::Start { program: "git".into(), cause })?;
    if !output.status.success() {
        return Err(Failure::Ended { what: "`git ls-files`".into() });
    }
    let list = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut files = Vec::new();
    for path in list.split('\0').filter(|path| !path.is_empty()) {
        // A file that is deleted but not yet committed so, and one that is no text, have nothing to check.
        if let Some(source) = text_of(&place::root().join(path)) {
            files.push((path.to_owned(), source));
        }
    }
    Ok(files)
}

fn text_of(path: &Path) -> Option<String> {
    String::from_utf8(std::fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_of_core_cannot_lift_the_bans_by_a_file_of_its_own() {
        assert!(weakens_core("crates/core/media/clippy.toml"));
        assert!(weakens_core("crates/core/media/.clippy.toml"));
        assert!(!weakens_core("crates/core/clippy.toml"));
        assert!(!weakens_core("clippy.toml"));
    }
}
