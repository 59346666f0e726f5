//! The appliance of a test on a port of loopback, for a browser: its router, its clock in the test's hand, by plain HTTP.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use carillon::actor::Role;
use carillon::net::Plane;
use carillon::router::router;
use serde_json::json;

use crate::app::{App, calendar, days, peer};
use crate::upstream::Upstream;

/// An appliance that answers a browser. The test runs on several threads, because a browser's commands block.
pub struct Served {
    pub app: App,
    /// `http://127.0.0.1:PORT`.
    pub site: String,
}

impl Served {
    /// Empty, without an administrator.
    pub async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let site = format!("http://{}", listener.local_addr().unwrap());
        let public_url = site.parse().unwrap();
        let app = App::configured(|config| {
            config.public_url = Some(public_url);
            config.listen.https = None;
        });
        let from_loopback = from_fn(async |mut request: Request, next: Next| {
            request.extensions_mut().insert(peer("127.0.0.1:40000", Plane::Http));
            next.run(request).await
        });
        let routes = router(&app.slices).layer(from_loopback);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { app, site }
    }

    /// A school: an open cohort `2A-SR` with a feed of twelve days, a closed one `M2`, and somebody of each role, by its
    /// name, with `app::PASSWORD`, all in `m2`.
    pub async fn school() -> (Self, Upstream) {
        let served = Self::new().await;
        let Self { app, site } = served;
        let (app, upstream) = app.with_feed(&calendar(&days(12))).await;
        app.add_cohort("M2", "token").await;
        for (login, role) in
            [("admin", Role::Admin), ("planner", Role::Planner), ("teacher", Role::Teacher), ("student", Role::Student)]
        {
            app.add_user(login, role, &["m2"]).await;
        }
        (Self { app, site }, upstream)
    }

    /// A week of lessons from Monday the 23rd of November 2026 on: of both cohorts, by the teacher and by nobody, side by
    /// side, too many at once, clashing, cancelled, early and late; in the rooms `b12` and `amphi-ada`.
    pub async fn with_lessons(self) -> Self {
        for room in [
            json!({"name": "B12", "kind": "salle", "capacity": 30}),
            json!({"name": "Amphi Ada", "kind": "amphi", "capacity": 120}),
        ] {
            self.app.cli("POST", "/api/v1/rooms", room).await.json(201);
        }
        let lessons = [
            (23, "08:15", "09:45", "Algèbre linéaire", "CM", "amphi-ada", "m2"),
            (23, "10:00", "11:30", "Réseaux", "TD", "b12", "m2"),
            (23, "13:30", "17:30", "Projet tutoré", "TP", "b12", "m2"),
            (24, "08:15", "12:15", "Systèmes répartis", "TP", "b12", "m2"),
            (24, "09:00", "10:30", "Anglais", "TD", "", "m2"),
            (24, "13:00", "14:00", "Point d’équipe", "", "", "m2"),
            (24, "14:00", "14:30", "Rendez-vous", "", "", "m2"),
            (25, "10:00", "11:30", "Bases de données", "CM", "amphi-ada", "m2"),
            (25, "13:30", "15:00", "Examen de probabilités", "Examen", "amphi-ada", "m2"),
            (26, "08:15", "09:45", "Compilation", "CM", "amphi-ada", "m2"),
            (26, "08:15", "09:45", "Logique", "TD", "b12", "m2"),
            (26, "08:30", "10:00", "Soutien", "TD", "", "m2"),
            (26, "09:00", "11:00", "Cryptographie", "TP", "", "m2"),
            (26, "15:15", "16:45", "Droit du numérique", "CM", "amphi-ada", "m2"),
            (27, "10:00", "11:30", "Réseaux", "TD", "b12", "2a-sr"),
            (27, "10:30", "12:00", "Signal", "TP", "b12", "m2"),
            (27, "14:00", "16:00", "Conférence", "CM", "amphi-ada", "m2"),
            (27, "18:00", "19:30", "Club de robotique", "", "", "m2"),
        ];
        for (day, start, end, subject, kind, room, cohort) in lessons {
            let at = |time| format!("2026-11-{day}T{time}");
            let mut lesson = json!({"start": at(start), "end": at(end), "subject": subject, "kind": kind,
                "cohorts": [cohort], "allow_conflicts": true, "notes": "Apporter la feuille de la semaine passée."});
            if !room.is_empty() {
                lesson["room"] = json!(room);
            }
            if kind == "CM" {
                lesson["teacher"] = json!("teacher");
            }
            let made = self.app.cli("POST", "/api/v1/events", lesson).await.json(201);
            if subject == "Conférence" {
                let path = format!("/api/v1/events/{}", made["id"].as_str().unwrap());
                self.app.cli("PATCH", &path, json!({"status": "cancelled"})).await.json(200);
            }
        }
        self
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }
}
