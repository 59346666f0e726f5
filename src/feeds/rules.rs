//! Adding, changing and removing feeds.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{BasicRequest, LoginRequest, checked_url, patch_access};
use super::feed::DEFAULT_INTERVAL_SECS;
use super::refresh::keep::key;
use super::tables::{CHANGES, FEEDS, HELD, SNAPSHOTS, STATES, changes_of};
use super::{Feed, FeedError, Feeds, Stamp, UidRule};
use crate::actor::{Caller, Deed};
use crate::audit;
use crate::cohorts::{Directory, slugs_of, touch};
use crate::fetch::shown;
use crate::http::IfMatch;
use crate::http::extract::set_or_null;
use crate::id::{RESERVED, Slug, fold};
use crate::seal::Sealer;
use crate::secret::Secret;
use crate::store::{Read, StoreError, WriteTx};

/// Shorter intervals would hammer a small site.
pub const MIN_INTERVAL_SECS: u32 = 60;
const MAX_INTERVAL_SECS: u32 = 7 * 24 * 3600;

/// What somebody says of a feed. To add one, `slug`, `cohort` and `url` must be there; to change one, what is absent
/// stays and `null` takes away.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedRequest {
    /// Its name; only when it is added.
    pub slug: Option<String>,
    /// Its cohort, by slug.
    pub cohort: Option<String>,
    /// Where the calendar is.
    pub url: Option<String>,
    /// Seconds between two fetches.
    pub interval: Option<u32>,
    /// What is done with the upstream's UIDs.
    pub uid: Option<UidRule>,
    /// What is written at the end of each description.
    pub stamps: Option<Vec<Stamp>>,
    /// Whether a calendar without events may be its first.
    pub allow_empty: Option<bool>,
    /// Whether it is fetched at all.
    pub paused: Option<bool>,
    /// The login form to pass first.
    #[serde(default, deserialize_with = "set_or_null")]
    pub login: Option<Option<LoginRequest>>,
    /// Basic authentication.
    #[serde(default, deserialize_with = "set_or_null")]
    pub basic: Option<Option<BasicRequest>>,
    /// Extra headers.
    pub headers: Option<BTreeMap<String, Secret<String>>>,
    /// The User-Agent.
    #[serde(default, deserialize_with = "set_or_null")]
    pub user_agent: Option<Option<String>>,
}

impl Feeds {
    /// Adds a feed.
    pub async fn add(&self, caller: &Caller, request: FeedRequest) -> Result<Feed, FeedError> {
        let (feeds, caller) = (self.clone(), caller.clone());
        self.app.store.write(move |tx| feeds.add_in(tx, &caller, &request, &feeds.cohorts.directory())).await
    }

    /// Adds a feed in somebody else's transaction, to a cohort of this directory.
    pub(super) fn add_in(
        &self,
        tx: &mut WriteTx,
        caller: &Caller,
        request: &FeedRequest,
        directory: &Directory,
    ) -> Result<Feed, FeedError> {
        caller.actor.must(Deed::Administer)?;
        let feed = self.new_feed(request, directory)?;
        if tx.find(&FEEDS, key(&feed))?.is_some() {
            return Err(FeedError::SlugTaken(feed.slug.to_string()));
        }
        tx.put(&FEEDS, key(&feed), &feed)?;
        touch(tx, &feed.cohort_id, self.app.clock.steady())?;
        self.note(tx, caller, "feed.create", [None, Some(&feed)])?;
        Ok(feed)
    }

    /// Changes a feed in place: its address, its login, its stamps; its snapshot stays.
    pub async fn change(&self, caller: &Caller, slug: &str, change: (FeedRequest, IfMatch)) -> Result<Feed, FeedError> {
        caller.actor.must(Deed::Administer)?;
        let before = self.get(slug)?;
        let (feeds, caller, slug) = (self.clone(), caller.clone(), before.slug.clone());
        let after = self.app.store.write(move |tx| feeds.change_in(tx, &caller, &slug, &change)).await?;
        self.plan_anew(&before, &after);
        Ok(after)
    }

    /// Whoever has mended an address, a password or an interval does not wait for what was planned before. What comes
    /// from another source is judged even if it is the same body.
    fn plan_anew(&self, before: &Feed, after: &Feed) {
        let shown_elsewhere =
            Feed { cohort_id: after.cohort_id.clone(), stamps: after.stamps.clone(), ..before.clone() };
        let live = self.live(after.slug.as_str());
        let mut state = live.lock();
        if shown_elsewhere != *after {
            state.next_attempt = None;
        }
        if !before.has_source_of(after) {
            state.forget_body();
        }
    }

    fn change_in(
        &self,
        tx: &mut WriteTx,
        caller: &Caller,
        slug: &Slug,
        (request, if_match): &(FeedRequest, IfMatch),
    ) -> Result<Feed, FeedError> {
        let before = get_kept(tx, slug.as_str())?;
        if_match.must_hold(&before)?;
        let after = patched(before.clone(), request, &self.cohorts.directory(), &self.sealer)?;
        if after == before {
            return Ok(after);
        }
        tx.put(&FEEDS, key(&after), &after)?;
        if let Some(mut state) = tx.find(&STATES, key(&after))?.filter(|_| !before.has_source_of(&after)) {
            state.forget_body();
            tx.put(&STATES, key(&after), &state)?;
        }
        if (&before.cohort_id, &before.stamps) != (&after.cohort_id, &after.stamps) {
            touch(tx, &before.cohort_id, self.app.clock.steady())?;
            touch(tx, &after.cohort_id, self.app.clock.steady())?;
        }
        self.note(tx, caller, "feed.update", [Some(&before), Some(&after)])?;
        Ok(after)
    }

    /// Removes a feed with its snapshot: its events leave the cohort's calendar.
    pub async fn remove(&self, caller: &Caller, slug: &str, if_match: IfMatch) -> Result<(), FeedError> {
        caller.actor.must(Deed::Administer)?;
        let feed = self.get(slug)?;
        let (feeds, caller, removed) = (self.clone(), caller.clone(), feed.clone());
        let remove = move |tx: &mut WriteTx| {
            if_match.must_hold(&get_kept(tx, feed.slug.as_str())?)?;
            feeds.remove_in(tx, &caller, &feed)
        };
        self.app.store.write(remove).await?;
        self.forget(&removed);
        Ok(())
    }

    pub(super) fn remove_in(&self, tx: &mut WriteTx, caller: &Caller, feed: &Feed) -> Result<(), FeedError> {
        tx.delete(&FEEDS, key(feed))?;
        tx.delete(&STATES, key(feed))?;
        tx.delete(&SNAPSHOTS, key(feed))?;
        tx.delete(&HELD, key(feed))?;
        tx.delete_range(&CHANGES, &changes_of(feed.slug.as_str()), None)?;
        touch(tx, &feed.cohort_id, self.app.clock.steady())?;
        tx.bump(&Feed::topic(feed.slug.as_str()), self.app.clock.steady())?;
        self.note(tx, caller, "feed.remove", [Some(feed), None])?;
        Ok(())
    }

    fn new_feed(&self, request: &FeedRequest, directory: &Directory) -> Result<Feed, FeedError> {
        let required = |value: &Option<String>, field| value.clone().ok_or_else(|| FeedError::bad(field, "is missing"));
        let name = required(&request.slug, "slug")?;
        let no_slug = || match RESERVED.contains(&fold(&name).as_str()) {
            true => FeedError::senseless("slug", format!("{name:?} is reserved: choose another")),
            false => FeedError::bad("slug", format!("{name:?} makes no slug: it needs letters or digits")),
        };
        let blank = Feed {
            slug: Slug::from_name(&name).ok_or_else(no_slug)?,
            cohort_id: String::new(),
            url: checked_url("url", &required(&request.url, "url")?)?,
            interval_secs: DEFAULT_INTERVAL_SECS,
            uid: UidRule::Keep,
            stamps: vec![Stamp::Place, Stamp::Fetched],
            paused: false,
            allow_empty: false,
            login: None,
            basic: None,
            headers: Vec::new(),
            user_agent: None,
            created_at: self.app.clock.now(),
        };
        required(&request.cohort, "cohort")?;
        patched(blank, &FeedRequest { slug: None, ..request.clone() }, directory, &self.sealer)
    }

    /// What the audit holds of a feed: no secret, and of its address origin and path only.
    fn note(
        &self,
        tx: &mut WriteTx,
        caller: &Caller,
        action: &str,
        states: [Option<&Feed>; 2],
    ) -> Result<(), StoreError> {
        let slug = states.iter().flatten().next().map(|feed| feed.slug.to_string()).unwrap_or_default();
        let mut told = [None, None];
        for (told, feed) in told.iter_mut().zip(states) {
            *told = feed.map(|feed| shown_in_audit(tx, feed)).transpose()?;
        }
        audit::record(tx, caller, self.app.clock.now_secs(), (action, format!("feed:{slug}")), told)
    }
}

/// A feed without its secrets; a password that changes is told by its seal, which differs each time.
fn shown_in_audit(tx: &WriteTx, feed: &Feed) -> Result<Value, StoreError> {
    let cohort = slugs_of(tx, std::slice::from_ref(&feed.cohort_id))?.pop();
    let login = feed.login.as_ref().map(|login| {
        let fields: Vec<_> = login.extra.iter().map(|(field, _)| field).collect();
        json!({"url": shown(&login.url), "username": login.username, "username_field": login.username_field,
               "password_field": login.password_field, "extra": fields, "password": login.password.mark()})
    });
    let basic = feed.basic.as_ref().map(|basic| json!({"user": basic.user, "password": basic.password.mark()}));
    let headers: Vec<_> =
        feed.headers.iter().map(|(name, value)| json!({"name": name, "value": value.mark()})).collect();
    Ok(json!({"cohort": cohort, "url": shown(&feed.url), "interval": feed.interval_secs, "uid": feed.uid,
              "stamps": feed.stamps, "paused": feed.paused, "allow_empty": feed.allow_empty, "login": login,
              "basic": basic, "headers": headers, "user_agent": feed.user_agent}))
}

/// A feed that was there when it was looked for; somebody may have removed it since.
fn get_kept(tx: &WriteTx, slug: &str) -> Result<Feed, FeedError> {
    tx.find(&FEEDS, slug.as_bytes())?.ok_or_else(|| FeedError::Unknown(slug.to_owned()))
}

/// A feed with what a request says of it.
fn patched(mut feed: Feed, request: &FeedRequest, directory: &Directory, sealer: &Sealer) -> Result<Feed, FeedError> {
    if request.slug.is_some() {
        return Err(FeedError::bad("slug", "a feed keeps its slug: remove it and add another"));
    }
    if let Some(name) = &request.cohort {
        let cohort = directory.find(name);
        feed.cohort_id =
            cohort.ok_or_else(|| FeedError::senseless("cohort", format!("there is no cohort {name:?}")))?.id.clone();
    }
    if let Some(url) = &request.url {
        feed.url = checked_url("url", url)?;
    }
    if let Some(interval) = request.interval {
        feed.interval_secs = checked_interval(interval)?;
    }
    if let Some(stamps) = &request.stamps {
        feed.stamps = stamps.clone();
        feed.stamps.sort();
        feed.stamps.dedup();
    }
    feed.uid = request.uid.unwrap_or(feed.uid);
    feed.allow_empty = request.allow_empty.unwrap_or(feed.allow_empty);
    feed.paused = request.paused.unwrap_or(feed.paused);
    patch_access(&mut feed, request, sealer)?;
    Ok(feed)
}

fn checked_interval(secs: u32) -> Result<u32, FeedError> {
    match secs {
        MIN_INTERVAL_SECS..=MAX_INTERVAL_SECS => Ok(secs),
        _ => Err(FeedError::bad("interval", format!("{secs} s: from {MIN_INTERVAL_SECS} s to {MAX_INTERVAL_SECS} s"))),
    }
}
