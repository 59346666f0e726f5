//! When the authority would have the certificate renewed (RFC 9773): asked twice a day and more, as it says itself.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use instant_acme::{Account, CertificateIdentifier, Error, RenewalInfo};

use super::account::Line;
use super::decide::ASK_AT_LEAST_EVERY;
use super::tables::Advice;
use crate::tls::pair::Pair;

const ASK_AT_MOST_EVERY: TimeDelta = TimeDelta::minutes(1);
/// After a failure; the certificate's own time goes on counting.
const ASK_AGAIN: TimeDelta = TimeDelta::hours(1);
pub(super) const LONGEST: Duration = Duration::from_secs(60);

/// What an authority said, and when to ask it again.
pub(super) struct Answer {
    /// `None` leaves what was known.
    pub advice: Option<Advice>,
    pub ask_in: TimeDelta,
}

impl Answer {
    /// It could not be asked.
    pub(super) fn none() -> Self {
        Self { advice: None, ask_in: ASK_AGAIN }
    }
}

/// The certificate as the authority knows it (RFC 9773, section 4.1).
pub(super) fn identifier(pair: &Pair) -> Option<CertificateIdentifier<'static>> {
    CertificateIdentifier::try_from(pair.chain().first()?).ok().map(CertificateIdentifier::into_owned)
}

/// Asks. `fraction` is where in the window the instant is drawn, from 0 to 1.
pub(super) async fn ask(account: &Account, line: &Line, pair: &Pair, known: Option<&Advice>, fraction: f64) -> Answer {
    let Some(id) = identifier(pair) else { return Answer { advice: None, ask_in: ASK_AT_LEAST_EVERY } };
    match account.renewal_info(&id).await {
        Ok((info, _)) => Answer { advice: draw(&info, known, fraction), ask_in: ask_in(line.retry_after_secs()) },
        Err(Error::Unsupported(_)) => Answer { advice: None, ask_in: ASK_AT_LEAST_EVERY },
        Err(error) => {
            log::debug!("certificate: no advice on its renewal: {}", line.scene().error(&error));
            Answer { advice: None, ask_in: ask_in(line.retry_after_secs()).max(ASK_AGAIN) }
        }
    }
}

fn ask_in(retry_after_secs: Option<u64>) -> TimeDelta {
    let told = retry_after_secs.and_then(|secs| TimeDelta::try_seconds(i64::try_from(secs).ok()?));
    told.unwrap_or(ASK_AT_LEAST_EVERY / 2).clamp(ASK_AT_MOST_EVERY, ASK_AT_LEAST_EVERY)
}

/// An instant in the window, drawn once for each window. A window that ends before it begins is none.
fn draw(info: &RenewalInfo, known: Option<&Advice>, fraction: f64) -> Option<Advice> {
    let window = &info.suggested_window;
    let (start, end) = (instant(window.start.unix_timestamp())?, instant(window.end.unix_timestamp())?);
    if end <= start || known.is_some_and(|known| known.start == start && known.end == end) {
        return None;
    }
    let into = (end - start).num_seconds() as f64 * fraction;
    Some(Advice {
        start,
        end,
        chosen: start + TimeDelta::seconds(into as i64),
        explanation: info.explanation_url.clone(),
    })
}

fn instant(secs: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(secs, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(start: &str, end: &str) -> RenewalInfo {
        let text = format!(r#"{{"suggestedWindow": {{"start": "{start}", "end": "{end}"}}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn the_instant_is_drawn_once_for_each_window() {
        let window = info("2027-01-01T00:00:00Z", "2027-01-03T00:00:00Z");
        let drawn = draw(&window, None, 0.5).unwrap();
        assert_eq!(drawn.chosen.to_rfc3339(), "2027-01-02T00:00:00+00:00");
        assert_eq!(draw(&window, Some(&drawn), 0.9), None);
        let moved = info("2026-12-01T00:00:00Z", "2026-12-03T00:00:00Z");
        assert_eq!(draw(&moved, Some(&drawn), 0.0).unwrap().chosen.to_rfc3339(), "2026-12-01T00:00:00+00:00");
    }

    #[test]
    fn a_window_that_ends_before_it_begins_is_none() {
        assert_eq!(draw(&info("2027-01-03T00:00:00Z", "2027-01-01T00:00:00Z"), None, 0.5), None);
    }

    #[test]
    fn the_authority_is_asked_between_each_minute_and_twice_a_day() {
        for (told, minutes) in
            [(None, 360), (Some(1), 1), (Some(7200), 120), (Some(1_000_000), 720), (Some(u64::MAX), 360)]
        {
            assert_eq!(ask_in(told), TimeDelta::minutes(minutes), "{told:?}");
        }
    }
}
