//! Which key a request shows: the path's, else `Authorization`, else `?token=`; the first that is present counts.

use std::net::IpAddr;

use axum::http::HeaderMap;

use super::Calendars;
use crate::accounts::DeadKey;
use crate::actor::Actor;
use crate::http::extract::bearer_of;

/// What a request shows.
#[derive(Clone, Copy)]
pub enum Shown<'a> {
    /// A subscriber token in the path or the query.
    Token(&'a str),
    /// `Authorization: Bearer`: a subscriber token or an access token.
    Bearer(&'a str),
    /// Nothing.
    Nothing,
}

impl<'a> Shown<'a> {
    /// The key of a request that has none in its path.
    pub fn of(headers: &'a HeaderMap, query: Option<&'a str>) -> Self {
        let bearer = bearer_of(headers).map(Self::Bearer);
        bearer.or(query.map(Self::Token)).unwrap_or(Self::Nothing)
    }
}

impl Calendars {
    /// Who holds the key; nobody where it is not good. A key that was good once is told to the journal, hourly.
    pub fn holder(&self, shown: Shown<'_>, ip: Option<IpAddr>) -> Actor {
        let token = match shown {
            Shown::Nothing => return Actor::Nobody,
            Shown::Token(token) | Shown::Bearer(token) => token,
        };
        match self.accounts.subscriber(token) {
            Ok(actor) => actor,
            Err(DeadKey::Dead { id }) => {
                self.accounts.note_dead(&id, ip);
                Actor::Nobody
            }
            Err(DeadKey::Unknown) => self.signed_in(shown).unwrap_or(Actor::Nobody),
        }
    }

    fn signed_in(&self, shown: Shown<'_>) -> Option<Actor> {
        match shown {
            Shown::Bearer(token) => self.accounts.bearer(token).filter(|actor| matches!(actor, Actor::User { .. })),
            Shown::Token(_) | Shown::Nothing => None,
        }
    }
}
