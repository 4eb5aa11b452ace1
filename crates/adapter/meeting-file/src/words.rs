//! Words that a search finds a venue by: pinyin of Chinese names and its initials.

use base::Language;
use directory::Text;
use pinyin::ToPinyin as _;

/// The search words of a venue, lower case, each once: its id, the pinyin of its short and full names and their initials, its English
/// short name as one types it, and those that were given.
pub fn search_words(id: &str, short: &Text, name: &Text, given: &[String]) -> Vec<String> {
    let mut words = vec![id.to_lowercase()];
    for text in [short, name] {
        for (_, han) in text.iter().filter(|(language, _)| language.base() == Language::ZH.as_str()) {
            if han.chars().any(|c| c.to_pinyin().is_some()) {
                words.push(spelled(han));
                words.push(initials(han));
            }
        }
    }
    let typed = short.en().chars().filter(char::is_ascii_alphanumeric);
    words.push(typed.collect::<String>().to_lowercase());
    words.extend(given.iter().map(|word| word.trim().to_lowercase()));
    let mut seen = std::collections::BTreeSet::new();
    words.retain(|word| !word.is_empty() && seen.insert(word.clone()));
    words
}

fn spelled(text: &str) -> String {
    syllables(text).concat()
}

fn initials(text: &str) -> String {
    syllables(text).iter().filter_map(|syllable| syllable.chars().next()).collect()
}

/// A syllable for each Han character in its usual reading, and Latin letters and digits as they are. `ü` is typed `v`.
fn syllables(text: &str) -> Vec<String> {
    text.chars()
        .filter_map(|c| match c.to_pinyin() {
            Some(pinyin) => Some(pinyin.plain().replace('ü', "v")),
            None => c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase().to_string()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_venue_is_found_by_pinyin_and_its_initials() {
        let short = Text::new("青汀", "Qingting");
        let name = Text::new("青汀会场", "Qingting venue");
        let words = search_words("v012", &short, &name, &["0200".into(), "QT ".into(), "Nord".into()]);
        assert_eq!(words, ["v012", "qingting", "qt", "qingtinghuichang", "qthc", "0200", "nord"]);
    }

    #[test]
    fn a_name_in_english_alone_has_no_pinyin_and_an_umlaut_is_typed_v() {
        let short = Text::new("North 2", "North 2");
        assert_eq!(search_words("n2", &short, &short, &[]), ["n2", "north2"]);
        let short = Text::new("绿洲", "Yun'ai");
        assert_eq!(search_words("x", &short, &short, &[]), ["x", "lvzhou", "lz", "yunai"]);
    }
}
