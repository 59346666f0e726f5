//! The files that pages need: one style, one script, one icon; and the reader of the interface's document. They are in the binary, and each name holds a hash of its
//! content, so that a browser asks once and an upgrade is seen at once.

use std::io::Read;
use std::sync::LazyLock;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use flate2::read::GzDecoder;

use super::Problem;
use super::caching::accepts_gzip;
use super::page::gzip_once;
use crate::secret::Fingerprint;

/// The style of every page.
pub static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("style", "css", "text/css; charset=utf-8", STYLES.as_bytes()));
/// What pages do better with scripts.
pub static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("script", "js", "text/javascript; charset=utf-8", SCRIPTS.as_bytes()));
/// The icon in the browser's tab.
pub static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_bytes!("assets/icon.svg")));

/// The reader of `/api/docs`; where it comes from is in `src/http/assets/rapidoc.md`.
pub static RAPIDOC: LazyLock<Asset> = LazyLock::new(|| {
    Asset::packed("rapidoc", "js", "text/javascript; charset=utf-8", include_bytes!("assets/rapidoc.js.gz"))
});

/// The style by area, joined: what a file says of colours and sizes, those below it may use.
const STYLES: &str = concat!(
    include_str!("assets/style/base.css"),
    include_str!("assets/style/shell.css"),
    include_str!("assets/style/form.css"),
    include_str!("assets/style/pieces.css"),
    include_str!("assets/style/calendar.css"),
    include_str!("assets/style/places.css"),
    include_str!("assets/style/board.css"),
    include_str!("assets/style/subscribe.css"),
    include_str!("assets/style/edit.css"),
    include_str!("assets/style/status.css"),
    include_str!("assets/style/cards.css"),
    include_str!("assets/style/print.css"),
);
/// The script by area, joined. Each file is a block of its own, so that no name meets another.
const SCRIPTS: &str = concat!(
    include_str!("assets/script/start.js"),
    include_str!("assets/script/form.js"),
    include_str!("assets/script/copy.js"),
    include_str!("assets/script/print.js"),
    include_str!("assets/script/setup.js"),
    include_str!("assets/script/board.js"),
);

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const A_DAY: &str = "public, max-age=86400";
/// Subscribed calendars must stay open to robots: Google's reads this file before it fetches one for somebody.
const ROBOTS: &str = "User-agent: *\nDisallow: /admin\nDisallow: /login\nDisallow: /setup\nDisallow: /api/\n";

/// A file of the binary.
pub struct Asset {
    name: String,
    content_type: &'static str,
    body: Content,
}

/// The bytes of a file.
enum Content {
    /// As they are, and compressed where that worked.
    Plain(&'static [u8], Option<Bytes>),
    /// Compressed in the binary; what they are is found out for whoever takes no gzip.
    Packed(&'static [u8]),
}

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, plain: &'static [u8]) -> Self {
        let body = Content::Plain(plain, gzip_once(plain).map(Bytes::from));
        Self { name: name_of(stem, extension, plain), content_type, body }
    }

    fn packed(stem: &str, extension: &str, content_type: &'static str, packed: &'static [u8]) -> Self {
        Self { name: name_of(stem, extension, packed), content_type, body: Content::Packed(packed) }
    }

    /// Its address.
    pub fn path(&self) -> String {
        format!("/assets/{}", self.name)
    }

    fn response(&self, headers: &HeaderMap, caching: &'static str) -> Response {
        let (bytes, compressed) = self.body.bytes(accepts_gzip(headers));
        let mut response = Response::new(Body::from(bytes));
        let fixed = [
            (header::CONTENT_TYPE, self.content_type),
            (header::CACHE_CONTROL, caching),
            (header::VARY, "Accept-Encoding"),
            // An SVG that is opened by itself is a document.
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
        ];
        response.headers_mut().extend(fixed.map(|(name, value)| (name, HeaderValue::from_static(value))));
        if compressed {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}

impl Content {
    /// What goes out, and whether it is compressed.
    fn bytes(&self, takes_gzip: bool) -> (Bytes, bool) {
        match self {
            Self::Plain(_, Some(gzip)) if takes_gzip => (gzip.clone(), true),
            Self::Plain(plain, _) => (Bytes::from_static(plain), false),
            Self::Packed(packed) if takes_gzip => (Bytes::from_static(packed), true),
            Self::Packed(packed) => (unpacked(packed), false),
        }
    }
}

fn unpacked(packed: &[u8]) -> Bytes {
    let mut plain = Vec::new();
    // Bytes of this binary: reading them cannot fail.
    let _ = GzDecoder::new(packed).read_to_end(&mut plain);
    plain.into()
}

fn name_of(stem: &str, extension: &str, bytes: &[u8]) -> String {
    let hash: String = Fingerprint::of_bytes(bytes).to_text().chars().take(10).collect();
    format!("{stem}-{hash}.{extension}")
}

/// The routes of files.
pub fn routes() -> Router {
    Router::new()
        .route("/assets/{name}", get(get_asset))
        .route("/favicon.ico", get(get_favicon))
        .route("/robots.txt", get(async || ([(header::CACHE_CONTROL, A_DAY)], ROBOTS)))
}

async fn get_asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let all = [&*STYLE, &*SCRIPT, &*ICON, &*RAPIDOC];
    match all.into_iter().find(|asset| asset.name == name) {
        Some(asset) => asset.response(&headers, FOR_EVER),
        None => Problem::new(StatusCode::NOT_FOUND, "there is no such file").into_response(),
    }
}

async fn get_favicon(headers: HeaderMap) -> Response {
    ICON.response(&headers, A_DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_brings_along_is_small() {
        assert!(SCRIPTS.len() < 15 * 1024, "{}", SCRIPTS.len());
        let packed = gzip_once(STYLES.as_bytes()).map_or(0, |packed| packed.len());
        assert!(packed < 10 * 1024, "{packed}");
    }
}
