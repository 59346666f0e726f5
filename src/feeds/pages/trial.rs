//! `/admin/feeds/{slug}/test`: a feed is tried out, and each step is shown with what went wrong in it.

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};

use super::status::failure;
use crate::feeds::site::{Failure, Step};
use crate::feeds::try_out::Tried;
use crate::feeds::{Feed, Feeds};
use crate::fetch::shown;
use crate::http::page::pieces::{badge, breadcrumbs};
use crate::http::{PageProblem, Visit};
use crate::words::{Tone, Words};

pub(super) async fn show_trial(
    State(feeds): State<Feeds>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let feed = feeds.for_administrator(&visit, &slug)?;
    Ok(page(&feed, &visit, None))
}

pub(super) async fn submit_trial(
    State(feeds): State<Feeds>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let feed = feeds.for_administrator(&visit, &slug)?;
    let tried = feeds.try_out(&feed, &visit.caller).await?;
    Ok(page(&feed, &visit, Some(&tried)))
}

fn page(feed: &Feed, visit: &Visit, tried: Option<&Tried>) -> Response {
    let (words, at) = (visit.words, |deed: &str| format!("/admin/feeds/{}/{deed}", feed.slug));
    let well = tried.is_some_and(Tried::is_well);
    let class = if well { "quiet" } else { "" };
    visit.admin_page(
        words.feed.test,
        html! {
            (breadcrumbs(&[("/admin", words.status.title), (&at("edit"), feed.slug.as_str())], words.feed.test, words))
            h1 { (words.feed.test) " · " (feed.slug) }
            p .address { (shown(&feed.url)) }
            @match tried {
                None => { p { (words.feed.test_text) } }
                Some(tried) => { (steps(tried, feed, words)) }
            }
            div .actions {
                @if well && feed.paused {
                    form method="post" action=(at("resume")) {
                        button type="submit" data-busy=(words.shell.one_moment) { (words.feed.follow) }
                    }
                }
                form method="post" action=(at("test")) {
                    button class=(class) type="submit" data-busy=(words.status.refreshing) {
                        @if tried.is_some() { (words.feed.test_again) } @else { (words.feed.test) }
                    }
                }
                a .button.quiet href=(at("edit")) { (words.cohorts_admin.edit) }
                a .button.quiet href="/admin" { (words.feed.later) }
            }
        },
    )
}

/// Each step: done, gone wrong, or not come to.
fn steps(tried: &Tried, feed: &Feed, words: &Words) -> Markup {
    let all = [
        (Step::SignInPage, words.feed.step_page),
        (Step::SignIn, words.feed.step_sign_in),
        (Step::Calendar, words.feed.step_calendar),
        (Step::Events, words.feed.step_events),
    ];
    let needed = |step: Step| feed.login.is_some() || matches!(step, Step::Calendar | Step::Events);
    html! {
        ol .steps role="status" {
            @for (step, label) in all.into_iter().filter(|(step, _)| needed(*step)) {
                li {
                    strong { (label) } " "
                    @match tried.steps.iter().find(|(tried, _)| *tried == step) {
                        None => { (badge(Tone::Plain, "–", words.feed.not_tried)) }
                        Some((_, None)) => {
                            (badge(Tone::Good, "✓", words.feed.went_well))
                            @if step == Step::Events { " " (words.events(tried.events)) }
                        }
                        Some((_, Some(failed))) => { (badge(Tone::Bad, "✕", words.feed.went_wrong)) (why(failed, words)) }
                    }
                }
            }
        }
    }
}

fn why(failed: &Failure, words: &Words) -> Markup {
    html! {
        div .note.bad {
            p { (failure(failed.class, words)) }
            p lang="en" .address { (failed.detail) }
        }
    }
}
