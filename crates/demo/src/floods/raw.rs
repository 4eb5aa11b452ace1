//! HTTP and WebSocket by hand: what an attacker sends need not be what a library would.

use std::io;
use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::Target;

/// An offer to watch, as short as one can be that is answered.
pub(super) const WATCH: &str = "recvonly";
/// One to publish.
pub(super) const PUBLISH: &str = "sendonly";

/// The header of a request whose body is an offer.
pub(super) const SDP: &str = "Content-Type: application/sdp\r\n";

/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A connection from one of the loopback addresses.
pub(super) async fn connect(target: &Target) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(target.from.into(), 0))?;
    let stream = socket.connect(target.address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// An answer: its status, its headers as they came, and its body.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    head: String,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// One request on a connection of its own, and its answer.
pub(super) async fn ask(
    target: &Target,
    line: &str,
    token: &str,
    further: &str,
    body: &str,
) -> io::Result<Answer> {
    let mut stream = connect(target).await?;
    let length = body.len();
    let host = target.address;
    let request = format!(
        "{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n{further}Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.take(ANSWER_BYTES_MAX as u64).read_to_end(&mut bytes).await?;
    let broken = || io::Error::new(io::ErrorKind::UnexpectedEof, "no whole answer");
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(broken)?;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let (head, body) = (text(&bytes[..end]), text(&bytes[end + 4..]));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(broken)?;
    Ok(Answer { status, head, body })
}

/// Opens a session; its address where there is one.
pub(super) async fn offer(
    target: &Target,
    path: &str,
    token: &str,
    direction: &str,
) -> io::Result<(u16, Option<String>)> {
    let line = format!("POST {path}");
    let answer = ask(target, &line, token, SDP, &sdp(direction)).await?;
    Ok((answer.status, answer.header("location").map(str::to_owned)))
}

fn sdp(direction: &str) -> String {
    let fingerprint = ["5A"; 32].join(":");
    let media = |mid: u8, kind: &str, form: u8, map: &str| {
        format!(
            "m={kind} 9 UDP/TLS/RTP/SAVPF {form}\r\nc=IN IP4 0.0.0.0\r\na=mid:{mid}\r\na={direction}\r\na=rtcp-mux\r\na=rtpmap:{form} {map}\r\na=ice-ufrag:flood\r\na=ice-pwd:0123456789abcdef0123456789\r\na=fingerprint:sha-256 {fingerprint}\r\na=setup:actpass\r\n"
        )
    };
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n{}{}",
        media(0, "audio", 111, "opus/48000/2"),
        media(1, "video", 96, "VP8/90000")
    )
}

/// A control connection.
#[derive(Debug)]
pub(super) struct Socket(TcpStream);

impl Socket {
    /// Opens one; the status where it is not let in.
    pub(super) async fn open(target: &Target) -> io::Result<Result<Self, u16>> {
        let mut stream = connect(target).await?;
        let (host, meeting) = (target.address, &target.meeting);
        let request = format!(
            "GET /api/v1/meetings/{meeting}/ws HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let status = String::from_utf8_lossy(&head).split(' ').nth(1).and_then(|text| text.parse().ok());
        Ok(match status {
            Some(101) => Ok(Self(stream)),
            other => Err(other.unwrap_or(0)),
        })
    }

    /// Says hello and waits for what comes of it: `snapshot`, or the code of an error.
    pub(super) async fn hello(&mut self, token: &str) -> io::Result<String> {
        self.say(&format!(r#"{{"k":"hello","v":1,"token":"{token}"}}"#)).await?;
        let frame = self.next(&["snapshot", "error"]).await?;
        let word = if frame["k"] == "error" { &frame["code"] } else { &frame["k"] };
        Ok(word.as_str().unwrap_or_default().to_owned())
    }

    pub(super) async fn say(&mut self, text: &str) -> io::Result<()> {
        self.frame(0x81, text.as_bytes()).await
    }

    /// A frame with that first byte. Its mask is zero, so the payload stands as it is.
    pub(super) async fn frame(&mut self, first: u8, payload: &[u8]) -> io::Result<()> {
        self.0.write_all(&frame(first, payload)).await
    }

    /// Bytes that are frames already.
    pub(super) async fn bytes(&mut self, frames: &[u8]) -> io::Result<()> {
        self.0.write_all(frames).await
    }

    /// The next text frame of one of these kinds. Pings are answered by nobody: none of these connections lives so long.
    pub(super) async fn next(&mut self, kinds: &[&str]) -> io::Result<Value> {
        loop {
            let first = self.0.read_u8().await?;
            let length = match self.0.read_u8().await? & 0x7f {
                126 => u64::from(self.0.read_u16().await?),
                127 => self.0.read_u64().await?,
                short => u64::from(short),
            };
            let length = usize::try_from(length).ok().filter(|length| *length <= ANSWER_BYTES_MAX);
            let mut payload = vec![0; length.ok_or_else(|| io::Error::other("a frame too long"))?];
            self.0.read_exact(&mut payload).await?;
            if first == 0x81 {
                let frame: Value = serde_json::from_slice(&payload).map_err(io::Error::other)?;
                if kinds.iter().any(|kind| frame["k"] == *kind) {
                    return Ok(frame);
                }
            }
        }
    }
}

/// The bytes of a frame as a client sends it.
pub(super) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match u16::try_from(payload.len()) {
        Ok(length) if length < 126 => bytes.push(0x80 | length as u8),
        Ok(length) => {
            bytes.push(0x80 | 126);
            bytes.extend(length.to_be_bytes());
        }
        Err(_) => {
            bytes.push(0x80 | 127);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}
