//! Which stream of a publisher a packet belongs to: announced, named, told by its payload type, or forged.

use std::net::SocketAddr;

use base::Mono;
use media::slots::Page;
use service::port::hop::VideoCodec;
use str0m::format::Codec;
use str0m::media::MediaKind;

use super::picture::clean;
use super::world::{Body, World, full, venue};

const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";

/// A publisher whose offer lacks these lines, and the answer that it takes those; and who watches it.
fn world(
    offers_without: &'static [&'static str],
    answers_without: &'static [&'static str],
) -> (World, usize, usize) {
    let mut world = World::new();
    (world.offers_without, world.answers_without) = (offers_without, answers_without);
    let a = world.publish("a", 1, &[360], Some("pa"));
    let watcher = world.watch(Page::Plain, None, 1, 1);
    world.apply(|t| {
        t.programme = full("a.1");
        t.gates.insert(venue("a"));
    });
    (world, a, watcher)
}

/// Packets of picture and of sound since then.
fn count(world: &World, watcher: usize, from: Mono) -> (usize, usize) {
    let client = &world.clients[watcher];
    let since = |kind| client.slot(kind, 0).into_iter().filter(|got| got.at >= from);
    let pictures = since(MediaKind::Video).filter(|g| Body::read(VideoCodec::Vp8, &g.payload).is_some());
    (pictures.count(), since(MediaKind::Audio).filter(|got| got.payload.len() == 8).count())
}

#[track_caller]
fn seen_and_heard(world: &mut World, watcher: usize) {
    let from = world.now;
    world.run_ms(1_000);
    let (pictures, sounds) = count(world, watcher, from);
    assert!(pictures > 80 && sounds > 45, "{pictures} packets of picture, {sounds} of sound");
}

#[test]
fn streams_that_nobody_announced_are_told_by_their_payload_type() {
    for without in [&["a=ssrc", MID][..], &["a=ssrc"], &[MID]] {
        let (mut world, _, watcher) = world(without, &[]);
        world.run_ms(1_500);
        seen_and_heard(&mut world, watcher);
        world.lose_up_every = Some(31);
        world.run_ms(3_000);
        world.lose_up_every = None;
        world.run_ms(500);
        clean(&world.clients[watcher].bodies(0));
    }
}

#[test]
fn an_encoder_that_begins_anew_in_its_session_is_seen_and_heard_again() {
    for without in [&["a=ssrc", MID][..], &["a=ssrc"], &[MID], &[]] {
        let (mut world, a, watcher) = world(without, &[]);
        world.run_ms(1_500);
        for _ in 0..2 {
            world.begins_anew(a);
            world.run_ms(1_500);
            seen_and_heard(&mut world, watcher);
        }
        clean(&world.clients[watcher].bodies(0));
    }
}

/// A packet that somebody makes up: of that payload type, SSRC, and line, where it names one.
fn made_up(pt: u8, ssrc: u32, mid: Option<(u8, &str)>) -> Vec<u8> {
    let mut out = vec![0x80, pt, 0, 1, 0, 0, 0, 1];
    out.extend_from_slice(&ssrc.to_be_bytes());
    if let Some((id, mid)) = mid {
        let mut extension = vec![id << 4 | (mid.len() as u8 - 1)];
        extension.extend_from_slice(mid.as_bytes());
        extension.resize(extension.len().next_multiple_of(4), 0);
        out[0] |= 0x10;
        out.extend_from_slice(&[0xbe, 0xde, 0, extension.len() as u8 / 4]);
        out.extend_from_slice(&extension);
    }
    out.resize(out.len() + 60, 7);
    out
}

#[test]
fn packets_that_somebody_makes_up_under_a_publishers_address_change_none_of_its_streams() {
    // As a browser does, it names its lines at first and not for ever.
    for named in [false, true] {
        let (mut world, a, watcher) = world(&[], &[MID]);
        world.run_ms(1_500);
        let id = world.clients[a].answer.lines().find(|line| line.contains(MID)).unwrap();
        let id: u8 = id.trim_start_matches("a=extmap:").split(' ').next().unwrap().parse().unwrap();
        let remote: SocketAddr = world.clients[a].address;
        let codecs =
            [(MediaKind::Audio, Codec::Opus), (MediaKind::Video, Codec::Vp8), (MediaKind::Video, Codec::Rtx)];
        for n in 0..20 {
            for (kind, codec) in codecs {
                let client = &world.clients[a];
                let mid = client.mids.iter().find(|(of, _)| *of == kind).unwrap().1;
                let main = if codec == Codec::Rtx { Codec::Vp8 } else { codec };
                let pt = client.pt(mid, main).unwrap();
                let repair = client.rtc.codec_config().find(|p| p.pt() == pt).and_then(|p| p.resend());
                let pt = if codec == Codec::Rtx { repair.unwrap() } else { pt };
                let mid = mid.to_string();
                let packet = made_up(*pt, 77 + n, named.then_some((id, mid.as_str())));
                world.inject(remote, &packet);
            }
            world.run_ms(5);
        }
        seen_and_heard(&mut world, watcher);
        world.lose_up_every = Some(31);
        world.run_ms(2_000);
        world.lose_up_every = None;
        world.run_ms(500);
        clean(&world.clients[watcher].bodies(0));
    }
}

#[test]
fn packets_that_measure_a_line_take_the_place_of_no_stream() {
    for without in [&["a=ssrc", MID][..], &[]] {
        let (mut world, a, watcher) = world(without, &[]);
        world.run_ms(1_500);
        world.probes(a);
        seen_and_heard(&mut world, watcher);
        assert!(world.probes > 0);
        clean(&world.clients[watcher].bodies(0));
    }
}
