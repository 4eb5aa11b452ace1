//! A data folder of first light, as a kill left it (`tests/first_light/README.md`): it opens with every version.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::{Epoch, MeetingId, Mono, Wall};
use directory::Text;
use meeting::Scene;
use service::chain;
use service::port::log::{Log, StoredEvent};
use service::sequencer::{Load, Output, Replayed, Sequencer};
use store_sqlite::Store;

/// A copy with the modes that git does not keep.
pub(crate) fn copied() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
    for entry in fs::read_dir(fixture()).unwrap() {
        let entry = entry.unwrap();
        let copy = folder.path().join(entry.file_name());
        fs::copy(entry.path(), &copy).unwrap();
        fs::set_permissions(&copy, Permissions::from_mode(0o600)).unwrap();
    }
    folder
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/first_light/data")
}

/// The run of a meeting as it is now, and what a server would append to it only because it opened it.
struct Opened {
    epoch: Epoch,
    events: Vec<StoredEvent>,
    sequencer: Sequencer,
    appended: Vec<StoredEvent>,
}

async fn opened(store: &Store, meeting: &str) -> Opened {
    let (directory, plan) = store.load(&meeting.parse().unwrap()).await.unwrap();
    let run = store.runs(&plan.id).await.unwrap()[0].id.clone();
    let opened = Log::open(store, &run).await.unwrap();
    let (epoch, events) = (opened.epoch, opened.events.clone());
    chain::verify(&run, &events).unwrap();
    let replayed = Replayed::of(&run, &opened).unwrap();
    let (directory, plan) = (Arc::new(directory), Arc::new(plan));
    let load = Load { run, replayed, directory, plan, unlogged: vec![] };
    let mut sequencer = Sequencer::load(load, Mono(0), Wall(1_796_000_000_000));
    let mut appended = Vec::new();
    while let Some(output) = sequencer.poll_output() {
        if let Output::Append { events, .. } = output {
            appended.extend(events);
        }
    }
    Opened { epoch, events, sequencer, appended }
}

fn kinds(events: &[StoredEvent]) -> Vec<&str> {
    events.iter().map(|event| event.kind.as_str()).collect()
}

#[tokio::test]
async fn a_meeting_of_first_light_that_a_kill_interrupted_goes_on_where_it_was() {
    let folder = copied();
    let store = Store::open(folder.path()).await.unwrap();
    let spring = opened(&store, "spring").await;
    assert_eq!((spring.epoch, spring.events.len()), (Epoch(3), 14));
    let state = spring.sequencer.state();
    assert!(state.is_live());
    assert_eq!(*state.programme(), Scene::Full("qingting.1".parse().unwrap()));
    assert_eq!(state.preview().source, Some("main.2".parse().unwrap()));
    let call_on = state.call_on().unwrap();
    assert_eq!((call_on.venue.as_str(), call_on.limit_s), ("qingting", Some(600)));
    let open: Vec<&str> = state.floor().iter().map(|lease| lease.venue.as_str()).collect();
    assert_eq!(open, ["main", "qingting"]);
    assert_eq!(state.place(&"liuzhu".parse().unwrap()), Some(1));
    assert_eq!(state.item(), Some(&"opening".parse().unwrap()));
    store.close().await;
}

#[tokio::test]
async fn a_meeting_of_first_light_that_has_ended_stays_as_it_is() {
    let folder = copied();
    let store = Store::open(folder.path()).await.unwrap();
    let autumn = opened(&store, "autumn").await;
    assert_eq!(autumn.events.len(), 22);
    assert_eq!(kinds(&autumn.events[20..]), ["ended", "roster_changed"]);
    assert!(!autumn.sequencer.state().is_live());
    assert_eq!(autumn.sequencer.state().started(), Some(autumn.events[1].at));
    assert_eq!(kinds(&autumn.appended), Vec::<&str>::new());
    store.close().await;
    // Nor does a second opening find anything else.
    let store = Store::open(folder.path()).await.unwrap();
    assert_eq!(opened(&store, "autumn").await.events, autumn.events);
    store.close().await;
}

#[tokio::test]
async fn names_of_first_light_are_right_in_both_languages() {
    let folder = copied();
    let store = Store::open(folder.path()).await.unwrap();
    let titles: Vec<Text> = store.meetings().await.unwrap().into_iter().map(|row| row.title).collect();
    assert_eq!(
        titles,
        [Text::new("秋季工作会议", "Autumn meeting"), Text::new("春季工作会议", "Spring meeting")]
    );
    let autumn: MeetingId = "autumn".parse().unwrap();
    let (directory, plan) = store.load(&autumn).await.unwrap();
    assert_eq!(*directory.organisation(), Text::new("云岭茶业", "Yunling Tea"));
    assert_eq!(directory.tiers(), [Text::new("总部", "Head office"), Text::new("分部", "Branch")]);
    let units: Vec<_> =
        directory.units().iter().map(|unit| (unit.name.clone(), unit.short.clone())).collect();
    assert_eq!(
        units,
        [
            (Text::new("云岭茶业总部", "Yunling head office"), Text::new("总部", "Head")),
            (Text::new("青汀分部", "Qingting branch"), Text::new("青汀", "Qingting")),
            (Text::new("Liuzhu", "Liuzhu"), Text::new("Liuzhu", "Liuzhu")),
        ]
    );
    let main = directory.venue(&"main".parse().unwrap()).unwrap();
    assert_eq!((&main.name, &main.short), (&Text::new("主会场", "Main venue"), &Text::new("主会场", "Main")));
    let sources: Vec<&Text> = main.sources.iter().map(|source| &source.name).collect();
    assert_eq!(sources, [&Text::new("机位 1 讲台", "cam 1 podium"), &Text::new("机位 2 全景", "cam 2 hall")]);
    assert_eq!(main.technician.as_ref().unwrap().name, Text::new("方霁白", "Fang Jibai"));
    assert_eq!(directory.people()[&"p02".parse().unwrap()].name, Text::new("江予安", "Jiang Yu'an"));
    assert_eq!(plan.contact.unwrap().name, Text::new("会务", "Control room"));
    let items: Vec<&Text> = plan.items.iter().map(|item| &item.title).collect();
    assert_eq!(items, [&Text::new("开场", "Opening"), &Text::new("青汀汇报", "Report from Qingting")]);
    store.close().await;
}

#[tokio::test]
async fn links_of_first_light_stay_good() {
    let folder = copied();
    let key = fs::read(folder.path().join("token.key")).unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    assert_eq!(store.token_key().to_vec(), key);
    // Three roles, and a venue more in the meeting whose file was applied again.
    for (meeting, links) in [("autumn", 7), ("spring", 6)] {
        let tokens = store.tokens(&meeting.parse().unwrap()).await.unwrap();
        assert_eq!((tokens.len(), tokens.iter().filter(|token| token.revoked.is_some()).count()), (links, 0));
    }
    store.close().await;
}
