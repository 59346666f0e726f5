//! The `Date` of one answer: what another machine's clock says. Nothing but the host is told to it, and nothing but the
//! head of its answer is read.

use std::time::Duration;

use chrono::{DateTime, Utc};
use ureq::http::header;
use url::Url;

use super::error::FetchError;
use super::hop::{Desk, Hop, exchange};
use super::reach::Reach;
use super::road::text;
use super::{FetchRequest, Secret};

const TOTAL: Duration = Duration::from_secs(5);

/// Asks, follows no redirect, and hangs up without the body. Blocks.
pub(super) fn read_date(desk: &Desk, url: Url) -> Result<Option<DateTime<Utc>>, FetchError> {
    let hop = Hop { url: url.clone(), form: None };
    // A cache on the way would say when it first saw the answer.
    let headers = vec![("cache-control".to_owned(), Secret::new("no-cache".to_owned()))];
    let request = FetchRequest { headers, ..FetchRequest::get(url) };
    let answer = exchange(desk, &Reach::new(desk.is_public), &hop, &request, TOTAL)?;
    let date = text(answer.headers(), header::DATE);
    Ok(date.and_then(|date| DateTime::parse_from_rfc2822(&date).ok()).map(|date| date.to_utc()))
}
