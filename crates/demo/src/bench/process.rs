//! What a process costs, as the kernel counts it.

use std::fs;
use std::io;

/// CPU time of a process in nanoseconds, all its threads that live (`/proc/PID/task/*/schedstat`, first field).
///
/// # Errors
/// If the process is gone.
pub(super) fn cpu_ns(pid: u32) -> io::Result<u64> {
    let mut sum = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end between the listing and the reading.
        let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
        sum += first_number(&text);
    }
    Ok(sum)
}

/// CPU time of the calling thread in nanoseconds.
///
/// # Errors
/// If the kernel does not tell.
pub(super) fn own_thread_cpu_ns() -> io::Result<u64> {
    Ok(first_number(&fs::read_to_string("/proc/thread-self/schedstat")?))
}

/// Resident memory of a process in KiB (`VmRSS` of `/proc/PID/status`).
///
/// # Errors
/// If the process is gone.
pub(super) fn resident_kib(pid: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    Ok(line.map(first_number).unwrap_or_default())
}

fn first_number(text: &str) -> u64 {
    text.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
}
