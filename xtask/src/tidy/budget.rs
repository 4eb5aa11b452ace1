//! The budgets of docs/style.md that clippy does not hold: lines in a file, and no ignored test.

use super::Violation;
use super::tests_apart::code_lines;

const FILE_LINES_MAX: usize = 560;
const SVELTE_LINES_MAX: usize = 300;

/// Written by tools: they are as long as what they are made from, and nobody reads them from the top down.
const GENERATED: [&str; 2] = ["web/src/contract/index.ts", "web/src/words/ids.ts"];

/// What one file breaks.
pub(super) fn violations(path: &str, source: &str, is_test: bool) -> Vec<Violation> {
    let max = match path.rsplit_once('.') {
        Some((_, "svelte")) => SVELTE_LINES_MAX,
        Some((_, "rs" | "ts")) if !is_test && !GENERATED.contains(&path) => FILE_LINES_MAX,
        Some(_) | None => usize::MAX,
    };
    let mut found = Vec::new();
    let lines = code_lines(path, source);
    if lines > max {
        found.push(Violation::new(path, max + 1, format!("{lines} lines in a file, limit {max}")));
    }
    if path.ends_with(".rs") {
        let ignored = (1..).zip(source.lines()).filter(|(_, line)| line.trim_start().starts_with("#[ignore"));
        found.extend(ignored.map(|(number, _)| Violation::new(path, number, "an ignored test, limit 0")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, source: &str, expected: &[&str]) {
        let found: Vec<String> = violations(path, source, false).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_long_file_is_named_and_its_tests_do_not_count() {
        let long = "use a;\n".repeat(561);
        check("a.rs", &long, &["a.rs:561: 561 lines in a file, limit 560"]);
        let tested = format!(
            "{}#[cfg(test)]\nmod tests {{\n{}}}\n",
            "use a;\n".repeat(559),
            "    use b;\n".repeat(200)
        );
        check("a.rs", &tested, &[]);
        assert!(violations("a.rs", &long, true).is_empty());
        check("W.svelte", &"<p>\n".repeat(301), &["W.svelte:301: 301 lines in a file, limit 300"]);
        let script = "a;\n".repeat(561);
        check("w.ts", &script, &["w.ts:561: 561 lines in a file, limit 560"]);
        for path in ["web/src/contract/index.ts", "web/src/words/ids.ts"] {
            check(path, &script, &[]);
        }
    }

    #[test]
    fn an_ignored_test_is_named() {
        check("a.rs", "#[test]\n#[ignore]\nfn f() {}\n", &["a.rs:2: an ignored test, limit 0"]);
        check("a.rs", "// no #[ignore]\n", &[]);
    }
}
