//! `GET /api/v1/audit`: the entries, newest first, with filters.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ENTRIES, Entry};
use crate::actor::{Caller, Deed};
use crate::app::App;
use crate::clock::local;
use crate::http::{Json, Listing, Page, Problem, Query};
use crate::store::{Read, StoreError};

/// The routes of the audit.
pub fn routes(app: App) -> Router {
    Router::new().route("/api/v1/audit", get(list_audit_entries)).with_state(app)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditQuery {
    actor: Option<String>,
    action: Option<String>,
    object: Option<String>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    limit: Option<usize>,
    after: Option<String>,
}

impl AuditQuery {
    fn wants(&self, entry: &Entry) -> bool {
        let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|wanted| wanted == value);
        is(&self.actor, &entry.actor)
            && is(&self.action, &entry.action)
            && is(&self.object, &entry.object)
            && self.from.is_none_or(|from| entry.at >= from)
            && self.to.is_none_or(|to| entry.at < to)
    }

    /// Entries are walked downwards: the cursor is the last id that was shown.
    fn before(&self) -> Result<Option<[u8; 8]>, Problem> {
        let number = self.after.as_deref().map(str::parse::<u64>).transpose();
        let number = number.map_err(|_| Problem::bad_field("after", "the `next` of the last answer"))?;
        Ok(number.map(u64::to_be_bytes))
    }
}

/// An entry as it goes out.
#[derive(Serialize)]
struct AuditResponse {
    at: String,
    id: u64,
    actor: String,
    ip: Option<std::net::IpAddr>,
    action: String,
    object: String,
    before: Option<serde_json::Value>,
    after: Option<serde_json::Value>,
}

async fn list_audit_entries(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Page<AuditResponse>>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let limit = Listing { limit: query.limit, after: None }.limit()?;
    let before = query.before()?;
    let newest = move |tx: &_| newest_entries(tx, before, limit + 1, &query);
    let mut entries = app.store.read(newest).await?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| more).map(|entry| entry.id.to_string());
    let items = entries.into_iter().map(|entry| shown(entry, &app)).collect();
    Ok(Json(Page { items, next }))
}

fn newest_entries(
    tx: &crate::store::ReadTx,
    before: Option<[u8; 8]>,
    limit: usize,
    query: &AuditQuery,
) -> Result<Vec<Entry>, StoreError> {
    tx.list_newest(&ENTRIES, before.as_ref().map(<[u8; 8]>::as_slice), limit, |entry| query.wants(entry))
}

fn shown(entry: Entry, app: &App) -> AuditResponse {
    let Entry { id, at, actor, ip, action, object, before, after } = entry;
    AuditResponse { at: local(at, app.zone()), id, actor, ip, action, object, before, after }
}
