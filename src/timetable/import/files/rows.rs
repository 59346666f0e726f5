//! The rows of a sheet to [`ImportRow`]s; what cannot be read is told by row and column.

use chrono::{DateTime, NaiveTime, Utc};

use super::bad_cells::BadCells;
use super::columns::{Column, Columns};
use super::times::{holds_error, read_length};
use super::{EventsRead, ImportRow, Terms, Words};
use crate::sheets::{Cell, Row};
use crate::timetable::table::unmarked;
use crate::timetable::written::Written;

/// Reads all rows; one that is blank in the known columns is none.
pub(super) fn read(rows: &[Row], columns: &Columns, terms: &Terms<'_>) -> EventsRead {
    let mut bad = BadCells::default();
    let filled = rows.iter().filter(|row| !columns.are_blank(row));
    let rows = filled.filter_map(|row| Reading { row, columns, terms, bad: &mut bad }.event()).collect();
    let (errors, errors_untold) = (bad.told, bad.untold);
    EventsRead { rows, errors, errors_untold, warnings: Vec::new(), headers: columns.headers() }
}

/// A row that is being read.
struct Reading<'r> {
    row: &'r Row,
    columns: &'r Columns,
    terms: &'r Terms<'r>,
    bad: &'r mut BadCells,
}

impl Reading<'_> {
    /// The event, where nothing is wrong with the row.
    fn event(mut self) -> Option<ImportRow> {
        let before = self.bad.count();
        let span = self.span();
        let subject = self.text(Column::Subject);
        if subject.is_none() && !self.holds_error(Column::Subject) {
            let header = self.columns.header(&[Column::Subject]);
            self.bad.add(self.row.number, header, "is missing: say what the event is");
        }
        let (subject, cancelled) = unmarked(&subject.unwrap_or_default());
        let (room, numeric_room_id) = self.name_or_number(Column::Room, Column::RoomId);
        let (teacher, numeric_user_id) = self.name_or_number(Column::Teacher, Column::TeacherId);
        let (cohort, numeric_promo_id) = self.cohort();
        let (kind, notes) = (self.text(Column::Kind), self.text(Column::Notes));
        let (event_id, source) = (self.word(Column::EventId), self.word(Column::Source));
        let (start, end) = span.filter(|_| self.bad.count() == before)?;
        Some(ImportRow {
            number: self.row.number,
            event_id,
            uid: None,
            words: Words::Own,
            start,
            end,
            subject,
            kind: kind.unwrap_or_default(),
            notes: notes.unwrap_or_default(),
            room,
            teacher,
            cohorts: cohort,
            numeric_room_id,
            numeric_user_id,
            numeric_promo_id,
            source,
            cancelled,
        })
    }

    fn span(&mut self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let start = self.start();
        let end = self.end(start);
        let (start, end) = (start?, end?);
        if end <= start {
            let header = self.columns.header(&[Column::End, Column::EndTime, Column::Duration]);
            self.bad.add(self.row.number, header, "must be after the start");
            return None;
        }
        Some((start, end))
    }

    fn start(&mut self) -> Option<DateTime<Utc>> {
        let day = self.said(Column::Date)?;
        let main = self.said(Column::Start)?.or(day);
        let clock = self.clock(Column::StartTime)?;
        let header = self.columns.header(&[Column::Start, Column::Date, Column::StartTime]);
        let Some(main) = main else {
            self.bad.add(self.row.number, header, "is missing: say when the event begins");
            return None;
        };
        let day = day.and_then(|day| day.day(self.terms.zone));
        self.bad.take(self.row.number, header, main.resolve(day, clock, self.terms.zone))
    }

    /// By its own cells, or by the length; a time alone is one of the day of the start.
    fn end(&mut self, start: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let (number, zone) = (self.row.number, self.terms.zone);
        let day = self.said(Column::EndDate)?;
        let clock = self.clock(Column::EndTime)?;
        let main = self.said(Column::End)?.or(day).or(clock.map(Written::Clock));
        let header = self.columns.header(&[Column::End, Column::EndTime, Column::EndDate, Column::Duration]);
        if let Some(main) = main {
            let first = start.map(|start| start.with_timezone(&zone).date_naive());
            let day = day.and_then(|day| day.day(zone)).or(first);
            // Of a start that cannot be read enough is told.
            let lacks = day.is_none() && matches!(main, Written::Clock(_));
            return if lacks { None } else { self.bad.take(number, header, main.resolve(day, clock, zone)) };
        }
        let Some((cell, header)) = self.columns.cell(self.row, Column::Duration) else {
            self.bad.add(number, header, "is missing: say when the event ends");
            return None;
        };
        let length = self.bad.take(number, header, read_length(cell))?;
        start?.checked_add_signed(length)
    }

    /// What a column says of a time; `Some(None)` where it says nothing, `None` where it cannot be read.
    fn said(&mut self, column: Column) -> Option<Option<Written>> {
        let Some((cell, header)) = self.columns.cell(self.row, column) else { return Some(None) };
        self.bad.take(self.row.number, header, Written::read(cell)).map(Some)
    }

    /// Likewise the time of a day, of a cell that may have a day too.
    fn clock(&mut self, column: Column) -> Option<Option<NaiveTime>> {
        match self.said(column)? {
            None => Some(None),
            Some(Written::Clock(clock)) => Some(Some(clock)),
            Some(Written::Wall(at)) => Some(Some(at.time())),
            Some(Written::Instant(_) | Written::Day(_)) => {
                let header = self.columns.header(&[column]);
                self.bad.add(self.row.number, header, "should be a time such as 08:00 or 8h00");
                None
            }
        }
    }

    /// A cell's text as it stands.
    fn text(&mut self, column: Column) -> Option<String> {
        let (cell, header) = self.columns.cell(self.row, column)?;
        match cell {
            Cell::Bad(error) => {
                self.bad.add(self.row.number, header, holds_error(error));
                None
            }
            cell => Some(cell.to_text()),
        }
    }

    /// A cell's text without blanks around it.
    fn word(&mut self, column: Column) -> Option<String> {
        self.text(column).map(|text| text.trim().to_owned()).filter(|word| !word.is_empty())
    }

    fn holds_error(&self, column: Column) -> bool {
        matches!(self.columns.cell(self.row, column), Some((Cell::Bad(_), _)))
    }

    /// A name, and a bare number of another system; a column for numbers may hold a name.
    fn name_or_number(&mut self, name: Column, id: Column) -> (Option<String>, Option<u64>) {
        let (name, id) = (self.word(name), self.word(id));
        match id.as_deref().map(str::parse) {
            Some(Ok(number)) => (name, Some(number)),
            _ => (name.or(id), None),
        }
    }

    fn cohort(&mut self) -> (Vec<String>, Option<u64>) {
        let (names, number) = self.name_or_number(Column::Cohort, Column::CohortId);
        match self.terms.cohort {
            Some(cohort) => (vec![cohort.to_owned()], None),
            None => (names.as_deref().map(split).unwrap_or_default(), number),
        }
    }
}

/// Several cohorts of one cell. A slug holds none of the signs between them; a cohort whose name does is named by its slug.
fn split(names: &str) -> Vec<String> {
    let mut cohorts: Vec<String> = Vec::new();
    for name in names.split([';', ',', '|', '\n']).map(str::trim).filter(|name| !name.is_empty()) {
        if !cohorts.iter().any(|other| other == name) {
            cohorts.push(name.to_owned());
        }
    }
    cohorts
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::super::read_events;
    use super::*;
    use crate::clock::local;
    use crate::sheets::SentFile;

    fn read(text: &str, cohort: Option<&str>) -> EventsRead {
        let upload = SentFile { bytes: text.as_bytes(), name: "a.csv", content_type: None };
        read_events(&upload, &Terms { zone: Paris, now: DateTime::UNIX_EPOCH, cohort }).unwrap()
    }

    fn errors(text: &str) -> Vec<String> {
        let read = read(text, None);
        assert!(read.rows.is_empty());
        let told =
            |error: &crate::error::FieldError| format!("{} {}: {}", error.row.unwrap(), error.field, error.message);
        read.errors.iter().map(told).collect()
    }

    #[test]
    fn a_row_of_the_replaced_system_is_read() {
        let text = "event_id,start,end,matiere,type_cours,infos_sup,classroom_id,user_id,promo_id\n\
                    7,2026-11-23 08:00,2026-11-23 10:00,Algèbre,CM,,12,durand,3\n";
        let row = &read(text, None).rows[0];
        assert_eq!((row.number, row.event_id.as_deref(), row.numeric_room_id), (2, Some("7"), Some(12)));
        assert_eq!(
            (row.teacher.as_deref(), row.numeric_user_id, row.numeric_promo_id),
            (Some("durand"), None, Some(3))
        );
        assert_eq!((row.subject.as_str(), row.kind.as_str(), row.room.as_deref()), ("Algèbre", "CM", None));
        assert_eq!(local(row.start, Paris), "2026-11-23T08:00:00+01:00");
    }

    #[test]
    fn days_times_and_lengths_may_stand_in_columns_of_their_own() {
        let cases = [
            "date;heure début;heure fin;matière\n23/11/2026;8h00;10h00;x",
            "date;start time;duration;subject\n23/11/2026;08:00;2:00;x",
            "début;fin;matière\n23/11/2026 08:00;10:00;x",
            "date;start;end;subject\n23/11/2026;08:00;10:00;x",
            "date début;date fin;heure de début;heure de fin;cours\n23/11/2026;23/11/2026;8h;10h;x",
            "date;durée;cours\n23/11/2026 8h;120 min;x",
        ];
        for text in cases {
            let read = read(text, Some("2a"));
            let [row] = read.rows.as_slice() else { panic!("{text}: {:?}", read.errors) };
            assert_eq!(local(row.start, Paris), "2026-11-23T08:00:00+01:00", "{text}");
            assert_eq!(local(row.end, Paris), "2026-11-23T10:00:00+01:00", "{text}");
            assert_eq!(row.cohorts, ["2a"]);
        }
    }

    #[test]
    fn each_bad_cell_is_told_with_its_row_and_column() {
        let text = "Début,Fin,Matière,promo\n\
                    soon,23/11/2026 10:00,,2a\n\
                    \n\
                    25/10/2026 02:30,25/10/2026 04:00,x,2a\n\
                    23/11/2026 10:00,23/11/2026 10:00,x,2a\n\
                    23/11/2026 10:00,,x,2a\n";
        let errors = errors(text);
        let starts = [
            "2 Début: \"soon\" should be a date",
            "2 Matière: is missing",
            "4 Début: 2026-10-25T02:30:00 comes twice in Europe/Paris",
            "5 Fin: must be after the start",
            "6 Fin: is missing",
        ];
        assert_eq!(errors.len(), starts.len(), "{errors:#?}");
        for (error, start) in errors.iter().zip(starts) {
            assert!(error.starts_with(start), "{error}");
        }
    }

    #[test]
    fn a_thousand_errors_say_enough() {
        let text = format!("start,end,subject,cohort\n{}", "x,y,z,2a\n".repeat(700));
        let read = read(&text, None);
        assert_eq!((read.errors.len(), read.errors_untold), (1_000, 400));
    }

    #[test]
    fn text_is_text() {
        let long = "é".repeat(10_000);
        for notes in ["'=1+1", "\u{202e}שלום 🎓", "a \"\"b\"\"; c,\r\nd", long.as_str(), " blanks "] {
            let text = format!("start,end,subject,notes\n2026-11-23 08:00,2026-11-23 10:00,x,\"{notes}\"\n");
            let meant = notes.replace("\"\"", "\"");
            assert_eq!(read(&text, Some("2a")).rows[0].notes, meant.strip_prefix('\'').unwrap_or(&meant));
        }
    }

    #[test]
    fn a_title_above_the_table_decides_no_delimiter() {
        let text = "Planning S1, M2, groupes A, B, C\ndate;heure début;heure fin;matière\n23/11/2026;8h;10h;x";
        assert_eq!(read(text, Some("2a")).rows.len(), 1);
        let declared = format!("sep=,\n{text}");
        let declared = SentFile { bytes: declared.as_bytes(), name: "a.csv", content_type: None };
        let terms = Terms { zone: Paris, now: DateTime::UNIX_EPOCH, cohort: Some("2a") };
        assert!(read_events(&declared, &terms).is_err(), "what the file says of itself counts");
    }

    #[test]
    fn several_cohorts_may_stand_in_one_cell() {
        let text = "start,end,subject,promo\n2026-11-23 08:00,2026-11-23 10:00,ANNULÉ : x,\"2A; 2B,2c | 2A\"\n";
        let row = &read(text, None).rows[0];
        assert_eq!(row.cohorts, ["2A", "2B", "2c"]);
        assert_eq!((row.subject.as_str(), row.cancelled), ("x", true));
    }
}
