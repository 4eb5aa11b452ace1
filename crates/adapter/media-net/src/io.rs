//! The media thread: sockets, the waker, the clock; all else is [`Plane`].

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base::Mono;
use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token, Waker};
use rustix::process::setpriority_process;
use rustix::thread::gettid;
use service::port::hop::{CloseReason, HopReports};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::sync::mpsc;

use crate::node::{Between, Config, Mail, Node, StartError};
use crate::outbox::Outbox;
use crate::plane::{Output, Plane};
use crate::transport::{Clock, Path};

const WAKER: Token = Token(usize::MAX);
/// Datagrams of one socket that are taken before others have their turn.
const BATCH_MAX: usize = 256;
/// Longest wait, so that the thread is never asleep for good.
const WAIT_MAX: Duration = Duration::from_secs(1);
/// Bytes of a datagram.
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
    let plane = Plane::new(config.started, addresses.clone(), config.sessions_max);
    let run = Run {
        clock: Clock(config.started),
        plane,
        sockets,
        shared: shared.clone(),
        outbox: Outbox::new(reports),
        dropped: 0,
    };
    let thread = std::thread::Builder::new()
        .name("media".to_owned())
        .spawn(move || {
            prefer_this_thread();
            run.run(poll);
        })
        .map_err(StartError::Thread)?;
    Ok((Node::new(shared, addresses, thread), receiver))
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
        Ok(Bound { address, io: UdpSocket::from_std(std), readable: false })
    };
    open().map_err(|cause| StartError::Bind { address, cause })
}

struct Run {
    clock: Clock,
    plane: Plane,
    sockets: Vec<Bound>,
    shared: Arc<Between>,
    outbox: Outbox,
    /// Datagrams that the kernel had no room for.
    dropped: u64,
}

impl Run {
    fn run(mut self, mut poll: Poll) {
        let mut events = Events::with_capacity(64);
        let mut buffer = vec![0; DATAGRAM_BYTES_MAX];
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
            let now = self.now();
            self.take_mail(now);
            self.receive(now, &mut buffer);
            let before = self.now();
            self.plane.tick(before);
            self.deliver();
            self.plane.pace(self.now().since(before));
        }
        let now = self.now();
        self.plane.end(now);
        self.deliver();
    }

    fn now(&self) -> Mono {
        self.clock.mono(Instant::now())
    }

    fn wait(&self) -> Duration {
        if self.sockets.iter().any(|s| s.readable) || !self.shared.mail().opens.is_empty() {
            return Duration::ZERO;
        }
        let wait = self.plane.deadline().since(self.now()).min(WAIT_MAX);
        if self.outbox.is_empty() { wait } else { wait.min(Duration::from_millis(5)) }
    }

    fn receive(&mut self, now: Mono, buffer: &mut [u8]) {
        for socket in &mut self.sockets {
            if !socket.readable {
                continue;
            }
            for _ in 0..BATCH_MAX {
                match socket.io.recv_from(buffer) {
                    Ok((len, remote)) => {
                        let path = Path { local: socket.address, remote };
                        self.plane.on_datagram(now, path, &buffer[..len]);
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
            let open = mail.opens.pop();
            let rest = std::mem::take(&mut mail.opens);
            (std::mem::replace(&mut *mail, Mail { opens: rest, ..Mail::default() }), open)
        };
        for (meeting, epoch) in mail.forgets {
            self.plane.forget(now, &meeting, epoch);
        }
        for ((meeting, venue), (epoch, until)) in mail.shuts {
            self.plane.close_gates(now, &meeting, epoch, until, &[venue]);
        }
        for (meeting, (epoch, sequence, target)) in mail.targets {
            self.plane.apply(now, &meeting, epoch, sequence, target);
        }
        for ((meeting, client), lines) in mail.views {
            self.plane.views(&meeting, client, lines);
        }
        if let Some(open) = open {
            let answer = self.plane.open(now, open.spec, &open.offer);
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

    fn deliver(&mut self) {
        while let Some(output) = self.plane.poll_output() {
            match output {
                Output::Transmit(t) => {
                    let Some(socket) = self.sockets.iter().find(|s| s.address == t.source) else { continue };
                    if let Err(error) = socket.io.send_to(&t.contents, t.destination) {
                        self.dropped += 1;
                        if self.dropped.is_power_of_two() {
                            tracing::debug!(%error, dropped = self.dropped, "send failed");
                        }
                    }
                }
                Output::Report(report) => self.outbox.push(report),
            }
        }
        self.outbox.flush();
    }
}
