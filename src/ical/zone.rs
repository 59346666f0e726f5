//! What a TZID means: the instant of a time on a wall somewhere.
//!
//! A name that IANA knows wins, in all the disguises that programs give it; then the rules of the
//! calendar's own VTIMEZONE; then the site's zone, which is right for a school's own timetable.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::observance::Observances;
use super::property::{Property, lines, own_properties};
use super::text::unescape;
use super::windows;

/// Steps for laying out the rules of all VTIMEZONEs of a calendar. A usual one takes some 10,000.
const STEPS: u32 = 2_000_000;

/// A longer name is no zone's; looking it up for each of a million dates would take for ever.
const LONGEST: usize = 255;

/// The zones of one calendar.
#[derive(Debug)]
pub struct Zones {
    site: Tz,
    named: HashMap<String, Zone>,
}

#[derive(Clone, Debug)]
enum Zone {
    Iana(Tz),
    Own(Observances),
}

impl Zones {
    /// Reads the VTIMEZONEs of a calendar; of two with one TZID the first counts. `site` is the zone of
    /// times that name none, or an unknown one.
    pub fn read<'a>(vtimezones: impl Iterator<Item = &'a str>, site: Tz) -> Zones {
        let mut steps = STEPS;
        let mut named = HashMap::new();
        for text in vtimezones {
            let Some(tzid) = tzid_of(text).filter(|tzid| !named.contains_key(*tzid)) else {
                continue;
            };
            let zone = iana(tzid).or_else(|| lic_location(text)).map(Zone::Iana);
            let zone = zone.or_else(|| Observances::read(text, &mut steps).map(Zone::Own));
            let Some(zone) = zone else { continue };
            // The property is a text with escapes, the parameter that refers to it is not (3.2.19).
            if let Cow::Owned(plain) = unescape(tzid) {
                named.entry(plain).or_insert_with(|| zone.clone());
            }
            named.insert(tzid.to_owned(), zone);
        }
        Zones { site, named }
    }

    /// The zone of times that name none.
    pub fn site(&self) -> Tz {
        self.site
    }

    /// The instant of a time on the wall. One that the clocks skip is read with the offset before the
    /// gap; of one that comes twice the first is meant (RFC 5545 3.3.5).
    pub fn to_utc(&self, tzid: Option<&str>, local: NaiveDateTime) -> DateTime<Utc> {
        let Some(tzid) = tzid.filter(|tzid| tzid.len() <= LONGEST) else {
            return in_zone(self.site, local);
        };
        match self.named.get(tzid) {
            Some(Zone::Iana(tz)) => in_zone(*tz, local),
            Some(Zone::Own(observances)) => observances.to_utc(local),
            None => in_zone(iana(tzid).unwrap_or(self.site), local),
        }
    }
}

/// The TZID of a VTIMEZONE.
pub fn tzid_of(vtimezone: &str) -> Option<&str> {
    own_properties(vtimezone).find(|property| property.is("TZID")).map(|property| property.value.trim())
}

/// Every TZID that a component's lines name in a parameter, those of inner components too; one may
/// come more than once.
pub fn tzids_used(component: &str) -> impl Iterator<Item = &str> {
    lines(component).filter_map(|line| Property::parse(line)?.param("TZID"))
}

/// The zone that a TZID names, as far as the name alone tells: an IANA name, also behind a prefix
/// (`/mozilla.org/20050126_1/Europe/Paris`), or one of Windows'.
pub fn iana(tzid: &str) -> Option<Tz> {
    let tzid = tzid.trim();
    // No name of IANA's has more than three parts.
    let tails = tzid.rmatch_indices('/').take(3).filter_map(|(slash, _)| tzid.get(slash + 1..));
    tzid.parse().ok().or_else(|| windows::iana_name(tzid)?.parse().ok()).or_else(|| {
        let mut tails: Vec<&str> = tails.collect();
        tails.reverse();
        tails.into_iter().find_map(|tail| tail.parse().ok())
    })
}

fn lic_location(vtimezone: &str) -> Option<Tz> {
    own_properties(vtimezone).find(|property| property.is("X-LIC-LOCATION")).and_then(|p| iana(p.value))
}

fn in_zone(tz: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let offset = match tz.offset_from_local_datetime(&local) {
        MappedLocalTime::Single(offset) | MappedLocalTime::Ambiguous(offset, _) => Some(offset),
        MappedLocalTime::None => before_gap(tz, local),
    };
    offset.and_then(|offset| local.checked_sub_offset(offset.fix())).unwrap_or(local).and_utc()
}

/// The offset before a gap; Samoa's of 2011 was a whole day.
fn before_gap(tz: Tz, local: NaiveDateTime) -> Option<<Tz as TimeZone>::Offset> {
    [3, 26].into_iter().find_map(|hours| {
        let earlier = local.checked_sub_signed(TimeDelta::hours(hours))?;
        tz.offset_from_local_datetime(&earlier).latest()
    })
}

#[cfg(test)]
mod tests {
    use super::super::time::{Stamp, format_utc};
    use super::*;

    fn utc(zones: &Zones, tzid: &str, local: &str) -> String {
        let tzid = Some(tzid).filter(|tzid| !tzid.is_empty());
        format_utc(zones.to_utc(tzid, Stamp::of(local, None).unwrap().local()))
    }

    #[test]
    fn names_are_known_in_their_disguises() {
        let paris = Some(chrono_tz::Europe::Paris);
        let cases = [
            ("Europe/Paris", paris),
            ("/freeassociation.sourceforge.net/Europe/Paris", paris),
            ("/mozilla.org/20050126_1/Europe/Paris", paris),
            ("/x/America/Indiana/Knox", Some(chrono_tz::America::Indiana::Knox)),
            ("Romance Standard Time", paris),
            (" Europe/Paris ", paris),
            ("UTC", Some(chrono_tz::UTC)),
            ("Paris", None),
            ("", None),
            ("////", None),
        ];
        for (tzid, zone) in cases {
            assert_eq!(iana(tzid), zone, "{tzid}");
        }
    }

    #[test]
    fn gaps_shift_forward_and_folds_are_the_first() {
        let zones = Zones::read([].into_iter(), chrono_tz::Europe::Paris);
        let cases = [
            ("", "20260329T023000", "20260329T013000Z"),
            ("", "20261025T023000", "20261025T003000Z"),
            ("Nowhere", "20260105T080000", "20260105T070000Z"),
            ("America/New_York", "20260105T080000", "20260105T130000Z"),
            ("Pacific/Apia", "20111230T120000", "20111230T220000Z"),
            ("", "99991231T235959", "99991231T225959Z"),
            ("", "00000101T000000", "00000101T000000Z"),
        ];
        for (tzid, local, instant) in cases {
            assert_eq!(utc(&zones, tzid, local), instant, "{tzid} {local}");
        }
    }

    #[test]
    fn a_vtimezone_is_read_by_its_location_or_its_rules() {
        let located = "BEGIN:VTIMEZONE\nTZID:Campus\nX-LIC-LOCATION:Europe/Paris\nEND:VTIMEZONE\n";
        let own = "BEGIN:VTIMEZONE\nTZID:Chez\\, nous\nBEGIN:STANDARD\nDTSTART:16011028T030000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010325T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT\nEND:VTIMEZONE\n";
        let zones = Zones::read([located, own].into_iter(), chrono_tz::UTC);
        for tzid in ["Campus", "Chez\\, nous", "Chez, nous"] {
            assert_eq!(utc(&zones, tzid, "20260105T080000"), "20260105T070000Z");
            assert_eq!(utc(&zones, tzid, "20260705T080000"), "20260705T060000Z");
            assert_eq!(utc(&zones, tzid, "20260329T023000"), "20260329T013000Z");
            assert_eq!(utc(&zones, tzid, "20261025T023000"), "20261025T003000Z");
            assert_eq!(utc(&zones, tzid, "20261025T030000"), "20261025T020000Z");
        }
    }

    #[test]
    fn used_zones_are_found_in_inner_components() {
        let text = "BEGIN:VEVENT\nDTSTART;TZID=A:1\nEXDATE;VALUE=DATE;tzid=\"B:c\":1\nBEGIN:VALARM\nTRIGGER;TZID=C:1\nEND:VALARM\nEND:VEVENT\n";
        assert_eq!(tzids_used(text).collect::<Vec<_>>(), ["A", "B:c", "C"]);
    }
}
