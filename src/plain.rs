//! The narrow door of the plain ports. Where HTTPS is served, plain HTTP redirects pages and keeps calendars shut: a key
//! sent in clear is known to everybody on the way, and a redirect would only hide that. Phones that hold an address of
//! the replaced proxy are let through where the administrator says so.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::http::Problem;
use crate::id::{RESERVED, fold};
use crate::net::{Peer, Plane};
use crate::router::Slices;

/// Lets through what may pass on the port that it came in by.
pub async fn narrow_door(State(slices): State<Slices>, request: Request, next: Next) -> Response {
    let plane = request.extensions().get::<Peer>().map(|peer| peer.plane);
    let narrow = match plane {
        Some(Plane::HttpExtra) => true,
        Some(Plane::Http) => slices.app.config().listen.https.is_some(),
        _ => false,
    };
    if !narrow || (slices.app.legacy_http() && is_legacy(&request)) {
        return next.run(request).await;
    }
    refuse_or_redirect(&slices, &request)
}

/// One segment that is none of our own, and a token: an address of the replaced proxy. Whether the token is one of its
/// own is seen later.
fn is_legacy(request: &Request) -> bool {
    let section = request.uri().path().get(1..).unwrap_or_default();
    let one_segment = !section.is_empty() && !section.contains('/') && !RESERVED.contains(&fold(section).as_str());
    let token = request.uri().query().is_some_and(|query| query.split('&').any(|pair| pair.starts_with("token=")));
    request.method().is_safe() && one_segment && token
}

fn refuse_or_redirect(slices: &Slices, request: &Request) -> Response {
    let (path, query) = (request.uri().path(), request.uri().query().unwrap_or_default());
    let calendar = path.starts_with("/s/") || path.starts_with("/calendars/") || query.contains("token=");
    if calendar {
        let detail = "this address holds a key, and plain HTTP shows it to everybody on the way: use https, and ask for a new key";
        return Problem::new(StatusCode::FORBIDDEN, detail).into_response();
    }
    let target = format!("{}{path}", slices.app.public_url());
    match HeaderValue::try_from(target) {
        Ok(target) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, target)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}
