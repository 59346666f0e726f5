//! One table of the replaced site: its columns by name or by order, its rows as records.

use crate::error::shortened;
use crate::id::fold;
use crate::sheets::{Cell, Row, SentFile, Sheet, SheetError, read_sheet};
use crate::timetable::import::files::bad_cells::BadCells;
use crate::timetable::import::files::columns::{Column, Columns};
use crate::timetable::import::files::{EventsRead, ImportError, Terms, rows};

/// A table: its rows, and at which place each of its columns stands.
pub(super) struct Table {
    file: &'static str,
    sheet: Sheet,
    names: Vec<&'static str>,
    /// By the order of `names`.
    places: Vec<usize>,
    skip: usize,
}

impl Table {
    /// Finds the columns by the header, or by their order where there is none.
    pub(super) fn open(file: &'static str, bytes: &[u8], names: &[&'static str]) -> Result<Self, ImportError> {
        let told = |error: ImportError| ImportError::In { file, error: Box::new(error) };
        let sheet = match read_sheet(&SentFile { bytes, name: file, content_type: None }) {
            Err(SheetError::Empty) => Sheet::default(),
            read => read.map_err(ImportError::from).map_err(told)?,
        };
        let header: Vec<String> =
            sheet.rows.first().map(|row| row.cells.iter().map(folded).collect()).unwrap_or_default();
        let find = |name: &&str| header.iter().position(|header| *header == fold(name));
        let found: Vec<_> = names.iter().map(find).collect();
        let known = found.iter().flatten().count();
        if known == 0 {
            return Ok(Self { file, sheet, names: names.to_vec(), places: (0..names.len()).collect(), skip: 0 });
        }
        let missing: Vec<_> = names.iter().zip(&found).filter(|(_, at)| at.is_none()).map(|(name, _)| *name).collect();
        match missing.is_empty() {
            true => {
                Ok(Self { file, sheet, names: names.to_vec(), places: found.into_iter().flatten().collect(), skip: 1 })
            }
            false => Err(told(ImportError::Columns { missing, found: header })),
        }
    }

    /// What its rows are read as, but for those that cannot be.
    pub(super) fn records<T>(&self, bad: &mut BadCells, mut read: impl FnMut(&mut Record<'_>) -> Option<T>) -> Vec<T> {
        let rows = self.sheet.rows.iter().skip(self.skip);
        rows.filter_map(|row| read(&mut Record { table: self, row, bad })).collect()
    }

    /// Its rows as events, under the names of their columns.
    pub(super) fn events(&self, order: &[(Column, &str)], terms: &Terms<'_>) -> EventsRead {
        let columns = Columns::in_order(order);
        let in_order = |row: &Row| Row {
            number: row.number,
            cells: self.places.iter().map(|at| cell_at(row, *at).clone()).collect(),
        };
        let rows: Vec<_> = self.sheet.rows.iter().skip(self.skip).map(in_order).collect();
        let mut read = rows::read(&rows, &columns, terms);
        let fields = read.errors.iter_mut().map(|error| &mut error.field);
        let headers = read.headers.0.iter_mut().map(|(_, header)| header);
        fields.chain(headers).for_each(|field| *field = format!("{}: {field}", self.file));
        read
    }
}

fn folded(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => fold(text),
        _ => String::new(),
    }
}

fn cell_at(row: &Row, at: usize) -> &Cell {
    row.cells.get(at).unwrap_or(&Cell::Empty)
}

/// A row that is being read.
pub(super) struct Record<'r> {
    table: &'r Table,
    row: &'r Row,
    bad: &'r mut BadCells,
}

impl Record<'_> {
    /// The row as the spreadsheet counts.
    pub(super) fn row(&self) -> u32 {
        self.row.number
    }

    /// A cell's text, without blanks around it; empty where there is none.
    pub(super) fn text(&self, name: &str) -> String {
        let place = self.table.names.iter().position(|other| *other == name).and_then(|at| self.table.places.get(at));
        match place.map(|at| cell_at(self.row, *at)) {
            Some(Cell::Text(text)) => text.trim().to_owned(),
            _ => String::new(),
        }
    }

    fn tell(&mut self, name: &str, message: impl Into<String>) {
        let field = format!("{}: {name}", self.table.file);
        self.bad.add(self.row.number, &field, message);
    }

    /// A text that must be there.
    pub(super) fn needed(&mut self, name: &str) -> Option<String> {
        let text = Some(self.text(name)).filter(|text| !text.is_empty());
        if text.is_none() {
            self.tell(name, "is missing");
        }
        text
    }

    /// A number, where there is one.
    pub(super) fn number(&mut self, name: &str) -> Option<u64> {
        let text = self.text(name);
        if text.is_empty() {
            return None;
        }
        text.parse().map_err(|_| self.tell(name, format!("{:?} should be a number", shortened(&text, 20)))).ok()
    }

    /// A number that must be there.
    pub(super) fn id(&mut self, name: &str) -> Option<u64> {
        self.needed(name)?;
        self.number(name)
    }

    /// Yes or no; nothing is no.
    pub(super) fn flag(&mut self, name: &str) -> bool {
        match self.text(name).to_ascii_lowercase().as_str() {
            "1" | "true" | "t" => true,
            "" | "0" | "false" | "f" => false,
            other => {
                self.tell(name, format!("{:?} should be 0 or 1", shortened(other, 20)));
                false
            }
        }
    }
}
