//! The budgets of STYLE: lines in a file, code lines in a function, `unwrap` and ignored tests.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Violation;
use super::lexer::mask;

const FILE_LINES_MAX: usize = 800;
const SVELTE_LINES_MAX: usize = 300;
const FUNCTION_LINES_MAX: usize = 100;
/// A longer function says why in `#[expect(clippy::too_many_lines, reason = "…")]`.
const FUNCTION_LINES_UNREASONED_MAX: usize = 70;

/// The files that hold tests alone: folders `tests`, `benches` and `e2e`, `*.test.ts`, and modules that are declared
/// under `#[cfg(test)]`.
pub(super) fn test_files(files: &[(String, String)]) -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for (path, source) in files {
        let in_folder = path.split('/').any(|part| matches!(part, "tests" | "benches" | "e2e"));
        if in_folder || path.ends_with(".test.ts") || path.ends_with("/tests.rs") {
            tests.insert(path.clone());
        }
        if path.ends_with(".rs") {
            tests.extend(declared_test_files(path, source));
        }
    }
    tests
}

/// The lines of a source file without those under `#[cfg(test)]`, which become blank.
pub(super) fn without_tests(path: &str, source: &str) -> String {
    if !path.ends_with(".rs") {
        return source.to_owned();
    }
    let masked = mask(source);
    let tests: Vec<Range<usize>> = test_regions(&masked)
        .into_iter()
        .map(|region| line_of(&masked, region.start)..line_of(&masked, region.end) + 1)
        .collect();
    let is_test = |number: usize| tests.iter().any(|lines| lines.contains(&number));
    let lines = (1..).zip(source.lines());
    lines.map(|(number, line)| if is_test(number) { "\n".to_owned() } else { format!("{line}\n") }).collect()
}

/// What one file breaks.
pub(super) fn violations(path: &str, source: &str, is_test: bool) -> Vec<Violation> {
    match path.rsplit_once('.') {
        Some((_, "rs")) => rust(path, source, is_test),
        Some((_, "svelte")) => length(path, source.lines().count(), SVELTE_LINES_MAX),
        Some((_, "ts")) if !is_test && path != "web/src/contract/index.ts" => {
            length(path, source.lines().count(), FILE_LINES_MAX)
        }
        _ => Vec::new(),
    }
}

fn length(path: &str, lines: usize, max: usize) -> Vec<Violation> {
    if lines <= max {
        return Vec::new();
    }
    vec![Violation::new(path, max + 1, format!("{lines} lines in a file, limit {max}"))]
}

fn rust(path: &str, source: &str, is_test: bool) -> Vec<Violation> {
    let masked = mask(source);
    let tests = test_regions(&masked);
    let mut found = Vec::new();
    if !is_test {
        let in_tests: usize = tests.iter().map(|region| masked[region.clone()].lines().count()).sum();
        found.extend(length(path, source.lines().count() - in_tests, FILE_LINES_MAX));
    }
    let is_test_at = |at: usize| is_test || tests.iter().any(|region| region.contains(&at));
    for function in functions(&masked) {
        let max = match is_test_at(function.at) || function.has_reason {
            true => FUNCTION_LINES_MAX,
            false => FUNCTION_LINES_UNREASONED_MAX,
        };
        if function.lines > max {
            let what = format!("{} code lines in fn {}, limit {max}", function.lines, function.name);
            found.push(Violation::new(path, line_of(&masked, function.at), what));
        }
    }
    let dev_only = is_test || path.starts_with("crates/testing/");
    for (at, _) in masked.match_indices(".unwrap()") {
        if !dev_only && !is_test_at(at) {
            found.push(Violation::new(path, line_of(&masked, at), "`unwrap` outside tests, limit 0"));
        }
    }
    for (at, _) in masked.match_indices("#[ignore") {
        found.push(Violation::new(path, line_of(&masked, at), "an ignored test, limit 0"));
    }
    found
}

struct Function<'a> {
    name: &'a str,
    at: usize,
    lines: usize,
    has_reason: bool,
}

/// Every function with a body, nested ones as well.
fn functions(masked: &str) -> Vec<Function<'_>> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (at, _) in masked.match_indices("fn ") {
        if masked[..at].ends_with(is_word) {
            continue;
        }
        let rest = masked[at + 3..].trim_start();
        let name = rest.split(|c: char| !is_word(c)).next().unwrap_or_default();
        let Some(body) = item_body(masked, at) else { continue };
        if name.is_empty() {
            continue;
        }
        let begin = masked[..at].rfind(['{', '}', ';']).map_or(0, |i| i + 1);
        let has_reason = masked[begin..at].contains("too_many_lines") && masked[begin..at].contains("reason");
        found.push(Function { name, at, lines: code_lines(&masked[body]), has_reason });
    }
    found
}

/// Lines with code between a function's braces.
fn code_lines(body: &str) -> usize {
    body.lines().filter(|line| !line.trim().is_empty()).count()
}

/// The inside of the first braces after `at` that stand in no parentheses or brackets; none if the item ends before.
fn item_body(masked: &str, at: usize) -> Option<Range<usize>> {
    let mut depth = 0_i32;
    for (i, c) in masked[at..].char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ';' if depth == 0 => return None,
            '{' if depth == 0 => return closing(masked, at + i).map(|end| at + i + 1..end),
            _ => {}
        }
    }
    None
}

/// Where the brace that opens at `open` is closed.
fn closing(masked: &str, open: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (i, c) in masked[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(open + i);
        }
    }
    None
}

/// The items under `#[cfg(test)]`, from the attribute to the end of the item.
fn test_regions(masked: &str) -> Vec<Range<usize>> {
    let mut regions: Vec<Range<usize>> = Vec::new();
    for at in test_attributes(masked) {
        if regions.last().is_some_and(|last| last.contains(&at)) {
            continue;
        }
        let end = match item_body(masked, at) {
            Some(body) => body.end + 1,
            None => masked[at..].find(';').map_or(masked.len(), |i| at + i + 1),
        };
        regions.push(at..end);
    }
    regions
}

fn test_attributes(masked: &str) -> impl Iterator<Item = usize> {
    masked.match_indices("#[cfg(").filter_map(|(at, start)| {
        let condition = &masked[at + start.len()..];
        (condition.starts_with("test)") || condition.starts_with("all(test")).then_some(at)
    })
}

/// The files of modules that `source` declares under `#[cfg(test)]` without a body.
fn declared_test_files(path: &str, source: &str) -> Vec<String> {
    let masked = mask(source);
    let mut files = Vec::new();
    for region in test_regions(&masked) {
        let item = &masked[region];
        let Some((_, name)) = item.strip_suffix(';').and_then(|item| item.rsplit_once("mod ")) else {
            continue;
        };
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = match file {
            "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
            own => format!("{folder}/{}", own.trim_end_matches(".rs")),
        };
        files.push(format!("{folder}/{}.rs", name.trim()));
        files.push(format!("{folder}/{}/mod.rs", name.trim()));
    }
    files
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(lines: usize) -> String {
        "    step();\n".repeat(lines)
    }

    fn check(path: &str, source: &str, expected: &[&str]) {
        let found: Vec<String> = violations(path, source, false).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_long_file_is_named_and_its_tests_do_not_count() {
        let long = "use a;\n".repeat(801);
        check("a.rs", &long, &["a.rs:801: 801 lines in a file, limit 800"]);
        let tested =
            format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", "use a;\n".repeat(799), "use b;\n".repeat(200));
        check("a.rs", &tested, &[]);
        assert!(violations("a.rs", &long, true).is_empty());
        check("W.svelte", &"<p>\n".repeat(301), &["W.svelte:301: 301 lines in a file, limit 300"]);
        check("w.ts", &"a;\n".repeat(801), &["w.ts:801: 801 lines in a file, limit 800"]);
    }

    #[test]
    fn a_long_function_is_named_unless_it_says_why() {
        check("a.rs", &format!("fn f() {{\n{}}}\n", body(70)), &[]);
        check(
            "a.rs",
            &format!("\nfn f() {{\n{}}}\n", body(71)),
            &["a.rs:2: 71 code lines in fn f, limit 70"],
        );
        let reasoned = |n| {
            format!("#[expect(clippy::too_many_lines, reason = \"a table\")]\nfn f() {{\n{}}}\n", body(n))
        };
        check("a.rs", &reasoned(100), &[]);
        check("a.rs", &reasoned(101), &["a.rs:2: 101 code lines in fn f, limit 100"]);
    }

    #[test]
    fn blank_lines_comments_and_braces_in_text_do_not_count_in_a_function() {
        let noise = "    // }\n\n    let c = '}';\n    let s = \"{\n}\";\n";
        check("a.rs", &format!("fn f(x: [u8; 4]) {{\n{noise}{}}}\nfn g() {{}}\n", body(67)), &[]);
        check(
            "a.rs",
            &format!("fn f(x: [u8; 4]) {{\n{noise}{}}}\n", body(68)),
            &["a.rs:1: 71 code lines in fn f, limit 70"],
        );
    }

    #[test]
    fn unwrap_and_ignored_tests_are_found_where_they_are_code() {
        check("a.rs", "fn f() {\n    g().unwrap();\n}\n", &["a.rs:2: `unwrap` outside tests, limit 0"]);
        check("a.rs", "// .unwrap()\nfn f() -> &'static str {\n    \".unwrap()\"\n}\n", &[]);
        check("a.rs", "#[cfg(test)]\nmod tests {\n    fn f() {\n        g().unwrap();\n    }\n}\n", &[]);
        check("a.rs", "#[test]\n#[ignore]\nfn f() {}\n", &["a.rs:2: an ignored test, limit 0"]);
    }

    #[test]
    fn lines_under_a_test_attribute_become_blank() {
        let source = "const A: &str = \"—\";\n#[cfg(test)]\nmod tests {\n    fn f() {}\n}\nfn g() {}\n";
        assert_eq!(without_tests("a.rs", source), "const A: &str = \"—\";\n\n\n\n\nfn g() {}\n");
        assert_eq!(without_tests("a.ts", source), source);
    }

    #[test]
    fn a_module_declared_for_tests_is_a_test_file() {
        let files = [("c/src/lib.rs".to_owned(), "#[cfg(test)]\nmod world;\n".to_owned())];
        assert!(test_files(&files).contains("c/src/world.rs"));
        let files = [("c/src/hop.rs".to_owned(), "#[cfg(test)]\nmod world;\n".to_owned())];
        assert!(test_files(&files).contains("c/src/hop/world.rs"));
    }
}
