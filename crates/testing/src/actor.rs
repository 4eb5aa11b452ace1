//! Who gives commands, and which.

use base::random::Random;
use base::{RequestId, RequestKind, SourceId, VenueId};
use directory::policy::{ActKind, Role, may, owner};
use meeting::{Act, Actor, Phase, State, across, course, floor, preview, queue};

use crate::organisation::Organisation;

/// Actors of a sequence: two desks, the chair's tablet, seven venues, a watcher, a venue that is not on the roster, and one without a venue.
pub(crate) const ACTORS: usize = 13;
/// What the meeting decides and its log keeps. Alarms are seen to outside of both.
pub(crate) const LOGGED: [ActKind; 14] = [
    ActKind::Start,
    ActKind::End,
    ActKind::Preview,
    ActKind::Take,
    ActKind::Slate,
    ActKind::CallOn,
    ActKind::EndCallOn,
    ActKind::OpenFloor,
    ActKind::CloseFloor,
    ActKind::MuteAll,
    ActKind::Raise,
    ActKind::Withdraw,
    ActKind::Drop,
    ActKind::Item,
];
/// Every so many commands are of the next actor in turn.
const TURN: usize = 5;

/// The actors. Their tokens have their numbers.
#[must_use]
pub(crate) fn actors(names: &Organisation, random: &mut Random) -> Vec<Actor> {
    let first = 1 + random.index(5);
    let actor = |n: usize| {
        let (role, venue) = match n {
            0 | 1 => (Role::Director, None),
            2 => (Role::Chair, None),
            3 => (Role::Venue, Some(names.venues[0].clone())),
            4..=9 => (Role::Venue, Some(names.venues[first + n - 4].clone())),
            10 => (Role::Watcher, None),
            11 => (Role::Venue, Some(names.strange.venue.clone())),
            _ => (Role::Venue, None),
        };
        Actor { role, venue, token: names.tokens[n].clone() }
    };
    (0..ACTORS).map(actor).collect()
}

/// An act, and the number of who does it. `given` were given before, `left` more will follow. Each actor has a turn, so that none is left out.
pub(crate) fn act(
    random: &mut Random,
    names: &Organisation,
    actors: &[Actor],
    state: &State,
    (given, left): (usize, usize),
) -> (usize, Act) {
    if given % TURN == TURN - 1 {
        let actor = (given / TURN) % actors.len();
        let may: Vec<ActKind> =
            may(actors[actor].role).into_iter().filter(|kind| LOGGED.contains(kind)).collect();
        let kind =
            if may.is_empty() || random.chance(200) { kind(random, state, left) } else { *random.pick(&may) };
        // The end has its time.
        let kind = if kind == ActKind::End { ActKind::Slate } else { kind };
        return (actor, with_fields(random, names, state, kind));
    }
    let kind = kind(random, state, left);
    let actor = who(random, kind, actors, state);
    (actor, with_fields(random, names, state, kind))
}

fn kind(random: &mut Random, state: &State, left: usize) -> ActKind {
    use ActKind::{
        CallOn, CloseFloor, Drop, End, EndCallOn, Item, MuteAll, OpenFloor, Preview, Raise, Slate, Start,
        Take, Withdraw,
    };
    let late = left < 8 && random.chance(150);
    match state.phase() {
        Phase::Waiting if random.chance(350) => Start,
        Phase::Live { .. } if late || random.chance(2) => End,
        Phase::Waiting | Phase::Ended { .. } => *random.pick(&LOGGED),
        Phase::Live { .. } => {
            const OFTEN: [ActKind; 40] = [
                Start, Preview, Preview, Preview, Preview, Preview, Preview, Take, Take, Take, Take, Take,
                Take, Slate, Slate, CallOn, CallOn, CallOn, CallOn, CallOn, EndCallOn, EndCallOn, EndCallOn,
                OpenFloor, OpenFloor, OpenFloor, OpenFloor, CloseFloor, CloseFloor, CloseFloor, MuteAll,
                MuteAll, Raise, Raise, Raise, Raise, Withdraw, Drop, Item, Item,
            ];
            *random.pick(&OFTEN)
        }
    }
}

/// One who may, as a rule; now and then one who may not.
fn who(random: &mut Random, kind: ActKind, actors: &[Actor], state: &State) -> usize {
    if random.chance(60) {
        return random.index(actors.len());
    }
    match owner(kind) {
        Role::Director => random.index(2),
        Role::Chair => random.index(3),
        Role::Venue | Role::Watcher => {
            let has_request =
                |actor: &Actor| actor.venue.as_ref().is_some_and(|venue| state.request_of(venue).is_some());
            let wanted = kind == ActKind::Withdraw;
            let fits: Vec<usize> = (3..10).filter(|n| has_request(&actors[*n]) == wanted).collect();
            if fits.is_empty() || random.chance(100) {
                random.index(actors.len())
            } else {
                *random.pick(&fits)
            }
        }
    }
}

fn with_fields(random: &mut Random, names: &Organisation, state: &State, kind: ActKind) -> Act {
    match kind {
        ActKind::Start => Act::Across(across::Act::Start),
        ActKind::End => Act::Across(across::Act::End),
        ActKind::Preview => {
            Act::Preview(preview::Act::Set { source: (!random.chance(80)).then(|| source(random, names)) })
        }
        ActKind::Take => {
            let seen = state.preview().source.clone().filter(|_| random.chance(600));
            Act::Across(across::Act::Take {
                expect_preview: if random.chance(80) { Some(source(random, names)) } else { seen },
            })
        }
        // No act of the meeting, and never picked.
        ActKind::Acknowledge | ActKind::Slate => Act::Across(across::Act::Slate),
        ActKind::CallOn => call_on(random, names, state),
        ActKind::EndCallOn => Act::Across(across::Act::EndCallOn),
        ActKind::OpenFloor => Act::Floor(floor::Act::Open { venue: venue(random, names) }),
        ActKind::CloseFloor => {
            let open = (!state.floor().is_empty() && random.chance(700))
                .then(|| random.pick(state.floor()).venue.clone());
            Act::Across(across::Act::CloseFloor { venue: open.unwrap_or_else(|| venue(random, names)) })
        }
        ActKind::MuteAll => Act::Across(across::Act::MuteAll),
        ActKind::Raise => Act::Queue(queue::Act::Raise {
            person: person(random, names),
            kind: *random.pick(&RequestKind::ALL),
        }),
        ActKind::Withdraw => Act::Queue(queue::Act::Withdraw),
        ActKind::Drop => Act::Queue(queue::Act::Drop { request: request(random, names, state) }),
        ActKind::Item => Act::Course(course::Act::Item {
            item: if random.chance(100) {
                names.strange.item.clone()
            } else {
                random.pick(&names.items).clone()
            },
        }),
    }
}

fn call_on(random: &mut Random, names: &Organisation, state: &State) -> Act {
    let asked = (!state.queue().is_empty() && random.chance(600)).then(|| random.pick(state.queue()).clone());
    let venue = asked.as_ref().map_or_else(|| venue(random, names), |request| request.venue.clone());
    let request = match asked {
        Some(asked) => Some(asked.id),
        None => random.chance(60).then(|| request(random, names, state)),
    };
    let position = match random.below(10) {
        0 => Some(source(random, names)),
        1 | 2 => SourceId::new(&format!("{venue}.1")).ok(),
        3 => SourceId::new(venue.as_str()).ok(),
        _ => None,
    };
    let limit_s = match random.below(20) {
        0 => Some(0),
        1 => Some(u32::MAX),
        n if n < 10 => Some(180),
        _ => None,
    };
    Act::Across(across::Act::CallOn {
        venue,
        source: position,
        person: person(random, names),
        limit_s,
        request,
    })
}

fn venue(random: &mut Random, names: &Organisation) -> VenueId {
    if random.chance(40) { names.strange.venue.clone() } else { random.pick(&names.venues).clone() }
}

fn source(random: &mut Random, names: &Organisation) -> SourceId {
    match random.below(20) {
        0 => names.strange.source.clone(),
        // A venue's id names its first source.
        1..=3 => SourceId::new(random.pick(&names.venues).as_str())
            .unwrap_or_else(|_| names.strange.source.clone()),
        n if n < 14 => names.sources[2 * random.index(names.venues.len())].clone(),
        _ => random.pick(&names.sources).clone(),
    }
}

fn person(random: &mut Random, names: &Organisation) -> Option<base::PersonId> {
    match random.below(20) {
        0 => Some(names.strange.person.clone()),
        n if n < 10 => Some(random.pick(&names.people).clone()),
        _ => None,
    }
}

fn request(random: &mut Random, names: &Organisation, state: &State) -> RequestId {
    if state.queue().is_empty() || random.chance(100) {
        names.strange.request.clone()
    } else {
        random.pick(state.queue()).id.clone()
    }
}
