//! What is happening to a venue.

use base::{AlarmCode, CameraFault, ClientId, MicrophoneReport, SourceId, Wall};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Scene, declares};
use crate::frame::SoundReport;

declares!(VenueSection, VenueState, Tally, Gate, Quality, SourceSection, ReportEntry);

/// What is happening to a venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VenueSection {
    /// Health.
    pub state: VenueState,
    /// Why it is `warn`.
    #[ts(type = "AlarmCode | null")]
    pub reason: Option<AlarmCode>,
    /// Since when it is in that state.
    #[ts(type = "number | null")]
    pub since: Option<Wall>,
    /// The strongest of its sources.
    pub tally: Tally,
    /// The gate, as the hop reports it.
    pub gate: Gate,
    /// The log grants it a lease, and it was not closed since.
    pub lease: bool,
    /// Its microphone was closed, and that is not in the log yet.
    pub withheld: bool,
    /// If its link is lost, when the lease will be revoked.
    #[ts(type = "number | null")]
    pub lease_until: Option<Wall>,
    /// Place among those that wait to speak, from 1.
    pub hand: Option<u32>,
    /// Its request has the floor.
    pub speaking: bool,
    /// Quality of its link.
    pub quality: Quality,
    /// What its return line carries while it is next or on air: the slate, where the source meant for it gives no picture.
    pub returned: Scene,
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
    /// In preview after it was on air, until the director touches it: it may return.
    Held,
    /// In preview, or decided and not shown yet.
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
    /// The page that publishes it; null if nobody does, or an encoder that is no page.
    #[ts(type = "string | null")]
    pub published_by: Option<ClientId>,
}

/// What a page reports of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportEntry {
    /// Microphone.
    #[ts(type = "MicrophoneReport | null")]
    pub microphone: Option<MicrophoneReport>,
    /// Sound.
    pub sound: Option<SoundReport>,
    /// Hidden.
    pub hidden: bool,
    /// Camera size, width and height in pixels, and frames per second.
    pub camera: Option<[u32; 3]>,
    /// Why there is no camera.
    #[ts(type = "CameraFault | null")]
    pub camera_fault: Option<CameraFault>,
}
