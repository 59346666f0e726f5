//! What the status page shows.

use axum::response::Response;
use maud::{Markup, html};

use super::https::https;
use super::picture::picture;
use crate::feeds::state::Held;
use crate::feeds::{FailureClass, Feed, FeedState, Feeds, StateWord};
use crate::fetch::shown;
use crate::http::Visit;
use crate::http::page::pieces::{badge, empty};
use crate::timekeeping::{Standing, Why};
use crate::words::{Tone, Words};

/// The page.
pub(super) fn page(feeds: &Feeds, visit: &Visit) -> Response {
    let words = visit.words;
    let all = feeds.all();
    let well = [StateWord::Fresh, StateWord::Paused];
    let count_well = all.iter().filter(|feed| well.contains(&feeds.word(feed))).count();
    visit.admin_page(
        words.status.title,
        html! {
            h1 { (words.status.title) }
            @if let Standing::Untrusted(why) = feeds.app.time.standing() { (clock_in_doubt(why, visit)) }
            section aria-labelledby="feeds" {
                h2 #feeds { (words.status.feeds) }
                @if all.is_empty() {
                    (first_steps(words))
                } @else {
                    p { (words.feeds_well(count_well, all.len())) }
                    @for feed in all.iter() { (card(feeds, feed, visit)) }
                    p { a .button.quiet href="/admin/feeds/add" { (words.feed.add) } }
                }
            }
            section aria-labelledby="box" {
                h2 #box { (words.status.this_box) }
                (this_box(feeds, visit))
            }
        },
    )
}

fn clock_in_doubt(why: Why, visit: &Visit) -> Markup {
    let words = visit.words;
    let reason = match why {
        Why::Configuration => words.machine.clock_never,
        Why::Unvouched => words.machine.clock_unvouched,
        Why::Contradicted => words.machine.clock_contradicted,
        Why::Behind(_) => words.machine.clock_behind,
    };
    let shown = words.clock_shows(visit.app.clock.reading().wall, visit.app.zone());
    html! { p .note.warn { strong { (shown) } " " (reason) " " (words.machine.clock_until_then) } }
}

fn first_steps(words: &Words) -> Markup {
    empty(words.status.no_feed, &html! { a .button href="/admin/feeds/add" { (words.feed.add) } })
}

fn card(feeds: &Feeds, feed: &Feed, visit: &Visit) -> Markup {
    let words = visit.words;
    let state = feeds.state(feed.slug.as_str());
    let word = state.word(feed, visit.now);
    let cohort = feeds.cohorts.directory().by_id(&feed.cohort_id).cloned();
    html! {
        article .card id=(format!("feed-{}", feed.slug)) aria-labelledby=(format!("name-{}", feed.slug)) {
            header {
                h3 id=(format!("name-{}", feed.slug)) {
                    @match cohort {
                        Some(cohort) => { a href=(format!("/c/{}", cohort.slug)) { (cohort.name) } }
                        None => { (feed.slug) }
                    }
                }
                (state_badge(word, words))
            }
            p .muted { (feed.slug) ", " (words.every(feed.interval_secs)) br; span .address { (shown(&feed.url)) } }
            @if let Some(held) = &state.held { (held_back(feed, held, words)) }
            (last_error(&state, words))
            (facts(feed, &state, visit))
            @if let Some(picture) = picture(&state.fetches, words) { (picture) }
            (buttons(feed, words))
        }
    }
}

fn state_badge(word: StateWord, words: &Words) -> Markup {
    match word {
        StateWord::Fresh => badge(Tone::Good, "✓", words.status.state_fresh),
        StateWord::Stale => badge(Tone::Bad, "!", words.status.state_stale),
        StateWord::Failing => badge(Tone::Warn, "✕", words.status.state_failing),
        StateWord::Held => badge(Tone::Warn, "?", words.status.state_held),
        StateWord::Never => badge(Tone::Plain, "…", words.status.state_never),
        StateWord::Paused => badge(Tone::Plain, "‖", words.status.state_paused),
    }
}

/// What waits for a decision.
fn held_back(feed: &Feed, held: &Held, words: &Words) -> Markup {
    let (before, after) = (held.coming.before, held.coming.after);
    html! {
        div .note.warn {
            p { (words.held_why(before, after)) }
            p { a .button href=(format!("/admin/feeds/{}/approve", feed.slug)) { (words.status.approve_open) span .unseen { " " (feed.slug) } } }
        }
    }
}

fn last_error(state: &FeedState, words: &Words) -> Markup {
    // What is held is told already.
    let error = state.last_error.as_ref().filter(|error| error.class != FailureClass::Held);
    html! {
        @if let Some(error) = error {
            div .note.bad {
                p { strong { (failure(error.class, words)) } }
                details { summary { (words.status.detail) } p lang="en" .address { (error.detail) } }
            }
        }
    }
}

/// What sort of failure it was, in words.
pub(super) fn failure(class: FailureClass, words: &Words) -> &'static str {
    match class {
        FailureClass::Network => words.status.failure_network,
        FailureClass::SignIn => words.status.failure_sign_in,
        FailureClass::Moved => words.status.failure_moved,
        FailureClass::Empty => words.status.failure_empty,
        FailureClass::NotACalendar => words.status.failure_not_a_calendar,
        FailureClass::TooLarge => words.status.failure_too_large,
        FailureClass::Internal => words.status.failure_internal,
        FailureClass::Held => words.status.state_held,
    }
}

fn facts(feed: &Feed, state: &FeedState, visit: &Visit) -> Markup {
    let (words, zone) = (visit.words, visit.app.zone());
    let last = state.last_success.filter(|_| state.published);
    let next = state.next_attempt.filter(|_| !feed.paused);
    html! {
        dl .facts {
            div {
                dt { (words.status.last_success) }
                dd {
                    @match last {
                        Some(at) => {
                            time datetime=(at.to_rfc3339()) title=(words.moment(at, visit.now, zone)) {
                                (words.ago(visit.now - at))
                            }
                        }
                        None => { (words.days.never) }
                    }
                }
            }
            div {
                dt { (words.status.next_attempt) }
                dd { @match next { Some(at) => { (words.ahead(at - visit.now)) } None => { "–" } } }
            }
            div { dt { (words.status.published) } dd { (words.events(state.events)) } }
        }
    }
}

/// Each says for a screen reader which feed it is of.
fn buttons(feed: &Feed, words: &Words) -> Markup {
    let (turn, turn_label) = if feed.paused { ("resume", words.status.resume) } else { ("pause", words.status.pause) };
    let form = |deed: &str, class: &str, label: &str, busy: &str| {
        html! {
            form method="post" action=(format!("/admin/feeds/{}/{deed}", feed.slug)) {
                button class=(class) type="submit" data-busy=(busy) {
                    (label) span .unseen { " " (feed.slug) }
                }
            }
        }
    };
    let link = |deed: &str, label: &str| {
        html! {
            a .button.quiet href=(format!("/admin/feeds/{}/{deed}", feed.slug)) { (label) span .unseen { " " (feed.slug) } }
        }
    };
    html! {
        div .actions {
            (form("refresh", "quiet", words.status.refresh, words.status.refreshing))
            (form(turn, "quiet", turn_label, words.shell.one_moment))
            (link("test", words.feed.test))
            (link("edit", words.cohorts_admin.edit))
            (link("remove", words.people.remove))
        }
    }
}

fn this_box(feeds: &Feeds, visit: &Visit) -> Markup {
    let words = visit.words;
    let live = feeds.accounts.keyring().all().filter(|token| token.is_live(&feeds.app.clock)).count();
    html! {
        dl .facts {
            div { dt { (words.status.subscribers) } dd { (live) } }
            div { dt { (words.status.users) } dd { (feeds.accounts.people().all().count()) } }
            div { dt { "HTTPS" } dd { (https(visit)) } }
            div { dt { "Carillon" } dd { (env!("CARGO_PKG_VERSION")) } }
        }
    }
}
