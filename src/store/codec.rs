//! How a record becomes bytes: one version byte of our own, then JSON.
//!
//! JSON because a record gains a field with each release, and because a support case can be read with a pager. Bodies
//! that are large or binary are kept as raw bytes under the same version byte.

use std::marker::PhantomData;

use redb::TableDefinition;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;

/// The version of the encoding itself; a record's own fields evolve by `#[serde(default)]` and by migrations.
const JSON: u8 = 1;
const RAW: u8 = 2;

/// A table of records of one type, by its name in the file. Keys are bytes.
pub struct Table<R> {
    /// The name in the file.
    pub name: &'static str,
    record: PhantomData<fn() -> R>,
}

impl<R> Table<R> {
    /// Names a table.
    pub const fn new(name: &'static str) -> Self {
        Self { name, record: PhantomData }
    }

    pub(super) fn definition(&self) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
        TableDefinition::new(self.name)
    }
}

/// A record as the file holds it.
pub(super) fn encode<R: Serialize>(table: &Table<R>, record: &R) -> Result<Vec<u8>, StoreError> {
    let mut bytes = vec![JSON];
    serde_json::to_writer(&mut bytes, record).map_err(|error| StoreError::codec(table.name, &error))?;
    Ok(bytes)
}

/// A record read back.
pub(super) fn decode<R: DeserializeOwned>(table: &Table<R>, bytes: &[u8]) -> Result<R, StoreError> {
    match bytes.split_first() {
        Some((&JSON, json)) => serde_json::from_slice(json).map_err(|error| StoreError::codec(table.name, &error)),
        _ => Err(StoreError::codec(table.name, &"unknown encoding")),
    }
}

/// A body as the file holds it.
pub(super) fn encode_raw(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len() + 1);
    bytes.push(RAW);
    bytes.extend_from_slice(body);
    bytes
}

/// A body read back.
pub(super) fn decode_raw(name: &'static str, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    match bytes.split_first() {
        Some((&RAW, body)) => Ok(body.to_vec()),
        _ => Err(StoreError::codec(name, &"unknown encoding")),
    }
}
