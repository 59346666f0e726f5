//! TLS beside nginx: `cargo bench --bench tls`.
//!
//! Starts the real binary and nginx (where it is installed) with one key and certificate (ECDSA P-256), and asks both, in
//! turn, for new TLS 1.3 handshakes, full and resumed: handshakes per second, and the processor time of the server for
//! each, from `/proc`. The clients are rustls in threads of this program, which the server's time does not count. Then the
//! memory of an idle connection, and the time from the start to the first answer over HTTPS with the certificate at hand.
//! `--quick` makes short rounds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::TLS13;
use rustls::{ClientConfig, ClientConnection, HandshakeKind, RootCertStore, StreamOwned};
use tokio_rustls::TlsConnector;

const THREADS: usize = 4;
const CONNECTIONS: usize = 1000;
const REQUEST: &[u8] = b"GET /api/v1/version HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// How long, and how often.
struct Rounds {
    count: usize,
    each: Duration,
}

/// A server under test: its processes are found by the first one's number.
struct Peer {
    name: &'static str,
    process: Child,
    address: SocketAddr,
}

/// What one round found.
struct Round {
    per_second: f64,
    cpu_micros: f64,
}

fn main() {
    let quick = std::env::args().any(|arg| arg == "--quick");
    let rounds = match quick {
        true => Rounds { count: 1, each: Duration::from_millis(500) },
        false => Rounds { count: 7, each: Duration::from_secs(4) },
    };
    let folder = tempfile::tempdir().unwrap();
    let certificate = write_pair(folder.path());
    for (resumption, what) in [(false, "new TLS 1.3 handshake"), (true, "resumed one with a request")] {
        let mut peers = vec![carillon(folder.path())];
        peers.extend(nginx(folder.path(), resumption));
        handshakes(&peers, &certificate, resumption, &rounds, what);
    }
    memory(folder.path(), &certificate);
    let mut starts: Vec<Duration> = (0..rounds.count).map(|_| start(folder.path(), &certificate)).collect();
    starts.sort();
    println!("{:9.1} ms  start to first answer over HTTPS", starts[starts.len() / 2].as_secs_f64() * 1e3);
}

fn write_pair(folder: &Path) -> CertificateDer<'static> {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("cert.pem"), pair.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), pair.signing_key.serialize_pem()).unwrap();
    CertificateDer::from_pem_slice(pair.cert.pem().as_bytes()).unwrap()
}

fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

fn carillon(folder: &Path) -> Peer {
    let address = free_address();
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let text = format!(
        "data_dir = {:?}\n[listen]\nhttp = \"\"\nhttps = \"{address}\"\n[tls]\nmode = \"files\"\n\
         [tls.files]\ncertificate = {certificate:?}\nkey = {key:?}\n",
        folder.join("data")
    );
    fs::write(folder.join("carillon.toml"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_carillon"));
    command.arg("--config").arg(folder.join("carillon.toml")).arg("serve").env_clear();
    Peer { name: "carillon", process: command.stderr(Stdio::null()).spawn().unwrap(), address }.awaited()
}

/// Tickets are off where each handshake is to be a full one.
fn nginx(folder: &Path, tickets: bool) -> Option<Peer> {
    let address = free_address();
    let dir = folder.display();
    let tickets = if tickets { "on" } else { "off" };
    let text = format!(
        "daemon off; worker_processes 2; pid {dir}/nginx.pid; error_log {dir}/error.log warn;\n\
         events {{ worker_connections 2048; }}\nhttp {{ access_log off; tcp_nodelay on;\n\
         client_body_temp_path {dir}/b; proxy_temp_path {dir}/p; fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;\n\
         server {{ listen {address} ssl; ssl_protocols TLSv1.3; ssl_session_tickets {tickets};\n\
         ssl_certificate {dir}/cert.pem; ssl_certificate_key {dir}/key.pem; location / {{ return 200 ok; }} }} }}\n"
    );
    fs::write(folder.join("nginx.conf"), text).unwrap();
    let program = ["/usr/sbin/nginx", "/usr/bin/nginx"].into_iter().find(|path| Path::new(path).exists());
    let Some(program) = program else {
        println!("nginx is not installed: apt-get install nginx-light; there is nothing to compare with");
        return None;
    };
    let mut command = Command::new(program);
    command.arg("-c").arg(folder.join("nginx.conf")).arg("-e").arg(folder.join("error.log")).stderr(Stdio::null());
    Some(Peer { name: "nginx", process: command.spawn().unwrap(), address }.awaited())
}

impl Peer {
    fn awaited(self) -> Self {
        while TcpStream::connect(self.address).is_err() {
            std::thread::sleep(Duration::from_millis(1));
        }
        self
    }

    /// User and system time of the first process and its children.
    fn cpu(&self) -> Duration {
        let root = self.process.id();
        let stats = fs::read_dir("/proc").unwrap().filter_map(|entry| stat(&entry.ok()?.path()));
        let ticks: u64 =
            stats.filter(|(pid, parent, _)| [*pid, *parent].contains(&root)).map(|(_, _, ticks)| ticks).sum();
        // A tick is a hundredth of a second on every Linux that we know of (USER_HZ).
        Duration::from_millis(ticks * 10)
    }

    fn resident_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let process = nix::unistd::Pid::from_raw(i32::try_from(self.process.id()).unwrap());
        // nginx ends its workers on SIGTERM alone.
        let _ = nix::sys::signal::kill(process, nix::sys::signal::SIGTERM);
        let _ = self.process.wait();
    }
}

/// The process, its parent, and its ticks so far (proc(5): fields 4, 14, 15 of `stat`).
fn stat(process: &Path) -> Option<(u32, u32, u64)> {
    let pid = process.file_name()?.to_str()?.parse().ok()?;
    let text = fs::read_to_string(process.join("stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields[11].parse::<u64>().ok()? + fields[12].parse::<u64>().ok()?;
    Some((pid, fields[1].parse().ok()?, ticks))
}

fn client(certificate: &CertificateDer<'static>, resumption: bool, alpn: &[u8]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(carillon::tls::provider()));
    let mut config =
        builder.with_protocol_versions(&[&TLS13]).unwrap().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
    if !resumption {
        config.resumption = Resumption::disabled();
    }
    Arc::new(config)
}

/// Rounds in turn, so that whatever else the machine does meets both.
fn handshakes(peers: &[Peer], certificate: &CertificateDer<'static>, resumption: bool, rounds: &Rounds, what: &str) {
    let mut found: Vec<Vec<Round>> = peers.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds.count {
        for (peer, found) in peers.iter().zip(&mut found) {
            found.push(round(peer, certificate, resumption, rounds.each));
        }
    }
    for (peer, found) in peers.iter().zip(&found) {
        let per_second = median(found.iter().map(|round| round.per_second));
        let cpu = median(found.iter().map(|round| round.cpu_micros));
        println!("{per_second:9.0} /s  {cpu:7.1} µs of processor each  {what}, {}", peer.name);
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn round(peer: &Peer, certificate: &CertificateDer<'static>, resumption: bool, time: Duration) -> Round {
    let (done, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (before, start) = (peer.cpu(), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            // Each with sessions of its own.
            scope.spawn(|| {
                let client = client(certificate, resumption, b"http/1.1");
                // The first one has nothing to resume.
                shake_hands(peer.address, &client, HandshakeKind::Full, resumption);
                let kind = if resumption { HandshakeKind::Resumed } else { HandshakeKind::Full };
                while !stop.load(Ordering::Relaxed) {
                    shake_hands(peer.address, &client, kind, resumption);
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
    });
    let (count, cpu) = (done.into_inner() as f64, peer.cpu() - before);
    Round { per_second: count / start.elapsed().as_secs_f64(), cpu_micros: cpu.as_secs_f64() * 1e6 / count }
}

/// One handshake and the goodbye. Where sessions are resumed a request is made, too: the ticket comes with its answer.
fn shake_hands(address: SocketAddr, client: &Arc<ClientConfig>, kind: HandshakeKind, resumption: bool) {
    let mut tls = connect(address, client);
    assert_eq!(tls.conn.handshake_kind(), Some(kind));
    if resumption {
        ask(&mut tls);
    }
    tls.conn.send_close_notify();
    // The server may have gone first.
    let _ = tls.conn.complete_io(&mut tls.sock);
}

fn connect(address: SocketAddr, client: &Arc<ClientConfig>) -> StreamOwned<ClientConnection, TcpStream> {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_nodelay(true).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut connection = ClientConnection::new(Arc::clone(client), name).unwrap();
    while connection.is_handshaking() {
        connection.complete_io(&mut socket).unwrap();
    }
    StreamOwned::new(connection, socket)
}

/// One answer, whose body is short enough to come along.
fn ask(tls: &mut StreamOwned<ClientConnection, TcpStream>) {
    tls.write_all(REQUEST).unwrap();
    let mut buffer = [0; 4096];
    let count = tls.read(&mut buffer).unwrap();
    assert!(buffer[..count].starts_with(b"HTTP/1.1 200"));
}

/// The difference that so many connections make, each after one request.
fn memory(folder: &Path, certificate: &CertificateDer<'static>) {
    for (alpn, what) in [(&b"http/1.1"[..], "HTTP/1.1"), (b"h2", "HTTP/2")] {
        let peer = carillon(folder);
        let client = client(certificate, true, alpn);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        // What the first connections cost once is not to be counted.
        let first = runtime.block_on(open(&peer, &client, 50));
        let before = peer.resident_kib();
        let kept = runtime.block_on(open(&peer, &client, CONNECTIONS - first.len() - 20));
        let each = (peer.resident_kib() - before) as f64 / kept.len() as f64;
        println!("{each:9.1} KiB resident for each idle connection, {what}");
    }
}

type Sender = hyper::client::conn::http2::SendRequest<Empty<Bytes>>;

/// What keeps a connection open.
enum Kept {
    Http1 { _sender: hyper::client::conn::http1::SendRequest<Empty<Bytes>> },
    Http2 { _sender: Sender },
}

async fn open(peer: &Peer, client: &Arc<ClientConfig>, count: usize) -> Vec<Kept> {
    let mut kept = Vec::new();
    for _ in 0..count {
        let tcp = tokio::net::TcpStream::connect(peer.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let tls = TlsConnector::from(Arc::clone(client)).connect(name, tcp).await.unwrap();
        kept.push(ask_once(tls).await);
    }
    kept
}

async fn ask_once(tls: tokio_rustls::client::TlsStream<tokio::net::TcpStream>) -> Kept {
    let request = hyper::Request::get("https://localhost/api/v1/version").header("host", "localhost");
    let request = request.body(Empty::<Bytes>::new()).unwrap();
    let is_h2 = tls.get_ref().1.alpn_protocol() == Some(b"h2");
    let (response, kept) = if is_h2 {
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(tls)).await.unwrap();
        tokio::spawn(connection);
        (sender.send_request(request).await.unwrap(), Kept::Http2 { _sender: sender })
    } else {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tls)).await.unwrap();
        tokio::spawn(connection);
        (sender.send_request(request).await.unwrap(), Kept::Http1 { _sender: sender })
    };
    assert_eq!(response.status(), 200);
    response.into_body().collect().await.unwrap();
    kept
}

fn start(folder: &Path, certificate: &CertificateDer<'static>) -> Duration {
    let client = client(certificate, false, b"http/1.1");
    let begin = Instant::now();
    let peer = carillon(folder);
    ask(&mut connect(peer.address, &client));
    begin.elapsed()
}
