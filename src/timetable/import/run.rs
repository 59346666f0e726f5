//! The one transaction of an import: names, identities, writing, clashes, audit. A dry run does all of it, and is given up.

use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;

use super::files::{BadCells, EventsRead, Headers, ImportRow};
use super::identity::{Fate, Planned, plan};
use super::names::Namer;
use super::said::{Cohorts, Said};
use super::{Run, Wishes};
use crate::actor::{Caller, Deed};
use crate::audit;
use crate::error::FieldError;
use crate::store::{StoreError, WriteTx};
use crate::timetable::clashes::{ChangedRow, RowClashes, find_row_clashes};
use crate::timetable::events::{check_span, check_texts, insert_many, update_many};
use crate::timetable::{Conflicts, Draft, Event, Flaws, Scene, Timetable, TimetableError};

/// What an import did, or would do.
#[derive(Debug)]
pub(super) struct Done {
    /// Each row, in the order of the file.
    pub rows: Vec<DoneRow>,
    /// What is to be said of the whole.
    pub warnings: Vec<String>,
}

/// What became of a row.
#[derive(Debug)]
pub(super) struct DoneRow {
    /// As the spreadsheet counts.
    pub row: u32,
    /// What became of its event.
    pub fate: RowFate,
    /// The event as it is now; none where it is a feed's, or archived.
    pub event: Option<Event>,
    /// What should be looked at.
    pub warnings: Vec<String>,
}

/// What became of the event of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RowFate {
    Created,
    Updated,
    Unchanged,
}

impl Done {
    /// How many rows had this fate.
    pub(super) fn count(&self, fate: RowFate) -> usize {
        self.rows.iter().filter(|row| row.fate == fate).count()
    }
}

/// Why a transaction ends without a commit.
pub(super) enum Stop<T> {
    /// It was a dry run.
    Dry(Box<T>),
    /// It cannot be done.
    Failed(TimetableError),
}

impl<T> From<StoreError> for Stop<T> {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl<T> From<TimetableError> for Stop<T> {
    fn from(error: TimetableError) -> Self {
        Self::Failed(error)
    }
}

/// What a transaction did, or would have done.
pub(super) fn whatever_was_done<T>(done: Result<T, Stop<T>>) -> Result<T, TimetableError> {
    match done {
        Ok(done) => Ok(done),
        Err(Stop::Dry(done)) => Ok(*done),
        Err(Stop::Failed(error)) => Err(error),
    }
}

impl Timetable {
    /// Imports what was read of a file, and gives the turn back when that is done. The scene that it ends in knows the
    /// rooms and cohorts that it has made.
    pub(super) async fn import_events(
        &self,
        caller: Caller,
        (read, turn): (EventsRead, OwnedSemaphorePermit),
        wishes: Wishes,
    ) -> Result<(Done, Scene), TimetableError> {
        caller.actor.must(Deed::ChangeTimetable)?;
        let timetable = self.clone();
        // A feed that has to be read anew keeps no writer waiting.
        self.app.store.read(move |tx| timetable.feed_events(tx).map(drop)).await?;
        let timetable = self.clone();
        let import = move |tx: &mut WriteTx| {
            let _turn = turn;
            let mut scene = timetable.scene(tx, &caller)?;
            let done = timetable.take_rows(tx, &mut scene, read, &wishes)?;
            tell_audit(tx, &scene, &done)?;
            match wishes.run {
                Run::Dry => Err(Stop::Dry(Box::new((done, scene)))),
                Run::Real => Ok((done, scene)),
            }
        };
        whatever_was_done(self.app.store.write(import).await)
    }

    /// Takes rows in somebody else's transaction, which must be given up where this fails.
    pub(super) fn take_rows(
        &self,
        tx: &mut WriteTx,
        scene: &mut Scene,
        read: EventsRead,
        wishes: &Wishes,
    ) -> Result<Done, TimetableError> {
        let EventsRead { rows, errors, errors_untold, warnings, headers } = read;
        let (told_by_file, mut bad) = (errors.len(), BadCells { told: errors, untold: errors_untold });
        let said = self.understand(tx, scene, (rows, wishes), &mut bad)?;
        let cohorts = if wishes.cohort.is_some() { Cohorts::AtLeast } else { Cohorts::Exactly };
        let planned = plan(tx, said, cohorts, &mut bad)?;
        headers.rename(bad.told.get_mut(told_by_file..).unwrap_or_default());
        must_be_good(bad)?;
        let rows = put_rows(tx, scene, planned)?;
        if wishes.conflicts == Conflicts::Refused {
            must_not_clash(find_row_clashes(tx, scene, &changed(&rows))?, &headers)?;
        }
        let rows = rows.into_iter().map(|(row, _)| row).collect();
        Ok(Done { rows, warnings })
    }

    fn understand(
        &self,
        tx: &mut WriteTx,
        scene: &mut Scene,
        (rows, wishes): (Vec<ImportRow>, &Wishes),
        bad: &mut BadCells,
    ) -> Result<Vec<Said>, TimetableError> {
        let mut namer = Namer::new(self, (tx, scene), wishes, bad);
        let said: Vec<Said> = rows.into_iter().map(|row| namer.understand(row)).collect::<Result<_, _>>()?;
        bad.extend(said.iter().filter(|said| said.feed.is_none()).flat_map(flaws_of));
        Ok(said)
    }
}

/// Writes what is planned. Each row comes back with the state of its event before, where there was one.
fn put_rows(
    tx: &mut WriteTx,
    scene: &Scene,
    planned: Vec<Planned>,
) -> Result<Vec<(DoneRow, Option<Event>)>, TimetableError> {
    let (mut drafts, mut changes) = (Vec::new(), Vec::new());
    for Planned { fate, .. } in &planned {
        match fate {
            Fate::Made(draft) => drafts.push(draft.clone()),
            Fate::Known(states) if states.0 != states.1 => changes.push((**states).clone()),
            _ => {}
        }
    }
    let mut made = insert_many(tx, scene, drafts)?.into_iter();
    let mut changed = update_many(tx, scene, changes)?.into_iter();
    let mut rows: Vec<(DoneRow, Option<Event>)> = Vec::with_capacity(planned.len());
    let mut again = Vec::new();
    for (at, Planned { row, fate, warnings }) in planned.into_iter().enumerate() {
        let (fate, before, event) = match fate {
            Fate::Left | Fate::Gone | Fate::Archived(_) => (RowFate::Unchanged, None, None),
            Fate::Shown(event) => (RowFate::Unchanged, None, Some(*event)),
            Fate::Made(_) => (RowFate::Created, None, made.next()),
            Fate::Known(states) if states.0 == states.1 => (RowFate::Unchanged, None, Some(states.1)),
            Fate::Known(states) => (RowFate::Updated, Some(states.0), changed.next()),
            Fate::Again(first) => {
                again.push((at, first));
                (RowFate::Unchanged, None, None)
            }
        };
        rows.push((DoneRow { row, fate, event, warnings }, before));
    }
    for (at, first) in again {
        let event = rows.get(first).and_then(|(row, _)| row.event.clone());
        if let Some((row, _)) = rows.get_mut(at) {
            row.event = event;
        }
    }
    Ok(rows)
}

fn must_be_good(bad: BadCells) -> Result<(), TimetableError> {
    let BadCells { told: bad, untold } = bad;
    match bad.is_empty() {
        true => Ok(()),
        false => Err(TimetableError::BadRows { bad, untold, looked_until: None }),
    }
}

fn must_not_clash(clashes: RowClashes, headers: &Headers) -> Result<(), TimetableError> {
    let RowClashes { mut bad, looked_until } = clashes;
    headers.rename(&mut bad);
    match bad.is_empty() {
        true => Ok(()),
        false => Err(TimetableError::BadRows { bad, untold: 0, looked_until }),
    }
}

/// What was made or changed.
fn changed(rows: &[(DoneRow, Option<Event>)]) -> Vec<ChangedRow<'_>> {
    let changed = rows.iter().filter(|(row, _)| row.fate != RowFate::Unchanged);
    let rows = changed.filter_map(|(row, before)| {
        Some(ChangedRow { row: row.row, before: before.as_ref(), after: row.event.as_ref()? })
    });
    rows.collect()
}

/// What no event may be, by hand or by file.
fn flaws_of(said: &Said) -> Vec<FieldError> {
    let Draft { start, end, subject, kind, notes, .. } = &said.draft;
    let mut flaws = Flaws::default();
    check_texts([subject, kind, notes].map(|text| Some(text.as_str())), &mut flaws);
    check_span(*start, *end, &mut flaws);
    flaws.errors.into_iter().map(|error| FieldError { row: Some(said.row), ..error }).collect()
}

fn tell_audit(tx: &mut WriteTx, scene: &Scene, done: &Done) -> Result<(), StoreError> {
    let [created, updated, unchanged] =
        [RowFate::Created, RowFate::Updated, RowFate::Unchanged].map(|fate| done.count(fate));
    if created + updated == 0 {
        return Ok(());
    }
    let told = json!({"created": created, "updated": updated, "unchanged": unchanged});
    let what = ("event.import", "import".to_owned());
    audit::record(tx, &scene.caller, scene.now, what, [None, Some(told)])
}
