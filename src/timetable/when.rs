//! Times on the wall of the site's zone.
//!
//! A time on the wall that the clocks skip, or that comes twice, is refused with the two instants that it could mean:
//! nobody's class is moved by an hour in silence.

use chrono::{DateTime, MappedLocalTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::clock::local;

/// The instant of a time on the wall, or which instants it could be.
pub(super) fn on_the_wall(wall: NaiveDateTime, zone: Tz) -> Result<DateTime<Utc>, String> {
    let said = wall.format("%Y-%m-%dT%H:%M:%S");
    match zone.from_local_datetime(&wall) {
        MappedLocalTime::Single(at) => Ok(at.with_timezone(&Utc)),
        MappedLocalTime::Ambiguous(first, second) => {
            let (first, second) = (local(first.with_timezone(&Utc), zone), local(second.with_timezone(&Utc), zone));
            Err(format!("{said} comes twice in {zone}, where the clocks go back: say {first} or {second}"))
        }
        MappedLocalTime::None => {
            let [later, earlier] = [-3, 3].map(|hours| by_neighbour(wall, hours, zone));
            let could = [earlier, later].into_iter().flatten().map(|at| local(at, zone)).collect::<Vec<_>>();
            Err(format!("{said} does not exist in {zone}, where the clocks go forward: say {}", could.join(" or ")))
        }
    }
}

/// The instant of a time on the wall by the offset that holds so many hours from it.
fn by_neighbour(wall: NaiveDateTime, hours: i64, zone: Tz) -> Option<DateTime<Utc>> {
    let there = wall.checked_add_signed(TimeDelta::hours(hours))?;
    let at = zone.from_local_datetime(&there).latest()?;
    at.with_timezone(&Utc).checked_sub_signed(TimeDelta::hours(hours))
}
