//! One field of a form: a question, how it is answered, and how it is drawn.
//!
//! A field must be answered unless it says that it is optional. Its name is its id too, so that a mistake leads to it.

use maud::{Markup, html};

use super::{Mistake, Typed};
use crate::words::Words;

/// One field.
#[derive(Clone, Debug)]
pub struct Field {
    name: &'static str,
    label: String,
    kind: Kind,
    hint: Option<String>,
    needed: Needed,
    /// More of the element: `autocomplete`, `min`, `maxlength` …
    limits: Limits,
    focused: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    /// An `input` of this type, by what it shows again.
    Input(&'static str),
    Password,
    File {
        accept: &'static str,
    },
    Area {
        rows: u8,
    },
    Select(Vec<(String, String)>),
    Boxes(Vec<(String, String)>),
    Radios(Vec<(String, String)>),
    /// One checkbox, whose value is `on`.
    Tick,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needed {
    Yes,
    No,
}

#[derive(Clone, Debug, Default)]
struct Limits {
    autocomplete: Option<&'static str>,
    min: Option<String>,
    max: Option<String>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    /// Is it a word of a language, to be spelled and begun with a capital?
    code: bool,
    suggestions: Vec<String>,
    data: Option<&'static str>,
}

impl Field {
    fn new(name: &'static str, label: &str, kind: Kind) -> Self {
        let (label, hint) = (label.to_owned(), None);
        Self { name, label, kind, hint, needed: Needed::Yes, limits: Limits::default(), focused: false }
    }

    /// A line of text.
    pub fn text(name: &'static str, label: &str) -> Self {
        Self::new(name, label, Kind::Input("text"))
    }

    /// A line that is no word of a language: a login, a key, an address.
    pub fn code(name: &'static str, label: &str) -> Self {
        let field = Self::new(name, label, Kind::Input("text"));
        Self { limits: Limits { code: true, ..Limits::default() }, ..field }
    }

    /// An e-mail address.
    pub fn email(name: &'static str, label: &str) -> Self {
        Self { kind: Kind::Input("email"), ..Self::code(name, label) }
    }

    /// The address of a page or a calendar.
    pub fn url(name: &'static str, label: &str) -> Self {
        Self { kind: Kind::Input("url"), ..Self::code(name, label) }
    }

    /// A whole number.
    pub fn number(name: &'static str, label: &str) -> Self {
        Self::new(name, label, Kind::Input("number"))
    }

    /// A day: `2026-11-21`.
    pub fn date(name: &'static str, label: &str) -> Self {
        Self::new(name, label, Kind::Input("date"))
    }

    /// A time of a day: `08:15`.
    pub fn time(name: &'static str, label: &str) -> Self {
        Self::new(name, label, Kind::Input("time"))
    }

    /// A day and a time, without a zone: `2026-11-21T08:15`.
    pub fn date_time(name: &'static str, label: &str) -> Self {
        Self::new(name, label, Kind::Input("datetime-local"))
    }

    /// A password; never shown again.
    pub fn password(name: &'static str, label: &str) -> Self {
        Self { kind: Kind::Password, ..Self::code(name, label) }
    }

    /// A file, of the types or name ends of `accept`; its form needs `enctype="multipart/form-data"`.
    pub fn file(name: &'static str, label: &str, accept: &'static str) -> Self {
        Self::new(name, label, Kind::File { accept })
    }

    /// Some lines of text.
    pub fn area(name: &'static str, label: &str, rows: u8) -> Self {
        Self::new(name, label, Kind::Area { rows })
    }

    /// One of several, each a value and its text. One that may be left open has `("", …)` among them.
    pub fn select(
        name: &'static str,
        label: &str,
        all: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        Self::new(name, label, Kind::Select(choices(all)))
    }

    /// One of a few, all of them in sight.
    pub fn radios(
        name: &'static str,
        label: &str,
        all: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        Self::new(name, label, Kind::Radios(choices(all)))
    }

    /// Any of several.
    pub fn checkboxes(
        name: &'static str,
        label: &str,
        all: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        Self::new(name, label, Kind::Boxes(choices(all))).optional()
    }

    /// Yes or no; `typed.has(name, "on")` is yes.
    pub fn tick(name: &'static str, label: &str) -> Self {
        Self::new(name, label, Kind::Tick).optional()
    }

    /// What helps to answer it.
    pub fn hint(self, hint: &str) -> Self {
        Self { hint: Some(hint.to_owned()), ..self }
    }

    /// May be left open.
    pub fn optional(self) -> Self {
        Self { needed: Needed::No, ..self }
    }

    /// Has the focus when the page opens, unless another field has a mistake.
    pub fn focused(self) -> Self {
        Self { focused: true, ..self }
    }

    /// What a browser may fill in (`autocomplete`).
    pub fn filled_by(mut self, autocomplete: &'static str) -> Self {
        self.limits.autocomplete = Some(autocomplete);
        self
    }

    /// The smallest and the largest: numbers, days or times.
    pub fn between(mut self, min: impl ToString, max: impl ToString) -> Self {
        (self.limits.min, self.limits.max) = (Some(min.to_string()), Some(max.to_string()));
        self
    }

    /// At least so many characters.
    pub fn at_least(mut self, characters: usize) -> Self {
        self.limits.min_length = Some(characters);
        self
    }

    /// At most so many characters.
    pub fn at_most(mut self, characters: usize) -> Self {
        self.limits.max_length = Some(characters);
        self
    }

    /// What may be picked instead of typed.
    pub fn suggesting(mut self, all: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.limits.suggestions = all.into_iter().map(Into::into).collect();
        self
    }

    /// What the script does with it: the value of `data-script`.
    pub fn scripted(mut self, what: &'static str) -> Self {
        self.limits.data = Some(what);
        self
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn wants_focus(&self) -> bool {
        self.focused
    }

    pub(super) fn draw<'a>(
        &self,
        typed: &Typed,
        mistakes: impl Iterator<Item = &'a Mistake>,
        focused: bool,
        words: &Words,
    ) -> Markup {
        let mistakes: Vec<_> = mistakes.collect();
        let shown = Shown {
            field: self,
            typed,
            described: self.described_by(&mistakes),
            bad: (!mistakes.is_empty()).then_some("true"),
            focused,
        };
        let below = self.below(&mistakes);
        match &self.kind {
            Kind::Boxes(all) => self.group(&shown.boxes("checkbox", all), &below, &shown, words),
            Kind::Radios(all) => self.group(&shown.boxes("radio", all), &below, &shown, words),
            Kind::Tick => html! {
                div .field.tick.bad[shown.bad.is_some()] {
                    (shown.input("checkbox", None))
                    label for=(self.name) { (self.label) }
                    (below)
                }
            },
            kind => html! {
                div .field.bad[shown.bad.is_some()] {
                    label for=(self.name) { (self.label) (self.optional_mark(words)) }
                    (shown.control(kind))
                    (below)
                }
            },
        }
    }

    /// Several answers to one question.
    fn group(&self, answers: &Markup, below: &Markup, shown: &Shown, words: &Words) -> Markup {
        html! {
            fieldset .field.bad[shown.bad.is_some()] id=(self.name) tabindex="-1" aria-describedby=[shown.described.as_deref()] {
                legend { (self.label) @if matches!(self.kind, Kind::Radios(_)) { (self.optional_mark(words)) } }
                div .choices { (answers) }
                (below)
            }
        }
    }

    fn optional_mark(&self, words: &Words) -> Markup {
        html! { @if self.needed == Needed::No { " " span .muted { "(" (words.form.optional) ")" } } }
    }

    fn described_by(&self, mistakes: &[&Mistake]) -> Option<String> {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.name));
        let mistake = (!mistakes.is_empty()).then(|| format!("{}-mistake", self.name));
        let ids: Vec<_> = hint.into_iter().chain(mistake).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    /// The hint, and the mistakes.
    fn below(&self, mistakes: &[&Mistake]) -> Markup {
        html! {
            @if let Some(hint) = &self.hint { p .hint id=(format!("{}-hint", self.name)) { (hint) } }
            @if !mistakes.is_empty() {
                p .mistake id=(format!("{}-mistake", self.name)) { @for mistake in mistakes { (mistake.beside()) " " } }
            }
        }
    }
}

fn choices(all: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> Vec<(String, String)> {
    all.into_iter().map(|(value, text)| (value.into(), text.into())).collect()
}

/// A field as it is shown this time.
struct Shown<'a> {
    field: &'a Field,
    typed: &'a Typed,
    described: Option<String>,
    bad: Option<&'static str>,
    focused: bool,
}

impl Shown<'_> {
    fn control(&self, kind: &Kind) -> Markup {
        let (name, needed) = (self.field.name, self.field.needed == Needed::Yes);
        let (described, longest) = (self.described.as_deref(), self.field.limits.max_length);
        match kind {
            Kind::Input(kind) => self.input(kind, Some(self.typed.raw(name))),
            Kind::Password => self.input("password", None),
            Kind::File { .. } => self.input("file", None),
            Kind::Area { rows } => html! {
                textarea id=(name) name=(name) rows=(rows) required[needed] aria-invalid=[self.bad] maxlength=[longest]
                    // A browser drops the first line end of a text area.
                    aria-describedby=[described] autofocus[self.focused] { "\n" (self.typed.raw(name)) }
            },
            Kind::Select(all) => html! {
                select id=(name) name=(name) required[needed] aria-invalid=[self.bad] aria-describedby=[described]
                    autofocus[self.focused] {
                    @for (value, text) in all { option value=(value) selected[self.typed.raw(name) == value] { (text) } }
                }
            },
            Kind::Boxes(_) | Kind::Radios(_) | Kind::Tick => html! {},
        }
    }

    fn input(&self, kind: &str, value: Option<&str>) -> Markup {
        let (field, limits) = (self.field, &self.field.limits);
        let list = (!limits.suggestions.is_empty()).then(|| format!("{}-list", field.name));
        let accept = if let Kind::File { accept } = field.kind { Some(accept) } else { None };
        let tick = matches!(field.kind, Kind::Tick);
        html! {
            input id=(field.name) name=(field.name) type=(kind) value=[value] required[field.needed == Needed::Yes]
                aria-invalid=[self.bad] aria-describedby=[self.described.as_deref()] autofocus[self.focused]
                autocomplete=[limits.autocomplete] min=[limits.min.as_deref()] max=[limits.max.as_deref()]
                minlength=[limits.min_length] maxlength=[limits.max_length] accept=[accept] list=[list.as_deref()]
                autocapitalize=[limits.code.then_some("none")] spellcheck=[limits.code.then_some("false")]
                checked[tick && self.typed.has(field.name, "on")] data-script=[limits.data];
            @if let Some(list) = &list {
                datalist id=(list) { @for text in &limits.suggestions { option value=(text); } }
            }
        }
    }

    fn boxes(&self, kind: &str, all: &[(String, String)]) -> Markup {
        let name = self.field.name;
        html! {
            @for (index, (value, text)) in all.iter().enumerate() {
                label .choice {
                    input type=(kind) name=(name) value=(value) checked[self.typed.has(name, value)]
                        aria-invalid=[self.bad] autofocus[self.focused && index == 0];
                    span { (text) }
                }
            }
        }
    }
}
