//! What became of our own events, by the audit: from what each was at the beginning to what it is now.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Changed, Detail, Found, Sort};
use crate::audit::{Entry, visit_newest_entries};
use crate::store::{Read, StoreError};
use crate::timetable::{Event, Names};

/// So many entries of the audit are looked through.
const LOOKED_AT: usize = 20_000;

/// What an event was, and what it is; none where the cohort had no part in it.
type Span = (Option<Event>, Option<Event>);

/// Each event of a cohort that is not what it was.
pub fn own_changes(tx: &impl Read, names: &Names, cohort_id: &str, since: DateTime<Utc>) -> Result<Found, StoreError> {
    let (mut spans, mut looked_at) = (BTreeMap::<String, Span>::new(), 0);
    visit_newest_entries(tx, None, |entry| {
        looked_at += 1;
        let inside = entry.at >= since;
        if inside && entry.object.starts_with("event:") {
            widen(&mut spans, entry, cohort_id);
        }
        inside && looked_at < LOOKED_AT
    })?;
    let changes = spans.into_values().filter_map(|span| changed(span, names)).collect();
    Ok(Found { changes, whole: looked_at < LOOKED_AT })
}

/// Entries come newest first: the first says what an event is, each further one what it was before.
fn widen(spans: &mut BTreeMap<String, Span>, entry: Entry, cohort_id: &str) {
    let of_cohort = |told: Option<serde_json::Value>| {
        let event = told.and_then(|told| serde_json::from_value::<Event>(told).ok());
        event.filter(|event| event.cohorts.iter().any(|id| id == cohort_id))
    };
    let (before, after) = (of_cohort(entry.before), of_cohort(entry.after));
    match spans.get_mut(&entry.object) {
        Some(span) => span.0 = before,
        None => {
            spans.insert(entry.object, (before, after));
        }
    }
}

fn changed(span: Span, names: &Names) -> Option<Changed> {
    let (sort, event, details) = match span {
        (None, None) => return None,
        (None, Some(after)) if after.is_busy() => (Sort::Added, after, Vec::new()),
        (None, Some(_)) => return None,
        (Some(before), None) if !before.is_busy() => return None,
        (Some(before), None) => return Some(Changed { event: None, ..of(Sort::Cancelled, before, Vec::new()) }),
        (Some(before), Some(after)) => {
            let (sort, details) = between(&before, &after, names)?;
            (sort, after, details)
        }
    };
    Some(of(sort, event, details))
}

fn of(sort: Sort, event: Event, details: Vec<Detail>) -> Changed {
    let (start, end) = (Some(event.start), Some(event.end));
    Changed { sort, subject: event.subject, start, end, details, event: Some(event.id) }
}

/// What is different of an event that is there still. Its teacher is a person, and is not told.
fn between(before: &Event, after: &Event, names: &Names) -> Option<(Sort, Vec<Detail>)> {
    let room = |event: &Event| event.room.as_deref().and_then(|id| names.room(id)).unwrap_or_default();
    let mut details = Vec::new();
    if (before.start, before.end) != (after.start, after.end) {
        details.push(Detail::Time((before.start, before.end), (after.start, after.end)));
    }
    if before.room != after.room {
        details.push(Detail::Room(room(before), room(after)));
    }
    let elsewhere = !details.is_empty();
    if before.subject != after.subject {
        details.push(Detail::Subject(before.subject.clone(), after.subject.clone()));
    }
    if before.kind != after.kind {
        details.push(Detail::Kind(before.kind.clone(), after.kind.clone()));
    }
    if before.notes != after.notes && !after.notes.is_empty() {
        details.push(Detail::Notes(after.notes.clone()));
    }
    match (before.is_busy(), after.is_busy()) {
        (true, false) => Some((Sort::Cancelled, details)),
        (false, true) => Some((Sort::Added, details)),
        (false, false) => None,
        (true, true) if elsewhere => Some((Sort::Moved, details)),
        (true, true) if details.is_empty() => None,
        (true, true) => Some((Sort::Told, details)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timetable::Status;
    use crate::timetable::events::tests::event;

    fn entry(before: Option<&Event>, after: Option<&Event>) -> Entry {
        let told = |event: Option<&Event>| event.map(|event| serde_json::to_value(event).unwrap());
        Entry {
            id: 1,
            at: DateTime::UNIX_EPOCH,
            actor: "user:x".into(),
            ip: None,
            action: "event.update".into(),
            object: "event:e_1".into(),
            before: told(before),
            after: told(after),
            blanked: false,
        }
    }

    #[test]
    fn what_came_and_went_is_not_told() {
        let mut spans = BTreeMap::new();
        let (first, moved) = (event(0), event(5));
        widen(&mut spans, entry(Some(&moved), None), "c_1");
        widen(&mut spans, entry(Some(&first), Some(&moved)), "c_1");
        assert_eq!(spans["event:e_1"], (Some(first.clone()), None));
        widen(&mut spans, entry(None, Some(&first)), "c_1");
        assert_eq!(spans["event:e_1"], (None, None));
    }

    #[test]
    fn an_event_that_leaves_a_cohort_is_gone_for_it() {
        let mut spans = BTreeMap::new();
        let (here, gone) = (event(0), Event { cohorts: vec!["c_2".into()], ..event(0) });
        widen(&mut spans, entry(Some(&here), Some(&gone)), "c_1");
        assert_eq!(spans["event:e_1"], (Some(here), None));
    }

    #[test]
    fn the_most_important_of_several_changes_gives_its_name() {
        let names = Names {
            rooms: Default::default(),
            cohorts: Default::default(),
            people: Default::default(),
            zone: chrono_tz::Europe::Paris,
        };
        let before = event(0);
        let cases = [
            (Event { status: Status::Cancelled, ..event(5) }, Some(Sort::Cancelled)),
            (Event { notes: "x".into(), ..event(5) }, Some(Sort::Moved)),
            (Event { room: None, ..event(0) }, Some(Sort::Moved)),
            (Event { notes: "x".into(), ..event(0) }, Some(Sort::Told)),
            (Event { teacher: Some("t".into()), ..event(0) }, None),
        ];
        for (after, sort) in cases {
            assert_eq!(between(&before, &after, &names).map(|found| found.0), sort, "{after:?}");
        }
    }
}
