//! All routes, and the middleware in order, on one page.
//!
//! A request passes: a panic that is caught, the plain ports' narrow door, who is calling, whether a page of somebody
//! else sent it, whether a stranger wants to change something or sends much, the size of its body; then the slice that it is for. On the
//! way out a browser's problem becomes a page.

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http_body_util::Limited;
use tower::util::option_layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::accounts::{self, Accounts};
use crate::actor::{Caller, Denied};
use crate::app::App;
use crate::backup::Backups;
use crate::calendars::{self, Calendars};
use crate::feeds::{self, Feeds};
use crate::http::extract::bearer_of;
use crate::http::page::trouble::{problems_as_pages, wants_page};
use crate::http::session::{cookie_of, is_own_page};
use crate::http::{PageProblem, Problem, assets};
use crate::net::{Peer, Plane, UnixPeer};
use crate::timetable::{self, Timetable};
use crate::{audit, backup, certificate, cohorts, health, openapi, plain};

/// Nothing that is sent to us is larger, but where a route has a `DefaultBodyLimit` of its own.
const BODY_BYTES: usize = 1024 * 1024;
/// What somebody may send who is not signed in, whatever the route takes: enough for a form with a password.
const STRANGER_BYTES: usize = 16 * 1024;

/// The slices, each with its services.
#[derive(Clone)]
pub struct Slices {
    /// The floor.
    pub app: App,
    /// People and keys.
    pub accounts: Accounts,
    /// Upstream calendars.
    pub feeds: Feeds,
    /// Rooms and events of our own.
    pub timetable: Timetable,
    /// What subscribers get.
    pub calendars: Calendars,
}

/// The routes that the document of the interface tells of (`src/openapi/document.rs` has the same list).
fn documented(slices: &Slices) -> OpenApiRouter {
    let Slices { app, accounts, feeds, timetable, calendars } = slices.clone();
    OpenApiRouter::new()
        .merge(health::routes().with_state(slices.clone()))
        .merge(certificate::routes().with_state(app.clone()))
        .merge(backup::routes().with_state(Backups::new(app.clone())))
        .merge(audit::routes().with_state(app))
        .merge(cohorts::routes().with_state(feeds.cohorts.clone()))
        .merge(accounts::routes().with_state(accounts))
        .merge(feeds::routes().with_state(feeds))
        .merge(timetable::routes().with_state(timetable))
        .merge(calendars::routes().with_state(calendars))
}

/// The whole appliance as one router.
pub fn router(slices: &Slices) -> Router {
    let app = slices.app.clone();
    let routes = Router::from(documented(slices))
        .merge(assets::routes())
        .merge(openapi::routes())
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed);
    routes
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn(strangers_send_little))
        .layer(from_fn(strangers_change_nothing))
        // Caught here it can still become a page; the outermost one catches the middleware's own.
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .layer(from_fn_with_state(slices.clone(), only_own_pages_change))
        .layer(from_fn_with_state(app.clone(), problems_as_pages))
        .layer(from_fn_with_state(slices.clone(), identify))
        .layer(from_fn_with_state(slices.clone(), plain::narrow_door))
        .layer(option_layer(cors(&app)))
        .layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static("x-content-type-options"),
            HeaderValue::from_static("nosniff"),
        ))
        .layer(CatchPanicLayer::custom(|_| panicked()))
}

async fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is nothing at this address")
}

async fn not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not take this method: the Allow header names those")
}

fn panicked() -> Response {
    log::error!("a handler panicked: this is a defect, please report it");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "something went wrong here, and it is in the journal")
        .into_response()
}

/// Programs in browsers of these origins may read; where none is named, no answer speaks of origins.
fn cors(app: &App) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> =
        app.config().server.cors_origins.iter().filter_map(|origin| origin.parse().ok()).collect();
    let layer = CorsLayer::new().allow_methods([Method::GET, Method::HEAD]).allow_headers([header::AUTHORIZATION]);
    (!origins.is_empty()).then(|| layer.allow_origin(origins))
}

/// Puts the caller into the request: the command line by its socket, a program by its Bearer token, a person by the
/// cookie of their session.
async fn identify(State(slices): State<Slices>, mut request: Request, next: Next) -> Response {
    if request.extensions().get::<Caller>().is_none() {
        let caller = caller_of(&slices, &request);
        request.extensions_mut().insert(caller);
    }
    next.run(request).await
}

fn caller_of(slices: &Slices, request: &Request) -> Caller {
    if let Some(peer) = request.extensions().get::<UnixPeer>() {
        return Caller::cli(&user_name(peer.uid));
    }
    let peer = request.extensions().get::<Peer>();
    let ip = peer.map(|peer| address_of(slices, peer.addr.ip(), request.headers()));
    let holder = match bearer_of(request.headers()) {
        Some(token) => slices.accounts.holder_of_token(token),
        None => {
            let cookie = cookie_of(request.headers(), slices.app.is_secure());
            cookie.and_then(|cookie| slices.accounts.holder_of_cookie(cookie))
        }
    };
    slices.accounts.caller(holder, ip)
}

/// The name of a user of the system, or their number.
pub fn user_name(uid: u32) -> String {
    let user = nix::unistd::User::from_uid(uid.into()).ok().flatten();
    user.map_or_else(|| uid.to_string(), |user| user.name)
}

/// The caller's address: the connection's, or what the nearest trusted proxy says; nobody else's header is believed.
fn address_of(slices: &Slices, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let config = slices.app.config();
    let trusted = |ip: IpAddr| config.server.trusted_proxies.iter().any(|network| network.contains(ip));
    if !trusted(peer) {
        return peer;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<Option<IpAddr>> = forwarded.flat_map(|value| value.split(',')).map(hop_address).collect();
    // What stands before a hop that cannot be read was written by nobody whom we trust.
    hops.into_iter().rev().find(|hop| !hop.is_some_and(trusted)).flatten().unwrap_or(peer)
}

/// One hop of `X-Forwarded-For`; some proxies write the port along.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    hop.parse().ok().or_else(|| hop.parse().ok().map(|addr: SocketAddr| addr.ip()))
}

/// A change that a browser sends with its cookie must come from our own page. Programs with a Bearer token, and the
/// command line, have no cookie to steal.
async fn only_own_pages_change(State(slices): State<Slices>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let peer = request.extensions().get::<Peer>();
    let by_browser = peer.is_some_and(|peer| peer.plane != Plane::Control)
        && !headers.contains_key(header::AUTHORIZATION)
        && (cookie_of(headers, slices.app.is_secure()).is_some()
            || headers.contains_key("sec-fetch-site")
            || headers.contains_key(header::ORIGIN));
    if request.method().is_safe() || !by_browser || is_own_page(headers, &slices.app.public_url(), peer) {
        return next.run(request).await;
    }
    Problem::new(StatusCode::FORBIDDEN, "another site sent this request: open the page here and try again")
        .into_response()
}

/// A stranger changes nothing by the API, whatever the body: it is not even read. To sign in is no change.
async fn strangers_change_nothing(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let change = path.starts_with("/api/v1/") && path != "/api/v1/auth/token" && !request.method().is_safe();
    if change && is_stranger(&request) {
        return Problem::from(Denied::SignIn).into_response();
    }
    next.run(request).await
}

/// A body is held in memory before anybody can tell what it is, so a stranger's is small.
async fn strangers_send_little(request: Request, next: Next) -> Response {
    if !is_stranger(&request) {
        return next.run(request).await;
    }
    if request.body().size_hint().lower() > STRANGER_BYTES as u64 {
        // Somebody's session ended under a form with a file: they sign in, and come back to it.
        if wants_page(request.headers()) && !request.uri().path().starts_with("/api/") {
            return PageProblem::from(Denied::SignIn).into_response();
        }
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "this is too much to send without signing in")
            .into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, STRANGER_BYTES)))).await
}

fn is_stranger(request: &Request) -> bool {
    request.extensions().get::<Caller>().is_none_or(|caller| caller.actor.is_anonymous())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::id::{RESERVED, fold};

    /// The first segments of the routes that the source names.
    fn first_segments(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("tests.rs") {
                continue;
            }
            if path.is_dir() {
                // The demo's planning site is a site of its own.
                if !path.ends_with("demo") {
                    first_segments(&path, found);
                }
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let named = [".route(\"/", ", path = \"/"].map(|named| text.split(named).skip(1));
            let routes = named.into_iter().flatten().filter_map(|rest| rest.split(['/', '"']).next());
            found.extend(routes.filter(|first| !first.is_empty() && !first.starts_with('{')).map(fold));
        }
    }

    #[test]
    fn no_slug_can_take_the_place_of_a_route() {
        let mut found = Vec::new();
        first_segments(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut found);
        assert!(found.len() > 20, "{found:?}");
        let free: Vec<_> = found.iter().filter(|first| !RESERVED.contains(&first.as_str())).collect();
        assert_eq!(free, Vec::<&String>::new());
    }
}
