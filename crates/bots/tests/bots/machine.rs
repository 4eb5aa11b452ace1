//! The bot against a second str0m, in virtual time. DTLS and ICE draw their own randomness, so runs differ in their bytes.

use crate::network::{Network, bot_address, spec};
use base::Mono;
use bots::{Bot, BotError, BotEvent, Input, Leg, Origin, Output, Part, Slot, packet};
use wire::Codec;

fn meeting(number: u16, codec: Codec, hostile: bool) -> Network {
    let mut network = Network::new(spec(number, codec, hostile));
    network.connect(Leg::Publish(0));
    network.connect(Leg::Watch);
    network.run(1_000);
    assert!(network.bot.connected(Leg::Publish(0)) && network.bot.connected(Leg::Watch));
    network
}

fn begins_key(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::Vp8 => packet::vp8_begins_key(payload),
        Codec::H264 => packet::h264_begins_key(payload),
    }
}

#[test]
fn a_watcher_sees_whose_picture_it_gets_in_both_codecs() {
    for codec in [Codec::Vp8, Codec::H264] {
        let mut network = meeting(17, codec, false);
        network.run(5_000);
        let count = network.bot.slot(Slot::Video(0)).unwrap();
        let origin = Origin { number: 17, camera: 0, part: Part::Layer(0) };
        assert_eq!(count.last, Some(origin));
        assert_eq!(count.origins.keys().collect::<Vec<_>>(), [&origin]);
        assert!((58..=76).contains(&count.frames), "{codec:?}: {} frames", count.frames);
        assert!(count.key_frames >= 1 && count.missing == 0);
        assert!(network.events.iter().any(|(_, e)| *e == BotEvent::Carries { slot: Slot::Video(0), origin }));
        assert_eq!(network.bot.slot(Slot::Audio(0)).unwrap().packets, 0);
    }
}

#[test]
fn a_microphone_sends_only_while_its_gate_is_open() {
    let mut network = meeting(3, Codec::Vp8, false);
    network.run(1_000);
    assert_eq!(network.bot.sent(0).unwrap().audio_packets, 0);
    network.bot.set_gate(network.now, true);
    network.run(2_000);
    let heard = network.bot.slot(Slot::Audio(0)).unwrap().clone();
    assert!((97..=101).contains(&heard.packets), "{}", heard.packets);
    assert_eq!(heard.last, Some(Origin { number: 3, camera: 0, part: Part::Tone }));
    assert_eq!(heard.unknown, 0);
    network.bot.set_gate(network.now, false);
    let sent = network.bot.sent(0).unwrap().audio_packets;
    network.run(2_000);
    assert_eq!(network.bot.sent(0).unwrap().audio_packets, sent);
}

#[test]
fn a_hostile_microphone_sends_whatever_its_gate_says() {
    let mut network = meeting(4, Codec::Vp8, true);
    network.bot.set_gate(network.now, false);
    network.run(1_000);
    let first = network.bot.sent(0).unwrap().audio_packets;
    network.run(1_000);
    assert_eq!(network.bot.sent(0).unwrap().audio_packets - first, 50);
}

#[test]
fn a_layer_jumps_to_its_key_frame_when_asked_and_the_others_do_not() {
    for codec in [Codec::Vp8, Codec::H264] {
        let mut network = meeting(8, codec, false);
        network.run(700);
        let asked_at = network.now;
        network.peers.get_mut(&Leg::Publish(0)).unwrap().ask_key_frame("h");
        network.run(300);
        let packets = &network.peers[&Leg::Publish(0)].packets;
        let mut keys: Vec<_> =
            packets.iter().filter(|p| p.at >= asked_at && begins_key(codec, &p.payload)).collect();
        keys.dedup_by_key(|p| p.time);
        let [key] = keys.as_slice() else { panic!("{codec:?}: {} key frames", keys.len()) };
        assert_eq!(key.rid, Some("h".into()));
        // Two ways of 4 ms each, and nothing of the bot's own.
        assert!(key.at.since(asked_at).as_millis() <= 12, "{codec:?}: {:?}", key.at.since(asked_at));
        assert!(network.events.iter().any(|(_, e)| *e == BotEvent::KeyFrameAsked { camera: 0, layer: 1 }));
        assert_eq!(network.bot.sent(0).unwrap().asked, [0, 1]);
    }
}

#[test]
fn a_storm_of_requests_gets_a_key_frame_each_50_ms_at_most() {
    let mut network = meeting(8, Codec::Vp8, false);
    let before = network.bot.sent(0).unwrap().key_frames[0];
    for _ in 0..100 {
        network.peers.get_mut(&Leg::Publish(0)).unwrap().ask_key_frame("q");
        network.run(10);
    }
    let made = network.bot.sent(0).unwrap().key_frames[0] - before;
    assert!((5..=21).contains(&made), "{made}");
}

#[test]
fn loss_is_repaired_by_retransmission() {
    let mut network = meeting(1, Codec::Vp8, false);
    network.on_air = (0, Some("f"));
    network.run(2_000);
    network.loss_permille = 50;
    network.run(60_000);
    network.loss_permille = 0;
    network.run(1_000);
    let count = network.bot.slot(Slot::Video(0)).unwrap();
    assert!(count.gaps > 0);
    assert!(
        count.packets > 200 && count.missing * 100 <= count.packets,
        "{} of {}",
        count.missing,
        count.packets
    );
    assert_eq!(count.last.map(|o| (o.number, o.part)), Some((1, Part::Layer(2))));
}

#[test]
fn the_main_venue_has_two_cameras_in_three_layers_and_one_microphone() {
    let mut network = Network::new(spec(1, Codec::Vp8, false));
    let podium = network.connect(Leg::Publish(0));
    let hall = network.connect(Leg::Publish(1));
    network.connect(Leg::Watch);
    assert!(podium.contains("a=simulcast:send q;h;f") && hall.contains("a=simulcast:send q;h;f"));
    assert_eq!((podium.matches("m=audio").count(), hall.matches("m=audio").count()), (1, 0));
    network.on_air = (1, Some("h"));
    network.run(3_000);
    let seen = network.bot.slot(Slot::Video(0)).unwrap().last;
    assert_eq!(seen, Some(Origin { number: 1, camera: 1, part: Part::Layer(1) }));
    network.on_air = (0, Some("h"));
    network.run(3_000);
    let slot = network.bot.slot(Slot::Video(0)).unwrap();
    assert_eq!(slot.last.map(|o| o.camera), Some(0));
    assert!(slot.since > Some(Mono(4_000_000)));
    assert!(matches!(
        network.bot.open(network.now, Leg::Publish(2), bot_address(Leg::Publish(2))),
        Err(BotError::NoClip { number: 1, camera: 2 })
    ));
}

#[test]
fn a_session_that_hears_nothing_is_lost_and_can_be_opened_again() {
    let mut network = meeting(5, Codec::Vp8, false);
    network.cut = true;
    network.run(7_000);
    let lost: Vec<_> = network.events.iter().filter(|(_, e)| matches!(e, BotEvent::Lost(_))).collect();
    assert_eq!(lost.len(), 2);
    assert!(!network.bot.connected(Leg::Watch));
    network.cut = false;
    network.peers.clear();
    network.connect(Leg::Publish(0));
    network.connect(Leg::Watch);
    network.run(2_000);
    assert!(network.bot.slot(Slot::Video(0)).unwrap().frames > 5);
}

#[test]
fn bad_answers_are_refused_and_strange_datagrams_dropped() {
    let mut bot = Bot::new(spec(2, Codec::Vp8, false));
    let leg = Leg::Publish(0);
    let now = Mono(0);
    bot.open(now, leg, bot_address(leg)).unwrap();
    let answer = |bot: &mut Bot, sdp: &str| bot.handle(now, Input::Answer { leg, sdp });
    assert!(matches!(answer(&mut bot, "v=0"), Err(BotError::BadAnswer(_))));
    let large = "a".repeat(base::limits::SDP_BYTES_MAX + 1);
    assert!(matches!(answer(&mut bot, &large), Err(BotError::AnswerTooLarge { .. })));
    for contents in [&[][..], &[0], &[0, 1, 0, 0], &[128; 4], &[22; 9], &[200; 1_500]] {
        let (source, destination) = (bot_address(Leg::Watch), bot_address(leg));
        bot.handle(now, Input::Datagram { leg, source, destination, contents }).unwrap();
    }
    while !matches!(bot.poll_output(), Output::Timeout(_)) {}
}
