//! The REST interface described: `/api/openapi.json`, the page at `/api/docs` that shows it, and `carillon openapi`.
//!
//! The document is made of the handlers themselves, and of what the extractors and the middleware answer for all of
//! them. It holds no secret and nothing of this appliance's data, so everybody may read it.

pub mod commands;
mod complete;
mod document;
mod page;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

pub use document::document;

use crate::http::caching::{accepts_gzip, has_tag};
use document::TEXT;
use page::show_docs;

/// The routes.
pub fn routes() -> Router {
    Router::new().route("/api/openapi.json", get(get_document)).route("/api/docs", get(show_docs))
}

async fn get_document(headers: HeaderMap) -> Response {
    let gzip = TEXT.gzip.as_ref().filter(|_| accepts_gzip(&headers));
    let (tag, body) = gzip.map_or((&TEXT.tags[0], &TEXT.plain), |gzip| (&TEXT.tags[1], gzip));
    let mut response = match has_tag(&headers, TEXT.tags.each_ref().map(String::as_str)) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Response::new(Body::from(body.clone())),
    };
    let fixed = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300, must-revalidate"),
        (header::VARY, "Accept-Encoding"),
    ];
    let answer = response.headers_mut();
    answer.extend(fixed.map(|(name, value)| (name, HeaderValue::from_static(value))));
    answer.extend(HeaderValue::try_from(tag).ok().map(|tag| (header::ETAG, tag)));
    if gzip.is_some() && response.status() == StatusCode::OK {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
