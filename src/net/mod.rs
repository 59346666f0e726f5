//! From sockets to requests: listeners, TLS, HTTP/1 and HTTP/2 connections with limits, and an orderly stop.
//!
//! [`serve`] puts an `axum::Router` behind [`Listeners`], [`serve_unix`] behind the control socket. Each request carries
//! a [`Peer`] (and a [`UnixPeer`]) as an extension, which says where it came from before any header is believed. Nothing
//! here knows a route or a certificate, logs an address that was asked for, or handles a signal: the caller holds the
//! [`Stop`]. Invariant: the number of connections is bounded, and each moves on or is closed. A client has a time to send a
//! head, to send a body, to take its answer, and to ask again; a handler alone takes as long as it needs. While all places are
//! taken, whoever only waits leaves soon.

mod accept;
mod busy;
mod connection;
mod handed;
mod handshake;
mod inflow;
mod limits;
mod listeners;
mod peer;
mod pulse;
mod shutdown;
#[cfg(test)]
mod slow_tests;
mod stream;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tls_tests;

use std::io;
use std::sync::Arc;

use axum::Router;
use tokio::net::UnixListener;
use tokio::task::JoinSet;

pub use handed::{Handed, HandedError, StandIn};
pub use limits::Limits;
pub use listeners::{BindError, Listeners, try_addresses};
pub use peer::{Peer, Plane, UnixPeer};
pub use shutdown::{Shutdown, Stop};

use accept::{Door, Host};

/// Serves `app` on every listener until `shutdown`, then lets running requests finish for [`Limits::grace`] and cuts
/// the rest. Each request has a [`Peer`] extension.
///
/// An error means that a listener could not be handed to the runtime; what happens on one connection ends only that one.
pub async fn serve(listeners: Listeners, app: Router, limits: Limits, shutdown: Shutdown) -> io::Result<()> {
    run(listeners.into_doors()?, Host::new(app, limits, shutdown)).await
}

/// The same on a Unix socket. Each request has a [`UnixPeer`] extension besides its [`Peer`], whose plane is `Control`.
pub async fn serve_unix(listener: UnixListener, app: Router, limits: Limits, shutdown: Shutdown) -> io::Result<()> {
    run(vec![Door::Unix(listener)], Host::new(app, limits, shutdown)).await
}

async fn run(doors: Vec<Door>, host: Arc<Host>) -> io::Result<()> {
    let mut accepting = JoinSet::new();
    for door in doors {
        accepting.spawn(Arc::clone(&host).accept(door));
    }
    while let Some(ended) = accepting.join_next().await {
        ended.map_err(io::Error::other)?;
    }
    host.wait_until_empty().await;
    Ok(())
}
