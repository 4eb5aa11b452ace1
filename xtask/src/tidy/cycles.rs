//! Import cycles between the folders of `web/src`.

use std::collections::{BTreeMap, BTreeSet};

use super::Violation;

const WEB: &str = "web/src/";

/// An import from one folder to another, with the first place where it stands.
type Arrows<'a> = BTreeMap<&'a str, BTreeMap<String, (&'a str, usize)>>;

/// The imports that close a circle between folders right below `web/src`.
pub(super) fn violations(files: &[(String, String)]) -> Vec<Violation> {
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
                arrows.entry(from).or_default().entry(to).or_insert((path, number));
            }
        }
    }
    let mut found = Vec::new();
    for (from, targets) in &arrows {
        for (to, (path, number)) in targets {
            if reaches(&arrows, to, from) {
                let what = format!("import cycle between web/src/{from} and web/src/{to}, limit 0");
                found.push(Violation::new(path, *number, what));
            }
        }
    }
    found
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
        let found: Vec<String> = violations(&files).iter().map(ToString::to_string).collect();
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
}
