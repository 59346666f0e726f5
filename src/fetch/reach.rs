//! Public and private addresses: no redirect leads from the one to the other.
//!
//! An administrator may write any address, one in the school's own network too. But a site on the internet must not be able
//! to send the appliance to a machine behind the firewall. The judgement is made where ureq resolves a name, on the addresses
//! that it will then connect to, so a name that answers differently the second time (DNS rebinding) gains nothing.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Tells whether an address is one of the internet's. A parameter because tests have only loopback.
pub(super) type IsPublic = fn(IpAddr) -> bool;

/// The way of one fetch over its redirects: once it was at a public address, private ones are closed.
#[derive(Debug)]
pub(super) struct Reach {
    is_public: IsPublic,
    was_public: AtomicBool,
}

impl Reach {
    pub(super) fn new(is_public: IsPublic) -> Arc<Reach> {
        Arc::new(Reach { is_public, was_public: AtomicBool::new(false) })
    }

    fn is_open(&self, address: IpAddr) -> bool {
        !self.was_public.load(Ordering::Relaxed) || (self.is_public)(address)
    }

    /// Remembers where the fetch is now. A host with a public and a private address counts as public.
    fn arrive(&self, mut addresses: impl Iterator<Item = IpAddr>) {
        if addresses.any(self.is_public) {
            self.was_public.store(true, Ordering::Relaxed);
        }
    }
}

/// The name resolver of one fetch: it drops the addresses that are closed, and refuses when none is left.
#[derive(Debug)]
pub(super) struct JudgingResolver {
    pub(super) reach: Arc<Reach>,
}

impl JudgingResolver {
    /// Resolves and judges one address.
    pub(super) fn judge(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = look_up(uri, config, timeout)?;
        let mut open = self.empty();
        for address in found.iter().filter(|address| self.reach.is_open(address.ip())) {
            open.push(*address);
        }
        if open.is_empty() {
            return Err(ureq::Error::Other(Box::new(Refused)));
        }
        self.reach.arrive(open.iter().map(|address| address.ip()));
        Ok(open)
    }
}

impl Resolver for JudgingResolver {
    /// With a proxy, ureq asks here for the proxy's own address, which is the administrator's word.
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        match config.proxy() {
            Some(_) => look_up(uri, config, timeout),
            None => self.judge(uri, config, timeout),
        }
    }
}

/// A failed lookup comes as a nameless I/O error; here it gets its name.
fn look_up(uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
    match DefaultResolver::default().resolve(uri, config, timeout) {
        Err(ureq::Error::Io(_)) => Err(ureq::Error::HostNotFound),
        other => other,
    }
}

/// Every address of the target is closed to this fetch.
#[derive(Debug)]
pub(super) struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("private address")
    }
}

impl std::error::Error for Refused {}

/// Whether an address is reached over the internet: not private, loopback, link-local, carrier's, multicast or reserved.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match embedded_v4(v6) {
            Some(v4) => is_public_v4(v4),
            None => is_public_v6(v6),
        },
    }
}

/// RFC 6890 and the IANA special-purpose registry.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let local =
        matches!((a, b), (0 | 10 | 127 | 224.., _) | (100, 64..=127) | (169, 254) | (172, 16..=31) | (192, 168));
    let reserved = matches!((a, b, c), (192, 0, 0 | 2) | (198, 18 | 19, _) | (198, 51, 100) | (203, 0, 113));
    !local && !reserved
}

/// Global unicast (2000::/3) without documentation and the special block 2001::/23; so not ::1, fc00::/7, fe80::/10, fec0::/10.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let global = (0x2000..=0x3fff).contains(&a);
    let special = matches!((a, b), (0x2001, ..0x0200 | 0x0db8) | (0x3fff, _));
    global && !special
}

/// The IPv4 address that an IPv6 one stands for: mapped, compatible, NAT64 (RFC 6052) and 6to4 (RFC 3056).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(v4_of(high, low))
        }
        _ => None,
    }
}

fn v4_of(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_known_in_every_disguise() {
        let private = [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:192.168.1.1",
            "::7f00:1",
            "64:ff9b::a00:1",
            "2002:c0a8:101::1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
        ];
        for address in private {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn public_addresses_are_public() {
        for address in [
            "1.1.1.1",
            "100.63.0.1",
            "100.128.0.1",
            "172.32.0.1",
            "192.169.0.1",
            "2606:4700::1111",
            "2a01::1",
            "::ffff:1.1.1.1",
            "2001:4860::8888",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_private_start_may_go_anywhere_and_a_public_one_stays_public() {
        let reach = Reach::new(is_public);
        let (private, public) = ("10.0.0.1".parse().unwrap(), "1.1.1.1".parse().unwrap());
        assert!(reach.is_open(private));
        reach.arrive([private].into_iter());
        assert!(reach.is_open(private));
        reach.arrive([private, public].into_iter());
        assert!(reach.is_open(public));
        assert!(!reach.is_open(private));
    }
}
