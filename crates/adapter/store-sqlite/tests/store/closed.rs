//! The page of closing acts.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use base::{ActKind, CommandKey, RunId, TokenId, VenueId, Wall};
use directory::policy::Role;
use meeting::By;
use service::port::unlogged::{Closing, Entry, Unlogged};
use store_sqlite::ClosedPage;

use crate::common::run;

fn venue(n: usize) -> VenueId {
    VenueId::new(&format!("v{n:03}")).unwrap()
}

/// A microphone that the chair shut under that key.
fn closing(of: &RunId, key: usize) -> Entry {
    let by = By::Actor {
        role: Role::Chair,
        venue: None,
        token: TokenId::new("t-chair").unwrap(),
        acting_for: None,
        key: CommandKey::new(&format!("k{key}")).unwrap(),
        act: ActKind::CloseFloor,
        effective: None,
        fields: None,
    };
    let closing = Closing::CloseFloor(venue(key));
    Entry { run: of.clone(), by, closing, venues: vec![venue(key)], at: Wall(1_793_696_400_000) }
}

#[tokio::test]
async fn a_page_is_allocated_in_full_and_gives_back_in_order_what_it_took() {
    let folder = tempfile::tempdir().unwrap();
    let page = ClosedPage::open(folder.path()).unwrap();
    let file = fs::metadata(folder.path().join("closed")).unwrap();
    assert_eq!((file.len(), file.permissions().mode() & 0o777), (65_536, 0o600));
    let (held, other) = (run("held"), run("other"));
    for n in [1, 2, 3] {
        page.put(closing(&held, n)).await.unwrap();
    }
    page.put(closing(&held, 2)).await.unwrap();
    page.put(closing(&other, 1)).await.unwrap();
    let want = [1, 2, 3].map(|n| closing(&held, n));
    assert_eq!(page.all(&held).await.unwrap(), want);
    let again = ClosedPage::open(folder.path()).unwrap();
    assert_eq!(again.all(&held).await.unwrap(), want);
    again.clear(&held).await.unwrap();
    let third = ClosedPage::open(folder.path()).unwrap();
    assert_eq!(third.all(&held).await.unwrap(), []);
    assert_eq!(third.all(&other).await.unwrap(), [closing(&other, 1)]);
}

#[tokio::test]
async fn a_page_that_the_log_has_is_empty_again_however_often() {
    let folder = tempfile::tempdir().unwrap();
    let page = ClosedPage::open(folder.path()).unwrap();
    let held = run("held");
    // Far more than it has room for at one time.
    for n in 0..1_000 {
        page.put(closing(&held, n)).await.unwrap();
        assert_eq!(page.all(&held).await.unwrap(), [closing(&held, n)]);
        page.clear(&held).await.unwrap();
    }
    page.put(closing(&held, 1_001)).await.unwrap();
    let again = ClosedPage::open(folder.path()).unwrap();
    assert_eq!(again.all(&held).await.unwrap(), [closing(&held, 1_001)]);
    assert_eq!(fs::metadata(folder.path().join("closed")).unwrap().len(), 65_536);
}

/// The slate.
fn slate(of: &RunId, key: usize) -> Entry {
    Entry { closing: Closing::Slate, venues: vec![], ..closing(of, key) }
}

/// One microphone that is shut again and again, each time under another key.
fn again(of: &RunId, key: usize) -> Entry {
    Entry { closing: Closing::CloseFloor(venue(3)), venues: vec![venue(3)], ..closing(of, key) }
}

#[tokio::test]
async fn acts_that_close_the_same_again_take_no_room_from_the_slate_or_from_another_meeting() {
    let folder = tempfile::tempdir().unwrap();
    let page = ClosedPage::open(folder.path()).unwrap();
    let (held, other) = (run("held"), run("other"));
    page.put(slate(&other, 1)).await.unwrap();
    for n in 0..1_200 {
        page.put(again(&held, n)).await.unwrap();
    }
    page.put(slate(&held, 1_200)).await.unwrap();
    page.put(closing(&held, 7)).await.unwrap();
    let found = ClosedPage::open(folder.path()).unwrap();
    assert_eq!(found.all(&other).await.unwrap(), [slate(&other, 1)]);
    let found = found.all(&held).await.unwrap();
    // Who closed first, and the last, after which nothing can have opened.
    assert_eq!(found.first(), Some(&again(&held, 0)));
    let last = &found[found.len() - 3..];
    assert_eq!(last, [again(&held, 1_199), slate(&held, 1_200), closing(&held, 7)]);
    assert!(!found.iter().any(|entry| entry.closing == Closing::AllBranches));
}

#[tokio::test]
async fn a_page_that_was_torn_holds_all_that_it_held_before() {
    let folder = tempfile::tempdir().unwrap();
    let page = ClosedPage::open(folder.path()).unwrap();
    let held = run("held");
    for n in [1, 2] {
        page.put(closing(&held, n)).await.unwrap();
    }
    let path = folder.path().join("closed");
    let before = fs::read(&path).unwrap();
    page.put(closing(&held, 3)).await.unwrap();
    let whole = fs::read(&path).unwrap();
    let changed: Vec<usize> = (0..whole.len()).filter(|at| before[*at] != whole[*at]).collect();
    for torn in changed {
        let bytes = [&whole[..torn], &before[torn..]].concat();
        fs::write(&path, &bytes).unwrap();
        let page = ClosedPage::open(folder.path()).unwrap();
        assert_eq!(page.all(&held).await.unwrap(), [1, 2].map(|n| closing(&held, n)), "byte {torn}");
        page.put(closing(&held, 4)).await.unwrap();
        let again = ClosedPage::open(folder.path()).unwrap();
        assert_eq!(again.all(&held).await.unwrap(), [1, 2, 4].map(|n| closing(&held, n)), "byte {torn}");
    }
}

#[tokio::test]
async fn a_page_of_many_microphones_says_in_one_word_of_each_meeting_which_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let page = ClosedPage::open(folder.path()).unwrap();
    let (held, other) = (run("held"), run("other"));
    page.put(slate(&held, 1_000)).await.unwrap();
    page.put(closing(&other, 1)).await.unwrap();
    for n in 0..400 {
        page.put(closing(&held, n)).await.unwrap();
    }
    let again = ClosedPage::open(folder.path()).unwrap();
    assert_eq!(again.all(&other).await.unwrap(), [closing(&other, 1)]);
    let found = again.all(&held).await.unwrap();
    assert!(found.contains(&slate(&held, 1_000)));
    let shut: BTreeSet<VenueId> = found.into_iter().flat_map(|entry| entry.venues).collect();
    assert_eq!(shut, (0..400).map(venue).collect());
}

#[tokio::test]
async fn an_act_for_which_there_is_no_room_is_not_kept_and_leaves_the_others_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let page = ClosedPage::open(folder.path()).unwrap();
    let runs: Vec<RunId> = (0..1_000).map(|n| run(&format!("meeting{n}"))).collect();
    let mut kept = Vec::new();
    for run in &runs {
        match page.put(slate(run, 1)).await {
            Ok(()) => kept.push(run),
            Err(error) => {
                assert_eq!(error.cause.to_string(), "the page is full");
                break;
            }
        }
    }
    assert!((60..1_000).contains(&kept.len()), "{}", kept.len());
    page.put(slate(kept[0], 1)).await.unwrap();
    page.put(slate(&runs[kept.len()], 1)).await.unwrap_err();
    let again = ClosedPage::open(folder.path()).unwrap();
    for run in &kept {
        assert_eq!(again.all(run).await.unwrap(), [slate(run, 1)]);
    }
    // When a log has what it is owed, there is room again.
    page.clear(kept[0]).await.unwrap();
    page.put(slate(&runs[kept.len()], 1)).await.unwrap();
}

#[tokio::test]
async fn garbage_in_a_page_is_no_entry() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("closed");
    for bytes in [vec![0xff; 65_536], vec![1; 70_000], vec![1, 0xff, 0xff, 0xff, 0xff], vec![]] {
        fs::write(&path, &bytes).unwrap();
        let page = ClosedPage::open(folder.path()).unwrap();
        assert_eq!(page.all(&run("held")).await.unwrap(), []);
        page.put(closing(&run("held"), 1)).await.unwrap();
        let again = ClosedPage::open(folder.path()).unwrap();
        assert_eq!(again.all(&run("held")).await.unwrap().len(), 1);
    }
}

/// What becomes of the file of a page.
type Mishap = fn(&std::path::Path);

#[tokio::test]
async fn what_is_written_into_a_page_that_is_not_in_the_folder_any_more_is_not_kept_until_it_is_made_anew() {
    let mishaps: [(&str, Mishap); 3] = [
        ("deleted", |page| fs::remove_file(page).unwrap()),
        ("its copy", |page| {
            fs::copy(page, page.with_extension("copy")).unwrap();
            fs::rename(page.with_extension("copy"), page).unwrap();
        }),
        ("cut off", |page| fs::File::create(page).map(drop).unwrap()),
    ];
    for (what, happens) in mishaps {
        let folder = tempfile::tempdir().unwrap();
        let page = ClosedPage::open(folder.path()).unwrap();
        let held = run("held");
        page.put(closing(&held, 1)).await.unwrap();
        happens(&folder.path().join("closed"));
        page.put(closing(&held, 1)).await.expect_err(what);
        page.put(closing(&held, 2)).await.expect_err(what);
        page.look().await;
        let file = fs::metadata(folder.path().join("closed")).unwrap();
        assert_eq!((file.len(), file.permissions().mode() & 0o777), (65_536, 0o600), "{what}");
        page.put(closing(&held, 3)).await.unwrap();
        let again = ClosedPage::open(folder.path()).unwrap();
        assert_eq!(again.all(&held).await.unwrap(), [1, 2, 3].map(|n| closing(&held, n)), "{what}");
    }
}

#[tokio::test]
async fn nothing_is_kept_and_no_page_is_made_in_another_folder_that_stands_in_its_place() {
    let parent = tempfile::tempdir().unwrap();
    let (data, aside) = (parent.path().join("data"), parent.path().join("aside"));
    fs::create_dir(&data).unwrap();
    let page = ClosedPage::open(&data).unwrap();
    fs::rename(&data, &aside).unwrap();
    fs::create_dir(&data).unwrap();
    page.put(closing(&run("held"), 1)).await.unwrap_err();
    page.look().await;
    page.put(closing(&run("held"), 1)).await.unwrap_err();
    assert_eq!(fs::read_dir(&data).unwrap().count(), 0);
    // The folder is back.
    fs::remove_dir(&data).unwrap();
    fs::rename(&aside, &data).unwrap();
    page.look().await;
    let again = ClosedPage::open(&data).unwrap();
    assert_eq!(again.all(&run("held")).await.unwrap(), [closing(&run("held"), 1)]);
}
