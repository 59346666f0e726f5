//! A power cut at any step, damage in the database, an authority that forgets: what is lost, and what it costs.

use axum::http::Method;
use carillon::store::{Read, StoreError, Table};
use carillon::tls::acme::KEYS;
use chrono::TimeDelta;

use super::acme::until_issued;
use super::acme_rig::{Asked, GoBetween, Rig, Verdict};
use super::pebble::Habits;

const CHAINS: Table<Vec<u8>> = Table::new("acme_chains");

/// An authority that refuses no nonce, so that the steps can be counted.
fn steady() -> Habits {
    Habits { bad_nonces: 0, ..Habits::default() }
}

/// Where the power fails.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cut {
    /// Before this POST is sent.
    Before(usize),
    /// When it has arrived, before its answer is here.
    After(usize),
}

impl Cut {
    fn rule(self) -> impl Fn(&Asked) -> Verdict + Send + Sync + 'static {
        move |asked| match self {
            _ if asked.method != Method::POST => Verdict::Pass,
            Self::Before(n) if asked.posts_before == n => Verdict::Lose,
            Self::After(n) if asked.posts_before == n => Verdict::LoseAnswer,
            _ => Verdict::Pass,
        }
    }
}

/// Cuts the power, starts again, and counts what both lives cost the authority. False where the order was done before.
async fn cut_and_go_on(rig: &mut Rig, cut: Cut) -> bool {
    rig.data = tempfile::tempdir().unwrap();
    let before = GoBetween::new(rig.client(), cut.rule());
    let acme = rig.open(&before);
    let was_cut = tokio::select! {
        () = acme.tick() => false,
        () = before.cut.notified() => true,
    };
    drop(acme);
    assert!(rig.showcase.challenges.certificate("cafe.test").is_none(), "{cut:?}: an answer is left");
    let after = rig.passing();
    let acme = rig.open(&after);
    while acme.stored().is_none() {
        acme.tick().await;
        rig.clock.advance(TimeDelta::seconds(10));
    }
    let count = |path, status| before.count(path, status) + after.count(path, status);
    assert_eq!(count("/sign-me-up", 201), 1, "{cut:?}: accounts");
    let orders = if may_be_lost(&before, cut) { 1..=2 } else { 1..=1 };
    assert!(orders.contains(&count("/order-plz", 201)), "{cut:?}: orders");
    assert_eq!(count("/finalize-order/", 200), 1, "{cut:?}: certificates");
    assert!(acme.status().ledger.starts_with("1 certificate "), "{cut:?}");
    was_cut
}

/// An order whose address never reached us cannot be found again, and one that the authority looked for while the power
/// was off has failed. Neither is a certificate.
fn may_be_lost(before: &GoBetween, cut: Cut) -> bool {
    let log = before.log();
    let arrived = |path: &str| log.iter().any(|(asked, status)| asked.path == path && *status != 0);
    let is_last = |(asked, status): &(Asked, u16)| {
        asked.path == "/order-plz" && *status == 201 && cut == Cut::After(asked.posts_before)
    };
    log.iter().any(is_last) || (arrived("/chalZ/") && !arrived("/finalize-order/"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_at_any_step_costs_neither_the_account_nor_an_order() {
    let Some(mut rig) = Rig::start(steady()).await else { return };
    rig.hold_clock();
    let mut cuts = 0;
    for n in 0.. {
        let before = cut_and_go_on(&mut rig, Cut::Before(n)).await;
        if !before {
            break;
        }
        cuts += 1;
        cut_and_go_on(&mut rig, Cut::After(n)).await;
    }
    assert!(cuts >= 7, "account, contact, order, authorization, challenge, finalize, certificate: {cuts}");
}

/// Changes a body of the database by hand.
fn damage(rig: &Rig, table: &'static Table<Vec<u8>>, key: &'static [u8], body: &'static [u8]) {
    let changed = rig.store().write_now::<_, StoreError>(|tx| {
        assert!(tx.find_body(table, key)?.is_some());
        tx.put_body(table, key, body)
    });
    changed.unwrap();
}

async fn issued(rig: &Rig) -> String {
    let acme = rig.open(&rig.passing());
    until_issued(&acme).await;
    acme.stored().unwrap().leaf.serial
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_chain_is_downloaded_again() {
    let Some(rig) = Rig::start(steady()).await else { return };
    let serial = issued(&rig).await;
    damage(&rig, &CHAINS, b"certificate", b"-----BEGIN CERTIFICATE-----\nrubbish");
    let client = rig.passing();
    let acme = rig.open(&client);
    assert!(acme.stored().is_none() && acme.status().damage[0].contains("downloaded again"));
    acme.tick().await;
    assert_eq!(acme.stored().unwrap().leaf.serial, serial);
    assert_eq!(client.count("/order-plz", 201), 0);
    assert!(acme.status().damage.is_empty());
    drop(acme);
    assert!(rig.open(&rig.passing()).stored().is_some(), "mended for good");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_chain_that_the_authority_lost_too_is_ordered() {
    let Some(mut rig) = Rig::start(steady()).await else { return };
    rig.hold_clock();
    let serial = issued(&rig).await;
    damage(&rig, &CHAINS, b"certificate", b"rubbish");
    rig.pebble.stop();
    rig.pebble.start();
    let acme = rig.open(&rig.passing());
    acme.tick().await;
    assert!(acme.stored().is_none() && acme.status().last_error.is_some());
    rig.clock.advance(TimeDelta::minutes(1));
    acme.tick().await;
    assert_ne!(acme.stored().map(|pair| pair.leaf.serial), Some(serial), "{:?}", acme.status());
    assert!(acme.stored().is_some(), "{:?}", acme.status());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_key_is_a_new_order_with_the_same_account() {
    let Some(rig) = Rig::start(steady()).await else { return };
    let serial = issued(&rig).await;
    damage(&rig, &KEYS, b"certificate", b"rubbish");
    let client = rig.passing();
    let acme = rig.open(&client);
    assert!(acme.stored().is_none() && acme.status().damage[0].contains("key is damaged"));
    acme.tick().await;
    assert_ne!(acme.stored().unwrap().leaf.serial, serial);
    assert_eq!((client.count("/sign-me-up", 201), client.count("/order-plz", 201)), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_keys_a_backup_gets_a_new_account_and_a_new_certificate() {
    let Some(rig) = Rig::start(steady()).await else { return };
    issued(&rig).await;
    rig.store().write_now::<_, StoreError>(|tx| tx.delete_range(&KEYS, b"", None)).unwrap();
    let client = rig.passing();
    let acme = rig.open(&client);
    assert_eq!(acme.status().damage.len(), 2, "{:?}", acme.status().damage);
    acme.tick().await;
    assert!(acme.stored().is_some());
    assert_eq!((client.count("/sign-me-up", 201), client.count("/order-plz", 201)), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_the_authority_forgot_is_made_anew_in_one_go() {
    let Some(mut rig) = Rig::start(steady()).await else { return };
    issued(&rig).await;
    rig.pebble.stop();
    rig.pebble.start();
    rig.domains.push("www.cafe.test".into());
    let client = rig.passing();
    let acme = rig.open(&client);
    acme.tick().await;
    assert_eq!(acme.stored().unwrap().leaf.names.len(), 2, "{:?}", acme.status());
    assert_eq!(client.count("/sign-me-up", 201), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_the_authority_forgot_with_the_account_is_made_anew() {
    let Some(mut rig) = Rig::start(steady()).await else { return };
    let cut = GoBetween::new(rig.client(), |asked| match asked.path.as_str() {
        "/finalize-order/" => Verdict::Lose,
        _ => Verdict::Pass,
    });
    let acme = rig.open(&cut);
    tokio::select! {
        () = acme.tick() => panic!("not cut"),
        () = cut.cut.notified() => {}
    }
    assert!(acme.status().order_since.is_some());
    drop(acme);
    rig.pebble.stop();
    rig.pebble.start();
    let acme = rig.open(&rig.passing());
    acme.tick().await;
    assert!(acme.stored().is_some(), "{:?}", acme.status());
    assert!(rig.clock.is_trusted());
}
