//! The workbooks of tests/data/sheets, which LibreOffice made, cell by cell.

use std::path::Path;

use chrono::{NaiveDate, TimeDelta};

use super::*;

/// A file of tests/data/sheets.
pub fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sheets");
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn read(name: &str) -> Result<Sheet, SheetError> {
    read_sheet(&SentFile { bytes: &fixture(name), name, content_type: None })
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn at(day: u32, hour: u32, minute: u32) -> Cell {
    Cell::DateTime(NaiveDate::from_ymd_opt(2026, 11, day).unwrap().and_hms_opt(hour, minute, 0).unwrap())
}

#[test]
fn typed_cells_are_the_same_in_every_format() {
    for name in ["typed.xlsx", "typed-1904.xlsx", "typed.ods"] {
        let rows = read(name).unwrap().rows;
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 3, 4, 8, 9], "{name}");
        assert_eq!(rows[0].cells, [text("Emploi du temps")], "{name}");
        let notes = text("Prévoir ; la \"blouse\"\nשלום 🎓   fin");
        let first = [
            text("Algèbre"),
            at(23, 8, 0),
            at(23, 10, 0),
            Cell::Number(101.0),
            text("durand"),
            text("2a-sr"),
            text("CM"),
            notes,
        ];
        assert_eq!(rows[2].cells[..8], first, "{name}");
        assert_eq!(rows[2].cells[8], Cell::Number(30.0), "{name}");
        let second = [
            text("'=1+1"),
            at(24, 10, 15),
            at(24, 12, 15),
            text("Amphi Été"),
            Cell::Empty,
            text("2a-sr;2b"),
            text("TD"),
        ];
        assert_eq!(rows[3].cells[..7], second, "{name}");
        assert_eq!(rows[4].cells[3], Cell::Bad("#DIV/0!".into()), "{name}");
    }
}

#[test]
fn days_times_and_lengths_are_kept_apart() {
    for name in ["split.xlsx", "split.ods"] {
        let rows = read(name).unwrap().rows;
        let time = |minutes| Cell::Time(TimeDelta::minutes(minutes));
        let day = |day| Cell::Date(NaiveDate::from_ymd_opt(2026, 11, day).unwrap());
        assert_eq!(rows[1].cells, [day(23), time(480), time(120), text("Algèbre")], "{name}");
        assert_eq!(rows[2].cells[..2], [day(24), time(615)], "{name}");
    }
    // In .xlsx more than a day is a length by its format, not by its number.
    assert_eq!(read("split.ods").unwrap().rows[2].cells[2], Cell::Time(TimeDelta::minutes(26 * 60 + 30)));
    assert_eq!(read("split.xlsx").unwrap().rows[2].cells[2], Cell::Time(TimeDelta::minutes(26 * 60 + 30)));
}

#[test]
fn a_table_of_texts_is_the_same_in_every_format() {
    let csv = read("plain.csv").unwrap();
    assert_eq!(read("plain.xlsx").unwrap(), csv);
    assert_eq!(read("plain.ods").unwrap(), csv);
}

#[test]
fn what_is_no_sheet_says_what_it_is() {
    let refused =
        |bytes: &[u8], name: &str| read_sheet(&SentFile { bytes, name, content_type: None }).unwrap_err().to_string();
    assert!(read("old.xls").unwrap_err().to_string().contains("save it as .xlsx"));
    assert!(refused(&fixture("typed.xlsx")[..3_000], "a.xlsx").contains("damaged"));
    let cases: &[(&[u8], &str, &str)] = &[
        (b"", "a.csv", "holds nothing"),
        (b"\r\n;;\r\n", "a.csv", "holds nothing"),
        (b"%PDF-1.7", "a.csv", "a PDF file"),
        (b"\n<!doctype html>", "a.csv", "a web page"),
        (b"<?xml version=\"1.0\"?>", "typed.fods", "XML"),
        (b"a;b", "a.xlsx", "damaged"),
        (b"a\0b", "a", "no text"),
        (b"PK\x03\x04 and so on", "a.zip", "damaged"),
    ];
    for (bytes, name, what) in cases {
        let refusal = refused(bytes, name);
        assert!(refusal.contains(what), "{name}: {refusal}");
    }
    assert!(refused(&vec![b'a'; BYTES_AT_MOST + 1], "a.csv").contains("at most 8 MiB"));
}
