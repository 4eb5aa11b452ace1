//! When a process is to end.

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Waits until the process is told to end: by `stopped` or, if `with_parent`, by the end of its standard input.
pub async fn told(stopped: impl Future<Output = Result<()>>, with_parent: bool) -> Result<()> {
    tokio::select! {
        stop = stopped => stop,
        () = parent_gone(with_parent) => Ok(()),
    }
}

/// Takes Ctrl+C and SIGTERM from now on, before anybody waits for them: until then either ends the process at once.
///
/// # Errors
/// If signals cannot be taken.
pub fn stopped() -> Result<impl Future<Output = Result<()>>> {
    let (mut interrupt, mut term) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = term.recv() => {}
        }
        Ok(())
    })
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
