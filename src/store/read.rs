//! Reading: one consistent state of the file, and the verbs that both kinds of transaction share.

use redb::{
    Database, ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition,
    TableError, TableHandle,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::version::{VERSIONS, Version};
use super::{StoreError, Table, codec, migrate};

/// A consistent state of the file.
pub struct ReadTx(ReadTransaction);

impl ReadTx {
    pub(super) fn begin(db: &Database) -> Result<Self, StoreError> {
        Ok(Self(db.begin_read()?))
    }

    /// The schema of this state.
    pub(super) fn schema(&self) -> Result<u32, StoreError> {
        migrate::schema_of(&self.0)
    }

    /// The tables of records, in the order of their names.
    pub(super) fn table_names(&self) -> Result<Vec<String>, StoreError> {
        let mut names: Vec<_> = self.0.list_tables()?.map(|table| table.name().to_owned()).collect();
        names.retain(|name| !migrate::is_meta(name));
        names.sort();
        Ok(names)
    }

    /// A table of records by its name.
    pub(super) fn open(&self, name: &str) -> Result<ReadOnlyTable<&'static [u8], &'static [u8]>, StoreError> {
        Ok(self.0.open_table(TableDefinition::new(name))?)
    }

    /// How many records a table has; one that was never written has none.
    pub fn count_records(&self, table: &str) -> Result<u64, StoreError> {
        match self.0.open_table(TableDefinition::<&[u8], &[u8]>::new(table)) {
            Ok(open) => Ok(open.len()?),
            Err(TableError::TableDoesNotExist(_)) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}

/// What the verbs need of a transaction: walk the raw values of a table from a key on, until the visitor has enough.
/// A table that was never written is empty.
pub trait Raw {
    /// Calls `visit` with each key and value from `from` on, in order (or backwards from `from` inclusive).
    fn walk<R>(&self, table: &Table<R>, order: Order<'_>, visit: &mut Visitor<'_>) -> Result<(), StoreError>;
    /// The raw value of a key.
    fn raw<R>(&self, table: &Table<R>, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
}

/// Where a walk begins, and which way it goes.
#[derive(Clone, Copy)]
pub enum Order<'a> {
    /// Upwards from this key, inclusive.
    From(&'a [u8]),
    /// Downwards from this key, exclusive; from the end where there is none.
    Before(Option<&'a [u8]>),
}

/// Sees a key and a value; says whether to go on.
pub type Visitor<'a> = dyn FnMut(&[u8], &[u8]) -> Result<bool, StoreError> + 'a;

/// The verbs of reading.
pub trait Read: Raw {
    /// The record of a key; an error if it is absent.
    fn get<R: DeserializeOwned>(&self, table: &Table<R>, key: &[u8]) -> Result<R, StoreError> {
        self.find(table, key)?
            .ok_or_else(|| StoreError::Absent { table: table.name, key: String::from_utf8_lossy(key).into_owned() })
    }

    /// The record of a key, if there is one.
    fn find<R: DeserializeOwned>(&self, table: &Table<R>, key: &[u8]) -> Result<Option<R>, StoreError> {
        self.raw(table, key)?.map(|bytes| codec::decode(table, &bytes)).transpose()
    }

    /// Every record of a table, in the order of the keys.
    fn list<R: DeserializeOwned>(&self, table: &Table<R>) -> Result<Vec<R>, StoreError> {
        self.list_prefix(table, b"")
    }

    /// The records whose key begins so, in the order of the keys.
    fn list_prefix<R: DeserializeOwned>(&self, table: &Table<R>, prefix: &[u8]) -> Result<Vec<R>, StoreError> {
        let mut records = Vec::new();
        self.walk(table, Order::From(prefix), &mut |key, value| {
            if !key.starts_with(prefix) {
                return Ok(false);
            }
            records.push(codec::decode(table, value)?);
            Ok(true)
        })?;
        Ok(records)
    }

    /// Up to `limit` records from a key on, that one too, in the order of the keys.
    fn list_from<R: DeserializeOwned>(&self, table: &Table<R>, key: &[u8], limit: usize) -> Result<Vec<R>, StoreError> {
        let mut records = Vec::new();
        self.walk(table, Order::From(key), &mut |_, value| {
            records.push(codec::decode(table, value)?);
            Ok(records.len() < limit)
        })?;
        Ok(records)
    }

    /// Shows the keys and records from a key on, in order, until the visitor has seen enough.
    fn visit_from<R: DeserializeOwned>(
        &self,
        table: &Table<R>,
        from: &[u8],
        mut visit: impl FnMut(&[u8], R) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        self.walk(table, Order::From(from), &mut |key, value| visit(key, codec::decode(table, value)?))
    }

    /// Shows the keys and records from before a key on (or from the last), downwards, until the visitor has seen enough.
    fn visit_newest<R: DeserializeOwned>(
        &self,
        table: &Table<R>,
        before: Option<&[u8]>,
        mut visit: impl FnMut(&[u8], R) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        self.walk(table, Order::Before(before), &mut |key, value| visit(key, codec::decode(table, value)?))
    }

    /// Shows the keys of a table, in order; its records are not read.
    fn visit_keys<R>(&self, table: &Table<R>, mut visit: impl FnMut(&[u8])) -> Result<(), StoreError> {
        self.walk(table, Order::From(b""), &mut |key, _| {
            visit(key);
            Ok(true)
        })
    }

    /// Up to `limit` records that `keep` wants, newest key first, from before a key on.
    fn list_newest<R: DeserializeOwned>(
        &self,
        table: &Table<R>,
        before: Option<&[u8]>,
        limit: usize,
        keep: impl Fn(&R) -> bool,
    ) -> Result<Vec<R>, StoreError> {
        let mut records = Vec::new();
        self.walk(table, Order::Before(before), &mut |_, value| {
            let record = codec::decode(table, value)?;
            if keep(&record) {
                records.push(record);
            }
            Ok(records.len() < limit)
        })?;
        Ok(records)
    }

    /// The version of a topic in this state of the file.
    fn version_of(&self, topic: &str) -> Result<Version, StoreError> {
        Ok(self.find(&VERSIONS, topic.as_bytes())?.unwrap_or_default())
    }

    /// Has the table a record?
    fn any<R>(&self, table: &Table<R>) -> Result<bool, StoreError> {
        let mut any = false;
        self.walk(table, Order::From(b""), &mut |_, _| {
            any = true;
            Ok(false)
        })?;
        Ok(any)
    }

    /// The body under a key, in a table of raw bytes.
    fn find_body(&self, table: &Table<Vec<u8>>, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.raw(table, key)?.map(|bytes| codec::decode_raw(table.name, &bytes)).transpose()
    }

    /// The greatest key of a table.
    fn last_key<R: Serialize>(&self, table: &Table<R>) -> Result<Option<Vec<u8>>, StoreError> {
        let mut last = None;
        self.walk(table, Order::Before(None), &mut |key, _| {
            last = Some(key.to_vec());
            Ok(false)
        })?;
        Ok(last)
    }
}

impl<T: Raw> Read for T {}

impl Raw for ReadTx {
    fn walk<R>(&self, table: &Table<R>, order: Order<'_>, visit: &mut Visitor<'_>) -> Result<(), StoreError> {
        match self.0.open_table(table.definition()) {
            Ok(open) => walk_table(&open, order, visit),
            Err(TableError::TableDoesNotExist(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn raw<R>(&self, table: &Table<R>, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.0.open_table(table.definition()) {
            Ok(open) => Ok(open.get(key)?.map(|value| value.value().to_vec())),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// The walk itself, over a table of either kind of transaction.
pub(super) fn walk_table(
    table: &impl ReadableTable<&'static [u8], &'static [u8]>,
    order: Order<'_>,
    visit: &mut Visitor<'_>,
) -> Result<(), StoreError> {
    let range = match order {
        Order::From(key) => table.range::<&[u8]>(key..)?,
        Order::Before(Some(key)) => table.range::<&[u8]>(..key)?,
        Order::Before(None) => table.range::<&[u8]>(..)?,
    };
    let upwards = matches!(order, Order::From(_));
    let mut range = range;
    while let Some(entry) = if upwards { range.next() } else { range.next_back() } {
        let (key, value) = entry?;
        if !visit(key.value(), value.value())? {
            break;
        }
    }
    Ok(())
}
