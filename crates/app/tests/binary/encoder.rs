//! ffmpeg as an encoder: the options of the how-to through PyAV's muxer `whip`, and the command itself where it is new enough.

use std::io::{BufRead as _, BufReader, Read as _, Write as _, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::spawn;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::hall::Hall;
use crate::serve::{logged_until, ready};

const DEADLINE: Duration = Duration::from_secs(60);
/// What the how-to gives the encoders and the muxer.
const OPTIONS: &str = "-c:v libx264 -profile:v baseline -preset veryfast -tune zerolatency -bf 0 -g 25 -pix_fmt yuv420p -b:v 1500k \
    -c:a libopus -ar 48000 -ac 2 -f whip";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/encoder")
}

/// A Python that has PyAV: that of `ONEHALL_PYAV`, or one beside the build, which is made here once.
fn python() -> Result<PathBuf, String> {
    if let Some(python) = std::env::var_os("ONEHALL_PYAV") {
        return Ok(python.into());
    }
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pyav");
    let python = place.join("bin/python");
    if quiet(Command::new(&python).args(["-c", "import av"])).is_err() {
        quiet(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&place))?;
        let pip = "-m pip install --quiet --disable-pip-version-check --retries 1 --timeout 20 --require-hashes --no-deps -r";
        quiet(Command::new(&python).args(pip.split(' ')).arg(folder().join("requirements.txt")))?;
    }
    Ok(python)
}

fn quiet(command: &mut Command) -> Result<(), String> {
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Err(format!("{:?}: {error}", command.get_program())),
    }
}

/// An ffmpeg on the path whose WHIP muxer is there.
fn ffmpeg() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found =
        std::env::split_paths(&path).map(|folder| folder.join("ffmpeg")).find(|file| file.is_file())?;
    let muxers = Command::new(&found).args(["-hide_banner", "-muxers"]).output().ok()?;
    String::from_utf8_lossy(&muxers.stdout).contains(" whip ").then_some(found)
}

/// A meeting under the director's token.
struct Desk {
    api: String,
    token: String,
}

impl Desk {
    /// The answer to a request: its status and JSON.
    fn ask(&self, method: &str, path: &str, key: &str, body: &str) -> (u16, Value) {
        let (address, base) = self.api.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let head = format!(
            "{method} /{base}/{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nIdempotency-Key: {key}"
        );
        let (token, length) = (&self.token, body.len());
        write!(stream, "{head}\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n{body}")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
    }

    fn act(&self, key: &str, act: &Value) {
        let (status, answer) = self.ask("POST", "commands", key, &act.to_string());
        assert_eq!(status, 200, "{act}: {answer}");
    }

    /// Waits for a state of the meeting.
    fn until(&self, what: &str, holds: impl Fn(&Value) -> bool) {
        let begin = Instant::now();
        loop {
            let (_, answer) = self.ask("GET", "state", "-", "");
            if holds(&answer["state"]) {
                return;
            }
            assert!(begin.elapsed() < DEADLINE, "{what}: {answer:#}");
        }
    }
}

/// Stands between a client and a server, and tells the first line of what the client sends on each connection.
fn relay(server: &str) -> (String, Receiver<String>) {
    let (server, listener) = (server.to_owned(), TcpListener::bind("127.0.0.1:0").unwrap());
    let address = listener.local_addr().unwrap().to_string();
    let (tell, told) = channel();
    spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(&server).unwrap());
            let (answers, answered) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            let tell = tell.clone();
            spawn(move || {
                let mut asked = BufReader::new(client);
                let mut line = String::new();
                asked.read_line(&mut line).unwrap();
                (&server).write_all(line.as_bytes()).unwrap();
                // Whoever has what he wants may be gone by then.
                let _ = (tell.send(line), copy(&mut asked, &mut &server), server.shutdown(Shutdown::Write));
            });
            spawn(move || {
                let _ = (copy(&mut &answers, &mut &answered), answered.shutdown(Shutdown::Write));
            });
        }
    });
    (address, told)
}

/// It comes on air, and is gone by its own word.
fn is_taken_on_air_and_leaves(encoder: impl FnOnce(&str, &str) -> Command) {
    let hall = Hall::empty();
    hall.add_h264("encoder");
    let (mut server, ready) = ready(&hall, &[], "warn,media_net=debug");
    let mut log = BufReader::new(server.stderr.take().unwrap());
    let desk = Desk { api: ready.api.clone(), token: ready.tokens.unwrap().director };
    let main = &ready.venues[0];
    let (address, whip) = main.whip.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let (relay, asked) = relay(address);
    let mut encoder =
        encoder(&format!("http://{relay}/{whip}"), &main.token).stdin(Stdio::piped()).spawn().unwrap();
    let source = main.sources[0].id.to_string();
    desk.act("1", &json!({ "start": {} }));
    desk.act("2", &json!({ "preview": { "source": source } }));
    desk.until("its picture can be shown", |state| state["preview"]["ready"] == true);
    desk.act("3", &json!({ "take": { "expect_preview": source } }));
    desk.until("it is on air", |state| state["programme"]["shown"]["source"] == source.as_str());
    encoder.stdin.take().unwrap().write_all(b"q").unwrap();
    let closed = logged_until(&mut log, "session closed");
    assert!(closed.contains("Left"), "{closed}");
    assert!(encoder.wait().unwrap().success());
    let asked: Vec<String> = asked.try_iter().collect();
    assert!(asked[0].starts_with(&format!("POST /{whip} ")), "{asked:?}");
    assert!(asked[1].starts_with(&format!("DELETE /{whip}/")), "{asked:?}");
    drop(server.stdin.take());
    server.wait().unwrap();
}

#[test]
fn ffmpegs_whip_muxer_is_taken_on_air_and_leaves_with_the_options_of_the_how_to() {
    let python = match python() {
        Ok(python) => python,
        Err(why) => return println!("skipped: there is no Python with PyAV: {why}"),
    };
    is_taken_on_air_and_leaves(|address, token| {
        let mut publish = Command::new(&python);
        publish.arg(folder().join("publish.py")).args([address, token]).arg(folder());
        publish
    });
}

#[test]
fn the_ffmpeg_command_of_the_how_to_is_taken_on_air_and_leaves() {
    let Some(ffmpeg) = ffmpeg() else {
        return println!("skipped: there is no ffmpeg with the muxer whip (8 or newer) on the path");
    };
    is_taken_on_air_and_leaves(|address, token| {
        let mut command = Command::new(&ffmpeg);
        let drawn = "-hide_banner -loglevel error -re -f lavfi -i testsrc2=size=640x360:rate=25 -re -f lavfi -i sine=frequency=440";
        command.args(drawn.split(' ')).args(OPTIONS.split(' '));
        command.args(["-authorization", token, "-cert_file"]).arg(folder().join("cert.pem"));
        command.arg("-key_file").arg(folder().join("key.pem")).arg(address);
        command
    });
}

#[test]
fn the_how_to_names_the_options_that_are_tried() {
    let page =
        std::fs::read_to_string(folder().join("../../../../docs/how-to/encoders-and-players.md")).unwrap();
    let said: Vec<&str> = page.split_whitespace().filter(|word| *word != "\\").collect();
    let tried: Vec<&str> = OPTIONS.split(' ').collect();
    assert!(said.windows(tried.len()).any(|words| words == tried), "{OPTIONS}");
    for option in ["-cert_file", "-key_file", "-authorization"] {
        assert!(said.contains(&option), "{option}");
    }
}
