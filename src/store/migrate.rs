//! The schema and how it got there: an append-only list of steps, each run once, all in one transaction.
//!
//! A step that has been released is never changed. A file of a newer schema is refused, untouched. Before a step changes
//! a file that somebody has, the caller is asked to keep it as it was.

use redb::{Database, ReadTransaction, ReadableDatabase, TableDefinition, WriteTransaction};

use super::StoreError;

/// The one table that is none of records.
const META: TableDefinition<&str, u32> = TableDefinition::new("meta");
const SCHEMA: &str = "schema";

type Step = fn(&WriteTransaction) -> Result<(), StoreError>;

/// Step n brings schema n to schema n + 1.
const STEPS: &[Step] = &[first_schema];

/// The newest schema that this binary knows.
pub(super) fn known() -> u32 {
    STEPS.len() as u32
}

/// Brings the file up to [`known`]. `keep` is called before a file that holds something is changed.
pub(super) fn run(db: &Database, keep: impl FnOnce(&Database) -> Result<(), StoreError>) -> Result<(), StoreError> {
    run_steps(db, STEPS, keep)
}

fn run_steps(
    db: &Database,
    steps: &[Step],
    keep: impl FnOnce(&Database) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let (found, known) = (schema_of(&db.begin_read()?)?, steps.len() as u32);
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    if found == known {
        return Ok(());
    }
    if found > 0 {
        keep(db)?;
    }
    let tx = db.begin_write()?;
    for step in steps.iter().skip(found as usize) {
        step(&tx)?;
    }
    put_schema(&tx, known)?;
    tx.commit()?;
    Ok(())
}

/// The schema of a file; 0 of one in which nothing is.
pub(super) fn schema_of(tx: &ReadTransaction) -> Result<u32, StoreError> {
    match tx.open_table(META) {
        Ok(meta) => Ok(meta.get(SCHEMA)?.map_or(0, |value| value.value())),
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// Says which schema the file has.
pub(super) fn put_schema(tx: &WriteTransaction, schema: u32) -> Result<(), StoreError> {
    tx.open_table(META)?.insert(SCHEMA, schema)?;
    Ok(())
}

/// Is this the table that holds the schema, and no records?
pub(super) fn is_meta(table: &str) -> bool {
    use redb::TableHandle;
    table == META.name()
}

/// A table comes into being when it is first written, so the first schema has nothing to do but be counted.
fn first_schema(_tx: &WriteTransaction) -> Result<(), StoreError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::store::backup::{keep_before_upgrade, load, verify};
    use crate::store::{FILE_NAME, Read, ReadTx, Store, Table, open_file};

    const NAMES: Table<String> = Table::new("names");
    /// As a release with one more schema has them.
    const LATER: &[Step] = &[first_schema, rename_all];

    fn rename_all(tx: &WriteTransaction) -> Result<(), StoreError> {
        tx.open_table(NAMES.definition())?.insert(b"a".as_slice(), b"\x01\"new\"".as_slice())?;
        Ok(())
    }

    /// A folder as a release with the first schema leaves it.
    fn of_first_schema() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.write_now::<_, StoreError>(|tx| tx.put(&NAMES, b"a", &"old".to_owned())).unwrap();
        dir
    }

    fn upgrade(dir: &std::path::Path, secs: i64) -> Vec<String> {
        let db = open_file(&dir.join(FILE_NAME)).unwrap();
        let now = DateTime::from_timestamp(secs, 0).unwrap();
        run_steps(&db, LATER, |db| {
            keep_before_upgrade(db, dir, now).unwrap();
            Ok(())
        })
        .unwrap();
        let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut kept: Vec<_> = names.filter(|name| name.contains("before-upgrade")).collect();
        kept.sort();
        kept
    }

    fn name_in(db: &Database) -> String {
        ReadTx::begin(db).unwrap().get(&NAMES, b"a").unwrap()
    }

    #[test]
    fn before_an_upgrade_the_database_is_kept_as_it_was() {
        let dir = of_first_schema();
        let kept = upgrade(dir.path(), 1_800_000_000);
        assert_eq!(kept, ["carillon.redb.before-upgrade-0001-20270115T080000Z"]);
        assert_eq!(name_in(&open_file(&dir.path().join(FILE_NAME)).unwrap()), "new");
        let kept = dir.path().join(&kept[0]);
        assert_eq!(verify(std::fs::File::open(&kept).unwrap()).unwrap().schema, 1);
        load(std::fs::File::open(&kept).unwrap(), &dir.path().join("again")).unwrap();
        assert_eq!(name_in(&open_file(&dir.path().join("again")).unwrap()), "old");
    }

    #[test]
    fn the_last_two_are_kept() {
        let dir = of_first_schema();
        for secs in [1_800_000_000, 1_800_000_001, 1_800_000_002] {
            upgrade(dir.path(), secs);
            let db = open_file(&dir.path().join(FILE_NAME)).unwrap();
            let tx = db.begin_write().unwrap();
            put_schema(&tx, 1).unwrap();
            tx.commit().unwrap();
        }
        let kept = upgrade(dir.path(), 1_800_000_003);
        let ends: Vec<_> = kept.iter().filter_map(|name| name.split_once('T')).map(|(_, time)| time).collect();
        assert_eq!(ends, ["080002Z", "080003Z"]);
    }

    #[test]
    fn a_new_file_is_not_kept_and_nothing_is_changed_where_keeping_fails() {
        let dir = tempfile::tempdir().unwrap();
        let fails = |_: &Database| Err(StoreError::Full);
        let db = open_file(&dir.path().join(FILE_NAME)).unwrap();
        run_steps(&db, &LATER[..1], fails).unwrap();
        assert!(matches!(run_steps(&db, LATER, fails), Err(StoreError::Full)));
        assert_eq!(schema_of(&db.begin_read().unwrap()).unwrap(), 1);
    }
}
