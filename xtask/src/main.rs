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
    /// What it takes, and what that does, a line each.
    options: &'static [&'static str],
    run: fn(&[String]) -> Result<(), Failure>,
}

const TASKS: &[Task] = &[
    Task {
        name: "demo",
        about: "install, build and start a meeting with synthetic venues; takes the options of `onehall demo`",
        options: &[
            "--venues N         branch venues besides the main venue and the guest's (24)",
            "--no-bots          no synthetic venues",
            "--slate            begin on the slate",
            "--address A:P      where to listen (127.0.0.1:8440)",
            "--data DIR         a data folder that is kept",
            "--codec CODEC      vp8 or h264",
            "--json             one line of JSON when ready",
        ],
        run: run::demo,
    },
    Task {
        name: "test",
        about: "everything that must hold: check, unit tests and simulation, browser tests",
        options: &[],
        run: check::test,
    },
    Task {
        name: "check",
        about: "format, clippy, documentation, tidy, generated files, web format, web types, web lint, web unit tests",
        options: &[],
        run: check::check,
    },
    Task {
        name: "e2e",
        about: "browser tests; takes a filter, and whatever else the browser test runner takes",
        options: &["FILTER             whatever the browser test runner takes"],
        run: check::e2e,
    },
    Task {
        name: "tidy",
        about: "tiers, outside crates, budgets of docs/style.md, strange paths",
        options: &[],
        run: tidy::task,
    },
    Task {
        name: "deny",
        about: "advisories, licences, bans and sources of outside crates, where cargo-deny is installed",
        options: &[],
        run: check::deny,
    },
    Task {
        name: "contract",
        about: "write web/src/contract/index.ts from crates/wire",
        options: &[],
        run: contract::write,
    },
    Task {
        name: "bench",
        about: "measure a release build; takes the options of `onehall bench`, or `screens`",
        options: &[
            "--watchers N,N…    numbers of watchers, each with a server of its own (25,100,200)",
            "--seconds N        over which CPU and packets are counted (15)",
            "--floods SECONDS   instead: what desk, venues and sound feel of floods; with --ready FILE of that server",
            "screens            instead: screens alone, without a server",
        ],
        run: run::bench,
    },
    Task {
        name: "sim",
        about: "play sequences of the simulator, or one again: `sim --seed N` (docs/how-to/simulator.md)",
        options: &["--seed N           that sequence again", "(further ones: docs/how-to/simulator.md)"],
        run: run::sim,
    },
    Task {
        name: "nightly",
        about: "what takes long: bench, other seeds, fuzzing, tests ten times under load; `nightly [PART…] [--minutes 480]`",
        options: &[
            "PART…              bench, simulator, fuzz, sockets, browsers, whole; all if none is named",
            "--minutes N        what has not begun then does not begin (480)",
            "--rounds N         of each test with a socket or a browser (10)",
            "--runs N           of everything (3)",
        ],
        run: nightly::task,
    },
    Task {
        name: "fuzz",
        about: "drive the parsers of strangers' bytes with libFuzzer: `fuzz [TARGET] [SECONDS]`; needs a C++ compiler",
        options: &[
            "TARGET             all, one after another, if none is named",
            "SECONDS            for each",
        ],
        run: fuzz::task,
    },
    Task {
        name: "setup",
        about: "install Debian packages, node modules and the web build that are missing or old",
        options: &[],
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
    if let Some(usage) = usage(words) {
        step::say(&usage);
        return Ok(());
    }
    let Some((word, rest)) = words.split_first() else { return help() };
    if matches!(word.as_str(), "help" | "--help" | "-h") {
        return help();
    }
    match TASKS.iter().find(|task| task.name == word) {
        Some(task) => (task.run)(rest),
        None => Err(Failure::UnknownTask { word: word.clone(), nearest: nearest(word) }),
    }
}

/// What a task does and takes, if that is what is asked for. Nothing is built to say it.
fn usage(words: &[String]) -> Option<String> {
    let [word, asked] = words else { return None };
    let task = TASKS.iter().find(|task| task.name == word)?;
    let lines: String = task.options.iter().map(|line| format!("\n  {line}")).collect();
    let usage = format!("cargo xtask {}: {}{lines}", task.name, task.about);
    matches!(asked.as_str(), "help" | "--help" | "-h").then_some(usage)
}

fn help() -> Result<(), Failure> {
    step::say("cargo xtask TASK [options]");
    for task in TASKS {
        step::say(&format!("  {:9} {}", task.name, task.about));
    }
    step::say("  help      this list; `TASK --help` says what a task takes");
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
    fn what_a_task_takes_is_told_before_anything_is_built() {
        for word in ["--help", "-h", "help"] {
            for task in TASKS {
                assert!(
                    usage(&[task.name.to_owned(), word.to_owned()])
                        .is_some_and(|said| said.contains(task.name))
                );
            }
        }
        // Behind other words it may be a filter, or another program's own.
        assert_eq!(usage(&["e2e".to_owned()]), None);
    }

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
