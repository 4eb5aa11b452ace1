//! Forwarding decisions and byte rewriting over slices: pure, without sockets, clocks or threads.
//!
//! Not here: rings of packets, encryption, sockets (`media-net`). Main types:
//!
//! - [`gates::Gates`]: the floor at the first hop (R3);
//! - [`slots::Page`]: what each page wishes for its slots, [`slots::Wishes`];
//! - [`switcher::Switcher`]: the programme as a switched track;
//! - [`anchor::Splice`]: numbers of a stream that go on when its source changes;
//! - [`vp8::Canonical`], [`h264::inspect`]: what payloads say, and VP8 in one form;
//! - [`budget::KeyFrameBudget`], [`layers::LayerCap`], [`mix::Ranking`], [`clock::SenderClock`];
//! - [`datagram`]: whose a datagram says it is;
//! - [`voice::Voice`]: sound that comes late, and the silence in its place.

pub mod anchor;
pub mod budget;
pub mod clock;
pub mod datagram;
pub mod gates;
pub mod given;
pub mod h264;
pub mod layers;
pub mod mix;
pub mod rtcp;
pub mod slots;
pub mod switcher;
pub mod voice;
pub mod vp8;
