//! Somebody's own addresses: made, shown once, rotated and revoked by themselves.
//!
//! A secret is shown by the answer that makes it and by no other: to see an address again is to rotate it, and the page
//! that asks says that the old one dies.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::accounts::pages::issued::{issued_page, opens};
use crate::accounts::users::own_login;
use crate::accounts::{AccountError, Accounts, CreateOwnTokenRequest, SubscriberToken, User};
use crate::actor::{Deed, Reach};
use crate::cohorts::Cohort;
use crate::http::page::pieces::{breadcrumbs, empty};
use crate::http::{Confirm, Field, Form, Mistake, Mistakes, PageProblem, Typed, Visit};
use crate::words::{Notice, Words};

const BACK: &str = "/me#addresses";

/// The part of `/me` that lists them; nothing for whoever may have none.
pub(super) fn section(user: &User, accounts: &Accounts, visit: &Visit) -> Markup {
    let words = visit.words;
    if visit.caller.actor.reach(Deed::OwnTokens) == Reach::Nothing {
        return html! {};
    }
    let (keyring, clock) = (accounts.keyring(), &accounts.app.clock);
    let live: Vec<_> = keyring.all().filter(|token| token.is_live(clock)).collect();
    let (mut own, given): (Vec<_>, Vec<_>) =
        live.into_iter().filter(|token| token.is_held_by(user, clock)).partition(|token| token.owner.is_some());
    own.sort_by_key(|token| std::cmp::Reverse(token.created_at));
    let add = html! { a .button href="/me/addresses/add" { (words.me.add_address) } };
    html! {
        section aria-labelledby="addresses" {
            h2 #addresses { (words.me.addresses) }
            @if own.is_empty() && given.is_empty() {
                (empty(words.me.no_address, &add))
            } @else {
                p { (words.me.addresses_text) }
                @for token in &own { (card(token, accounts, visit, true)) }
                @for token in &given { (card(token, accounts, visit, false)) }
                p { (add) }
            }
        }
    }
}

/// One address: what it is called, what it opens, when somebody last looked; what is given is the administrator's to change.
fn card(token: &SubscriberToken, accounts: &Accounts, visit: &Visit, own: bool) -> Markup {
    let words = visit.words;
    let way = |deed: &str, class: &str, label: &str| {
        html! {
            a class=(class) href=(format!("/me/addresses/{}/{deed}", token.id)) {
                (label) span .unseen { " " (token.name) }
            }
        }
    };
    html! {
        article .card aria-labelledby=(format!("name-{}", token.id)) {
            header { h3 id=(format!("name-{}", token.id)) { bdi { (token.name) } } }
            p .looked { (looked(accounts, token, visit)) }
            p .muted { (opens(token, accounts, words)) }
            @if own {
                div .actions {
                    (way("rotate", "button quiet", words.me.rotate))
                    (way("revoke", "button quiet danger", words.me.revoke))
                }
            } @else {
                p .muted { (words.me.given) }
            }
        }
    }
}

/// `Your phone last looked 11 minutes ago.`
fn looked(accounts: &Accounts, token: &SubscriberToken, visit: &Visit) -> Markup {
    let words = visit.words;
    html! {
        @match accounts.last_used(&token.id) {
            Some(at) => {
                time datetime=(at.to_rfc3339()) title=(words.moment(at, visit.now, visit.app.zone())) {
                    (words.last_looked(&words.ago(visit.now - at)))
                }
            }
            None => { (words.me.never_looked) }
        }
    }
}

pub(super) async fn show_new_address(State(accounts): State<Accounts>, visit: Visit) -> Result<Response, PageProblem> {
    own_login(&visit.caller)?;
    Ok(new_page(&accounts, &visit, &Typed::new(), &Mistakes::none()))
}

/// Answered without a redirect: nothing but this answer ever knows the address.
pub(super) async fn submit_new_address(
    State(accounts): State<Accounts>,
    visit: Visit,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let login = own_login(&visit.caller)?;
    let device = typed.filled("device").unwrap_or_else(|| visit.words.me.phone.to_owned());
    let cohorts: Vec<_> = typed.all("cohorts").map(str::to_owned).collect();
    let name = free_name(&accounts, &format!("{login} {device}"));
    let new = CreateOwnTokenRequest { name, cohorts: (!cohorts.is_empty()).then_some(cohorts) };
    match accounts.create_own_token(visit.caller.clone(), new).await {
        Ok(issued) => Ok(issued_page(&issued, &accounts, &visit, BACK)),
        Err(AccountError::TooManyOwnTokens(_)) => {
            let mistakes = Mistakes::one(Mistake::of_all(visit.words.subscribe.too_many_text));
            Ok((StatusCode::CONFLICT, new_page(&accounts, &visit, &typed, &mistakes)).into_response())
        }
        Err(error) => {
            let mistakes = Mistakes::of(error, |bad| said(&bad.field, visit.words))?;
            Ok(new_page(&accounts, &visit, &typed, &mistakes))
        }
    }
}

fn said(field: &str, words: &Words) -> Option<Mistake> {
    match field {
        "name" => Some(Mistake::at("device", words.me.bad_device)),
        "cohorts" => Some(Mistake::at("cohorts", words.me.no_cohort)),
        _ => None,
    }
}

/// A name that no live token has.
fn free_name(accounts: &Accounts, name: &str) -> String {
    let (keyring, clock) = (accounts.keyring(), &accounts.app.clock);
    let numbered = (2..1000).map(|number| format!("{name} {number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| keyring.find(name, clock).is_none()).unwrap_or_else(|| name.to_owned())
}

fn new_page(accounts: &Accounts, visit: &Visit, typed: &Typed, mistakes: &Mistakes) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    let device = Field::text("device", words.me.device).hint(words.me.device_hint).at_most(60);
    let device = device.suggesting([words.me.phone, words.me.tablet, words.me.computer, words.subscribe.google]);
    let cohorts = readable(accounts, visit);
    let page = visit.page(
        words.me.add_address,
        html! {
            (breadcrumbs(&[("/me", words.shell.my_account)], words.me.add_address, words))
            h1 { (words.me.add_address) }
            p { (words.me.add_text) }
            form .narrow method="post" action="/me/addresses/add" {
                (form.summary())
                (form.field(&device.focused()))
                @if cohorts.len() > 1 {
                    (form.field(&Field::checkboxes("cohorts", words.me.which, cohorts).hint(words.me.which_hint)))
                }
                (form.submit(words.subscribe.make_address))
            }
            p .muted { (words.subscribe.personal_once) }
        },
    );
    form.answer(page)
}

/// The cohorts whose calendars they may read by a key of their own.
fn readable(accounts: &Accounts, visit: &Visit) -> Vec<(String, String)> {
    let (actor, directory) = (&visit.caller.actor, accounts.cohorts.directory());
    let everything = actor.reach(Deed::OwnTokens) == Reach::All;
    let theirs = |cohort: &&std::sync::Arc<Cohort>| everything || actor.owns_cohort(&cohort.id);
    directory.all().iter().filter(theirs).map(|cohort| (cohort.slug.to_string(), cohort.name.clone())).collect()
}

pub(super) async fn show_rotation(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    let (token, words) = (accounts.own_token(&visit.caller, &id)?, visit.words);
    let action = format!("/me/addresses/{}/rotate", token.id);
    let says = consequence(&accounts, &token, words.me.rotate_does, &visit);
    Ok(Confirm::new(words.me.rotate_title, &action, BACK).says(says).button(words.me.rotate_button).page(&visit))
}

pub(super) async fn submit_rotation(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    let issued = accounts.rotate_own_token(visit.caller.clone(), &id).await?;
    Ok(issued_page(&issued, &accounts, &visit, BACK))
}

pub(super) async fn show_revocation(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    let (token, words) = (accounts.own_token(&visit.caller, &id)?, visit.words);
    let action = format!("/me/addresses/{}/revoke", token.id);
    let says = consequence(&accounts, &token, words.me.revoke_does, &visit);
    Ok(Confirm::new(words.me.revoke_title, &action, BACK).says(says).button(words.me.revoke).page(&visit))
}

/// Which address it is, what becomes of it, and whether a phone still looks there.
fn consequence(accounts: &Accounts, token: &SubscriberToken, does: &str, visit: &Visit) -> Markup {
    html! {
        p { strong { bdi { (token.name) } } }
        p { (does) }
        p { (looked(accounts, token, visit)) }
    }
}

pub(super) async fn submit_revocation(
    State(accounts): State<Accounts>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, PageProblem> {
    accounts.revoke_own_token(visit.caller.clone(), &id).await?;
    Ok(visit.then(BACK, Notice::AddressRevoked).into_response())
}
