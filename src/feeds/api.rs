//! `/api/v1/feeds`.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::rules::FeedRequest;
use super::tables::{CHANGES, StoredChange, changes_of};
use super::{Feed, FeedState, Feeds, Outcome, Stamp, UidRule};
use crate::actor::{Caller, Deed};
use crate::clock::local;
use crate::http::{Json, Listing, Page, Path, Problem, Query};
use crate::store::Read;

/// The routes of feeds.
pub fn routes(feeds: Feeds) -> Router {
    Router::new()
        .route("/api/v1/feeds", get(list_feeds).post(create_feed))
        .route("/api/v1/feeds/{slug}", get(get_feed).patch(update_feed).delete(delete_feed))
        .route("/api/v1/feeds/{slug}/refresh", post(refresh_feed))
        .route("/api/v1/feeds/{slug}/approve", post(approve_feed))
        .route("/api/v1/feeds/{slug}/fetches", get(list_fetches))
        .route("/api/v1/feeds/{slug}/changes", get(list_changes))
        .route("/api/v1/import/ipp", post(super::ipp::import_ipp))
        .with_state(feeds)
}

/// A feed as it goes out: no secret.
#[derive(Serialize)]
pub(super) struct FeedResponse {
    slug: String,
    cohort: Option<String>,
    url: String,
    interval: u32,
    uid: UidRule,
    login: Option<Value>,
    basic: Option<Value>,
    headers: Vec<String>,
    user_agent: Option<String>,
    stamps: Vec<Stamp>,
    allow_empty: bool,
    paused: bool,
    status: StatusResponse,
}

/// How a feed is doing, as it goes out.
#[derive(Serialize)]
struct StatusResponse {
    state: &'static str,
    last_success: Option<String>,
    last_attempt: Option<String>,
    last_error: Option<String>,
    last_error_class: Option<&'static str>,
    events: usize,
    next_attempt: Option<String>,
    held: Option<Value>,
}

impl FeedResponse {
    pub(super) fn new(feeds: &Feeds, feed: &Feed) -> Self {
        let cohort = feeds.cohorts.directory().by_id(&feed.cohort_id).map(|cohort| cohort.slug.to_string());
        let login = feed.login.as_ref().map(|login| {
            let extra: serde_json::Map<_, _> = login.extra.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
            json!({"url": login.url, "username": login.username, "username_field": login.username_field,
                   "password_field": login.password_field, "extra": extra})
        });
        Self {
            slug: feed.slug.to_string(),
            cohort,
            url: feed.url.to_string(),
            interval: feed.interval_secs,
            uid: feed.uid,
            login,
            basic: feed.basic.as_ref().map(|basic| json!({"user": basic.user})),
            headers: feed.headers.iter().map(|(name, _)| name.clone()).collect(),
            user_agent: feed.user_agent.clone(),
            stamps: feed.stamps.clone(),
            allow_empty: feed.allow_empty,
            paused: feed.paused,
            status: StatusResponse::new(feeds, feed, &feeds.state(feed.slug.as_str())),
        }
    }
}

impl StatusResponse {
    fn new(feeds: &Feeds, feed: &Feed, state: &FeedState) -> Self {
        let time = |at: Option<DateTime<Utc>>| at.map(|at| local(at, feeds.app.zone()));
        let held = state.held.as_ref().map(|held| {
            json!({"since": local(held.since, feeds.app.zone()), "agreeing": held.agreeing, "coming": held.coming})
        });
        Self {
            state: state.word(feed, feeds.app.clock.now()).as_str(),
            last_success: time(state.last_success),
            last_attempt: time(state.last_attempt),
            last_error: state.last_error.as_ref().map(|error| error.detail.clone()),
            last_error_class: state.last_error.as_ref().map(|error| error.class.as_str()),
            events: state.events,
            next_attempt: time(state.next_attempt.filter(|_| !feed.paused)),
            held,
        }
    }
}

async fn list_feeds(
    State(feeds): State<Feeds>,
    caller: Caller,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<FeedResponse>>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let all = feeds.all();
    let mut sorted: Vec<_> = all.iter().collect();
    sorted.sort_by(|a, b| a.slug.cmp(&b.slug));
    let page = listing.page(sorted, |feed| feed.slug.to_string())?;
    let items = page.items.into_iter().map(|feed| FeedResponse::new(&feeds, feed)).collect();
    Ok(Json(Page { items, next: page.next }))
}

async fn get_feed(
    State(feeds): State<Feeds>,
    caller: Caller,
    Path(slug): Path<String>,
) -> Result<Json<FeedResponse>, Problem> {
    caller.actor.must(Deed::Administer)?;
    Ok(Json(FeedResponse::new(&feeds, &*feeds.get(&slug)?)))
}

async fn create_feed(
    State(feeds): State<Feeds>,
    caller: Caller,
    Json(request): Json<FeedRequest>,
) -> Result<(StatusCode, Json<FeedResponse>), Problem> {
    let feed = feeds.add(&caller, request).await?;
    Ok((StatusCode::CREATED, Json(FeedResponse::new(&feeds, &feed))))
}

async fn update_feed(
    State(feeds): State<Feeds>,
    caller: Caller,
    Path(slug): Path<String>,
    Json(request): Json<FeedRequest>,
) -> Result<Json<FeedResponse>, Problem> {
    let feed = feeds.change(&caller, &slug, request).await?;
    Ok(Json(FeedResponse::new(&feeds, &feed)))
}

async fn delete_feed(
    State(feeds): State<Feeds>,
    caller: Caller,
    Path(slug): Path<String>,
) -> Result<StatusCode, Problem> {
    feeds.remove(&caller, &slug).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn refresh_feed(
    State(feeds): State<Feeds>,
    caller: Caller,
    Path(slug): Path<String>,
) -> Result<Json<Value>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let feed = feeds.get(&slug)?;
    let (word, changes) = match feeds.refresh_for_somebody(&feed).await? {
        Outcome::Published { changes } => ("published", changes),
        _ => ("unchanged", 0),
    };
    Ok(Json(json!({"outcome": word, "changes": changes, "feed": FeedResponse::new(&feeds, &feed)})))
}

async fn approve_feed(
    State(feeds): State<Feeds>,
    caller: Caller,
    Path(slug): Path<String>,
) -> Result<Json<FeedResponse>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let feed = feeds.get(&slug)?;
    feeds.approve(&feed, &caller).await?;
    Ok(Json(FeedResponse::new(&feeds, &feed)))
}

async fn list_fetches(
    State(feeds): State<Feeds>,
    caller: Caller,
    Path(slug): Path<String>,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<Value>>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let (feed, zone) = (feeds.get(&slug)?, feeds.app.zone());
    let fetches = feeds.state(feed.slug.as_str()).fetches;
    Ok(Json(listing.page_of_history(fetches.iter().rev().map(|fetch| {
        json!({"at": local(fetch.at, zone), "duration_ms": fetch.duration_ms, "bytes": fetch.bytes,
               "outcome": fetch.outcome, "class": fetch.class, "detail": fetch.detail})
    }))?))
}

async fn list_changes(
    State(feeds): State<Feeds>,
    caller: Caller,
    Path(slug): Path<String>,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<Value>>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let prefix = changes_of(feeds.get(&slug)?.slug.as_str());
    let zone = feeds.app.zone();
    let all: Vec<StoredChange> = feeds.app.store.read(move |tx| tx.list_prefix(&CHANGES, &prefix)).await?;
    Ok(Json(listing.page_of_history(all.iter().rev().map(|stored| {
        let change = &stored.change;
        json!({"at": local(stored.at, zone), "kind": change.kind, "uid": change.uid, "summary": change.summary,
               "start": change.start.map(|at| local(at, zone)), "before": change.before, "after": change.after})
    }))?))
}
