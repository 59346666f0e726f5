//! `/me/password`: somebody chooses a new password, by the present one. They stay signed in here, and nowhere else.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::accounts::pages::{busy_page, with_session};
use crate::accounts::users::own_login;
use crate::accounts::{AccountError, Accounts, ChangeOwnPasswordRequest, Origin};
use crate::http::page::pieces::breadcrumbs;
use crate::http::session::device_of;
use crate::http::{Field, Form, Mistake, Mistakes, PageProblem, Typed, Visit};
use crate::words::Notice;

pub(super) async fn show_own_password(visit: Visit) -> Result<Response, PageProblem> {
    own_login(&visit.caller)?;
    Ok(password_page(&visit, &Typed::new(), &Mistakes::none()))
}

pub(super) async fn submit_own_password(
    State(accounts): State<Accounts>,
    visit: Visit,
    headers: HeaderMap,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let words = visit.words;
    let again = |mistake: Mistake| password_page(&visit, &typed, &Mistakes::one(mistake));
    if typed.raw("new_password") != typed.raw("again") {
        return Ok(again(Mistake::at("again", words.me.not_the_same)));
    }
    let origin = Origin { ip: visit.caller.ip, device: device_of(&headers, visit.is_secure()).map(str::to_owned) };
    let request = ChangeOwnPasswordRequest {
        present_password: typed.secret("present_password"),
        new_password: typed.secret("new_password"),
    };
    match accounts.change_own_password(visit.caller.clone(), request, &origin).await {
        Ok(login) => {
            let people = accounts.people();
            let user = people.find(login.as_str()).ok_or_else(|| AccountError::UnknownUser(login.to_string()))?;
            let done = visit.then("/me", Notice::PasswordChanged).into_response();
            Ok(with_session(&accounts, &visit, user, done).await?)
        }
        Err(AccountError::WrongPassword) => Ok(again(Mistake::at("present_password", words.me.wrong_password))),
        Err(error @ AccountError::Busy) => Ok(busy_page(error, again(Mistake::of_all(words.trouble.busy_text)))),
        Err(error @ AccountError::SlowDown { secs }) => {
            Ok(busy_page(error, again(Mistake::of_all(words.wait_to_sign_in(secs)))))
        }
        Err(error) => {
            let mistakes = Mistakes::of(error, |bad| {
                (bad.field == "new_password").then(|| Mistake::at("new_password", words.setup.bad_password))
            });
            Ok(password_page(&visit, &typed, &mistakes?))
        }
    }
}

fn password_page(visit: &Visit, typed: &Typed, mistakes: &Mistakes) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    let present = Field::password("present_password", words.me.present_password).filled_by("current-password");
    let new = Field::password("new_password", words.me.new_password).hint(words.setup.password_hint);
    let again = Field::password("again", words.me.new_password_again).filled_by("new-password");
    let page = visit.page(
        words.me.change_password,
        html! {
            (breadcrumbs(&[("/me", words.shell.my_account)], words.me.change_password, words))
            h1 { (words.me.change_password) }
            p { (words.me.password_text) }
            form .narrow method="post" action="/me/password" {
                (form.summary())
                (form.field(&present.focused()))
                (form.field(&new.filled_by("new-password")))
                (form.field(&again))
                (form.submit(words.me.change_password))
            }
        },
    );
    form.answer(page)
}
