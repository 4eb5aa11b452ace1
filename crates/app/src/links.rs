//! Tokens, links and the ready line: how people and scripts get in.

use std::collections::BTreeMap;

use base::{Language, MeetingId, TokenId, VenueId, Wall};
use directory::policy::Role;
use directory::{Directory, Plan, Venue};
use service::port::tokens::TokenRow;
use service::token::{Claims, TokenKey};
use store_sqlite::{Store, StoreError};
use wire::{ReadyLine, ReadySource, ReadyVenue, Tokens};

/// How long a link is good.
const GOOD_FOR_MS: i64 = 180 * 24 * 3600 * 1000;
/// A link that has less left than this is made anew.
const RENEW_BELOW_MS: i64 = 30 * 24 * 3600 * 1000;

/// The technician's page of the venue whose hall screen has this address; none of another page.
#[must_use]
pub fn technician_page(address: &str) -> Option<String> {
    let (server, token) = address.split_once("/venue#")?;
    Some(format!("{server}/venue/tech#{token}"))
}

/// The links of a meeting: one per role, one per venue.
#[derive(Debug, Clone)]
pub struct Links {
    tokens: BTreeMap<(Role, Option<VenueId>), String>,
}

impl Links {
    /// The links of a meeting. Those that were given out before stay good.
    ///
    /// # Errors
    /// [`StoreError`] if tokens cannot be read or written.
    pub async fn of(store: &Store, plan: &Plan, now: Wall) -> Result<Self, StoreError> {
        let key = TokenKey::new(store.token_key());
        let mut known: BTreeMap<(Role, Option<VenueId>), TokenRow> = BTreeMap::new();
        for row in store.tokens(&plan.id).await? {
            if row.revoked.is_none() && row.expires.0 - now.0 > RENEW_BELOW_MS {
                known.insert((row.role, row.venue.clone()), row);
            }
        }
        let roles = [Role::Director, Role::Chair, Role::Watcher].into_iter().map(|role| (role, None));
        let venues = plan.venues.iter().map(|venue| (Role::Venue, Some(venue.clone())));
        let mut tokens = BTreeMap::new();
        for (role, venue) in roles.chain(venues) {
            let row = match known.remove(&(role, venue.clone())) {
                Some(row) => row,
                None => add(store, &plan.id, role, venue.clone(), now).await?,
            };
            let claims = Claims {
                meeting: plan.id.clone(),
                role,
                venue: venue.clone(),
                expires_s: row.expires.0 / 1000,
                id: row.id,
            };
            tokens.insert((role, venue), key.issue(&claims));
        }
        Ok(Self { tokens })
    }

    fn token(&self, role: Role, venue: Option<&VenueId>) -> &str {
        self.tokens.get(&(role, venue.cloned())).map_or("", String::as_str)
    }

    /// The ready line of a server that has this meeting. `base` is how addresses begin, without a slash at the end.
    #[must_use]
    pub fn ready_line(&self, base: &str, directory: &Directory, plan: &Plan, data: String) -> ReadyLine {
        let id = &plan.id;
        ReadyLine {
            meeting: Some(id.clone()),
            api: format!("{base}/api/v1/meetings/{id}"),
            desk: Some(format!("{base}/m/{id}/desk#t={}", self.token(Role::Director, None))),
            watch: Some(format!("{base}/m/{id}/watch#t={}", self.token(Role::Watcher, None))),
            whep: Some(format!("{base}/whep/{id}")),
            tokens: Some(Tokens {
                director: self.token(Role::Director, None).to_owned(),
                chair: self.token(Role::Chair, None).to_owned(),
                watcher: self.token(Role::Watcher, None).to_owned(),
            }),
            venues: plan
                .venues
                .iter()
                .filter_map(|venue| directory.venue(venue))
                .zip(1..)
                .map(|(venue, rank)| self.ready_venue(base, plan, venue, rank))
                .collect(),
            pid: std::process::id(),
            data,
        }
    }

    fn ready_venue(&self, base: &str, plan: &Plan, venue: &Venue, rank: u32) -> ReadyVenue {
        // Scripts read the line, so it is in English where there is English.
        let (meeting, theirs) = (&plan.id, plan.language());
        let token = self.token(Role::Venue, Some(&venue.id)).to_owned();
        let sources: Vec<ReadySource> = venue
            .sources
            .iter()
            .map(|source| ReadySource {
                id: source.id.clone(),
                name: source.name.pick(&Language::EN, theirs).to_owned(),
                whip: format!("{base}/whip/{meeting}/{}", source.id),
            })
            .collect();
        ReadyVenue {
            id: venue.id.clone(),
            name: venue.name.pick(&Language::EN, theirs).to_owned(),
            rank,
            page: format!("{base}/venue#t={token}"),
            whip: sources.first().map(|source| source.whip.clone()).unwrap_or_default(),
            whep: format!("{base}/whep/{meeting}"),
            token,
            sources,
        }
    }
}

async fn add(
    store: &Store,
    meeting: &MeetingId,
    role: Role,
    venue: Option<VenueId>,
    now: Wall,
) -> Result<TokenRow, StoreError> {
    let row = TokenRow {
        id: TokenId::new(&random_text("t")).expect("a letter and hexadecimal digits are an id"),
        meeting: meeting.clone(),
        role,
        venue,
        expires: Wall(now.0 + GOOD_FOR_MS),
        revoked: None,
    };
    store.add_token(row.clone()).await?;
    Ok(row)
}

/// A prefix and 80 random bits in hexadecimal.
#[must_use]
pub fn random_text(prefix: &str) -> String {
    let mut bytes = [0; 10];
    getrandom::fill(&mut bytes).expect("the system has a source of random bytes");
    bytes.iter().fold(prefix.to_owned(), |text, byte| format!("{text}{byte:02x}"))
}
