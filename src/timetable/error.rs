//! Why something could not be done with the timetable.

use serde_json::Value;

use super::clashes::Conflict;
use super::flaws::Flaws;
use super::import::ImportError;
use crate::accounts::AccountError;
use crate::actor::Denied;
use crate::cohorts::CohortError;
use crate::error::{FieldError, Kind, Refusal};
use crate::http::precondition::Overtaken;
use crate::secret::NoRandomness;
use crate::store::StoreError;

/// So many events in the way are told; beyond, their number says enough.
const TOLD_AT_MOST: usize = 200;
/// So long an import takes at most, more or less.
const IMPORT_SECS: u64 = 5;

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum TimetableError {
    /// The table said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The event is somebody else's, before or after.
    #[error("a teacher changes only events of their own: `teacher` must be {0:?} before and after")]
    NotTheirs(String),
    /// There is no such event, or none that this caller may see.
    #[error("there is no event {0:?}")]
    UnknownEvent(String),
    /// There is no such room.
    #[error("there is no room {0:?}")]
    UnknownRoom(String),
    /// A feed's event is the upstream's to change.
    #[error("the event {id:?} belongs to feed {feed}: change it where the feed comes from")]
    OfFeed {
        /// The event.
        id: String,
        /// The feed.
        feed: String,
    },
    /// An archived event stays as it is.
    #[error(
        "the event {id:?} is archived: take the roll-over back that did it (carillon cohort rollover --undo {rollover})"
    )]
    Archived {
        /// The event.
        id: String,
        /// The roll-over.
        rollover: String,
    },
    /// There is no such roll-over, or it was undone.
    #[error("there is no roll-over {0:?}; `carillon cohort rollover --list` tells which there are")]
    UnknownRollover(String),
    /// Fields that cannot be.
    #[error("{}", .0.told())]
    Bad(Flaws),
    /// The name of a room, or an alias, that another room has.
    #[error("{field}: {name:?} is taken by the room {room:?}")]
    RoomTaken {
        /// The field that says it.
        field: &'static str,
        /// The name.
        name: String,
        /// The other room.
        room: String,
    },
    /// Rows of a file that cannot be; nothing of it is taken.
    #[error("nothing is imported: {} in the file{}", rows_told(bad, *untold), unseen_told(*looked_until))]
    BadRows {
        /// What is wrong with which row.
        bad: Vec<FieldError>,
        /// So many more were found than are told.
        untold: usize,
        /// The last row of which it was looked for what clashes with it, where there are more.
        looked_until: Option<u32>,
    },
    /// Names that nothing has, and that should all be made.
    #[error(
        "more than {0} rooms, teachers and cohorts would be new: is this the right column? Make them first, or import in parts"
    )]
    TooManyNew(usize),
    /// Another import has not ended.
    #[error("another import is running: try again in a few seconds")]
    ImportRuns,
    /// A file that says nothing which could be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A person could not be made.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// A cohort could not be made.
    #[error(transparent)]
    Cohort(#[from] CohortError),
    /// Something takes place at the same time.
    #[error("{}", told(.0))]
    Clash(Vec<Conflict>),
    /// Somebody was faster.
    #[error(transparent)]
    Overtaken(#[from] Overtaken),
    /// There is no change to take back.
    #[error("the event {0:?} has no change that could be undone")]
    NothingToUndo(String),
    /// The last change cannot be taken back.
    #[error("the last change of {id:?} cannot be undone: {why}")]
    CannotUndo {
        /// The event.
        id: String,
        /// Why.
        why: String,
    },
    /// Events still hang on it.
    #[error("{what} still has {hanging}: remove them first, or use --force")]
    InUse {
        /// The thing: `the room "B12"`.
        what: String,
        /// What hangs on it, by name.
        hanging: String,
    },
    /// No random number could be had.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn rows_told(bad: &[FieldError], untold: usize) -> String {
    let count = bad.len() + untold;
    let more = if untold > 0 { format!(", of which {} are told", bad.len()) } else { String::new() };
    format!("{count} mistake{}{more}", if count == 1 { "" } else { "s" })
}

fn unseen_told(looked_until: Option<u32>) -> String {
    looked_until.map_or_else(String::new, |row| format!("; what clashes below row {row} was not looked for"))
}

/// The first few in one line.
fn told(conflicts: &[Conflict]) -> String {
    let first: Vec<_> = conflicts.iter().take(3).map(Conflict::told).collect();
    let more = conflicts.len().saturating_sub(first.len());
    let more = if more == 0 { String::new() } else { format!("; and {more} more") };
    format!("something stands in the way: {}{more}", first.join("; "))
}

impl TimetableError {
    /// One field that cannot be.
    pub(super) fn senseless(field: &str, message: impl Into<String>) -> Self {
        let mut flaws = Flaws::default();
        flaws.senseless(field, message);
        Self::Bad(flaws)
    }
}

impl Refusal for TimetableError {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::NotTheirs(_) => Kind::Forbidden,
            Self::UnknownEvent(_) | Self::UnknownRoom(_) | Self::UnknownRollover(_) => Kind::NotFound,
            Self::Bad(flaws) if flaws.malformed => Kind::Malformed,
            Self::Bad(_) | Self::BadRows { .. } | Self::TooManyNew(_) => Kind::Invalid,
            Self::ImportRuns => Kind::TooMany,
            Self::Import(error) => error.kind(),
            Self::Account(error) => error.kind(),
            Self::Cohort(error) => error.kind(),
            Self::OfFeed { .. } | Self::RoomTaken { .. } | Self::Clash(_) | Self::InUse { .. } => Kind::Conflict,
            Self::NothingToUndo(_) | Self::CannotUndo { .. } | Self::Archived { .. } => Kind::Conflict,
            Self::Overtaken(overtaken) => overtaken.kind(),
            Self::Random(_) => Kind::Internal,
            Self::Store(error) => error.kind(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Bad(flaws) => flaws.errors.clone(),
            Self::BadRows { bad, .. } => bad.clone(),
            Self::TooManyNew(_) => vec![FieldError::new("unknown", self.to_string())],
            Self::Import(error) => error.fields(),
            Self::Account(error) => error.fields(),
            Self::Cohort(error) => error.fields(),
            Self::RoomTaken { field, .. } => vec![FieldError::new(field, self.to_string())],
            _ => Vec::new(),
        }
    }

    fn retry_after_secs(&self) -> Option<u64> {
        matches!(self, Self::ImportRuns).then_some(IMPORT_SECS)
    }

    fn in_the_way(&self) -> Vec<Value> {
        let Self::Clash(conflicts) = self else { return Vec::new() };
        let shown = conflicts.iter().take(TOLD_AT_MOST).map(serde_json::to_value);
        shown.filter_map(Result::ok).collect()
    }
}
