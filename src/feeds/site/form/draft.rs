//! A form while its controls go by: gathers what a browser would send.

use html5gum::Token;

use super::{LoginForm, StartTag, attribute, has, input_type, sent_name};

/// A form while its controls go by.
#[derive(Default)]
pub(super) struct Draft {
    form: LoginForm,
    has_password: bool,
    has_submit: bool,
    username_is_marked: bool,
    select: Option<Select>,
    /// The text of an open `<textarea>` or `<option>` is being gathered.
    text: Option<Text>,
}

/// An open `<select>`: the first option is sent unless another is selected.
struct Select {
    name: Option<String>,
    value: Option<String>,
    selected: bool,
    multiple: bool,
}

enum Text {
    Area { name: Option<String>, value: String },
    Option { selected: bool, value: String },
}

impl Draft {
    pub(super) fn open(tag: &StartTag) -> Draft {
        let form = LoginForm {
            action: attribute(tag, "action").map(|action| action.trim().to_owned()),
            method_post: attribute(tag, "method").is_some_and(|method| method.trim().eq_ignore_ascii_case("post")),
            ..LoginForm::default()
        };
        Draft { form, ..Draft::default() }
    }

    pub(super) fn finish(mut self) -> Option<LoginForm> {
        self.end_select();
        self.has_password.then_some(self.form)
    }

    pub(super) fn take(&mut self, token: Token) {
        match token {
            Token::StartTag(tag) => self.start(&tag),
            Token::EndTag(tag) => match tag.name.as_slice() {
                b"select" => self.end_select(),
                b"option" | b"textarea" => self.end_text(),
                _ => {}
            },
            Token::String(more) => match self.text.as_mut() {
                Some(Text::Area { value, .. } | Text::Option { value, .. }) => {
                    value.push_str(&String::from_utf8_lossy(&more));
                }
                None => {}
            },
            _ => {}
        }
    }

    fn start(&mut self, tag: &StartTag) {
        match tag.name.as_slice() {
            b"input" => self.input(tag),
            b"button" => self.button(tag),
            b"select" => self.start_select(tag),
            b"option" => self.start_option(tag),
            b"textarea" => {
                self.end_text();
                self.text = Some(Text::Area { name: sent_name(tag), value: String::new() });
            }
            _ => {}
        }
    }

    fn input(&mut self, tag: &StartTag) {
        let kind = input_type(tag);
        match kind.as_str() {
            "password" if !self.has_password => self.password(tag),
            "checkbox" | "radio" if has(tag, "checked") => self.push(tag, "on"),
            "checkbox" | "radio" | "image" | "reset" | "button" | "file" => {}
            "submit" => self.submit(tag),
            "hidden" | "password" => self.push(tag, ""),
            _ => self.text_control(tag),
        }
    }

    /// The first password is ours to fill in; a second is sent as it stands.
    fn password(&mut self, tag: &StartTag) {
        self.has_password = true;
        self.form.password_field = attribute(tag, "name").filter(|name| !name.is_empty());
    }

    /// A field with its preset value, and a candidate for the user's name.
    fn text_control(&mut self, tag: &StartTag) {
        let Some(name) = sent_name(tag) else { return };
        let marked = attribute(tag, "autocomplete")
            .is_some_and(|value| value.split_whitespace().any(|word| word.eq_ignore_ascii_case("username")));
        let wins = !self.username_is_marked && (marked || !self.has_password || self.form.username_field.is_none());
        self.form.fields.push((name.clone(), attribute(tag, "value").unwrap_or_default()));
        if wins {
            self.form.username_field = Some(name);
            self.username_is_marked = marked;
        }
    }

    fn button(&mut self, tag: &StartTag) {
        let kind = attribute(tag, "type").unwrap_or_default();
        if !kind.eq_ignore_ascii_case("button") && !kind.eq_ignore_ascii_case("reset") {
            self.submit(tag);
        }
    }

    fn submit(&mut self, tag: &StartTag) {
        if !self.has_submit && sent_name(tag).is_some() {
            self.has_submit = true;
            self.push(tag, "");
        }
    }

    fn push(&mut self, tag: &StartTag, default: &str) {
        if let Some(name) = sent_name(tag) {
            self.form.fields.push((name, attribute(tag, "value").unwrap_or_else(|| default.to_owned())));
        }
    }

    fn start_select(&mut self, tag: &StartTag) {
        self.end_select();
        self.select =
            Some(Select { name: sent_name(tag), value: None, selected: false, multiple: has(tag, "multiple") });
    }

    fn start_option(&mut self, tag: &StartTag) {
        self.end_text();
        if has(tag, "disabled") {
            return;
        }
        let selected = has(tag, "selected");
        match attribute(tag, "value") {
            Some(value) => self.choose(selected, value),
            None => self.text = Some(Text::Option { selected, value: String::new() }),
        }
    }

    fn choose(&mut self, selected: bool, value: String) {
        let Some(select) = self.select.as_mut() else {
            return;
        };
        let first = select.value.is_none() && !select.multiple;
        if (selected && !select.selected) || first {
            select.value = Some(value);
            select.selected = selected;
        }
    }

    fn end_text(&mut self) {
        match self.text.take() {
            Some(Text::Area { name: Some(name), value }) => self.form.fields.push((name, value)),
            Some(Text::Option { selected, value }) => self.choose(selected, value.trim().to_owned()),
            _ => {}
        }
    }

    fn end_select(&mut self) {
        self.end_text();
        if let Some(Select { name: Some(name), value: Some(value), .. }) = self.select.take() {
            self.form.fields.push((name, value));
        }
    }
}
