//! From settings as written to a [`Config`]: defaults, meanings, and what needs what.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use url::Url;

use super::error::ConfigError;
use super::settings::Settings;
use super::tls::{needs_http, tls};
use super::{Audit, ClockTrust, Config, DEFAULT_PATH, Fetch, Language, Listen, Network, Server, Tls, TlsMode};

const ADDRESS: &str = "an address with a port, such as \"[::]:80\"";
const FETCH_SECS_DEFAULT: u64 = 30;
const FADE_DAYS_DEFAULT: u32 = 365;
/// A hundred years.
const FADE_DAYS_MAX: u32 = 36_525;

/// Fills in a whole configuration. `env` is asked for systemd's `STATE_DIRECTORY` only.
pub(super) fn resolve(
    settings: &Settings,
    source: Option<PathBuf>,
    env: &[(String, String)],
) -> Result<Config, ConfigError> {
    let tls = tls(settings)?;
    let zone = "a time zone, such as \"Europe/Paris\"";
    Ok(Config {
        public_url: public_url(settings)?,
        timezone: settings.parse_or("timezone", "Europe/Paris", zone, |text| text.parse().ok())?,
        language: settings.parse_or("language", "fr", "\"fr\" or \"en\"", language)?,
        data_dir: data_dir(settings, source.as_deref(), env)?,
        listen: listen(settings, source.is_some(), &tls)?,
        tls,
        clock: settings.parse_or("clock.trust", "auto", "\"auto\", \"always\" or \"never\"", clock_trust)?,
        fetch: fetch(settings)?,
        server: server(settings)?,
        audit: audit(settings)?,
        source,
    })
}

fn public_url(settings: &Settings) -> Result<Option<Url>, ConfigError> {
    let expected = "an http or https address without a path, such as \"https://cafe.example.org\"";
    settings.parse("public_url", expected, bare_http_url)
}

/// An `http` or `https` address that names a host and nothing else.
fn bare_http_url(text: &str) -> Option<Url> {
    let url = http_url(text)?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let nameless = url.username().is_empty() && url.password().is_none();
    (bare && nameless).then_some(url)
}

fn http_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn language(text: &str) -> Option<Language> {
    match text {
        "fr" => Some(Language::Fr),
        "en" => Some(Language::En),
        _ => None,
    }
}

fn clock_trust(text: &str) -> Option<ClockTrust> {
    match text {
        "auto" => Some(ClockTrust::Auto),
        "always" => Some(ClockTrust::Always),
        "never" => Some(ClockTrust::Never),
        _ => None,
    }
}

/// The data folder: as written, else systemd's first, else the appliance's own place or the folder at hand.
fn data_dir(settings: &Settings, source: Option<&Path>, env: &[(String, String)]) -> Result<PathBuf, ConfigError> {
    if let Some(dir) = settings.parse("data_dir", "a folder", path)? {
        return Ok(dir);
    }
    let state = env.iter().find(|(name, _)| name == "STATE_DIRECTORY");
    let first = state.and_then(|(_, dirs)| dirs.split(':').find_map(path));
    Ok(first.unwrap_or_else(|| match source {
        // The commands of an installed appliance are called from any folder and must find the service's data.
        Some(file) if file == Path::new(DEFAULT_PATH) => PathBuf::from("/var/lib/carillon"),
        _ => PathBuf::from("./carillon-data"),
    }))
}

pub(super) fn path(text: &str) -> Option<PathBuf> {
    (!text.is_empty()).then(|| PathBuf::from(text))
}

/// The addresses. Without TLS there is no HTTPS, whatever is written; with TLS there is.
fn listen(settings: &Settings, has_file: bool, tls: &Tls) -> Result<Listen, ConfigError> {
    let http_default = if has_file { "[::]:80" } else { "127.0.0.1:8080" };
    let http = settings.parse_or("listen.http", http_default, ADDRESS, address_or_off)?;
    let https = settings.parse_or("listen.https", "[::]:443", ADDRESS, address_or_off)?;
    if tls.mode != TlsMode::Off && https.is_none() {
        let why = format!("tls.mode \"{}\" needs it; write \"[::]:443\", or tls.mode = \"off\"", tls.mode.word());
        return Err(settings.missing("listen.https", &why));
    }
    if http.is_none() && needs_http(tls) {
        let why = "tls.acme.challenge \"http-01\" needs it; write \"[::]:80\", or challenge = \"tls-alpn-01\"";
        return Err(settings.missing("listen.http", why));
    }
    let https = https.filter(|_| tls.mode != TlsMode::Off);
    let http_extra = settings.list("listen.http_extra", ADDRESS, |text| text.parse().ok())?;
    if http_extra.iter().any(|extra| [http, https].contains(&Some(*extra))) {
        let expected = "addresses that no other listener has";
        return Err(settings.refuse("listen.http_extra", expected));
    }
    if http.is_none() && https.is_none() && http_extra.is_empty() {
        return Err(settings.missing("listen.http", "there is no other address to listen on"));
    }
    Ok(Listen { http, http_extra, https })
}

/// `Some(None)` for the empty text that turns a listener off.
fn address_or_off(text: &str) -> Option<Option<SocketAddr>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

fn fetch(settings: &Settings) -> Result<Fetch, ConfigError> {
    let proxy = "an address such as \"http://proxy.example.org:3128\"";
    Ok(Fetch {
        total_secs: settings.whole("fetch.total_secs", 1..=600)?.unwrap_or(FETCH_SECS_DEFAULT),
        proxy: settings.parse("fetch.proxy", proxy, http_url)?,
    })
}

fn audit(settings: &Settings) -> Result<Audit, ConfigError> {
    let days = settings.whole("audit.fade_days", 0..=FADE_DAYS_MAX.into())?.and_then(|days| u32::try_from(days).ok());
    Ok(Audit { fade_days: days.unwrap_or(FADE_DAYS_DEFAULT) })
}

fn server(settings: &Settings) -> Result<Server, ConfigError> {
    let network = "an address or a network, such as \"10.0.0.0/8\"";
    let origin = "an origin, such as \"https://app.example.org\"";
    Ok(Server {
        trusted_proxies: settings.list("server.trusted_proxies", network, |text| text.parse::<Network>().ok())?,
        cors_origins: settings.list("server.cors_origins", origin, |text| {
            bare_http_url(text).map(|url| url.origin().ascii_serialization())
        })?,
        legacy_http: settings.flag("server.legacy_http")?,
    })
}
