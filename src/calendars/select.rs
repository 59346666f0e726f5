//! Which calendar, in which form, and what goes into it.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Calendars;
use crate::app::App;
use crate::cohorts::{CALENDARS, Cohort, SCOPES};
use crate::config::Language;
use crate::feeds::{Feed, Snapshot, Stamp as FeedStamp, find_snapshot, stale_notice};
use crate::store::{StoreError, Version};

/// A calendar: the events of one cohort, or of several.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Calendar {
    /// A cohort's, by its id.
    Cohort([String; 1]),
    /// Several cohorts' as one, by their ids, in the order of their slugs.
    Cohorts(Vec<String>),
}

impl Calendar {
    /// The calendar of one cohort.
    pub fn of(cohort: &Cohort) -> Self {
        Self::Cohort([cohort.id.clone()])
    }

    /// The ids of its cohorts.
    pub fn cohort_ids(&self) -> &[String] {
        match self {
            Self::Cohort(ids) => ids,
            Self::Cohorts(ids) => ids,
        }
    }

    /// The versions of what it is made of, from memory: its cohorts, and where they are several, which they are.
    fn versions(&self, app: &App) -> impl Iterator<Item = Version> {
        let scopes = matches!(self, Self::Cohorts(_)).then(|| app.store.version(SCOPES));
        self.cohort_ids().iter().map(|id| app.store.version(&Cohort::topic(id))).chain(scopes)
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

/// Tells one state of a calendar from another, by the versions of its cohorts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp(u64);

impl Stamp {
    /// The state of a calendar now, from memory.
    pub fn of(calendar: &Calendar, app: &App) -> Self {
        let mut hasher = DefaultHasher::new();
        calendar.versions(app).for_each(|version| version.number.hash(&mut hasher));
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
    /// When this state came to be: the last change of any of its cohorts.
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

impl Calendars {
    /// Gathers a calendar's content. The time of its version is asked first: a change in the meantime makes content that
    /// is newer than its date, which the next request puts right, and never the other way round.
    pub(super) fn select(&self, calendar: &Calendar) -> Result<Selection, StoreError> {
        let app = &self.feeds.app;
        let as_of = calendar.versions(app).map(|version| version.changed_at).max().unwrap_or_default();
        let last_modified = match calendar {
            Calendar::Cohort(_) => as_of,
            Calendar::Cohorts(_) => app.store.version(CALENDARS).changed_at,
        };
        let directory = self.feeds.cohorts.directory();
        let cohorts: Vec<_> = calendar.cohort_ids().iter().filter_map(|id| directory.by_id(id)).collect();
        let feeds = cohorts.iter().flat_map(|cohort| {
            self.feeds.of_cohort(&cohort.id).into_iter().map(move |feed| (cohort.slug.to_string(), feed))
        });
        let parts: Vec<Part> = app.store.read_now(|tx| {
            let parts = feeds.map(|(cohort, feed)| {
                let snapshot = find_snapshot(tx, feed.slug.as_str())?.unwrap_or_default();
                let stale = stale_notice(tx, feed.slug.as_str())?.map(|(on, since)| Stale { on, since });
                let last_success = self.feeds.last_success(feed.slug.as_str());
                Ok::<_, StoreError>(Part { feed, cohort, snapshot, stale, last_success })
            });
            parts.collect()
        })?;
        Ok(Selection {
            name: cohorts.iter().map(|cohort| cohort.name.as_str()).collect::<Vec<_>>().join(" + "),
            slug: cohorts.first().filter(|_| cohorts.len() == 1).map_or("carillon".into(), |c| c.slug.to_string()),
            stale: parts.iter().filter_map(|part| part.stale).min_by_key(|stale| stale.since),
            as_of,
            last_modified,
            parts,
            zone: app.zone(),
            language: app.config().language,
            instance_id: app.settings().instance_id.clone(),
            now: app.clock.now_secs(),
        })
    }
}
