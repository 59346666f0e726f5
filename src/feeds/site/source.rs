//! Where a feed's calendar is, and what is needed to get it.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use url::{Origin, Url};

use super::Validators;
use crate::fetch::{FetchRequest, Jar, shown};
use crate::secret::Secret;

/// An upstream calendar's address with everything that is sent along.
#[derive(Clone)]
pub struct Source {
    pub url: Url,
    pub login: Option<Login>,
    pub basic: Option<Basic>,
    pub headers: Vec<(String, Secret<String>)>,
    pub user_agent: Option<String>,
}

/// How to sign in at the site's form.
#[derive(Clone)]
pub struct Login {
    /// The page with the form.
    pub url: Url,
    pub username: String,
    pub password: Secret<String>,
    /// The form's own names are taken where none are given.
    pub username_field: Option<String>,
    pub password_field: Option<String>,
    /// Fields to send besides, in place of the form's own of the same name.
    pub extra: Vec<(String, String)>,
}

/// Basic authentication (RFC 7617), in UTF-8.
#[derive(Clone, Debug)]
pub struct Basic {
    pub user: String,
    pub password: Secret<String>,
}

impl Source {
    /// The origins that see credentials, extra headers and cookies: the feed's and the sign-in page's.
    pub(super) fn trusted(&self) -> Vec<Origin> {
        let mut trusted = vec![self.url.origin()];
        trusted.extend(self.login.as_ref().map(|login| login.url.origin()));
        trusted
    }

    /// A GET of an address of this site, with this source's headers and the session's cookies.
    pub(super) fn get(&self, url: Url, jar: &Jar) -> FetchRequest {
        FetchRequest {
            headers: self.headers_to_send(),
            user_agent: self.user_agent.clone(),
            jar: Some(jar.clone()),
            trusted: self.trusted(),
            ..FetchRequest::get(url)
        }
    }

    /// A GET of the calendar, conditional when its validators are known.
    pub(super) fn get_calendar(&self, validators: &Validators, jar: &Jar) -> FetchRequest {
        FetchRequest {
            if_none_match: validators.etag.clone(),
            if_modified_since: validators.last_modified.clone(),
            ..self.get(self.url.clone(), jar)
        }
    }

    fn headers_to_send(&self) -> Vec<(String, Secret<String>)> {
        let mut headers = self.headers.clone();
        headers.extend(self.basic.as_ref().map(|basic| ("authorization".to_owned(), basic.header())));
        headers
    }
}

impl Basic {
    fn header(&self) -> Secret<String> {
        let pair = format!("{}:{}", self.user, self.password.expose());
        Secret::new(format!("Basic {}", BASE64_STANDARD.encode(pair)))
    }
}

impl Login {
    /// Whether a session that was opened with `other` is this one's too.
    pub(super) fn same_as(&self, other: &Login) -> bool {
        let plain = |login: &Login| {
            (
                login.url.clone(),
                login.username.clone(),
                login.username_field.clone(),
                login.password_field.clone(),
                login.extra.clone(),
            )
        };
        plain(self) == plain(other) && self.password.expose() == other.password.expose()
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("url", &shown(&self.url)).field("login", &self.login).finish_non_exhaustive()
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("url", &shown(&self.url))
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}
