//! One connection to its end: HTTP/1 or HTTP/2, deadlines, and the stop.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tokio_rustls::TlsAcceptor;
use tower::Service;

use super::accept::Host;
use super::busy::{Busy, BusyBody};
use super::handshake::shake_hands;
use super::inflow::Inflow;
use super::limits::Limits;
use super::peer::{Peer, UnixPeer};
use super::pulse::{Pulse, Verdict};
use super::stream::{Stream, Wire};

/// What an HTTP/2 client may send us before we have read it: small, for uploads are rare and boards are small.
const WINDOW_STREAM_BYTES: u32 = 64 * 1024;
const WINDOW_CONNECTION_BYTES: u32 = 256 * 1024;
/// How long an idle connection may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// Somebody who has connected.
pub(super) enum Guest {
    /// Plain text follows.
    Ready { wire: Wire, peer: Peer, process: Option<UnixPeer> },
    /// A TLS handshake follows.
    Encrypted { tcp: TcpStream, acceptor: TlsAcceptor, peer: Peer },
}

/// How hyper is to speak HTTP. Where TLS has settled the version, hyper need not find it out: to do so it reads the first
/// 24 octets apart, and the buffer that it reads the rest into grows to twice its size and stays.
pub(super) struct Speech {
    http1: auto::Builder<TokioExecutor>,
    http2: auto::Builder<TokioExecutor>,
    either: auto::Builder<TokioExecutor>,
}

impl Speech {
    /// Within these limits.
    pub(super) fn new(limits: &Limits) -> Self {
        let either = builder(limits);
        Self { http1: either.clone().http1_only(), http2: either.clone().http2_only(), either }
    }

    fn over(&self, wire: &Wire) -> &auto::Builder<TokioExecutor> {
        match wire {
            Wire::Tls(_) if wire.chose_http2() => &self.http2,
            Wire::Tls(_) => &self.http1,
            Wire::Tcp(_) | Wire::Unix(_) => &self.either,
        }
    }
}

fn builder(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // No header_read_timeout and no HTTP/2 ping: `pulse` finds the slow and the dead, and wakes no phone. The buffer's bound is the head's, and hyper allocates 8 KiB to begin with.
    builder.http1().timer(TokioTimer::new()).max_buf_size(limits.head_bytes).writev(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
        .initial_stream_window_size(WINDOW_STREAM_BYTES)
        .initial_connection_window_size(WINDOW_CONNECTION_BYTES);
    builder
}

/// Serves one connection to its end. What goes wrong on it is the client's business: told at debug level, without what
/// was asked for.
pub(super) async fn serve(host: &Host, guest: Guest) {
    match guest {
        Guest::Ready { wire, peer, process } => drive(host, wire, peer, process).await,
        Guest::Encrypted { tcp, acceptor, peer } => {
            // Boxed, so that a connection that lives does not keep the room that its handshake took.
            if let Some(wire) = Box::pin(shake_hands(host, tcp, &acceptor, peer)).await {
                drive(host, wire, peer, None).await;
            }
        }
    }
}

/// HTTP until one side ends it, a deadline passes, or the server stops.
async fn drive(host: &Host, wire: Wire, peer: Peer, process: Option<UnixPeer>) {
    let pulse = Arc::new(Pulse::new(wire.chose_http2(), host.limits.clone()));
    let speech = host.speech.over(&wire);
    let service = service_fn(|request| answer(host.app.clone(), request, peer, process, &pulse));
    let stream = TokioIo::new(Stream::new(wire, Arc::clone(&pulse)));
    let mut connection = pin!(speech.serve_connection(stream, service));
    let mut stop = pin!(host.shutdown.requested());
    let mut deadline = pin!(sleep_until(Instant::now()));
    let (mut stopping, mut asked_to_close) = (false, false);
    loop {
        let verdict = tokio::select! {
            biased;
            result = connection.as_mut() => return note_end(result, peer),
            () = stop.as_mut(), if !stopping => {
                stopping = true;
                deadline.as_mut().reset(Instant::now() + host.limits.grace);
                connection.as_mut().graceful_shutdown();
                continue;
            }
            () = deadline.as_mut() => pulse.verdict(Instant::now(), &host.limits),
            () = host.crowded(), if !stopping && !asked_to_close => pulse.verdict(Instant::now(), &host.limits_when_full),
        };
        match verdict {
            _ if stopping => return,
            Verdict::Until(next) => deadline.as_mut().reset(next),
            Verdict::Idle if !asked_to_close => {
                asked_to_close = true;
                deadline.as_mut().reset(Instant::now() + GOODBYE);
                connection.as_mut().graceful_shutdown();
            }
            Verdict::Idle | Verdict::TooSlow => return,
        }
    }
}

/// Hands one request to the router, with its peer, and counts it until its answer is out.
fn answer(
    mut app: Router,
    mut request: hyper::Request<Incoming>,
    peer: Peer,
    process: Option<UnixPeer>,
    pulse: &Arc<Pulse>,
) -> impl Future<Output = Result<Response<BusyBody>, Infallible>> + use<> {
    let busy = Busy::begin(pulse, request.version() == Version::HTTP_2);
    request.extensions_mut().insert(peer);
    if let Some(process) = process {
        request.extensions_mut().insert(process);
    }
    let limits = pulse.limits();
    let request: Request = request.map(|body| axum::body::Body::new(Inflow::new(body, limits.clone())));
    let response = app.call(request);
    async move { response.await.map(|response| response.map(|body| BusyBody::new(body, busy))) }
}

fn note_end<E: std::fmt::Display>(result: Result<(), E>, peer: Peer) {
    if let Err(error) = result {
        log::debug!(peer:% = peer.addr.ip(), error:% = error; "connection ended early");
    }
}
