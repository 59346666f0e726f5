//! What is wrong with a form, in the reader's language where that is known.
//!
//! Rules say what is wrong in English, for programs, and name the field. A page says it in its own words for each mistake
//! that a person can make there; for the rest it shows the rule's sentence, marked as English. What is no mistake in a form
//! (the disk is full, nobody is signed in) goes on as the error that it is.

use maud::{Markup, html};

use crate::error::{FieldError, Kind, Refusal};
use crate::http::Problem;

/// One mistake, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    field: Option<String>,
    text: String,
    language: Option<&'static str>,
}

/// What is wrong with a form, in the order of being told.
#[derive(Clone, Debug, Default)]
pub struct Mistakes(Vec<Mistake>);

impl Mistake {
    /// In a field.
    pub fn at(field: &str, text: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned()), text: text.into(), language: None }
    }

    /// In no field alone.
    pub fn of_all(text: impl Into<String>) -> Self {
        Self { field: None, text: text.into(), language: None }
    }

    /// A rule's own sentence.
    fn in_english(field: Option<&str>, text: impl Into<String>) -> Self {
        Self { field: field.map(str::to_owned), text: text.into(), language: Some("en") }
    }

    /// The text, as a link to its field.
    pub(super) fn link(&self) -> Markup {
        html! {
            @match &self.field {
                Some(field) => { a href=(format!("#{field}")) lang=[self.language] { (self.text) } }
                None if self.language.is_some() => { span lang=[self.language] { (self.text) } }
                None => { (self.text) }
            }
        }
    }

    /// The text, beside its field.
    pub(super) fn beside(&self) -> Markup {
        html! { span lang=[self.language] { (self.text) } }
    }
}

impl Mistakes {
    /// Nothing is wrong.
    pub fn none() -> Self {
        Self::default()
    }

    /// One thing is.
    pub fn one(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }

    /// And another.
    pub fn and(mut self, mistake: Mistake) -> Self {
        self.add(mistake);
        self
    }

    /// One more.
    pub fn add(&mut self, mistake: Mistake) {
        self.0.push(mistake);
    }

    /// Is anything wrong?
    pub fn any(&self) -> bool {
        !self.0.is_empty()
    }

    /// What a refusal says of the form: for each bad field what `said` makes of it, else the rule's own sentence. An error
    /// that is no mistake in a form comes back as a problem.
    pub fn of<E: Refusal>(error: E, said: impl Fn(&FieldError) -> Option<Mistake>) -> Result<Self, Problem> {
        let fields = error.fields();
        match error.kind() {
            Kind::Malformed | Kind::Invalid | Kind::Conflict if fields.is_empty() => {
                Ok(Self::one(Mistake::in_english(None, error.to_string())))
            }
            Kind::Malformed | Kind::Invalid | Kind::Conflict => Ok(Self::of_fields(&fields, said)),
            _ => Err(error.into()),
        }
    }

    /// The same for a list of bad fields.
    pub fn of_fields(fields: &[FieldError], said: impl Fn(&FieldError) -> Option<Mistake>) -> Self {
        let plain = |bad: &FieldError| Mistake::in_english(Some(head_of(&bad.field)), &bad.message);
        Self(fields.iter().map(|bad| said(bad).unwrap_or_else(|| plain(bad))).collect())
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Mistake> {
        self.0.iter()
    }

    /// The one that there is, where it is the only one.
    pub(super) fn alone(&self) -> Option<&Mistake> {
        if let [mistake] = self.0.as_slice() { Some(mistake) } else { None }
    }

    /// Those of a field.
    pub(super) fn of_field<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Mistake> {
        self.0.iter().filter(move |mistake| mistake.field.as_deref() == Some(name))
    }

    /// The first field with a mistake.
    pub fn first_field(&self) -> Option<&str> {
        self.0.iter().find_map(|mistake| mistake.field.as_deref())
    }
}

/// `cohorts` of `cohorts[0]` and of `cohorts.0`.
fn head_of(field: &str) -> &str {
    field.split(['.', '[']).next().unwrap_or(field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Denied;

    #[test]
    fn a_rules_sentence_is_shown_as_english_where_the_page_has_no_words() {
        let fields = [FieldError::new("name", "1 to 200 characters"), FieldError::new("cohorts[0]", "no such cohort")];
        let said = |bad: &FieldError| (bad.field == "name").then(|| Mistake::at("name", "De 1 à 200 caractères."));
        let mistakes = Mistakes::of_fields(&fields, said);
        let links: String = mistakes.all().map(|mistake| mistake.link().into_string()).collect();
        assert_eq!(
            links,
            "<a href=\"#name\">De 1 à 200 caractères.</a><a href=\"#cohorts\" lang=\"en\">no such cohort</a>"
        );
    }

    #[test]
    fn who_may_not_has_made_no_mistake_in_a_form() {
        assert_eq!(Mistakes::of(Denied::SignIn, |_| None).map(|_| ()).map_err(|problem| problem.status), Err(401));
    }
}
