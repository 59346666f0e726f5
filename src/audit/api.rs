//! `GET /api/v1/audit`: the entries, newest first, with filters.

use axum::extract::State;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ENTRIES, Entry};
use crate::actor::{Caller, Deed};
use crate::app::App;
use crate::clock::local;
use crate::http::{Json, Listing, Page, Problem, Query};
use crate::store::{Read, StoreError};

/// The routes of the audit.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_audit_entries)).routes(routes!(super::export::export_audit_entries))
}

/// Which entries somebody wants to see.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditQuery {
    /// Who did it.
    pub(super) actor: Option<String>,
    /// What was done: `user.create`, or `user.` for whatever is done to users.
    pub(super) action: Option<String>,
    /// To what: `event:e_…`, or `event:` for each.
    pub(super) object: Option<String>,
    /// From this day or instant on.
    pub(super) from: Option<String>,
    /// Before this one.
    pub(super) to: Option<String>,
    /// How many items, at most 1000.
    #[param(minimum = 1, maximum = 1000)]
    pub(super) limit: Option<usize>,
    /// The cursor of the last answer.
    pub(super) after: Option<String>,
}

/// The same, read.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    actor: Option<String>,
    action: Option<String>,
    object: Option<String>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
}

impl AuditQuery {
    pub(super) fn filter(&self, zone: Tz) -> Result<Filter, Problem> {
        let Self { actor, action, object, from, to, .. } = self;
        Ok(Filter {
            actor: actor.clone(),
            action: action.clone(),
            object: object.clone(),
            from: instant("from", from.as_deref(), zone)?,
            to: instant("to", to.as_deref(), zone)?,
        })
    }

    /// The filter of an answer that has no pages.
    pub(super) fn whole(&self, zone: Tz) -> Result<Filter, Problem> {
        let pages = [("limit", self.limit.is_some()), ("after", self.after.is_some())];
        match pages.iter().find(|(_, given)| *given) {
            Some((field, _)) => Err(Problem::bad_field(field, "is not a field here: all entries come in one answer")),
            None => self.filter(zone),
        }
    }

    /// Entries are walked downwards: the cursor is the last id that was shown.
    pub(super) fn before(&self) -> Result<Option<[u8; 8]>, Problem> {
        let number = self.after.as_deref().map(str::parse::<u64>).transpose();
        let number = number.map_err(|_| Problem::bad_field("after", "the `next` of the last answer"))?;
        Ok(number.map(u64::to_be_bytes))
    }
}

/// An instant with its offset, or a day that means its beginning here.
fn instant(field: &str, text: Option<&str>, zone: Tz) -> Result<Option<DateTime<Utc>>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let instant = DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc)).ok();
    let midnight = || Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN));
    let day = || zone.from_local_datetime(&midnight()?).earliest().map(|at| at.with_timezone(&Utc));
    let form = "a day such as 2026-11-21, or an instant such as 2026-11-21T10:00:00+01:00";
    instant.or_else(day).map(Some).ok_or_else(|| Problem::bad_field(field, form))
}

impl Filter {
    fn wants(&self, entry: &Entry) -> bool {
        matches(self.actor.as_deref(), &entry.actor)
            && matches(self.action.as_deref(), &entry.action)
            && matches(self.object.as_deref(), &entry.object)
            && self.from.is_none_or(|from| entry.at >= from)
            && self.to.is_none_or(|to| entry.at < to)
    }
}

/// `event:` means each event, `user.` whatever is done to users.
fn matches(wanted: Option<&str>, value: &str) -> bool {
    match wanted {
        None => true,
        Some(prefix) if prefix.ends_with([':', '.']) => value.starts_with(prefix),
        Some(wanted) => wanted == value,
    }
}

/// An entry as it goes out.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AuditEntryResponse {
    at: String,
    id: u64,
    actor: String,
    #[schema(value_type = Option<String>)]
    ip: Option<std::net::IpAddr>,
    action: String,
    object: String,
    before: Option<serde_json::Value>,
    after: Option<serde_json::Value>,
}

/// Lists who did what, newest first.
#[utoipa::path(get, path = "/api/v1/audit", params(AuditQuery), responses((status = 200, body = Page<AuditEntryResponse>)))]
async fn list_audit_entries(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Page<AuditEntryResponse>>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let limit = Listing { limit: query.limit, after: None }.limit()?;
    let (before, filter) = (query.before()?, query.filter(app.zone())?);
    let newest = move |tx: &_| newest_entries(tx, before, limit + 1, &filter);
    let mut entries = app.store.read(newest).await?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| more).map(|entry| entry.id.to_string());
    let items = entries.into_iter().map(|entry| AuditEntryResponse::new(entry, app.zone())).collect();
    Ok(Json(Page { items, next }))
}

/// So many entries that the filter wants, newest first, from before an id on.
pub(super) fn newest_entries(
    tx: &crate::store::ReadTx,
    before: Option<[u8; 8]>,
    limit: usize,
    filter: &Filter,
) -> Result<Vec<Entry>, StoreError> {
    tx.list_newest(&ENTRIES, before.as_ref().map(<[u8; 8]>::as_slice), limit, |entry| filter.wants(entry))
}

impl AuditEntryResponse {
    /// An entry with its time as it is here.
    pub fn new(entry: Entry, zone: Tz) -> Self {
        let Entry { id, at, actor, ip, action, object, before, after, .. } = entry;
        Self { at: local(at, zone), id, actor, ip, action, object, before, after }
    }
}
