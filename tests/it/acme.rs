//! Certificates from a real authority: the first, the next, and what goes wrong on the way. Needs Pebble (`pebble.rs`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use carillon::config::Challenge;
use carillon::tls::acme::Acme;
use chrono::TimeDelta;
use http_body_util::Full;

use super::acme_rig::{GoBetween, Rig, Verdict};
use super::pebble::Habits;

/// Ticks as the service does, until there is a certificate.
pub async fn until_issued(acme: &Acme) {
    let end = Instant::now() + Duration::from_secs(30);
    while acme.stored().is_none() {
        assert!(Instant::now() < end, "no certificate: {:?}", acme.status());
        acme.tick().await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_certificate_by_tls_alpn_01_is_trusted() {
    let Some(mut rig) = Rig::start(Habits::default()).await else { return };
    rig.domains = vec!["www.cafe.test".into(), "cafe.test".into()];
    let acme = rig.open(&rig.passing());
    assert!(rig.visitor().await.visit("cafe.test").await.is_err(), "self-signed");
    acme.tick().await;
    let visitor = rig.visitor().await;
    visitor.visit("cafe.test").await.unwrap();
    visitor.visit("www.cafe.test").await.unwrap();
    assert!(rig.showcase.challenges.certificate("cafe.test").is_none(), "withdrawn");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_certificate_by_http_01_is_trusted() {
    let Some(mut rig) = Rig::start(Habits::default()).await else { return };
    rig.acme.challenge = Challenge::Http01;
    let acme = rig.open(&rig.passing());
    acme.tick().await;
    rig.visitor().await.visit("cafe.test").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_orders_nothing() {
    let Some(rig) = Rig::start(Habits::default()).await else { return };
    let acme = rig.open(&rig.passing());
    acme.tick().await;
    let before = acme.stored().unwrap();
    drop(acme);
    let client = rig.passing();
    let acme = rig.open(&client);
    assert_eq!(acme.stored().unwrap().leaf, before.leaf, "without network");
    acme.tick().await;
    acme.tick().await;
    assert!(client.log().iter().all(|(asked, _)| asked.path == "/dir"), "{:?}", client.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_tick_writes_nothing() {
    let Some(rig) = Rig::start(Habits::default()).await else { return };
    let acme = rig.open(&rig.passing());
    acme.tick().await;
    acme.tick().await;
    drop(acme);
    let store = rig.store();
    let commits = store.commits();
    drop(store);
    let acme = rig.open(&rig.passing());
    acme.tick().await;
    acme.tick().await;
    drop(acme);
    assert_eq!(rig.store().commits(), commits);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_is_made_once() {
    let Some(mut rig) = Rig::start(Habits { bad_nonces: 0, ..Habits::default() }).await else { return };
    let client = rig.passing();
    rig.open(&client).tick().await;
    rig.domains.push("www.cafe.test".into());
    rig.open(&client).tick().await;
    assert_eq!(client.count("/sign-me-up", 201), 1);
    assert_eq!(client.count("/order-plz", 201), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_of_all_nonces_refused_and_slow_looks_are_no_failure() {
    let habits = Habits { bad_nonces: 50, is_slow: true, ..Habits::default() };
    let Some(rig) = Rig::start(habits).await else { return };
    let acme = Arc::new(rig.open(&rig.passing()));
    // On a task of its own, as the service has it.
    let ticking = acme.clone();
    tokio::spawn(async move { ticking.tick().await }).await.unwrap();
    assert!(acme.stored().is_some(), "{:?}", acme.status());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_is_down_is_asked_again_when_it_may_be_back() {
    let Some(mut rig) = Rig::ready(Habits::default()).await else { return };
    rig.hold_clock();
    let acme = rig.open(&rig.passing());
    acme.tick().await;
    let status = acme.status();
    let error = status.last_error.unwrap().words;
    assert!(error.contains("cannot be reached") && error.contains("check this box's way"), "{error}");
    rig.pebble.start();
    acme.tick().await;
    assert!(acme.stored().is_none(), "it waits");
    rig.clock.advance(TimeDelta::seconds(60));
    acme.tick().await;
    assert!(acme.stored().is_some() && acme.status().last_error.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_back_off_goes_on_after_a_restart() {
    let Some(mut rig) = Rig::ready(Habits::default()).await else { return };
    rig.hold_clock();
    let acme = rig.open(&rig.passing());
    for minutes in [1, 10, 100] {
        acme.tick().await;
        rig.clock.advance(TimeDelta::minutes(minutes));
    }
    acme.tick().await;
    let until = acme.status().next_at.unwrap();
    drop(acme);
    let client = rig.passing();
    let acme = rig.open(&client);
    acme.tick().await;
    assert!(client.log().is_empty());
    assert_eq!((acme.status().next_at, acme.status().failures), (Some(until), 4));
    assert!(until > rig.clock.now() + TimeDelta::hours(21), "daily by now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_the_authority_refuses_is_told_with_its_key() {
    let Some(mut rig) = Rig::start(Habits::default()).await else { return };
    rig.domains = vec!["blocked.test".into()];
    let acme = rig.open(&rig.passing());
    acme.tick().await;
    let error = acme.status().last_error.unwrap().words;
    assert!(error.contains("blocked.test") && error.contains("tls.domains"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_goes_invalid_is_dropped_and_told() {
    let Some(mut rig) = Rig::start(Habits::default()).await else { return };
    rig.hold_clock();
    // The authority looks on port 80's stand-in, and nobody has put anything there.
    rig.acme.challenge = Challenge::Http01;
    let client = rig.passing();
    let showcase = rig.showcase.clone();
    let client = GoBetween::new(rig.client(), {
        drop(client);
        move |asked| {
            if asked.path == "/chalZ/" {
                showcase.challenges.withdraw_all();
            }
            Verdict::Pass
        }
    });
    let acme = rig.open(&client);
    acme.tick().await;
    let status = acme.status();
    let error = status.last_error.unwrap().words;
    assert!(error.contains("another answer at cafe.test") && error.contains("port 80"), "{error}");
    assert!(status.order_since.is_none() && status.next_at.is_some());
    drop(acme);
    let acme = rig.open(&rig.passing());
    assert_eq!(acme.status().last_error.unwrap().words, error);
    rig.clock.advance(TimeDelta::seconds(60));
    acme.tick().await;
    assert!(acme.stored().is_some(), "{:?}", acme.status());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_while_the_clock_cannot_be_believed() {
    let Some(rig) = Rig::start(Habits::default()).await else { return };
    rig.clock.doubt(&rig.clock.reading());
    let client = rig.passing();
    let acme = rig.open(&client);
    acme.tick().await;
    assert!(client.log().is_empty() && acme.status().next.contains("clock"));
    assert!(acme.renew_now().await.unwrap_err().to_string().contains("clock.trust"));
    rig.clock.take_as_is();
    acme.tick().await;
    assert!(acme.stored().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_with_an_unknown_root_names_the_key_for_it() {
    let Some(mut rig) = Rig::start(Habits::default()).await else { return };
    rig.acme.ca_file = None;
    let acme = rig.open(&rig.passing());
    acme.tick().await;
    let error = acme.status().last_error.unwrap().words;
    assert!(error.contains("tls.acme.ca_file"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_page_of_the_network_is_told_as_one() {
    let Some(rig) = Rig::ready(Habits::default()).await else { return };
    let page = |_: &_| {
        let page = axum::http::Response::builder().header("content-type", "text/html");
        Verdict::Answer(page.body(Full::from("<html>Sign in</html>")).unwrap())
    };
    let acme = rig.open(&GoBetween::new(rig.client(), page));
    acme.tick().await;
    let error = acme.status().last_error.unwrap().words;
    assert!(error.contains("sign-in page") && error.contains("tls.acme.directory"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_passes_the_ledger_with_a_warning() {
    let Some(rig) = Rig::start(Habits::default()).await else { return };
    let acme = rig.open(&rig.passing());
    acme.tick().await;
    let first = acme.stored().unwrap().leaf;
    let mut warnings = Vec::new();
    for _ in 0..3 {
        warnings.push(acme.renew_now().await.unwrap().warning);
    }
    assert_ne!(acme.stored().unwrap().leaf.serial, first.serial);
    assert!(warnings[1].is_none() && warnings[2].as_ref().unwrap().starts_with("3 certificates"), "{warnings:?}");
    assert!(acme.status().ledger.starts_with("4 certificates issued"), "{}", acme.status().ledger);
}
