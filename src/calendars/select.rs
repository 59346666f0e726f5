//! Which calendar, in which form, and what goes into it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{Calendars, own, room};
use crate::app::App;
use crate::cohorts::{CALENDARS, Cohort, SCOPES};
use crate::config::Language;
use crate::feeds::{Feed, Snapshot, Stamp as FeedStamp, find_snapshot, stale_notice};
use crate::store::{Read, StoreError};
use crate::timetable::{ALL, Event, Names, room_topic, teacher_topic};

/// More cohorts than any student has: the calendar of somebody who looks after all of them.
const WIDE_COHORTS: usize = 10;

/// A calendar: whose events.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Calendar {
    /// A cohort's, by its id.
    Cohort(String),
    /// Several cohorts' as one, by their ids, in the order of their slugs.
    Cohorts(Vec<String>),
    /// A room's, by its id.
    Room(String),
    /// A teacher's, by their login.
    Teacher(String),
    /// Everything.
    All,
}

impl Calendar {
    /// The calendar of one cohort.
    pub fn of(cohort: &Cohort) -> Self {
        Self::Cohort(cohort.id.clone())
    }

    /// May it have as much in it as all others together?
    pub(super) fn is_wide(&self) -> bool {
        match self {
            Self::All => true,
            Self::Cohorts(ids) => ids.len() > WIDE_COHORTS,
            Self::Cohort(_) | Self::Room(_) | Self::Teacher(_) => false,
        }
    }

    /// The topics of what it is made of: where one of them changes, it may have changed. Any cohort's feed may have
    /// something in a room.
    fn topics(&self) -> Vec<String> {
        match self {
            Self::Cohort(id) => vec![Cohort::topic(id)],
            Self::Cohorts(ids) => ids.iter().map(|id| Cohort::topic(id)).chain([SCOPES.to_owned()]).collect(),
            Self::Teacher(login) => vec![teacher_topic(login)],
            Self::Room(_) | Self::All => vec![CALENDARS.to_owned()],
        }
    }
}

/// A form in which a calendar goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// iCalendar (RFC 5545).
    Ics,
    /// Comma-separated values (RFC 4180).
    Csv,
    /// The same with a byte-order mark and semicolons, as Excel wants them.
    CsvForExcel,
}

impl Format {
    /// A table in a dialect that may be named.
    pub fn csv(dialect: Option<&str>) -> Self {
        match dialect {
            Some("excel") => Self::CsvForExcel,
            _ => Self::Csv,
        }
    }
}

/// Tells one state of a calendar from another, by the versions of what it is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp(u64);

impl Stamp {
    /// The state of a calendar now, from memory.
    pub fn of(calendar: &Calendar, app: &App) -> Self {
        let mut hasher = DefaultHasher::new();
        calendar.topics().iter().for_each(|topic| app.store.version(topic).number.hash(&mut hasher));
        Self(hasher.finish())
    }
}

/// What goes into a calendar.
pub struct Selection {
    /// The calendar's name.
    pub name: String,
    /// A name for its file.
    pub slug: String,
    /// The feeds, in the order of the cohorts, then in which they were added.
    pub parts: Vec<Part>,
    /// Our own events, by start and id.
    pub own: Vec<Event>,
    /// What our own events' rooms, teachers and cohorts are called.
    pub names: Names,
    /// The room, by its id, where it is the calendar of one.
    pub room: Option<String>,
    /// When this state came to be: the last change of anything in it.
    pub as_of: DateTime<Utc>,
    /// The date that it goes out with; never goes back.
    pub last_modified: DateTime<Utc>,
    /// The day on which the stale notice stands, and since when it is stale.
    pub stale: Option<Stale>,
    /// The site's zone.
    pub zone: chrono_tz::Tz,
    /// The site's language.
    pub language: Language,
    /// Stands behind the `@` of UIDs that Carillon makes.
    pub instance_id: String,
    /// Now: for stamps that say when the calendar was handed out.
    pub now: DateTime<Utc>,
}

/// A feed's share of a calendar.
pub struct Part {
    /// The feed.
    pub feed: Arc<Feed>,
    /// Its cohort's slug.
    pub cohort: String,
    /// Its last good content.
    pub snapshot: Snapshot,
    /// It is not up to date, and its calendar says so.
    pub stale: Option<Stale>,
    /// Its last good fetch.
    pub last_success: Option<DateTime<Utc>>,
}

/// The calendar is not up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stale {
    /// The day that the notice stands on.
    pub on: chrono::NaiveDate,
    /// The last good fetch of the feed that is worst off.
    pub since: DateTime<Utc>,
}

impl Selection {
    /// Does some part say when it was checked or handed out? Then it changes with time alone.
    pub fn changes_with_time(&self) -> bool {
        let with_time = |part: &Part| part.feed.stamps(FeedStamp::Checked) || part.feed.stamps(FeedStamp::Served);
        self.parts.iter().any(with_time)
    }
}

/// What a calendar is called, and the cohorts and feeds that it is made of.
struct Outline {
    name: String,
    slug: String,
    feeds: Vec<(String, Arc<Feed>)>,
}

impl Calendars {
    /// Gathers a calendar's content. The time of its version is asked first: a change in the meantime makes content that
    /// is newer than its date, which the next request puts right, and never the other way round.
    pub(super) fn select(&self, calendar: &Calendar) -> Result<Selection, StoreError> {
        let app = &self.feeds.app;
        let last_modified = match calendar {
            Calendar::Cohort(_) | Calendar::Teacher(_) => latest(app, &calendar.topics()),
            Calendar::Cohorts(_) | Calendar::Room(_) | Calendar::All => app.store.version(CALENDARS).changed_at,
        };
        let names = self.timetable.names();
        app.store.read_now(|tx| {
            let outline = self.outline(tx, calendar, &names)?;
            let as_of = latest(app, &contents(calendar, &outline));
            let parts = outline.feeds.into_iter().map(|(cohort, feed)| self.part(tx, calendar, (cohort, feed), &names));
            let parts = parts.collect::<Result<Vec<_>, StoreError>>()?;
            Ok(Selection {
                name: outline.name,
                slug: outline.slug,
                stale: parts.iter().filter_map(|part| part.stale).min_by_key(|stale| stale.since),
                as_of,
                last_modified,
                parts,
                own: own::find_shown(tx, calendar, as_of)?,
                room: match calendar {
                    Calendar::Room(id) => Some(id.clone()),
                    _ => None,
                },
                zone: names.zone,
                names,
                language: app.config().language,
                instance_id: app.settings().instance_id.clone(),
                now: app.clock.now_secs(),
            })
        })
    }

    fn outline(&self, tx: &impl Read, calendar: &Calendar, names: &Names) -> Result<Outline, StoreError> {
        let of_cohorts = |ids: &[String], name: Option<&str>, slug: &str| {
            let cohorts: Vec<_> = ids.iter().filter_map(|id| names.cohorts.by_id(id)).collect();
            let joined = || cohorts.iter().map(|cohort| cohort.name.as_str()).collect::<Vec<_>>().join(" + ");
            let slug = cohorts.first().filter(|_| cohorts.len() == 1).map_or(slug, |cohort| cohort.slug.as_str());
            let feeds = cohorts.iter().flat_map(|cohort| {
                let feeds = self.feeds.of_cohort(&cohort.id).into_iter();
                feeds.map(|feed| (cohort.slug.to_string(), feed))
            });
            Outline { name: name.map_or_else(joined, str::to_owned), slug: slug.to_owned(), feeds: feeds.collect() }
        };
        Ok(match calendar {
            Calendar::Cohort(id) => of_cohorts(std::slice::from_ref(id), None, "carillon"),
            Calendar::Cohorts(ids) => of_cohorts(ids, None, "carillon"),
            Calendar::All => {
                let ids: Vec<_> = names.cohorts.all().iter().map(|cohort| cohort.id.clone()).collect();
                Outline { slug: "all".to_owned(), ..of_cohorts(&ids, Some("Carillon"), "all") }
            }
            Calendar::Teacher(login) => {
                let name = names.people.find(login).map_or(login.as_str(), |user| user.name.as_str());
                Outline { name: name.to_owned(), slug: login.clone(), feeds: Vec::new() }
            }
            Calendar::Room(id) => {
                let feeds = self.timetable.feeds_in_room(tx, id)?.into_iter();
                let feeds =
                    feeds.filter_map(|feed| Some((names.cohorts.by_id(&feed.cohort_id)?.slug.to_string(), feed)));
                let room = names.rooms.by_id(id);
                Outline {
                    name: room.map(|room| room.name.clone()).unwrap_or_default(),
                    slug: room.map(|room| room.slug.to_string()).unwrap_or_default(),
                    feeds: feeds.collect(),
                }
            }
        })
    }

    fn part(
        &self,
        tx: &impl Read,
        calendar: &Calendar,
        (cohort, feed): (String, Arc<Feed>),
        names: &Names,
    ) -> Result<Part, StoreError> {
        let slug = feed.slug.as_str();
        let mut snapshot = find_snapshot(tx, slug)?.unwrap_or_default();
        if let Calendar::Room(id) = calendar {
            snapshot = room::of_room(&snapshot, |location| names.rooms.is_in(location, id));
        }
        let stale = stale_notice(tx, slug)?.map(|(on, since)| Stale { on, since });
        let last_success = self.feeds.last_success(slug);
        Ok(Part { feed, cohort, snapshot, stale, last_success })
    }
}

/// The topics whose last change is the time of a calendar's content. Narrower than those that it is compared by: what
/// stands in it does not change with what others do.
fn contents(calendar: &Calendar, outline: &Outline) -> Vec<String> {
    let of_feeds = outline.feeds.iter().map(|(_, feed)| Cohort::topic(&feed.cohort_id));
    match calendar {
        Calendar::Room(id) => of_feeds.chain([room_topic(id)]).collect(),
        Calendar::All => of_feeds.chain([ALL.to_owned(), SCOPES.to_owned()]).collect(),
        Calendar::Cohort(_) | Calendar::Cohorts(_) | Calendar::Teacher(_) => calendar.topics(),
    }
}

fn latest(app: &App, topics: &[String]) -> DateTime<Utc> {
    topics.iter().map(|topic| app.store.version(topic).changed_at).max().unwrap_or_default()
}
