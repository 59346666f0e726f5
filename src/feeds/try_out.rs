//! A feed is tried out at somebody's wish: which step goes well, and how many events would come. Publishes nothing.

use super::refresh::judge::{Body, read};
use super::site::{Failure, FailureClass, Fetched, Step};
use super::{Feed, FeedError, Feeds};
use crate::actor::{Caller, Deed};
use crate::ical::Kind;
use crate::store::StoreError;

/// What a trial has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Each step that was tried, with what went wrong in the last.
    pub steps: Vec<(Step, Option<Failure>)>,
    /// How many events there are.
    pub events: usize,
}

impl Tried {
    /// Did everything go well?
    pub fn is_well(&self) -> bool {
        self.steps.iter().all(|(_, failure)| failure.is_none())
    }
}

impl Feeds {
    /// Tries a feed out. Waits for a fetch of it that is under way.
    pub async fn try_out(&self, feed: &Feed, caller: &Caller) -> Result<Tried, FeedError> {
        caller.actor.must(Deed::Administer)?;
        let live = self.live(feed.slug.as_str());
        let _only_one = live.refreshing.lock().await;
        let source = match feed.source(&self.sealer) {
            Ok(source) => source,
            Err(FeedError::Seal(error)) => {
                let failure = Failure::new(FailureClass::SignIn, format!("password needed ({error})"));
                return Ok(Tried { steps: vec![(Step::SignIn, Some(failure))], events: 0 });
            }
            Err(error) => return Err(error),
        };
        let trial = self.sites.try_out(&source).await;
        let mut tried = Tried { steps: trial.steps, events: 0 };
        if let Some(Fetched::Body { bytes, content_type, validators }) = trial.fetched {
            let counted = self.count_in(feed, Body { bytes, content_type, validators }).await?;
            tried.events = counted.as_ref().copied().unwrap_or_default();
            tried.steps.push((Step::Events, counted.err()));
        }
        Ok(tried)
    }

    async fn count_in(&self, feed: &Feed, body: Body) -> Result<Result<usize, Failure>, FeedError> {
        let (state, feed) = (self.state(feed.slug.as_str()), feed.clone());
        let count = move || Ok(read(&body, &feed, &state)?.of_kind(Kind::Event).count());
        let counted = tokio::task::spawn_blocking(count).await;
        counted.map_err(|_| StoreError::Interrupted.into())
    }
}
