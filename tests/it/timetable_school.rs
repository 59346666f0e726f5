//! A small school for the tests of the timetable: two cohorts, two rooms, two teachers, three students.

use carillon::actor::Role;
use serde_json::{Value, json};

use crate::app::{Answer, App, text};

impl App {
    /// Cohorts `a` and `b`; `B12` (30 seats, also `Amphi Ada`) and `C1` (2 seats); teachers `teo` and `tia`; students
    /// `sam` and `sue` of `a`, `bob` of `b`; a planner `pla`.
    pub async fn with_school(self) -> Self {
        self.add_cohort("A", "token").await;
        self.add_cohort("B", "token").await;
        for room in [
            json!({"name": "B12", "kind": "amphi", "capacity": 30, "aliases": ["Amphi Ada"]}),
            json!({"name": "C1", "capacity": 2}),
        ] {
            self.cli("POST", "/api/v1/rooms", room).await.json(201);
        }
        let people: [(&str, Role, &[&str]); 6] = [
            ("teo", Role::Teacher, &[]),
            ("tia", Role::Teacher, &[]),
            ("pla", Role::Planner, &[]),
            ("sam", Role::Student, &["a"]),
            ("sue", Role::Student, &["a"]),
            ("bob", Role::Student, &["b"]),
        ];
        for (login, role, cohorts) in people {
            self.add_user(login, role, cohorts).await;
        }
        self
    }

    /// Asks for an event of an hour and a half on a Monday, with more said of it.
    pub async fn post_event(&self, start: &str, more: Value) -> Answer {
        self.cli("POST", "/api/v1/events", lesson(start, more)).await
    }

    /// Makes it.
    pub async fn add_event(&self, start: &str, more: Value) -> Value {
        self.post_event(start, more).await.json(201)
    }

    /// An event as it is now.
    pub async fn event(&self, id: &str) -> Value {
        self.cli("GET", &format!("/api/v1/events/{id}"), Value::Null).await.json(200)
    }

    pub async fn patch_event(&self, id: &str, patch: Value) -> Answer {
        self.cli("PATCH", &format!("/api/v1/events/{id}"), patch).await
    }

    /// The items of a list.
    pub async fn items(&self, path: &str) -> Vec<Value> {
        let page = self.cli("GET", path, Value::Null).await.json(200);
        page["items"].as_array().unwrap().clone()
    }

    /// Asks as somebody who signed in.
    pub async fn by(&self, login: &str, method: &str, path: &str, body: Value) -> Answer {
        let key = format!("Bearer {}", self.sign_in(login).await);
        let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.ask(method, path, &headers, &body).await
    }
}

/// An event on Monday the 23rd of November 2026 at this time (`08:00`), of an hour and a half.
pub fn lesson(start: &str, more: Value) -> Value {
    let (hour, minute) = start.split_once(':').unwrap();
    let end = hour.parse::<u32>().unwrap() * 60 + minute.parse::<u32>().unwrap() + 90;
    let mut lesson = json!({"start": format!("2026-11-23T{start}:00+01:00"), "subject": "Algèbre",
                            "end": format!("2026-11-23T{:02}:{:02}:00+01:00", end / 60, end % 60)});
    for (field, value) in more.as_object().unwrap() {
        lesson[field] = value.clone();
    }
    lesson
}

pub fn id(event: &Value) -> String {
    text(event, "id")
}

/// The ids of some events.
pub fn ids(events: &[Value]) -> Vec<String> {
    events.iter().map(id).collect()
}
