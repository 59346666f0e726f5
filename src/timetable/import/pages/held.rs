//! Files that wait for somebody's word between the preview of an import and the import, and what came of it.
//!
//! In memory, bounded and for a while: one for each person, and all together two of the largest. What is crowded out or
//! forgotten is chosen again; nothing is lost by that.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::Clock;
use crate::http::upload::{IMPORT_BYTES, UploadedFile};
use crate::id::random_id;
use crate::secret::NoRandomness;

/// How long a file waits.
const WAITS: TimeDelta = TimeDelta::minutes(30);
/// What all of them may take together.
const BYTES_AT_MOST: usize = 2 * IMPORT_BYTES;

/// What is held.
#[derive(Clone, Default)]
pub(in crate::timetable) struct HeldFiles(Arc<Mutex<Vec<Held>>>);

struct Held {
    id: String,
    owner: String,
    since: DateTime<Utc>,
    what: Waiting,
}

/// What somebody comes back to.
#[derive(Clone)]
pub enum Waiting {
    /// A file, not yet imported.
    File(UploadedFile),
    /// It is imported.
    Done(Imported),
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// How many events were made, changed, and left as they were.
    pub counts: [usize; 3],
    /// The slugs of the cohorts that have them.
    pub cohorts: Vec<String>,
}

impl HeldFiles {
    /// Holds something of somebody's, in place of what was held for them; it is found by the id that comes back.
    pub fn hold(&self, owner: &str, what: Waiting, clock: &Clock) -> Result<String, NoRandomness> {
        let id = random_id("i_")?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|held| held.owner != owner && !clock.has_lapsed(held.since, WAITS));
        let mut size: usize = what.size() + all.iter().map(|held| held.what.size()).sum::<usize>();
        while size > BYTES_AT_MOST && !all.is_empty() {
            size -= all.remove(0).what.size();
        }
        all.push(Held { id: id.clone(), owner: owner.to_owned(), since: clock.now(), what });
        Ok(id)
    }

    /// What is held for somebody under an id.
    pub fn find(&self, owner: &str, id: &str, clock: &Clock) -> Option<Waiting> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|held| !clock.has_lapsed(held.since, WAITS));
        all.iter().find(|held| held.owner == owner && held.id == id).map(|held| held.what.clone())
    }
}

impl Waiting {
    fn size(&self) -> usize {
        match self {
            Self::File(file) => file.bytes.len(),
            Self::Done(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(size: usize) -> Waiting {
        let mut file = UploadedFile::default();
        file.bytes = vec![0; size].into();
        Waiting::File(file)
    }

    #[test]
    fn a_file_waits_for_its_owner_for_half_an_hour() {
        let (held, clock) = (HeldFiles::default(), Clock::manual("2026-11-21T10:00:00Z".parse().unwrap()));
        let id = held.hold("marie", file(1), &clock).unwrap();
        assert!(held.find("marie", &id, &clock).is_some() && held.find("jean", &id, &clock).is_none());
        clock.advance(TimeDelta::minutes(31));
        assert!(held.find("marie", &id, &clock).is_none());
    }

    #[test]
    fn the_oldest_gives_way_where_there_is_no_more_room() {
        let (held, clock) = (HeldFiles::default(), Clock::manual("2026-11-21T10:00:00Z".parse().unwrap()));
        let ids = ["a", "b", "c"].map(|owner| held.hold(owner, file(IMPORT_BYTES), &clock).unwrap());
        assert!(held.find("a", &ids[0], &clock).is_none());
        assert!(held.find("b", &ids[1], &clock).is_some() && held.find("c", &ids[2], &clock).is_some());
    }
}
