//! Plays the script against the server, over HTTP as any script would.

use std::path::PathBuf;
use std::time::Instant;

use bots::fleet::script;
use wire::ReadyLine;

use super::{LOOK_EVERY, Next, Opening, Seen, Step, Why, folder};
use crate::organisation::{GUEST, MAIN};

/// What came of an act.
enum Said {
    Taken,
    Refused(String),
    /// The server is not there, or not ready: it is asked again under the same key.
    Nothing,
}

/// Plays the rest of the script, of which so many acts are `done`, to its end. Nothing that goes wrong here concerns the demo.
pub(crate) async fn play(ready: ReadyLine, data: PathBuf, done: usize) {
    let began = Instant::now();
    let mut opening = Opening::after(done);
    let why = loop {
        let seen = look(&ready).await;
        match opening.next(began.elapsed(), seen.as_ref()) {
            Next::Wait(time) => tokio::time::sleep(time).await,
            Next::Send(step) => match send(&ready, step).await {
                Said::Taken => {
                    let done = opening.taken(began.elapsed());
                    if let Err(error) = folder::note(&data, done) {
                        tracing::warn!(%error, "how far the opening is cannot be kept");
                    }
                }
                Said::Refused(code) => break Some(Why::Refused(code)),
                Said::Nothing => tokio::time::sleep(LOOK_EVERY).await,
            },
            Next::Over => break None,
            Next::GiveWay(why) => break Some(why),
        }
    };
    if let Some(why) = why {
        tracing::warn!(%why, "the opening of the demo gives way");
    }
    if let Err(error) = folder::forget(&data) {
        tracing::warn!(%error, "that the demo was opened cannot be kept");
    }
}

async fn look(ready: &ReadyLine) -> Option<Seen> {
    let director = &ready.tokens.as_ref()?.director;
    let answer = script::state(&ready.api, director).await.ok()?;
    // An answer without a state is a refusal.
    answer.get("state").map(Seen::of)
}

async fn send(ready: &ReadyLine, step: Step) -> Said {
    let branch = ready.venues.iter().find(|venue| ![MAIN, GUEST].contains(&venue.id.as_str()));
    let director = ready.tokens.as_ref().map(|tokens| tokens.director.as_str());
    let (Some(branch), Some(director)) = (branch, director) else {
        return Said::Refused("the server has no meeting with a branch venue".to_owned());
    };
    let token = match step {
        Step::Hall | Step::Take | Step::Podium | Step::Item => director,
        Step::Hand => &branch.token,
    };
    let act = step.act(branch.id.as_str()).to_string();
    match script::act(&ready.api, token, step.key(), &act).await {
        Ok((200, _)) => Said::Taken,
        Ok((429 | 500.., _)) | Err(_) => Said::Nothing,
        Ok((status, answer)) => {
            Said::Refused(answer["code"].as_str().map_or_else(|| status.to_string(), str::to_owned))
        }
    }
}
