//! Who is at the other end, as the kernel says it; no header is looked at.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::net::unix::UCred;

/// The other end of a TCP connection, an extension of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The address that connected; IPv4 stays IPv4 on a socket that takes both. `0.0.0.0:0` on the control socket.
    pub addr: SocketAddr,
    /// Whether the connection itself is encrypted.
    pub tls: bool,
    /// The listener that it came in by.
    pub plane: Plane,
}

/// A kind of listener. What is served depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Plane {
    /// `[listen] http`.
    Http,
    /// One of `[listen] http_extra`: addresses that old phones hold.
    HttpExtra,
    /// `[listen] https`.
    Https,
    /// The control socket of the commands.
    Control,
}

impl Plane {
    /// As `[listen]` calls it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::HttpExtra => "http_extra",
            Self::Https => "https",
            Self::Control => "control",
        }
    }
}

/// The process at the other end of the control socket, a further extension of its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnixPeer {
    /// Its user.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// Its process, where the system says.
    pub pid: Option<i32>,
}

impl Peer {
    /// A peer that connected by TCP.
    pub(super) fn tcp(addr: SocketAddr, plane: Plane, tls: bool) -> Self {
        Self { addr: SocketAddr::new(addr.ip().to_canonical(), addr.port()), tls, plane }
    }

    /// The peer of the control socket, which has no address. It is not loopback either: nobody is to take it for one.
    pub(super) fn control() -> Self {
        Self { addr: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0), tls: false, plane: Plane::Control }
    }
}

impl From<UCred> for UnixPeer {
    fn from(credentials: UCred) -> Self {
        Self { uid: credentials.uid(), gid: credentials.gid(), pid: credentials.pid() }
    }
}
