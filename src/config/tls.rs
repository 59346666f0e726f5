//! The `[tls]` section: which mode, for which names, and what each mode needs.

use std::net::IpAddr;
use std::path::PathBuf;

use url::{Host, Url};

use super::error::ConfigError;
use super::resolve::path;
use super::settings::Settings;
use super::{Acme, CertificateFiles, Challenge, Tls, TlsMode};

const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
const MODES: &str = "\"acme\", \"files\", \"self-signed\" or \"off\"";

/// The longest name and the longest part of one (RFC 1035, section 2.3.4), without the root's dot.
const NAME_MAX: usize = 253;
const LABEL_MAX: usize = 63;

pub(super) fn tls(settings: &Settings) -> Result<Tls, ConfigError> {
    let domains = domains(settings)?;
    let mode = tls_mode(settings)?;
    if domains.is_empty() && matches!(mode, TlsMode::Acme | TlsMode::SelfSigned) {
        let why = format!("tls.mode \"{}\" needs at least one name, such as [\"cafe.example.org\"]", mode.word());
        return Err(settings.missing("tls.domains", &why));
    }
    Ok(Tls { mode, domains, acme: acme(settings)? })
}

/// Whether the authority comes by plain HTTP.
pub(super) fn needs_http(tls: &Tls) -> bool {
    tls.mode == TlsMode::Acme && tls.acme.challenge == Challenge::Http01
}

/// The names, each once.
fn domains(settings: &Settings) -> Result<Vec<String>, ConfigError> {
    let written =
        settings.list("tls.domains", "a host name, such as \"cafe.example.org\"", |text| Some(text.to_owned()))?;
    let mut domains = Vec::new();
    for text in written {
        let name = host_name(&text);
        let name = name.ok_or_else(|| settings.refuse_entry("tls.domains", &instead_of(&text), &text))?;
        if !domains.contains(&name) {
            domains.push(name);
        }
    }
    Ok(domains)
}

/// A name that DNS could hold, in lower case; no address, no wildcard.
fn host_name(text: &str) -> Option<String> {
    let Ok(Host::Domain(name)) = Host::parse(text) else { return None };
    let sound = |label: &str| {
        let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        letters && (1..=LABEL_MAX).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    (name.len() <= NAME_MAX && name.split('.').all(sound)).then_some(name)
}

/// What to write in place of a text that is no host name.
fn instead_of(text: &str) -> String {
    let url = Url::parse(text).ok().filter(Url::has_host);
    let of_url = url.as_ref().and_then(Url::host_str).and_then(host_name);
    match of_url {
        Some(name) => format!("the host name alone, \"{name}\""),
        None if text.contains('@') => {
            "a host name, such as \"cafe.example.org\" (an e-mail address belongs in tls.acme.contact)".to_owned()
        }
        None if text.starts_with("*.") => {
            "each host name by itself, such as \"cafe.example.org\" (no wildcard)".to_owned()
        }
        None if text.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() => {
            "a host name, such as \"cafe.example.org\" (no address)".to_owned()
        }
        None => "a host name, such as \"cafe.example.org\"".to_owned(),
    }
}

fn tls_mode(settings: &Settings) -> Result<TlsMode, ConfigError> {
    let files = certificate_files(settings)?;
    match settings.text("tls.mode", MODES)? {
        None if settings.mentions("tls.") => Err(settings.missing("tls.mode", &format!("say {MODES}"))),
        None | Some("off") => Ok(TlsMode::Off),
        Some("files") => files_mode(settings, files),
        Some("acme") => Ok(TlsMode::Acme),
        Some("self-signed") => Ok(TlsMode::SelfSigned),
        Some(_) => Err(settings.refuse("tls.mode", MODES)),
    }
}

/// The two paths, each of which may be missing while the mode is another one.
fn certificate_files(settings: &Settings) -> Result<(Option<PathBuf>, Option<PathBuf>), ConfigError> {
    let certificate = settings.parse("tls.files.certificate", "a file", path)?;
    Ok((certificate, settings.parse("tls.files.key", "a file", path)?))
}

fn files_mode(settings: &Settings, files: (Option<PathBuf>, Option<PathBuf>)) -> Result<TlsMode, ConfigError> {
    let why = "tls.mode \"files\" needs it";
    match files {
        (Some(certificate), Some(key)) => Ok(TlsMode::Files(CertificateFiles { certificate, key })),
        (None, _) => Err(settings.missing("tls.files.certificate", why)),
        (_, None) => Err(settings.missing("tls.files.key", why)),
    }
}

fn acme(settings: &Settings) -> Result<Acme, ConfigError> {
    let contact = "one address such as \"mailto:admin@example.org\"";
    let directory = format!("the https address of an ACME directory, such as \"{LETS_ENCRYPT}\"");
    let ways = "\"tls-alpn-01\" or \"http-01\"";
    Ok(Acme {
        contact: settings.parse("tls.acme.contact", contact, mail_url)?,
        directory: settings.parse_or("tls.acme.directory", LETS_ENCRYPT, &directory, https_url)?,
        challenge: settings.parse_or("tls.acme.challenge", "tls-alpn-01", ways, challenge)?,
        ca_file: settings.parse("tls.acme.ca_file", "a file", path)?,
    })
}

/// `mailto:` and one address without header fields (RFC 8555, section 7.3).
fn mail_url(text: &str) -> Option<String> {
    let (local, host) = text.strip_prefix("mailto:")?.split_once('@')?;
    let odd = |c: char| c.is_whitespace() || c.is_control() || [',', '?', '@', '<', '>'].contains(&c);
    (!local.is_empty() && !local.contains(odd) && host_name(host).is_some()).then(|| text.to_owned())
}

fn https_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "https" && url.has_host())?;
    (url.username().is_empty() && url.password().is_none() && url.fragment().is_none()).then_some(url)
}

fn challenge(text: &str) -> Option<Challenge> {
    match text {
        "tls-alpn-01" => Some(Challenge::TlsAlpn01),
        "http-01" => Some(Challenge::Http01),
        _ => None,
    }
}
