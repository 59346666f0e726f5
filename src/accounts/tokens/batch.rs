//! `POST /api/v1/tokens/batch`: a token for each student of a cohort who has none, or for each of a list of names. All of
//! them or none, and their secrets in one answer.

use std::collections::HashSet;

use axum::Json as Out;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};

use super::api::{NO_STORE, TokenResponse};
use super::expiry::parse_expiry;
use super::rules::{draft_token, note};
use super::{Issued, Scope, SubscriberToken, TOKENS};
use crate::accounts::users::USERS;
use crate::accounts::{AccountError, Accounts, Login, User};
use crate::actor::{Caller, Deed, Role};
use crate::clock::Clock;
use crate::error::FieldError;
use crate::http::{Json, Problem};
use crate::store::{Read, WriteTx};

/// So many secrets in one answer.
const MAX_NAMES: usize = 1000;

/// Tokens to be made together.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTokensRequest {
    /// The one cohort that they open, by slug.
    pub cohort: String,
    /// One token for each; absent or null is each student of the cohort who has none, under their login.
    #[serde(default)]
    pub names: Option<Vec<String>>,
    /// As for one token.
    #[serde(default)]
    pub expires_at: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CreateTokensResponse {
    items: Vec<TokenResponse>,
}

/// Whose token is to be made: a name, and the user whom it belongs to.
type Holder = (String, Option<Login>);

impl Accounts {
    /// Makes them in one transaction.
    pub async fn create_tokens(&self, caller: Caller, batch: CreateTokensRequest) -> Result<Vec<Issued>, AccountError> {
        caller.actor.must(Deed::Administer)?;
        let ids = self.cohorts.directory().ids(std::slice::from_ref(&batch.cohort));
        let ids = ids.map_err(|name| AccountError::senseless("cohort", format!("there is no cohort {name:?}")))?;
        if batch.names.as_ref().is_some_and(|names| names.is_empty() || names.len() > MAX_NAMES) {
            return Err(AccountError::senseless("names", format!("1 to {MAX_NAMES} names")));
        }
        let now = self.app.clock.now();
        let expires_at = batch.expires_at.map(|text| parse_expiry(&text, self.app.zone(), now)).transpose()?;
        let clock = self.app.clock.clone();
        let insert = move |tx: &mut WriteTx| {
            caller.actor.must(Deed::Administer)?;
            let holders = holders(tx, &clock, batch.names.as_deref(), &ids)?;
            let draft = |(name, owner): Holder| {
                let issued = draft_token(&name, Scope::Cohorts(ids.clone()), &clock)?;
                Ok(Issued { token: SubscriberToken { owner, expires_at, ..issued.token }, ..issued })
            };
            let all = holders.into_iter().map(draft).collect::<Result<Vec<_>, AccountError>>()?;
            all.iter().try_for_each(|issued| insert_one(tx, &caller, &clock, &issued.token))?;
            Ok::<_, AccountError>(all)
        };
        self.app.store.write(insert).await
    }
}

fn insert_one(tx: &mut WriteTx, caller: &Caller, clock: &Clock, token: &SubscriberToken) -> Result<(), AccountError> {
    tx.put(&TOKENS, token.id.as_bytes(), token)?;
    Ok(note(tx, caller, clock, "token.create", [None, Some(token)])?)
}

/// Whom the tokens are for. Names that are asked for must be free, each of them; a student who has a token is left out.
fn holders(tx: &WriteTx, clock: &Clock, names: Option<&[String]>, ids: &[String]) -> Result<Vec<Holder>, AccountError> {
    let live: Vec<SubscriberToken> = tx.list(&TOKENS)?.into_iter().filter(|token| token.is_live(clock)).collect();
    let mut taken: HashSet<String> = live.iter().map(|token| folded(&token.name)).collect();
    match names {
        Some(names) => named(names, &mut taken),
        None => {
            let users = tx.list(&USERS)?;
            let without = students_without(users.iter(), live.iter(), ids);
            Ok(without.into_iter().map(|login| (login.to_string(), Some(login.clone()))).collect())
        }
    }
}

/// The students of a cohort whom none of these tokens, which are live, is of.
fn students_without<'a>(
    users: impl Iterator<Item = &'a User>,
    live: impl Iterator<Item = &'a SubscriberToken>,
    ids: &[String],
) -> Vec<&'a Login> {
    let (mut owners, mut names) = (HashSet::new(), HashSet::new());
    for token in live {
        owners.extend(token.owner.as_ref());
        names.insert(folded(&token.name));
    }
    let without = |user: &&User| !owners.contains(&user.login) && !names.contains(user.login.as_str());
    users.filter(|user| is_student_of(user, ids)).filter(without).map(|user| &user.login).collect()
}

/// How many students a cohort has, and how many of them no live token.
pub(in crate::accounts) struct Awaited {
    /// All of them who may sign in.
    pub students: usize,
    /// Those for whom a token would be made.
    pub without: usize,
}

impl Accounts {
    /// For how many students of a cohort a batch would make tokens, as it is now.
    pub(in crate::accounts) fn awaited(&self, cohort_id: &str) -> Awaited {
        let (people, keyring) = (self.people(), self.keyring());
        let ids = [cohort_id.to_owned()];
        let users = || people.all().map(|user| &**user);
        let live = keyring.all().filter(|token| token.is_live(&self.app.clock)).map(|token| &**token);
        Awaited {
            students: users().filter(|user| is_student_of(user, &ids)).count(),
            without: students_without(users(), live, &ids).len(),
        }
    }
}

fn is_student_of(user: &User, ids: &[String]) -> bool {
    !user.disabled && user.roles.contains(&Role::Student) && ids.iter().all(|id| user.cohorts.contains(id))
}

fn named(names: &[String], taken: &mut HashSet<String>) -> Result<Vec<Holder>, AccountError> {
    let bad = |nth: usize, name: &String| {
        FieldError::new(&format!("names[{nth}]"), format!("{name:?} belongs to a live token, or stands here twice"))
    };
    let mut errors = Vec::new();
    for (nth, name) in names.iter().enumerate() {
        if !taken.insert(folded(name)) {
            errors.push(bad(nth, name));
        }
    }
    match errors.is_empty() {
        true => Ok(names.iter().map(|name| (name.clone(), None)).collect()),
        false => Err(AccountError::TokenNamesTaken(errors)),
    }
}

fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Makes a token for each student of a cohort who has none, or for each of a list of names.
#[utoipa::path(
    post, path = "/api/v1/tokens/batch",
    responses((status = 201, body = CreateTokensResponse), (status = 409), (status = 422)),
)]
pub(super) async fn create_tokens(
    State(accounts): State<Accounts>,
    caller: Caller,
    Json(batch): Json<CreateTokensRequest>,
) -> Result<impl IntoResponse, Problem> {
    let made = accounts.create_tokens(caller, batch).await?;
    let items = made.iter().map(|issued| TokenResponse::issued(issued, &accounts)).collect();
    Ok((StatusCode::CREATED, NO_STORE, Out(CreateTokensResponse { items })))
}
