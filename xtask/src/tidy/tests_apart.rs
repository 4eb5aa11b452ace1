//! Which lines of Rust are tests.
//!
//! An item under `#[cfg(test)]` ends at the first line that stands as far left as its attribute and closes it. That
//! is enough, since `cargo fmt` is checked before: no reading of the language is needed here.

use std::collections::BTreeSet;
use std::ops::Range;

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
            tests.extend(declared(path, source));
        }
    }
    tests
}

/// A source file whose lines under `#[cfg(test)]` are blank, so that line numbers hold.
pub(super) fn without_tests(path: &str, source: &str) -> String {
    if !path.ends_with(".rs") {
        return source.to_owned();
    }
    let tests = items(source);
    let is_test = |at: usize| tests.iter().any(|lines| lines.contains(&at));
    let lines = source.lines().enumerate();
    lines.map(|(at, line)| if is_test(at) { "\n".to_owned() } else { format!("{line}\n") }).collect()
}

/// How many lines of a source file are no tests.
pub(super) fn code_lines(path: &str, source: &str) -> usize {
    let tests = if path.ends_with(".rs") { items(source) } else { Vec::new() };
    source.lines().count() - tests.iter().map(|lines| lines.len()).sum::<usize>()
}

/// The items under `#[cfg(test)]`, each as its lines, counted from 0.
fn items(source: &str) -> Vec<Range<usize>> {
    let lines: Vec<&str> = source.lines().collect();
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let text = line.trim_start();
        let is_attribute = ["#[cfg(test)]", "#[cfg(all(test"].iter().any(|start| text.starts_with(start));
        if !is_attribute || found.last().is_some_and(|last| last.contains(&at)) {
            continue;
        }
        let indent = indent_of(line);
        let closes = |line: &&str| indent_of(line) == indent && line.ends_with(['}', ';', ',']);
        let rest = lines.get(at + 1..).unwrap_or_default();
        let end = rest.iter().position(closes).map_or(lines.len(), |last| at + 1 + last + 1);
        found.push(at..end);
    }
    found
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The files of modules that `source` declares under `#[cfg(test)]` without a body.
fn declared(path: &str, source: &str) -> Vec<String> {
    let lines: Vec<&str> = source.lines().collect();
    let mut files = Vec::new();
    for item in items(source) {
        let last = lines[item].last().copied().unwrap_or_default();
        let Some(name) =
            last.strip_suffix(';').and_then(|last| last.rsplit_once("mod ")).map(|(_, name)| name)
        else {
            continue;
        };
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = match file {
            "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
            own => format!("{folder}/{}", own.trim_end_matches(".rs")),
        };
        files.push(format!("{folder}/{name}.rs"));
        files.push(format!("{folder}/{name}/mod.rs"));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_under_a_test_attribute_become_blank() {
        let source = "const A: &str = \"—\";\n#[cfg(test)]\nmod tests {\n    fn f() {}\n}\nfn g() {}\n";
        assert_eq!(without_tests("a.rs", source), "const A: &str = \"—\";\n\n\n\n\nfn g() {}\n");
        assert_eq!(without_tests("a.ts", source), source);
        assert_eq!((code_lines("a.rs", source), code_lines("a.ts", source)), (2, 6));
    }

    #[test]
    fn an_item_ends_where_its_own_indentation_closes_it() {
        let check = |source: &str, code: usize| assert_eq!(code_lines("a.rs", source), code, "{source}");
        check("struct A {\n    #[cfg(test)]\n    b: u8,\n    c: u8,\n}\n", 3);
        check("#[cfg(test)]\nuse a::{\n    b,\n};\nuse c;\n", 1);
        check("#[cfg(all(test, unix))]\nfn f(\n    a: u8,\n) -> u8 {\n    a\n}\nfn g() {}\n", 1);
        check(
            "#[cfg(test)]\nmod tests {\n    #[cfg(test)]\n    fn f() {}\n\n    fn g() {}\n}\nfn h() {}\n",
            1,
        );
    }

    #[test]
    fn a_module_declared_for_tests_is_a_test_file() {
        let files = [("c/src/lib.rs".to_owned(), "#[cfg(test)]\nmod world;\n".to_owned())];
        assert!(test_files(&files).contains("c/src/world.rs"));
        let files = [("c/src/hop.rs".to_owned(), "#[cfg(test)]\nmod world;\n".to_owned())];
        assert!(test_files(&files).contains("c/src/hop/world.rs"));
    }
}
