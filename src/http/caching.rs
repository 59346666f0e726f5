//! Validators (RFC 9110 13): which representation goes out, and when 304 says enough.

use axum::http::{HeaderMap, header};
use chrono::{DateTime, Utc};

/// Does the client take gzip? `gzip;q=0` is a no; `*` is a yes.
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut star = false;
    for coding in values.flat_map(|value| value.split(',')) {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.trim().parse() == Ok(0.0)));
        if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            return !refused;
        }
        star |= name == "*" && !refused;
    }
    star
}

/// Has the client what it would get? `If-None-Match` wins over `If-Modified-Since`; either of a representation's tags,
/// plain and gzip, matches.
pub fn not_modified(headers: &HeaderMap, tags: [&str; 2], last_modified: DateTime<Utc>) -> bool {
    if headers.contains_key(header::IF_NONE_MATCH) {
        return has_tag(headers, tags);
    }
    let since = headers.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    since.and_then(parse_http_date).is_some_and(|since| last_modified <= since)
}

/// Does `If-None-Match` name one of these tags?
pub fn has_tag(headers: &HeaderMap, tags: [&str; 2]) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|tag| matches_tag(tag.trim(), tags))
}

/// Weak comparison (RFC 9110 8.8.3.2): proxies weaken tags.
fn matches_tag(tag: &str, tags: [&str; 2]) -> bool {
    tag == "*" || tags.contains(&tag.strip_prefix("W/").unwrap_or(tag))
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 5.6.7).
pub fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn parse_http_date(text: &str) -> Option<DateTime<Utc>> {
    chrono::NaiveDateTime::parse_from_str(text.trim(), "%a, %d %b %Y %H:%M:%S GMT").ok().map(|date| date.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn gzip_is_read_from_the_list() {
        let cases =
            [("gzip, deflate, br", true), ("br;q=1, gzip;q=0", false), ("*", true), ("identity", false), ("", false)];
        for (value, takes) in cases {
            assert_eq!(accepts_gzip(&headers(&[(header::ACCEPT_ENCODING, value)])), takes, "{value}");
        }
    }

    #[test]
    fn a_tag_wins_over_a_date() {
        let at = DateTime::from_timestamp(1_000_000_000, 0).unwrap();
        let date = http_date(at);
        let tags = ["\"a\"", "\"a-gz\""];
        let cases = [
            (vec![(header::IF_NONE_MATCH, "\"a\"")], true),
            (vec![(header::IF_NONE_MATCH, "W/\"x\", W/\"a-gz\"")], true),
            (vec![(header::IF_NONE_MATCH, "\"x\""), (header::IF_MODIFIED_SINCE, date.as_str())], false),
            (vec![(header::IF_MODIFIED_SINCE, date.as_str())], true),
            (vec![(header::IF_MODIFIED_SINCE, "Thu, 01 Jan 1970 00:00:00 GMT")], false),
            (vec![(header::IF_MODIFIED_SINCE, "rubbish")], false),
            (vec![], false),
        ];
        for (pairs, same) in cases {
            assert_eq!(not_modified(&headers(&pairs), tags, at), same, "{pairs:?}");
        }
    }
}
