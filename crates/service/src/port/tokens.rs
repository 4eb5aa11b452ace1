//! The port to the tokens that were given out.

use std::future::Future;
use std::pin::Pin;

use base::{MeetingId, TokenId, VenueId, Wall};
use directory::policy::Role;

/// A token that was given out. The token itself carries what it says; the row is there to list and to revoke it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Id.
    pub id: TokenId,
    /// The meeting.
    pub meeting: MeetingId,
    /// What it stands for.
    pub role: Role,
    /// The venue, of the role `venue` and of no other.
    pub venue: Option<VenueId>,
    /// Until when it is good.
    pub expires: Wall,
    /// Since when it is not, whatever it says.
    pub revoked: Option<Wall>,
    /// When it was made; unknown of one that an earlier version made.
    pub made: Option<Wall>,
    /// When somebody last came with it, as far as that was noted.
    pub used: Option<Wall>,
}

/// Why tokens could not be read, added or revoked. Nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum TokensError {
    /// There is no such meeting.
    #[error("there is no meeting {0}")]
    NoMeeting(MeetingId),
    /// The store failed, and says how.
    #[error(transparent)]
    Store(Box<dyn std::error::Error + Send + Sync>),
}

/// An answer about tokens.
pub type TokensFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, TokensError>> + Send + 'a>>;

/// The tokens that were given out. Writes are answered after fsync.
pub trait Tokens: Send + Sync {
    /// Adds a token; one that is there already stays as it is.
    fn add_token(&self, token: TokenRow) -> TokensFuture<'_, ()>;
    /// Makes a token worthless from `at` on. One that is not there or was revoked before stays as it is.
    fn revoke_token(&self, id: TokenId, at: Wall) -> TokensFuture<'_, ()>;
    /// Notes when tokens were last used. Those that are not there stay so, and no time goes back.
    fn note_used(&self, used: Vec<(TokenId, Wall)>) -> TokensFuture<'_, ()>;
    /// A token; none if it was never given out.
    fn token(&self, id: &TokenId) -> TokensFuture<'_, Option<TokenRow>>;
    /// Tokens of a meeting by role, venue and id, revoked ones too.
    fn tokens(&self, meeting: &MeetingId) -> TokensFuture<'_, Vec<TokenRow>>;
    /// Tokens of all meetings that are revoked.
    fn revoked(&self) -> TokensFuture<'_, Vec<TokenId>>;
}
