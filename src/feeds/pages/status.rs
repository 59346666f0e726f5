//! What the status page shows.

use axum::response::Response;
use maud::{Markup, html};

use super::Done;
use super::https::https;
use super::picture::picture;
use crate::feeds::state::Held;
use crate::feeds::{FailureClass, Feed, FeedState, Feeds, StateWord};
use crate::fetch::shown;
use crate::http::Visit;
use crate::timekeeping::{Standing, Why};
use crate::words::Words;

/// The page; with a notice of what a form has done to a feed.
pub(super) fn page(feeds: &Feeds, visit: &Visit, notice: Option<(Done, &Feed)>) -> Response {
    let words = visit.words;
    let all = feeds.all();
    let well = [StateWord::Fresh, StateWord::Paused];
    let count_well = all.iter().filter(|feed| well.contains(&feeds.word(feed))).count();
    visit.page(
        words.administration,
        html! {
            h1 { (words.administration) }
            @if let Some((done, feed)) = notice { (notice_of(done, feed, words)) }
            @if let Standing::Untrusted(why) = feeds.app.time.standing() { (clock_in_doubt(why, visit)) }
            section aria-labelledby="feeds" {
                h2 #feeds { (words.feeds) }
                @if all.is_empty() {
                    (first_steps(words))
                } @else {
                    p { (words.feeds_well(count_well, all.len())) }
                    @for feed in all.iter() { (card(feeds, feed, visit)) }
                }
            }
            section aria-labelledby="box" {
                h2 #box { (words.this_box) }
                (this_box(feeds, visit))
            }
        },
    )
}

fn notice_of(done: Done, feed: &Feed, words: &Words) -> Markup {
    let (class, text) = match done {
        Done::Published => ("ok", words.done_published),
        Done::Unchanged => ("ok", words.done_unchanged),
        Done::Failed => ("bad", words.done_failed),
        Done::Held => ("warn", words.done_held),
        Done::Paused => ("ok", words.done_paused),
        Done::Resumed => ("ok", words.done_resumed),
        Done::Approved => ("ok", words.done_approved),
        Done::Overtaken => ("warn", words.done_overtaken),
    };
    html! { p .note.(class) role="status" { strong { (feed.slug) } " : " (text) } }
}

fn clock_in_doubt(why: Why, visit: &Visit) -> Markup {
    let words = visit.words;
    let reason = match why {
        Why::Configuration => words.clock_never,
        Why::Unvouched => words.clock_unvouched,
        Why::Contradicted => words.clock_contradicted,
        Why::Behind(_) => words.clock_behind,
    };
    let shown = words.clock_shows(visit.app.clock.reading().wall, visit.app.zone());
    html! { p .note.warn { strong { (shown) } " " (reason) " " (words.clock_until_then) } }
}

fn first_steps(words: &Words) -> Markup {
    html! {
        p { (words.no_feed) }
        pre { code {
            "carillon cohort add m2 --name \"M2\" --visibility public\n"
            "carillon feed add m2 --cohort m2 --url https://planning.example.org/m2.ics"
        } }
    }
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
                (badge(word, words))
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

/// A word, a colour and a sign: none of them is needed to understand the others.
fn badge(word: StateWord, words: &Words) -> Markup {
    let (class, sign, text) = match word {
        StateWord::Fresh => ("ok", "✓", words.state_fresh),
        StateWord::Stale => ("bad", "!", words.state_stale),
        StateWord::Failing => ("warn", "✕", words.state_failing),
        StateWord::Held => ("warn", "?", words.state_held),
        StateWord::Never => ("idle", "…", words.state_never),
        StateWord::Paused => ("idle", "‖", words.state_paused),
    };
    html! { p .badge.(class) { span .sign aria-hidden="true" { (sign) } (text) } }
}

/// What waits for a decision, and what the decision will do.
fn held_back(feed: &Feed, held: &Held, words: &Words) -> Markup {
    let (before, after) = (held.coming.before, held.coming.after);
    html! {
        div .note.warn {
            p { (words.held_why(before, after)) }
            details {
                summary { (words.approve_open) }
                p { (words.approve_does(before, after)) }
                form method="post" action=(format!("/admin/feeds/{}/approve", feed.slug)) {
                    input type="hidden" name="content" value=(held.content);
                    button type="submit" data-busy=(words.one_moment) { (words.approve) }
                }
            }
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
                details { summary { (words.detail) } p lang="en" .address { (error.detail) } }
            }
        }
    }
}

fn failure(class: FailureClass, words: &Words) -> &'static str {
    match class {
        FailureClass::Network => words.failure_network,
        FailureClass::SignIn => words.failure_sign_in,
        FailureClass::Moved => words.failure_moved,
        FailureClass::Empty => words.failure_empty,
        FailureClass::NotACalendar => words.failure_not_a_calendar,
        FailureClass::TooLarge => words.failure_too_large,
        FailureClass::Internal => words.failure_internal,
        FailureClass::Held => words.state_held,
    }
}

fn facts(feed: &Feed, state: &FeedState, visit: &Visit) -> Markup {
    let (words, zone) = (visit.words, visit.app.zone());
    let last = state.last_success.filter(|_| state.published);
    let next = state.next_attempt.filter(|_| !feed.paused);
    html! {
        dl .facts {
            div {
                dt { (words.last_success) }
                dd {
                    @match last {
                        Some(at) => {
                            time datetime=(at.to_rfc3339()) title=(words.moment(at, visit.now, zone)) {
                                (words.ago(visit.now - at))
                            }
                        }
                        None => { (words.never) }
                    }
                }
            }
            div {
                dt { (words.next_attempt) }
                dd { @match next { Some(at) => { (words.ahead(at - visit.now)) } None => { "–" } } }
            }
            div { dt { (words.published) } dd { (words.events(state.events)) } }
        }
    }
}

/// Each says for a screen reader which feed it is of.
fn buttons(feed: &Feed, words: &Words) -> Markup {
    let (turn, turn_label) = if feed.paused { ("resume", words.resume) } else { ("pause", words.pause) };
    let form = |deed: &str, class: &str, label: &str, busy: &str| {
        html! {
            form method="post" action=(format!("/admin/feeds/{}/{deed}", feed.slug)) {
                button class=(class) type="submit" data-busy=(busy) {
                    (label) span .unseen { " " (feed.slug) }
                }
            }
        }
    };
    html! {
        div .actions {
            (form("refresh", "quiet", words.refresh, words.refreshing))
            (form(turn, "quiet", turn_label, words.one_moment))
        }
    }
}

fn this_box(feeds: &Feeds, visit: &Visit) -> Markup {
    let words = visit.words;
    let live = feeds.accounts.keyring().all().filter(|token| token.is_live(&feeds.app.clock)).count();
    html! {
        dl .facts {
            div { dt { (words.subscribers) } dd { (live) } }
            div { dt { (words.users) } dd { (feeds.accounts.people().all().count()) } }
            div { dt { "HTTPS" } dd { (https(visit)) } }
            div { dt { "Carillon" } dd { (env!("CARGO_PKG_VERSION")) } }
        }
    }
}
