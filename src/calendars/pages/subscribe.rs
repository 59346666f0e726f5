//! How to subscribe to a cohort's calendar: its address where it is public, else one of somebody's own, made here.

use axum::response::Response;
use maud::{Markup, html};

use super::may_have_address;
use crate::cohorts::Cohort;
use crate::http::Visit;
use crate::http::page::address::address;

/// The part of a cohort's page that says how to subscribe.
pub(super) fn section(cohort: &Cohort, visit: &Visit) -> Markup {
    let words = visit.words;
    html! {
        section .subscribe #subscribe aria-labelledby="subscribe-title" {
            h2 #subscribe-title { (words.subscribe.title) }
            @if cohort.is_public() {
                p { (words.subscribe.text) }
                (address(&public_address(cohort, visit), visit))
            } @else {
                (personal(cohort, visit))
            }
            @if visit.login().is_some() {
                p .muted { a href=(format!("/c/{}/calendar.ics", cohort.slug)) download { (words.subscribe.download) } " " (words.subscribe.download_text) }
            }
        }
    }
}

fn public_address(cohort: &Cohort, visit: &Visit) -> String {
    format!("{}/calendars/{}.ics", visit.app.public_url(), cohort.slug)
}

/// A closed calendar has an address for each person.
fn personal(cohort: &Cohort, visit: &Visit) -> Markup {
    let words = visit.words;
    html! {
        p { (words.subscribe.personal_text) }
        @if may_have_address(visit) {
            form method="post" action=(format!("/c/{}/address", cohort.slug)) {
                button type="submit" data-busy=(words.shell.one_moment) { (words.subscribe.make_address) }
            }
            p .muted { (words.subscribe.personal_once) " " a href="/me#addresses" { (words.subscribe.all_mine) } }
        }
    }
}

/// A personal address, shown this once.
pub(super) fn address_page(cohort: &Cohort, url: &str, visit: &Visit) -> Response {
    let words = visit.words;
    visit.page(
        words.subscribe.your_address,
        html! {
            h1 { (words.subscribe.your_address) }
            p { bdi { (cohort.name) } }
            p .note.warn { (words.subscribe.address_once) }
            div .subscribe { (address(url, visit)) }
            (back(cohort, visit))
        },
    )
}

/// Somebody has made as many as they may.
pub(super) fn too_many_page(cohort: &Cohort, visit: &Visit) -> Response {
    let words = visit.words;
    visit.page(
        words.subscribe.too_many,
        html! {
            h1 { (words.subscribe.too_many) }
            p { (words.subscribe.too_many_text) }
            p { a .button href="/me#addresses" { (words.subscribe.all_mine) } }
            (back(cohort, visit))
        },
    )
}

fn back(cohort: &Cohort, visit: &Visit) -> Markup {
    html! { p .actions { a .button.quiet href=(format!("/c/{}", cohort.slug)) { (visit.words.subscribe.to_calendar) } } }
}
