//! What changed in the feeds of a cohort, for whoever may see them.

use chrono::{DateTime, Utc};

use super::tables::{CHANGES, StoredChange, change_key, changes_of};
use super::{Change, Feeds};
use crate::store::{Read, StoreError};

/// So many changes of a feed are read.
const READ_AT_MOST: usize = 2000;

impl Feeds {
    /// Each change since a time, by feed and time, with the fetch that brought it; of one feed the first few.
    pub fn changes_since(
        &self,
        tx: &impl Read,
        cohort_id: &str,
        since: DateTime<Utc>,
    ) -> Result<Vec<(DateTime<Utc>, Change)>, StoreError> {
        let mut found = Vec::new();
        for feed in self.of_cohort(cohort_id) {
            let slug = feed.slug.as_str();
            let (prefix, enough) = (changes_of(slug), found.len() + READ_AT_MOST);
            tx.visit_from(&CHANGES, &change_key(slug, since, 0), |key, stored: StoredChange| {
                let of_feed = key.starts_with(&prefix);
                if of_feed {
                    found.push((stored.at, stored.change));
                }
                Ok(of_feed && found.len() < enough)
            })?;
        }
        Ok(found)
    }
}
