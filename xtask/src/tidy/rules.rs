//! The numbers of rules that code and documents cite, against `docs/rules.md`.

use std::collections::{BTreeMap, BTreeSet};

use super::Violation;

/// Where each rule has a heading, `## R3 …`, and below it a line `- ` with the name of each of its tests.
const PAGE: &str = "docs/rules.md";
/// Files in which a rule may be cited.
const CITING: &[&str] = &["rs", "ts", "svelte", "js", "mjs", "md"];

/// The rules and the tests that the page names.
struct Page<'a> {
    rules: BTreeSet<&'a str>,
    /// The line of each named test.
    tests: BTreeMap<&'a str, usize>,
}

/// Rules that are cited and not on the page, tests that are on the page and nowhere else, and tests of a rule that the page leaves out.
pub(super) fn violations(files: &[(String, String)]) -> Vec<Violation> {
    let Some((_, source)) = files.iter().find(|(path, _)| path == PAGE) else {
        return vec![Violation::new(PAGE, 1, "is missing, though code cites rules by number")];
    };
    let page = read(source);
    let mut found = Vec::new();
    let mut declared = BTreeSet::new();
    for (path, source) in files {
        let Some((_, ending)) = path.rsplit_once('.').filter(|(_, ending)| CITING.contains(ending)) else {
            continue;
        };
        for (number, line) in (1..).zip(source.lines()) {
            let cited = words(line).filter(|word| is_number(word, 'R'));
            let unknown = cited.filter(|rule| !page.rules.contains(rule));
            found.extend(
                unknown.map(|rule| Violation::new(path, number, format!("{rule} is no rule of {PAGE}"))),
            );
            let Some(test) = function(line).filter(|_| ending == "rs") else { continue };
            let names_rule = test.split_once('_').is_some_and(|(first, _)| is_number(first, 'r'));
            if names_rule && !page.tests.contains_key(test) {
                found.push(Violation::new(path, number, format!("{test} is not among the tests in {PAGE}")));
            }
            declared.insert(test);
        }
    }
    let gone = page.tests.iter().filter(|(test, _)| !declared.contains(*test));
    found.extend(gone.map(|(test, line)| Violation::new(PAGE, *line, format!("there is no test {test}"))));
    found
}

fn read(source: &str) -> Page<'_> {
    let mut page = Page { rules: BTreeSet::new(), tests: BTreeMap::new() };
    for (number, line) in (1..).zip(source.lines()) {
        page.rules.extend(line.strip_prefix("## ").and_then(|title| words(title).next()));
        let test = line.strip_prefix("- `").and_then(|rest| rest.split('`').next());
        page.tests.extend(test.map(|test| (test, number)));
    }
    page
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// Whether a word is `letter` and a number.
fn is_number(word: &str, letter: char) -> bool {
    let number = word.strip_prefix(letter).unwrap_or_default();
    !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
}

/// The function that a line declares.
fn function(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let is_declaration = before.trim().is_empty() || before.trim_end().ends_with("async");
    is_declaration.then(|| words(after).next())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, page: &str, expected: &[&str]) {
        let files = [("a.rs".to_owned(), source.to_owned()), (PAGE.to_owned(), page.to_owned())];
        let found: Vec<String> = violations(&files).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_number_that_is_no_rule_is_named() {
        let cited = format!("// As R{} and (R{}) say.\n", 1, 99);
        check(&cited, "# Rules\n\n## R1 First\n", &[&format!("a.rs:1: R{} is no rule of docs/rules.md", 99)]);
        check("struct RGB; // R and Rx2\n", "# Rules\n", &[]);
        let nothing: [(String, String); 0] = [];
        assert_eq!(violations(&nothing).len(), 1);
    }

    #[test]
    fn tests_and_page_name_each_other() {
        let page = "## R1 First\n\n- `r1_holds`\n- `the_others_hold`\n";
        check("#[test]\nfn r1_holds() {\n}\nasync fn the_others_hold() {}\n", page, &[]);
        let lacking = [
            "a.rs:1: r1_is_new is not among the tests in docs/rules.md",
            "docs/rules.md:4: there is no test the_others_hold",
        ];
        check("fn r1_is_new() {}\n// fn of r1_holds\n    fn r1_holds() {\n", page, &lacking);
    }
}
