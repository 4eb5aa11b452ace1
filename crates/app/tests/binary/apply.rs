//! `onehall meeting apply` on a data folder that no server has.

use std::fs::File;

use crate::hall::{Hall, names};

#[test]
fn a_dry_run_on_an_earlier_schema_says_what_apply_then_does_and_leaves_every_byte() {
    let hall = Hall::of_schema_1();
    let before = hall.files();
    let would = hall.apply(hall.data.path(), &["--dry-run"]).unwrap();
    assert!(before == hall.files(), "{:?}", names(hall.data.path()));
    assert!(would.contains("to make; none made (--dry-run)."), "{would}");

    let does = hall.apply(hall.data.path(), &[]).unwrap();
    let changes = |said: &str| -> Vec<String> {
        said.lines().take_while(|line| !line.contains("made")).map(str::to_owned).collect()
    };
    assert_eq!(changes(&would), changes(&does));
    assert!(names(hall.data.path()).contains(&"onehall.db.1".to_owned()));
    let again = hall.apply(hall.data.path(), &["--dry-run"]).unwrap();
    assert_eq!(again, "Nothing changes.\n");
}

#[test]
fn a_dry_run_makes_nothing_where_there_is_nothing() {
    let hall = Hall::empty();
    let missing = hall.data.path().join("missing");
    for data in [hall.data.path(), &missing] {
        let would = hall.apply(data, &["--dry-run"]).unwrap();
        assert!(would.contains("to make; none made (--dry-run)."), "{would}");
        assert_eq!(names(hall.data.path()), Vec::<String>::new());
    }
}

#[test]
fn a_dry_run_says_that_it_cannot_look() {
    let hall = Hall::empty();
    let file = hall.data.path().join("file");
    File::create_new(&file).unwrap();
    let said = hall.apply(&file, &["--dry-run"]).unwrap_err();
    assert!(said.contains("could not look at") && said.contains("Not a directory"), "{said}");
}

#[test]
fn a_dry_run_asks_the_process_that_has_the_folder() {
    let hall = Hall::of_schema_1();
    let lock = File::create_new(hall.data.path().join("store.lock")).unwrap();
    lock.lock().unwrap();
    let before = hall.files();
    let said = hall.apply(hall.data.path(), &["--dry-run"]).unwrap_err();
    assert!(said.starts_with("onehall: the server that has the data folder is not ready\n"), "{said}");
    assert!(before == hall.files(), "{:?}", names(hall.data.path()));
}
