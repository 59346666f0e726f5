//! What feeds bring, as far as the timetable needs it: when, which event, in which place. No text is held.
//!
//! An index of each feed's occurrences, made anew when its snapshot has changed (its topic's version says so). Texts are
//! read from the snapshot for those few events that are shown.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::Timetable;
use super::rooms::place_names;
use crate::feeds::{Feed, Snapshot, event_id, find_snapshot};
use crate::ical::{Budget, Event, Kind, Zones, occurrences, read_event};
use crate::store::{Read, StoreError, Version};

/// Rules are laid out so far around the time at which the index was made, which counts for so long.
const BACK: TimeDelta = TimeDelta::days(400);
const AHEAD: TimeDelta = TimeDelta::days(800);
const GOOD_FOR: TimeDelta = TimeDelta::days(30);
/// Steps for the rules of one feed, and occurrences that are kept at most.
const BUDGET: u32 = 2_000_000;
const AT_MOST: usize = 50_000;

/// The index of each feed, by its slug.
#[derive(Default)]
pub struct Indexes(Mutex<HashMap<String, Arc<Index>>>);

/// One feed's occurrences.
#[derive(Debug)]
struct Index {
    version: Version,
    made_at: DateTime<Utc>,
    /// By start, then id.
    occurrences: Vec<Occurrence>,
    /// The names of each place, once.
    places: Vec<Vec<String>>,
    longest: TimeDelta,
}

/// One occurrence, in few bytes.
#[derive(Clone, Copy, Debug)]
struct Occurrence {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    /// The id without its `f_`.
    id: [u8; 16],
    /// The event's number in the snapshot.
    item: u32,
    place: u32,
    busy: bool,
}

/// The events of all feeds at one moment.
pub struct FeedEvents(Vec<(Arc<Feed>, Arc<Index>)>);

/// An event of a feed, without its text.
#[derive(Clone, Copy)]
pub struct FeedEvent<'a> {
    /// The feed.
    pub feed: &'a Arc<Feed>,
    index: &'a Index,
    occurrence: &'a Occurrence,
}

/// The text of a feed's event.
#[derive(Clone, Debug, Default)]
pub struct FeedText {
    /// What it is.
    pub subject: String,
    /// Where, in the feed's own words.
    pub location: String,
    /// What sort of event.
    pub kind: String,
    /// More about it.
    pub notes: String,
    /// It does not take place.
    pub cancelled: bool,
    /// It has no time of day.
    pub all_day: bool,
    /// How often it has changed.
    pub sequence: u32,
    /// The fetch that brought it.
    pub since: DateTime<Utc>,
}

impl Timetable {
    /// What feeds bring in this state of the database.
    pub(super) fn feed_events(&self, tx: &impl Read) -> Result<FeedEvents, StoreError> {
        let feeds = self.feeds.all();
        let now = self.app.clock.now();
        let found = feeds.iter().map(|feed| Ok((Arc::clone(feed), self.index(tx, feed, now)?)));
        let found = FeedEvents(found.collect::<Result<_, StoreError>>()?);
        let mut held = self.indexes.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() > feeds.len() {
            held.retain(|slug, _| feeds.iter().any(|feed| feed.slug.as_str() == slug));
        }
        Ok(found)
    }

    /// The feeds of which something takes place in a room, in the order in which they were added.
    pub fn feeds_in_room(&self, tx: &impl Read, room_id: &str) -> Result<Vec<Arc<Feed>>, StoreError> {
        let rooms = self.names().rooms;
        let is_there = |names: &Vec<String>| rooms.at(names).iter().any(|room| room.id == room_id);
        let FeedEvents(feeds) = self.feed_events(tx)?;
        let there = feeds.into_iter().filter(|(_, index)| index.places.iter().any(is_there));
        Ok(there.map(|(feed, _)| feed).collect())
    }

    fn index(&self, tx: &impl Read, feed: &Feed, now: DateTime<Utc>) -> Result<Arc<Index>, StoreError> {
        let slug = feed.slug.as_str();
        let version = tx.version_of(&Feed::topic(slug))?;
        let held = self.indexes.0.lock().unwrap_or_else(PoisonError::into_inner).get(slug).cloned();
        let good = |index: &Arc<Index>| index.version == version && (now - index.made_at).abs() < GOOD_FOR;
        if let Some(index) = held.filter(good) {
            return Ok(index);
        }
        let snapshot = find_snapshot(tx, slug)?.unwrap_or_default();
        let index = Arc::new(Index::of(slug, &snapshot, (version, now), self.app.zone()));
        let mut held = self.indexes.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(slug.to_owned(), Arc::clone(&index));
        Ok(index)
    }
}

impl Index {
    fn of(slug: &str, snapshot: &Snapshot, (version, now): (Version, DateTime<Utc>), zone: Tz) -> Self {
        let zones = Zones::read(snapshot.of_kind(Kind::Timezone).map(|item| item.text), zone);
        let events: Vec<_> = snapshot.of_kind(Kind::Event).map(|item| read_event(item.text, &zones)).collect();
        let mut index =
            Self { version, made_at: now, occurrences: Vec::new(), places: Vec::new(), longest: TimeDelta::zero() };
        let mut places = HashMap::new();
        for (number, start, end) in times(&events, &zones, now) {
            let Some(event) = events.get(number) else { continue };
            let place = *places.entry(event.location.as_ref()).or_insert_with(|| {
                index.places.push(place_names(&event.location));
                index.places.len() - 1
            });
            let id = event_id(slug, event.uid.unwrap_or_default(), event.occurrence(start));
            let mut bytes = [b'0'; 16];
            bytes.iter_mut().zip(id.bytes().skip(2)).for_each(|(byte, of_id)| *byte = of_id);
            let busy = !event.cancelled && !event.transparent && end > start;
            let (item, place) = (u32::try_from(number).unwrap_or(u32::MAX), u32::try_from(place).unwrap_or(u32::MAX));
            index.longest = index.longest.max(end - start);
            index.occurrences.push(Occurrence { start, end, id: bytes, item, place, busy });
        }
        index.occurrences.sort_by_key(|occurrence| (occurrence.start, occurrence.id));
        index.occurrences.shrink_to_fit();
        index
    }

    fn overlapping(&self, (from, to): (DateTime<Utc>, DateTime<Utc>)) -> impl Iterator<Item = &Occurrence> {
        let earliest = from.checked_sub_signed(self.longest).unwrap_or(DateTime::<Utc>::MIN_UTC);
        let first = self.occurrences.partition_point(|occurrence| occurrence.start < earliest);
        let rest = self.occurrences.get(first..).unwrap_or_default().iter();
        rest.take_while(move |occurrence| occurrence.start < to).filter(move |occurrence| occurrence.end > from)
    }
}

/// When each event takes place: by its rule around now, and what has none whenever it is.
fn times(events: &[Event<'_>], zones: &Zones, now: DateTime<Utc>) -> Vec<(usize, DateTime<Utc>, DateTime<Utc>)> {
    let (from, to) = (now - BACK, now + AHEAD);
    let found = occurrences(events, zones, from, to, AT_MOST, &mut Budget::new(BUDGET));
    let mut times: Vec<_> = found.iter().map(|at| (at.event, at.start, at.end)).collect();
    times.extend(events.iter().enumerate().filter_map(|(number, event)| {
        let (start, end) = event.start.zip(event.end)?;
        let once = event.recurrence_id.is_none() && !event.is_recurring();
        (once && (end <= from || start >= to)).then_some((number, start, end))
    }));
    times
}

/// The events of one feed.
#[derive(Clone, Copy)]
pub struct OneFeed<'a> {
    feed: &'a Arc<Feed>,
    index: &'a Index,
}

impl<'a> OneFeed<'a> {
    /// Each event that ends after the one and starts before the other.
    pub fn overlapping(self, range: (DateTime<Utc>, DateTime<Utc>)) -> impl Iterator<Item = FeedEvent<'a>> {
        let Self { feed, index } = self;
        index.overlapping(range).map(move |occurrence| FeedEvent { feed, index, occurrence })
    }
}

impl FeedEvents {
    /// The feeds of the cohorts that are wanted, by their ids.
    pub fn of_cohorts(&self, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = OneFeed<'_>> {
        let of_wanted = self.0.iter().filter(move |(feed, _)| wanted(&feed.cohort_id));
        of_wanted.map(|(feed, index)| OneFeed { feed, index })
    }

    /// Each event that ends after the one and starts before the other, feed by feed.
    pub fn overlapping(&self, range: (DateTime<Utc>, DateTime<Utc>)) -> impl Iterator<Item = FeedEvent<'_>> {
        self.of_cohorts(|_| true).flat_map(move |feed| feed.overlapping(range))
    }

    /// The event of an id.
    pub fn find(&self, id: &str) -> Option<FeedEvent<'_>> {
        let wanted: [u8; 16] = id.strip_prefix("f_")?.as_bytes().try_into().ok()?;
        self.0.iter().find_map(|(feed, index)| {
            let occurrence = index.occurrences.iter().find(|occurrence| occurrence.id == wanted)?;
            Some(FeedEvent { feed, index, occurrence })
        })
    }
}

impl<'a> FeedEvent<'a> {
    /// What the interfaces call it.
    pub fn id(&self) -> String {
        format!("f_{}", String::from_utf8_lossy(&self.occurrence.id))
    }

    /// When it begins.
    pub fn start(&self) -> DateTime<Utc> {
        self.occurrence.start
    }

    /// When it ends.
    pub fn end(&self) -> DateTime<Utc> {
        self.occurrence.end
    }

    /// Does it keep its cohort and its place?
    pub fn is_busy(&self) -> bool {
        self.occurrence.busy
    }

    /// What its place may be known by.
    pub fn place_names(&self) -> &'a [String] {
        self.index.places.get(self.occurrence.place as usize).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The texts of these events, in their order. Each feed's snapshot is read once.
pub fn read_texts(tx: &impl Read, events: &[FeedEvent<'_>]) -> Result<Vec<FeedText>, StoreError> {
    let mut texts = vec![FeedText::default(); events.len()];
    let mut by_feed: HashMap<&str, Vec<usize>> = HashMap::new();
    for (number, event) in events.iter().enumerate() {
        by_feed.entry(event.feed.slug.as_str()).or_default().push(number);
    }
    for (slug, numbers) in by_feed {
        let snapshot = find_snapshot(tx, slug)?.unwrap_or_default();
        let items: Vec<_> = snapshot.of_kind(Kind::Event).collect();
        for number in numbers {
            let Some((text, event)) = texts.get_mut(number).zip(events.get(number)) else { continue };
            let Some(item) = items.get(event.occurrence.item as usize) else { continue };
            *text = text_of(item.text);
            (text.sequence, text.since) = (item.facts.sequence, item.facts.since);
        }
    }
    Ok(texts)
}

fn text_of(component: &str) -> FeedText {
    // Times are the index's matter: no zone is asked for here.
    let event = read_event(component, &Zones::read([].into_iter(), Tz::UTC));
    FeedText {
        subject: event.summary.to_string(),
        location: event.location.to_string(),
        kind: event.categories.first().map(|kind| kind.chars().take(40).collect()).unwrap_or_default(),
        notes: event.description.to_string(),
        cancelled: event.cancelled,
        all_day: event.all_day,
        ..FeedText::default()
    }
}
