//! Tries a source out, step by step, so that somebody who has just written down an address and a password sees which of
//! them is wrong. Publishes nothing, and leaves the sessions of the feeds alone.

use super::answer::Verdict;
use super::sign_in::{open_form, send_form};
use super::{Failure, Fetched, Sites, Source, Validators};
use crate::fetch::new_jar;

/// One thing that must go well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The sign-in page is there, with a form.
    SignInPage,
    /// The site takes the name and the password.
    SignIn,
    /// Something comes for the calendar's address.
    Calendar,
    /// It is a calendar with events.
    Events,
}

/// How far a trial came: each step that was tried, with what went wrong in the last; and what was fetched.
#[derive(Debug, Default)]
pub struct Trial {
    /// In order; only the last can have failed.
    pub steps: Vec<(Step, Option<Failure>)>,
    /// What came at the end.
    pub fetched: Option<Fetched>,
}

impl Trial {
    /// Notes how a step went.
    fn note<T>(&mut self, step: Step, outcome: Result<T, Failure>) -> Option<T> {
        let (done, failure) = match outcome {
            Ok(done) => (Some(done), None),
            Err(failure) => (None, Some(failure)),
        };
        self.steps.push((step, failure));
        done
    }
}

impl Sites {
    /// Tries a source out with a session of its own. One POST at most.
    pub async fn try_out(&self, source: &Source) -> Trial {
        let mut trial = Trial::default();
        trial.fetched = self.walk(source, &mut trial).await;
        trial
    }

    async fn walk(&self, source: &Source, trial: &mut Trial) -> Option<Fetched> {
        let jar = match &source.login {
            None => new_jar(),
            Some(login) => {
                let ready = trial.note(Step::SignInPage, open_form(&self.paced, source, login).await)?;
                trial.note(Step::SignIn, send_form(&self.paced, source, ready).await)?
            }
        };
        let looked = self.look(source, &Validators::default(), &jar).await;
        trial.note(Step::Calendar, looked.and_then(Verdict::last_word))
    }
}
