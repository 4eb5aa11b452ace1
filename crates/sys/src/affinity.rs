//! On which cores a thread runs.

use std::io;
use std::mem;

/// Cores that can be named.
const CORES_MAX: usize = libc::CPU_SETSIZE as usize;

/// The cores on which the calling thread may run, by number, the lowest first.
///
/// # Errors
/// If the kernel does not tell.
pub fn cores() -> io::Result<Vec<usize>> {
    // SAFETY: a set of zeros is the empty set.
    let mut set: libc::cpu_set_t = unsafe { mem::zeroed() };
    // SAFETY: the set is as long as is said, and lives over the call.
    let told = unsafe { libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &raw mut set) };
    if told != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the number is below the size of the set.
    let is_in = |core: &usize| unsafe { libc::CPU_ISSET(*core, &set) };
    Ok((0..CORES_MAX).filter(is_in).collect())
}

/// Holds a thread to these cores, by its number (`gettid`); the calling one if none is named. Threads that it starts from now on are held to them too.
/// Numbers that no set has room for are left out.
///
/// # Errors
/// If there is no such thread, or none of the cores is there.
pub fn hold_to(thread: Option<i32>, cores: &[usize]) -> io::Result<()> {
    // SAFETY: a set of zeros is the empty set.
    let mut set: libc::cpu_set_t = unsafe { mem::zeroed() };
    for core in cores.iter().filter(|core| **core < CORES_MAX) {
        // SAFETY: the number is below the size of the set.
        unsafe { libc::CPU_SET(*core, &mut set) };
    }
    // SAFETY: the set is as long as is said, and is only read.
    let held =
        unsafe { libc::sched_setaffinity(thread.unwrap_or(0), size_of::<libc::cpu_set_t>(), &raw const set) };
    if held == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_runs_where_it_is_held_and_so_does_what_it_starts() {
        let held = std::thread::spawn(|| {
            let all = cores().unwrap();
            hold_to(None, &all[..1]).unwrap();
            let of_child = std::thread::spawn(|| cores().unwrap()).join().unwrap();
            (all[0], cores().unwrap(), of_child)
        });
        let (first, own, of_child) = held.join().unwrap();
        assert_eq!((own, of_child), (vec![first], vec![first]));
        assert!(hold_to(None, &[]).is_err(), "nowhere");
    }
}
