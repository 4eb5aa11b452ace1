//! The tasks of the registry: each loads one meeting, or sees one to its end.

use std::sync::{Arc, Weak};
use std::time::Duration;

use base::MeetingId;
use tokio::sync::watch;

use super::{Ended, Inside, Loaded, LoaderError, NotHeld, Outcome, Shared, Started};
use crate::control::Inbox;

/// Pause before a meeting whose task broke is loaded again.
const BROKE_PAUSE: Duration = Duration::from_secs(1);

impl Inside {
    fn answer(&mut self, id: &MeetingId, outcome: Outcome) {
        if let Some(waiting) = self.waiting.remove(id) {
            waiting.send_replace(Some(outcome));
        }
    }
}

/// Loads a meeting when that one is gone which makes room for it, and tells all who wait.
pub(super) async fn load(shared: Arc<Shared>, id: MeetingId, number: u64, room: Option<watch::Receiver<()>>) {
    if let Some(mut room) = room {
        // The sender is dropped when the other meeting is gone, which is what is waited for.
        let _ = room.changed().await;
    }
    // In a task of its own, so that a panic costs this load alone.
    let loaded = tokio::spawn(shared.loader.load(&id)).await;
    let (outcome, refused) = match loaded {
        Ok(Ok(started)) => return take(&shared, id, number, started),
        Ok(Err(LoaderError::Unknown(_))) => (NotHeld::Unknown, None),
        Ok(Err(LoaderError::Failed { why, cause, .. })) => {
            let cause = chain(&*cause);
            tracing::error!(meeting = %id, cause, "this meeting cannot be loaded");
            (NotHeld::Failed, Some(why))
        }
        Err(cause) => {
            tracing::error!(meeting = %id, %cause, "the load of this meeting broke");
            (NotHeld::Failed, Some("its load broke".to_owned()))
        }
    };
    let mut inside = shared.inside();
    inside.refused.remove(&id);
    inside.refused.extend(refused.map(|why| (id.clone(), why)));
    inside.stale.remove(&id);
    inside.shelf.failed(&id, number);
    inside.answer(&id, Err(outcome));
    shared.moved();
}

fn take(shared: &Arc<Shared>, id: MeetingId, number: u64, started: Started) {
    let (leaving, gone) = watch::channel(());
    let meeting = started.meeting;
    let stale = {
        let mut inside = shared.inside();
        let loaded = Loaded { meeting: meeting.clone(), gone };
        inside.refused.remove(&id);
        inside.shelf.loaded(shared.clock.mono(), &id, number, loaded);
        inside.answer(&id, Ok(meeting));
        inside.stale.remove(&id)
    };
    shared.moved();
    if stale {
        let (shared, id) = (Arc::clone(shared), id.clone());
        tokio::spawn(async move {
            if let Err(cause) = tell_plan(&shared, &id).await {
                tracing::error!(meeting = %id, cause = chain(&cause), "this meeting goes on with its old plan");
            }
        });
    }
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        started.ended.await;
        let ended = {
            let mut inside = shared.inside();
            let ended = inside.shelf.ended(&id, number);
            if inside.closed {
                inside.answer(&id, Err(NotHeld::Failed));
                Ended::Gone
            } else {
                ended
            }
        };
        drop(leaving);
        shared.moved();
        match ended {
            Ended::Gone => {}
            Ended::Again => load(shared, id, number, None).await,
            Ended::Broke => {
                tracing::error!(meeting = %id, "the task of this meeting broke; it is loaded again");
                tokio::time::sleep(BROKE_PAUSE).await;
                load(shared, id, number, None).await;
            }
        }
    });
}

/// Tells a meeting its organisation and plan as they are now.
pub(super) async fn tell_plan(shared: &Shared, id: &MeetingId) -> Result<(), LoaderError> {
    let _turn = shared.plans.lock().await;
    let (directory, plan) = shared.loader.prepared(id).await?;
    if let Some(loaded) = shared.inside().shelf.get(id) {
        loaded.meeting.inbox.post(Inbox::Directory(directory, plan));
    }
    Ok(())
}

/// Unloads what nobody holds any more, for as long as there is a registry.
pub(super) async fn unload(registry: Weak<Shared>) {
    loop {
        let Some(shared) = registry.upgrade() else { return };
        let now = shared.clock.mono();
        let deadline = {
            let mut inside = shared.inside();
            for loaded in inside.shelf.due(now) {
                loaded.unload();
            }
            inside.shelf.deadline()
        };
        let changed = Arc::clone(&shared.changed);
        drop(shared);
        match deadline {
            Some(at) => tokio::select! {
                () = tokio::time::sleep(at.since(now)) => {}
                () = changed.notified() => {}
            },
            None => changed.notified().await,
        }
    }
}

/// An error with all its causes, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        next = cause.source();
    }
    line
}
