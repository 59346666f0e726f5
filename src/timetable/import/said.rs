//! What a row says of an event, by ids, and what becomes of an event that is told so.

use super::files::Words;
use crate::timetable::{Draft, Event, Status};

/// Whose word counts for the cohorts of an event that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cohorts {
    /// The row names them all.
    Exactly,
    /// The row names one; the event may have others.
    AtLeast,
}

/// A row, understood.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// As the spreadsheet counts.
    pub row: u32,
    /// The event of ours that it names.
    pub id: Option<String>,
    /// The id that the file gives it, whosever it is: rows of different ids are different events.
    pub id_in_file: Option<String>,
    /// Whose words it is in.
    pub words: Words,
    /// The feed that it is of; what else it says is then nobody's.
    pub feed: Option<String>,
    /// What it says; what is empty says nothing.
    pub draft: Draft,
    /// What of it was left out.
    pub warnings: Vec<String>,
}

/// An event that is told what a row says: an empty cell leaves what was there, and nothing brings a cancelled event back.
pub(super) fn told(before: &Draft, said: &Draft, cohorts: Cohorts) -> Draft {
    let text = |said: &String, before: &String| {
        if said.is_empty() || has_same_lines(said, before) { before.clone() } else { said.clone() }
    };
    Draft {
        start: said.start,
        end: said.end,
        subject: text(&said.subject, &before.subject),
        kind: text(&said.kind, &before.kind),
        notes: text(&said.notes, &before.notes),
        room: said.room.clone().or_else(|| before.room.clone()),
        teacher: said.teacher.clone().or_else(|| before.teacher.clone()),
        cohorts: match cohorts {
            Cohorts::Exactly if !said.cohorts.is_empty() => said.cohorts.clone(),
            _ => union(&before.cohorts, &said.cohorts),
        },
        status: if said.status == Status::Cancelled { said.status } else { before.status },
    }
}

/// A calendar knows one kind of line end: what went out with others is the same when it comes back.
fn has_same_lines(one: &str, other: &str) -> bool {
    let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
    one == other || lines(one) == lines(other)
}

fn union(one: &[String], other: &[String]) -> Vec<String> {
    let mut all: Vec<_> = one.iter().chain(other).cloned().collect();
    all.sort();
    all.dedup();
    all
}

/// What there is to say of an event.
pub(super) fn draft_of(event: &Event) -> Draft {
    let Event { start, end, subject, kind, notes, room, teacher, cohorts, status, .. } = event.clone();
    Draft { start, end, subject, kind, notes, room, teacher, cohorts, status }
}

/// The event of which this is to be said.
pub(super) fn with(event: &Event, draft: Draft) -> Event {
    let Draft { start, end, subject, kind, notes, room, teacher, cohorts, status } = draft;
    Event { start, end, subject, kind, notes, room, teacher, cohorts, status, ..event.clone() }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn draft() -> Draft {
        Draft {
            start: DateTime::UNIX_EPOCH,
            end: DateTime::UNIX_EPOCH,
            subject: "Algèbre".into(),
            kind: "CM".into(),
            notes: "bring paper".into(),
            room: Some("r_1".into()),
            teacher: Some("teo".into()),
            cohorts: vec!["c_1".into(), "c_2".into()],
            status: Status::Confirmed,
        }
    }

    #[test]
    fn what_a_row_leaves_empty_stays() {
        let (none, blank) = (|| None, String::new);
        let said = Draft { kind: blank(), notes: blank(), room: none(), teacher: none(), cohorts: vec![], ..draft() };
        for cohorts in [Cohorts::Exactly, Cohorts::AtLeast] {
            assert_eq!(told(&draft(), &said, cohorts), draft());
        }
    }

    #[test]
    fn other_line_ends_are_no_change() {
        let before = Draft { notes: "a\r\nb\rc\n".into(), ..draft() };
        let said = |notes: &str| Draft { notes: notes.into(), ..draft() };
        assert_eq!(told(&before, &said("a\nb\nc\n"), Cohorts::Exactly), before);
        assert_eq!(told(&before, &said("a\n\nb"), Cohorts::Exactly).notes, "a\n\nb");
    }

    #[test]
    fn what_a_row_says_takes_the_place_of_what_was_there() {
        let said = Draft { room: Some("r_2".into()), cohorts: vec!["c_3".into()], ..draft() };
        let exactly = told(&draft(), &said, Cohorts::Exactly);
        assert_eq!((exactly.room.as_deref(), exactly.cohorts), (Some("r_2"), vec!["c_3".to_owned()]));
        assert_eq!(told(&draft(), &said, Cohorts::AtLeast).cohorts, ["c_1", "c_2", "c_3"]);
    }

    #[test]
    fn a_row_cancels_and_never_revives() {
        let cancelled = Draft { status: Status::Cancelled, ..draft() };
        let tentative = Draft { status: Status::Tentative, ..draft() };
        let rows = [
            (draft(), cancelled.clone(), Status::Cancelled),
            (cancelled, draft(), Status::Cancelled),
            (tentative, draft(), Status::Tentative),
        ];
        for (before, said, status) in rows {
            assert_eq!(told(&before, &said, Cohorts::Exactly).status, status);
        }
    }
}
