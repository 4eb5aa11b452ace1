//! A disk that fills up in the middle of a speech, against the real binary (H1, H2 of the first look): what was refused never happens, closing works,
//! and a server that is killed meanwhile opens nothing. `ONEHALL_BIN` names another binary to be tried.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a helper of a test fails it by panicking, and what took how long is for a person"
)]

mod started;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use started::Started;

/// Waiting for a state ends with the test's failure.
const DEADLINE: Duration = Duration::from_secs(120);
/// A closing act is answered within 100 ms; here at ten times that.
const CLOSES_WITHIN: Duration = Duration::from_secs(1);

/// A file system with little room.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        let mount = mount.args(["-t", "tmpfs", "-o", "size=6m,mode=700", "tmpfs"]).arg(at);
        mount.output().is_ok_and(|output| output.status.success()).then(|| Self(at.to_owned()))
    }

    /// Takes all the room there is.
    fn fill(&self) {
        let mut ballast = fs::File::create(self.0.join("ballast")).unwrap();
        for size in [64 * 1024, 512] {
            while ballast.write_all(&vec![1; size]).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// A demo with synthetic venues whose data folder is on that disk.
struct Demo {
    _started: Started,
    ready: Value,
    keys: u32,
}

impl Demo {
    fn start(data: &Path) -> Self {
        let binary = std::env::var("ONEHALL_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_onehall").into());
        let mut demo = Command::new(&binary);
        demo.args(["demo", "--json", "--venues", "4", "--address", "127.0.0.1:0", "--data"]).arg(data);
        if std::env::var_os("ONEHALL_BIN").is_none() {
            demo.arg("--slate");
        }
        let (started, line) = Started::spawn(&mut demo);
        Self { _started: started, ready: serde_json::from_str(&line).unwrap(), keys: 0 }
    }

    fn text(&self, name: &str) -> &str {
        self.ready.pointer(name).and_then(Value::as_str).unwrap()
    }

    /// Status and body of an answer; none while nobody answers.
    fn exchange(&self, head: &str, path: &str, body: &str) -> Option<(u16, Value)> {
        let (api, token) = (self.text("/api"), self.text("/tokens/director"));
        let (address, base) = api.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let mut stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{base}/{path}") };
        let (method, more) = head.split_once('\n').unwrap_or((head, ""));
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\n{more}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let status = answer.split(' ').nth(1)?.parse().ok()?;
        let body = answer.split_once("\r\n\r\n")?.1;
        Some((status, serde_json::from_str(body).unwrap_or(Value::Null)))
    }

    /// Gives an act under a key of its own; its status and how long that took.
    fn act(&mut self, act: &Value) -> (u16, Value, Duration) {
        self.keys += 1;
        let began = Instant::now();
        let head = format!("POST\nIdempotency-Key: disk{}\r\n", self.keys);
        let (status, body) = self.exchange(&head, "commands", &act.to_string()).unwrap();
        (status, body, began.elapsed())
    }

    fn done(&mut self, act: &Value) {
        let (status, body, _) = self.act(act);
        assert_eq!(status, 200, "{act}: {body}");
    }

    fn state(&self) -> Option<Value> {
        self.exchange("GET", "state", "").map(|(_, body)| body["state"].clone())
    }

    /// Waits until the state is so.
    fn until(&self, what: &str, so: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            if let Some(state) = self.state().filter(&so) {
                println!("{what}: after {} ms", began.elapsed().as_millis());
                return state;
            }
            assert!(began.elapsed() < DEADLINE, "{what}: it does not come");
            sleep(Duration::from_millis(100));
        }
    }

    /// Kinds of the events from one on, and whether each took effect before it was stored.
    fn events(&self, from: u64) -> Vec<(String, bool)> {
        let (status, log) = self.exchange("GET", &format!("log?from={from}&count=5000"), "").unwrap();
        assert_eq!(status, 200);
        let events = log["events"].as_array().unwrap().iter();
        let late = |event: &Value| event["body"].as_str().unwrap().contains("\"effective\":");
        events.map(|event| (event["kind"].as_str().unwrap().to_owned(), late(event))).collect()
    }

    fn last(&self) -> u64 {
        self.events(1).len() as u64
    }

    fn venue(&self, n: usize) -> String {
        self.ready["venues"][n]["id"].as_str().unwrap().to_owned()
    }

    /// Kills the server, not the demo around it.
    fn kill_server(&self) {
        let pid = fs::read_to_string(Path::new(self.text("/data")).join("server.pid")).unwrap();
        assert!(Command::new("kill").args(["-KILL", pid.trim()]).status().unwrap().success());
    }
}

fn gate_open(state: &Value, venue: &str) -> bool {
    state[format!("venue:{venue}")]["gate"] == "open"
}

fn on_air(state: &Value) -> String {
    state["programme"]["shown"]["source"].as_str().unwrap_or("slate").to_owned()
}

/// A speech of the first branch, with its picture, on a disk that is full from then on; and the sequence of its last event.
fn speech_on_a_full_disk(demo: &mut Demo, disk: &SmallDisk) -> u64 {
    let (first, second) = (demo.venue(1), demo.venue(2));
    demo.until("the venues are here", |state| {
        [&first, &second].iter().all(|venue| state[format!("venue:{venue}")]["state"] == "ok")
    });
    demo.done(&json!({ "call_on": { "venue": first } }));
    demo.until("the first branch speaks", |state| {
        gate_open(state, &first) && on_air(state).starts_with(&first)
    });
    let last = demo.last();
    disk.fill();
    // What room the log has left by itself is used up by an act that changes nothing which matters here.
    for _ in 0..5_000 {
        let (status, _, _) = demo.act(&json!({ "preview": { "source": demo.venue(3) } }));
        if status == 503 {
            return last;
        }
        assert_eq!(status, 200);
    }
    panic!("the disk does not fill up");
}

#[test]
fn r17_a_disk_that_is_full_in_a_speech_closes_at_once_says_so_and_does_nothing_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        return println!("skipped: mounting a small file system needs root");
    };
    let mut demo = Demo::start(&folder.path().join("data"));
    speech_on_a_full_disk(&mut demo, &disk);
    let (first, second) = (demo.venue(1), demo.venue(2));
    for act in [json!({ "take": {} }), json!({ "open_floor": { "venue": second } })] {
        let (status, body, took) = demo.act(&act);
        println!("{act}: {status} {} after {} ms", body["code"], took.as_millis());
        assert_eq!((status, &body["code"]), (503, &json!("busy")));
    }
    let (_, health) = demo.exchange("GET", "/api/v1/health", "").unwrap();
    assert_eq!(health["ok"], json!(false), "health knows of it");
    let state = demo.until("the desk is told why", |state| {
        state["meeting"]["cause"] == "disk_full"
            && state["alarms"]["alarms"]
                .as_array()
                .is_some_and(|list| list.iter().any(|alarm| alarm["code"] == "log"))
    });
    assert!(gate_open(&state, &first), "nothing that was open is shut by the disk");
    let (status, body, took) = demo.act(&json!({ "mute_all": {} }));
    println!("mute_all: {status} {} after {} ms", body["k"], took.as_millis());
    assert_eq!((status, &body["k"], &body["kept"]), (202, &json!("closed_unlogged"), &json!(true)));
    assert!(took < CLOSES_WITHIN, "{took:?}");
    demo.until("the microphone is shut", |state| !gate_open(state, &first));
    // The leases of a hop that nobody renews end after 8 s: the chair's microphone and the picture are still there after more than that.
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(10) {
        let state = demo.state().unwrap();
        assert!(
            on_air(&state).starts_with(&first) && !gate_open(&state, &first) && !gate_open(&state, &second)
        );
        assert!(gate_open(&state, &demo.venue(0)), "the chair is heard");
        sleep(Duration::from_millis(500));
    }
    let before = demo.last();
    disk.free();
    let state = demo.until("the log is back", |state| state["meeting"]["log"] == "ok");
    assert!(on_air(&state).starts_with(&first) && !gate_open(&state, &first) && !gate_open(&state, &second));
    let after = demo.events(before + 1);
    println!("what came into the log: {after:?}");
    assert!(after.iter().any(|(kind, late)| kind == "floor_closed" && *late));
    assert!(after.iter().all(|(kind, _)| kind != "floor_opened" && kind != "programme_set"));
    demo.done(&json!({ "open_floor": { "venue": second } }));
    demo.until("the meeting goes on", |state| gate_open(state, &second));
}

#[test]
fn r17_a_server_that_is_killed_on_a_full_disk_opens_nothing_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        return println!("skipped: mounting a small file system needs root");
    };
    let mut demo = Demo::start(&folder.path().join("data"));
    speech_on_a_full_disk(&mut demo, &disk);
    let first = demo.venue(1);
    let (status, body, _) = demo.act(&json!({ "mute_all": {} }));
    assert_eq!((status, &body["kept"]), (202, &json!(true)), "{body}");
    demo.until("the microphone is shut", |state| !gate_open(state, &first));
    demo.kill_server();
    disk.free();
    let state = demo.until("the server is back", |state| state["meeting"]["log"] == "ok");
    assert!(!gate_open(&state, &first) && state[format!("venue:{first}")]["lease"] == json!(false));
    demo.until("the venue is back and silent", |state| {
        assert!(!gate_open(state, &first), "its microphone opened by itself");
        state[format!("venue:{first}")]["state"] == "ok"
    });
    let events = demo.events(1);
    assert!(events.iter().any(|(kind, late)| kind == "floor_closed" && *late), "it came into the log");
}
