//! What is exported can be imported: the columns and the escaping of the .csv that goes out, read back.

use chrono::TimeDelta;
use chrono_tz::Europe::Paris;
use proptest::prelude::*;

use super::*;
use crate::clock::local;
use crate::sheets::guarded;

const HEADER: [&str; 10] =
    ["event_id", "start", "end", "matiere", "type_cours", "infos_sup", "classroom", "teacher", "promo", "source"];

/// As src/calendars/csv.rs writes it.
fn write(rows: &[ImportRow], delimiter: u8) -> Vec<u8> {
    let mark: &[u8] = if delimiter == b';' { b"\xEF\xBB\xBF" } else { b"" };
    let mut builder = csv::WriterBuilder::new();
    let mut writer = builder.delimiter(delimiter).terminator(csv::Terminator::CRLF).from_writer(mark.to_vec());
    writer.write_record(HEADER).unwrap();
    for row in rows {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let cells = [
            text(&row.event_id),
            local(row.start, Paris),
            local(row.end, Paris),
            row.subject.clone(),
            row.kind.clone(),
            row.notes.clone(),
            text(&row.room),
            text(&row.teacher),
            row.cohorts.join(";"),
            text(&row.source),
        ];
        writer.write_record(cells.iter().map(|cell| guarded(cell).into_owned())).unwrap();
    }
    writer.into_inner().unwrap()
}

/// Any text, with what tables and spreadsheets have trouble with; not blank.
fn text() -> impl Strategy<Value = String> {
    "[ '=+@\t\r\n\\-\"|;,é🎓שa]{0,6}[a-z\"'=]\\PC{0,10}"
}

fn row() -> impl Strategy<Value = ImportRow> {
    let notes = prop_oneof![Just(String::new()), text()];
    let name = prop::option::of("[A-Z][a-z0-9 '-]{0,8}[a-z]");
    let span = (1_700_000_000_i64..1_900_000_000, 1_i64..100_000);
    (span, text(), notes, name, prop::collection::vec("[a-z][a-z0-9-]{0,5}", 0..3), any::<bool>()).prop_map(
        |((start, length), subject, notes, room, mut cohorts, own)| {
            let start = DateTime::from_timestamp(start, 0).unwrap();
            cohorts.sort();
            cohorts.dedup();
            ImportRow {
                number: 0,
                event_id: Some(if own { "e_1" } else { "f_1" }.to_owned()),
                uid: None,
                words: Words::Own,
                start,
                end: start + TimeDelta::seconds(length),
                subject,
                kind: notes.trim().to_owned(),
                notes: if notes.trim().is_empty() { String::new() } else { notes },
                room: room.clone(),
                teacher: room.map(|room| room.to_lowercase().trim().to_owned()),
                cohorts,
                numeric_room_id: None,
                numeric_user_id: None,
                numeric_promo_id: None,
                source: (!own).then(|| "ade".to_owned()),
                cancelled: false,
            }
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(mut rows in prop::collection::vec(row(), 1..4), excel: bool) {
        let bytes = write(&rows, if excel { b';' } else { b',' });
        let upload = SentFile { bytes: &bytes, name: "planning.csv", content_type: Some("text/csv; charset=utf-8") };
        let read = read_events(&upload, &Terms { zone: Paris, now: DateTime::UNIX_EPOCH, cohort: None }).unwrap();
        prop_assert_eq!(&read.errors, &[]);
        rows.iter_mut().zip(2..).for_each(|(row, number)| row.number = number);
        prop_assert_eq!(read.rows, rows);
    }

    #[test]
    fn any_table_is_read_or_refused(cells in prop::collection::vec(prop::collection::vec(
        prop_oneof!["\\PC{0,12}", "[0-9]{1,4}[/:h.T -][0-9]{1,3}[/:h.T -]{0,2}[0-9Z+]{0,6}", Just("2026-11-23T08:00".to_owned())], 4), 0..6))
    {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["date", "heure de fin", "durée", "matière"]).unwrap();
        cells.iter().for_each(|row| writer.write_record(row).unwrap());
        let bytes = writer.into_inner().unwrap();
        let upload = SentFile { bytes: &bytes, name: "a.csv", content_type: None };
        let read = read_events(&upload, &Terms { zone: Paris, now: DateTime::UNIX_EPOCH, cohort: Some("2a") }).unwrap();
        let bad: std::collections::BTreeSet<_> = read.errors.iter().filter_map(|error| error.row).collect();
        prop_assert!(read.rows.iter().all(|row| !bad.contains(&row.number) && row.start < row.end));
        prop_assert!(read.rows.len() + bad.len() <= cells.len());
    }
}
