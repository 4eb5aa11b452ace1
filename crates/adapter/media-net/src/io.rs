//! The media thread: sockets, the waker, the clock; all else is [`Plane`].

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base::Mono;
use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token, Waker};
use rustix::process::setpriority_process;
use rustix::thread::gettid;
use service::port::hop::{CloseReason, HopReports};
use socket2::{Domain, Protocol, Socket, Type};
use sys::{Inbox, Message};
use tokio::sync::mpsc;

use crate::doorman::Doorman;
use crate::egress::outlet::Outlet;
use crate::node::{Between, Config, Mail, Node, Shuts, StartError};
use crate::outbox::Outbox;
use crate::plane::Plane;
use crate::transport::{Clock, Path, Seals};
use crate::watchdog;

const WAKER: Token = Token(usize::MAX);
/// Calls by which datagrams of one socket are taken before others have their turn; each takes eight, or eight times what one peer sent in a row.
const CALLS_MAX: usize = 32;
/// After so long in a round the mail is looked at for gates that are to be shut.
const SLICE: Duration = Duration::from_millis(2);
/// What waits for room in the kernel is tried again so often.
const AGAIN_EVERY: Duration = Duration::from_millis(1);
/// Longest wait, so that the thread is never asleep for good.
const WAIT_MAX: Duration = Duration::from_secs(1);
/// Bytes of a datagram; what is longer is nobody's.
const DATAGRAM_BYTES_MAX: usize = 2_048;
/// Kernel's buffers of a socket.
const SOCKET_BYTES: usize = 4 << 20;
/// Ports that are tried when any will do, until one is free on every address.
const PORT_TRIES_MAX: usize = 64;
/// Priority of the media thread, as `nice` counts: 0 is everybody's, -20 the first of all.
const NICE: i32 = -10;

/// Binds, starts the thread, and answers with its handle.
pub(crate) fn start(config: &Config) -> Result<(Node, HopReports), StartError> {
    let mut sockets = match &config.addresses {
        Some(named) => bind_named(named, config.port)?,
        None => bind(&interfaces().map_err(StartError::Interfaces)?, config.port)?,
    };
    let addresses: Vec<SocketAddr> = sockets.iter().map(|s| s.address).collect();
    let poll = Poll::new().map_err(StartError::Thread)?;
    let waker = Waker::new(poll.registry(), WAKER).map_err(StartError::Thread)?;
    for (n, socket) in sockets.iter_mut().enumerate() {
        poll.registry().register(&mut socket.io, Token(n), Interest::READABLE).map_err(StartError::Thread)?;
    }
    let shared = Arc::new(Between::new(waker));
    let (reports, receiver) = mpsc::channel(config.reports_max.max(16));
    let clock = Clock(config.started);
    let doorman = Doorman::new(clock, addresses.clone(), Seals::Own);
    let run = Run {
        clock,
        plane: Plane::new(config.started, config.sessions_max),
        sockets,
        shared: shared.clone(),
        outbox: Outbox::new(reports),
    };
    let thread = std::thread::Builder::new()
        .name("media".to_owned())
        .spawn(move || {
            prefer_this_thread();
            run.shared.pulse.begin();
            run.run(poll);
        })
        .map_err(StartError::Thread)?;
    let between = Arc::clone(&shared);
    let door = std::thread::Builder::new().name("doorman".to_owned()).spawn(move || doorman.run(&between));
    // Where that one cannot be started, this ends the first.
    let mut node = Node::new(Arc::clone(&shared), addresses, vec![thread]);
    node.also(door.map_err(StartError::Thread)?);
    let watchdog =
        std::thread::Builder::new().name("watchdog".to_owned()).spawn(move || watchdog::run(&shared));
    node.also(watchdog.map_err(StartError::Thread)?);
    Ok((node, receiver))
}

/// The media thread goes before others where the system allows it (`RLIMIT_NICE`, or root): each millisecond that it waits for a core is
/// one by which every listener's player learns to wait.
fn prefer_this_thread() {
    if let Err(error) = setpriority_process(Some(gettid()), NICE) {
        tracing::debug!(%error, "the media thread has the priority of all others");
    }
}

/// The machine's own addresses. Loopback stands last: some clients try the first one alone.
fn interfaces() -> io::Result<Vec<IpAddr>> {
    let mut addresses = Vec::new();
    for interface in if_addrs::get_if_addrs()? {
        let ip = interface.ip();
        // Link-local addresses reach nobody who could not use another one.
        let usable =
            matches!(ip, IpAddr::V4(v4) if !v4.is_loopback() && !v4.is_link_local() && !v4.is_unspecified());
        if usable && !addresses.contains(&ip) {
            addresses.push(ip);
        }
    }
    addresses.push(IpAddr::V4(Ipv4Addr::LOCALHOST));
    Ok(addresses)
}

/// Binds addresses that the configuration names.
fn bind_named(named: &[IpAddr], port: u16) -> Result<Vec<Bound>, StartError> {
    if let Some(any) = named.iter().find(|address| address.is_unspecified()) {
        return Err(StartError::Unspecified(*any));
    }
    match outer(named) {
        None => bind(named, port),
        Some(outer) if named.len() == 1 => {
            tracing::info!(%outer, "none of this machine's addresses; taken as the outer one of a NAT");
            Ok(vec![bind_behind(outer, port)?])
        }
        Some(outer) => Err(StartError::OuterNotAlone(outer)),
    }
}

/// An address that is none of this machine's. Where they cannot be listed all are taken for its own, and binding tells.
fn outer(named: &[IpAddr]) -> Option<IpAddr> {
    let own = if_addrs::get_if_addrs().ok()?;
    let known = |address: &IpAddr| address.is_loopback() || own.iter().any(|own| own.ip() == *address);
    named.iter().find(|address| !known(address)).copied()
}

struct Bound {
    /// What clients are told: its own address, or the outer one of the NAT that it stands behind.
    address: SocketAddr,
    io: UdpSocket,
    readable: bool,
    outlet: Outlet,
}

fn bind(addresses: &[IpAddr], port: u16) -> Result<Vec<Bound>, StartError> {
    let first = addresses.first().ok_or(StartError::NoAddress)?;
    let mut tries = 0;
    'port: loop {
        tries += 1;
        let mut bound = vec![bind_one(SocketAddr::new(*first, port))?];
        let chosen = bound[0].address.port();
        for address in &addresses[1..] {
            match bind_one(SocketAddr::new(*address, chosen)) {
                Ok(one) => bound.push(one),
                Err(StartError::Bind { cause, .. })
                    if port == 0 && cause.kind() == ErrorKind::AddrInUse && tries < PORT_TRIES_MAX =>
                {
                    continue 'port;
                }
                Err(error) => return Err(error),
            }
        }
        return Ok(bound);
    }
}

/// Binds all of the machine's addresses where clients reach it at `outer`, an address of a 1:1 NAT before it.
fn bind_behind(outer: IpAddr, port: u16) -> Result<Bound, StartError> {
    let any: IpAddr = match outer {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let bound = bind_one(SocketAddr::new(any, port))?;
    Ok(Bound { address: SocketAddr::new(outer, bound.address.port()), ..bound })
}

fn bind_one(address: SocketAddr) -> Result<Bound, StartError> {
    let open = || {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_nonblocking(true)?;
        // The kernel gives what it allows.
        socket.set_recv_buffer_size(SOCKET_BYTES)?;
        socket.set_send_buffer_size(SOCKET_BYTES)?;
        socket.bind(&address.into())?;
        let std: std::net::UdpSocket = socket.into();
        let address = std.local_addr()?;
        let io = UdpSocket::from_std(std);
        if !sys::join_datagrams(io.as_fd()) {
            tracing::debug!("the kernel gives datagrams one by one");
        }
        let outlet = Outlet::new(sys::cuts_into_segments(io.as_fd()));
        Ok(Bound { address, io, readable: false, outlet })
    };
    open().map_err(|cause| StartError::Bind { address, cause })
}

struct Run {
    clock: Clock,
    plane: Plane,
    sockets: Vec<Bound>,
    shared: Arc<Between>,
    outbox: Outbox,
}

impl Run {
    fn run(mut self, mut poll: Poll) {
        let mut events = Events::with_capacity(64);
        let mut inbox = Inbox::default();
        while !self.shared.stopped() {
            if let Err(error) = poll.poll(&mut events, Some(self.wait()))
                && error.kind() != ErrorKind::Interrupted
            {
                tracing::error!(%error, "the media thread cannot wait for its sockets");
                break;
            }
            for event in &events {
                if let Some(socket) = self.sockets.get_mut(event.token().0) {
                    socket.readable = true;
                }
            }
            self.shared.pulse.turn();
            #[cfg(test)]
            assert!(!self.shared.fault.load(std::sync::atomic::Ordering::Relaxed), "the planted fault");
            let now = self.now();
            self.take_mail(now);
            self.receive(now, &mut inbox);
            let before = self.now();
            self.send_again(before);
            self.plane.tick(before);
            self.send(before);
            self.round(before);
            self.report();
            self.plane.pace(self.now().since(before));
        }
        let now = self.now();
        self.plane.end(now);
        self.send(now);
        self.report();
    }

    /// A slice of the round that is under way: what comes in meanwhile, and a gate that is to be shut (R3), wait for one of them at most.
    fn round(&mut self, now: Mono) {
        loop {
            let more = self.plane.serve(now);
            self.send(now);
            if !more || !self.plane.is_hearing() && self.now().since(now) >= SLICE {
                break;
            }
        }
    }

    fn now(&self) -> Mono {
        self.clock.mono(Instant::now())
    }

    fn wait(&self) -> Duration {
        if self.sockets.iter().any(|s| s.readable) || !self.shared.mail().prepared.is_empty() {
            return Duration::ZERO;
        }
        let wait = self.plane.deadline().since(self.now()).min(WAIT_MAX);
        let wait = if self.outbox.is_empty() { wait } else { wait.min(Duration::from_millis(5)) };
        if self.sockets.iter().any(|s| s.outlet.waits()) { wait.min(AGAIN_EVERY) } else { wait }
    }

    fn receive(&mut self, now: Mono, inbox: &mut Inbox) {
        for socket in &mut self.sockets {
            if !socket.readable {
                continue;
            }
            for _ in 0..CALLS_MAX {
                match inbox.receive(socket.io.as_fd()) {
                    Ok(()) => {
                        let short =
                            inbox.datagrams().filter(|(_, datagram)| datagram.len() <= DATAGRAM_BYTES_MAX);
                        for (remote, datagram) in short {
                            self.plane.on_datagram(now, Path { local: socket.address, remote }, datagram);
                        }
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        socket.readable = false;
                        break;
                    }
                    // A peer's port is closed, or the call was interrupted: the next datagram may be another's.
                    Err(error) => tracing::debug!(%error, "receive failed"),
                }
            }
        }
    }

    /// Takes what control asked for. What is forgotten goes before what comes under a later epoch. Then gates: a target that lifts them says so by its sequence. One session is opened in a
    /// turn, so that a crowd that joins does not stall those who are in.
    fn take_mail(&mut self, now: Mono) {
        let (mail, open) = {
            let mut mail = self.shared.mail();
            let opens = std::mem::take(&mut mail.opens);
            let mut prepared = std::mem::take(&mut mail.prepared);
            let open = prepared.pop_front();
            (std::mem::replace(&mut *mail, Mail { opens, prepared, ..Mail::default() }), open)
        };
        for (meeting, epoch) in mail.forgets {
            self.plane.forget(now, &meeting, epoch);
        }
        self.shut(now, mail.shuts);
        for (meeting, (epoch, sequence, target)) in mail.targets {
            self.plane.apply(now, &meeting, epoch, sequence, target);
        }
        for ((meeting, client), lines) in mail.views {
            self.plane.views(&meeting, client, lines);
        }
        if let Some(open) = open {
            self.shared.ring();
            let answer = self.plane.open(now, open.spec, open.taken);
            let id = answer.as_ref().map(|(id, _)| *id).ok();
            if let (Err(_), Some(id)) = (open.reply.send(answer), id) {
                // Whoever asked is gone.
                self.plane.close(now, id, CloseReason::Left);
            }
        }
        for session in mail.admits {
            self.plane.admit(session);
        }
        for (session, why) in mail.closes {
            self.plane.close(now, session, why);
        }
        for token in mail.tokens {
            self.plane.close_token(now, &token);
        }
    }

    fn shut(&mut self, now: Mono, shuts: Shuts) {
        for ((meeting, venue), (epoch, until)) in shuts {
            self.plane.close_gates(now, &meeting, epoch, until, &[venue]);
        }
    }

    /// Sends what is to go out, in the order in which it was written.
    fn send(&mut self, now: Mono) {
        let batch = self.plane.batch();
        let mut done = 0;
        while done < batch.runs() {
            let local = batch.run(done).local;
            let same = (done..batch.runs()).take_while(|n| batch.run(*n).local == local).count();
            if let Some(Bound { io, outlet, .. }) = self.sockets.iter_mut().find(|s| s.address == local) {
                let mut send = |messages: &[Message<'_>]| sys::send_batch(io.as_fd(), messages);
                outlet.flush(now, same, |n| batch.run(done + n), &mut send);
            }
            done += same;
        }
        batch.clear();
    }

    /// Sends what the kernel had no room for.
    fn send_again(&mut self, now: Mono) {
        for Bound { io, outlet, .. } in self.sockets.iter_mut().filter(|s| s.outlet.waits()) {
            let mut send = |messages: &[Message<'_>]| sys::send_batch(io.as_fd(), messages);
            outlet.again(now, |sound| self.plane.is_past(sound), &mut send);
        }
        let given_up = self.sockets.iter_mut().map(|s| s.outlet.take_given_up()).sum();
        self.plane.given_up(given_up);
    }

    fn report(&mut self) {
        while let Some(report) = self.plane.poll_report() {
            self.outbox.push(report);
        }
        self.outbox.flush();
    }
}
