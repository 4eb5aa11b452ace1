//! `screens [--windows N]`: what it costs to show a meeting of 300 venues, in CPU time of one thread.
//!
//! A real sequencer makes the views: 50 changes a second, of which one is the second's counters of all sources and the others are takes, requests and
//! gates. Each moment goes through the real mirror to 10 desks, 300 venues and 200 watchers, as frames of text. Nothing is sent, and time is
//! virtual, so the figures are those of this code alone.

use std::sync::Arc;

use base::{Mono, RequestKind, SourceId, VenueId};
use directory::policy::Role;
use directory::{Contact, Directory, Plan, Source, Text, Unit, Venue};
use meeting::{Act, Scene, across, floor, preview, queue};
use rustix::time::{ClockId, clock_gettime};
use screen::Viewer;
use screen::levels;
use screen::mirror::{Mirror, Reader};
use service::control::Moment;
use service::port::hop::{Fact, Measure, SourceState, Traffic};
use testing::held::Held;
use testing::small::{source_id, venue_id};

const VENUES: usize = 300;
const DESKS: usize = 10;
const WATCHERS: usize = 200;
/// One window.
const SECONDS: u64 = 10;
const CHANGES_PER_SECOND: u64 = 50;
/// Prime of FNV-1a.
const FNV: u64 = 0x0100_0000_01b3;
/// Level frames are made so often.
const LEVELS_EVERY: u64 = 10;

fn main() -> Result<(), String> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let windows: usize = match words.as_slice() {
        [] => 7,
        [name, count] if name == "--windows" => {
            count.parse().map_err(|error| format!("{count:?}: {error}"))?
        }
        _ => return Err("usage: screens [--windows N]".into()),
    };
    let mut hall = Hall::new()?;
    let mut screens = Screens::default();
    screens.window(&hall.window()?)?;
    say(&format!("CPU ms in a second of {VENUES} venues, {CHANGES_PER_SECOND} changes a second"));
    say("window  sequencer  sections  deltas  frames  levels  screens  bytes a second");
    let mut all = Vec::new();
    for window in 1..=windows {
        let begin = cpu_ns();
        let views = hall.window()?;
        let sequencer = cpu_ns() - begin;
        let costs = screens.window(&views)?;
        say(&costs.line(&format!("{window:6}"), sequencer));
        all.push((costs.screens(), sequencer, costs));
    }
    all.sort_by_key(|(screens, _, _)| *screens);
    if let Some((_, sequencer, costs)) = all.get(all.len() / 2) {
        say(&costs.line("median", *sequencer));
    }
    say(&format!("check of all frames: {:016x}", screens.check));
    Ok(())
}

/// CPU nanoseconds of one window, by what they were spent on.
#[derive(Default)]
struct Costs {
    sections: u64,
    deltas: u64,
    frames: u64,
    levels: u64,
    bytes: usize,
}

impl Costs {
    fn screens(&self) -> u64 {
        self.sections + self.deltas + self.frames + self.levels
    }

    fn line(&self, name: &str, sequencer: u64) -> String {
        let ms = |ns: u64| format!("{:.2}", ns as f64 / 1e6 / SECONDS as f64);
        format!(
            "{name}  {:>9}  {:>8}  {:>6}  {:>6}  {:>6}  {:>7}  {:>14}",
            ms(sequencer),
            ms(self.sections),
            ms(self.deltas),
            ms(self.frames),
            ms(self.levels),
            ms(self.screens()),
            self.bytes / usize::try_from(SECONDS).unwrap_or(1),
        )
    }
}

/// All who look.
struct Screens {
    mirror: Mirror,
    readers: Vec<Reader>,
    /// FNV-1a over all frames: equal where two builds send the same bytes.
    check: u64,
}

impl Default for Screens {
    fn default() -> Self {
        let viewer = |role, venue| Reader::new(Viewer { role, venue });
        let desks = (0..DESKS).map(|n| viewer(if n == 0 { Role::Chair } else { Role::Director }, None));
        let venues = (0..VENUES).map(|n| viewer(Role::Venue, Some(venue(n))));
        let watchers = (0..WATCHERS).map(|_| viewer(Role::Watcher, None));
        Self {
            mirror: Mirror::new(),
            readers: desks.chain(venues).chain(watchers).collect(),
            check: 0xcbf2_9ce4_8422_2325,
        }
    }
}

impl Screens {
    fn window(&mut self, views: &[(Mono, Arc<Moment>)]) -> Result<Costs, String> {
        let mut costs = Costs::default();
        let first = self.mirror.rev() == 0;
        for (n, (now, moment)) in (0..).zip(views) {
            let begin = cpu_ns();
            self.mirror.update(*now, moment);
            let updated = cpu_ns();
            let steps: Vec<_> = self
                .readers
                .iter_mut()
                .filter_map(|reader| {
                    let whole = |reader: &mut Reader| reader.snapshot(&self.mirror).1;
                    if first && n == 0 {
                        Some(whole(reader))
                    } else {
                        reader.step(&self.mirror).map(|step| step.set)
                    }
                })
                .collect();
            let stepped = cpu_ns();
            let texts: Result<Vec<_>, _> = steps.iter().map(serde_json::to_string).collect();
            let told = cpu_ns();
            for text in texts.map_err(|error| error.to_string())? {
                costs.bytes += text.len();
                self.check =
                    text.bytes().fold(self.check, |check, byte| (check ^ u64::from(byte)).wrapping_mul(FNV));
            }
            let hashed = cpu_ns();
            if n % LEVELS_EVERY == 0 {
                let frame = levels::frame(
                    moment,
                    &std::collections::BTreeMap::new(),
                    &std::collections::BTreeMap::new(),
                );
                costs.bytes += frame.len() * DESKS;
            }
            costs.levels += cpu_ns() - hashed;
            costs.sections += updated - begin;
            costs.deltas += stepped - updated;
            costs.frames += told - stepped;
        }
        Ok(costs)
    }
}

/// The meeting, and what happens in it.
struct Hall {
    held: Held,
    /// Changes so far.
    changes: u64,
}

impl Hall {
    fn new() -> Result<Self, String> {
        let (directory, plan) = organisation()?;
        let mut held = Held::new(directory, plan)?;
        for n in 0..VENUES {
            held.hop(source(n, true, 720))?;
        }
        held.act(Role::Director, None, Act::Across(across::Act::Start))?;
        Ok(Self { held, changes: 0 })
    }

    /// The views of so many seconds, as they are published.
    fn window(&mut self) -> Result<Vec<(Mono, Arc<Moment>)>, String> {
        let mut views = Vec::new();
        for _ in 0..SECONDS * CHANGES_PER_SECOND {
            self.held.pass_ms(1_000 / CHANGES_PER_SECOND);
            if self.changes.is_multiple_of(CHANGES_PER_SECOND) {
                self.second()?;
            } else {
                self.change()?;
            }
            self.changes += 1;
            views.push((self.held.now(), Arc::new(self.held.moment())));
        }
        Ok(views)
    }

    /// Counters of all sources, and the tick.
    fn second(&mut self) -> Result<(), String> {
        for n in 0..VENUES {
            let spread = (self.changes / CHANGES_PER_SECOND + n as u64) % 40;
            let loss_permille = if spread == 0 { 12 } else { 0 };
            let (source, kbps) = (first_source(n), 900 + spread as u32);
            self.held.hop(Measure::Quality { source, loss_permille, kbps })?;
        }
        let in_kbps = 300_000 + self.changes as u32;
        self.held.node(Traffic { in_kbps, out_kbps: 900_000, given_up: 0, sessions: 510 })?;
        self.held.tick()
    }

    /// Ten changes that follow each other, about another venue each time.
    fn change(&mut self) -> Result<(), String> {
        let n = usize::try_from(self.changes / 10).unwrap_or(0) * 7 % (VENUES - 1) + 1;
        let (id, source_id) = (venue(n), first_source(n));
        let held = &mut self.held;
        match self.changes % 10 {
            0 => held.hop(source(n, true, if n.is_multiple_of(2) { 360 } else { 720 })),
            1 => held.act(
                Role::Venue,
                Some(&id),
                Act::Queue(queue::Act::Raise { person: None, kind: RequestKind::Speech }),
            ),
            2 => held.act(Role::Director, None, Act::Floor(floor::Act::Open { venue: id })),
            3 => held.gate(&id, true),
            4 => held.act(Role::Director, None, Act::Preview(preview::Act::Set { source: Some(source_id) })),
            5 => held.act(Role::Director, None, Act::Across(across::Act::Take { expect_preview: None })),
            6 => held.hop(Fact::Shown { scene: Scene::Full(source_id), at: held.now() }),
            7 => held.act(Role::Director, None, Act::Across(across::Act::CloseFloor { venue: id })),
            8 => held.gate(&id, false),
            _ => held.act(Role::Venue, Some(&id), Act::Queue(queue::Act::Withdraw)),
        }
    }
}

/// A head, thirty cities below it, and a hall with one camera in each of 300 units.
fn organisation() -> Result<(Directory, Plan), String> {
    let small = testing::small::plan();
    let unit_id = |name: &str| base::UnitId::new(name).map_err(|error| error.to_string());
    let unit = |name: String, upper: Option<&str>, rank| -> Result<Unit, String> {
        let (id, upper) = (unit_id(&name)?, upper.map(unit_id).transpose()?);
        Ok(Unit {
            id,
            upper,
            rank,
            name: Text::new(format!("{name}单位"), format!("Unit {name}")),
            short: Text::new("单位", &name),
        })
    };
    let mut units = vec![unit("head".into(), None, 1)?];
    let mut venues = Vec::new();
    for (n, rank) in (0..VENUES).zip(1..) {
        let city = format!("city{}", n / 10);
        if n.is_multiple_of(10) {
            units.push(unit(city.clone(), Some("head"), rank)?);
        }
        let name = venue(n).to_string();
        units.push(unit(format!("u-{name}"), Some(&city), rank)?);
        venues.push(Venue {
            id: venue(n),
            unit: unit_id(&format!("u-{name}"))?,
            rank,
            name: Text::new(format!("第{n}会场"), format!("Hall number {n}")),
            short: Text::new(format!("会场{n}"), &name),
            sources: vec![Source { id: first_source(n), name: Text::new("主席台", "podium") }],
            technician: Some(Contact {
                name: Text::new("值机员", "technician"),
                phone: "010-1234567".into(),
            }),
            search: vec![format!("di{n}huichang"), format!("d{n}hc")],
        });
    }
    let tiers = vec![Text::new("上", "head"), Text::new("中", "city"), Text::new("下", "county")];
    let plan = Plan {
        chair_venue: venue(0),
        chair: None,
        venues: venues.iter().map(|venue| venue.id.clone()).collect(),
        items: Vec::new(),
        ..small
    };
    let directory = Directory::new(Text::new("组织", "Organisation"), tiers, units, venues, Vec::new());
    Ok((directory.map_err(|error| error.to_string())?, plan))
}

fn venue(n: usize) -> VenueId {
    venue_id(&format!("v{n:03}"))
}

fn first_source(n: usize) -> SourceId {
    source_id(&format!("v{n:03}.1"))
}

fn source(n: usize, live: bool, height: u16) -> Fact {
    let state = SourceState { live, layers: vec![180, 360, height], decodable: live };
    Fact::Source { source: first_source(n), state }
}

/// CPU nanoseconds of this thread.
fn cpu_ns() -> u64 {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    u64::try_from(spent.tv_sec * 1_000_000_000 + spent.tv_nsec).unwrap_or(0)
}

fn say(line: &str) {
    use std::io::Write;
    // Nobody listens any more: there is nobody to tell.
    let _ = writeln!(std::io::stdout(), "{line}");
}
