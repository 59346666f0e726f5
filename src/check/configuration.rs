//! The configuration: whether it reads, and whether what is in it goes together.

use url::Url;

use super::finding::Finding;
use crate::config::{Config, ConfigError, DEFAULT_PATH, TlsMode};

const NAME: &str = "configuration";

/// It cannot be read: its one line says where and what to write instead.
pub(super) fn refused(error: &ConfigError) -> Finding {
    Finding::fail(NAME, error.to_string(), "mend that, and run this again: nothing else was looked at")
}

/// It reads.
pub(super) fn look(config: &Config) -> Finding {
    let source = match &config.source {
        Some(path) => path.display().to_string(),
        None => format!("no file at {DEFAULT_PATH}: the built-in defaults"),
    };
    let Some(other) = stray_host(config) else { return Finding::ok(NAME, source) };
    let first = config.tls.domains.first().cloned().unwrap_or_default();
    let detail = format!("{source}: public_url leads to {other}, for which no certificate is asked (tls.domains)");
    Finding::warn(NAME, detail, format!("public_url = \"https://{first}\""))
}

/// The host that links lead to, where no certificate will ever be good for it.
fn stray_host(config: &Config) -> Option<&str> {
    let is_asked = matches!(config.tls.mode, TlsMode::Acme | TlsMode::SelfSigned);
    let host = config.public_url.as_ref().filter(|url| url.scheme() == "https").and_then(Url::host_str)?;
    (is_asked && !config.tls.domains.iter().any(|name| name == host)).then_some(host)
}
