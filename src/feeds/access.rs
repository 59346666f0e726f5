//! How to get in at a site, as somebody says it: a login form, basic authentication, headers. What is absent stays as it
//! is; a password is sealed before it is kept.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use super::feed::{BasicLogin, FormLogin};
use super::rules::FeedRequest;
use super::{Feed, FeedError};
use crate::seal::{Sealed, Sealer};
use crate::secret::Secret;

/// A login form. To name one for the first time, `url`, `username` and `password` must be there.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// The page with the form.
    pub url: Option<String>,
    /// The name to sign in with.
    pub username: Option<String>,
    /// The password.
    pub password: Option<Secret<String>>,
    /// The form's field for the name.
    pub username_field: Option<String>,
    /// The form's field for the password.
    pub password_field: Option<String>,
    /// Further fields, all of them.
    pub extra: Option<BTreeMap<String, String>>,
}

/// Basic authentication. To name it for the first time, both must be there.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BasicRequest {
    /// The user.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret<String>>,
}

/// What is needed to get in.
pub(super) fn patch_access(feed: &mut Feed, request: &FeedRequest, sealer: &Sealer) -> Result<(), FeedError> {
    if let Some(login) = &request.login {
        feed.login = login.as_ref().map(|login| sealed_login(login, feed.login.as_ref(), sealer)).transpose()?;
    }
    if let Some(basic) = &request.basic {
        feed.basic = basic.as_ref().map(|basic| sealed_basic(basic, feed.basic.as_ref(), sealer)).transpose()?;
    }
    if let Some(headers) = &request.headers {
        let seal = |(name, value): (&String, &Secret<String>)| {
            check_header(name, value)?;
            Ok::<_, FeedError>((name.clone(), sealer.seal(value)?))
        };
        feed.headers = headers.iter().map(seal).collect::<Result<_, _>>()?;
    }
    if let Some(user_agent) = &request.user_agent {
        if let Some(value) = user_agent {
            check_header("User-Agent", &Secret::new(value.clone()))?;
        }
        feed.user_agent = user_agent.clone();
    }
    Ok(())
}

fn sealed_login(login: &LoginRequest, present: Option<&FormLogin>, sealer: &Sealer) -> Result<FormLogin, FeedError> {
    let url = login.url.as_deref().map(|url| checked_url("login.url", url)).transpose()?;
    let username = said("login.username", login.username.clone(), present.map(|login| login.username.clone()))?;
    if username.is_empty() {
        return Err(FeedError::bad("login.username", "is empty"));
    }
    let extra = login.extra.clone().map(|extra| extra.into_iter().collect());
    Ok(FormLogin {
        url: said("login.url", url, present.map(|login| login.url.clone()))?,
        username,
        password: sealed("login.password", &login.password, present.map(|login| &login.password), sealer)?,
        username_field: login.username_field.clone().or(present.and_then(|login| login.username_field.clone())),
        password_field: login.password_field.clone().or(present.and_then(|login| login.password_field.clone())),
        extra: extra.or(present.map(|login| login.extra.clone())).unwrap_or_default(),
    })
}

fn sealed_basic(basic: &BasicRequest, present: Option<&BasicLogin>, sealer: &Sealer) -> Result<BasicLogin, FeedError> {
    Ok(BasicLogin {
        user: said("basic.user", basic.user.clone(), present.map(|basic| basic.user.clone()))?,
        password: sealed("basic.password", &basic.password, present.map(|basic| &basic.password), sealer)?,
    })
}

/// What somebody says, else what is there already.
fn said<T>(field: &str, new: Option<T>, present: Option<T>) -> Result<T, FeedError> {
    new.or(present).ok_or_else(|| FeedError::bad(field, "is missing"))
}

fn sealed(
    field: &str,
    new: &Option<Secret<String>>,
    present: Option<&Sealed>,
    sealer: &Sealer,
) -> Result<Sealed, FeedError> {
    let new = new.as_ref().map(|password| sealer.seal(password)).transpose()?;
    said(field, new, present.cloned())
}

/// An address of a site: http or https, and no password in it.
pub(super) fn checked_url(field: &str, text: &str) -> Result<Url, FeedError> {
    let text = text.trim();
    let text = text.strip_prefix("webcal://").map_or_else(|| text.to_owned(), |rest| format!("https://{rest}"));
    let url = Url::parse(&text).map_err(|error| FeedError::bad(field, format!("not an address: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(FeedError::bad(field, "an http:// or https:// address"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FeedError::bad(field, "has a password in it: give it as basic authentication (--basic-user)"));
    }
    Ok(url)
}

fn check_header(name: &str, value: &Secret<String>) -> Result<(), FeedError> {
    let name_is_good = axum::http::HeaderName::try_from(name).is_ok();
    let ours = ["host", "content-length", "transfer-encoding", "connection", "cookie"];
    if !name_is_good || ours.iter().any(|our| name.eq_ignore_ascii_case(our)) {
        return Err(FeedError::bad("headers", format!("{name:?} cannot be set")));
    }
    match axum::http::HeaderValue::try_from(value.expose().as_str()) {
        Ok(_) => Ok(()),
        Err(_) => {
            Err(FeedError::bad("headers", format!("the value of {name:?} has characters that a header cannot have")))
        }
    }
}
