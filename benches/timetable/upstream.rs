//! A planning site on loopback: `/{events}/{name}.ics`.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use carillon::ical::Printer;
use carillon::net::{Limits, Listeners, Plane, Shutdown, serve};

/// The site.
pub struct Upstream {
    /// Where it is.
    pub url: String,
    /// Moves one event of each calendar.
    pub edits: Arc<AtomicUsize>,
}

impl Upstream {
    /// Starts it.
    pub fn start() -> Self {
        let edits = Arc::new(AtomicUsize::new(0));
        let calendar = async |State(edits): State<Arc<AtomicUsize>>, Path((events, name)): Path<(usize, String)>| {
            feed(&name, events, edits.load(Ordering::SeqCst))
        };
        let site = Router::new().route("/{events}/{name}", get(calendar)).with_state(Arc::clone(&edits));
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let mut listeners = Listeners::default();
        listeners.add(Plane::Http, socket, None);
        let (stop, shutdown) = Shutdown::channel();
        std::mem::forget(stop);
        tokio::spawn(serve(listeners, site, Limits::default(), shutdown));
        Self { url, edits }
    }
}

fn feed(name: &str, events: usize, edit: usize) -> Vec<u8> {
    let mut out = Printer::new();
    out.component("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//bench//FR\n");
    let monday = chrono::NaiveDate::from_ymd_opt(2026, 9, 7).unwrap();
    for i in 0..events {
        let day = (monday + chrono::Days::new((i / 8) as u64)).format("%Y%m%d");
        let hour = 8 + i % 8;
        let room = if i == 0 { edit } else { i % 17 };
        out.component(&format!(
            "BEGIN:VEVENT\nUID:{name}-{i}@planning.example\nDTSTAMP:20260901T000000Z\n\
             DTSTART;TZID=Europe/Paris:{day}T{hour:02}0000\nDTEND;TZID=Europe/Paris:{day}T{hour:02}5500\n\
             SUMMARY:Mécanique des fluides appliquée\nLOCATION:B{room:03}\n\
             DESCRIPTION:TD\\nEnseignant : Mme Béranger\\nRemarque : apporter la calculatrice et le polycopié\nEND:VEVENT\n"
        ));
    }
    out.line("END:VCALENDAR");
    out.finish()
}
