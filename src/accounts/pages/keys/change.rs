//! One subscriber token made, rotated or revoked by an administrator.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::accounts::pages::issued::{issued_page, opens};
use crate::accounts::{AccountError, Accounts, CreateTokenRequest, SubscriberToken};
use crate::actor::Deed;
use crate::http::page::pieces::breadcrumbs;
use crate::http::{Confirm, Field, Form, IfMatch, Mistake, Mistakes, PageProblem, Typed, Visit};
use crate::words::{Notice, Words};

const BACK: &str = "/admin/tokens";

pub(super) async fn show_new_token(State(accounts): State<Accounts>, visit: Visit) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::Administer)?;
    Ok(new_page(&accounts, &visit, &Typed::new(), &Mistakes::none()))
}

pub(super) async fn submit_new_token(
    State(accounts): State<Accounts>,
    visit: Visit,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let cohorts: Vec<_> = typed.all("cohorts").map(str::to_owned).collect();
    let new = CreateTokenRequest {
        name: typed.text("name"),
        cohorts: (!cohorts.is_empty()).then_some(cohorts),
        expires_at: typed.filled("expires_at"),
    };
    match accounts.create_token(visit.caller.clone(), new).await {
        Ok(issued) => Ok(issued_page(&issued, &accounts, &visit, BACK)),
        Err(error) => {
            let mistakes = mistakes_of(error, visit.words)?;
            Ok(new_page(&accounts, &visit, &typed, &mistakes))
        }
    }
}

fn mistakes_of(error: AccountError, words: &Words) -> Result<Mistakes, crate::http::Problem> {
    let taken = matches!(error, AccountError::TokenNameTaken(_));
    Mistakes::of(error, |bad| match bad.field.as_str() {
        "name" if taken => Some(Mistake::at("name", words.keys.name_taken)),
        "name" => Some(Mistake::at("name", words.keys.bad_name)),
        "expires_at" => Some(Mistake::at("expires_at", words.keys.bad_expiry)),
        _ => None,
    })
}

fn new_page(accounts: &Accounts, visit: &Visit, typed: &Typed, mistakes: &Mistakes) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    let directory = accounts.cohorts.directory();
    let all = directory.all().iter().map(|cohort| (cohort.slug.to_string(), cohort.name.clone()));
    let page = visit.admin_page(
        words.keys.add,
        html! {
            (breadcrumbs(&[(BACK, words.keys.title)], words.keys.add, words))
            h1 { (words.keys.add) }
            form .narrow method="post" action="/admin/tokens/add" {
                (form.summary())
                (form.field(&Field::text("name", words.keys.name).hint(words.keys.name_hint).at_most(100).focused()))
                (form.field(&Field::checkboxes("cohorts", words.me.which, all).hint(words.keys.which_hint)))
                (form.field(&Field::date("expires_at", words.keys.expires).hint(words.keys.expires_hint).optional()))
                (form.submit(words.keys.make))
            }
        },
    );
    form.answer(page)
}

/// What a question shows of a token.
fn told(token: &SubscriberToken, accounts: &Accounts, visit: &Visit) -> Markup {
    let words = visit.words;
    html! {
        p { strong { bdi { (token.name) } } ", " (opens(token, accounts, words)) }
        @if let Some(at) = accounts.last_used(&token.id) { p { (words.used(&words.ago(visit.now - at))) } }
    }
}

fn token_of(accounts: &Accounts, visit: &Visit, id: &str) -> Result<Arc<SubscriberToken>, AccountError> {
    visit.caller.actor.must(Deed::Administer)?;
    let keyring = accounts.keyring();
    let found = keyring.find(id, &accounts.app.clock);
    found.cloned().ok_or_else(|| AccountError::UnknownToken(id.to_owned()))
}

pub(super) async fn show_token_rotation(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    let (token, words) = (token_of(&accounts, &visit, &id)?, visit.words);
    let says = html! { (told(&token, &accounts, &visit)) p { (words.keys.rotate_does) } };
    let action = format!("/admin/tokens/{}/rotate", token.id);
    let confirm = Confirm::new(words.keys.rotate_title, &action, BACK).says(says).button(words.me.rotate_button);
    Ok(visit.admin_page(words.keys.rotate_title, confirm.draw(&visit)))
}

pub(super) async fn submit_token_rotation(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    let issued = accounts.rotate_token(visit.caller.clone(), &id).await?;
    Ok(issued_page(&issued, &accounts, &visit, BACK))
}

pub(super) async fn show_token_revocation(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    let (token, words) = (token_of(&accounts, &visit, &id)?, visit.words);
    let says = html! { (told(&token, &accounts, &visit)) p { (words.me.revoke_does) } };
    let action = format!("/admin/tokens/{}/revoke", token.id);
    let confirm = Confirm::new(words.me.revoke_title, &action, BACK).says(says).button(words.me.revoke);
    Ok(visit.admin_page(words.me.revoke_title, confirm.draw(&visit)))
}

pub(super) async fn submit_token_revocation(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    accounts.revoke_token(visit.caller.clone(), &id, IfMatch::default()).await?;
    Ok(visit.then(BACK, Notice::AddressRevoked).into_response())
}
