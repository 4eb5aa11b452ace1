//! `onehall meeting apply`: a meeting file, into the data folder or through the server that has it open.

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use directory::change::changes;
use hyper::StatusCode;
use meeting_file::Files;
use service::office::ChangeLine;
use service::office::apply::Office;
use service::office::links::technician_page;
use store_sqlite::StoreError;
use wire::{ChangeEntry, OfficeAnswer};

use crate::cli::ApplyArgs;
use crate::clock::Clock;
use crate::folder::Folder;
use crate::request;
use crate::serve;

/// Applies a meeting file and prints what changed and the links, or leaves off when it is stopped: nothing is then left of a dry run.
///
/// # Errors
/// What is wrong with the file, or why it cannot be stored.
pub async fn run(args: &ApplyArgs, stopped: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::select! {
        biased;
        applied = apply(args) => applied,
        stop = stopped => {
            stop?;
            bail!("stopped before it was known what the file changes")
        }
    }
}

async fn apply(args: &ApplyArgs) -> Result<()> {
    let config = args.of.config()?;
    let prepared = meeting_file::read(&args.file)?;
    if args.dry_run && !store_sqlite::exists(&config.data)? {
        // Looking makes no data folder: all that the file says is new.
        let changes = changes(None, None, &prepared.directory, &prepared.plan);
        let changes = meeting_file::lines(&changes, &prepared.zone);
        tell(args, &changes, Vec::new());
        return Ok(());
    }
    match Folder::open(&config.data, args.dry_run).await {
        Ok(Folder::Here(store)) => {
            let issuer = serve::issuer(&store, &Clock::start(), config.base_url(config.http.listen));
            let files = Files::new(Arc::new(Office::new(Arc::new(store.clone()), issuer, None)));
            let applied = files.apply_prepared(prepared, args.dry_run).await;
            store.close().await;
            let applied = applied?;
            let links = applied.links.into_iter().map(|link| (link.who, link.address)).collect();
            tell(args, &applied.changes, links);
        }
        Ok(Folder::There(server)) => {
            let text = std::fs::read(&args.file)?;
            let answer = through(server.http, &server.office, text, args.dry_run).await?;
            let links = answer.links.into_iter().map(|link| (link.who, link.address)).collect();
            let changes: Vec<ChangeLine> = answer.changes.into_iter().map(line).collect();
            tell(args, &changes, links);
        }
        Err(cause @ StoreError::Locked { .. }) => {
            return Err(cause).context("the server that has the data folder is not ready");
        }
        Err(cause) if args.dry_run => {
            let temporary = shown(&std::env::temp_dir());
            let copied = format!("{} cannot be opened as a copy in {temporary}", shown(&config.data));
            return Err(cause).context(copied);
        }
        Err(cause) => return Err(cause).context(format!("{} cannot be opened", shown(&config.data))),
    }
    Ok(())
}

pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}

async fn through(address: SocketAddr, secret: &str, text: Vec<u8>, dry_run: bool) -> Result<OfficeAnswer> {
    let url = format!("http://{address}/api/v1/apply?dry_run={dry_run}");
    let (status, body) = request::post(&url, secret, "application/toml", text).await?;
    if status != StatusCode::OK {
        bail!("the server did not apply the file: {}", request::said(status, &body));
    }
    serde_json::from_slice(&body).context("the server's answer cannot be read")
}

fn line(entry: ChangeEntry) -> ChangeLine {
    ChangeLine { kind: entry.change, what: entry.what, id: entry.id, detail: entry.detail }
}

#[expect(clippy::print_stdout, reason = "changes and links are what this command is asked for")]
fn tell(args: &ApplyArgs, changes: &[ChangeLine], links: Vec<(String, String)>) {
    for change in changes {
        println!("{change}");
    }
    match (changes.len(), args.dry_run) {
        (0, _) => println!("Nothing changes."),
        (count, true) => println!("{} to make; none made (--dry-run).", counted(count)),
        (count, false) => println!("{} made.", counted(count)),
    }
    if !links.is_empty() {
        println!("\nLinks. Each lets its bearer in: hand it to nobody else.");
        let rows: Vec<_> = links.into_iter().flat_map(pages).collect();
        let width = rows.iter().map(|(who, _)| who.len()).max().unwrap_or_default();
        for (who, address) in rows {
            println!("  {who:width$}  {address}");
        }
    }
}

fn counted(count: usize) -> String {
    if count == 1 { "1 change".to_owned() } else { format!("{count} changes") }
}

/// The pages of a link: those of a venue are two.
pub(crate) fn pages((who, address): (String, String)) -> Vec<(String, String)> {
    match technician_page(&address) {
        Some(technician) => {
            vec![(format!("{who}, hall"), address), (format!("{who}, technician"), technician)]
        }
        None => vec![(who, address)],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli::DataArgs;

    #[test]
    fn a_venue_has_a_hall_and_a_technician_and_a_role_one_page() {
        let of = |who: &str, address: &str| pages((who.to_owned(), address.to_owned()));
        assert_eq!(
            of("north", "http://h/venue#t=x"),
            [
                ("north, hall".to_owned(), "http://h/venue#t=x".to_owned()),
                ("north, technician".to_owned(), "http://h/venue/tech#t=x".to_owned()),
            ]
        );
        assert_eq!(of("watcher", "http://h/m/a/watch#t=x").len(), 1);
    }

    /// A copy of the database holds names.
    #[tokio::test]
    async fn nothing_is_left_of_a_dry_run_that_is_stopped() {
        let data = tempfile::tempdir().unwrap();
        store_sqlite::Store::open(data.path()).await.unwrap().close().await;
        let copies = || {
            let entries = std::fs::read_dir(std::env::temp_dir()).unwrap();
            let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            names.filter(|name| name.starts_with("onehall-")).collect::<BTreeSet<_>>()
        };
        let before = copies();
        let args = ApplyArgs {
            file: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/annual-meeting.toml"),
            dry_run: true,
            of: DataArgs { config: None, data: Some(data.path().to_owned()) },
        };
        let stopped = run(&args, async {
            assert!(!copies().is_subset(&before), "the copy was not begun");
            Ok(())
        });
        assert!(stopped.await.unwrap_err().to_string().starts_with("stopped"));
        assert_eq!(copies().difference(&before).next(), None);
    }

    #[test]
    fn one_change_is_not_several() {
        assert_eq!([counted(1), counted(2)], ["1 change", "2 changes"]);
    }
}
