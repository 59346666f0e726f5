//! The HTTPS port over real sockets on loopback: who is answered, who is sent away, and how.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, HandshakeKind, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::tests::{GET, LONG, Running, SHORT, exchange, is_closed, read_answer, read_to_end, start_with};
use super::*;
use crate::config::Listen;
use crate::tls::{ACME_TLS, Pair, Showcase, provider, server_config};

/// A server with a certificate for `localhost`, and what it shows.
fn start(limits: Limits) -> (Running, Arc<Showcase>) {
    let showcase = Showcase::new(new_pair());
    let listen = Listen { http: None, http_extra: Vec::new(), https: "127.0.0.1:0".parse().ok() };
    (start_with(listen, Some(server_config(Arc::clone(&showcase) as _).unwrap()), limits), showcase)
}

fn new_pair() -> Pair {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    Pair::from_pem(pair.cert.pem().as_bytes(), &pair.signing_key.serialize_der()).unwrap()
}

/// A client that trusts this pair alone and remembers its sessions.
fn client(pair: &Pair, versions: &[&'static SupportedProtocolVersion], alpn: &[&[u8]]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::clone(&pair.chain()[0])).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(provider())).with_protocol_versions(versions).unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    Arc::new(config)
}

async fn connect(addr: SocketAddr, client: &Arc<ClientConfig>, name: &'static str) -> io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(addr).await?;
    TlsConnector::from(Arc::clone(client)).connect(ServerName::try_from(name).unwrap(), tcp).await
}

/// Sends octets and gives those that come back until the server closes.
async fn answer_to(addr: SocketAddr, octets: &[u8]) -> Vec<u8> {
    let mut tcp = TcpStream::connect(addr).await.unwrap();
    tcp.write_all(octets).await.unwrap();
    let mut all = Vec::new();
    let _ = timeout(LONG, tcp.read_to_end(&mut all)).await.expect("the server never closed");
    all
}

/// Whether these octets are one fatal alert of this description (RFC 8446, section 6).
fn is_alert(octets: &[u8], description: u8) -> bool {
    matches!(octets, [0x15, 3, _, 0, 2, 2, found] if *found == description)
}

#[tokio::test]
async fn plain_http_on_the_https_port_is_told_so_and_closed() {
    let (server, _) = start(Limits::default());
    let upload = format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n{}", "x".repeat(9999));
    for request in [GET, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &upload] {
        let answer = exchange(server.addr, request).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 400 ") && body.contains("https://"), "{answer}");
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{answer}");
    }
}

#[tokio::test]
async fn rubbish_is_answered_by_an_alert_and_closed() {
    let (server, _) = start(Limits::default());
    let rows: [&[u8]; 4] = [&[0; 32], b"\x16\x03\x01\x00\x05hello", &[0x80, 0x2e, 1, 0, 2, 0, 0, 0], &[0xff; 64]];
    for octets in rows {
        let answer = answer_to(server.addr, octets).await;
        assert!(matches!(answer.as_slice(), [] | [0x15, 3, _, 0, 2, 2, _]), "{octets:?} {answer:?}");
    }
    let (server, showcase) = start(Limits::default());
    connect(server.addr, &client(&showcase.current(), &[&TLS13], &[]), "localhost").await.unwrap();
}

#[tokio::test]
async fn tls_1_1_is_refused_by_its_alert() {
    let (server, _) = start(Limits::default());
    let hello = [&[3, 2][..], &[7; 32], &[0, 0, 2, 0, 0x2f, 1, 0]].concat();
    let message = [&[1, 0, 0, u8::try_from(hello.len()).unwrap()][..], &hello].concat();
    let record = [&[0x16, 3, 1, 0, u8::try_from(message.len()).unwrap()][..], &message].concat();
    let answer = answer_to(server.addr, &record).await;
    assert!(is_alert(&answer, 70), "{answer:?}");
}

#[tokio::test]
async fn an_unknown_name_gets_the_certificate_that_there_is() {
    let (server, showcase) = start(Limits::default());
    let client = client(&showcase.current(), &[&TLS13, &TLS12], &[]);
    let error = connect(server.addr, &client, "other.example").await.unwrap_err().to_string();
    assert!(error.contains("not valid for name"), "{error}");
    connect(server.addr, &client, "localhost").await.unwrap();
}

#[tokio::test]
async fn a_client_hello_that_drips_is_let_go() {
    let (server, _) = start(Limits { handshake: SHORT * 2, ..Limits::default() });
    let mut tcp = TcpStream::connect(server.addr).await.unwrap();
    let begun = Instant::now();
    tcp.write_all(&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]).await.unwrap();
    while tcp.write_all(&[7]).await.is_ok() && begun.elapsed() < LONG {
        sleep(SHORT / 10).await;
    }
    assert!((SHORT * 2..LONG).contains(&begun.elapsed()), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn who_looks_at_a_challenge_gets_its_answer_and_no_http() {
    let (server, showcase) = start(Limits::default());
    let answer = new_pair();
    let key = CertifiedKey::clone(&answer.certified_key());
    showcase.challenges.offer_certificate("localhost", key);
    let mut tls = connect(server.addr, &client(&answer, &[&TLS13, &TLS12], &[ACME_TLS]), "localhost").await.unwrap();
    assert_eq!(tls.get_ref().1.alpn_protocol(), Some(ACME_TLS));
    let _ = tls.write_all(GET.as_bytes()).await;
    assert_eq!(read_to_end(&mut tls).await, "");
}

#[tokio::test]
async fn a_challenge_that_is_not_on_offer_ends_in_an_alert() {
    let (server, showcase) = start(Limits::default());
    let client = client(&showcase.current(), &[&TLS13, &TLS12], &[ACME_TLS]);
    let error = connect(server.addr, &client, "localhost").await.unwrap_err().to_string();
    assert!(error.contains("AccessDenied"), "{error}");
}

#[tokio::test]
async fn sessions_are_resumed_by_new_connections() {
    let (server, showcase) = start(Limits::default());
    for version in [&TLS12, &TLS13] {
        let client = client(&showcase.current(), &[version], &[b"http/1.1"]);
        let mut kinds = Vec::new();
        for _ in 0..3 {
            let mut tls = connect(server.addr, &client, "localhost").await.unwrap();
            tls.write_all(GET.as_bytes()).await.unwrap();
            read_answer(&mut tls, "127.0.0.1").await;
            kinds.push(tls.get_ref().1.handshake_kind().unwrap());
        }
        let resumed = HandshakeKind::Resumed;
        assert_eq!(kinds, [HandshakeKind::Full, resumed, resumed], "{version:?}");
    }
}

#[tokio::test]
async fn a_flood_of_silent_connections_keeps_nobody_out() {
    let limits = Limits { connections: 32, head_when_full: SHORT, ..Limits::default() };
    let (server, showcase) = start(limits);
    let client = client(&showcase.current(), &[&TLS13], &[]);
    let mut flood = Vec::new();
    for _ in 0..100 {
        flood.push(TcpStream::connect(server.addr).await.unwrap());
    }
    let begun = Instant::now();
    let mut tls = timeout(LONG, connect(server.addr, &client, "localhost")).await.expect("kept out").unwrap();
    tls.write_all(GET.as_bytes()).await.unwrap();
    read_answer(&mut tls, "127.0.0.1").await;
    assert!(begun.elapsed() < LONG, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn idle_connections_make_room_when_others_wait() {
    let (server, showcase) = start(Limits { connections: 4, idle_when_full: SHORT, ..Limits::default() });
    let client = client(&showcase.current(), &[&TLS13], &[]);
    let mut kept = Vec::new();
    for _ in 0..12 {
        let mut tls = timeout(LONG, connect(server.addr, &client, "localhost")).await.expect("kept out").unwrap();
        tls.write_all(GET.as_bytes()).await.unwrap();
        read_answer(&mut tls, "127.0.0.1").await;
        kept.push(tls);
    }
    assert!(is_closed(&mut kept[0]).await);
}

#[tokio::test]
async fn a_running_request_keeps_its_place_when_others_wait() {
    let limits = Limits { connections: 2, head_when_full: SHORT, idle_when_full: SHORT, ..Limits::default() };
    let (server, showcase) = start(limits);
    let client = client(&showcase.current(), &[&TLS13], &[]);
    let mut busy = connect(server.addr, &client, "localhost").await.unwrap();
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let _silent = (TcpStream::connect(server.addr).await.unwrap(), TcpStream::connect(server.addr).await.unwrap());
    assert!(read_to_end(&mut busy).await.ends_with("slow"));
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_a_large_answer_is_cut() {
    let (server, showcase) = start(Limits { stall: SHORT, grace: LONG * 10, ..Limits::default() });
    let mut tls = connect(server.addr, &client(&showcase.current(), &[&TLS13], &[]), "localhost").await.unwrap();
    tls.write_all(b"GET /much HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    sleep(SHORT * 4).await;
    server.stop.now();
    timeout(LONG, server.done).await.expect("the connection stays").unwrap().unwrap();
}
