//! `/api/docs`: the document for people, with a way to try it.
//!
//! The reader is one script of this binary (`src/http/assets/rapidoc.md`). The page asks nobody else for anything, and
//! its policy holds that, whatever the script would like. Without scripts there is the link to the document.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, PreEscaped, html};

use crate::http::assets::{ICON, RAPIDOC, STYLE};

/// The reader writes its styles into the page; scripts come from here alone, and so does what they ask for.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/// How the reader looks, and what it may not do: another document, other servers, fonts of another host.
const READER: &str = "<rapi-doc spec-url=\"/api/openapi.json\" render-style=\"read\" theme=\"light\" \
    load-fonts=\"false\" regular-font=\"system-ui, sans-serif\" mono-font=\"ui-monospace, monospace\" \
    allow-spec-url-load=\"false\" allow-spec-file-load=\"false\" allow-server-selection=\"false\" \
    allow-authentication=\"true\" persist-auth=\"false\" fetch-credentials=\"same-origin\" show-header=\"false\" \
    schema-style=\"table\" sort-tags=\"false\"></rapi-doc>";

pub(super) async fn show_docs() -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "REST · Carillon" }
                link rel="icon" type="image/svg+xml" href=(ICON.path());
                noscript { link rel="stylesheet" href=(STYLE.path()); }
                script src=(RAPIDOC.path()) defer {}
            }
            body {
                noscript {
                    main {
                        h1 { "REST" }
                        p { "This page needs scripts. The document itself is at " a href="/api/openapi.json" { "/api/openapi.json" } "." }
                    }
                }
                (PreEscaped(READER))
            }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers.map(|(name, value)| (name, HeaderValue::from_static(value))), page.into_string()).into_response()
}
