//! Where connections come from.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What one subscriber has: an address, of IPv6 the 64 bits that a line is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.into()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into())
            }
        }
    }
}

/// Proxies whose word counts.
#[derive(Debug, Clone)]
pub(crate) struct Proxies(Arc<[IpAddr]>);

impl Proxies {
    pub(crate) fn new(proxies: &[IpAddr]) -> Self {
        Self(proxies.iter().map(IpAddr::to_canonical).collect())
    }

    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// Where a request comes from: the last address that a trusted proxy has written down, else the peer's. None of a trusted proxy that writes
    /// none: nobody knows whom it speaks for, so nothing is counted together.
    pub(crate) fn network(&self, peer: IpAddr, headers: &HeaderMap) -> Option<Network> {
        if !self.trusts(peer) {
            return Some(peer.into());
        }
        let last = headers.get_all(FORWARDED_FOR).iter().next_back()?.to_str().ok()?;
        let address: IpAddr = last.rsplit(',').next()?.trim().parse().ok()?;
        Some(address.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_is_an_address_or_the_64_bits_that_a_line_is_given() {
        let same = |a: &str, b: &str| Network::from(ip(a)) == Network::from(ip(b));
        assert!(same("192.0.2.1", "::ffff:192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
    }

    #[test]
    fn the_last_address_that_a_trusted_proxy_wrote_counts_and_no_other() {
        let proxies = Proxies::new(&[ip("127.0.0.1"), ip("::1")]);
        let check = |peer: &str, lines: &[&'static str], want: Option<&str>| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, line.parse().unwrap());
            }
            let got = proxies.network(ip(peer), &headers);
            assert_eq!(got, want.map(|text| ip(text).into()), "{peer}, {lines:?}");
        };
        check("198.51.100.1", &["192.0.2.1"], Some("198.51.100.1"));
        check("127.0.0.1", &["192.0.2.1"], Some("192.0.2.1"));
        check("::ffff:127.0.0.1", &["203.0.113.9, 192.0.2.1"], Some("192.0.2.1"));
        check("::1", &["192.0.2.1", "203.0.113.9 , 2001:db8::1"], Some("2001:db8::1"));
        check("127.0.0.1", &[], None);
        check("127.0.0.1", &["unknown"], None);
    }
}
