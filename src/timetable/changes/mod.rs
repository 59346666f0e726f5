//! `/c/{slug}/changes`: what was added, moved and cancelled in a cohort's timetable since a day.
//!
//! For whoever may see the cohort's calendar, so it names no person. Of our own events the audit tells it, and what came
//! and went in between is left out; of feeds' events what their fetches have found.

mod own;
mod page;

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;

use super::Timetable;
use super::when::first_moment;
use crate::actor::{Actor, Denied};
use crate::cohorts::Cohort;
use crate::feeds::{Change, ChangeKind};
use crate::http::{Mistake, Mistakes, PageProblem, Path, Problem, Query, Visit};
use crate::store::{Read, StoreError};
use own::own_changes;

/// How far back the page looks, unless somebody says.
const DAYS_BACK: u64 = 7;
/// How far back it looks at most.
const DAYS_AT_MOST: u64 = 120;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<Timetable> {
    axum::Router::new().route("/c/{slug}/changes", get(show_changes)).into()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ChangesQuery {
    since: Option<String>,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// It does not take place, or is gone.
    Cancelled,
    /// It is at another time, or in another room.
    Moved,
    /// It is new, or takes place again.
    Added,
    /// Something else of it is different.
    Told,
}

/// An event that is not what it was.
struct Changed {
    sort: Sort,
    subject: String,
    /// When it is, or was.
    start: Option<DateTime<Utc>>,
    end: Option<DateTime<Utc>>,
    /// What else is to be said of it: what it was, what it is.
    details: Vec<Detail>,
    /// Its page.
    event: Option<String>,
}

/// What is different of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Detail {
    Time((DateTime<Utc>, DateTime<Utc>), (DateTime<Utc>, DateTime<Utc>)),
    Room(String, String),
    Subject(String, String),
    Kind(String, String),
    Notes(String),
}

/// What is known of a stretch of time.
struct Found {
    changes: Vec<Changed>,
    /// Does it go back as far as was asked?
    whole: bool,
}

async fn show_changes(
    State(timetable): State<Timetable>,
    visit: Visit,
    Path(slug): Path<String>,
    Query(query): Query<ChangesQuery>,
) -> Result<Response, PageProblem> {
    let cohort = timetable.readable(&visit, &slug)?;
    let mut mistakes = Mistakes::none();
    let since = since(&visit, query.since.as_deref(), &mut mistakes);
    let (read, id, from) = (timetable.clone(), cohort.id.clone(), first_moment(since, timetable.app.zone()));
    let found = timetable.app.store.read(move |tx| read.changes_of(tx, &id, from)).await?;
    Ok(page::draw(&visit, &cohort, (since, query.since.as_deref(), &mistakes), &found))
}

/// The day that is asked for, as far back as the page looks.
fn since(visit: &Visit, asked: Option<&str>, mistakes: &mut Mistakes) -> NaiveDate {
    let back = |days| visit.today().checked_sub_days(Days::new(days)).unwrap_or(visit.today());
    let Some(text) = asked else { return back(DAYS_BACK) };
    match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(day) => day.clamp(back(DAYS_AT_MOST), visit.today()),
        Err(_) => {
            mistakes.add(Mistake::at("since", visit.words.edit.bad_date));
            back(DAYS_BACK)
        }
    }
}

impl Timetable {
    /// A cohort whose calendar whoever looks may read. To a stranger, closed and unknown ones are alike.
    fn readable(&self, visit: &Visit, slug: &str) -> Result<Arc<Cohort>, Problem> {
        let actor = &visit.caller.actor;
        match self.names().cohorts.find(slug) {
            Some(cohort) if actor.may_read_calendar(&cohort.id, cohort.is_public()) => Ok(Arc::clone(cohort)),
            _ if *actor == Actor::Nobody => Err(Denied::SignIn.into()),
            Some(_) => Err(Denied::NotAllowed.into()),
            None => Err(Problem::not_found("cohort", slug)),
        }
    }

    fn changes_of(&self, tx: &impl Read, cohort_id: &str, since: DateTime<Utc>) -> Result<Found, StoreError> {
        let mut found = own_changes(tx, &self.names(), cohort_id, since)?;
        found
            .changes
            .extend(self.feeds.changes_since(tx, cohort_id, since)?.into_iter().map(|(_, change)| of_feed(change)));
        found.changes.sort_by(|a, b| (a.start, &a.subject).cmp(&(b.start, &b.subject)));
        Ok(found)
    }
}

/// A feed's change.
fn of_feed(change: Change) -> Changed {
    let (before, after) = (change.before.unwrap_or_default(), change.after.unwrap_or_default());
    let (sort, detail) = match change.kind {
        ChangeKind::Added => (Sort::Added, None),
        ChangeKind::Removed => (Sort::Cancelled, None),
        ChangeKind::Moved => (Sort::Moved, times(&before).zip(times(&after)).map(|(was, is)| Detail::Time(was, is))),
        ChangeKind::Room => (Sort::Moved, Some(Detail::Room(before, after))),
        ChangeKind::Title => (Sort::Told, Some(Detail::Subject(before, after))),
    };
    let details = detail.into_iter().collect();
    Changed { sort, subject: change.summary, start: change.start, end: None, details, event: None }
}

/// An interval as ISO 8601 writes it.
fn times(text: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let (start, end) = text.split_once('/')?;
    Some((start.parse().ok()?, end.parse().ok()?))
}
