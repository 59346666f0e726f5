//! The workbooks of tests/data/sheets, which LibreOffice made, as events.

use std::path::Path;

use chrono_tz::Europe::Paris;

use super::*;
use crate::clock::local;

fn read(name: &str, cohort: Option<&str>) -> EventsRead {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sheets").join(name);
    let bytes = std::fs::read(path).unwrap();
    let upload = SentFile { bytes: &bytes, name, content_type: None };
    read_events(&upload, &Terms { zone: Paris, now: DateTime::UNIX_EPOCH, cohort }).unwrap()
}

fn span(row: &ImportRow) -> [String; 2] {
    [row.start, row.end].map(|at| local(at, Paris))
}

#[test]
fn a_typed_sheet_is_read_alike_in_every_format() {
    let first = read("typed.xlsx", None);
    assert_eq!(first.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [4, 8]);
    assert_eq!(span(&first.rows[0]), ["2026-11-23T08:00:00+01:00", "2026-11-23T10:00:00+01:00"]);
    assert_eq!((first.rows[0].room.as_deref(), first.rows[0].teacher.as_deref()), (Some("101"), Some("durand")));
    assert_eq!((first.rows[1].subject.as_str(), first.rows[1].kind.as_str()), ("=1+1", "TD"));
    assert_eq!(first.rows[1].cohorts, ["2a-sr", "2b"]);
    let [error] = first.errors.as_slice() else { panic!("{:?}", first.errors) };
    assert_eq!((error.row, error.field.as_str()), (Some(9), "Salle"));
    assert!(error.message.contains("#DIV/0!"), "{}", error.message);
    assert!(first.warnings[0].ends_with("\"Effectif\""), "{:?}", first.warnings);
    for name in ["typed-1904.xlsx", "typed.ods"] {
        assert_eq!(read(name, None), first, "{name}");
    }
}

#[test]
fn days_times_and_lengths_of_a_workbook_make_events() {
    for name in ["split.xlsx", "split.ods"] {
        let read = read(name, Some("2a"));
        assert_eq!(read.errors, [], "{name}");
        assert_eq!(span(&read.rows[0]), ["2026-11-23T08:00:00+01:00", "2026-11-23T10:00:00+01:00"], "{name}");
        assert_eq!(span(&read.rows[1]), ["2026-11-24T10:15:00+01:00", "2026-11-25T12:45:00+01:00"], "{name}");
    }
}
