//! The coming events of a calendar, by day: what its page shows.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::distinct::{distinct, zones_of};
use super::select::{Calendar, Selection};
use super::{Calendars, own};
use crate::ical::{Budget, Kind, occurrences, read_event};
use crate::store::StoreError;
use crate::timetable::Event;

const EVENTS_AT_MOST: usize = 500;
const BUDGET: u32 = 500_000;

/// One coming event.
#[derive(Clone, Debug)]
pub struct Upcoming {
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// It has no time of day.
    pub all_day: bool,
    /// What it is.
    pub summary: String,
    /// Where it is.
    pub location: String,
    /// What sort of event, as its calendar says.
    pub kind: String,
    /// More about it.
    pub description: String,
    /// It does not take place.
    pub cancelled: bool,
}

/// A day with events.
#[derive(Clone, Debug)]
pub struct UpcomingDay {
    /// The day, in the site's zone.
    pub date: NaiveDate,
    /// Its events, by start.
    pub events: Vec<Upcoming>,
}

impl Calendars {
    /// The days with events from now on, for so many days.
    pub async fn upcoming(&self, calendar: &Calendar, days: u64) -> Result<Vec<UpcomingDay>, StoreError> {
        let (calendars, calendar) = (self.clone(), calendar.clone());
        let work = tokio::task::spawn_blocking(move || {
            let selection = calendars.select(&calendar)?;
            Ok(by_day(&selection, coming(&selection, days)))
        });
        work.await.unwrap_or(Err(StoreError::Interrupted))
    }
}

fn coming(selection: &Selection, days: u64) -> Vec<Upcoming> {
    let shown = distinct(selection);
    let mut coming = Vec::new();
    let today = selection.now.with_timezone(&selection.zone).date_naive();
    let to = selection.now + TimeDelta::days(days.try_into().unwrap_or(60));
    for part in &selection.parts {
        let zones = zones_of(part, selection.zone);
        let of_part = shown.iter().filter(|s| std::ptr::eq(s.part, part) && s.item.facts.kind == Kind::Event);
        let events: Vec<_> = of_part.map(|shown| read_event(shown.item.text, &zones)).collect();
        let found = occurrences(&events, &zones, selection.now, to, EVENTS_AT_MOST, &mut Budget::new(BUDGET));
        coming.extend(found.iter().filter_map(|at| {
            let event = events.get(at.event)?;
            Some(Upcoming {
                start: at.start,
                end: at.end,
                all_day: event.all_day,
                summary: event.summary.to_string(),
                location: event.location.to_string(),
                kind: event.categories.join(", "),
                description: event.description.to_string(),
                cancelled: event.cancelled,
            })
        }));
    }
    let own = selection.own.iter().filter(|event| event.end > selection.now && event.start < to);
    coming.extend(own.map(|event| own_upcoming(event, selection)));
    let last = today.checked_add_days(Days::new(days)).unwrap_or(today);
    coming.retain(|event| event.start.with_timezone(&selection.zone).date_naive() <= last);
    coming.sort_by(|a, b| (a.start, &a.summary).cmp(&(b.start, &b.summary)));
    coming.truncate(EVENTS_AT_MOST);
    coming
}

fn own_upcoming(event: &Event, selection: &Selection) -> Upcoming {
    let names = &selection.names;
    Upcoming {
        start: event.start,
        end: event.end,
        all_day: false,
        summary: event.subject.clone(),
        location: event.room.as_deref().and_then(|id| names.room(id)).unwrap_or_default(),
        kind: event.kind.clone(),
        description: own::notes_and_teacher(event, selection).join("\n"),
        cancelled: !event.is_busy(),
    }
}

/// An event that began before today stands under today.
fn by_day(selection: &Selection, coming: Vec<Upcoming>) -> Vec<UpcomingDay> {
    let today = selection.now.with_timezone(&selection.zone).date_naive();
    let mut days: Vec<UpcomingDay> = Vec::new();
    for event in coming {
        let date = event.start.with_timezone(&selection.zone).date_naive().max(today);
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.events.push(event),
            None => days.push(UpcomingDay { date, events: vec![event] }),
        }
    }
    days
}
