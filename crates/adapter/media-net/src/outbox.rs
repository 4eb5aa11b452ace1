//! Reports on their way to control, which may be slow.

use std::collections::BTreeMap;

use base::MeetingId;
use service::port::hop::{About, HopReport, What};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// Reports that control has no room for. Measures are dropped; of facts about the same the latest waits, behind all that came
/// meanwhile. So what waits is bounded by the venues, sources and sessions that there are, and the last word on each arrives.
pub(crate) struct Outbox {
    reports: mpsc::Sender<HopReport>,
    waiting: BTreeMap<u64, HopReport>,
    places: BTreeMap<(MeetingId, About), u64>,
    next: u64,
}

impl Outbox {
    pub(crate) fn new(reports: mpsc::Sender<HopReport>) -> Self {
        Self { reports, waiting: BTreeMap::new(), places: BTreeMap::new(), next: 0 }
    }

    /// Nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn push(&mut self, report: HopReport) {
        let report = if self.waiting.is_empty() {
            match self.reports.try_send(report) {
                Ok(()) | Err(TrySendError::Closed(_)) => return,
                Err(TrySendError::Full(report)) => report,
            }
        } else {
            report
        };
        let Some(key) = key(&report) else { return };
        if let Some(before) = self.places.insert(key, self.next) {
            self.waiting.remove(&before);
        }
        self.waiting.insert(self.next, report);
        self.next += 1;
    }

    /// Sends what waits, as far as there is room.
    pub(crate) fn flush(&mut self) {
        while let Some((place, report)) = self.waiting.pop_first() {
            let key = key(&report);
            if let Err(TrySendError::Full(report)) = self.reports.try_send(report) {
                self.waiting.insert(place, report);
                return;
            }
            if let Some(key) = key {
                self.places.remove(&key);
            }
        }
    }
}

/// What a fact is about; none for a measure.
fn key(report: &HopReport) -> Option<(MeetingId, About)> {
    match report {
        HopReport::Of { meeting, what: What::Fact(fact) } => Some((meeting.clone(), fact.about())),
        HopReport::Of { what: What::Measure(_), .. } | HopReport::Node(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use base::{Epoch, Mono, Sequence, SessionId, VenueId};
    use media::slots::Page;
    use meeting::Scene;
    use service::port::hop::{CloseReason, Fact, Measure, SessionChange, SessionKind, Traffic};

    use super::*;

    fn of(what: impl Into<What>) -> HopReport {
        HopReport::Of { meeting: MeetingId::new("m").unwrap(), what: what.into() }
    }

    fn gate(venue: &str, open: bool) -> HopReport {
        let venue = VenueId::new(venue).unwrap();
        of(Fact::Gate { venue, open, epoch: Epoch(1), sequence: Sequence(1) })
    }

    fn ended(session: u64) -> HopReport {
        let (session, kind) =
            (SessionId(session), SessionKind::Watch { venue: None, wishes: Page::Plain.wishes() });
        of(Fact::Session { session, client: None, kind, change: SessionChange::Closed(CloseReason::Left) })
    }

    fn shown(at: u64) -> HopReport {
        of(Fact::Shown { scene: Scene::Slate, at: Mono(at) })
    }

    fn all(outbox: &mut Outbox, receiver: &mut mpsc::Receiver<HopReport>) -> Vec<HopReport> {
        let mut got = Vec::new();
        loop {
            outbox.flush();
            match receiver.try_recv() {
                Ok(report) => got.push(report),
                Err(_) => return got,
            }
        }
    }

    #[test]
    fn when_control_is_slow_measures_are_dropped_and_the_last_word_on_everything_arrives() {
        let (reports, mut receiver) = mpsc::channel(2);
        let mut outbox = Outbox::new(reports);
        for n in 0..100 {
            outbox.push(gate("a", n % 2 == 0));
            outbox.push(of(Measure::Levels { levels: Vec::new(), unmeasured: Vec::new() }));
            outbox.push(HopReport::Node(Traffic::default()));
            outbox.push(gate("b", n % 2 == 1));
            outbox.push(shown(n));
        }
        assert!(outbox.waiting.len() <= 3);
        let got = all(&mut outbox, &mut receiver);
        assert!(got.ends_with(&[gate("a", false), gate("b", true), shown(99)]));
        assert!(outbox.is_empty() && outbox.places.is_empty());
    }

    #[test]
    fn every_end_of_a_session_arrives_and_in_order() {
        let (reports, mut receiver) = mpsc::channel(2);
        let mut outbox = Outbox::new(reports);
        let ends: Vec<HopReport> = (0..20_000).map(ended).collect();
        ends.iter().cloned().for_each(|end| outbox.push(end));
        assert_eq!(all(&mut outbox, &mut receiver), ends);
    }
}
