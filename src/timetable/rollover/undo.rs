//! Which roll-overs there are, and taking one back: each event that is still in the archive by it is on the timetable
//! again, as it was.
//!
//! Clashes are not looked for: it is all of the past, and was so before.

use super::rules::note;
use super::{ROLLOVERS, Rollover};
use crate::actor::Deed;
use crate::store::{Read, ReadTx, StoreError, WriteTx};
use crate::timetable::archive::{bring_back, find_archived, ids_of};
use crate::timetable::{Scene, TimetableError, topics};

/// Each roll-over that was not undone, newest first, with the number of events that it keeps in the archive.
pub(super) fn list_rollovers(tx: &ReadTx) -> Result<Vec<(Rollover, usize)>, StoreError> {
    let mut all = tx.list(&ROLLOVERS)?;
    all.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
    let counted = all.into_iter().map(|rollover| {
        let count = ids_of(tx, &rollover.id)?.len();
        Ok((rollover, count))
    });
    counted.collect()
}

/// Takes a roll-over back; says how many events are on the timetable again.
pub(super) fn undo_rollover(tx: &mut WriteTx, scene: &Scene, id: &str) -> Result<usize, TimetableError> {
    scene.caller.actor.must(Deed::ChangeTimetable)?;
    let rollover = tx.find(&ROLLOVERS, id.as_bytes())?;
    let rollover = rollover.ok_or_else(|| TimetableError::UnknownRollover(id.to_owned()))?;
    let ids = ids_of(tx, id)?;
    for event_id in &ids {
        let Some(archived) = find_archived(tx, event_id)? else { continue };
        bring_back(tx, &archived)?;
        topics::touch(tx, std::iter::once(&archived.event), scene.steady)?;
    }
    tx.delete(&ROLLOVERS, id.as_bytes())?;
    note(tx, scene, "cohort.rollover_undo", (&rollover, ids.len()))?;
    Ok(ids.len())
}
