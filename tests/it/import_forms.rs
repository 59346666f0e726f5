//! What is said beside a file: dry runs, the cohort of all, names that are made; and what an import tells when much is wrong.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use carillon::actor::Caller;
use hyper::body::Frame;
use serde_json::{Value, json};

use crate::app::{App, request, text};
use crate::import_events::{all, form, import, send_form};

const ROW: &str = ",2026-11-23 08:00,2026-11-23 09:00,x,,,,,a,\n";
const TABLE: &[u8] = b"start,end,subject,cohort\n2026-11-23 08:00,2026-11-23 09:00,x,a\n";

async fn send(app: &App, query: &str, fields: &[(&str, &str)]) -> crate::app::Answer {
    send_form(app, &format!("/api/v1/events/import{query}"), form(&[("file", "t.csv", TABLE)], fields)).await
}

#[tokio::test]
async fn a_dry_run_that_is_asked_for_in_any_way_writes_nothing() {
    let app = App::test().with_school().await;
    let commits = app.commits();
    for query in ["?dry_run", "?dry_run=", "?dry_run=1", "?dry_run=true", "?dry_run=True", "?dry_run=on"] {
        assert_eq!(send(&app, query, &[]).await.json(200)["created"], 1, "{query}");
    }
    for value in ["", " ", "1", "true", "yes"] {
        assert_eq!(send(&app, "", &[("dry_run", value)]).await.json(200)["created"], 1, "{value:?}");
    }
    assert_eq!(send(&app, "?dry_run=1", &[("dry_run", "true")]).await.status, 200);
    for (query, value) in [("?dry_run=true", "false"), ("?dry_run=0", ""), ("?dry_run=perhaps", "true")] {
        assert_eq!(send(&app, query, &[("dry_run", value)]).await.bad_fields(400), ["dry_run"], "{query} {value}");
    }
    assert_eq!(send(&app, "?cohort=a", &[("cohort", "b")]).await.bad_fields(400), ["cohort"]);
    assert_eq!(app.commits(), commits);
    assert_eq!(send(&app, "?dry_run=0", &[("dry_run", "false")]).await.json(200)["created"], 1);
    assert_eq!(all(&app).await.len(), 1);
}

#[tokio::test]
async fn users_and_webcafe_read_a_dry_run_in_the_same_way() {
    let app = App::test();
    let commits = app.commits();
    let users: [(&str, &str, &[u8]); 1] = [("file", "u.csv", b"login,name\nmax,Max\n")];
    let promo = b"promo_id,promo_name\n3,2A\n";
    let files: [(&str, &str, &[u8]); 4] =
        [("users", "", b""), ("events", "", b""), ("classroom", "", b""), ("promo", "", promo)];
    for (path, files, count) in
        [("/api/v1/users/import", &users[..], "created"), ("/api/v1/import/webcafe", &files[..], "cohorts")]
    {
        for (query, fields) in [("?dry_run", &[][..]), ("?dry_run=1", &[]), ("", &[("dry_run", "")])] {
            let told = send_form(&app, &format!("{path}{query}"), form(files, fields)).await.json(200);
            assert_eq!((&told[count], app.commits()), (&json!(1), commits), "{path}{query}");
        }
        let answer = send_form(&app, &format!("{path}?dry_run=true"), form(files, &[("dry_run", "false")])).await;
        assert_eq!(answer.bad_fields(400), ["dry_run"]);
        assert_eq!(send_form(&app, &format!("{path}?dry-run=true"), form(files, &[])).await.status, 400);
    }
    assert_eq!(app.commits(), commits);
}

#[tokio::test]
async fn two_files_are_one_too_many() {
    let app = App::test().with_school().await;
    let two = form(&[("file", "a.csv", TABLE), ("file", "b.csv", TABLE)], &[]);
    assert_eq!(send_form(&app, "/api/v1/events/import", two).await.bad_fields(400), ["file"]);
}

/// A body that does not arrive.
struct Never;

impl HttpBody for Never {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn a_file_that_does_not_arrive_keeps_nobody_waiting() {
    let app = App::test().with_school().await;
    let mut slow = request("POST", "/api/v1/events/import", &[("content-type", "text/csv")], "");
    *slow.body_mut() = Body::new(Never);
    slow.extensions_mut().insert(Caller::cli("pi"));
    let told = tokio::select! {
        biased;
        answer = app.send(slow) => panic!("{} before the file was there", answer.status),
        answer = import(&app, ROW, &[]) => answer.json(200),
    };
    assert_eq!(told["created"], 1);
}

#[tokio::test]
async fn a_cohort_of_all_that_is_not_there_is_told_once_and_never_made() {
    let app = App::test().with_school().await;
    let cohorts = app.items("/api/v1/cohorts").await.len();
    for fields in [&[("cohort", "typo")][..], &[("cohort", "typo"), ("unknown", "create")]] {
        let answer = import(&app, &ROW.repeat(3), fields).await;
        assert_eq!(answer.bad_fields(422), ["cohort"]);
        assert_eq!(answer.json(422)["errors"][0]["row"], Value::Null);
    }
    assert_eq!(app.items("/api/v1/cohorts").await.len(), cohorts);
}

fn many(count: usize, cells: impl Fn(usize) -> String) -> String {
    let day = |n: usize| format!("2027-{:02}-{:02}", n / 28 % 12 + 1, n % 28 + 1);
    (0..count).map(|n| format!(",{0} 08:00,{0} 09:00,x{n},{1}\n", day(n), cells(n))).collect()
}

#[tokio::test]
async fn of_very_many_bad_names_a_thousand_are_told() {
    let app = App::test().with_school().await;
    let rows = many(700, |n| format!(",,none{n},nobody{n},a,"));
    let problem = import(&app, &rows, &[]).await.json(422);
    assert_eq!(problem["errors"].as_array().unwrap().len(), 1000);
    assert!(text(&problem, "detail").contains("1400 mistakes, of which 1000 are told"), "{}", problem["detail"]);
}

#[tokio::test]
async fn a_file_of_very_many_new_things_is_refused() {
    let app = App::test().with_school().await;
    let commits = app.commits();
    let create = [("unknown", "create")];
    let rows = many(501, |n| format!(",,Room {n},,a,"));
    let answer = import(&app, &rows, &create).await;
    assert_eq!(answer.bad_fields(422), ["unknown"]);
    assert_eq!(app.commits(), commits);
    let rows = many(400, |n| format!(",,Room {},,cohort {},", n % 200, n % 200));
    assert_eq!(import(&app, &rows, &create).await.json(200)["created"], 400);
    assert_eq!(app.items("/api/v1/rooms?limit=500").await.len(), 202);
    let again = import(&app, &rows, &create).await.json(200);
    assert_eq!(again["unchanged"], 400, "what was made is found");
}

#[tokio::test]
async fn clashes_that_are_not_looked_for_are_spoken_of() {
    let app = App::test().with_school().await;
    let day = |n: usize| format!("2027-{:02}-{:02}", n / 28 % 12 + 1, n % 28 + 1);
    let row = |n: usize, subject: &str| format!(",{0} 08:00,{0} 09:00,{subject},,,B12,,,\n", day(n));
    let there: String = (0..250).map(|n| row(n, "there")).collect();
    import(&app, &there, &[]).await.json(200);
    let new: String = (0..250).map(|n| row(n, "new")).collect();
    let problem = import(&app, &new, &[]).await.json(422);
    assert_eq!(problem["errors"].as_array().unwrap().len(), 200);
    assert_eq!(problem["errors"][0]["field"], "classroom", "as the file calls it");
    assert!(
        text(&problem, "detail").ends_with("what clashes below row 201 was not looked for"),
        "{}",
        problem["detail"]
    );
}
