//! Languages, named by the tags of BCP 47.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The two-letter codes of ISO 639-1.
const TWO_LETTERS: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv \
    cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie \
    ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk \
    ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se \
    sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo \
    xh yi yo za zh zu";

/// A language, with its script and region where they matter: `zh`, `pt-BR`, `zh-Hant-HK`. One language has one spelling, so tags compare
/// as text. Chinese comes first, then English, then the others by tag: the order in which the wire has them.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(Cow<'static, str>);

/// Why a text names no language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LanguageError {
    /// It has not the form of a tag.
    #[error("{0:?} is no language tag; they are written as zh, en, pt-BR or zh-Hant")]
    IllFormed(String),
    /// It has the form, and no language has that code.
    #[error("{0:?} names no language: ISO 639-1 has no such code")]
    Unknown(String),
}

impl Language {
    /// Chinese.
    pub const ZH: Self = Self(Cow::Borrowed("zh"));
    /// English.
    pub const EN: Self = Self(Cow::Borrowed("en"));

    /// Checks a tag: a language of two or three lower-case letters, then a script as in `Hant` and a region as in `HK` or `419`, if any.
    /// Codes of two letters must be known; of those of three letters there are too many to hold.
    ///
    /// # Errors
    /// [`LanguageError`] repeats the tag and says what is wrong with it.
    pub fn new(tag: &str) -> Result<Self, LanguageError> {
        if !well_formed(tag) {
            // What is repeated comes from outside and may be as long as a file.
            return Err(LanguageError::IllFormed(tag.chars().take(24).collect()));
        }
        let language = Self(Cow::Owned(tag.to_owned()));
        let code = language.base();
        if code.len() == 2 && !TWO_LETTERS.split(' ').any(|known| known == code) {
            return Err(LanguageError::Unknown(tag.to_owned()));
        }
        Ok(language)
    }

    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language without script and region: `zh` of `zh-Hant-HK`.
    #[must_use]
    pub fn base(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    fn place(&self) -> (u8, &str) {
        let first = match self.as_str() {
            "zh" => 0,
            "en" => 1,
            _ => 2,
        };
        (first, self.as_str())
    }
}

fn well_formed(tag: &str) -> bool {
    let mut parts = tag.split('-').peekable();
    let is = |part: &str, lengths: &[usize], fits: fn(&u8) -> bool| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| fits(&byte))
    };
    let code = parts.next().is_some_and(|part| is(part, &[2, 3], u8::is_ascii_lowercase));
    let script = |part: &str| {
        let (first, rest) = part.split_at_checked(1).unwrap_or_default();
        is(first, &[1], u8::is_ascii_uppercase) && is(rest, &[3], u8::is_ascii_lowercase)
    };
    let region = |part: &str| is(part, &[2], u8::is_ascii_uppercase) || is(part, &[3], u8::is_ascii_digit);
    let _ = parts.next_if(|part| script(part));
    let _ = parts.next_if(|part| region(part));
    code && parts.next().is_none()
}

impl Ord for Language {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl PartialOrd for Language {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Language {
    type Err = LanguageError;
    fn from_str(tag: &str) -> Result<Self, LanguageError> {
        Self::new(tag)
    }
}

impl TryFrom<String> for Language {
    type Error = LanguageError;
    fn try_from(tag: String) -> Result<Self, LanguageError> {
        Self::new(&tag)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0.into_owned()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_tag_has_one_spelling_and_says_what_is_wrong_with_another() {
        for tag in ["zh", "en", "bo", "yue", "pt-BR", "zh-Hant", "zh-Hant-HK", "es-419"] {
            assert_eq!(Language::new(tag).map(String::from).as_deref(), Ok(tag));
        }
        let ill_formed = |tag: &str| Err(LanguageError::IllFormed(tag.to_owned()));
        for tag in
            ["", "z", "ZH", "Chinese", "zh_CN", "zh-", "zh-cn", "zh-hant", "zh-HK-Hant", "zh-Hant-HK-x", "中"]
        {
            assert_eq!(Language::new(tag), ill_formed(tag));
        }
        assert_eq!(Language::new("xx"), Err(LanguageError::Unknown("xx".to_owned())));
        assert_eq!(Language::new(&"z".repeat(1_000)), ill_formed(&"z".repeat(24)));
        assert_eq!(Language::new("zh-Hant-HK").unwrap().base(), "zh");
    }

    #[test]
    fn chinese_comes_first_then_english_then_the_others_by_tag() {
        let mut languages = ["ug", "zh-Hant", "en", "bo", "zh"].map(|tag| Language::new(tag).unwrap());
        languages.sort();
        assert_eq!(languages.map(String::from), ["zh", "en", "bo", "ug", "zh-Hant"]);
    }

    #[test]
    fn all_two_letter_codes_are_there_once() {
        let codes: std::collections::BTreeSet<&str> = TWO_LETTERS.split(' ').collect();
        assert_eq!((codes.len(), codes.iter().all(|code| code.len() == 2)), (183, true));
    }
}
