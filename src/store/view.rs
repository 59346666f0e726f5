//! Views: something made of whole tables, held in memory, read without a lock.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use arc_swap::ArcSwap;

use super::{ReadTx, Store, StoreError};

/// What a view holds now. Cheap to clone; to read it is one atomic load.
pub struct View<T>(Arc<ArcSwap<T>>);

impl<T> View<T> {
    /// The present state.
    pub fn load(&self) -> Arc<T> {
        self.0.load_full()
    }
}

impl<T> Clone for View<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

type Reload = Box<dyn Fn(&ReadTx) -> Result<(), StoreError> + Send + Sync>;

/// The views of a store, each with the tables that it reads.
#[derive(Default)]
pub(super) struct Views(RwLock<Vec<(Vec<&'static str>, Reload)>>);

impl Views {
    pub(super) fn add<T: Send + Sync + 'static>(
        &self,
        tables: &[&'static str],
        first: T,
        load: impl Fn(&ReadTx) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> View<T> {
        let held = Arc::new(ArcSwap::from_pointee(first));
        let view = View(Arc::clone(&held));
        let reload: Reload = Box::new(move |tx| {
            held.store(Arc::new(load(tx)?));
            Ok(())
        });
        self.0.write().unwrap_or_else(PoisonError::into_inner).push((tables.to_vec(), reload));
        view
    }

    /// Makes anew each view that reads one of these tables; without a word of which, all of them.
    pub(super) fn reload(&self, changed: Option<&BTreeSet<&'static str>>, store: &Store) -> Result<(), StoreError> {
        let views = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let touched =
            |tables: &[&'static str]| changed.is_none_or(|changed| tables.iter().any(|t| changed.contains(t)));
        let mut stale = views.iter().filter(|(tables, _)| touched(tables)).peekable();
        if stale.peek().is_none() {
            return Ok(());
        }
        store.read_now(|tx| stale.try_for_each(|(_, reload)| reload(tx)))
    }
}
