//! Words that no committed file may hold: paths of one machine, hosts of package registries, notes to oneself.

use super::Violation;

/// Folders that exist on the machine of one person alone. Written in two parts, so that this file does not hold them.
const MACHINE_PATHS: &[&str] =
    &[concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

const REGISTRY_HOSTS: &[&str] = &[
    concat!("registry.", "npmjs.org"),
    concat!("registry.", "yarnpkg.com"),
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("deb.", "debian.org"),
    concat!("files.", "pythonhosted.org"),
];

const NOTES: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME")];

/// What the text of one file breaks. A kind of violation is reported once per file, with the number of its lines.
pub(super) fn violations(path: &str, source: &str) -> Vec<Violation> {
    // Cargo writes the name of its registry into the lock file and has no way to leave it out.
    if path == "Cargo.lock" {
        return Vec::new();
    }
    let mut found = Vec::new();
    found.extend(first(path, source, "a path of one machine", has_path));
    found.extend(first(path, source, "the host of a package registry", |line| has_any(line, REGISTRY_HOSTS)));
    if path.ends_with(".rs") || path.ends_with(".ts") || path.ends_with(".svelte") {
        found.extend(first(path, source, "a note to oneself", |line| has_any(line, NOTES)));
    }
    found
}

fn first(path: &str, source: &str, what: &str, hit: impl Fn(&str) -> bool) -> Option<Violation> {
    let mut lines = (1..).zip(source.lines()).filter(|(_, line)| hit(line)).map(|(number, _)| number);
    let line = lines.next()?;
    let more = match lines.count() {
        0 => String::new(),
        n => format!(", and on {n} more lines"),
    };
    Some(Violation::new(path, line, format!("{what}, limit 0{more}")))
}

fn has_any(line: &str, words: &[&str]) -> bool {
    words.iter().any(|word| line.contains(word))
}

/// Whether an absolute path begins with one of [`MACHINE_PATHS`]; `docs` + such a folder is a relative one.
fn has_path(line: &str) -> bool {
    MACHINE_PATHS.iter().any(|folder| {
        line.match_indices(folder).any(|(at, _)| {
            let before = line[..at].chars().next_back().unwrap_or(' ');
            let after = line[at + folder.len()..].chars().next().unwrap_or(' ');
            !(before.is_alphanumeric() || "._-}*/)".contains(before)) && after.is_alphanumeric()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, source: &str, expected: &[&str]) {
        let found: Vec<String> = violations(path, source).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn paths_of_one_machine_are_found_and_relative_ones_are_not() {
        let path = format!("see {}x/notes", MACHINE_PATHS[1]);
        check("a.md", &path, &["a.md:1: a path of one machine, limit 0"]);
        check("a.md", &format!("docs{}x", MACHINE_PATHS[1]), &[]);
        check("a.md", &format!("route {}", MACHINE_PATHS[2]), &[]);
    }

    #[test]
    fn registry_hosts_are_counted_once_per_file() {
        let line = format!("\"resolved\": \"https://{}/x\"\n", REGISTRY_HOSTS[0]);
        let expected =
            "web/package-lock.json:1: the host of a package registry, limit 0, and on 2 more lines";
        check("web/package-lock.json", &line.repeat(3), &[expected]);
        check("Cargo.lock", &line, &[]);
    }

    #[test]
    fn notes_to_oneself_are_found_in_code() {
        check("a.rs", &format!("\n// {}: later", NOTES[0]), &["a.rs:2: a note to oneself, limit 0"]);
        check("a.md", NOTES[0], &[]);
    }
}
