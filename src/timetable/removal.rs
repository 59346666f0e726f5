//! Removing a cohort or a user: the events that hang on it stand in the way; forced, they go along or do without.
//!
//! Here and not below, because cohorts, accounts and feeds know of no events.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::delete;
use serde::Deserialize;

use super::events::{events_of, hanging, put_events};
use super::{Event, Scene, Timetable, TimetableError, Whose};
use crate::actor::{Caller, Deed};
use crate::cohorts::Cohort;
use crate::http::{Path, Problem, Query};
use crate::store::{Read, WriteTx};

/// The routes of removals.
pub fn routes(timetable: Timetable) -> Router {
    Router::new()
        .route("/api/v1/cohorts/{slug}", delete(delete_cohort))
        .route("/api/v1/users/{login}", delete(delete_user))
        .with_state(timetable)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RemovalQuery {
    #[serde(default)]
    force: bool,
}

async fn delete_cohort(
    State(timetable): State<Timetable>,
    caller: Caller,
    Path(slug): Path<String>,
    Query(query): Query<RemovalQuery>,
) -> Result<StatusCode, Problem> {
    caller.actor.must(Deed::ChangeTimetable)?;
    let cohort = timetable.accounts.cohorts.directory().find(&slug).cloned();
    let cohort = cohort.ok_or_else(|| Problem::not_found("cohort", &slug))?;
    timetable.remove_cohort(caller, cohort, query.force).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete_user(
    State(timetable): State<Timetable>,
    caller: Caller,
    Path(login): Path<String>,
    Query(query): Query<RemovalQuery>,
) -> Result<StatusCode, Problem> {
    caller.actor.must(Deed::Administer)?;
    timetable.remove_user(caller, login, query.force).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Timetable {
    /// Removes a cohort. Events of it alone go along, others do without it.
    async fn remove_cohort(&self, caller: Caller, cohort: Arc<Cohort>, force: bool) -> Result<(), Problem> {
        let timetable = self.clone();
        let removal = move |tx: &mut WriteTx| {
            // Asked inside the transaction, when nobody else can add one.
            let scene = timetable.scene(tx, &caller)?;
            let events = events_of(tx, Whose::Cohort(&cohort.id), None)?;
            let mut standing = if force { Vec::new() } else { timetable.feeds.names_of_hanging(&cohort) };
            standing.extend((!force && !events.is_empty()).then(|| hanging(&events, &scene.names)));
            let removed = timetable.feeds.remove_cohort_in(tx, &caller, &cohort, &standing)?;
            leave_cohort(tx, &scene, &cohort.id, events)?;
            Ok::<_, Problem>(removed)
        };
        let removed = self.app.store.write(removal).await?;
        self.feeds.forget_all(&removed);
        Ok(())
    }

    /// Removes a user. The events that they teach stay without a teacher.
    async fn remove_user(&self, caller: Caller, login: String, force: bool) -> Result<(), Problem> {
        let timetable = self.clone();
        let removal = move |tx: &mut WriteTx| {
            let scene = timetable.scene(tx, &caller)?;
            let login = timetable.accounts.remove_user_in(tx, &caller, &login)?;
            leave_events(tx, &scene, login.as_str(), force)?;
            Ok::<_, Problem>(())
        };
        self.app.store.write(removal).await
    }
}

fn leave_cohort(tx: &mut WriteTx, scene: &Scene, cohort_id: &str, events: Vec<Event>) -> Result<(), TimetableError> {
    let (alone, shared): (Vec<Event>, Vec<Event>) = events.into_iter().partition(|event| event.cohorts.len() == 1);
    put_events(tx, scene, "event.remove", alone.into_iter().map(|before| (Some(before), None)).collect())?;
    let without = shared.into_iter().map(|before| {
        let mut after = before.clone();
        after.cohorts.retain(|id| id != cohort_id);
        (Some(before), Some(after))
    });
    put_events(tx, scene, "event.update", without.collect())?;
    Ok(())
}

fn leave_events(tx: &mut WriteTx, scene: &Scene, login: &str, force: bool) -> Result<(), TimetableError> {
    let events: Vec<Event> = events_taught(tx, login)?;
    if !force && !events.is_empty() {
        let what = format!("the user {login:?}");
        return Err(TimetableError::InUse { what, hanging: hanging(&events, &scene.names) });
    }
    let without = events.into_iter().map(|before| {
        let mut after = before.clone();
        after.teacher = None;
        (Some(before), Some(after))
    });
    put_events(tx, scene, "event.update", without.collect())?;
    Ok(())
}

fn events_taught(tx: &impl Read, login: &str) -> Result<Vec<Event>, TimetableError> {
    Ok(events_of(tx, Whose::Teacher(login), None)?)
}
