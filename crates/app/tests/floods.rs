//! Floods by a watcher's link, or by nobody, against the real binary over loopback. What is gated is who is refused, never how fast: `cargo xtask
//! bench --floods` measures.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails it by panicking")]

use std::io::{BufRead as _, BufReader};
use std::net::Ipv4Addr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use demo::floods::{Flood, Target, Usual};
use tokio::sync::oneshot;
use wire::ReadyLine;

const DEADLINE: Duration = Duration::from_secs(30);
/// Rounds of what usually goes on, within each flood.
const ROUNDS: usize = 3;

/// A demo without bots, ended with the test.
struct Demo {
    child: Child,
    ready: ReadyLine,
}

impl Demo {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_onehall"))
            .args(["demo", "--json", "--no-bots", "--slate", "--venues", "3", "--address", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, ready: serde_json::from_str(&line).unwrap() }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        // The supervisor ends its children when it is told to end.
        let _ = Command::new("kill").args(["-TERM", &pid]).status();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r18_floods_by_the_weakest_link_refuse_nothing_to_desk_and_venue() {
    let demo = Demo::start();
    let attacker = Target::of(&demo.ready, Ipv4Addr::new(127, 0, 0, 2)).unwrap();
    let others = Target::of(&demo.ready, Ipv4Addr::new(127, 0, 0, 3)).unwrap();
    let mut usual = Usual::of(&demo.ready, others).unwrap();
    assert_eq!(usual.round().await.refused, Vec::<String>::new(), "without a flood");
    let began = Instant::now();
    for flood in Flood::ALL {
        let tried = Arc::new(AtomicU64::new(0));
        let (end, ended) = oneshot::channel::<()>();
        let flooding = {
            let (attacker, tried) = (attacker.clone(), Arc::clone(&tried));
            tokio::spawn(async move {
                let ended = async { drop(ended.await) };
                flood.run(&attacker, tried, ended).await;
            })
        };
        while tried.load(Ordering::Relaxed) < 200 {
            assert!(began.elapsed() < DEADLINE, "{} does not begin", flood.name());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let mut refused = Vec::new();
        for _ in 0..ROUNDS {
            refused.extend(usual.round().await.refused);
        }
        drop(end);
        flooding.await.unwrap();
        println!("{}: {} tried", flood.name(), tried.load(Ordering::Relaxed));
        assert_eq!(refused, Vec::<String>::new(), "while {} flood", flood.name());
    }
}
