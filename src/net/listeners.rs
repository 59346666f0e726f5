//! The addresses that are listened on, and plain words for why one cannot be.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use rustls::ServerConfig;
use socket2::{Domain, Protocol, Socket, Type};
use tokio_rustls::TlsAcceptor;

use super::accept::Door;
use super::handed::Handed;
use super::peer::Plane;
use crate::config::Listen;

/// How many connections the kernel may hold for us; it cuts this down to `net.core.somaxconn`.
const BACKLOG: i32 = 1024;

/// Sockets that listen already, but take nobody yet.
#[derive(Debug, Default)]
pub struct Listeners {
    bound: Vec<Bound>,
}

#[derive(Debug)]
struct Bound {
    socket: TcpListener,
    plane: Plane,
    tls: Option<Arc<ServerConfig>>,
}

/// Why an address cannot be listened on, named as the configuration names it.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else listens there.
    #[error("[listen] {key}: {addr} is in use by another program")]
    InUse {
        /// The key of `[listen]`.
        key: &'static str,
        /// The address.
        addr: SocketAddr,
    },
    /// A low port, and no right to it.
    #[error(
        "[listen] {key}: {addr} needs a right that this user lacks; run it as the service, or take a port above 1023"
    )]
    Forbidden {
        /// The key of `[listen]`.
        key: &'static str,
        /// The address.
        addr: SocketAddr,
    },
    /// An address of another machine.
    #[error("[listen] {key}: this machine does not have the address {}", addr.ip())]
    NotOurs {
        /// The key of `[listen]`.
        key: &'static str,
        /// The address.
        addr: SocketAddr,
    },
    /// HTTPS without a certificate to show.
    #[error("[listen] {key}: {addr} needs a certificate; set tls.mode")]
    NoCertificate {
        /// The key of `[listen]`.
        key: &'static str,
        /// The address.
        addr: SocketAddr,
    },
    /// Anything else.
    #[error("[listen] {key}: cannot listen on {addr}: {reason}")]
    Other {
        /// The key of `[listen]`.
        key: &'static str,
        /// The address.
        addr: SocketAddr,
        /// What the system said.
        #[source]
        reason: io::Error,
    },
}

impl Listeners {
    /// Listens on every address of the configuration, but that sockets which were handed over stand in for those of `http`
    /// and `https`; `tls` is what HTTPS speaks. `[::]` takes IPv4 as well.
    ///
    /// Port 0 takes a free one: see [`Listeners::addresses`].
    pub fn open(listen: &Listen, mut handed: Handed, tls: Option<Arc<ServerConfig>>) -> Result<Self, BindError> {
        let some_handed = !handed.is_empty();
        let (http, https) = (handed.take_of(Plane::Http), handed.take_of(Plane::Https));
        let mut listeners = Self::default();
        let bound = listen.http.filter(|_| http.is_empty()).map(|addr| open("http", addr)).transpose()?;
        http.into_iter().chain(bound).for_each(|socket| listeners.add(Plane::Http, socket, None));
        for addr in &listen.http_extra {
            listeners.add(Plane::HttpExtra, open("http_extra", *addr)?, None);
        }
        if some_handed {
            note_https(listen, &https, tls.is_some());
        }
        if let Some(addr) = listen.https.filter(|_| tls.is_none()) {
            return Err(BindError::NoCertificate { key: "https", addr });
        }
        let bound = listen.https.filter(|_| https.is_empty()).map(|addr| open("https", addr)).transpose()?;
        let both = https.into_iter().chain(bound).zip(tls.into_iter().cycle());
        both.for_each(|(socket, tls)| listeners.add(Plane::Https, socket, Some(tls)));
        Ok(listeners)
    }

    /// Takes over a socket that listens already, such as one that systemd holds. With `tls` it speaks HTTPS.
    pub fn add(&mut self, plane: Plane, socket: TcpListener, tls: Option<Arc<ServerConfig>>) {
        self.bound.push(Bound { socket, plane, tls });
    }

    /// Where it listens, with the ports that the system chose.
    pub fn addresses(&self) -> Vec<(Plane, SocketAddr)> {
        let address = |bound: &Bound| Some((bound.plane, bound.socket.local_addr().ok()?));
        self.bound.iter().filter_map(address).collect()
    }

    /// Hands the sockets to the runtime.
    pub(super) fn into_doors(self) -> io::Result<Vec<Door>> {
        self.bound.into_iter().map(Bound::into_door).collect()
    }
}

impl Bound {
    fn into_door(self) -> io::Result<Door> {
        self.socket.set_nonblocking(true)?;
        Ok(Door::Tcp {
            listener: tokio::net::TcpListener::from_std(self.socket)?,
            plane: self.plane,
            tls: self.tls.map(TlsAcceptor::from),
        })
    }
}

/// Could each address of the configuration be listened on? Binds each for a moment and listens on none, so that nobody is
/// taken and let fall.
pub fn try_addresses(listen: &Listen) -> Vec<(&'static str, SocketAddr, Result<(), BindError>)> {
    let http = listen.http.map(|addr| ("http", addr));
    let extra = listen.http_extra.iter().map(|addr| ("http_extra", *addr));
    let https = listen.https.map(|addr| ("https", addr));
    let tried = |(key, addr)| (key, addr, on_address(key, addr, bind_to).map(drop));
    http.into_iter().chain(extra).chain(https).map(tried).collect()
}

/// Says where the sockets that systemd holds and the configuration do not go together.
fn note_https(listen: &Listen, handed: &[TcpListener], tls: bool) {
    match (handed.is_empty(), tls) {
        (false, false) => log::warn!(
            "systemd handed over a socket named https, but tls.mode is \"off\": nobody answers there; set tls.mode, or take the socket out of its unit"
        ),
        (true, true) if listen.https.is_some() => log::warn!(
            "systemd handed over no socket named https: [listen] https is opened without it; add ListenStream=443 with FileDescriptorName=https"
        ),
        _ => {}
    }
}

fn open(key: &'static str, addr: SocketAddr) -> Result<TcpListener, BindError> {
    on_address(key, addr, listen_on)
}

/// Where the kernel has no IPv6, `[::]` means all of IPv4.
fn on_address<T>(
    key: &'static str,
    addr: SocketAddr,
    take: impl Fn(SocketAddr) -> io::Result<T>,
) -> Result<T, BindError> {
    let any_v4 = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), addr.port());
    match take(addr) {
        Err(error) if lacks_ipv6(&error) && addr.is_ipv6() && addr.ip().is_unspecified() => take(any_v4),
        result => result,
    }
    .map_err(|error| explain(key, addr, error))
}

fn listen_on(addr: SocketAddr) -> io::Result<TcpListener> {
    let socket = bind_to(addr)?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn bind_to(addr: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
    if addr.is_ipv6() {
        // The system's default may say otherwise (net.ipv6.bindv6only).
        socket.set_only_v6(false)?;
    }
    socket.set_reuse_address(true)?;
    socket.bind(&addr.into())?;
    Ok(socket)
}

fn lacks_ipv6(error: &io::Error) -> bool {
    use nix::errno::Errno;
    let code = error.raw_os_error().map(Errno::from_raw);
    matches!(code, Some(Errno::EAFNOSUPPORT | Errno::EADDRNOTAVAIL))
}

fn explain(key: &'static str, addr: SocketAddr, reason: io::Error) -> BindError {
    match reason.kind() {
        io::ErrorKind::AddrInUse => BindError::InUse { key, addr },
        io::ErrorKind::PermissionDenied => BindError::Forbidden { key, addr },
        io::ErrorKind::AddrNotAvailable => BindError::NotOurs { key, addr },
        _ => BindError::Other { key, addr, reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http_on(addr: SocketAddr) -> Listen {
        Listen { http: Some(addr), http_extra: Vec::new(), https: None }
    }

    #[test]
    fn an_address_in_use_is_named() {
        let first = Listeners::open(&http_on("127.0.0.1:0".parse().unwrap()), Handed::default(), None).unwrap();
        let (_, addr) = first.addresses()[0];
        let error = Listeners::open(&http_on(addr), Handed::default(), None).unwrap_err();
        assert_eq!(error.to_string(), format!("[listen] http: {addr} is in use by another program"));
    }

    #[test]
    fn an_address_of_another_machine_is_named() {
        let error = Listeners::open(&http_on("192.0.2.1:0".parse().unwrap()), Handed::default(), None).unwrap_err();
        assert_eq!(error.to_string(), "[listen] http: this machine does not have the address 192.0.2.1");
    }

    #[test]
    fn https_without_a_certificate_is_refused() {
        let listen = Listen { http: None, http_extra: Vec::new(), https: "127.0.0.1:0".parse().ok() };
        assert!(matches!(Listeners::open(&listen, Handed::default(), None), Err(BindError::NoCertificate { .. })));
    }

    #[test]
    fn the_unspecified_ipv6_address_takes_ipv4_too() {
        let listeners = Listeners::open(&http_on("[::]:0".parse().unwrap()), Handed::default(), None).unwrap();
        let (_, addr) = listeners.addresses()[0];
        std::net::TcpStream::connect(("127.0.0.1", addr.port())).unwrap();
    }
}
