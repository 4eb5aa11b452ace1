//! The store passes the suites of its ports. That an answer outlives a loss of power no test can see from here: the pages of a killed
//! process stay with the system. For that the settings of the writer's connection are read, beside where it is made.

#![expect(clippy::unwrap_used, reason = "a harness fails by panicking")]

use std::sync::Arc;

use store_sqlite::Store;
use tempfile::TempDir;
use testing::conformance::{self, Harness, directories, log, runs, tokens};

struct Folder {
    folder: TempDir,
    store: Store,
}

impl Folder {
    async fn fresh() -> Self {
        Self::open(TempDir::new().unwrap()).await
    }

    async fn open(folder: TempDir) -> Self {
        let store = Store::open(folder.path()).await.unwrap();
        Self { folder, store }
    }
}

impl Harness for Folder {
    fn store(&self) -> Arc<dyn conformance::Store> {
        Arc::new(self.store.clone())
    }

    async fn reopen(&mut self) {
        self.store.clone().close().await;
        self.store = Store::open(self.folder.path()).await.unwrap();
    }

    /// Opens what lies in the folder at this moment, as `kill -9` would leave it.
    async fn crash(&mut self) {
        let left = TempDir::new().unwrap();
        for file in std::fs::read_dir(self.folder.path()).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), left.path().join(file.file_name())).unwrap();
        }
        self.store.clone().close().await;
        *self = Self::open(left).await;
    }
}

#[tokio::test]
async fn the_log_keeps_its_promises() {
    assert_eq!(log::check(Folder::fresh).await, Ok(()));
}

#[tokio::test]
async fn organisation_and_plans_keep_their_promises() {
    assert_eq!(directories::check(Folder::fresh).await, Ok(()));
}

#[tokio::test]
async fn runs_keep_their_promises() {
    assert_eq!(runs::check(Folder::fresh).await, Ok(()));
}

#[tokio::test]
async fn tokens_keep_their_promises() {
    assert_eq!(tokens::check(Folder::fresh).await, Ok(()));
}
