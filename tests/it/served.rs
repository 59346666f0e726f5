//! The appliance of a test on a port of loopback, for a browser: its router, its clock in the test's hand, by plain HTTP.

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use carillon::actor::Role;
use carillon::net::Plane;
use carillon::router::router;

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

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }
}
