//! Configuration: one plain file, read once.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Largest configuration file in bytes.
const CONFIG_BYTES_MAX: u64 = 64 * 1024;

/// What `onehall serve` reads. Every key has a default; an unknown one is refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Folder of everything that is kept.
    pub data: PathBuf,
    /// HTTP: address and TCP port.
    pub http: Http,
    /// Media: one UDP port.
    pub media: Media,
}

/// HTTP and WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Where to listen, `address:port`; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How links begin, where that is not the listening address: `https://meet.example.org` behind a proxy that ends TLS.
    #[serde(deserialize_with = "origin")]
    pub public_url: Option<String>,
    /// Origins that may open the control connection besides the server's own.
    pub origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed: the last address in it is where a request comes from.
    pub proxies: Vec<IpAddr>,
}

/// The media plane.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Media {
    /// UDP port; 0 takes a free one.
    pub port: u16,
    /// Addresses that clients are told; all of this machine's if empty. Behind a 1:1 NAT, its outer address alone.
    pub addresses: Vec<IpAddr>,
}

impl Default for Config {
    fn default() -> Self {
        Self { data: PathBuf::from("data"), http: Http::default(), media: Media::default() }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8440)),
            public_url: None,
            origins: Vec::new(),
            proxies: vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        }
    }
}

impl Default for Media {
    fn default() -> Self {
        Self { port: 8440, addresses: Vec::new() }
    }
}

/// Why a configuration file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        cause: std::io::Error,
    },
    /// It is too large.
    #[error("{path} has {bytes} bytes; a configuration file has at most {CONFIG_BYTES_MAX}")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// It says what is not known, or says it wrong.
    #[error("{path}: {what}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Line, key, and the nearest known one.
        what: String,
    },
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ConfigError`] names file, line and key.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |cause| ConfigError::Unreadable { path: path.to_owned(), cause };
        let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
        if bytes > CONFIG_BYTES_MAX {
            return Err(ConfigError::TooLarge { path: path.to_owned(), bytes });
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::parse(&text).map_err(|what| ConfigError::Wrong { path: path.to_owned(), what })
    }

    /// How links begin, without a slash at the end, where `listen` is what the server listens on for HTTP.
    #[must_use]
    pub fn base_url(&self, listen: SocketAddr) -> String {
        if let Some(url) = &self.http.public_url {
            return url.trim_end_matches('/').to_owned();
        }
        let ip = if listen.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { listen.ip() };
        format!("http://{}", SocketAddr::new(ip, listen.port()))
    }

    /// Reads a text; an error names line and key, and the nearest known key.
    fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            format!("line {line}: {}", with_nearest(error.message()))
        })
    }
}

/// Scheme, host and port, with nothing behind: pages stand at the root of their host.
fn origin<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(from)?;
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = host.map(|host| host.strip_suffix('/').unwrap_or(host)).unwrap_or_default();
    if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c.is_control() || "/\\?#@".contains(c))
    {
        let what = format!("`{text}` is not how links begin, as https://meet.example.org");
        return Err(serde::de::Error::custom(what));
    }
    Ok(Some(text))
}

/// Adds the nearest known key to serde's "unknown field `x`, expected one of `a`, `b`".
fn with_nearest(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match quoted.split_first() {
        Some((unknown, known)) if message.starts_with("unknown field") => {
            let nearest = known
                .iter()
                .max_by(|a, b| strsim::jaro_winkler(a, unknown).total_cmp(&strsim::jaro_winkler(b, unknown)));
            match nearest {
                Some(nearest) => format!("unknown key `{unknown}`; the nearest known key is `{nearest}`"),
                None => format!("unknown key `{unknown}`"),
            }
        }
        Some(_) | None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_default_and_each_key_can_be_set() {
        assert_eq!(Config::parse("").unwrap(), Config::default());
        let config = Config::parse(
            "data = '/srv/onehall'\n[http]\nlisten = '0.0.0.0:80'\npublic_url = 'https://h'\nproxies = ['192.0.2.7', '2001:db8::7']\n[media]\nport = 9\naddresses = ['192.0.2.1']",
        )
        .unwrap();
        assert_eq!(config.data, PathBuf::from("/srv/onehall"));
        assert_eq!(config.http.listen.port(), 80);
        assert_eq!(config.http.proxies.len(), 2);
        assert_eq!(config.media.addresses.len(), 1);
    }

    #[test]
    fn a_wrong_key_or_value_is_named_with_its_line_and_the_nearest_key() {
        let check = |text: &str, want: &str| {
            let error = Config::parse(text).unwrap_err();
            assert!(error.contains(want), "{error}");
        };
        check("dta = 'x'", "line 1: unknown key `dta`; the nearest known key is `data`");
        check("\n[http]\nlissten = 'x'", "line 3: unknown key `lissten`; the nearest known key is `listen`");
        check("[media]\nport = 70000", "line 2");
        check("[http]\nlisten = 'nowhere'", "line 2");
        check("[http]\nproxies = ['10.0.0.0/8']", "line 2");
        check("data = ", "line 1");
        for text in [
            "",
            "meet.example.org",
            "ftp://h",
            "https://",
            "https://h/folder",
            "https://h h",
            "https://h?x",
            "https://h#t",
            "https://u@h",
        ] {
            check(
                &format!("[http]\npublic_url = '{text}'"),
                "is not how links begin, as https://meet.example.org",
            );
        }
        check("[http]\npublic_url = 'h'", "line 2");
    }
}
