//! The notice that a calendar is not up to date: an event of the current day, since many clients show nothing else.

use chrono::{Days, NaiveDate};
use icalendar::{Component, EventLike};

use super::select::Selection;
use crate::config::Language;
use crate::ical::{self, Kind};

/// The notice.
pub struct Notice {
    /// What it says.
    pub text: String,
    /// The event, as logical lines.
    pub event: String,
}

/// The notice of a selection that is stale.
pub fn notice(selection: &Selection) -> Option<Notice> {
    let stale = selection.stale?;
    let since = stale.since.with_timezone(&selection.zone).format("%d/%m");
    let text = match selection.language {
        Language::Fr => format!("⚠ Planning non mis à jour depuis le {since}"),
        Language::En => format!("⚠ Timetable not updated since {since}"),
    };
    let event = all_day(&text, stale.on, selection)?;
    Some(Notice { text, event })
}

fn all_day(text: &str, on: NaiveDate, selection: &Selection) -> Option<String> {
    let uid = format!("stale-{}-{}@{}", selection.slug, on.format("%Y%m%d"), selection.instance_id);
    let mut event = icalendar::Event::new();
    event.uid(&uid).summary(text).timestamp(selection.as_of).last_modified(selection.as_of);
    event.starts(on).ends(on.checked_add_days(Days::new(1))?).add_property("TRANSP", "TRANSPARENT");
    let printed = icalendar::Calendar::from([event.done()]).to_string();
    let calendar = ical::parse(printed.as_bytes(), None).ok()?;
    calendar.of_kind(Kind::Event).next().map(str::to_owned)
}
