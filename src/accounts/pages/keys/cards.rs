//! `/admin/tokens/cards`: an address for each student of a cohort, as a sheet of cards to print and cut, shown once.
//!
//! One address of three steps, so that no secret and no list of names stands in an address: the form, what it will do,
//! and the sheet, which is the answer to the post that makes the tokens.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use crate::accounts::tokens::Awaited;
use crate::accounts::{AccountError, Accounts, CreateTokensRequest, Issued};
use crate::actor::Deed;
use crate::cohorts::Cohort;
use crate::http::page::pieces::{breadcrumbs, note};
use crate::http::qr::qr_code;
use crate::http::{Confirm, Field, Form, Mistake, Mistakes, PageProblem, Problem, Typed, Visit};
use crate::words::{Tone, Words};

const HERE: &str = "/admin/tokens/cards";

pub(super) async fn show_cards(State(accounts): State<Accounts>, visit: Visit) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::Administer)?;
    Ok(form_page(&accounts, &visit, &Typed::new(), &Mistakes::none()))
}

pub(super) async fn submit_cards(
    State(accounts): State<Accounts>,
    visit: Visit,
    typed: Typed,
) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::Administer)?;
    let directory = accounts.cohorts.directory();
    let Some(cohort) = directory.find(typed.raw("cohort")) else {
        return Err(Problem::not_found("cohort", typed.raw("cohort")).into());
    };
    if !typed.has("sure", "yes") {
        return Ok(confirm_page(&accounts, &visit, cohort, &typed));
    }
    let batch = CreateTokensRequest {
        cohort: cohort.slug.to_string(),
        names: names_of(&typed),
        expires_at: typed.filled("expires_at"),
    };
    match accounts.create_tokens(visit.caller.clone(), batch).await {
        Ok(issued) => Ok(sheet_page(&issued, cohort, &accounts, &visit)),
        Err(error) => {
            let mistakes = mistakes_of(error, visit.words)?;
            Ok(form_page(&accounts, &visit, &typed, &mistakes))
        }
    }
}

/// One name a line; none where the students are meant.
fn names_of(typed: &Typed) -> Option<Vec<String>> {
    let names = typed.raw("names").lines().map(str::trim).filter(|name| !name.is_empty());
    let names: Vec<_> = names.map(str::to_owned).collect();
    (!names.is_empty()).then_some(names)
}

fn mistakes_of(error: AccountError, words: &Words) -> Result<Mistakes, Problem> {
    Mistakes::of(error, |bad| (bad.field == "expires_at").then(|| Mistake::at("expires_at", words.keys.bad_expiry)))
}

fn crumbs(words: &Words) -> Markup {
    breadcrumbs(&[("/admin/tokens", words.keys.title)], words.keys.cards, words)
}

fn form_page(accounts: &Accounts, visit: &Visit, typed: &Typed, mistakes: &Mistakes) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    let directory = accounts.cohorts.directory();
    let all = directory.all().iter().map(|cohort| (cohort.slug.to_string(), cohort.name.clone()));
    let page = visit.admin_page(
        words.keys.cards,
        html! {
            (crumbs(words))
            h1 { (words.keys.cards) }
            p { (words.keys.cards_text) }
            form .narrow method="post" action=(HERE) {
                (form.summary())
                (form.field(&Field::select("cohort", words.keys.cohort, all)))
                (form.field(&Field::area("names", words.keys.names, 4).hint(words.keys.names_hint).optional()))
                (form.field(&Field::date("expires_at", words.keys.expires).hint(words.keys.expires_hint).optional()))
                (form.submit(words.keys.go_on))
            }
        },
    );
    form.answer(page)
}

/// How many cards, for whom, and that they are shown once.
fn confirm_page(accounts: &Accounts, visit: &Visit, cohort: &Cohort, typed: &Typed) -> Response {
    let words = visit.words;
    let named = names_of(typed).map(|names| names.len());
    let Awaited { students, without } = accounts.awaited(&cohort.id);
    let count = named.unwrap_or(without);
    let says = html! {
        p { strong { bdi { (cohort.name) } } }
        @if named.is_none() { p { (words.cards_for(without, students)) } } @else { p { (words.cards(count)) } }
        p { (words.keys.cards_once) }
    };
    if count == 0 {
        let back = html! { p .actions { a .button.quiet href=(HERE) { (words.form.cancel) } } };
        return visit.admin_page(words.keys.cards, html! { (crumbs(words)) h1 { (words.keys.cards) } (note(Tone::Plain, words.cards_for(0, students))) (back) });
    }
    let confirm = Confirm::new(words.keys.cards_title, HERE, HERE).says(says).button(words.keys.cards_button);
    let confirm = confirm.carry("sure", "yes").carry("cohort", &cohort.slug).carry("names", typed.raw("names"));
    let confirm = confirm.carry("expires_at", typed.raw("expires_at"));
    visit.admin_page(words.keys.cards_title, html! { (crumbs(words)) (confirm.draw(visit)) })
}

/// Ten cards on a page of A4, two in a row.
fn sheet_page(issued: &[Issued], cohort: &Cohort, accounts: &Accounts, visit: &Visit) -> Response {
    let words = visit.words;
    visit.page(
        words.keys.cards,
        html! {
            div .unprinted {
                h1 { (words.keys.cards) " · " bdi { (cohort.name) } }
                (note(Tone::Warn, words.keys.sheet_text))
                p .actions {
                    button type="button" data-print hidden { (words.keys.print) }
                    a .button.quiet href="/admin/tokens" { (words.me.done) }
                }
            }
            div .sheet { @for one in issued { (card(one, cohort, accounts, words)) } }
        },
    )
}

fn card(issued: &Issued, cohort: &Cohort, accounts: &Accounts, words: &Words) -> Markup {
    let people = accounts.people();
    let holder = issued.token.owner.as_ref().and_then(|login| people.find(login.as_str()));
    let name = holder.map_or(issued.token.name.as_str(), |user| user.name.as_str());
    let urls = accounts.urls(issued);
    let url = urls.first().map(String::as_str).unwrap_or_default();
    html! {
        article .slip {
            @if let Some(code) = qr_code(url, words.subscribe.qr_label) { (code) }
            div {
                h2 { bdi { (name) } }
                p { bdi { (cohort.name) } }
                p .how { (words.keys.card_text) }
                p .address { (url) }
            }
        }
    }
}
