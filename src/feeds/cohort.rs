//! Removing a cohort: what hangs on it stands in the way, and with force its feeds go along.

use std::sync::Arc;

use super::Feeds;
use crate::actor::{Caller, Deed};
use crate::cohorts::{Cohort, remove_cohort};
use crate::http::Problem;

impl Feeds {
    /// Removes a cohort. Its feeds are an administrator's to remove. What points at it, users and tokens, stays and points
    /// at nothing.
    pub(super) async fn remove_cohort(&self, caller: Caller, cohort: Arc<Cohort>, force: bool) -> Result<(), Problem> {
        let feeds = self.clone();
        let removal = move |tx: &mut _| {
            // Asked inside the transaction, when nobody else can add one.
            let hanging = feeds.of_cohort(&cohort.id);
            if force && !hanging.is_empty() {
                caller.actor.must(Deed::Administer)?;
            }
            let standing = if force { Vec::new() } else { feeds.names_of_hanging(&cohort) };
            remove_cohort(tx, &caller, &feeds.app.clock, &cohort.id, &standing)?;
            hanging.iter().try_for_each(|feed| feeds.remove_in(tx, &caller, feed))?;
            Ok::<_, Problem>(hanging)
        };
        let removed = self.app.store.write(removal).await?;
        removed.iter().for_each(|feed| self.forget(feed));
        Ok(())
    }

    fn names_of_hanging(&self, cohort: &Cohort) -> Vec<String> {
        let feeds = self.of_cohort(&cohort.id).into_iter().map(|feed| format!("feed {}", feed.slug));
        feeds.chain(self.accounts.hanging_on(&cohort.id)).collect()
    }
}
