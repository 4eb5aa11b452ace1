//! Many datagrams by one system call: `recvmmsg`, with datagrams of one peer that the kernel has put together (`UDP_GRO`).

use std::ffi::{c_int, c_uint, c_void};
use std::io;
use std::mem::{self, MaybeUninit};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd as _, BorrowedFd};

use crate::option::set_udp;

/// Messages that one call takes.
const MESSAGES: usize = 8;
/// Bytes of one message: as many as the kernel puts together.
const BYTES: usize = 65_536;

/// The control message that says how long each of the datagrams is that were put together.
#[repr(C)]
#[derive(Clone, Copy)]
struct Control {
    header: libc::cmsghdr,
    segment: c_int,
    /// It ends where the next would begin.
    end: [usize; 0],
}

/// Asks the kernel to put datagrams of one peer together where they come in a row (Linux 5.0); false where it does not.
#[must_use]
pub fn join_datagrams(socket: BorrowedFd<'_>) -> bool {
    set_udp(socket, libc::UDP_GRO, 1)
}

/// A message as it came.
#[derive(Debug, Clone, Copy)]
struct Came {
    from: SocketAddr,
    bytes: usize,
    /// Bytes of each datagram of it, of which the last may be shorter.
    segment: usize,
}

/// Room for what one call takes, half a mebibyte.
#[derive(Debug)]
pub struct Inbox {
    bytes: Box<[u8]>,
    came: [Option<Came>; MESSAGES],
}

impl Default for Inbox {
    fn default() -> Self {
        Self { bytes: vec![0; MESSAGES * BYTES].into(), came: [None; MESSAGES] }
    }
}

impl Inbox {
    /// Takes what has come to a socket, in place of what was taken before. Never waits.
    ///
    /// # Errors
    /// `WouldBlock` where nothing has come; else what the kernel says of the socket, such as that the port of a peer is closed.
    pub fn receive(&mut self, socket: BorrowedFd<'_>) -> io::Result<()> {
        self.came = [None; MESSAGES];
        let mut addresses = [const { MaybeUninit::<libc::sockaddr_storage>::zeroed() }; MESSAGES];
        let mut controls = [const { MaybeUninit::<Control>::zeroed() }; MESSAGES];
        // SAFETY: parts of zeros are valid ones, of no bytes.
        let mut parts: [libc::iovec; MESSAGES] = unsafe { mem::zeroed() };
        // SAFETY: a header of zeros is a valid one, which names nothing.
        let mut headers: [libc::mmsghdr; MESSAGES] = unsafe { mem::zeroed() };
        for (n, bytes) in self.bytes.chunks_exact_mut(BYTES).enumerate() {
            parts[n] = libc::iovec { iov_base: bytes.as_mut_ptr().cast::<c_void>(), iov_len: BYTES };
            let header = &mut headers[n].msg_hdr;
            header.msg_name = addresses[n].as_mut_ptr().cast::<c_void>();
            header.msg_namelen = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            header.msg_iov = &raw mut parts[n];
            header.msg_iovlen = 1;
            header.msg_control = controls[n].as_mut_ptr().cast::<c_void>();
            header.msg_controllen = size_of::<Control>() as _;
        }
        // SAFETY: each header names room for an address, one part of `self.bytes` that no other names, and room for a control message, with their
        // lengths; all live over the call.
        let took = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                headers.as_mut_ptr(),
                MESSAGES as c_uint,
                libc::MSG_DONTWAIT,
                std::ptr::null_mut(),
            )
        };
        let took = usize::try_from(took).map_err(|_| io::Error::last_os_error())?;
        for n in 0..took {
            let header = &headers[n];
            let bytes = (header.msg_len as usize).min(BYTES);
            let told = header.msg_hdr.msg_controllen;
            // SAFETY: it was zeroed, and any bytes are a header and an int.
            let control = unsafe { controls[n].assume_init() };
            let is_segment = told >= mem::offset_of!(Control, segment) + size_of::<c_int>()
                && control.header.cmsg_level == libc::SOL_UDP
                && control.header.cmsg_type == libc::UDP_GRO;
            let segment = if is_segment { usize::try_from(control.segment).unwrap_or_default() } else { 0 };
            let segment = if segment == 0 { bytes } else { segment };
            self.came[n] =
                read_address(&addresses[n]).map(|from| Came { from, bytes, segment: segment.max(1) });
        }
        Ok(())
    }

    /// The datagrams that were taken, in the order in which they came, with their senders.
    pub fn datagrams(&self) -> impl Iterator<Item = (SocketAddr, &[u8])> {
        self.came.iter().zip(self.bytes.chunks_exact(BYTES)).flat_map(|(came, bytes)| {
            let came = came.as_ref();
            came.into_iter().flat_map(move |came| {
                bytes[..came.bytes].chunks(came.segment).map(move |datagram| (came.from, datagram))
            })
        })
    }
}

/// Reads an address that the kernel wrote.
fn read_address(from: &MaybeUninit<libc::sockaddr_storage>) -> Option<SocketAddr> {
    // SAFETY: the family stands first in every address, and the storage was zeroed.
    let family = unsafe { (*from.as_ptr()).ss_family };
    match c_int::from(family) {
        libc::AF_INET => {
            // SAFETY: the kernel wrote an address of this family, for which a storage has room and alignment.
            let v4 = unsafe { from.as_ptr().cast::<libc::sockaddr_in>().read() };
            let ip = Ipv4Addr::from(v4.sin_addr.s_addr.to_ne_bytes());
            Some(SocketAddrV4::new(ip, u16::from_be(v4.sin_port)).into())
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let v6 = unsafe { from.as_ptr().cast::<libc::sockaddr_in6>().read() };
            let ip = Ipv6Addr::from(v6.sin6_addr.s6_addr);
            Some(SocketAddrV6::new(ip, u16::from_be(v6.sin6_port), v6.sin6_flowinfo, v6.sin6_scope_id).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;
    use std::os::fd::AsFd as _;

    use super::*;
    use crate::{Message, send_batch};

    /// Takes until so many datagrams are there.
    fn take(socket: &UdpSocket, count: usize) -> Vec<(SocketAddr, Vec<u8>)> {
        let mut inbox = Inbox::default();
        let mut all = Vec::new();
        while all.len() < count {
            match inbox.receive(socket.as_fd()) {
                Ok(()) => all.extend(inbox.datagrams().map(|(from, bytes)| (from, bytes.to_vec()))),
                Err(error) => {
                    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
                    std::thread::yield_now();
                }
            }
        }
        all
    }

    #[test]
    fn datagrams_come_apart_with_their_senders_whether_they_were_joined_or_not() {
        for joined in [false, true] {
            let to = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            assert!(!joined || join_datagrams(to.as_fd()));
            let [one, two] = [(); 2].map(|()| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
            let run: Vec<u8> = (0..=249).collect();
            let address = to.local_addr().unwrap();
            let message = Message { to: address, bytes: &run, segment: Some(100) };
            send_batch(one.as_fd(), &[message]).unwrap();
            two.send_to(b"another", address).unwrap();
            two.send_to(b"", address).unwrap();
            one.send_to(b"last", address).unwrap();
            let took = take(&to, 5);
            let from_one: Vec<Vec<u8>> = took
                .iter()
                .filter(|(from, _)| *from == one.local_addr().unwrap())
                .map(|(_, bytes)| bytes.clone())
                .collect();
            assert_eq!(from_one.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 50, 4]);
            assert_eq!(from_one[..3].concat(), run);
            assert!(took.contains(&(two.local_addr().unwrap(), b"another".to_vec())));
        }
    }

    #[test]
    fn more_than_one_call_takes_waits_for_the_next() {
        let to = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let from = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        for n in 0..MESSAGES as u8 * 2 + 1 {
            from.send_to(&[n], to.local_addr().unwrap()).unwrap();
        }
        let took = take(&to, MESSAGES * 2 + 1);
        assert!(took.iter().enumerate().all(|(n, (_, bytes))| bytes[..] == [n as u8]));
    }

    #[test]
    fn an_address_of_ipv6_is_read_too() {
        // Not every machine has it.
        let Ok(to) = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)) else { return };
        let from = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).unwrap();
        from.send_to(b"six", to.local_addr().unwrap()).unwrap();
        assert_eq!(take(&to, 1), [(from.local_addr().unwrap(), b"six".to_vec())]);
    }
}
