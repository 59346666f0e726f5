//! What went wrong with an authority, in one plain line: what happened, and what to do, by the configuration's own names.
//!
//! What an authority writes is foreign text: it is quoted, cut, and cleaned of what is no letter.

use chrono::{DateTime, Utc};
use instant_acme::{Error, Problem};

use super::setback::kind_of;
use super::tables::challenge_name;
use super::watch::Seen;
use crate::config::Challenge;
use crate::fetch::FetchError;

const QUOTED_MAX_CHARS: usize = 300;
const ADDRESS_MAX_BYTES: usize = 2000;

/// With whom, and about what.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    /// The authority's host.
    pub host: String,
    pub challenge: Challenge,
    pub names: Vec<String>,
    pub seen: Seen,
}

/// An instant, for people.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

impl Scene {
    /// Why a request came to nothing.
    pub(super) fn error(&self, error: &Error) -> String {
        match error {
            Error::Api(problem) => self.problem(problem),
            Error::Other(inner) => match inner.downcast_ref::<FetchError>() {
                Some(error) => unreachable_words(error),
                None => format!("{} cannot be used: {}", self.host, clean(&inner.to_string())),
            },
            Error::Timeout(_) => format!("{} did not finish in time: nothing to do, it is asked again", self.host),
            Error::Unsupported(what) => format!("{} does not offer what was asked of it: {what}", self.host),
            _ => self.strange_answer(error),
        }
    }

    /// Why the authority did not find our answer at `name`.
    pub(super) fn validation(&self, name: &str, problem: &Problem) -> String {
        let (port, other) = match self.challenge {
            Challenge::TlsAlpn01 => (443, "\"http-01\" and forward port 80"),
            Challenge::Http01 => (80, "\"tls-alpn-01\" and forward port 443"),
        };
        let advice = match kind_of(problem) {
            "dns" => format!("finds no address of {name}: make its A and AAAA records point to this box"),
            "connection" => format!(
                "could not connect to {name} on port {port}: forward that port to this box, or set tls.acme.challenge = {other}"
            ),
            "tls" => format!(
                "found another server on port {port} of {name}: forward that port to this box, without a proxy that ends TLS, or set tls.acme.challenge = {other}"
            ),
            "unauthorized" | "incorrectResponse" => format!(
                "found another answer at {name} than ours: port {port} of the address in its A and AAAA records must lead to this box"
            ),
            _ => return self.problem(problem),
        };
        format!("{} {advice}{}", self.host, quoted(problem))
    }

    /// Words for a challenge that the authority does not offer.
    pub(super) fn not_offered(&self, name: &str) -> String {
        let (ours, other) = match self.challenge {
            Challenge::TlsAlpn01 => (Challenge::TlsAlpn01, Challenge::Http01),
            Challenge::Http01 => (Challenge::Http01, Challenge::TlsAlpn01),
        };
        format!(
            "{} does not offer {} for {name}: set tls.acme.challenge = \"{}\"",
            self.host,
            challenge_name(ours),
            challenge_name(other)
        )
    }

    fn problem(&self, problem: &Problem) -> String {
        let names = self.names.join(", ");
        let advice = match kind_of(problem) {
            "dns" => format!("finds no address of {names}: make their A and AAAA records point to this box"),
            "caa" => format!(
                "may not give a certificate for {names}: a CAA record forbids it; add one that names this authority, or remove it"
            ),
            "rateLimited" if is_pause(problem) => {
                "has paused these names after many failures: visit the address that it gives, and lift the pause".to_owned()
            }
            "rateLimited" => "has given enough for now: nothing to do, it is asked again when it allows".to_owned(),
            "rejectedIdentifier" => format!("gives no certificate for {names}: check tls.domains"),
            "unsupportedIdentifier" => format!("gives no certificate for names such as {names}: check tls.domains"),
            "userActionRequired" => "wants somebody to do something first: read what it says, and do it".to_owned(),
            "externalAccountRequired" => {
                "takes only accounts that were opened with it before, which Carillon cannot use: choose another tls.acme.directory"
                    .to_owned()
            }
            "invalidContact" | "unsupportedContact" => {
                "does not take the contact: write another tls.acme.contact, such as \"mailto:admin@your.domain\"".to_owned()
            }
            "unauthorized" => "does not let our account do this: it may have closed it".to_owned(),
            "alreadyReplaced" => "has a newer certificate in place of ours: nothing to do, it is asked again".to_owned(),
            "badNonce" => "refused all our nonces: nothing to do, it is asked again".to_owned(),
            "serverInternal" => "has a fault of its own: nothing to do, it is asked again".to_owned(),
            _ if problem.status.is_some_and(|status| status >= 500) => {
                "has a fault of its own: nothing to do, it is asked again".to_owned()
            }
            _ => "refused".to_owned(),
        };
        format!("{} {advice}{}", self.host, quoted(problem))
    }

    /// An answer that is no ACME.
    fn strange_answer(&self, error: &Error) -> String {
        let host = &self.host;
        match &self.seen {
            Seen { status: Some(status), is_json: true, .. } if *status >= 500 => {
                format!("{host} has a fault of its own (status {status}): nothing to do, it is asked again")
            }
            Seen { status: Some(404 | 410), is_json: false, .. } => {
                format!(
                    "{host} has not what was asked for: nothing to do, a new order is made; or tls.acme.directory is wrong"
                )
            }
            Seen { status: Some(status), is_json: false, .. } => format!(
                "what answers at {host} is no certificate authority (status {status}, no JSON): check tls.acme.directory, and whether a proxy or a sign-in page of the network stands between"
            ),
            Seen { status: Some(status), .. } => format!(
                "{host} answered what is no ACME (status {status}: {}): check tls.acme.directory",
                clean(&error.to_string())
            ),
            Seen { status: None, .. } => format!("{host} cannot be used: {}", clean(&error.to_string())),
        }
    }
}

fn unreachable_words(error: &FetchError) -> String {
    match error {
        FetchError::Tls { .. } => format!(
            "{error}: where the authority is a private one, write its root certificate's file into tls.acme.ca_file; else check what stands between"
        ),
        FetchError::ProxyRefused { .. } => format!("{error}: check fetch.proxy"),
        FetchError::HostNotFound { .. } => format!("{error}: check the network's DNS, and tls.acme.directory"),
        FetchError::BadAddress { .. } => format!("{error}: an authority is asked over https; check tls.acme.directory"),
        _ => format!("{error}: check this box's way to the internet, and fetch.proxy where there is one"),
    }
}

/// Let's Encrypt gives nothing more to names that failed for weeks, until somebody says that they are mended.
fn is_pause(problem: &Problem) -> bool {
    let detail = problem.detail.as_deref().unwrap_or_default();
    detail.contains("unpause") || detail.contains("temporarily prevented")
}

/// What the authority says itself, with its sub-problems, in brackets.
fn quoted(problem: &Problem) -> String {
    let details = problem.detail.iter().chain(problem.subproblems.iter().filter_map(|sub| sub.detail.as_ref()));
    let said = details.map(String::as_str).collect::<Vec<_>>().join("; ");
    if said.is_empty() { String::new() } else { format!(" (it says: {})", clean(&said)) }
}

/// One line of printable text, not too long; but an address is whole, or leads nowhere.
fn clean(text: &str) -> String {
    let line = text.split(|c: char| c.is_control() || c.is_whitespace()).filter(|word| !word.is_empty());
    let line = line.collect::<Vec<_>>().join(" ");
    let Some((cut, _)) = line.char_indices().nth(QUOTED_MAX_CHARS) else { return line };
    let head = line.get(..cut).unwrap_or_default();
    let begun = head.rfind(' ').map_or(0, |space| space + 1);
    let is_address = |word: &&str| word.starts_with("https://") && word.len() <= ADDRESS_MAX_BYTES;
    match line.get(begun..).unwrap_or_default().split(' ').find(is_address) {
        Some(address) => format!("{}… {address}", head.get(..begun).unwrap_or_default()),
        None => format!("{head}…"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene(seen: Seen) -> Scene {
        Scene { host: "ca.test".into(), challenge: Challenge::TlsAlpn01, names: vec!["a.test".into()], seen }
    }

    fn problem(kind: &str) -> Problem {
        let text = format!(
            r#"{{"type": "urn:ietf:params:acme:error:{kind}", "detail": "too\nbad \u001b[31m", "status": 400}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn each_problem_is_one_line_that_says_what_to_do() {
        for (kind, word) in [
            ("caa", "CAA"),
            ("rateLimited", "asked again"),
            ("rejectedIdentifier", "tls.domains"),
            ("userActionRequired", "do it"),
            ("externalAccountRequired", "tls.acme.directory"),
            ("invalidContact", "tls.acme.contact"),
            ("badNonce", "nonces"),
            ("serverInternal", "asked again"),
            ("somethingNew", "refused"),
        ] {
            let words = scene(Seen::default()).error(&Error::Api(problem(kind)));
            assert!(words.starts_with("ca.test ") && words.contains(word), "{kind}: {words}");
            assert!(words.ends_with("(it says: too bad [31m)"), "{words}");
        }
    }

    #[test]
    fn each_failed_validation_names_the_port_or_the_record() {
        for (kind, word) in [
            ("dns", "A and AAAA"),
            ("connection", "port 443"),
            ("tls", "port 443"),
            ("unauthorized", "another answer"),
            ("incorrectResponse", "another answer"),
            ("caa", "CAA"),
        ] {
            let words = scene(Seen::default()).validation("a.test", &problem(kind));
            assert!(words.contains(word) && words.contains("a.test"), "{kind}: {words}");
        }
    }

    #[test]
    fn a_sign_in_page_is_told_from_a_fault_of_the_authority() {
        let error = || Error::Json(serde_json::from_str::<u8>("<html>").unwrap_err());
        let page = scene(Seen { status: Some(200), ..Seen::default() }).error(&error());
        assert!(page.contains("no JSON") && page.contains("sign-in page"), "{page}");
        let fault = scene(Seen { status: Some(503), is_json: true, ..Seen::default() }).error(&error());
        assert!(fault.contains("fault of its own (status 503)"), "{fault}");
    }

    #[test]
    fn a_handshake_that_fails_names_the_key_for_a_private_root() {
        let error = FetchError::Tls { at: "https://ca.test/dir".into(), reason: "UnknownIssuer".into() };
        let words = scene(Seen::default()).error(&Error::Other(Box::new(error)));
        assert!(words.contains("tls.acme.ca_file"), "{words}");
    }

    #[test]
    fn a_pause_says_to_visit_the_address_and_shows_it_whole() {
        let address = format!("https://ca.test/unpause?jwt={}", "x".repeat(600));
        let names = "very.long.name.test, ".repeat(14);
        let detail = format!("Your account is temporarily prevented from requesting {names}. Please visit: {address}");
        let text = format!(r#"{{"type": "urn:ietf:params:acme:error:rateLimited", "detail": "{detail}"}}"#);
        let words = scene(Seen::default()).error(&Error::Api(serde_json::from_str(&text).unwrap()));
        assert!(words.contains("visit the address") && words.contains(&address), "{words}");
        assert!(!words.contains("nothing to do"), "{words}");
    }

    #[test]
    fn what_an_authority_writes_is_cut() {
        assert_eq!(clean(&"x".repeat(1000)).chars().count(), QUOTED_MAX_CHARS + 1);
    }
}
