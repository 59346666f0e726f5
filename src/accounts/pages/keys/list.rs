//! The list of subscriber tokens: searched by name or holder, live ones unless all are asked for.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::pages::issued::opens;
use crate::accounts::{Accounts, SubscriberToken};
use crate::actor::Deed;
use crate::http::page::pieces::{badge, empty, parts};
use crate::http::{Field, Form, Listing, Mistakes, PageProblem, Typed, Visit};
use crate::words::Tone;

/// So many on a page.
const SHOWN: usize = 50;

#[derive(Deserialize)]
pub(super) struct TokensQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    after: Option<String>,
}

impl TokensQuery {
    fn wants(&self, token: &SubscriberToken, accounts: &Accounts) -> bool {
        let wanted = self.q.trim().to_lowercase();
        let owner = token.owner.as_ref().is_some_and(|owner| owner.as_str().contains(&wanted));
        let shown = self.state == "all" || token.is_live(&accounts.app.clock);
        shown && (owner || token.name.to_lowercase().contains(&wanted))
    }

    fn link(&self, after: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.q).append_pair("state", &self.state);
        if let Some(after) = after {
            query.append_pair("after", after);
        }
        format!("/admin/tokens?{}", query.finish())
    }
}

/// The order of the list: by name.
fn key(token: &SubscriberToken) -> String {
    format!("{} {}", token.name.to_lowercase(), token.id)
}

pub(super) async fn show_tokens(
    State(accounts): State<Accounts>,
    visit: Visit,
    Query(query): Query<TokensQuery>,
) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::Administer)?;
    let (words, keyring) = (visit.words, accounts.keyring());
    let mut found: Vec<_> = keyring.all().filter(|token| query.wants(token, &accounts)).collect();
    found.sort_by_cached_key(|token| key(token));
    let count = found.len();
    let listing = Listing { limit: Some(SHOWN), after: query.after.clone() };
    let page = listing.page(found, |token| key(token))?;
    let (first, next) = (query.after.as_ref().map(|_| query.link(None)), page.next.map(|next| query.link(Some(&next))));
    Ok(visit.admin_page(
        words.keys.title,
        html! {
            h1 { (words.keys.title) }
            p { (words.keys.text) }
            p .actions {
                a .button href="/admin/tokens/cards" { (words.keys.cards) }
                a .button.quiet href="/admin/tokens/add" { (words.keys.add) }
            }
            (filters(&query, &visit))
            @if page.items.is_empty() { (empty(words.keys.none, &html! {})) } @else {
                (table(&page.items, count, &accounts, &visit))
            }
            (parts(first.as_deref(), next.as_deref(), words))
        },
    ))
}

fn filters(query: &TokensQuery, visit: &Visit) -> Markup {
    let words = visit.words;
    let (typed, none) = (Typed::new().with("q", &query.q).with("state", &query.state), Mistakes::none());
    let form = Form::new(words, &typed, &none);
    let states = [("", words.keys.live), ("all", words.keys.all)];
    html! {
        form .filters method="get" action="/admin/tokens" role="search" {
            (form.field(&Field::text("q", words.keys.name).optional()))
            (form.field(&Field::select("state", words.keys.state, states).optional()))
            button .quiet type="submit" { (words.shell.search) }
        }
    }
}

fn table(tokens: &[&Arc<SubscriberToken>], count: usize, accounts: &Accounts, visit: &Visit) -> Markup {
    let words = visit.words;
    html! {
        table .rows {
            caption { (words.addresses(count)) }
            thead {
                tr {
                    th scope="col" { (words.keys.name) }
                    th scope="col" { (words.keys.opens) }
                    th scope="col" { (words.keys.used) }
                    th scope="col" { (words.keys.state) }
                    th scope="col" { span .unseen { (words.keys.deeds) } }
                }
            }
            tbody { @for token in tokens { (row(token, accounts, visit)) } }
        }
    }
}

fn row(token: &SubscriberToken, accounts: &Accounts, visit: &Visit) -> Markup {
    let (words, zone) = (visit.words, visit.app.zone());
    let live = token.is_live(&accounts.app.clock);
    let way = |deed: &str, label: &str| {
        html! { a href=(format!("/admin/tokens/{}/{deed}", token.id)) { (label) span .unseen { " " (token.name) } } }
    };
    html! {
        tr {
            td { bdi { (token.name) } }
            td data-label=(words.keys.opens) { span { (opens(token, accounts, words)) } }
            td data-label=(words.keys.used) {
                @match accounts.last_used(&token.id) {
                    Some(at) => { time datetime=(at.to_rfc3339()) title=(words.moment(at, visit.now, zone)) { (words.ago(visit.now - at)) } }
                    None => { (words.days.never) }
                }
            }
            td data-label=(words.keys.state) {
                @if token.revoked_at.is_some() { (badge(Tone::Plain, "✕", words.keys.revoked)) }
                @else if !live { (badge(Tone::Plain, "✕", words.keys.expired)) }
                @else if let Some(end) = token.expires_at { span { (words.ends(&words.moment(end, visit.now, zone))) } }
                @else { (badge(Tone::Good, "✓", words.keys.in_use)) }
            }
            td { @if live { span .deeds { (way("rotate", words.keys.rotate)) " " (way("revoke", words.me.revoke)) } } }
        }
    }
}
