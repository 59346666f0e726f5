//! What every page of events needs: a look at the database, whose hand is on it, and how a time is said.

use chrono::{DateTime, Utc};

use crate::actor::{Actor, Caller, Deed, Reach};
use crate::http::{PageProblem, Visit};
use crate::store::ReadTx;
use crate::timetable::events::rights::must_change;
use crate::timetable::events::rules::must_be_ours;
use crate::timetable::tables::find_event;
use crate::timetable::{Event, Scene, Timetable, TimetableError};

impl Timetable {
    /// Looks at the database with what a rule sees.
    pub(in crate::timetable) async fn look<T: Send + 'static>(
        &self,
        caller: &Caller,
        look: impl FnOnce(&ReadTx, &Scene) -> Result<T, TimetableError> + Send + 'static,
    ) -> Result<T, TimetableError> {
        let (timetable, caller) = (self.clone(), caller.clone());
        self.app.store.read(move |tx| look(tx, &timetable.scene(tx, &caller)?)).await
    }

    /// An event that whoever looks may change.
    pub(super) async fn find_changeable(&self, visit: &Visit, id: &str) -> Result<Event, PageProblem> {
        let id = id.to_owned();
        let found = self.look(&visit.caller, move |tx, scene| changeable(tx, scene, &id)).await;
        Ok(found?)
    }
}

fn changeable(tx: &ReadTx, scene: &Scene, id: &str) -> Result<Event, TimetableError> {
    must_change(&scene.caller, None, None)?;
    must_be_ours(tx, scene, id)?;
    let event = find_event(tx, id)?.ok_or_else(|| TimetableError::UnknownEvent(id.to_owned()))?;
    must_change(&scene.caller, Some(&event), None)?;
    Ok(event)
}

/// The login that each event of theirs must have, where somebody changes none but their own.
pub(super) fn bound_to(caller: &Caller) -> Option<&str> {
    match &caller.actor {
        Actor::User { login, .. } if caller.actor.reach(Deed::ChangeEvents) == Reach::Own => Some(login),
        _ => None,
    }
}

/// May they change what is in nobody's hand alone: allow a clash, run rooms?
pub(super) fn may_allow(caller: &Caller) -> bool {
    caller.actor.reach(Deed::ChangeTimetable) == Reach::All
}

/// When something is, in words.
pub(in crate::timetable) fn when(visit: &Visit, start: DateTime<Utc>, end: DateTime<Utc>) -> String {
    let zone = visit.app.zone();
    visit
        .words
        .from_to((start.with_timezone(&zone).naive_local(), end.with_timezone(&zone).naive_local()), visit.today())
}

/// A time as [`EventResponse`](crate::timetable::EventResponse) tells it.
pub(super) fn instant(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc)).unwrap_or_default()
}

/// Where something that is gone was: its first cohort's page.
pub(super) fn home_of(timetable: &Timetable, event: &Event) -> String {
    let directory = timetable.names().cohorts;
    let slug = event.cohorts.iter().find_map(|id| directory.by_id(id));
    slug.map_or("/".to_owned(), |cohort| format!("/c/{}", cohort.slug))
}
