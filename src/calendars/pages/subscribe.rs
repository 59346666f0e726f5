//! How to put a calendar on a phone or a computer: the address, its code to scan, and the steps of each client.
//!
//! `webcal://` is for Apple's calendars and Thunderbird; iOS calls `webcals://` invalid. Google has a link that should
//! add a calendar and often does not, so it gets the address and where to paste it.

use axum::response::Response;
use maud::{Markup, html};

use super::may_have_address;
use crate::cohorts::Cohort;
use crate::http::Visit;
use crate::http::qr::qr_code;

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
            p .muted { (words.subscribe.personal_once) }
        }
    }
}

/// The address itself, and every way to use it.
fn address(url: &str, visit: &Visit) -> Markup {
    let words = visit.words;
    let webcal = url.split_once("://").map_or_else(|| url.to_owned(), |(_, rest)| format!("webcal://{rest}"));
    html! {
        div .field {
            label for="address" { (words.subscribe.address) }
            div .copy {
                input #address .address value=(url) readonly spellcheck="false";
                button type="button" data-copy="address" data-done=(words.subscribe.copied) hidden { (words.subscribe.copy) }
                span .said role="status" {}
            }
        }
        div .ways { @for way in ways(&webcal, visit) { (way) } }
        @if let Some(code) = qr_code(url, words.subscribe.qr_label) {
            figure .scan { (code) figcaption { (words.subscribe.qr_text) } }
        }
    }
}

fn ways(webcal: &str, visit: &Visit) -> [Markup; 5] {
    let words = visit.words;
    let button = html! { p { a .button href=(webcal) { (words.subscribe.open_in_calendar) } } };
    [
        way(words.subscribe.apple, &button, &[words.subscribe.apple_1, words.subscribe.apple_2]),
        way(
            words.subscribe.android,
            &html! {},
            &[words.subscribe.android_1, words.subscribe.android_2, words.subscribe.android_3],
        ),
        way(
            words.subscribe.google,
            &html! {},
            &[words.subscribe.google_1, words.subscribe.google_2, words.subscribe.google_3, words.subscribe.google_4],
        ),
        way(
            words.subscribe.outlook,
            &html! {},
            &[words.subscribe.outlook_1, words.subscribe.outlook_2, words.subscribe.outlook_3],
        ),
        way(
            words.subscribe.thunderbird,
            &button,
            &[words.subscribe.thunderbird_1, words.subscribe.thunderbird_2, words.subscribe.thunderbird_3],
        ),
    ]
}

fn way(name: &str, first: &Markup, steps: &[&str]) -> Markup {
    html! {
        details {
            summary { (name) }
            (first)
            ol { @for step in steps { li { (step) } } }
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
            (back(cohort, visit))
        },
    )
}

fn back(cohort: &Cohort, visit: &Visit) -> Markup {
    html! { p .actions { a .button.quiet href=(format!("/c/{}", cohort.slug)) { (visit.words.subscribe.to_calendar) } } }
}
