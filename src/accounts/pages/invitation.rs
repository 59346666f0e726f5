//! `/setup/password`: somebody chooses their password, by the key of an invitation. As with the set-up link the key stands
//! behind the `#`, and the script moves it into its field. Whoever looks at the page learns nothing of anybody.

use axum::extract::State;
use axum::response::Response;
use maud::html;

use super::{begin_session, busy_page};
use crate::accounts::{AccountError, Accounts};
use crate::error::FieldError;
use crate::http::{Field, Form, Mistake, Mistakes, PageProblem, Problem, Typed, Visit};
use crate::words::Words;

pub(super) async fn show_choice(visit: Visit) -> Response {
    choice_page(&visit, &Typed::new(), &Mistakes::none())
}

pub(super) async fn submit_choice(
    State(accounts): State<Accounts>,
    visit: Visit,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let again = |text: &str| choice_page(&visit, &typed, &Mistakes::one(Mistake::of_all(text)));
    match accounts.accept_invitation(typed.raw("key"), typed.secret("password"), visit.caller.ip).await {
        Ok(user) => Ok(begin_session(&accounts, &visit, &user, "/").await?),
        Err(error @ AccountError::Busy) => Ok(busy_page(error, again(visit.words.trouble.busy_text))),
        Err(error @ AccountError::SlowDown { secs }) => Ok(busy_page(error, again(&visit.words.wait_to_sign_in(secs)))),
        Err(error) => Ok(choice_page(&visit, &typed, &mistakes_of(error, visit.words)?)),
    }
}

/// Which fields somebody should look at.
fn mistakes_of(error: AccountError, words: &Words) -> Result<Mistakes, Problem> {
    let bad_password = |bad: &FieldError| {
        let text = words.setup.bad_password;
        (bad.field == "password").then(|| Mistake::at("password", text))
    };
    match error {
        AccountError::BadInvitation => Ok(Mistakes::one(Mistake::at("key", words.invitation.bad_key))),
        error => Mistakes::of(error, bad_password),
    }
}

fn choice_page(visit: &Visit, typed: &Typed, mistakes: &Mistakes) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    let page = visit.page(
        words.invitation.title,
        html! {
            h1 { (words.invitation.title) }
            p { (words.invitation.text) }
            form .narrow method="post" action="/setup/password" {
                (form.summary())
                @for field in fields(words) { (form.field(&field)) }
                (form.submit(words.invitation.submit))
            }
        },
    );
    form.answer(page)
}

fn fields(words: &Words) -> [Field; 2] {
    let key = Field::code("key", words.invitation.key).hint(words.invitation.key_hint).filled_by("off");
    let password = Field::password("password", words.invitation.password).hint(words.setup.password_hint);
    [key.scripted("from-fragment").focused(), password.filled_by("new-password").at_least(10)]
}
