//! Many datagrams by one system call: `sendmmsg`, with runs that the kernel cuts into datagrams (`UDP_SEGMENT`).

use std::ffi::{c_uint, c_void};
use std::io;
use std::mem::{self, MaybeUninit};
use std::net::SocketAddr;
use std::os::fd::{AsRawFd as _, BorrowedFd};
use std::ptr;

use crate::option::set_udp;

/// Messages that one call takes.
pub const MESSAGES_MAX: usize = 32;
/// Datagrams into which the kernel cuts one message (`UDP_MAX_SEGMENTS`).
pub const SEGMENTS_MAX: usize = 64;

/// What goes to one peer.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The peer.
    pub to: SocketAddr,
    /// One datagram, or several of one size behind each other, of which the last may be shorter.
    pub bytes: &'a [u8],
    /// Bytes of each of the several: at most [`SEGMENTS_MAX`] of them.
    pub segment: Option<u16>,
}

/// The control message that says how long a datagram is: what `CMSG_SPACE` and `CMSG_DATA` make of a header and a u16.
#[repr(C)]
#[derive(Clone, Copy)]
struct Control {
    header: libc::cmsghdr,
    segment: u16,
    /// It ends where the next would begin.
    end: [usize; 0],
}

impl Control {
    const fn of(segment: u16) -> Self {
        let header = libc::cmsghdr {
            cmsg_len: (mem::offset_of!(Self, segment) + size_of::<u16>()) as _,
            cmsg_level: libc::SOL_UDP,
            cmsg_type: libc::UDP_SEGMENT,
        };
        Self { header, segment, end: [] }
    }
}

/// Whether the kernel cuts runs into datagrams on that UDP socket (Linux 4.18). Whether the device does is seen when it is sent: `EIO` says that it
/// does not.
#[must_use]
pub fn cuts_into_segments(socket: BorrowedFd<'_>) -> bool {
    set_udp(socket, libc::UDP_SEGMENT, 0)
}

/// Sends messages in their order, [`MESSAGES_MAX`] of them at most, and answers how many the kernel took. It takes none or some before the first that
/// it cannot take; what is wrong with that one is the error when it is the first.
///
/// # Errors
/// Of the first message: `WouldBlock` where the socket's buffer is full, `ENOBUFS` where the device's queue is, `EIO` or `EINVAL` where runs cannot be cut.
pub fn send_batch(socket: BorrowedFd<'_>, messages: &[Message<'_>]) -> io::Result<usize> {
    let messages = &messages[..messages.len().min(MESSAGES_MAX)];
    if messages.is_empty() {
        return Ok(0);
    }
    let mut addresses = [const { MaybeUninit::<libc::sockaddr_storage>::uninit() }; MESSAGES_MAX];
    let mut parts = [libc::iovec { iov_base: ptr::null_mut(), iov_len: 0 }; MESSAGES_MAX];
    let mut controls = [Control::of(0); MESSAGES_MAX];
    // SAFETY: a header of zeros is a valid one, which names nothing.
    let mut headers: [libc::mmsghdr; MESSAGES_MAX] = unsafe { mem::zeroed() };
    for (n, message) in messages.iter().enumerate() {
        parts[n] = libc::iovec {
            iov_base: message.bytes.as_ptr().cast_mut().cast::<c_void>(),
            iov_len: message.bytes.len(),
        };
        let header = &mut headers[n].msg_hdr;
        header.msg_namelen = write_address(&mut addresses[n], message.to);
        header.msg_name = addresses[n].as_mut_ptr().cast::<c_void>();
        header.msg_iov = &raw mut parts[n];
        header.msg_iovlen = 1;
        if let Some(segment) = message.segment.filter(|segment| message.bytes.len() > usize::from(*segment)) {
            controls[n] = Control::of(segment);
            header.msg_control = (&raw mut controls[n]).cast::<c_void>();
            header.msg_controllen = size_of::<Control>() as _;
        }
    }
    let count = messages.len() as c_uint;
    // SAFETY: each header names an address, a part and at most a control message that live over the call, with their lengths; the kernel reads the part
    // alone, which is borrowed from the caller, and writes the lengths into the headers.
    let sent = unsafe { libc::sendmmsg(socket.as_raw_fd(), headers.as_mut_ptr(), count, libc::MSG_DONTWAIT) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// Writes an address as the kernel reads it; its length.
fn write_address(into: &mut MaybeUninit<libc::sockaddr_storage>, address: SocketAddr) -> libc::socklen_t {
    match address {
        SocketAddr::V4(v4) => {
            let address = libc::sockaddr_in {
                sin_family: libc::AF_INET as libc::sa_family_t,
                sin_port: v4.port().to_be(),
                sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(v4.ip().octets()) },
                sin_zero: [0; 8],
            };
            // SAFETY: a storage has room and alignment for an address of each family.
            unsafe { into.as_mut_ptr().cast::<libc::sockaddr_in>().write(address) };
            size_of::<libc::sockaddr_in>() as libc::socklen_t
        }
        SocketAddr::V6(v6) => {
            let address = libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: v6.port().to_be(),
                sin6_flowinfo: v6.flowinfo(),
                sin6_addr: libc::in6_addr { s6_addr: v6.ip().octets() },
                sin6_scope_id: v6.scope_id(),
            };
            // SAFETY: as above.
            unsafe { into.as_mut_ptr().cast::<libc::sockaddr_in6>().write(address) };
            size_of::<libc::sockaddr_in6>() as libc::socklen_t
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};
    use std::os::fd::AsFd as _;
    use std::time::Duration;

    use super::*;

    fn bound(address: impl std::net::ToSocketAddrs) -> (UdpSocket, SocketAddr) {
        let socket = UdpSocket::bind(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let address = socket.local_addr().unwrap();
        (socket, address)
    }

    fn received(socket: &UdpSocket) -> Vec<u8> {
        let mut bytes = [0; 2_048];
        let length = socket.recv(&mut bytes).unwrap();
        bytes[..length].to_vec()
    }

    #[test]
    fn the_control_message_is_as_long_as_the_kernel_wants_it() {
        let length = size_of::<u16>() as c_uint;
        // SAFETY: it only computes.
        let space = unsafe { libc::CMSG_SPACE(length) };
        // SAFETY: it only computes.
        let len = unsafe { libc::CMSG_LEN(length) };
        assert_eq!(size_of::<Control>(), space as usize);
        assert_eq!(Control::of(1).header.cmsg_len, len as _);
    }

    #[test]
    fn messages_go_to_their_peers_in_order_and_runs_are_cut() {
        let (from, _) = bound((Ipv4Addr::LOCALHOST, 0));
        let (one, to_one) = bound((Ipv4Addr::LOCALHOST, 0));
        let (two, to_two) = bound((Ipv4Addr::LOCALHOST, 0));
        assert!(cuts_into_segments(from.as_fd()));
        let run: Vec<u8> = (0..=249).collect();
        let messages = [
            Message { to: to_one, bytes: b"first", segment: None },
            Message { to: to_two, bytes: &run, segment: Some(100) },
            // A run of one is a datagram.
            Message { to: to_one, bytes: b"last", segment: Some(100) },
        ];
        assert_eq!(send_batch(from.as_fd(), &messages).unwrap(), 3);
        assert_eq!([received(&one), received(&one)], [b"first".to_vec(), b"last".to_vec()]);
        assert_eq!([received(&two), received(&two), received(&two)].concat(), run);
    }

    #[test]
    fn an_address_of_ipv6_is_one_too() {
        // Not every machine has it.
        if UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
            return;
        }
        let (from, _) = bound((Ipv6Addr::LOCALHOST, 0));
        let (peer, to) = bound((Ipv6Addr::LOCALHOST, 0));
        assert_eq!(send_batch(from.as_fd(), &[Message { to, bytes: b"six", segment: None }]).unwrap(), 1);
        assert_eq!(received(&peer), b"six");
    }

    #[test]
    fn no_more_are_taken_than_a_call_may_and_none_is_nothing() {
        let (from, _) = bound((Ipv4Addr::LOCALHOST, 0));
        let (_peer, to) = bound((Ipv4Addr::LOCALHOST, 0));
        let many = [Message { to, bytes: b"x", segment: None }; MESSAGES_MAX + 1];
        assert_eq!(send_batch(from.as_fd(), &many).unwrap(), MESSAGES_MAX);
        assert_eq!(send_batch(from.as_fd(), &[]).unwrap(), 0);
    }

    #[test]
    fn what_cannot_be_sent_is_an_error_and_what_stood_before_it_is_sent() {
        let (from, _) = bound((Ipv4Addr::LOCALHOST, 0));
        let (peer, to) = bound((Ipv4Addr::LOCALHOST, 0));
        let long = vec![0; 70_000];
        let good = Message { to, bytes: b"good", segment: None };
        let bad = Message { to, bytes: &long, segment: None };
        assert_eq!(send_batch(from.as_fd(), &[good, bad, good]).unwrap(), 1);
        assert_eq!(received(&peer), b"good");
        assert_eq!(send_batch(from.as_fd(), &[bad]).unwrap_err().raw_os_error(), Some(libc::EMSGSIZE));
    }
}
