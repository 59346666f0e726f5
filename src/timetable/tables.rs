//! Where events are kept, and how those of a stretch of time are found.
//!
//! A record by its id; and a table of places, keyed by whose timetable it is, the start and the id: one for what is on
//! the timetable, one for what is in the archive. No event is longer than [`LONGEST`], so what overlaps a range begins at
//! most so long before it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Event;
use crate::store::{Read, StoreError, Table, WriteTx};

pub(super) const EVENTS: Table<Event> = Table::new("events");
/// The end of an event, in seconds, by whose it is, its start and its id.
const PLACES: Table<i64> = Table::new("event_places");
/// The same of archived events.
const ARCHIVED_PLACES: Table<i64> = Table::new("archived_places");
/// Cancelled events that calendars show still, by when they were cancelled and their id.
const CANCELLED: Table<()> = Table::new("event_cancellations");
pub(super) const LAST_CHANGES: Table<LastChange> = Table::new("event_changes");

/// No event lasts longer.
pub(super) const LONGEST: TimeDelta = TimeDelta::days(7);

/// Where the audit tells the last change of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LastChange {
    /// The number of the entry.
    pub entry: u64,
    /// The entries of what is taken back together, first and last: they stand in a row.
    pub operation: (u64, u64),
}

/// Where events are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shelf {
    /// What is on the timetable: listed, shown, in the way of others.
    #[default]
    Timetable,
    /// What a roll-over has put away.
    Archive,
}

impl Shelf {
    fn places(self) -> &'static Table<i64> {
        match self {
            Self::Timetable => &PLACES,
            Self::Archive => &ARCHIVED_PLACES,
        }
    }
}

/// Whose timetable an event stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose<'a> {
    /// Every event.
    All,
    /// A cohort's, by its id.
    Cohort(&'a str),
    /// A room's, by its id.
    Room(&'a str),
    /// A teacher's, by their login.
    Teacher(&'a str),
    /// The events of a series, by its id.
    Series(&'a str),
}

impl Whose<'_> {
    /// The beginning of the keys. Neither an id nor a login has a NUL.
    fn prefix(self) -> Vec<u8> {
        let (letter, id) = match self {
            Self::All => ('a', ""),
            Self::Cohort(id) => ('c', id),
            Self::Room(id) => ('r', id),
            Self::Teacher(login) => ('t', login),
            Self::Series(id) => ('s', id),
        };
        format!("{letter}{id}\0").into_bytes()
    }

    fn key(self, start: DateTime<Utc>, id: &str) -> Vec<u8> {
        [self.prefix().as_slice(), &sortable(start), id.as_bytes()].concat()
    }
}

/// Seconds whose bytes sort as the times do, those before 1970 too.
fn sortable(at: DateTime<Utc>) -> [u8; 8] {
    (at.timestamp() ^ i64::MIN).to_be_bytes()
}

/// An event as a timetable has it: when, and its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub start: DateTime<Utc>,
    pub id: String,
    pub end: DateTime<Utc>,
}

/// Shows the places of a timetable from a start and an id on, in this order, until the visitor has seen enough.
pub(super) fn visit_places(
    tx: &impl Read,
    (shelf, whose): (Shelf, Whose<'_>),
    from: (DateTime<Utc>, &str),
    mut visit: impl FnMut(Place) -> bool,
) -> Result<(), StoreError> {
    let prefix = whose.prefix();
    tx.visit_from(shelf.places(), &whose.key(from.0, from.1), |key, end| {
        let place = key.strip_prefix(prefix.as_slice()).and_then(|rest| place_of(rest, end));
        Ok(place.is_some_and(&mut visit))
    })
}

fn place_of(key: &[u8], end: i64) -> Option<Place> {
    let (start, id) = key.split_first_chunk::<8>()?;
    let at = |secs| DateTime::from_timestamp(secs, 0);
    let start = at(i64::from_be_bytes(*start) ^ i64::MIN)?;
    Some(Place { start, end: at(end)?, id: std::str::from_utf8(id).ok()?.to_owned() })
}

/// The places that end after `from` and start before `to`, in order of start and id.
pub(super) fn places_between(
    tx: &impl Read,
    place: (Shelf, Whose<'_>),
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Place>, StoreError> {
    let mut places = Vec::new();
    visit_places(tx, place, (earliest(from), ""), |place| {
        let inside = place.start < to;
        if inside && place.end > from {
            places.push(place);
        }
        inside
    })?;
    Ok(places)
}

/// Is there any event?
pub(super) fn has_events(tx: &impl Read, whose: Whose<'_>) -> Result<bool, StoreError> {
    let mut found = false;
    visit_places(tx, (Shelf::Timetable, whose), (DateTime::<Utc>::MIN_UTC, ""), |_| {
        found = true;
        false
    })?;
    Ok(found)
}

/// No event that begins before this reaches beyond `from`.
pub(super) fn earliest(from: DateTime<Utc>) -> DateTime<Utc> {
    from.checked_sub_signed(LONGEST).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// The event of an id.
pub(super) fn find_event(tx: &impl Read, id: &str) -> Result<Option<Event>, StoreError> {
    tx.find(&EVENTS, id.as_bytes())
}

/// Puts one state of an event in place of another: the record, and each place that it has.
pub(super) fn replace_event(tx: &mut WriteTx, before: Option<&Event>, after: Option<&Event>) -> Result<(), StoreError> {
    note_cancellation(tx, before, after)?;
    replace_places(tx, Shelf::Timetable, [before, after])?;
    match (before, after) {
        (_, Some(after)) => tx.put(&EVENTS, after.id.as_bytes(), after),
        (Some(before), None) => tx.delete(&EVENTS, before.id.as_bytes()),
        (None, None) => Ok(()),
    }
}

/// Each place that an event has, in place of those that it had.
pub(super) fn replace_places(
    tx: &mut WriteTx,
    shelf: Shelf,
    [before, after]: [Option<&Event>; 2],
) -> Result<(), StoreError> {
    let kept = after.map(keys_of).unwrap_or_default();
    let gone = before.map(keys_of).unwrap_or_default();
    gone.iter().filter(|key| !kept.contains(key)).try_for_each(|key| tx.delete(shelf.places(), key))?;
    let Some(after) = after else { return Ok(()) };
    kept.iter().try_for_each(|key| tx.put(shelf.places(), key, &after.end.timestamp()))
}

/// An event that is cancelled already keeps its place among the cancelled ones, or has left it for good.
fn note_cancellation(tx: &mut WriteTx, before: Option<&Event>, after: Option<&Event>) -> Result<(), StoreError> {
    let key = |event: &Event| Some([sortable(event.cancelled_at?).as_slice(), event.id.as_bytes()].concat());
    let (gone, new) = (before.and_then(key), after.and_then(key));
    if gone == new {
        return Ok(());
    }
    gone.map_or(Ok(()), |gone| tx.delete(&CANCELLED, &gone))?;
    new.map_or(Ok(()), |new| tx.put(&CANCELLED, &new, &()))
}

/// The keys and ids of cancelled events, first cancelled first, as long as `ended` says so of the time.
pub(super) fn cancelled_while(
    tx: &impl Read,
    ended: impl Fn(DateTime<Utc>) -> bool,
) -> Result<Vec<(Vec<u8>, String)>, StoreError> {
    let mut found = Vec::new();
    tx.visit_from(&CANCELLED, &[], |key, ()| {
        let Some((at, id)) = key.split_first_chunk::<8>() else { return Ok(false) };
        let goes_on = DateTime::from_timestamp(i64::from_be_bytes(*at) ^ i64::MIN, 0).is_some_and(&ended);
        if goes_on {
            found.push((key.to_vec(), String::from_utf8_lossy(id).into_owned()));
        }
        Ok(goes_on)
    })?;
    Ok(found)
}

/// Forgets that an event was cancelled of late.
pub(super) fn delete_cancellation(tx: &mut WriteTx, key: &[u8]) -> Result<(), StoreError> {
    tx.delete(&CANCELLED, key)
}

fn keys_of(event: &Event) -> Vec<Vec<u8>> {
    let cohorts = event.cohorts.iter().map(|id| Whose::Cohort(id));
    let others = [
        Some(Whose::All),
        event.room.as_deref().map(Whose::Room),
        event.teacher.as_deref().map(Whose::Teacher),
        event.series.as_deref().map(Whose::Series),
    ];
    cohorts.chain(others.into_iter().flatten()).map(|whose| whose.key(event.start, &event.id)).collect()
}
