//! `GET /api/v1/audit.csv`: each entry that the filters let through, newest first, row after row as it is read: however
//! long the history is, little of it is in memory.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono_tz::Tz;
use hyper::body::Frame;
use serde_json::Value;
use tokio::sync::mpsc;

use super::Entry;
use super::api::{AuditQuery, Filter, newest_entries};
use crate::actor::{Caller, Deed};
use crate::app::App;
use crate::clock::local;
use crate::http::{Problem, Query};
use crate::sheets::guarded;
use crate::store::StoreError;

const HEADER: [&str; 8] = ["id", "at", "actor", "ip", "action", "object", "before", "after"];
/// So many entries are read at once.
const CHUNK: usize = 500;

/// Tells who did what as a table, newest first, all of it.
#[utoipa::path(get, path = "/api/v1/audit.csv", params(AuditQuery), responses((status = 200, body = String, content_type = "text/csv")))]
pub(super) async fn export_audit_entries(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Problem> {
    caller.actor.must(Deed::Administer)?;
    let filter = query.whole(app.zone())?;
    let (rows, received) = mpsc::channel(2);
    tokio::spawn(send_rows(app, filter, rows));
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::new(Rows(received))).into_response())
}

/// Until there is no more, or nobody listens.
async fn send_rows(app: App, filter: Filter, rows: mpsc::Sender<Result<Bytes, StoreError>>) {
    let mut before = None;
    let mut header = Some(HEADER.map(str::to_owned));
    loop {
        let (filter, from) = (filter.clone(), before);
        let read = app.store.read(move |tx| newest_entries(tx, from, CHUNK, &filter)).await;
        let last = read.as_ref().map_or(0, Vec::len) < CHUNK;
        before = read.as_ref().ok().and_then(|entries| entries.last()).map(|entry| entry.id.to_be_bytes());
        let text =
            read.map(|entries| table(header.take().into_iter().chain(entries.iter().map(|e| row(e, app.zone())))));
        if rows.send(text).await.is_err() || last {
            return;
        }
    }
}

fn table(rows: impl Iterator<Item = [String; 8]>) -> Bytes {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing to memory cannot fail, and each row has as many cells as the header.
    rows.for_each(|row| drop(writer.write_record(row.iter().map(|cell| guarded(cell).into_owned()))));
    writer.into_inner().unwrap_or_default().into()
}

fn row(entry: &Entry, zone: Tz) -> [String; 8] {
    let state = |state: &Option<Value>| state.as_ref().map(Value::to_string).unwrap_or_default();
    [
        entry.id.to_string(),
        local(entry.at, zone),
        entry.actor.clone(),
        entry.ip.map(|ip| ip.to_string()).unwrap_or_default(),
        entry.action.clone(),
        entry.object.clone(),
        state(&entry.before),
        state(&entry.after),
    ]
}

/// The rows as the body of an answer. A read that fails breaks the answer off: half a history must not look whole.
struct Rows(mpsc::Receiver<Result<Bytes, StoreError>>);

impl axum::body::HttpBody for Rows {
    type Data = Bytes;
    type Error = StoreError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StoreError>>> {
        self.0.poll_recv(cx).map(|rows| rows.map(|rows| rows.map(Frame::data)))
    }
}
