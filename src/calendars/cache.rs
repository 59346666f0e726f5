//! Ready bytes in memory, bounded in size. To read them is one atomic load.

use std::collections::HashMap;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use axum::body::Bytes;
use axum::http::HeaderValue;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use flate2::read::GzDecoder;

use super::select::{Calendar, Format, Selection, Stamp};
use crate::http::caching::http_date;
use crate::secret::Fingerprint;

/// All bodies together, plain and compressed. Beyond, what was asked for longest ago goes first.
const BYTES_AT_MOST: usize = 3 * 1024 * 1024;

/// A calendar as it goes out.
#[derive(Clone)]
pub struct Ready {
    /// Everything but the bodies.
    pub head: Arc<Head>,
    /// The body; let go before the compressed one, which it can be made of again.
    pub plain: Option<Bytes>,
    /// The body, gzip.
    pub gzip: Bytes,
}

/// What is said of a calendar that is ready.
pub struct Head {
    /// The state that it shows.
    pub stamp: Stamp,
    /// It says when it was checked or handed out, to the minute: it is made anew after that.
    pub good_until: Option<DateTime<Utc>>,
    /// Entity tags: of the plain body, and of the compressed one.
    pub tags: [String; 2],
    /// The same as headers.
    pub tag_values: [HeaderValue; 2],
    /// Of the content.
    pub last_modified: DateTime<Utc>,
    /// The same as a header.
    pub last_modified_value: HeaderValue,
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
        let head = Head::new(selection, format, stamp, &plain);
        Self { head: Arc::new(head), plain: Some(exact(plain)), gzip: exact(gzip) }
    }

    /// The same with its plain body, made of the compressed one.
    pub(super) fn with_plain(&self) -> std::io::Result<Self> {
        let mut plain = Vec::with_capacity(self.gzip.len() * 8);
        GzDecoder::new(self.gzip.as_ref()).read_to_end(&mut plain)?;
        Ok(Self { plain: Some(exact(plain)), ..self.clone() })
    }

    fn size_bytes(&self) -> usize {
        self.gzip.len() + self.plain.as_ref().map_or(0, Bytes::len)
    }
}

/// Without the room that a buffer has to spare: these stay for hours.
fn exact(body: Vec<u8>) -> Bytes {
    body.into_boxed_slice().into()
}

impl Head {
    fn new(selection: &Selection, format: Format, stamp: Stamp, plain: &[u8]) -> Self {
        let hash = Fingerprint::of_bytes(plain).to_text();
        let hash = hash.get(..22).unwrap_or(&hash);
        let tags = [format!("\"{hash}\""), format!("\"{hash}-gz\"")];
        let changes_with_time = selection.changes_with_time();
        let minute =
            |now: DateTime<Utc>| now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now) + TimeDelta::minutes(1);
        let last_modified = if changes_with_time { selection.now } else { selection.last_modified };
        let (content_type, ending) = match format {
            Format::Ics => ("text/calendar; charset=utf-8", "ics"),
            Format::Csv | Format::CsvForExcel => ("text/csv; charset=utf-8", "csv"),
        };
        let value = |text: &str| HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
        Self {
            stamp,
            good_until: changes_with_time.then(|| minute(selection.now)),
            tag_values: tags.each_ref().map(|tag| value(tag)),
            tags,
            last_modified,
            last_modified_value: value(&http_date(last_modified)),
            content_type: HeaderValue::from_static(content_type),
            disposition: value(&format!("inline; filename=\"{}.{ending}\"", selection.slug)),
            stale_since: selection.stale.map(|stale| stale.since),
            used: AtomicU64::new(0),
        }
    }

    fn last_use(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }
}

type Key = (Calendar, Format);

type Map = HashMap<Key, Arc<Ready>>;

/// The cache. Readers load a map that never changes; a rendering puts a new map in its place.
#[derive(Default)]
pub struct Cache {
    ready: ArcSwap<Map>,
    /// Counts uses, to know which was longest ago.
    uses: AtomicU64,
    inserting: Mutex<()>,
}

impl Cache {
    /// What is ready of a calendar, of whatever state.
    pub fn get(&self, calendar: &Calendar, format: Format) -> Option<Arc<Ready>> {
        let ready = self.ready.load();
        let found = ready.get(&(calendar.clone(), format))?;
        self.note_use(&found.head);
        Some(Arc::clone(found))
    }

    /// Puts bytes in, and lets others go that there is no room for.
    pub fn insert(&self, calendar: &Calendar, format: Format, ready: Arc<Ready>) {
        let _one = self.inserting.lock().unwrap_or_else(PoisonError::into_inner);
        self.note_use(&ready.head);
        let mut map = Map::clone(&self.ready.load());
        map.insert((calendar.clone(), format), ready);
        make_room(&mut map);
        self.ready.store(map.into());
    }

    fn note_use(&self, head: &Head) {
        head.used.store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// Plain bodies go first, since nearly every client takes gzip; then whole calendars. The newest always stays.
fn make_room(map: &mut Map) {
    let mut total: usize = map.values().map(|ready| ready.size_bytes()).sum();
    let mut oldest: Vec<_> = map.iter().map(|(key, ready)| (ready.head.last_use(), key.clone())).collect();
    oldest.sort_by_key(|(used, _)| *used);
    oldest.pop();
    for (_, key) in &oldest {
        let Some(ready) = map.get_mut(key).filter(|_| total > BYTES_AT_MOST) else { break };
        total -= ready.plain.as_ref().map_or(0, Bytes::len);
        *ready = Arc::new(Ready { plain: None, ..Ready::clone(ready) });
    }
    for (_, key) in &oldest {
        if total <= BYTES_AT_MOST {
            break;
        }
        total -= map.remove(key).map_or(0, |ready| ready.size_bytes());
    }
}
