//! The network floor over real sockets on loopback.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::Extension;
use axum::routing::{get, post};
use http_body_util::{BodyExt, Empty};
use hyper::{Request, Response, StatusCode, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::config::{CertificateFiles, Listen};
use crate::tls::{Pair, Showcase, server_config};

pub(super) const SHORT: Duration = Duration::from_millis(150);
pub(super) const MUCH: usize = 32 << 20;
pub(super) const LONG: Duration = Duration::from_secs(5);

/// A server that the test can stop.
pub(super) struct Running {
    pub(super) addr: SocketAddr,
    pub(super) stop: Stop,
    pub(super) done: JoinHandle<io::Result<()>>,
}

fn app() -> Router {
    async fn show_peer(Extension(peer): Extension<Peer>) -> String {
        format!("{:?} {} {}", peer.plane, peer.tls, peer.addr.ip())
    }
    async fn show_slowly() -> &'static str {
        sleep(SHORT * 3).await;
        "slow"
    }
    async fn show_much() -> Bytes {
        Bytes::from(vec![b'x'; MUCH])
    }
    async fn take(body: Bytes) -> String {
        format!("took {}", body.len())
    }
    async fn ponder(request: Request<axum::body::Body>) -> String {
        sleep(SHORT * 3).await;
        let body = request.into_body().collect().await.unwrap().to_bytes();
        sleep(SHORT * 3).await;
        format!("took {}", body.len())
    }
    Router::new()
        .route("/", get(show_peer))
        .route("/slow", get(show_slowly))
        .route("/much", get(show_much))
        .route("/never", get(std::future::pending::<()>))
        .route("/take", post(take))
        .route("/ponder", post(ponder))
}

pub(super) fn start_with(listen: Listen, tls: Option<Arc<rustls::ServerConfig>>, limits: Limits) -> Running {
    let listeners = Listeners::open(&listen, Handed::default(), tls).unwrap();
    let (_, addr) = listeners.addresses()[0];
    let (stop, shutdown) = Shutdown::channel();
    let done = tokio::spawn(serve(listeners, app(), limits, shutdown));
    Running { addr, stop, done }
}

pub(super) fn start(limits: Limits) -> Running {
    let listen = Listen { http: "127.0.0.1:0".parse().ok(), http_extra: Vec::new(), https: None };
    start_with(listen, None, limits)
}

/// The pair of the files.
fn shown(files: &CertificateFiles) -> Arc<Showcase> {
    let chain = CertificateDer::from_pem_file(&files.certificate).unwrap();
    Showcase::new(Pair::new(vec![chain], PrivateKeyDer::from_pem_file(&files.key).unwrap()).unwrap())
}

fn start_tls(certificates: &Arc<Showcase>, limits: Limits) -> Running {
    let listen = Listen { http: None, http_extra: Vec::new(), https: "127.0.0.1:0".parse().ok() };
    let tls = server_config(Arc::clone(certificates) as _).unwrap();
    start_with(listen, Some(tls), limits)
}

/// A certificate for `localhost` and its key, in the folder's `cert.pem` and `key.pem`.
fn write_pair(folder: &Path) -> (CertificateFiles, CertificateDer<'static>) {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = CertificateFiles { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
    std::fs::write(&files.certificate, pair.cert.pem()).unwrap();
    std::fs::write(&files.key, pair.signing_key.serialize_pem()).unwrap();
    (files, pair.cert.der().clone())
}

fn new_pair() -> (TempDir, CertificateFiles, CertificateDer<'static>) {
    let folder = tempfile::tempdir().unwrap();
    let (files, certificate) = write_pair(folder.path());
    (folder, files, certificate)
}

/// A TLS connection that trusts `certificate` alone.
async fn connect_tls(
    addr: SocketAddr,
    certificate: &CertificateDer<'static>,
    alpn: &[&str],
) -> io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(crate::tls::provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let tcp = TcpStream::connect(addr).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), tcp).await
}

/// Sends octets and gives all that comes back until the server closes.
pub(super) async fn exchange(addr: SocketAddr, octets: &str) -> String {
    let mut tcp = TcpStream::connect(addr).await.unwrap();
    tcp.write_all(octets.as_bytes()).await.unwrap();
    read_to_end(&mut tcp).await
}

/// All that comes until the other end closes, in whatever way it does.
pub(super) async fn read_to_end(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut all = Vec::new();
    let _ = timeout(LONG, stream.read_to_end(&mut all)).await.expect("the server never closed");
    String::from_utf8_lossy(&all).into_owned()
}

/// One answer on a connection that stays open; the answer's body ends with `end`.
pub(super) async fn read_answer(stream: &mut (impl AsyncReadExt + Unpin), end: &str) -> String {
    let mut all = String::new();
    let mut buffer = [0; 4096];
    while !all.ends_with(end) {
        let count = timeout(LONG, stream.read(&mut buffer)).await.expect("no answer").unwrap();
        assert_ne!(count, 0, "closed after {all:?}");
        all.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
    }
    all
}

pub(super) async fn is_closed(stream: &mut (impl AsyncReadExt + Unpin)) -> bool {
    !matches!(timeout(LONG, stream.read(&mut [0; 1])).await, Err(_) | Ok(Ok(1..)))
}

/// GET over HTTP/2 on any stream.
async fn get_h2<S>(stream: S, path: &str) -> (StatusCode, Version, String)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get(format!("https://localhost{path}")).body(Empty::<Bytes>::new()).unwrap();
    read_response(sender.send_request(request).await.unwrap()).await
}

pub(super) async fn read_response(response: Response<hyper::body::Incoming>) -> (StatusCode, Version, String) {
    let (parts, body) = response.into_parts();
    let octets = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.version, String::from_utf8_lossy(&octets).into_owned())
}

pub(super) const GET: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[tokio::test]
async fn http_1_0_is_answered_and_closed() {
    let server = start(Limits::default());
    let answer = exchange(server.addr, "GET / HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("Http false 127.0.0.1"), "{answer}");
}

#[tokio::test]
async fn http_1_1_keeps_the_connection() {
    let server = start(Limits::default());
    let mut tcp = TcpStream::connect(server.addr).await.unwrap();
    for _ in 0..3 {
        tcp.write_all(GET.as_bytes()).await.unwrap();
        let answer = read_answer(&mut tcp, "127.0.0.1").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn http_2_is_spoken_by_prior_knowledge() {
    let server = start(Limits::default());
    let tcp = TcpStream::connect(server.addr).await.unwrap();
    let (status, version, body) = get_h2(tcp, "/").await;
    assert_eq!((status, version), (StatusCode::OK, Version::HTTP_2));
    assert_eq!(body, "Http false 127.0.0.1");
}

#[tokio::test]
async fn http_2_is_chosen_by_alpn() {
    let (_folder, files, certificate) = new_pair();
    let server = start_tls(&shown(&files), Limits::default());
    let tls = connect_tls(server.addr, &certificate, &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(tls.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (status, version, body) = get_h2(tls, "/").await;
    assert_eq!((status, version), (StatusCode::OK, Version::HTTP_2));
    assert_eq!(body, "Https true 127.0.0.1");
}

#[tokio::test]
async fn http_1_1_is_spoken_over_tls_without_alpn() {
    let (_folder, files, certificate) = new_pair();
    let server = start_tls(&shown(&files), Limits::default());
    let mut tls = connect_tls(server.addr, &certificate, &[]).await.unwrap();
    tls.write_all(GET.as_bytes()).await.unwrap();
    assert!(read_answer(&mut tls, "127.0.0.1").await.ends_with("Https true 127.0.0.1"));
}

#[tokio::test]
async fn ipv4_on_a_socket_for_both_is_told_as_ipv4() {
    let listen = Listen { http: "[::]:0".parse().ok(), http_extra: Vec::new(), https: None };
    let server = start_with(listen, None, Limits::default());
    let answer = exchange(SocketAddr::from(([127, 0, 0, 1], server.addr.port())), "GET / HTTP/1.0\r\n\r\n").await;
    assert!(answer.ends_with("Http false 127.0.0.1"), "{answer}");
}

#[tokio::test]
async fn a_connection_that_sends_no_head_in_time_is_let_go() {
    let (_folder, files, _) = new_pair();
    let limits = Limits { head: SHORT, handshake: SHORT, ..Limits::default() };
    let plain = start(limits.clone());
    let encrypted = start_tls(&shown(&files), limits);
    for (addr, octets) in [(plain.addr, ""), (plain.addr, "GET / HTTP/1.1\r\nHost:"), (encrypted.addr, "")] {
        let begun = Instant::now();
        assert_eq!(exchange(addr, octets).await, "");
        assert!((SHORT..LONG).contains(&begun.elapsed()), "{octets:?} {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_head_that_drips_is_let_go() {
    let server = start(Limits { head: SHORT * 2, ..Limits::default() });
    let mut tcp = TcpStream::connect(server.addr).await.unwrap();
    tcp.write_all(GET.as_bytes()).await.unwrap();
    read_answer(&mut tcp, "127.0.0.1").await;
    let begun = Instant::now();
    while tcp.write_all(b"G").await.is_ok() && begun.elapsed() < LONG {
        sleep(SHORT / 5).await;
    }
    assert!(begun.elapsed() < LONG);
}

#[tokio::test]
async fn an_idle_connection_outlives_the_heads_deadline_but_not_its_own() {
    let server = start(Limits { head: SHORT, idle: SHORT * 4, ..Limits::default() });
    let mut tcp = TcpStream::connect(server.addr).await.unwrap();
    tcp.write_all(GET.as_bytes()).await.unwrap();
    read_answer(&mut tcp, "127.0.0.1").await;
    sleep(SHORT * 2).await;
    tcp.write_all(GET.as_bytes()).await.unwrap();
    read_answer(&mut tcp, "127.0.0.1").await;
    assert!(is_closed(&mut tcp).await);
}

#[tokio::test]
async fn an_idle_http_2_connection_is_closed() {
    let server = start(Limits { head: SHORT, idle: SHORT * 2, ..Limits::default() });
    let tcp = TcpStream::connect(server.addr).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(tcp)).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = Request::get("http://localhost/").body(Empty::<Bytes>::new()).unwrap();
    read_response(sender.send_request(request).await.unwrap()).await;
    timeout(LONG, connection).await.expect("the connection stays").unwrap().unwrap();
}

#[tokio::test]
async fn a_request_may_take_longer_than_every_deadline_of_a_connection() {
    let server = start(Limits { head: SHORT, idle: SHORT, stall: SHORT, ..Limits::default() });
    let answer = exchange(server.addr, "GET /slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    assert!(answer.ends_with("slow"), "{answer}");
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answer_is_cut() {
    let server = start(Limits { stall: SHORT, grace: LONG * 10, ..Limits::default() });
    let mut tcp = TcpStream::connect(server.addr).await.unwrap();
    tcp.write_all(b"GET /much HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    sleep(SHORT * 4).await;
    server.stop.now();
    timeout(LONG, server.done).await.expect("the connection stays").unwrap().unwrap();
}

#[tokio::test]
async fn a_long_answer_to_a_slow_client_arrives_whole() {
    let (_folder, files, certificate) = new_pair();
    let limits = Limits { head: SHORT, idle: SHORT, stall: LONG, ..Limits::default() };
    let plain = start(limits.clone());
    let encrypted = start_tls(&shown(&files), limits);
    let request = b"GET /much HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut tcp = TcpStream::connect(plain.addr).await.unwrap();
    tcp.write_all(request).await.unwrap();
    let mut tls = connect_tls(encrypted.addr, &certificate, &[]).await.unwrap();
    tls.write_all(request).await.unwrap();
    let (plain, encrypted) = tokio::join!(read_slowly(&mut tcp), read_slowly(&mut tls));
    assert!(plain > MUCH && encrypted > MUCH, "{plain} {encrypted}");
}

/// The number of octets until the server closes, taken so slowly that it lasts several deadlines.
async fn read_slowly(stream: &mut (impl AsyncReadExt + Unpin)) -> usize {
    let mut total = 0;
    let mut buffer = vec![0; 1 << 20];
    let mut pause_at = 0;
    while let Ok(Ok(count @ 1..)) = timeout(LONG, stream.read(&mut buffer)).await {
        total += count;
        if total > pause_at {
            pause_at += 1 << 20;
            sleep(SHORT / 8).await;
        }
    }
    total
}

#[tokio::test]
async fn too_many_or_too_long_headers_are_431() {
    let server = start(Limits::default());
    let many: String = (0..200).map(|number| format!("X-{number}: 1\r\n")).collect();
    let long = format!("X: {}\r\n", "y".repeat(20 * 1024));
    for headers in [many, long] {
        let answer = exchange(server.addr, &format!("GET / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
}

#[tokio::test]
async fn a_stop_lets_a_running_request_finish_and_takes_no_new_one() {
    let server = start(Limits::default());
    let mut idle = TcpStream::connect(server.addr).await.unwrap();
    let running = tokio::spawn(exchange(server.addr, "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    sleep(SHORT).await;
    server.stop.now();
    assert!(is_closed(&mut idle).await);
    assert!(TcpStream::connect(server.addr).await.is_err());
    assert!(running.await.unwrap().ends_with("slow"));
    timeout(LONG, server.done).await.expect("it never stopped").unwrap().unwrap();
}

#[tokio::test]
async fn a_stop_cuts_what_does_not_finish_in_time() {
    let server = start(Limits { grace: SHORT, ..Limits::default() });
    let mut tcp = TcpStream::connect(server.addr).await.unwrap();
    tcp.write_all(b"GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    sleep(SHORT).await;
    server.stop.now();
    timeout(LONG, server.done).await.expect("it never stopped").unwrap().unwrap();
    assert!(is_closed(&mut tcp).await);
}

#[tokio::test]
async fn connections_over_the_bound_wait_for_a_free_place() {
    let server = start(Limits { connections: 1, ..Limits::default() });
    let mut first = TcpStream::connect(server.addr).await.unwrap();
    first.write_all(GET.as_bytes()).await.unwrap();
    read_answer(&mut first, "127.0.0.1").await;
    let second = tokio::spawn(exchange(server.addr, "GET / HTTP/1.0\r\n\r\n"));
    sleep(SHORT).await;
    assert!(!second.is_finished());
    drop(first);
    assert!(second.await.unwrap().starts_with("HTTP/1.0 200"));
}

#[tokio::test]
async fn the_control_socket_knows_the_process_that_calls() {
    async fn show_process(Extension(peer): Extension<Peer>, Extension(process): Extension<UnixPeer>) -> String {
        format!("{:?} {}", peer.plane, process.uid)
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("control.sock");
    let (_stop, shutdown) = Shutdown::channel();
    let app = Router::new().route("/", get(show_process));
    tokio::spawn(serve_unix(UnixListener::bind(&path).unwrap(), app, Limits::default(), shutdown));
    let mut unix = UnixStream::connect(&path).await.unwrap();
    unix.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    let answer = read_to_end(&mut unix).await;
    assert!(answer.ends_with(&format!("Control {}", nix::unistd::getuid())), "{answer}");
}
