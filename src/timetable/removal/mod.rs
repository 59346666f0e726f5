//! Removing a cohort or a user: the events that hang on it stand in the way; forced, they go along or do without.
//!
//! Here and not below, because cohorts, accounts and feeds know of no events.

mod pages;

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::actor::{Caller, Deed};
use crate::cohorts::Cohort;
use crate::http::{IfMatch, Path, Problem, Query};
use crate::store::WriteTx;
use crate::timetable::hanging::Hanging;
use crate::timetable::{Event, Timetable, TimetableError, Whose};

/// The routes of removals.
pub fn routes() -> OpenApiRouter<Timetable> {
    let all = OpenApiRouter::new().routes(routes!(delete_cohort)).routes(routes!(delete_user));
    all.merge(pages::routes().into())
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct RemovalQuery {
    /// What hangs on it does not stand in the way.
    #[serde(default)]
    force: bool,
}

impl RemovalQuery {
    pub(super) fn removal(&self) -> Removal {
        if self.force { Removal::Forced } else { Removal::Careful }
    }
}

/// What becomes of what hangs on a thing that is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It stands in the way.
    Careful,
    /// It goes along, or does without.
    Forced,
}

/// Removes a cohort; `force` takes what hangs on it along.
#[utoipa::path(delete, path = "/api/v1/cohorts/{slug}", params(IfMatch, RemovalQuery), responses((status = 204), (status = 409)))]
async fn delete_cohort(
    State(timetable): State<Timetable>,
    caller: Caller,
    Path(slug): Path<String>,
    Query(query): Query<RemovalQuery>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    caller.actor.must(Deed::ChangeTimetable)?;
    let cohort = timetable.accounts.cohorts.directory().find(&slug).cloned();
    let cohort = cohort.ok_or_else(|| Problem::not_found("cohort", &slug))?;
    timetable.remove_cohort(caller, cohort, (query.removal(), if_match)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a user; `force` leaves their events without a teacher.
#[utoipa::path(delete, path = "/api/v1/users/{login}", params(IfMatch, RemovalQuery), responses((status = 204), (status = 409)))]
async fn delete_user(
    State(timetable): State<Timetable>,
    caller: Caller,
    Path(login): Path<String>,
    Query(query): Query<RemovalQuery>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    caller.actor.must(Deed::Administer)?;
    timetable.remove_user(caller, login, (query.removal(), if_match)).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Timetable {
    /// Removes a cohort. Events of it alone go along, others do without it.
    async fn remove_cohort(
        &self,
        caller: Caller,
        cohort: Arc<Cohort>,
        (removal, if_match): (Removal, IfMatch),
    ) -> Result<(), Problem> {
        let timetable = self.clone();
        let remove = move |tx: &mut WriteTx| {
            // Asked inside the transaction, when nobody else can add one.
            let scene = timetable.scene(tx, &caller)?;
            let events = Hanging::of(tx, Whose::Cohort(&cohort.id))?;
            let mut standing = Vec::new();
            if removal == Removal::Careful {
                standing.extend(timetable.feeds.names_of_hanging(&cohort));
                standing.extend((!events.is_empty()).then(|| events.told(&scene.names)));
            }
            let removed = timetable.feeds.remove_cohort_in(tx, &caller, &cohort, (&standing, &if_match))?;
            events.leave(tx, &scene, |event| without_cohort(event, &cohort.id))?;
            Ok::<_, Problem>(removed)
        };
        let removed = self.app.store.write(remove).await?;
        self.feeds.forget_all(&removed);
        Ok(())
    }

    /// Removes a user. The events that they teach stay without a teacher.
    async fn remove_user(
        &self,
        caller: Caller,
        login: String,
        (removal, if_match): (Removal, IfMatch),
    ) -> Result<(), Problem> {
        let timetable = self.clone();
        let remove = move |tx: &mut WriteTx| {
            let scene = timetable.scene(tx, &caller)?;
            let login = timetable.accounts.remove_user_in(tx, &caller, &login, &if_match)?;
            let events = Hanging::of(tx, Whose::Teacher(login.as_str()))?;
            if removal == Removal::Careful && !events.is_empty() {
                let what = format!("the user {:?}", login.as_str());
                return Err(TimetableError::InUse { what, hanging: events.told(&scene.names) }.into());
            }
            events.leave(tx, &scene, |event| Some(Event { teacher: None, ..event.clone() }))?;
            Ok::<_, Problem>(())
        };
        self.app.store.write(remove).await
    }
}

/// The event without a cohort; gone where it was of that cohort alone.
fn without_cohort(event: &Event, cohort_id: &str) -> Option<Event> {
    let mut after = event.clone();
    after.cohorts.retain(|id| id != cohort_id);
    (!after.cohorts.is_empty()).then_some(after)
}
