//! Repeated blocks of eight lines, over all code that is not a test.

use std::collections::BTreeMap;

use super::Violation;

/// Lines of one block.
const BLOCK: usize = 8;
/// Lines that stand in repeated blocks, in hundredths of all.
const REPEATED_MAX_PERCENT: usize = 2;

/// The places of repeated blocks in `files` (path and source), when they are too many.
pub(super) fn violations(files: &[(&str, String)]) -> Vec<Violation> {
    let files: Vec<(&str, Vec<(usize, &str)>)> =
        files.iter().map(|(path, source)| (*path, telling(source))).collect();
    let mut places: BTreeMap<Vec<&str>, Vec<(usize, usize)>> = BTreeMap::new();
    for (file, (_, lines)) in files.iter().enumerate() {
        for (at, block) in lines.windows(BLOCK).enumerate() {
            let words = block.iter().map(|(_, line)| *line).collect();
            places.entry(words).or_default().push((file, at));
        }
    }
    let mut repeated: Vec<Vec<bool>> = files.iter().map(|(_, lines)| vec![false; lines.len()]).collect();
    for (file, at) in places.values().filter(|places| places.len() > 1).flatten() {
        repeated[*file][*at..at + BLOCK].fill(true);
    }
    let count: usize = repeated.iter().flatten().filter(|is_repeated| **is_repeated).count();
    let all: usize = files.iter().map(|(_, lines)| lines.len()).sum();
    if count * 100 <= all * REPEATED_MAX_PERCENT {
        return Vec::new();
    }
    let mut found = Vec::new();
    for ((path, lines), repeated) in files.iter().zip(&repeated) {
        if let Some(first) = repeated.iter().position(|is_repeated| *is_repeated) {
            let here = repeated.iter().filter(|is_repeated| **is_repeated).count();
            let what = format!(
                "{here} lines in repeated blocks of {BLOCK} ({count} of {all} in all), limit {REPEATED_MAX_PERCENT} %"
            );
            found.push(Violation::new(path, lines[first].0, what));
        }
    }
    found
}

/// The lines that say something, with their numbers: no blank line, comment, import or lone bracket.
fn telling(source: &str) -> Vec<(usize, &str)> {
    let says = |line: &str| {
        let is_word = line.chars().any(char::is_alphanumeric);
        is_word
            && !["//", "/*", "*", "use ", "import ", "<!--", "#["].iter().any(|start| line.starts_with(start))
    };
    (1..).zip(source.lines().map(str::trim)).filter(|(_, line)| says(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(range: std::ops::Range<usize>) -> String {
        range.map(|n| format!("    step{n}();\n}}\n\n// {n}\n")).collect()
    }

    #[test]
    fn blocks_that_stand_twice_are_named_when_they_are_many() {
        let (a, b) = (lines(0..20), lines(10..20) + &lines(100..110));
        let found = violations(&[("a.rs", a), ("b.rs", b)]);
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        let expected = [
            "a.rs:41: 10 lines in repeated blocks of 8 (20 of 40 in all), limit 2 %",
            "b.rs:1: 10 lines in repeated blocks of 8 (20 of 40 in all), limit 2 %",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn short_or_rare_repetition_passes() {
        let (a, b) = (lines(0..20), lines(13..20) + &lines(100..110));
        assert!(violations(&[("a.rs", a), ("b.rs", b)]).is_empty());
        let (a, b) = (lines(0..1000), lines(990..1000));
        assert!(violations(&[("a.rs", a), ("b.rs", b)]).is_empty());
    }
}
