//! Short names, which stand on chips and buttons.

/// Columns that a short name may take in any language.
pub const SHORT_COLUMNS_MAX: usize = 12;

/// Columns that a text takes on a chip: two for what is as wide as it is high (Han, kana, Hangul, full-width forms, pictures), none for
/// accents and other marks that join the letter before them, and one for everything else. In short what Unicode Standard Annex 11 says; its
/// table is not used, since it changes, and what was once short and is stored must stay so.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

fn width(c: char) -> usize {
    match c {
        '\u{ad}'
        | '\u{300}'..='\u{36f}'
        | '\u{61c}'
        | '\u{115f}'..='\u{11ff}'
        | '\u{180b}'..='\u{180f}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{2064}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{fe20}'..='\u{fe2f}'
        | '\u{feff}'
        | '\u{ffa0}' => 0,
        '\u{1100}'..='\u{115e}' | '\u{2e80}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1b000}'.. => 2,
        _ => 1,
    }
}

/// That text can be a short name.
#[must_use]
pub fn is_short(text: &str) -> bool {
    columns(text) <= SHORT_COLUMNS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_han_character_takes_two_columns_and_a_letter_one_whatever_stands_over_it() {
        for (text, wide) in [
            ("", 0),
            ("宁波分会场", 10),
            ("Ningbo", 6),
            ("Zürich–Ö.", 9),
            ("Zu\u{308}rich", 6),
            ("서울", 4),
            ("\u{1109}\u{1165}", 2),
            ("Ａ", 2),
            ("ｱ", 1),
            ("№ 7", 3),
            ("❤\u{fe0f}", 1),
            ("📷", 2),
            ("\u{200b}\u{301}", 0),
        ] {
            assert_eq!(columns(text), wide, "{text}");
        }
        assert!(is_short("Zürich-Mitte") && is_short("杭州湾新区馆"));
        assert!(!is_short("Zürich-Mitten") && !is_short("杭州湾新区馆a"));
    }
}
