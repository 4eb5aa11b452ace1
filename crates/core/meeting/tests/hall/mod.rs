//! A small meeting in words: acts and events as one line of text each, so that a table of them can be read.
//!
//! `chair call_on v1 limit=60` is an act by a role or a venue; `server lost v1` a cause; `floor_opened v1 call_on` an event; a refusal is
//! `refused floor_held v1 may chair director`. A request is named by its venue.

use base::{CommandKey, ItemId, PersonId, RequestId, Sequence, SourceId, TokenId, UnitId, VenueId, Wall};
use directory::policy::Role;
use directory::{Directory, Person, Source, Text, Unit, Venue};
use meeting::{
    Act, Actor, By, Cause, Command, Event, Keys, LeaseKind, Record, Refusal, Roster, RosterVenue, Scene,
    State, across, broken_invariant, course, decide, decide_cause, floor, keys, membership, preview,
    programme, queue,
};

pub(crate) const BEGIN: i64 = 1_793_696_400_000;

/// `main` with two camera positions, then `v1` to `v5` with one each.
pub(crate) fn roster() -> Roster {
    let venue = |name: &str, positions: usize| RosterVenue {
        id: VenueId::new(name).unwrap(),
        sources: (1..=positions).map(|n| SourceId::new(&format!("{name}.{n}")).unwrap()).collect(),
    };
    Roster {
        venues: std::iter::once(venue("main", 2))
            .chain((1..=5).map(|n| venue(&format!("v{n}"), 1)))
            .collect(),
        chair_venue: VenueId::new("main").unwrap(),
        chair: None,
        items: ["i1", "i2"].map(|id| ItemId::new(id).unwrap()).into(),
        policy: 1,
    }
}

/// The organisation: `p1` and `p2` are of the unit whose venues these all are, `p3` is of another with a venue of its own, `v5`.
pub(crate) fn directory() -> Directory {
    let unit = UnitId::new("head").unwrap();
    let text = || Text::new("head", "head");
    let head = Unit { id: unit.clone(), upper: None, rank: 1, name: text(), short: text() };
    let other = UnitId::new("other").unwrap();
    let lower = Unit { id: other.clone(), upper: Some(unit.clone()), ..head.clone() };
    let people = ["p1", "p2", "p3"].map(|id| Person {
        id: PersonId::new(id).unwrap(),
        unit: if id == "p3" { other.clone() } else { unit.clone() },
        rank: 1,
        name: Text::new(id, id),
    });
    let venues = roster().venues.into_iter().map(|venue| Venue {
        unit: if venue.id.as_str() == "v5" { other.clone() } else { unit.clone() },
        rank: 1,
        name: text(),
        short: text(),
        sources: venue.sources.into_iter().map(|id| Source { id, name: text() }).collect(),
        technician: None,
        search: vec![],
        id: venue.id,
    });
    Directory::new(text(), vec![text(), text()], vec![head, lower], venues.collect(), people.into()).unwrap()
}

/// A meeting and everything that happened in it.
pub(crate) struct Hall {
    pub(crate) state: State,
    pub(crate) log: Vec<Record>,
    directory: Directory,
    pub(crate) keys: Keys,
    given: u32,
}

impl Hall {
    /// After these steps, separated by semicolons; each must succeed.
    pub(crate) fn after(steps: &str) -> Self {
        let mut hall = Self {
            state: State::default(),
            log: vec![],
            directory: directory(),
            keys: Keys::default(),
            given: 0,
        };
        hall.cause(&Cause::Roster(roster()));
        for step in steps.split(';').map(str::trim).filter(|step| !step.is_empty()) {
            let answer = hall.step(step);
            assert!(!answer.starts_with("refused"), "{step}: {answer}");
        }
        hall
    }

    /// Does a step, and says in words what came of it.
    pub(crate) fn step(&mut self, step: &str) -> String {
        let (who, what) = step.split_once(' ').unwrap_or_else(|| panic!("{step:?}: who does what?"));
        if who == "server" {
            let cause = self.parse_cause(what);
            return self.cause(&cause);
        }
        self.given += 1;
        let key = format!("k{}", self.given);
        let command = self.command(who, what, &key);
        self.give(&command)
    }

    /// A command in words, under a key.
    pub(crate) fn command(&self, who: &str, what: &str, key: &str) -> Command {
        let (role, venue) = match who {
            "director" => (Role::Director, None),
            "chair" => (Role::Chair, None),
            "watcher" => (Role::Watcher, None),
            venue => (Role::Venue, Some(VenueId::new(venue).unwrap())),
        };
        let actor = Actor { role, venue, token: TokenId::new(&format!("t-{who}")).unwrap() };
        Command { key: CommandKey::new(key).unwrap(), actor, act: self.parse_act(what) }
    }

    /// Decides a command and applies what comes of it.
    pub(crate) fn give(&mut self, command: &Command) -> String {
        match decide(&self.state, &self.directory, command) {
            Ok((by, events)) => self.apply(&by, events),
            Err(refusal) => refusal_in_words(&refusal),
        }
    }

    fn cause(&mut self, cause: &Cause) -> String {
        let events = decide_cause(&self.state, cause);
        self.apply(&By::Server, events)
    }

    fn apply(&mut self, by: &By, events: Vec<Event>) -> String {
        let mut words = Vec::new();
        for event in events {
            words.push(self.event_in_words(&event));
            let at = Wall(BEGIN + 1000 * i64::try_from(self.log.len()).unwrap());
            let record = Record { seq: self.state.seq.next(), at, by: by.clone(), event };
            self.state.apply(&record);
            self.keys.note(&record);
            self.log.push(record);
        }
        assert_eq!(broken_invariant(&self.state), None, "after {words:?}");
        words.join(", ")
    }

    /// Venues with the floor, in the order of opening.
    pub(crate) fn open(&self) -> Vec<&str> {
        self.state.floor().iter().map(|lease| lease.venue.as_str()).collect()
    }

    /// Venues in the queue; who speaks is in brackets.
    pub(crate) fn queue(&self) -> Vec<String> {
        let name =
            |r: &meeting::Request| if r.speaking { format!("[{}]", r.venue) } else { r.venue.to_string() };
        self.state.queue().iter().map(name).collect()
    }

    /// What is on air.
    pub(crate) fn on_air(&self) -> String {
        scene_in_words(self.state.programme())
    }

    /// What a venue would see while it is on air.
    pub(crate) fn return_of(&self, venue: &str) -> String {
        scene_in_words(&self.state.return_picture(&VenueId::new(venue).unwrap()))
    }

    fn parse_act(&self, what: &str) -> Act {
        let mut words = what.split(' ');
        let name = words.next().unwrap();
        let rest: Vec<&str> = words.collect();
        let first = rest.iter().find(|word| !word.contains('=')).copied();
        let field = |name: &str| rest.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        let venue = || VenueId::new(first.expect("a venue")).unwrap();
        let source = |text: &str| SourceId::new(text).unwrap();
        let person = |text: &str| PersonId::new(text).unwrap();
        match name {
            "start" => Act::Across(across::Act::Start),
            "end" => Act::Across(across::Act::End),
            "preview" => {
                Act::Preview(preview::Act::Set { source: first.filter(|text| *text != "none").map(source) })
            }
            "take" => Act::Across(across::Act::Take { expect_preview: first.map(source) }),
            "slate" => Act::Across(across::Act::Slate),
            "call_on" => Act::Across(across::Act::CallOn {
                venue: venue(),
                source: field("source").map(source),
                person: field("person").map(person),
                limit_s: field("limit").map(|s| s.parse().unwrap()),
                request: field("request").map(|venue| self.request(venue)),
            }),
            "end_call_on" => Act::Across(across::Act::EndCallOn),
            "open_floor" => Act::Floor(floor::Act::Open { venue: venue() }),
            "close_floor" => Act::Across(across::Act::CloseFloor { venue: venue() }),
            "mute_all" => Act::Across(across::Act::MuteAll),
            "raise" => Act::Queue(queue::Act::Raise {
                person: first.map(person),
                kind: field("kind").map(|kind| kind.parse().unwrap()).unwrap_or_default(),
            }),
            "withdraw" => Act::Queue(queue::Act::Withdraw),
            "drop" => Act::Queue(queue::Act::Drop { request: self.request(first.expect("a request")) }),
            "item" => Act::Course(course::Act::Item { item: ItemId::new(first.expect("an item")).unwrap() }),
            other => panic!("{other:?} is no act"),
        }
    }

    fn parse_cause(&self, what: &str) -> Cause {
        let (name, rest) = what.split_once(' ').unwrap_or((what, ""));
        let venue = || VenueId::new(rest).unwrap();
        match name {
            "joins" => Cause::Joins(venue()),
            "lost" => Cause::LinkLost(venue()),
            "owes_nothing" => Cause::NothingOwed,
            "lost_events" => Cause::LossAccepted { had: Sequence(33), has: Sequence(28) },
            "roster" => Cause::Roster(self.changed_roster(rest)),
            other => panic!("{other:?} is no cause"),
        }
    }

    /// The roster with these changes; see [`changed`].
    pub(crate) fn changed_roster(&self, changes: &str) -> Roster {
        changed(self.state.roster().unwrap().clone(), changes)
    }

    /// The request of a venue; a word that names none stays as it is.
    fn request(&self, venue: &str) -> RequestId {
        let found = VenueId::new(venue).ok().and_then(|venue| self.state.request_of(&venue));
        found.map_or_else(|| RequestId::new(venue).unwrap(), |request| request.id.clone())
    }

    fn event_in_words(&self, event: &Event) -> String {
        let of = |request: &RequestId| {
            let found = self.state.queue().iter().find(|r| r.id == *request);
            found.map_or_else(|| request.to_string(), |request| request.venue.to_string())
        };
        let detail = match event {
            Event::Membership(membership::Event::Opened(_))
            | Event::Membership(membership::Event::RosterChanged(_))
            | Event::Course(course::Event::Started)
            | Event::Course(course::Event::Ended)
            | Event::Course(course::Event::EndedAndClosed)
            | Event::Course(course::Event::Closed)
            | Event::Keys(keys::Event::Unchanged) => String::new(),
            Event::Course(course::Event::ClockJumped { by_ms }) => format!("{by_ms} ms"),
            Event::Course(course::Event::LossAccepted { had, has }) => format!("{had} {has}"),
            Event::Membership(membership::Event::VenueJoined { venue })
            | Event::Floor(floor::Event::CallOnEnded { venue }) => venue.to_string(),
            Event::Preview(preview::Event::Set { source, held }) => {
                let source = source.as_ref().map_or("none", SourceId::as_str);
                format!("{source}{}", if *held { " held" } else { "" })
            }
            Event::Programme(programme::Event::Set { scene }) => scene_in_words(scene),
            Event::Floor(floor::Event::Opened { venue, kind }) => {
                let kind = match kind {
                    LeaseKind::Standing => "standing",
                    LeaseKind::CallOn => "call_on",
                    LeaseKind::Open => "open",
                };
                format!("{venue} {kind}")
            }
            Event::Floor(floor::Event::Closed { venue, why }) => format!("{venue} {}", snake(why)),
            Event::Floor(floor::Event::CallOnBegan { venue, source, person, request, limit_s }) => {
                let mut text = format!("{venue} {source}");
                let mut add = |name: &str, value: Option<String>| {
                    if let Some(value) = value {
                        text += &format!(" {name}={value}");
                    }
                };
                add("person", person.as_ref().map(ToString::to_string));
                add("request", request.as_ref().map(of));
                add("limit", limit_s.map(|s| s.to_string()));
                text
            }
            Event::Queue(queue::Event::Raised { venue, person, kind, .. }) => {
                let person = person.as_ref().map(|person| format!(" {person}")).unwrap_or_default();
                format!("{venue}{person} {}", kind.name())
            }
            Event::Queue(queue::Event::Speaking { request })
            | Event::Queue(queue::Event::Waits { request }) => of(request),
            Event::Queue(queue::Event::Removed { request, why }) => format!("{} {}", of(request), snake(why)),
            Event::Course(course::Event::ItemBegan { item }) => item.to_string(),
        };
        format!("{} {detail}", event.kind()).trim_end().to_owned()
    }
}

/// `-v1` takes a venue out, `+v1` puts it back, `chair=v1` moves the chair, `-main.2` takes a camera position away.
fn changed(mut roster: Roster, changes: &str) -> Roster {
    let full = self::roster();
    for change in changes.split(' ') {
        if let Some(chair) = change.strip_prefix("chair=") {
            roster.chair_venue = VenueId::new(chair).unwrap();
        } else if let Some(back) = change.strip_prefix('+') {
            roster.venues.extend(full.venues.iter().filter(|v| v.id.as_str() == back).cloned());
        } else if let Some(gone) = change.strip_prefix('-') {
            roster.venues.retain(|venue| venue.id.as_str() != gone);
            for venue in &mut roster.venues {
                venue.sources.retain(|source| source.as_str() != gone);
            }
        }
    }
    roster
}

fn scene_in_words(scene: &Scene) -> String {
    scene.source().map_or_else(|| "slate".to_owned(), ToString::to_string)
}

fn refusal_in_words(refusal: &Refusal) -> String {
    let mut text = format!("refused {}", snake(&refusal.code));
    if let Some(holder) = &refusal.holder {
        text += &format!(" {holder}");
    }
    if !refusal.may.is_empty() {
        let may: Vec<String> = refusal.may.iter().map(snake).collect();
        text += &format!(" may {}", may.join(" "));
    }
    text
}

fn snake(value: &impl std::fmt::Debug) -> String {
    let mut text = String::new();
    for c in format!("{value:?}").chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}
