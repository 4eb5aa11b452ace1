//! `onehall meeting apply` on a data folder that no server has: the real binary.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails it by panicking")]

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A data folder of schema 1 and the meeting files that made it.
fn first_light() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../adapter/store-sqlite/tests/first_light")
}

/// A data folder, and a folder for temporary files, both of which go with the test.
struct Hall {
    data: tempfile::TempDir,
    temporary: tempfile::TempDir,
}

impl Hall {
    fn of_schema_1() -> Self {
        let hall = Self::empty();
        for entry in fs::read_dir(first_light().join("data")).unwrap() {
            let entry = entry.unwrap();
            let copy = hall.data.path().join(entry.file_name());
            fs::copy(entry.path(), &copy).unwrap();
            fs::set_permissions(&copy, Permissions::from_mode(0o600)).unwrap();
        }
        hall
    }

    fn empty() -> Self {
        Self { data: tempfile::tempdir().unwrap(), temporary: tempfile::tempdir().unwrap() }
    }

    /// What `apply` of a file says on standard output, or what it complains of.
    fn apply(&self, data: &Path, more: &[&str]) -> Result<String, String> {
        let output = Command::new(env!("CARGO_BIN_EXE_onehall"))
            .args(["meeting", "apply"])
            .arg(first_light().join("autumn.toml"))
            .arg("--data")
            .arg(data)
            .args(more)
            .env("TMPDIR", self.temporary.path())
            .output()
            .unwrap();
        assert_eq!(names(self.temporary.path()), Vec::<String>::new(), "a copy of the database stays behind");
        let text = |bytes| String::from_utf8(bytes).unwrap();
        if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let data = self.data.path();
        names(data).into_iter().map(|name| (name.clone(), fs::read(data.join(name)).unwrap())).collect()
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

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
fn a_dry_run_asks_the_process_that_has_the_folder() {
    let hall = Hall::of_schema_1();
    let lock = File::create_new(hall.data.path().join("store.lock")).unwrap();
    lock.lock().unwrap();
    let before = hall.files();
    let said = hall.apply(hall.data.path(), &["--dry-run"]).unwrap_err();
    assert!(said.starts_with("onehall: the server that has the data folder is not ready\n"), "{said}");
    assert!(before == hall.files(), "{:?}", names(hall.data.path()));
}
