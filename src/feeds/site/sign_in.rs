//! Signing in at a site's form: read the page, fill in the form, send it once.

use url::Url;

use super::answer::{asks_password, failed_status};
use super::paced::Paced;
use super::source::{Login, Source};
use super::{Failure, FailureClass};
use crate::feeds::form::{LoginForm, read_login_form};
use crate::fetch::{FetchRequest, FetchResponse, Jar, new_jar, shown};

/// Signs in and hands back the cookies of the new session. One POST, whatever happens.
pub(super) async fn sign_in(paced: &Paced, source: &Source, login: &Login) -> Result<Jar, Failure> {
    let ready = open_form(paced, source, login).await?;
    send_form(paced, source, ready).await
}

/// A form that is ready to be sent, with the cookies that came along with it.
pub(super) struct Ready {
    jar: Jar,
    filled: Filled,
}

struct Filled {
    target: Url,
    post: bool,
    fields: Vec<(String, String)>,
}

/// Reads the sign-in page and fills in its form.
pub(super) async fn open_form(paced: &Paced, source: &Source, login: &Login) -> Result<Ready, Failure> {
    let jar = new_jar();
    let page = paced.send(source.get(login.url.clone(), &jar)).await?;
    let filled = fill_in(source, login, &page)?;
    Ok(Ready { jar, filled })
}

/// Sends the form, once.
pub(super) async fn send_form(paced: &Paced, source: &Source, Ready { jar, filled }: Ready) -> Result<Jar, Failure> {
    let request = if filled.post {
        FetchRequest { form: Some(filled.fields), ..source.get(filled.target, &jar) }
    } else {
        source.get(with_query(filled.target, &filled.fields), &jar)
    };
    let answer = paced.send(request).await?;
    check(&answer).map(|()| jar)
}

/// Fills in the page's form; without one, the sign-in address is posted to when both field names are known.
fn fill_in(source: &Source, login: &Login, page: &FetchResponse) -> Result<Filled, Failure> {
    if !matches!(page.status, 200..=299 | 401 | 403) {
        return Err(failed_status(page));
    }
    let form = match read_login_form(&page.body) {
        Some(form) => form,
        None if login.username_field.is_some() && login.password_field.is_some() => blind_form(login),
        None => {
            return Err(refusal(format!("no sign-in form is at {}", shown(&page.url))));
        }
    };
    let target = target_of(source, &form, page)?;
    Ok(Filled { target, post: form.method_post, fields: fields_of(login, form)? })
}

fn blind_form(login: &Login) -> LoginForm {
    LoginForm { action: Some(login.url.to_string()), method_post: true, ..LoginForm::default() }
}

/// The password goes only to the origins that the administrator named.
fn target_of(source: &Source, form: &LoginForm, page: &FetchResponse) -> Result<Url, Failure> {
    let target = resolve(form, &page.url)
        .map_err(|_| refusal(format!("the sign-in form at {} leads nowhere", shown(&page.url))))?;
    if !source.trusted().contains(&target.origin()) {
        let (at, to) = (shown(&page.url), shown(&target));
        return Err(refusal(format!("the sign-in form at {at} would send the password to another site, {to}")));
    }
    Ok(target)
}

/// An empty action is the page itself; a relative one counts from the page's base (HTML, 4.10.21.3).
fn resolve(form: &LoginForm, page: &Url) -> Result<Url, url::ParseError> {
    match (form.action.as_deref().unwrap_or_default(), &form.base) {
        ("", _) => Ok(page.clone()),
        (action, Some(base)) => page.join(base)?.join(action),
        (action, None) => page.join(action),
    }
}

/// The form's own fields, then user and password, then the extra ones; a later field replaces the earlier of its name.
fn fields_of(login: &Login, form: LoginForm) -> Result<Vec<(String, String)>, Failure> {
    let username_field = login.username_field.clone().or(form.username_field);
    let password_field = login.password_field.clone().or(form.password_field);
    let password_field =
        password_field.ok_or_else(|| refusal("the sign-in form's password field has no name: set one"))?;
    let mut ours: Vec<(String, String)> =
        username_field.into_iter().map(|name| (name, login.username.clone())).collect();
    ours.push((password_field, login.password.expose().clone()));
    ours.retain(|(name, _)| login.extra.iter().all(|(extra, _)| extra != name));
    ours.extend(login.extra.iter().cloned());
    let mut fields = form.fields;
    fields.retain(|(name, _)| ours.iter().all(|(our, _)| our != name));
    fields.extend(ours);
    Ok(fields)
}

/// As a browser sends a form with GET: the fields take the place of the query.
fn with_query(mut target: Url, fields: &[(String, String)]) -> Url {
    target.query_pairs_mut().clear().extend_pairs(fields);
    target
}

/// A site that shows its form again has not let us in. What else the page after the sign-in says does not matter: the
/// calendar will tell.
fn check(answer: &FetchResponse) -> Result<(), Failure> {
    let gone = matches!(answer.status, 404 | 410) && answer.redirects == 0;
    match answer.status {
        401 | 403 => Err(refusal(format!(
            "the site refuses the sign-in at {} (status {}): is the password still right?",
            shown(&answer.url),
            answer.status
        ))),
        _ if asks_password(answer) => {
            Err(refusal("the site shows its sign-in form again: is the password still right?"))
        }
        429 | 500.. => Err(failed_status(answer)),
        _ if gone => Err(failed_status(answer)),
        _ => Ok(()),
    }
}

fn refusal(detail: impl Into<String>) -> Failure {
    Failure::new(FailureClass::SignIn, detail)
}
