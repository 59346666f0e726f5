//! Sockets that systemd holds and hands over at the start, given to the real binary by a shell in systemd's place.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::process::{Home, Service};

/// The shell moves its standard input and output to 3 and 4, and becomes the service: so `LISTEN_PID` is right.
const SHELL: &str = "exec 3<&0 4>&1 0</dev/null 1>/dev/null; LISTEN_PID=$$ exec \"$@\"";

/// `carillon serve` with two descriptors.
fn with_sockets(home: &Home, names: &str, sockets: [OwnedFd; 2]) -> Command {
    let [first, second] = sockets;
    let mut command = Command::new("/bin/sh");
    command.env_clear().current_dir(home.dir.path()).args(["-c", SHELL, "sh", env!("CARGO_BIN_EXE_carillon")]);
    command.arg("--config").arg(home.config()).arg("serve");
    command.env("LISTEN_FDS", "2").env("LISTEN_FDNAMES", names);
    command.stdin(Stdio::from(first)).stdout(Stdio::from(second));
    command
}

fn listener() -> (TcpListener, u16) {
    let socket = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

/// A client that came before there was a service.
fn queued(port: u16) -> TcpStream {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    socket.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    socket
}

fn read_all(mut stream: impl Read) -> String {
    let mut all = Vec::new();
    // Who closes without a goodbye has answered all the same.
    let _ = stream.read_to_end(&mut all);
    String::from_utf8_lossy(&all).into_owned()
}

/// A configuration with a certificate for `localhost`, whose own HTTPS address cannot be opened.
fn with_certificate(home: &mut Home) -> CertificateDer<'static> {
    let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (home.dir.path().join("cert.pem"), home.dir.path().join("key.pem"));
    fs::write(&certificate, pair.cert.pem()).unwrap();
    fs::write(&key, pair.signing_key.serialize_pem()).unwrap();
    home.configure("");
    let tls = format!(
        "https = \"192.0.2.1:443\"\n[tls]\nmode = \"files\"\n[tls.files]\ncertificate = {certificate:?}\nkey = {key:?}\n"
    );
    fs::write(home.config(), fs::read_to_string(home.config()).unwrap() + &tls).unwrap();
    CertificateDer::from_pem_slice(pair.cert.pem().as_bytes()).unwrap()
}

fn encrypted(socket: TcpStream, certificate: CertificateDer<'static>) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(carillon::tls::provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), socket)
}

#[test]
fn who_connected_before_the_start_is_answered_on_both_ports() {
    let mut home = Home::new();
    let certificate = with_certificate(&mut home);
    let ((http, http_port), (https, https_port)) = (listener(), listener());
    let plain = queued(http_port);
    let mut tls = encrypted(TcpStream::connect(("127.0.0.1", https_port)).unwrap(), certificate);
    let asking = std::thread::spawn(move || {
        tls.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        read_all(tls)
    });
    let mut command = with_sockets(&home, "http:https", [http.into(), https.into()]);
    let service = Service { child: command.stderr(Stdio::null()).spawn().unwrap(), port: 0 };
    // It holds the sockets, too.
    drop(command);
    assert!(read_all(plain).starts_with("HTTP/1.1 308 "));
    assert!(asking.join().unwrap().starts_with("HTTP/1.1 200 "));
    drop(service);
}

#[test]
fn two_sockets_of_one_name_are_both_used_in_place_of_the_configured_address() {
    let home = Home::new();
    // Taken, so that to open it as well would end the start.
    let taken = TcpListener::bind(("127.0.0.1", home.port)).unwrap();
    let ((first, first_port), (second, second_port)) = (listener(), listener());
    let (one, two) = (queued(first_port), queued(second_port));
    let mut command = with_sockets(&home, "http:http", [first.into(), second.into()]);
    let service = Service { child: command.stderr(Stdio::null()).spawn().unwrap(), port: 0 };
    // It holds the sockets, too.
    drop(command);
    assert!(read_all(one).starts_with("HTTP/1.1 200 "));
    assert!(read_all(two).starts_with("HTTP/1.1 200 "));
    drop(taken);
    drop(service);
}

#[test]
fn sockets_of_other_names_are_closed_and_told_in_one_line() {
    let home = Home::new();
    let ((first, first_port), (second, second_port)) = (listener(), listener());
    let service = home.started(with_sockets(&home, "carillon.socket:ftp", [first.into(), second.into()]));
    assert_eq!(service.get("/health").status, 200);
    assert!(TcpStream::connect(("127.0.0.1", first_port)).is_err());
    assert!(TcpStream::connect(("127.0.0.1", second_port)).is_err());
    let told: Vec<_> =
        home.log().lines().filter(|line| line.contains("carillon.socket, ftp")).map(str::to_owned).collect();
    assert_eq!(told.len(), 1, "{}", home.log());
}

#[test]
fn https_without_a_certificate_is_told_and_the_rest_is_served() {
    let home = Home::new();
    let ((first, _), (second, _)) = (listener(), listener());
    let service = home.started(with_sockets(&home, "https:other", [first.into(), second.into()]));
    assert_eq!(service.get("/health").status, 200);
    assert!(home.log().contains("a socket named https, but tls.mode is \"off\""), "{}", home.log());
}

#[test]
fn what_is_no_listening_tcp_socket_ends_the_start_in_one_line() {
    let home = Home::new();
    let connected = |port| TcpStream::connect(("127.0.0.1", port)).unwrap();
    let (there, port) = listener();
    let rows: [(&str, OwnedFd); 4] = [
        ("a datagram socket", UdpSocket::bind(("127.0.0.1", 0)).unwrap().into()),
        ("a Unix socket", UnixListener::bind(home.dir.path().join("s")).unwrap().into()),
        ("a connection", connected(port).into()),
        ("a file", fs::File::open("/dev/null").unwrap().into()),
    ];
    for (what, socket) in rows {
        let (good, _) = listener();
        let done = with_sockets(&home, "http:https", [good.into(), socket]).output().unwrap();
        let told = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(1), "{what}: {told}");
        assert!(
            told.starts_with("carillon: systemd handed over \"https\" (descriptor 4), which is no listening TCP"),
            "{told}"
        );
        assert_eq!(told.lines().count(), 1, "{what}: {told}");
    }
    drop(there);
}

#[test]
fn variables_for_another_process_are_let_be() {
    let home = Home::new();
    let mut command = home.command(&["serve"]);
    command.env("LISTEN_PID", "1").env("LISTEN_FDS", "1").env("LISTEN_FDNAMES", "http");
    command.stdin(Stdio::null()).stdout(Stdio::null());
    assert_eq!(home.started(command).get("/health").status, 200);
}
