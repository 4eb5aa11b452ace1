//! `sim --seed N`: replays one sequence of the simulator with all that happened in it. `sim --count N [--first M]`: runs many.

use std::process::ExitCode;
use std::time::Instant;

use meeting::planted::Bug;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match Options::read(&words) {
        Ok(options) => options.run(),
        Err(why) => {
            say(&why);
            say("usage: sim --seed N | --count N [--first M]; with --bug NAME a fault is planted");
            ExitCode::from(2)
        }
    }
}

#[derive(Default)]
struct Options {
    seed: Option<u64>,
    count: Option<u64>,
    first: u64,
    bug: Option<Bug>,
}

impl Options {
    fn read(words: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        for pair in words.chunks(2) {
            let [name, value] = pair else { return Err(format!("{} needs a value", pair[0])) };
            let number = || value.parse().map_err(|_| format!("{value:?} is not a number"));
            match name.as_str() {
                "--seed" => options.seed = Some(number()?),
                "--count" => options.count = Some(number()?),
                "--first" => options.first = number()?,
                "--bug" => {
                    let named = Bug::ALL.into_iter().find(|bug| format!("{bug:?}") == *value);
                    options.bug = Some(named.ok_or(format!("there is no fault {value:?} to plant"))?);
                }
                other => return Err(format!("{other:?} is not an option")),
            }
        }
        match (options.seed, options.count) {
            (None, None) => Err("nothing to do".into()),
            _ => Ok(options),
        }
    }

    fn run(&self) -> ExitCode {
        if let Some(seed) = self.seed {
            return match testing::replay(seed, self.bug) {
                Ok(counts) => {
                    say(&format!("seed {seed}: every invariant holds\n{counts}"));
                    ExitCode::SUCCESS
                }
                Err((failure, trace)) => {
                    trace.lines().iter().for_each(|line| say(line));
                    say(&failure.to_string());
                    ExitCode::FAILURE
                }
            };
        }
        let begin = Instant::now();
        match testing::run_many(self.first, self.count.unwrap_or(0), self.bug) {
            Ok(counts) => {
                say(&format!("{counts}in {:.1} s", begin.elapsed().as_secs_f64()));
                ExitCode::SUCCESS
            }
            Err(failure) => {
                say(&format!("{failure}\nreplay: cargo xtask sim --seed {}", failure.seed));
                ExitCode::FAILURE
            }
        }
    }
}

fn say(line: &str) {
    use std::io::Write;
    // Nobody listens any more: there is nobody to tell.
    let _ = writeln!(std::io::stdout(), "{line}");
}
