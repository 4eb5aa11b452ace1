//! The TypeScript side of the contract.

use ts_rs::TS;

use crate::{act, frame, section};

const SECTIONS: &str = "/** Sections by name; in a snapshot all that the role sees, in a delta those that changed. */
export type Sections = { meeting?: MeetingSection, directory?: DirectorySection, programme?: ProgrammeSection, preview?: PreviewSection, \
floor?: FloorSection, call_on?: CallOnSection, queue?: QueueSection, rundown?: RundownSection, alarms?: AlarmsSection, \
journal?: JournalSection, node?: NodeSection } & { [venue: `venue:${string}`]: VenueSection };\n";

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
        section::MeetingSection,
        section::Phase,
        section::Codec,
        section::Contact,
        section::DirectorySection,
        section::UnitEntry,
        section::VenueEntry,
        section::SourceEntry,
        section::Scene,
        section::ProgrammeSection,
        section::PreviewSection,
        section::FloorSection,
        section::LeaseEntry,
        section::LeaseKind,
        section::CallOnSection,
        section::CallOnEntry,
        section::QueueSection,
        section::QueueEntry,
        section::RundownSection,
        section::ItemEntry,
        section::AlarmsSection,
        section::AlarmEntry,
        section::AlarmCode,
        section::JournalSection,
        section::JournalLine,
        section::NodeSection,
        section::VenueSection,
        section::VenueState,
        section::Tally,
        section::Gate,
        section::Quality,
        section::SourceSection,
        section::ReportEntry,
    );
    out.push_str(TEXT);
    out.push_str(SECTIONS);
    out
}
