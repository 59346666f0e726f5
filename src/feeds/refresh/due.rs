//! Which feeds are due, and fetching them: each in a task of its own, one at a time for each site.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::feeds::{Feed, FeedError, Feeds, Outcome};

impl Feeds {
    /// Starts a fetch of each feed that is due. Returns at once.
    pub fn fetch_due(&self) {
        let now = self.app.clock.now();
        for feed in self.all().iter().filter(|feed| self.is_due(feed, now)) {
            let (feeds, feed) = (self.clone(), Arc::clone(feed));
            tokio::spawn(async move {
                if let Err(error) = feeds.refresh(&feed).await.or_else(unless_overtaken) {
                    log::error!(feed = feed.slug.as_str(), error:% = error; "a fetch could not be kept");
                }
            });
        }
    }

    /// Is it time for this feed, and is it not being fetched already? If so, the next time is set at once: its task may have
    /// to wait for its turn.
    fn is_due(&self, feed: &Feed, now: DateTime<Utc>) -> bool {
        let live = self.live(feed.slug.as_str());
        let mut state = live.lock();
        // A plan that was made later than now was made by a clock that was ahead.
        let waits = |at| state.planned_at.is_some_and(|planned| planned <= now) && now < at;
        let idle = live.refreshing.try_lock().is_ok();
        let due = idle && !feed.paused && !state.next_attempt.is_some_and(waits);
        if due {
            state.planned_at = Some(now);
            state.next_attempt = Some(now + TimeDelta::seconds(feed.interval_secs.into()));
        }
        due
    }
}

/// A feed that was changed or removed while it was fetched is no defect.
fn unless_overtaken(error: FeedError) -> Result<Outcome, FeedError> {
    match error {
        FeedError::Superseded(_) | FeedError::Unknown(_) => Ok(Outcome::Unchanged),
        error => Err(error),
    }
}
