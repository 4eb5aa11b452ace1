//! The thread and its sockets, over loopback.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use media::slots::Page;
use service::port::hop::{
    CloseReason, Fact, Hop, HopError, HopReport, Sdp, SessionChange, SessionSpec, What,
};
use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, Input, Output, Rtc};

use super::world::{World, watching};
use crate::{Config, Node, StartError, start};

const PATIENCE: Duration = Duration::from_secs(20);

fn node() -> (Node, service::port::hop::HopReports) {
    let config = Config { addresses: Some(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]), ..Config::default() };
    start(&config).unwrap()
}

fn open(node: &Node, offer: &str) -> Result<(base::SessionId, Sdp), HopError> {
    let spec: SessionSpec = World::spec(watching(Page::Plain, None), None);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(node.open(spec, Sdp(offer.to_owned())))
}

#[test]
fn a_plain_player_gets_slate_and_silence_over_a_socket_and_a_goodbye() {
    let (node, reports) = node();
    plays(node, reports);
}

/// The player sends to the outer address and hears from it; the NAT between is the test.
#[test]
fn a_node_behind_a_nat_is_reached_at_its_outer_address() {
    let outer = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10));
    let (node, reports) = start(&Config { addresses: Some(vec![outer]), ..Config::default() }).unwrap();
    assert_eq!(node.addresses()[0].ip(), outer);
    plays(node, reports);
    let beside =
        Config { addresses: Some(vec![IpAddr::V4(Ipv4Addr::LOCALHOST), outer]), ..Config::default() };
    assert!(matches!(start(&beside).unwrap_err(), StartError::OuterNotAlone(address) if address == outer));
}

#[test]
fn an_address_that_nobody_can_send_to_is_refused() {
    let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let error = start(&Config { addresses: Some(vec![any]), ..Config::default() }).unwrap_err();
    assert!(matches!(error, StartError::Unspecified(address) if address == any));
}

#[test]
fn whoever_reads_the_reports_learns_that_the_media_thread_has_ended() {
    let (node, mut reports) = node();
    node.plant_fault();
    let ended = async { while reports.recv().await.is_some() {} };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime
        .block_on(async { tokio::time::timeout(PATIENCE, ended).await })
        .expect("it goes on, or nobody is told");
}

fn plays(node: Node, mut reports: service::port::hop::HopReports) {
    let told = node.addresses()[0];
    let inner = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), told.port());
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let mut rtc = Rtc::builder().set_rtp_mode(true).build(Instant::now());
    rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
    let mut changes = rtc.sdp_api();
    changes.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
    changes.add_media(MediaKind::Video, Direction::RecvOnly, None, None, None);
    let (offer, pending) = changes.apply().unwrap();
    let (session, answer) = open(&node, &offer.to_sdp_string()).unwrap();
    rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(&answer.0).unwrap()).unwrap();

    let began = Instant::now();
    let (mut sound, mut picture, mut node) = (0, 0, Some(node));
    let mut buffer = [0; 2_048];
    while rtc.is_alive() && began.elapsed() < PATIENCE {
        let timeout = loop {
            match rtc.poll_output().unwrap() {
                Output::Timeout(at) => break at,
                Output::Transmit(t) => {
                    assert_eq!(t.destination, told);
                    socket.send_to(&t.contents, inner).unwrap();
                }
                Output::Event(Event::RtpPacket(p)) if p.payload.len() == 3 => sound += 1,
                Output::Event(Event::RtpPacket(_)) => picture += 1,
                Output::Event(_) => {}
            }
        };
        if sound > 20 && picture > 0 {
            node = None;
        }
        let wait =
            timeout.saturating_duration_since(Instant::now()).clamp(Duration::from_millis(1), PATIENCE / 100);
        socket.set_read_timeout(Some(wait)).unwrap();
        if let Ok((len, from)) = socket.recv_from(&mut buffer) {
            let receive =
                Receive::new(Protocol::Udp, if from == inner { told } else { from }, address, &buffer[..len])
                    .unwrap();
            let _ = rtc.handle_input(Input::Receive(Instant::now(), receive));
        } else {
            rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
        }
    }
    assert!(sound > 20 && picture > 0, "{sound} of sound, {picture} of picture");
    assert!(node.is_none() && !rtc.is_alive(), "the end of the node is told to its sessions");
    let mut changes = Vec::new();
    while let Ok(report) = reports.try_recv() {
        if let HopReport::Of { what: What::Fact(Fact::Session { session: s, change, .. }), .. } = report {
            assert_eq!(s, session);
            changes.push(change);
        }
    }
    assert_eq!(changes, [SessionChange::Connected, SessionChange::Closed(CloseReason::Ended)]);
}

#[test]
fn a_node_says_its_port_and_refuses_a_bad_offer() {
    let (node, _reports) = node();
    assert_ne!(node.port(), 0);
    assert_eq!(node.addresses()[0].port(), node.port());
    assert!(matches!(open(&node, "v=0\r\n"), Err(HopError::BadOffer(_))));
}

#[test]
fn a_taken_port_is_named() {
    let (node, _reports) = node();
    let config = Config {
        port: node.port(),
        addresses: Some(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]),
        ..Config::default()
    };
    let error = start(&config).unwrap_err();
    assert!(error.to_string().contains(&node.port().to_string()), "{error}");
}
