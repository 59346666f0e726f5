//! Events out of files, and our own as a file: `POST /api/v1/events/import`, `GET /api/v1/events.csv` and `.ics`, and
//! the move from WebCafé.
//!
//! `files` reads, and knows no record. Here names become ids, each row finds the event that it is already, and all of it
//! is written in one transaction or not at all; a dry run is that transaction, given up. The same file twice changes
//! nothing, an empty cell says nothing, and the row of a feed's event or of an archived one is left alone.

mod answer;
mod api;
pub mod commands;
mod export;
mod files;
mod identity;
mod names;
mod pages;
mod run;
mod said;
mod webcafe;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa_axum::router::OpenApiRouter;

pub use files::ImportError;
pub(super) use pages::HeldFiles;

use super::{Conflicts, Timetable, TimetableError};

/// The routes of imports, and of the export that they read.
pub(super) fn routes() -> OpenApiRouter<Timetable> {
    api::routes().merge(export::routes()).merge(webcafe::routes()).merge(pages::routes().into())
}

/// Whether anything is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    /// Nothing: only what would be.
    Dry,
    /// All of it.
    Real,
}

/// What is done about a name that nothing here has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Unknown {
    /// Its row is bad.
    #[value(skip)]
    Refuse,
    /// The thing is made.
    Create,
    /// The event does without.
    Drop,
}

/// What somebody wants of an import, beside its file.
#[derive(Clone, Debug)]
struct Wishes {
    run: Run,
    unknown: Unknown,
    /// The cohort of all events, whatever the file says.
    cohort: Option<String>,
    /// Names of rooms by their numbers in another system.
    map_rooms: BTreeMap<u64, String>,
    conflicts: Conflicts,
}

/// One import at a time: a large one takes tens of MiB.
#[derive(Clone)]
pub(super) struct Turn(Arc<Semaphore>);

impl Default for Turn {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl Turn {
    fn take(&self) -> Result<OwnedSemaphorePermit, TimetableError> {
        Arc::clone(&self.0).try_acquire_owned().map_err(|_| TimetableError::ImportRuns)
    }
}
