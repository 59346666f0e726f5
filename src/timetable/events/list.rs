//! `GET /api/v1/events`: our own events and feeds', by start and id, page by page.
//!
//! Of each timetable that can hold what is asked for, a page's worth is read from the cursor on; then they are merged.
//! A feed's text is read where it is shown, or where the question is about it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::record::Event;
use super::response::{EventResponse, feed_response};
use super::rights::may_read;
use crate::actor::{Actor, Deed, Reach};
use crate::store::{Read, StoreError};
use crate::timetable::archive::find_on;
use crate::timetable::feed_events::{FeedEvent, FeedText, read_texts};
use crate::timetable::tables::{Shelf, earliest, visit_places};
use crate::timetable::{Scene, Whose};

/// So many places are looked at, at once, for events that match.
const AT_ONCE: usize = 256;

/// What is asked for, by id.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Events of this cohort.
    pub cohort: Option<String>,
    /// In this room.
    pub room: Option<String>,
    /// Of this teacher.
    pub teacher: Option<String>,
    /// Of this series.
    pub series: Option<String>,
    /// Whose subject has this in it, in any case; small letters.
    pub subject: Option<String>,
    /// Of this kind, in any case; small letters.
    pub kind: Option<String>,
    /// That end after this.
    pub from: DateTime<Utc>,
    /// That start before this.
    pub to: DateTime<Utc>,
    /// On the timetable, or in the archive.
    pub shelf: Shelf,
    /// That come after this start and id.
    pub after: Option<(DateTime<Utc>, String)>,
}

/// The first `limit` of them.
pub fn list_events(
    tx: &impl Read,
    scene: &Scene,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<EventResponse>, StoreError> {
    let own = own_events(tx, scene, filter, limit)?;
    let of_feeds = feed_events(tx, scene, filter, limit)?;
    let mut merged: Vec<(DateTime<Utc>, String, Found<'_>)> = Vec::with_capacity(own.len() + of_feeds.len());
    merged.extend(own.into_iter().map(|event| (event.start, event.id.clone(), Found::Own(Box::new(event)))));
    merged.extend(of_feeds.into_iter().map(|event| (event.start(), event.id(), Found::OfFeed(event))));
    merged.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    merged.truncate(limit);
    let shown: Vec<_> = merged.iter().filter_map(|(_, _, found)| found.of_feed()).collect();
    let mut texts = read_texts(tx, &shown)?.into_iter();
    let responses = merged.into_iter().map(|(_, _, found)| match found {
        Found::Own(event) => EventResponse::seen(&event, scene),
        Found::OfFeed(event) => feed_response(&event, texts.next().unwrap_or_default(), &scene.names),
    });
    Ok(responses.collect())
}

enum Found<'a> {
    Own(Box<Event>),
    OfFeed(FeedEvent<'a>),
}

impl<'a> Found<'a> {
    fn of_feed(&self) -> Option<FeedEvent<'a>> {
        match self {
            Self::Own(_) => None,
            Self::OfFeed(event) => Some(*event),
        }
    }
}

/// The first of our own events, from each timetable that is needed: the narrowest that holds them, or a student's cohorts'.
pub fn own_events(tx: &impl Read, scene: &Scene, filter: &Filter, limit: usize) -> Result<Vec<Event>, StoreError> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for whose in timetables(scene, filter) {
        let events = first_events(tx, scene, (whose, filter), limit)?;
        found.extend(events.into_iter().filter(|event| seen.insert(event.id.clone())));
    }
    found.sort_by(|a: &Event, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
    found.truncate(limit);
    Ok(found)
}

fn timetables<'a>(scene: &'a Scene, filter: &'a Filter) -> Vec<Whose<'a>> {
    let narrow = filter.series.as_deref().map(Whose::Series);
    let narrow = narrow.or(filter.room.as_deref().map(Whose::Room));
    let narrow = narrow.or(filter.teacher.as_deref().map(Whose::Teacher));
    let narrow = narrow.or(filter.cohort.as_deref().map(Whose::Cohort));
    match (narrow, &scene.caller.actor) {
        (Some(whose), _) => vec![whose],
        (None, Actor::User { cohorts, .. }) if scene.caller.actor.reach(Deed::ReadTimetable) == Reach::Own => {
            cohorts.iter().map(|id| Whose::Cohort(id)).collect()
        }
        (None, _) => vec![Whose::All],
    }
}

/// The first of one timetable that are wanted.
fn first_events(
    tx: &impl Read,
    scene: &Scene,
    (whose, filter): (Whose<'_>, &Filter),
    limit: usize,
) -> Result<Vec<Event>, StoreError> {
    let mut found = Vec::new();
    let mut from = match &filter.after {
        Some((start, id)) => (*start, format!("{id}\0")),
        None => (earliest(filter.from), String::new()),
    };
    loop {
        let (mut ids, mut last, mut looked_at) = (Vec::new(), None, 0);
        visit_places(tx, (filter.shelf, whose), (from.0, &from.1), |place| {
            let inside = place.start < filter.to;
            looked_at += 1;
            last = Some((place.start, format!("{}\0", place.id)));
            if inside && place.end > filter.from {
                ids.push(place.id);
            }
            inside && looked_at < AT_ONCE && ids.len() < limit
        })?;
        for id in ids {
            found.extend(find_on(tx, filter.shelf, &id)?.filter(|event| wants(filter, scene, event)));
        }
        let ended = last.as_ref().is_none_or(|(start, _)| *start >= filter.to);
        match last.filter(|_| !ended && found.len() < limit) {
            Some(next) => from = next,
            None => break,
        }
    }
    found.truncate(limit);
    Ok(found)
}

fn wants(filter: &Filter, scene: &Scene, event: &Event) -> bool {
    may_read(&scene.caller, &event.cohorts)
        && filter.cohort.as_ref().is_none_or(|id| event.cohorts.contains(id))
        && filter.room.as_ref().is_none_or(|id| event.room.as_ref() == Some(id))
        && filter.teacher.as_ref().is_none_or(|login| event.teacher.as_ref() == Some(login))
        && filter.series.as_ref().is_none_or(|id| event.series.as_ref() == Some(id))
        && wants_text(filter, &event.subject, &event.kind)
}

fn wants_text(filter: &Filter, subject: &str, kind: &str) -> bool {
    filter.subject.as_deref().is_none_or(|part| subject.to_lowercase().contains(part))
        && filter.kind.as_deref().is_none_or(|wanted| kind.to_lowercase() == wanted)
}

/// Feeds' events: none has a teacher or a series, and none is archived.
fn feed_events<'s>(
    tx: &impl Read,
    scene: &'s Scene,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<FeedEvent<'s>>, StoreError> {
    if filter.teacher.is_some() || filter.series.is_some() || filter.shelf == Shelf::Archive {
        return Ok(Vec::new());
    }
    let mut found: Vec<_> = scene
        .feeds
        .of_cohorts(|id| {
            filter.cohort.as_deref().is_none_or(|wanted| wanted == id)
                && may_read(&scene.caller, std::slice::from_ref(&id.to_owned()))
        })
        .flat_map(|feed| feed.overlapping((filter.from, filter.to)))
        .filter(|event| is_in_room(filter, scene, event) && comes_after(filter, event))
        .collect();
    found.sort_by_cached_key(|event| (event.start(), event.id()));
    if filter.subject.is_some() || filter.kind.is_some() {
        let texts = read_texts(tx, &found)?;
        let wanted = |(_, text): &(FeedEvent<'_>, FeedText)| wants_text(filter, &text.subject, &text.kind);
        found = found.into_iter().zip(texts).filter(wanted).map(|(event, _)| event).collect();
    }
    found.truncate(limit);
    Ok(found)
}

fn is_in_room(filter: &Filter, scene: &Scene, event: &FeedEvent<'_>) -> bool {
    let Some(wanted) = &filter.room else { return true };
    scene.names.rooms.at(event.place_names()).iter().any(|room| room.id == *wanted)
}

fn comes_after(filter: &Filter, event: &FeedEvent<'_>) -> bool {
    let Some((start, id)) = &filter.after else { return true };
    event.start() > *start || (event.start() == *start && event.id() > *id)
}
