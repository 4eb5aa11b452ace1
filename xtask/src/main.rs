//! `cargo xtask`: the only task runner of the project.
//!
//! It is not a build system: cargo and npm build, this crate says in which order, installs what they miss, and
//! checks what neither of them checks ([`tidy`]). The main types are [`step::Steps`], which runs steps and
//! remembers their time and tests, and [`tidy::Violation`].

mod check;
mod contract;
mod count;
mod failure;
mod fuzz;
mod nightly;
mod place;
mod run;
mod setup;
mod step;
mod tidy;

use std::process::ExitCode;

use failure::Failure;

/// One word of the command line: its name, what `help` says, and what it does.
struct Task {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), Failure>,
}

const TASKS: &[Task] = &[
    Task {
        name: "demo",
        about: "install, build and start a meeting with synthetic venues; takes the options of `onehall demo`",
        run: run::demo,
    },
    Task {
        name: "test",
        about: "everything that must hold: check, unit tests and simulation, browser tests",
        run: check::test,
    },
    Task {
        name: "check",
        about: "format, clippy, documentation, tidy, generated files, web format, web types, web lint, web unit tests",
        run: check::check,
    },
    Task {
        name: "e2e",
        about: "browser tests; takes a filter, and whatever else the browser test runner takes",
        run: check::e2e,
    },
    Task {
        name: "tidy",
        about: "tiers, outside crates, budgets of docs/style.md, strange paths",
        run: tidy::task,
    },
    Task {
        name: "deny",
        about: "advisories, licences, bans and sources of outside crates, where cargo-deny is installed",
        run: check::deny,
    },
    Task {
        name: "contract",
        about: "write web/src/contract/index.ts from crates/wire",
        run: contract::write,
    },
    Task {
        name: "bench",
        about: "measure a release build; takes the options of `onehall bench`, or `screens`",
        run: run::bench,
    },
    Task {
        name: "sim",
        about: "play sequences of the simulator, or one again: `sim --seed N` (docs/how-to/simulator.md)",
        run: run::sim,
    },
    Task {
        name: "nightly",
        about: "what takes long: bench, other seeds, fuzzing, tests ten times under load; `nightly [PART…] [--minutes 480]`",
        run: nightly::task,
    },
    Task {
        name: "fuzz",
        about: "drive the parsers of strangers' bytes with libFuzzer: `fuzz [TARGET] [SECONDS]`; needs a C++ compiler",
        run: fuzz::task,
    },
    Task {
        name: "setup",
        about: "install Debian packages, node modules and the web build that are missing or old",
        run: setup::task,
    },
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[String]) -> Result<(), Failure> {
    let Some((word, rest)) = words.split_first() else { return help() };
    if matches!(word.as_str(), "help" | "--help" | "-h") {
        return help();
    }
    match TASKS.iter().find(|task| task.name == word) {
        Some(task) => (task.run)(rest),
        None => Err(Failure::UnknownTask { word: word.clone(), nearest: nearest(word) }),
    }
}

fn help() -> Result<(), Failure> {
    step::say("cargo xtask TASK [options]");
    for task in TASKS {
        step::say(&format!("  {:9} {}", task.name, task.about));
    }
    step::say("  help      this list");
    Ok(())
}

/// The task whose name is fewest edits away from `word`.
fn nearest(word: &str) -> &'static str {
    TASKS.iter().min_by_key(|task| strsim::levenshtein(word, task.name)).map_or("help", |task| task.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_word_is_refused_with_the_nearest_task() {
        assert_eq!(nearest("tset"), "test");
        assert_eq!(nearest("chek"), "check");
        assert_eq!(nearest("tydi"), "tidy");
        assert_eq!(nearest("contrat"), "contract");
        let words = ["dmeo".to_owned()];
        assert!(matches!(dispatch(&words), Err(Failure::UnknownTask { nearest: "demo", .. })));
    }
}
