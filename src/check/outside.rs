//! What cannot be seen from here: whether the authority gets through to the port that it comes by.

use super::finding::Finding;
use super::own_address::{Out, Realm, realm};
use crate::config::{Challenge, Config, TlsMode};

/// One line on the port, and how to try it.
pub(super) fn look(config: &Config) -> Option<Finding> {
    if config.tls.mode != TlsMode::Acme {
        return None;
    }
    let name = config.tls.domains.first()?;
    let (port, scheme, ours) = match config.tls.acme.challenge {
        Challenge::TlsAlpn01 => (443, "https", config.listen.https?.port()),
        Challenge::Http01 => (80, "http", config.listen.http?.port()),
    };
    let title = "from outside";
    let detail = format!("the authority comes by port {port}; whether it gets through cannot be seen from here");
    let try_it = format!("open {scheme}://{name}/health on a phone with Wi-Fi off");
    let out = Out::find().v4;
    let here = out.map_or_else(|| "this box".to_owned(), |v4| v4.to_string());
    let is_behind = out.is_none_or(|v4| realm(v4.into()) != Realm::Public);
    Some(match (ours == port, is_behind) {
        (true, false) => Finding::ok(title, detail).advising(format!("to try it, {try_it}")),
        (true, true) => {
            let forward = format!("forward port {port} of your router to port {ours} of {here}; to try it, {try_it}");
            Finding::ok(title, detail).advising(forward)
        }
        (false, _) => {
            let detail = format!("{detail}, and this box listens on port {ours}");
            Finding::warn(title, detail, format!("forward port {port} to port {ours} of {here}; to try it, {try_it}"))
        }
    })
}
