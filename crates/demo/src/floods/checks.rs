//! Connectivity checks (RFC 8445 §7.2) of one's own session, from wherever: other ports, or the ports of others.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use base::{Codec, Mono};
use bots::{Bot, BotSpec, Input, Leg, Output};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use tokio::net::UdpSocket;

use super::Target;
use super::raw::{self, ask};

/// Checks that are sent before the next session is opened.
const OF_A_SESSION: usize = 10_000;
/// Checks that are sent from one port.
const OF_A_PORT: usize = 50;
/// Length of a UDP header, bytes.
const UDP_HEADER: usize = 8;

/// A check that the server would take, and where it takes it.
struct Check {
    bytes: Vec<u8>,
    to: SocketAddr,
}

impl Check {
    /// That of a session which is opened by a watcher's link and never shakes hands.
    async fn of(target: &Target) -> io::Result<Self> {
        let local = SocketAddr::new(target.from.into(), 9);
        let spec = BotSpec {
            number: 1,
            codec: Codec::Vp8,
            picture: bots::Picture::Room,
            hostile: false,
            lines: bots::PLAIN,
            seed: 1,
        };
        let mut bot = Bot::new(spec);
        let offer = bot.open(Mono(0), Leg::Watch, local).map_err(io::Error::other)?;
        let line = format!("POST /whep/{}", target.meeting);
        let answer = ask(target, &line, &target.token, raw::SDP, &offer).await?;
        if answer.status != 201 {
            return Err(io::Error::other(format!("answered {}", answer.status)));
        }
        bot.handle(Mono(0), Input::Answer { leg: Leg::Watch, sdp: &answer.body })
            .map_err(io::Error::other)?;
        for moment in 0..100 {
            bot.handle(Mono(moment * 10_000), Input::Timeout).map_err(io::Error::other)?;
            loop {
                match bot.poll_output() {
                    // The first two bits and the type of a binding request (RFC 8489 §5).
                    Output::Transmit { datagram, .. } if datagram.contents.starts_with(&[0, 1]) => {
                        return Ok(Self { bytes: datagram.contents, to: datagram.destination });
                    }
                    Output::Transmit { .. } | Output::Event(_) => {}
                    Output::Timeout(_) => break,
                }
            }
        }
        Err(io::Error::other("the session sends no check"))
    }
}

/// Opens a session and sends its check again and again, from ports that change.
pub(super) async fn from_many_ports(target: &Target, tried: &AtomicU64) -> io::Result<()> {
    let check = Check::of(target).await?;
    for _ in 0..OF_A_SESSION / OF_A_PORT {
        let socket = UdpSocket::bind((target.from, 0)).await?;
        for _ in 0..OF_A_PORT {
            socket.send_to(&check.bytes, check.to).await?;
            tried.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}

/// Opens a session and sends its check from the port of everybody else who is on loopback.
pub(super) async fn from_others(target: &Target, tried: &AtomicU64) -> io::Result<()> {
    let check = Check::of(target).await?;
    let forger = forger()?;
    // Somebody is there, though nobody else may be.
    let _victim = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    for _ in 0..OF_A_SESSION / OF_A_PORT {
        for port in ports()?.into_iter().filter(|port| *port != check.to.port()) {
            let datagram = datagram(port, check.to.port(), &check.bytes);
            forger.send_to(&datagram, &SockAddr::from(check.to))?;
            tried.fetch_add(1, Ordering::Relaxed);
        }
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// A socket whose datagrams bring their own header (RFC 768), from 127.0.0.1. It is for root alone.
pub(super) fn forger() -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::UDP))?;
    socket.bind(&SockAddr::from(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0)))?;
    Ok(socket)
}

fn datagram(from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(UDP_HEADER + payload.len()).unwrap_or(u16::MAX);
    // No checksum: it may be left out over IPv4.
    let header = [from, to, length, 0].map(u16::to_be_bytes);
    [header.as_flattened(), payload].concat()
}

/// UDP ports on which somebody receives on 127.0.0.1.
fn ports() -> io::Result<Vec<u16>> {
    let table = std::fs::read_to_string(Path::new("/proc/net/udp"))?;
    // The second word is the local address: eight digits of the host, in the order of this machine, and four of the port.
    let local = table.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1)?.split_once(':'));
    let here = u32::from_ne_bytes(Ipv4Addr::LOCALHOST.octets());
    let here = local.filter(|(host, _)| u32::from_str_radix(host, 16) == Ok(here));
    Ok(here.filter_map(|(_, port)| u16::from_str_radix(port, 16).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forged_datagram_has_the_ports_and_the_length_of_rfc_768_before_what_it_carries() {
        assert_eq!(datagram(0x1234, 0x5678, b"abc"), *b"\x12\x34\x56\x78\x00\x0b\x00\x00abc");
    }

    #[test]
    fn whoever_receives_on_loopback_is_found() {
        let socket = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let port = socket.local_addr().expect("it is bound").port();
        assert!(ports().expect("the kernel tells").contains(&port));
    }
}
