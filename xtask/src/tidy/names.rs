//! What a name or the first line of a crate says.

use super::Violation;
use super::lexer::mask;

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
    let masked = mask(source);
    for (number, line) in (1..).zip(masked.lines()) {
        for (keyword, name) in declared(line) {
            let ending = EMPTY_ENDINGS.iter().find(|ending| name.ends_with(*ending));
            if let (true, Some(ending)) = (keyword != "fn", ending) {
                found.push(Violation::new(
                    path,
                    number,
                    format!("{keyword} {name}: `{ending}` says nothing, limit 0"),
                ));
            }
            if keyword == "fn" && name.starts_with("get_") {
                found.push(Violation::new(path, number, format!("fn {name}: no `get_`, limit 0")));
            }
        }
    }
    found
}

/// The names that a line declares, each with its keyword.
fn declared(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let words: Vec<&str> = line.split(|c| !is_word(c)).filter(|word| !word.is_empty()).collect();
    let pairs: Vec<(&str, &str)> =
        words.windows(2).filter_map(|pair| pair.first().copied().zip(pair.last().copied())).collect();
    pairs.into_iter().filter(|(keyword, _)| matches!(*keyword, "struct" | "enum" | "trait" | "type" | "fn"))
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
        let source =
            "use tower::Service;\n// struct FloorManager\npub struct FloorManager;\nfn get_floor() {}\n";
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
