//! Names that nobody else has.

use base::TokenId;

/// A prefix and 80 random bits in hexadecimal.
#[must_use]
pub fn random_text(prefix: &str) -> String {
    let mut bytes = [0; 10];
    getrandom::fill(&mut bytes).expect("the system has a source of random bytes");
    bytes.iter().fold(prefix.to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// A random id of a token.
#[must_use]
pub fn token_id() -> TokenId {
    TokenId::new(&random_text("t")).expect("a letter and hexadecimal digits are an id")
}
