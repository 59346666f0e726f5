//! What a backup must know of certificates: where the private keys are, and what stays of a database that is replaced.

use super::{acme, own};
use crate::settings::Lineage;
use crate::store::backup::KeyMaterial;
use crate::store::{ReadTx, StoreError, WriteTx};

/// Each private key of this folder that the database holds.
pub const PRIVATE_KEYS: [KeyMaterial; 2] =
    [KeyMaterial { table: acme::KEYS.name, key: None }, KeyMaterial { table: own::KEYS.name, key: None }];

/// Takes over what is newer in the database that is replaced; says what, in lines.
pub fn carry_over(before: &ReadTx, tx: &mut WriteTx, lineage: Lineage) -> Result<Vec<String>, StoreError> {
    let mut kept = acme::carry_over(before, tx)?;
    kept.extend(own::carry_over(before, tx, lineage)?);
    Ok(kept)
}
