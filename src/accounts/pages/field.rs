//! A field of a form in which somebody comes in by a key, with its hint and its mistake.

use maud::{Markup, html};

/// A field at fault, and what to do about it.
pub(super) struct Mistake {
    /// Its name.
    pub field: &'static str,
    /// What to do.
    pub text: &'static str,
}

/// A field of the form.
pub(super) struct Field<'a> {
    /// Its name.
    pub name: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// What should be in it.
    pub hint: &'static str,
    /// What `autocomplete` says.
    pub filled_by: &'static str,
    /// What is in it.
    pub value: &'a str,
}

impl Field<'_> {
    /// With its mistake beside it, where there is one.
    pub(super) fn draw(&self, mistake: Option<&Mistake>, focused: bool) -> Markup {
        let hint = format!("{}-hint", self.name);
        let kind = match self.name {
            name @ ("email" | "password") => name,
            _ => "text",
        };
        html! {
            div .field.bad[mistake.is_some()] {
                label for=(self.name) { (self.label) }
                input id=(self.name) name=(self.name) type=(kind) value=(self.value) autocomplete=(self.filled_by)
                    autocapitalize=[(self.name != "name").then_some("none")] spellcheck="false" aria-describedby=(hint)
                    aria-invalid=[mistake.map(|_| "true")] required[self.name != "email"] autofocus[focused]
                    minlength=[(self.name == "password").then_some("10")] data-from-fragment[self.name == "key"];
                p .hint id=(hint) {
                    @match mistake {
                        Some(mistake) => { strong { (mistake.text) } }
                        None => { (self.hint) }
                    }
                }
            }
        }
    }
}
