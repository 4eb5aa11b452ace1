//! What goes on in a meeting while others flood it: a desk and a venue come, act, watch, publish and go.

use std::io;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::json;
use wire::ReadyLine;

use super::Target;
use super::raw::{self, Socket, ask, offer};

/// A command that could not be stored is asked again after this pause, for so long.
const AGAIN_AFTER: Duration = Duration::from_millis(200);
const ANSWERS_WITHIN: Duration = Duration::from_secs(60);

/// A desk and a venue.
#[derive(Debug)]
pub struct Usual {
    target: Target,
    director: String,
    venue: String,
    source: String,
    rounds: u64,
}

/// What became of one round.
#[derive(Debug, Default)]
pub struct Round {
    /// What was refused or not answered, in words.
    pub refused: Vec<String>,
    /// From a command to its acknowledgement.
    pub ack: Option<Duration>,
}

impl Usual {
    /// Of the meeting of a ready line: its director, and the last of its venues.
    ///
    /// # Errors
    /// There is no single meeting, or it has no venue.
    pub fn of(ready: &ReadyLine, target: Target) -> Result<Self> {
        let venue = ready.venues.last().context("no venue")?;
        Ok(Self {
            target,
            director: ready.tokens.as_ref().context("no tokens")?.director.clone(),
            venue: venue.token.clone(),
            source: venue.sources.first().context("no source")?.id.to_string(),
            rounds: 0,
        })
    }

    /// A desk says hello and gives a command.
    pub async fn desk(&mut self) -> Round {
        self.rounds += 1;
        let mut round = Round::default();
        match self.command().await {
            Ok((word, ack)) => {
                round.ack = Some(ack);
                round.note("a command of the desk", word == "ack", &word);
            }
            Err(error) => round.note("a command of the desk", false, &error.to_string()),
        }
        round
    }

    /// A desk says hello and gives a command, and all that [`visit`](Self::visit) has.
    pub async fn round(&mut self) -> Round {
        let mut round = self.desk().await;
        round.refused.extend(self.visit().await.refused);
        round
    }

    /// A venue says hello, desk and venue open a session and end it, and the state is read.
    pub async fn visit(&self) -> Round {
        let mut round = Round::default();
        let hello = async { open(&self.target).await?.hello(&self.venue).await }.await;
        let word = hello.unwrap_or_else(|error| error.to_string());
        round.note("the hello of a venue", word == "snapshot", &word);
        let meeting = &self.target.meeting;
        let watch = format!("/whep/{meeting}?page=desk");
        let publish = format!("/whip/{meeting}/{}", self.source);
        let sessions = [
            ("the desk's session", watch, &self.director, raw::WATCH),
            ("the venue's session", publish, &self.venue, raw::PUBLISH),
        ];
        for (what, path, token, direction) in sessions {
            let status = self.session(&path, token, direction).await;
            let word = status.map_or_else(|error| error.to_string(), |status| status.to_string());
            round.note(what, word == "201", &word);
        }
        let line = format!("GET /api/v1/meetings/{meeting}/state");
        let state = ask(&self.target, &line, &self.director, "", "").await;
        let word = state.map_or_else(|error| error.to_string(), |answer| answer.status.to_string());
        round.note("the state", word == "200", &word);
        round
    }

    async fn command(&self) -> io::Result<(String, Duration)> {
        let mut socket = open(&self.target).await?;
        let word = socket.hello(&self.director).await?;
        if word != "snapshot" {
            return Err(io::Error::other(word));
        }
        let sent = Instant::now();
        // Each round is an act of its own.
        let key = format!("usual-{}", self.rounds);
        let command = json!({ "k": "cmd", "key": key, "do": { "preview": { "source": self.source } } });
        loop {
            socket.say(&command.to_string()).await?;
            let answer = socket.next(&["ack", "refused"]).await?;
            let word = if answer["k"] == "refused" { &answer["code"] } else { &answer["k"] };
            let word = word.as_str().unwrap_or_default().to_owned();
            // A disk that hangs refuses nobody: the same key is asked again, and what that costs is in the time.
            let again = matches!(word.as_str(), "unconfirmed" | "busy") && sent.elapsed() < ANSWERS_WITHIN;
            if !again {
                return Ok((word, sent.elapsed()));
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    async fn session(&self, path: &str, token: &str, direction: &str) -> io::Result<u16> {
        let (status, location) = offer(&self.target, path, token, direction).await?;
        if let Some(location) = location {
            ask(&self.target, &format!("DELETE {location}"), token, "", "").await?;
        }
        Ok(status)
    }
}

impl Round {
    fn note(&mut self, what: &str, granted: bool, word: &str) {
        if !granted {
            self.refused.push(format!("{what}: {word}"));
        }
    }
}

async fn open(target: &Target) -> io::Result<Socket> {
    Socket::open(target).await?.map_err(|status| io::Error::other(status.to_string()))
}
