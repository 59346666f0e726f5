//! Events out of files, through the router: made, changed, left; bad rows; dry runs; clashes; and our own export, which
//! changes nothing.

use std::path::Path;

use serde_json::{Value, json};

use crate::app::{Answer, App, calendar, event, request, text};
use crate::timetable_school::id;
use carillon::actor::Caller;

/// A form of files and fields.
pub fn form(files: &[(&str, &str, &[u8])], fields: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
    }
    for (field, name, bytes) in files {
        let head = format!("--x\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n");
        body.extend(head.into_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--x--\r\n");
    body
}

/// Sends a form as the command line does.
pub async fn send_form(app: &App, path: &str, body: Vec<u8>) -> Answer {
    let mut request = request("POST", path, &[("content-type", "multipart/form-data; boundary=x")], "");
    *request.body_mut() = axum::body::Body::from(body);
    request.extensions_mut().insert(Caller::cli("pi"));
    app.send(request).await
}

pub async fn import_file(app: &App, name: &str, bytes: &[u8], fields: &[(&str, &str)]) -> Answer {
    send_form(app, "/api/v1/events/import", form(&[("file", name, bytes)], fields)).await
}

pub async fn import(app: &App, rows: &str, fields: &[(&str, &str)]) -> Answer {
    let table = format!("event_id,start,end,matiere,type_cours,infos_sup,classroom,teacher,promo,source\n{rows}");
    import_file(app, "t.csv", table.as_bytes(), fields).await
}

pub fn counts(told: &Value) -> [u64; 3] {
    ["created", "updated", "unchanged"].map(|count| told[count].as_u64().unwrap())
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sheets").join(name)).unwrap()
}

pub async fn all(app: &App) -> Vec<Value> {
    app.items("/api/v1/events?limit=500").await
}

async fn export(app: &App) -> String {
    app.cli("GET", "/api/v1/events.csv", Value::Null).await.text(200)
}

const TWO: &str = ",23/11/2026 08:00,23/11/2026 10:00,Algèbre,CM,\"a, \"\"b\"\"\",amphi ada,teo,a,\n\
    ,2026-11-23T10:00:00+01:00,2026-11-23T12:00:00+01:00,Analyse,TD,,C1,,\"b\",\n";

#[tokio::test]
async fn a_table_makes_events_once_and_a_dry_run_none() {
    let app = App::test().with_school().await;
    let commits = app.commits();
    let dry = import(&app, TWO, &[("dry_run", "true")]).await.json(200);
    assert_eq!((counts(&dry), app.commits()), ([2, 0, 0], commits));
    assert_eq!((&dry["rows"][0]["row"], &dry["rows"][0]["event"]["id"]), (&json!(2), &json!("")));
    let told = import(&app, TWO, &[]).await.json(200);
    assert_eq!(counts(&told), [2, 0, 0]);
    let row = &told["rows"][0];
    assert_eq!((&row["fate"], &row["row"], &row["warnings"]), (&json!("created"), &json!(2), &json!([])));
    let event = app.event(&id(&row["event"])).await;
    assert_eq!(row["event"], event);
    assert_eq!((text(&event, "room"), text(&event, "teacher")), ("B12".into(), "teo".into()));
    assert_eq!((text(&event, "start"), text(&event, "notes")), ("2026-11-23T08:00:00+01:00".into(), "a, \"b\"".into()));
    let (commits, again) = (app.commits(), import(&app, TWO, &[]).await.json(200));
    assert_eq!((counts(&again), app.commits()), ([0, 0, 2], commits), "the second time costs nothing");
    let audit = app.items("/api/v1/audit").await;
    let actions: Vec<_> = audit.iter().take(3).map(|entry| text(entry, "action")).collect();
    assert_eq!(actions, ["event.import", "event.create", "event.create"]);
    assert_eq!(audit[0]["after"], json!({"created": 2, "updated": 0, "unchanged": 0}));
}

#[tokio::test]
async fn workbooks_of_libreoffice_make_the_events_of_the_table() {
    let mut first = None;
    for name in ["plain.csv", "plain.xlsx", "plain.ods"] {
        let app = App::test().with_school().await;
        let told = import_file(&app, name, &fixture(name), &[("unknown", "create")]).await.json(200);
        assert_eq!(told["updated"], 0, "{told}");
        let mut events = all(&app).await;
        assert!(!events.is_empty());
        for event in &mut events {
            event["id"] = Value::Null;
        }
        events.sort_by_key(Value::to_string);
        let first = first.get_or_insert_with(|| events.clone());
        assert_eq!(*first, events, "{name}");
    }
}

#[tokio::test]
async fn our_own_export_changes_nothing() {
    let app = App::test().with_school().await;
    app.add_event("08:00", json!({"room": "B12", "teacher": "teo", "cohorts": ["a", "b"], "kind": "CM"})).await;
    app.add_event("10:00", json!({"subject": "=1+1; \"x\" \u{202e}🎉", "notes": "-1\nl'eau\n'=2"})).await;
    let gone = id(&app.add_event("12:00", json!({"cohorts": ["a"]})).await);
    app.patch_event(&gone, json!({"status": "cancelled"})).await.json(200);
    app.add_event("14:00", json!({"status": "tentative", "cohorts": ["b"]})).await;
    let (table, before, commits) = (export(&app).await, all(&app).await, app.commits());
    let told = import_file(&app, "e.csv", table.as_bytes(), &[]).await.json(200);
    assert_eq!((counts(&told), app.commits()), ([0, 0, 4], commits), "{told}");
    assert_eq!(all(&app).await, before);
    assert_eq!(export(&app).await, table);
}

#[tokio::test]
async fn a_known_id_changes_what_the_file_says_and_nothing_else() {
    let app = App::test().with_school().await;
    let more = json!({"teacher": "teo", "cohorts": ["a", "b"], "kind": "CM", "notes": "n"});
    let before = app.add_event("08:00", more).await;
    let row = format!("{},2026-11-23 09:00,2026-11-23 10:00,Topologie,,,amphi ada,,,\n", id(&before));
    let told = import(&app, &row, &[]).await.json(200);
    assert_eq!(counts(&told), [0, 1, 0]);
    let after = app.event(&id(&before)).await;
    assert_eq!((text(&after, "subject"), text(&after, "room")), ("Topologie".into(), "B12".into()));
    assert_eq!(text(&after, "start"), "2026-11-23T09:00:00+01:00");
    for kept in ["kind", "notes", "teacher", "cohorts", "status", "created_at"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    assert!(after["sequence"].as_u64() > before["sequence"].as_u64());
    let undone = app.cli("POST", &format!("/api/v1/events/{}/undo", id(&before)), Value::Null).await.json(200);
    assert_eq!(text(&undone, "subject"), "Algèbre");
}

#[tokio::test]
async fn an_event_that_one_row_moves_away_is_not_what_another_finds_in_its_place() {
    let app = App::test().with_school().await;
    let moved = id(&app.add_event("08:00", json!({"cohorts": ["a"]})).await);
    let rows = format!(
        ",2026-11-23 08:00,2026-11-23 09:30,Algèbre,,,,,a,\n{moved},2026-11-23 10:00,2026-11-23 11:30,Algèbre,,,,,a,\n"
    );
    assert_eq!(counts(&import(&app, &rows, &[]).await.json(200)), [1, 1, 0]);
    assert_eq!(all(&app).await.len(), 2);
}

#[tokio::test]
async fn each_bad_row_is_told_and_nothing_is_taken() {
    let app = App::test().with_school().await;
    let commits = app.commits();
    let long = "x".repeat(41);
    let rows = format!(
        ",2026-11-23 08:00,2026-11-23 09:00,Good,,,B12,,a,\n\
         ,soon,2026-11-23 09:00,x,,,,,a,\n\
         ,2026-11-23 09:00,2026-11-23 08:00,x,,,,,a,\n\
         ,2026-11-23 08:00,2026-11-23 09:00,,,,,,a,\n\
         ,2026-11-23 08:00,2026-11-23 09:00,y,,,none,,a,\n\
         ,2026-11-23 08:00,2026-11-23 09:00,z,,,,nobody,a,\n\
         ,2026-11-23 08:00,2026-11-23 09:00,z,,,,sam,a,\n\
         ,2026-11-23 08:00,2026-11-23 09:00,w,,,,,none,\n\
         ,2026-11-23 08:00,2026-12-23 09:00,v,,,,,a,\n\
         ,2026-11-23 08:00,2026-11-23 09:00,u,{long},,,,a,\n\
         ,2027-03-28 02:30,2027-03-28 04:00,t,,,,,a,\n\
         ,2026-10-25 02:30,2026-10-25 04:00,t,,,,,a,\n\
         ,2026-11-23 08:00,2026-11-23 09:00,Good,,,C1,,a,\n"
    );
    let answer = import(&app, &rows, &[]).await;
    answer.bad_fields(422);
    let problem = answer.json(422);
    let mut told: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["row"].as_u64().unwrap(), text(error, "field")))
        .collect();
    told.sort();
    let expected = [
        (3, "start"),
        (4, "end"),
        (5, "matiere"),
        (6, "classroom"),
        (7, "teacher"),
        (8, "teacher"),
        (9, "promo"),
        (10, "end"),
        (11, "type_cours"),
        (12, "start"),
        (13, "start"),
        (14, "matiere"),
    ];
    assert_eq!(told, expected.map(|(row, field)| (row, field.to_owned())));
    assert!(text(&problem, "detail").contains("12 mistakes"), "{problem}");
    assert_eq!((all(&app).await.len(), app.commits()), (0, commits));
}

#[tokio::test]
async fn what_clashes_is_a_bad_row_that_names_what_is_in_the_way() {
    let app = App::test().with_school().await;
    let there = id(&app.add_event("08:00", json!({"room": "B12", "subject": "There"})).await);
    let rows = ",2026-11-23 09:00,2026-11-23 10:00,Taken,,,B12,,a,\n\
        ,2026-11-24 08:00,2026-11-24 09:00,First,,,C1,teo,b,\n\
        ,2026-11-24 08:30,2026-11-24 09:30,Second,,,,teo,,\n\
        ,2026-11-25 08:00,2026-11-25 09:00,Alone,,,,,b,\n";
    let problem = import(&app, rows, &[]).await.json(422);
    let errors = problem["errors"].as_array().unwrap();
    let rows_told: Vec<_> = errors.iter().map(|error| error["row"].as_u64().unwrap()).collect();
    assert_eq!(rows_told, [2, 3, 4]);
    assert!(text(&errors[0], "message").contains(&there), "{errors:?}");
    assert!(text(&errors[1], "message").starts_with("row 4 stands in the way: same teacher"), "{errors:?}");
    assert_eq!(all(&app).await.len(), 1);
    assert_eq!(import(&app, rows, &[("dry_run", "true")]).await.status, 422, "a dry run finds the same");
    let told = import(&app, rows, &[("allow_conflicts", "true")]).await.json(200);
    assert_eq!(counts(&told), [4, 0, 0]);
    assert_eq!(counts(&import(&app, rows, &[]).await.json(200)), [0, 0, 4], "what is there already is nobody's clash");
}

#[tokio::test]
async fn what_is_not_here_is_made_or_left_out_as_was_wished() {
    let app = App::test().with_school().await;
    let row = ",2026-11-23 08:00,2026-11-23 09:00,x,,,Amphi Été,new.one,a;Master 2,\n";
    assert_eq!(import(&app, row, &[]).await.bad_fields(422), ["classroom", "teacher", "promo"]);
    assert_eq!(import(&app, row, &[("unknown", "drop")]).await.bad_fields(422), ["promo"]);
    let made = import(&app, row, &[("unknown", "create")]).await.json(200);
    let event = &made["rows"][0]["event"];
    assert_eq!((text(event, "room"), text(event, "teacher")), ("Amphi Été".into(), "new.one".into()));
    assert_eq!(event["cohorts"], json!(["a", "master-2"]));
    assert_eq!(made["rows"][0]["warnings"].as_array().unwrap().len(), 3, "{made}");
    let user = app.cli("GET", "/api/v1/users/new.one", Value::Null).await.json(200);
    assert_eq!(user["roles"], json!(["teacher"]));
    let row = ",2026-11-24 08:00,2026-11-24 09:00,x,,,No room,nobody,a,\n";
    let made = import(&app, row, &[("unknown", "drop")]).await.json(200);
    let event = &made["rows"][0]["event"];
    assert_eq!((&event["room"], &event["teacher"]), (&Value::Null, &Value::Null));
    assert_eq!(made["rows"][0]["warnings"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_planner_makes_rooms_by_an_import_and_no_people() {
    let app = App::test().with_school().await;
    let table = "start,end,subject,room,teacher,cohort\n2026-11-23 08:00,2026-11-23 09:00,x,New,ghost,a\n";
    let path = "/api/v1/events/import?unknown=create";
    let send = async |login: &str, table: &str| {
        let key = format!("Bearer {}", app.sign_in(login).await);
        app.ask("POST", path, &[("authorization", &key), ("content-type", "text/csv")], table).await
    };
    assert_eq!(send("pla", table).await.bad_fields(422), ["teacher"]);
    assert_eq!(send("pla", &table.replace("ghost", "teo")).await.json(200)["created"], 1);
    assert_eq!(send("teo", "rubbish").await.status, 403, "before the file is read");
    assert_eq!(send("sam", "rubbish").await.status, 403);
    let csv = [("content-type", "text/csv")];
    assert_eq!(app.ask("POST", path, &csv, "").await.status, 401);
}

#[tokio::test]
async fn numbers_of_the_replaced_system_are_mapped_or_left_out() {
    let app = App::test().with_school().await;
    let table = "start,end,matiere,classroom_id,user_id,promo_id\n\
        2026-11-23 08:00,2026-11-23 09:00,x,12,4,3\n2026-11-23 10:00,2026-11-23 11:00,y,13,,3\n";
    let fields = [("map_rooms", "12:C1, 14:B12"), ("cohort", "a")];
    let told = import_file(&app, "t.csv", table.as_bytes(), &fields).await.json(200);
    let rows = told["rows"].as_array().unwrap();
    assert_eq!((&rows[0]["event"]["room"], &rows[1]["event"]["room"]), (&json!("C1"), &Value::Null));
    assert_eq!(rows[0]["event"]["cohorts"], json!(["a"]));
    let warnings: Vec<_> = rows.iter().map(|row| row["warnings"].as_array().unwrap().len()).collect();
    assert_eq!(warnings, [1, 1], "{told}");
    for bad in ["12", "x:C1", "12:"] {
        let answer = import_file(&app, "t.csv", table.as_bytes(), &[("map_rooms", bad)]).await;
        assert_eq!(answer.bad_fields(400), ["map_rooms"], "{bad}");
    }
}

#[tokio::test]
async fn a_feeds_row_is_left_alone() {
    let (app, _site) =
        App::test().with_feed(&calendar(&[event("1@site", "2026-11-23T08:00:00Z", &["SUMMARY:F"])])).await;
    let table = app.get("/calendars/2a-sr.csv").await.text(200);
    let commits = app.commits();
    let told = import_file(&app, "t.csv", table.as_bytes(), &[]).await.json(200);
    assert_eq!((counts(&told), app.commits()), ([0, 0, 1], commits));
    assert!(told["rows"][0]["warnings"][0].as_str().unwrap().contains("belongs to sr"), "{told}");
    assert_eq!(told["rows"][0]["event"], Value::Null);
    assert_eq!(all(&app).await.len(), 1);
}

#[tokio::test]
async fn a_mark_in_the_subject_cancels_and_nothing_revives() {
    let app = App::test().with_school().await;
    let event = id(&app.add_event("08:00", json!({"cohorts": ["a"], "kind": "CM"})).await);
    let row = |mark: &str| format!("{event},2026-11-23 08:00,2026-11-23 09:30,{mark}Algèbre,CM,,,,a,\n");
    assert_eq!(counts(&import(&app, &row("ANNULÉ : "), &[]).await.json(200)), [0, 1, 0]);
    let after = app.event(&event).await;
    assert_eq!((text(&after, "status"), text(&after, "subject")), ("cancelled".into(), "Algèbre".into()));
    let told = import(&app, &row(""), &[]).await.json(200);
    assert_eq!((counts(&told), &told["rows"][0]["warnings"]), ([0, 0, 1], &json!(["is cancelled, and stays so"])));
}

#[tokio::test]
async fn a_calendar_needs_a_cohort_and_is_taken_once() {
    let app = App::test().with_school().await;
    let weekly = ["SUMMARY:Algèbre", "RRULE:FREQ=WEEKLY;COUNT=3", "LOCATION:Amphi Ada", "CATEGORIES:CM"];
    let once = event("2@site", "2026-12-01T08:00:00Z", &["SUMMARY:Once"]);
    let body = calendar(&[event("1@site", "2026-11-23T08:00:00Z", &weekly), once.clone(), once.replace("2@", "3@")]);
    assert_eq!(import_file(&app, "c.ics", body.as_bytes(), &[]).await.bad_fields(422), ["cohort"]);
    let told = import_file(&app, "c.ics", body.as_bytes(), &[("cohort", "a")]).await.json(200);
    assert_eq!(counts(&told), [4, 0, 1]);
    let again = told["rows"].as_array().unwrap().iter().find(|row| row["fate"] == "unchanged").unwrap();
    assert!(again["warnings"][0].as_str().unwrap().starts_with("says the same as row"), "{again}");
    let told = import_file(&app, "c.ics", body.as_bytes(), &[("cohort", "a")]).await.json(200);
    assert_eq!(counts(&told), [0, 0, 5]);
    let first = &all(&app).await[0];
    assert_eq!((text(first, "room"), text(first, "kind")), ("B12".into(), "CM".into()));
}

#[tokio::test]
async fn a_shared_event_keeps_its_other_cohorts() {
    let app = App::test().with_school().await;
    app.add_event("08:00", json!({"cohorts": ["b"], "kind": "CM"})).await;
    let row = ",2026-11-23 08:00,2026-11-23 09:30,Algèbre,CM,,,,a;b,\n";
    assert_eq!(counts(&import(&app, row, &[]).await.json(200)), [0, 1, 0]);
    assert_eq!(all(&app).await[0]["cohorts"], json!(["a", "b"]));
    assert_eq!(counts(&import(&app, row, &[("cohort", "a")]).await.json(200)), [0, 0, 1]);
}

#[tokio::test]
async fn a_file_that_is_too_large_or_of_no_use_is_refused() {
    let app = App::test().with_school().await;
    let large = vec![b'x'; 8 * 1024 * 1024 + 1];
    assert_eq!(import_file(&app, "t.csv", &large, &[]).await.status, 413);
    let two_mib = format!("start,end,subject,cohort\n2026-11-23 08:00,2026-11-23 09:00,x,a\n{}", "\n".repeat(2 << 20));
    assert_eq!(import_file(&app, "t.csv", two_mib.as_bytes(), &[]).await.json(200)["created"], 1);
    type Row = (&'static [u8], &'static [(&'static str, &'static str)], u16);
    let rows: [Row; 5] = [
        (b"", &[], 422),
        (b"%PDF-1.7", &[], 422),
        (b"start,subject\n", &[], 422),
        (b"start,end,subject,cohort\n", &[("unknown", "guess")], 400),
        (b"start,end,subject,cohort\n", &[("dry_run", "perhaps")], 400),
    ];
    for (bytes, fields, status) in rows {
        assert_eq!(import_file(&app, "t.csv", bytes, fields).await.status, status, "{fields:?}");
    }
    assert_eq!(send_form(&app, "/api/v1/events/import", form(&[], &[])).await.bad_fields(400), ["file"]);
}

#[tokio::test]
async fn the_export_is_of_what_the_caller_may_see() {
    let app = App::test().with_school().await;
    app.add_event("08:00", json!({"cohorts": ["a"], "subject": "OfA"})).await;
    app.add_event("08:00", json!({"cohorts": ["b"], "subject": "OfB"})).await;
    let table = app.by("sam", "GET", "/api/v1/events.csv", Value::Null).await.text(200);
    assert!(table.contains("OfA") && !table.contains("OfB"), "{table}");
    let table = app.by("pla", "GET", "/api/v1/events.csv?cohort=b", Value::Null).await.text(200);
    assert!(table.contains("OfB") && !table.contains("OfA"), "{table}");
    assert_eq!(app.get("/api/v1/events.csv").await.status, 401);
    assert_eq!(app.cli("GET", "/api/v1/events.csv?limit=1", Value::Null).await.bad_fields(400), ["limit"]);
}

#[tokio::test]
async fn whoever_is_erased_teaches_under_another_name() {
    let app = App::test().with_school().await;
    let event = id(&app.add_event("08:00", json!({"teacher": "teo", "cohorts": ["a"]})).await);
    let husk = app.cli("POST", "/api/v1/users/teo/erase", json!({"login": "teo"})).await.json(200);
    assert_eq!(app.event(&event).await["teacher"], husk["login"]);
    let of_husk = app.items(&format!("/api/v1/events?teacher={}", text(&husk, "login"))).await;
    assert_eq!(of_husk.len(), 1);
    let audit = app.cli("GET", "/api/v1/audit.csv", Value::Null).await.text(200);
    assert!(!audit.contains("teo"), "{audit}");
}
