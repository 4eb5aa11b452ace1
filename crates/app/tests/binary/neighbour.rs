//! Two meetings on one server, of which one cannot recover (H5 of the first look): nothing of it is felt in the other.

use std::fs;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use demo::bots::fleet::script;
use demo::floods::{Flood, Target, Usual};
use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection};
use wire::ReadyLine;

use crate::hall::{self, Hall};
use crate::serve::{ended, ready};

const DEADLINE: Duration = Duration::from_secs(60);
/// Commands that the meeting which cannot recover is given.
const COMMANDS: u64 = 5_000;
/// Takes of its neighbour meanwhile.
const TAKES: usize = 5;

/// A meeting under its director's token.
struct Desk<'a> {
    ready: &'a ReadyLine,
    keys: u32,
}

impl Desk<'_> {
    fn token(&self) -> &str {
        &self.ready.tokens.as_ref().unwrap().director
    }

    async fn act(&mut self, act: &str) -> (u16, Value) {
        self.keys += 1;
        script::act(&self.ready.api, self.token(), &format!("n{}", self.keys), act).await.unwrap()
    }

    async fn until(&self, what: &str, so: impl Fn(&Value) -> bool) {
        let began = Instant::now();
        loop {
            let state = script::state(&self.ready.api, self.token()).await.unwrap();
            if so(&state["state"]) {
                return;
            }
            assert!(began.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Puts that source on air, and waits until the hop says that it is.
    async fn take(&mut self, source: &str) {
        let preview = format!(r#"{{"preview":{{"source":"{source}"}}}}"#);
        assert_eq!(self.act(&preview).await.0, 200);
        self.until(&format!("{source} can be taken"), |state| state["preview"]["ready"] == true).await;
        let (status, answer) = self.act(r#"{"take":{}}"#).await;
        assert_eq!(status, 200, "{answer}");
        self.until(&format!("{source} is shown"), |state| state["programme"]["shown"]["source"] == source)
            .await;
    }
}

/// Another wrote to the log of `broken`, and what it holds is damaged: it can be neither gone on with nor read again.
async fn damage(hall: &Hall) {
    let database = format!("sqlite:{}", hall.data.path().join("onehall.db").display());
    let mut database = SqliteConnection::connect(&database).await.unwrap();
    for change in [
        "UPDATE run SET epoch = epoch + 5 WHERE meeting = 'broken'",
        "UPDATE event SET body = X'7B7D' WHERE run IN (SELECT id FROM run WHERE meeting = 'broken')",
    ] {
        let done = sqlx::query(change).execute(&mut database).await.unwrap();
        assert!(done.rows_affected() > 0, "{change}");
    }
    database.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_meeting_that_cannot_recover_freezes_nothing_of_its_neighbour() {
    let hall = Hall::empty();
    hall.add("broken");
    hall.add("calm");
    let (server, broken) = ready(&hall, &["--start", "--meeting", "broken"], "warn");
    ended(server);
    let (server, calm) = ready(&hall, &["--start", "--meeting", "calm"], "error");
    let api = calm.api.replace("/calm", "/broken");
    let broken = ReadyLine { api, ..broken };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ready.json");
    fs::write(&file, serde_json::to_vec(&calm).unwrap()).unwrap();
    // They end with their standard input.
    let mut bots = hall::onehall(&["bots", "--with-parent", "--ready"]);
    let mut bots = bots.arg(&file).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut desk = Desk { ready: &calm, keys: 0 };
    let sources: Vec<String> = calm.venues.iter().map(|venue| venue.sources[0].id.to_string()).collect();
    desk.take(&sources[1]).await;

    let mut other = Desk { ready: &broken, keys: 0 };
    assert_eq!(other.act(r#"{"preview":{"source":"main.1"}}"#).await.0, 200, "it is under way");
    damage(&hall).await;
    let (status, answer) = other.act(r#"{"preview":{"source":"qingting"}}"#).await;
    assert_ne!(status, 200, "{answer}");
    flood(&broken).await;

    for take in 0..TAKES {
        desk.take(&sources[take % 2 + 1]).await;
    }
    drop(bots.stdin.take());
    bots.wait().unwrap();
    let gone = |state: &Value| state[format!("venue:{}", calm.venues[1].id)]["state"] != "ok";
    desk.until("a venue that sends nothing any more is lost", gone).await;
    ended(server);
}

/// Gives it commands that it refuses or does not answer, and sessions that come and go.
async fn flood(broken: &ReadyLine) {
    let target = Target::of(broken, [127, 0, 0, 2].into()).unwrap();
    let tried = Arc::new(AtomicU64::new(0));
    let enough = async {
        let usual = Usual::of(broken, target.clone()).unwrap();
        while tried.load(Ordering::Relaxed) < COMMANDS {
            usual.visit().await;
        }
    };
    Flood::Commands.run(&target, Arc::clone(&tried), enough).await;
}
