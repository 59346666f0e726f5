//! What an import would do, row by row, against everybody who is there: found out before anything is written.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::columns::{Columns, Told};
use crate::accounts::users::rules::{checked_email, new_epoch, new_login};
use crate::accounts::{AccountError, Login, User};
use crate::actor::{Actor, Caller};
use crate::cohorts::Directory;
use crate::error::{FieldError, Refusal};
use crate::id::checked_name;
use crate::sheets::{Sheet, SheetError};

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    Created,
    Updated,
    Unchanged,
}

/// A row and the user that it makes.
#[derive(Debug)]
pub(super) struct Planned {
    pub row: u32,
    pub before: Option<User>,
    pub after: User,
    pub warnings: Vec<String>,
}

impl Planned {
    pub(super) fn fate(&self) -> Fate {
        match &self.before {
            None => Fate::Created,
            Some(before) if *before == self.after => Fate::Unchanged,
            Some(_) => Fate::Updated,
        }
    }
}

/// All rows, in their order, and what is to be said of the whole.
#[derive(Debug)]
pub(super) struct Plan {
    pub rows: Vec<Planned>,
    pub warnings: Vec<String>,
}

impl Plan {
    /// The logins of those who are new.
    pub(super) fn newcomers(&self) -> Vec<Login> {
        let new = self.rows.iter().filter(|planned| planned.fate() == Fate::Created);
        new.map(|planned| planned.after.login.clone()).collect()
    }
}

/// Plans an import. Each bad row is told; with one of them nothing is planned.
pub(super) fn plan(
    sheet: &Sheet,
    users: Vec<User>,
    directory: &Directory,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<Plan, AccountError> {
    let (header, below) = sheet.rows.split_first().ok_or(SheetError::Empty)?;
    let (columns, strange) = Columns::find(header)?;
    let mut school = School::new(users, now);
    let had_admin = school.admin();
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    for row in below.iter().filter(|row| !columns.are_blank(row)) {
        let planned = columns.read(row, directory).and_then(|told| {
            let planned = school.take(row.number, told, caller);
            planned.map_err(|error| errors_of(row.number, &error))
        });
        match planned {
            Ok(planned) => rows.push(planned),
            Err(errors) => bad.extend(errors),
        }
    }
    if !bad.is_empty() {
        return Err(AccountError::BadRows(bad));
    }
    match (had_admin, school.admin()) {
        (Some(last), None) => Err(AccountError::LastAdmin(last.to_string())),
        _ => {
            Ok(Plan { rows, warnings: strange.iter().map(|head| format!("the column {head:?} is not read")).collect() })
        }
    }
}

fn errors_of(row: u32, error: &AccountError) -> Vec<FieldError> {
    let mut fields = error.fields();
    if fields.is_empty() {
        fields.push(FieldError::new("login", error.to_string()));
    }
    fields.into_iter().map(|field| FieldError { row: Some(row), ..field }).collect()
}

/// Everybody, as the rows so far have made them.
struct School {
    by_login: BTreeMap<Login, User>,
    by_email: HashMap<String, Login>,
    rows: HashMap<Login, u32>,
    now: DateTime<Utc>,
}

impl School {
    fn new(users: Vec<User>, now: DateTime<Utc>) -> Self {
        let email = |user: &User| Some((user.email.as_ref()?.to_lowercase(), user.login.clone()));
        let by_email = users.iter().filter_map(email).collect();
        let by_login = users.into_iter().map(|user| (user.login.clone(), user)).collect();
        Self { by_login, by_email, rows: HashMap::new(), now }
    }

    fn admin(&self) -> Option<Login> {
        self.by_login.values().find(|user| user.is_admin()).map(|user| user.login.clone())
    }

    fn take(&mut self, row: u32, told: Told, caller: &Caller) -> Result<Planned, AccountError> {
        let login = Login::parse(&told.login)?;
        if let Some(first) = self.rows.insert(login.clone(), row) {
            return Err(AccountError::senseless("login", format!("{login} stands in row {first} too")));
        }
        let before = self.by_login.get(&login).cloned();
        let after = self.made(before.clone(), &login, told)?;
        must_not_be_own_roles(caller, before.as_ref(), &after)?;
        self.take_email(&after)?;
        self.by_login.insert(login, after.clone());
        let warnings = warnings_of(before.as_ref(), &after);
        Ok(Planned { row, before, after, warnings })
    }

    fn made(&self, before: Option<User>, login: &Login, told: Told) -> Result<User, AccountError> {
        let mut user = match before {
            Some(user) => user.must_be_somebody()?,
            None => self.newcomer(login, told.name.as_deref())?,
        };
        if let Some(name) = &told.name {
            user.name = checked_name(name, 200).map_err(AccountError::Bad)?;
        }
        if let Some(email) = &told.email {
            user.email = Some(checked_email(email)?);
        }
        user.roles = told.roles.unwrap_or(user.roles);
        user.cohorts = told.cohorts.unwrap_or(user.cohorts);
        Ok(user)
    }

    fn newcomer(&self, login: &Login, name: Option<&str>) -> Result<User, AccountError> {
        Ok(User {
            login: new_login(login.as_str())?,
            name: name.ok_or_else(|| AccountError::bad("name", "a new user needs one"))?.to_owned(),
            email: None,
            roles: Vec::new(),
            cohorts: Vec::new(),
            disabled: false,
            password_hash: None,
            created_at: self.now,
            auth_epoch: new_epoch()?,
        })
    }

    fn take_email(&mut self, user: &User) -> Result<(), AccountError> {
        let Some(email) = &user.email else { return Ok(()) };
        let holder = self.by_email.entry(email.to_lowercase()).or_insert_with(|| user.login.clone());
        match *holder == user.login {
            true => Ok(()),
            false => Err(AccountError::EmailTaken(email.clone())),
        }
    }
}

fn must_not_be_own_roles(caller: &Caller, before: Option<&User>, after: &User) -> Result<(), AccountError> {
    let own = matches!(&caller.actor, Actor::User { login, .. } if login == after.login.as_str());
    match own && before.is_some_and(|before| before.roles != after.roles) {
        true => Err(AccountError::OwnRoles),
        false => Ok(()),
    }
}

fn warnings_of(before: Option<&User>, after: &User) -> Vec<String> {
    let rows = [
        (after.roles.is_empty(), "has no role: may see no more than a stranger"),
        (before.is_none(), "has no password yet: `carillon user invite` makes a link to choose one"),
        (after.disabled, "is disabled, and stays so"),
    ];
    rows.into_iter().filter(|(holds, _)| *holds).map(|(_, text)| text.to_owned()).collect()
}
