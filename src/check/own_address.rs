//! This machine's own addresses, without a list of them: a datagram socket can be bound to an address that the machine has
//! and to no other, and the kernel says by which one it would go out. Neither sends a packet, and neither needs `getifaddrs`
//! (`unsafe`, and one more feature of a crate) nor a guess which of several IPv6 addresses counts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// The addresses by which this machine goes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Out {
    pub v4: Option<Ipv4Addr>,
    pub v6: Option<Ipv6Addr>,
}

impl Out {
    /// As the kernel would choose them.
    pub(super) fn find() -> Self {
        // Addresses for documentation (RFC 5737, RFC 3849): routed like the rest of the internet, and nobody's.
        let v4 = chosen((Ipv4Addr::UNSPECIFIED, 0).into(), "192.0.2.1:9");
        let v6 = chosen((Ipv6Addr::UNSPECIFIED, 0).into(), "[2001:db8::1]:9");
        Self {
            v4: v4.and_then(|ip| if let IpAddr::V4(v4) = ip { Some(v4) } else { None }),
            v6: v6.and_then(|ip| if let IpAddr::V6(v6) = ip { Some(v6) } else { None }),
        }
    }
}

fn chosen(from: SocketAddr, to: &str) -> Option<IpAddr> {
    let socket = UdpSocket::bind(from).ok()?;
    socket.connect(to).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified() && !ip.is_loopback())
}

/// Does this machine have the address? (It says yes to all where net.ipv4.ip_nonlocal_bind is set.)
pub(super) fn is_ours(ip: IpAddr) -> bool {
    UdpSocket::bind((ip, 0)).is_ok()
}

/// What an address is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Realm {
    /// This machine alone.
    Loopback,
    /// The network that it is in.
    Private,
    /// A provider's own network, which many of its customers share (RFC 6598).
    Carrier,
    /// The internet.
    Public,
}

/// Where an address is reached from.
pub(super) fn realm(ip: IpAddr) -> Realm {
    match ip {
        IpAddr::V4(v4) if v4.is_loopback() || v4.is_unspecified() => Realm::Loopback,
        IpAddr::V4(v4) if v4.is_private() || v4.is_link_local() => Realm::Private,
        IpAddr::V4(v4) => match v4.octets() {
            [100, 64..=127, ..] => Realm::Carrier,
            _ => Realm::Public,
        },
        IpAddr::V6(v6) if v6.is_loopback() || v6.is_unspecified() => Realm::Loopback,
        IpAddr::V6(v6) if v6.is_unique_local() || v6.is_unicast_link_local() => Realm::Private,
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(Realm::Public, |v4| realm(v4.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_good_for_one_realm() {
        for (text, expected) in [
            ("127.0.1.1", Realm::Loopback),
            ("::1", Realm::Loopback),
            ("10.1.2.3", Realm::Private),
            ("172.31.0.1", Realm::Private),
            ("192.168.1.10", Realm::Private),
            ("169.254.3.4", Realm::Private),
            ("fd12::1", Realm::Private),
            ("fe80::1", Realm::Private),
            ("100.64.0.1", Realm::Carrier),
            ("100.128.0.1", Realm::Public),
            ("8.8.8.8", Realm::Public),
            ("2a01::1", Realm::Public),
            ("::ffff:10.0.0.1", Realm::Private),
        ] {
            assert_eq!(realm(text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn loopback_is_ours_and_documentation_is_not() {
        assert!(is_ours("127.0.0.1".parse().unwrap()));
        assert!(!is_ours("192.0.2.1".parse().unwrap()));
    }
}
