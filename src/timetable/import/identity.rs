//! Which event each row is: one of ours by its id, one that is there already (same cohort, subject, kind, start and end),
//! the event of an earlier row, or a new one.
//!
//! Rows to which the file gives different ids are different events, however alike they are: groups that are taught at
//! the same time. Of events that are alike a row is the one with its room and teacher.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::files::{BadCells, Words};
use super::said::{Cohorts, Said, draft_of, told, with};
use crate::store::{Read, StoreError};
use crate::timetable::archive::find_archived;
use crate::timetable::events::{find_same_archived, list_same};
use crate::timetable::tables::find_event;
use crate::timetable::{Draft, Event, Status};

/// What becomes of the event of a row.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    /// A feed's: nothing.
    Left,
    /// One of ours in the words of a calendar for subscribers: nothing.
    Shown(Box<Event>),
    /// Likewise one that was ours and is here no more.
    Gone,
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

/// Finds out what each row is. What two rows say of one event and do not agree on is told.
pub(super) fn plan(
    tx: &impl Read,
    rows: Vec<Said>,
    cohorts: Cohorts,
    bad: &mut BadCells,
) -> Result<Vec<Planned>, StoreError> {
    let mut planner = Planner::new(&rows, cohorts, bad);
    // Ids first: an event that one row moves away is not what another row finds in its old place.
    planner.each(|planner, at, said| planner.take_named(tx, at, said))?;
    // Then what is in the same room with the same teacher: it is not what a row finds that has others.
    planner.each(|planner, at, said| planner.take_alike(tx, at, said))?;
    planner.each(|planner, at, said| planner.take_rest(tx, at, said))?;
    let fates = planner.fates;
    let planned = rows.iter().zip(fates).map(|(said, fate)| {
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
        Fate::Shown(event) => warnings.push(format!(
            "is the event {} in the words of a calendar for subscribers: left as it is; change it here, or by the table \
             that `carillon export events` writes",
            event.id
        )),
        Fate::Gone => warnings.push(
            "was an event of ours that is here no more, in the words of a calendar for subscribers: left out; the table \
             that `carillon export events` writes would bring it back"
                .to_owned(),
        ),
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

/// The rows of one key, by their places in the plan.
#[derive(Default)]
struct Alike {
    first: usize,
    /// The first of each id that the file gives, and of those without.
    by_id: HashMap<Option<String>, usize>,
}

impl Alike {
    /// The row that another one with this id repeats.
    fn repeated(&self, id: Option<&String>) -> Option<usize> {
        let Some(id) = id else { return Some(self.first) };
        self.by_id.get(&Some(id.clone())).or_else(|| self.by_id.get(&None)).copied()
    }
}

struct Planner<'r> {
    rows: &'r [Said],
    cohorts: Cohorts,
    bad: &'r mut BadCells,
    fates: Vec<Option<Fate>>,
    /// Which row has each event that is there.
    by_id: HashMap<String, usize>,
    by_key: HashMap<Key, Alike>,
    /// What a row could be that is not exactly what is there.
    could_be: HashMap<usize, Vec<Event>>,
}

impl<'r> Planner<'r> {
    fn new(rows: &'r [Said], cohorts: Cohorts, bad: &'r mut BadCells) -> Self {
        let (by_id, by_key, could_be) = (HashMap::new(), HashMap::new(), HashMap::new());
        Self { rows, cohorts, bad, fates: vec![None; rows.len()], by_id, by_key, could_be }
    }

    /// Goes through the rows of which it is not settled yet what they are.
    fn each(
        &mut self,
        mut take: impl FnMut(&mut Self, usize, &'r Said) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for (at, said) in self.rows.iter().enumerate().filter(|(_, said)| said.feed.is_none()) {
            if self.fates.get(at).is_some_and(Option::is_none) {
                take(self, at, said)?;
            }
        }
        Ok(())
    }

    fn settle(&mut self, at: usize, fate: Fate) {
        if let Some(slot) = self.fates.get_mut(at) {
            *slot = Some(fate);
        }
    }

    /// A row that names an event of ours.
    fn take_named(&mut self, tx: &impl Read, at: usize, said: &Said) -> Result<(), StoreError> {
        let Some(id) = &said.id else { return Ok(()) };
        match (find_event(tx, id)?, said.words) {
            (Some(event), Words::Own) => self.take_known(at, said, event, self.cohorts),
            (Some(event), Words::Calendar) => self.take_shown(at, said, event),
            (None, words) => match find_archived(tx, id)? {
                Some(archived) => self.settle(at, Fate::Archived(archived.rollover)),
                None if words == Words::Calendar => self.settle(at, Fate::Gone),
                None => {}
            },
        }
        Ok(())
    }

    /// A row in the words of a calendar: it is the event only where they say nothing else.
    fn take_shown(&mut self, at: usize, said: &Said, event: Event) {
        let before = draft_of(&event);
        if told(&before, &said.draft, self.cohorts) == before {
            return self.take_known(at, said, event, self.cohorts);
        }
        self.by_id.entry(event.id.clone()).or_insert(at);
        self.settle(at, Fate::Shown(Box::new(event)));
    }

    /// A row of an event that is there.
    fn take_known(&mut self, at: usize, said: &Said, event: Event, cohorts: Cohorts) {
        if let Some(first) = self.by_id.get(&event.id).copied() {
            return self.take_again(at, said, first, cohorts);
        }
        let after = told(&draft_of(&event), &said.draft, cohorts);
        self.by_id.insert(event.id.clone(), at);
        self.remember(&after, said, at);
        let after = with(&event, after);
        self.settle(at, Fate::Known(Box::new((event, after))));
    }

    fn remember(&mut self, draft: &Draft, said: &Said, at: usize) {
        for key in keys_of(draft) {
            let alike = self.by_key.entry(key).or_insert_with(|| Alike { first: at, ..Alike::default() });
            alike.by_id.entry(said.id_in_file.clone()).or_insert(at);
        }
    }

    /// A row of which exactly this is there already; what else it could be is kept for later.
    fn take_alike(&mut self, tx: &impl Read, at: usize, said: &Said) -> Result<(), StoreError> {
        let mut there = list_same(tx, &said.draft)?;
        there.retain(|event| !self.by_id.contains_key(&event.id));
        let is_alike = |event: &Event| (&event.room, &event.teacher) == (&said.draft.room, &said.draft.teacher);
        match there.iter().position(is_alike) {
            Some(found) => self.take_known(at, said, there.swap_remove(found), Cohorts::AtLeast),
            None if there.is_empty() => {}
            None => drop(self.could_be.insert(at, there)),
        }
        Ok(())
    }

    /// A row that is an earlier one's event, or what comes nearest to it, or new.
    fn take_rest(&mut self, tx: &impl Read, at: usize, said: &Said) -> Result<(), StoreError> {
        let keys = keys_of(&said.draft);
        let repeated: HashSet<usize> =
            keys.iter().filter_map(|key| self.by_key.get(key)?.repeated(said.id_in_file.as_ref())).collect();
        if let Some(first) = repeated.into_iter().min() {
            self.take_again(at, said, first, Cohorts::AtLeast);
            return Ok(());
        }
        let could_be = self.could_be.remove(&at).unwrap_or_default().into_iter();
        let differs = |said: &Option<String>, there: &Option<String>| said.is_some() && said != there;
        let nearest = could_be.filter(|event| !self.by_id.contains_key(&event.id)).min_by_key(|event| {
            let Draft { room, teacher, .. } = &said.draft;
            u8::from(differs(room, &event.room)) + u8::from(differs(teacher, &event.teacher))
        });
        if let Some(event) = nearest {
            self.take_known(at, said, event, Cohorts::AtLeast);
        } else if let Some(archived) = find_same_archived(tx, &said.draft)? {
            self.settle(at, Fate::Archived(archived.rollover));
        } else {
            self.remember(&said.draft, said, at);
            self.settle(at, Fate::Made(said.draft.clone()));
        }
        Ok(())
    }

    /// A row of the event of another row: it may say the same once more.
    fn take_again(&mut self, at: usize, said: &Said, first: usize, cohorts: Cohorts) {
        let known = match self.fates.get(first).and_then(Option::as_ref) {
            Some(Fate::Made(draft)) => draft.clone(),
            Some(Fate::Known(states)) => draft_of(&states.1),
            Some(Fate::Shown(event)) => draft_of(event),
            _ => return,
        };
        let agree = told(&known, &said.draft, cohorts) == known;
        self.settle(at, Fate::Again(first));
        if !agree {
            let first = self.rows.get(first).map_or(0, |said| said.row);
            let message = format!(
                "is the event of row {first} (the same id, or the same cohort, subject, kind, start and end), which says something else of it"
            );
            self.bad.add(said.row, "subject", message);
        }
    }
}
