//! Where connections come from, and the places that each such network has for those who have not shown who they are (R18).

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderName};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Of a limit, the part that those from one network may take who have shown no token that is good.
const PART: usize = 8;

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

/// Places of a limit, shared out by network.
#[derive(Debug, Clone)]
pub(crate) struct Shares(Arc<Mutex<Taken>>);

#[derive(Debug)]
struct Taken {
    max: usize,
    all: usize,
    by: BTreeMap<Network, usize>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    shares: Shares,
    network: Option<Network>,
}

impl Shares {
    /// None is taken of so many.
    pub(crate) fn new(max: usize) -> Self {
        Self(Arc::new(Mutex::new(Taken { max, all: 0, by: BTreeMap::new() })))
    }

    /// A place for one of that network. None if all are taken, or those that this network may take.
    pub(crate) fn take(&self, network: Option<Network>) -> Option<Place> {
        let mut taken = self.taken();
        let each = (taken.max / PART).max(1);
        let own = network.map_or(0, |network| taken.by.get(&network).copied().unwrap_or(0));
        if taken.all >= taken.max || own >= each {
            return None;
        }
        taken.all += 1;
        if let Some(network) = network {
            *taken.by.entry(network).or_default() += 1;
        }
        Some(Place { shares: self.clone(), network })
    }

    fn taken(&self) -> std::sync::MutexGuard<'_, Taken> {
        // A holder of this lock does nothing that can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.shares.taken();
        taken.all -= 1;
        let Some(network) = self.network else { return };
        if let Some(own) = taken.by.get_mut(&network) {
            *own -= 1;
            if *own == 0 {
                taken.by.remove(&network);
            }
        }
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

    #[test]
    fn r18_those_of_one_network_take_an_eighth_and_leave_the_rest() {
        let shares = Shares::new(16);
        let of = |text: &str| Some(Network::from(ip(text)));
        let first: Vec<Place> = std::iter::from_fn(|| shares.take(of("192.0.2.1"))).collect();
        assert_eq!(first.len(), 2);
        let others: Vec<Place> = (2..100).filter_map(|n| shares.take(of(&format!("192.0.2.{n}")))).collect();
        assert_eq!(others.len(), 14);
        assert!(shares.take(None).is_none(), "all are taken");
        drop(first);
        assert!(shares.take(of("192.0.2.1")).is_some());
        assert_eq!(shares.taken().all, 14, "a place that is not kept is free again");
        assert_eq!(shares.taken().by.len(), 14);
    }
}
