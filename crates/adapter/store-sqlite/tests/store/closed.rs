//! The page of closing acts.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{FileExt, PermissionsExt};

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
    again.clear(closing(&held, 2)).await.unwrap();
    let third = ClosedPage::open(folder.path()).unwrap();
    assert_eq!(third.all(&held).await.unwrap(), [1, 3].map(|n| closing(&held, n)));
    assert_eq!(third.all(&other).await.unwrap(), [closing(&other, 1)]);
}

#[tokio::test]
async fn a_page_that_is_empty_again_is_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let page = ClosedPage::open(folder.path()).unwrap();
    let held = run("held");
    // Far more than it has room for at one time.
    for n in 0..1_000 {
        page.put(closing(&held, n)).await.unwrap();
        assert_eq!(page.all(&held).await.unwrap(), [closing(&held, n)]);
        page.clear(closing(&held, n)).await.unwrap();
    }
    page.put(closing(&held, 1_001)).await.unwrap();
    let again = ClosedPage::open(folder.path()).unwrap();
    assert_eq!(again.all(&held).await.unwrap(), [closing(&held, 1_001)]);
    assert_eq!(fs::metadata(folder.path().join("closed")).unwrap().len(), 65_536);
}

#[tokio::test]
async fn a_page_that_is_full_says_that_every_branch_is_closed_and_keeps_the_slate() {
    let folder = tempfile::tempdir().unwrap();
    let page = ClosedPage::open(folder.path()).unwrap();
    let (held, other) = (run("held"), run("other"));
    page.put(closing(&other, 1)).await.unwrap();
    let slate = Entry { closing: Closing::Slate, venues: vec![], ..closing(&held, 9_999) };
    page.put(slate.clone()).await.unwrap();
    for n in 0..1_000 {
        page.put(closing(&held, n)).await.unwrap();
    }
    let again = ClosedPage::open(folder.path()).unwrap();
    let found = again.all(&held).await.unwrap();
    assert_eq!(found, [slate, Entry::of_all(held.clone(), Wall(1_793_696_400_000))]);
    assert_eq!(again.all(&other).await.unwrap(), [closing(&other, 1)]);
    // When the log has it all, there is room again.
    for entry in found {
        again.clear(entry).await.unwrap();
    }
    assert_eq!(ClosedPage::open(folder.path()).unwrap().all(&held).await.unwrap(), []);
}

#[tokio::test]
async fn a_page_ends_before_the_first_entry_that_is_damaged_or_torn() {
    let folder = tempfile::tempdir().unwrap();
    let page = ClosedPage::open(folder.path()).unwrap();
    let held = run("held");
    for n in [1, 2, 3] {
        page.put(closing(&held, n)).await.unwrap();
    }
    let path = folder.path().join("closed");
    let whole = fs::read(&path).unwrap();
    let end = whole.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    for torn in 0..end {
        let mut bytes = whole.clone();
        bytes[torn..].fill(0);
        file.write_all_at(&bytes, 0).unwrap();
        let found = ClosedPage::open(folder.path()).unwrap().all(&held).await.unwrap();
        assert_eq!(found, [1, 2, 3][..found.len()].iter().map(|n| closing(&held, *n)).collect::<Vec<_>>());
        assert!(found.len() < 3, "{torn} of {end} bytes");
    }
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
