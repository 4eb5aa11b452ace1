//! What goes over a connection. Bytes and frames that come in on a WebSocket are counted before anybody reads them: some frames, as empty
//! continuations, are told to nobody, and all of them cost. What is written may wait for its reader for so long, and then the connection ends.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use base::Mono;
use base::limits::{BYTES_AT_ONCE_MAX, BYTES_PER_SECOND_MAX, FRAMES_AT_ONCE_MAX, FRAMES_PER_SECOND_MAX};
use service::bucket::Bucket;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep};

const SECOND: Duration = Duration::from_secs(1);
/// A connection whose other end takes nothing for so long, while something is to be written, ends.
const TAKEN_WITHIN: Duration = Duration::from_secs(10);

/// What a connection and its stream know of each other.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    counts: AtomicBool,
    flooded: AtomicBool,
}

impl Meter {
    /// From now on frames come.
    pub(crate) fn count(&self) {
        self.counts.store(true, Ordering::Relaxed);
    }

    /// More came than may.
    pub(crate) fn flooded(&self) -> bool {
        self.flooded.load(Ordering::Relaxed)
    }
}

/// A stream whose reader gets an error instead of a flood.
#[derive(Debug)]
pub(crate) struct Metered {
    stream: TcpStream,
    /// Its place among all connections, which a WebSocket keeps when HTTP has let go of it.
    _place: OwnedSemaphorePermit,
    meter: Arc<Meter>,
    began: Instant,
    bytes: Bucket,
    frames: Bucket,
    headers: Headers,
    /// Until when something must have been written, while nothing can be.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Metered {
    pub(crate) fn new(stream: TcpStream, place: OwnedSemaphorePermit, meter: Arc<Meter>) -> Self {
        Self {
            stream,
            _place: place,
            meter,
            began: Instant::now(),
            bytes: Bucket::new(BYTES_PER_SECOND_MAX, SECOND, BYTES_AT_ONCE_MAX, Mono(0)),
            frames: Bucket::new(FRAMES_PER_SECOND_MAX, SECOND, FRAMES_AT_ONCE_MAX, Mono(0)),
            headers: Headers::default(),
            stalled: None,
        }
    }

    /// What became of writing: an error, if nothing could be written for too long.
    fn wrote(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let until = self.stalled.get_or_insert_with(|| Box::pin(sleep(TAKEN_WITHIN)));
        until.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    fn may(&mut self, come: &[u8]) -> bool {
        let now = Mono(u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX));
        let frames = self.headers.feed(come);
        let bytes = u32::try_from(come.len()).unwrap_or(u32::MAX);
        self.bytes.take_many(bytes, now) && self.frames.take_many(frames, now)
    }
}

impl AsyncRead for Metered {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.meter.flooded() {
            return Poll::Ready(Err(io::Error::other("a flood")));
        }
        let before = buf.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buf);
        if this.meter.counts.load(Ordering::Relaxed)
            && matches!(read, Poll::Ready(Ok(())))
            && !this.may(&buf.filled()[before..])
        {
            this.meter.flooded.store(true, Ordering::Relaxed);
            return Poll::Ready(Err(io::Error::other("a flood")));
        }
        read
    }
}

impl AsyncWrite for Metered {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.wrote(cx, written)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.wrote(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Finds frames in what comes (RFC 6455, section 5.2). It may be wrong about what an ill-behaved client sent before it was let in: then the
/// bytes are counted all the same.
#[derive(Debug, Default)]
struct Headers {
    /// Bytes of the header that is under way.
    header: [u8; 14],
    have: usize,
    /// Bytes of a payload that are still to come.
    payload: u64,
}

impl Headers {
    /// How many frames have their header whole by this.
    fn feed(&mut self, mut come: &[u8]) -> u32 {
        let mut frames = 0;
        while !come.is_empty() {
            let skipped = usize::try_from(self.payload).unwrap_or(usize::MAX).min(come.len());
            self.payload -= skipped as u64;
            come = &come[skipped..];
            let Some((byte, rest)) = come.split_first() else { break };
            come = rest;
            self.header[self.have] = *byte;
            self.have += 1;
            if let Some(payload) = self.payload() {
                (self.have, self.payload) = (0, payload);
                frames += 1;
            }
        }
        frames
    }

    /// Length of the payload, once the header is whole.
    fn payload(&self) -> Option<u64> {
        let header = &self.header[..self.have];
        let second = *header.get(1)?;
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        let (length, long) = match second & 0x7f {
            126 => (u64::from(u16::from_be_bytes(header.get(2..4)?.try_into().ok()?)), 2),
            127 => (u64::from_be_bytes(header.get(2..10)?.try_into().ok()?), 8),
            short => (u64::from(short), 0),
        };
        (self.have == 2 + long + mask).then_some(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame as a client sends it.
    fn frame(payload: usize) -> Vec<u8> {
        let mut bytes = vec![0x81];
        match payload {
            0..126 => bytes.push(0x80 | payload as u8),
            126..65_536 => {
                bytes.push(0x80 | 126);
                bytes.extend((payload as u16).to_be_bytes());
            }
            _ => {
                bytes.push(0x80 | 127);
                bytes.extend((payload as u64).to_be_bytes());
            }
        }
        bytes.extend([1, 2, 3, 4]);
        bytes.extend(vec![0xff; payload]);
        bytes
    }

    #[test]
    fn frames_of_every_length_are_counted_however_they_are_cut() {
        let lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000, 0, 0];
        let bytes: Vec<u8> = lengths.iter().flat_map(|length| frame(*length)).collect();
        for cut in [1, 2, 3, 7, 1_000, 65_537, bytes.len()] {
            let mut headers = Headers::default();
            let counted: u32 = bytes.chunks(cut).map(|chunk| headers.feed(chunk)).sum();
            assert_eq!((counted, headers.have, headers.payload), (10, 0, 0), "in pieces of {cut}");
        }
    }

    #[test]
    fn a_frame_without_a_mask_and_one_of_any_length_panic_nobody() {
        let mut headers = Headers::default();
        assert_eq!(headers.feed(&[0x80, 0x00, 0x80, 0x00]), 2);
        let mut endless = vec![0x82, 0xff];
        endless.extend([0xff; 12]);
        assert_eq!(headers.feed(&endless), 1);
        assert_eq!(headers.feed(&[0; 1_000]), 0);
        assert_eq!(headers.payload, u64::MAX - 1_000);
    }
}
