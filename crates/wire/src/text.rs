//! A text by language, as clients see it.

use base::Language;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use ts_rs::TS;

/// A text by language. Chinese and English are always there, in that order, empty where the text has none; further languages follow by tag.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct Text(pub base::Text);

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for language in [Language::ZH, Language::EN] {
            map.serialize_entry(&language, self.0.get(&language))?;
        }
        for (language, text) in self.0.iter().filter(|(language, _)| !always_there(language)) {
            map.serialize_entry(language, text)?;
        }
        map.end()
    }
}

fn always_there(language: &Language) -> bool {
    [Language::ZH, Language::EN].contains(language)
}

// Declared by hand in `typescript`, since no field has a name of its own.
impl TS for Text {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;
    fn name(_: &ts_rs::Config) -> String {
        "Text".to_owned()
    }
    fn inline(_: &ts_rs::Config) -> String {
        "Text".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_and_english_are_always_there_in_that_order_and_further_languages_follow() {
        let check = |json: &str, want: &str| {
            let text: Text = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&text).unwrap(), want);
        };
        check(r#"{"en":"Ningbo","zh":"宁波"}"#, r#"{"zh":"宁波","en":"Ningbo"}"#);
        check(r#"{"ug":"نىڭبو","bo":"ཉིང་པོ"}"#, r#"{"zh":"","en":"","bo":"ཉིང་པོ","ug":"نىڭبو"}"#);
        check("{}", r#"{"zh":"","en":""}"#);
        assert!(
            serde_json::from_str::<Text>(r#"{"Chinese":"宁波"}"#)
                .unwrap_err()
                .to_string()
                .contains("no language tag")
        );
    }
}
