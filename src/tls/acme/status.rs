//! What an administrator is told of the orders: on a page, by `carillon cert status`, in `/ready`.

use chrono::{DateTime, Utc};

use super::back_off::LastError;
use super::decide::{Action, Certificate, Purpose, State, Step, Wait, Why};
use super::words::instant;
use crate::tls::pair::Leaf;

/// How things stand with the authority.
#[derive(Clone, Debug)]
pub struct Status {
    /// The certificate of the last order, where it is sound.
    pub leaf: Option<Leaf>,
    /// The authority's directory.
    pub directory: String,
    /// What is asked for.
    pub names: Vec<String>,
    /// What is done next, in words.
    pub next: String,
    /// When; `None` is now, or when nobody can say.
    pub next_at: Option<DateTime<Utc>>,
    /// The last failure, until a certificate comes.
    pub last_error: Option<LastError>,
    /// How many failures there were since the last certificate.
    pub failures: u32,
    /// How many certificates were issued, and when the next may be ordered, in words.
    pub ledger: String,
    /// Since when an order is under way.
    pub order_since: Option<DateTime<Utc>>,
    /// The page on which the authority explains its window for the renewal.
    pub explanation: Option<String>,
    /// What was found damaged in the database and is not mended yet.
    pub damage: Vec<String>,
}

/// Puts it together.
pub(super) fn of(state: State, next: &Action, leaf: Option<Leaf>, damage: Vec<String>, now: DateTime<Utc>) -> Status {
    let explanation = match &state.certificate {
        Certificate::Held(held) => held.record.advice.as_ref().and_then(|advice| advice.explanation.clone()),
        Certificate::None | Certificate::ChainLost(_) => None,
    };
    Status {
        leaf,
        next: words(next),
        next_at: match next {
            Action::Wait(wait) => wait.until,
            _ => None,
        },
        failures: state.back_off.failures,
        ledger: state.ledger.words(&state.wanted, now),
        order_since: state.order.as_ref().map(|order| order.since),
        last_error: state.back_off.last_error,
        directory: state.wanted.directory,
        names: state.wanted.names,
        explanation,
        damage,
    }
}

/// What is done next, in words.
pub(super) fn words(next: &Action) -> String {
    match next {
        Action::Wait(wait) => wait_words(wait),
        // It is asked in passing; the renewal is what people wait for.
        Action::AskAdvice => "the authority is asked when to renew".to_owned(),
        Action::Take(Step::FetchChain(_)) => "the certificate's chain is downloaded again".to_owned(),
        Action::Take(Step::Resume) => "the order that is under way goes on".to_owned(),
        Action::Take(Step::Order(Purpose::First)) => "a certificate is ordered".to_owned(),
        Action::Take(Step::Order(Purpose::Changed)) => {
            "a certificate is ordered for what the configuration says now".to_owned()
        }
        Action::Take(Step::Order(Purpose::Advised | Purpose::Renewal | Purpose::Hand)) => {
            "the certificate is renewed".to_owned()
        }
    }
}

/// What is waited for, in words.
pub(super) fn wait_words(wait: &Wait) -> String {
    let at = wait.until.map(instant).unwrap_or_default();
    match wait.why {
        Why::Clock => "no certificate is ordered until this box's clock can be trusted: connect it to the network, or set clock.trust = \"always\" where the clock is right".to_owned(),
        Why::Advice => format!("the certificate is renewed on {at}, in the time that the authority advises"),
        Why::Lifetime => format!("the certificate is renewed on {at}, after two thirds of its lifetime"),
        Why::BackOff => format!("the authority is asked again on {at}, or now by `carillon cert renew`"),
        Why::Told => format!("the authority asked to be left alone until {at}: it is asked again then"),
        Why::Ledger => format!("three certificates were issued for these names lately: the next one is ordered on {at}, or now by `carillon cert renew`"),
        Why::Validations => format!("five validations failed within an hour, and an authority takes no more: it is asked again on {at}"),
    }
}
