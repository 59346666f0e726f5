//! What somebody has typed into a form: each field's values in order, as text. It has no `Debug`: passwords are in it.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};

use super::{Mistake, Mistakes};
use crate::http::{PageProblem, Problem};
use crate::secret::Secret;

/// The values of a form.
#[derive(Clone, Default)]
pub struct Typed(BTreeMap<String, Vec<String>>);

impl Typed {
    /// An empty form.
    pub fn new() -> Self {
        Self::default()
    }

    /// A value for a form that is shown with something in it; of a name that is given twice, both.
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.0.entry(name.to_owned()).or_default().push(value.to_string());
        self
    }

    /// The values of a multi-choice.
    pub fn with_all<V: ToString>(self, name: &str, values: impl IntoIterator<Item = V>) -> Self {
        values.into_iter().fold(self, |typed, value| typed.with(name, value))
    }

    /// A value in place of whatever was typed.
    pub fn set(self, name: &str, value: &str) -> Self {
        self.without(name).with(name, value)
    }

    /// The same without a field.
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// A field as it was typed; empty where it did not come.
    pub fn raw(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// A field without the blanks around it; empty where it did not come.
    pub fn text(&self, name: &str) -> String {
        self.raw(name).trim().to_owned()
    }

    /// The same, or nothing where it is blank.
    pub fn filled(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Every value of a field.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.get(name).into_iter().flatten().map(String::as_str)
    }

    /// Is this value among those of a field? A checkbox alone has the value `on`.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|typed| typed == value)
    }

    /// A password, every character of it.
    pub fn secret(&self, name: &str) -> Secret<String> {
        Secret::new(self.raw(name).to_owned())
    }

    /// Reads a field that may be blank; `said` is the mistake where it is not blank and cannot be read.
    pub fn read<T>(
        &self,
        name: &str,
        said: &str,
        mistakes: &mut Mistakes,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.filled(name)?;
        let value = read(&text);
        if value.is_none() {
            mistakes.add(Mistake::at(name, said));
        }
        value
    }
}

impl From<&BTreeMap<String, String>> for Typed {
    /// The fields beside the files of `upload::Form`.
    fn from(fields: &BTreeMap<String, String>) -> Self {
        fields.iter().fold(Self::new(), |typed, (name, value)| typed.with(name, value))
    }
}

impl<S: Send + Sync> FromRequest<S> for Typed {
    type Rejection = PageProblem;

    /// A body of `application/x-www-form-urlencoded`, as browsers send forms without files.
    async fn from_request(request: Request, state: &S) -> Result<Self, PageProblem> {
        let body = Bytes::from_request(request, state).await;
        let body =
            body.map_err(|rejection| Problem::new(rejection.status(), "the form is too large or was cut off"))?;
        let pairs = url::form_urlencoded::parse(&body);
        Ok(pairs.fold(Self::new(), |typed, (name, value)| typed.with(&name, value)))
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[tokio::test]
    async fn a_body_is_read_field_by_field() {
        let request = Request::new(Body::from("name=+2Z34+&role=a&role=b&empty=&date=2026-11-21"));
        let typed = Typed::from_request(request, &()).await.unwrap_or_default();
        assert_eq!((typed.raw("name"), typed.text("name").as_str()), (" 2Z34 ", "2Z34"));
        assert_eq!((typed.filled("empty"), typed.filled("absent")), (None, None));
        assert!(typed.has("role", "b") && typed.all("role").count() == 2);
    }

    #[test]
    fn what_cannot_be_read_is_a_mistake_and_a_blank_is_none() {
        let typed = Typed::new().with("good", " 12 ").with("bad", "x").with("blank", " ");
        let mut mistakes = Mistakes::none();
        let mut read = |name| typed.read(name, "a number", &mut mistakes, |text| text.parse::<u8>().ok());
        assert_eq!([read("good"), read("bad"), read("blank")], [Some(12), None, None]);
        assert_eq!((mistakes.all().count(), mistakes.first_field()), (1, Some("bad")));
    }
}
