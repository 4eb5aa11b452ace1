//! Versioned messages of the control protocol, bodies over HTTP and the ready line (`docs/protocol.md`), and nothing else: no rules, no sockets.
//!
//! The TypeScript types and numbers in `web/src/contract` are generated from these; `cargo xtask check` fails when they differ.
//! Times are milliseconds since the epoch (UTC), durations say their unit in the name.

pub mod act;
pub mod api;
pub mod frame;
pub mod levels;
mod once;
pub mod read;
pub mod ready;
pub mod section;
pub mod text;
mod typescript;

pub use act::Act;
pub use api::{
    ChangeEntry, ErrorAnswer, GivenLink, Health, LinkEntry, LinksAnswer, LinksAsk, LogAnswer, LogEntry,
    OfficeAnswer, PersonEntry,
};
pub use base::{
    ActKind, AlarmCode, CameraFault, ChangeKind, Codec, ErrorCode, LeaseKind, MicrophoneReport, Phase,
    RefusalCode, RequestKind, Role,
};
pub use frame::{CameraReport, ClientFrame, Have, Report, ServerFrame, SoundReport, You};
pub use ready::{ReadyLine, ReadySource, ReadyVenue, Tokens};
pub use section::*;
pub use text::Text;
pub use typescript::typescript;

/// Version of the protocol, named in `hello`.
pub const VERSION: u32 = 1;
