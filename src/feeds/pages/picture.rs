//! A small picture of a feed's last fetches: bars that rise for those that went well, the longer the fetch the higher,
//! and hang for those that did not, so that it can be read without colours. A line of text beside it says the same.

use std::collections::VecDeque;
use std::fmt::Write;

use maud::{Markup, html};

use crate::feeds::{FetchOutcome, FetchRecord};
use crate::words::Words;

/// So many fetches are drawn.
const SHOWN: usize = 100;
const STEP: usize = 3;
const BASE: u32 = 24;
const HEIGHT: u32 = 36;

/// The picture and its line of text; nothing before the first fetch.
pub(super) fn picture(fetches: &VecDeque<FetchRecord>, words: &Words) -> Option<Markup> {
    let shown: Vec<_> = fetches.iter().skip(fetches.len().saturating_sub(SHOWN)).collect();
    if shown.is_empty() {
        return None;
    }
    let count = |outcome| shown.iter().filter(|fetch| fetch.outcome == outcome).count();
    let told = words.fetches(shown.len(), count(FetchOutcome::Failed), count(FetchOutcome::Held));
    let classes = [
        ("ok", [FetchOutcome::Published, FetchOutcome::Unchanged]),
        ("warn", [FetchOutcome::Held; 2]),
        ("bad", [FetchOutcome::Failed; 2]),
    ];
    // The newest stands at the right edge, however many there are.
    let from = SHOWN - shown.len();
    Some(html! {
        figure .fetches {
            svg aria-hidden="true" viewBox=(format!("0 0 {} {HEIGHT}", SHOWN * STEP)) preserveAspectRatio="xMaxYMid meet" {
                path .base d=(format!("M0 {BASE}h{}", SHOWN * STEP)) {}
                @for (class, outcomes) in classes { path class=(class) d=(bars(&shown, from, outcomes)) {} }
            }
            figcaption {
                (told)
                @if let Some(ms) = usual_duration(&shown) { ", " (words.usual_duration(ms)) }
            }
        }
    })
}

fn bars(shown: &[&FetchRecord], from: usize, outcomes: [FetchOutcome; 2]) -> String {
    let mut path = String::new();
    for (index, fetch) in shown.iter().enumerate().filter(|(_, fetch)| outcomes.contains(&fetch.outcome)) {
        let x = (from + index) * STEP + 1;
        let (up, height) =
            if fetch.outcome == FetchOutcome::Failed { ("", 10) } else { ("-", rise(fetch.duration_ms)) };
        // Writing to a String cannot fail.
        let _ = write!(path, "M{x} {BASE}v{up}{height}");
    }
    path
}

/// From 3 to 22: each doubling of the time is a step.
fn rise(duration_ms: u64) -> u32 {
    let doublings = u64::BITS - (duration_ms / 8).leading_zeros();
    (3 + 2 * doublings).min(BASE - 2)
}

/// The median of those that went well.
fn usual_duration(shown: &[&FetchRecord]) -> Option<u64> {
    let good = shown.iter().filter(|fetch| fetch.outcome != FetchOutcome::Failed);
    let mut durations: Vec<_> = good.map(|fetch| fetch.duration_ms).collect();
    durations.sort_unstable();
    durations.get(durations.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Language;

    fn fetch(outcome: FetchOutcome, duration_ms: u64) -> FetchRecord {
        let at = chrono::DateTime::UNIX_EPOCH;
        FetchRecord { at, duration_ms, bytes: 0, outcome, class: None, detail: None }
    }

    #[test]
    fn good_fetches_rise_and_bad_ones_hang() {
        let fetches = [fetch(FetchOutcome::Unchanged, 100), fetch(FetchOutcome::Failed, 5)].into();
        let drawn = picture(&fetches, Words::of(Language::En)).unwrap().into_string();
        assert!(drawn.contains("<path class=\"ok\" d=\"M295 24v-11\">"), "{drawn}");
        assert!(drawn.contains("<path class=\"bad\" d=\"M298 24v10\">"), "{drawn}");
        assert!(drawn.contains("Last 2 fetches: 1 failure, usually 100 ms"), "{drawn}");
        assert!(picture(&VecDeque::new(), Words::of(Language::En)).is_none());
    }

    #[test]
    fn two_hundred_fetches_are_a_small_picture() {
        let fetches = (0..200).map(|ms| fetch(FetchOutcome::Published, ms * 100)).collect();
        let drawn = picture(&fetches, Words::of(Language::Fr)).unwrap().into_string();
        assert!(drawn.len() < 2500, "{}", drawn.len());
        assert_eq!(rise(u64::MAX), BASE - 2);
    }
}
