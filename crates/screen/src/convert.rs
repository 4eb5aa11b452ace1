//! Between the words of the protocol and those of the core. Every arm is written out, so that a new case is seen here.

use directory::policy::{self, ActKind};
use meeting::{Act, Actor, Refusal, RefusalCode, across, course, floor, preview, programme, queue};
use service::alarm::AlarmCode;
use service::facts::{PageMicrophone, PageReport};
use service::token::Claims;
use wire::{RefusedCode, You};

/// An act of the protocol, as the meeting knows it.
#[must_use]
pub fn act(act: wire::Act) -> Act {
    match act {
        wire::Act::Start {} => Act::Across(across::Act::Start),
        wire::Act::End {} => Act::Across(across::Act::End),
        wire::Act::Preview { source } => Act::Preview(preview::Act::Set { source }),
        wire::Act::Take { expect_preview } => Act::Across(across::Act::Take { expect_preview }),
        wire::Act::Slate {} => Act::Programme(programme::Act::Slate),
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

/// A role.
#[must_use]
pub fn role(role: policy::Role) -> wire::Role {
    match role {
        policy::Role::Director => wire::Role::Director,
        policy::Role::Chair => wire::Role::Chair,
        policy::Role::Venue => wire::Role::Venue,
        policy::Role::Watcher => wire::Role::Watcher,
    }
}

/// Who a token makes its bearer.
#[must_use]
pub fn you(claims: &Claims) -> You {
    You {
        role: role(claims.role),
        venue: claims.venue.clone(),
        may: policy::may(claims.role).into_iter().map(|act: ActKind| act.name().to_owned()).collect(),
    }
}

/// Who acts by a token.
#[must_use]
pub fn actor(claims: &Claims) -> Actor {
    Actor { role: claims.role, venue: claims.venue.clone(), token: claims.id.clone() }
}

/// The `refused` frame of a refusal.
#[must_use]
pub fn refused(key: base::CommandKey, refusal: Refusal) -> wire::ServerFrame {
    wire::ServerFrame::Refused {
        key,
        code: refused_code(refusal.code),
        holder: refusal.holder,
        may: refusal.may.into_iter().map(role).collect(),
    }
}

fn refused_code(code: RefusalCode) -> RefusedCode {
    match code {
        RefusalCode::NoRight => RefusedCode::NoRight,
        RefusalCode::NotStarted => RefusedCode::NotStarted,
        RefusalCode::AlreadyStarted => RefusedCode::AlreadyStarted,
        RefusalCode::Ended => RefusedCode::Ended,
        RefusalCode::UnknownSource => RefusedCode::UnknownSource,
        RefusalCode::UnknownVenue => RefusedCode::UnknownVenue,
        RefusalCode::UnknownPerson => RefusedCode::UnknownPerson,
        RefusalCode::UnknownRequest => RefusedCode::UnknownRequest,
        RefusalCode::UnknownItem => RefusedCode::UnknownItem,
        RefusalCode::PreviewChanged => RefusedCode::PreviewChanged,
        RefusalCode::PreviewEmpty => RefusedCode::PreviewEmpty,
        RefusalCode::FloorHeld => RefusedCode::FloorHeld,
        RefusalCode::FloorFull => RefusedCode::FloorFull,
        RefusalCode::NoCallOn => RefusedCode::NoCallOn,
        RefusalCode::AlreadyWaiting => RefusedCode::AlreadyWaiting,
        RefusalCode::NotWaiting => RefusedCode::NotWaiting,
        RefusalCode::BadLimit => RefusedCode::BadLimit,
        RefusalCode::KeyReused => RefusedCode::KeyReused,
        RefusalCode::Busy => RefusedCode::Busy,
    }
}

/// What a page reports. A level out of range is brought into it.
#[must_use]
pub fn report(report: &wire::Report) -> PageReport {
    PageReport {
        level: report.level.map(|level| level.clamp(-127, 0)),
        microphone: report.microphone.map(|microphone| match microphone {
            wire::MicrophoneReport::Open => PageMicrophone::Open,
            wire::MicrophoneReport::Closed => PageMicrophone::Closed,
            wire::MicrophoneReport::Missing => PageMicrophone::Missing,
        }),
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
        microphone: report.microphone.map(|microphone| match microphone {
            PageMicrophone::Open => wire::MicrophoneReport::Open,
            PageMicrophone::Closed => wire::MicrophoneReport::Closed,
            PageMicrophone::Missing => wire::MicrophoneReport::Missing,
        }),
        sound: report.sound_blocked.map(|blocked| match blocked {
            true => wire::SoundReport::Blocked,
            false => wire::SoundReport::On,
        }),
        hidden: report.hidden.unwrap_or(false),
        camera: report.camera,
    }
}

/// What an alarm is about.
#[must_use]
pub fn alarm_code(code: AlarmCode) -> wire::AlarmCode {
    match code {
        AlarmCode::Lost => wire::AlarmCode::Lost,
        AlarmCode::NoPicture => wire::AlarmCode::NoPicture,
        AlarmCode::MicrophoneDisagrees => wire::AlarmCode::MicrophoneDisagrees,
        AlarmCode::AudioDropped => wire::AlarmCode::AudioDropped,
        AlarmCode::Silent => wire::AlarmCode::Silent,
        AlarmCode::SoundBlocked => wire::AlarmCode::SoundBlocked,
        AlarmCode::PageHidden => wire::AlarmCode::PageHidden,
        AlarmCode::Loss => wire::AlarmCode::Loss,
        AlarmCode::PacketsTooLarge => wire::AlarmCode::PacketsTooLarge,
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
