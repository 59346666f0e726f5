//! A visit of a page: who looks, in which language, and from where they can be sent back.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use chrono::{DateTime, NaiveDate, Utc};

use super::page::{Said, Then};
use super::session::cookie_of;
use crate::actor::{Actor, Caller};
use crate::app::App;
use crate::words::{Notice, Words, preferred};

/// What every page needs to know of the one who looks at it.
pub struct Visit {
    /// The floor.
    pub app: App,
    /// In the browser's language, else in the site's.
    pub words: &'static Words,
    /// Who looks.
    pub caller: Caller,
    /// The page's path and query: where signing in leads back to.
    pub here: String,
    /// A cookie came along that opens nothing any more.
    pub expired: bool,
    /// What the form before this page has done; said once.
    pub said: Option<Said>,
    /// The browser takes gzip.
    pub takes_gzip: bool,
    /// When.
    pub now: DateTime<Utc>,
}

impl Visit {
    /// Reads a request's head.
    pub fn new(app: &App, caller: Caller, here: &str, headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self {
            words: Words::of(preferred(accept).unwrap_or(app.config().language)),
            here: here.to_owned(),
            expired: caller.actor == Actor::Nobody
                && cookie_of(headers, app.is_secure()).is_some_and(|cookie| !cookie.is_empty()),
            said: Said::read(headers, app.is_secure()),
            takes_gzip: super::caching::accepts_gzip(headers),
            now: app.clock.now_secs(),
            caller,
            app: app.clone(),
        }
    }

    /// The login of whoever has signed in.
    pub fn login(&self) -> Option<&str> {
        match &self.caller.actor {
            Actor::User { login, .. } => Some(login),
            _ => None,
        }
    }

    /// The page's path, without its query.
    pub fn path(&self) -> &str {
        self.here.split('?').next().unwrap_or_default()
    }

    /// On to a page after a form, with something to say there, once.
    pub fn then(&self, to: &str, notice: Notice) -> Then {
        Then::new(to, notice, self.is_secure())
    }

    /// Today, in the site's zone.
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.app.zone()).date_naive()
    }

    /// The cookie goes over TLS alone where people find us by TLS.
    pub fn is_secure(&self) -> bool {
        self.app.is_secure()
    }

    /// Signing in first, then back to this page.
    pub fn sign_in_first(&self) -> Response {
        Redirect::to(&sign_in_link(&self.here)).into_response()
    }
}

/// The sign-in page that leads back to a path.
pub fn sign_in_link(here: &str) -> String {
    match here {
        "/" | "" => "/login".to_owned(),
        _ => format!("/login?next={}", url::form_urlencoded::byte_serialize(here.as_bytes()).collect::<String>()),
    }
}

/// A path of ours that somebody may be sent on to, else the front page. Browsers read `//` and `/\` as another host, and
/// drop tabs and line ends on the way.
pub fn local_path(next: &str) -> &str {
    let rest = next.strip_prefix('/').filter(|rest| !rest.starts_with(['/', '\\']));
    match rest {
        Some(_) if next.bytes().all(|byte| (0x21..0x7f).contains(&byte) && byte != b'\\') => next,
        _ => "/",
    }
}

impl<S> FromRequestParts<S> for Visit
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let here = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self::new(&App::from_ref(state), caller, here, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_on_to_another_host() {
        for good in ["/", "/admin", "/c/m2?x=1#y", "/c/%2F%2Fevil"] {
            assert_eq!(local_path(good), good);
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "evil",
            "/\t/evil.example",
            "/a\r\nb",
            "/é",
        ] {
            assert_eq!(local_path(bad), "/", "{bad:?}");
        }
    }

    #[test]
    fn a_page_with_a_query_survives_the_sign_in() {
        assert_eq!(sign_in_link("/c/m2?a=1&b=2"), "/login?next=%2Fc%2Fm2%3Fa%3D1%26b%3D2");
        assert_eq!(sign_in_link("/"), "/login");
    }
}
