//! What the pages of venues report of themselves.

use base::{AlarmCode, CameraFault, MicrophoneReport, VenueId};

use super::{Facts, VenueFact};
use crate::alarm::{Finding, OfVenue, VenueRule};

/// What a page of a venue reports of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageReport {
    /// Level before the gate, dBov from 0 (loudest) to -127.
    pub level: Option<i8>,
    /// Microphone.
    pub microphone: Option<MicrophoneReport>,
    /// The browser refuses to play sound.
    pub sound_blocked: Option<bool>,
    /// The page is hidden.
    pub hidden: Option<bool>,
    /// Camera: width and height in pixels, frames per second.
    pub camera: Option<[u32; 3]>,
    /// Why it has no camera; nothing is wrong with it where that is none.
    pub camera_fault: Option<Option<CameraFault>>,
}

impl PageReport {
    /// This report, with what an earlier one said of all that this one leaves out.
    #[must_use]
    pub fn over(self, earlier: Self) -> Self {
        Self {
            level: self.level.or(earlier.level),
            microphone: self.microphone.or(earlier.microphone),
            sound_blocked: self.sound_blocked.or(earlier.sound_blocked),
            hidden: self.hidden.or(earlier.hidden),
            camera: self.camera.or(earlier.camera),
            camera_fault: self.camera_fault.or(earlier.camera_fault),
        }
    }
}

impl Facts {
    /// Takes what a page of a venue reports. True if a screen would show the difference.
    pub fn on_report(&mut self, venue: &VenueId, new: &PageReport) -> bool {
        let Some(fact) = self.venues.get_mut(venue) else { return false };
        let report = fact.report.get_or_insert_default();
        let before = report.clone();
        *report = new.clone().over(before.clone());
        // Levels travel by themselves, five times a second.
        PageReport { level: None, ..before } != PageReport { level: None, ..report.clone() }
    }

    /// Forgets what a page reported, since it is gone.
    pub fn forget_report(&mut self, venue: &VenueId) {
        if let Some(fact) = self.venues.get_mut(venue) {
            fact.report = None;
        }
    }
}

impl VenueFact {
    /// Why its hall page has no camera, as that reports.
    #[must_use]
    pub fn camera_fault(&self) -> Option<CameraFault> {
        self.report.as_ref()?.camera_fault?
    }
}

/// When a page is an alarm.
pub(crate) const RULES: &[VenueRule] = &[
    (AlarmCode::CameraRefused, refused),
    (AlarmCode::CameraMissing, missing),
    (AlarmCode::CameraInUse, in_use),
    (AlarmCode::SoundBlocked, sound_blocked),
    (AlarmCode::PageHidden, hidden),
];

fn refused(of: &OfVenue<'_>) -> Finding {
    Finding::when(of.fact.camera_fault() == Some(CameraFault::Refused))
}

fn missing(of: &OfVenue<'_>) -> Finding {
    Finding::when(of.fact.camera_fault() == Some(CameraFault::Missing))
}

fn in_use(of: &OfVenue<'_>) -> Finding {
    Finding::when(of.fact.camera_fault() == Some(CameraFault::InUse))
}

fn sound_blocked(of: &OfVenue<'_>) -> Finding {
    Finding::when(of.fact.report.as_ref().is_some_and(|report| report.sound_blocked == Some(true)))
}

fn hidden(of: &OfVenue<'_>) -> Finding {
    Finding::when(of.fact.report.as_ref().is_some_and(|report| report.hidden == Some(true)))
}
