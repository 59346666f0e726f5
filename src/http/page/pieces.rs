//! Pieces that pages are made of: badges, notes, empty states, breadcrumbs, tabs, pages of a list.

use maud::{Markup, html};

use crate::words::{Tone, Words};

/// The class of a tone in the style.
pub(super) fn class_of(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "ok",
        Tone::Warn => "warn",
        Tone::Bad => "bad",
        Tone::Plain => "idle",
    }
}

/// A word, a colour and a sign: none of them is needed to understand the others.
pub fn badge(tone: Tone, sign: &str, text: &str) -> Markup {
    html! { span .badge.(class_of(tone)) { span .sign aria-hidden="true" { (sign) } (text) } }
}

/// A remark that stands out.
pub fn note(tone: Tone, text: impl maud::Render) -> Markup {
    html! { div .note.(class_of(tone)) { p { (text) } } }
}

/// What stands where a list would, while there is nothing in it; `way_on` is a link or a form, or nothing.
pub fn empty(text: &str, way_on: &Markup) -> Markup {
    html! { div .empty { p { (text) } (way_on) } }
}

/// Where a page stands, from the top; the page itself comes last, by its title, and is no link.
pub fn breadcrumbs(above: &[(&str, &str)], here: &str, words: &Words) -> Markup {
    html! {
        nav .crumbs aria-label=(words.shell.path) {
            ol {
                @for (href, label) in above { li { a href=(href) { bdi { (label) } } } }
                li aria-current="page" { bdi { (here) } }
            }
        }
    }
}

/// Views of the same thing as links: address, label; `here` is the address of the one that is shown.
pub fn tabs(label: &str, all: &[(&str, &str)], here: &str) -> Markup {
    html! {
        nav .tabs aria-label=(label) {
            ul { @for (href, text) in all { li { a href=(href) aria-current=[(*href == here).then_some("page")] { (text) } } } }
        }
    }
}

/// To the parts of a list before and after this one, as links.
pub fn pages(newer: Option<&str>, older: Option<&str>, words: &Words) -> Markup {
    html! {
        @if newer.is_some() || older.is_some() {
            nav .pages aria-label=(words.shell.pages) {
                @if let Some(href) = newer { a .button.quiet rel="prev" href=(href) { "← " (words.shell.newer) } }
                @if let Some(href) = older { a .button.quiet rel="next" href=(href) { (words.shell.older) " →" } }
            }
        }
    }
}

/// To the next part of a list in the order of names, and back to its start, as links.
pub fn parts(first: Option<&str>, next: Option<&str>, words: &Words) -> Markup {
    html! {
        @if first.is_some() || next.is_some() {
            nav .pages aria-label=(words.shell.pages) {
                @if let Some(href) = first { a .button.quiet href=(href) { "← " (words.shell.first) } }
                @if let Some(href) = next { a .button.quiet rel="next" href=(href) { (words.shell.next) " →" } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Language;

    #[test]
    fn the_page_itself_is_no_link() {
        let drawn = breadcrumbs(&[("/admin", "Administration")], "<b>", Words::of(Language::En)).into_string();
        assert!(
            drawn.contains("<a href=\"/admin\">") && drawn.contains("<li aria-current=\"page\"><bdi>&lt;b&gt;"),
            "{drawn}"
        );
    }

    #[test]
    fn the_view_that_is_shown_is_marked() {
        let drawn =
            tabs("Views", &[("/c/m2?view=week", "Week"), ("/c/m2?view=day", "Day")], "/c/m2?view=day").into_string();
        assert_eq!(drawn.matches("aria-current").count(), 1);
        assert!(drawn.contains("<a href=\"/c/m2?view=day\" aria-current=\"page\">Day"), "{drawn}");
    }

    #[test]
    fn a_list_of_one_part_has_no_ways() {
        let words = Words::of(Language::En);
        assert_eq!(pages(None, None, words).into_string(), "");
        assert!(pages(None, Some("?after=x"), words).into_string().contains("rel=\"next\" href=\"?after=x\""));
    }
}
