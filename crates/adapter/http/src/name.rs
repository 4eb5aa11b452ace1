//! Names that nobody can guess.

use base::ClientId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gave no random bytes")]
pub(crate) struct NoChance(#[source] getrandom::Error);

/// 128 random bits, as 22 characters of base64url.
pub(crate) fn secret() -> Result<String, NoChance> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(NoChance)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// A name for a client.
pub(crate) fn client() -> Result<ClientId, NoChance> {
    let text = format!("c{}", secret()?);
    Ok(ClientId::new(&text).expect("base64url is made of characters of an id"))
}
