//! What a restore takes over from the database that it replaces: an event that calendars have shown in another state since
//! the backup goes back to what it was, and its SEQUENCE does not (RFC 5545, 3.8.7.4).

use chrono::TimeDelta;

use super::Event;
use super::tables::{EVENTS, find_event};
use crate::store::{Read, ReadTx, StoreError, WriteTx};

/// Lets each event that differs outgrow the state that was shown; says of how many. Both databases are of the same
/// appliance. Of an event that is gone by now nobody can tell what was shown last, so it grows by itself.
pub fn carry_over(before: &ReadTx, tx: &mut WriteTx) -> Result<usize, StoreError> {
    let mut changed = Vec::new();
    // Read one by one: years of events are not held at once.
    tx.visit_from(&EVENTS, b"", |_, own: Event| {
        let seen = find_event(before, &own.id)?;
        if seen.as_ref() != Some(&own) {
            changed.push(outgrown(own, seen));
        }
        Ok(true)
    })?;
    changed.iter().try_for_each(|event| tx.put(&EVENTS, event.id.as_bytes(), event))?;
    Ok(changed.len())
}

/// Beyond both states, by counting alone: what the clock of a board shows after a mishap is nobody's word.
fn outgrown(own: Event, seen: Option<Event>) -> Event {
    let later = seen.filter(|seen| seen.sequence > own.sequence).unwrap_or_else(|| own.clone());
    let now = own.updated_at.max(later.updated_at) + TimeDelta::seconds(1);
    own.stamped(&later, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use crate::timetable::events::tests::event;

    fn after(own: &Event, seen: Option<&Event>) -> Event {
        let (replaced, restored) = (Store::in_memory().unwrap(), Store::in_memory().unwrap());
        let put = |store: &Store, event: &Event| {
            store.write_now::<_, StoreError>(|tx| tx.put(&EVENTS, event.id.as_bytes(), event)).unwrap();
        };
        put(&restored, own);
        seen.iter().for_each(|seen| put(&replaced, seen));
        replaced.read_now::<_, StoreError>(|before| restored.write_now(|tx| carry_over(before, tx))).unwrap();
        restored.read_now::<_, StoreError>(|tx| tx.get(&EVENTS, own.id.as_bytes())).unwrap()
    }

    #[test]
    fn an_event_that_was_shown_otherwise_outgrows_what_was_shown() {
        let own = event(0);
        assert_eq!(after(&own, Some(&own)), own, "what was shown already stays as it is");
        let seen = Event { subject: "Analyse".into(), sequence: 3_000_000, ..own.clone() };
        let restored = after(&own, Some(&seen));
        assert_eq!((restored.subject.as_str(), restored.sequence), ("Algèbre", 3_000_001));
        assert!(restored.updated_at > seen.updated_at);
        assert_eq!(after(&own, None).sequence, own.sequence + 1);
    }
}
