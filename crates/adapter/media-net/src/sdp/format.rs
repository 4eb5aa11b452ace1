//! Which of a line's formats carries the meeting's codec (RFC 8866 §6.6, RFC 7587, RFC 7741, RFC 6184).

use service::port::hop::VideoCodec;

use super::text::Section;
use super::{Kind, Lines};

/// The format of a line that is used, as the offer spells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) pt: u8,
    /// Name, clock and channels.
    pub(super) rtpmap: String,
    /// Parameters of `a=fmtp`, without those that tell of the offerer's own stream alone.
    pub(super) fmtp: Option<String>,
    /// `a=rtcp-fb`: behind which word, and which.
    pub(super) feedback: Vec<(String, String)>,
    /// Payload type of its retransmissions, with name and parameters.
    pub(super) rtx: Option<(u8, String, String)>,
}

impl Format {
    pub(super) fn is_h264(&self) -> bool {
        self.rtpmap.eq_ignore_ascii_case("H264/90000")
    }
}

/// Why no format of a line can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Codec,
    /// H.264 with this `profile_idc`, and in none that is taken.
    Profile(u8),
    /// H.264 with `packetization-mode=0` alone.
    Mode,
}

/// Feedback that is of use here (RFC 4585 §4.2, RFC 5104 §7.1); that on congestion needs its numbers in the packets.
const FEEDBACK: [&str; 4] = ["transport-cc", "ccm fir", "nack", "nack pli"];

/// Picks the format of a line that carries the codec.
pub(super) fn choose(
    section: &Section<'_>,
    formats: &[&str],
    kind: Kind,
    codec: VideoCodec,
    want: Lines,
) -> Result<Format, Missing> {
    let mapped = |text: &&str| {
        let pt = payload_type(text)?;
        Some((pt, by_number(section, "rtpmap", pt).next()?))
    };
    let mapped: Vec<(u8, &str)> = formats.iter().filter_map(mapped).collect();
    let (pt, rtpmap) = match (kind, codec) {
        (Kind::Audio | Kind::Other, _) => first(&mapped, "opus/48000/2"),
        (Kind::Video, VideoCodec::Vp8) => first(&mapped, "VP8/90000"),
        (Kind::Video, VideoCodec::H264) => return h264(section, &mapped, want),
    }
    .ok_or(Missing::Codec)?;
    Ok(format(section, &mapped, pt, rtpmap))
}

fn first<'a>(mapped: &[(u8, &'a str)], name: &str) -> Option<(u8, &'a str)> {
    mapped.iter().find(|(_, rtpmap)| rtpmap.eq_ignore_ascii_case(name)).copied()
}

/// A payload type that RTCP on the same port leaves free (RFC 5761 §4).
fn payload_type(text: &str) -> Option<u8> {
    text.parse().ok().filter(|pt| matches!(pt, 0..=63 | 96..=127) && is(text, *pt))
}

/// A number is spelt in one way, since the answer repeats it.
fn is(text: &str, pt: u8) -> bool {
    text.parse() == Ok(pt) && !text.starts_with('+') && (text.len() == 1 || !text.starts_with('0'))
}

/// Values of an attribute that begin with a payload type.
fn by_number<'a>(section: &Section<'a>, name: &'a str, pt: u8) -> impl Iterator<Item = &'a str> {
    section
        .values(name)
        .filter_map(|value| value.split_once(' '))
        .filter(move |(number, _)| is(number, pt))
        .map(|(_, rest)| rest.trim())
}

/// Parameters of a format by name, in lower case, from all its `a=fmtp` lines.
fn parameters<'a>(section: &Section<'a>, pt: u8) -> impl Iterator<Item = (String, &'a str)> {
    by_number(section, "fmtp", pt).flat_map(|line| line.split(';')).filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        Some((name.trim().to_ascii_lowercase(), value.trim()))
    })
}

/// Constrained baseline: `profile_idc` 66 with any constraint, or no word of it. Chosen is what says fragments and the constraint itself.
fn h264(section: &Section<'_>, mapped: &[(u8, &str)], want: Lines) -> Result<Format, Missing> {
    let mut missing = Missing::Codec;
    let mut best: Option<((u8, bool), u8, &str)> = None;
    for (pt, rtpmap) in mapped.iter().filter(|(_, map)| map.eq_ignore_ascii_case("H264/90000")) {
        let value = |name: &str| parameters(section, *pt).find(|(n, _)| n == name).map(|(_, value)| value);
        let constrained = match value("profile-level-id").map(profile) {
            Some(Some((66, constraints))) => constraints & 0x40 != 0,
            Some(Some((other, _))) => {
                if missing == Missing::Codec {
                    missing = Missing::Profile(other);
                }
                continue;
            }
            Some(None) => continue,
            None => false,
        };
        let mode = match (value("packetization-mode"), want) {
            (Some("1"), _) => 0,
            (None, _) => 1,
            (Some("0"), Lines::Publish) => 2,
            (Some("0"), Lines::Watch | Lines::Wall) => {
                missing = Missing::Mode;
                continue;
            }
            (Some(_), _) => continue,
        };
        let rank = (mode, !constrained);
        if best.is_none_or(|(other, ..)| rank < other) {
            best = Some((rank, *pt, *rtpmap));
        }
    }
    best.map(|(_, pt, rtpmap)| format(section, mapped, pt, rtpmap)).ok_or(missing)
}

/// `profile_idc` and the constraints of a `profile-level-id` (RFC 6184 §8.1).
fn profile(id: &str) -> Option<(u8, u8)> {
    let [profile, constraints, _] = <[u8; 3]>::try_from(
        (0..3).filter_map(|n| u8::from_str_radix(id.get(2 * n..2 * n + 2)?, 16).ok()).collect::<Vec<_>>(),
    )
    .ok()?;
    (id.len() == 6).then_some((profile, constraints))
}

fn format(section: &Section<'_>, mapped: &[(u8, &str)], pt: u8, rtpmap: &str) -> Format {
    let rtx = mapped.iter().find_map(|(rtx, map)| {
        let apt = |(name, value): (String, &str)| name == "apt" && is(value, pt);
        let video = map.eq_ignore_ascii_case("rtx/90000") && parameters(section, *rtx).any(apt);
        video.then(|| {
            (*rtx, (*map).to_owned(), by_number(section, "fmtp", *rtx).next().unwrap_or_default().to_owned())
        })
    });
    let all = |value: &str| {
        let (number, feedback) = value.split_once(' ')?;
        let ours = number == "*" || is(number, pt);
        let feedback = feedback.trim();
        (ours && FEEDBACK.contains(&feedback)).then(|| (number.to_owned(), feedback.to_owned()))
    };
    let mut feedback: Vec<(String, String)> = Vec::new();
    for one in section.values("rtcp-fb").filter_map(all) {
        if !feedback.iter().any(|(_, known)| *known == one.1) {
            feedback.push(one);
        }
    }
    Format { pt, rtpmap: rtpmap.to_owned(), fmtp: fmtp(section, pt), feedback, rtx }
}

/// Parameters that are answered as they were offered. Those named `sprop-` say what the offerer sends, which is not ours to say.
fn fmtp(section: &Section<'_>, pt: u8) -> Option<String> {
    let own = |parameter: &&str| parameter.trim_start().to_ascii_lowercase().starts_with("sprop-");
    let line = by_number(section, "fmtp", pt).next()?;
    if !line.split(';').any(|parameter| own(&parameter)) {
        return Some(line.to_owned());
    }
    let kept: Vec<&str> = line.split(';').filter(|parameter| !own(parameter)).collect();
    let kept = kept.join(";").trim().to_owned();
    (!kept.is_empty()).then_some(kept)
}
