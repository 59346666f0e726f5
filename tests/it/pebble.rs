//! A certificate authority of our own on loopback: Let's Encrypt's Pebble, with the DNS mock that comes with it (Debian
//! package `pebble`). Each test has one, on free ports; both processes end with it.

use std::fs::{self, File};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// How it behaves.
#[derive(Clone, Copy)]
pub struct Habits {
    /// Of what it issues, in seconds.
    pub validity_secs: u32,
    /// How many nonces in a hundred it refuses.
    pub bad_nonces: u32,
    /// Whether it takes up to five seconds for each look, as Pebble does unless told otherwise.
    pub is_slow: bool,
}

impl Default for Habits {
    fn default() -> Self {
        Self { validity_secs: 90 * 86_400, bad_nonces: 5, is_slow: false }
    }
}

/// Where it looks for the answers to challenges.
#[derive(Clone, Copy)]
pub struct Doors {
    pub http: u16,
    pub tls: u16,
}

/// The authority. Its state is lost with its process.
pub struct Pebble {
    dir: tempfile::TempDir,
    api: u16,
    management: u16,
    dns: u16,
    habits: Habits,
    authority: Option<Child>,
    mock: Option<Child>,
}

impl Pebble {
    /// Ready to be started; `None`, loudly, where the package is missing.
    #[allow(clippy::disallowed_methods)] // What the gate says is in the environment alone.
    pub fn new(doors: Doors, habits: Habits) -> Option<Self> {
        if !is_installed() {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "pebble is missing: apt-get install pebble");
            // `eprintln!` in a test that passes is not seen.
            drop(writeln!(std::io::stderr(), "SKIPPED: pebble is missing; apt-get install pebble"));
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        make_api_certificate(dir.path());
        let [api, management, dns] = [free_port(), free_port(), free_port()];
        let config = serde_json::json!({"pebble": {
            "listenAddress": format!("127.0.0.1:{api}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": dir.path().join("api.pem"),
            "privateKey": dir.path().join("api.key"),
            "httpPort": doors.http,
            "tlsPort": doors.tls,
            "ocspResponderURL": "",
            "domainBlocklist": ["blocked.test"],
            "certificateValidityPeriod": habits.validity_secs,
        }});
        fs::write(dir.path().join("pebble.json"), config.to_string()).unwrap();
        Some(Self { dir, api, management, dns, habits, authority: None, mock: None })
    }

    /// Starts it, without anything that it knew before.
    pub fn start(&mut self) {
        let dns = format!("127.0.0.1:{}", self.dns);
        if self.mock.is_none() {
            // Each name is at 127.0.0.1; no IPv6, which Pebble would try first.
            let args =
                ["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", "", "-defaultIPv4", "127.0.0.1"];
            let management = format!("127.0.0.1:{}", free_port());
            let mut command = Command::new("pebble-challtestsrv");
            command.args(args).args(["-dns01", &dns, "-management", &management]);
            self.mock = Some(spawn(command, &self.dir.path().join("mock.log")));
        }
        let mut command = Command::new("pebble");
        command.arg("-config").arg(self.dir.path().join("pebble.json")).args(["-dnsserver", &dns]);
        command.env("PEBBLE_VA_NOSLEEP", if self.habits.is_slow { "0" } else { "1" });
        command.env("PEBBLE_WFE_NONCEREJECT", self.habits.bad_nonces.to_string());
        self.authority = Some(spawn(command, &self.dir.path().join("pebble.log")));
        for port in [self.dns, self.management, self.api] {
            self.wait_for(port);
        }
    }

    /// Ends it; the ports stay closed.
    pub fn stop(&mut self) {
        end(&mut self.authority);
    }

    pub fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.api)
    }

    /// Where its API is, and the certificate and key with which it answers there.
    pub fn api(&self) -> (u16, PathBuf, PathBuf) {
        (self.api, self.dir.path().join("api.pem"), self.dir.path().join("api.key"))
    }

    /// How often it has said something.
    pub fn count(&self, words: &str) -> usize {
        let log = fs::read_to_string(self.dir.path().join("pebble.log")).unwrap_or_default();
        log.matches(words).count()
    }

    /// How many accounts, orders and certificates it has made.
    pub fn made(&self) -> [usize; 3] {
        ["accounts in memory", "Added order", "Issued certificate serial"].map(|words| self.count(words))
    }

    /// The root of its API: what `tls.acme.ca_file` names.
    pub fn ca_file(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// The port of [`Self::issuing_root`].
    pub fn management_port(&self) -> u16 {
        self.management
    }

    /// Where the root is had of what it issues: a new one at each start.
    pub fn issuing_root(&self) -> String {
        format!("https://localhost:{}/roots/0", self.management)
    }

    fn wait_for(&self, port: u16) {
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let log = || fs::read_to_string(self.dir.path().join("pebble.log")).unwrap_or_default();
            assert!(Instant::now() < end, "pebble does not listen on {port}: {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        end(&mut self.authority);
        end(&mut self.mock);
    }
}

fn end(child: &mut Option<Child>) {
    if let Some(mut child) = child.take() {
        drop(child.kill());
        drop(child.wait());
    }
}

fn spawn(mut command: Command, log: &Path) -> Child {
    let log = File::options().create(true).append(true).open(log).unwrap();
    let (out, err) = (Stdio::from(log.try_clone().unwrap()), Stdio::from(log));
    command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().unwrap()
}

#[allow(clippy::disallowed_methods)] // As a shell looks for it.
fn is_installed() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let has = |name: &str| std::env::split_paths(&path).any(|dir| dir.join(name).is_file());
    has("pebble") && has("pebble-challtestsrv")
}

/// Below the range of outgoing connections, so that none of them takes it before the server is there.
fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 20_000 + (std::process::id().wrapping_mul(37).wrapping_add(step) % 12_000) as u16;
        if TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).is_ok() {
            return port;
        }
    }
}

/// The authority's own HTTPS needs a certificate, and we its root.
fn make_api_certificate(dir: &Path) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let api_key = KeyPair::generate().unwrap();
    let api = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&api_key, &issuer).unwrap();
    fs::write(dir.join("ca.pem"), root.pem()).unwrap();
    fs::write(dir.join("api.pem"), api.pem()).unwrap();
    fs::write(dir.join("api.key"), api_key.serialize_pem()).unwrap();
}
