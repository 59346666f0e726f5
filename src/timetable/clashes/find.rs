//! What is in the way of some events, in the database as it is now.

use std::collections::BTreeMap;

use super::{Conflict, Party, Seats, Why};
use crate::store::{Read, StoreError};
use crate::timetable::events::{Event, EventResponse, feed_response};
use crate::timetable::feed_events::{FeedEvent, read_texts};
use crate::timetable::tables::{Shelf, find_event, places_between};
use crate::timetable::{Scene, Whose};

/// More are not looked for: nobody reads them.
const AT_MOST: usize = 1000;

/// What is in the way of these events, each thing once. They stand in the database already; none is in its own way.
pub fn find_conflicts<'e>(
    tx: &impl Read,
    scene: &Scene,
    events: impl Iterator<Item = &'e Event>,
) -> Result<Vec<Conflict>, StoreError> {
    let mut own: BTreeMap<(i64, String), (Event, Vec<Why>)> = BTreeMap::new();
    let mut of_feeds: BTreeMap<(i64, String), (FeedEvent<'_>, Vec<Why>)> = BTreeMap::new();
    let mut found = Vec::new();
    for event in events {
        found.extend(seats(event, scene));
        for (start, id, why) in own_in_the_way(tx, event)? {
            let known = own.get_mut(&(start, id.clone()));
            if let Some((_, whys)) = known {
                add(whys, why);
            } else if let Some(other) = find_event(tx, &id)?.filter(Event::is_busy) {
                own.insert((start, id), (other, vec![why]));
            }
        }
        for (other, why) in feeds_in_the_way(scene, event) {
            let whys = &mut of_feeds.entry((other.start().timestamp(), other.id())).or_insert((other, Vec::new())).1;
            why.into_iter().for_each(|why| add(whys, why));
        }
        if found.len() + own.len() + of_feeds.len() > AT_MOST {
            break;
        }
    }
    for (other, why) in own.into_values() {
        found.push(Conflict { why, event: EventResponse::new(&other, &scene.names).into(), seats: None });
    }
    let (others, whys): (Vec<_>, Vec<_>) = of_feeds.into_values().unzip();
    for ((other, why), text) in others.iter().zip(whys).zip(read_texts(tx, &others)?) {
        found.push(Conflict { why, event: feed_response(other, text, &scene.names).into(), seats: None });
    }
    Ok(found)
}

fn add(whys: &mut Vec<Why>, why: Why) {
    if !whys.contains(&why) {
        whys.push(why);
        whys.sort();
    }
}

/// Our own events at the same time, with what they share with this one.
fn own_in_the_way(tx: &impl Read, event: &Event) -> Result<Vec<(i64, String, Why)>, StoreError> {
    let claims = event.room.as_deref().map(|id| (Whose::Room(id), Why::Room)).into_iter();
    let claims = claims.chain(event.teacher.as_deref().map(|login| (Whose::Teacher(login), Why::Teacher)));
    let claims = claims.chain(event.cohorts.iter().map(|id| (Whose::Cohort(id.as_str()), Why::Cohort)));
    let mut found = Vec::new();
    for (whose, why) in claims {
        let places = places_between(tx, (Shelf::Timetable, whose), (event.start, event.end))?;
        let others = places.into_iter().filter(|place| place.id != event.id);
        found.extend(others.map(|place| (place.start.timestamp(), place.id, why)));
    }
    Ok(found)
}

/// Feeds' events at the same time.
fn feeds_in_the_way<'s>(scene: &'s Scene, event: &Event) -> Vec<(FeedEvent<'s>, Vec<Why>)> {
    let overlapping = scene.feeds.overlapping((event.start, event.end)).filter(FeedEvent::is_busy);
    let shared = overlapping.map(|other| {
        let why = shared_with_feed(event, &other, scene);
        (other, why)
    });
    shared.filter(|(_, why)| !why.is_empty()).collect()
}

/// What an event shares with a feed's: its cohort, its room.
pub(super) fn shared_with_feed(event: &Event, other: &FeedEvent<'_>, scene: &Scene) -> Vec<Why> {
    let rooms = scene.names.rooms.at(other.place_names());
    let room = event.room.as_ref().filter(|id| rooms.iter().any(|room| room.id == **id)).map(|_| Why::Room);
    let cohort = event.cohorts.contains(&other.feed.cohort_id).then_some(Why::Cohort);
    room.into_iter().chain(cohort).collect()
}

/// Has the event's room too few seats for the students of its cohorts?
pub(super) fn seats(event: &Event, scene: &Scene) -> Option<Conflict> {
    let capacity = scene.names.rooms.by_id(event.room.as_deref()?)?.capacity?;
    let students = scene.names.people.count_students(&event.cohorts);
    let too_few = students > usize::try_from(capacity).unwrap_or(usize::MAX);
    let party = || Party::from(EventResponse::new(event, &scene.names));
    too_few.then(|| Conflict { why: vec![Why::Seats], event: party(), seats: Some(Seats { students, capacity }) })
}
