//! What the last answer of the authority said beside its body: instant-acme keeps none of it, and an error cannot be told
//! well without.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, RETRY_AFTER};
use hyper::http::HeaderValue;
use hyper::{Method, Request};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};

use crate::fetch::retry_after;

/// RFC 9773, section 4.3.3: what a client takes where the authority does not say. instant-acme takes no answer without.
const ADVICE_RETRY_AFTER_SECS: &str = "21600";

/// The head of the last answer; all empty where there was none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// What it was an answer to.
    pub method: Method,
    pub status: Option<u16>,
    pub is_json: bool,
    pub retry_after_secs: Option<u64>,
}

/// A client that remembers what it has seen.
#[derive(Clone)]
pub(super) struct Watched {
    inner: Arc<dyn HttpClient>,
    seen: Arc<Mutex<Seen>>,
}

impl Watched {
    pub(super) fn new(inner: Arc<dyn HttpClient>) -> Self {
        Self { inner, seen: Arc::default() }
    }

    pub(super) fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl HttpClient for Watched {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let method = request.method().clone();
        let (answer, seen) = (self.inner.request(request), Arc::clone(&self.seen));
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = Seen::default();
        Box::pin(async move {
            let mut answer = answer.await?;
            let head = look_at(method, &answer);
            bound_pause(&mut answer, &head);
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = head;
            Ok(answer)
        })
    }
}

/// instant-acme adds what it reads here to the time, and panics where the sum is no time.
fn bound_pause(answer: &mut BytesResponse, seen: &Seen) {
    let headers = &mut answer.parts.headers;
    match seen.retry_after_secs {
        Some(secs) => drop(headers.insert(RETRY_AFTER, HeaderValue::from(secs))),
        None if seen.method == Method::GET => {
            drop(headers.insert(RETRY_AFTER, HeaderValue::from_static(ADVICE_RETRY_AFTER_SECS)));
        }
        None => drop(headers.remove(RETRY_AFTER)),
    }
}

fn look_at(method: Method, answer: &BytesResponse) -> Seen {
    let headers = &answer.parts.headers;
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Seen {
        method,
        status: Some(answer.parts.status.as_u16()),
        is_json: content_type.contains("json"),
        retry_after_secs: retry_after(headers),
    }
}
