//! A row of backups in one folder: one more, each of them read back, and those that are too many go.
//!
//! Kept are the newest of each of the last seven days, and the newest of each of the four weeks before those. What cannot
//! be read counts for neither, is reported and left where it is.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use serde_json::{Value, json};

use super::fetch::{DRAFT, Draft, Keys, in_folder, in_words};
use crate::control::{Client, CommandError, Output};
use crate::store::backup::verify;

const DAYS: usize = 7;
const WEEKS: usize = 4;
const PREFIX: &str = "carillon-";
const SUFFIX: &str = ".backup";
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// Which of these go. Days and weeks are UTC's: a nightly backup is in the same one, wherever the school is.
pub fn to_forget(backups: &[DateTime<Utc>]) -> Vec<DateTime<Utc>> {
    let mut newest_first = backups.to_vec();
    newest_first.sort_unstable();
    newest_first.reverse();
    let (mut days, mut weeks, mut gone) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    let mut daily_weeks = BTreeSet::new();
    for at in newest_first {
        let (day, week) = (at.date_naive(), at.iso_week());
        let is_new_day = days.len() < DAYS && days.insert(day);
        if is_new_day {
            daily_weeks.insert(week);
            continue;
        }
        // The newest of a week that has a daily one is that one.
        let is_new_week =
            !days.contains(&day) && !daily_weeks.contains(&week) && weeks.len() < WEEKS && weeks.insert(week);
        if !is_new_week {
            gone.push(at);
        }
    }
    gone
}

/// Makes tonight's backup, checks all of them, and lets go of those that are too many.
pub(super) async fn run(client: &Client, folder: &Path, keys: Keys, out: &Output) -> Result<(), CommandError> {
    make_folder(folder).map_err(|error| in_folder(folder, &error))?;
    forget_drafts(folder).map_err(|error| in_folder(folder, &error))?;
    let draft = Draft::fetch(client, folder, keys).await?;
    let made_at = draft.manifest.created_at;
    let kept = draft.keep(folder.join(name_of(made_at)))?;
    kept.note(client).await?;
    let row = Row::read(folder).map_err(|error| in_folder(folder, &error))?;
    let mut gone = to_forget(&row.good);
    // A clock that went back does not make the newest one the oldest.
    gone.retain(|at| *at != made_at);
    gone.iter().try_for_each(|at| {
        let path = folder.join(name_of(*at));
        fs::remove_file(&path).map_err(|error| in_folder(&path, &error))
    })?;
    let left = row.good.len() - gone.len();
    let told = json!({
        "file": kept.path.to_string_lossy(), "size_bytes": kept.size_bytes, "kept": left,
        "removed": gone.iter().map(|at| name_of(*at)).collect::<Vec<_>>(), "warnings": row.broken,
    });
    let contents = in_words(&kept.manifest);
    out.with_warnings(
        &told,
        &format!("{{file}}: {{size_bytes}} bytes, read back and good: {contents}; {{kept}} are kept"),
    )
}

/// The backups of a folder.
#[derive(Debug, Default)]
struct Row {
    good: Vec<DateTime<Utc>>,
    /// A line for each that is none.
    broken: Vec<Value>,
}

impl Row {
    fn read(folder: &Path) -> io::Result<Self> {
        let mut row = Self::default();
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name();
            let Some(at) = name.to_str().and_then(time_of) else { continue };
            match look(&folder.join(&name)) {
                Ok(()) => row.good.push(at),
                Err(reason) => row.broken.push(json!(format!("{}: {reason}", name.to_string_lossy()))),
            }
        }
        row.broken.sort_by_key(Value::to_string);
        Ok(row)
    }
}

fn look(path: &PathBuf) -> Result<(), String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    verify(file).map(drop).map_err(|error| error.to_string())
}

fn name_of(at: DateTime<Utc>) -> String {
    format!("{PREFIX}{}{SUFFIX}", at.format(TIME))
}

fn time_of(name: &str) -> Option<DateTime<Utc>> {
    let time = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
    NaiveDateTime::parse_from_str(time, TIME).ok().map(|time| time.and_utc())
}

fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// What earlier nights have left half done.
fn forget_drafts(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(DRAFT) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    /// A Monday, 02:30.
    fn night(n: i64) -> DateTime<Utc> {
        "2026-11-02T02:30:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::days(n)
    }

    /// What is left after so many nights, each of which made one and let go of those that were too many.
    fn after(nights: i64) -> Vec<i64> {
        let mut kept = Vec::new();
        for n in 0..nights {
            kept.push(night(n));
            let gone = to_forget(&kept);
            kept.retain(|at| !gone.contains(at));
        }
        kept.iter().map(|at| (*at - night(0)).num_days()).collect()
    }

    #[test]
    fn seven_days_and_the_last_of_each_of_four_weeks_before_are_kept() {
        assert_eq!(after(7), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(after(8), [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(after(14), [6, 7, 8, 9, 10, 11, 12, 13]);
        assert_eq!(after(100), [69, 76, 83, 90, 93, 94, 95, 96, 97, 98, 99]);
        assert_eq!(after(365).len(), 11);
    }

    #[test]
    fn of_one_day_the_newest_is_kept() {
        let noon = night(0) + TimeDelta::hours(9);
        assert_eq!(to_forget(&[noon, night(0), night(1)]), [night(0)]);
        assert!(to_forget(&[]).is_empty());
    }

    #[test]
    fn a_name_tells_its_time_and_no_other_file_is_one() {
        assert_eq!(time_of(&name_of(night(3))), Some(night(3)));
        for name in ["carillon.redb", "carillon-x.backup", "carillon-20261102T023000Z.backup.gpg", ".carillon-backup-1"]
        {
            assert_eq!(time_of(name), None, "{name}");
        }
    }
}
