//! A data folder, and commands on it.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A data folder of schema 1 and the meeting files that made it.
fn first_light() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../adapter/store-sqlite/tests/first_light")
}

fn autumn() -> PathBuf {
    first_light().join("autumn.toml")
}

/// A data folder, and a folder for temporary files, both of which go with the test.
pub(crate) struct Hall {
    pub(crate) data: tempfile::TempDir,
    temporary: tempfile::TempDir,
}

impl Hall {
    /// Two meetings: `autumn` has ended, `spring` is under way.
    pub(crate) fn of_schema_1() -> Self {
        let hall = Self::empty();
        for entry in fs::read_dir(first_light().join("data")).unwrap() {
            let entry = entry.unwrap();
            let copy = hall.data.path().join(entry.file_name());
            fs::copy(entry.path(), &copy).unwrap();
            fs::set_permissions(&copy, Permissions::from_mode(0o600)).unwrap();
        }
        hall
    }

    pub(crate) fn empty() -> Self {
        Self { data: tempfile::tempdir().unwrap(), temporary: tempfile::tempdir().unwrap() }
    }

    /// What applying the file of `autumn` says on standard output, or what it complains of.
    pub(crate) fn apply(&self, data: &Path, more: &[&str]) -> Result<String, String> {
        self.apply_file(&autumn(), data, more)
    }

    /// Adds a meeting with this id that is otherwise as `autumn`.
    pub(crate) fn add(&self, id: &str) {
        self.add_with(id, "");
    }

    /// The same, with H.264.
    pub(crate) fn add_h264(&self, id: &str) {
        self.add_with(id, "\ncodec = \"h264\"");
    }

    fn add_with(&self, id: &str, more: &str) {
        let text = fs::read_to_string(autumn()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("another.toml");
        fs::write(&file, text.replacen("id = \"autumn\"", &format!("id = \"{id}\"{more}"), 1)).unwrap();
        self.apply_file(&file, self.data.path(), &[]).unwrap();
    }

    fn apply_file(&self, file: &Path, data: &Path, more: &[&str]) -> Result<String, String> {
        let mut apply = onehall(&["meeting", "apply"]);
        let apply = apply.arg(file).arg("--data").arg(data).args(more);
        let said = said(apply.env("TMPDIR", self.temporary.path()));
        assert_eq!(names(self.temporary.path()), Vec::<String>::new(), "a copy of the database stays behind");
        said
    }

    /// What `onehall link` says on standard output, or what it complains of.
    pub(crate) fn link(&self, more: &[&str]) -> Result<String, String> {
        said(onehall(&["link"]).args(more).arg("--data").arg(self.data.path()))
    }

    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let data = self.data.path();
        names(data).into_iter().map(|name| (name.clone(), fs::read(data.join(name)).unwrap())).collect()
    }

    /// A server on ports that are free. It ends with the test, which has its standard input.
    pub(crate) fn serve(&self) -> Command {
        let mut serve = onehall(&["serve", "--address", "127.0.0.1:0", "--media-port", "0", "--data"]);
        serve.arg(self.data.path()).arg("--with-parent").stdin(Stdio::piped());
        serve
    }
}

pub(crate) fn onehall(arguments: &[&str]) -> Command {
    // Another binary may be tried.
    let binary = std::env::var("ONEHALL_BIN").unwrap_or(env!("CARGO_BIN_EXE_onehall").to_owned());
    let mut command = Command::new(binary);
    command.args(arguments).env_remove("ONEHALL_LOG");
    command
}

/// What a command says on standard output, or what it complains of.
fn said(command: &mut Command) -> Result<String, String> {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
