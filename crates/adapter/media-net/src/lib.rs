//! The media plane: sockets, str0m, rings of packets and the forwarding loop. It implements the port [`service::port::hop::Hop`].
//!
//! [`start`] answers with a [`Node`], the handle, and the receiver of [`service::port::hop::HopReport`]s. One plain thread waits on one UDP
//! port, bound on every advertised address; control reaches it through a mailbox and a waker, and nobody blocks.
//!
//! ```no_run
//! use media::slots::Page;
//! use service::port::hop::{Hop, Sdp, SessionKind, SessionSpec, VideoCodec};
//!
//! # async fn example(offer: String) -> Result<(), Box<dyn std::error::Error>> {
//! let (node, mut reports) = media_net::start(&media_net::Config::default())?;
//! let spec = SessionSpec {
//!     meeting: base::MeetingId::new("m1")?,
//!     role: base::Role::Watcher,
//!     kind: SessionKind::Watch { venue: None, wishes: Page::Plain.wishes() },
//!     client: None,
//!     admitted: true,
//!     codec: VideoCodec::Vp8,
//!     token: base::TokenId::new("t1")?,
//!     good_for: std::time::Duration::from_secs(3_600),
//! };
//! let (session, answer) = node.open(spec, Sdp(offer)).await?;
//! println!("media on UDP {} as {session}: {}", node.port(), answer.0);
//! while let Some(report) = reports.recv().await {
//!     println!("{report:?}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Inside, `plane` is a machine without IO (datagrams, commands and time in; datagrams and reports out), so that tests need no sockets and
//! no sleeps; its parts are `conductor` (what comes in) and `egress` (what goes out); `io` is its thread, `doorman` the one on which offers are read, and `watchdog` looks whether the first still turns. `uplink` and `downlink` wrap str0m, which nothing outside this crate sees, and what goes to watchers is sealed by `srtp` where they take AES-GCM; `ring` holds packets,
//! `track` and `meeting` what is known of sources and meetings. What is decided stands in the crate `media`, as pure functions.
//!
//! What it is not: it knows no rule of the meeting beyond the gates, stores nothing and speaks no HTTP.

mod conductor;
mod doorman;
mod downlink;
mod dtls;
mod egress;
mod io;
mod keys;
mod meeting;
mod node;
mod outbox;
mod plane;
mod ring;
pub mod sdp;
mod slate;
mod srtp;
mod streams;
#[cfg(test)]
mod tests;
mod track;
mod transport;
mod uplink;
mod watchdog;

pub use node::{Config, Node, StartError, start};
