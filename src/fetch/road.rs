//! The way of one fetch: hop after hop along the redirects, then the body. All of it within one deadline.

use std::io::Read;
use std::time::{Duration, Instant};

use chrono::DateTime;
use ureq::Body;
use ureq::http::Response;
use ureq::http::header::{self, HeaderMap, HeaderName};
use url::Url;

use super::error::{FetchError, from_ureq, shown};
use super::hop::{Desk, Hop, exchange};
use super::reach::Reach;
use super::{FetchRequest, FetchResponse, span};

/// Longest `Retry-After` that is believed.
const RETRY_AFTER_MAX_SECS: u64 = 7 * 24 * 3600;

/// Sends the request, follows redirects, reads the body. Blocks.
pub(super) fn travel(desk: &Desk, mut request: FetchRequest) -> Result<FetchResponse, FetchError> {
    let deadline = Instant::now() + span(desk.config.total_secs);
    let reach = Reach::new(desk.is_public);
    let mut hop = Hop { url: bare(request.url.clone()), form: request.form.take() };
    for redirects in 0..=desk.config.max_redirects {
        let answer = exchange(desk, &reach, &hop, &request, left_until(deadline, desk, &hop)?)?;
        match next_hop(&answer, &hop)? {
            None => return read(desk, answer, hop.url, redirects),
            Some(next) => hop = allowed(&request, &hop, next)?,
        }
    }
    Err(FetchError::TooManyRedirects { at: shown(&request.url), max_redirects: desk.config.max_redirects })
}

fn left_until(deadline: Instant, desk: &Desk, hop: &Hop) -> Result<Duration, FetchError> {
    match deadline.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(FetchError::TimedOut { at: shown(&hop.url), total_secs: desk.config.total_secs }),
        left => Ok(left),
    }
}

/// Where the answer sends us, if it is a redirect with a target. A form is sent again only on 307 and 308 (RFC 9110, 15.4).
fn next_hop(answer: &Response<Body>, hop: &Hop) -> Result<Option<Hop>, FetchError> {
    let form = match answer.status().as_u16() {
        301..=303 => None,
        307 | 308 => hop.form.clone(),
        _ => return Ok(None),
    };
    let Some(target) = answer.headers().get(header::LOCATION) else {
        return Ok(None);
    };
    let target = String::from_utf8_lossy(target.as_bytes());
    match hop.url.join(target.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(Hop { url: bare(url), form })),
        _ => Err(FetchError::BadRedirect { at: shown(&hop.url) }),
    }
}

/// A form is never carried to an origin that is not trusted.
fn allowed(request: &FetchRequest, from: &Hop, to: Hop) -> Result<Hop, FetchError> {
    if to.form.is_some() && !request.trusts(&to.url) {
        return Err(FetchError::FormLeaves { from: shown(&from.url), to: shown(&to.url) });
    }
    Ok(to)
}

/// An address without user, password and fragment: they are not sent.
fn bare(mut url: Url) -> Url {
    url.set_fragment(None);
    // Both fail only for addresses without a host, which have neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

fn read(desk: &Desk, answer: Response<Body>, url: Url, redirects: u32) -> Result<FetchResponse, FetchError> {
    let (head, body) = answer.into_parts();
    Ok(FetchResponse {
        status: head.status.as_u16(),
        redirects,
        content_type: text(&head.headers, header::CONTENT_TYPE),
        etag: text(&head.headers, header::ETAG),
        last_modified: text(&head.headers, header::LAST_MODIFIED),
        retry_after_secs: retry_after(&head.headers),
        body: read_body(desk, body, &url)?,
        url,
    })
}

/// ureq's own limit counts compressed bytes, so the decompressed stream is cut here, one byte past what is allowed.
pub(super) fn read_body(desk: &Desk, body: Body, url: &Url) -> Result<Vec<u8>, FetchError> {
    let max_bytes = desk.config.max_body_bytes;
    let mut bytes = Vec::new();
    body.into_reader()
        .take(max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| from_ureq(error.into(), url, desk.config.total_secs))?;
    if bytes.len() as u64 > max_bytes {
        return Err(FetchError::TooLarge { at: shown(url), max_bytes });
    }
    Ok(bytes)
}

pub(super) fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// How long an answer asks to be left alone, at most a week: seconds, or a date, which is read against the server's own `Date`: a Pi's clock may be wrong.
pub fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let value = text(headers, header::RETRY_AFTER)?;
    let secs = match value.trim().parse() {
        Ok(secs) => secs,
        Err(_) => {
            let now = DateTime::parse_from_rfc2822(&text(headers, header::DATE)?).ok()?;
            let then = DateTime::parse_from_rfc2822(value.trim()).ok()?;
            u64::try_from((then - now).num_seconds()).unwrap_or(0)
        }
    };
    Some(secs.min(RETRY_AFTER_MAX_SECS))
}
