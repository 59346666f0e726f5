//! A cohort's page: what is coming, by day. What a site has written is shown as text, each piece in its own direction.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

use crate::calendars::{Upcoming, UpcomingDay};
use crate::cohorts::Cohort;
use crate::http::Visit;

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
            a .button.jump href="#subscribe" { (words.subscribe) }
        }
        div .columns {
            section .events aria-labelledby="coming" {
                h2 #coming { (words.coming) }
                @if days.is_empty() { p { (words.nothing_coming) } }
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
    let running = !event.all_day && !event.cancelled && event.start <= visit.now && visit.now < event.end;
    let subject = if event.summary.trim().is_empty() { words.untitled } else { event.summary.trim() };
    html! {
        li .event.cancelled[event.cancelled] {
            p .time { (hours(event, day, visit)) }
            div {
                p .subject {
                    @if event.cancelled { s { bdi { (subject) } } " " strong .tag.bad { (words.cancelled) } }
                    @else { bdi { (subject) } }
                    @if running { " " strong .tag.ok { (words.now) } }
                    @if !event.kind.is_empty() { " " span .tag { bdi { (event.kind) } } }
                }
                @if !event.location.trim().is_empty() { p .place { bdi { (event.location.trim()) } } }
                @if !event.description.trim().is_empty() {
                    details {
                        summary { (words.more) span .unseen { " : " bdi { (subject) } } }
                        p .description dir="auto" { (event.description.trim()) }
                    }
                }
            }
        }
    }
}

/// `08:00–10:00`, with the days where it is not of one.
fn hours(event: &Upcoming, day: NaiveDate, visit: &Visit) -> Markup {
    let (words, zone, today) = (visit.words, visit.app.zone(), visit.today());
    let first = date_of(event.start, zone);
    let last = date_of(last_instant(event), zone);
    let since = (first < day).then(|| words.since_day(&words.day(first, today)));
    let until = (last > day).then(|| words.until_day(&words.day(last, today)));
    let clock =
        |at: DateTime<Utc>| html! { time datetime=(at.to_rfc3339()) { (at.with_timezone(&zone).format("%H:%M")) } };
    html! {
        @if event.all_day && since.is_none() && until.is_none() { (words.all_day) }
        @if let Some(since) = &since { (since) " " }
        @if !event.all_day && since.is_none() { (clock(event.start)) }
        @if !event.all_day && event.end > event.start { "–" (clock(event.end)) }
        @if let Some(until) = &until { " " (until) }
    }
}

/// An end is not part of an event: what ends at midnight ends on the day before.
fn last_instant(event: &Upcoming) -> DateTime<Utc> {
    (event.end - TimeDelta::seconds(1)).max(event.start)
}

fn date_of(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}
