//! A text in several languages.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::language::Language;
use crate::limits::{NAME_CHARS_MAX, TEXT_LANGUAGES_MAX};

/// A name or title in the languages that it was given in, by language. A language in which it is empty is not there.
///
/// As JSON it is an object by tag, in the order of [`Language`].
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Text(BTreeMap<Language, String>);

/// Why texts by language are not one [`Text`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// More languages than [`TEXT_LANGUAGES_MAX`].
    #[error("a text is in {0} languages, at most {TEXT_LANGUAGES_MAX}")]
    TooMany(usize),
    /// Longer than [`NAME_CHARS_MAX`].
    #[error("the text in {0} has more than {NAME_CHARS_MAX} characters")]
    TooLong(Language),
}

impl Text {
    /// Words of ours in Chinese and English, which nobody need check. What comes from outside comes by [`Text::of`].
    #[must_use]
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        let both = [(Language::ZH, zh.into()), (Language::EN, en.into())];
        Self(both.into_iter().filter(|(_, text)| !text.is_empty()).collect())
    }

    /// Checks a text by language.
    ///
    /// # Errors
    /// [`TextError`] if it is in too many languages, or too long in one.
    pub fn of(by_language: BTreeMap<Language, String>) -> Result<Self, TextError> {
        if by_language.len() > TEXT_LANGUAGES_MAX {
            return Err(TextError::TooMany(by_language.len()));
        }
        let too_long = |text: &String| text.chars().nth(NAME_CHARS_MAX).is_some();
        if let Some((language, _)) = by_language.iter().find(|(_, text)| too_long(text)) {
            return Err(TextError::TooLong(language.clone()));
        }
        Ok(Self(by_language.into_iter().filter(|(_, text)| !text.is_empty()).collect()))
    }

    /// The text in this language and no other, empty if it has none.
    #[must_use]
    pub fn get(&self, language: &Language) -> &str {
        self.0.get(language).map_or("", String::as_str)
    }

    /// The Chinese text, empty if it has none.
    #[must_use]
    pub fn zh(&self) -> &str {
        self.get(&Language::ZH)
    }

    /// The English text, empty if it has none.
    #[must_use]
    pub fn en(&self) -> &str {
        self.get(&Language::EN)
    }

    /// Each language that it is in, in their order, with the text.
    pub fn iter(&self) -> impl Iterator<Item = (&Language, &str)> {
        self.0.iter().map(|(language, text)| (language, text.as_str()))
    }

    /// The first language that it is in.
    #[must_use]
    pub fn first(&self) -> Option<&Language> {
        self.0.keys().next()
    }

    /// What somebody reads who asks for `asked`: the text in that language, else in its base language, else in the meeting's, else in
    /// the first. Empty if it is in none.
    #[must_use]
    pub fn pick(&self, asked: &Language, meeting: Option<&Language>) -> &str {
        let exact = self.0.get(asked);
        let base =
            || self.0.iter().find(|(language, _)| language.as_str() == asked.base()).map(|(_, text)| text);
        let theirs = || meeting.and_then(|meeting| self.0.get(meeting));
        let first = || self.0.values().next();
        exact.or_else(base).or_else(theirs).or_else(first).map_or("", String::as_str)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ByLanguage)
    }
}

struct ByLanguage;

impl<'de> Visitor<'de> for ByLanguage {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text by language")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
        let mut by_language = BTreeMap::new();
        while let Some((language, text)) = map.next_entry::<Language, String>()? {
            if by_language.len() == TEXT_LANGUAGES_MAX {
                return Err(A::Error::custom(TextError::TooMany(TEXT_LANGUAGES_MAX + 1)));
            }
            if by_language.contains_key(&language) {
                return Err(A::Error::custom(format_args!("the text in {language} is there twice")));
            }
            by_language.insert(language, text);
        }
        Text::of(by_language).map_err(A::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(tag: &str) -> Language {
        Language::new(tag).unwrap()
    }

    fn text(entries: &[(&str, &str)]) -> Text {
        let by_language = entries.iter().map(|(tag, text)| (language(tag), (*text).to_owned())).collect();
        Text::of(by_language).unwrap()
    }

    #[test]
    fn a_text_is_read_in_the_language_asked_its_base_the_meetings_or_the_first() {
        let check = |entries: &[(&str, &str)], asked: &str, meeting: Option<&str>, want: &str| {
            let meeting = meeting.map(language);
            assert_eq!(text(entries).pick(&language(asked), meeting.as_ref()), want, "{entries:?} {asked}");
        };
        let three = [("zh", "宁波"), ("en", "Ningbo"), ("pt-BR", "Ningbó")];
        check(&three, "pt-BR", Some("zh"), "Ningbó");
        check(&three, "en-GB", Some("zh"), "Ningbo");
        check(&three, "pt", Some("en"), "Ningbo");
        check(&three, "ug", None, "宁波");
        check(&[("en", "Ningbo"), ("ug", "")], "ug", Some("zh"), "Ningbo");
        check(&[], "en", Some("zh"), "");
    }

    #[test]
    fn a_language_in_which_a_text_is_empty_is_not_there() {
        assert_eq!(Text::new("", "North"), text(&[("en", "North")]));
        assert_eq!(text(&[("zh", ""), ("en", "")]), Text::default());
        let both = Text::new("北", "North");
        assert_eq!(
            both.iter().map(|(language, text)| (language.as_str(), text)).collect::<Vec<_>>(),
            [("zh", "北"), ("en", "North")]
        );
        assert_eq!(
            (both.first(), both.get(&Language::EN), both.get(&language("bo"))),
            (Some(&Language::ZH), "North", "")
        );
    }

    #[test]
    fn a_text_has_at_most_16_languages_and_120_characters_in_each() {
        let codes = [
            "zh", "en", "bo", "ug", "ii", "za", "mn", "ko", "kk", "ky", "ru", "ja", "fr", "de", "es", "pt",
            "it",
        ];
        let in_languages = |count: usize, text: &str| {
            Text::of(codes[..count].iter().map(|tag| (language(tag), text.to_owned())).collect())
        };
        assert!(in_languages(TEXT_LANGUAGES_MAX, &"北".repeat(NAME_CHARS_MAX)).is_ok());
        assert_eq!(in_languages(17, "x"), Err(TextError::TooMany(17)));
        let long = in_languages(1, &"北".repeat(NAME_CHARS_MAX + 1));
        assert_eq!(long, Err(TextError::TooLong(Language::ZH)));
        assert_eq!(long.unwrap_err().to_string(), "the text in zh has more than 120 characters");
    }
}
