//! One `m=` section of an offer: what it is, and what of it is taken.

use std::collections::BTreeMap;

use media::layers::LAYERS_MAX;

use super::format::Format;
use super::refusal::Refusal;
use super::text::{Section, is_token};
use super::{Kind, Lines};

/// Longest `a=mid`: what one RTP header extension holds (RFC 8285 §4.2).
const MID_BYTES_MAX: usize = 16;
/// Longest `a=rid` that str0m tells from others.
const RID_BYTES_MAX: usize = 8;
/// Streams of a line that are noted by SSRC.
const SSRCS_MAX: usize = 4;

/// What `a=sendrecv` and its siblings say; the offerer's view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Direction {
    pub(super) sends: bool,
    pub(super) receives: bool,
}

/// A header extension that is taken, as the offer spells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extension {
    pub(super) id: u8,
    /// `/sendonly` or `/recvonly`, if that is said.
    direction: Option<&'static str>,
    uri: String,
    /// What stands behind the URI, with its space.
    rest: String,
}

impl Extension {
    pub(super) fn is(&self, uri: &str) -> bool {
        self.uri == uri
    }

    pub(super) fn offered(&self) -> String {
        let Self { id, direction, uri, rest } = self;
        format!("a=extmap:{id}{} {uri}{rest}\r\n", direction.unwrap_or_default())
    }

    pub(super) fn answered(&self) -> String {
        let Self { id, direction, uri, rest } = self;
        let direction = match direction {
            Some("/sendonly") => "/recvonly",
            Some(_) => "/sendonly",
            None => "",
        };
        format!("a=extmap:{id}{direction} {uri}{rest}\r\n")
    }
}

/// Level of the sound in a packet (RFC 6464).
const LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
/// The line's tag in a packet (RFC 9143 §15.2).
const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
/// Names of simulcast streams (RFC 8852).
const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
const REPAIRED_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
/// Numbers of congestion control.
pub(super) const TRANSPORT_CC: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
const SEND_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";

/// Header extensions by number: one number means one thing in all lines (RFC 9143 §10.1), and here one thing has one number.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    numbers: BTreeMap<u8, String>,
}

impl Extensions {
    /// Those of a line that are taken. str0m writes a tag into packets with `_` for other marks, which a receiver would not know.
    pub(super) fn read(&mut self, section: &Section<'_>, kind: Kind, want: Lines) -> Vec<Extension> {
        let named = want == Lines::Publish || section.value("mid").is_some_and(|mid| told(mid) == mid);
        let ours = |uri: &str| match uri {
            LEVEL => kind == Kind::Audio,
            MID => named,
            RID | REPAIRED_RID => kind == Kind::Video && want == Lines::Publish,
            TRANSPORT_CC | SEND_TIME => want == Lines::Publish,
            _ => false,
        };
        let mut taken: Vec<Extension> = Vec::new();
        for extension in section.values("extmap").filter_map(|value| extension(value, want)) {
            let free = taken.iter().all(|known| known.id != extension.id && known.uri != extension.uri);
            if free && ours(&extension.uri) && self.agree(&extension) {
                taken.push(extension);
            }
        }
        taken
    }

    fn agree(&mut self, extension: &Extension) -> bool {
        match self.numbers.iter().find(|(id, uri)| **id == extension.id || **uri == extension.uri) {
            Some((id, uri)) => *id == extension.id && *uri == extension.uri,
            None => {
                self.numbers.insert(extension.id, extension.uri.clone());
                true
            }
        }
    }
}

/// `a=extmap` with a number of one byte's form (RFC 8285 §8).
fn extension(value: &str, want: Lines) -> Option<Extension> {
    let (number, what) = value.split_once(' ')?;
    let (number, direction) = match number.split_once('/') {
        Some((number, direction)) => (number, Some(direction)),
        None => (number, None),
    };
    let direction = match (direction, want) {
        (None | Some("sendrecv"), _) => None,
        (Some("sendonly"), Lines::Publish) => Some("/sendonly"),
        (Some("recvonly"), Lines::Watch | Lines::Wall) => Some("/recvonly"),
        (Some(_), _) => return None,
    };
    let id: u8 = number.parse().ok().filter(|id: &u8| (1..=14).contains(id) && id.to_string() == number)?;
    let (uri, rest) = what.split_at(what.find(' ').unwrap_or(what.len()));
    Some(Extension { id, direction, uri: uri.to_owned(), rest: rest.to_owned() })
}

/// A stream that simulcast names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) rid: String,
    /// It begins paused.
    paused: bool,
    /// What stands behind the direction in `a=rid`, with its space.
    restrictions: String,
}

/// Everything of a line that an answer repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spelt {
    /// `audio`, `video` or anything else.
    pub(super) media: String,
    pub(super) proto: String,
    pub(super) formats: String,
    pub(super) mid: Option<String>,
    pub(super) bundled: bool,
    /// It says `a=rtcp-rsize`.
    pub(super) reduced: bool,
    /// None: the line is rejected.
    pub(super) format: Option<Format>,
    pub(super) extensions: Vec<Extension>,
    pub(super) layers: Vec<Layer>,
    pub(super) ssrcs: Vec<(u32, Option<u32>)>,
}

/// Words of an `m=` line (RFC 8866 §5.14).
#[derive(Debug, Clone, Copy)]
pub(super) struct Media<'a> {
    pub(super) media: &'a str,
    pub(super) port: u16,
    pub(super) proto: &'a str,
    pub(super) formats: &'a str,
}

impl<'a> Media<'a> {
    pub(super) fn read(text: &'a str, number: usize) -> Result<Self, Refusal> {
        let bad = || Refusal::BadMedia(number);
        let mut words = text.splitn(4, ' ');
        let mut word = || words.next().filter(|word| !word.is_empty()).ok_or_else(bad);
        let (media, port, proto, formats) = (word()?, word()?, word()?, word()?);
        let digits = port.bytes().all(|c| c.is_ascii_digit());
        let port = port.parse().ok().filter(|_| digits).ok_or_else(bad)?;
        let sound =
            is_token(media, 32) && proto.len() <= 64 && proto.split('/').all(|part| is_token(part, 32));
        if !sound || !formats.split(' ').all(|format| is_token(format, 64)) {
            return Err(bad());
        }
        Ok(Self { media, port, proto, formats })
    }

    /// Sound and picture, over what RFC 9429 §5.1.2 has read as RTP behind DTLS.
    pub(super) fn kind(&self) -> Kind {
        let rtp = matches!(
            self.proto,
            "UDP/TLS/RTP/SAVPF"
                | "UDP/TLS/RTP/SAVP"
                | "TCP/DTLS/RTP/SAVPF"
                | "TCP/DTLS/RTP/SAVP"
                | "RTP/SAVPF"
                | "RTP/SAVP"
                | "RTP/AVPF"
                | "RTP/AVP"
        );
        match self.media {
            "audio" if rtp => Kind::Audio,
            "video" if rtp => Kind::Video,
            _ => Kind::Other,
        }
    }
}

/// The tag of a line.
pub(super) fn mid(section: &Section<'_>, number: usize) -> Result<Option<String>, Refusal> {
    match section.value("mid") {
        Some(mid) if is_token(mid, MID_BYTES_MAX) => Ok(Some(mid.to_owned())),
        Some(_) => Err(Refusal::BadMid(number)),
        None => Ok(None),
    }
}

/// A tag as str0m tells it from others.
pub(super) fn told(mid: &str) -> String {
    mid.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// The direction of a line, which may stand before all lines; without it both ways (RFC 8866 §6.7).
pub(super) fn direction(
    session: &Section<'_>,
    section: &Section<'_>,
    number: usize,
) -> Result<Direction, Refusal> {
    let of = |section: &Section<'_>| {
        let mut found =
            section.attributes().filter(|(_, value)| value.is_none()).filter_map(|(name, _)| match name {
                "sendrecv" => Some(Direction { sends: true, receives: true }),
                "sendonly" => Some(Direction { sends: true, receives: false }),
                "recvonly" => Some(Direction { sends: false, receives: true }),
                "inactive" => Some(Direction { sends: false, receives: false }),
                _ => None,
            });
        (found.next(), found.next().is_some())
    };
    match (of(section), of(session)) {
        ((_, true), _) => Err(Refusal::TwoDirections(number)),
        ((Some(direction), false), _) | ((None, false), (Some(direction), _)) => Ok(direction),
        ((None, false), (None, _)) => Ok(Direction { sends: true, receives: true }),
    }
}

/// Simulcast that is sent (RFC 8853): of alternatives the first, and no more streams than there are layers. Where a name cannot be told
/// from others there is none, and the line is taken as one stream.
pub(super) fn layers(section: &Section<'_>, pt: u8) -> Vec<Layer> {
    let Some(sent) = section.value("simulcast").and_then(sent) else { return Vec::new() };
    let mut layers: Vec<Layer> = Vec::new();
    for alternatives in sent.split(';') {
        let name = alternatives.split(',').next().unwrap_or_default().trim();
        let (rid, paused) = name.strip_prefix('~').map_or((name, false), |rid| (rid, true));
        let plain =
            (1..=RID_BYTES_MAX).contains(&rid.len()) && rid.bytes().all(|c| c.is_ascii_alphanumeric());
        if !plain || layers.iter().any(|layer| layer.rid == rid) {
            return Vec::new();
        }
        let said = section.values("rid").find_map(|value| {
            let mut words = value.splitn(3, ' ');
            (words.next() == Some(rid) && words.next() == Some("send"))
                .then(|| words.next().unwrap_or_default())
        });
        let Some(restrictions) = said.and_then(|text| restrictions(text, pt)) else { return Vec::new() };
        layers.push(Layer { rid: rid.to_owned(), paused, restrictions });
    }
    layers.truncate(LAYERS_MAX);
    layers
}

/// The list of `a=simulcast:send … recv …` behind `send`.
fn sent(value: &str) -> Option<&str> {
    let mut words = value.split_whitespace();
    while let Some(direction) = words.next() {
        let list = words.next()?;
        if direction == "send" {
            return Some(list);
        }
    }
    None
}

/// Restrictions of a rid (RFC 8851 §6.3), of formats that which is used; none if it is not among them.
fn restrictions(text: &str, pt: u8) -> Option<String> {
    if text.is_empty() {
        return Some(String::new());
    }
    let mut kept = Vec::new();
    for restriction in text.split(';') {
        match restriction.trim().strip_prefix("pt=") {
            Some(list) if list.split(',').any(|number| number.parse() == Ok(pt)) => {
                kept.push(format!("pt={pt}"))
            }
            Some(_) => return None,
            None => kept.push(restriction.trim().to_owned()),
        }
    }
    Some(format!(" {}", kept.join(";")))
}

impl Layer {
    /// `a=rid` of it, sent or received.
    pub(super) fn line(&self, direction: &str) -> String {
        format!("a=rid:{} {direction}{}\r\n", self.rid, self.restrictions)
    }

    /// Its name in `a=simulcast`.
    pub(super) fn name(&self) -> String {
        format!("{}{}", if self.paused { "~" } else { "" }, self.rid)
    }
}

/// Streams that are announced by number (RFC 5576), with those that repair them.
pub(super) fn ssrcs(section: &Section<'_>) -> Vec<(u32, Option<u32>)> {
    let number = |text: &str| text.parse::<u32>().ok().filter(|ssrc| *ssrc != 0);
    let pair = |value: &str| {
        let mut words = value.strip_prefix("FID ")?.split_whitespace();
        Some((number(words.next()?)?, number(words.next()?)?))
    };
    let pairs: Vec<(u32, u32)> = section.values("ssrc-group").filter_map(pair).collect();
    let mut found: Vec<(u32, Option<u32>)> = Vec::new();
    for ssrc in section.values("ssrc").filter_map(|value| number(value.split(' ').next()?)) {
        let repairs = pairs.iter().any(|(_, repair)| *repair == ssrc);
        if !repairs && found.len() < SSRCS_MAX && found.iter().all(|(known, _)| *known != ssrc) {
            let repair = pairs.iter().find(|(main, _)| *main == ssrc).map(|(_, repair)| *repair);
            found.push((ssrc, repair));
        }
    }
    found
}
