//! .csv as spreadsheets and databases write it (RFC 4180): commas, semicolons or tabs, in UTF-8, UTF-16 or Windows-1252.
//!
//! A record is a row, as in a spreadsheet: a cell may hold line ends, and an empty line counts. A quote that nothing closes is
//! refused, since it would make one cell of the rest of the file.

use std::iter::Peekable;
use std::str::Chars;

use super::gather::Gather;
use super::{Cell, SentFile, Sheet, SheetError};
use crate::ical::decode;

const DELIMITERS: [char; 3] = [',', ';', '\t'];

/// Reads the table, by the delimiter that it says or seems to have.
pub(super) fn read(upload: &SentFile<'_>) -> Result<Sheet, SheetError> {
    let text = decode(upload.bytes, upload.content_type);
    let (delimiter, text) = declared(&text).unwrap_or_else(|| (detect(&text), text.as_str()));
    read_by(delimiter, text)
}

/// Reads the table by each delimiter that it does not seem to have, as far as that can be done; a title above it may have
/// misled.
pub(super) fn read_otherwise(upload: &SentFile<'_>) -> impl Iterator<Item = Sheet> {
    let text = decode(upload.bytes, upload.content_type);
    let known = declared(&text).map(|_| &DELIMITERS[..0]);
    let seems = detect(&text);
    let others = known.unwrap_or(&DELIMITERS).iter().filter(move |delimiter| **delimiter != seems);
    others.filter_map(move |delimiter| read_by(*delimiter, &text).ok())
}

fn read_by(delimiter: char, text: &str) -> Result<Sheet, SheetError> {
    let mut records = Records { rest: text.chars().peekable(), delimiter };
    let mut gather = Gather::default();
    let mut row = 1_u32;
    while records.rest.peek().is_some() {
        let mut column = 0;
        loop {
            let (cell, ends) = records.cell(row)?;
            gather.put(row, column, Cell::Text(cell))?;
            if ends == Ends::Row {
                break;
            }
            column += 1;
        }
        row = row.saturating_add(1);
    }
    Ok(gather.finish())
}

/// `sep=;`: how a .csv tells Excel its delimiter, which then does not show the line.
fn declared(text: &str) -> Option<(char, &str)> {
    let rest = text.get(..4).filter(|head| head.eq_ignore_ascii_case("sep=")).and_then(|_| text.get(4..))?;
    let mut after = rest.chars();
    let delimiter = after.next().filter(|c| DELIMITERS.contains(c))?;
    let rest = after.as_str();
    Some((delimiter, rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'))?))
}

/// The delimiter that stands most often in the first line that has one, outside of quotes.
fn detect(text: &str) -> char {
    let mut quoted = false;
    let mut counts = DELIMITERS.map(|delimiter| (delimiter, 0_usize));
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            '\n' | '\r' if !quoted && counts.iter().any(|(_, count)| *count > 0) => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(of, _)| *of == character).for_each(|(_, count)| *count += 1),
        }
    }
    // Of equals the first: commas.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(',', |(of, _)| *of)
}

/// What a cell is the end of.
#[derive(PartialEq)]
enum Ends {
    Cell,
    Row,
}

struct Records<'t> {
    rest: Peekable<Chars<'t>>,
    delimiter: char,
}

impl Records<'_> {
    /// The next cell of a row. What follows a closing quote belongs to the cell.
    fn cell(&mut self, row: u32) -> Result<(String, Ends), SheetError> {
        let mut cell = String::new();
        if self.rest.next_if_eq(&'"').is_some() {
            self.quoted(&mut cell, row)?;
        }
        loop {
            match self.rest.next() {
                None | Some('\n') => return Ok((cell, Ends::Row)),
                Some('\r') => {
                    self.rest.next_if_eq(&'\n');
                    return Ok((cell, Ends::Row));
                }
                Some(character) if character == self.delimiter => return Ok((cell, Ends::Cell)),
                Some(character) => cell.push(character),
            }
        }
    }

    /// What stands between quotes; a quote is written as two.
    fn quoted(&mut self, cell: &mut String, row: u32) -> Result<(), SheetError> {
        loop {
            match self.rest.next() {
                Some('"') if self.rest.next_if_eq(&'"').is_some() => cell.push('"'),
                Some('"') => return Ok(()),
                Some(character) => cell.push(character),
                None => return Err(SheetError::OpenQuote { row }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_bytes(bytes: &[u8]) -> Result<Vec<(u32, Vec<String>)>, SheetError> {
        let sheet = read(&SentFile { bytes, name: "a.csv", content_type: None })?;
        let text = |cell| match cell {
            Cell::Text(text) => text,
            _ => String::new(),
        };
        Ok(sheet.rows.into_iter().map(|row| (row.number, row.cells.into_iter().map(text).collect())).collect())
    }

    fn shown(text: &str) -> String {
        let rows = read_bytes(text.as_bytes()).unwrap();
        rows.iter().map(|(number, cells)| format!("{number}:{}", cells.join("|"))).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_counts_them() {
        let cases = [
            ("a,b\r\nc,d\r\n", "1:a|b 2:c|d"),
            ("a;b\n\n\"c\nd\";e\nf;g", "1:a|b 3:c\nd|e 4:f|g"),
            ("a\tb,c;d\te", "1:a|b,c;d|e"),
            ("\"a;b\",c\r\rd,e", "1:a;b|c 3:d|e"),
            ("sep=;\r\na,b;c", "1:a,b|c"),
            ("title\na;b", "1:title 2:a|b"),
            ("a,\"b \"\"c\"\" d\" e,", "1:a|b \"c\" d e"),
            (",,\n,x", "2:|x"),
        ];
        for (text, rows) in cases {
            assert_eq!(shown(text), rows, "{text:?}");
        }
    }

    #[test]
    fn old_charsets_are_read() {
        let utf_16: Vec<u8> = "\u{FEFF}été\tb".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in ["\u{FEFF}été\tb".as_bytes(), b"\xE9t\xE9\tb", &utf_16] {
            assert_eq!(read_bytes(bytes).unwrap(), [(1, vec!["été".to_owned(), "b".to_owned()])]);
        }
    }

    #[test]
    fn a_quote_that_nothing_closes_is_refused_by_its_row() {
        assert_eq!(read_bytes(b"a,b\n\"c,d\ne,f\n"), Err(SheetError::OpenQuote { row: 2 }));
    }

    proptest! {
        #[test]
        fn what_the_csv_crate_writes_is_read_back(rows in proptest::collection::vec(
            proptest::collection::vec("[a\"',;\t\r\né🎓]{0,6}", 2..4), 1..5), semicolons: bool)
        {
            let delimiter = if semicolons { b';' } else { b',' };
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
            writer.write_record(["h", "h"]).unwrap();
            rows.iter().for_each(|row| writer.write_record(row).unwrap());
            let read = read_bytes(&writer.into_inner().unwrap()).unwrap();
            for (index, row) in rows.iter().enumerate() {
                let number = u32::try_from(index + 2).unwrap();
                let mut found = read.iter().find(|(of, _)| *of == number).map(|(_, cells)| cells.clone()).unwrap_or_default();
                found.resize(row.len(), String::new());
                prop_assert_eq!(&found, row);
            }
        }
    }
}
