//! Events as rows of a .csv.

use super::Text;
use crate::config::Language;
use crate::sheets::guarded;
use crate::timetable::{Event, Names, TABLE_HEADER, table_row};

/// A table that is being written.
pub(super) struct Table(csv::Writer<Vec<u8>>);

impl Default for Table {
    fn default() -> Self {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        // Writing to memory cannot fail, and each row has as many cells as the header.
        drop(writer.write_record(TABLE_HEADER));
        Self(writer)
    }
}

impl Text for Table {
    fn add(&mut self, event: &Event, names: &Names) {
        let row = table_row(event, names, Language::Fr);
        drop(self.0.write_record(row.iter().map(|cell| guarded(cell).into_owned())));
    }

    fn finish(self) -> Vec<u8> {
        self.0.into_inner().unwrap_or_default()
    }
}
