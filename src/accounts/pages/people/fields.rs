//! What the forms of users ask, and what they say of a mistake.

use maud::{Markup, html};

use super::list::word;
use crate::accounts::{AccountError, Accounts};
use crate::actor::Role;
use crate::http::{Field, Form, Mistake, Mistakes, Problem, Typed};
use crate::words::Words;

const ROLES: [Role; 4] = [Role::Admin, Role::Planner, Role::Teacher, Role::Student];

/// Each role as a value and what it is called.
pub(super) fn role_choices(words: &Words) -> impl Iterator<Item = (String, String)> {
    ROLES.into_iter().map(|role| (word(role).to_owned(), words.role(role).to_owned()))
}

/// The roles that were ticked.
pub(super) fn roles_of(typed: &Typed) -> Vec<Role> {
    ROLES.into_iter().filter(|role| typed.has("roles", word(*role))).collect()
}

/// The slugs of the cohorts that were ticked.
pub(super) fn cohorts_of(typed: &Typed) -> Vec<String> {
    typed.all("cohorts").map(str::to_owned).collect()
}

/// Name, e-mail, roles and cohorts.
pub(super) fn about(form: &Form, accounts: &Accounts, words: &Words) -> Markup {
    let directory = accounts.cohorts.directory();
    let cohorts = directory.all().iter().map(|cohort| (cohort.slug.to_string(), cohort.name.clone()));
    html! {
        (form.field(&Field::text("name", words.people.name).at_most(200)))
        (form.field(&Field::email("email", words.people.email).hint(words.people.email_hint).optional()))
        (form.field(&Field::checkboxes("roles", words.people.roles, role_choices(words)).hint(words.people.roles_hint)))
        @if !directory.all().is_empty() { (form.field(&Field::checkboxes("cohorts", words.people.cohorts, cohorts))) }
    }
}

/// What is wrong, in the page's words where it has some.
pub(super) fn mistakes_of(error: AccountError, words: &Words) -> Result<Mistakes, Problem> {
    let (login, email) = (matches!(error, AccountError::LoginTaken(_)), matches!(error, AccountError::EmailTaken(_)));
    match error {
        AccountError::OwnRoles => Ok(Mistakes::one(Mistake::at("roles", words.people.own_roles))),
        AccountError::LastAdmin(_) => Ok(Mistakes::one(Mistake::at("roles", words.people.last_admin))),
        AccountError::Overtaken(_) => Ok(Mistakes::one(Mistake::of_all(words.people.overtaken))),
        error => Mistakes::of(error, |bad| {
            let text = match bad.field.as_str() {
                "login" if login => words.setup.login_taken,
                "login" => words.setup.bad_login,
                "email" if email => words.people.email_taken,
                "email" => words.setup.bad_email,
                "name" => words.setup.bad_name,
                "password" => words.setup.bad_password,
                _ => return None,
            };
            Some(Mistake::at(&bad.field, text))
        }),
    }
}
