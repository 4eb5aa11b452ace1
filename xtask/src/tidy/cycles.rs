//! Import cycles: between the folders of `web/src`, and between the files of some crates.

use std::collections::{BTreeMap, BTreeSet};

use super::Violation;
use super::tests_apart::without_tests;

const WEB: &str = "web/src/";
/// The sources of crates whose files form no circle. Crates and folders of `web` cannot, files can.
const CRATES: &[&str] = &[
    "crates/adapter/http/src/",
    "crates/adapter/store-sqlite/src/",
    "crates/app/src/",
    "crates/testing/src/",
];

/// An import from one folder or file to another, with the first place where it stands.
type Arrows<'a> = BTreeMap<String, BTreeMap<String, (&'a str, usize)>>;

/// The imports that close a circle between folders right below `web/src`, or between files of one of [`CRATES`].
pub(super) fn violations(files: &[(String, String)], tests: &BTreeSet<String>) -> Vec<Violation> {
    let mut found = circles(&of_web(files), WEB);
    for source in CRATES {
        found.extend(circles(&of_crate(files, tests, source), source));
    }
    found
}

fn of_web(files: &[(String, String)]) -> Arrows<'_> {
    let mut arrows: Arrows<'_> = BTreeMap::new();
    for (path, source) in files {
        let Some((from, _)) = path.strip_prefix(WEB).and_then(|path| path.split_once('/')) else { continue };
        if path.ends_with(".test.ts") {
            continue;
        }
        for (number, line) in (1..).zip(source.lines()) {
            if let Some(to) = imported(line).and_then(|target| folder_of(path, target))
                && to != from
            {
                arrows.entry(from.to_owned()).or_default().entry(to).or_insert((path, number));
            }
        }
    }
    arrows
}

/// What the files of a crate say of each other by `crate::…`. How a file and those of its own folder share their work is not looked at.
fn of_crate<'a>(files: &'a [(String, String)], tests: &BTreeSet<String>, root: &str) -> Arrows<'a> {
    let here = files.iter().filter(|(path, _)| !tests.contains(path));
    let here: Vec<(String, &str, &str)> = here
        .filter_map(|(path, source)| Some((module_of(path, root)?, path.as_str(), source.as_str())))
        .collect();
    let mut arrows: Arrows<'a> = BTreeMap::new();
    for (from, path, source) in &here {
        for (number, target) in named(&without_tests(path, source)) {
            let holds = |module: &str| target == module || target.starts_with(&format!("{module}::"));
            let to =
                here.iter().map(|(module, ..)| module).filter(|module| holds(module)).max_by_key(|m| m.len());
            if let Some(to) = to.filter(|to| *to != from) {
                arrows.entry(from.clone()).or_default().entry(to.clone()).or_insert((path, number));
            }
        }
    }
    arrows
}

fn circles(arrows: &Arrows<'_>, root: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    for (from, targets) in arrows {
        for (to, (path, number)) in targets {
            if reaches(arrows, to, from) {
                let what = format!("import cycle between {root}{from} and {root}{to}, limit 0");
                found.push(Violation::new(path, *number, what));
            }
        }
    }
    found
}

/// The module that a file of a crate is, as in `a::b`; none for a root and for what is no Rust.
fn module_of(path: &str, root: &str) -> Option<String> {
    let module = path.strip_prefix(root)?.strip_suffix(".rs")?.trim_end_matches("/mod");
    (!matches!(module, "lib" | "main")).then(|| module.replace('/', "::"))
}

/// Each path that a source names behind `crate::`, as in `a::b::Thing`, with its line.
fn named(source: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, start) in source.match_indices("crate::") {
        let before = &source[..at];
        let is_comment = before.rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with("//"));
        if is_comment || before.ends_with(|c: char| c.is_alphanumeric() || "_:$".contains(c)) {
            continue;
        }
        let mut paths = Vec::new();
        branches(&source[at + start.len()..], "", &mut paths);
        let line = before.matches('\n').count() + 1;
        found.extend(paths.into_iter().map(|path| (line, path)));
    }
    found
}

/// The paths of `text`, which begins with a name or with names in braces, behind `prefix`; and what follows them.
fn branches<'a>(text: &'a str, prefix: &str, paths: &mut Vec<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        while !rest.trim_start().starts_with('}') {
            let behind = branches(rest, prefix, paths);
            let next = behind.trim_start_matches(|c| !matches!(c, ',' | '}')).trim_start_matches(',');
            if next.len() == rest.len() {
                break;
            }
            rest = next;
        }
        return rest.trim_start().strip_prefix('}').unwrap_or(rest);
    }
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let path = format!("{prefix}{}", &text[..end]);
    match text[end..].strip_prefix("::") {
        Some(rest) => branches(rest, &format!("{path}::"), paths),
        None => {
            paths.push(path);
            &text[end..]
        }
    }
}

/// What a line imports: the text after `from`, or of a bare import.
fn imported(line: &str) -> Option<&str> {
    let after =
        line.split_once(" from ").map(|(_, after)| after).or_else(|| line.trim().strip_prefix("import "))?;
    let after = after.trim();
    let quote = after.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    after[1..].split(quote).next()
}

/// The folder below `web/src` that a relative import of `path` leads to.
fn folder_of(path: &str, target: &str) -> Option<String> {
    if !target.starts_with('.') {
        return None;
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    let joined = parts.join("/");
    joined.strip_prefix(WEB)?.split_once('/').map(|(folder, _)| folder.to_owned())
}

fn reaches(arrows: &Arrows<'_>, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(here) = open.pop() {
        if here == to {
            return true;
        }
        if seen.insert(here) {
            open.extend(arrows.get(here).into_iter().flat_map(|targets| targets.keys().map(String::as_str)));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let files: Vec<(String, String)> =
            files.iter().map(|(path, source)| (format!("{WEB}{path}"), (*source).to_owned())).collect();
        let found: Vec<String> =
            violations(&files, &BTreeSet::new()).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_circle_of_folders_is_named_at_each_import() {
        let files = [
            ("state/a.ts", "import { b } from '../parts/b';\n"),
            ("parts/b.svelte", "<script>\n  import { c } from \"../ui/c.svelte\";\n"),
            ("ui/c.svelte", "import '../state/a';\n"),
            ("domain/d.ts", "import { a } from '../state/a';\n"),
        ];
        let expected = [
            "web/src/parts/b.svelte:2: import cycle between web/src/parts and web/src/ui, limit 0",
            "web/src/state/a.ts:1: import cycle between web/src/state and web/src/parts, limit 0",
            "web/src/ui/c.svelte:1: import cycle between web/src/ui and web/src/state, limit 0",
        ];
        check(&files, &expected);
    }

    #[test]
    fn imports_that_point_one_way_pass() {
        let files = [
            ("state/a.ts", "import { b } from '../parts/deep/b';\nimport { x } from './x';\n"),
            ("parts/deep/b.ts", "import { c } from '../c';\nimport svelte from 'svelte';\n"),
        ];
        check(&files, &[]);
    }

    #[test]
    fn paths_behind_crate_are_read_whole() {
        let source = "use crate::a::{B, c::{self, D}, e::*};\nuse crate::{\n    f,\n    g::H as I,\n};\n// crate::j\nlet k = crate::l::m(other_crate::n, $crate::o);\n";
        let expected = [
            (1, "a::B"),
            (1, "a::c::self"),
            (1, "a::c::D"),
            (1, "a::e::"),
            (2, "f"),
            (2, "g::H"),
            (7, "l::m"),
        ];
        let found = named(source);
        assert_eq!(found.iter().map(|(line, path)| (*line, path.as_str())).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_circle_of_files_in_a_crate_is_named() {
        let files = [
            ("c/src/lib.rs", "mod hub;\nmod shared;\npub use shared::Shared;\n"),
            ("c/src/hub/mod.rs", "use crate::shared::Shared;\n"),
            ("c/src/hub/turn.rs", "use crate::hub::Hub;\nuse crate::clock::Clock;\n"),
            (
                "c/src/shared.rs",
                "use crate::hub::{Hub, turn};\n#[cfg(test)]\nmod tests {\n    use crate::clock::Clock;\n}\n",
            ),
            ("c/src/clock.rs", "pub struct Clock;\n"),
        ];
        let files: Vec<(String, String)> =
            files.iter().map(|(path, source)| ((*path).to_owned(), (*source).to_owned())).collect();
        let found = circles(&of_crate(&files, &BTreeSet::new(), "c/src/"), "c/src/");
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        let expected = [
            "c/src/hub/mod.rs:1: import cycle between c/src/hub and c/src/shared, limit 0",
            "c/src/hub/turn.rs:1: import cycle between c/src/hub::turn and c/src/hub, limit 0",
            "c/src/shared.rs:1: import cycle between c/src/shared and c/src/hub, limit 0",
            "c/src/shared.rs:1: import cycle between c/src/shared and c/src/hub::turn, limit 0",
        ];
        assert_eq!(found, expected);
    }
}
