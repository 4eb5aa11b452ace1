//! The generated TypeScript side of the contract.

use std::path::PathBuf;

use crate::failure::Failure;
use crate::{place, step};

fn path() -> PathBuf {
    place::web().join("src/contract/index.ts")
}

/// `cargo xtask contract`: writes the file.
pub(crate) fn write(words: &[String]) -> Result<(), Failure> {
    if let Some(word) = words.first() {
        return Err(Failure::UnknownOption { task: "contract", word: word.clone() });
    }
    let path = path();
    place::write(&path, &wire::typescript())?;
    step::say(&format!("wrote {}", path.display()));
    Ok(())
}

/// Fails when the committed file is not what crates/wire generates.
pub(crate) fn check() -> Result<(), Failure> {
    if place::read(&path())? == wire::typescript() {
        return Ok(());
    }
    step::say(
        "web/src/contract/index.ts: differs from crates/wire; run `cargo xtask contract` and commit it",
    );
    Err(Failure::Ended { what: "the comparison of generated files".into() })
}
