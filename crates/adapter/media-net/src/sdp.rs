//! Offers: limits before str0m sees them, and rewriting so that its answer is what the slots need (str0m takes direction and msid from
//! the offer and has no setters).

use base::limits::{SDP_BYTES_MAX, SDP_MEDIA_MAX, WALL_LINES_MAX};
use media::mix::SOUND_SLOTS;
use media::slots::VIDEO_SLOTS;
use service::port::hop::HopError;

/// Bytes of one line of an offer.
const LINE_BYTES_MAX: usize = 2_048;

/// What a session wants of its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
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
    /// It has a slot; others are answered inactive.
    pub(crate) used: bool,
    /// Simulcast rids that it sends, in the offer's order.
    pub(crate) rids: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Audio,
    Video,
    Other,
}

/// An offer ready for str0m.
#[derive(Debug)]
pub(crate) struct Offer {
    pub(crate) text: String,
    pub(crate) lines: Vec<Line>,
}

/// Checks and rewrites an offer.
///
/// # Errors
/// Names the limit that it breaks, or what is wrong with it.
pub(crate) fn read(offer: &str, want: Lines) -> Result<Offer, HopError> {
    let bad = |why: &str| HopError::BadOffer(why.to_owned());
    if offer.len() > SDP_BYTES_MAX {
        return Err(HopError::TooLarge { bytes: offer.len(), max: SDP_BYTES_MAX });
    }
    let count = offer.lines().filter(|l| l.starts_with("m=")).count();
    if count > SDP_MEDIA_MAX {
        return Err(HopError::TooManyLines { lines: count, max: SDP_MEDIA_MAX });
    }
    if !offer.starts_with("v=0") {
        return Err(bad("it does not begin with v=0"));
    }
    if count == 0 {
        return Err(bad("it has no media line"));
    }
    if offer.lines().any(|l| l.len() > LINE_BYTES_MAX) {
        return Err(bad("a line is too long"));
    }
    if !offer.lines().any(|l| l.starts_with("a=fingerprint:")) {
        return Err(bad("it has no DTLS fingerprint"));
    }
    if !offer.lines().any(|l| l.starts_with("a=ice-ufrag:")) {
        return Err(bad("it has no ICE credentials"));
    }
    let mut sections = split(offer);
    let mut text = String::with_capacity(offer.len() + 1_024);
    let session = sections.remove(0);
    let bundled: Vec<&str> = session
        .iter()
        .find_map(|l| l.strip_prefix("a=group:BUNDLE"))
        .map(|mids| mids.split_whitespace().collect())
        .unwrap_or_default();
    for line in &session {
        if !line.starts_with("a=msid-semantic") && !line.starts_with("a=candidate") {
            push(&mut text, line);
        }
    }
    let mut lines = Vec::new();
    let (mut audio, mut video, mut other) = (0, 0, 0);
    for section in &sections {
        let kind = kind_of(section[0]);
        let nth = match kind {
            Kind::Audio => &mut audio,
            Kind::Video => &mut video,
            Kind::Other => &mut other,
        };
        let slot = *nth;
        *nth += 1;
        let used = match (want, kind) {
            (_, Kind::Other) | (Lines::Wall, Kind::Audio) => false,
            (Lines::Publish, Kind::Audio | Kind::Video) => slot == 0,
            (Lines::Watch, Kind::Audio) => slot < SOUND_SLOTS,
            (Lines::Watch, Kind::Video) => slot < usize::from(VIDEO_SLOTS),
            (Lines::Wall, Kind::Video) => slot < WALL_LINES_MAX,
        };
        lines.push(rewrite(section, kind, slot, used, want, &bundled, &mut text));
    }
    if !lines.iter().any(|l| l.used) {
        return Err(bad("it has no line for sound or picture that is of use here"));
    }
    Ok(Offer { text, lines })
}

fn split(offer: &str) -> Vec<Vec<&str>> {
    let mut sections = vec![Vec::new()];
    for line in offer.lines() {
        let line = line.trim_end();
        if line.is_empty() {
            continue;
        }
        if line.starts_with("m=") {
            sections.push(Vec::new());
        }
        if let Some(last) = sections.last_mut() {
            last.push(line);
        }
    }
    sections
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push_str("\r\n");
}

fn kind_of(media: &str) -> Kind {
    if media.starts_with("m=audio ") {
        Kind::Audio
    } else if media.starts_with("m=video ") {
        Kind::Video
    } else {
        Kind::Other
    }
}

/// Attributes that are left out: directions are set anew, addresses are learned from ICE alone, and what a subscriber says of streams
/// of its own is of no use.
fn dropped(line: &str, want: Lines) -> bool {
    const ALWAYS: [&str; 6] =
        ["a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive", "a=candidate", "a=end-of-candidates"];
    const WATCH: [&str; 5] = ["a=msid:", "a=ssrc:", "a=ssrc-group:", "a=simulcast:", "a=rid:"];
    ALWAYS.iter().any(|p| line.starts_with(p))
        || line == "a=bundle-only"
        || want != Lines::Publish && WATCH.iter().any(|p| line.starts_with(p))
}

fn rewrite(
    section: &[&str],
    kind: Kind,
    slot: usize,
    used: bool,
    want: Lines,
    bundled: &[&str],
    text: &mut String,
) -> Line {
    let mid = section.iter().find_map(|l| l.strip_prefix("a=mid:")).unwrap_or_default().trim();
    // A zero port in the BUNDLE group means bundle-only, not refused (RFC 8843 §6).
    let media = section[0];
    let mut words = media.splitn(3, ' ');
    match (words.next(), words.next(), words.next()) {
        (Some(what), Some("0"), Some(rest)) if bundled.contains(&mid) => {
            push(text, &format!("{what} 9 {rest}"))
        }
        _ => push(text, media),
    }
    for line in &section[1..] {
        if !dropped(line, want) {
            push(text, line);
        }
    }
    if kind != Kind::Other {
        let direction = match (used, want) {
            (false, _) => "a=inactive",
            (true, Lines::Publish) => "a=sendonly",
            (true, Lines::Watch | Lines::Wall) => "a=recvonly",
        };
        push(text, direction);
        if used && want != Lines::Publish {
            // One stream for the programme and its sound, so that they keep lip sync; one each for all others.
            let letter = if kind == Kind::Audio { 'a' } else { 'v' };
            let stream = if slot == 0 { "programme".to_owned() } else { format!("{letter}{slot}") };
            push(text, &format!("a=msid:{stream} {letter}{slot}"));
        }
    }
    let rids = section
        .iter()
        .filter_map(|l| l.strip_prefix("a=rid:"))
        .filter_map(|l| {
            let mut words = l.split_whitespace();
            let rid = words.next()?;
            (words.next()? == "send").then(|| rid.to_owned())
        })
        .collect();
    Line { mid: mid.to_owned(), kind, used, rids }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\n";
    const SECRETS: &str =
        "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=fingerprint:sha-256 00\r\n";

    fn video(mid: u32, direction: &str) -> String {
        format!(
            "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:{mid}\r\na={direction}\r\n{SECRETS}a=rtpmap:96 VP8/90000\r\n"
        )
    }

    #[test]
    fn limits_are_named() {
        let big = format!("{HEAD}{}", "a=x\r\n".repeat(20_000));
        assert!(matches!(read(&big, Lines::Watch), Err(HopError::TooLarge { .. })));
        let many = format!("{HEAD}{}", "m=video 9 x 96\r\n".repeat(33));
        assert!(matches!(read(&many, Lines::Watch), Err(HopError::TooManyLines { lines: 33, max: 32 })));
        for text in ["", "hello", "v=0\r\n", HEAD, &format!("{HEAD}m=video 9 x 96\r\n")] {
            assert!(matches!(read(text, Lines::Watch), Err(HopError::BadOffer(_))), "{text:?}");
        }
    }

    #[test]
    fn watchers_get_one_stream_for_the_programme_and_one_for_each_other_slot() {
        let offer = format!("{HEAD}{}{}", video(0, "sendrecv"), video(1, "recvonly"));
        let read = read(&offer, Lines::Watch).unwrap();
        assert!(read.text.contains("a=msid:programme v0"));
        assert!(read.text.contains("a=msid:v1 v1"));
        assert!(!read.text.contains("sendrecv"));
        assert_eq!(read.lines.len(), 2);
    }

    #[test]
    fn surplus_lines_become_inactive() {
        let offer = format!("{HEAD}{}{}", video(0, "sendonly"), video(1, "sendonly"));
        let read = read(&offer, Lines::Publish).unwrap();
        assert_eq!(read.lines.iter().map(|l| l.used).collect::<Vec<_>>(), [true, false]);
        assert_eq!(read.text.matches("a=inactive").count(), 1);
    }

    #[test]
    fn a_zero_port_in_the_bundle_is_not_refused() {
        let offer = format!("{HEAD}{}", video(0, "sendonly").replace("m=video 9", "m=video 0"));
        assert!(read(&offer, Lines::Publish).unwrap().text.contains("m=video 9 UDP"));
    }

    #[test]
    fn simulcast_rids_are_read_in_order() {
        let offer = format!("{HEAD}{}a=rid:q send\r\na=rid:h send\r\na=rid:x recv\r\n", video(0, "sendonly"));
        assert_eq!(read(&offer, Lines::Publish).unwrap().lines[0].rids, ["q", "h"]);
    }
}
