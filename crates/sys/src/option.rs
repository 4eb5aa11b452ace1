//! Options of a UDP socket.

use std::ffi::{c_int, c_void};
use std::os::fd::{AsRawFd as _, BorrowedFd};

/// Sets an option of UDP to a number; false where the kernel does not know it.
pub(crate) fn set_udp(socket: BorrowedFd<'_>, option: c_int, value: c_int) -> bool {
    // SAFETY: the option is read from an int that lives over the call, and is as long as is said.
    let set = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_UDP,
            option,
            (&raw const value).cast::<c_void>(),
            size_of::<c_int>() as libc::socklen_t,
        )
    };
    set == 0
}
