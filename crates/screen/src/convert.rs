//! Between the words of the protocol and those of the core. Every arm is written out, so that a new case is seen here.

use directory::policy;
use meeting::{Act, Actor, Refusal, across, course, floor, preview, queue};
use service::facts::PageReport;
use service::token::Claims;
use wire::You;

/// An act of the protocol, as the meeting knows it.
#[must_use]
pub fn act(act: wire::Act) -> Act {
    match act {
        wire::Act::Start {} => Act::Across(across::Act::Start),
        wire::Act::End {} => Act::Across(across::Act::End),
        wire::Act::Preview { source } => Act::Preview(preview::Act::Set { source }),
        wire::Act::Take { expect_preview } => Act::Across(across::Act::Take { expect_preview }),
        wire::Act::Slate {} => Act::Across(across::Act::Slate),
        wire::Act::CallOn { venue, source, person, limit_s, request } => {
            Act::Across(across::Act::CallOn { venue, source, person, limit_s, request })
        }
        wire::Act::EndCallOn {} => Act::Across(across::Act::EndCallOn),
        wire::Act::OpenFloor { venue } => Act::Floor(floor::Act::Open { venue }),
        wire::Act::CloseFloor { venue } => Act::Across(across::Act::CloseFloor { venue }),
        wire::Act::MuteAll {} => Act::Across(across::Act::MuteAll),
        wire::Act::Raise { person } => Act::Queue(queue::Act::Raise { person }),
        wire::Act::Withdraw {} => Act::Queue(queue::Act::Withdraw),
        wire::Act::Drop { request } => Act::Queue(queue::Act::Drop { request }),
        wire::Act::Item { item } => Act::Course(course::Act::Item { item }),
    }
}

/// Who a token makes its bearer.
#[must_use]
pub fn you(claims: &Claims) -> You {
    You { role: claims.role, venue: claims.venue.clone(), may: policy::may(claims.role) }
}

/// Who acts by a token.
#[must_use]
pub fn actor(claims: &Claims) -> Actor {
    Actor { role: claims.role, venue: claims.venue.clone(), token: claims.id.clone() }
}

/// The `refused` frame of a refusal.
#[must_use]
pub fn refused(key: base::CommandKey, refusal: Refusal) -> wire::ServerFrame {
    wire::ServerFrame::Refused { key, code: refusal.code, holder: refusal.holder, may: refusal.may }
}

/// What a page reports. A level out of range is brought into it.
#[must_use]
pub fn report(report: &wire::Report) -> PageReport {
    PageReport {
        level: report.level.map(|level| level.clamp(-127, 0)),
        microphone: report.microphone,
        sound_blocked: report.sound.map(|sound| match sound {
            wire::SoundReport::On => false,
            wire::SoundReport::Blocked => true,
        }),
        hidden: report.hidden,
        camera: report.camera.map(|camera| [camera.width, camera.height, camera.fps]),
    }
}

/// What a page reported, as others see it.
#[must_use]
pub fn report_entry(report: &PageReport) -> wire::ReportEntry {
    wire::ReportEntry {
        microphone: report.microphone,
        sound: report.sound_blocked.map(|blocked| match blocked {
            true => wire::SoundReport::Blocked,
            false => wire::SoundReport::On,
        }),
        hidden: report.hidden.unwrap_or(false),
        camera: report.camera,
    }
}

/// A text.
#[must_use]
pub fn text(text: &directory::Text) -> wire::Text {
    wire::Text(text.clone())
}

/// Whom to ring.
#[must_use]
pub fn contact(contact: &directory::Contact) -> wire::Contact {
    wire::Contact { name: text(&contact.name), phone: contact.phone.clone() }
}

/// What is shown.
#[must_use]
pub fn scene(scene: &meeting::Scene) -> wire::Scene {
    match scene {
        meeting::Scene::Slate => wire::Scene::Slate,
        meeting::Scene::Full(source) => wire::Scene::Full { source: source.clone() },
    }
}
