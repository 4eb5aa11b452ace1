//! `cargo xtask fuzz`: the parsers of strangers' bytes under libFuzzer, for as long as one likes.

use std::path::Path;
use std::process::Command;

use crate::failure::Failure;
use crate::{place, step};

/// How long each target is driven when no time is named.
const SECONDS: u64 = 60;
/// What the compiler does so that libFuzzer sees which paths were taken; stable Rust knows all of it.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// `cargo xtask fuzz [TARGET] [SECONDS]`: one target or all, one after the other. What libFuzzer learns lies under `target/fuzz/corpus` and is
/// where it goes on the next time; what breaks a parser is printed, and belongs into `crates/fuzz/corpus` once it is mended.
pub(crate) fn task(words: &[String]) -> Result<(), Failure> {
    let (targets, seconds) = chosen(words, names()?)?;
    if place::program(&["c++"]).is_none() {
        return Err(Failure::Missing {
            what: "a C++ compiler, by which libFuzzer is built,".into(),
            how: "install it (on Debian: `apt-get install g++` as root)".into(),
        });
    }
    let folder = place::target()?.join("fuzz");
    let host = host()?;
    step::say(
        "building the targets for libFuzzer, in a folder of their own (the first time this takes some minutes)",
    );
    let mut build = place::cargo();
    build.args(["build", "--package", "onehall-fuzz", "--features", "libfuzzer", "--bin", "drive"]);
    build.args(["--target", &host, "--target-dir"]).arg(&folder).env("RUSTFLAGS", COVERAGE);
    step::run("the build of the targets", &mut build)?;
    let binary = folder.join(&host).join("debug/drive");
    for target in targets {
        drive(&binary, &folder, &target, seconds)?;
    }
    Ok(())
}

fn drive(binary: &Path, folder: &Path, target: &str, seconds: u64) -> Result<(), Failure> {
    let learnt = folder.join("corpus").join(target);
    std::fs::create_dir_all(&learnt).map_err(|cause| Failure::File { path: learnt.clone(), cause })?;
    step::say(&format!("{target}: {seconds} s"));
    let mut drive = Command::new(binary);
    // An input that takes seconds is a fault as well; a busy machine is none.
    drive.env("ONEHALL_FUZZ_TARGET", target).args([
        "-timeout=10",
        "-rss_limit_mb=1024",
        "-print_final_stats=1",
    ]);
    drive.arg(format!("-max_total_time={seconds}"));
    drive.arg(format!("-artifact_prefix={}/{target}-", folder.display()));
    drive.arg(learnt).arg(place::root().join("crates/fuzz/corpus").join(target));
    step::run(target, &mut drive)
}

/// The targets: one for each file.
pub(crate) fn names() -> Result<Vec<String>, Failure> {
    let folder = place::root().join("crates/fuzz/fuzz_targets");
    let entries = std::fs::read_dir(&folder).map_err(|cause| Failure::File { path: folder, cause })?;
    let stem = |entry: std::fs::DirEntry| Some(entry.path().file_stem()?.to_str()?.to_owned());
    let mut names: Vec<String> = entries.flatten().filter_map(stem).collect();
    names.sort();
    Ok(names)
}

/// Which of the targets, and for how many seconds each.
fn chosen(words: &[String], names: Vec<String>) -> Result<(Vec<String>, u64), Failure> {
    let (mut targets, mut seconds) = (names.clone(), SECONDS);
    for word in words {
        match word.parse() {
            Ok(number) => seconds = number,
            Err(_) if names.contains(word) => targets = vec![word.clone()],
            Err(_) => return Err(Failure::UnknownTarget { word: word.clone(), known: names }),
        }
    }
    Ok((targets, seconds))
}

/// The machine that cargo builds for, which must be named, so that build scripts are not made to be driven as well.
fn host() -> Result<String, Failure> {
    let unreadable = |cause: &str| Failure::Answer { program: "rustc -vV", cause: cause.to_owned() };
    let output = Command::new("rustc").arg("-vV").output();
    let output = output.map_err(|cause| Failure::Start { program: "rustc".into(), cause })?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(ToOwned::to_owned).ok_or_else(|| unreadable("no host"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_and_a_time_may_be_named_in_any_order() {
        let names = || vec!["h264".to_owned(), "vp8".to_owned()];
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let check = |given: &[&str], targets: &[&str], seconds: u64| {
            assert_eq!(chosen(&words(given), names()).ok(), Some((words(targets), seconds)));
        };
        check(&[], &["h264", "vp8"], SECONDS);
        check(&["vp8", "5"], &["vp8"], 5);
        check(&["5", "vp8"], &["vp8"], 5);
        let wrong = chosen(&words(&["vp9"]), names()).err().map(|failure| failure.to_string());
        assert_eq!(wrong.as_deref(), Some("`vp9` is no target of `cargo xtask fuzz`; there are h264, vp8"));
    }
}
