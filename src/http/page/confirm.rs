//! The page before a dangerous act: a GET that says what will happen, with the one form that does it.
//!
//! Its address is the act's own: GET asks, POST does. What the act was decided upon (a version, a count) is carried along
//! in the form, so that what is done is what was shown.

use axum::response::Response;
use maud::{Markup, html};

use crate::http::Visit;

/// A question before an act.
pub struct Confirm<'a> {
    title: &'a str,
    action: &'a str,
    back: &'a str,
    button: &'a str,
    says: Markup,
    carried: Vec<(&'a str, String)>,
}

impl<'a> Confirm<'a> {
    /// By its title, the address that the form is posted to, and where one goes who would rather not.
    pub fn new(title: &'a str, action: &'a str, back: &'a str) -> Self {
        Self { title, action, back, button: title, says: html! {}, carried: Vec::new() }
    }

    /// What will happen.
    pub fn says(self, says: Markup) -> Self {
        Self { says, ..self }
    }

    /// What the button says, where that is not the title.
    pub fn button(self, button: &'a str) -> Self {
        Self { button, ..self }
    }

    /// A hidden field.
    pub fn carry(mut self, name: &'a str, value: impl ToString) -> Self {
        self.carried.push((name, value.to_string()));
        self
    }

    /// The question itself, for a page or a frame.
    pub fn draw(&self, visit: &Visit) -> Markup {
        let words = visit.words;
        html! {
            h1 { (self.title) }
            div .note.warn { (self.says) }
            form method="post" action=(self.action) {
                @for (name, value) in &self.carried { input type="hidden" name=(name) value=(value); }
                div .actions {
                    button .danger type="submit" data-busy=(words.shell.one_moment) { (self.button) }
                    a .button.quiet href=(self.back) { (words.form.cancel) }
                }
            }
        }
    }

    /// As a page.
    pub fn page(&self, visit: &Visit) -> Response {
        visit.page(self.title, self.draw(visit))
    }
}
