//! What Pebble 2.4 does not know: advice on renewals (RFC 9773) and limits with `Retry-After`. The go-between says it.

use std::sync::{Arc, Mutex};

use axum::http::Method;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::acme_rig::{Asked, GoBetween, Rig, Verdict, answer};
use super::pebble::Habits;

type Window = Arc<Mutex<(DateTime<Utc>, DateTime<Utc>)>>;

/// An authority that advises, and takes what is said to be replaced.
fn advising(rig: &Rig, window: &Window, retry_after: &'static str) -> GoBetween {
    let (window, directory) = (window.clone(), rig.pebble.directory());
    let advice = directory.replace("/dir", "/advice");
    GoBetween::new(rig.client(), move |asked| match asked.path.as_str() {
        "/dir" => {
            let advice = advice.clone();
            Verdict::Edit(Box::new(move |directory| directory["renewalInfo"] = json!(advice)))
        }
        "/advice/" => {
            let (start, end) = *window.lock().unwrap();
            let window = json!({"start": start.to_rfc3339(), "end": end.to_rfc3339()});
            let body = json!({"suggestedWindow": window, "explanationURL": "https://ca.test/why"});
            answer(200, &[("retry-after", retry_after)], body)
        }
        "/order-plz" => echo_replaces(asked),
        _ => Verdict::Pass,
    })
}

fn echo_replaces(asked: &Asked) -> Verdict {
    let replaces = asked.payload["replaces"].clone();
    match replaces.is_null() {
        true => Verdict::Pass,
        false => Verdict::Edit(Box::new(move |order| order["replaces"] = replaces.clone())),
    }
}

fn asked_for_advice(client: &GoBetween) -> usize {
    client.log().iter().filter(|(asked, _)| asked.path == "/advice/" && asked.method == Method::GET).count()
}

/// What the orders said that they replace.
fn replaced(client: &GoBetween) -> Vec<bool> {
    let orders = client.log().into_iter().filter(|(asked, _)| asked.path == "/order-plz");
    orders.map(|(asked, _)| !asked.payload["replaces"].is_null()).collect()
}

async fn steady_rig() -> Option<Rig> {
    let mut rig = Rig::start(Habits { bad_nonces: 0, ..Habits::default() }).await?;
    rig.hold_clock();
    Some(rig)
}

fn window(rig: &Rig, days: i64) -> Window {
    let start = rig.clock.now() + TimeDelta::days(days);
    Arc::new(Mutex::new((start, start + TimeDelta::hours(1))))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_when_the_authority_advises_and_the_order_says_what_it_replaces() {
    let Some(rig) = steady_rig().await else { return };
    let window = window(&rig, 10);
    let client = advising(&rig, &window, "3600");
    let acme = rig.open(&client);
    acme.tick().await;
    acme.tick().await;
    let (start, end) = *window.lock().unwrap();
    let at = acme.status().next_at.unwrap();
    assert!(at >= start - TimeDelta::seconds(1) && at <= end, "{at}");
    assert_eq!(acme.status().explanation.as_deref(), Some("https://ca.test/why"));
    drop(acme);
    let acme = rig.open(&client);
    acme.tick().await;
    assert_eq!(acme.status().next_at, Some(at), "drawn once");
    rig.clock.advance(at - rig.clock.now());
    acme.tick().await;
    assert_eq!(replaced(&client), [false, true]);
    assert!(acme.status().ledger.starts_with("0 certificates"), "{}", acme.status().ledger);
}

#[tokio::test(flavor = "multi_thread")]
async fn advice_is_asked_for_at_least_twice_a_day_and_at_most_each_minute() {
    let Some(rig) = steady_rig().await else { return };
    for (told, wait) in [("604800", TimeDelta::hours(12)), ("0", TimeDelta::minutes(1)), ("7200", TimeDelta::hours(2))]
    {
        let client = advising(&rig, &window(&rig, 50), told);
        let acme = rig.open(&client);
        acme.tick().await;
        while asked_for_advice(&client) == 0 {
            acme.tick().await;
        }
        rig.clock.advance(wait - TimeDelta::seconds(1));
        acme.tick().await;
        assert_eq!(asked_for_advice(&client), 1, "{told}");
        rig.clock.advance(TimeDelta::seconds(1));
        acme.tick().await;
        assert_eq!(asked_for_advice(&client), 2, "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_moves_forward_is_heeded() {
    let Some(rig) = steady_rig().await else { return };
    let window = window(&rig, 50);
    let client = advising(&rig, &window, "3600");
    let acme = rig.open(&client);
    acme.tick().await;
    acme.tick().await;
    let soon = rig.clock.now() + TimeDelta::days(2);
    *window.lock().unwrap() = (soon, soon + TimeDelta::hours(1));
    rig.clock.advance(TimeDelta::hours(1));
    acme.tick().await;
    assert!(acme.status().next_at.unwrap() <= soon + TimeDelta::hours(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_refuses_what_is_replaced_is_asked_without() {
    let Some(rig) = steady_rig().await else { return };
    let advising = advising(&rig, &window(&rig, 10), "3600");
    let acme = rig.open(&advising);
    acme.tick().await;
    acme.tick().await;
    drop(acme);
    let refusing = GoBetween::new(rig.client(), |asked| match asked.path.as_str() {
        "/dir" => Verdict::Edit(Box::new(|directory| directory["renewalInfo"] = json!("https://localhost/advice"))),
        "/order-plz" if !asked.payload["replaces"].is_null() => {
            let kind = "urn:ietf:params:acme:error:alreadyReplaced";
            answer(409, &[], json!({"type": kind, "detail": "replaced", "status": 409}))
        }
        "/advice/" => answer(404, &[], json!({"type": "urn:ietf:params:acme:error:malformed"})),
        _ => Verdict::Pass,
    });
    rig.clock.advance(TimeDelta::days(11));
    let acme = rig.open(&refusing);
    let before = acme.stored().unwrap().leaf;
    acme.tick().await;
    assert_eq!(acme.stored().unwrap().leaf, before);
    rig.clock.advance(TimeDelta::minutes(1));
    acme.tick().await;
    assert_ne!(acme.stored().unwrap().leaf, before);
    assert_eq!(replaced(&refusing), [true, false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_advice_a_certificate_is_renewed_at_two_thirds_of_its_lifetime() {
    let Some(rig) = steady_rig().await else { return };
    let client = rig.passing();
    let acme = rig.open(&client);
    acme.tick().await;
    rig.clock.advance(TimeDelta::days(60) - TimeDelta::minutes(1));
    acme.tick().await;
    acme.tick().await;
    assert_eq!(client.count("/order-plz", 201), 1);
    rig.clock.advance(TimeDelta::minutes(2));
    acme.tick().await;
    assert_eq!(client.count("/order-plz", 201), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_429_is_waited_out_as_long_as_it_says() {
    let Some(rig) = steady_rig().await else { return };
    let limited = GoBetween::new(rig.client(), |asked| match asked.path.as_str() {
        "/order-plz" if asked.posts_before < 4 => {
            let kind = "urn:ietf:params:acme:error:rateLimited";
            let body = json!({"type": kind, "detail": "too many certificates (5) already issued", "status": 429});
            answer(429, &[("retry-after", "7200")], body)
        }
        _ => Verdict::Pass,
    });
    let acme = rig.open(&limited);
    acme.tick().await;
    let status = acme.status();
    assert!(status.last_error.unwrap().words.contains("(it says: too many certificates (5) already issued)"));
    assert_eq!(status.next_at, Some(rig.clock.now() + TimeDelta::hours(2)));
    let orders = replaced(&limited).len();
    rig.clock.advance(TimeDelta::seconds(7199));
    acme.tick().await;
    assert_eq!(replaced(&limited).len(), orders);
    rig.clock.advance(TimeDelta::seconds(1));
    acme.tick().await;
    assert_eq!(replaced(&limited).len(), orders + 1);
}
