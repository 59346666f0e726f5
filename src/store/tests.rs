use chrono::DateTime;

use super::*;

const NAMES: Table<String> = Table::new("names");
const BODIES: Table<Vec<u8>> = Table::new("bodies");

fn put(store: &Store, key: &str, value: &str) {
    store.write_now::<_, StoreError>(|tx| tx.put(&NAMES, key.as_bytes(), &value.to_owned())).unwrap();
}

#[test]
fn a_record_reads_back_after_the_file_is_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    put(&Store::open(dir.path()).unwrap(), "a", "Ada");
    let store = Store::open(dir.path()).unwrap();
    let name = store.read_now::<_, StoreError>(|tx| tx.get(&NAMES, b"a")).unwrap();
    assert_eq!(name, "Ada");
}

#[test]
fn a_write_that_changes_nothing_is_no_commit() {
    let store = Store::in_memory().unwrap();
    put(&store, "a", "Ada");
    put(&store, "a", "Ada");
    assert_eq!(store.commits(), 1);
}

#[test]
fn a_failed_write_changes_nothing() {
    let store = Store::in_memory().unwrap();
    let failed = store.write_now(|tx| {
        tx.put(&NAMES, b"a", &"Ada".to_owned())?;
        Err::<(), _>(StoreError::Interrupted)
    });
    assert!(failed.is_err());
    assert_eq!(store.read_now::<_, StoreError>(|tx| tx.find(&NAMES, b"a")).unwrap(), None);
}

#[test]
fn an_absent_record_is_an_error_for_get_alone() {
    let store = Store::in_memory().unwrap();
    let absent = store.read_now::<String, StoreError>(|tx| tx.get(&NAMES, b"a")).unwrap_err();
    assert_eq!(absent.to_string(), "no such record in names: a");
}

#[test]
fn a_view_is_made_anew_after_a_commit() {
    let store = Store::in_memory().unwrap();
    let view = store.view(&[NAMES.name], |tx| tx.list(&NAMES)).unwrap();
    assert!(view.load().is_empty());
    put(&store, "a", "Ada");
    assert_eq!(*view.load(), ["Ada"]);
}

#[test]
fn a_version_grows_by_at_least_a_second_and_survives() {
    let dir = tempfile::tempdir().unwrap();
    let now = DateTime::from_timestamp(1_000, 0).unwrap();
    let bump = |store: &Store| store.write_now::<_, StoreError>(|tx| tx.bump("c", now)).unwrap();
    let store = Store::open(dir.path()).unwrap();
    bump(&store);
    bump(&store);
    drop(store);
    let version = Store::open(dir.path()).unwrap().version("c");
    assert_eq!((version.number, version.changed_at.timestamp()), (2, 1_001));
}

#[test]
fn a_second_opening_says_that_the_file_is_in_use() {
    let dir = tempfile::tempdir().unwrap();
    let _store = Store::open(dir.path()).unwrap();
    assert!(matches!(Store::open(dir.path()), Err(StoreError::InUse { .. })));
}

#[test]
fn the_newest_come_first_and_a_prefix_is_a_range() {
    let store = Store::in_memory().unwrap();
    for key in ["a1", "a2", "b1"] {
        put(&store, key, key);
    }
    let newest = store.read_now::<_, StoreError>(|tx| tx.list_newest(&NAMES, Some(b"b1"), 1, |_| true)).unwrap();
    assert_eq!(newest, ["a2"]);
    store.write_now::<_, StoreError>(|tx| tx.delete_range(&NAMES, b"a", Some(b"a2"))).unwrap();
    let left = store.read_now::<_, StoreError>(|tx| tx.list_prefix(&NAMES, b"a")).unwrap();
    assert_eq!(left, ["a2"]);
}

#[test]
fn a_body_is_kept_as_it_is() {
    let store = Store::in_memory().unwrap();
    store.write_now::<_, StoreError>(|tx| tx.put_body(&BODIES, b"k", b"\xff\x00")).unwrap();
    let body = store.read_now::<_, StoreError>(|tx| tx.find_body(&BODIES, b"k")).unwrap();
    assert_eq!(body.as_deref(), Some(&b"\xff\x00"[..]));
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FILE_NAME);
    {
        let db = open_file(&path).unwrap();
        let tx = db.begin_write().unwrap();
        let meta: redb::TableDefinition<&str, u32> = redb::TableDefinition::new("meta");
        tx.open_table(meta).unwrap().insert("schema", 99).unwrap();
        tx.commit().unwrap();
    }
    assert!(matches!(Store::open(dir.path()), Err(StoreError::NewerSchema { found: 99, .. })));
}
