//! Where things lie: the checkout, its parts, and what cargo knows of them.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// The npm workspace.
pub(crate) fn web() -> PathBuf {
    root().join("web")
}

/// The cargo that runs this task, so that an override of the toolchain holds for its children.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// `cargo metadata` of the workspace, without the outside crates.
pub(crate) fn metadata() -> Result<serde_json::Value, Failure> {
    let output = cargo()
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|cause| Failure::Start { program: "cargo metadata".into(), cause })?;
    if !output.status.success() {
        return Err(Failure::Ended { what: "`cargo metadata`".into() });
    }
    serde_json::from_slice(&output.stdout)
        .map_err(|cause| Failure::Answer { program: "cargo metadata", cause: cause.to_string() })
}

/// The folder that cargo builds into.
pub(crate) fn target() -> Result<PathBuf, Failure> {
    let metadata = metadata()?;
    let folder = metadata.get("target_directory").and_then(serde_json::Value::as_str);
    folder
        .map(PathBuf::from)
        .ok_or(Failure::Answer { program: "cargo metadata", cause: "no target_directory".into() })
}

/// The first of `names` that is a program on `PATH`.
pub(crate) fn program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    names
        .iter()
        .find_map(|name| std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file()))
}

/// Reads a text file.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|cause| Failure::File { path: path.to_owned(), cause })
}

/// Writes a text file and the folders above it.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |cause| Failure::File { path: path.to_owned(), cause };
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}

/// A hash over the names and contents of files and folders; what does not exist counts as empty.
/// Folders named in `without` are left out at every depth.
pub(crate) fn hash(paths: &[PathBuf], without: &[&str]) -> Result<String, Failure> {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        feed(&mut hasher, path, without)?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn feed(hasher: &mut DefaultHasher, path: &Path, without: &[&str]) -> Result<(), Failure> {
    let failed = |cause| Failure::File { path: path.to_owned(), cause };
    let name = path.file_name().unwrap_or_default();
    if without.iter().any(|skipped| name == *skipped) {
        return Ok(());
    }
    if path.is_dir() {
        let entries = std::fs::read_dir(path).map_err(failed)?;
        let mut children =
            entries.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
        children.sort();
        for child in children {
            feed(hasher, &child, without)?;
        }
    } else if path.is_file() {
        hasher.write(path.as_os_str().as_encoded_bytes());
        hasher.write(&std::fs::read(path).map_err(failed)?);
    }
    Ok(())
}
