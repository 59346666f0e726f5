//! Judges what came for a calendar's address. A sign-in page with status 200 is a failure, never a calendar.

use super::source::Source;
use super::{Failure, FailureClass, Fetched, Validators};
use crate::feeds::form::{begins_like_calendar, has_password_field, looks_like_html, trimmed};
use crate::fetch::{FetchResponse, shown};

/// What an answer means for the fetch, and for the session that it was asked with.
pub(super) enum Verdict {
    Good(Fetched),
    /// It would do, but a signed-out visitor might get the same: with an old session, sign in and look again.
    Doubtful(Fetched),
    /// It looks as if the session were gone.
    SignedOut(Failure),
    /// Signing in again would not help.
    Failed(Failure),
}

impl Verdict {
    /// The verdict when nothing more will be tried.
    pub(super) fn last_word(self) -> Result<Fetched, Failure> {
        match self {
            Verdict::Good(fetched) | Verdict::Doubtful(fetched) => Ok(fetched),
            Verdict::SignedOut(failure) | Verdict::Failed(failure) => Err(failure),
        }
    }
}

/// Judges the answer to a GET of the calendar. "Not modified" counts only where validators were sent.
pub(super) fn judge(source: &Source, validators: &Validators, answer: FetchResponse) -> Verdict {
    match answer.status {
        304 if *validators != Validators::default() => Verdict::Good(Fetched::NotModified),
        200..=299 if begins_like_calendar(&answer.body) => Verdict::Good(body_of(answer)),
        401 | 403 => Verdict::SignedOut(refused(source, &answer)),
        404 | 410 if asks_password(&answer) => Verdict::SignedOut(failed_status(&answer)),
        404 | 410 => Verdict::Failed(failed_status(&answer)),
        ..500 if is_login_page(source, &answer) => Verdict::SignedOut(login_page(source, &answer)),
        200..=299 => judge_content(answer),
        _ => Verdict::Failed(failed_status(&answer)),
    }
}

fn judge_content(answer: FetchResponse) -> Verdict {
    let not_a_calendar = |detail: String| Verdict::SignedOut(Failure::new(FailureClass::NotACalendar, detail));
    if trimmed(&answer.body).is_empty() {
        not_a_calendar(format!("empty answer from {}", shown(&answer.url)))
    } else if looks_like_html(&answer.body, answer.content_type.as_deref()) {
        not_a_calendar(format!("a web page came instead of a calendar from {}", shown(&answer.url)))
    } else if said_calendar(&answer) {
        Verdict::Good(body_of(answer))
    } else {
        Verdict::Doubtful(body_of(answer))
    }
}

fn said_calendar(answer: &FetchResponse) -> bool {
    let said = answer.content_type.as_deref().unwrap_or_default();
    said.trim_start().get(.."text/calendar".len()).is_some_and(|start| start.eq_ignore_ascii_case("text/calendar"))
}

/// A page that asks for a password, or a redirect that ended at the sign-in page.
fn is_login_page(source: &Source, answer: &FetchResponse) -> bool {
    let at_login = |login_url: &url::Url| {
        answer.redirects > 0 && same_place(login_url, &answer.url) && !same_place(login_url, &source.url)
    };
    source.login.as_ref().is_some_and(|login| at_login(&login.url)) || asks_password(answer)
}

/// An answer that is a web page with a password control.
pub(super) fn asks_password(answer: &FetchResponse) -> bool {
    looks_like_html(&answer.body, answer.content_type.as_deref()) && has_password_field(&answer.body)
}

fn same_place(one: &url::Url, other: &url::Url) -> bool {
    one.origin() == other.origin() && one.path() == other.path()
}

fn login_page(source: &Source, answer: &FetchResponse) -> Failure {
    let at = shown(&answer.url);
    let detail = match source.login {
        Some(_) => {
            format!("the site still asks for a sign-in at {at} after the sign-in: is the password still right?")
        }
        None => format!("the site asks for a sign-in at {at}"),
    };
    Failure::new(FailureClass::SignIn, detail)
}

fn refused(source: &Source, answer: &FetchResponse) -> Failure {
    let (status, at) = (answer.status, shown(&answer.url));
    let detail = match (&source.login, &source.basic) {
        (None, None) => format!("the site asks for a sign-in at {at} (status {status})"),
        _ if !source.trusted().contains(&answer.url.origin()) => {
            format!(
                "{at} asks for a sign-in (status {status}), but passwords are sent only to the site that the feed names"
            )
        }
        (Some(_), _) => format!("the site refuses {at} after the sign-in (status {status})"),
        (None, Some(_)) => {
            format!("the site refuses the user name and password at {at} (status {status})")
        }
    };
    Failure::new(FailureClass::SignIn, detail)
}

/// A status that is no answer: gone or redirecting nowhere, otherwise a site that cannot answer now.
pub(super) fn failed_status(answer: &FetchResponse) -> Failure {
    let (status, at) = (answer.status, shown(&answer.url));
    match status {
        404 | 410 => Failure::new(FailureClass::Moved, format!("nothing is at {at} any more (status {status})")),
        300..=303 | 305..=399 => {
            Failure::new(FailureClass::Moved, format!("{at} redirects to nowhere (status {status})"))
        }
        _ => Failure {
            retry_after_secs: answer.retry_after_secs,
            ..Failure::new(FailureClass::Network, format!("{at} answered with status {status}"))
        },
    }
}

fn body_of(answer: FetchResponse) -> Fetched {
    let validators = Validators { etag: answer.etag, last_modified: answer.last_modified };
    Fetched::Body { bytes: answer.body, content_type: answer.content_type, validators }
}
