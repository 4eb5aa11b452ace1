//! Tokens: what a link lets its bearer be.
//!
//! A token is `alg.claims.mac`: the algorithm's id (`hs256`), the claims as base64url JSON, and HMAC-SHA-256 over both (RFC 2104). It is no
//! secret who it is for, only that this server made it; links carry it in the fragment, so that no log of addresses holds it.

use std::fmt;
use std::time::Duration;

use base::{MeetingId, TokenId, VenueId, Wall};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use directory::policy::Role;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

const ALGORITHM: &str = "hs256";
/// Longest token in bytes; a longer text is not looked at.
pub const TOKEN_BYTES_MAX: usize = 1024;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// For which meeting.
    #[serde(rename = "m")]
    pub meeting: MeetingId,
    /// As what.
    #[serde(rename = "r")]
    pub role: Role,
    /// Of which venue, for [`Role::Venue`].
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub venue: Option<VenueId>,
    /// Until when, in seconds since the epoch.
    #[serde(rename = "x")]
    pub expires_s: i64,
    /// Its id, by which it is revoked.
    #[serde(rename = "i")]
    pub id: TokenId,
}

impl Claims {
    /// How long it is good from `now` on.
    #[must_use]
    pub fn good_for(&self, now: Wall) -> Duration {
        let left = self.expires_s.saturating_mul(1000).saturating_sub(now.0);
        Duration::from_millis(u64::try_from(left).unwrap_or_default())
    }
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It has not the form of a token.
    #[error("this is not a token of this server")]
    Malformed,
    /// Another algorithm.
    #[error("the token names an algorithm that this server does not know")]
    UnknownAlgorithm,
    /// The code does not match.
    #[error("the token was not made by this server, or was changed")]
    Forged,
    /// It is over.
    #[error("the token has expired")]
    Expired,
    /// It was revoked.
    #[error("the token was revoked")]
    Revoked,
}

/// The server's key.
#[derive(Clone)]
pub struct TokenKey([u8; 32]);

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(…)")
    }
}

impl TokenKey {
    /// From 32 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Makes a token.
    #[must_use]
    pub fn issue(&self, claims: &Claims) -> String {
        let json = serde_json::to_vec(claims).expect("claims are plain strings and numbers");
        let signed = format!("{ALGORITHM}.{}", URL_SAFE_NO_PAD.encode(json));
        let mac = self.mac(&signed).finalize().into_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac))
    }

    /// Reads a token. Whether it was revoked is for the caller to look up.
    ///
    /// # Errors
    /// [`TokenError`] says what is wrong with it.
    pub fn read(&self, token: &str, now: Wall) -> Result<Claims, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::Malformed);
        }
        let (signed, mac) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (algorithm, claims) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        if algorithm != ALGORITHM {
            return Err(TokenError::UnknownAlgorithm);
        }
        let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| TokenError::Malformed)?;
        self.mac(signed).verify_slice(&mac).map_err(|_| TokenError::Forged)?;
        let json = URL_SAFE_NO_PAD.decode(claims).map_err(|_| TokenError::Malformed)?;
        let claims: Claims = serde_json::from_slice(&json).map_err(|_| TokenError::Malformed)?;
        if now.0 / 1000 >= claims.expires_s {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }

    fn mac(&self, signed: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(signed.as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims {
            meeting: MeetingId::new("m1").unwrap(),
            role: Role::Venue,
            venue: Some(VenueId::new("v017").unwrap()),
            expires_s: 2_000,
            id: TokenId::new("t1").unwrap(),
        }
    }

    #[test]
    fn a_token_is_taken_until_it_expires_and_never_when_it_was_changed() {
        let key = TokenKey::new([7; 32]);
        let token = key.issue(&claims());
        assert_eq!(key.read(&token, Wall(1_999_000)), Ok(claims()));
        assert_eq!(key.read(&token, Wall(2_000_000)), Err(TokenError::Expired));
        assert_eq!(TokenKey::new([8; 32]).read(&token, Wall(0)), Err(TokenError::Forged));
        assert_eq!(key.read(&token.replacen("hs256", "none", 1), Wall(0)), Err(TokenError::UnknownAlgorithm));
        for n in 6..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[n] = if bytes[n] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            // The last character of an unpadded text carries two bits that no byte holds.
            assert!(n + 1 == token.len() || key.read(&changed, Wall(0)).is_err(), "changed at {n}");
        }
        for text in ["", ".", "..", "hs256..", &"x".repeat(5000)] {
            assert!(key.read(text, Wall(0)).is_err());
        }
    }
}
