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
        let is_get = request.method() == Method::GET;
        let (answer, seen) = (self.inner.request(request), Arc::clone(&self.seen));
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = Seen::default();
        Box::pin(async move {
            let mut answer = answer.await?;
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = look_at(&answer);
            if is_get {
                let default = HeaderValue::from_static(ADVICE_RETRY_AFTER_SECS);
                answer.parts.headers.entry(RETRY_AFTER).or_insert(default);
            }
            Ok(answer)
        })
    }
}

fn look_at(answer: &BytesResponse) -> Seen {
    let headers = &answer.parts.headers;
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Seen {
        status: Some(answer.parts.status.as_u16()),
        is_json: content_type.contains("json"),
        retry_after_secs: retry_after(headers),
    }
}
