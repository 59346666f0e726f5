//! When a token is to expire, as somebody writes it.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::accounts::AccountError;

/// Reads an instant with its offset, or a date that means the end of that day in the site's zone. The past is refused.
pub(super) fn parse_expiry(text: &str, zone: Tz, now: DateTime<Utc>) -> Result<DateTime<Utc>, AccountError> {
    let instant = DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc)).ok();
    let end = instant.or_else(|| end_of_day(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?, zone));
    let form = "a date such as 2027-08-31, or an instant such as 2027-08-31T18:00:00+02:00";
    match end.ok_or_else(|| AccountError::bad("expires_at", form))? {
        end if end <= now => Err(AccountError::senseless("expires_at", "a time to come: this one has passed")),
        end => Ok(end),
    }
}

/// The last second of a day. Where the clocks skip it, the first instant after.
fn end_of_day(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let last = day.and_time(NaiveTime::from_hms_opt(23, 59, 59)?);
    let next = day.succ_opt()?.and_time(NaiveTime::MIN);
    let found = zone.from_local_datetime(&last).latest().or_else(|| zone.from_local_datetime(&next).earliest());
    found.map(|at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Kind, Refusal};

    const PARIS: Tz = chrono_tz::Europe::Paris;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_date_is_the_end_of_that_day_here() {
        let now = at("2026-11-21T10:00:00Z");
        let cases = [
            ("2027-08-31", "2027-08-31T21:59:59Z"),
            ("2026-11-21", "2026-11-21T22:59:59Z"),
            ("2027-08-31T18:00:00+02:00", "2027-08-31T16:00:00Z"),
        ];
        for (text, instant) in cases {
            assert_eq!(parse_expiry(text, PARIS, now).unwrap(), at(instant), "{text}");
        }
    }

    #[test]
    fn rubbish_is_malformed_and_the_past_makes_no_sense() {
        let now = at("2026-11-21T10:00:00Z");
        let cases = [("tomorrow", Kind::Malformed), ("2026-02-30", Kind::Malformed), ("2026-11-20", Kind::Invalid)];
        for (text, kind) in cases {
            assert_eq!(parse_expiry(text, PARIS, now).unwrap_err().kind(), kind, "{text}");
        }
    }
}
