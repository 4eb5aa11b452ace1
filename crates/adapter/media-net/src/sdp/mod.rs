//! Offers and answers (RFC 8866, 3264), as the table `docs/sdp.md` has them. A stranger's offer is read here, and refused with one sentence;
//! str0m is given a text of our own making that says the same, and the answer is written here too, so that each of its lines is spelt as
//! the offer spells it and no library's words go out.

mod answer;
mod canonical;
mod format;
mod line;
mod refusal;
#[cfg(test)]
mod tests;
mod text;
mod transport;

use std::collections::BTreeMap;

use base::limits::WALL_LINES_MAX;
use media::mix::SOUND_SLOTS;
use media::slots::VIDEO_SLOTS;
use service::port::hop::VideoCodec;

pub use answer::Given;
pub use refusal::Refusal;

use format::{Format, Missing};
use line::{Extensions, Media, Spelt};
use text::Section;
use transport::Transport;

/// What a session wants of its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// One microphone and one camera come in.
    Publish,
    /// Slots go out.
    Watch,
    /// Only video slots go out.
    Wall,
}

/// A line of the offer, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) mid: String,
    pub(crate) kind: Kind,
    /// It has a slot; others are answered inactive or rejected.
    pub(crate) used: bool,
    /// Simulcast rids that it sends, in the offer's order.
    pub(crate) rids: Vec<String>,
    spelt: Spelt,
}

impl Line {
    /// That of its packets, if it is not rejected.
    pub(crate) fn payload_type(&self) -> Option<u8> {
        self.spelt.format.as_ref().map(|format| format.pt)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Audio,
    Video,
    Other,
}

/// An offer that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub(crate) lines: Vec<Line>,
    pub(crate) want: Lines,
    transport: Transport,
    /// Tags of the group in its order, if there is one.
    group: Option<Vec<String>>,
    /// It takes header extensions of one and two bytes beside each other.
    mixes: bool,
}

/// Reads an offer.
///
/// # Errors
/// What is wrong with it, in one sentence.
pub fn read(text: &str, want: Lines, codec: VideoCodec) -> Result<Offer, Refusal> {
    let offer = text::read(text)?;
    let group = group(&offer.session);
    let mut reading =
        Reading { want, codec, group: group.as_deref(), counts: (0, 0), lone: false, fits: false };
    let mut seen = Vec::new();
    for (at, section) in offer.media.iter().enumerate() {
        seen.push(reading.seen(&offer.session, section, at + 1)?);
    }
    same_tags(&seen, group.as_deref())?;
    let used = seen.iter().filter(|seen| seen.used).count();
    if used == 0 {
        return Err(reading.useless(&seen));
    }
    reading.lone = group.is_none() && used == 1;
    let mut extensions = Extensions::default();
    let lines = offer
        .media
        .iter()
        .zip(&seen)
        .enumerate()
        .map(|(at, (section, seen))| reading.line(section, seen, &mut extensions, at + 1))
        .collect::<Result<Vec<Line>, Refusal>>()?;
    same_numbers(&lines)?;
    let transport = Transport::read(&offer, tagged(&lines, group.as_deref()))?;
    let mixes = offer.session.flag("extmap-allow-mixed");
    Ok(Offer { lines, want, transport, group, mixes })
}

/// Tags of the first BUNDLE group.
fn group(session: &Section<'_>) -> Option<Vec<String>> {
    let mids = session.values("group").find_map(|value| value.strip_prefix("BUNDLE"))?;
    Some(mids.split_whitespace().map(str::to_owned).collect())
}

/// What a section is, before it is known whether it is taken.
struct Seen<'a> {
    media: Media<'a>,
    kind: Kind,
    mid: Option<String>,
    bundled: bool,
    /// Its direction is of no use here.
    misdirected: bool,
    used: bool,
}

struct Reading<'a> {
    want: Lines,
    codec: VideoCodec,
    group: Option<&'a [String]>,
    /// Lines of sound and picture that are used so far.
    counts: (usize, usize),
    /// One line is used, and there is no group.
    lone: bool,
    fits: bool,
}

impl Reading<'_> {
    fn seen<'a>(
        &mut self,
        session: &Section<'_>,
        section: &Section<'a>,
        number: usize,
    ) -> Result<Seen<'a>, Refusal> {
        let media = Media::read(section.media, number)?;
        let mid = line::mid(section, number)?;
        let direction = line::direction(session, section, number)?;
        let bundled = mid.as_ref().is_some_and(|mid| self.group.is_some_and(|group| group.contains(mid)));
        // A zero port in the group says bundle-only, if it says so (RFC 9143 §6); else that the line is not wanted (RFC 3264 §5.1).
        let off = media.port == 0 && !(bundled && section.flag("bundle-only"));
        let kind = if off { Kind::Other } else { media.kind() };
        let fits = match self.want {
            Lines::Publish => direction.sends,
            Lines::Watch | Lines::Wall => direction.receives,
        };
        let (count, most) = match (self.want, kind) {
            (_, Kind::Other) | (Lines::Wall, Kind::Audio) => (&mut self.counts.0, 0),
            (Lines::Publish, Kind::Audio) => (&mut self.counts.0, 1),
            (Lines::Publish, Kind::Video) => (&mut self.counts.1, 1),
            (Lines::Watch, Kind::Audio) => (&mut self.counts.0, SOUND_SLOTS),
            (Lines::Watch, Kind::Video) => (&mut self.counts.1, usize::from(VIDEO_SLOTS)),
            (Lines::Wall, Kind::Video) => (&mut self.counts.1, WALL_LINES_MAX),
        };
        let used = fits && *count < most;
        *count += usize::from(used);
        self.fits |= fits && kind != Kind::Other;
        Ok(Seen { media, kind, mid, bundled, misdirected: most > 0 && !fits, used })
    }

    /// Why no line is used.
    fn useless(&self, seen: &[Seen<'_>]) -> Refusal {
        match self.want {
            _ if self.fits || !seen.iter().any(|seen| seen.misdirected) => Refusal::NoUse,
            Lines::Publish => Refusal::SendsNothing,
            Lines::Watch | Lines::Wall => Refusal::ReceivesNothing,
        }
    }

    fn line(
        &self,
        section: &Section<'_>,
        seen: &Seen<'_>,
        extensions: &mut Extensions,
        number: usize,
    ) -> Result<Line, Refusal> {
        let format = match (seen.used, seen.kind) {
            (true, _) => Some(self.used(section, seen, number)?),
            (false, Kind::Audio | Kind::Video) if seen.bundled && muxes(section) => {
                self.format(section, seen).ok()
            }
            (false, _) => None,
        };
        let taken = if seen.used { extensions.read(section, seen.kind, self.want) } else { Vec::new() };
        let publishes = seen.used && self.want == Lines::Publish;
        let layers = match &format {
            Some(format) if publishes && seen.kind == Kind::Video => line::layers(section, format.pt),
            Some(_) | None => Vec::new(),
        };
        let ssrcs = if publishes && layers.is_empty() { line::ssrcs(section) } else { Vec::new() };
        Ok(Line {
            mid: seen.mid.clone().unwrap_or_default(),
            kind: seen.kind,
            used: seen.used,
            rids: layers.iter().map(|layer| layer.rid.clone()).collect(),
            spelt: Spelt {
                media: seen.media.media.to_owned(),
                proto: seen.media.proto.to_owned(),
                formats: seen.media.formats.to_owned(),
                mid: seen.mid.clone(),
                bundled: seen.bundled,
                reduced: section.flag("rtcp-rsize"),
                format,
                extensions: taken,
                layers,
                ssrcs,
            },
        })
    }

    /// The format of a line that is used, which must have all that it takes.
    fn used(&self, section: &Section<'_>, seen: &Seen<'_>, number: usize) -> Result<Format, Refusal> {
        let mid = seen.mid.clone().ok_or(Refusal::NoMid(number))?;
        if !seen.bundled && !self.lone {
            return Err(Refusal::NotBundled(mid));
        }
        if !muxes(section) {
            return Err(Refusal::NoMux(mid));
        }
        self.format(section, seen).map_err(|missing| match (missing, seen.kind, self.codec) {
            (Missing::Profile(profile), ..) => Refusal::Profile { mid, profile },
            (Missing::Mode, ..) => Refusal::Mode(mid),
            (Missing::Codec, Kind::Video, VideoCodec::Vp8) => {
                Refusal::Lacks { mid, codec: "VP8, the codec of this meeting" }
            }
            (Missing::Codec, Kind::Video, VideoCodec::H264) => {
                Refusal::Lacks { mid, codec: "H.264, the codec of this meeting" }
            }
            (Missing::Codec, Kind::Audio | Kind::Other, _) => {
                Refusal::Lacks { mid, codec: "Opus (opus/48000/2)" }
            }
        })
    }

    fn format(&self, section: &Section<'_>, seen: &Seen<'_>) -> Result<Format, Missing> {
        let formats: Vec<&str> = seen.media.formats.split(' ').collect();
        format::choose(section, &formats, seen.kind, self.codec, self.want)
    }
}

/// RTCP comes on the port of RTP (RFC 5761 §5.1.1, RFC 8858 §3).
fn muxes(section: &Section<'_>) -> bool {
    section.flag("rtcp-mux") || section.flag("rtcp-mux-only")
}

/// No tag is on two lines, and the group names no other.
fn same_tags(seen: &[Seen<'_>], group: Option<&[String]>) -> Result<(), Refusal> {
    let mids: Vec<&String> = seen.iter().filter_map(|seen| seen.mid.as_ref()).collect();
    let mut told: Vec<String> = mids.iter().map(|mid| line::told(mid)).collect();
    told.sort_unstable();
    if let Some(pair) = told.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Refusal::TwoMids(pair[0].clone()));
    }
    match group {
        Some(group) if group.iter().any(|mid| !mids.contains(&mid)) => Err(Refusal::NoSuchMid),
        Some(_) | None => Ok(()),
    }
}

/// In one transport a payload type means one codec (RFC 9143 §7.1.1), and str0m has one number for each.
fn same_numbers(lines: &[Line]) -> Result<(), Refusal> {
    let mut numbers: BTreeMap<u8, (Kind, bool)> = BTreeMap::new();
    let mut formats: Vec<(Kind, &Format)> = Vec::new();
    for line in lines.iter().filter(|line| line.used) {
        let Some(format) = &line.spelt.format else { continue };
        let repairs = format.rtx.as_ref().map(|(rtx, ..)| (*rtx, (line.kind, true)));
        for (number, meaning) in repairs.into_iter().chain([(format.pt, (line.kind, false))]) {
            if *numbers.entry(number).or_insert(meaning) != meaning {
                return Err(Refusal::PayloadTypeTwice(line.mid.clone()));
            }
        }
        let number = |format: &Format| (format.pt, format.rtx.as_ref().map(|(rtx, ..)| *rtx));
        if formats.iter().any(|(kind, known)| *kind == line.kind && number(known) != number(format)) {
            return Err(Refusal::PayloadTypes(line.mid.clone()));
        }
        formats.push((line.kind, format));
    }
    Ok(())
}

/// The line whose transport is that of all: the first of the group that is not rejected (RFC 9143 §7.3.1).
fn tagged(lines: &[Line], group: Option<&[String]>) -> usize {
    let first = |mid: &String| {
        lines.iter().position(|line| line.spelt.format.is_some() && line.spelt.mid.as_ref() == Some(mid))
    };
    let grouped = group.and_then(|group| group.iter().find_map(first));
    grouped.or_else(|| lines.iter().position(|line| line.used)).unwrap_or_default()
}
