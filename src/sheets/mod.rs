//! Spreadsheets to rows of typed cells: .xlsx, .ods and .csv. No school, no I/O.
//!
//! What a file is, its bytes say before its name does. Everything is bounded before it is believed: what is unzipped, rows,
//! columns, the length of a cell, the text of a sheet; no number that a file states about itself reserves memory. A file that is
//! not understood whole is refused; a cell that holds an error is a [`Cell::Bad`], for its reader to name.

mod container;
mod delimited;
mod error;
mod gather;
mod guard;
mod iso;
mod ods;
mod serial;
mod styles;
mod workbook;
mod xlsx;
mod xml;

#[cfg(test)]
mod fixture_tests;
#[cfg(test)]
mod hostile_tests;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

pub use error::SheetError;
pub use gather::{COLUMNS_AT_MOST, LONGEST_CELL, ROWS_AT_MOST, TEXT_AT_MOST};
pub use guard::{guarded, unguarded};

use container::Container;

/// A larger file is no timetable.
pub const BYTES_AT_MOST: usize = 8 * 1024 * 1024;

/// A file as somebody sent it.
#[derive(Clone, Copy, Debug)]
pub struct SentFile<'a> {
    /// What is in it.
    pub bytes: &'a [u8],
    /// What it is called; may be empty.
    pub name: &'a str,
    /// What it was declared to be.
    pub content_type: Option<&'a str>,
}

/// A sheet: its rows that hold something, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// The rows.
    pub rows: Vec<Row>,
}

/// A row that holds something.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// As the spreadsheet counts, from 1.
    pub number: u32,
    /// From the first column to the last one that holds something.
    pub cells: Vec<Cell>,
}

/// What a cell holds. Of a formula it is the value that the spreadsheet last computed.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text as it stands; never empty.
    Text(String),
    /// A number that is not formatted as a date or a time.
    Number(f64),
    /// A day that is shown without a time.
    Date(NaiveDate),
    /// A day and a time on somebody's wall; to the second.
    DateTime(NaiveDateTime),
    /// A time without a day, or a length of time; to the second.
    Time(TimeDelta),
    /// True or false.
    Bool(bool),
    /// What the spreadsheet shows where there is no value: `#REF!`.
    Bad(String),
}

impl Cell {
    /// The text that somebody meant, without what keeps a spreadsheet from taking it for a formula.
    pub fn to_text(&self) -> String {
        match self {
            Self::Text(text) => unguarded(text).to_owned(),
            // A number shows no more digits than it needs: 12, not 12.0.
            Self::Number(number) => number.to_string(),
            Self::Bool(value) => value.to_string(),
            Self::Date(day) => day.to_string(),
            Self::DateTime(at) => at.format("%Y-%m-%d %H:%M").to_string(),
            Self::Time(time) => format!("{:02}:{:02}", time.num_hours(), time.num_minutes().unsigned_abs() % 60),
            Self::Empty | Self::Bad(_) => String::new(),
        }
    }
}

/// Reads the first sheet that holds something. A .csv is one sheet.
pub fn read_sheet(upload: &SentFile<'_>) -> Result<Sheet, SheetError> {
    let size_bytes = upload.bytes.len();
    if size_bytes > BYTES_AT_MOST {
        return Err(SheetError::TooLarge { size_bytes });
    }
    let sheet = match Format::of(upload)? {
        Format::Workbook(mut container) => xlsx::read(&mut container)?,
        Format::OpenDocument(mut container) => ods::read(&mut container)?,
        Format::Delimited => delimited::read(upload)?,
    };
    if sheet.rows.is_empty() { Err(SheetError::Empty) } else { Ok(sheet) }
}

/// A .csv by each other delimiter that it could have, for whoever does not find in it what should be there.
pub fn read_otherwise<'a>(upload: &SentFile<'a>) -> impl Iterator<Item = Sheet> {
    let delimited = matches!(Format::of(upload), Ok(Format::Delimited)).then(|| delimited::read_otherwise(upload));
    delimited.into_iter().flatten()
}

enum Format<'a> {
    Workbook(Container<'a>),
    OpenDocument(Container<'a>),
    Delimited,
}

impl<'a> Format<'a> {
    fn of(upload: &SentFile<'a>) -> Result<Self, SheetError> {
        match upload.bytes {
            [] => Err(SheetError::Empty),
            [b'P', b'K', 3, 4, ..] => Self::of_container(Container::open(upload.bytes)?),
            [0xD0, 0xCF, 0x11, 0xE0, ..] => Err(of_compound(upload.bytes)),
            bytes => match looks(bytes, upload.name) {
                Some(looks) => Err(SheetError::NotASheet { looks }),
                None => Ok(Self::Delimited),
            },
        }
    }

    fn of_container(mut container: Container<'a>) -> Result<Self, SheetError> {
        const SHEET: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
        match container.part("mimetype")? {
            Some(kind) if kind.starts_with(SHEET) => Ok(Self::OpenDocument(container)),
            Some(_) => Err(SheetError::NotASheet { looks: "another sort of document" }),
            None if container.has("[Content_Types].xml") => Ok(Self::Workbook(container)),
            None => Err(SheetError::NotASheet { looks: "a ZIP file" }),
        }
    }
}

/// The container of Excel before 2007, and of workbooks under a password since.
fn of_compound(bytes: &[u8]) -> SheetError {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    match memchr::memmem::find(bytes, &name) {
        Some(_) => SheetError::Protected,
        None => SheetError::OldWorkbook,
    }
}

/// What a file that is no table seems to be.
fn looks(bytes: &[u8], name: &str) -> Option<&'static str> {
    let head = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let starts = |prefix: &[u8]| head.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    let wide = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    match end.as_str() {
        _ if starts(b"%PDF") => Some("a PDF file"),
        _ if starts(b"<!DOCTYPE html") || starts(b"<html") => Some("a web page"),
        _ if starts(b"<?xml") => Some("XML"),
        _ if starts(b"BEGIN:VCALENDAR") => Some("a calendar"),
        "xlsx" | "xlsm" | "ods" | "xls" | "xlsb" => Some("damaged: its name says a workbook, its content does not"),
        _ if !wide && memchr::memchr(0, bytes).is_some() => Some("no text"),
        _ => None,
    }
}
