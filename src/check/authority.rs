//! The certificate authority: whether its directory answers, by a connection that can be trusted. Nothing is ordered.

use hyper::body::Bytes;
use serde_json::Value;
use url::Url;

use super::LONGEST;
use super::finding::Finding;
use crate::config::{Config, TlsMode};
use crate::fetch::{FetchError, shown};
use crate::tls::authority_client;

const NAME: &str = "authority";

/// Asks for the directory.
pub(super) async fn look(config: &Config) -> Option<Finding> {
    if config.tls.mode != TlsMode::Acme {
        return None;
    }
    let client = match authority_client(config) {
        Ok(client) => client,
        Err(error) => return Some(Finding::fail(NAME, error.to_string(), root_line(config))),
    };
    let directory = &config.tls.acme.directory;
    let answer = tokio::time::timeout(LONGEST, client.look(directory)).await;
    let late = || FetchError::TimedOut { at: shown(directory), total_secs: LONGEST.as_secs() };
    Some(match answer.unwrap_or_else(|_| Err(late())) {
        Ok((status, body)) => judge(directory, status, &body),
        Err(error) => unreachable(config, &error),
    })
}

/// RFC 8555, section 7.1.1: a directory names where accounts and orders are made.
fn judge(directory: &Url, status: u16, body: &Bytes) -> Finding {
    let at = shown(directory);
    let named = serde_json::from_slice::<Value>(body).ok();
    let is_directory =
        ["newAccount", "newOrder"].iter().all(|key| named.as_ref().is_some_and(|v| v.get(key).is_some()));
    match status {
        200 if is_directory => Finding::ok(NAME, format!("{at} answers, by a connection that is trusted")),
        500.. | 429 => {
            Finding::warn(NAME, format!("{at} answers {status}: it has no time now"), "run this again in an hour")
        }
        _ => Finding::fail(
            NAME,
            format!("{at} answers {status}, and no ACME directory"),
            "[tls.acme] directory = \"https://acme-v02.api.letsencrypt.org/directory\", or your authority's own",
        ),
    }
}

fn unreachable(config: &Config, error: &FetchError) -> Finding {
    let advice = match error {
        FetchError::Tls { .. } => format!("set the clock right; for an authority of your own: {}", root_line(config)),
        _ => "let this box out to the internet by HTTPS, or by [fetch] proxy = \"http://host:port\"".to_owned(),
    };
    Finding::fail(NAME, error.to_string(), advice)
}

fn root_line(config: &Config) -> String {
    let path = config.tls.acme.ca_file.as_deref().filter(|path| path.is_file());
    let path = path.map_or_else(|| "/etc/carillon/root.pem".to_owned(), |path| path.display().to_string());
    format!("[tls.acme] ca_file = \"{path}\", with its root in PEM")
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;

    #[test]
    fn only_a_directory_is_one() {
        let url = "https://ca.example.org/dir".parse().unwrap();
        for (status, body, state) in [
            (200, r#"{"newAccount": "a", "newOrder": "b"}"#, State::Ok),
            (200, "<html>", State::Fail),
            (404, "", State::Fail),
            (503, "", State::Warn),
        ] {
            assert_eq!(judge(&url, status, &Bytes::from_static(body.as_bytes())).state, state, "{status} {body}");
        }
    }
}
