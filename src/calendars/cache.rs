//! Ready bytes in memory, bounded in size. To read them is one atomic load.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use axum::body::Bytes;
use axum::http::HeaderValue;
use chrono::{DateTime, Utc};

use super::select::{Calendar, Format, Selection, Stamp};
use crate::http::caching::http_date;
use crate::secret::Fingerprint;

/// All bodies together, plain and compressed. Beyond, the one that was asked for longest ago goes first.
const BYTES_AT_MOST: usize = 8 * 1024 * 1024;

/// A calendar as it goes out.
pub struct Ready {
    /// The state that it shows.
    pub stamp: Stamp,
    /// It says when it was handed out: not to be handed out twice.
    pub changes_with_time: bool,
    /// Entity tags: of the plain body, and of the compressed one.
    pub tags: [String; 2],
    /// The same as headers.
    pub tag_values: [HeaderValue; 2],
    /// Of the content.
    pub last_modified: DateTime<Utc>,
    /// The same as a header.
    pub last_modified_value: HeaderValue,
    /// The body.
    pub plain: Bytes,
    /// The body, gzip.
    pub gzip: Bytes,
    /// `text/calendar` or `text/csv`.
    pub content_type: HeaderValue,
    /// `inline` with a file name.
    pub disposition: HeaderValue,
    /// The last good fetch of what is worst off, where it is stale.
    pub stale_since: Option<DateTime<Utc>>,
    used: AtomicU64,
}

impl Ready {
    pub(super) fn new(selection: &Selection, format: Format, stamp: Stamp, plain: Vec<u8>, gzip: Vec<u8>) -> Self {
        let hash = Fingerprint::of_bytes(&plain).to_text();
        let hash = hash.get(..22).unwrap_or(&hash);
        let tags = [format!("\"{hash}\""), format!("\"{hash}-gz\"")];
        let changes_with_time = selection.changes_with_time();
        let last_modified = if changes_with_time { selection.now } else { selection.as_of };
        let (content_type, ending) = match format {
            Format::Ics => ("text/calendar; charset=utf-8", "ics"),
            Format::Csv | Format::CsvForExcel => ("text/csv; charset=utf-8", "csv"),
        };
        let value = |text: &str| HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
        Self {
            stamp,
            changes_with_time,
            tag_values: [value(&tags[0]), value(&tags[1])],
            tags,
            last_modified,
            last_modified_value: value(&http_date(last_modified)),
            plain: plain.into(),
            gzip: gzip.into(),
            content_type: HeaderValue::from_static(content_type),
            disposition: value(&format!("inline; filename=\"{}.{ending}\"", selection.slug)),
            stale_since: selection.stale.map(|stale| stale.since),
            used: AtomicU64::new(0),
        }
    }

    fn size_bytes(&self) -> usize {
        self.plain.len() + self.gzip.len()
    }
}

type Key = (Calendar, Format);

/// The cache. Readers load a map that never changes; a rendering puts a new map in its place.
#[derive(Default)]
pub struct Cache {
    ready: ArcSwap<HashMap<Key, Arc<Ready>>>,
    /// Counts uses, to know which was longest ago.
    uses: AtomicU64,
    inserting: Mutex<()>,
}

impl Cache {
    /// What is ready of a calendar, of whatever state.
    pub fn get(&self, calendar: &Calendar, format: Format) -> Option<Arc<Ready>> {
        let ready = self.ready.load();
        let found = ready.get(&(calendar.clone(), format))?;
        found.used.store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        Some(Arc::clone(found))
    }

    /// Puts bytes in, and lets others go that there is no room for.
    pub fn insert(&self, calendar: &Calendar, format: Format, ready: Arc<Ready>) {
        let _one = self.inserting.lock().unwrap_or_else(PoisonError::into_inner);
        ready.used.store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        let mut map = HashMap::clone(&self.ready.load());
        map.insert((calendar.clone(), format), ready);
        let mut total: usize = map.values().map(|ready| ready.size_bytes()).sum();
        while total > BYTES_AT_MOST && map.len() > 1 {
            let oldest = map.iter().min_by_key(|(_, ready)| ready.used.load(Ordering::Relaxed));
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { break };
            total -= map.remove(&oldest).map_or(0, |ready| ready.size_bytes());
        }
        self.ready.store(map.into());
    }
}
