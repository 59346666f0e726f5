//! A new address, shown this once: by the answer that made it, to whoever made it.

use axum::response::Response;
use maud::{Markup, html};

use crate::accounts::{Accounts, Issued, Scope, SubscriberToken};
use crate::http::Visit;
use crate::http::page::address::{address, copied};
use crate::words::Words;

/// The page with the address, its code and each client's steps; `back` is where one goes on.
pub(super) fn issued_page(issued: &Issued, accounts: &Accounts, visit: &Visit, back: &str) -> Response {
    let words = visit.words;
    let urls = accounts.urls(issued);
    let (main, others) = main_of(&urls, issued);
    visit.page(
        words.subscribe.your_address,
        html! {
            h1 { (words.subscribe.your_address) }
            p { strong { bdi { (issued.token.name) } } ", " (opens(&issued.token, accounts, words)) }
            p .note.warn { (words.subscribe.address_once) }
            div .subscribe.issued { (address(main, visit)) (each(&others, visit)) }
            p .actions { a .button.quiet href=(back) { (words.me.done) } }
        },
    )
}

/// Each calendar by itself, for whoever wants them in several colours.
fn each(urls: &[&String], visit: &Visit) -> Markup {
    html! {
        @if !urls.is_empty() {
            details {
                summary { (visit.words.me.each) }
                @for (index, url) in urls.iter().enumerate() { (copied(&format!("address-{index}"), url, visit)) }
            }
        }
    }
}

/// The one address that shows all of it, and those of its parts; of a single calendar its own.
fn main_of<'a>(urls: &'a [String], issued: &Issued) -> (&'a str, Vec<&'a String>) {
    let whole = format!("/{}.ics", issued.secret.expose());
    let (all, each): (Vec<_>, Vec<_>) = urls.iter().partition(|url| url.ends_with(&whole));
    match (each.as_slice(), all.first()) {
        ([only], _) => (only, Vec::new()),
        (_, Some(all)) => (all, each),
        _ => ("", each),
    }
}

/// What a token opens, in words.
pub(super) fn opens(token: &SubscriberToken, accounts: &Accounts, words: &Words) -> Markup {
    let directory = accounts.cohorts.directory();
    html! {
        @match &token.scope {
            Scope::All => { (words.keys.all_cohorts) }
            Scope::Cohorts(ids) => {
                @let names: Vec<_> = ids.iter().filter_map(|id| directory.by_id(id)).map(|c| c.name.as_str()).collect();
                @if names.is_empty() { (words.keys.nothing) } @else { bdi { (names.join(", ")) } }
            }
        }
    }
}
