//! What needs a look.

use std::collections::BTreeSet;

use wire::{AcknowledgedEntry, AlarmEntry, AlarmsSection};

use super::{Audience, Pace, Section, Sight, count};
use crate::input::{Input, Shared, side_by_side};

pub(crate) struct Alarms;

impl Section for Alarms {
    type Shape = AlarmsSection;
    const AUDIENCE: Audience<Sight<AlarmsSection>> = Audience::DESK;
    const PACE: Pace<AlarmsSection> = Pace::AtOnceBut(hold_back);

    fn reads(input: &Input) -> impl PartialEq + '_ {
        let moment = &input.moment;
        (Shared(&moment.alarms), moment.alarms_cleared, Shared(&moment.facts), Shared(&input.venues))
    }

    fn of(input: &Input) -> AlarmsSection {
        let moment = &input.moment;
        let alarms = moment.alarms.iter().map(|alarm| AlarmEntry {
            id: alarm.id(),
            code: alarm.code,
            venues: alarm.venues.clone(),
            unit: alarm.unit.clone(),
            source: alarm.source.clone(),
            since: alarm.since,
            value: alarm.value,
            acknowledged: alarm.acknowledged.map(|seen| AcknowledgedEntry { by: seen.by, at: seen.at }),
        });
        AlarmsSection {
            alarms: alarms.collect(),
            pictures: pictures(input),
            gates_open: gates_open(input),
            dropped: moment.facts.dropped(),
            cleared_at: moment.alarms_cleared,
        }
    }
}

/// Venues whose picture arrives.
fn pictures(input: &Input) -> u32 {
    let sources = side_by_side(&input.moment.facts.sources, &input.venues.by_source);
    let live =
        sources.filter_map(|(_, fact, place)| place.filter(|_| fact.is_some_and(|fact| fact.state.live)));
    count(live.collect::<BTreeSet<_>>().len())
}

fn gates_open(input: &Input) -> u32 {
    let venues = side_by_side(&input.moment.facts.venues, &input.venues.by_venue);
    let open = venues.filter(|(_, fact, place)| place.is_some() && fact.is_some_and(|fact| fact.gate_open));
    count(open.count())
}

/// Numbers rise all the time.
fn hold_back(old: &AlarmsSection, new: &mut AlarmsSection) -> bool {
    let mut hidden = std::mem::replace(&mut new.dropped, old.dropped) != old.dropped;
    for alarm in &mut new.alarms {
        if let Some(before) = old.alarms.iter().find(|before| before.id == alarm.id) {
            hidden |= std::mem::replace(&mut alarm.value, before.value) != before.value;
        }
    }
    hidden
}
