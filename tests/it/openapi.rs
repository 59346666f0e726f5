//! The document of the REST interface: that it tells of each route, is the one that is kept, and can be read here.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::app::{App, gunzipped};

const KEPT: &str = include_str!("../data/openapi.json");
/// What the document does not tell of: itself, and the page that shows it.
const UNTOLD: [&str; 2] = ["/api/openapi.json", "/api/docs"];

fn document() -> Value {
    json!(carillon::openapi::document())
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let item = item.as_object().unwrap().clone();
        let path = path.clone();
        item.into_iter().map(move |(method, operation)| (path.clone(), method, operation)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

/// The product's own source: no tests, and not the demo's planning site.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let ours = entries.filter(|path| !["tests", "tests.rs", "demo"].iter().any(|name| path.ends_with(name)));
    ours.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

fn source() -> String {
    let files = sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")));
    files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect()
}

#[test]
fn the_document_is_the_one_that_is_kept() {
    let told = format!("{:#}\n", document());
    let how = "where that is meant: cargo run -- openapi >tests/data/openapi.json, and look at the difference";
    let line = told.lines().zip(KEPT.lines()).position(|(now, kept)| now != kept);
    let at = line.map_or(KEPT.lines().count(), |line| line + 1);
    assert!(told == KEPT, "the interface is not what tests/data/openapi.json says, from line {at} on; {how}");
}

#[test]
fn each_route_of_the_source_is_in_the_document() {
    let (source, document) = (source(), document());
    let plain = source.split(".route(\"/api/").skip(1).filter_map(|rest| rest.split('"').next());
    let untold: Vec<_> = plain
        .map(|rest| format!("/api/{rest}"))
        .filter(|path| document["paths"].get(path).is_none() && !UNTOLD.contains(&path.as_str()))
        .collect();
    assert!(untold.is_empty(), "no #[utoipa::path] tells of {untold:?}");
    let told = source.matches("#[utoipa::path(").count();
    assert_eq!(told, operations(&document).len(), "a slice is missing from src/openapi/document.rs");
}

#[test]
fn each_operation_says_what_it_does_under_a_name_of_its_own() {
    let mut names = Vec::new();
    for (path, method, operation) in operations(&document()) {
        let name =
            operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no name")).to_owned();
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(summary.ends_with('.') && summary.len() < 120, "{name}: {summary:?}");
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.keys().any(|status| status.starts_with('2')), "{name} never succeeds");
        let bare =
            |answer: &Value| answer["description"].as_str().is_none_or(str::is_empty) && answer["$ref"].is_null();
        assert!(!answers.values().any(bare), "{name}: {answers:?}");
        names.push(name);
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn each_reference_leads_somewhere() {
    let document = document();
    let text = document.to_string();
    let named = text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next());
    for pointer in named {
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[tokio::test]
async fn everybody_may_read_the_document_and_asks_once() {
    let app = App::test();
    let plain = app.get("/api/openapi.json").await;
    assert_eq!(plain.header("content-type"), "application/json");
    assert_eq!(plain.json(200), document());
    let packed = app.get_with("/api/openapi.json", &[("accept-encoding", "gzip")]).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert_eq!(gunzipped(&packed.bytes), plain.bytes);
    for answer in [plain, packed] {
        let again = app.get_with("/api/openapi.json", &[("if-none-match", answer.header("etag"))]).await;
        assert_eq!((again.status, again.bytes.len()), (304, 0));
    }
}

#[tokio::test]
async fn the_page_asks_no_other_host_for_anything() {
    let app = App::test();
    let page = app.get("/api/docs").await;
    let html = page.text(200);
    assert!(!html.contains("http://") && !html.contains("https://") && !html.contains("//cdn"), "{html}");
    let policy = page.header("content-security-policy");
    for part in ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    // Scripts are named, none is written into the page; without them there is a link.
    assert!(!policy.contains("font-src") && !html.contains("<script>") && html.contains("load-fonts=\"false\""));
    let noscript = html.split("<noscript>").nth(2).unwrap().split("</noscript>").next().unwrap();
    assert!(noscript.contains("href=\"/api/openapi.json\""));
}

#[tokio::test]
async fn the_reader_is_in_the_binary_and_kept_for_ever() {
    let app = App::test();
    let html = app.get("/api/docs").await.text(200);
    let path = html.split("<script src=\"").nth(1).unwrap().split('"').next().unwrap();
    let packed = app.get_with(path, &[("accept-encoding", "gzip")]).await;
    assert_eq!((packed.status, packed.header("content-encoding")), (200, "gzip"));
    assert!(packed.header("cache-control").contains("immutable"));
    assert!(packed.bytes.len() < 220_000, "{}", packed.bytes.len());
    let plain = app.get(path).await;
    assert_eq!(plain.header("content-encoding"), "");
    assert_eq!(plain.bytes, gunzipped(&packed.bytes));
    assert!(plain.text(200).contains("rapi-doc"));
}

#[test]
fn the_command_prints_the_document_without_any_data() {
    let folder = tempfile::tempdir().unwrap();
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_carillon"))
        .args(["--data", folder.path().join("none").to_str().unwrap(), "openapi"])
        .output()
        .unwrap();
    assert!(printed.status.success());
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), KEPT);
}
