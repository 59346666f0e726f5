//! The schema and how it got there: an append-only list of steps, each run once, all in one transaction.
//!
//! A step that has been released is never changed. A file of a newer schema is refused, untouched.

use redb::{Database, ReadableDatabase, TableDefinition};

use super::StoreError;

const META: TableDefinition<&str, u32> = TableDefinition::new("meta");
const SCHEMA: &str = "schema";

type Step = fn(&redb::WriteTransaction) -> Result<(), StoreError>;

/// Step n brings schema n to schema n + 1.
const STEPS: &[Step] = &[first_schema];

/// The newest schema that this binary knows.
pub(super) fn known() -> u32 {
    STEPS.len() as u32
}

/// Brings the file up to [`known`].
pub(super) fn run(db: &Database) -> Result<(), StoreError> {
    let found = schema_of(db)?;
    if found > known() {
        return Err(StoreError::NewerSchema { found, known: known() });
    }
    if found == known() {
        return Ok(());
    }
    let tx = db.begin_write()?;
    for step in STEPS.iter().skip(found as usize) {
        step(&tx)?;
    }
    tx.open_table(META)?.insert(SCHEMA, known())?;
    tx.commit()?;
    Ok(())
}

fn schema_of(db: &Database) -> Result<u32, StoreError> {
    match db.begin_read()?.open_table(META) {
        Ok(meta) => Ok(meta.get(SCHEMA)?.map_or(0, |value| value.value())),
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// A table comes into being when it is first written, so the first schema has nothing to do but be counted.
fn first_schema(_tx: &redb::WriteTransaction) -> Result<(), StoreError> {
    Ok(())
}
