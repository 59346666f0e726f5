//! The addresses that phones hold: which key opens what, and what comes along with the bytes.

use axum::http::header;
use carillon::actor::Role;
use carillon::net::Plane;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{Answer, App, PASSWORD, PUBLIC_URL, at, calendar, days, event, gunzipped, peer, request, text};
use crate::upstream::{Reply, Upstream};

/// Cohorts `pub` (public), `closed` and `other` (by token), each with one event of its own.
async fn school() -> App {
    let app = App::test();
    let site = Upstream::start();
    site.answers_by(|seen| {
        let name = seen.target.trim_start_matches('/').to_owned();
        let summary = format!("SUMMARY:Secret of {name}");
        Reply::ics(calendar(&[event(&format!("{name}@site"), "2026-11-24T09:00:00Z", &[&summary])]))
    });
    for (name, visibility) in [("pub", "public"), ("closed", "token"), ("other", "token")] {
        app.add_cohort(name, visibility).await;
        app.add_feed(name, name, &site.url(&format!("/{name}"))).await;
        app.refresh(name).await.json(200);
    }
    app
}

#[tokio::test]
async fn each_key_opens_its_calendars_and_no_other() {
    let app = school().await;
    for (login, role) in [("ada", Role::Admin), ("pla", Role::Planner), ("teo", Role::Teacher), ("sam", Role::Student)]
    {
        app.add_user(login, role, &["closed"]).await;
    }
    let all = app.secret("all", Value::Null).await;
    let one = app.secret("one", json!(["closed"])).await;
    let dead = app.add_token("dead", json!(["closed"])).await;
    app.cli("DELETE", "/api/v1/tokens/dead", Value::Null).await.text(204);
    let revoked = text(&dead, "token");
    let bearer = async |login: &str| format!("Bearer {}", app.sign_in(login).await);
    let (ada, pla, teo, sam) = (bearer("ada").await, bearer("pla").await, bearer("teo").await, bearer("sam").await);
    // Key, then pub, closed, other, all, a cohort that is not there, a form that is not there.
    let rows: &[(&str, Option<String>, [u16; 6])] = &[
        ("nothing", None, [200, 401, 401, 401, 401, 401]),
        ("rubbish", Some("Bearer rubbish".into()), [200, 401, 401, 401, 401, 401]),
        ("basic", Some("Basic cm9vdDpyb290".into()), [200, 401, 401, 401, 401, 401]),
        ("a revoked token", Some(format!("Bearer {revoked}")), [200, 401, 401, 401, 401, 401]),
        ("a token of everything", Some(format!("Bearer {all}")), [200, 200, 200, 403, 404, 404]),
        ("a token of one", Some(format!("bearer {one}")), [200, 200, 403, 403, 404, 404]),
        ("an administrator", Some(ada), [200, 200, 200, 200, 404, 404]),
        ("a planner", Some(pla), [200, 200, 200, 200, 404, 404]),
        ("a teacher", Some(teo), [200, 200, 200, 403, 404, 404]),
        ("a student", Some(sam), [200, 200, 403, 403, 404, 404]),
    ];
    for (who, key, expected) in rows {
        for (calendar, status) in
            ["pub.ics", "closed.ics", "other.ics", "all.ics", "none.ics", "pub.pdf"].iter().zip(expected)
        {
            let headers: Vec<_> = key.iter().map(|key| ("authorization", key.as_str())).collect();
            let answer = app.get_with(&format!("/calendars/{calendar}"), &headers).await;
            // Of a public cohort a stranger may know that it is there; of a form that it has not, nothing is said.
            assert_eq!(answer.status, *status, "{who} at {calendar}: {}", String::from_utf8_lossy(&answer.bytes));
            keeps_quiet(&answer, calendar);
        }
    }
}

/// What is refused shows nothing of what it guards.
fn keeps_quiet(answer: &Answer, calendar: &str) {
    let text = String::from_utf8_lossy(&answer.bytes).into_owned();
    if answer.status != 200 {
        assert!(!text.contains("Secret of") && !text.contains("BEGIN:"), "{calendar}: {text}");
        assert_eq!(answer.header("etag"), "");
    }
    if answer.status == 401 {
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    for value in answer.headers.values() {
        assert!(!value.to_str().unwrap().contains("Secret"));
    }
}

#[tokio::test]
async fn closed_and_unknown_calendars_are_told_apart_by_nobody_without_a_key() {
    let app = school().await;
    for key in ["", "?token=rubbish"] {
        let closed = app.get(&format!("/calendars/closed.ics{key}")).await;
        let unknown = app.get(&format!("/calendars/unknown.ics{key}")).await;
        assert_eq!((closed.status, closed.bytes), (unknown.status, unknown.bytes));
        assert_eq!(closed.headers, unknown.headers);
    }
    for path in ["/s/rubbish/closed.ics", "/s/rubbish/unknown.ics", "/s/rubbish/pub.ics", "/s/rubbish.ics", "/s/x"] {
        assert_eq!(app.get(path).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn the_path_opens_by_a_live_token_alone() {
    let app = school().await;
    let (all, one) = (app.secret("all", Value::Null).await, app.secret("one", json!(["closed"])).await);
    app.add_user("ada", Role::Admin, &[]).await;
    let ada = app.sign_in("ada").await;
    let rows = [
        (format!("/s/{all}/closed.ics"), 200),
        (format!("/s/{all}/CLOSED.ics"), 200),
        (format!("/s/{all}/closed.csv"), 200),
        (format!("/s/{all}/all.ics"), 403),
        (format!("/s/{all}/none.ics"), 404),
        (format!("/s/{all}/rooms/none.ics"), 404),
        (format!("/s/{all}/closed"), 404),
        (format!("/s/{all}.ics"), 200),
        (format!("/s/{all}.csv"), 200),
        (format!("/s/{all}"), 404),
        (format!("/s/{one}/closed.ics"), 200),
        (format!("/s/{one}/other.ics"), 403),
        (format!("/s/{one}/pub.ics"), 200),
        (format!("/s/{ada}/closed.ics"), 401),
        (format!("/s/{ada}.ics"), 401),
        (format!("/s/rubbish/closed.ics?token={all}"), 401),
    ];
    for (path, status) in rows {
        let answer = app.get(&path).await;
        assert_eq!(answer.status, status, "{path}: {}", String::from_utf8_lossy(&answer.bytes));
    }
}

#[tokio::test]
async fn the_first_key_that_is_present_counts() {
    let app = school().await;
    let (closed, other) = (app.secret("a", json!(["closed"])).await, app.secret("b", json!(["other"])).await);
    let ask = async |path: String, key: Option<&str>| {
        let key = key.map(|key| format!("Bearer {key}"));
        let headers: Vec<_> = key.iter().map(|key| ("authorization", key.as_str())).collect();
        app.get_with(&path, &headers).await.status
    };
    assert_eq!(ask(format!("/calendars/closed.ics?token={closed}"), None).await, 200);
    assert_eq!(ask(format!("/calendars/closed.ics?token={closed}"), Some(&other)).await, 403);
    assert_eq!(ask(format!("/calendars/closed.ics?token={other}"), Some(&closed)).await, 200);
    assert_eq!(ask(format!("/calendars/closed.ics?token={closed}"), Some("rubbish")).await, 401);
    assert_eq!(ask(format!("/s/{other}/closed.ics?token={closed}"), Some(&closed)).await, 403);
    assert_eq!(ask(format!("/calendars/closed.ics?utm_source=mail&utm_source=web&token={closed}"), None).await, 200);
}

#[tokio::test]
async fn an_access_token_in_the_query_opens_nothing() {
    let app = school().await;
    app.add_user("ada", Role::Admin, &[]).await;
    let ada = app.sign_in("ada").await;
    assert_eq!(app.get(&format!("/calendars/closed.ics?token={ada}")).await.status, 401);
}

#[tokio::test]
async fn a_session_cookie_opens_no_calendar() {
    let app = school().await;
    app.add_user("ada", Role::Admin, &["closed"]).await;
    let accounts = &app.slices.accounts;
    let login = accounts
        .sign_in("ada", &carillon::secret::Secret::new(PASSWORD.to_owned()), &carillon::accounts::Origin::default())
        .await
        .unwrap();
    let cookie = format!("__Host-carillon={}", accounts.start_session(&login).await.unwrap());
    let headers = [("cookie", cookie.as_str())];
    assert_eq!(app.get_with("/api/v1/auth/me", &headers).await.status, 200);
    for path in ["/calendars/closed.ics", "/calendars/all.ics", "/s/x/closed.ics", "/s/x.ics", "/closed?token="] {
        assert_eq!(app.get_with(path, &headers).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn a_token_dies_when_it_expires_is_rotated_or_revoked() {
    let app = school().await;
    let new = json!({"name": "short", "expires_at": "2026-11-21T12:00:00+01:00"});
    let token = text(&app.cli("POST", "/api/v1/tokens", new).await.json(201), "token");
    let path = format!("/s/{token}/closed.ics");
    app.later(TimeDelta::minutes(59));
    assert_eq!(app.get(&path).await.status, 200);
    app.later(TimeDelta::minutes(1));
    assert_eq!(app.get(&path).await.status, 401);

    let first = app.add_token("long", Value::Null).await;
    let rotated = app.cli("POST", &format!("/api/v1/tokens/{}/rotate", text(&first, "id")), json!({})).await.json(200);
    assert_eq!(app.get(&format!("/s/{}/closed.ics", text(&first, "token"))).await.status, 401);
    let path = format!("/s/{}/closed.ics", text(&rotated, "token"));
    assert_eq!(app.get(&path).await.status, 200);
    app.cli("DELETE", "/api/v1/tokens/long", Value::Null).await.text(204);
    assert_eq!(app.get(&path).await.status, 401);
}

#[tokio::test]
async fn an_emptied_scope_opens_nothing_and_all_opens_cohorts_to_come() {
    let app = school().await;
    let (one, all) = (app.secret("one", json!(["closed"])).await, app.secret("all", Value::Null).await);
    app.cli("PATCH", "/api/v1/tokens/one", json!({"cohorts": []})).await.json(200);
    assert_eq!(app.get(&format!("/s/{one}/closed.ics")).await.status, 403);
    let everything = app.get(&format!("/s/{one}.ics")).await;
    assert!(!String::from_utf8_lossy(&everything.bytes).contains("Secret of"));
    app.add_cohort("new", "token").await;
    assert_eq!(app.get(&format!("/s/{all}/new.ics")).await.status, 200);
}

#[tokio::test]
async fn a_calendar_comes_with_exactly_these_headers() {
    let app = school().await;
    let token = app.secret("zoe", Value::Null).await;
    let answer = app.get_with(&format!("/s/{token}/closed.ics"), &[("accept", "application/json")]).await;
    let names: Vec<_> = answer.headers.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        ("cache-control", "private, max-age=300, must-revalidate"),
        ("content-disposition", "inline; filename=\"closed.ics\""),
        ("content-type", "text/calendar; charset=utf-8"),
        ("last-modified", "Sat, 21 Nov 2026 10:00:02 GMT"),
        ("referrer-policy", "no-referrer"),
        ("vary", "Accept-Encoding"),
        ("x-content-type-options", "nosniff"),
        ("x-robots-tag", "noindex"),
    ];
    for (name, value) in expected {
        assert_eq!(answer.headers.get_all(name).iter().collect::<Vec<_>>(), [value], "{name}");
    }
    let etag = answer.header("etag");
    assert!(etag.starts_with('"') && etag.ends_with('"') && !etag.contains("-gz"), "{etag}");
    for forbidden in ["location", "set-cookie", "x-carillon-stale", "content-encoding"] {
        assert!(!names.contains(&forbidden), "{names:?}");
    }
    for (name, value) in &answer.headers {
        assert!(!value.to_str().unwrap().contains(&token), "{name} holds the token");
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = school().await;
    let token = app.secret("zoe", Value::Null).await;
    let paths = [
        format!("/s/{token}/closed.ics"),
        format!("/s/{token}/closed.csv"),
        format!("/s/{token}.ics"),
        "/calendars/pub.ics".to_owned(),
        "/calendars/closed.ics".to_owned(),
        format!("/closed?token={token}"),
        "/health".to_owned(),
    ];
    for path in paths {
        let get = app.get(&path).await;
        let head = app.ask("HEAD", &path, &[], "").await;
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.bytes, b"", "{path}");
        for name in ["etag", "last-modified", "content-type", "content-disposition", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn a_phone_that_has_it_gets_304() {
    let app = school().await;
    let plain = app.get("/calendars/pub.ics").await;
    let gzip = app.get_with("/calendars/pub.ics", &[("accept-encoding", "br, gzip")]).await;
    let (tag, tag_gz, date) = (plain.header("etag"), gzip.header("etag"), plain.header("last-modified"));
    assert_eq!(tag_gz, format!("{}-gz\"", tag.trim_end_matches('"')));
    let old = "Fri, 20 Nov 2026 10:00:00 GMT";
    let rows: &[(&[(&str, &str)], u16)] = &[
        (&[("if-none-match", tag)], 304),
        (&[("if-none-match", tag_gz)], 304),
        (&[("if-none-match", tag), ("accept-encoding", "gzip")], 304),
        (&[("if-none-match", tag_gz), ("accept-encoding", "gzip")], 304),
        (&[("if-none-match", &format!("W/{tag}"))], 304),
        (&[("if-none-match", &format!("\"other\", {tag}"))], 304),
        (&[("if-none-match", "*")], 304),
        (&[("if-none-match", "\"other\"")], 200),
        (&[("if-modified-since", date)], 304),
        (&[("if-modified-since", old)], 200),
        (&[("if-modified-since", "yesterday")], 200),
        (&[("if-modified-since", date), ("if-none-match", "\"other\"")], 200),
        (&[("if-modified-since", old), ("if-none-match", tag)], 304),
    ];
    for (headers, status) in rows {
        for method in ["GET", "HEAD"] {
            let answer = app.ask(method, "/calendars/pub.ics", headers, "").await;
            assert_eq!(answer.status, *status, "{method} {headers:?}");
            if answer.status == 304 {
                assert!(answer.bytes.is_empty());
                assert!(answer.header("etag").starts_with(tag.trim_end_matches('"')));
                assert_eq!(answer.header("last-modified"), date);
                assert_eq!(answer.header("cache-control"), "private, max-age=300, must-revalidate");
                assert_eq!(answer.header("content-type"), "", "a 304 has no body to tell of");
            }
        }
    }
}

#[tokio::test]
async fn gzip_comes_to_whoever_takes_it() {
    let app = school().await;
    let plain = app.get("/calendars/pub.ics").await;
    let rows = [
        ("gzip", true),
        ("deflate, gzip;q=0.5", true),
        ("*", true),
        ("GZIP", true),
        ("gzip;q=0", false),
        ("gzip; q=0.0, *", false),
        ("br", false),
        ("", false),
        ("identity", false),
    ];
    for (accepts, expected) in rows {
        let answer = app.get_with("/calendars/pub.ics", &[("accept-encoding", accepts)]).await;
        assert_eq!(answer.header("content-encoding") == "gzip", expected, "{accepts}");
        let body = if expected { gunzipped(&answer.bytes) } else { answer.bytes };
        assert_eq!(body, plain.bytes, "{accepts}");
    }
}

#[tokio::test]
async fn a_renamed_cohort_answers_at_its_old_addresses_without_a_redirect() {
    let app = school().await;
    let token = app.secret("zoe", json!(["closed"])).await;
    let before = app.get(&format!("/s/{token}/closed.ics")).await;
    app.later(TimeDelta::minutes(1));
    let renamed = json!({"slug": "2027-closed"});
    app.cli("PATCH", "/api/v1/cohorts/closed", renamed).await.json(200);
    app.cli("PATCH", "/api/v1/cohorts/closed", json!({"slug": "third"})).await.json(200);
    for path in ["closed", "2027-closed", "2027_Closed", "third", "THIRD"] {
        let answer = app.get(&format!("/s/{token}/{path}.ics")).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("location"), "");
        assert_eq!(answer.bytes, before.bytes, "{path}: a slug stands in no event");
    }
    assert_eq!(app.get(&format!("/closed?token={token}")).await.status, 200);
    let taken = app.cli("POST", "/api/v1/cohorts", json!({"name": "Closed"})).await;
    assert_eq!(taken.bad_fields(409), ["slug"], "an alias stays its cohort's");
}

#[tokio::test]
async fn a_calendar_that_was_never_fetched_says_come_back() {
    let app = App::test();
    let site = Upstream::start();
    app.add_cohort("2A-SR", "public").await;
    app.add_feed("sr", "2a-sr", &site.url("/sr.ics")).await;
    let token = app.secret("zoe", Value::Null).await;
    let ready = app.get("/ready").await;
    assert_eq!((ready.status, ready.text(503)), (503, json!({"ready": false}).to_string()));
    for path in
        ["/calendars/2a-sr.ics", "/calendars/2a-sr.csv", &format!("/s/{token}.ics"), &format!("/2A-SR?token={token}")]
    {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 503, "{path}");
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|secs| secs > 0), "{path}");
    }
    // A second feed that has something is something else to show.
    site.answers(Reply::ics(calendar(&days(2))));
    app.add_feed("sr2", "2a-sr", &site.url("/sr2.ics")).await;
    app.refresh("sr2").await.json(200);
    assert_eq!(app.get("/calendars/2a-sr.ics").await.status, 200);
}

#[tokio::test]
async fn the_csv_is_a_row_for_each_occurrence() {
    let app = App::test();
    let events = [
        event("a@site", "2026-11-24T09:00:00Z", &["SUMMARY:=1+1\\, cours", "LOCATION:2Z34", "CATEGORIES:TD,X"]),
        event("b@site", "2026-11-25T09:00:00Z", &["SUMMARY:\"Guillemets\"", "RRULE:FREQ=WEEKLY;COUNT=2"]),
    ];
    let (app, _site) = app.with_feed(&calendar(&events)).await;
    let csv = app.get("/calendars/2a-sr.csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.header("content-disposition"), "inline; filename=\"2a-sr.csv\"");
    let plain = csv.text(200);
    let lines: Vec<_> = plain.split("\r\n").collect();
    assert_eq!(lines[0], "event_id,start,end,matiere,type_cours,infos_sup,classroom,teacher,promo,source");
    assert!(lines[1].starts_with("f_") && lines[1].contains(",2026-11-24T10:00:00+01:00,2026-11-24T11:30:00+01:00,"));
    assert!(lines[1].ends_with("\"'=1+1, cours\",TD,,2Z34,,2a-sr,sr"), "{}", lines[1]);
    assert!(lines[2].contains(",\"\"\"Guillemets\"\"\",") && lines[3].contains("2026-12-02T10:00:00+01:00"));
    assert_eq!(lines[4..], [""]);
    let excel = app.get("/calendars/2a-sr.csv?for=excel").await;
    let text = excel.text(200);
    assert!(text.starts_with("\u{feff}event_id;start;end;"));
    assert_ne!(excel.header("etag"), csv.header("etag"));
}

#[tokio::test]
async fn everything_of_a_token_is_one_calendar() {
    let app = school().await;
    let two = app.secret("two", json!(["other", "pub"])).await;
    let text = app.get(&format!("/s/{two}.ics")).await.text(200);
    assert!(text.contains("Secret of other") && text.contains("Secret of pub") && !text.contains("Secret of closed"));
    assert_eq!(text.matches("BEGIN:VCALENDAR").count(), 1);
    app.add_user("ada", Role::Admin, &[]).await;
    let key = format!("Bearer {}", app.sign_in("ada").await);
    let all = app.get_with("/calendars/all.ics", &[("authorization", &key)]).await.text(200);
    assert_eq!(all.matches("BEGIN:VEVENT").count(), 3);
}

#[tokio::test]
async fn a_narrower_scope_never_looks_older() {
    let app = school().await;
    let two = app.secret("two", json!(["other", "pub"])).await;
    app.later(TimeDelta::hours(1));
    app.cli("PATCH", "/api/v1/cohorts/pub", json!({"name": "Public"})).await.json(200);
    let before = app.get(&format!("/s/{two}.ics")).await;
    app.later(TimeDelta::seconds(1));
    app.cli("PATCH", "/api/v1/tokens/two", json!({"cohorts": ["other"]})).await.json(200);
    let since = before.header("last-modified");
    let after = app.get_with(&format!("/s/{two}.ics"), &[("if-modified-since", since)]).await;
    assert_eq!(after.status, 200, "a client that knows dates alone would keep what it may no longer see");
}

#[tokio::test]
async fn an_own_token_opens_no_more_than_its_owner_may_read() {
    let app = school().await;
    app.add_user("sam", Role::Student, &["closed"]).await;
    let key = format!("Bearer {}", app.sign_in("sam").await);
    let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
    let own = app.ask("POST", "/api/v1/me/tokens", &headers, "{\"name\":\"phone\"}").await.json(201);
    let path = |cohort: &str| format!("/s/{}/{cohort}.ics", text(&own, "token"));
    assert_eq!(app.get(&path("closed")).await.status, 200);
    assert_eq!(app.get(&path("other")).await.status, 403);
    app.cli("PATCH", "/api/v1/users/sam", json!({"cohorts": []})).await.json(200);
    assert_eq!(app.get(&path("closed")).await.status, 403);
    app.cli("PATCH", "/api/v1/users/sam", json!({"cohorts": ["closed"], "disabled": true})).await.json(200);
    assert_eq!(app.get(&path("closed")).await.status, 401);
}

#[tokio::test]
async fn the_old_addresses_of_the_proxy_go_on() {
    let app = school().await;
    let token = app.secret("zoe", json!(["closed"])).await;
    let rows = [
        (format!("/closed?token={token}"), 200),
        (format!("/Closed?token={token}"), 200),
        (format!("/other?token={token}"), 403),
        (format!("/none?token={token}"), 404),
        ("/closed?token=rubbish".to_owned(), 401),
        ("/closed".to_owned(), 401),
        ("/none".to_owned(), 401),
    ];
    for (path, status) in rows {
        assert_eq!(app.get(&path).await.status, status, "{path}");
    }
    let ics = app.get(&format!("/closed?token={token}")).await;
    assert_eq!(ics.header("content-type"), "text/calendar; charset=utf-8");
}

#[tokio::test]
async fn where_https_is_served_plain_http_opens_nothing_but_imported_tokens() {
    let app = App::configured(|config| {
        config.listen.http = Some("127.0.0.1:80".parse().unwrap());
        config.listen.https = Some("127.0.0.1:443".parse().unwrap());
        config.server.legacy_http = Some(true);
    });
    let site = Upstream::start();
    site.answers(Reply::ics(calendar(&days(2))));
    let import = json!({"sections": [["2A-SR", "sr.ics"]], "base_url": site.url("/"), "login_url": site.url("/login"),
                        "username": "u", "password": "p", "interval": 300, "stamps": [], "master_token": null,
                        "tokens": {"marie": "marie_old"}, "public_url": PUBLIC_URL, "keep_http": true});
    app.cli("POST", "/api/v1/import/ipp", import).await.json(200);
    app.cli("PATCH", "/api/v1/feeds/2a-sr", json!({"login": null})).await.json(200);
    app.refresh("2a-sr").await.json(200);
    let ours = app.secret("ours", Value::Null).await;
    let rows = [
        ("/2A-SR?token=marie_old".to_owned(), 200),
        (format!("/2A-SR?token={ours}"), 401),
        ("/s/marie_old/2a-sr.ics".to_owned(), 403),
        ("/calendars/2a-sr.ics?token=marie_old".to_owned(), 403),
        ("/api/v1/users?token=x".to_owned(), 403),
        ("/health?token=x".to_owned(), 403),
        ("/ready?token=x".to_owned(), 403),
        ("/metrics?token=x".to_owned(), 403),
        ("/login?token=x".to_owned(), 403),
        ("/health".to_owned(), 308),
        ("/c/2a-sr".to_owned(), 308),
    ];
    for plane in [Plane::Http, Plane::HttpExtra] {
        for (path, status) in &rows {
            let mut request = request("GET", path, &[("host", "evil.example.org")], "");
            request.extensions_mut().insert(peer("203.0.113.9:40000", plane));
            let answer = app.send(request).await;
            assert_eq!(answer.status, *status, "{plane:?} {path}");
            if answer.status == 308 {
                assert_eq!(answer.header(header::LOCATION.as_str()), format!("{PUBLIC_URL}{path}"));
            }
        }
    }
}

#[tokio::test]
async fn last_use_is_known_and_writes_nothing() {
    let app = school().await;
    let token = app.secret("zoe", Value::Null).await;
    let before = app.commits();
    app.get(&format!("/s/{token}/closed.ics")).await.text(200);
    assert_eq!(app.commits(), before);
    let shown = app.cli("GET", "/api/v1/tokens/zoe", Value::Null).await.json(200);
    assert_eq!(at(&text(&shown, "last_used_at")), app.clock.now());
}

#[tokio::test(flavor = "multi_thread")]
async fn phones_that_ask_during_changes_see_whole_calendars_in_their_order() {
    let rounds = 25;
    let body = |round: i64| {
        let mut events = days(20);
        events.push(event("round@site", "2026-11-24T09:00:00Z", &[&format!("SUMMARY:Tour {round}")]));
        calendar(&events)
    };
    let (app, site) = App::test().with_feed(&body(0)).await;
    let app = std::sync::Arc::new(app);
    let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let phones: Vec<_> = (0..4)
        .map(|_| {
            let (app, done) = (app.clone(), done.clone());
            tokio::spawn(async move {
                let mut seen: Vec<(i64, String, String)> = Vec::new();
                while !done.load(std::sync::atomic::Ordering::SeqCst) {
                    let answer = app.get("/calendars/2a-sr.ics").await;
                    let text = answer.text(200);
                    assert_eq!(text.matches("BEGIN:VEVENT").count(), 21);
                    assert!(text.ends_with("END:VCALENDAR\r\n"));
                    let round =
                        text.split("SUMMARY:Tour ").nth(1).unwrap().split("\r\n").next().unwrap().parse().unwrap();
                    seen.push((round, answer.header("etag").to_owned(), answer.header("last-modified").to_owned()));
                    tokio::task::yield_now().await;
                }
                seen
            })
        })
        .collect();
    for round in 1..=rounds {
        app.later(TimeDelta::seconds(1));
        site.answers(Reply::ics(body(round)));
        app.refresh("sr").await.json(200);
    }
    let last = app.get("/calendars/2a-sr.ics").await;
    done.store(true, std::sync::atomic::Ordering::SeqCst);
    assert!(last.text(200).contains(&format!("SUMMARY:Tour {rounds}\r\n")), "what is published is what is served next");
    let mut names = std::collections::HashMap::new();
    for phone in phones {
        let seen = phone.await.unwrap();
        assert!(seen.windows(2).all(|pair| pair[0].0 <= pair[1].0), "a phone never sees an older one again");
        for (round, etag, modified) in seen {
            let first = names.entry(round).or_insert((etag.clone(), modified.clone()));
            assert_eq!(*first, (etag, modified), "round {round} has one tag and one date");
        }
    }
}

#[tokio::test]
async fn a_change_of_language_is_a_change_of_the_calendar() {
    let app = school().await;
    let before = app.get("/calendars/pub.ics").await;
    let mut config = carillon::config::Config::clone(&app.slices.app.config());
    config.language = carillon::config::Language::En;
    app.slices.app.set_config(config);
    app.slices.calendars.note_presentation().unwrap();
    let after = app.get_with("/calendars/pub.ics", &[("if-modified-since", before.header("last-modified"))]).await;
    assert!(after.text(200).contains("//EN"));
    assert_ne!(after.header("etag"), before.header("etag"));
}

#[tokio::test]
async fn an_emptied_list_opens_nothing_at_all() {
    let app = school().await;
    let made = app.add_token("Ada", json!(["pub"])).await;
    let (id, secret) = (text(&made, "id"), text(&made, "token"));
    app.get(&format!("/s/{secret}.ics")).await.text(200);
    app.cli("PATCH", &format!("/api/v1/tokens/{id}"), json!({"cohorts": []})).await.json(200);
    app.get(&format!("/s/{secret}.ics")).await.json(403);
}

#[tokio::test]
async fn two_cohorts_that_change_in_one_second_make_their_common_calendar_newer_twice() {
    let app = school().await;
    let secret = app.secret("Ada", Value::Null).await;
    let dates: Vec<String> = {
        let mut dates = Vec::new();
        for cohort in ["pub", "closed"] {
            let patch = json!({"name": format!("{cohort} renamed")});
            app.cli("PATCH", &format!("/api/v1/cohorts/{cohort}"), patch).await.json(200);
            dates.push(app.get(&format!("/s/{secret}.ics")).await.header("last-modified").to_owned());
        }
        dates
    };
    assert_ne!(dates[0], dates[1]);
}
