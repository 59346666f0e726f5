//! The shell of every page: head, header, what is said once, main, footer; and the headers that go with HTML.
//!
//! No script and no style stands in a page, and no page asks another host for anything: the policy says so to browsers.
//! A page is `visit.page(title, main)`; one of the administration, `visit.admin_page(title, main)`, stands in its frame.

pub mod address;
mod confirm;
mod navigation;
mod notice;
pub mod pieces;
pub mod trouble;

use std::io::Write;

pub use confirm::Confirm;
pub use notice::{Said, Then};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use maud::{DOCTYPE, Markup, html};

use navigation::{administration_ways, main_ways};

use super::assets::{ICON, SCRIPT, STYLE};
use super::visit::{Visit, sign_in_link};
use crate::config::Language;

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// Shorter pages gain nothing.
const GZIP_FROM_BYTES: usize = 1024;

impl Visit {
    /// A whole page, 200 unless somebody says otherwise.
    pub fn page(&self, title: &str, main: Markup) -> Response {
        let html = self.shell(title, main).into_string().into_bytes();
        let gzip =
            Some(&html).filter(|html| self.takes_gzip && html.len() >= GZIP_FROM_BYTES).and_then(|html| gzip(html));
        let mut response = Response::new(Body::empty());
        set_headers(response.headers_mut(), self.login().is_some());
        if gzip.is_some() {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if self.said.is_some() {
            response.headers_mut().extend(Said::forgotten(self.is_secure()).map(|value| (header::SET_COOKIE, value)));
        }
        *response.body_mut() = Body::from(gzip.unwrap_or(html));
        response
    }

    /// A page of the administration: in its frame, with the ways to the others.
    pub fn admin_page(&self, title: &str, main: Markup) -> Response {
        let framed = html! {
            div .framed {
                (administration_ways(self))
                div .frame { (main) }
            }
        };
        self.page(title, framed)
    }

    fn shell(&self, title: &str, main: Markup) -> Markup {
        let words = self.words;
        let language = if words.language == Language::Fr { "fr" } else { "en" };
        html! {
            (DOCTYPE)
            html lang=(language) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { @if title == "Carillon" { (title) } @else { (title) " · Carillon" } }
                    link rel="stylesheet" href=(STYLE.path());
                    link rel="icon" type="image/svg+xml" href=(ICON.path());
                    script src=(SCRIPT.path()) defer {}
                }
                body {
                    a .skip href="#main" { (words.shell.skip) }
                    header .top { (self.header()) }
                    main #main tabindex="-1" {
                        @if let Some(said) = &self.said { (said.draw(words)) }
                        (main)
                    }
                    footer { p { "Carillon · " (words.times_are_of(self.app.zone().name())) } }
                }
            }
        }
    }

    fn header(&self) -> Markup {
        let words = self.words;
        html! {
            a .home href="/" { "Carillon" }
            nav .ways aria-label=(words.shell.navigation) { (main_ways(self)) }
            div .who {
                @match self.login() {
                    Some(login) => {
                        a .me href="/me" title=(words.signed_in_as(login)) aria-current=[(self.path() == "/me").then_some("page")] {
                            span .unseen { (words.shell.my_account) (words.shell.colon) } (login)
                        }
                        form method="post" action="/logout" {
                            button .plain type="submit" { (words.shell.sign_out) }
                        }
                    }
                    None if self.path() == "/login" => {}
                    None => { a href=(sign_in_link(&self.here)) { (words.shell.sign_in) } }
                }
            }
        }
    }
}

/// A page of somebody who has signed in is kept nowhere.
fn set_headers(headers: &mut HeaderMap, signed_in: bool) {
    let fixed = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "same-origin"),
        (header::VARY, "Accept, Accept-Encoding, Accept-Language, Cookie"),
        (header::CACHE_CONTROL, if signed_in { "no-store" } else { "no-cache" }),
        (HeaderName::from_static("x-content-type-options"), "nosniff"),
    ];
    headers.extend(fixed.map(|(name, value)| (name, HeaderValue::from_static(value))));
}

/// Compressed, or nothing where that fails: the page goes out as it is then.
pub fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    packed(bytes, Compression::fast())
}

/// The same as small as it gets, for what is compressed once and sent often.
pub fn gzip_once(bytes: &[u8]) -> Option<Vec<u8>> {
    packed(bytes, Compression::best())
}

fn packed(bytes: &[u8], level: Compression) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}
