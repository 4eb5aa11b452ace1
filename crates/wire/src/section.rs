//! The state of a meeting as clients see it: sections, each sent whole when it changes.

use std::collections::BTreeMap;

use base::{ItemId, MeetingId, PersonId, RequestId, SourceId, UnitId, VenueId, Wall};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::text::Text;

/// Sections by name; in a snapshot all that the role sees, in a delta those that changed. A venue's section is `venue:ID`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sections {
    /// Title, phase, times, chair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meeting: Option<MeetingSection>,
    /// Units, venues, sources and how to find and ring them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<DirectorySection>,
    /// What everybody is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub programme: Option<ProgrammeSection>,
    /// What comes next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<PreviewSection>,
    /// Who may be heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<FloorSection>,
    /// The running call-on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_on: Option<CallOnSection>,
    /// Who wants to speak.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueSection>,
    /// The items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rundown: Option<RundownSection>,
    /// What needs a look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alarms: Option<AlarmsSection>,
    /// The last lines of the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal: Option<JournalSection>,
    /// Facts of the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeSection>,
    /// Keys `venue:ID`.
    #[serde(flatten)]
    pub venues: BTreeMap<String, VenueSection>,
}

/// Title, phase, times, chair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MeetingSection {
    /// Id.
    #[ts(type = "string")]
    pub id: MeetingId,
    /// Title.
    pub title: Text,
    /// Where the meeting is.
    pub phase: Phase,
    /// Planned start.
    #[ts(type = "number | null")]
    pub planned_start: Option<Wall>,
    /// Started.
    #[ts(type = "number | null")]
    pub started_at: Option<Wall>,
    /// Ended.
    #[ts(type = "number | null")]
    pub ended_at: Option<Wall>,
    /// The chair's venue.
    #[ts(type = "string")]
    pub chair_venue: VenueId,
    /// Who chairs, for whom the desk acts.
    #[ts(type = "string | null")]
    pub chair: Option<PersonId>,
    /// Whom a venue rings.
    pub contact: Option<Contact>,
    /// Video codec of the meeting.
    pub codec: Codec,
}

/// Where the meeting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Not started: every gate is closed, the programme is the slate.
    Waiting,
    /// Under way.
    Live,
    /// Over.
    Ended,
}

/// Video codec of a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Codec {
    /// VP8, RFC 7741.
    Vp8,
    /// H.264 constrained baseline, RFC 6184.
    H264,
}

/// A person to ring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Contact {
    /// Name.
    pub name: Text,
    /// Telephone number, as one dials it.
    pub phone: String,
}

/// Units, venues, sources. Lists are in rank order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DirectorySection {
    /// Rises when it changes; the level frame names it.
    pub generation: u32,
    /// The organisation.
    pub organisation: Text,
    /// Names of the tiers, the upper first.
    pub tiers: Vec<Text>,
    /// Units, each after its upper one.
    pub units: Vec<UnitEntry>,
    /// Venues of this meeting.
    pub venues: Vec<VenueEntry>,
    /// People that the meeting names.
    #[ts(type = "{ [key in string]: Text }")]
    pub people: BTreeMap<PersonId, Text>,
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnitEntry {
    /// Id.
    #[ts(type = "string")]
    pub id: UnitId,
    /// Upper unit.
    #[ts(type = "string | null")]
    pub upper: Option<UnitId>,
    /// Tier, 0 the upper one.
    pub tier: u8,
    /// Name.
    pub name: Text,
    /// Short name.
    pub short: Text,
}

/// A venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VenueEntry {
    /// Id.
    #[ts(type = "string")]
    pub id: VenueId,
    /// Unit whose room it is.
    #[ts(type = "string")]
    pub unit: UnitId,
    /// Tier of that unit.
    pub tier: u8,
    /// Full name.
    pub name: Text,
    /// At most 6 Han or 12 Latin characters.
    pub short: Text,
    /// Camera positions, the first first.
    pub sources: Vec<SourceEntry>,
    /// Who stands at the machine. Operators alone are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub technician: Option<Contact>,
    /// What a search finds it by: code, names, pinyin and its initials, lower case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub search: Vec<String>,
}

/// A camera position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SourceEntry {
    /// Id.
    #[ts(type = "string")]
    pub id: SourceId,
    /// Name, as in "podium".
    pub name: Text,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Scene {
    /// The slate.
    Slate,
    /// One source fills the picture.
    Full {
        /// Which.
        #[ts(type = "string")]
        source: SourceId,
    },
}

/// The programme: what was decided, and what the hop shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProgrammeSection {
    /// Decided.
    pub scene: Scene,
    /// What the hop shows: this is on air.
    pub shown: Scene,
    /// Since when the hop shows it.
    #[ts(type = "number")]
    pub shown_at: Wall,
    /// The decided source gives no picture, so the slate is shown, or the old picture stays.
    pub waiting: bool,
}

/// The preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PreviewSection {
    /// The source.
    #[ts(type = "string | null")]
    pub source: Option<SourceId>,
    /// It came here by a take and is untold until touched.
    pub held: bool,
    /// A picture of it can be decoded now.
    pub ready: bool,
}

/// Who may be heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FloorSection {
    /// Leases, the chair's first, then in the order of opening.
    pub open: Vec<LeaseEntry>,
}

/// A lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LeaseEntry {
    /// Whose.
    #[ts(type = "string")]
    pub venue: VenueId,
    /// Why.
    pub kind: LeaseKind,
    /// Since.
    #[ts(type = "number")]
    pub since: Wall,
}

/// Why a venue has a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LeaseKind {
    /// The chair's, from start to end.
    Standing,
    /// By a call-on.
    CallOn,
    /// By `open_floor`.
    Open,
}

/// The running call-on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CallOnSection {
    /// Null when none runs.
    pub running: Option<CallOnEntry>,
}

/// A call-on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CallOnEntry {
    /// The venue called.
    #[ts(type = "string")]
    pub venue: VenueId,
    /// Its source.
    #[ts(type = "string")]
    pub source: SourceId,
    /// Who speaks.
    #[ts(type = "string | null")]
    pub person: Option<PersonId>,
    /// The request it answers.
    #[ts(type = "string | null")]
    pub request: Option<RequestId>,
    /// Began.
    #[ts(type = "number")]
    pub began: Wall,
    /// Seconds; the timer does nothing but say so.
    pub limit_s: Option<u32>,
}

/// Who wants to speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QueueSection {
    /// In order; a place is the index plus one among those that wait.
    pub requests: Vec<QueueEntry>,
}

/// A request to speak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QueueEntry {
    /// Id.
    #[ts(type = "string")]
    pub request: RequestId,
    /// Whose.
    #[ts(type = "string")]
    pub venue: VenueId,
    /// Who would speak.
    #[ts(type = "string | null")]
    pub person: Option<PersonId>,
    /// Since.
    #[ts(type = "number")]
    pub since: Wall,
    /// It has the floor.
    pub speaking: bool,
    /// Seconds that its venue has spoken on call-ons before.
    pub spoken_s: u32,
}

/// The rundown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RundownSection {
    /// In order.
    pub items: Vec<ItemEntry>,
    /// The current one.
    #[ts(type = "string | null")]
    pub current: Option<ItemId>,
    /// Since when.
    #[ts(type = "number | null")]
    pub since: Option<Wall>,
}

/// An item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ItemEntry {
    /// Id.
    #[ts(type = "string")]
    pub id: ItemId,
    /// Title.
    pub title: Text,
    /// Planned minutes.
    pub minutes: u32,
    /// Planned start.
    #[ts(type = "number | null")]
    pub start: Option<Wall>,
    /// Who speaks.
    #[ts(type = "string | null")]
    pub person: Option<PersonId>,
    /// Where.
    #[ts(type = "string | null")]
    pub venue: Option<VenueId>,
    /// When it began, if it did.
    #[ts(type = "number | null")]
    pub began: Option<Wall>,
}

/// What needs a look, the worst first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmsSection {
    /// The alarms, one card each.
    pub alarms: Vec<AlarmEntry>,
    /// Venues whose picture arrives.
    pub pictures: u32,
    /// Gates open at the hop.
    pub gates_open: u32,
    /// Audio packets dropped for want of a lease, since the process began.
    #[ts(type = "number")]
    pub dropped: u64,
    /// When the last alarm cleared.
    #[ts(type = "number | null")]
    pub cleared_at: Option<Wall>,
}

/// An alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmEntry {
    /// Stays the same while the alarm lasts.
    pub id: String,
    /// What it is.
    pub code: AlarmCode,
    /// The venues it is about, in rank order.
    #[ts(type = "Array<string>")]
    pub venues: Vec<VenueId>,
    /// The upper unit they share, if it is about all of them.
    #[ts(type = "string | null")]
    pub unit: Option<UnitId>,
    /// The source it is about, where it is about one and not about the venue.
    #[ts(type = "string | null")]
    pub source: Option<SourceId>,
    /// Since.
    #[ts(type = "number")]
    pub since: Wall,
    /// Its number, in the unit that the code says.
    #[ts(type = "number | null")]
    pub value: Option<u64>,
}

/// What an alarm is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AlarmCode {
    /// Venues were here and are lost.
    Lost,
    /// A take waits for a key frame for over a second.
    NoPicture,
    /// Page, hop and log disagree about a microphone (R4).
    MicrophoneDisagrees,
    /// A venue without a lease sends audio; the value counts packets dropped.
    AudioDropped,
    /// The venue has the floor and is silent; the value is seconds.
    Silent,
    /// The browser of a hall refuses to play sound.
    SoundBlocked,
    /// A hall's page is hidden.
    PageHidden,
    /// Packets are lost; the value is per mille.
    Loss,
    /// A source sends packets that are too large to be forwarded; the value counts those that were dropped.
    PacketsTooLarge,
}

/// The last lines of the log, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JournalSection {
    /// The lines.
    pub lines: Vec<JournalLine>,
}

/// A line of the log; screens word it from the catalogue (`journal-…`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JournalLine {
    /// Sequence of the event.
    #[ts(type = "number")]
    pub seq: u64,
    /// When.
    #[ts(type = "number")]
    pub at: Wall,
    /// Kind of event: `opened`, `started`, `ended`, `joined`, `preview`, `programme`, `slate`, `floor_opened`, `floor_closed`, `call_on`,
    /// `call_on_ended`, `raised`, `withdrawn`, `dropped`, `item`, `roster`, `unchanged`.
    pub kind: String,
    /// Who did it: a role, or `server`.
    pub actor: String,
    /// About which venue.
    #[ts(type = "string | null")]
    pub venue: Option<VenueId>,
    /// About which source.
    #[ts(type = "string | null")]
    pub source: Option<SourceId>,
    /// About whom.
    #[ts(type = "string | null")]
    pub person: Option<PersonId>,
    /// About which item.
    #[ts(type = "string | null")]
    pub item: Option<ItemId>,
}

/// Facts of the node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NodeSection {
    /// Clients on the control connection.
    pub clients: u32,
    /// Media sessions.
    pub sessions: u32,
    /// Audio packets dropped for want of a lease.
    #[ts(type = "number")]
    pub dropped: u64,
    /// Kilobits per second that come in.
    pub in_kbps: u32,
    /// Kilobits per second that go out.
    pub out_kbps: u32,
}

/// What is happening to a venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VenueSection {
    /// Health.
    pub state: VenueState,
    /// Why it is `warn`.
    pub reason: Option<AlarmCode>,
    /// Since when it is in that state.
    #[ts(type = "number | null")]
    pub since: Option<Wall>,
    /// The strongest of its sources.
    pub tally: Tally,
    /// The gate, as the hop reports it.
    pub gate: Gate,
    /// The log grants it a lease.
    pub lease: bool,
    /// If its link is lost, when the lease will be revoked.
    #[ts(type = "number | null")]
    pub lease_until: Option<Wall>,
    /// Place among those that wait to speak, from 1.
    pub hand: Option<u32>,
    /// Its request has the floor.
    pub speaking: bool,
    /// Quality of its link.
    pub quality: Quality,
    /// Sources in the order of the directory.
    pub sources: Vec<SourceSection>,
    /// Audio packets dropped for want of a lease.
    #[ts(type = "number")]
    pub dropped: u64,
    /// What its page reports.
    pub report: Option<ReportEntry>,
}

/// Health of a venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VenueState {
    /// Well.
    Ok,
    /// Degraded.
    Warn,
    /// Was here, is lost.
    Lost,
    /// Never joined this run.
    Absent,
}

/// Tally.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Tally {
    /// Neither.
    None,
    /// In preview, told.
    Next,
    /// The hop shows it.
    Air,
}

/// State of a gate at the hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Audio is forwarded.
    Open,
    /// Audio is dropped.
    Closed,
}

/// Quality of a link: both directions, worst of 5 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Under 1 % lost.
    Good,
    /// Under 5 %.
    Fair,
    /// More.
    Poor,
    /// Nothing arrives.
    Lost,
}

/// What is happening to a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SourceSection {
    /// Which.
    #[ts(type = "string")]
    pub id: SourceId,
    /// Its tally.
    pub tally: Tally,
    /// A picture arrives.
    pub live: bool,
    /// Height in pixels of the layers that arrive, the lowest first.
    pub layers: Vec<u32>,
}

/// What a page reports of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportEntry {
    /// Microphone.
    pub microphone: Option<crate::MicrophoneReport>,
    /// Sound.
    pub sound: Option<crate::SoundReport>,
    /// Hidden.
    pub hidden: bool,
    /// Camera size, width and height in pixels, and frames per second.
    pub camera: Option<[u32; 3]>,
}

// Named inside frames; declared by hand in `typescript`, since a map with prefixed keys has no derived form.
impl TS for Sections {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;
    fn name(_: &ts_rs::Config) -> String {
        "Sections".to_owned()
    }
    fn inline(_: &ts_rs::Config) -> String {
        "Sections".to_owned()
    }
}
