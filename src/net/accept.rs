//! Taking connections from the kernel, a bounded number at once.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio::sync::{AcquireError, Notify, OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;

use super::connection::{self, Guest, Speech};
use super::limits::Limits;
use super::peer::{Peer, Plane, UnixPeer};
use super::shutdown::Shutdown;
use super::stream::Wire;

/// How long to wait after an error that taking the next connection would meet again (no free file descriptor).
const BACK_OFF: Duration = Duration::from_millis(250);
/// How often those who only wait are asked to leave while all places are taken.
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// What all connections of one server share.
pub(super) struct Host {
    pub(super) app: Router,
    pub(super) limits: Limits,
    pub(super) limits_when_full: Limits,
    pub(super) shutdown: Shutdown,
    pub(super) speech: Speech,
    slots: Arc<Semaphore>,
    /// Rings while somebody waits for a place.
    bell: Notify,
}

/// A listener of the runtime.
pub(super) enum Door {
    /// A TCP one, which speaks HTTPS where it has `tls`.
    Tcp { listener: TcpListener, plane: Plane, tls: Option<TlsAcceptor> },
    /// The control socket.
    Unix(UnixListener),
}

impl Host {
    /// A server without listeners.
    pub(super) fn new(app: Router, limits: Limits, shutdown: Shutdown) -> Arc<Self> {
        let slots = Arc::new(Semaphore::new(limits.connections));
        let (speech, limits_when_full) = (Speech::new(&limits), limits.when_full());
        Arc::new(Self { app, limits, limits_when_full, shutdown, speech, slots, bell: Notify::new() })
    }

    /// Takes connections at one door until the server is to stop, then closes it.
    pub(super) async fn accept(self: Arc<Self>, door: Door) {
        let mut failing = false;
        loop {
            let next = tokio::select! {
                biased;
                () = self.shutdown.requested() => return,
                next = self.next(&door) => next,
            };
            match next {
                Ok((guest, slot)) => {
                    failing = false;
                    self.welcome(guest, slot);
                }
                Err(error) if concerns_one_connection(&error) => {}
                Err(error) => self.back_off(&error, &mut failing).await,
            }
        }
    }

    /// The next connection, and the slot that it holds while it lives.
    async fn next(&self, door: &Door) -> io::Result<(Guest, OwnedSemaphorePermit)> {
        let slot = self.slot().await.map_err(io::Error::other)?;
        Ok((door.accept().await?, slot))
    }

    /// A free place; while there is none, those who only wait are asked to leave.
    async fn slot(&self) -> Result<OwnedSemaphorePermit, AcquireError> {
        let mut slot = pin!(Arc::clone(&self.slots).acquire_owned());
        loop {
            tokio::select! {
                biased;
                slot = slot.as_mut() => return slot,
                () = tokio::time::sleep(ASK_AGAIN) => self.bell.notify_waiters(),
            }
        }
    }

    /// Returns when others wait for a place.
    pub(super) async fn crowded(&self) {
        self.bell.notified().await;
    }

    /// Returns when others wait for a place, and one has been held for so long.
    pub(super) async fn crowded_for(&self, held: Duration) {
        tokio::time::sleep(held).await;
        self.crowded().await;
    }

    fn welcome(self: &Arc<Self>, guest: Guest, slot: OwnedSemaphorePermit) {
        let host = Arc::clone(self);
        tokio::spawn(async move {
            connection::serve(&host, guest).await;
            drop(slot);
        });
    }

    /// Waits a little, and says so once for each row of failures.
    async fn back_off(&self, error: &io::Error, failing: &mut bool) {
        if !*failing {
            log::warn!(error = error.to_string().as_str(); "cannot take connections for the moment");
        }
        *failing = true;
        tokio::select! {
            () = self.shutdown.requested() => {}
            () = tokio::time::sleep(BACK_OFF) => {}
        }
    }

    /// Returns when the last connection has ended.
    pub(super) async fn wait_until_empty(&self) {
        let all = u32::try_from(self.limits.connections).unwrap_or(u32::MAX);
        // An error would mean a closed semaphore; nobody closes it.
        let _ = self.slots.acquire_many(all).await;
    }
}

impl Door {
    async fn accept(&self) -> io::Result<Guest> {
        match self {
            Self::Tcp { listener, plane, tls } => {
                let (tcp, addr) = listener.accept().await?;
                Ok(tcp_guest(tcp, addr, *plane, tls.as_ref()))
            }
            Self::Unix(listener) => {
                let (unix, _) = listener.accept().await?;
                let process = Some(UnixPeer::from(unix.peer_cred()?));
                Ok(Guest::Ready { wire: Wire::Unix(unix), peer: Peer::control(), process })
            }
        }
    }
}

fn tcp_guest(tcp: TcpStream, addr: SocketAddr, plane: Plane, tls: Option<&TlsAcceptor>) -> Guest {
    // It fails only on a connection that is gone already, which its first read will tell.
    let _ = tcp.set_nodelay(true);
    let peer = Peer::tcp(addr, plane, tls.is_some());
    match tls {
        Some(acceptor) => Guest::Encrypted { tcp, acceptor: acceptor.clone(), peer },
        None => Guest::Ready { wire: Wire::Tcp(tcp), peer, process: None },
    }
}

/// Whether the error is about the connection that was to be taken, and says nothing of the next one.
fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted, NotConnected};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted | NotConnected)
}
