//! Doing it: each event into the archive, the record that undoes it, one entry of the audit.

use serde_json::json;

use super::plan::{Plan, Wanted};
use super::{ROLLOVERS, Rollover};
use crate::actor::{Caller, Deed};
use crate::audit;
use crate::clock::local;
use crate::id::random_id;
use crate::store::{StoreError, WriteTx};
use crate::timetable::archive::{Archived, put_away};
use crate::timetable::tables::find_event;
use crate::timetable::{Scene, Timetable, TimetableError, topics};

/// Whether anything is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// Nothing: only what would be.
    Dry,
    /// All of it.
    Real,
}

/// What a roll-over did, or would do.
#[derive(Debug)]
pub(super) struct Done {
    /// What undoes it; none where it was a dry run, or nothing was to be done.
    pub id: Option<String>,
    /// What was to be done.
    pub plan: Plan,
}

impl Timetable {
    /// Archives what has ended of some cohorts. A dry run keeps no writer waiting.
    pub(super) async fn roll_over(&self, caller: Caller, wanted: Wanted, run: Run) -> Result<Done, TimetableError> {
        caller.actor.must(Deed::ChangeTimetable)?;
        match run {
            Run::Dry => {
                let plan = self.app.store.read(move |tx| Plan::make(tx, &wanted)).await?;
                Ok(Done { id: None, plan })
            }
            Run::Real => self.change(caller, move |tx, scene| archive_events(tx, scene, wanted)).await,
        }
    }
}

/// Where there is nothing to archive, nothing is written.
fn archive_events(tx: &mut WriteTx, scene: &Scene, wanted: Wanted) -> Result<Done, TimetableError> {
    let plan = Plan::make(tx, &wanted)?;
    if plan.going.is_empty() {
        return Ok(Done { id: None, plan });
    }
    let Wanted { cohorts, before } = wanted;
    let rollover = Rollover { id: random_id("y_")?, at: scene.now, before, cohorts };
    for id in &plan.going {
        let Some(event) = find_event(tx, id)? else { continue };
        let archived = Archived { rollover: rollover.id.clone(), event };
        put_away(tx, &archived)?;
        topics::touch(tx, std::iter::once(&archived.event), scene.steady)?;
    }
    tx.put(&ROLLOVERS, rollover.id.as_bytes(), &rollover)?;
    note(tx, scene, "cohort.rollover", (&rollover, plan.going.len()))?;
    Ok(Done { id: Some(rollover.id), plan })
}

/// Tells the audit of a roll-over, or that one was undone, and of how many events.
pub(super) fn note(
    tx: &mut WriteTx,
    scene: &Scene,
    action: &str,
    (rollover, events): (&Rollover, usize),
) -> Result<(), StoreError> {
    let Rollover { id, before, cohorts, .. } = rollover;
    let told = json!({
        "ended_before": local(*before, scene.names.zone), "cohorts": scene.names.cohorts.slugs(cohorts), "events": events,
    });
    let what = (action, format!("rollover:{id}"));
    audit::record(tx, &scene.caller, scene.now, what, [None, Some(told)])
}
