//! A calendar that is older than a day says so, once a day, until it recovers.

use chrono::TimeDelta;
use serde_json::json;

use crate::app::{App, calendar, days, event_lines, logical, value};
use crate::upstream::{Reply, Upstream};

const TITLE: &str = "⚠ Planning non mis à jour depuis le 21/11";

fn down() -> Reply {
    Reply::new(500, "text/html", "Oups")
}

/// The summary of the notice, if there is one.
fn notice(ics: &str) -> Option<String> {
    logical(ics).iter().find_map(|line| line.strip_prefix("SUMMARY:⚠").map(|rest| format!("⚠{rest}")))
}

/// A round of the timer: the site is asked, and what is stale is marked.
async fn round(app: &App) {
    app.refresh("sr").await;
    app.mark_stale().await;
}

#[tokio::test]
async fn after_a_day_without_a_good_fetch_the_calendar_says_so() {
    let (app, site) = App::test().with_feed(&calendar(&days(3))).await;
    site.answers(down());
    app.later(TimeDelta::hours(24));
    round(&app).await;
    let fresh = app.get("/calendars/2a-sr.ics").await;
    assert_eq!((notice(&fresh.text(200)), fresh.header("x-carillon-stale")), (None, ""));
    app.later(TimeDelta::seconds(1));
    round(&app).await;
    assert_eq!(app.state("sr").await, "stale");
    let stale = app.get("/calendars/2a-sr.ics").await;
    let text = stale.text(200);
    assert_eq!(notice(&text).as_deref(), Some(TITLE));
    assert_eq!(stale.header("x-carillon-stale"), (24 * 3600 + 1).to_string());
    assert!(logical(&text).contains(&format!("X-WR-CALDESC:{TITLE}")));
    let uid = logical(&text).into_iter().find_map(|line| line.strip_prefix("UID:stale-").map(str::to_owned)).unwrap();
    let lines = event_lines(&text, &format!("stale-{uid}"));
    assert!(lines.contains(&"DTSTART;VALUE=DATE:20261122".to_owned()), "{lines:?}");
    assert!(lines.contains(&"DTEND;VALUE=DATE:20261123".to_owned()), "{lines:?}");
    assert_eq!(value(&lines, "TRANSP").as_deref(), Some("TRANSPARENT"));
    assert_ne!(stale.header("etag"), fresh.header("etag"));
    assert_ne!(stale.header("last-modified"), fresh.header("last-modified"));
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 4, "the events themselves go on");
    let not_modified = app.get_with("/calendars/2a-sr.ics", &[("if-none-match", stale.header("etag"))]).await;
    assert_eq!((not_modified.status, not_modified.header("x-carillon-stale")), (304, "86401"));
}

#[tokio::test]
async fn the_notice_moves_once_a_day_and_goes_with_the_first_good_fetch() {
    let (app, site) = App::test().with_feed(&calendar(&days(3))).await;
    let before = app.get("/calendars/2a-sr.ics").await;
    site.answers(down());
    app.later(TimeDelta::hours(25));
    round(&app).await;
    let first = app.get("/calendars/2a-sr.ics").await;
    let commits = app.commits();
    for _ in 0..10 {
        app.later(TimeDelta::hours(1));
        round(&app).await;
    }
    assert_eq!(app.commits(), commits, "the same day is no change");
    assert_eq!(app.get("/calendars/2a-sr.ics").await.bytes, first.bytes);
    app.later(TimeDelta::hours(6));
    round(&app).await;
    let second = app.get("/calendars/2a-sr.ics").await;
    assert!(second.text(200).contains("DTSTART;VALUE=DATE:20261123") && second.text(200).contains(TITLE));
    assert_eq!(notice(&second.text(200)).as_deref(), Some(TITLE));
    assert_eq!(second.text(200).matches("SUMMARY:⚠").count(), 1);
    site.answers(Reply::ics(calendar(&days(3))));
    round(&app).await;
    let after = app.get("/calendars/2a-sr.ics").await;
    assert_eq!((&after.bytes, after.header("x-carillon-stale")), (&before.bytes, ""));
    assert_ne!(after.headers["last-modified"], second.headers["last-modified"]);
}

#[tokio::test]
async fn a_box_that_was_off_for_two_days_tries_before_it_complains() {
    let app = App::on_disk();
    let (app, site) = app.with_feed(&calendar(&days(9))).await;
    site.answers(down());
    let app = app.restarted();
    app.later(TimeDelta::days(2));
    app.mark_stale().await;
    assert_eq!(notice(&app.ics().await), None);
    round(&app).await;
    assert_eq!(notice(&app.ics().await).as_deref(), Some(TITLE));
    // Once it has complained, a restart does not take it back.
    let app = app.restarted();
    app.mark_stale().await;
    assert_eq!(notice(&app.ics().await).as_deref(), Some(TITLE));
    app.later(TimeDelta::days(1));
    app.mark_stale().await;
    assert!(app.ics().await.contains("DTSTART;VALUE=DATE:20261124"));
}

#[tokio::test]
async fn the_worst_feed_of_a_calendar_speaks_for_it() {
    let (app, site) = App::test().with_feed(&calendar(&days(3))).await;
    let other = Upstream::start();
    other.answers(Reply::ics(calendar(&days(5))));
    app.add_feed("other", "2a-sr", &other.url("/")).await;
    app.refresh("other").await.json(200);
    app.add_cohort("M2", "public").await;
    site.answers(down());
    app.later(TimeDelta::hours(25));
    app.refresh("other").await.json(200);
    round(&app).await;
    assert_eq!(notice(&app.ics().await).as_deref(), Some(TITLE));
    let m2 = app.get("/calendars/m2.ics").await;
    assert_eq!((notice(&m2.text(200)), m2.header("x-carillon-stale")), (None, ""));
    app.cli("DELETE", "/api/v1/feeds/sr", json!(null)).await.text(204);
    app.mark_stale().await;
    assert_eq!(notice(&app.ics().await), None, "a feed that is gone is not late");
}

#[tokio::test]
async fn the_csv_has_the_header_and_no_notice_among_its_rows() {
    let (app, site) = App::test().with_feed(&calendar(&days(3))).await;
    site.answers(down());
    app.later(TimeDelta::hours(25));
    round(&app).await;
    let csv = app.get("/calendars/2a-sr.csv").await;
    assert_eq!(csv.text(200).lines().count(), 4);
    assert_eq!(csv.header("x-carillon-stale"), (25 * 3600).to_string());
}

#[tokio::test]
async fn a_held_snapshot_is_no_good_fetch() {
    let (app, site) = App::test().with_feed(&calendar(&days(40))).await;
    site.answers(Reply::ics(calendar(&days(40).split_off(38))));
    for _ in 0..26 {
        app.later(TimeDelta::hours(1));
        round(&app).await;
    }
    assert_eq!(app.state("sr").await, "held");
    assert!(notice(&app.ics().await).is_some());
    app.cli("POST", "/api/v1/feeds/sr/approve", json!({})).await.json(200);
    assert_eq!(notice(&app.ics().await), None);
}
