//! A reading of Rust source that is enough to count: comments and the insides of literals blanked out, lines kept.

/// Stands for a character inside a literal, so that a line of a long string still counts as code.
const FILLER: char = '~';

/// `source` with comments turned to spaces and the insides of string and character literals to [`FILLER`].
/// Every line break stays, so line numbers hold.
pub(super) fn mask(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut lexer = Lexer { chars: &chars, at: 0, out: String::with_capacity(source.len()) };
    while lexer.at < lexer.chars.len() {
        lexer.next();
    }
    lexer.out
}

struct Lexer<'a> {
    chars: &'a [char],
    at: usize,
    out: String,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    /// Passes over one character and writes it, or what stands for it.
    fn pass(&mut self, stand_in: Option<char>) {
        let c = self.peek(0);
        self.out.push(if c == '\n' { c } else { stand_in.unwrap_or(c) });
        self.at += 1;
    }

    fn next(&mut self) {
        match (self.peek(0), self.peek(1)) {
            ('/', '/') => self.line_comment(),
            ('/', '*') => self.block_comment(),
            ('"', _) => self.quoted('"'),
            ('\'', '\\') => self.quoted('\''),
            ('\'', _) if self.peek(2) == '\'' => self.quoted('\''),
            ('r', '"' | '#') if !self.follows_identifier() => self.raw(),
            _ => self.pass(None),
        }
    }

    /// Whether the `r` at hand ends a name such as `var`; in `br` and `cr` it begins a literal all the same.
    fn follows_identifier(&self) -> bool {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let before =
            |n: usize| self.at.checked_sub(n).and_then(|i| self.chars.get(i)).copied().unwrap_or(' ');
        match before(1) {
            'b' | 'c' => is_word(before(2)),
            c => is_word(c),
        }
    }

    fn line_comment(&mut self) {
        while self.at < self.chars.len() && self.peek(0) != '\n' {
            self.pass(Some(' '));
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.chars.len() {
            let turn = match (self.peek(0), self.peek(1)) {
                ('/', '*') => 1,
                ('*', '/') => -1,
                _ => 0,
            };
            depth += turn;
            self.pass(Some(' '));
            if turn != 0 {
                self.pass(Some(' '));
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn quoted(&mut self, quote: char) {
        self.pass(None);
        while self.at < self.chars.len() && self.peek(0) != quote {
            if self.peek(0) == '\\' {
                self.pass(Some(FILLER));
            }
            self.pass(Some(FILLER));
        }
        if self.at < self.chars.len() {
            self.pass(None);
        }
    }

    /// `r"…"`, `r#"…"#` and so on; `r#name` is a name.
    fn raw(&mut self) {
        let mut hashes = 0;
        while self.peek(1 + hashes) == '#' {
            hashes += 1;
        }
        if self.peek(1 + hashes) != '"' {
            return self.pass(None);
        }
        for _ in 0..hashes + 2 {
            self.pass(None);
        }
        while self.at < self.chars.len() {
            if self.peek(0) == '"' && (1..=hashes).all(|n| self.peek(n) == '#') {
                for _ in 0..=hashes {
                    self.pass(None);
                }
                return;
            }
            self.pass(Some(FILLER));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, masked: &str) {
        assert_eq!(mask(source), masked);
    }

    #[test]
    fn comments_become_spaces_and_keep_their_lines() {
        check("a // {\nb", "a     \nb");
        check("a /* { /* \n } */ { */ b", "a         \n           b");
    }

    #[test]
    fn the_insides_of_literals_are_filled() {
        check(r#"f("}\"{") "#, r#"f("~~~~") "#);
        check(r##"r#"{"}"# x"##, r##"r#"~~~"# x"##);
        check(r#"br"{" + var"#, r#"br"~" + var"#);
        check(r"'{' '\'' '\u{7d}'", r"'~' '~~' '~~~~~~'");
    }

    #[test]
    fn lifetimes_and_raw_names_are_left_alone() {
        check("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}");
        check("r#type.is()", "r#type.is()");
    }
}
