//! Why a fetch failed, in plain words, and how an address may be written where people read it.
//!
//! Nothing in here carries a query string, a user name, a header or a form's value: an address is shown as origin and path only.

use std::io;

use url::Url;

/// Longest address that is shown; the rest is cut. A hostile redirect can be 60 kB long.
const SHOWN_MAX_CHARS: usize = 200;

/// Why no answer came, or none that may be used. `String`s named `at`, `from` and `to` are made by [`shown`].
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("{at} is not an address that can be asked over HTTP")]
    BadAddress { at: String },
    #[error("an extra header of the request is not valid HTTP")]
    BadHeader,
    #[error("the user agent is not valid in an HTTP header")]
    BadUserAgent,
    #[error("the proxy address is not valid: it must be http://host:port or https://host:port")]
    BadProxy,
    #[error("the host of {at} has no known address")]
    HostNotFound { at: String },
    #[error("{at} cannot be reached: {reason}")]
    Unreachable { at: String, reason: String },
    #[error("the secure connection to {at} failed: {reason}")]
    Tls { at: String, reason: String },
    #[error("the proxy did not let the request through to {at}")]
    ProxyRefused { at: String },
    #[error("{at} took too long: no complete answer within {total_secs} seconds")]
    TimedOut { at: String, total_secs: u64 },
    #[error("{at} broke off before the end of its answer")]
    BrokenOff { at: String },
    #[error("{at} answered with something that is not proper HTTP")]
    NotHttp { at: String },
    #[error("the answer of {at} is larger than {max_bytes} bytes")]
    TooLarge { at: String, max_bytes: u64 },
    #[error("the header of the answer of {at} is too large")]
    HeaderTooLarge { at: String },
    #[error("{at} still redirects after {max_redirects} redirects")]
    TooManyRedirects { at: String, max_redirects: u32 },
    #[error("{at} redirects to something that is not a web address")]
    BadRedirect { at: String },
    #[error("a redirect leads from a public address to a private one, {to}: not followed")]
    PrivateTarget { to: String },
    #[error("{from} redirects what was entered in the form to another site, {to}: not followed")]
    FormLeaves { from: String, to: String },
    #[error("the fetch was cut short inside the appliance")]
    Stopped,
}

/// An address as it may be logged: `scheme://host[:port]/path`, without query, user and fragment.
pub fn shown(url: &Url) -> String {
    let whole = format!("{}{}", url.origin().ascii_serialization(), url.path());
    match whole.char_indices().nth(SHOWN_MAX_CHARS) {
        Some((cut, _)) => format!("{}…", whole.get(..cut).unwrap_or_default()),
        None => whole,
    }
}

/// Puts what ureq says into our words; `at` is the address that was asked.
pub(super) fn from_ureq(error: ureq::Error, at: &Url, total_secs: u64) -> FetchError {
    let shown_at = shown(at);
    match error {
        ureq::Error::Io(error) => from_io(error, shown_at),
        ureq::Error::Decompress(_, error) => from_decompress(error, at, total_secs),
        ureq::Error::Timeout(ureq::Timeout::Connect) => unreachable_at(shown_at, "no connection in time"),
        ureq::Error::Timeout(_) => FetchError::TimedOut { at: shown_at, total_secs },
        ureq::Error::HostNotFound => FetchError::HostNotFound { at: shown_at },
        ureq::Error::ConnectionFailed => unreachable_at(shown_at, "no connection"),
        ureq::Error::Rustls(error) => FetchError::Tls { at: shown_at, reason: error.to_string() },
        ureq::Error::Tls(reason) => FetchError::Tls { at: shown_at, reason: reason.to_owned() },
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => FetchError::BadAddress { at: shown_at },
        ureq::Error::ConnectProxyFailed(_) | ureq::Error::InvalidProxyUrl => FetchError::ProxyRefused { at: shown_at },
        ureq::Error::LargeResponseHeader(..) => FetchError::HeaderTooLarge { at: shown_at },
        ureq::Error::Other(error) if error.is::<super::reach::Refused>() => FetchError::PrivateTarget { to: shown_at },
        _ => FetchError::NotHttp { at: shown_at },
    }
}

fn unreachable_at(at: String, reason: &str) -> FetchError {
    FetchError::Unreachable { at, reason: reason.to_owned() }
}

fn from_io(error: io::Error, at: String) -> FetchError {
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return FetchError::Tls { at, reason: tls.to_string() };
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => FetchError::BrokenOff { at },
        kind => FetchError::Unreachable { at, reason: kind.to_string() },
    }
}

/// A timeout below the decompression comes wrapped; a compressed body that ends early is a broken one.
fn from_decompress(error: io::Error, at: &Url, total_secs: u64) -> FetchError {
    match ureq::Error::from(error) {
        ureq::Error::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => FetchError::NotHttp { at: shown(at) },
        other => from_ureq(other, at, total_secs),
    }
}
