//! UIDs for events that come without a lasting one.
//!
//! With `--uid derive` each event is matched to the last snapshot by what it is: first equal (summary, start, location),
//! then (summary, same day), then (summary, nearest start within 14 days), each old one once. A match keeps its UID; a
//! new event gets a hash of (feed, summary, first start, n-th of equals). With `--uid keep` the same is done for the
//! events that have no UID at all.

use std::collections::{BTreeMap, HashMap, HashSet};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::Snapshot;
use super::merge::Fetch;
use super::uid::uid_of;
use crate::feeds::UidRule;
use crate::ical::{Event, Kind, Zones, read_event};

/// How far an event may have moved and still be the same.
const NEAREST: TimeDelta = TimeDelta::days(14);

/// Settles the UIDs of one fetch.
pub struct Deriver<'a> {
    fetch: &'a Fetch<'a>,
    zones: &'a Zones,
    old: Vec<Event<'a>>,
    /// Old events that were matched, by index.
    taken: HashSet<usize>,
    /// UIDs in use: a new one must not be one of them.
    used: HashSet<String>,
}

impl<'a> Deriver<'a> {
    /// A deriver on the snapshot before the fetch.
    pub fn new(old: &'a Snapshot, fetch: &'a Fetch<'a>, zones: &'a Zones) -> Self {
        let old: Vec<_> = old.of_kind(Kind::Event).map(|item| read_event(item.text, zones)).collect();
        let used = old.iter().filter_map(|event| event.uid).map(str::to_owned).collect();
        Self { fetch, zones, old, taken: HashSet::new(), used }
    }

    /// For each event the UID to write, or `None` where its own stays.
    pub fn settle(mut self, texts: &[&str]) -> Vec<Option<String>> {
        let events: Vec<_> = texts.iter().map(|text| read_event(text, self.zones)).collect();
        let mut uids = vec![None; events.len()];
        let mut open: Vec<usize> = (0..events.len()).filter(|&i| self.is_open(events.get(i))).collect();
        open.sort_by_key(|&i| events.get(i).map(|event| (event.start, event.location.to_string())));
        self.keep_named(&events);
        self.match_old(&events, &mut open, &mut uids);
        for i in open {
            let Some((event, uid)) = events.get(i).zip(uids.get_mut(i)) else { continue };
            *uid = Some(self.new_uid(event));
        }
        follow_masters(&events, &mut uids, texts);
        uids
    }

    /// Needs this event a UID of ours? An override follows its series.
    fn is_open(&self, event: Option<&Event<'_>>) -> bool {
        event.is_some_and(|event| match self.fetch.uid {
            UidRule::Keep => event.uid.is_none(),
            UidRule::Derive => event.recurrence_id.is_none() || event.uid.is_none(),
        })
    }

    /// Where UIDs are kept, an old event whose UID the site still sends is that event, and nobody else's.
    fn keep_named(&mut self, events: &[Event<'_>]) {
        if self.fetch.uid == UidRule::Keep {
            let sent: HashSet<_> = events.iter().filter_map(|event| event.uid).collect();
            let named = |(i, old): (usize, &Event<'_>)| old.uid.is_some_and(|uid| sent.contains(uid)).then_some(i);
            self.taken = self.old.iter().enumerate().filter_map(named).collect();
        }
    }

    /// The three passes, widest last. What was matched leaves `open`.
    fn match_old(&mut self, events: &[Event<'_>], open: &mut Vec<usize>, uids: &mut [Option<String>]) {
        for pass in [Pass::Equal, Pass::SameDay, Pass::Nearest] {
            let mut candidates = self.candidates(pass);
            open.retain(|&i| {
                let Some((event, uid)) = events.get(i).zip(uids.get_mut(i)) else { return true };
                let Some(found) = nearest(&mut candidates, pass, event, self.fetch.zone) else { return true };
                self.taken.insert(found);
                *uid = self.old.get(found).and_then(|old| old.uid).map(str::to_owned);
                false
            });
        }
    }

    /// The old events that are still free, by what this pass compares, then by start.
    fn candidates(&self, pass: Pass) -> Candidates {
        let mut candidates = Candidates::new();
        for (i, event) in self.old.iter().enumerate() {
            let free = !self.taken.contains(&i) && event.recurrence_id.is_none();
            if let Some((key, start)) = free.then(|| pass.key(event, self.fetch.zone)).flatten() {
                candidates.entry(key).or_default().entry(start).or_default().push(i);
            }
        }
        // Popped from the end: the first of equals must be the last here.
        candidates.values_mut().flat_map(BTreeMap::values_mut).for_each(|equals| equals.reverse());
        candidates
    }

    fn new_uid(&mut self, event: &Event<'_>) -> String {
        let start = event.start.map(|start| start.timestamp()).unwrap_or_default();
        let mut nth = 0_u32;
        loop {
            let text = format!("{}\n{}\n{start}\n{nth}", self.fetch.feed, event.summary);
            let hash = digest(&SHA256, text.as_bytes());
            let name = URL_SAFE_NO_PAD.encode(hash.as_ref().first_chunk::<16>().unwrap_or(&[0; 16]));
            let uid = format!("{name}@{}", self.fetch.instance_id);
            if self.used.insert(uid.clone()) {
                return uid;
            }
            nth += 1;
        }
    }
}

/// What two events must have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    Equal,
    SameDay,
    Nearest,
}

type Key = (String, Option<String>, Option<NaiveDate>);
type Candidates = HashMap<Key, BTreeMap<DateTime<Utc>, Vec<usize>>>;

impl Pass {
    fn key(self, event: &Event<'_>, zone: chrono_tz::Tz) -> Option<(Key, DateTime<Utc>)> {
        let start = event.start?;
        let summary = event.summary.to_string();
        let key = match self {
            Self::Equal => (summary, Some(format!("{start} {}", event.location)), None),
            Self::SameDay => (summary, None, Some(start.with_timezone(&zone).date_naive())),
            Self::Nearest => (summary, None, None),
        };
        Some((key, start))
    }
}

/// Takes the candidate whose start is nearest, the earlier of two equally near ones.
fn nearest(candidates: &mut Candidates, pass: Pass, event: &Event<'_>, zone: chrono_tz::Tz) -> Option<usize> {
    let (key, start) = pass.key(event, zone)?;
    let starts = candidates.get_mut(&key)?;
    let before = starts.range(..=start).next_back().map(|(at, _)| *at);
    let after = starts.range(start..).next().map(|(at, _)| *at);
    let at = [before, after].into_iter().flatten().min_by_key(|at| (*at - start).abs())?;
    if (at - start).abs() > NEAREST {
        return None;
    }
    let equals = starts.get_mut(&at)?;
    let found = equals.pop();
    if equals.is_empty() {
        starts.remove(&at);
    }
    found
}

/// An override of one occurrence takes the UID that its series was given.
fn follow_masters(events: &[Event<'_>], uids: &mut [Option<String>], texts: &[&str]) {
    let masters: HashMap<&str, String> = texts
        .iter()
        .zip(events)
        .zip(uids.iter())
        .filter(|((_, event), _)| event.recurrence_id.is_none())
        .filter_map(|((text, _), uid)| uid_of(text).zip(uid.clone()))
        .collect();
    for ((text, event), uid) in texts.iter().zip(events).zip(uids.iter_mut()) {
        if event.recurrence_id.is_some() && uid.is_none() {
            *uid = uid_of(text).and_then(|own| masters.get(own)).cloned();
        }
    }
}
