//! A department's year: `cargo bench --bench timetable`.
//!
//! Fills a data folder with 200 cohorts, 100,000 events of our own and 20 feeds, all by the routes, and prints what the
//! processor has to do for each of: an event made, a week listed, a calendar rendered after a change, a file imported.
//! With `-- memory FOLDER FILE` it does nothing but that import, and prints the most memory that it held.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

mod school;
mod upstream;
mod usage;
mod workbook;

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use carillon::calendars::{Calendar, Format};
use carillon::control::FormFile;
use carillon::router::Slices;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use school::{School, Slot};
use upstream::Upstream;
use usage::{Start, Times, peak_mib};

const ROUNDS: u32 = 11;
/// Events that are made in a round.
const EACH: u32 = 40;
/// Rows of the files that are imported.
const ROWS: u32 = 5000;

fn main() {
    // A thread that ends takes its count of the processor's time along, so none ends.
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).thread_keep_alive(Duration::from_secs(3600)).enable_all().build().unwrap();
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.as_slice() {
        [mode, folder, file] if mode == "memory" => runtime.block_on(import_alone(folder.as_ref(), file.as_ref())),
        _ => runtime.block_on(measure()),
    }
}

async fn measure() {
    let (upstream, folder) = (Upstream::start(), tempfile::tempdir().unwrap());
    let school = School::fill(folder.path(), &upstream).await;
    make_events(&school).await;
    list_weeks(&school).await;
    render_own(&school).await;
    render_feed(&school, &upstream).await;
    import(&school, "csv").await;
    import(&school, "xlsx").await;
    render_everything(&school).await;
    drop(school);
    for ending in ["csv", "xlsx"] {
        measure_memory(folder.path(), ending);
    }
}

/// Each in a room that is free, with a teacher and a cohort that are, and with students to be counted.
async fn make_events(school: &School) {
    let mut times = Times::default();
    for round in 0..ROUNDS {
        let start = Start::now();
        for number in round * EACH..(round + 1) * EACH {
            let made = school.client.post("/api/v1/events", &school.event(number, Slot::Morning)).await;
            made.unwrap_or_else(|error| panic!("{error}"));
        }
        times.end(start, EACH);
    }
    times.show("an event made, its clashes looked for, committed");
}

async fn list_weeks(school: &School) {
    for cohort in ["many", "feed-many", "c7"] {
        let mut times = Times::default();
        let (mut listed, path) = (0, format!("/api/v1/events?cohort={cohort}&from=2026-11-23&to=2026-11-29"));
        for _ in 0..ROUNDS {
            let start = Start::now();
            for _ in 0..EACH {
                let list = school.client.get(&path).await.unwrap();
                listed = list["items"].as_array().unwrap().len();
            }
            times.end(start, EACH);
        }
        times.show(&format!("a week of {cohort} listed, {listed} events"));
    }
}

/// One of 2,000 events of our own changes.
async fn render_own(school: &School) {
    let list = school.client.get("/api/v1/events?cohort=many&limit=1").await.unwrap();
    let path = format!("/api/v1/events/{}", list["items"][0]["id"].as_str().unwrap());
    let calendar = school.calendar("many");
    let (mut changes, mut times, mut packing) = (Times::default(), Times::default(), Times::default());
    for round in 0..ROUNDS {
        let start = Start::now();
        school.client.patch(&path, &json!({"notes": format!("changed {round}")})).await.unwrap();
        changes.end(start, 1);
        render(&school.slices, &calendar, &mut times, &mut packing).await;
    }
    changes.show("an event's notes changed");
    times.show("a cohort of 2,000 own events rendered anew, plain and gzip");
    packing.show("  of that gzip alone");
}

/// One of a feed's 2,000 events changes.
async fn render_feed(school: &School, upstream: &Upstream) {
    let feed = school.slices.feeds.get("feed-many").unwrap();
    let calendar = school.calendar("feed-many");
    let (mut times, mut packing) = (Times::default(), Times::default());
    for _ in 0..ROUNDS {
        upstream.edits.fetch_add(1, Ordering::SeqCst);
        school.slices.feeds.refresh(&feed).await.unwrap();
        render(&school.slices, &calendar, &mut times, &mut packing).await;
    }
    times.show("a cohort of a feed's 2,000 events rendered anew, plain and gzip");
    packing.show("  of that gzip alone");
}

async fn render(slices: &Slices, calendar: &Calendar, times: &mut Times, packing: &mut Times) {
    let start = Start::now();
    let ready = slices.calendars.ready(calendar, Format::Ics).await.unwrap();
    times.end(start, 1);
    let plain = ready.plain.clone().unwrap();
    let start = Start::now();
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 6), Compression::default());
    encoder.write_all(&plain).unwrap();
    assert_eq!(encoder.finish().unwrap().len(), ready.gzip.len());
    packing.end(start, 1);
}

/// New files each time: no row of them stands in the way of another.
async fn import(school: &School, ending: &str) {
    let (mut dry, mut real) = (Times::default(), Times::default());
    for round in 0..4 {
        let slot = if ending == "csv" { Slot::Evening(round) } else { Slot::Night(round) };
        let file = || FormFile { field: "file", name: format!("a.{ending}"), bytes: school::file(ROWS, slot, ending) };
        for (times, dry_run) in [(&mut dry, "true"), (&mut real, "false")] {
            let file = file();
            let start = Start::now();
            let fields = [("dry_run", dry_run)];
            let done = school.client.post_form("/api/v1/events/import", vec![file], &fields).await;
            times.end(start, 1);
            assert_eq!(done.unwrap_or_else(|error| panic!("{error}"))["created"], ROWS);
        }
    }
    dry.show(&format!("{ROWS} rows of .{ending} read and tried"));
    real.show(&format!("{ROWS} rows of .{ending} imported"));
}

/// How long everything takes, and how long a phone waits that asks in the meantime for a small calendar.
async fn render_everything(school: &School) {
    let (mut times, mut waits) = (Times::default(), Vec::new());
    for round in 0..3 {
        let list = school.client.get(&format!("/api/v1/events?cohort=c{round}&limit=1")).await.unwrap();
        let path = format!("/api/v1/events/{}", list["items"][0]["id"].as_str().unwrap());
        school.client.patch(&path, &json!({"notes": "changed"})).await.unwrap();
        let (calendars, small) = (school.slices.calendars.clone(), school.calendar(&format!("c{round}")));
        let start = Start::now();
        let all = tokio::spawn(async move { calendars.ready(&Calendar::All, Format::Ics).await.map(drop).unwrap() });
        tokio::time::sleep(Duration::from_millis(20)).await;
        let asked = Instant::now();
        school.slices.calendars.ready(&small, Format::Ics).await.unwrap();
        waits.push(asked.elapsed());
        all.await.unwrap();
        times.end(start, 1);
    }
    times.show("everything rendered anew, and a small cohort");
    waits.sort();
    println!("{:8.1} ms  a phone waits meanwhile for a small cohort (median)", waits[1].as_secs_f64() * 1e3);
}

/// In a process of its own, by the rules that a service goes by.
fn measure_memory(folder: &Path, ending: &str) {
    let file = folder.join(format!("import.{ending}"));
    let slot = if ending == "csv" { Slot::Evening(8) } else { Slot::Night(8) };
    std::fs::write(&file, school::file(ROWS, slot, ending)).unwrap();
    let this = std::env::current_exe().unwrap();
    let status = Command::new(this).arg("memory").arg(folder).arg(file).status().unwrap();
    assert!(status.success());
}

async fn import_alone(folder: &Path, file: &Path) {
    let slices = Arc::new(school::open(folder));
    let client = school::client(&slices);
    client.get("/api/v1/events?limit=1").await.unwrap();
    let before = peak_mib();
    let file = FormFile::read("file", file).unwrap();
    let name = file.name.clone();
    let done = client.post_form("/api/v1/events/import", vec![file], &[]).await;
    assert_eq!(done.unwrap_or_else(|error| panic!("{error}"))["created"], ROWS);
    println!("{:8.1} MiB at most while {ROWS} rows of {name} were imported; {before:.1} before", peak_mib());
}
