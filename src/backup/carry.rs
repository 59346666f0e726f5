//! What is kept of the present when an older state comes back: what the world outside has seen and counted since.
//!
//! Two things hold whatever was asked for: no calendar goes back to an older date, and no event of our own to a lower
//! SEQUENCE, than phones have seen.

use crate::settings::{self, Lineage};
use crate::store::{ReadTx, StoreError, WriteTx, outgrow};
use crate::{accounts, timekeeping, timetable, tls};

/// How much of the present is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// The newer of certificate, accounts, ledger and time, and whoever was shut out.
    Newer,
    /// What phones have seen, and nothing else.
    Least,
}

/// Takes over from the database that is replaced what must not be forgotten; says what, in lines.
pub(super) fn carry_over(before: &ReadTx, tx: &mut WriteTx, keep: Keep) -> Result<Vec<String>, StoreError> {
    let lineage = Lineage::of(before, tx)?;
    let mut kept = match keep {
        Keep::Newer => carry_newer(before, tx, lineage)?,
        Keep::Least => Vec::new(),
    };
    if lineage == Lineage::Same {
        let events = timetable::carry_over(before, tx)?;
        let versions = outgrow(before, tx)?;
        if events > 0 {
            kept.push(format!("{events} events get a SEQUENCE beyond what phones have seen"));
        }
        if versions > 0 {
            kept.push(format!(
                "{versions} calendars, feeds and lists that differ get a date beyond what phones have seen"
            ));
        }
    }
    Ok(kept)
}

fn carry_newer(before: &ReadTx, tx: &mut WriteTx, lineage: Lineage) -> Result<Vec<String>, StoreError> {
    let mut kept = tls::carry_over(before, tx, lineage)?;
    if let Some(at) = timekeeping::carry_over(before, tx)? {
        kept.push(format!("the last time known stays {}", at.format("%Y-%m-%d %H:%M UTC")));
    }
    if lineage == Lineage::Same {
        kept.extend(accounts::carry_over(before, tx)?);
        settings::carry_over(before, tx)?;
    }
    Ok(kept)
}
