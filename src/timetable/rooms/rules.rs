//! Making, changing and removing rooms.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{ROOMS, Room, RoomBook};
use crate::actor::{Caller, Deed};
use crate::audit;
use crate::http::IfMatch;
use crate::http::extract::set_or_null;
use crate::id::{RESERVED, Slug, checked_name, fold, random_id};
use crate::store::{Read, StoreError, WriteTx};
use crate::timetable::hanging::Hanging;
use crate::timetable::removal::Removal;
use crate::timetable::renamed::rename_room;
use crate::timetable::{Event, Flaws, Scene, TimetableError, Whose, topics};

const LONGEST_NAME: usize = 200;
const LONGEST_KIND: usize = 40;
const ALIASES_AT_MOST: usize = 100;
const SEATS: std::ops::RangeInclusive<u32> = 1..=100_000;

/// What somebody says of a room. To make one `name` must be there; to change one, what is absent stays and `null` takes
/// away.
#[derive(Clone, Debug, Default, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoomRequest {
    /// Its name; the slug follows from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What sort of room.
    #[serde(default, deserialize_with = "set_or_null", skip_serializing_if = "Option::is_none")]
    pub kind: Option<Option<String>>,
    /// Seats.
    #[serde(default, deserialize_with = "set_or_null", skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Option<u32>>,
    /// All that it is called beside its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aliases: Option<Vec<String>>,
}

/// Makes a room.
pub fn create_room(tx: &mut WriteTx, scene: &Scene, request: &RoomRequest) -> Result<Room, TimetableError> {
    scene.caller.actor.must(Deed::ChangeTimetable)?;
    let mut flaws = Flaws::default();
    if request.name.is_none() {
        flaws.malformed("name", "is missing");
    }
    let mut change = Change::read(request, &mut flaws);
    flaws.check()?;
    let Some((name, slug)) = change.name.take() else { return Err(TimetableError::senseless("name", "is missing")) };
    let (kind, aliases, created_at) = (String::new(), Vec::new(), scene.now);
    let blank = Room { id: random_id("r_")?, slug, name, kind, capacity: None, aliases, created_at };
    let room = change.apply(&blank);
    must_be_free(&scene.names.rooms, &room)?;
    tx.put(&ROOMS, room.id.as_bytes(), &room)?;
    topics::touch_rooms(tx, &room.id, scene.steady)?;
    note(tx, &scene.caller, scene, "room.create", [None, Some(&room)])?;
    Ok(room)
}

/// Changes a room. A new name leaves the old slug as an alias.
pub fn update_room(
    tx: &mut WriteTx,
    scene: &Scene,
    id: &str,
    (request, seen): (&RoomRequest, &IfMatch),
) -> Result<Room, TimetableError> {
    scene.caller.actor.must(Deed::ChangeTimetable)?;
    let before = get_room(tx, id)?;
    seen.must_hold(&before)?;
    let mut flaws = Flaws::default();
    let change = Change::read(request, &mut flaws);
    flaws.check()?;
    let after = change.apply(&before);
    if after == before {
        return Ok(after);
    }
    must_be_free(&scene.names.rooms, &after)?;
    tx.put(&ROOMS, id.as_bytes(), &after)?;
    if after.name != before.name {
        rename_room(tx, id, [scene.now, scene.steady])?;
    }
    if (&after.name, &after.aliases) != (&before.name, &before.aliases) {
        topics::touch_rooms(tx, id, scene.steady)?;
    }
    note(tx, &scene.caller, scene, "room.update", [Some(&before), Some(&after)])?;
    Ok(after)
}

/// Removes a room. Its events stand in the way; forced, they stay without a room.
pub fn remove_room(
    tx: &mut WriteTx,
    scene: &Scene,
    id: &str,
    (removal, seen): (Removal, &IfMatch),
) -> Result<(), TimetableError> {
    scene.caller.actor.must(Deed::ChangeTimetable)?;
    let room = get_room(tx, id)?;
    seen.must_hold(&room)?;
    let events = Hanging::of(tx, Whose::Room(id))?;
    if removal == Removal::Careful && !events.is_empty() {
        let what = format!("the room {:?}", room.name);
        return Err(TimetableError::InUse { what, hanging: events.told(&scene.names) });
    }
    events.leave(tx, scene, |event| Some(Event { room: None, ..event.clone() }))?;
    tx.delete(&ROOMS, id.as_bytes())?;
    topics::touch_rooms(tx, id, scene.steady)?;
    note(tx, &scene.caller, scene, "room.remove", [Some(&room), None])?;
    Ok(())
}

/// A room that was there when it was looked for; somebody may have removed it since.
fn get_room(tx: &WriteTx, id: &str) -> Result<Room, TimetableError> {
    tx.find(&ROOMS, id.as_bytes())?.ok_or_else(|| TimetableError::UnknownRoom(id.to_owned()))
}

/// A request, read: what is absent stays.
struct Change {
    name: Option<(String, Slug)>,
    kind: Option<String>,
    capacity: Option<Option<u32>>,
    aliases: Option<Vec<String>>,
}

impl Change {
    fn read(request: &RoomRequest, flaws: &mut Flaws) -> Self {
        let kind = request.kind.as_ref().map(|kind| kind.as_deref().unwrap_or_default().trim().to_owned());
        if kind.as_ref().is_some_and(|kind| kind.chars().count() > LONGEST_KIND || kind.chars().any(char::is_control)) {
            flaws.malformed("kind", format!("at most {LONGEST_KIND} characters, none of them a control character"));
        }
        if request.capacity.flatten().is_some_and(|seats| !SEATS.contains(&seats)) {
            flaws.senseless("capacity", format!("a number of seats from {} to {}", SEATS.start(), SEATS.end()));
        }
        Self {
            name: request.name.as_deref().and_then(|name| named(flaws, name)),
            kind,
            capacity: request.capacity,
            aliases: request.aliases.as_deref().map(|aliases| checked_aliases(flaws, aliases)),
        }
    }

    /// A room with what changes of it. Under a new name the old slug goes on finding it.
    fn apply(self, room: &Room) -> Room {
        let mut after = room.clone();
        after.kind = self.kind.unwrap_or(after.kind);
        after.capacity = self.capacity.unwrap_or(after.capacity);
        after.aliases = self.aliases.unwrap_or(after.aliases);
        if let Some((name, slug)) = self.name {
            after.aliases.extend((slug != room.slug).then(|| room.slug.to_string()));
            (after.name, after.slug) = (name, slug);
        }
        after.aliases = tidy(&after);
        after
    }
}

fn checked_aliases(flaws: &mut Flaws, aliases: &[String]) -> Vec<String> {
    if aliases.len() > ALIASES_AT_MOST {
        flaws.malformed("aliases", format!("at most {ALIASES_AT_MOST}"));
    }
    let mut checked = Vec::new();
    for (number, alias) in aliases.iter().enumerate() {
        let field = format!("aliases[{number}]");
        match checked_name(alias, LONGEST_NAME) {
            Ok(name) if !fold(&name).is_empty() => checked.push(name),
            Ok(_) => flaws.malformed(&field, format!("{alias:?} has neither letters nor digits")),
            Err(error) => flaws.malformed(&field, error.message),
        }
    }
    checked
}

/// Each alias once, and none that is the slug itself.
fn tidy(room: &Room) -> Vec<String> {
    let mut seen = vec![room.slug.to_string()];
    let mut kept = Vec::new();
    for alias in &room.aliases {
        let folded = fold(alias);
        if !seen.contains(&folded) {
            seen.push(folded);
            kept.push(alias.clone());
        }
    }
    kept
}

/// A name and the slug that is made of it. `free` and `add` are routes of their own below the rooms.
fn named(flaws: &mut Flaws, name: &str) -> Option<(String, Slug)> {
    let name = match checked_name(name, LONGEST_NAME) {
        Ok(name) => name,
        Err(error) => {
            flaws.malformed("name", error.message);
            return None;
        }
    };
    let folded = fold(&name);
    if RESERVED.contains(&folded.as_str()) || ["add", "free"].contains(&folded.as_str()) {
        flaws.senseless("name", format!("the slug {folded:?} is reserved: choose another name"));
        return None;
    }
    let slug = Slug::from_name(&name);
    if slug.is_none() {
        flaws.malformed("name", "letters or digits: nothing is left of this one for an address");
    }
    slug.map(|slug| (name, slug))
}

/// No other room may answer to its slug or to one of its aliases.
fn must_be_free(book: &RoomBook, room: &Room) -> Result<(), TimetableError> {
    let taken = |field, name: &str| {
        let holder = book.find(name).filter(|holder| holder.id != room.id);
        holder.map(|holder| TimetableError::RoomTaken { field, name: name.to_owned(), room: holder.name.clone() })
    };
    let slug = taken("name", room.slug.as_str());
    match slug.or_else(|| room.aliases.iter().find_map(|alias| taken("aliases", alias))) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

fn note(
    tx: &mut WriteTx,
    caller: &Caller,
    scene: &Scene,
    action: &str,
    states: [Option<&Room>; 2],
) -> Result<(), StoreError> {
    let slug = states.iter().flatten().next().map(|room| room.slug.to_string()).unwrap_or_default();
    let shown = states.map(|state| {
        state.map(|room| {
            json!({"slug": room.slug, "name": room.name, "kind": room.kind, "capacity": room.capacity,
                   "aliases": room.aliases})
        })
    });
    audit::record(tx, caller, scene.now, (action, format!("room:{slug}")), shown)
}
