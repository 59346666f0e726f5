use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::feeds::ChangeKind;
use crate::ical;

const ZONE: chrono_tz::Tz = chrono_tz::Europe::Paris;

fn at(hours: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::hours(hours)
}

fn event(uid: &str, start: &str, summary: &str, place: &str) -> String {
    format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:{start}\r\nSUMMARY:{summary}\r\nLOCATION:{place}\r\n\
         END:VEVENT\r\n"
    )
}

fn calendar(events: &[String]) -> Calendar {
    let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", events.concat());
    ical::parse(text.as_bytes(), None).unwrap()
}

fn merged(old: &Snapshot, events: &[String], uid: UidRule, hours: i64) -> Merged {
    merge(old, &calendar(events), &Fetch { feed: "edt", instance_id: "box", uid, at: at(hours), zone: ZONE })
}

fn kinds(merged: &Merged) -> Vec<ChangeKind> {
    merged.changes.iter().map(|change| change.kind).collect()
}

fn uids(snapshot: &Snapshot) -> Vec<String> {
    snapshot.items().filter_map(|item| uid_of(item.text)).map(str::to_owned).collect()
}

#[test]
fn a_shuffled_calendar_with_new_stamps_is_the_same() {
    let a = event("a", "20261123T080000Z", "Maths", "A1");
    let b = event("b", "20261123T100000Z", "Physique", "A2");
    let first = merged(&Snapshot::default(), &[a.clone(), b.clone()], UidRule::Keep, 0).snapshot;
    let later = [b, a].map(|event| event.replace("20260101", "20261121"));
    let again = merged(&first, &later, UidRule::Keep, 5);
    assert!(again.same);
    assert_eq!(again.snapshot, first);
}

#[test]
fn a_changed_event_counts_and_the_others_stay_as_they_were() {
    let a = event("a", "20261123T080000Z", "Maths", "A1");
    let first =
        merged(&Snapshot::default(), &[a.clone(), event("b", "20261123T100000Z", "Physique", "A2")], UidRule::Keep, 0);
    let moved = [a, event("b", "20261123T140000Z", "Physique TP", "A3")];
    let second = merged(&first.snapshot, &moved, UidRule::Keep, 5);
    assert_eq!(kinds(&second), [ChangeKind::Moved, ChangeKind::Room, ChangeKind::Title]);
    let facts: Vec<_> = second.snapshot.items().map(|item| (item.facts.since, item.facts.sequence)).collect();
    assert_eq!(facts, [(at(0), 0), (at(5), 1)]);
}

#[test]
fn what_came_and_went_is_told() {
    let first = merged(&Snapshot::default(), &[event("a", "20261123T080000Z", "Maths", "")], UidRule::Keep, 0);
    let second = merged(&first.snapshot, &[event("b", "20261124T080000Z", "Chimie", "")], UidRule::Keep, 1);
    assert_eq!(kinds(&second), [ChangeKind::Added, ChangeKind::Removed]);
}

#[test]
fn the_upstreams_sequence_counts_where_it_is_larger_and_never_goes_back() {
    let with = |sequence: &str, place: &str| {
        event("a", "20261123T080000Z", "Maths", place).replace("SUMMARY", &format!("SEQUENCE:{sequence}\r\nSUMMARY"))
    };
    let mut snapshot = Snapshot::default();
    for (sequence, place, served) in [("7", "A1", 7), ("3", "A2", 7), ("9", "A3", 9)] {
        snapshot = merged(&snapshot, &[with(sequence, place)], UidRule::Keep, 0).snapshot;
        assert_eq!(snapshot.items().next().unwrap().facts.sequence, served);
    }
}

#[test]
fn events_stand_by_start_then_uid_whatever_the_upstreams_order() {
    let events = [
        event("z", "20261123T080000Z", "x", ""),
        event("b", "20261123T100000Z", "x", ""),
        event("a", "20261123T100000Z", "x", ""),
    ];
    assert_eq!(uids(&merged(&Snapshot::default(), &events, UidRule::Keep, 0).snapshot), ["z", "a", "b"]);
}

#[test]
fn an_identical_event_is_kept_once() {
    let a = event("a", "20261123T080000Z", "Maths", "A1");
    assert_eq!(merged(&Snapshot::default(), &[a.clone(), a], UidRule::Keep, 0).snapshot.count_events(), 1);
}

#[test]
fn a_missing_uid_is_added_and_stays() {
    let nameless = event("a", "20261123T080000Z", "Maths", "A1").replace("UID:a\r\n", "");
    let first = merged(&Snapshot::default(), std::slice::from_ref(&nameless), UidRule::Keep, 0).snapshot;
    assert!(uids(&first)[0].ends_with("@box"));
    assert!(merged(&first, std::slice::from_ref(&nameless), UidRule::Keep, 1).same);
}

#[test]
fn a_site_that_makes_new_uids_changes_nothing_when_they_are_derived() {
    let fetch = |salt: &str| {
        [("20261123T080000Z", "Maths"), ("20261123T080000Z", "Maths"), ("20261130T080000Z", "Maths")]
            .iter()
            .enumerate()
            .map(|(i, (start, summary))| event(&format!("{salt}{i}"), start, summary, "A1"))
            .collect::<Vec<_>>()
    };
    let first = merged(&Snapshot::default(), &fetch("x"), UidRule::Derive, 0);
    assert_eq!(first.snapshot.count_events(), 3);
    let again = merged(&first.snapshot, &fetch("y"), UidRule::Derive, 1);
    assert!(again.same);
    assert_eq!(again.snapshot, first.snapshot);
}

#[test]
fn a_derived_uid_follows_an_event_that_moves() {
    let first = merged(&Snapshot::default(), &[event("1", "20261123T080000Z", "Maths", "A1")], UidRule::Derive, 0);
    let steps = [
        ("20261123T100000Z", true),  // the same day
        ("20261201T100000Z", true),  // within 14 days
        ("20261220T100000Z", false), // further off
    ];
    let mut snapshot = first.snapshot;
    for (number, (start, follows)) in steps.into_iter().enumerate() {
        let before = uids(&snapshot);
        snapshot =
            merged(&snapshot, &[event(&format!("n{number}"), start, "Maths", "A1")], UidRule::Derive, 1).snapshot;
        assert_eq!(uids(&snapshot) == before, follows, "{start}");
    }
}

#[test]
fn a_new_event_where_another_once_began_gets_a_uid_of_its_own() {
    let first = merged(&Snapshot::default(), &[event("1", "20261123T080000Z", "Maths", "A1")], UidRule::Derive, 0);
    let both = [event("2", "20261124T080000Z", "Maths", "A1")];
    let moved = merged(&first.snapshot, &both, UidRule::Derive, 1).snapshot;
    let with_new = [both[0].clone(), event("3", "20261123T080000Z", "Maths", "A1")];
    let third = merged(&moved, &with_new, UidRule::Derive, 2).snapshot;
    let names = uids(&third);
    assert_ne!(names[0], names[1]);
    assert!(names.contains(&uids(&moved)[0]));
}

#[test]
fn a_derived_override_goes_with_its_series() {
    let series =
        event("s", "20261123T080000Z", "Maths", "A1").replace("SUMMARY", "RRULE:FREQ=WEEKLY;COUNT=4\r\nSUMMARY");
    let moved =
        event("s", "20261130T100000Z", "Maths", "A1").replace("SUMMARY", "RECURRENCE-ID:20261130T080000Z\r\nSUMMARY");
    let names = uids(&merged(&Snapshot::default(), &[series, moved], UidRule::Derive, 0).snapshot);
    assert_eq!(names[0], names[1]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn merging_the_same_again_in_any_order_is_the_same(
        days in proptest::collection::vec(1_u32..28, 1..12),
        derive in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let rule = if derive { UidRule::Derive } else { UidRule::Keep };
        let mut events: Vec<_> = days.iter().enumerate()
            .map(|(i, day)| event(&format!("u{i}"), &format!("202611{day:02}T080000Z"), &format!("S{}", i % 3), "A"))
            .collect();
        let first = merged(&Snapshot::default(), &events, rule, 0).snapshot;
        let turn = usize::try_from(seed % events.len() as u64).unwrap();
        events.rotate_left(turn);
        let again = merged(&first, &events, rule, 9);
        prop_assert!(again.same);
        prop_assert_eq!(again.snapshot, first);
    }
}
