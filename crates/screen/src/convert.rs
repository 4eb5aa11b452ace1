//! Between the words of the protocol and those of the core. Every arm is written out, so that a new case is seen here.

use base::CommandKey;
use directory::policy;
use meeting::{Act, Actor, Command, Refusal, across, course, floor, preview, queue};
use service::control::Acknowledge;
use service::facts::PageReport;
use service::token::Claims;
use wire::You;

/// What a client asks of a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// An act, which the meeting decides.
    Command(Command),
    /// That an alarm is seen to.
    Acknowledge(Acknowledge),
}

/// What a client asks by an act of the protocol.
#[must_use]
pub fn asked(key: CommandKey, actor: Actor, act: wire::Act) -> Asked {
    let act = match act {
        wire::Act::Acknowledge { alarm } => return Asked::Acknowledge(Acknowledge { key, actor, alarm }),
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
        wire::Act::Raise { person, kind } => {
            Act::Queue(queue::Act::Raise { person, kind: kind.unwrap_or_default() })
        }
        wire::Act::Withdraw {} => Act::Queue(queue::Act::Withdraw),
        wire::Act::Drop { request } => Act::Queue(queue::Act::Drop { request }),
        wire::Act::Item { item } => Act::Course(course::Act::Item { item }),
    };
    Asked::Command(Command { key, actor, act })
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
pub fn refused(key: CommandKey, refusal: Refusal) -> wire::ServerFrame {
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
        camera_fault: report.camera_fault,
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
        camera_fault: report.camera_fault.flatten(),
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
