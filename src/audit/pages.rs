//! `/admin/audit`: who did what, newest first, with filters, page by page; and the same as a table to take away.

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value;

use super::Entry;
use super::api::{AuditQuery, newest_entries};
use crate::actor::Deed;
use crate::app::App;
use crate::http::page::pieces::{empty, parts};
use crate::http::{Field, Form, Mistake, Mistakes, PageProblem, Typed, Visit};
use crate::words::Words;

/// So many on a page.
const SHOWN: usize = 50;

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/admin/audit", get(show_audit))
}

/// The filters as a form sends them: what is left blank is not asked for.
#[derive(Deserialize)]
struct AuditForm {
    #[serde(default)]
    actor: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    object: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    after: Option<String>,
}

impl AuditForm {
    fn fields(&self) -> [(&'static str, &String); 5] {
        [
            ("actor", &self.actor),
            ("action", &self.action),
            ("object", &self.object),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    fn typed(&self) -> Typed {
        self.fields().into_iter().fold(Typed::new(), |typed, (name, value)| typed.with(name, value))
    }

    fn asked(&self) -> AuditQuery {
        let filled = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        AuditQuery {
            actor: filled(&self.actor),
            action: filled(&self.action),
            object: filled(&self.object),
            from: filled(&self.from),
            to: filled(&self.to),
            limit: None,
            after: self.after.clone(),
        }
    }

    fn link(&self, path: &str, after: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.fields().into_iter().filter(|(_, value)| !value.trim().is_empty()) {
            query.append_pair(name, value.trim());
        }
        if let Some(after) = after {
            query.append_pair("after", after);
        }
        format!("{path}?{}", query.finish())
    }
}

async fn show_audit(
    State(app): State<App>,
    visit: Visit,
    Query(form): Query<AuditForm>,
) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::Administer)?;
    let asked = form.asked();
    let before = asked.before()?;
    let filter = match asked.filter(app.zone()) {
        Ok(filter) => filter,
        Err(problem) => {
            let said = |bad: &crate::error::FieldError| Some(Mistake::at(&bad.field, visit.words.audit.bad_day));
            return Ok(page(&form, &visit, &Mistakes::of_fields(&problem.errors, said), &[], None));
        }
    };
    let mut entries = app.store.read(move |tx| newest_entries(tx, before, SHOWN + 1, &filter)).await?;
    let more = entries.len() > SHOWN;
    entries.truncate(SHOWN);
    let next = entries.last().filter(|_| more).map(|entry| entry.id.to_string());
    Ok(page(&form, &visit, &Mistakes::none(), &entries, next.as_deref()))
}

fn page(form: &AuditForm, visit: &Visit, mistakes: &Mistakes, entries: &[Entry], next: Option<&str>) -> Response {
    let words = visit.words;
    let typed = form.typed();
    let drawn = Form::new(words, &typed, mistakes);
    let first = form.after.as_ref().map(|_| form.link("/admin/audit", None));
    let next = next.map(|next| form.link("/admin/audit", Some(next)));
    let page = visit.admin_page(
        words.audit.title,
        html! {
            h1 { (words.audit.title) }
            p { (words.audit.text) }
            form .filters method="get" action="/admin/audit" role="search" {
                (drawn.field(&Field::code("actor", words.audit.actor).optional()))
                (drawn.field(&Field::code("action", words.audit.action).optional()))
                (drawn.field(&Field::code("object", words.audit.object).optional()))
                (drawn.field(&Field::date("from", words.audit.from).optional()))
                (drawn.field(&Field::date("to", words.audit.to).optional()))
                button .quiet type="submit" { (words.shell.search) }
            }
            p .muted { (words.audit.hint) " " a href=(form.link("/api/v1/audit.csv", None)) download { (words.audit.csv) } }
            @if entries.is_empty() { (empty(words.audit.none, &html! {})) } @else { (table(entries, visit)) }
            (parts(first.as_deref(), next.as_deref(), words))
        },
    );
    drawn.answer(page)
}

fn table(entries: &[Entry], visit: &Visit) -> Markup {
    let words = visit.words;
    html! {
        table .rows {
            caption .unseen { (words.audit.title) }
            thead {
                tr {
                    th scope="col" { (words.audit.when) }
                    th scope="col" { (words.audit.actor) }
                    th scope="col" { (words.audit.action) }
                    th scope="col" { (words.audit.object) }
                }
            }
            tbody { @for entry in entries { (row(entry, visit)) } }
        }
    }
}

fn row(entry: &Entry, visit: &Visit) -> Markup {
    let (words, zone) = (visit.words, visit.app.zone());
    html! {
        tr {
            td { time datetime=(entry.at.to_rfc3339()) { (words.moment(entry.at, visit.now, zone)) } }
            td data-label=(words.audit.actor) {
                span { bdi { (entry.actor) } @if let Some(ip) = entry.ip { " " span .muted { (ip) } } }
            }
            td data-label=(words.audit.action) { code { (entry.action) } }
            td data-label=(words.audit.object) { div { bdi { (entry.object) } (states(entry, words)) } }
        }
    }
}

/// What it was and what it is, field by field, of those that differ.
fn states(entry: &Entry, words: &Words) -> Markup {
    let differing = differences(entry.before.as_ref(), entry.after.as_ref());
    html! {
        @if !differing.is_empty() {
            details {
                summary { (words.audit.details) }
                dl .states {
                    @for (field, before, after) in &differing {
                        div {
                            dt { (field) }
                            dd {
                                @if let Some(before) = before { del { (before) } }
                                @if before.is_some() && after.is_some() { " → " }
                                @if let Some(after) = after { ins { (after) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Each field of the two states that is not the same in both: its name, what it was, what it is.
fn differences(before: Option<&Value>, after: Option<&Value>) -> Vec<(String, Option<String>, Option<String>)> {
    let fields = |state: Option<&Value>| state.and_then(Value::as_object).cloned().unwrap_or_default();
    let (old, new) = (fields(before), fields(after));
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let differing = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    let told = |value: Option<&Value>| value.filter(|value| !is_blank(value)).map(text);
    let all = differing.map(|name| (name.clone(), told(old.get(name)), told(new.get(name))));
    all.filter(|(_, before, after)| before.is_some() || after.is_some()).collect()
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// A value as somebody reads it.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| format!("{name}: {}", text(value))).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_is_told_field_by_field() {
        let before = json!({"name": "Ada", "roles": ["teacher"], "email": null, "disabled": false});
        let after = json!({"name": "Ada", "roles": ["teacher", "admin"], "email": "a@b.c", "disabled": false});
        let told = differences(Some(&before), Some(&after));
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            [("email".to_owned(), None, some("a@b.c")), ("roles".to_owned(), some("teacher"), some("teacher, admin"))]
        );
        assert_eq!(differences(None, None), []);
        assert_eq!(differences(Some(&before), None).len(), 3, "of what is gone each field that said something");
    }
}
