//! A department: 200 cohorts with 25 students each, 150 teachers, 40 rooms, 100,000 events, 20 feeds. By day the events
//! stand in each other's way, as nobody minds here; in the morning, in the evening and at night everything is free.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use carillon::actor::Caller;
use carillon::assemble::{Outside, build};
use carillon::calendars::Calendar;
use carillon::clock::Clock;
use carillon::config::{ClockTrust, Config};
use carillon::control::Client;
use carillon::router::{Slices, router};
use carillon::seal::Sealer;
use carillon::store::Store;
use carillon::timekeeping::Witnesses;
use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use serde_json::{Value, json};

use crate::upstream::Upstream;
use crate::workbook::workbook;

const COHORTS: u32 = 200;
const ROOMS: u32 = 40;
const TEACHERS: u32 = 150;
const STUDENTS: u32 = 5000;
const EVENTS: u32 = 98_000;
const MANY_EVENTS: u32 = 2000;
const FEEDS: u32 = 20;
/// Rows that are sent at once.
const AT_ONCE: u32 = 10_000;

/// Where in a day an event stands, and how many fit side by side.
#[derive(Clone, Copy)]
pub enum Slot {
    /// Hour by hour, wherever others are.
    Day,
    /// An hour before all others.
    Morning,
    /// A quarter of an hour after all others, by its number.
    Evening(u32),
    /// One after that.
    Night(u32),
}

/// The department, open.
pub struct School {
    /// The services.
    pub slices: Slices,
    /// A way to their routes.
    pub client: Client,
}

/// Opens a data folder.
pub fn open(folder: &Path) -> Slices {
    let (store, sealer) = (Store::open(folder).unwrap(), Sealer::open(folder).unwrap());
    let mut config = Config::built_in(folder).unwrap();
    config.clock = ClockTrust::Always;
    let outside = Outside { clock: Clock::system(), witnesses: Witnesses::none(), pause: Duration::ZERO };
    build(config, store, sealer, outside).unwrap()
}

/// A way to its routes.
pub fn client(slices: &Slices) -> Client {
    Client::InProcess(Box::new(router(slices)), Caller::cli("bench"))
}

impl School {
    /// Makes it, by the routes.
    pub async fn fill(folder: &Path, upstream: &Upstream) -> Self {
        let slices = open(folder);
        let client = client(&slices);
        let school = Self { slices, client };
        for number in 0..COHORTS - 2 {
            school
                .post("/api/v1/cohorts", json!({"slug": format!("c{number}"), "name": format!("Promo {number}")}))
                .await;
        }
        for name in ["many", "feed-many"] {
            school.post("/api/v1/cohorts", json!({"slug": name, "name": name})).await;
        }
        for number in 0..ROOMS {
            school.post("/api/v1/rooms", json!({"name": format!("B{number:03}"), "capacity": 60})).await;
        }
        school.send("/api/v1/users/import", people()).await;
        for first in (0..EVENTS).step_by(AT_ONCE as usize) {
            let last = EVENTS.min(first + AT_ONCE);
            school
                .send(
                    "/api/v1/events/import?allow_conflicts=true",
                    csv((first..last).map(|number| row(number, Slot::Day))),
                )
                .await;
        }
        // As many in each week of the year as in any other.
        let many = (0..MANY_EVENTS).map(|number| row(number * (EVENTS / MANY_EVENTS), Slot::Day));
        let many = csv(many.map(|row| Row { cohort: "many".to_owned(), ..row }));
        school.send("/api/v1/events/import?allow_conflicts=true", many).await;
        school.fetch(upstream).await;
        school
    }

    /// The feeds are paused afterwards, so that nothing is measured but what is meant.
    async fn fetch(&self, upstream: &Upstream) {
        for number in 0..FEEDS {
            let (name, events) =
                if number == 0 { ("feed-many".to_owned(), MANY_EVENTS) } else { (format!("c{number}"), 500) };
            let url = format!("{}/{events}/{name}.ics", upstream.url);
            self.post("/api/v1/feeds", json!({"slug": name, "cohort": name, "url": url})).await;
            self.post(&format!("/api/v1/feeds/{name}/refresh"), json!({})).await;
            self.client.patch(&format!("/api/v1/feeds/{name}"), &json!({"paused": true})).await.unwrap();
        }
    }

    async fn post(&self, path: &str, body: Value) {
        self.client.post(path, &body).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    async fn send(&self, path: &str, csv: Vec<u8>) {
        self.client.post_csv(path, csv).await.unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// The calendar of a cohort.
    pub fn calendar(&self, slug: &str) -> Calendar {
        Calendar::of(self.slices.feeds.cohorts.directory().find(slug).unwrap())
    }

    /// The event of a number, as it is sent to be made.
    pub fn event(&self, number: u32, slot: Slot) -> Value {
        let Row { start, end, subject, kind, notes, room, teacher, cohort } = row(number, slot);
        json!({"start": start, "end": end, "subject": subject, "kind": kind, "notes": notes, "room": room,
               "teacher": teacher, "cohorts": [cohort]})
    }
}

fn people() -> Vec<u8> {
    let mut text = "login;name;role;cohort\n".to_owned();
    for number in 0..TEACHERS {
        writeln!(text, "t{number};Mme Béranger {number};teacher;").unwrap();
    }
    for number in 0..STUDENTS {
        let cohort = number % (COHORTS - 2);
        writeln!(text, "s{number};Élève {number};student;c{cohort}").unwrap();
    }
    text.into_bytes()
}

const HEADER: [&str; 8] = ["start", "end", "matiere", "type_cours", "infos_sup", "classroom", "teacher", "promo"];

struct Row {
    start: String,
    end: String,
    subject: String,
    kind: String,
    notes: String,
    room: String,
    teacher: String,
    cohort: String,
}

impl Row {
    /// In the order of the header.
    fn cells(self) -> Vec<String> {
        let Self { start, end, subject, kind, notes, room, teacher, cohort } = self;
        vec![start, end, subject, kind, notes, room, teacher, cohort]
    }
}

/// A file of so many rows.
pub fn file(rows: u32, slot: Slot, ending: &str) -> Vec<u8> {
    let rows = (0..rows).map(|number| row(number, slot));
    match ending {
        "csv" => csv(rows),
        _ => workbook(std::iter::once(HEADER.map(str::to_owned).to_vec()).chain(rows.map(Row::cells))),
    }
}

fn csv(rows: impl Iterator<Item = Row>) -> Vec<u8> {
    let mut text = format!("{}\n", HEADER.join(";"));
    rows.for_each(|row| writeln!(text, "{}", row.cells().join(";")).unwrap());
    text.into_bytes()
}

/// By day a cohort has three hours of each of 165 days; else all rooms are in use at once, one day after the other.
fn row(number: u32, slot: Slot) -> Row {
    let (day, time, minutes) = match slot {
        Slot::Day => (number / (3 * COHORTS), 8 * 60 + 60 * (number / COHORTS % 3) + 180 * (number % 3), 55),
        Slot::Morning => (number / ROOMS, 6 * 60, 55),
        Slot::Evening(at) => (number / ROOMS, 18 * 60 + 15 * at, 15),
        Slot::Night(at) => (number / ROOMS, 21 * 60 + 15 * at, 15),
    };
    let monday = NaiveDate::from_ymd_opt(2026, 9, 7).unwrap();
    let date = monday + Days::new(u64::from(day / 5 * 7 + day % 5));
    let start = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(time));
    let told = |at: chrono::NaiveDateTime| at.format("%Y-%m-%dT%H:%M:%S").to_string();
    Row {
        start: told(start),
        end: told(start + TimeDelta::minutes(minutes)),
        subject: format!("Mécanique des fluides appliquée {}", number % 400),
        kind: ["CM", "TD", "TP"][(number % 3) as usize].to_owned(),
        notes: "Apporter la calculatrice et le polycopié".to_owned(),
        room: format!("B{:03}", number % ROOMS),
        teacher: format!("t{}", number % TEACHERS),
        cohort: format!("c{}", number % (COHORTS - 2)),
    }
}
