//! Events as pages show them: our own and feeds', between two times, with what clashes.
//!
//! By the places and the index of occurrences, so that a week costs what is in it. Who may see a timetable is asked by
//! whoever shows it: a public cohort's is shown to strangers. Clashes tell of other cohorts' events, so they are looked
//! for where the caller may read all of them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::clashes::find_conflicts;
use super::events::events_of;
use super::feed_events::{FeedEvent, FeedText, read_texts};
use super::{Event, Names, Scene, Whose, Why};
use crate::actor::{Deed, Reach};
use crate::feeds::Feed;
use crate::store::{Read, StoreError};

/// An event as a page shows it.
#[derive(Clone, Debug)]
pub struct ShownEvent {
    /// `e_…`, or `f_…` of a feed.
    pub id: String,
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// It has no time of day.
    pub all_day: bool,
    /// What it is.
    pub subject: String,
    /// What sort of event; may be empty.
    pub kind: String,
    /// More about it; may be empty.
    pub notes: String,
    /// The room's name, or where a feed says that it is; may be empty.
    pub room: String,
    /// Who teaches it, by name; may be empty.
    pub teacher: String,
    /// The ids of its cohorts.
    pub cohorts: Vec<String>,
    /// The feed that it is of; none where it is our own.
    pub source: Option<Arc<Feed>>,
    /// It does not take place.
    pub cancelled: bool,
    /// What is in its way.
    pub clashes: Vec<Clash>,
}

/// Something in the way of an event.
#[derive(Clone, Debug)]
pub struct Clash {
    /// What they both claim.
    pub why: Vec<Why>,
    /// The subject of the other; the event's own, where there are too few seats.
    pub with: String,
}

/// The events of these timetables that end after the one time and start before the other, by start.
pub fn list_shown(
    tx: &impl Read,
    scene: &Scene,
    whose: &[Whose<'_>],
    range: (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<ShownEvent>, StoreError> {
    let own = own_events(tx, scene, whose, range)?;
    let of_feeds = feed_events(scene, whose, range);
    let texts = read_texts(tx, &of_feeds)?;
    let mut clashes = match scene.caller.actor.reach(Deed::ReadTimetable) {
        Reach::All => clashes_of(tx, scene, &own)?,
        Reach::Own | Reach::Nothing => HashMap::new(),
    };
    let mut shown: Vec<_> = own.into_iter().map(|event| own_shown(event, &scene.names)).collect();
    shown.extend(once(of_feeds.iter().zip(texts).map(|(event, text)| feed_shown(event, text, &scene.names))));
    for event in &mut shown {
        event.clashes = clashes.remove(&event.id).unwrap_or_default();
    }
    shown.sort_by(|a, b| (a.start, a.end, &a.subject, &a.id).cmp(&(b.start, b.end, &b.subject, &b.id)));
    Ok(shown)
}

/// Each of our own once, as long as calendars show it.
fn own_events(
    tx: &impl Read,
    scene: &Scene,
    whose: &[Whose<'_>],
    range: (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Event>, StoreError> {
    let mut found = BTreeMap::new();
    for whose in whose {
        let events = events_of(tx, *whose, Some(range))?.into_iter().filter(|event| event.is_shown(scene.now));
        found.extend(events.map(|event| (event.id.clone(), event)));
    }
    Ok(found.into_values().collect())
}

fn feed_events<'s>(scene: &'s Scene, whose: &[Whose<'_>], range: (DateTime<Utc>, DateTime<Utc>)) -> Vec<FeedEvent<'s>> {
    // Most weeks of most timetables have no feed of another's: the cohort is asked before the place.
    let stands_in = |event: &FeedEvent<'_>, whose: &Whose<'_>| match *whose {
        Whose::All => true,
        Whose::Cohort(id) => event.feed.cohort_id == id,
        Whose::Room(id) => scene.names.rooms.at(event.place_names()).iter().any(|room| room.id == id),
        Whose::Teacher(_) | Whose::Series(_) => false,
    };
    scene.feeds.overlapping(range).filter(|event| whose.iter().any(|whose| stands_in(event, whose))).collect()
}

/// What two feeds of one cohort both tell, once.
fn once(events: impl Iterator<Item = ShownEvent>) -> Vec<ShownEvent> {
    let mut seen = HashSet::new();
    let mut is_new = |event: &ShownEvent| {
        let words = [&event.subject, &event.kind, &event.room, &event.notes].map(String::clone);
        seen.insert((event.start, event.end, words, event.cohorts.clone(), event.cancelled))
    };
    events.filter(|event| is_new(event)).collect()
}

/// What is in the way of each of these, and so of what is in its way.
fn clashes_of(tx: &impl Read, scene: &Scene, own: &[Event]) -> Result<HashMap<String, Vec<Clash>>, StoreError> {
    let mut found: HashMap<String, Vec<Clash>> = HashMap::new();
    for event in own.iter().filter(|event| event.is_busy()) {
        for conflict in find_conflicts(tx, scene, std::iter::once(event))? {
            let (why, with) = (conflict.why.clone(), conflict.subject().to_owned());
            if conflict.event_id().starts_with("f_") {
                let clash = Clash { why: why.clone(), with: event.subject.clone() };
                found.entry(conflict.event_id().to_owned()).or_default().push(clash);
            }
            found.entry(event.id.clone()).or_default().push(Clash { why, with });
        }
    }
    Ok(found)
}

fn own_shown(event: Event, names: &Names) -> ShownEvent {
    let teacher = event.teacher.as_deref().and_then(|login| names.people.find(login));
    ShownEvent {
        all_day: false,
        cancelled: !event.is_busy(),
        room: event.room.as_deref().and_then(|id| names.room(id)).unwrap_or_default(),
        teacher: teacher.filter(|user| !user.login.is_of_nobody()).map(|user| user.name.clone()).unwrap_or_default(),
        id: event.id,
        start: event.start,
        end: event.end,
        subject: event.subject,
        kind: event.kind,
        notes: event.notes,
        cohorts: event.cohorts,
        source: None,
        clashes: Vec::new(),
    }
}

fn feed_shown(event: &FeedEvent<'_>, text: FeedText, names: &Names) -> ShownEvent {
    let rooms: Vec<_> = names.rooms.at(event.place_names()).iter().map(|room| room.name.clone()).collect();
    ShownEvent {
        id: event.id(),
        start: event.start(),
        end: event.end(),
        all_day: text.all_day,
        subject: text.subject.trim().to_owned(),
        kind: text.kind,
        notes: text.notes.trim().to_owned(),
        room: if rooms.is_empty() { text.location.trim().to_owned() } else { rooms.join(", ") },
        teacher: String::new(),
        cohorts: vec![event.feed.cohort_id.clone()],
        source: Some(Arc::clone(event.feed)),
        cancelled: text.cancelled,
        clashes: Vec::new(),
    }
}
