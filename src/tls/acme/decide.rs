//! What is to be done now: a function of what is known, the time, and whether the time can be believed.
//!
//! It does nothing and remembers nothing. No number of days stands here: what counts is the certificate's own lifetime.

use chrono::{DateTime, TimeDelta, Utc};

use super::back_off::BackOff;
use super::ledger::{By, Ledger};
use super::tables::{Held, OrderRecord, Wanted};

/// The authority's advice is asked for at least this often (RFC 9773, section 4.3.2).
pub(super) const ASK_AT_LEAST_EVERY: TimeDelta = TimeDelta::hours(12);
/// An authority whose advice is always in the past must not make us renew in a loop.
const ADVICE_AT_MOST_EVERY: TimeDelta = TimeDelta::days(1);

/// All that a decision rests on.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub wanted: Wanted,
    pub certificate: Certificate,
    pub order: Option<OrderRecord>,
    pub back_off: BackOff,
    pub ledger: Ledger,
}

/// What we have to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Certificate {
    /// None yet, or none that can be mended.
    None,
    /// The key is sound, the chain is not: the authority has it still, under this address.
    ChainLost(String),
    /// Key and chain, which fit.
    Held(Held),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Nothing to do.
    Wait(Wait),
    /// Ask when the authority would have the certificate renewed.
    AskAdvice,
    /// Something that asks the authority for a certificate.
    Take(Step),
}

/// What is taken to its end, or fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Download the chain of a past order.
    FetchChain(String),
    /// Go on with the order that is under way.
    Resume,
    /// Order a certificate.
    Order(Purpose),
}

/// Why an order is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// There is none that can be used.
    First,
    /// It is for other names, or of another authority.
    Changed,
    /// The authority's advice.
    Advised,
    /// Its time, by the lifetime; or an advised one, where the authority did not take what it replaces.
    Renewal,
    /// Somebody asked.
    Hand,
}

impl Purpose {
    pub(super) fn by(self) -> By {
        match self {
            Self::Advised => By::RenewalInfo,
            Self::Hand => By::Hand,
            Self::First | Self::Changed | Self::Renewal => By::Automatic,
        }
    }
}

/// Nothing to do, until when and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    /// `None` where nobody can say.
    pub until: Option<DateTime<Utc>>,
    pub why: Why,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// A clock that can be believed.
    Clock,
    /// The instant that was drawn in the authority's window.
    Advice,
    /// Two thirds of the lifetime.
    Lifetime,
    /// The end of a back-off.
    BackOff,
    /// The end of the pause that the authority asked for.
    Told,
    /// The ledger's next place.
    Ledger,
    /// An hour with fewer failed validations.
    Validations,
}

/// The next step of the box itself.
pub(super) fn next(state: &State, now: DateTime<Utc>, is_trusted: bool) -> Action {
    if !is_trusted {
        return Action::Wait(Wait { until: None, why: Why::Clock });
    }
    match wish(state, now) {
        Action::Take(step) => hindrance(state, &step, now).map_or(Action::Take(step), Action::Wait),
        action => action,
    }
}

/// The step when somebody asks: no back-off and no ledger stands in the way, the authority's limits do.
pub(super) fn by_hand(state: &State, now: DateTime<Utc>, is_trusted: bool) -> Result<Step, Wait> {
    if !is_trusted {
        return Err(Wait { until: None, why: Why::Clock });
    }
    let step = if order_at_hand(state) { Step::Resume } else { Step::Order(Purpose::Hand) };
    latest(limits(state, now)).map_or(Ok(step), Err)
}

/// Is an order under way for what is still wanted?
fn order_at_hand(state: &State) -> bool {
    state.order.as_ref().is_some_and(|order| state.wanted.is_for(&order.directory, &order.names))
}

fn wish(state: &State, now: DateTime<Utc>) -> Action {
    if order_at_hand(state) {
        return Action::Take(Step::Resume);
    }
    match &state.certificate {
        Certificate::None => order(Purpose::First),
        Certificate::ChainLost(url) => Action::Take(Step::FetchChain(url.clone())),
        Certificate::Held(held) if !state.wanted.is_for(&held.record.directory, &held.record.names) => {
            order(Purpose::Changed)
        }
        Certificate::Held(held) => renewal(state, held, now),
    }
}

fn renewal(state: &State, held: &Held, now: DateTime<Utc>) -> Action {
    let (at, why) = renewal_at(held);
    let asked_lately = held.ask_at.is_some_and(|ask| now < ask && ask - now <= ASK_AT_LEAST_EVERY);
    match (now >= at, asked_lately) {
        // An authority that does not take it as a renewal counts it as another one, and so do we.
        (true, _) if held.record.advice.is_some() && !state.back_off.is_replacing_refused => order(Purpose::Advised),
        (true, _) => order(Purpose::Renewal),
        (false, false) => Action::AskAdvice,
        (false, true) => Action::Wait(Wait { until: Some(at), why }),
    }
}

/// When the certificate is renewed: where the authority gave advice, then, but not with less than a twentieth of the
/// lifetime left; else at two thirds of it.
pub(super) fn renewal_at(held: &Held) -> (DateTime<Utc>, Why) {
    let lifetime = held.lifetime();
    match &held.record.advice {
        Some(advice) => {
            let earliest = held.record.issued_at + ADVICE_AT_MOST_EVERY.min(lifetime / 20);
            (advice.chosen.max(earliest).min(held.not_after - lifetime / 20), Why::Advice)
        }
        None => (held.not_before + lifetime * 2 / 3, Why::Lifetime),
    }
}

/// What stands in the way of the box itself.
fn hindrance(state: &State, step: &Step, now: DateTime<Utc>) -> Option<Wait> {
    let is_counted = matches!(step, Step::Order(purpose) if *purpose != Purpose::Advised);
    let ledger = state.ledger.automatic_from(&state.wanted, now).filter(|_| is_counted);
    let own = [(state.back_off.until(&state.wanted.label(), now), Why::BackOff), (ledger, Why::Ledger)];
    latest(own.into_iter().chain(limits(state, now)))
}

/// What the authority holds against anybody.
fn limits(state: &State, now: DateTime<Utc>) -> [(Option<DateTime<Utc>>, Why); 2] {
    let told = state.back_off.told_until(&state.wanted.label(), now);
    [(state.back_off.validations_until(now), Why::Validations), (told, Why::Told)]
}

/// The longest wait; of two that end together the later one of the list.
fn latest(waits: impl IntoIterator<Item = (Option<DateTime<Utc>>, Why)>) -> Option<Wait> {
    let waits = waits.into_iter().filter(|(until, _)| until.is_some()).map(|(until, why)| Wait { until, why });
    waits.max_by_key(|wait| wait.until)
}

fn order(purpose: Purpose) -> Action {
    Action::Take(Step::Order(purpose))
}

#[cfg(test)]
mod tests {
    use super::super::back_off::{Bounds, Failed, Fault};
    use super::super::ledger::Issued;
    use super::super::tables::{Advice, CertificateRecord};
    use super::*;
    use crate::config::Challenge;

    const DAY: i64 = 86_400;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + secs, 0).unwrap()
    }

    fn wanted() -> Wanted {
        Wanted { directory: "https://ca/".into(), names: vec!["a.test".into()], challenge: Challenge::TlsAlpn01 }
    }

    fn empty() -> State {
        State {
            wanted: wanted(),
            certificate: Certificate::None,
            order: None,
            back_off: BackOff::default(),
            ledger: Ledger::default(),
        }
    }

    /// A certificate that was issued at 0, whose advice was asked for at 0.
    fn held(lifetime: i64) -> Held {
        Held {
            record: CertificateRecord {
                directory: wanted().directory,
                names: wanted().names,
                order_url: Some("https://ca/order/1".into()),
                issued_at: at(0),
                advice: None,
            },
            not_before: at(0),
            not_after: at(lifetime),
            ask_at: None,
        }
    }

    fn holding(held: Held) -> State {
        State { certificate: Certificate::Held(held), ..empty() }
    }

    /// Asked for advice just now.
    fn at_time(mut held: Held, secs: i64) -> Action {
        held.ask_at = Some(at(secs + 3600));
        next(&holding(held), at(secs), true)
    }

    fn advised(lifetime: i64, chosen: i64) -> Held {
        let mut held = held(lifetime);
        held.record.advice = Some(Advice { start: at(chosen), end: at(chosen), chosen: at(chosen), explanation: None });
        held
    }

    fn order_for(names: &[&str]) -> OrderRecord {
        OrderRecord {
            url: "https://ca/order/2".into(),
            directory: wanted().directory,
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            since: at(0),
            by: By::Automatic,
        }
    }

    fn failed_at(state: State, secs: i64, fault: Fault) -> State {
        let failed = Failed { words: "no".into(), retry_after_secs: None, fault };
        let bounds = Bounds { now: at(secs), lifetime: None, fraction: 0.0 };
        State { back_off: state.back_off.failed(&state.wanted.label(), failed, bounds), ..state }
    }

    fn issued(secs: i64) -> Issued {
        Issued {
            at: at(secs),
            directory: wanted().directory,
            names: wanted().names,
            serial: secs.to_string(),
            not_before: at(secs),
            not_after: at(secs + 90 * DAY),
            by: By::Automatic,
        }
    }

    fn wait(until: i64, why: Why) -> Action {
        Action::Wait(Wait { until: Some(at(until)), why })
    }

    #[test]
    fn nothing_is_done_while_the_clock_cannot_be_believed() {
        for state in [empty(), holding(held(0)), State { order: Some(order_for(&["a.test"])), ..empty() }] {
            assert_eq!(next(&state, at(0), false), Action::Wait(Wait { until: None, why: Why::Clock }));
            assert!(by_hand(&state, at(0), false).is_err());
        }
    }

    #[test]
    fn without_advice_a_certificate_is_renewed_at_two_thirds_of_its_lifetime() {
        for lifetime in [90 * DAY, 64 * DAY, 45 * DAY, 160 * 3600, 6 * 3600, 21] {
            let due = lifetime * 2 / 3;
            assert_eq!(at_time(held(lifetime), due - 1), wait(due, Why::Lifetime), "{lifetime}");
            assert_eq!(at_time(held(lifetime), due), order(Purpose::Renewal), "{lifetime}");
        }
    }

    #[test]
    fn advice_counts_until_a_twentieth_of_the_lifetime_is_left() {
        // Lifetime, the chosen instant, when it is renewed.
        for (lifetime, chosen, due) in [
            (90 * DAY, 50 * DAY, 50 * DAY),
            (90 * DAY, 70 * DAY, 70 * DAY),
            (90 * DAY, 89 * DAY, 90 * DAY - 90 * DAY / 20),
            (90 * DAY, -5 * DAY, DAY),
            (20, -5, 1),
        ] {
            assert_eq!(at_time(advised(lifetime, chosen), due - 1), wait(due, Why::Advice), "{chosen}");
            assert_eq!(at_time(advised(lifetime, chosen), due), order(Purpose::Advised), "{chosen}");
        }
    }

    #[test]
    fn only_a_refused_order_makes_an_advised_one_an_ordinary_one() {
        for (fault, purpose) in [(Fault::Other, Purpose::Advised), (Fault::Replacing, Purpose::Renewal)] {
            let state = failed_at(holding(advised(90 * DAY, 50 * DAY)), 50 * DAY, fault);
            let state = failed_at(state, 50 * DAY, Fault::Other);
            assert_eq!(next(&state, at(50 * DAY + 601), true), order(purpose));
        }
    }

    #[test]
    fn a_pause_that_the_authority_asked_for_holds_a_hand_too() {
        let failed = Failed { words: "no".into(), retry_after_secs: Some(7200), fault: Fault::Other };
        let bounds = Bounds { now: at(0), lifetime: None, fraction: 0.0 };
        let state = State { back_off: BackOff::default().failed(&wanted().label(), failed, bounds), ..empty() };
        assert_eq!(next(&state, at(1), true), wait(7200, Why::Told));
        assert_eq!(by_hand(&state, at(1), true), Err(Wait { until: Some(at(7200)), why: Why::Told }));
        assert!(by_hand(&state, at(7200), true).is_ok());
    }

    #[test]
    fn advice_is_asked_for_at_once_and_when_its_time_has_come() {
        let asked = |ask_at: Option<i64>| {
            let held = Held { ask_at: ask_at.map(at), ..held(90 * DAY) };
            next(&holding(held), at(0), true)
        };
        assert_eq!(asked(None), Action::AskAdvice);
        assert_eq!(asked(Some(0)), Action::AskAdvice);
        assert_eq!(asked(Some(1)), wait(60 * DAY, Why::Lifetime));
        assert_eq!(asked(Some(DAY)), Action::AskAdvice, "a clock was wrong");
    }

    #[test]
    fn other_names_or_another_authority_are_ordered_at_once() {
        let mut state = holding(held(90 * DAY));
        state.wanted.names.push("b.test".into());
        assert_eq!(next(&state, at(1), true), order(Purpose::Changed));
        let mut state = holding(held(90 * DAY));
        state.wanted.directory = "https://other/".into();
        assert_eq!(next(&state, at(1), true), order(Purpose::Changed));
    }

    #[test]
    fn another_challenge_alone_is_no_reason_to_order() {
        let mut state = holding(held(90 * DAY));
        state.wanted.challenge = Challenge::Http01;
        assert_eq!(next(&state, at(1), true), Action::AskAdvice);
    }

    #[test]
    fn an_order_is_resumed_where_it_is_still_wanted() {
        let state = State { order: Some(order_for(&["a.test"])), ..empty() };
        assert_eq!(next(&state, at(0), true), Action::Take(Step::Resume));
        let state = State { order: Some(order_for(&["gone.test"])), ..empty() };
        assert_eq!(next(&state, at(0), true), order(Purpose::First));
    }

    #[test]
    fn a_lost_chain_is_fetched_and_a_lost_key_is_ordered() {
        let state = State { certificate: Certificate::ChainLost("https://ca/order/1".into()), ..empty() };
        assert_eq!(next(&state, at(0), true), Action::Take(Step::FetchChain("https://ca/order/1".into())));
        assert_eq!(next(&empty(), at(0), true), order(Purpose::First));
    }

    #[test]
    fn a_failure_holds_everything_back_that_asks_the_authority() {
        let lost = State { certificate: Certificate::ChainLost("https://ca/order/1".into()), ..empty() };
        let under_way = State { order: Some(order_for(&["a.test"])), ..empty() };
        for state in [empty(), lost, under_way] {
            let state = failed_at(state, 0, Fault::Other);
            assert_eq!(next(&state, at(59), true), wait(60, Why::BackOff));
            assert!(!matches!(next(&state, at(60), true), Action::Wait(_)));
            assert!(by_hand(&state, at(1), true).is_ok());
        }
    }

    #[test]
    fn a_failure_does_not_hold_back_what_is_not_due() {
        let state = failed_at(holding(Held { ask_at: Some(at(3600)), ..held(90 * DAY) }), 0, Fault::Other);
        assert_eq!(next(&state, at(1), true), wait(60 * DAY, Why::Lifetime));
    }

    #[test]
    fn the_ledger_holds_back_a_fourth_but_not_an_advised_one_nor_a_hand() {
        let ledger = [0, 1, 2].into_iter().fold(Ledger::default(), |ledger, secs| ledger.with(issued(secs)));
        let state = State { ledger, ..empty() };
        assert_eq!(next(&state, at(3), true), wait(7 * DAY, Why::Ledger));
        assert_eq!(by_hand(&state, at(3), true), Ok(Step::Order(Purpose::Hand)));
        let state = State { certificate: Certificate::Held(advised(90 * DAY, 0)), ..state };
        assert_eq!(next(&state, at(DAY), true), order(Purpose::Advised));
    }

    #[test]
    fn five_failed_validations_in_an_hour_hold_back_a_hand_too() {
        let state = (0..5).fold(empty(), |state, secs| failed_at(state, secs, Fault::Validation));
        let hour = Wait { until: Some(at(3600)), why: Why::Validations };
        assert_eq!(by_hand(&state, at(10), true), Err(hour));
    }
}
