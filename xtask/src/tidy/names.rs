//! What a name or the first line of a crate says.

use super::Violation;

/// Endings of type names that say nothing.
const EMPTY_ENDINGS: &[&str] = &["Manager", "Service", "Helper", "Helpers", "Util", "Utils"];

/// What the names of one Rust file break.
pub(super) fn violations(path: &str, source: &str) -> Vec<Violation> {
    if !path.ends_with(".rs") {
        return Vec::new();
    }
    let mut found = Vec::new();
    if (path.ends_with("src/lib.rs") || path.ends_with("src/main.rs")) && !source.starts_with("//!") {
        found.push(Violation::new(path, 1, "a crate that does not open with what it is"));
    }
    for (number, line) in (1..).zip(source.lines()) {
        let Some((keyword, name)) = declared(line) else { continue };
        let ending = EMPTY_ENDINGS.iter().find(|ending| name.ends_with(*ending));
        if let (true, Some(ending)) = (keyword != "fn", ending) {
            let what = format!("{keyword} {name}: `{ending}` says nothing, limit 0");
            found.push(Violation::new(path, number, what));
        }
        if keyword == "fn" && name.starts_with("get_") {
            found.push(Violation::new(path, number, format!("fn {name}: no `get_`, limit 0")));
        }
    }
    found
}

/// The name that a line declares, with its keyword; `cargo fmt` puts no two on one line.
fn declared(line: &str) -> Option<(&str, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let visible = line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
    let mut words = visible.split(|c| !is_word(c)).filter(|word| !word.is_empty());
    let keyword = words.find(|word| !matches!(*word, "pub" | "async" | "const" | "unsafe"))?;
    let is_declaration = matches!(keyword, "struct" | "enum" | "trait" | "type" | "fn");
    (is_declaration && visible.starts_with(is_word)).then_some((keyword, words.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, source: &str, expected: &[&str]) {
        let found: Vec<String> = violations(path, source).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn names_that_say_nothing_are_found_where_they_are_declared() {
        let source = "use tower::Service;\n// struct FloorManager\npub(crate) struct FloorManager;\npub const fn get_floor() {}\n";
        let expected = [
            "a.rs:3: struct FloorManager: `Manager` says nothing, limit 0",
            "a.rs:4: fn get_floor: no `get_`, limit 0",
        ];
        check("a.rs", source, &expected);
        check("a.rs", "impl Service for Floor {}\nfn forget_floor() {}\nstruct Serviceable;\n", &[]);
    }

    #[test]
    fn a_crate_opens_with_what_it_is() {
        let expected = "crates/x/src/lib.rs:1: a crate that does not open with what it is";
        check("crates/x/src/lib.rs", "mod a;\n", &[expected]);
        check("crates/x/src/lib.rs", "//! Rooms.\nmod a;\n", &[]);
        check("crates/x/src/a.rs", "mod a;\n", &[]);
    }
}
