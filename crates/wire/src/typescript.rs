//! The TypeScript side of the contract.

use ts_rs::TS;

use crate::{act, frame, section};

const SECTIONS: &str =
    "/** Sections by name; in a snapshot all that the role sees, in a delta those that changed. */\n";

const TEXT: &str = "/** A text by language. Chinese and English are always there, empty where it has none; further languages follow by tag. */
export type Text = { zh: string, en: string, [language: string]: string };\n\n";

/// The contents of `web/src/contract/index.ts`.
#[must_use]
pub fn typescript() -> String {
    let config = ts_rs::Config::new();
    let mut out = String::from("// Generated from crates/wire by `cargo xtask contract`. Do not edit.\n\n");
    macro_rules! declare {
        ($($t:ty),* $(,)?) => { $( out.push_str("export "); out.push_str(&<$t as TS>::decl(&config)); out.push_str("\n\n"); )* };
    }
    declare!(
        act::Role,
        act::Act,
        act::RefusedCode,
        frame::ClientFrame,
        frame::Have,
        frame::Report,
        frame::MicrophoneReport,
        frame::SoundReport,
        frame::CameraReport,
        frame::You,
        frame::ServerFrame,
    );
    for declaration in section::declarations(&config) {
        out.push_str(&format!("export {declaration}\n\n"));
    }
    out.push_str(TEXT);
    out.push_str(&format!("{SECTIONS}export {}\n", section::declaration()));
    out
}
