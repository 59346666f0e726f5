//! Making, changing and removing events, one or a whole series.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::events_of;
use super::record::{Draft, Event, Status};
use super::request::{Change, EventRequest, check_span, check_texts};
use super::rights::{must_change, must_change_some};
use super::write::{Step, put_events};
use crate::actor::{Caller, Deed};
use crate::http::IfMatch;
use crate::id::random_id;
use crate::store::{Read, WriteTx};
use crate::timetable::archive::{Archived, find_archived};
use crate::timetable::clashes::find_conflicts;
use crate::timetable::series::{Shift, lay_out};
use crate::timetable::tables::find_event;
use crate::timetable::{Flaws, Names, Scene, TimetableError, Whose};

/// What is done about something that stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflicts {
    /// The change is refused.
    Refused,
    /// Somebody has seen it, and wants it so.
    Allowed,
}

impl Conflicts {
    /// What a caller asks for, if they may.
    pub(super) fn asked(allow: bool, caller: &Caller) -> Result<Self, TimetableError> {
        if !allow {
            return Ok(Self::Refused);
        }
        caller.actor.must(Deed::ChangeTimetable)?;
        Ok(Self::Allowed)
    }
}

/// How many events of a series a change is of.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, serde::Serialize, clap::ValueEnum, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// This one.
    #[default]
    This,
    /// This one and those that begin later.
    Following,
    /// Each.
    All,
}

/// Which events a change is of, and what the one who changes them has seen.
#[derive(Clone, Debug)]
pub struct Target {
    /// The event that is named.
    pub id: String,
    /// How many more.
    pub scope: Scope,
    /// What was seen of it.
    pub seen: IfMatch,
}

/// Makes an event, or a series of them; then in the order of their starts, with the id of the series.
pub fn create_events(
    tx: &mut WriteTx,
    scene: &Scene,
    request: &EventRequest,
) -> Result<(Option<String>, Vec<Event>), TimetableError> {
    must_change_some(&scene.caller)?;
    let conflicts = Conflicts::asked(request.allow_conflicts, &scene.caller)?;
    let drafts = plan_events(&scene.names, request)?;
    let series = request.repeat.is_some().then(|| random_id("s_")).transpose()?;
    Ok((series.clone(), insert_events(tx, scene, (drafts, series), conflicts)?))
}

/// The events that a request is to make, as far as can be told before they are made.
pub fn plan_events(names: &Names, request: &EventRequest) -> Result<Vec<Draft>, TimetableError> {
    let mut flaws = Flaws::default();
    let draft = Change::read(request, names, &mut flaws).draft(&mut flaws);
    let drafts = match (&request.repeat, draft) {
        (Some(repeat), Some(draft)) => {
            let times = lay_out((draft.start, draft.end), repeat, names.zone, &mut flaws);
            times.into_iter().map(|(start, end)| Draft { start, end, ..draft.clone() }).collect()
        }
        (_, draft) => Vec::from_iter(draft),
    };
    flaws.check()?;
    Ok(drafts)
}

/// Makes these events, all or none, in somebody else's transaction.
pub fn insert_events(
    tx: &mut WriteTx,
    scene: &Scene,
    (drafts, series): (Vec<Draft>, Option<String>),
    conflicts: Conflicts,
) -> Result<Vec<Event>, TimetableError> {
    let made = drafts.into_iter().map(|draft| Event::new(draft, series.clone(), scene));
    let steps = made.map(|event| Ok((None, Some(event?))));
    let steps = apply(tx, scene, ("event.create", steps.collect::<Result<_, TimetableError>>()?), conflicts)?;
    Ok(steps.into_iter().filter_map(|(_, after)| after).collect())
}

/// Changes an event, or more of its series. The events of the scope come back as they are now.
pub fn update_events(
    tx: &mut WriteTx,
    scene: &Scene,
    target: &Target,
    request: &EventRequest,
) -> Result<Vec<Event>, TimetableError> {
    let conflicts = Conflicts::asked(request.allow_conflicts, &scene.caller)?;
    let steps = plan_changes(tx, scene, target, request)?;
    let unchanged: Vec<Event> =
        steps.iter().filter(|(before, after)| before == after).filter_map(|(_, after)| after.clone()).collect();
    let changed = apply(tx, scene, ("event.update", steps), conflicts)?;
    let mut events: Vec<Event> = changed.into_iter().filter_map(|(_, after)| after).chain(unchanged).collect();
    events.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
    Ok(events)
}

/// What a request is to make of the events of a target: each as it is, and as it would be.
pub fn plan_changes(
    tx: &impl Read,
    scene: &Scene,
    target: &Target,
    request: &EventRequest,
) -> Result<Vec<Step>, TimetableError> {
    let named = target.named(tx, scene)?;
    let mut flaws = Flaws::default();
    if request.repeat.is_some() {
        flaws.malformed("repeat", "a series is made with its events: make a new one");
    }
    let change = Change::read(request, &scene.names, &mut flaws);
    let shift = Shift::between(&named, (change.start, change.end), scene.names.zone);
    let mut steps: Vec<Step> = Vec::new();
    for before in target.events(tx, &named)? {
        let mut after = change.apply(&before);
        (after.start, after.end) = match before.id == named.id {
            true => (change.start.unwrap_or(before.start), change.end.unwrap_or(before.end)),
            false => shift.apply(&before, &mut flaws),
        };
        if flaws.errors.is_empty() {
            check_span(after.start, after.end, &mut flaws);
        }
        steps.push((Some(before), Some(after)));
    }
    flaws.check()?;
    Ok(steps)
}

/// Cancels an event, or more of its series, with a word to whoever comes; the word stands before the notes of each.
pub fn cancel_events(
    tx: &mut WriteTx,
    scene: &Scene,
    target: &Target,
    word: Option<&str>,
) -> Result<Vec<Event>, TimetableError> {
    let named = target.named(tx, scene)?;
    let mut flaws = Flaws::default();
    let mut steps: Vec<Step> = Vec::new();
    for before in target.events(tx, &named)? {
        let mut after = Event { status: Status::Cancelled, ..before.clone() };
        if let Some(word) = word {
            after.notes = if before.notes.is_empty() { word.to_owned() } else { format!("{word}\n\n{}", before.notes) };
        }
        check_texts([None, None, Some(&after.notes)], &mut flaws);
        steps.push((Some(before), Some(after)));
    }
    flaws.check()?;
    let done = apply(tx, scene, ("event.update", steps), Conflicts::Refused)?;
    Ok(done.into_iter().filter_map(|(_, after)| after).collect())
}

/// Removes an event, or more of its series: gone at once.
pub fn delete_events(tx: &mut WriteTx, scene: &Scene, target: &Target) -> Result<(), TimetableError> {
    let named = target.named(tx, scene)?;
    let steps = target.events(tx, &named)?.into_iter().map(|before| (Some(before), None)).collect();
    apply(tx, scene, ("event.remove", steps), Conflicts::Refused)?;
    Ok(())
}

/// Brings events from one state to another, if the caller may and nothing stands in the way.
pub(super) fn apply(
    tx: &mut WriteTx,
    scene: &Scene,
    (action, steps): (&str, Vec<Step>),
    conflicts: Conflicts,
) -> Result<Vec<Step>, TimetableError> {
    steps.iter().try_for_each(|(before, after)| must_change(&scene.caller, before.as_ref(), after.as_ref()))?;
    let steps = put_events(tx, scene, action, steps)?;
    if conflicts == Conflicts::Refused {
        let claims = steps.iter().filter_map(|(before, after)| {
            let after = after.as_ref().filter(|after| after.is_busy())?;
            before.as_ref().is_none_or(|before| after.claims_more_than(before)).then_some(after)
        });
        let found = find_conflicts(tx, scene, claims)?;
        if !found.is_empty() {
            return Err(TimetableError::Clash(found));
        }
    }
    Ok(steps)
}

impl Target {
    /// The event that is named, if the caller may change it and has seen it as it is.
    fn named(&self, tx: &impl Read, scene: &Scene) -> Result<Event, TimetableError> {
        must_change_some(&scene.caller)?;
        must_be_ours(tx, scene, &self.id)?;
        let event = find_event(tx, &self.id)?.ok_or_else(|| TimetableError::UnknownEvent(self.id.clone()))?;
        must_change(&scene.caller, Some(&event), None)?;
        self.seen.must_hold(&event)?;
        Ok(event)
    }

    /// The events of the scope, by start.
    fn events(&self, tx: &impl Read, named: &Event) -> Result<Vec<Event>, TimetableError> {
        let Some(series) = named.series.as_deref().filter(|_| self.scope != Scope::This) else {
            return Ok(vec![named.clone()]);
        };
        let mut events = events_of(tx, Whose::Series(series), None)?;
        let first: DateTime<Utc> = named.start;
        events.retain(|event| self.scope == Scope::All || event.start >= first);
        Ok(events)
    }
}

/// A feed's event is not ours to change, and an archived one stays as it is.
pub(super) fn must_be_ours(tx: &impl Read, scene: &Scene, id: &str) -> Result<(), TimetableError> {
    if let Some(event) = scene.feeds.find(id) {
        return Err(TimetableError::OfFeed { id: id.to_owned(), feed: event.feed.slug.to_string() });
    }
    match find_archived(tx, id)? {
        Some(Archived { rollover, .. }) => Err(TimetableError::Archived { id: id.to_owned(), rollover }),
        None => Ok(()),
    }
}
