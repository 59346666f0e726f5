//! Making, changing, revoking and rotating subscriber tokens.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::expiry::parse_expiry;
use super::{Scope, SubscriberToken, TOKENS};
use crate::accounts::{AccountError, Accounts, Login};
use crate::actor::{Caller, Deed};
use crate::audit;
use crate::clock::Clock;
use crate::cohorts;
use crate::http::IfMatch;
use crate::http::extract::set_or_null;
use crate::id::{checked_name, random_id};
use crate::secret::{Fingerprint, NoRandomness, Secret, random_text};
use crate::store::{Read, StoreError, WriteTx};

/// A token to be made.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTokenRequest {
    /// What people call it; unique among live tokens.
    pub name: String,
    /// What it opens, by slug; absent or null is each cohort.
    #[serde(default)]
    pub cohorts: Option<Vec<String>>,
    /// An instant, or a date whose end is meant; absent or null is never.
    #[serde(default)]
    pub expires_at: Option<String>,
}

/// What changes of a token; an absent field stays as it is.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateTokenRequest {
    /// What it opens, by slug; null is each cohort; an empty list is nothing.
    #[serde(default, deserialize_with = "set_or_null")]
    pub cohorts: Option<Option<Vec<String>>>,
    /// An instant, or a date whose end is meant; null is never.
    #[serde(default, deserialize_with = "set_or_null")]
    pub expires_at: Option<Option<String>>,
}

/// A token and its secret: the one time that it is seen.
#[derive(Clone, Debug)]
pub struct Issued {
    /// What is kept.
    pub token: SubscriberToken,
    /// What the phone presents.
    pub secret: Secret<String>,
}

impl Accounts {
    /// Makes a token.
    pub async fn create_token(&self, caller: Caller, new: CreateTokenRequest) -> Result<Issued, AccountError> {
        caller.actor.must(Deed::MakeTokens)?;
        let scope = self.scope_of(new.cohorts.as_deref())?;
        if scope == Scope::Cohorts(Vec::new()) {
            return Err(AccountError::senseless("cohorts", "at least one, or leave the field out for all"));
        }
        let now = self.app.clock.now();
        let expires_at = new.expires_at.map(|text| parse_expiry(&text, self.app.zone(), now)).transpose()?;
        let issued = draft_token(&new.name, scope, &self.app.clock)?;
        let token = SubscriberToken { expires_at, ..issued.token };
        let kept = token.clone();
        let clock = self.app.clock.clone();
        self.app.store.write(move |tx| insert_token(tx, &caller, &clock, &kept)).await?;
        Ok(Issued { token, secret: issued.secret })
    }

    /// Changes what a token opens, and until when.
    pub async fn update_token(
        &self,
        caller: Caller,
        name: &str,
        patch: UpdateTokenRequest,
        if_match: IfMatch,
    ) -> Result<SubscriberToken, AccountError> {
        caller.actor.must(Deed::Administer)?;
        let id = self.token_id(name)?;
        let (now, zone) = (self.app.clock.now(), self.app.zone());
        let scope = patch.cohorts.map(|names| self.scope_of(names.as_deref())).transpose()?;
        let parse = |text: Option<String>| text.map(|text| parse_expiry(&text, zone, now)).transpose();
        let expires_at = patch.expires_at.map(parse).transpose()?;
        let clock = self.app.clock.clone();
        let change = move |token: &mut SubscriberToken| {
            if_match.must_hold(token)?;
            token.scope = scope.unwrap_or(token.scope.clone());
            token.expires_at = expires_at.unwrap_or(token.expires_at);
            Ok(())
        };
        self.app.store.write(move |tx| update_token(tx, &caller, &clock, &id, change)).await
    }

    /// Revokes a token: from the commit on it opens nothing. To revoke it again changes nothing.
    pub async fn revoke_token(&self, caller: Caller, name: &str, if_match: IfMatch) -> Result<(), AccountError> {
        caller.actor.must(Deed::Administer)?;
        let id = self.token_id(name)?;
        let clock = self.app.clock.clone();
        self.app.store.write(move |tx| revoke_token(tx, &caller, &clock, (&id, &if_match))).await
    }

    /// Gives a token a new secret; the old one is dead at once.
    pub async fn rotate_token(&self, caller: Caller, name: &str) -> Result<Issued, AccountError> {
        caller.actor.must(Deed::Administer)?;
        let id = self.token_id(name)?;
        let clock = self.app.clock.clone();
        self.app.store.write(move |tx| rotate_token(tx, &caller, &clock, &id)).await
    }

    fn token_id(&self, name: &str) -> Result<String, AccountError> {
        let keyring = self.keyring();
        let found = keyring.find(name, &self.app.clock);
        found.map(|token| token.id.clone()).ok_or_else(|| AccountError::UnknownToken(name.to_owned()))
    }

    /// The scope that a request names: no list is everything.
    pub(super) fn scope_of(&self, names: Option<&[String]>) -> Result<Scope, AccountError> {
        names.map_or(Ok(Scope::All), |names| self.cohort_ids(names).map(Scope::Cohorts))
    }
}

/// A new token that is not kept yet.
pub(super) fn draft_token(name: &str, scope: Scope, clock: &Clock) -> Result<Issued, AccountError> {
    let name = checked_name(name, 100).map_err(AccountError::Bad)?;
    let secret = new_secret(&name)?;
    let token = SubscriberToken {
        id: random_id("t_")?,
        fingerprint: Fingerprint::of(secret.expose()),
        name,
        scope,
        created_at: clock.now_secs(),
        expires_at: None,
        revoked_at: None,
        imported: false,
        owner: None,
        settings: Map::new(),
    };
    Ok(Issued { token, secret })
}

fn insert_token(tx: &mut WriteTx, caller: &Caller, clock: &Clock, token: &SubscriberToken) -> Result<(), AccountError> {
    caller.actor.must(Deed::MakeTokens)?;
    put_new_token(tx, caller, clock, ("token.create", token))
}

/// Keeps a new token whose maker may make it.
pub(super) fn put_new_token(
    tx: &mut WriteTx,
    caller: &Caller,
    clock: &Clock,
    (action, token): (&str, &SubscriberToken),
) -> Result<(), AccountError> {
    must_be_free_name(tx, clock, token)?;
    tx.put(&TOKENS, token.id.as_bytes(), token)?;
    note(tx, caller, clock, action, [None, Some(token)])?;
    Ok(())
}

/// Brings in a token of the replaced proxy as it is: phones go on presenting it. One that is here already stays.
pub fn import_subscriber_token(
    tx: &mut WriteTx,
    caller: &Caller,
    clock: &Clock,
    name: &str,
    secret: &Secret<String>,
    scope: Scope,
) -> Result<SubscriberToken, AccountError> {
    caller.actor.must(Deed::Administer)?;
    let fingerprint = Fingerprint::of(secret.expose());
    if let Some(present) = tx.list(&TOKENS)?.into_iter().find(|token| token.fingerprint == fingerprint) {
        return Ok(present);
    }
    let draft = draft_token(name, scope, clock)?.token;
    let token = SubscriberToken { fingerprint, imported: true, ..draft };
    put_new_token(tx, caller, clock, ("token.import", &token))?;
    Ok(token)
}

fn update_token(
    tx: &mut WriteTx,
    caller: &Caller,
    clock: &Clock,
    id: &str,
    change: impl FnOnce(&mut SubscriberToken) -> Result<(), AccountError>,
) -> Result<SubscriberToken, AccountError> {
    caller.actor.must(Deed::Administer)?;
    let before = get_unrevoked(tx, id)?;
    let mut after = before.clone();
    change(&mut after)?;
    if after != before {
        // A token that expired may be given more time, unless another has its name by now.
        if after.is_live(clock) {
            must_be_free_name(tx, clock, &after)?;
        }
        tx.put(&TOKENS, id.as_bytes(), &after)?;
        if after.scope != before.scope {
            cohorts::touch_scopes(tx, clock.steady())?;
        }
        note(tx, caller, clock, "token.update", [Some(&before), Some(&after)])?;
    }
    Ok(after)
}

/// Revokes a token whose revoker may do so.
pub(super) fn put_revoked(tx: &mut WriteTx, caller: &Caller, clock: &Clock, id: &str) -> Result<(), AccountError> {
    let before: SubscriberToken = tx.get(&TOKENS, id.as_bytes())?;
    if before.revoked_at.is_none() {
        let after = SubscriberToken { revoked_at: Some(clock.now_secs()), ..before.clone() };
        tx.put(&TOKENS, id.as_bytes(), &after)?;
        note(tx, caller, clock, "token.revoke", [Some(&before), Some(&after)])?;
    }
    Ok(())
}

fn revoke_token(
    tx: &mut WriteTx,
    caller: &Caller,
    clock: &Clock,
    (id, if_match): (&str, &IfMatch),
) -> Result<(), AccountError> {
    caller.actor.must(Deed::Administer)?;
    if_match.must_hold(&tx.get(&TOKENS, id.as_bytes())?)?;
    put_revoked(tx, caller, clock, id)
}

/// Revokes each token that somebody made for themselves: they are being removed.
pub(in crate::accounts) fn revoke_tokens_of(
    tx: &mut WriteTx,
    caller: &Caller,
    clock: &Clock,
    owner: &Login,
) -> Result<(), AccountError> {
    let tokens = tx.list(&TOKENS)?.into_iter().filter(|token| token.owner.as_ref() == Some(owner));
    tokens.map(|token| token.id).try_for_each(|id| put_revoked(tx, caller, clock, &id))
}

/// Revokes what somebody held who is erased, and takes who they were out of it: what they made, and what an administrator
/// called by their login, or by a name that nobody else has. The audit forgets it by itself.
pub(in crate::accounts) fn forget_holder(
    tx: &mut WriteTx,
    caller: &Caller,
    clock: &Clock,
    (login, name, husk): (&Login, Option<&str>, &Login),
) -> Result<(), AccountError> {
    let theirs = |token: &SubscriberToken| {
        token.is_of(login) || token.owner.is_none() && name.is_some_and(|n| token.is_named(n))
    };
    let held = tx.list(&TOKENS)?.into_iter().filter(theirs);
    for id in held.map(|token| token.id) {
        put_revoked(tx, caller, clock, &id)?;
        let token: SubscriberToken = tx.get(&TOKENS, id.as_bytes())?;
        let owner = token.owner.as_ref().map(|_| husk.clone());
        tx.put(&TOKENS, id.as_bytes(), &SubscriberToken { name: husk.to_string(), owner, ..token })?;
    }
    Ok(())
}

fn rotate_token(tx: &mut WriteTx, caller: &Caller, clock: &Clock, id: &str) -> Result<Issued, AccountError> {
    caller.actor.must(Deed::Administer)?;
    put_rotated(tx, caller, clock, id)
}

/// Rotates a token whose rotator may do so. The secret is made by us from now on, so that plain HTTP opens for it no more.
pub(super) fn put_rotated(tx: &mut WriteTx, caller: &Caller, clock: &Clock, id: &str) -> Result<Issued, AccountError> {
    let before = get_unrevoked(tx, id)?;
    if before.is_expired(clock) {
        return Err(AccountError::TokenExpired(before.name));
    }
    let secret = new_secret(&before.name)?;
    let fingerprint = Fingerprint::of(secret.expose());
    let token = SubscriberToken { fingerprint, imported: false, ..before.clone() };
    tx.put(&TOKENS, id.as_bytes(), &token)?;
    note(tx, caller, clock, "token.rotate", [Some(&before), Some(&token)])?;
    Ok(Issued { token, secret })
}

fn get_unrevoked(tx: &WriteTx, id: &str) -> Result<SubscriberToken, AccountError> {
    let token: SubscriberToken = tx.get(&TOKENS, id.as_bytes())?;
    match token.revoked_at {
        Some(_) => Err(AccountError::TokenRevoked(token.name)),
        None => Ok(token),
    }
}

fn must_be_free_name(tx: &WriteTx, clock: &Clock, token: &SubscriberToken) -> Result<(), AccountError> {
    let has_it = |other: &SubscriberToken| other.id != token.id && other.is_live(clock) && other.is_named(&token.name);
    match tx.list(&TOKENS)?.into_iter().find(has_it) {
        Some(other) => Err(AccountError::TokenNameTaken(other.name)),
        None => Ok(()),
    }
}

/// `<name>_<43 base64url characters>`: the name so that somebody who looks at an address knows whose it is.
fn new_secret(name: &str) -> Result<Secret<String>, NoRandomness> {
    Ok(Secret::new(format!("{}_{}", secret_prefix(name), random_text::<32>()?)))
}

fn secret_prefix(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.';
    let folded = deunicode::deunicode(name).to_ascii_lowercase();
    let prefix: String = folded.chars().map(|c| if allowed(c) { c } else { '-' }).take(40).collect();
    if prefix.is_empty() { "token".to_owned() } else { prefix }
}

/// A token as the audit shows it: no fingerprint.
fn shown(tx: &WriteTx, token: &SubscriberToken) -> Result<Value, StoreError> {
    let SubscriberToken { name, scope, expires_at, revoked_at, imported, owner, .. } = token;
    let (word, cohorts) = (scope.word(), cohorts::slugs_of(tx, scope.ids())?);
    Ok(json!({
        "name": name, "scope": word, "cohorts": cohorts, "expires_at": expires_at, "revoked_at": revoked_at,
        "imported": imported, "owner": owner,
    }))
}

/// Tells the audit of a token.
pub(super) fn note(
    tx: &mut WriteTx,
    caller: &Caller,
    clock: &Clock,
    action: &str,
    [before, after]: [Option<&SubscriberToken>; 2],
) -> Result<(), StoreError> {
    let id = before.or(after).map(|token| token.id.clone()).unwrap_or_default();
    let before = before.map(|token| shown(tx, token)).transpose()?;
    let after = after.map(|token| shown(tx, token)).transpose()?;
    audit::record(tx, caller, clock.now_secs(), (action, format!("token:{id}")), [before, after])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_begins_with_the_name() {
        let long = "x".repeat(100);
        let cases = [
            ("Éloïse B.", "eloise-b."),
            ("marie_curie", "marie-curie"),
            ("a/b?c", "a-b-c"),
            (&long, long.get(..40).unwrap()),
            ("\u{301}", "token"),
        ];
        for (name, prefix) in cases {
            let secret = new_secret(name).unwrap();
            let (begins, random) = secret.expose().split_at(prefix.len());
            assert_eq!((begins, random.len()), (prefix, 44), "{name}");
            assert!(random.starts_with('_'), "{name}");
        }
    }
}
