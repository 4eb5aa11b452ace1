//! What forwarding costs at the least on this machine: the packets that watchers get, sealed and sent as few system calls as can be, and nothing else.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use bots::{Beat, broadcast_beats};
use sys::{MESSAGES_MAX, Message, send_batch};

use super::process;

/// Bytes of the RTP header with its extensions, which are authenticated and not encrypted (RFC 7714).
const HEADER_BYTES: usize = 20;
/// Packets of one size that go as one run.
const RUN_MAX: usize = 8;
/// Packets of the rounds of one measurement, at least.
const PACKETS_MIN: usize = 100_000;

/// CPU nanoseconds of a packet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Floor {
    /// Seal alone.
    pub(super) seal_ns: f64,
    /// Seal and send.
    pub(super) send_ns: f64,
}

/// Replays the programme to so many peers, as fast as it goes, on the core that is named. Those who receive are on the others.
///
/// # Errors
/// If sockets, the cipher or the kernel's counters cannot be had.
pub(super) fn measure(watchers: usize, core: Option<usize>) -> io::Result<Floor> {
    let beats = broadcast_beats();
    let of_loop: usize = beats.iter().map(|beat| beat.payloads.len()).sum::<usize>() * watchers;
    let loops = PACKETS_MIN.div_ceil(of_loop.max(1));
    let peers = Peers::start(watchers)?;
    let before = sys::cores()?;
    if let Some(core) = core {
        sys::hold_to(None, &[core])?;
    }
    let mut sealer = Sealer::new()?;
    let mut cost = |send: bool| -> io::Result<f64> {
        let before = process::own_thread_cpu_ns()?;
        for beat in std::iter::repeat_n(&beats, loops).flatten() {
            sealer.beat(beat, watchers, |messages| if send { peers.send(messages) } else { Ok(()) })?;
        }
        Ok((process::own_thread_cpu_ns()? - before) as f64 / (of_loop * loops) as f64)
    };
    let measured = cost(false).and_then(|seal_ns| Ok(Floor { seal_ns, send_ns: cost(true)? }));
    // The thread goes back to where it came from.
    sys::hold_to(None, &before)?;
    measured
}

/// A part of the buffer, for one peer.
struct Run {
    peer: usize,
    from: usize,
    to: usize,
    segment: u16,
}

struct Sealer {
    key: LessSafeKey,
    count: u64,
    buffer: Vec<u8>,
    runs: Vec<Run>,
}

impl Sealer {
    fn new() -> io::Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM, &[7; 32]).map_err(|_| io::Error::other("no AES-256-GCM"))?;
        Ok(Self { key: LessSafeKey::new(key), count: 0, buffer: Vec::new(), runs: Vec::new() })
    }

    /// Seals a beat for each watcher, and gives away what fills a call.
    fn beat(
        &mut self,
        beat: &Beat,
        watchers: usize,
        mut send: impl FnMut(&[(usize, &[u8], u16)]) -> io::Result<()>,
    ) -> io::Result<()> {
        for watcher in 0..watchers {
            let mut of_run: Option<(usize, usize)> = None;
            for payload in &beat.payloads {
                let from = self.seal(*payload)?;
                let length = self.buffer.len() - from;
                match (self.runs.last_mut(), of_run) {
                    // The last of a run may be shorter.
                    (Some(run), Some((count, segment))) if count < RUN_MAX && length <= segment => {
                        run.to = self.buffer.len();
                        of_run = (length == segment).then_some((count + 1, segment));
                    }
                    _ => {
                        let segment = length as u16;
                        self.runs.push(Run { peer: watcher, from, to: self.buffer.len(), segment });
                        of_run = Some((1, length));
                    }
                }
            }
            if self.runs.len() >= MESSAGES_MAX {
                self.give(&mut send)?;
            }
        }
        self.give(&mut send)
    }

    fn seal(&mut self, payload: usize) -> io::Result<usize> {
        let from = self.buffer.len();
        self.buffer.resize(from + HEADER_BYTES + payload, 0x5a);
        self.count += 1;
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.count.to_be_bytes());
        let (header, payload) = self.buffer[from..].split_at_mut(HEADER_BYTES);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce, Aad::from(&*header), payload)
            .map_err(|_| io::Error::other("the seal failed"))?;
        self.buffer.extend_from_slice(tag.as_ref());
        Ok(from)
    }

    fn give(&mut self, send: &mut impl FnMut(&[(usize, &[u8], u16)]) -> io::Result<()>) -> io::Result<()> {
        let Self { buffer, runs, .. } = self;
        let mut call: Vec<(usize, &[u8], u16)> = Vec::with_capacity(MESSAGES_MAX);
        for some in runs.chunks(MESSAGES_MAX) {
            call.clear();
            call.extend(some.iter().map(|run| (run.peer, &buffer[run.from..run.to], run.segment)));
            send(&call)?;
        }
        self.runs.clear();
        self.buffer.clear();
        Ok(())
    }
}

/// Sockets that receive and forget.
struct Peers {
    out: UdpSocket,
    addresses: Vec<SocketAddr>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Peers {
    fn start(count: usize) -> io::Result<Self> {
        let sockets: Vec<UdpSocket> =
            (0..count.max(1)).map(|_| UdpSocket::bind("127.0.0.1:0")).collect::<io::Result<_>>()?;
        let addresses = sockets.iter().map(UdpSocket::local_addr).collect::<io::Result<_>>()?;
        for socket in &sockets {
            socket.set_nonblocking(true)?;
        }
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut packet = [0; 2_048];
            while !stopped.load(Ordering::Relaxed) {
                for socket in &sockets {
                    while socket.recv(&mut packet).is_ok() {}
                }
                std::thread::yield_now();
            }
        });
        Ok(Self { out: UdpSocket::bind("127.0.0.1:0")?, addresses, stop, thread: Some(thread) })
    }

    fn send(&self, runs: &[(usize, &[u8], u16)]) -> io::Result<()> {
        let mut messages = [Message { to: self.addresses[0], bytes: &[], segment: None }; MESSAGES_MAX];
        for (message, (peer, bytes, segment)) in messages.iter_mut().zip(runs) {
            *message = Message { to: self.addresses[*peer], bytes, segment: Some(*segment) };
        }
        let mut rest = &messages[..runs.len()];
        while !rest.is_empty() {
            match send_batch(self.out.as_fd(), rest) {
                Ok(sent) => rest = &rest[sent..],
                // The own buffer is full until the kernel has handed on what is in it.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::yield_now(),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It only receives; a panic of it is of no interest.
            let _ = thread.join();
        }
    }
}
