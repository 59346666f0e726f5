//! A held snapshot is approved after its difference was shown; a feed is removed after what that does was said.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::back;
use crate::feeds::{Change, ChangeKind, FeedError, Feeds};
use crate::http::page::pieces::breadcrumbs;
use crate::http::{Confirm, IfMatch, PageProblem, Typed, Visit};
use crate::words::Notice;

/// So many differences of a kind are shown.
const SHOWN: usize = 60;

pub(super) async fn show_approval(
    State(feeds): State<Feeds>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let (feed, words) = (feeds.for_administrator(&visit, &slug)?, visit.words);
    let Some(held) = feeds.state(feed.slug.as_str()).held else {
        return Ok(back(&visit, Notice::FeedOvertaken, &feed));
    };
    let (content, changes) = match feeds.held_changes(&feed).await {
        Err(FeedError::NothingHeld(_)) => return Ok(back(&visit, Notice::FeedOvertaken, &feed)),
        found => found?,
    };
    let (before, after) = (held.coming.before, held.coming.after);
    let says = html! {
        p { (words.held_why(before, after)) }
        p { (words.approve_does(before, after)) }
    };
    let action = format!("/admin/feeds/{}/approve", feed.slug);
    let confirm = Confirm::new(words.feed.approve_title, &action, "/admin").says(says).button(words.status.approve);
    let confirm = confirm.carry("content", content);
    Ok(visit.admin_page(
        words.feed.approve_title,
        html! {
            (breadcrumbs(&[("/admin", words.status.title)], feed.slug.as_str(), words))
            (confirm.draw(&visit))
            (difference(&changes, &visit))
        },
    ))
}

/// What is gone first: that is what somebody must look at.
fn difference(changes: &[Change], visit: &Visit) -> Markup {
    let words = visit.words;
    let kinds = [
        (&[ChangeKind::Removed][..], words.feed.removed),
        (&[ChangeKind::Moved], words.feed.moved),
        (&[ChangeKind::Added], words.feed.added),
        (&[ChangeKind::Room, ChangeKind::Title], words.feed.renamed),
    ];
    html! {
        @for (kinds, title) in kinds {
            @let found: Vec<_> = changes.iter().filter(|change| kinds.contains(&change.kind)).collect();
            @if !found.is_empty() {
                section {
                    h2 { (title) " (" (found.len()) ")" }
                    ul .changes { @for change in found.iter().take(SHOWN) { (line(change, visit)) } }
                    @if found.len() > SHOWN { p .muted { (words.and_more(found.len() - SHOWN)) } }
                }
            }
        }
    }
}

fn line(change: &Change, visit: &Visit) -> Markup {
    let when = |at: DateTime<Utc>| visit.words.moment(at, visit.now, visit.app.zone());
    html! {
        li {
            strong { bdi { (change.summary) } }
            @if let Some(start) = change.start { ", " (when(start)) }
            @if matches!(change.kind, ChangeKind::Room | ChangeKind::Title) {
                @if let (Some(before), Some(after)) = (&change.before, &change.after) {
                    ": " del { bdi { (before) } } " → " ins { bdi { (after) } }
                }
            }
        }
    }
}

pub(super) async fn show_feed_removal(
    State(feeds): State<Feeds>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let (feed, words) = (feeds.for_administrator(&visit, &slug)?, visit.words);
    let events = feeds.state(feed.slug.as_str()).events;
    let says = html! {
        p { strong { (feed.slug) } }
        p { (words.feed.remove_does) }
        p { (words.feed_loses(events)) }
    };
    let action = format!("/admin/feeds/{}/remove", feed.slug);
    let confirm =
        Confirm::new(words.feed.remove_title, &action, "/admin").says(says).button(words.people.remove_button);
    Ok(visit.admin_page(words.feed.remove_title, confirm.carry("sure", "yes").draw(&visit)))
}

pub(super) async fn submit_feed_removal(
    State(feeds): State<Feeds>,
    visit: Visit,
    Path(slug): Path<String>,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let feed = feeds.for_administrator(&visit, &slug)?;
    if !typed.has("sure", "yes") {
        return Ok(axum::response::Redirect::to(&format!("/admin/feeds/{}/remove", feed.slug)).into_response());
    }
    feeds.remove(&visit.caller, &slug, IfMatch::default()).await?;
    Ok(back(&visit, Notice::FeedRemoved, &feed))
}
