//! What stands between a service and its authority, over TLS as both: it passes on what is asked, until a step at which it
//! has been told to end the service, or to be silent.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::pebble::Pebble;
use crate::process::Service;

/// When the service is ended, or left without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Killed before the authority hears of the request.
    Before,
    /// Killed when the authority has answered, and before the service hears of it.
    After,
    /// Not killed: the authority never answers.
    Silence,
}

/// What is done, at the first request whose path begins so.
struct Trap {
    path: &'static str,
    moment: Moment,
    victim: Option<Pid>,
    is_sprung: bool,
}

/// The go-between. Its threads end with the tests.
#[derive(Clone)]
pub struct GoBetween {
    port: u16,
    authority: u16,
    near: Arc<ServerConfig>,
    far: Arc<ClientConfig>,
    trap: Arc<Mutex<Option<Trap>>>,
}

impl GoBetween {
    /// Listens, and answers as the authority would.
    pub fn start(pebble: &Pebble) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (authority, certificate, key) = pebble.api();
        let provider = || Arc::new(carillon::tls::provider());
        let near = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
        let near = near.with_no_client_auth().with_single_cert(
            vec![CertificateDer::from_pem_file(certificate).unwrap()],
            PrivateKeyDer::from_pem_file(key).unwrap(),
        );
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(pebble.ca_file()).unwrap()).unwrap();
        let far = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
        let far = Arc::new(far.with_root_certificates(roots).with_no_client_auth());
        let this = Self { port, authority, near: Arc::new(near.unwrap()), far, trap: Arc::default() };
        let listening = this.clone();
        std::thread::spawn(move || {
            for tcp in listener.incoming().flatten() {
                let this = listening.clone();
                // Whoever is killed breaks off.
                std::thread::spawn(move || drop(this.pass_on(tcp)));
            }
        });
        this
    }

    pub fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.port)
    }

    /// Lies in wait at a step.
    pub fn set(&self, path: &'static str, moment: Moment) {
        *self.trap.lock().unwrap() = Some(Trap { path, moment, victim: None, is_sprung: false });
    }

    /// Whom to kill: it may have come to the step already, where it is waited for.
    pub fn aim(&self, service: &Service) {
        let pid = Pid::from_raw(i32::try_from(service.child.id()).unwrap());
        self.trap.lock().unwrap().as_mut().unwrap().victim = Some(pid);
    }

    /// Has somebody come to the step?
    pub fn is_sprung(&self) -> bool {
        self.trap.lock().unwrap().as_ref().is_some_and(|trap| trap.is_sprung)
    }

    /// From now on all is passed on.
    pub fn clear(&self) {
        *self.trap.lock().unwrap() = None;
    }

    fn spring(&self, path: &str) -> Option<Moment> {
        let mut trap = self.trap.lock().unwrap();
        let trap = trap.as_mut().filter(|trap| path.starts_with(trap.path) && !trap.is_sprung)?;
        trap.is_sprung = true;
        Some(trap.moment)
    }

    fn kill(&self) {
        loop {
            if let Some(victim) = self.trap.lock().unwrap().as_ref().and_then(|trap| trap.victim) {
                return kill(victim, Signal::SIGKILL).unwrap();
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn pass_on(&self, tcp: TcpStream) -> std::io::Result<()> {
        let mut near = StreamOwned::new(ServerConnection::new(self.near.clone()).unwrap(), tcp);
        let (path, request) = read_request(&mut near)?;
        let moment = self.spring(&path);
        match moment {
            Some(Moment::Before) => {
                self.kill();
                return Ok(());
            }
            Some(Moment::Silence) => {
                // Until the other side goes.
                return near.read_exact(&mut [0]);
            }
            Some(Moment::After) | None => {}
        }
        let answer = self.ask(&request)?;
        if moment.is_some() {
            self.kill();
            return Ok(());
        }
        near.write_all(&answer)?;
        near.conn.send_close_notify();
        near.flush()
    }

    fn ask(&self, request: &[u8]) -> std::io::Result<Vec<u8>> {
        let name = ServerName::try_from("localhost").unwrap();
        let tls = ClientConnection::new(self.far.clone(), name).unwrap();
        let mut far = StreamOwned::new(tls, TcpStream::connect(("127.0.0.1", self.authority))?);
        far.write_all(request)?;
        let mut answer = Vec::new();
        match far.read_to_end(&mut answer) {
            Err(error) if error.kind() != ErrorKind::UnexpectedEof => Err(error),
            _ => Ok(answer),
        }
    }
}

/// The path; and the request as it came, but for a word that the connection ends with it.
fn read_request(stream: &mut impl Read) -> std::io::Result<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let field = |name: &str| head.lines().find(|line| line.to_ascii_lowercase().starts_with(name));
    let length = field("content-length:").map_or(0, |line| line["content-length:".len()..].trim().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let kept = head.trim_end().lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    let text = kept.chain(["connection: close", "", ""]).collect::<Vec<_>>().join("\r\n");
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    Ok((path, [text.into_bytes(), body].concat()))
}
