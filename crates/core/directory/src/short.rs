//! Short names, which stand on chips and buttons.

/// Columns that a short name may take in any language.
pub const SHORT_COLUMNS_MAX: usize = 12;

/// Columns that a text takes on a chip. A character that is as wide as it is high takes two: Han, kana, Hangul, full-width forms and
/// pictures, which are those from U+2E80 on and the Hangul letters from U+1100 to U+115F (Unicode Standard Annex 11, in short). Every other
/// takes one, with or without an accent.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(|c| if matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..) { 2 } else { 1 }).sum()
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
        for (text, wide) in
            [("", 0), ("宁波分会场", 10), ("Ningbo", 6), ("Zürich–Ö.", 9), ("서울", 4), ("Ａ", 2), ("№ 7", 3)]
        {
            assert_eq!(columns(text), wide, "{text}");
        }
        assert!(is_short("Zürich-Mitte") && is_short("杭州湾新区馆"));
        assert!(!is_short("Zürich-Mitten") && !is_short("杭州湾新区馆a"));
    }
}
