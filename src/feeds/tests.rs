use chrono::DateTime;

use super::*;
use crate::id::Slug;

/// A plain feed with the defaults.
pub fn feed() -> Feed {
    Feed {
        slug: Slug::from_name("edt").unwrap(),
        cohort_id: "c_1".to_owned(),
        url: "https://planning.example/edt.ics".parse().unwrap(),
        interval_secs: 300,
        uid: UidRule::Keep,
        stamps: vec![Stamp::Place, Stamp::Fetched],
        paused: false,
        allow_empty: false,
        login: None,
        basic: None,
        headers: Vec::new(),
        user_agent: None,
        created_at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
    }
}
