//! The text that str0m is given: the lines that are used, as this server understood them.

use std::fmt::Write as _;

use super::line::TRANSPORT_CC;
use super::{Kind, Line, Lines, Offer};

impl Offer {
    /// What was taken, as an offer of lines that are used alone.
    pub fn canonical(&self) -> String {
        let mut out = String::with_capacity(1_024);
        out.push_str("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE");
        for line in self.lines.iter().filter(|line| line.used) {
            let _ = write!(out, " {}", line.mid);
        }
        out.push_str("\r\n");
        self.transport.write(&mut out);
        let (mut audio, mut video) = (0, 0);
        for line in self.lines.iter().filter(|line| line.used) {
            let slot = match line.kind {
                Kind::Audio | Kind::Other => &mut audio,
                Kind::Video => &mut video,
            };
            self.write(line, *slot, &mut out);
            *slot += 1;
        }
        out
    }

    fn write(&self, line: &Line, slot: usize, out: &mut String) {
        let Some(format) = &line.spelt.format else { return };
        let (media, letter, codec) = match line.kind {
            Kind::Audio | Kind::Other => ("audio", 'a', "opus/48000/2"),
            Kind::Video if format.is_h264() => ("video", 'v', "H264/90000"),
            Kind::Video => ("video", 'v', "VP8/90000"),
        };
        let pt = format.pt;
        let rtx = format.rtx.as_ref().map(|(rtx, ..)| *rtx);
        let _ = write!(out, "m={media} 9 UDP/TLS/RTP/SAVPF {pt}");
        if let Some(rtx) = rtx {
            let _ = write!(out, " {rtx}");
        }
        let direction = if self.want == Lines::Publish { "sendonly" } else { "recvonly" };
        let _ = write!(
            out,
            "\r\nc=IN IP4 0.0.0.0\r\na=mid:{}\r\na={direction}\r\na=rtcp-mux\r\na=rtpmap:{pt} {codec}\r\n",
            line.mid
        );
        if line.kind == Kind::Video {
            if format.is_h264() {
                let _ = write!(
                    out,
                    "a=fmtp:{pt} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
                );
            }
            let _ =
                write!(out, "a=rtcp-fb:{pt} ccm fir\r\na=rtcp-fb:{pt} nack\r\na=rtcp-fb:{pt} nack pli\r\n");
        }
        if line.counts_for_congestion() {
            let _ = write!(out, "a=rtcp-fb:{pt} transport-cc\r\n");
        }
        if let Some(rtx) = rtx {
            let _ = write!(out, "a=rtpmap:{rtx} rtx/90000\r\na=fmtp:{rtx} apt={pt}\r\n");
        }
        line.spelt.extensions.iter().for_each(|extension| out.push_str(&extension.offered()));
        if self.want == Lines::Publish {
            streams(line, out);
        } else {
            // One stream for the programme and its sound, so that they keep lip sync; one each for all others.
            let stream = if slot == 0 { "programme".to_owned() } else { format!("{letter}{slot}") };
            let _ = write!(out, "a=msid:{stream} {letter}{slot}\r\n");
        }
    }
}

fn streams(line: &Line, out: &mut String) {
    line.spelt.layers.iter().for_each(|layer| out.push_str(&layer.line("send")));
    if !line.spelt.layers.is_empty() {
        let names: Vec<String> = line.spelt.layers.iter().map(super::line::Layer::name).collect();
        let _ = write!(out, "a=simulcast:send {}\r\n", names.join(";"));
    }
    for (ssrc, repair) in &line.spelt.ssrcs {
        let _ = write!(out, "a=ssrc:{ssrc} cname:-\r\n");
        if let Some(repair) = repair {
            let _ = write!(out, "a=ssrc:{repair} cname:-\r\na=ssrc-group:FID {ssrc} {repair}\r\n");
        }
    }
}

impl Line {
    /// Its packets have numbers of congestion control, and reports on them are wanted.
    pub(super) fn counts_for_congestion(&self) -> bool {
        let wanted = |feedback: &[(String, String)]| feedback.iter().any(|(_, what)| what == "transport-cc");
        self.spelt.extensions.iter().any(|extension| extension.is(TRANSPORT_CC))
            && self.spelt.format.as_ref().is_some_and(|format| wanted(&format.feedback))
    }
}
