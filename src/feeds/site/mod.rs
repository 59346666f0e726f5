//! Fetches calendars from planning sites, behind a sign-in form or not.
//!
//! All feeds of a site share one session: the first signs in, the others use its cookies. A session that turns out to be gone is
//! renewed exactly once per fetch, so a fetch posts a password at most once with a new session and never in a loop. Sessions
//! live in memory only. Nothing here decides when to fetch or reads a calendar.

mod answer;
pub mod form;
mod outcome;
mod paced;
mod sign_in;
mod source;
#[cfg(test)]
mod tests;
mod trial;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

pub use outcome::{Failure, FailureClass, Fetched, Validators};
pub use source::{Basic, Login, Source};
pub use trial::{Step, Trial};

use crate::fetch::{Fetcher, Jar, new_jar};
use answer::{Verdict, judge};
use paced::Paced;

/// All planning sites, with their sessions. Built once; shared.
pub struct Sites {
    paced: Paced,
    sessions: Mutex<HashMap<SessionKey, Slot>>,
}

/// A site's sign-in page and the user.
type SessionKey = (String, String);

/// Locked during a fetch, so that of many feeds with one session only the first signs in.
type Slot = Arc<tokio::sync::Mutex<Session>>;

#[derive(Default)]
struct Session {
    /// The cookies, and what they were got with.
    open: Option<(Jar, Login)>,
    refused: Option<Refusal>,
}

/// A sign-in that the site did not take, and when.
struct Refusal {
    at: Instant,
    login: Login,
    failure: Failure,
}

impl Session {
    fn jar_for(&self, login: &Login) -> Option<Jar> {
        self.open.as_ref().filter(|(_, with)| with.same_as(login)).map(|(jar, _)| jar.clone())
    }

    /// What a feed is told that was already waiting when the site refused the same sign-in.
    fn refusal_since(&self, asked: Instant, login: &Login) -> Option<Failure> {
        let refused = self.refused.as_ref()?;
        (refused.at > asked && refused.login.same_as(login)).then(|| refused.failure.clone())
    }
}

impl Sites {
    /// `pause` is the rest between two requests to one origin.
    pub fn new(fetcher: Arc<Fetcher>, pause: Duration) -> Sites {
        Sites { paced: Paced::new(fetcher, pause), sessions: Mutex::default() }
    }

    /// Fetches a calendar, signing in where that is needed; conditional where `validators` are known.
    pub async fn fetch(&self, source: &Source, validators: &Validators) -> Result<Fetched, Failure> {
        match &source.login {
            Some(login) => self.fetch_signed_in(source, login, validators).await,
            None => self.look(source, validators, &new_jar()).await?.last_word(),
        }
    }

    async fn fetch_signed_in(
        &self,
        source: &Source,
        login: &Login,
        validators: &Validators,
    ) -> Result<Fetched, Failure> {
        let asked = Instant::now();
        let slot = self.slot(login);
        let mut session = slot.lock().await;
        if let Some(jar) = session.jar_for(login) {
            match self.look(source, validators, &jar).await? {
                Verdict::SignedOut(_) | Verdict::Doubtful(_) => session.open = None,
                verdict => return verdict.last_word(),
            }
        }
        if let Some(failure) = session.refusal_since(asked, login) {
            return Err(failure);
        }
        // The new session stays whatever comes now: that this feed is refused says nothing about the site's others.
        let jar = self.sign_in(&mut session, source, login).await?;
        self.look(source, validators, &jar).await?.last_word()
    }

    async fn sign_in(&self, session: &mut Session, source: &Source, login: &Login) -> Result<Jar, Failure> {
        let outcome = sign_in::sign_in(&self.paced, source, login).await;
        match &outcome {
            Ok(jar) => session.open = Some((jar.clone(), login.clone())),
            Err(failure) if failure.class == FailureClass::SignIn => {
                session.refused = Some(Refusal { at: Instant::now(), login: login.clone(), failure: failure.clone() });
            }
            Err(_) => {}
        }
        outcome
    }

    async fn look(&self, source: &Source, validators: &Validators, jar: &Jar) -> Result<Verdict, Failure> {
        let answer = self.paced.send(source.get_calendar(validators, jar)).await?;
        Ok(judge(source, validators, answer))
    }

    fn slot(&self, login: &Login) -> Slot {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.entry((login.url.to_string(), login.username.clone())).or_default().clone()
    }
}
