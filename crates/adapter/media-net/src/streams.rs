//! Which stream of a publisher a packet belongs to whose SSRC is unknown (RFC 9143 §9.2): by the line that it names, else by its payload
//! type, where only one line has that.
//!
//! str0m maps such packets by the name alone, before it knows that their sender has the keys. So what is unknown is put on trial here: its
//! stream is declared, the packet is decrypted, and what does not open leaves all as it was.

use std::time::Duration;

use base::Mono;
use media::datagram::rtp_extension;
use str0m::Rtc;
use str0m::media::{Mid, Pt, Rid};
use str0m::rtp::{Extension, Ssrc};

/// A line changes its stream no more often than this, so that late packets of the one before do not bring that back.
const CHANGE_EVERY: Duration = Duration::from_secs(1);

/// A line that a publisher may send on.
struct SentLine {
    mid: Mid,
    /// Its payload types, and those of its repair.
    main: Vec<Pt>,
    repair: Vec<Pt>,
    /// Its layers; none without simulcast.
    rids: Vec<Rid>,
    /// When each of its streams, by layer, was changed for another.
    changed: Vec<(Option<Rid>, Mono)>,
}

/// Ids of the header extensions that name a line and a layer.
#[derive(Debug, Clone, Copy, Default)]
struct Ids {
    mid: Option<u8>,
    rid: Option<u8>,
    repaired: Option<u8>,
}

/// The lines of a publisher.
pub(crate) struct SentLines {
    lines: Vec<SentLine>,
    ids: Ids,
}

/// A stream that a packet says it belongs to.
#[derive(Debug, Clone, Copy)]
struct Place {
    mid: Mid,
    rid: Option<Rid>,
    repairs: bool,
}

/// What has been changed in a transport for a packet of an unknown stream, until that packet opens or does not.
pub(crate) struct Trial {
    place: Place,
    ssrc: Ssrc,
    /// The stream that stands there now; of repair the one that is repaired, and by which until now.
    before: Option<Ssrc>,
    repaired_by: Option<Ssrc>,
}

impl SentLines {
    /// These lines, each with its layers, as they were agreed.
    pub(crate) fn new(rtc: &Rtc, lines: impl Iterator<Item = (Mid, Vec<Rid>)>) -> Self {
        let mut ids = Ids::default();
        let mut sent = Vec::new();
        for (mid, rids) in lines {
            let Some(media) = rtc.media(mid) else { continue };
            let id = |extension| media.remote_extmap().id_of(extension);
            ids.mid = ids.mid.or(id(Extension::RtpMid));
            ids.rid = ids.rid.or(id(Extension::RtpStreamId));
            ids.repaired = ids.repaired.or(id(Extension::RepairedRtpStreamId));
            let main: Vec<Pt> = media.remote_pts().to_vec();
            let resend = |pt: &Pt| rtc.codec_config().find(|p| p.pt() == *pt)?.resend();
            let repair = main.iter().filter_map(resend).collect();
            sent.push(SentLine { mid, main, repair, rids, changed: Vec::new() });
        }
        Self { lines: sent, ids }
    }

    /// That SSRC has a stream, or repairs one.
    pub(crate) fn knows(&self, rtc: &mut Rtc, ssrc: Ssrc) -> bool {
        let mut direct = rtc.direct_api();
        let streams = self.lines.iter().flat_map(SentLine::streams);
        direct.stream_rx(&ssrc).is_some()
            || streams.into_iter().any(|(mid, rid)| {
                direct.stream_rx_by_mid(mid, rid).is_some_and(|stream| stream.rtx() == Some(ssrc))
            })
    }

    /// Declares the stream of a packet whose SSRC is unknown; none if nobody can tell which it is.
    pub(crate) fn try_out(&self, now: Mono, rtc: &mut Rtc, ssrc: Ssrc, datagram: &[u8]) -> Option<Trial> {
        let place = self.place(datagram)?;
        let mut direct = rtc.direct_api();
        let stream =
            direct.stream_rx_by_mid(place.mid, place.rid).map(|stream| (stream.ssrc(), stream.rtx()));
        let (before, repaired_by) = (stream.map(|s| s.0), stream.and_then(|s| s.1));
        if place.repairs {
            // Browsers send padding as repair before there is anything to repair: that is measured, and no more.
            if let Some(before) = before {
                direct.expect_stream_rx(before, Some(ssrc), place.mid, place.rid);
            }
        } else if self.was_changed(now, place) {
            return None;
        } else {
            direct.expect_stream_rx(ssrc, None, place.mid, place.rid);
        }
        Some(Trial { place, ssrc, before, repaired_by })
    }

    /// The packet has opened, or it has not.
    pub(crate) fn settle(&mut self, now: Mono, rtc: &mut Rtc, trial: &Trial, opened: bool) {
        let Trial { place, ssrc, before, repaired_by } = *trial;
        let mut direct = rtc.direct_api();
        match (place.repairs, opened) {
            (false, true) => {
                if let Some(before) = before {
                    direct.remove_stream_rx(before);
                    self.note_change(now, place);
                }
            }
            (true, true) => {}
            (false, false) => {
                direct.remove_stream_rx(ssrc);
            }
            (true, false) => {
                direct.remove_stream_rx(ssrc);
                if let (Some(before), Some(_)) = (before, repaired_by) {
                    direct.expect_stream_rx(before, repaired_by, place.mid, place.rid);
                }
            }
        }
    }

    fn was_changed(&self, now: Mono, place: Place) -> bool {
        let changed = self.lines.iter().filter(|line| line.mid == place.mid).flat_map(|line| &line.changed);
        changed.into_iter().any(|(rid, at)| *rid == place.rid && now.since(*at) < CHANGE_EVERY)
    }

    fn note_change(&mut self, now: Mono, place: Place) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.mid == place.mid) {
            line.changed.retain(|(rid, _)| *rid != place.rid);
            line.changed.push((place.rid, now));
        }
    }

    fn place(&self, datagram: &[u8]) -> Option<Place> {
        let pt = Pt::from(*datagram.get(1)? & 0x7f);
        let named = |id: Option<u8>| rtp_extension(datagram, id?);
        let line = match named(self.ids.mid) {
            Some(mid) => {
                let mid = Mid::from(std::str::from_utf8(mid).ok()?);
                self.lines.iter().find(|line| line.mid == mid)?
            }
            None => {
                let mut having = self.lines.iter().filter(|line| line.has(pt));
                having.next().filter(|_| having.next().is_none())?
            }
        };
        let repairs = line.repair.contains(&pt);
        if !line.has(pt) {
            return None;
        }
        let rid = if line.rids.is_empty() {
            None
        } else {
            let name = named(self.ids.repaired.filter(|_| repairs)).or(named(self.ids.rid))?;
            let named = Rid::from(std::str::from_utf8(name).ok()?);
            Some(*line.rids.iter().find(|rid| **rid == named)?)
        };
        Some(Place { mid: line.mid, rid, repairs })
    }
}

impl SentLine {
    fn has(&self, pt: Pt) -> bool {
        self.main.contains(&pt) || self.repair.contains(&pt)
    }

    fn streams(&self) -> Vec<(Mid, Option<Rid>)> {
        if self.rids.is_empty() {
            vec![(self.mid, None)]
        } else {
            self.rids.iter().map(|rid| (self.mid, Some(*rid))).collect()
        }
    }
}
