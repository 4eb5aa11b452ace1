//! When a process is to end.

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Waits until the process is told to end: by Ctrl+C or SIGTERM or, if `with_parent`, by the end of its standard input.
///
/// # Errors
/// If signals cannot be waited for.
pub async fn told(with_parent: bool) -> Result<()> {
    tokio::select! {
        stop = stopped() => stop,
        () = parent_gone(with_parent) => Ok(()),
    }
}

/// Waits for Ctrl+C or SIGTERM.
///
/// # Errors
/// If signals cannot be waited for.
pub async fn stopped() -> Result<()> {
    let mut term = signal(SignalKind::terminate())?;
    tokio::select! {
        stop = tokio::signal::ctrl_c() => stop?,
        _ = term.recv() => {}
    }
    Ok(())
}

/// Ends when standard input does, if that is asked for; else never.
async fn parent_gone(asked: bool) {
    if !asked {
        return std::future::pending().await;
    }
    let (gone, ended) = oneshot::channel();
    // A thread of its own: a read that the runtime waits for would keep it from ending.
    std::thread::spawn(move || {
        // An error ends the input as well as its end does.
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = gone.send(());
    });
    // An error says that the thread is gone, and with it the input.
    let _ = ended.await;
}
