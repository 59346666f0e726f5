//! A calendar is never wiped: what a site loses is held back until somebody approves it, or it settles.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{Answer, App, calendar, days, event, text};
use crate::upstream::{Reply, Upstream};

fn count(ics: &str) -> usize {
    ics.matches("BEGIN:VEVENT").count()
}

/// Forty coming events, served.
async fn forty() -> (App, Upstream) {
    App::test().with_feed(&calendar(&days(40))).await
}

/// The site shows so many of them from now on, and is asked.
async fn shows(app: &App, site: &Upstream, left: i64) -> Answer {
    site.answers(Reply::ics(calendar(&days(left))));
    app.refresh("sr").await
}

#[tokio::test]
async fn nothing_that_a_site_does_wrong_changes_what_is_served() {
    let (app, site) = forty().await;
    let before = app.get("/calendars/2a-sr.ics").await;
    let whole = calendar(&days(40));
    let half = whole.as_bytes()[..whole.len() / 2].to_vec();
    let rows = [
        ("down", Reply::new(500, "text/html", "Oups")),
        ("gone", Reply::new(404, "text/html", "Oups")),
        ("not allowed", Reply::new(403, "text/html", "Oups")),
        ("a calendar with status 500", Reply::new(500, "text/calendar", whole.clone())),
        ("a login page", Reply::html("<form><input type=password name=p></form>")),
        ("a page", Reply::html("<h1>Maintenance</h1>")),
        ("a page that says calendar", Reply::ics("<!DOCTYPE html><p>Maintenance")),
        ("cut by the network", Reply::ics(half.clone()).claiming(whole.len())),
        ("cut by the site", Reply::ics(half)),
        ("nothing", Reply::ics("")),
        ("no event", Reply::ics(calendar(&[]))),
        ("a task alone", Reply::ics(calendar(&["BEGIN:VTODO\r\nUID:t\r\nEND:VTODO\r\n".into()]))),
        ("a redirect to itself", Reply::new(302, "text/html", "").header("Location", "/sr.ics")),
        ("a redirect nowhere", Reply::new(302, "text/html", "")),
        ("304 to nobody who asked", Reply::new(304, "text/calendar", "")),
    ];
    for (name, reply) in rows {
        site.answers(reply);
        app.later(TimeDelta::minutes(5));
        let refused = app.refresh("sr").await;
        assert_eq!(refused.status, 502, "{name}: {}", String::from_utf8_lossy(&refused.bytes));
        assert_eq!(app.state("sr").await, "failing", "{name}");
        let after = app.get("/calendars/2a-sr.ics").await;
        assert!(after.bytes == before.bytes && after.headers == before.headers, "{name}");
    }
    shows(&app, &site, 40).await.json(200);
    assert_eq!(app.state("sr").await, "fresh");
    assert!(app.get("/calendars/2a-sr.ics").await.bytes == before.bytes);
}

#[tokio::test]
async fn a_great_loss_is_held_and_a_small_one_is_not() {
    // Served, then left: is it held?
    let rows = [
        (40, 19, true),
        (40, 20, false),
        (40, 0, true),
        (19, 9, true),
        (19, 10, false),
        (18, 9, false),
        (1, 0, true),
        (9, 1, false),
        (5, 0, true),
    ];
    for (served, left, held) in rows {
        let (app, site) = App::test().with_feed(&calendar(&days(served))).await;
        let mut events = days(left);
        // One that has long passed keeps the calendar from being empty.
        events.push(event("past@site", "2026-10-01T09:00:00Z", &[]));
        site.answers(Reply::ics(calendar(&events)));
        let answer = app.refresh("sr").await;
        assert_eq!(answer.status, if held { 409 } else { 200 }, "{served} to {left}");
        let expected = if held { served } else { left + 1 };
        assert_eq!(count(&app.ics().await), usize::try_from(expected).unwrap(), "{served} to {left}");
    }
}

#[tokio::test]
async fn what_is_held_says_so_everywhere_and_approve_publishes_it() {
    let app = App::on_disk();
    let (app, site) = app.with_feed(&calendar(&days(40))).await;
    assert_eq!(app.get("/ready").await.status, 200);
    let refused = shows(&app, &site, 5).await.json(409);
    assert!(text(&refused, "detail").contains("5 coming events where 40 are served"), "{refused}");
    assert_eq!(app.get("/ready").await.status, 503);
    let feed = app.feed("sr").await;
    assert_eq!((text(&feed["status"], "state"), &feed["status"]["events"]), ("held".into(), &json!(40)));
    assert_eq!(feed["status"]["held"]["coming"], json!({"before": 40, "after": 5}));
    let fetches = app.cli("GET", "/api/v1/feeds/sr/fetches", Value::Null).await.json(200);
    assert_eq!(
        (text(&fetches["items"][0], "outcome"), text(&fetches["items"][0], "class")),
        ("held".into(), "held".into())
    );
    let app = app.restarted();
    assert_eq!((app.state("sr").await, count(&app.ics().await)), ("held".into(), 40), "it waits across a restart");
    app.later(TimeDelta::minutes(5));
    let approved = app.cli("POST", "/api/v1/feeds/sr/approve", json!({})).await.json(200);
    assert_eq!((text(&approved["status"], "state"), &approved["status"]["events"]), ("fresh".into(), &json!(5)));
    assert_eq!(count(&app.ics().await), 5);
    let audit = app.cli("GET", "/api/v1/audit?action=feed.approve", Value::Null).await.json(200);
    assert_eq!(
        (text(&audit["items"][0], "actor"), text(&audit["items"][0], "object")),
        ("cli:pi".into(), "feed:sr".into())
    );
    let commits = app.commits();
    assert_eq!(app.refresh("sr").await.json(200)["outcome"], "unchanged");
    assert_eq!(app.commits(), commits);
    app.cli("POST", "/api/v1/feeds/sr/approve", json!({})).await.json(409);
}

#[tokio::test]
async fn three_agreeing_fetches_over_an_hour_publish_where_a_quarter_is_left() {
    for (left, publishes) in [(10, true), (9, false)] {
        let (app, site) = forty().await;
        shows(&app, &site, left).await.json(409);
        app.later(TimeDelta::minutes(10));
        shows(&app, &site, left).await.json(409);
        app.later(TimeDelta::minutes(10));
        // A site that shuffles agrees all the same; a failure in between disagrees with nothing.
        site.answers(Reply::new(500, "text/html", "Oups"));
        app.refresh("sr").await.json(502);
        let mut shuffled = days(left);
        shuffled.reverse();
        site.answers(Reply::ics(calendar(&shuffled).replace("DTSTAMP:2026", "DTSTAMP:2025")));
        app.refresh("sr").await.json(409);
        assert_eq!(count(&app.ics().await), 40, "three, and not yet an hour");
        app.later(TimeDelta::minutes(41));
        let last = shows(&app, &site, left).await;
        assert_eq!(last.status, if publishes { 200 } else { 409 });
        assert_eq!(count(&app.ics().await), if publishes { 10 } else { 40 });
    }
}

#[tokio::test]
async fn fetches_that_disagree_begin_anew() {
    let (app, site) = forty().await;
    for left in [18, 17, 16, 15] {
        shows(&app, &site, left).await.json(409);
        app.later(TimeDelta::minutes(31));
    }
    assert_eq!(count(&app.ics().await), 40);
    assert_eq!(app.feed("sr").await["status"]["held"]["agreeing"], 1);
}

#[tokio::test]
async fn a_site_that_answers_304_while_it_is_held_agrees() {
    let (app, site) = forty().await;
    let body = calendar(&days(15));
    site.answers_by(move |seen| match seen.header("if-none-match") {
        "\"short\"" => Reply::new(304, "text/calendar", ""),
        _ => Reply::ics(body.clone()).header("ETag", "\"short\""),
    });
    for expected in [409, 409, 200] {
        assert_eq!(app.refresh("sr").await.status, expected);
        app.later(TimeDelta::minutes(31));
    }
    assert_eq!(count(&app.ics().await), 15);
}

#[tokio::test]
async fn a_held_one_that_goes_back_to_normal_is_dropped() {
    let (app, site) = forty().await;
    let before = app.get("/calendars/2a-sr.ics").await;
    shows(&app, &site, 5).await.json(409);
    shows(&app, &site, 40).await.json(200);
    assert_eq!(app.state("sr").await, "fresh");
    app.cli("POST", "/api/v1/feeds/sr/approve", json!({})).await.json(409);
    let after = app.get("/calendars/2a-sr.ics").await;
    assert!(after.bytes == before.bytes && after.headers == before.headers);
    // And what comes of it later begins anew.
    app.later(TimeDelta::hours(2));
    shows(&app, &site, 5).await.json(409);
    assert_eq!(app.feed("sr").await["status"]["held"]["agreeing"], 1);
}

#[tokio::test]
async fn a_held_one_is_replaced_by_news_that_are_no_loss() {
    let (app, site) = forty().await;
    shows(&app, &site, 5).await.json(409);
    shows(&app, &site, 41).await.json(200);
    assert_eq!((count(&app.ics().await), app.state("sr").await), (41, "fresh".into()));
    app.cli("POST", "/api/v1/feeds/sr/approve", json!({})).await.json(409);
}

#[tokio::test]
async fn the_end_of_a_year_drains_by_itself() {
    let (app, site) = forty().await;
    let past = event("past@site", "2026-10-01T09:00:00Z", &[]);
    app.later(TimeDelta::hours(2));
    for day in 0..50 {
        // The site shows what is coming, and forgets each day as it passes.
        let mut left: Vec<_> = days(40).into_iter().skip(usize::try_from(day).unwrap()).collect();
        left.push(past.clone());
        site.answers(Reply::ics(calendar(&left)));
        app.refresh("sr").await.json(200);
        app.later(TimeDelta::days(1));
    }
    assert_eq!(count(&app.ics().await), 1);
}

#[tokio::test]
async fn what_was_held_is_published_once_what_it_lost_has_passed() {
    let (app, site) = forty().await;
    let mut last: Vec<_> = days(40).into_iter().skip(25).collect();
    last.push(event("past@site", "2026-10-01T09:00:00Z", &[]));
    site.answers(Reply::ics(calendar(&last)));
    app.refresh("sr").await.json(409);
    app.later(TimeDelta::days(20));
    app.refresh("sr").await.json(200);
    assert_eq!(count(&app.ics().await), 16);
}

#[tokio::test]
async fn a_series_counts_by_its_occurrences() {
    let series = |count| event("series@site", "2026-11-24T09:00:00Z", &[&format!("RRULE:FREQ=DAILY;COUNT={count}")]);
    let (app, site) = App::test().with_feed(&calendar(&[series(60)])).await;
    site.answers(Reply::ics(calendar(&[series(5)])));
    app.refresh("sr").await.json(409);
    assert!(app.ics().await.contains("COUNT=60"));
}

#[tokio::test]
async fn an_empty_calendar_is_refused_unless_it_may_be_empty_and_always_was() {
    let app = App::test();
    let site = Upstream::start();
    site.answers(Reply::ics(calendar(&[])));
    app.add_cohort("2A-SR", "public").await;
    app.add_feed("strict", "2a-sr", &site.url("/")).await;
    app.refresh("strict").await.json(502);
    let feed = app.feed("strict").await;
    assert_eq!(
        (text(&feed["status"], "state"), text(&feed["status"], "last_error_class")),
        ("never".into(), "empty".into())
    );
    assert_eq!(app.get("/calendars/2a-sr.ics").await.status, 503);
    app.cli("DELETE", "/api/v1/feeds/strict", Value::Null).await.text(204);
    let feed = json!({"slug": "sr", "cohort": "2a-sr", "url": site.url("/"), "allow_empty": true});
    app.cli("POST", "/api/v1/feeds", feed).await.json(201);
    app.refresh("sr").await.json(200);
    assert_eq!((app.state("sr").await, count(&app.ics().await)), ("fresh".into(), 0));
    shows(&app, &site, 3).await.json(200);
    shows(&app, &site, 0).await.json(502);
    assert_eq!((app.state("sr").await, count(&app.ics().await)), ("failing".into(), 3), "it had events once");
}
