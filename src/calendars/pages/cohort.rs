//! A cohort's page: what is coming, by day. What a site has written is shown as text, each piece in its own direction.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

use crate::calendars::{Upcoming, UpcomingDay};
use crate::cohorts::Cohort;
use crate::http::Visit;
use crate::words::Words;

/// The page's content.
pub(super) fn page(
    cohort: &Cohort,
    days: &[UpcomingDay],
    freshness: &Markup,
    subscribe: &Markup,
    visit: &Visit,
) -> Markup {
    let words = visit.words;
    html! {
        div .title {
            h1 { bdi { (cohort.name) } }
            (freshness)
            a .button.jump href="#subscribe" { (words.subscribe.title) }
        }
        div .columns {
            section .events aria-labelledby="coming" {
                h2 #coming { (words.cohort.coming) }
                @if days.is_empty() { p { (words.cohort.nothing_coming) } }
                @for day in days { (one_day(day, visit)) }
            }
            (subscribe)
        }
    }
}

fn one_day(day: &UpcomingDay, visit: &Visit) -> Markup {
    let (words, today) = (visit.words, visit.today());
    html! {
        section .day aria-labelledby=(format!("d{}", day.date)) {
            h3 id=(format!("d{}", day.date)) {
                time datetime=(day.date) {
                    @if let Some(near) = words.near_day(day.date, today) { strong { (near) } " " }
                    (words.day(day.date, today))
                }
            }
            ol { @for event in &day.events { (one_event(event, day.date, visit)) } }
        }
    }
}

fn one_event(event: &Upcoming, day: NaiveDate, visit: &Visit) -> Markup {
    let words = visit.words;
    let subject = if event.summary.trim().is_empty() { words.cohort.untitled } else { event.summary.trim() };
    html! {
        li .event.cancelled[event.cancelled] {
            p .time { (hours(event, day, visit)) }
            div {
                p .subject {
                    @if event.cancelled { s { bdi { (subject) } } } @else { bdi { (subject) } }
                    (tags(event, visit))
                }
                @if let Some(span) = span(event, day, visit) { p .place { (span) } }
                (place_and_more(event, subject, words))
            }
        }
    }
}

fn tags(event: &Upcoming, visit: &Visit) -> Markup {
    let words = visit.words;
    let running = !event.all_day && !event.cancelled && event.start <= visit.now && visit.now < event.end;
    // Many sites write the kind into the subject too.
    let told = event.summary.split(|c: char| !c.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case(&event.kind));
    html! {
        @if event.cancelled { " " strong .tag.bad { (words.cohort.cancelled) } }
        @if running { " " strong .tag.ok { (words.days.now) } }
        @if !event.kind.is_empty() && !told { " " span .tag { bdi { (event.kind) } } }
    }
}

/// The place, and the description folded behind it.
fn place_and_more(event: &Upcoming, subject: &str, words: &Words) -> Markup {
    let (place, description) = (event.location.trim(), event.description.trim());
    let shown = html! { @if !place.is_empty() { bdi .place { (place) } " " } };
    html! {
        @if description.is_empty() { p { (shown) } } @else {
            details {
                summary { (shown) span .more { (words.cohort.more) } span .unseen { ", " bdi { (subject) } } }
                p .description dir="auto" { (description) }
            }
        }
    }
}

/// When it begins and when it ends, one under the other.
fn hours(event: &Upcoming, day: NaiveDate, visit: &Visit) -> Markup {
    let zone = visit.app.zone();
    let clock =
        |at: DateTime<Utc>| html! { time datetime=(at.to_rfc3339()) { (at.with_timezone(&zone).format("%H:%M")) } };
    html! {
        @if event.all_day { (visit.words.days.all_day) } @else {
            @if date_of(event.start, zone) < day { "…" } @else { (clock(event.start)) }
            @if event.end > event.start { span .unseen { "–" } span .end { (clock(event.end)) } }
        }
    }
}

/// The days of an event that is not of one day.
fn span(event: &Upcoming, day: NaiveDate, visit: &Visit) -> Option<String> {
    let (words, zone, today) = (visit.words, visit.app.zone(), visit.today());
    let (first, last) = (date_of(event.start, zone), date_of(last_instant(event), zone));
    let since = (first < day).then(|| words.since_day(&words.day(first, today)));
    let until = (last > day).then(|| words.until_day(&words.day(last, today)));
    let parts: Vec<_> = since.into_iter().chain(until).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// An end is not part of an event: what ends at midnight ends on the day before.
fn last_instant(event: &Upcoming) -> DateTime<Utc> {
    (event.end - TimeDelta::seconds(1)).max(event.start)
}

fn date_of(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}
