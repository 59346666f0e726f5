//! `/api/v1/feeds`.

use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ChangeResponse, FeedResponse, FetchResponse, RefreshResponse};
use super::rules::FeedRequest;
use super::tables::{CHANGES, StoredChange, changes_of};
use super::{Feed, Feeds, Outcome};
use crate::actor::{Caller, Deed};
use crate::http::{IfMatch, Json, Listing, Page, Path, Problem, Query, Tag, Tagged};
use crate::store::Read;

/// The routes of feeds.
pub fn routes() -> OpenApiRouter<Feeds> {
    OpenApiRouter::new()
        .routes(routes!(list_feeds, create_feed))
        .routes(routes!(get_feed, update_feed, delete_feed))
        .routes(routes!(refresh_feed))
        .routes(routes!(approve_feed))
        .routes(routes!(list_fetches))
        .routes(routes!(list_changes))
        .routes(routes!(super::ipp::import_ipp))
}

/// Lists the feeds.
#[utoipa::path(get, path = "/api/v1/feeds", params(Listing), responses((status = 200, body = Page<FeedResponse>)))]
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

/// With the tag of the feed itself: how it is doing overtakes nobody.
fn tagged(feeds: &Feeds, feed: &Feed) -> Tagged<FeedResponse> {
    Tagged(Tag::of(feed), FeedResponse::new(feeds, feed))
}

/// Tells of a feed and how it is doing.
#[utoipa::path(get, path = "/api/v1/feeds/{slug}", responses((status = 200, body = FeedResponse)))]
async fn get_feed(
    State(feeds): State<Feeds>,
    caller: Caller,
    Path(slug): Path<String>,
) -> Result<Tagged<FeedResponse>, Problem> {
    caller.actor.must(Deed::Administer)?;
    Ok(tagged(&feeds, &*feeds.get(&slug)?))
}

/// Adds a feed to a cohort.
#[utoipa::path(post, path = "/api/v1/feeds", responses((status = 201, body = FeedResponse), (status = 409), (status = 422)))]
async fn create_feed(
    State(feeds): State<Feeds>,
    caller: Caller,
    Json(request): Json<FeedRequest>,
) -> Result<(StatusCode, Tagged<FeedResponse>), Problem> {
    let feed = feeds.add(&caller, request).await?;
    Ok((StatusCode::CREATED, tagged(&feeds, &feed)))
}

/// Changes a feed; its snapshot stays.
#[utoipa::path(
    patch, path = "/api/v1/feeds/{slug}", params(IfMatch),
    responses((status = 200, body = FeedResponse), (status = 422)),
)]
async fn update_feed(
    State(feeds): State<Feeds>,
    caller: Caller,
    Path(slug): Path<String>,
    if_match: IfMatch,
    Json(request): Json<FeedRequest>,
) -> Result<Tagged<FeedResponse>, Problem> {
    let feed = feeds.change(&caller, &slug, (request, if_match)).await?;
    Ok(tagged(&feeds, &feed))
}

/// Removes a feed; its events leave the calendar.
#[utoipa::path(delete, path = "/api/v1/feeds/{slug}", params(IfMatch), responses((status = 204)))]
async fn delete_feed(
    State(feeds): State<Feeds>,
    caller: Caller,
    Path(slug): Path<String>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    feeds.remove(&caller, &slug, if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Fetches a feed now.
#[utoipa::path(
    post, path = "/api/v1/feeds/{slug}/refresh",
    responses((status = 200, body = RefreshResponse), (status = 409), (status = 502)),
)]
async fn refresh_feed(
    State(feeds): State<Feeds>,
    caller: Caller,
    Path(slug): Path<String>,
) -> Result<Json<RefreshResponse>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let feed = feeds.get(&slug)?;
    let (outcome, changes) = match feeds.refresh_for_somebody(&feed).await? {
        Outcome::Published { changes } => ("published", changes),
        _ => ("unchanged", 0),
    };
    Ok(Json(RefreshResponse { outcome, changes, feed: FeedResponse::new(&feeds, &feed) }))
}

/// Publishes the snapshot that is held.
#[utoipa::path(
    post, path = "/api/v1/feeds/{slug}/approve",
    responses((status = 200, body = FeedResponse), (status = 409)),
)]
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

/// Lists the last fetches of a feed, newest first.
#[utoipa::path(get, path = "/api/v1/feeds/{slug}/fetches", params(Listing), responses((status = 200, body = Page<FetchResponse>)))]
async fn list_fetches(
    State(feeds): State<Feeds>,
    caller: Caller,
    Path(slug): Path<String>,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<FetchResponse>>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let (feed, zone) = (feeds.get(&slug)?, feeds.app.zone());
    let fetches = feeds.state(feed.slug.as_str()).fetches;
    Ok(Json(listing.page_of_history(fetches.iter().rev().map(|fetch| FetchResponse::new(fetch, zone)))?))
}

/// Lists what changed in a feed, newest first.
#[utoipa::path(get, path = "/api/v1/feeds/{slug}/changes", params(Listing), responses((status = 200, body = Page<ChangeResponse>)))]
async fn list_changes(
    State(feeds): State<Feeds>,
    caller: Caller,
    Path(slug): Path<String>,
    Query(listing): Query<Listing>,
) -> Result<Json<Page<ChangeResponse>>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let prefix = changes_of(feeds.get(&slug)?.slug.as_str());
    let zone = feeds.app.zone();
    let all: Vec<StoredChange> = feeds.app.store.read(move |tx| tx.list_prefix(&CHANGES, &prefix)).await?;
    Ok(Json(listing.page_of_history(all.into_iter().rev().map(|stored| ChangeResponse::new(stored, zone)))?))
}
