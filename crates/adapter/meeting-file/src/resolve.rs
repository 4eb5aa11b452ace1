//! From what was read to a directory and a plan: every name is checked against every other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use base::limits::{ITEMS_MAX, MEETING_ID_BYTES_MAX, VENUES_MAX};
use base::{Language, PersonId, SourceId, VenueId};
use directory::{
    Contact, Directory, DirectoryError, Item, Person, Plan, Source, Text, Unit, Venue, columns, is_short,
};
use jiff::tz::TimeZone;

use crate::Prepared;
use crate::fault::nearest;
use crate::file::{ContactEntry, ItemEntry, MeetingFile, SourceEntry, TextEntry, VenueEntry, VenueList};
use crate::time::{Start, item_start, start, zone, zone_name};
use crate::words::search_words;

/// Minutes of an item.
const ITEM_MINUTES_MAX: u32 = 24 * 60;
/// Search words that a file may give a venue.
const SEARCH_WORDS_MAX: usize = 16;
/// Characters of a search word or a telephone number.
const WORD_CHARS_MAX: usize = 40;

/// A step to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(&'static str),
    Index(usize),
}

/// Something that does not fit the rest of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub(crate) at: Vec<Step>,
    pub(crate) what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.at.iter().enumerate() {
            match step {
                Step::Key(key) if place > 0 => write!(f, ".{key}")?,
                Step::Key(key) => f.write_str(key)?,
                Step::Index(index) => write!(f, "[{}]", index + 1)?,
            }
        }
        write!(f, ": {}", self.what)
    }
}

/// Checks a file and fills in what it leaves out.
///
/// # Errors
/// All that does not fit, in the order of the file's parts.
pub fn resolve(file: &MeetingFile) -> Result<Prepared, Vec<Problem>> {
    let mut check = Check::default();
    let organisation = check.text(&[Step::Key("organisation")], &file.organisation);
    let tiers = file.tiers.iter().enumerate().map(|(n, tier)| check.text(&at("tiers", n), tier)).collect();
    let units = units(file, &mut check);
    let venues = venues(file, &mut check);
    let people = people(file, &mut check);
    let directory = match Directory::new(organisation, tiers, units, venues, people) {
        Ok(directory) => Some(directory),
        Err(error) => {
            check.problems.push(Problem { at: place(file, &error), what: error.to_string() });
            None
        }
    };
    // The plan is checked even so, since a person mends all of a file at once.
    let ordered = directory
        .as_ref()
        .map_or_else(Vec::new, |directory| directory.venues().iter().map(|venue| venue.id.clone()).collect());
    let (plan, zone) = plan(file, ordered, &mut check);
    match directory {
        Some(directory) if check.problems.is_empty() => Ok(Prepared { directory, plan, zone }),
        Some(_) | None => Err(check.problems),
    }
}

/// Gathers problems.
#[derive(Debug, Default)]
struct Check {
    problems: Vec<Problem>,
}

impl Check {
    fn wrong(&mut self, at: &[Step], what: impl Into<String>) {
        self.problems.push(Problem { at: at.to_vec(), what: what.into() });
    }

    /// A name, or a title of one line: it has a length and no control characters.
    fn text(&mut self, at: &[Step], entry: &TextEntry) -> Text {
        self.lines(at, entry, 0)
    }

    /// A text that may break its line so many times, and is something on each.
    fn lines(&mut self, at: &[Step], entry: &TextEntry, breaks: usize) -> Text {
        let mut by_language = BTreeMap::new();
        match entry {
            TextEntry::Same(text) => {
                by_language.insert(Language::ZH, text.trim().to_owned());
                by_language.insert(Language::EN, text.trim().to_owned());
            }
            TextEntry::Each(texts) => {
                for (tag, text) in texts {
                    match Language::new(tag) {
                        Ok(language) => drop(by_language.insert(language, text.trim().to_owned())),
                        Err(error) => self.wrong(at, error.to_string()),
                    }
                }
                if texts.is_empty() {
                    self.wrong(at, "must be in one language at least");
                }
            }
        }
        if by_language.values().any(|text| columns(text) == 0) {
            self.wrong(
                at,
                "must not be empty; the same text may serve all languages, and one may be left out",
            );
        }
        let stray = |text: &String| {
            let mut rest = text.splitn(breaks + 1, '\n');
            rest.any(|line| line.chars().any(control) || breaks > 0 && columns(line.trim()) == 0)
        };
        if by_language.values().any(stray) {
            let most = if breaks > 0 { " more than twice, or a line that is empty" } else { "" };
            self.wrong(at, format!("has a character that turns or breaks lines{most}"));
        }
        Text::of(by_language).unwrap_or_else(|error| {
            self.wrong(at, error.to_string());
            Text::default()
        })
    }

    /// An id that stands in addresses, where one or two dots by themselves mean a folder.
    fn in_addresses(&mut self, at: &[Step], id: &str) {
        if matches!(id, "." | "..") {
            self.wrong(at, format!("{id:?} means a folder in an address; give another id"));
        }
    }

    /// The short name, or the name where there is none and it is short enough.
    fn short(&mut self, at: &[Step], short: Option<&TextEntry>, name: &Text) -> Text {
        match short {
            Some(short) => self.text(&below(at, "short"), short),
            None if name.iter().any(|(_, text)| !is_short(text)) => {
                self.wrong(at, "needs a short name: its name is longer than 12 letters, of which a Han character counts as two");
                // Any that fits, so that the directory does not complain of it as well.
                Text::default()
            }
            None => name.clone(),
        }
    }

    fn contact(&mut self, at: &[Step], entry: &ContactEntry) -> Contact {
        let name = self.text(&below(at, "name"), &entry.name);
        self.word(&below(at, "phone"), &entry.phone);
        Contact { name, phone: entry.phone.trim().to_owned() }
    }

    fn word(&mut self, at: &[Step], word: &str) {
        if word.trim().is_empty() || word.chars().count() > WORD_CHARS_MAX || word.chars().any(control) {
            self.wrong(at, format!("must have 1 to {WORD_CHARS_MAX} characters on one line"));
        }
    }

    /// Whether what is named is there; else says so, with the nearest that is.
    fn there<'a>(
        &mut self,
        at: &[Step],
        what: &str,
        id: &str,
        mut known: impl Iterator<Item = &'a str> + Clone,
    ) -> bool {
        let there = known.clone().any(|known| known == id);
        if !there {
            let hint =
                nearest(id, &mut known).map_or(String::new(), |near| format!("; the nearest is {near}"));
            self.wrong(at, format!("there is no {what} {id}{hint}"));
        }
        there
    }
}

fn units(file: &MeetingFile, check: &mut Check) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::with_capacity(file.units.len());
    let ids = || file.units.iter().map(|unit| unit.id.as_str());
    for (n, entry) in file.units.iter().enumerate() {
        let at = at("units", n);
        let name = check.text(&below(&at, "name"), &entry.name);
        let short = check.short(&at, entry.short.as_ref(), &name);
        let upper = entry
            .upper
            .clone()
            .filter(|upper| check.there(&below(&at, "upper"), "unit", upper.as_str(), ids()));
        let sisters = units.iter().filter(|unit| unit.upper == entry.upper).count();
        units.push(Unit {
            id: entry.id.clone(),
            upper,
            rank: entry.rank.unwrap_or_else(|| rank(sisters)),
            name,
            short,
        });
    }
    units
}

fn venues(file: &MeetingFile, check: &mut Check) -> Vec<Venue> {
    let mut venues: Vec<Venue> = Vec::with_capacity(file.venues.len());
    for (n, entry) in file.venues.iter().enumerate() {
        let at = at("venues", n);
        check.in_addresses(&below(&at, "id"), entry.id.as_str());
        let units = file.units.iter().map(|unit| unit.id.as_str());
        if !check.there(&below(&at, "unit"), "unit", entry.unit.as_str(), units) {
            continue;
        }
        let name = check.text(&below(&at, "name"), &entry.name);
        let short = check.short(&at, entry.short.as_ref(), &name);
        let words = below(&at, "search");
        if entry.search.len() > SEARCH_WORDS_MAX {
            check.wrong(&words, format!("has more than {SEARCH_WORDS_MAX} words"));
        }
        for (n, word) in entry.search.iter().enumerate() {
            check.word(&index(&words, n), word);
        }
        let sisters = venues.iter().filter(|venue| venue.unit == entry.unit).count();
        venues.push(Venue {
            id: entry.id.clone(),
            unit: entry.unit.clone(),
            rank: entry.rank.unwrap_or_else(|| rank(sisters)),
            search: search_words(entry.id.as_str(), &short, &name, &entry.search),
            sources: sources(&at, entry, check),
            technician: entry
                .technician
                .as_ref()
                .map(|contact| check.contact(&below(&at, "technician"), contact)),
            name,
            short,
        });
    }
    venues
}

fn sources(at: &[Step], entry: &VenueEntry, check: &mut Check) -> Vec<Source> {
    let one = [SourceEntry { id: None, name: None }];
    let entries = entry.sources.as_deref().unwrap_or(&one);
    let list = below(at, "sources");
    let mut sources = Vec::with_capacity(entries.len());
    for (n, source) in entries.iter().enumerate() {
        let here = index(&list, n);
        let name = match &source.name {
            Some(name) => check.text(&below(&here, "name"), name),
            None => Text::new(format!("机位 {}", n + 1), format!("cam {}", n + 1)),
        };
        let id = source.id.clone().map_or_else(|| SourceId::new(&format!("{}.{}", entry.id, n + 1)), Ok);
        match id {
            Ok(id) => {
                check.in_addresses(&below(&here, "id"), id.as_str());
                sources.push(Source { id, name });
            }
            Err(error) => check.wrong(&here, format!("needs an id of its own: {error}")),
        }
    }
    sources
}

fn people(file: &MeetingFile, check: &mut Check) -> Vec<Person> {
    let mut people = Vec::with_capacity(file.people.len());
    for (n, entry) in file.people.iter().enumerate() {
        let at = at("people", n);
        let units = file.units.iter().map(|unit| unit.id.as_str());
        if check.there(&below(&at, "unit"), "unit", entry.unit.as_str(), units) {
            people.push(Person {
                id: entry.id.clone(),
                unit: entry.unit.clone(),
                rank: entry.rank.unwrap_or_else(|| rank(n)),
                name: check.text(&below(&at, "name"), &entry.name),
            });
        }
    }
    people
}

/// The plan, and the zone in which its times are meant. `ordered` are all venues in rank order.
fn plan(file: &MeetingFile, ordered: Vec<VenueId>, check: &mut Check) -> (Plan, TimeZone) {
    let entry = &file.meeting;
    let at = [Step::Key("meeting")];
    check.in_addresses(&below(&at, "id"), entry.id.as_str());
    if entry.id.as_str().len() > MEETING_ID_BYTES_MAX {
        check.wrong(
            &below(&at, "id"),
            format!("the id of a meeting has at most {MEETING_ID_BYTES_MAX} characters"),
        );
    }
    let zone = entry.zone.as_deref().and_then(|name| match zone(name) {
        Ok(zone) => Some(zone),
        Err(what) => {
            check.wrong(&below(&at, "zone"), what);
            None
        }
    });
    let start = entry.start.as_ref().and_then(|moment| match start(moment, zone.as_ref()) {
        Ok(start) => Some(start),
        Err(what) => {
            check.wrong(&below(&at, "start"), what);
            None
        }
    });
    if let Some(chair) = &entry.chair {
        person_there(&below(&at, "chair"), chair, file, check);
    }
    let venues = meeting_venues(file, ordered, check);
    let items = items(file, start.as_ref(), zone.as_ref(), &venues, check);
    let meant = zone.or(start.as_ref().map(|start| start.zone.clone())).unwrap_or(TimeZone::UTC);
    let plan = Plan {
        id: entry.id.clone(),
        title: check.lines(&below(&at, "title"), &entry.title, TITLE_BREAKS_MAX),
        start: start.as_ref().map(|start| start.at),
        zone: zone_name(&meant),
        chair_venue: entry.chair_venue.clone(),
        chair: entry.chair.clone(),
        contact: entry.contact.as_ref().map(|contact| check.contact(&below(&at, "contact"), contact)),
        codec: entry.codec,
        venues,
        items,
    };
    (plan, meant)
}

/// Venues of the meeting in rank order, the chair's first.
fn meeting_venues(file: &MeetingFile, ordered: Vec<VenueId>, check: &mut Check) -> Vec<VenueId> {
    let chair = &file.meeting.chair_venue;
    let at = [Step::Key("meeting"), Step::Key("chair_venue")];
    let known = || file.venues.iter().map(|venue| venue.id.as_str());
    check.there(&at, "venue", chair.as_str(), known());
    let list = [Step::Key("meeting"), Step::Key("venues")];
    let mut taking_part: BTreeSet<&str> = match &file.meeting.venues {
        VenueList::All(_) => known().collect(),
        VenueList::Listed(ids) => {
            let mut taking_part = BTreeSet::new();
            for (n, id) in ids.iter().enumerate() {
                check.there(&index(&list, n), "venue", id, known());
                if !taking_part.insert(id.as_str()) {
                    check.wrong(&index(&list, n), format!("venue {id} is there twice"));
                }
            }
            taking_part
        }
    };
    taking_part.insert(chair.as_str());
    if taking_part.len() > VENUES_MAX {
        check.wrong(&list, format!("a meeting has at most {VENUES_MAX} venues"));
    }
    let mut venues = vec![chair.clone()];
    venues.extend(ordered.into_iter().filter(|id| id != chair && taking_part.contains(id.as_str())));
    venues
}

fn items(
    file: &MeetingFile,
    meeting: Option<&Start>,
    zone: Option<&TimeZone>,
    venues: &[VenueId],
    check: &mut Check,
) -> Vec<Item> {
    if file.items.len() > ITEMS_MAX {
        check.wrong(&[Step::Key("items")], format!("a rundown has at most {ITEMS_MAX} items"));
    }
    let mut seen = BTreeSet::new();
    let mut next = meeting.map(|start| start.at);
    let mut items = Vec::with_capacity(file.items.len());
    for (n, entry) in file.items.iter().enumerate().take(ITEMS_MAX) {
        let at = at("items", n);
        if !seen.insert(&entry.id) {
            check.wrong(&below(&at, "id"), format!("item {} is there twice", entry.id));
        }
        if entry.minutes > ITEM_MINUTES_MAX {
            check.wrong(&below(&at, "minutes"), format!("an item takes at most {ITEM_MINUTES_MAX} minutes"));
        }
        if let Some(person) = &entry.person {
            person_there(&below(&at, "person"), person, file, check);
        }
        if let Some(venue) = &entry.venue {
            venue_takes_part(&below(&at, "venue"), venue, file, venues, check);
        }
        let start = item_begins(&at, entry, meeting, zone, check).or(next);
        let length = i64::from(entry.minutes.min(ITEM_MINUTES_MAX)) * 60_000;
        next = start.map(|start| base::Wall(start.0.saturating_add(length)));
        items.push(Item {
            id: entry.id.clone(),
            title: check.text(&below(&at, "title"), &entry.title),
            minutes: entry.minutes,
            start,
            person: entry.person.clone(),
            venue: entry.venue.clone(),
        });
    }
    items
}

fn item_begins(
    at: &[Step],
    entry: &ItemEntry,
    meeting: Option<&Start>,
    zone: Option<&TimeZone>,
    check: &mut Check,
) -> Option<base::Wall> {
    match item_start(entry.start.as_ref()?, meeting, zone) {
        Ok(start) => Some(start),
        Err(what) => {
            check.wrong(&below(at, "start"), what);
            None
        }
    }
}

fn person_there(at: &[Step], person: &PersonId, file: &MeetingFile, check: &mut Check) {
    check.there(at, "person", person.as_str(), file.people.iter().map(|person| person.id.as_str()));
}

fn venue_takes_part(at: &[Step], venue: &VenueId, file: &MeetingFile, venues: &[VenueId], check: &mut Check) {
    let known = file.venues.iter().map(|venue| venue.id.as_str());
    // Without a directory the list is not whole, and only what is not there at all can be said.
    let whole = venues.len() > 1 || file.venues.len() == 1;
    if check.there(at, "venue", venue.as_str(), known) && whole && !venues.contains(venue) {
        check.wrong(at, format!("venue {venue} does not take part in the meeting"));
    }
}

/// Where in the file that stands which a directory cannot be made of.
fn place(file: &MeetingFile, error: &DirectoryError) -> Vec<Step> {
    let unit = |id: &str| file.units.iter().rposition(|unit| unit.id.as_str() == id);
    let venue = |id: &str| file.venues.iter().rposition(|venue| venue.id.as_str() == id);
    let person = |id: &str| file.people.iter().rposition(|person| person.id.as_str() == id);
    let of = |what: &str, id: &str| match what {
        "unit" => ("units", unit(id)),
        "person" => ("people", person(id)),
        _ => ("venues", venue(id).or_else(|| venue_of_source(file, id))),
    };
    let (list, found, key) = match error {
        DirectoryError::TooMany { what, .. } => match *what {
            "units" => ("units", None, None),
            "people" => ("people", None, None),
            "tiers" => ("tiers", None, None),
            _ => ("venues", None, None),
        },
        DirectoryError::Twice { what, id } => {
            let (list, found) = of(what, id);
            (list, found, Some(if *what == "source" { "sources" } else { "id" }))
        }
        DirectoryError::NoUnit { what, id, .. } => {
            let (list, found) = of(what, id);
            (list, found, Some("unit"))
        }
        DirectoryError::TooDeep(id) => ("units", unit(id.as_str()), Some("upper")),
        DirectoryError::NoSource(id) => ("venues", venue(id.as_str()), Some("sources")),
        DirectoryError::LongShort { what, id, .. } => {
            let (list, found) = of(what, id);
            (list, found, Some("short"))
        }
    };
    let mut at = vec![Step::Key(list)];
    if let Some(found) = found {
        at.push(Step::Index(found));
        at.extend(key.map(Step::Key));
    }
    at
}

fn venue_of_source(file: &MeetingFile, id: &str) -> Option<usize> {
    file.venues.iter().rposition(|venue| {
        let named = venue.sources.iter().flatten().filter_map(|source| source.id.as_ref());
        named.into_iter().any(|source| source.as_str() == id) || id.starts_with(&format!("{}.", venue.id))
    })
}

fn at(list: &'static str, index: usize) -> Vec<Step> {
    vec![Step::Key(list), Step::Index(index)]
}

fn below(at: &[Step], key: &'static str) -> Vec<Step> {
    let mut below = at.to_vec();
    below.push(Step::Key(key));
    below
}

fn index(at: &[Step], index: usize) -> Vec<Step> {
    let mut below = at.to_vec();
    below.push(Step::Index(index));
    below
}

/// Ranks count from 1; lists have limits far below 2^32.
fn rank(before: usize) -> u32 {
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}

/// Line breaks in the title of a meeting: it is shown on three lines at most.
const TITLE_BREAKS_MAX: usize = 2;

/// Control characters, those that turn the direction of the text around them, and the marks of files and notes.
fn control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}
