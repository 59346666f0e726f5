//! The address of a calendar, and every way to put it on a phone or a computer: its code to scan, and for each client the
//! right button or the steps.
//!
//! `webcal://` is for Apple's calendars and Thunderbird; iOS calls `webcals://` invalid. Google has a link that should
//! add a calendar and often does not, so it gets the address and where to paste it.

use maud::{Markup, html};

use crate::http::Visit;
use crate::http::qr::qr_code;

/// The address itself, and every way to use it.
pub fn address(url: &str, visit: &Visit) -> Markup {
    let words = visit.words;
    let webcal = url.split_once("://").map_or_else(|| url.to_owned(), |(_, rest)| format!("webcal://{rest}"));
    html! {
        div .field {
            label for="address" { (words.subscribe.address) }
            (copied("address", url, visit))
        }
        div .ways { @for way in ways(&webcal, visit) { (way) } }
        @if let Some(code) = qr_code(url, words.subscribe.qr_label) {
            figure .scan { (code) figcaption { (words.subscribe.qr_text) } }
        }
    }
}

/// An address in a field of this id, with a button that copies it.
pub fn copied(id: &str, url: &str, visit: &Visit) -> Markup {
    let words = visit.words;
    html! {
        div .copy {
            input .address id=(id) value=(url) readonly spellcheck="false";
            button type="button" data-copy=(id) data-done=(words.subscribe.copied) hidden { (words.subscribe.copy) }
            span .said role="status" {}
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
