//! Calendars: what a subscriber gets, rendered once for each change and handed out from memory.
//!
//! The way of a phone's request: the key is looked up in memory, the version is compared in memory, the bytes are ready.
//! A request for a cached calendar touches neither the disk nor a lock that a writer holds. What is rendered is a pure
//! function of what the database holds, so the same content is the same bytes and the same ETag, after a restart too.

mod api;
mod cache;
mod csv;
mod distinct;
mod event;
mod key;
mod legacy;
mod notice;
mod own;
mod pages;
mod presentation;
mod render;
mod room;
mod select;
mod stamp;
mod views;
mod webcafe;

use std::sync::Arc;

use axum::body::Bytes;
pub use cache::Ready;
pub use select::{Calendar, Format};
use tokio::sync::{Mutex, OwnedMutexGuard};
use utoipa_axum::router::OpenApiRouter;

use crate::accounts::Accounts;
use crate::actor::Actor;
use crate::cohorts::Cohort;
use crate::error::{Kind, Refusal};
use crate::feeds::{Feed, Feeds};
use crate::store::StoreError;
use crate::timetable::Timetable;
use cache::Cache;
use select::{Selection, Stamp};

/// The calendars of this appliance. Cheap to clone.
#[derive(Clone)]
pub struct Calendars {
    /// Who asks.
    pub accounts: Accounts,
    /// What is fetched.
    pub feeds: Feeds,
    /// Rooms and events of our own.
    pub timetable: Timetable,
    cache: Arc<Cache>,
    turns: Turns,
}

/// Who may render. One at a time in each turn, and a calendar has always the same: three hundred phones after a change
/// cost one rendering. Two turns, so that none of them waits for a calendar of the whole school.
#[derive(Clone, Default)]
struct Turns {
    narrow: Arc<Mutex<()>>,
    wide: Arc<Mutex<()>>,
}

impl Turns {
    async fn take(&self, calendar: &Calendar) -> OwnedMutexGuard<()> {
        let turn = if calendar.is_wide() { &self.wide } else { &self.narrow };
        Arc::clone(turn).lock_owned().await
    }
}

/// Why a calendar could not be handed out.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// A feed was never fetched, and there is nothing else to show.
    #[error("this calendar was not fetched yet: try again in a minute")]
    NotYet,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for CalendarError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotYet => Kind::Unavailable,
            Self::Store(error) => error.kind(),
        }
    }

    fn retry_after_secs(&self) -> Option<u64> {
        matches!(self, Self::NotYet).then_some(60)
    }
}

/// The routes of calendars.
pub fn routes() -> OpenApiRouter<Calendars> {
    webcafe::routes().merge(api::routes().into()).merge(pages::routes().into())
}

impl Calendars {
    /// Calendars with an empty cache.
    pub fn new(accounts: Accounts, feeds: Feeds, timetable: Timetable) -> Self {
        Self { accounts, feeds, timetable, cache: Arc::default(), turns: Turns::default() }
    }

    /// The bytes of a calendar, compressed at least: from memory if nothing has changed, else rendered now.
    pub async fn ready(&self, calendar: &Calendar, format: Format) -> Result<Arc<Ready>, CalendarError> {
        if let Some(ready) = self.cached(calendar, format) {
            return Ok(ready);
        }
        let alone = self.turns.take(calendar).await;
        if let Some(ready) = self.cached(calendar, format) {
            return Ok(ready);
        }
        let (calendars, wanted) = (self.clone(), calendar.clone());
        // The turn goes along: whoever hangs up in the middle must not let a second rendering begin.
        let work = tokio::task::spawn_blocking(move || {
            let _alone = alone;
            let ready = Arc::new(calendars.render(&wanted, format)?);
            calendars.cache.insert(&wanted, format, Arc::clone(&ready));
            Ok(ready)
        });
        work.await.unwrap_or(Err(StoreError::Interrupted.into()))
    }

    /// The plain body of a ready calendar, for a client that does not take gzip.
    async fn plain(&self, ready: Arc<Ready>, calendar: &Calendar, format: Format) -> Result<Bytes, CalendarError> {
        if let Some(plain) = &ready.plain {
            return Ok(plain.clone());
        }
        let work = tokio::task::spawn_blocking(move || ready.with_plain()).await;
        let inflated = work.map_err(|_| StoreError::Interrupted)?.map_err(|error| StoreError::Io(error.to_string()))?;
        let plain = inflated.plain.clone().unwrap_or_default();
        self.cache.insert(calendar, format, Arc::new(inflated));
        Ok(plain)
    }

    fn cached(&self, calendar: &Calendar, format: Format) -> Option<Arc<Ready>> {
        let stamp = Stamp::of(calendar, &self.feeds.app);
        let ready = self.cache.get(calendar, format).filter(|ready| ready.head.stamp == stamp)?;
        let now = self.feeds.app.clock.now();
        ready.head.good_until.is_none_or(|until| now < until).then_some(ready)
    }

    /// Has each feed of it still to be fetched for the first time, and is there nothing else to show?
    fn is_not_yet(&self, selection: &Selection) -> bool {
        let never = |feed: &Feed| !self.feeds.state(feed.slug.as_str()).published;
        selection.own.is_empty() && !selection.parts.is_empty() && selection.parts.iter().all(|part| never(&part.feed))
    }

    /// May this caller read the calendar of this cohort?
    pub fn may_read(actor: &Actor, cohort: &Cohort) -> bool {
        actor.may_read_calendar(&cohort.id, cohort.is_public())
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn a_cohort_waits_for_cohorts_and_not_for_everything() {
        let turns = Turns::default();
        let waits = |calendar: &Calendar| {
            let mut context = Context::from_waker(Waker::noop());
            pin!(turns.take(calendar)).as_mut().poll(&mut context).is_pending()
        };
        let (one, other) = (Calendar::Cohort("c_1".into()), Calendar::Cohort("c_2".into()));
        let everything = Arc::clone(&turns.wide).try_lock_owned();
        assert!(waits(&Calendar::All));
        assert!(!waits(&one));
        drop(everything);
        let _rendering = Arc::clone(&turns.narrow).try_lock_owned();
        assert!(waits(&other));
        assert!(!waits(&Calendar::All));
    }
}
