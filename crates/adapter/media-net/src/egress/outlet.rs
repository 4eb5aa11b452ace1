//! The way out through one socket: runs in as few calls as the kernel allows, and a short queue where it takes no more.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use base::Mono;
use rustix::io::Errno;
use sys::{MESSAGES_MAX, Message};

use super::batch::{RunView, Sound};

/// What waits is no older than this: later it is of no use to anybody.
const WAITS_MAX: Duration = Duration::from_millis(50);
/// Bytes that wait at most.
const WAITING_BYTES_MAX: usize = 2 << 20;

/// A run that waits until the kernel has room.
#[derive(Debug)]
struct Waiting {
    since: Mono,
    local: SocketAddr,
    to: SocketAddr,
    bytes: Vec<u8>,
    segment: usize,
    sound: Option<Sound>,
}

impl Waiting {
    fn view(&self) -> RunView<'_> {
        let Self { local, to, bytes, segment, sound, .. } = self;
        RunView { local: *local, to: *to, bytes, segment: *segment, sound: *sound }
    }
}

/// How far through some runs the kernel took them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Place {
    run: usize,
    /// Datagrams of that run.
    within: usize,
}

/// Sends runs, keeps what the kernel has no room for, and counts what it gives up.
#[derive(Debug)]
pub(crate) struct Outlet {
    /// The kernel cuts runs into datagrams.
    cuts: bool,
    waiting: VecDeque<Waiting>,
    waiting_bytes: usize,
    /// Datagrams that were given up for want of room since that was told last.
    given_up: u64,
}

impl Outlet {
    /// Nothing waits. `cuts`: the kernel cuts runs into datagrams, as far as is known.
    pub(crate) fn new(cuts: bool) -> Self {
        Self { cuts, waiting: VecDeque::new(), waiting_bytes: 0, given_up: 0 }
    }

    /// Something waits for room.
    pub(crate) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Datagrams that were given up for want of room since this was asked last.
    pub(crate) fn take_given_up(&mut self) -> u64 {
        std::mem::take(&mut self.given_up)
    }

    /// Sends what waits, but for what is too old and sound that is `past`: its gate has changed since.
    pub(crate) fn again(
        &mut self,
        now: Mono,
        past: impl Fn(Sound) -> bool,
        send: &mut impl FnMut(&[Message<'_>]) -> io::Result<usize>,
    ) {
        self.give_up(now, past);
        let waiting = std::mem::take(&mut self.waiting);
        let place = self.send(waiting.len(), |n| waiting[n].view(), send);
        self.waiting = waiting;
        for sent in self.waiting.drain(..place.run) {
            self.waiting_bytes -= sent.bytes.len();
        }
        if let Some(first) = self.waiting.front_mut().filter(|_| place.within > 0) {
            let sent = first.bytes.len().min(place.within * first.segment);
            first.bytes.drain(..sent);
            self.waiting_bytes -= sent;
        }
    }

    /// Sends `count` runs behind what waits.
    pub(crate) fn flush<'a>(
        &mut self,
        now: Mono,
        count: usize,
        run: impl Fn(usize) -> RunView<'a>,
        send: &mut impl FnMut(&[Message<'_>]) -> io::Result<usize>,
    ) {
        let mut place = Place::default();
        if !self.waits() {
            place = self.send(count, &run, send);
        }
        for n in place.run..count {
            let first = if n == place.run { place.within } else { 0 };
            self.keep(now, run(n), first);
        }
    }

    /// Keeps a run for later, without its first datagrams.
    fn keep(&mut self, now: Mono, run: RunView<'_>, first: usize) {
        let bytes = &run.bytes[run.bytes.len().min(first * run.segment)..];
        if self.waiting_bytes + bytes.len() > WAITING_BYTES_MAX {
            self.given_up += (run.datagrams().len() - first) as u64;
            return;
        }
        self.waiting_bytes += bytes.len();
        let RunView { local, to, segment, sound, .. } = run;
        self.waiting.push_back(Waiting { since: now, local, to, bytes: bytes.to_vec(), segment, sound });
    }

    fn give_up(&mut self, now: Mono, past: impl Fn(Sound) -> bool) {
        let (mut datagrams, mut bytes) = (0, 0);
        self.waiting.retain_mut(|waiting| {
            let whole = waiting.bytes.len();
            let kept = if now.since(waiting.since) > WAITS_MAX {
                0
            } else if waiting.sound.take_if(|sound| past(*sound)).is_some() {
                // Sound is the last of its run.
                (waiting.view().datagrams().len() - 1) * waiting.segment
            } else {
                whole
            };
            datagrams += waiting.view().datagrams().len() - kept.div_ceil(waiting.segment.max(1));
            bytes += whole - kept;
            waiting.bytes.truncate(kept);
            kept > 0
        });
        self.given_up += datagrams as u64;
        self.waiting_bytes -= bytes;
    }

    /// Sends runs until the kernel has no room; how far it came.
    fn send<'a>(
        &mut self,
        count: usize,
        run: impl Fn(usize) -> RunView<'a>,
        send: &mut impl FnMut(&[Message<'_>]) -> io::Result<usize>,
    ) -> Place {
        let mut place = Place::default();
        while place.run < count {
            let mut messages = [NOTHING; MESSAGES_MAX];
            let mut after = [place; MESSAGES_MAX];
            let mut filled = 0;
            let mut next = place;
            while filled < MESSAGES_MAX && next.run < count {
                (messages[filled], next) = self.message(next, run(next.run));
                after[filled] = next;
                filled += 1;
            }
            match send(&messages[..filled]) {
                Ok(0) => return place,
                Ok(sent) => place = after[sent.min(filled) - 1],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if has_no_room(&error) => return place,
                Err(error) if messages[0].segment.is_some() && cannot_cut(&error) => {
                    tracing::info!(%error, "this machine does not cut runs into datagrams; each is sent by itself");
                    self.cuts = false;
                }
                // It cannot be sent at all: a peer's network is gone, or a firewall is in the way.
                Err(error) => {
                    tracing::debug!(%error, to = %messages[0].to, "not sent");
                    place = after[0];
                }
            }
        }
        place
    }

    /// The message with which a run goes on, and the place behind it.
    fn message<'a>(&self, place: Place, run: RunView<'a>) -> (Message<'a>, Place) {
        let rest = &run.bytes[place.within * run.segment..];
        let over = Place { run: place.run + 1, within: 0 };
        if rest.len() <= run.segment {
            return (Message { to: run.to, bytes: rest, segment: None }, over);
        }
        if self.cuts {
            return (Message { to: run.to, bytes: rest, segment: u16::try_from(run.segment).ok() }, over);
        }
        let message = Message { to: run.to, bytes: &rest[..run.segment], segment: None };
        (message, Place { within: place.within + 1, ..place })
    }
}

const NOTHING: Message<'_> =
    Message { to: SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0)), bytes: &[], segment: None };

fn has_no_room(error: &io::Error) -> bool {
    error.kind() == ErrorKind::WouldBlock || Errno::from_io_error(error) == Some(Errno::NOBUFS)
}

fn cannot_cut(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::IO | Errno::INVAL))
}

#[cfg(test)]
mod tests {
    use slotmap::SlotMap;

    use super::*;
    use crate::egress::batch::Batch;
    use crate::keys::RingKey;
    use crate::transport::Path;

    /// A kernel that takes so many messages, and then answers as it is told.
    struct Kernel {
        room: usize,
        then: Errno,
        cuts: bool,
        sent: Vec<u8>,
        calls: usize,
    }

    impl Kernel {
        fn new(room: usize) -> Self {
            Self { room, then: Errno::AGAIN, cuts: true, sent: Vec::new(), calls: 0 }
        }

        fn send(&mut self, messages: &[Message<'_>]) -> io::Result<usize> {
            self.calls += 1;
            let mut sent = 0;
            for message in messages {
                if self.room == 0 || message.segment.is_some() && !self.cuts {
                    let error = if self.room == 0 { self.then } else { Errno::IO };
                    return if sent == 0 { Err(error.into()) } else { Ok(sent) };
                }
                self.room -= 1;
                self.sent.extend(message.bytes.chunks(4).map(|datagram| datagram[0]));
                sent += 1;
            }
            Ok(sent)
        }
    }

    fn path(port: u16) -> Path {
        Path { local: ([127, 0, 0, 1], 1).into(), remote: ([127, 0, 0, 1], port).into() }
    }

    /// Runs of so many datagrams of four bytes, which are counted through.
    fn batch(runs: &[u8]) -> Batch {
        let mut batch = Batch::default();
        let mut n = 0;
        for (port, count) in runs.iter().enumerate() {
            for _ in 0..*count {
                batch.push(path(port as u16), &[n; 4], None);
                n += 1;
            }
        }
        batch
    }

    fn flush(outlet: &mut Outlet, at: u64, batch: &Batch, kernel: &mut Kernel) {
        outlet.flush(Mono::from_millis(at), batch.runs(), |n| batch.run(n), &mut |m| kernel.send(m));
    }

    fn again(outlet: &mut Outlet, at: u64, kernel: &mut Kernel) {
        outlet.again(Mono::from_millis(at), |_| false, &mut |m| kernel.send(m));
    }

    #[test]
    fn what_the_kernel_has_no_room_for_goes_out_later_in_order_and_once() {
        for then in [Errno::AGAIN, Errno::NOBUFS] {
            for cuts in [true, false] {
                for room in 0..12 {
                    let mut outlet = Outlet::new(true);
                    let mut kernel = Kernel { then, cuts, ..Kernel::new(room) };
                    flush(&mut outlet, 0, &batch(&[3, 1, 8, 2]), &mut kernel);
                    kernel.room = 2;
                    again(&mut outlet, 10, &mut kernel);
                    kernel.room = 100;
                    again(&mut outlet, 20, &mut kernel);
                    assert_eq!(kernel.sent, (0..14).collect::<Vec<_>>(), "{room} at first, cuts: {cuts}");
                    assert!(!outlet.waits());
                    assert_eq!((outlet.waiting_bytes, outlet.take_given_up()), (0, 0));
                }
            }
        }
    }

    #[test]
    fn new_runs_stand_behind_those_that_wait() {
        let mut outlet = Outlet::new(true);
        let mut kernel = Kernel::new(1);
        flush(&mut outlet, 0, &batch(&[1, 1]), &mut kernel);
        kernel.room = 100;
        let mut later = Batch::default();
        later.push(path(9), &[9; 4], None);
        flush(&mut outlet, 1, &later, &mut kernel);
        assert_eq!(kernel.sent, [0]);
        again(&mut outlet, 2, &mut kernel);
        assert_eq!(kernel.sent, [0, 1, 9]);
    }

    #[test]
    fn what_waits_too_long_or_is_too_much_is_given_up_and_counted() {
        let mut outlet = Outlet::new(true);
        let mut kernel = Kernel::new(0);
        flush(&mut outlet, 0, &batch(&[3, 2]), &mut kernel);
        again(&mut outlet, 50, &mut kernel);
        assert_eq!(outlet.take_given_up(), 0);
        again(&mut outlet, 51, &mut kernel);
        assert_eq!((outlet.take_given_up(), outlet.waits(), outlet.waiting_bytes), (5, false, 0));

        let mut large = Batch::default();
        (0..2_000).for_each(|n| large.push(path(n), &[0; 1_200], None));
        flush(&mut outlet, 60, &large, &mut kernel);
        let fit = WAITING_BYTES_MAX as u64 / 1_200;
        assert_eq!((outlet.take_given_up(), outlet.waiting.len() as u64), (2_000 - fit, fit));
    }

    #[test]
    fn r3_sound_that_waited_while_its_gate_shut_never_goes_out() {
        let ring = SlotMap::<RingKey, ()>::with_key().insert(());
        let sound = |generation| Some(Sound { ring, generation });
        let mut waits = Batch::default();
        waits.push(path(1), &[1; 4], None);
        waits.push(path(1), &[2; 3], sound(7));
        waits.push(path(2), &[3; 4], sound(7));
        waits.push(path(3), &[4; 4], sound(8));
        let mut outlet = Outlet::new(true);
        let mut kernel = Kernel::new(0);
        flush(&mut outlet, 0, &waits, &mut kernel);
        kernel.room = 100;
        let past = |sound: Sound| sound.generation < 8;
        outlet.again(Mono::from_millis(1), past, &mut |m| kernel.send(m));
        assert_eq!(kernel.sent, [1, 4]);
        assert_eq!((outlet.take_given_up(), outlet.waiting_bytes), (2, 0));
    }

    #[test]
    fn what_cannot_be_sent_at_all_holds_nothing_up() {
        let mut outlet = Outlet::new(true);
        let mut sent = Vec::new();
        let runs = batch(&[1, 2, 1]);
        outlet.flush(Mono(0), runs.runs(), |n| runs.run(n), &mut |messages| {
            if messages[0].to.port() == 1 {
                return Err(Errno::NETUNREACH.into());
            }
            sent.push(messages[0].to.port());
            Ok(1)
        });
        assert_eq!((sent, outlet.waits(), outlet.take_given_up()), (vec![0, 2], false, 0));
    }

    #[test]
    fn many_runs_take_few_calls() {
        let mut kernel = Kernel::new(1_000);
        flush(&mut Outlet::new(true), 0, &batch(&[8; 30]), &mut kernel);
        assert_eq!((kernel.sent.len(), kernel.calls), (240, 1));
    }
}
