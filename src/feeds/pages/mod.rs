//! The administrator's status page, `/admin`, and the forms on it.

mod decide;
mod form;
mod https;
mod picture;
mod status;
mod trial;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, FromRef, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::rules::FeedRequest;
use super::{Feed, FeedError, Feeds, Outcome};
use crate::actor::Deed;
use crate::app::App;
use crate::http::{IfMatch, PageProblem, Visit};
use crate::words::Notice;

/// The routes.
pub(super) fn routes() -> Router<Feeds> {
    Router::new()
        .route("/admin", get(show_status))
        .route("/admin/feeds/{slug}/refresh", post(submit_refresh))
        .route("/admin/feeds/{slug}/pause", post(submit_pause))
        .route("/admin/feeds/{slug}/resume", post(submit_resume))
        .route("/admin/feeds/{slug}/approve", get(decide::show_approval).post(submit_approval))
        .route("/admin/feeds/add", get(form::show_new_feed).post(form::submit_new_feed))
        .route("/admin/feeds/{slug}/edit", get(form::show_feed_form).post(form::submit_feed_form))
        .route("/admin/feeds/{slug}/test", get(trial::show_trial).post(trial::submit_trial))
        .route("/admin/feeds/{slug}/remove", get(decide::show_feed_removal).post(decide::submit_feed_removal))
}

impl FromRef<Feeds> for App {
    fn from_ref(feeds: &Feeds) -> Self {
        feeds.app.clone()
    }
}

/// What somebody approves: the content that they were shown, and no other.
#[derive(Deserialize)]
struct ApprovalForm {
    content: u64,
}

async fn show_status(State(feeds): State<Feeds>, visit: Visit) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::Administer)?;
    Ok(status::page(&feeds, &visit))
}

async fn submit_refresh(
    State(feeds): State<Feeds>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let feed = feeds.for_administrator(&visit, &slug)?;
    let notice = match feeds.refresh_to_the_end(&feed).await? {
        Outcome::Published { .. } => Notice::FeedPublished,
        Outcome::Unchanged => Notice::FeedUnchanged,
        Outcome::Held(_) => Notice::FeedHeld,
        Outcome::Failed(_) => Notice::FeedFailed,
    };
    Ok(back(&visit, notice, &feed))
}

async fn submit_pause(
    State(feeds): State<Feeds>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    set_paused(&feeds, &visit, &slug, Notice::FeedPaused).await
}

async fn submit_resume(
    State(feeds): State<Feeds>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    set_paused(&feeds, &visit, &slug, Notice::FeedResumed).await
}

async fn set_paused(feeds: &Feeds, visit: &Visit, slug: &str, notice: Notice) -> Result<Response, PageProblem> {
    let request = FeedRequest { paused: Some(notice == Notice::FeedPaused), ..FeedRequest::default() };
    let feed = feeds.change(&visit.caller, slug, (request, IfMatch::default())).await?;
    Ok(back(visit, notice, &feed))
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
        return Ok(back(&visit, Notice::FeedOvertaken, &feed));
    }
    match feeds.approve(&feed, &visit.caller).await {
        Ok(()) => Ok(back(&visit, Notice::FeedApproved, &feed)),
        Err(FeedError::NothingHeld(_)) => Ok(back(&visit, Notice::FeedOvertaken, &feed)),
        Err(error) => Err(error.into()),
    }
}

impl Feeds {
    fn for_administrator(&self, visit: &Visit, slug: &str) -> Result<Arc<Feed>, FeedError> {
        visit.caller.actor.must(Deed::Administer)?;
        self.get(slug)
    }
}

/// To the status page, with a notice of this feed.
fn back(visit: &Visit, notice: Notice, feed: &Feed) -> Response {
    visit.then("/admin", notice).about(feed.slug.as_str()).into_response()
}
