//! Which event each row is: one of ours by its id, one that is there already (same cohort, subject, kind, start and end),
//! the event of an earlier row, or a new one.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::said::{Cohorts, Said, draft_of, told, with};
use crate::error::FieldError;
use crate::store::{Read, StoreError};
use crate::timetable::archive::find_archived;
use crate::timetable::tables::find_event;
use crate::timetable::{Draft, Event, Status, find_same, find_same_archived};

/// What becomes of the event of a row.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    /// A feed's: nothing.
    Left,
    /// That of a roll-over, which has archived it: nothing.
    Archived(String),
    /// It is made.
    Made(Draft),
    /// It stays as it is, or changes: before and after.
    Known(Box<(Event, Event)>),
    /// It is that of another row, by its place in the plan.
    Again(usize),
}

/// A row and what becomes of it.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    /// As the spreadsheet counts.
    pub row: u32,
    /// What becomes of it.
    pub fate: Fate,
    /// What should be looked at.
    pub warnings: Vec<String>,
}

/// Finds out what each row is, in the order of the rows. What two rows say of one event and do not agree on is told.
pub(super) fn plan(
    tx: &impl Read,
    rows: Vec<Said>,
    cohorts: Cohorts,
    bad: &mut Vec<FieldError>,
) -> Result<Vec<Planned>, StoreError> {
    let mut planner = Planner { fates: vec![None; rows.len()], ..Planner::default() };
    // Ids first: an event that one row moves away is not what another row finds in its old place.
    for (at, said) in rows.iter().enumerate() {
        let named = said.id.as_deref().filter(|_| said.feed.is_none());
        let Some(id) = named else { continue };
        if let Some(event) = find_event(tx, id)? {
            planner.take_known(at, (&rows, cohorts), event, bad);
        } else if let Some(archived) = find_archived(tx, id)? {
            planner.settle(at, Fate::Archived(archived.rollover));
        }
    }
    for (at, said) in rows.iter().enumerate() {
        if planner.fates.get(at).is_some_and(Option::is_none) {
            planner.take(tx, at, (&rows, said), bad)?;
        }
    }
    let planned = rows.iter().zip(planner.fates).map(|(said, fate)| {
        let fate = fate.unwrap_or(Fate::Left);
        Planned { row: said.row, warnings: warned(&rows, said, &fate), fate }
    });
    Ok(planned.collect())
}

fn warned(rows: &[Said], said: &Said, fate: &Fate) -> Vec<String> {
    let mut warnings = said.warnings.clone();
    match fate {
        Fate::Again(first) => {
            let first = rows.get(*first).map_or(0, |said| said.row);
            warnings.push(format!("says the same as row {first}"));
        }
        Fate::Left => {
            let feed = said.feed.as_deref().filter(|feed| !feed.is_empty()).unwrap_or("a feed");
            warnings.push(format!("belongs to {feed}: left as it is, change it where the feed comes from"));
        }
        Fate::Archived(rollover) => {
            warnings.push(format!("was archived by the roll-over {rollover}: left as it is"));
        }
        Fate::Known(states) if states.1.status == Status::Cancelled && said.draft.status != Status::Cancelled => {
            warnings.push("is cancelled, and stays so".to_owned());
        }
        _ => {}
    }
    warnings
}

/// What makes two events the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    cohort: Option<String>,
    subject: String,
    kind: String,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

fn keys_of(draft: &Draft) -> Vec<Key> {
    let key = |cohort| Key {
        cohort,
        subject: draft.subject.clone(),
        kind: draft.kind.clone(),
        start: draft.start,
        end: draft.end,
    };
    match draft.cohorts.is_empty() {
        true => vec![key(None)],
        false => draft.cohorts.iter().cloned().map(Some).map(key).collect(),
    }
}

#[derive(Default)]
struct Planner {
    fates: Vec<Option<Fate>>,
    /// Which row has each event that is there, and how it will be.
    by_id: HashMap<String, usize>,
    by_key: HashMap<Key, usize>,
}

impl Planner {
    fn settle(&mut self, at: usize, fate: Fate) {
        if let Some(slot) = self.fates.get_mut(at) {
            *slot = Some(fate);
        }
    }

    /// A row of an event that is there.
    fn take_known(&mut self, at: usize, (rows, cohorts): (&[Said], Cohorts), event: Event, bad: &mut Vec<FieldError>) {
        let Some(said) = rows.get(at) else { return };
        if let Some(first) = self.by_id.get(&event.id).copied() {
            return self.take_again(at, (rows, said, first), cohorts, bad);
        }
        let after = told(&draft_of(&event), &said.draft, cohorts);
        self.by_id.insert(event.id.clone(), at);
        self.remember(&after, at);
        let after = with(&event, after);
        self.settle(at, Fate::Known(Box::new((event, after))));
    }

    fn remember(&mut self, draft: &Draft, at: usize) {
        for key in keys_of(draft) {
            self.by_key.entry(key).or_insert(at);
        }
    }

    /// A row that names no event of ours.
    fn take(
        &mut self,
        tx: &impl Read,
        at: usize,
        (rows, said): (&[Said], &Said),
        bad: &mut Vec<FieldError>,
    ) -> Result<(), StoreError> {
        if said.feed.is_some() {
            self.settle(at, Fate::Left);
            return Ok(());
        }
        if let Some(first) = keys_of(&said.draft).iter().find_map(|key| self.by_key.get(key)).copied() {
            self.take_again(at, (rows, said, first), Cohorts::AtLeast, bad);
            return Ok(());
        }
        match find_same(tx, &said.draft)?.filter(|event| !self.by_id.contains_key(&event.id)) {
            Some(event) => self.take_known(at, (rows, Cohorts::AtLeast), event, bad),
            None => match find_same_archived(tx, &said.draft)? {
                Some(archived) => self.settle(at, Fate::Archived(archived.rollover)),
                None => {
                    self.remember(&said.draft, at);
                    self.settle(at, Fate::Made(said.draft.clone()));
                }
            },
        }
        Ok(())
    }

    /// A row of the event of another row: it may say the same once more.
    fn take_again(
        &mut self,
        at: usize,
        (rows, said, first): (&[Said], &Said, usize),
        cohorts: Cohorts,
        bad: &mut Vec<FieldError>,
    ) {
        let known = match self.fates.get(first).and_then(Option::as_ref) {
            Some(Fate::Made(draft)) => draft.clone(),
            Some(Fate::Known(states)) => draft_of(&states.1),
            _ => return,
        };
        let agree = told(&known, &said.draft, cohorts) == known;
        self.settle(at, Fate::Again(first));
        if !agree {
            let first = rows.get(first).map_or(0, |said| said.row);
            let message = format!(
                "is the event of row {first} (the same id, or the same cohort, subject, kind, start and end), which says something else of it"
            );
            bad.push(FieldError { row: Some(said.row), ..FieldError::new("subject", message) });
        }
    }
}
