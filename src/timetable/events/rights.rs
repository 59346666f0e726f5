//! Who may read and who may change an event: the table's answers, looked at for one event.

use super::record::Event;
use crate::actor::{Actor, Caller, Deed, Denied, Reach};
use crate::timetable::{Names, TimetableError};

/// May the caller read events at all? A student then sees those of their cohorts.
pub fn must_read(caller: &Caller) -> Result<(), Denied> {
    caller.actor.must_some(Deed::ReadTimetable)
}

/// May the caller see an event of these cohorts?
pub fn may_read(caller: &Caller, cohort_ids: &[String]) -> bool {
    match caller.actor.reach(Deed::ReadTimetable) {
        Reach::All => true,
        Reach::Own => cohort_ids.iter().any(|id| caller.actor.owns_cohort(id)),
        Reach::Nothing => false,
    }
}

/// Those of an event's cohorts that the caller may know of: a student has nothing to do with the others.
pub fn seen_cohorts(caller: &Caller, cohort_ids: &[String], names: &Names) -> Vec<String> {
    let public = |id: &str| names.cohorts.by_id(id).is_some_and(|cohort| cohort.is_public());
    cohort_ids.iter().filter(|id| caller.actor.may_see_cohort(id, public(id))).cloned().collect()
}

/// May the caller change events at all?
pub fn must_change_some(caller: &Caller) -> Result<(), Denied> {
    caller.actor.must_some(Deed::ChangeEvents)
}

/// May the caller bring an event from one state to another? A teacher, where both are theirs.
pub fn must_change(caller: &Caller, before: Option<&Event>, after: Option<&Event>) -> Result<(), TimetableError> {
    must_change_some(caller)?;
    if caller.actor.reach(Deed::ChangeEvents) == Reach::All {
        return Ok(());
    }
    let Actor::User { login, .. } = &caller.actor else { return Err(Denied::NotAllowed.into()) };
    let is_theirs = |event: &Event| event.teacher.as_ref() == Some(login);
    match [before, after].into_iter().flatten().all(is_theirs) {
        true => Ok(()),
        false => Err(TimetableError::NotTheirs(login.clone())),
    }
}
