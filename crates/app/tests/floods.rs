//! Floods by a watcher's link, or by nobody, against the real binary over loopback. What is gated is who is refused, never how fast: `cargo xtask
//! bench --floods` measures.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails it by panicking")]

mod started;

use std::net::Ipv4Addr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use demo::bots::fleet::script;
use demo::floods::{Flood, Target, Usual};
use tokio::sync::oneshot;
use wire::ReadyLine;

use started::Started;

const DEADLINE: Duration = Duration::from_secs(120);
/// Rounds of what usually goes on, within each flood.
const ROUNDS: usize = 3;
/// A flood of so many attempts has begun.
const BEGUN: u64 = 200;
/// More attempts than a meeting has places that watchers leave.
const PLACES: u64 = 1_500;

/// A demo without bots, ended with the test.
struct Demo {
    _started: Started,
    ready: ReadyLine,
}

impl Demo {
    fn start() -> Self {
        Self::spawn(Command::new(env!("CARGO_BIN_EXE_onehall")))
    }

    /// One whose processes may open so many files each.
    fn start_with_files(files: u32) -> Self {
        let mut shell = Command::new("sh");
        let limited = format!("ulimit -n {files} && exec \"$0\" \"$@\"");
        shell.args(["-c", &limited, env!("CARGO_BIN_EXE_onehall")]);
        Self::spawn(shell)
    }

    fn spawn(mut command: Command) -> Self {
        command.args(["demo", "--json", "--no-bots", "--slate", "--venues", "3", "--address", "127.0.0.1:0"]);
        let (started, line) = Started::spawn(&mut command);
        Self { _started: started, ready: serde_json::from_str(&line).unwrap() }
    }

    fn target(&self, last: u8) -> Target {
        Target::of(&self.ready, Ipv4Addr::new(127, 0, 0, last)).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r18_no_venue_s_commands_make_a_repeat_of_the_director_s_happen_again() {
    let demo = Demo::start();
    let api = &demo.ready.api;
    let director = &demo.ready.tokens.as_ref().unwrap().director;
    let venue = &demo.ready.venues[1];
    let preview = |source: &str| format!(r#"{{"preview":{{"source":"{source}"}}}}"#);
    let act = async |token: &str, key: &str, act: &str| script::act(api, token, key, act).await.unwrap();
    act(director, "p1", &preview(demo.ready.venues[0].sources[0].id.as_str())).await;
    let first = act(director, "take", r#"{"take":{}}"#).await;
    assert_eq!(first.0, 200, "{}", first.1);
    act(director, "p2", &preview(venue.sources[0].id.as_str())).await;
    let (mut acked, mut refused) = (0, 0);
    for n in 0..400 {
        let hand = if n % 2 == 0 { r#"{"raise":{}}"# } else { r#"{"withdraw":{}}"# };
        match act(&venue.token, &format!("h{n}"), hand).await {
            (200, _) => acked += 1,
            (429, _) => refused += 1,
            (409, answer) => assert!(answer["code"] == "not_waiting" || answer["code"] == "already_waiting"),
            other => panic!("{other:?}"),
        }
    }
    println!("a venue's hand: {acked} acknowledged, {refused} too often");
    assert!(refused > 100);
    assert_eq!(act(director, "take", r#"{"take":{}}"#).await, first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r18_floods_by_the_weakest_link_refuse_nothing_to_desk_and_venue() {
    let demo = Demo::start();
    let mut usual = Usual::of(&demo.ready, demo.target(3)).unwrap();
    assert_eq!(usual.round().await.refused, Vec::<String>::new(), "without a flood");
    for flood in Flood::ALL {
        if !flood.permitted() {
            println!("{}: skipped, it needs root", flood.name());
            continue;
        }
        let mut refused = Vec::new();
        let rounds = async {
            for _ in 0..ROUNDS {
                refused.extend(usual.round().await.refused);
            }
        };
        let tried = during(flood, demo.target(2), BEGUN, rounds).await;
        println!("{}: {tried} tried", flood.name());
        assert_eq!(refused, Vec::<String>::new(), "while {} flood", flood.name());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r18_floods_by_one_venue_s_link_refuse_nothing_to_another() {
    let demo = Demo::start();
    let one = &demo.ready.venues[1].token;
    let mut usual = Usual::of(&demo.ready, demo.target(3)).unwrap();
    for flood in [Flood::Sessions, Flood::Clients] {
        let mut refused = Vec::new();
        let rounds = async {
            for _ in 0..ROUNDS {
                refused.extend(usual.round().await.refused);
            }
        };
        during(flood, demo.target(2).with(one), PLACES, rounds).await;
        assert_eq!(refused, Vec::<String>::new(), "while {} flood", flood.name());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r18_where_files_are_few_watchers_leave_a_desk_its_place() {
    let demo = Demo::start_with_files(64);
    let mut usual = Usual::of(&demo.ready, demo.target(3)).unwrap();
    let mut refused = Vec::new();
    let desks = async {
        for _ in 0..ROUNDS {
            refused.extend(usual.desk().await.refused);
        }
    };
    during(Flood::Clients, demo.target(2), BEGUN, desks).await;
    assert_eq!(refused, Vec::<String>::new());
}

/// Does something while a flood goes on that was tried so often before; how often the attacker tried in all.
async fn during(flood: Flood, attacker: Target, before: u64, what: impl Future<Output = ()>) -> u64 {
    let tried = Arc::new(AtomicU64::new(0));
    let (end, ended) = oneshot::channel::<()>();
    let counted = Arc::clone(&tried);
    let flooding = tokio::spawn(async move {
        let ended = async { drop(ended.await) };
        flood.run(&attacker, counted, ended).await;
    });
    let began = Instant::now();
    while tried.load(Ordering::Relaxed) < before {
        assert!(began.elapsed() < DEADLINE, "{} does not begin", flood.name());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    what.await;
    drop(end);
    flooding.await.unwrap();
    tried.load(Ordering::Relaxed)
}
