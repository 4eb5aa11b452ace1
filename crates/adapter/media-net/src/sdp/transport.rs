//! What one transport for all lines needs of an offer: ICE (RFC 8839), DTLS (RFC 8842) and the fingerprint (RFC 8122).

use std::fmt::Write as _;

use super::refusal::Refusal;
use super::text::{Description, Section};

/// Bytes of a SHA-256.
const SHA256_BYTES: usize = 32;

/// Keys and roles of the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transport {
    ufrag: String,
    pwd: String,
    /// In hexadecimal, with colons.
    fingerprint: String,
    pub(super) setup: Setup,
    /// It says `a=ice-options:trickle`.
    pub(super) trickles: bool,
}

/// Who begins DTLS, as the offer has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setup {
    Either,
    Active,
    Passive,
}

impl Setup {
    fn word(self) -> &'static str {
        match self {
            Self::Either => "actpass",
            Self::Active => "active",
            Self::Passive => "passive",
        }
    }

    /// Our part in the answer: we wait where we may.
    pub(super) fn answered(self) -> &'static str {
        match self {
            Self::Either | Self::Active => "passive",
            Self::Passive => "active",
        }
    }
}

impl Transport {
    /// Of the line `tagged`, whose transport is that of all (RFC 9143 §7.2.1); what it leaves out stands before all lines, or on another.
    pub(super) fn read(offer: &Description<'_>, tagged: usize) -> Result<Self, Refusal> {
        let sections =
            || offer.media.get(tagged).into_iter().chain(std::iter::once(&offer.session)).chain(&offer.media);
        if sections().any(|section| section.flag("ice-lite")) {
            return Err(Refusal::IceLite);
        }
        let with = |name| sections().find(|section| section.value(name).is_some());
        let ufrag = with("ice-ufrag").and_then(|s| s.value("ice-ufrag"));
        let ufrag = ufrag.filter(|text| is_ice(text, 4)).ok_or(Refusal::IceUfrag)?;
        let pwd =
            with("ice-ufrag").and_then(|s| s.value("ice-pwd")).or_else(|| with("ice-pwd")?.value("ice-pwd"));
        let pwd = pwd.filter(|text| is_ice(text, 22)).ok_or(Refusal::IcePwd)?;
        let fingerprint = with("fingerprint").and_then(fingerprint).ok_or(Refusal::Fingerprint)?;
        let setup = match with("setup").and_then(|section| section.value("setup")) {
            Some("actpass") => Setup::Either,
            Some("active") => Setup::Active,
            Some("passive") => Setup::Passive,
            Some(_) | None => return Err(Refusal::Setup),
        };
        let trickles = sections()
            .flat_map(|section| section.values("ice-options"))
            .any(|options| options.split(' ').any(|option| option == "trickle"));
        Ok(Self { ufrag: ufrag.to_owned(), pwd: pwd.to_owned(), fingerprint, setup, trickles })
    }

    /// As it is written before the lines of an offer.
    pub(super) fn write(&self, out: &mut String) {
        let Self { ufrag, pwd, fingerprint, setup, trickles: _ } = self;
        let setup = setup.word();
        let _ = write!(
            out,
            "a=ice-ufrag:{ufrag}\r\na=ice-pwd:{pwd}\r\na=fingerprint:sha-256 {fingerprint}\r\na=setup:{setup}\r\n"
        );
    }
}

/// `ice-char` of RFC 8839 §5.4, from `min` to 256 of them.
fn is_ice(text: &str, min: usize) -> bool {
    (min..=256).contains(&text.len())
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'+' || c == b'/')
}

/// The first fingerprint by SHA-256 that can be one; by other functions there may be more beside it.
fn fingerprint(section: &Section<'_>) -> Option<String> {
    let hex = |byte: &str| byte.len() == 2 && byte.bytes().all(|c| c.is_ascii_hexdigit());
    section
        .values("fingerprint")
        .filter_map(|value| value.split_once(' '))
        .filter(|(function, _)| function.eq_ignore_ascii_case("sha-256"))
        .map(|(_, bytes)| bytes.trim())
        .find(|bytes| bytes.split(':').count() == SHA256_BYTES && bytes.split(':').all(hex))
        .map(str::to_ascii_uppercase)
}
