//! What of feeds hangs on a cohort, and goes along where one is removed by force.

use std::sync::Arc;

use super::{Feed, Feeds};
use crate::actor::{Caller, Deed};
use crate::cohorts::{Cohort, remove_cohort};
use crate::http::{IfMatch, Problem};
use crate::store::WriteTx;

impl Feeds {
    /// Removes a cohort in somebody else's transaction. `standing` names what stands in the way; where that is empty, its
    /// feeds go along, which are an administrator's to remove. What else points at it, users and tokens, stays and points
    /// at nothing. The feeds that went come back, to be forgotten after the commit.
    pub fn remove_cohort_in(
        &self,
        tx: &mut WriteTx,
        caller: &Caller,
        cohort: &Cohort,
        (standing, if_match): (&[String], &IfMatch),
    ) -> Result<Vec<Arc<Feed>>, Problem> {
        let hanging = self.of_cohort(&cohort.id);
        if standing.is_empty() && !hanging.is_empty() {
            caller.actor.must(Deed::Administer)?;
        }
        remove_cohort(tx, caller, &self.app.clock, &cohort.id, (standing, if_match))?;
        hanging.iter().try_for_each(|feed| self.remove_in(tx, caller, feed))?;
        Ok(hanging)
    }

    /// Feeds that were removed leave nothing in memory.
    pub fn forget_all(&self, removed: &[Arc<Feed>]) {
        removed.iter().for_each(|feed| self.forget(feed));
    }

    /// What hangs on a cohort, by name: its feeds, the users who belong to it, the live tokens that list it.
    pub fn names_of_hanging(&self, cohort: &Cohort) -> Vec<String> {
        let feeds = self.of_cohort(&cohort.id).into_iter().map(|feed| format!("feed {}", feed.slug));
        feeds.chain(self.accounts.hanging_on(&cohort.id)).collect()
    }
}
