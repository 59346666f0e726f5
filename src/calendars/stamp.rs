//! Stamps: lines at the end of an event's description, in the site's language, unless they are there already.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::select::{Part, Selection};
use crate::config::Language;
use crate::feeds::{Item, Stamp};
use crate::ical::{format_utc, own_properties};

/// Writes the stamps of one feed's events. The events of a feed came with few fetches, and dates are slow to write: each
/// is written once.
pub struct Stamper<'a> {
    selection: &'a Selection,
    part: &'a Part,
    dates: HashMap<DateTime<Utc>, Dates>,
}

/// When a fetch was, as it is told.
struct Dates {
    /// As DTSTAMP writes it.
    utc: String,
    /// `21/11/2026 05:45`, in the site's zone.
    minute: String,
}

impl<'a> Stamper<'a> {
    /// The stamper of a feed in a calendar.
    pub fn new(selection: &'a Selection, part: &'a Part) -> Self {
        let zone = selection.zone;
        let dates = part.snapshot.items().map(|item| item.facts.since).collect::<HashSet<_>>();
        let told = |at| (at, Dates { utc: format_utc(at), minute: minute(at, zone) });
        Self { selection, part, dates: dates.into_iter().map(told).collect() }
    }

    /// The fetch that brought an item, as DTSTAMP writes it.
    pub fn since(&self, item: &Item<'_>) -> &str {
        self.dates.get(&item.facts.since).map_or("", |dates| &dates.utc)
    }

    /// The lines to add to an event's description, as TEXT (RFC 5545 3.3.11), joined by `\n`; empty if there are none.
    pub fn stamps(&self, item: &Item<'_>) -> String {
        let (mut description, mut place) = (None, None);
        for property in own_properties(item.text) {
            if property.is("DESCRIPTION") {
                description.get_or_insert(property.value);
            } else if property.is("LOCATION") {
                place.get_or_insert(property.value.trim());
            }
        }
        let description = description.unwrap_or_default();
        let place = place.filter(|place| !place.is_empty());
        let lines = self.part.feed.stamps.iter().filter_map(|stamp| self.line(*stamp, item, place));
        let new: Vec<_> = lines.filter(|line| !has_line(description, line)).collect();
        new.join("\\n")
    }

    /// A place is written as the event writes it: escaped as TEXT already.
    fn line(&self, stamp: Stamp, item: &Item<'_>, place: Option<&str>) -> Option<String> {
        let french = self.selection.language == Language::Fr;
        let words = |fr: &'static str, en: &'static str| if french { fr } else { en };
        let dated = |word: &str, at: DateTime<Utc>| Some(format!("({word} {})", minute(at, self.selection.zone)));
        match stamp {
            Stamp::Place => place.map(|place| format!("{}{place}", words("Lieu : ", "Place: "))),
            Stamp::Fetched => {
                let since = self.dates.get(&item.facts.since)?;
                Some(format!("({} {})", words("Inchangé depuis le", "Unchanged since"), since.minute))
            }
            Stamp::Checked => dated(words("Vérifié le", "Checked on"), self.part.last_success?),
            Stamp::Served => dated(words("Importé le", "Handed out on"), self.selection.now),
        }
    }
}

fn minute(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%d/%m/%Y %H:%M").to_string()
}

/// Has a description (TEXT, escaped) this line? `Lieu : 2Z3` is none of `Lieu : 2Z34`.
fn has_line(description: &str, line: &str) -> bool {
    let mut ends =
        description.match_indices(line).map(|(at, _)| description.get(at + line.len()..).unwrap_or_default());
    ends.any(|rest| {
        let rest = rest.trim_start_matches([' ', '.', ')']);
        rest.is_empty() || rest.starts_with("\\n") || rest.starts_with("\\N")
    })
}
