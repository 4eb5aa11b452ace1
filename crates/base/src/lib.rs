//! What every layer names: ids, times, limits, texts by language, closed lists of words. No rules of the meeting, no outside world.
//!
//! Ids are checked once, where they enter ([`id::IdError`] says what was wrong), and trusted from then on. Times are three different
//! types, because mixing them is how meetings go wrong: [`Wall`] is a date, [`Mono`] counts since the process began,
//! and a media clock belongs to media.

pub mod id;
pub mod language;
pub mod limits;
pub mod places;
#[cfg(feature = "random")]
pub mod random;
pub mod text;
pub mod time;
pub mod words;

pub use id::{
    ClientId, CommandKey, Epoch, ItemId, MeetingId, PersonId, RequestId, RunId, Sequence, SessionId,
    SourceId, TokenId, UnitId, VenueId,
};
pub use language::{Language, LanguageError};
pub use places::Places;
pub use text::{Text, TextError};
pub use time::{Mono, Wall};
pub use words::{
    ActKind, AlarmCode, CameraFault, ChangeKind, Codec, ErrorCode, JournalKind, LeaseKind, LogCause,
    LogCondition, MicrophoneReport, Phase, RefusalCode, RequestKind, Role, RunKind,
};
