//! What an authority can refuse, lose or give wrongly, and what it may cost: no certificate more than it must.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::Method;
use carillon::store::{StoreError, Table};
use carillon::tls::acme::Acme;
use chrono::TimeDelta;
use http_body_util::Full;
use serde_json::json;

use super::acme_rig::{Asked, GoBetween, Rig, Verdict, answer};
use super::pebble::Habits;

async fn steady_rig() -> Option<Rig> {
    let mut rig = Rig::start(Habits { bad_nonces: 0, ..Habits::default() }).await?;
    rig.hold_clock();
    Some(rig)
}

fn problem(status: u16, kind: &str) -> Verdict {
    answer(status, &[], json!({"type": format!("urn:ietf:params:acme:error:{kind}"), "detail": "no", "status": status}))
}

fn error(acme: &Acme) -> String {
    acme.status().last_error.unwrap().words
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_cannot_be_used_counts_all_the_same() {
    let Some(rig) = steady_rig().await else { return };
    let client = GoBetween::new(rig.client(), |asked| match asked.path.as_str() {
        "/certZ/" => {
            let page = axum::http::Response::builder().header("content-type", "application/pem-certificate-chain");
            Verdict::Answer(page.body(Full::from("rubbish")).unwrap())
        }
        _ => Verdict::Pass,
    });
    let acme = rig.open(&client);
    acme.tick().await;
    assert!(error(&acme).contains("cannot be used"), "{}", error(&acme));
    assert!(acme.status().ledger.starts_with("1 certificate "), "{}", acme.status().ledger);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_a_wrong_clock_calls_expired_is_kept_until_it_is_right() {
    let Some(rig) = steady_rig().await else { return };
    rig.clock.jump(TimeDelta::days(100));
    let client = rig.passing();
    let acme = rig.open(&client);
    acme.tick().await;
    assert!(error(&acme).contains("check the clock"), "{}", error(&acme));
    assert!(acme.status().order_since.is_some());
    rig.clock.jump(TimeDelta::days(-100));
    acme.tick().await;
    assert!(acme.stored().is_some(), "{:?}", acme.status());
    assert_eq!(client.count("/order-plz", 201), 1);
    assert!(acme.status().ledger.starts_with("1 certificate "), "{}", acme.status().ledger);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_order_whose_authorization_is_gone_is_dropped() {
    let Some(rig) = steady_rig().await else { return };
    let client = GoBetween::new(rig.client(), |asked| match asked.path.as_str() {
        "/order-plz" => Verdict::Edit(Box::new(|order| order["status"] = json!("invalid"))),
        "/authZ/" => answer(500, &[], json!({"type": "urn:ietf:params:acme:error:serverInternal", "status": 500})),
        _ => Verdict::Pass,
    });
    let acme = rig.open(&client);
    acme.tick().await;
    assert!(acme.status().order_since.is_none(), "{:?}", acme.status());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_the_authority_closed_is_replaced_with_another_key() {
    let Some(rig) = steady_rig().await else { return };
    let is_closed = Arc::new(AtomicBool::new(true));
    let client = GoBetween::new(rig.client(), {
        let is_closed = is_closed.clone();
        move |asked: &Asked| match asked.path.as_str() {
            "/order-plz" if is_closed.load(Ordering::SeqCst) => problem(401, "unauthorized"),
            "/sign-me-up" if asked.payload["onlyReturnExisting"] == json!(true) => {
                is_closed.store(false, Ordering::SeqCst);
                problem(403, "unauthorized")
            }
            _ => Verdict::Pass,
        }
    });
    let acme = rig.open(&client);
    acme.tick().await;
    assert!(acme.stored().is_some(), "{:?}", acme.status());
    assert_eq!(client.count("/sign-me-up", 201), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_that_is_not_found_costs_no_order() {
    let Some(rig) = steady_rig().await else { return };
    let is_broken = Arc::new(AtomicBool::new(false));
    let client = GoBetween::new(rig.client(), {
        let is_broken = is_broken.clone();
        move |asked: &Asked| match asked.path.as_str() {
            "/finalize-order/" if !is_broken.swap(true, Ordering::SeqCst) => problem(503, "serverInternal"),
            _ if asked.method == Method::HEAD && is_broken.load(Ordering::SeqCst) => answer(404, &[], json!({})),
            _ => Verdict::Pass,
        }
    });
    let acme = rig.open(&client);
    acme.tick().await;
    rig.clock.advance(TimeDelta::minutes(1));
    acme.tick().await;
    assert!(acme.status().order_since.is_some(), "{:?}", acme.status());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_panics_backs_off() {
    let Some(rig) = steady_rig().await else { return };
    let client = GoBetween::new(rig.client(), |asked| match asked.path.as_str() {
        "/order-plz" => panic!("a fault"),
        _ => Verdict::Pass,
    });
    let acme = Arc::new(rig.open(&client));
    let ticking = acme.clone();
    assert!(tokio::spawn(async move { ticking.tick().await }).await.is_err());
    assert!(acme.status().next_at.is_some() && error(&acme).contains("broke off"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_without_an_end_is_a_failure_and_no_panic() {
    let Some(rig) = steady_rig().await else { return };
    let client = GoBetween::new(rig.client(), |asked| match asked.path.as_str() {
        "/my-order/" => answer(200, &[("retry-after", "18446744073709551615")], json!({})),
        _ => Verdict::Pass,
    });
    let acme = rig.open(&client);
    acme.tick().await;
    assert!(!error(&acme).contains("broke off"), "{}", error(&acme));
    assert!(acme.renew_now().await.unwrap_err().to_string().contains("left alone"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_contact_is_told_once() {
    let Some(rig) = steady_rig().await else { return };
    let client = GoBetween::new(rig.client(), |asked| match asked.path.as_str() {
        "/my-account/" => problem(400, "invalidContact"),
        _ => Verdict::Pass,
    });
    rig.open(&client).tick().await;
    rig.open(&client).renew_now().await.unwrap();
    let told = client.log().into_iter().filter(|(asked, _)| asked.path == "/my-account/");
    assert_eq!(told.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_chain_of_other_names_is_not_fetched() {
    let Some(mut rig) = steady_rig().await else { return };
    rig.open(&rig.passing()).tick().await;
    const CHAINS: Table<Vec<u8>> = Table::new("acme_chains");
    rig.store().write_now::<_, StoreError>(|tx| tx.put_body(&CHAINS, b"certificate", b"rubbish")).unwrap();
    rig.domains.push("www.cafe.test".into());
    let acme = rig.open(&rig.passing());
    acme.tick().await;
    assert_eq!(acme.stored().unwrap().leaf.names.len(), 2);
}
