//! The administrator's status page, `/admin`, and the forms on it.

mod https;
mod picture;
mod status;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Form, FromRef, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::rules::FeedRequest;
use super::{Feed, FeedError, Feeds, Outcome};
use crate::actor::Deed;
use crate::app::App;
use crate::http::{IfMatch, PageProblem, Visit};

/// The routes.
pub(super) fn routes() -> Router<Feeds> {
    Router::new()
        .route("/admin", get(show_status))
        .route("/admin/feeds/{slug}/refresh", post(submit_refresh))
        .route("/admin/feeds/{slug}/pause", post(submit_pause))
        .route("/admin/feeds/{slug}/resume", post(submit_resume))
        .route("/admin/feeds/{slug}/approve", post(submit_approval))
}

impl FromRef<Feeds> for App {
    fn from_ref(feeds: &Feeds) -> Self {
        feeds.app.clone()
    }
}

/// What came of a form, carried in the address that it leads back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Done {
    Published,
    Unchanged,
    Failed,
    Held,
    Paused,
    Resumed,
    Approved,
    /// There was nothing to approve any more, or something else than was shown.
    Overtaken,
}

#[derive(Deserialize)]
struct StatusQuery {
    done: Option<Done>,
    feed: Option<String>,
}

/// What somebody approves: the content that they were shown, and no other.
#[derive(Deserialize)]
struct ApprovalForm {
    content: u64,
}

async fn show_status(
    State(feeds): State<Feeds>,
    visit: Visit,
    query: Result<Query<StatusQuery>, QueryRejection>,
) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::Administer)?;
    let notice = query.ok().and_then(|Query(query)| Some((query.done?, feeds.find(&query.feed?)?)));
    Ok(status::page(&feeds, &visit, notice.as_ref().map(|(done, feed)| (*done, &**feed))))
}

async fn submit_refresh(
    State(feeds): State<Feeds>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let feed = feeds.for_administrator(&visit, &slug)?;
    let done = match feeds.refresh_to_the_end(&feed).await? {
        Outcome::Published { .. } => Done::Published,
        Outcome::Unchanged => Done::Unchanged,
        Outcome::Held(_) => Done::Held,
        Outcome::Failed(_) => Done::Failed,
    };
    Ok(back(done, &feed))
}

async fn submit_pause(
    State(feeds): State<Feeds>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    set_paused(&feeds, &visit, &slug, Done::Paused).await
}

async fn submit_resume(
    State(feeds): State<Feeds>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    set_paused(&feeds, &visit, &slug, Done::Resumed).await
}

async fn set_paused(feeds: &Feeds, visit: &Visit, slug: &str, done: Done) -> Result<Response, PageProblem> {
    let request = FeedRequest { paused: Some(done == Done::Paused), ..FeedRequest::default() };
    let feed = feeds.change(&visit.caller, slug, (request, IfMatch::default())).await?;
    Ok(back(done, &feed))
}

async fn submit_approval(
    State(feeds): State<Feeds>,
    visit: Visit,
    Path(slug): Path<String>,
    Form(form): Form<ApprovalForm>,
) -> Result<Response, PageProblem> {
    let feed = feeds.for_administrator(&visit, &slug)?;
    let held = feeds.state(feed.slug.as_str()).held;
    if held.is_none_or(|held| held.content != form.content) {
        return Ok(back(Done::Overtaken, &feed));
    }
    match feeds.approve(&feed, &visit.caller).await {
        Ok(()) => Ok(back(Done::Approved, &feed)),
        Err(FeedError::NothingHeld(_)) => Ok(back(Done::Overtaken, &feed)),
        Err(error) => Err(error.into()),
    }
}

impl Feeds {
    fn for_administrator(&self, visit: &Visit, slug: &str) -> Result<Arc<Feed>, FeedError> {
        visit.caller.actor.must(Deed::Administer)?;
        self.get(slug)
    }
}

/// To the status page, at this feed, with a notice.
fn back(done: Done, feed: &Feed) -> Response {
    let done = serde_json::to_value(done).ok();
    let word = done.as_ref().and_then(|done| done.as_str()).unwrap_or_default();
    Redirect::to(&format!("/admin?done={word}&feed={}", feed.slug)).into_response()
}
