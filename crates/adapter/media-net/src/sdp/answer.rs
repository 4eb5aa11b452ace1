//! The answer: the offer's lines in its own spelling, with what this end has to give.

use std::fmt::Write as _;

use super::refusal::Refusal;
use super::text::{self, Section};
use super::{Kind, Line, Lines, Offer};

/// What this end has to give: keys, addresses, and the streams of each line, as str0m names them in the answer of its own.
#[derive(Debug)]
pub struct Given<'a> {
    id: u64,
    keys: String,
    candidates: Vec<&'a str>,
    /// Of each line that is used, in their order: `a=msid`, `a=ssrc` and `a=ssrc-group`.
    streams: Vec<Vec<String>>,
}

impl<'a> Given<'a> {
    /// Reads str0m's answer.
    ///
    /// # Errors
    /// It has no keys.
    pub fn read(answer: &'a str) -> Result<Self, Refusal> {
        let answer = text::read(answer)?;
        let id = answer.session.origin.split(' ').nth(1).and_then(|id| id.parse().ok()).unwrap_or(1);
        let first = |name, refusal: Refusal| {
            answer.media.iter().find_map(|section| section.value(name)).ok_or(refusal)
        };
        let keys = format!(
            "a=ice-ufrag:{}\r\na=ice-pwd:{}\r\na=fingerprint:{}\r\n",
            first("ice-ufrag", Refusal::IceUfrag)?,
            first("ice-pwd", Refusal::IcePwd)?,
            first("fingerprint", Refusal::Fingerprint)?
        );
        let candidates = answer.media.iter().flat_map(|section| section.values("candidate")).collect();
        let name = answer.media.iter().flat_map(|section| section.values("ssrc")).find_map(cname);
        let streams = answer.media.iter().map(|section| streams(section, name.unwrap_or_default())).collect();
        // Readers hold it in 64 bits with a sign (RFC 9429 §5.2.1).
        Ok(Self { id: id & (u64::MAX >> 2), keys, candidates, streams })
    }
}

/// What `a=ssrc` says of its sender's name.
fn cname(value: &str) -> Option<&str> {
    value.split_once(" cname:").map(|(_, name)| name)
}

/// All streams are of one sender, by one name, so that sound and picture are played together (RFC 3550 §6.5.1); str0m has one for each line.
fn streams(section: &Section<'_>, of: &str) -> Vec<String> {
    let named = |(name, value): (&str, Option<&str>)| {
        let value = value.unwrap_or_default();
        match (name, value.split_once(" cname:")) {
            ("ssrc", Some((ssrc, _))) => Some(format!("a=ssrc:{ssrc} cname:{of}\r\n")),
            ("msid" | "ssrc" | "ssrc-group", _) => Some(format!("a={name}:{value}\r\n")),
            _ => None,
        }
    };
    section.attributes().filter_map(named).collect()
}

impl Offer {
    /// The answer to it.
    #[must_use]
    pub fn answer(&self, given: &Given<'_>) -> String {
        let mut out = String::with_capacity(2_048);
        let _ =
            write!(out, "v=0\r\no=- {} 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", given.id & (u64::MAX >> 2));
        let grouped = |mid: &&String| {
            self.lines.iter().any(|line| line.spelt.mid.as_ref() == Some(*mid) && line.spelt.format.is_some())
        };
        if let Some(group) = &self.group {
            let mids: Vec<&str> = group.iter().filter(grouped).map(String::as_str).collect();
            let _ = write!(out, "a=group:BUNDLE {}\r\n", mids.join(" "));
        }
        if self.mixes {
            out.push_str("a=extmap-allow-mixed\r\n");
        }
        out.push_str("a=ice-lite\r\n");
        let tagged = super::tagged(&self.lines, self.group.as_deref());
        let mut streams = given.streams.iter();
        for (at, line) in self.lines.iter().enumerate() {
            self.line(line, at == tagged, given, &mut out);
            if line.used {
                self.streams(line, streams.next().map(Vec::as_slice).unwrap_or_default(), &mut out);
            }
        }
        out
    }

    fn line(&self, line: &Line, tagged: bool, given: &Given<'_>, out: &mut String) {
        let spelt = &line.spelt;
        let Some(format) = &spelt.format else {
            // What is rejected keeps its place and its words (RFC 3264 §6).
            let _ =
                write!(out, "m={} 0 {} {}\r\nc=IN IP4 0.0.0.0\r\n", spelt.media, spelt.proto, spelt.formats);
            if let Some(mid) = &spelt.mid {
                let _ = write!(out, "a=mid:{mid}\r\n");
            }
            out.push_str("a=inactive\r\n");
            return;
        };
        let _ = write!(out, "m={} 9 {} {}", spelt.media, spelt.proto, format.pt);
        if let Some((rtx, ..)) = &format.rtx {
            let _ = write!(out, " {rtx}");
        }
        out.push_str("\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n");
        if tagged {
            for candidate in &given.candidates {
                let _ = write!(out, "a=candidate:{candidate}\r\n");
            }
            if !given.candidates.is_empty() {
                out.push_str("a=end-of-candidates\r\n");
            }
        }
        out.push_str(&given.keys);
        if self.transport.trickles {
            out.push_str("a=ice-options:trickle\r\n");
        }
        let direction = match (line.used, self.want) {
            (false, _) => "inactive",
            (true, Lines::Publish) => "recvonly",
            (true, Lines::Watch | Lines::Wall) => "sendonly",
        };
        let _ = write!(out, "a=setup:{}\r\n", self.transport.setup.answered());
        if let Some(mid) = &spelt.mid {
            let _ = write!(out, "a=mid:{mid}\r\n");
        }
        spelt.extensions.iter().for_each(|extension| out.push_str(&extension.answered()));
        let _ = write!(out, "a={direction}\r\na=rtcp-mux\r\n");
        if spelt.reduced {
            out.push_str("a=rtcp-rsize\r\n");
        }
        formats(line, out);
    }

    fn streams(&self, line: &Line, given: &[String], out: &mut String) {
        let layers = &line.spelt.layers;
        layers.iter().for_each(|layer| out.push_str(&layer.line("recv")));
        if !layers.is_empty() {
            let names: Vec<String> = layers.iter().map(super::line::Layer::name).collect();
            let _ = write!(out, "a=simulcast:recv {}\r\n", names.join(";"));
        }
        if self.want != Lines::Publish {
            given.iter().for_each(|text| out.push_str(text));
        }
    }
}

/// Formats and their parameters, as they were offered.
fn formats(line: &Line, out: &mut String) {
    let Some(format) = &line.spelt.format else { return };
    let pt = format.pt;
    let _ = write!(out, "a=rtpmap:{pt} {}\r\n", format.rtpmap);
    for (number, feedback) in &format.feedback {
        let ours = match feedback.as_str() {
            "transport-cc" => line.counts_for_congestion(),
            _ => line.kind == Kind::Video,
        };
        if ours {
            let _ = write!(out, "a=rtcp-fb:{number} {feedback}\r\n");
        }
    }
    if let Some(fmtp) = &format.fmtp {
        let _ = write!(out, "a=fmtp:{pt} {fmtp}\r\n");
    }
    if let Some((rtx, rtpmap, fmtp)) = &format.rtx {
        let _ = write!(out, "a=rtpmap:{rtx} {rtpmap}\r\na=fmtp:{rtx} {fmtp}\r\n");
    }
}
