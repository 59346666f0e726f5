//! HTTP out, with limits: on time over all hops, on size after decompression, on redirects, on how many fetches run at once.
//!
//! It knows HTTP and no school. A `FetchRequest` says which origins are trusted: extra headers, cookies and form values go to
//! those and to no other, whatever redirects say. No redirect leads from a public to a private address. The environment's
//! proxy variables are ignored. ureq blocks; the crossing to the blocking pool is in `Fetcher::run`, and for a certificate
//! authority in [`AuthorityClient`].

mod authority;
mod date;
mod error;
mod hop;
mod reach;
mod road;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod upstream;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use cookie_store::CookieStore;
use tokio::sync::Semaphore;
use url::{Origin, Url};

pub use authority::{AuthorityClient, AuthorityError};
pub use error::{FetchError, shown};
pub use road::retry_after;

use crate::secret::Secret;

/// How many fetches run at once: each holds a thread and some 60 kB of buffers.
const FETCHES_AT_ONCE: usize = 4;

/// The cookies of one session, shared by its requests.
pub type Jar = Arc<Mutex<CookieStore>>;

/// An empty jar.
pub fn new_jar() -> Jar {
    Arc::new(Mutex::new(CookieStore::new()))
}

/// The limits and the identity of all fetches.
#[derive(Clone, Debug)]
pub struct FetchConfig {
    /// For everything, from the first name lookup to the last byte, redirects included.
    pub total_secs: u64,
    /// For one connection, TLS included.
    pub connect_secs: u64,
    /// Of the body, after decompression.
    pub max_body_bytes: u64,
    pub max_redirects: u32,
    /// `http://[user:password@]host:port`, or https; SOCKS is not spoken.
    pub proxy: Option<String>,
    pub user_agent: String,
}

impl Default for FetchConfig {
    fn default() -> FetchConfig {
        FetchConfig {
            total_secs: 30,
            connect_secs: 10,
            max_body_bytes: 16 * 1024 * 1024,
            max_redirects: 5,
            proxy: None,
            user_agent: concat!("Carillon/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// What to ask, and whom to trust with what.
#[derive(Clone)]
pub struct FetchRequest {
    /// A user and password in it are ignored.
    pub url: Url,
    /// The fields of a form to POST; a GET without.
    pub form: Option<Vec<(String, String)>>,
    /// Extra headers, for trusted origins only.
    pub headers: Vec<(String, Secret<String>)>,
    /// In place of the configured one.
    pub user_agent: Option<String>,
    /// Filled by trusted origins and shown to them.
    pub jar: Option<Jar>,
    pub trusted: Vec<Origin>,
    pub if_none_match: Option<String>,
    pub if_modified_since: Option<String>,
}

impl FetchRequest {
    /// A GET that trusts the origin of its address.
    pub fn get(url: Url) -> FetchRequest {
        FetchRequest {
            trusted: vec![url.origin()],
            url,
            form: None,
            headers: Vec::new(),
            user_agent: None,
            jar: None,
            if_none_match: None,
            if_modified_since: None,
        }
    }

    /// Whether headers, cookies and form values may go to this address.
    fn trusts(&self, url: &Url) -> bool {
        self.trusted.contains(&url.origin())
    }
}

impl fmt::Debug for FetchRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchRequest").field("url", &shown(&self.url)).finish_non_exhaustive()
    }
}

/// The last answer, after the redirects. Its status may be any.
#[derive(Clone)]
pub struct FetchResponse {
    pub status: u16,
    /// Where the answer came from.
    pub url: Url,
    /// How many redirects were followed.
    pub redirects: u32,
    pub content_type: Option<String>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// How long the server asks to be left alone; at most a week.
    pub retry_after_secs: Option<u64>,
    /// Decompressed.
    pub body: Vec<u8>,
}

impl fmt::Debug for FetchResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchResponse")
            .field("status", &self.status)
            .field("url", &shown(&self.url))
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Sends requests. Cheap to clone; clones share the limit on fetches at once.
#[derive(Clone)]
pub struct Fetcher {
    desk: Arc<hop::Desk>,
    gate: Arc<Semaphore>,
}

impl Fetcher {
    /// Checks the configuration: `BadProxy`, `BadUserAgent`.
    pub fn new(config: FetchConfig) -> Result<Fetcher, FetchError> {
        Fetcher::with_reach(config, reach::is_public)
    }

    fn with_reach(config: FetchConfig, is_public: reach::IsPublic) -> Result<Fetcher, FetchError> {
        Ok(Fetcher {
            desk: Arc::new(hop::Desk::new(config, is_public)?),
            gate: Arc::new(Semaphore::new(FETCHES_AT_ONCE)),
        })
    }

    /// Sends one request and follows its redirects. The wait for a free place does not count against `total_secs`.
    pub async fn send(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        self.run(move |desk| road::travel(desk, request)).await
    }

    /// The `Date` of the answer of one host, within five seconds; none where it does not say one that can be read.
    pub async fn date_of(&self, url: Url) -> Result<Option<DateTime<Utc>>, FetchError> {
        self.run(move |desk| date::read_date(desk, url)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&hop::Desk) -> Result<T, FetchError> + Send + 'static,
    ) -> Result<T, FetchError> {
        let place = self.gate.clone().acquire_owned().await.map_err(|_| FetchError::Stopped)?;
        let desk = self.desk.clone();
        let placed = move || {
            // A dropped future does not stop the thread: the place is given back by who holds it.
            let _place = place;
            work(&desk)
        };
        tokio::task::spawn_blocking(placed).await.map_err(|_| FetchError::Stopped)?
    }
}

/// Seconds as a time span that no addition overflows.
fn span(secs: u64) -> Duration {
    Duration::from_secs(secs.clamp(1, 3600))
}
