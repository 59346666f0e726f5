//! `/setup/password`: somebody chooses their password, by the key of an invitation. As with the set-up link the key stands
//! behind the `#`, and the script moves it into its field. Whoever looks at the page learns nothing of anybody.

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;
use serde::Deserialize;

use super::field::{Field, Mistake};
use super::{begin_session, busy_page, submit};
use crate::accounts::{AccountError, Accounts};
use crate::http::{PageProblem, Visit};
use crate::secret::Secret;
use crate::words::Words;

/// The key, and what somebody chooses.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ChoiceForm {
    key: String,
    password: Option<Secret<String>>,
}

pub(super) async fn show_choice(visit: Visit) -> Response {
    choice_page(&visit, "", None)
}

pub(super) async fn submit_choice(
    State(accounts): State<Accounts>,
    visit: Visit,
    Form(form): Form<ChoiceForm>,
) -> Result<Response, PageProblem> {
    let password = form.password.unwrap_or_else(|| Secret::new(String::new()));
    let error = match accounts.accept_invitation(&form.key, password, visit.caller.ip).await {
        Ok(login) => return Ok(begin_session(&accounts, &visit, &login, "/").await?),
        Err(error) => error,
    };
    match (mistake_of(&error, visit.words), error) {
        (Some(mistake), _) => {
            let page = choice_page(&visit, &form.key, Some(&mistake));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        (None, error @ (AccountError::Busy | AccountError::SlowDown { .. })) => {
            Ok(busy_page(error, choice_page(&visit, &form.key, None)))
        }
        (None, error) => Err(error.into()),
    }
}

fn mistake_of(error: &AccountError, words: &Words) -> Option<Mistake> {
    match error {
        AccountError::BadInvitation => Some(Mistake { field: "key", text: words.bad_link }),
        AccountError::Bad(_) => Some(Mistake { field: "password", text: words.bad_password }),
        _ => None,
    }
}

fn choice_page(visit: &Visit, key: &str, mistake: Option<&Mistake>) -> Response {
    let words = visit.words;
    let (hint, link_hint) = (words.password_hint, words.link_key_hint);
    let fields = [
        Field { name: "key", label: words.link_key, hint: link_hint, filled_by: "off", value: key },
        Field { name: "password", label: words.new_password, hint, filled_by: "new-password", value: "" },
    ];
    let focus = mistake.map_or("key", |mistake| mistake.field);
    visit.page(
        words.choose_password,
        html! {
            h1 { (words.choose_password) }
            p { (words.choose_password_text) }
            form .narrow method="post" action="/setup/password" {
                @for field in fields {
                    (field.draw(mistake.filter(|mistake| mistake.field == field.name), field.name == focus))
                }
                (submit(words.choose_password_do, words.one_moment))
            }
        },
    )
}
