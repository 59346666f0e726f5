//! The form of an event, drawn: its fields, what is in the way, and what somebody else has done meanwhile.

use maud::{Markup, html};

use super::desk::{bound_to, may_allow};
use super::differences::{Difference, called};
use super::free::Rooms;
use super::obstacles::{Obstacles, room_label};
use super::sheet::{Of, Sheet};
use crate::http::{Field, Form, Visit};
use crate::timetable::{Names, Room};

/// The form, being drawn.
pub struct Drawn<'a> {
    /// Who looks.
    pub visit: &'a Visit,
    /// What things are called.
    pub names: &'a Names,
    /// What is typed, and what is wrong with it.
    pub form: &'a Form<'a>,
    /// What the form is about.
    pub sheet: &'a Sheet,
}

impl Drawn<'_> {
    /// The page's content.
    pub fn page(&self, obstacles: Option<&Obstacles>, rooms: Option<&Rooms>) -> Markup {
        let (words, form, sheet) = (self.visit.words, self.form, self.sheet);
        let back = match &sheet.of {
            Of::New => "/".to_owned(),
            Of::Event(event) => format!("/events/{}", event.id),
        };
        html! {
            h1 { (sheet.title(self.visit)) }
            @if let Some(theirs) = &sheet.overtaken { (self.overtaken(theirs, &back)) }
            form .wide method="post" action=(sheet.action()) {
                // What the Enter key presses: not the first of the rooms below.
                button .unseen type="submit" tabindex="-1" aria-hidden="true" {}
                (form.summary())
                @if let Some(found) = obstacles { (found.draw(self.visit, self.names)) }
                @if obstacles.is_some() && may_allow(&self.visit.caller) {
                    (form.field(&Field::tick("allow_conflicts", words.edit.allow_conflicts)))
                }
                (form.hidden("seen"))
                (self.fields(rooms))
                div .actions {
                    (form.button(if matches!(sheet.of, Of::New) { words.edit.make } else { words.edit.save }))
                    a .button.quiet href=(back) { (words.form.cancel) }
                }
            }
        }
    }

    fn fields(&self, rooms: Option<&Rooms>) -> Markup {
        let (words, form) = (self.visit.words, self.form);
        let kinds = words.edit.kinds.split(", ");
        html! {
            (form.field(&Field::text("subject", words.edit.subject).at_most(10_000).focused()))
            div .beside.times {
                (form.field(&Field::date("date", words.edit.date)))
                (form.field(&Field::time("start", words.edit.start)))
                (form.field(&Field::time("end", words.edit.end)))
            }
            (self.folded("end_date", words.edit.another_day, html! {
                (form.field(&Field::date("end_date", words.edit.end_date).optional()))
            }))
            (form.field(&self.room_field(rooms)))
            @if bound_to(&self.visit.caller).is_none() { (form.field(&self.teacher_field())) }
            (form.field(&self.cohorts_field()))
            div .beside {
                (form.field(&Field::text("kind", words.edit.kind).at_most(40).suggesting(kinds).optional()))
                (form.field(&self.status_field()))
            }
            (form.field(&Field::area("notes", words.edit.notes, 3).hint(words.edit.notes_hint).at_most(10_000).optional()))
            (self.series())
        }
    }

    /// What few need is folded, unless there is something in it.
    fn folded(&self, field: &str, label: &str, inside: Markup) -> Markup {
        let open = !self.sheet.typed.raw(field).is_empty() || self.form.is_bad(field);
        html! { details open[open] { summary { (label) } (inside) } }
    }

    fn series(&self) -> Markup {
        let (words, form) = (self.visit.words, self.form);
        match &self.sheet.of {
            Of::New => self.folded(
                "until",
                words.edit.weekly,
                html! {
                    div .beside {
                        (form.field(&Field::date("until", words.edit.until).optional()))
                        (form.field(&Field::text("except", words.edit.except).hint(words.edit.except_hint).optional()))
                    }
                },
            ),
            Of::Event(event) if event.series.is_some() => form.field(&scope_field(self.visit)),
            Of::Event(_) => html! {},
        }
    }

    fn room_field(&self, rooms: Option<&Rooms>) -> Field {
        let words = self.visit.words;
        let label = |room: &Room| {
            let told = rooms.map(|rooms| if rooms.is_free(room) { words.edit.is_free } else { words.edit.is_not_free });
            [Some(room_label(self.visit, room).as_str()), told].into_iter().flatten().collect::<Vec<_>>().join(" · ")
        };
        let all = self.names.rooms.all().iter().map(|room| (room.slug.to_string(), label(room)));
        let none = (String::new(), words.edit.no_room.to_owned());
        Field::select("room", words.edit.room, std::iter::once(none).chain(all)).optional()
    }

    fn teacher_field(&self) -> Field {
        let (words, names) = (self.visit.words, self.names);
        let present = self.sheet.typed.raw("teacher");
        let teachers = names.people.all().filter(|user| {
            let may_teach = !user.disabled && names.teacher(user.login.as_str()).is_some();
            may_teach || user.login.as_str() == present
        });
        let mut all: Vec<_> = teachers.map(|user| (user.login.to_string(), user.name.clone())).collect();
        if !present.is_empty() && names.people.find(present).is_none() {
            all.push((present.to_owned(), called(names, present)));
        }
        let none = (String::new(), words.edit.no_teacher.to_owned());
        Field::select("teacher", words.edit.teacher, std::iter::once(none).chain(all)).optional()
    }

    fn cohorts_field(&self) -> Field {
        let all = self.names.cohorts.all().iter().map(|cohort| (cohort.slug.to_string(), cohort.name.clone()));
        Field::checkboxes("cohorts", self.visit.words.edit.cohorts, all)
    }

    fn status_field(&self) -> Field {
        let words = self.visit.words;
        let all = [
            ("confirmed", words.edit.confirmed),
            ("tentative", words.edit.tentative),
            ("cancelled", words.edit.cancelled),
        ];
        Field::select("status", words.edit.status, all)
    }

    /// What somebody else has done, beside what is typed here.
    fn overtaken(&self, theirs: &[Difference], event: &str) -> Markup {
        let words = self.visit.words;
        html! {
            section .note.warn aria-labelledby="overtaken" role="alert" {
                h2 #overtaken { (words.trouble.outdated) }
                p { (words.edit.overtaken) }
                @if theirs.is_empty() { p { (words.edit.overtaken_alike) } } @else {
                    table .rows {
                        thead { tr { th { (words.edit.field) } th { (words.edit.theirs) } th { (words.edit.yours) } } }
                        tbody {
                            @for one in theirs {
                                tr {
                                    td { (one.label) }
                                    td data-label=(words.edit.theirs) { (or_dash(&one.before)) }
                                    td data-label=(words.edit.yours) { (or_dash(&one.after)) }
                                }
                            }
                        }
                    }
                }
                p { a href=(event) { (words.edit.leave_theirs) } }
            }
        }
    }
}

/// Of which events of a series a change is.
pub fn scope_field(visit: &Visit) -> Field {
    let words = visit.words;
    let all = [
        ("this", words.edit.this_one),
        ("following", words.edit.this_and_following),
        ("all", words.edit.all_of_series),
    ];
    Field::radios("scope", words.edit.scope, all)
}

/// A text as a value of a table.
pub fn or_dash(text: &str) -> Markup {
    html! { @if text.is_empty() { "–" } @else { bdi .lines { (text) } } }
}
