//! Forms as pages show them: with what was typed, each mistake beside its field, and all of them at the top with links.
//!
//! `Typed` is what came in, `Mistakes` what is wrong with it, `Field` one question, and `Form` draws the three together.
//! A form with mistakes is 422; its first bad field has the focus. A password is never shown again.

mod field;
mod mistakes;
mod typed;

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

pub use field::Field;
pub use mistakes::{Mistake, Mistakes};
pub use typed::Typed;

use crate::words::Words;

/// One showing of a form.
pub struct Form<'a> {
    words: &'static Words,
    typed: &'a Typed,
    mistakes: &'a Mistakes,
}

impl<'a> Form<'a> {
    /// With what was typed and what is wrong with it.
    pub fn new(words: &'static Words, typed: &'a Typed, mistakes: &'a Mistakes) -> Self {
        Self { words, typed, mistakes }
    }

    /// All mistakes, at the form's top, each a link to its field; nothing where there is none.
    pub fn summary(&self) -> Markup {
        html! {
            @if self.mistakes.any() {
                div .note.bad.summary #mistakes role="alert" {
                    @match self.mistakes.alone() {
                        Some(mistake) => { p { (mistake.link()) } }
                        None => {
                            p { strong { (self.words.form.mistakes) } }
                            ul { @for mistake in self.mistakes.all() { li { (mistake.link()) } } }
                        }
                    }
                }
            }
        }
    }

    /// A field with its label, what was typed, its hint and its mistakes.
    pub fn field(&self, field: &Field) -> Markup {
        let focused = self.mistakes.first_field().map_or(field.wants_focus(), |first| first == field.name());
        field.draw(self.typed, self.mistakes.of_field(field.name()), focused, self.words)
    }

    /// Is something wrong with a field?
    pub fn is_bad(&self, name: &str) -> bool {
        self.mistakes.of_field(name).next().is_some()
    }

    /// A field that nobody sees, with its value as typed or given.
    pub fn hidden(&self, name: &str) -> Markup {
        html! { @for value in self.typed.all(name) { input type="hidden" name=(name) value=(value); } }
    }

    /// The button at the form's end, which says that it is at work.
    pub fn submit(&self, label: &str) -> Markup {
        html! { div .actions { (self.button(label)) } }
    }

    /// The same without the row around it, for a form with more than one way on.
    pub fn button(&self, label: &str) -> Markup {
        html! { button type="submit" data-busy=(self.words.shell.one_moment) { (label) } }
    }

    /// The page that the form stands on: 422 where there are mistakes.
    pub fn answer(&self, mut page: Response) -> Response {
        if self.mistakes.any() {
            *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Language;

    fn drawn(field: &Field, typed: &Typed, mistakes: &Mistakes) -> String {
        Form::new(Words::of(Language::En), typed, mistakes).field(field).into_string()
    }

    #[test]
    fn a_bad_field_says_what_is_wrong_and_has_the_focus() {
        let mistakes = Mistakes::one(Mistake::at("name", "Give a name.")).and(Mistake::at("kind", "Too long."));
        let typed = Typed::new().with("name", "<x>");
        let name = drawn(&Field::text("name", "Name").hint("As on the door."), &typed, &mistakes);
        for part in [
            "value=\"&lt;x&gt;\"",
            "aria-invalid=\"true\"",
            "aria-describedby=\"name-hint name-mistake\"",
            "id=\"name-mistake\"",
            "Give a name.",
            "autofocus",
            "required",
        ] {
            assert!(name.contains(part), "{part}: {name}");
        }
        let kind = drawn(&Field::text("kind", "Kind").optional(), &typed, &mistakes);
        assert!(kind.contains("Too long.") && !kind.contains("autofocus") && !kind.contains(" required"), "{kind}");
    }

    #[test]
    fn the_summary_leads_to_the_fields() {
        let mistakes = Mistakes::one(Mistake::at("name", "Give a name.")).and(Mistake::of_all("Not today."));
        let summary = Form::new(Words::of(Language::En), &Typed::new(), &mistakes).summary().into_string();
        assert!(
            summary.contains("role=\"alert\"") && summary.contains("<a href=\"#name\">Give a name.</a>"),
            "{summary}"
        );
        assert!(summary.contains("<li>Not today.</li>"), "{summary}");
    }

    #[test]
    fn a_password_is_never_shown_again() {
        let typed = Typed::new().with("password", "hunter2");
        let field = drawn(&Field::password("password", "Password"), &typed, &Mistakes::none());
        assert!(!field.contains("hunter2") && field.contains("type=\"password\""), "{field}");
    }

    #[test]
    fn what_was_chosen_stays_chosen() {
        let typed = Typed::new().with("role", "planner").with("role", "teacher");
        let all = [("admin", "Administrator"), ("planner", "Planner"), ("teacher", "Teacher")];
        let boxes = drawn(&Field::checkboxes("role", "Roles", all), &typed, &Mistakes::none());
        assert_eq!((boxes.matches(" checked").count(), boxes.matches("<fieldset").count()), (2, 1), "{boxes}");
        let select = drawn(&Field::select("role", "Role", all), &typed, &Mistakes::none());
        assert!(select.contains("<option value=\"planner\" selected>Planner"), "{select}");
    }
}
