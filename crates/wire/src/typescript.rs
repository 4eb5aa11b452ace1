//! The TypeScript side of the contract.

use base::limits::{
    CALL_ON_LIMIT_S_MAX, COMMANDS_WAITING_MAX, FLOOR_KEPT_MS, SUMMARY_ITEMS_MAX, SUMMARY_SPEECHES_MAX,
};
use base::words::Word;
use ts_rs::TS;

use crate::{VERSION, act, api, frame, levels, section};

const SECTIONS: &str =
    "/** Sections by name; in a snapshot all that the role sees, in a delta those that changed. */\n";

const TEXT: &str = "/** A text by language. Chinese and English are always there, empty where it has none; further languages follow by tag. */
export type Text = { zh: string, en: string, [language: string]: string };\n\n";

/// What server and pages both keep to: what it is, the name that pages know it by, the number.
fn numbers() -> [(&'static str, &'static str, String); 10] {
    [
        ("Version of the protocol, named in `hello`.", "protocolVersion", VERSION.to_string()),
        (
            "Milliseconds that a venue whose link is lost keeps its lease.",
            "floorKeptMs",
            FLOOR_KEPT_MS.to_string(),
        ),
        (
            "Commands of one client that may wait for their answers; more are refused as busy.",
            "commandsWaitingMax",
            COMMANDS_WAITING_MAX.to_string(),
        ),
        ("Items that a summary holds.", "summaryItemsMax", SUMMARY_ITEMS_MAX.to_string()),
        ("Speeches that a summary holds.", "summarySpeechesMax", SUMMARY_SPEECHES_MAX.to_string()),
        ("Seconds that a call-on may be limited to.", "callOnLimitMaxS", CALL_ON_LIMIT_S_MAX.to_string()),
        ("First byte of the frame of levels.", "levelsKind", levels::KIND.to_string()),
        (
            "Bytes of the frame of levels before the first venue.",
            "levelsHeaderBytes",
            levels::HEADER_BYTES.to_string(),
        ),
        ("The level of silence, in −dBov.", "quietest", levels::QUIETEST.to_string()),
        (
            "The level of a venue without sound, or of which nothing is known.",
            "noSound",
            levels::NO_SOUND.to_string(),
        ),
    ]
}

/// The contents of `web/src/contract/index.ts`.
#[must_use]
pub fn typescript() -> String {
    let config = ts_rs::Config::new();
    let mut out = String::from("// Generated from crates/wire by `cargo xtask contract`. Do not edit.\n\n");
    for (about, name, number) in numbers() {
        out.push_str(&format!("/** {about} */\nexport const {name} = {number};\n\n"));
    }
    for list in [
        closed::<base::Role>(),
        closed::<base::ActKind>(),
        closed::<base::Phase>(),
        closed::<base::Codec>(),
        closed::<base::LeaseKind>(),
        closed::<base::RequestKind>(),
        closed::<base::AlarmCode>(),
        closed::<base::RefusalCode>(),
        closed::<base::ErrorCode>(),
        closed::<base::JournalKind>(),
        closed::<base::LogCondition>(),
        closed::<base::LogCause>(),
        closed::<base::MicrophoneReport>(),
        closed::<base::CameraFault>(),
    ] {
        out.push_str(&list);
    }
    macro_rules! declare {
        ($($t:ty),* $(,)?) => { $( out.push_str("export "); out.push_str(&<$t as TS>::decl(&config)); out.push_str("\n\n"); )* };
    }
    declare!(
        act::Act,
        frame::ClientFrame,
        frame::Have,
        frame::Report,
        frame::SoundReport,
        frame::CameraReport,
        frame::You,
        frame::ServerFrame,
        api::PersonEntry,
    );
    for declaration in section::declarations(&config) {
        out.push_str(&format!("export {declaration}\n\n"));
    }
    out.push_str(TEXT);
    out.push_str(&format!("{SECTIONS}export {}\n", section::declaration()));
    out
}

/// A closed list of words as a union of their names.
fn closed<W: Word>() -> String {
    let names: Vec<String> = W::all().iter().map(|word| format!("\"{}\"", word.name())).collect();
    format!("export type {} = {};\n\n", W::LIST, names.join(" | "))
}
