//! Links: how people and scripts get in.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{MeetingId, SourceId, TokenId, VenueId, Wall};
use directory::policy::Role;

use crate::port::clock::Clock;
use crate::port::tokens::{TokenRow, Tokens, TokensError};
use crate::token::{Claims, TokenKey};

/// How long a link is good.
const GOOD_FOR_MS: i64 = 180 * 24 * 3600 * 1000;
/// A link that has less left than this is made anew.
const RENEW_BELOW_MS: i64 = 30 * 24 * 3600 * 1000;

/// A link to hand out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// For whom: a role, or a venue's id.
    pub who: String,
    /// Address, token in the fragment.
    pub address: String,
}

/// Gives out the links of meetings. Those that were given out before stay good, and are given again.
#[derive(Clone)]
pub struct Issuer {
    /// What was given out.
    pub tokens: Arc<dyn Tokens>,
    /// Signs tokens.
    pub key: TokenKey,
    /// Says how long a token has left.
    pub clock: Arc<dyn Clock>,
    /// Gives a token an id that nobody else has.
    pub fresh_id: fn() -> TokenId,
    /// How addresses begin, without a slash at the end.
    pub base: String,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issuer").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Issuer {
    /// The links of a meeting: one per role, one for each of these venues.
    ///
    /// # Errors
    /// [`TokensError`] if tokens cannot be read or written.
    pub async fn links(&self, meeting: &MeetingId, venues: &[VenueId]) -> Result<Links, TokensError> {
        let now = self.clock.wall();
        let mut known: BTreeMap<(Role, Option<VenueId>), TokenRow> = BTreeMap::new();
        for row in self.tokens.tokens(meeting).await? {
            if row.revoked.is_none() && row.expires.0 - now.0 > RENEW_BELOW_MS {
                known.insert((row.role, row.venue.clone()), row);
            }
        }
        let roles = [Role::Director, Role::Chair, Role::Watcher].into_iter().map(|role| (role, None));
        let of_venues = venues.iter().map(|venue| (Role::Venue, Some(venue.clone())));
        let mut tokens = BTreeMap::new();
        for (role, venue) in roles.chain(of_venues) {
            let row = match known.remove(&(role, venue.clone())) {
                Some(row) => row,
                None => self.add(meeting, role, venue.clone(), now).await?,
            };
            tokens.insert((role, venue), self.token_of(row));
        }
        Ok(Links { base: self.base.clone(), meeting: meeting.clone(), venues: venues.to_vec(), tokens })
    }

    /// A further link for the role, or the venue, that this one is for.
    ///
    /// # Errors
    /// [`TokensError`] if it cannot be written.
    pub async fn again(&self, old: &TokenRow) -> Result<(TokenRow, Links), TokensError> {
        let row = self.add(&old.meeting, old.role, old.venue.clone(), self.clock.wall()).await?;
        let tokens = BTreeMap::from([((row.role, row.venue.clone()), self.token_of(row.clone()))]);
        let venues = row.venue.iter().cloned().collect();
        Ok((row, Links { base: self.base.clone(), meeting: old.meeting.clone(), venues, tokens }))
    }

    fn token_of(&self, row: TokenRow) -> String {
        let TokenRow { id, meeting, role, venue, expires, .. } = row;
        self.key.issue(&Claims { meeting, role, venue, expires_s: expires.0 / 1000, id })
    }

    async fn add(
        &self,
        meeting: &MeetingId,
        role: Role,
        venue: Option<VenueId>,
        now: Wall,
    ) -> Result<TokenRow, TokensError> {
        let row = TokenRow {
            id: (self.fresh_id)(),
            meeting: meeting.clone(),
            role,
            venue,
            expires: Wall(now.0 + GOOD_FOR_MS),
            revoked: None,
            made: Some(now),
            used: None,
        };
        self.tokens.add_token(row.clone()).await?;
        Ok(row)
    }
}

/// The links of a meeting. Pages have their token in the fragment, so that no log of addresses holds it.
#[derive(Debug, Clone)]
pub struct Links {
    base: String,
    meeting: MeetingId,
    venues: Vec<VenueId>,
    tokens: BTreeMap<(Role, Option<VenueId>), String>,
}

impl Links {
    /// The token of a role; that of the role `venue` needs the venue. Empty where none was asked for.
    #[must_use]
    pub fn token(&self, role: Role, venue: Option<&VenueId>) -> &str {
        self.tokens.get(&(role, venue.cloned())).map_or("", String::as_str)
    }

    /// The interface for scripts.
    #[must_use]
    pub fn api(&self) -> String {
        format!("{}/api/v1/meetings/{}", self.base, self.meeting)
    }

    /// The desk, as director or chair.
    #[must_use]
    pub fn desk(&self, role: Role) -> String {
        format!("{}/m/{}/desk#t={}", self.base, self.meeting, self.token(role, None))
    }

    /// The watcher page.
    #[must_use]
    pub fn watch(&self) -> String {
        format!("{}/m/{}/watch#t={}", self.base, self.meeting, self.token(Role::Watcher, None))
    }

    /// The hall screen of a venue.
    #[must_use]
    pub fn hall(&self, venue: &VenueId) -> String {
        format!("{}/venue#t={}", self.base, self.token(Role::Venue, Some(venue)))
    }

    /// Where the programme is watched by WHEP.
    #[must_use]
    pub fn whep(&self) -> String {
        format!("{}/whep/{}", self.base, self.meeting)
    }

    /// Where a source is published by WHIP.
    #[must_use]
    pub fn whip(&self, source: &SourceId) -> String {
        format!("{}/whip/{}/{source}", self.base, self.meeting)
    }

    /// The link of a role, or of a venue, as it is handed out.
    #[must_use]
    pub fn link(&self, role: Role, venue: Option<&VenueId>) -> Link {
        match (role, venue) {
            (Role::Director | Role::Chair, _) => {
                Link { who: role.name().to_owned(), address: self.desk(role) }
            }
            (Role::Venue, Some(venue)) => Link { who: venue.to_string(), address: self.hall(venue) },
            (Role::Watcher | Role::Venue, _) => Link { who: role.name().to_owned(), address: self.watch() },
        }
    }

    /// The links to hand out: director, chair, watcher, then the venues in the order of the plan.
    #[must_use]
    pub fn all(&self) -> Vec<Link> {
        let roles =
            [Role::Director, Role::Chair, Role::Watcher].into_iter().map(|role| self.link(role, None));
        roles.chain(self.venues.iter().map(|venue| self.link(Role::Venue, Some(venue)))).collect()
    }
}

/// The technician's page of the venue whose hall screen has this address; none of another page.
#[must_use]
pub fn technician_page(address: &str) -> Option<String> {
    let (server, token) = address.split_once("/venue#")?;
    Some(format!("{server}/venue/tech#{token}"))
}
