//! What a file says of the timetable, read: spreadsheets, calendars, and the tables of the site that Carillon replaces.
//!
//! Rows come out typed and named as the file names things; whether a room, a teacher or a cohort is there, what an event may
//! be, and what changes, is not decided here. Each bad cell is told with its row and column, all of them at once.

mod bad_cells;
mod calendar;
mod columns;
mod error;
mod rows;
mod times;
mod webcafe;

#[cfg(test)]
mod fixture_tests;
#[cfg(test)]
mod round_trip_tests;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

pub(super) use bad_cells::BadCells;
pub(super) use calendar::{COHORTS, TEACHER};
pub use error::ImportError;
pub use webcafe::{WebCafe, WebCafeFiles, WebCafePromo, WebCafeRoom, WebCafeUser, read_webcafe};

use crate::error::FieldError;
use crate::sheets::{SentFile, Sheet, read_otherwise, read_sheet};
use columns::Columns;

/// What is said beside the file.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The zone of times without an offset.
    pub zone: Tz,
    /// The present: a calendar's rules are laid out around it.
    pub now: DateTime<Utc>,
    /// The cohort of all events, whatever the file says.
    pub cohort: Option<&'a str>,
}

/// One event of a file. Names are as the file has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRow {
    /// The row as the spreadsheet counts; the line of a calendar where the event begins.
    pub number: u32,
    /// The id that the file gives it: ours (`e_…`), a feed's (`f_…`), or another system's.
    pub event_id: Option<String>,
    /// What a calendar calls it, where it takes place once.
    pub uid: Option<String>,
    /// Whose words it is in.
    pub words: Words,
    /// When it begins, in whole seconds.
    pub start: DateTime<Utc>,
    /// When it ends: after the start.
    pub end: DateTime<Utc>,
    /// What it is; never blank.
    pub subject: String,
    /// What sort of event; may be empty.
    pub kind: String,
    /// More about it; may be empty.
    pub notes: String,
    /// A room by its name.
    pub room: Option<String>,
    /// A teacher by their login.
    pub teacher: Option<String>,
    /// Cohorts by their names; may be none.
    pub cohorts: Vec<String>,
    /// A room by its number in another system.
    pub numeric_room_id: Option<u64>,
    /// A teacher by their number in another system.
    pub numeric_user_id: Option<u64>,
    /// A cohort by its number in another system.
    pub numeric_promo_id: Option<u64>,
    /// The feed that it came from, where a file that we wrote says so.
    pub source: Option<String>,
    /// The file says that it does not take place.
    pub cancelled: bool,
}

/// Whose words a row is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Words {
    /// Its own: what it says is what is meant.
    #[default]
    Own,
    /// A calendar's. One of ours puts the kind behind the subject, and more below the notes.
    Calendar,
}

/// What a file calls our fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(&'static str, String)>);

impl Headers {
    /// Tells the errors of rows under the names that the file has for our fields.
    pub fn rename(&self, errors: &mut [FieldError]) {
        for error in errors.iter_mut().filter(|error| error.row.is_some()) {
            if let Some((_, header)) = self.0.iter().find(|(field, _)| *field == error.field) {
                error.field.clone_from(header);
            }
        }
    }
}

/// All that a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventsRead {
    /// The rows that could be read, in the order of the file.
    pub rows: Vec<ImportRow>,
    /// What is wrong: column, row, and what it should be. With any of them nothing may be taken.
    pub errors: Vec<FieldError>,
    /// So many more were found than are told.
    pub errors_untold: usize,
    /// What was left out, or may not be what was meant.
    pub warnings: Vec<String>,
    /// What it calls our fields.
    pub headers: Headers,
}

/// Reads a .xlsx, .ods, .csv or .ics file. Takes its time: call it where work may block.
pub fn read_events(upload: &SentFile<'_>, terms: &Terms<'_>) -> Result<EventsRead, ImportError> {
    if calendar::is_calendar(upload) {
        return calendar::read(upload, terms);
    }
    match read_table(&read_sheet(upload)?, terms) {
        Err(error) => read_otherwise(upload).find_map(|sheet| read_table(&sheet, terms).ok()).ok_or(error),
        read => read,
    }
}

fn read_table(sheet: &Sheet, terms: &Terms<'_>) -> Result<EventsRead, ImportError> {
    let (columns, rows) = Columns::find(sheet, terms.cohort)?;
    let mut read = rows::read(rows, &columns, terms);
    read.warnings.extend(columns.warning());
    Ok(read)
}
