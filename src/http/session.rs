//! The cookies of a session, a device and a notice, and whether a change comes from a page of our own.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::net::Peer;

/// Over TLS a name that browsers tie to this very host; over plain HTTP they would refuse it.
const SECURE_NAME: &str = "__Host-carillon";
const PLAIN_NAME: &str = "carillon";
/// The names of the cookie that a device keeps after a sign-in.
const SECURE_DEVICE: &str = "__Host-carillon-device";
const PLAIN_DEVICE: &str = "carillon-device";
/// The names of the cookie that carries a notice from a form to the next page.
const SECURE_NOTICE: &str = "__Host-carillon-notice";
const PLAIN_NOTICE: &str = "carillon-notice";
/// The longest that browsers keep a cookie: 400 days.
const DEVICE_SECS: u32 = 34_560_000;

/// The session's secret, if a request has one. Only the name that this appliance sets counts: whoever can set a cookie by
/// plain HTTP or from a sibling domain cannot set the other.
pub fn cookie_of(headers: &HeaderMap, secure: bool) -> Option<&str> {
    named(headers, if secure { SECURE_NAME } else { PLAIN_NAME })
}

/// What a device keeps of an earlier sign-in, if a request has it.
pub fn device_of(headers: &HeaderMap, secure: bool) -> Option<&str> {
    named(headers, if secure { SECURE_DEVICE } else { PLAIN_DEVICE })
}

/// The notice that the form before has left, if a request has it.
pub fn notice_of(headers: &HeaderMap, secure: bool) -> Option<&str> {
    named(headers, if secure { SECURE_NOTICE } else { PLAIN_NOTICE }).filter(|value| !value.is_empty())
}

/// Leaves a notice for the next page, or takes it away where it is empty.
pub fn set_notice(value: &str, secure: bool) -> Option<HeaderValue> {
    let (name, flag) = if secure { (SECURE_NOTICE, "; Secure") } else { (PLAIN_NOTICE, "") };
    let age = if value.is_empty() { 0 } else { 60 };
    HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{flag}; Max-Age={age}")).ok()
}

fn named<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value)
}

/// Sets the cookie, or takes it away where there is no secret.
pub fn set_cookie(secret: Option<&str>, secure: bool) -> Option<HeaderValue> {
    let (name, flag) = if secure { (SECURE_NAME, "; Secure") } else { (PLAIN_NAME, "") };
    let (value, age) = secret.map_or(("", "; Max-Age=0"), |secret| (secret, "; Max-Age=1209600"));
    HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{flag}{age}")).ok()
}

/// Lets a device know that somebody has signed in with it. No page needs it but the one of signing in.
pub fn set_device(mark: &str, secure: bool) -> Option<HeaderValue> {
    let (name, flag) = if secure { (SECURE_DEVICE, "; Secure") } else { (PLAIN_DEVICE, "") };
    HeaderValue::try_from(format!("{name}={mark}; Path=/; HttpOnly; SameSite=Strict{flag}; Max-Age={DEVICE_SECS}")).ok()
}

/// Does a change come from a page of our own? `Sec-Fetch-Site` says so; where a browser is too old for it, `Origin`
/// must be ours: the public address, or on loopback the address asked.
pub fn is_own_page(headers: &HeaderMap, public_url: &str, peer: Option<&Peer>) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = text("origin") else { return false };
    let loopback = peer.is_some_and(|peer| peer.addr.ip().is_loopback());
    let host = text("host").unwrap_or_default();
    origin == public_url || (loopback && origin.split_once("://").is_some_and(|(_, asked)| asked == host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        let both = headers(&[("cookie", "a=b; carillon=plain; __Host-carillon=x")]);
        assert_eq!((cookie_of(&both, true), cookie_of(&both, false)), (Some("x"), Some("plain")));
        assert_eq!(cookie_of(&headers(&[("cookie", "notcarillon=x; carillon=plain")]), true), None);
    }

    #[test]
    fn a_change_must_come_from_our_own_page() {
        let ours = "https://cafe.example";
        let cases: [(&[(&str, &str)], bool); 6] = [
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "same-site"), ("origin", ours)], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", ours)], true),
            (&[("origin", "https://evil.example")], false),
            (&[], false),
        ];
        for (pairs, own) in cases {
            assert_eq!(is_own_page(&headers(pairs), ours, None), own, "{pairs:?}");
        }
    }
}
