//! Is it alive, is it well, which version: `/health`, `/ready`, `/metrics`, `/api/v1/version`.

use std::collections::BTreeMap;
use std::fmt::Write;

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::actor::{Caller, Deed};
use crate::app::App;
use crate::backup::LastBackupResponse;
use crate::certificate::CertificateSummary;
use crate::clock::local;
use crate::feeds::StateWord;
use crate::http::{Json, Problem};
use crate::net::Peer;
use crate::router::Slices;
use crate::store::StoreError;
use crate::timekeeping::Standing;

/// The routes.
pub fn routes() -> OpenApiRouter<Slices> {
    OpenApiRouter::new()
        .routes(routes!(get_health))
        .routes(routes!(get_readiness))
        .routes(routes!(get_metrics))
        .routes(routes!(get_version))
}

/// Which program answers.
#[derive(Serialize, utoipa::ToSchema)]
struct VersionResponse {
    name: &'static str,
    version: &'static str,
}

/// That the store answers.
#[derive(Serialize, utoipa::ToSchema)]
struct HealthResponse {
    /// `ok`.
    status: &'static str,
}

/// Tells the version of this program.
#[utoipa::path(get, path = "/api/v1/version", security(()), responses((status = 200, body = VersionResponse)))]
async fn get_version() -> Json<VersionResponse> {
    Json(VersionResponse { name: "carillon", version: env!("CARGO_PKG_VERSION") })
}

/// Says whether the store answers.
#[utoipa::path(get, path = "/health", security(()), responses((status = 200, body = HealthResponse)))]
async fn get_health(State(slices): State<Slices>) -> Result<Json<HealthResponse>, Problem> {
    slices.app.store.read(|_| Ok::<_, StoreError>(())).await?;
    Ok(Json(HealthResponse { status: "ok" }))
}

/// Says whether everything is as it should be.
///
/// The details are for administrators and for the machine itself.
#[utoipa::path(
    get, path = "/ready", security(()),
    responses((status = 200, body = Value), (status = 503, body = Value)),
)]
async fn get_readiness(
    State(slices): State<Slices>,
    caller: Caller,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
) -> Response {
    let store = slices.app.store.read(|_| Ok::<_, StoreError>(())).await.is_ok();
    let feeds: serde_json::Map<String, Value> =
        slices.feeds.all().iter().map(|feed| (feed.slug.to_string(), json!(slices.feeds.word(feed)))).collect();
    // One failed poll is the next one's business: what is served is not old yet.
    let fine = [StateWord::Fresh, StateWord::Failing, StateWord::Paused].map(|word| json!(word));
    let certificate = CertificateSummary::new(&slices.app);
    let ready = store && certificate.is_fine() && feeds.values().all(|word| fine.contains(word));
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut body = json!({"ready": ready});
    if may_see_details(&caller, peer.as_deref(), &headers) {
        body = json!({
            "ready": ready, "store": store, "clock": clock(&slices.app), "certificate": certificate,
            "backup": LastBackupResponse::new(&slices.app), "feeds": feeds, "listening": listening(&slices.app),
        });
    }
    (status, Json(body)).into_response()
}

/// A clock that is not trusted makes nobody unready: what is served is what there is.
fn clock(app: &App) -> Value {
    let now = local(app.clock.now(), app.zone());
    match app.time.standing() {
        Standing::Trusted(by) => json!({"now": now, "trusted": true, "by": by.as_str()}),
        Standing::Untrusted(why) => json!({"now": now, "trusted": false, "why": why.line()}),
    }
}

/// The addresses, each under its key of `[listen]`.
fn listening(app: &App) -> BTreeMap<&'static str, Vec<String>> {
    let mut by_key: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (plane, addr) in app.listening() {
        by_key.entry(plane.key()).or_default().push(addr.to_string());
    }
    by_key
}

/// An administrator, or a peer on this machine that nobody forwards.
fn may_see_details(caller: &Caller, peer: Option<&Peer>, headers: &HeaderMap) -> bool {
    let forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED);
    let local = peer.is_some_and(|peer| peer.addr.ip().is_loopback()) && !forwarded;
    local || caller.actor.must(Deed::Administer).is_ok()
}

/// Measures for Prometheus.
#[utoipa::path(get, path = "/metrics", responses((status = 200, body = String, content_type = "text/plain")))]
async fn get_metrics(
    State(slices): State<Slices>,
    caller: Caller,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if !may_see_details(&caller, peer.as_deref(), &headers) {
        caller.actor.must(Deed::Administer)?;
    }
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((content_type, metrics(&slices)).into_response())
}

fn metrics(slices: &Slices) -> String {
    let mut text = String::from("# TYPE carillon_store_commits_total counter\n");
    // Writing to a String cannot fail.
    let _ = writeln!(text, "carillon_store_commits_total {}", slices.app.store.commits());
    text.push_str("# TYPE carillon_feed_up gauge\n# TYPE carillon_feed_events gauge\n");
    text.push_str("# TYPE carillon_feed_last_success_timestamp_seconds gauge\n");
    for feed in slices.feeds.all().iter() {
        let state = slices.feeds.state(feed.slug.as_str());
        let up = u8::from(state.word(feed, slices.app.clock.now()) == StateWord::Fresh);
        let last = state.last_success.map_or(0, |at| at.timestamp());
        let slug = &feed.slug;
        let _ = writeln!(text, "carillon_feed_up{{feed=\"{slug}\"}} {up}");
        let _ = writeln!(text, "carillon_feed_events{{feed=\"{slug}\"}} {}", state.events);
        let _ = writeln!(text, "carillon_feed_last_success_timestamp_seconds{{feed=\"{slug}\"}} {last}");
    }
    text
}
