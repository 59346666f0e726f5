//! The report of clashes: one sweep over the events by start, with those that still go on beside it.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::find::{seats, shared_with_feed};
use super::{Party, Why};
use crate::clock::local;
use crate::store::{Read, StoreError};
use crate::timetable::events::{Event, EventResponse, feed_response};
use crate::timetable::feed_events::{FeedEvent, read_texts};
use crate::timetable::tables::{Place, Shelf, earliest, find_event, visit_places};
use crate::timetable::{Scene, Whose};

/// So many places are read at once.
const AT_ONCE: usize = 500;

/// Two events that cannot both be, or one that does not fit its room.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ClashResponse {
    start: String,
    end: String,
    why: Vec<Why>,
    events: Vec<Party>,
    /// How many would sit, where there are too few seats.
    #[serde(skip_serializing_if = "Option::is_none")]
    students: Option<usize>,
    /// How many can.
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity: Option<u32>,
    /// Where it stands in the report.
    #[serde(skip)]
    pub cursor: Cursor,
}

/// A place in the report: the later event of a clash, and the other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The start of the later event, in seconds.
    pub start: i64,
    /// Its id.
    pub later: String,
    /// The id of the earlier; empty where it clashes with its room.
    pub earlier: String,
}

/// What is asked for.
pub struct Wanted {
    /// Clashes of what ends after this.
    pub from: DateTime<Utc>,
    /// Of what starts before this.
    pub to: DateTime<Utc>,
    /// What comes after this place.
    pub after: Option<Cursor>,
    /// So many.
    pub limit: usize,
}

/// The clashes by the start of the later event.
pub fn report(tx: &impl Read, scene: &Scene, wanted: &Wanted) -> Result<Vec<ClashResponse>, StoreError> {
    let mut sweep = Sweep { scene, wanted, going_on: Vec::new(), found: Vec::new() };
    let begin = wanted.after.as_ref().and_then(|cursor| DateTime::from_timestamp(cursor.start, 0));
    let mut from = (earliest(begin.unwrap_or(wanted.from)), String::new());
    while sweep.found.len() < wanted.limit {
        let places = some_places(tx, &from, wanted.to)?;
        for place in &places {
            if let Some(event) = find_event(tx, &place.id)?.filter(Event::is_busy) {
                sweep.pass(tx, event)?;
            }
        }
        match places.last().filter(|_| places.len() == AT_ONCE) {
            // The id with a NUL behind it is the next key.
            Some(last) => from = (last.start, format!("{}\0", last.id)),
            None => break,
        }
    }
    sweep.found.truncate(wanted.limit);
    Ok(sweep.found)
}

fn some_places(tx: &impl Read, from: &(DateTime<Utc>, String), to: DateTime<Utc>) -> Result<Vec<Place>, StoreError> {
    let mut places = Vec::new();
    visit_places(tx, (Shelf::Timetable, Whose::All), (from.0, &from.1), |place| {
        let inside = place.start < to;
        if inside {
            places.push(place);
        }
        inside && places.len() < AT_ONCE
    })?;
    Ok(places)
}

struct Sweep<'a> {
    scene: &'a Scene,
    wanted: &'a Wanted,
    /// Events that have begun and not ended.
    going_on: Vec<Event>,
    found: Vec<ClashResponse>,
}

impl Sweep<'_> {
    /// One more event, none of which begins earlier than the last.
    fn pass(&mut self, tx: &impl Read, event: Event) -> Result<(), StoreError> {
        self.going_on.retain(|other| other.end > event.start);
        let mut found = Vec::new();
        if event.end > self.wanted.from {
            found.extend(self.too_few_seats(&event));
            found.extend(self.going_on.iter().filter_map(|other| self.pair(other, &event)));
            found.extend(self.with_feeds(tx, &event)?);
        }
        found.retain(|clash| self.wanted.after.as_ref().is_none_or(|after| clash.cursor > *after));
        found.sort_by(|a, b| a.cursor.cmp(&b.cursor));
        self.found.extend(found);
        self.going_on.push(event);
        Ok(())
    }

    fn too_few_seats(&self, event: &Event) -> Option<ClashResponse> {
        let conflict = seats(event, self.scene)?;
        let clash = self.clash(event, (event.start, event.end), (String::new(), conflict.why));
        let (students, capacity) = conflict.seats.map(|seats| (seats.students, seats.capacity)).unzip();
        Some(ClashResponse { events: vec![conflict.event], students, capacity, ..clash })
    }

    fn pair(&self, earlier: &Event, later: &Event) -> Option<ClashResponse> {
        let room = (earlier.room.is_some() && earlier.room == later.room).then_some(Why::Room);
        let teacher = (earlier.teacher.is_some() && earlier.teacher == later.teacher).then_some(Why::Teacher);
        let cohort = later.cohorts.iter().any(|id| earlier.cohorts.contains(id)).then_some(Why::Cohort);
        let why: Vec<_> = [room, teacher, cohort].into_iter().flatten().collect();
        let end = earlier.end.min(later.end);
        if why.is_empty() || end <= self.wanted.from {
            return None;
        }
        let events = [earlier, later].map(|event| Party::from(EventResponse::new(event, &self.scene.names)));
        let clash = self.clash(later, (later.start, end), (earlier.id.clone(), why));
        Some(ClashResponse { events: events.into(), ..clash })
    }

    /// Clashes with feeds' events stand at our own event, whichever begins first.
    fn with_feeds(&self, tx: &impl Read, event: &Event) -> Result<Vec<ClashResponse>, StoreError> {
        let overlapping = self.scene.feeds.overlapping((event.start, event.end)).filter(FeedEvent::is_busy);
        let shared = overlapping.map(|other| (other, shared_with_feed(event, &other, self.scene)));
        let inside = |other: &FeedEvent<'_>| other.end() > self.wanted.from;
        let (others, whys): (Vec<_>, Vec<_>) = shared.filter(|(other, why)| !why.is_empty() && inside(other)).unzip();
        let texts = read_texts(tx, &others)?;
        let clashes = others.iter().zip(whys).zip(texts).map(|((other, why), text)| {
            let (start, end) = (event.start.max(other.start()), event.end.min(other.end()));
            let own = EventResponse::new(event, &self.scene.names);
            let theirs = feed_response(other, text, &self.scene.names);
            let clash = self.clash(event, (start, end), (other.id(), why));
            ClashResponse { events: vec![own.into(), theirs.into()], ..clash }
        });
        Ok(clashes.collect())
    }

    fn clash(
        &self,
        later: &Event,
        (start, end): (DateTime<Utc>, DateTime<Utc>),
        (earlier, why): (String, Vec<Why>),
    ) -> ClashResponse {
        let zone = self.scene.names.zone;
        let cursor = Cursor { start: later.start.timestamp(), later: later.id.clone(), earlier };
        let (start, end) = (local(start, zone), local(end, zone));
        ClashResponse { start, end, why, events: Vec::new(), students: None, capacity: None, cursor }
    }
}

impl Cursor {
    /// As it goes out. No id has a dot.
    pub fn to_text(&self) -> String {
        format!("{}.{}.{}", self.start, self.later, self.earlier)
    }

    /// Reads [`Cursor::to_text`] back.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let start = parts.next()?.parse().ok()?;
        Some(Self { start, later: parts.next()?.to_owned(), earlier: parts.next()?.to_owned() })
    }
}
