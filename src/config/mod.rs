//! The configuration: one TOML file and the environment, resolved once before anything starts.
//!
//! [`Config::load`] is the only door. What it gives is complete and checked: defaults are filled in, addresses and zones
//! are parsed, and nothing later reads the file or a `CARILLON_` variable again. It refuses what it does not know, by
//! line or by variable, with the nearest right name; the first mistake is the one that is told. It opens no other file
//! and no socket: whether a port is free or a key fits its certificate is found out by those who use them.

mod error;
mod keys;
mod network;
mod resolve;
mod settings;
#[cfg(test)]
mod tests;
mod tls;
mod value;

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use url::Url;

pub use error::{ConfigError, Place};
pub use network::Network;

use settings::Settings;

/// Where the file is looked for when no `--config` is given.
pub const DEFAULT_PATH: &str = "/etc/carillon/carillon.toml";

/// Everything that the administrator decides, with defaults filled in.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address that links and redirects are made from, ending in `/`; `None` where it is not configured.
    pub public_url: Option<Url>,
    /// The site's zone: times go out in it.
    pub timezone: Tz,
    /// The language of what has no reader to ask: mails, calendars' notes, pages without `Accept-Language`.
    pub language: Language,
    /// The folder of the database, the keys and the control socket.
    pub data_dir: PathBuf,
    /// Where to listen.
    pub listen: Listen,
    /// Where the certificate comes from.
    pub tls: Tls,
    /// Whether the system's clock is believed.
    pub clock: ClockTrust,
    /// How upstreams are fetched.
    pub fetch: Fetch,
    /// How requests are taken.
    pub server: Server,
    /// What the audit keeps.
    pub audit: Audit,
    /// The file that was read; `None` when the built-in defaults stand.
    pub source: Option<PathBuf>,
}

/// A language that pages and texts exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// French.
    #[default]
    Fr,
    /// English.
    En,
}

/// The addresses of the `[listen]` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// Plain HTTP; `None` when it is turned off by `""`.
    pub http: Option<SocketAddr>,
    /// More plain HTTP addresses, for phones that hold an old one.
    pub http_extra: Vec<SocketAddr>,
    /// HTTPS; `None` exactly when `tls.mode` is `off`.
    pub https: Option<SocketAddr>,
}

/// The `[tls]` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Where the certificate comes from.
    pub mode: TlsMode,
    /// The names that a certificate is asked for, in lower case, as they stand in DNS, each once. At least one where the
    /// mode is `acme` or `self-signed`.
    pub domains: Vec<String>,
    /// How a certificate authority is asked.
    pub acme: Acme,
}

/// Where the certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsMode {
    /// No HTTPS at all.
    Off,
    /// PEM files that somebody else renews.
    Files(CertificateFiles),
    /// An authority that is asked by ACME.
    Acme,
    /// An authority of our own, for a network that has none.
    SelfSigned,
}

impl TlsMode {
    /// As the file writes it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Files(_) => "files",
            Self::Acme => "acme",
            Self::SelfSigned => "self-signed",
        }
    }
}

/// The two PEM files of `tls.mode = "files"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// Its private key: PKCS #8, SEC 1 or PKCS #1.
    pub key: PathBuf,
}

/// The `[tls.acme]` section (RFC 8555).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acme {
    /// `mailto:` and one address, for the authority's letters.
    pub contact: Option<String>,
    /// The authority's directory, always https; Let's Encrypt by default.
    pub directory: Url,
    /// How the authority is shown that the name is ours.
    pub challenge: Challenge,
    /// A further root certificate, for a private or a test authority.
    pub ca_file: Option<PathBuf>,
}

/// An ACME challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Challenge {
    /// RFC 8737: only port 443 is needed.
    #[default]
    TlsAlpn01,
    /// RFC 8555, section 8.3: port 80.
    Http01,
}

/// Whether the system's clock is believed (`[clock] trust`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClockTrust {
    /// When the kernel or two other clocks agree with it.
    #[default]
    Auto,
    /// From the start.
    Always,
    /// Not at all: no certificate is ordered, no token expires.
    Never,
}

/// The `[fetch]` section. Its `Debug` hides the proxy, whose address may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Fetch {
    /// The longest time a whole fetch may take, in seconds, 1 to 600.
    pub total_secs: u64,
    /// The proxy that fetches go through; the environment's proxy variables are ignored.
    pub proxy: Option<Url>,
}

impl fmt::Debug for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetch")
            .field("total_secs", &self.total_secs)
            .field("proxy", &self.proxy.as_ref().map(|_| "(hidden)"))
            .finish()
    }
}

/// The `[server]` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// The origins that scripts may call the API from, such as `https://app.example.org`; no `*`.
    pub cors_origins: Vec<String>,
    /// Whether plain HTTP serves old tokens; `None` where the file does not say, so that an import may decide.
    pub legacy_http: Option<bool>,
}

/// The `[audit]` section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audit {
    /// After so many days addresses and e-mails go from an entry; 0 is never.
    pub fade_days: u32,
}

impl Config {
    /// Reads the file at `path` (else [`DEFAULT_PATH`] if it is there, else nothing), lays the environment's
    /// `CARILLON_SECTION__KEY` over it, and checks all of it. `data` is `--data` and beats every other data folder.
    pub fn load(
        path: Option<&Path>,
        data: Option<&Path>,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let (source, text) = find_file(path, Path::new(DEFAULT_PATH))?;
        let env: Vec<(String, String)> = env.collect();
        let settings = Settings::gather(source.as_deref(), &text, &env)?;
        let mut config = resolve::resolve(&settings, source, &env)?;
        if let Some(dir) = data {
            config.data_dir = dir.to_path_buf();
        }
        Ok(config)
    }

    /// The built-in defaults on a data folder, whatever file and environment this machine has.
    pub fn built_in(data: &Path) -> Result<Self, ConfigError> {
        let config = resolve::resolve(&Settings::gather(None, "", &[])?, None, &[])?;
        Ok(Self { data_dir: data.to_path_buf(), ..config })
    }
}

/// The file to read and its text; no file and no text when none was asked for and the default is not there.
fn find_file(asked: Option<&Path>, default: &Path) -> Result<(Option<PathBuf>, String), ConfigError> {
    let path = asked.unwrap_or(default);
    match fs::read_to_string(path) {
        Ok(text) => Ok((Some(path.to_path_buf()), text)),
        Err(error) if asked.is_none() && error.kind() == ErrorKind::NotFound => Ok((None, String::new())),
        Err(reason) => Err(ConfigError::Unreadable { path: path.to_path_buf(), reason }),
    }
}
