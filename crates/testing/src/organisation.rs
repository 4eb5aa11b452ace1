//! A fictional organisation: a head, three cities, two counties, twelve venues; and the forms that its plan takes while a meeting runs.

use std::sync::Arc;

use base::{CommandKey, ItemId, MeetingId, PersonId, RequestId, RunId, SourceId, TokenId, UnitId, VenueId};
use directory::{Directory, Item, Person, Plan, Source, Text, Unit, Venue};

/// Venues of the meeting, the chair's first.
pub(crate) const VENUES: usize = 12;
/// Camera positions of a venue at most; a source's index is twice its venue's, and its position.
pub(crate) const SOURCES: usize = 2 * VENUES;
/// Keys that one sequence may use.
pub(crate) const KEYS: usize = 128;
/// Tokens: those of the actors.
pub(crate) const TOKENS: usize = 16;

/// Directory and plan as they are at one time.
#[derive(Debug, Clone)]
pub struct Form {
    /// The directory.
    pub directory: Arc<Directory>,
    /// The plan.
    pub plan: Arc<Plan>,
    /// Sources of the venues in the plan, one bit each.
    pub sources: u32,
}

/// Ids, made once, and the forms of the plan.
#[derive(Debug, Clone)]
pub struct Organisation {
    /// The run.
    pub run: RunId,
    /// The meeting.
    pub meeting: MeetingId,
    /// Venues by index.
    pub venues: Vec<VenueId>,
    /// Sources by index; of most venues there is only the first.
    pub sources: Vec<SourceId>,
    /// People.
    pub people: Vec<PersonId>,
    /// Items.
    pub items: Vec<ItemId>,
    /// Keys by index.
    pub keys: Vec<CommandKey>,
    /// Tokens by index.
    pub tokens: Vec<TokenId>,
    /// What is not there.
    pub strange: Strange,
    /// As planned; without a venue; with another chair; without a camera position, a person and an item.
    pub forms: Vec<Form>,
}

/// Ids that nothing has.
#[derive(Debug, Clone)]
pub struct Strange {
    /// No venue.
    pub venue: VenueId,
    /// No source.
    pub source: SourceId,
    /// No person.
    pub person: PersonId,
    /// No request.
    pub request: RequestId,
    /// No item.
    pub item: ItemId,
}

impl Default for Organisation {
    fn default() -> Self {
        let venues: Vec<VenueId> = (0..VENUES).map(|n| id(&venue_name(n), VenueId::new)).collect();
        let sources = (0..SOURCES)
            .map(|n| id(&format!("{}.{}", venue_name(n / 2), n % 2 + 1), SourceId::new))
            .collect::<Vec<_>>();
        let people: Vec<PersonId> = (0..6).map(|n| id(&format!("p{n}"), PersonId::new)).collect();
        let items: Vec<ItemId> = (0..5).map(|n| id(&format!("i{n}"), ItemId::new)).collect();
        let forms = (0..4).map(|n| form(n, &venues, &sources, &people, &items)).collect();
        Self {
            run: id("annual.held", RunId::new),
            meeting: id("annual", MeetingId::new),
            keys: (0..KEYS).map(|n| id(&format!("k{n}"), CommandKey::new)).collect(),
            tokens: (0..TOKENS).map(|n| id(&format!("t{n}"), TokenId::new)).collect(),
            strange: Strange {
                venue: id("v77", VenueId::new),
                source: id("v77.1", SourceId::new),
                person: id("p77", PersonId::new),
                request: id("r0", RequestId::new),
                item: id("i77", ItemId::new),
            },
            venues,
            sources,
            people,
            items,
            forms,
        }
    }
}

impl Organisation {
    /// The same for another meeting: its run has another name.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self { run: id("weekly.held", RunId::new), ..self.clone() }
    }

    /// Some form of the plan has that source.
    #[must_use]
    pub fn has_source(&self, source: usize) -> bool {
        source.is_multiple_of(2) || two_positions(source / 2)
    }
}

/// Index of a venue; none of a strange one.
#[must_use]
pub(crate) fn venue_index(id: &VenueId) -> Option<usize> {
    match id.as_str() {
        "main" => Some(0),
        other => number(other, 'v').filter(|n| (1..VENUES).contains(n)),
    }
}

/// Index of a source; none of a strange one.
#[must_use]
pub(crate) fn source_index(id: &SourceId) -> Option<usize> {
    let (venue, position) = id.as_str().split_once('.')?;
    let venue = if venue == "main" { 0 } else { number(venue, 'v').filter(|n| (1..VENUES).contains(n))? };
    let position: usize = position.parse().ok()?;
    (1..=2).contains(&position).then(|| 2 * venue + position - 1)
}

/// The number behind a letter.
#[must_use]
pub(crate) fn number(text: &str, letter: char) -> Option<usize> {
    text.strip_prefix(letter)?.parse().ok()
}

fn two_positions(venue: usize) -> bool {
    matches!(venue, 0 | 3 | 4)
}

fn venue_name(n: usize) -> String {
    if n == 0 { "main".into() } else { format!("v{n}") }
}

fn id<T, E: std::fmt::Debug>(text: &str, new: impl Fn(&str) -> Result<T, E>) -> T {
    new(text).expect("letters, digits and dots are an id")
}

/// A person of a unit.
fn person(id: &PersonId, unit: &str) -> Person {
    Person {
        id: id.clone(),
        unit: UnitId::new(unit).expect("the fixture is a directory"),
        rank: 1,
        name: Text::new("n", "n"),
    }
}

fn form(n: usize, venues: &[VenueId], sources: &[SourceId], people: &[PersonId], items: &[ItemId]) -> Form {
    let text = |name: &str| Text::new(name, name);
    let unit_id = |name: &str| id(name, UnitId::new);
    let unit = |name: &str, upper: Option<&str>, rank| Unit {
        id: unit_id(name),
        upper: upper.map(unit_id),
        rank,
        name: text(name),
        short: text(name),
    };
    let units = vec![
        unit("head", None, 1),
        unit("north", Some("head"), 1),
        unit("south", Some("head"), 2),
        unit("east", Some("head"), 3),
        unit("hill", Some("north"), 1),
        unit("lake", Some("south"), 1),
    ];
    let of =
        ["head", "north", "hill", "hill", "south", "lake", "lake", "lake", "east", "east", "east", "head"];
    let venue = |at: usize| Venue {
        id: venues[at].clone(),
        unit: unit_id(of[at]),
        rank: u32::try_from(at).unwrap_or(0),
        name: text(venues[at].as_str()),
        short: text(venues[at].as_str()),
        sources: (0..if two_positions(at) && !(n == 3 && at == 3) { 2 } else { 1 })
            .map(|position| Source { id: sources[2 * at + position].clone(), name: text("camera") })
            .collect(),
        technician: None,
        search: vec![],
    };
    let kept = people.len() - usize::from(n == 3);
    let directory = Directory::new(
        text("organisation"),
        vec![text("head"), text("city"), text("county")],
        units,
        (0..VENUES).map(venue).collect(),
        people[..kept].iter().zip(of.iter().cycle()).map(|(id, unit)| person(id, unit)).collect(),
    )
    .expect("the fixture is a directory");
    let chair = if n == 2 { 1 } else { 0 };
    let others = (0..VENUES).filter(|at| *at != chair && !(n == 1 && *at >= 10) && !(n == 3 && *at == 5));
    let plan = Plan {
        id: id("annual", MeetingId::new),
        title: text("annual meeting"),
        start: None,
        zone: "Asia/Shanghai".to_owned(),
        chair_venue: venues[chair].clone(),
        chair: Some(people[0].clone()),
        contact: None,
        codec: directory::Codec::Vp8,
        venues: std::iter::once(chair).chain(others).map(|at| venues[at].clone()).collect(),
        items: items[..items.len() - usize::from(n == 3)]
            .iter()
            .map(|id| Item {
                id: id.clone(),
                title: text("item"),
                minutes: 10,
                start: None,
                person: None,
                venue: None,
            })
            .collect(),
    };
    let planned = plan.venues.iter().filter_map(|id| directory.venue(id)).flat_map(|venue| &venue.sources);
    let bits = planned.filter_map(|source| source_index(&source.id)).fold(0, |all, n| all | 1 << n);
    Form { directory: Arc::new(directory), plan: Arc::new(plan), sources: bits }
}
