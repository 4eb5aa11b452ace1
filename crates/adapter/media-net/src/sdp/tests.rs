//! The table `docs/sdp.md`, row by row over the corpus of the fuzz target, and what holds of every answer.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use service::port::hop::VideoCodec;

use super::text::Section;
use super::{Lines, Offer, Refusal, read, text};
use crate::transport::{Accepted, Seals, accept};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// A row of the table: what becomes of the offer, and its case.
struct Row {
    outcome: String,
    case: String,
}

fn table() -> Vec<Row> {
    let page = std::fs::read_to_string(repository().join("docs/sdp.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |"));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [_, _, outcome, case] = cells[..] else { panic!("four cells: {line}") };
        Row { outcome: outcome.to_owned(), case: case.trim_matches('`').to_owned() }
    })
    .collect()
}

fn corpus() -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(repository().join("crates/fuzz/corpus/sdp")).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    paths
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap()))
        .collect()
}

/// A case, with what its name says it is for.
struct Case {
    name: String,
    text: String,
    want: Lines,
    codec: VideoCodec,
}

impl Case {
    fn new(name: &str) -> Self {
        let text = String::from_utf8(corpus().remove(name).expect(name)).unwrap();
        let mut words = name.split('-');
        let want = match words.next() {
            Some("whip") => Lines::Publish,
            Some("whep") => Lines::Watch,
            Some("wall") => Lines::Wall,
            other => panic!("{other:?} is neither whip, whep nor wall"),
        };
        let codec = match words.next() {
            Some("vp8") => VideoCodec::Vp8,
            Some("h264") => VideoCodec::H264,
            other => panic!("{other:?} is no codec"),
        };
        Self { name: name.to_owned(), text, want, codec }
    }

    fn read(&self) -> Result<Offer, Refusal> {
        read(&self.text, self.want, self.codec)
    }

    fn taken(&self) -> Offer {
        self.read().unwrap_or_else(|refusal| panic!("{}: {refusal}", self.name))
    }

    /// str0m takes what was read, and this is answered.
    fn answered(&self) -> String {
        let address: SocketAddr = "192.0.2.1:5000".parse().unwrap();
        let accepted = accept(Instant::now(), None, self.codec, Seals::Str, &self.taken(), &[address]);
        let Accepted { answer, ufrag, .. } = accepted.unwrap_or_else(|| panic!("{}", self.name));
        assert!(answer.contains(&format!("a=ice-ufrag:{ufrag}\r\n")), "{answer}");
        answer
    }

    /// The base of its kind, which differs in nothing that counts.
    fn base(&self) -> Self {
        let end = self.name.match_indices('-').nth(1).unwrap().0;
        Self::new(&format!("{}-base", &self.name[..end]))
    }
}

#[test]
fn every_row_of_the_table_has_a_case_and_every_case_a_row() {
    let rows = table();
    let named: BTreeSet<&String> = rows.iter().map(|row| &row.case).collect();
    let files = corpus();
    assert_eq!(named, files.keys().collect());
    assert_eq!(named.len(), rows.len(), "a case stands in one row");
    assert!(rows.len() > 100, "the table is read");
}

#[test]
fn every_offer_of_the_table_comes_to_what_its_row_says() {
    for row in table() {
        let case = Case::new(&row.case);
        match (row.outcome.as_str(), row.outcome.strip_prefix("400: ")) {
            ("taken", _) => drop(case.answered()),
            ("ignored", _) => {
                assert_eq!(case.taken().canonical(), case.base().taken().canonical(), "{}", case.name)
            }
            ("rejected", _) => beside(&case, "m=", " 0 "),
            ("inactive", _) => beside(&case, "a=inactive", ""),
            (_, Some(sentence)) => {
                let refusal = case.read().expect_err(&case.name);
                assert_eq!(refusal.to_string(), sentence, "{}", case.name);
            }
            (other, None) => panic!("{}: {other}", case.name),
        }
    }
}

/// One line is answered so, and nothing else differs.
fn beside(case: &Case, begins: &str, holds: &str) {
    let answer = case.answered();
    assert_eq!(
        answer.lines().filter(|line| line.starts_with(begins) && line.contains(holds)).count(),
        1,
        "{answer}"
    );
    assert_eq!(case.taken().canonical(), case.base().taken().canonical(), "{}", case.name);
}

#[test]
fn every_sentence_of_a_refusal_stands_in_the_table() {
    let page = std::fs::read_to_string(repository().join("docs/sdp.md")).unwrap();
    let source =
        std::fs::read_to_string(repository().join("crates/adapter/media-net/src/sdp/refusal.rs")).unwrap();
    let sentences: Vec<&str> =
        source.split("#[error(").skip(1).map(|text| text.split('"').nth(1).unwrap()).collect();
    assert!(sentences.len() > 25);
    for sentence in sentences {
        // What stands in braces differs from offer to offer.
        let parts: Vec<&str> = sentence.split(['{', '}']).step_by(2).collect();
        assert!(parts.iter().all(|part| page.contains(part.trim())), "{sentence}");
    }
}

/// Cases whose offers are taken.
fn taken() -> Vec<Case> {
    corpus().keys().map(|name| Case::new(name)).filter(|case| case.read().is_ok()).collect()
}

#[test]
fn answers_spell_each_line_as_the_offer_did_and_carry_no_words_of_a_library() {
    for case in taken() {
        let answer = case.answered();
        assert!(!answer.to_lowercase().contains("str0m"), "{answer}");
        let (ours, theirs) = (text::read(&answer).unwrap(), text::read(&case.text).unwrap());
        assert_eq!(ours.media.len(), theirs.media.len(), "{}", case.name);
        for (ours, theirs) in ours.media.iter().zip(&theirs.media) {
            repeats(&case.name, ours, theirs);
        }
    }
}

/// What an answer says of a line, the offer said in the same words.
fn repeats(name: &str, ours: &Section<'_>, theirs: &Section<'_>) {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let (answered, offered) = (words(ours.media), words(theirs.media));
    assert_eq!((&answered[0], &answered[2]), (&offered[0], &offered[2]), "{name}");
    assert!(answered[3..].iter().all(|format| offered[3..].contains(format)), "{name}: {answered:?}");
    for attribute in ["mid", "rtpmap", "rtcp-fb"] {
        for value in ours.values(attribute) {
            assert!(theirs.values(attribute).any(|offered| offered == value), "{name}: {attribute}:{value}");
        }
    }
    for value in ours.values("fmtp") {
        let parts = |text: &str| text.split(';').map(|part| part.trim().to_owned()).collect::<Vec<_>>();
        let kept = |offered: &str| {
            let own = |part: &String| part.starts_with("sprop-");
            parts(offered).into_iter().filter(|part| !own(part)).collect::<Vec<_>>()
        };
        assert!(theirs.values("fmtp").any(|offered| kept(offered) == parts(value)), "{name}: {value}");
    }
    for value in ours.values("extmap") {
        let turned = value.replace("recvonly ", "sendonly ");
        assert!(
            theirs.values("extmap").any(|offered| offered == value || offered == turned),
            "{name}: {value}"
        );
    }
}

#[test]
fn what_is_read_is_read_again_as_the_same() {
    for case in taken() {
        let canonical = case.taken().canonical();
        let again = read(&canonical, case.want, case.codec).unwrap();
        assert_eq!(again.canonical(), canonical, "{}", case.name);
    }
}

#[test]
fn of_several_formats_that_carry_the_codec_the_safest_is_answered() {
    let answer = Case::new("whip-h264-chromium").answered();
    let format = answer.lines().find_map(|line| line.strip_prefix("a=fmtp:")).unwrap();
    assert!(answer.contains("packetization-mode=1;profile-level-id=42e01f\r\n"), "{format}\n{answer}");
    assert_eq!(answer.matches("H264/90000").count(), 1);
}

#[test]
fn an_encoder_that_leaves_its_constraints_out_is_answered_in_its_own_words() {
    let answer = Case::new("whip-h264-ffmpeg").answered();
    assert!(
        answer.contains(
            "a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001e\r\n"
        )
    );
    assert!(answer.contains("a=setup:active\r\n"), "it says passive: {answer}");
}

#[test]
fn payload_types_are_never_given_anew() {
    let base = Case::new("whip-vp8-base");
    let marked = base.text.replace("SAVPF 111", "SAVPF SOUND").replace("SAVPF 96 97", "SAVPF PICTURE REPAIR");
    let marked = marked.replace("apt=96", "apt=PICTURE").replace("rtpmap:111", "rtpmap:SOUND");
    let marked = marked.replace("rtpmap:96", "rtpmap:PICTURE").replace("rtpmap:97", "rtpmap:REPAIR");
    let marked = marked.replace("fmtp:97", "fmtp:REPAIR");
    for (sound, picture, repair) in (0..=63).chain(96..=127).map(|pt| (pt, (pt + 1) % 64, 96 + (pt + 5) % 32))
    {
        let named = [("SOUND", sound), ("PICTURE", picture), ("REPAIR", repair)];
        let text = named.iter().fold(marked.clone(), |text, (name, pt)| text.replace(name, &pt.to_string()));
        let case = Case { text, name: format!("{named:?}"), want: base.want, codec: base.codec };
        let answer = case.answered();
        assert!(answer.contains(&format!("SAVPF {sound}\r\n")), "{answer}");
        assert!(answer.contains(&format!("SAVPF {picture} {repair}\r\n")), "{answer}");
    }
}

#[test]
fn watchers_get_one_stream_for_the_programme_and_one_for_each_other_slot() {
    let answer = Case::new("whep-h264-chromium").answered();
    for msid in ["programme v0", "programme a0", "v1 v1"] {
        assert_eq!(answer.matches(&format!("a=msid:{msid}\r\n")).count(), 1, "{answer}");
    }
    assert_eq!(answer.matches("a=sendonly").count(), 3);
}

#[test]
fn a_tag_that_packets_cannot_carry_as_it_is_has_its_streams_by_number() {
    let answer = Case::new("whep-vp8-marked-mid").answered();
    for text in ["a=mid:audio-0\r\n", "a=msid:programme a0\r\n", "a=msid:programme v0\r\n"] {
        assert!(answer.contains(text), "{answer}");
    }
    assert!(!answer.contains("sdes:mid"), "{answer}");
    assert!(Case::new("whip-vp8-named-mids").answered().contains("sdes:mid"));
}

#[test]
fn names_of_simulcast_are_read_in_order() {
    let rids = |name| Case::new(name).taken().lines[1].rids.clone();
    assert_eq!(rids("whip-vp8-simulcast"), ["q", "h", "f"]);
    assert_eq!(rids("whip-vp8-simulcast-alternatives"), ["q", "f"]);
    let answer = Case::new("whip-vp8-simulcast-alternatives").answered();
    assert!(
        answer.contains("a=rid:q recv pt=96;max-width=320\r\n")
            && answer.contains("a=simulcast:recv q;~f\r\n")
    );
}
