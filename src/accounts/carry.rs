//! What a restore takes over from the database that it replaces: whoever was shut out since the backup stays shut out.
//! A key that was revoked or rotated opens nothing again, who was disabled comes back disabled, and so does who was erased
//! since; sessions that were ended stay ended.

use super::Login;
use super::keys::carry_master;
use super::sign_in::carry_sessions;
use super::tokens::{SubscriberToken, TOKENS};
use super::users::{USERS, User};
use crate::store::{Read, ReadTx, StoreError, WriteTx};

/// Takes it over, and says what, in lines. Both databases are of the same appliance.
pub fn carry_over(before: &ReadTx, tx: &mut WriteTx) -> Result<Vec<String>, StoreError> {
    let mut kept = carry_tokens(before, tx)?;
    kept.extend(carry_users(before, tx)?);
    carry_sessions(before, tx)?;
    kept.extend(carry_master(before, tx)?);
    Ok(kept)
}

fn carry_tokens(before: &ReadTx, tx: &mut WriteTx) -> Result<Vec<String>, StoreError> {
    let mut kept = Vec::new();
    for seen in before.list(&TOKENS)? {
        let Some(own): Option<SubscriberToken> = tx.find(&TOKENS, seen.id.as_bytes())? else { continue };
        let revoked = seen.revoked_at.is_some() && own.revoked_at.is_none();
        let rotated = seen.fingerprint != own.fingerprint;
        if revoked {
            kept.push(format!("the token {:?} stays revoked", own.name));
        } else if rotated && own.revoked_at.is_none() {
            kept.push(format!("the token {:?} keeps the key that it was rotated to", own.name));
        }
        let after =
            SubscriberToken { revoked_at: own.revoked_at.or(seen.revoked_at), fingerprint: seen.fingerprint, ..own };
        tx.put(&TOKENS, seen.id.as_bytes(), &after)?;
    }
    Ok(kept)
}

fn carry_users(before: &ReadTx, tx: &mut WriteTx) -> Result<Vec<String>, StoreError> {
    let mut kept = Vec::new();
    for own in tx.list(&USERS)? {
        let seen = before.find(&USERS, key(&own.login))?;
        let after = shut_out(&own, seen.as_ref());
        let (login, shuts) = (&own.login, after.disabled && !own.disabled);
        match &seen {
            None if shuts => kept.push(format!("{login} was erased since, and comes back disabled")),
            Some(_) if shuts => kept.push(format!("{login} stays disabled")),
            _ => {}
        }
        tx.put(&USERS, key(login), &after)?;
    }
    Ok(kept)
}

/// A user as the backup has them, after what the present database knows of them. Whoever has another epoch there was signed
/// out everywhere since, or has had another password: nothing of either time stays signed in.
fn shut_out(own: &User, seen: Option<&User>) -> User {
    let Some(seen) = seen else { return User { disabled: true, ..own.clone() } };
    let auth_epoch = match seen.auth_epoch == own.auth_epoch {
        true => own.auth_epoch,
        false => own.auth_epoch.max(seen.auth_epoch) + 1,
    };
    User { disabled: own.disabled || seen.disabled, auth_epoch, ..own.clone() }
}

fn key(login: &Login) -> &[u8] {
    login.as_str().as_bytes()
}
