//! A redirect after a form, and what the next page says of it, once: `Saved`, `Moved. Undo`.
//!
//! A cookie of a minute carries a notice's name, the slug that it is about and the path of an undo. It is taken away by the
//! page that shows it. What it holds is chosen among our own texts or checked here, so that it puts no words and no way
//! out into a page, whoever has written it.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::pieces::class_of;
use crate::http::session::{notice_of, set_notice};
use crate::words::{Notice, Words};

/// The longest slug, and the longest path, that a notice carries.
const LONGEST: usize = 200;

/// On to a page, where something is said once.
#[derive(Clone, Debug)]
pub struct Then {
    to: String,
    secure: bool,
    said: Said,
}

/// What is said once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    notice: Notice,
    about: String,
    undo: String,
}

impl Then {
    pub(in crate::http) fn new(to: &str, notice: Notice, secure: bool) -> Self {
        Self { to: to.to_owned(), secure, said: Said { notice, about: String::new(), undo: String::new() } }
    }

    /// The slug or the login of what it is about, which stands before the text.
    pub fn about(mut self, slug: &str) -> Self {
        self.said.about = slug.to_owned();
        self
    }

    /// A path that takes it back when a form is posted to it; without a query.
    pub fn undo(mut self, path: &str) -> Self {
        self.said.undo = path.to_owned();
        self
    }
}

impl IntoResponse for Then {
    fn into_response(self) -> Response {
        let mut response = Redirect::to(&self.to).into_response();
        response
            .headers_mut()
            .extend(set_notice(&self.said.value(), self.secure).map(|value| (header::SET_COOKIE, value)));
        response
    }
}

impl Said {
    fn value(&self) -> String {
        format!("{}|{}|{}", self.notice.name(), self.about, self.undo)
    }

    /// What a request's cookie says; nothing where it is not one of ours.
    pub(in crate::http) fn read(headers: &HeaderMap, secure: bool) -> Option<Self> {
        let mut parts = notice_of(headers, secure)?.split('|');
        let notice = Notice::of_name(parts.next()?)?;
        let (about, undo) = (parts.next()?, parts.next()?);
        let good = parts.next().is_none() && is_slug(about) && is_path(undo);
        good.then(|| Self { notice, about: about.to_owned(), undo: undo.to_owned() })
    }

    /// Takes the cookie away.
    pub(super) fn forgotten(secure: bool) -> Option<HeaderValue> {
        set_notice("", secure)
    }

    pub(super) fn draw(&self, words: &Words) -> Markup {
        html! {
            div .note.said-once.(class_of(self.notice.tone())) role="status" {
                p { @if !self.about.is_empty() { strong { (self.about) } (words.shell.colon) } (self.notice.text(words)) }
                @if !self.undo.is_empty() {
                    form method="post" action=(self.undo) { button .plain type="submit" { (words.shell.undo) } }
                }
            }
        }
    }
}

fn is_slug(text: &str) -> bool {
    text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn is_path(text: &str) -> bool {
    let rest = match text.strip_prefix('/') {
        Some(rest) => rest,
        None => return text.is_empty(),
    };
    !rest.starts_with('/') && rest.split('/').all(is_slug) && rest.len() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<Said> {
        let headers = [(header::COOKIE, HeaderValue::try_from(format!("carillon-notice={value}")).unwrap())];
        Said::read(&HeaderMap::from_iter(headers), false)
    }

    #[test]
    fn what_is_said_is_one_of_our_own_texts() {
        assert_eq!(read("FeedPaused|site|").unwrap().notice, Notice::FeedPaused);
        assert_eq!(read("FeedPaused|site|/events/e_1/undo").unwrap().undo, "/events/e_1/undo");
        for bad in [
            "Hello|site|",
            "FeedPaused|<b>|",
            "FeedPaused",
            "FeedPaused||//evil.example",
            "FeedPaused||x",
            "FeedPaused|||",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_sent_is_what_is_read() {
        let then = Then::new("/rooms", Notice::FeedHeld, false).about("m2-fesup").undo("/events/e_1/undo");
        let said = then.said.clone();
        let response = then.into_response();
        assert_eq!(
            (response.status().as_u16(), &response.headers()[header::LOCATION]),
            (303, &HeaderValue::from_static("/rooms"))
        );
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        assert_eq!(read(cookie.split(['=', ';']).nth(1).unwrap()), Some(said));
    }
}
