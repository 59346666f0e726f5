//! What the transport demands. Where HTTPS is served, the plain ports are a narrow door: an authority finds the answer to
//! its challenge, pages are redirected, calendars stay shut. A key sent in clear is known to everybody on the way, and a
//! redirect would only hide that. Phones that hold an address of the replaced proxy are let through where the administrator
//! says so. On HTTPS each answer asks the browser to come back by HTTPS alone, once a certificate is there that it can trust
//! and nothing is left that is to be found by plain HTTP.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::http::Problem;
use crate::http::percent::decoded;
use crate::id::{RESERVED, fold};
use crate::net::{Peer, Plane};
use crate::router::Slices;

/// A year (RFC 6797).
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");
/// Where an authority looks (RFC 8555, section 8.3).
const CHALLENGES: &str = "/.well-known/acme-challenge/";
/// What a token's random part has: 32 bytes in base64url.
const SECRET_LENGTH: usize = 43;

/// Lets through what may pass on the port that it came in by.
pub async fn narrow_door(State(slices): State<Slices>, request: Request, next: Next) -> Response {
    let narrow = match request.extensions().get::<Peer>().map(|peer| peer.plane) {
        None | Some(Plane::Control) => return next.run(request).await,
        Some(Plane::Https) => {
            let mut response = next.run(request).await;
            if slices.app.has_real_certificate() && slices.app.is_https_alone() {
                response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
            }
            return response;
        }
        Some(Plane::Http) => slices.app.config().listen.https.is_some(),
        Some(Plane::HttpExtra) => true,
    };
    if let Some(token) = request.uri().path().strip_prefix(CHALLENGES) {
        return show_challenge(&slices, request.method(), token);
    }
    if !narrow || (slices.app.legacy_http() && is_legacy(&request)) {
        return next.run(request).await;
    }
    refuse_or_redirect(&slices, &request)
}

/// The text that an authority looks for; never a redirect, which it would follow to a port that may be shut.
fn show_challenge(slices: &Slices, method: &Method, token: &str) -> Response {
    let text = slices.app.challenge_text(token).filter(|_| method.is_safe());
    let Some(text) = text else {
        return Problem::new(StatusCode::NOT_FOUND, "no authority is being answered at this address").into_response();
    };
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "no-store")];
    let body = if method == Method::HEAD { Body::empty() } else { Body::from(text) };
    (headers, body).into_response()
}

/// One segment that is none of our own, and a token: an address of the replaced proxy. Whether the token is one of its
/// own is seen later.
fn is_legacy(request: &Request) -> bool {
    let section = request.uri().path().get(1..).unwrap_or_default();
    let one_segment = !section.is_empty() && !section.contains('/') && !RESERVED.contains(&fold(section).as_str());
    let token = request.uri().query().is_some_and(|query| query.split('&').any(|pair| pair.starts_with("token=")));
    request.method().is_safe() && one_segment && token
}

/// What is read goes to the same address by HTTPS, its query with it: nothing in it is a key, and the browser has sent it
/// once already. What carries a key, or is sent to change something, is refused, so that somebody mends the address.
fn refuse_or_redirect(slices: &Slices, request: &Request) -> Response {
    let public_url = slices.app.public_url();
    let detail = match request.method().is_safe() {
        _ if carries_key(request) => {
            "this address holds a key, and plain HTTP shows it to everybody on the way: use https, and ask for a new key"
        }
        // `OPTIONS *` asks about no address of ours.
        _ if !request.uri().path().starts_with('/') => return StatusCode::BAD_REQUEST.into_response(),
        false => "plain HTTP shows what is sent to everybody on the way: use https",
        true if !public_url.starts_with("https://") => "pages are shown by https alone: use https",
        true => return redirect(&public_url, request),
    };
    Problem::new(StatusCode::FORBIDDEN, detail).into_response()
}

fn redirect(public_url: &str, request: &Request) -> Response {
    let (path, query) = (request.uri().path(), request.uri().query());
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    match HeaderValue::try_from(format!("{public_url}{path}{query}")) {
        Ok(target) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, target)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Whether anybody on the way learns a key from this request, or would if it were spelled right.
fn carries_key(request: &Request) -> bool {
    let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
    let (path, query) = (laid_bare(path), laid_bare(query));
    request.headers().contains_key(header::AUTHORIZATION)
        || query.contains("token=")
        || [&path, &query].into_iter().any(|text| names_calendar(text) || holds_secret(text))
}

/// In lower case, without escapes; somebody may have escaped what was escaped.
fn laid_bare(text: &str) -> String {
    let once = decoded(text);
    let twice = if once.contains('%') { decoded(&once) } else { once };
    twice.to_ascii_lowercase()
}

/// `/s/…` and `/calendars/…` wherever they stand, and whatever ends as a calendar does.
fn names_calendar(text: &str) -> bool {
    let mut segments = text.split(['/', '\\', '=', '&']);
    segments
        .any(|segment| ["s", "calendars"].contains(&segment) || segment.ends_with(".ics") || segment.ends_with(".csv"))
}

/// Something of the shape of a subscriber token, whatever the address around it: the end of a name, `_`, and the secret.
fn holds_secret(text: &str) -> bool {
    let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)));
    words.any(|word| {
        let (name, secret) = word.split_at_checked(word.len().saturating_sub(SECRET_LENGTH)).unwrap_or_default();
        name.ends_with('_') && !secret.contains('.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789-bcdefghijABCDEFGHIJ0123456789_xy";

    fn carries(uri: &str) -> bool {
        carries_key(&Request::get(uri).body(Body::empty()).unwrap())
    }

    #[test]
    fn every_form_of_a_calendars_address_is_known() {
        let own = [format!("/x/zoe_{SECRET}"), format!("/c/2a-sr?k=zoe_{SECRET}"), format!("/zo%C3%A9_{SECRET}")];
        let rows = [
            "/s/zoe_x/2a-sr.ics",
            "/s/zoe_x",
            "/s",
            "/S/zoe_x/2a-sr.ics",
            "/%73/zoe_x",
            "/%53/zoe_x",
            "/%2573/zoe_x",
            "/s%2Fzoe_x",
            "//s/zoe_x",
            "/./s/zoe_x",
            "/x/../s/zoe_x",
            "/s%5Czoe_x",
            "/calendars/2a-sr",
            "/CALENDARS/a",
            "/%63alendars/a.ics",
            "/2a-sr.ics",
            "/2a-sr.CSV",
            "/2A-SR?token=x",
            "/2A-SR?a=b&token=x",
            "/2A-SR?TOKEN=x",
            "/2A-SR?tok%65n=x",
            "/2A-SR?token%3Dx",
            "/2A-SR?access_token=x",
            "/?a;token=x",
            "/login?next=/s/zoe_x",
            "/login?next=%2Fs%2Fzoe_x",
            "/login?next=/calendars/2a-sr.ics?token=x",
        ];
        for uri in rows.into_iter().chain(own.iter().map(String::as_str)) {
            assert!(carries(uri), "{uri}");
        }
    }

    #[test]
    fn a_page_is_none() {
        let rows = [
            "/",
            "/c/2a-sr",
            "/c/2a-sr?week=2026-48&lang=en",
            "/login?next=/status",
            "/status?feed=sr",
            "/classes",
            "/c/s-1",
            "/c/a_b_c",
            "/assets/style-0123456789abcdef0123456789abcdef0123456789abcdef.css",
            "/%zz",
            "/?",
        ];
        for uri in rows {
            assert!(!carries(uri), "{uri}");
        }
    }

    #[test]
    fn a_key_in_a_header_is_one() {
        let request = Request::get("/api/v1/cohorts").header("authorization", "Basic eA==").body(Body::empty());
        assert!(carries_key(&request.unwrap()));
    }
}
