//! Every parser of strangers' bytes as a function of bytes: it takes anything, and panics only when a promise of the parser is broken.
//!
//! The functions are in `fuzz_targets`, one a file, and listed in [`TARGETS`]; the bytes that each begins with are in `corpus`. `cargo test` runs
//! them over the corpus and over mutations from a seed ([`strike`]), so that every run does the same; `cargo xtask fuzz` drives them
//! with libFuzzer, which looks for new paths for as long as it is let. What it finds becomes a file of the corpus, and stays.
//! This is no place for parsers, and none for what needs sockets or time.

#[path = "../fuzz_targets/chain.rs"]
mod chain;
#[path = "../fuzz_targets/control_frame.rs"]
mod control_frame;
#[path = "../fuzz_targets/datagram.rs"]
mod datagram;
#[path = "../fuzz_targets/h264.rs"]
mod h264;
#[path = "../fuzz_targets/meeting_file.rs"]
mod meeting_file;
mod mutate;
#[path = "../fuzz_targets/rtcp.rs"]
mod rtcp;
#[path = "../fuzz_targets/sdp.rs"]
mod sdp;
mod strike;
#[path = "../fuzz_targets/token.rs"]
mod token;
#[path = "../fuzz_targets/vp8.rs"]
mod vp8;

pub use strike::{Finding, Struck, strike};

/// A parser to be struck.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name: that of its file in `fuzz_targets` and of its folder in `corpus`.
    pub name: &'static str,
    /// Parses, and checks what the parser promises.
    pub run: fn(&[u8]),
}

/// All of them, by name.
pub const TARGETS: &[Target] = &[
    Target { name: "chain", run: chain::run },
    Target { name: "control_frame", run: control_frame::run },
    Target { name: "datagram", run: datagram::run },
    Target { name: "h264", run: h264::run },
    Target { name: "meeting_file", run: meeting_file::run },
    Target { name: "rtcp", run: rtcp::run },
    Target { name: "sdp", run: sdp::run },
    Target { name: "token", run: token::run },
    Target { name: "vp8", run: vp8::run },
];
