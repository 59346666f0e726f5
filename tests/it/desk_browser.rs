//! What people do on their own page and in the administration, in a real browser, with scripts and without.

use carillon::actor::Role;

use crate::app::{PASSWORD, calendar, days};
use crate::chromium::{Chromium, Scripts};
use crate::served::Served;
use crate::upstream::Reply;

/// The path of the address that the page shows.
fn address(browser: &Chromium, served: &Served) -> String {
    let url = browser.property("#address", "value");
    url.strip_prefix(&served.site).unwrap_or_else(|| panic!("not ours: {url}")).to_owned()
}

/// What the page says once, when it is there.
fn said(browser: &Chromium) -> String {
    browser.wait_until("the word of the form", |browser| browser.count(".said-once") == 1);
    browser.text(".said-once")
}

async fn a_student_subscribes_and_rotates(scripts: Scripts) {
    let Some(browser) = Chromium::start(scripts) else { return };
    let (served, _upstream) = Served::school().await;
    browser.sign_in(&served.site, "student", PASSWORD);
    browser.click(".who .me");
    browser.wait_until("one's own page", |browser| browser.here() == "/me");
    browser.click(".empty .button");
    browser.fill("#device", "phone");
    browser.click("main button[type=submit]");
    let old = address(&browser, &served);
    assert_eq!(browser.is_seen("[data-copy=address]"), scripts == Scripts::On);
    browser.shoot("me-address");
    assert_eq!(served.app.get(&old).await.status, 200);
    browser.click("main .actions a");
    assert!(browser.text(".looked").contains("last looked just now"), "{}", browser.text("main"));
    browser.shoot("me-with-address");
    browser.click("a[href$=rotate]");
    assert!(browser.text(".note").contains("the old one dies at once"));
    browser.shoot("me-rotate");
    browser.click("main button[type=submit]");
    let new = address(&browser, &served);
    assert_eq!((served.app.get(&old).await.status, served.app.get(&new).await.status), (401, 200));
    browser.open(&served.url("/me"));
    browser.click("a[href$=revoke]");
    browser.click("main button[type=submit]");
    assert!(said(&browser).contains("revoked") && served.app.get(&new).await.status == 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_student_subscribes_and_rotates_with_scripts() {
    a_student_subscribes_and_rotates(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_student_subscribes_and_rotates_without_scripts() {
    a_student_subscribes_and_rotates(Scripts::Off).await;
}

async fn a_new_user_signs_in(scripts: Scripts) {
    let Some(browser) = Chromium::start(scripts) else { return };
    let (served, _upstream) = Served::school().await;
    browser.sign_in(&served.site, "admin", PASSWORD);
    browser.open(&served.url("/admin/users/add"));
    assert_eq!(browser.focused(), "login");
    browser.fill("#login", "student");
    browser.fill("#name", "Ada Lovelace");
    browser.fill("#password", PASSWORD);
    browser.click("main button[type=submit]");
    assert_eq!((browser.focused().as_str(), browser.property("#name", "value").as_str()), ("login", "Ada Lovelace"));
    browser.shoot("user-add-mistake");
    browser.fill("#login", "ada");
    browser.fill("#password", PASSWORD);
    browser.click("[name=cohorts][value=m2]");
    browser.click("main button[type=submit]");
    assert!(said(&browser).contains("ada: user added"), "{}", browser.text("main"));
    browser.click(".who button");
    browser.sign_in(&served.site, "ada", PASSWORD);
    browser.open(&served.url("/me"));
    assert!(browser.text("h1") == "Ada Lovelace" && browser.text(".facts").contains("M2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_signs_in_with_scripts() {
    a_new_user_signs_in(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_user_signs_in_without_scripts() {
    a_new_user_signs_in(Scripts::Off).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_prints_cards_for_a_cohort() {
    let Some(browser) = Chromium::start(Scripts::Off) else { return };
    let (served, _upstream) = Served::school().await;
    for number in 1..12 {
        served.app.add_user(&format!("student{number}"), Role::Student, &["m2"]).await;
    }
    browser.sign_in(&served.site, "admin", PASSWORD);
    browser.open(&served.url("/admin/tokens"));
    browser.click("a[href$=cards]");
    browser.click("option[value=m2]");
    browser.click("main form[method=post] button");
    assert!(browser.text(".note").contains("12 cards will be made"), "{}", browser.text("main"));
    browser.shoot("cards-confirm");
    browser.click(".danger");
    assert_eq!(browser.count(".slip svg"), 12);
    browser.shoot("cards-sheet");
    browser.open(&served.url("/admin/tokens"));
    browser.shoot("tokens-many");
}

async fn an_administrator_approves_what_is_held_back(scripts: Scripts) {
    let Some(browser) = Chromium::start(scripts) else { return };
    let (served, upstream) = Served::school().await;
    upstream.answers(Reply::ics(calendar(&days(2))));
    served.app.later(chrono::TimeDelta::minutes(20));
    browser.sign_in(&served.site, "admin", PASSWORD);
    browser.open(&served.url("/admin"));
    browser.click("form[action$=refresh] button");
    assert!(said(&browser).contains("somebody must decide"), "{}", browser.text("main"));
    browser.shoot("admin-held");
    browser.click("a[href$=approve]");
    assert!(browser.text("main").contains("Gone (10)"), "{}", browser.text("main"));
    browser.shoot("feed-approve");
    browser.click(".danger");
    assert!(said(&browser).contains("approved and published"), "{}", browser.text("main"));
    assert_eq!(served.app.slices.feeds.state("sr").events, 2);
    browser.click("a[href$=test]");
    browser.click("form[action$=test] button");
    assert!(browser.text(".steps").contains("2 events"), "{}", browser.text("main"));
    browser.shoot("feed-test");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_approves_what_is_held_back_with_scripts() {
    an_administrator_approves_what_is_held_back(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_approves_what_is_held_back_without_scripts() {
    an_administrator_approves_what_is_held_back(Scripts::Off).await;
}
