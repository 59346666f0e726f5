//! Feeds: upstream calendars that are fetched on a timer, and the snapshots that come of them.
//!
//! The snapshot is sacred: what was fetched comes out logical line by logical line, and nothing that an upstream does
//! wipes it. The way of an upstream's bytes: `refresh::due` → `refresh` → `site` → `refresh::judge` (`ical::parse`,
//! `snapshot::merge`, `snapshot::guard`) → `refresh::keep`: one transaction.

mod access;
mod api;
mod changed;
mod cohort;
pub mod commands;
mod error;
mod feed;
pub mod ipp;
mod pages;
mod refresh;
mod response;
mod rules;
pub mod site;
mod snapshot;
mod state;
mod tables;
#[cfg(test)]
mod tests;
mod try_out;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use utoipa_axum::router::OpenApiRouter;

pub use error::FeedError;
pub use feed::{Feed, Stamp, UidRule};
pub use refresh::Outcome;
use refresh::password_needed;
pub use site::{FailureClass, form};
pub use snapshot::{Change, ChangeKind, Item, Snapshot, event_id, told_apart, uid_of};
pub use state::{FeedState, FetchOutcome, FetchRecord, StateWord, Unwritten};
pub use tables::{find_snapshot, stale_notice};

use crate::accounts::Accounts;
use crate::app::App;
use crate::cohorts::Cohorts;
use crate::seal::Sealer;
use crate::store::{Read, StoreError, View};
use site::Sites;
use tables::{FEEDS, SEEN, STATES};

/// The feeds of this appliance. Cheap to clone.
#[derive(Clone)]
pub struct Feeds {
    /// The floor.
    pub app: App,
    /// The cohorts that feeds belong to.
    pub cohorts: Cohorts,
    accounts: Accounts,
    sealer: Arc<Sealer>,
    sites: Arc<Sites>,
    list: View<Vec<Arc<Feed>>>,
    live: Arc<Mutex<HashMap<String, Arc<Live>>>>,
}

/// A feed in memory: its state, and the one refresh of it that may run.
#[derive(Default)]
struct Live {
    state: Mutex<FeedState>,
    refreshing: Arc<tokio::sync::Mutex<()>>,
}

impl Feeds {
    /// Reads the feeds and how they were doing.
    pub fn open(accounts: Accounts, sealer: Sealer, sites: Sites) -> Result<Self, StoreError> {
        let (app, cohorts) = (accounts.app.clone(), accounts.cohorts.clone());
        let list = app.store.view(&[FEEDS.name], |tx| {
            let mut all: Vec<Feed> = tx.list(&FEEDS)?;
            all.sort_by(|a, b| (a.created_at, &a.slug).cmp(&(b.created_at, &b.slug)));
            Ok(all.into_iter().map(Arc::new).collect())
        })?;
        let feeds =
            Self { app, cohorts, accounts, sealer: sealer.into(), sites: sites.into(), list, live: Arc::default() };
        feeds.load_states()?;
        Ok(feeds)
    }

    fn load_states(&self) -> Result<(), StoreError> {
        let seen = self.app.store.read_now(|tx| tx.find(&SEEN, b""))?.unwrap_or_default();
        for feed in self.list.load().iter() {
            let slug = feed.slug.as_str();
            let state: Option<FeedState> = self.app.store.read_now(|tx| tx.find(&STATES, slug.as_bytes()))?;
            let mut state = state.unwrap_or_default();
            state.last_success = state.last_success.max(seen.get(slug).copied().filter(|_| state.published));
            // Restored without its key, a feed that cannot sign in says so before it is fetched.
            if let Err(FeedError::Seal(error)) = feed.source(&self.sealer) {
                state.failed(&password_needed(feed, &error));
            }
            *self.live(slug).lock() = state;
        }
        Ok(())
    }

    /// Every feed, in the order in which they were added.
    pub fn all(&self) -> Arc<Vec<Arc<Feed>>> {
        self.list.load()
    }

    /// The feed of a slug, in any case.
    pub fn find(&self, slug: &str) -> Option<Arc<Feed>> {
        let slug = crate::id::fold(slug);
        self.list.load().iter().find(|feed| feed.slug.as_str() == slug).cloned()
    }

    /// The feed of a slug, or an error that says that there is none.
    pub fn get(&self, slug: &str) -> Result<Arc<Feed>, FeedError> {
        self.find(slug).ok_or_else(|| FeedError::Unknown(slug.to_owned()))
    }

    /// The feeds of a cohort, in the order in which they were added.
    pub fn of_cohort(&self, cohort_id: &str) -> Vec<Arc<Feed>> {
        self.list.load().iter().filter(|feed| feed.cohort_id == cohort_id).cloned().collect()
    }

    /// This feed as it is by now, if it is still there and still fetched in the same way.
    fn present(&self, feed: &Feed) -> Option<Arc<Feed>> {
        self.find(feed.slug.as_str()).filter(|present| present.has_source_of(feed))
    }

    /// How a feed is doing, now.
    pub fn state(&self, slug: &str) -> FeedState {
        self.live(slug).lock().clone()
    }

    /// When the last good fetch of a feed was, where a snapshot of it is served.
    pub fn last_success(&self, slug: &str) -> Option<DateTime<Utc>> {
        let live = self.live(slug);
        let state = live.lock();
        state.last_success.filter(|_| state.published)
    }

    /// A feed that is removed leaves nothing for one of the same name.
    fn forget(&self, feed: &Feed) {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).remove(feed.slug.as_str());
    }

    fn live(&self, slug: &str) -> Arc<Live> {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(live.entry(slug.to_owned()).or_default())
    }
}

/// The routes of feeds.
pub fn routes() -> OpenApiRouter<Feeds> {
    api::routes().merge(pages::routes().into())
}

impl Live {
    /// Held for a moment only: never over a fetch, a parse or the disk.
    fn lock(&self) -> std::sync::MutexGuard<'_, FeedState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
