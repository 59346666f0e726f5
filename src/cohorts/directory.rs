//! All cohorts in memory, found by id, slug or alias.

use std::collections::HashMap;
use std::sync::Arc;

use super::{COHORTS, Cohort};
use crate::id::fold;
use crate::store::{Read, StoreError};

/// The cohorts at one moment.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// Sorted by slug.
    all: Vec<Arc<Cohort>>,
    by_id: HashMap<String, Arc<Cohort>>,
    /// Slugs and aliases; a present slug wins over an alias.
    by_name: HashMap<String, Arc<Cohort>>,
}

impl Directory {
    /// Reads them inside a transaction.
    pub fn load<T: Read>(tx: &T) -> Result<Self, StoreError> {
        Ok(Self::new(tx.list(&COHORTS)?))
    }

    fn new(cohorts: Vec<Cohort>) -> Self {
        let mut all: Vec<_> = cohorts.into_iter().map(Arc::new).collect();
        all.sort_by(|a, b| a.slug.cmp(&b.slug));
        let aliases = all.iter().flat_map(|c| c.aliases.iter().map(move |alias| (alias, c)));
        let names = aliases.chain(all.iter().map(|c| (&c.slug, c)));
        let by_name = names.map(|(slug, c)| (slug.as_str().to_owned(), Arc::clone(c))).collect();
        let by_id = all.iter().map(|c| (c.id.clone(), Arc::clone(c))).collect();
        Self { all, by_id, by_name }
    }

    /// Takes in a cohort that is new, under a slug that no other has.
    pub fn add(&mut self, cohort: Cohort) {
        let cohort = Arc::new(cohort);
        self.by_name.insert(cohort.slug.to_string(), Arc::clone(&cohort));
        self.by_id.insert(cohort.id.clone(), Arc::clone(&cohort));
        self.all.insert(self.all.partition_point(|other| other.slug < cohort.slug), cohort);
    }

    /// Each cohort, sorted by slug.
    pub fn all(&self) -> &[Arc<Cohort>] {
        &self.all
    }

    /// The cohort of an id.
    pub fn by_id(&self, id: &str) -> Option<&Arc<Cohort>> {
        self.by_id.get(id)
    }

    /// The cohort that somebody means by a slug, an alias or a name: `2A-SR`, `2a-sr`, `2a_sr`.
    pub fn find(&self, name: &str) -> Option<&Arc<Cohort>> {
        self.by_name.get(name).or_else(|| self.by_name.get(&fold(name)))
    }

    /// The slugs of these ids, sorted; an id that is gone is left out.
    pub fn slugs(&self, ids: &[String]) -> Vec<String> {
        let mut slugs: Vec<_> = ids.iter().filter_map(|id| self.by_id(id)).map(|c| c.slug.to_string()).collect();
        slugs.sort();
        slugs
    }

    /// The ids of these names, or the first name that is none.
    pub fn ids(&self, names: &[String]) -> Result<Vec<String>, String> {
        names.iter().map(|name| self.find(name).map(|c| c.id.clone()).ok_or_else(|| name.clone())).collect()
    }
}
