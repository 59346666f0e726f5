//! Tables as spreadsheets have them. One that somebody sends is read however the spreadsheet at hand wrote it: separated by commas,
//! semicolons or tabs, whichever the first row has most of; UTF-8, UTF-16 or Windows-1252.
//!
//! Rows are numbered as a spreadsheet numbers them: the header is row 1, and an empty row counts though it is left out.

use crate::error::{Kind, Refusal};
use crate::ical::decode;

/// What a cell begins with that a spreadsheet takes for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A table with a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The heads of its columns, trimmed.
    pub header: Vec<String>,
    /// The rows below, but for empty ones.
    pub rows: Vec<Row>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As the spreadsheet counts.
    pub number: u32,
    cells: Vec<String>,
}

/// A cell that a spreadsheet would take for a formula gets a leading `'`; [`Row::cell`] takes it off again.
pub fn guarded(cell: &str) -> String {
    if cell.starts_with(FORMULA) { format!("'{cell}") } else { cell.to_owned() }
}

/// Why a text is no table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// There is nothing in it.
    #[error("the file has no header: its first row names the columns")]
    Empty,
    /// A quoted cell has no end.
    #[error("row {0} opens a quote that is never closed")]
    OpenQuote(u32),
}

impl Refusal for SheetError {
    fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

impl Row {
    /// The cell of a column, trimmed; `None` where it is empty. A `'` that keeps a spreadsheet from reading a formula is
    /// taken off.
    pub fn cell(&self, column: usize) -> Option<&str> {
        let cell = self.cells.get(column)?.as_str();
        let guarded = cell.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA));
        Some(guarded.unwrap_or(cell).trim()).filter(|cell| !cell.is_empty())
    }
}

impl Sheet {
    /// Reads CSV.
    pub fn read_csv(bytes: &[u8]) -> Result<Self, SheetError> {
        let text = decode(bytes, None);
        let mut rows = rows_of(&text, separator_of(&text))?.into_iter();
        let header = rows.next().ok_or(SheetError::Empty)?.cells;
        let header: Vec<_> = header.iter().map(|head| head.trim().to_owned()).collect();
        match header.iter().all(String::is_empty) {
            true => Err(SheetError::Empty),
            false => Ok(Self { header, rows: rows.filter(|row| !row.is_empty()).collect() }),
        }
    }
}

impl Row {
    fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

fn separator_of(text: &str) -> char {
    let mut counts = [(',', 0), (';', 0), ('\t', 0)];
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '\n' | '\r' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(separator, _)| *separator == c).for_each(|(_, count)| *count += 1),
        }
    }
    // Of equals the first: `max_by_key` takes the last.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(',', |(separator, _)| *separator)
}

/// RFC 4180, with any line end; a quote inside of an unquoted cell is a character.
fn rows_of(text: &str, separator: char) -> Result<Vec<Row>, SheetError> {
    let mut reading = Reading { rows: Vec::new(), cells: Vec::new(), cell: String::new() };
    let mut chars = text.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => reading.cell.push('"'),
            '"' if quoted || reading.cell.is_empty() => quoted = !quoted,
            c if quoted => reading.cell.push(c),
            c if c == separator => reading.end_cell(),
            '\r' => {
                chars.next_if_eq(&'\n');
                reading.end_row();
            }
            '\n' => reading.end_row(),
            c => reading.cell.push(c),
        }
    }
    if quoted {
        return Err(SheetError::OpenQuote(reading.number()));
    }
    if !reading.cell.is_empty() || !reading.cells.is_empty() {
        reading.end_row();
    }
    Ok(reading.rows)
}

struct Reading {
    rows: Vec<Row>,
    cells: Vec<String>,
    cell: String,
}

impl Reading {
    fn number(&self) -> u32 {
        u32::try_from(self.rows.len() + 1).unwrap_or(u32::MAX)
    }

    fn end_cell(&mut self) {
        self.cells.push(std::mem::take(&mut self.cell));
    }

    fn end_row(&mut self) {
        self.end_cell();
        let row = Row { number: self.number(), cells: std::mem::take(&mut self.cells) };
        self.rows.push(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u32, Vec<String>)> {
        Sheet::read_csv(text.as_bytes()).unwrap().rows.into_iter().map(|row| (row.number, row.cells)).collect()
    }

    #[test]
    fn the_separator_is_what_the_header_has_most_of() {
        for text in ["a,b\n1,\"2;3\"", "a;b\n1;2;3", "\u{feff}a\tb\r\n1\t2;3\r\n", "\"a,b\";b\r1;\"2;3\""] {
            let rows = read(text);
            assert_eq!((rows.len(), rows[0].1[0].as_str()), (1, "1"), "{text:?}");
        }
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_numbers_them() {
        let rows = read("login,name\n\nsam,\"Sam\nthe second\"\n,\nada,Ada");
        assert_eq!(rows.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [3, 5]);
        assert_eq!(rows[0].1[1], "Sam\nthe second");
    }

    #[test]
    fn quotes_are_read_as_rfc_4180_says() {
        let rows = read("a,b\n\"say \"\"hi\"\"\",5\" tall\n\"\",\"\"\"\"");
        assert_eq!(rows[0].1, ["say \"hi\"", "5\" tall"]);
        assert_eq!(rows[1].1, ["", "\""]);
    }

    #[test]
    fn the_bytes_of_any_spreadsheet_are_read() {
        let utf_16: Vec<u8> = "\u{feff}nom\nZoé".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [&b"nom\nZo\xE9"[..], "nom\nZoé".as_bytes(), "\u{feff}nom\nZoé".as_bytes(), &utf_16] {
            let sheet = Sheet::read_csv(bytes).unwrap();
            assert_eq!((sheet.header[0].as_str(), sheet.rows[0].cell(0)), ("nom", Some("Zoé")));
        }
    }

    #[test]
    fn a_cell_loses_the_guard_against_formulas_and_nothing_else() {
        let sheet = Sheet::read_csv("a\n'=1+1\n'tis\n'\n =x\n".as_bytes()).unwrap();
        let cells: Vec<_> = sheet.rows.iter().map(|row| row.cell(0)).collect();
        assert_eq!(cells, [Some("=1+1"), Some("'tis"), Some("'"), Some("=x")]);
        assert_eq!(sheet.rows[0].cell(7), None);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for text in ["", "\n\n", " , ,\nx,y,z", "\u{feff}"] {
            assert_eq!(Sheet::read_csv(text.as_bytes()), Err(SheetError::Empty), "{text:?}");
        }
        assert_eq!(Sheet::read_csv(b"a\nb\n\"c\nd\n"), Err(SheetError::OpenQuote(3)));
    }
}
