//! `onehall link`: the links that were given out, in the data folder or through the server that has it open.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use base::TokenId;
use hyper::StatusCode;
use meeting_file::in_utc;
use service::office::apply::Office;
use service::office::links::Link;
use service::port::clock::Clock as _;
use service::port::tokens::TokenRow;
use store_sqlite::{Store, StoreError};
use wire::{GivenLink, LinksAnswer, LinksAsk};

use crate::apply::{pages, shown};
use crate::cli::{DataArgs, LinkCommand};
use crate::clock::Clock;
use crate::folder::Folder;
use crate::server_file::ServerFile;
use crate::{request, serve};

/// Does what is asked with links, and prints what came of it.
///
/// # Errors
/// There is no such meeting or link, or the data folder cannot be opened.
pub async fn run(command: &LinkCommand) -> Result<()> {
    match command {
        LinkCommand::List(args) => {
            let mut book = Book::open(&args.of).await?;
            let listed = book.ask(LinksAsk::List { meeting: args.meeting.clone() }).await;
            book.close().await;
            list(&listed?.links);
        }
        LinkCommand::Revoke(args) => {
            let mut book = Book::open(&args.of).await?;
            let revoked = revoke(&mut book, &args.ids).await;
            book.close().await;
            revoked?;
        }
        LinkCommand::Renew(args) => {
            let mut book = Book::open(&args.of).await?;
            let renewed = book.ask(LinksAsk::Renew { id: args.id.clone() }).await;
            book.close().await;
            renew(&args.id, renewed?)?;
        }
    }
    Ok(())
}

/// The links of a data folder.
enum Book {
    /// This process has the folder.
    Here(Store, Box<Office>),
    /// A server has it.
    There(ServerFile),
}

impl Book {
    async fn open(args: &DataArgs) -> Result<Self> {
        let config = args.config()?;
        if !store_sqlite::exists(&config.data)? {
            bail!("there is no data in {}", shown(&config.data));
        }
        match Folder::open(&config.data, false).await {
            Ok(Folder::Here(store)) => {
                let issuer = serve::issuer(&store, &Clock::start(), config.base_url(config.http.listen));
                let office = Office::new(Arc::new(store.clone()), issuer, None);
                Ok(Self::Here(store, Box::new(office)))
            }
            Ok(Folder::There(server)) => Ok(Self::There(server)),
            Err(cause @ StoreError::Locked { .. }) => {
                Err(cause).context("the server that has the data folder is not ready")
            }
            Err(cause) => Err(cause).context(format!("{} cannot be opened", shown(&config.data))),
        }
    }

    async fn ask(&mut self, ask: LinksAsk) -> Result<LinksAnswer> {
        match self {
            Self::Here(_, office) => here(office, ask).await,
            Self::There(server) => there(server, &ask).await,
        }
    }

    async fn close(self) {
        match self {
            Self::Here(store, _) => store.close().await,
            Self::There(_) => {}
        }
    }
}

async fn here(office: &Office, ask: LinksAsk) -> Result<LinksAnswer> {
    let (rows, link) = match ask {
        LinksAsk::List { meeting } => (office.given(&meeting).await?, None),
        LinksAsk::Revoke { id } => (vec![office.revoke(&id).await?], None),
        LinksAsk::Renew { id } => {
            let (row, Link { who, address }) = office.renew(&id).await?;
            (vec![row], Some(wire::LinkEntry { who, address }))
        }
    };
    let given = |row: TokenRow| {
        let TokenRow { id, meeting, role, venue, expires, revoked, made, used } = row;
        GivenLink { id, meeting, role, venue, made, expires, used, revoked }
    };
    Ok(LinksAnswer { links: rows.into_iter().map(given).collect(), link })
}

async fn there(server: &ServerFile, ask: &LinksAsk) -> Result<LinksAnswer> {
    let url = format!("http://{}/api/v1/links", server.http);
    let body = serde_json::to_vec(ask)?;
    let (status, body) = request::post(&url, &server.office, "application/json", body).await?;
    if status != StatusCode::OK {
        bail!("{}", request::said(status, &body));
    }
    serde_json::from_slice(&body).context("the server's answer cannot be read")
}

/// Revokes all that can be revoked, and says of each what became of it: one that is misspelt keeps no other good.
async fn revoke(book: &mut Book, ids: &[TokenId]) -> Result<()> {
    let mut failed = Vec::new();
    for id in ids {
        match book.ask(LinksAsk::Revoke { id: id.clone() }).await {
            Ok(answer) => {
                for link in answer.links {
                    tell(&format!("The link {id}, {} of {}, is good no more.", who(&link), link.meeting));
                }
            }
            Err(why) => {
                tell(&format!("The link {id} was not revoked."));
                failed.push(why);
            }
        }
    }
    let count = failed.len();
    match failed.into_iter().next() {
        None => Ok(()),
        Some(why) if ids.len() == 1 => Err(why),
        Some(why) => Err(why
            .context(format!("{count} of {} links were not revoked, the first of them because", ids.len()))),
    }
}

fn renew(old: &TokenId, answer: LinksAnswer) -> Result<()> {
    let (Some(new), Some(link)) = (answer.links.first(), answer.link) else {
        bail!("the server's answer has no new link")
    };
    tell(&format!(
        "The link {old} is good no more. The new one has the id {}; hand it to nobody else:",
        new.id
    ));
    for (who, address) in pages((link.who, link.address)) {
        tell(&format!("  {who}  {address}"));
    }
    Ok(())
}

fn list(links: &[GivenLink]) {
    let now = Clock::start().wall();
    let at = |at: Option<base::Wall>| at.map_or_else(|| "-".to_owned(), in_utc);
    let mut rows = vec![["id", "for", "made", "good until", "last used", ""].map(str::to_owned)];
    rows.extend(links.iter().map(|link| {
        let ended = match link.revoked {
            Some(at) => format!("revoked {}", in_utc(at)),
            None if link.expires <= now => "over".to_owned(),
            None => String::new(),
        };
        [link.id.to_string(), who(link), at(link.made), in_utc(link.expires), at(link.used), ended]
    }));
    for line in table(&rows) {
        tell(&line);
    }
}

/// Rows as lines, each column as wide as its widest cell.
fn table<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn who(link: &GivenLink) -> String {
    link.venue.as_ref().map_or_else(|| link.role.name().to_owned(), ToString::to_string)
}

#[expect(clippy::print_stdout, reason = "what became of links is what this command is asked for")]
fn tell(line: &str) {
    println!("{line}");
}
