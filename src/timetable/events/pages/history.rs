//! Who changed an event, what and when: out of the audit, for staff.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::differences::{called, differences};
use super::fields::or_dash;
use crate::audit::{Entry, visit_newest_entries};
use crate::http::Visit;
use crate::store::{Read, StoreError};
use crate::timetable::tables::{LAST_CHANGES, LastChange};
use crate::timetable::{Event, Names};

/// So many changes are shown.
const SHOWN_AT_MOST: usize = 20;
/// So many entries of the audit are looked through for them.
const LOOKED_AT: usize = 20_000;

/// The changes of an event, newest first.
#[derive(Default)]
pub struct History {
    changes: Vec<Told>,
    /// Do they go back to its making?
    whole: bool,
}

/// One change.
struct Told {
    at: DateTime<Utc>,
    actor: String,
    action: String,
    before: Option<Event>,
    after: Option<Event>,
}

impl History {
    /// Looks from the last change down to the first.
    pub fn of(tx: &impl Read, id: &str) -> Result<Self, StoreError> {
        let last: Option<LastChange> = tx.find(&LAST_CHANGES, id.as_bytes())?;
        let Some(last) = last else { return Ok(Self { changes: Vec::new(), whole: true }) };
        let (object, mut history, mut looked_at) = (format!("event:{id}"), Self::default(), 0);
        visit_newest_entries(tx, Some(last.entry.saturating_add(1)), |entry| {
            looked_at += 1;
            if entry.object == object {
                history.whole = entry.action == "event.create";
                history.changes.push(Told::of(entry));
            }
            !history.whole && history.changes.len() < SHOWN_AT_MOST && looked_at < LOOKED_AT
        })?;
        Ok(history)
    }

    /// Is there a change to take back?
    pub fn can_be_undone(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Each change in a line or a few.
    pub fn draw(&self, visit: &Visit, names: &Names) -> Markup {
        let words = visit.words;
        html! {
            ol .history {
                @for told in &self.changes { li { (told.draw(visit, names)) } }
            }
            @if !self.whole { p .muted { (words.edit.older_changes) } }
        }
    }
}

impl Told {
    fn of(entry: Entry) -> Self {
        let state = |told: Option<serde_json::Value>| told.and_then(|told| serde_json::from_value(told).ok());
        let Entry { at, actor, action, before, after, .. } = entry;
        Self { at, actor, action, before: state(before), after: state(after) }
    }

    fn draw(&self, visit: &Visit, names: &Names) -> Markup {
        let (words, zone) = (visit.words, visit.app.zone());
        let done = match self.action.as_str() {
            "event.create" => words.edit.was_made,
            "event.remove" => words.edit.was_removed,
            "event.undo" => words.edit.was_undone,
            _ => words.edit.was_changed,
        };
        let differing = self.before.as_ref().zip(self.after.as_ref());
        let differing = differing.map(|(before, after)| differences(visit, names, before, after)).unwrap_or_default();
        html! {
            p { strong { (done) } " · " bdi { (who(visit, names, &self.actor)) } " · "
                time datetime=(self.at.to_rfc3339()) { (words.moment(self.at, visit.now, zone)) } }
            @if !differing.is_empty() {
                ul {
                    @for one in &differing {
                        li { (one.label) (words.shell.colon) del { (or_dash(&one.before)) } " → " ins { (or_dash(&one.after)) } }
                    }
                }
            }
        }
    }
}

/// `user:marie` as people know her.
fn who(visit: &Visit, names: &Names, actor: &str) -> String {
    match actor.split_once(':') {
        Some(("user", login)) => called(names, login),
        Some(("cli", _)) => visit.words.edit.command_line.to_owned(),
        _ => actor.to_owned(),
    }
}
