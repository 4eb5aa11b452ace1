//! What forwarding costs at the least on this machine: one AES-128-GCM seal and one `sendto` per packet, over the same loopback.

use std::io;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::process;

/// Bytes of a packet, header included, as the programme's packets are at most.
const PACKET_BYTES: usize = 1_100;
/// Bytes of the RTP header, which is authenticated and not encrypted (RFC 7714).
const HEADER_BYTES: usize = 12;
/// Packets of one measurement, and how many measurements there are; the median is told.
const PACKETS: u32 = 40_000;
const ROUNDS: usize = 5;
/// Receivers, so that the kernel's route and socket look-ups are not all of one peer.
const PEERS: usize = 64;

/// CPU nanoseconds of a packet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Floor {
    /// Seal alone.
    pub(super) seal_ns: f64,
    /// Seal and `sendto`.
    pub(super) send_ns: f64,
}

/// Measures the floor.
///
/// # Errors
/// If sockets or the kernel's counters cannot be had.
pub(super) fn measure() -> io::Result<Floor> {
    let peers = Peers::start()?;
    let mut seals = Vec::with_capacity(ROUNDS);
    let mut sends = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        seals.push(round(|_| Ok(()))?);
        sends.push(round(|(n, packet)| peers.send(n, packet))?);
    }
    Ok(Floor { seal_ns: median(&mut seals), send_ns: median(&mut sends) })
}

/// The middle of some figures; 0 of none.
pub(super) fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

fn round(mut send: impl FnMut((u32, &[u8])) -> io::Result<()>) -> io::Result<f64> {
    let key = UnboundKey::new(&AES_128_GCM, &[7; 16]).map_err(|_| io::Error::other("no AES-128-GCM"))?;
    let key = LessSafeKey::new(key);
    let mut packet = vec![0x5a; PACKET_BYTES];
    let before = process::own_thread_cpu_ns()?;
    for n in 0..PACKETS {
        let mut nonce = [0; 12];
        nonce[8..].copy_from_slice(&n.to_be_bytes());
        let (header, payload) = packet.split_at_mut(HEADER_BYTES);
        let tag = key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(&*header), payload)
            .map_err(|_| io::Error::other("the seal failed"))?;
        packet.extend_from_slice(tag.as_ref());
        send((n, &packet))?;
        packet.truncate(PACKET_BYTES);
    }
    Ok((process::own_thread_cpu_ns()? - before) as f64 / f64::from(PACKETS))
}

/// Sockets that receive and forget.
struct Peers {
    out: UdpSocket,
    addresses: Vec<std::net::SocketAddr>,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Peers {
    fn start() -> io::Result<Self> {
        let sockets: Vec<UdpSocket> =
            (0..PEERS).map(|_| UdpSocket::bind("127.0.0.1:0")).collect::<io::Result<_>>()?;
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

    fn send(&self, n: u32, packet: &[u8]) -> io::Result<()> {
        self.out.send_to(packet, self.addresses[n as usize % PEERS]).map(|_| ())
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
