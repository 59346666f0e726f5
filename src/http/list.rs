//! Lists as they go out: `{"items":[…],"next":CURSOR|null}`, with `?limit=` and `?after=`.

use serde::{Deserialize, Serialize};

use super::Problem;

/// At most so many items in one answer.
pub const MAX_LIMIT: usize = 1000;
const DEFAULT_LIMIT: usize = 100;

/// The query of a list.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// How many items, at most 1000.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<usize>,
    /// The cursor of the last answer.
    pub after: Option<String>,
}

/// One answer of a list.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where to go on, if there is more.
    pub next: Option<String>,
}

impl Listing {
    /// The limit, checked.
    pub fn limit(&self) -> Result<usize, Problem> {
        match self.limit.unwrap_or(DEFAULT_LIMIT) {
            limit @ 1..=MAX_LIMIT => Ok(limit),
            _ => Err(Problem::bad_field("limit", format!("a number from 1 to {MAX_LIMIT}"))),
        }
    }

    /// The page of a whole list that is sorted by a key; the key of the last item is the cursor.
    pub fn page<T>(&self, all: impl IntoIterator<Item = T>, key: impl Fn(&T) -> String) -> Result<Page<T>, Problem> {
        let limit = self.limit()?;
        let after = self.after.as_deref();
        let mut rest = all.into_iter().filter(|item| after.is_none_or(|after| key(item).as_str() > after));
        let items: Vec<T> = rest.by_ref().take(limit).collect();
        let next = rest.next().and(items.last()).map(&key);
        Ok(Page { items, next })
    }

    /// The page of a history, newest first, whose items have no key of their own: the cursor is a place in it.
    pub fn page_of_history<T>(&self, newest_first: impl ExactSizeIterator<Item = T>) -> Result<Page<T>, Problem> {
        let limit = self.limit()?;
        let skip = self.after.as_deref().map_or(Ok(0), str::parse::<usize>);
        let skip = skip.map_err(|_| Problem::bad_field("after", "the `next` of the last answer"))?;
        let end = skip.saturating_add(limit);
        let next = (newest_first.len() > end).then(|| end.to_string());
        Ok(Page { items: newest_first.skip(skip).take(limit).collect(), next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(limit: usize, after: &str) -> Listing {
        Listing { limit: Some(limit), after: (!after.is_empty()).then(|| after.to_owned()) }
    }

    #[test]
    fn a_list_is_walked_page_by_page() {
        let all = ["a", "b", "c"];
        let first = listing(2, "").page(all, |item| item.to_string()).unwrap();
        assert_eq!((first.items, first.next.as_deref()), (vec!["a", "b"], Some("b")));
        let last = listing(2, "b").page(all, |item| item.to_string()).unwrap();
        assert_eq!((last.items, last.next), (vec!["c"], None));
    }

    #[test]
    fn a_history_is_walked_by_place() {
        let first = listing(2, "").page_of_history([3, 2, 1].into_iter()).unwrap();
        assert_eq!((first.items, first.next.as_deref()), (vec![3, 2], Some("2")));
        let last = listing(2, "2").page_of_history([3, 2, 1].into_iter()).unwrap();
        assert_eq!((last.items, last.next), (vec![1], None));
    }

    #[test]
    fn a_limit_out_of_bounds_names_its_field() {
        for limit in [0, 1001] {
            let problem = listing(limit, "").page([1], |_| String::new()).unwrap_err();
            assert_eq!((problem.status, problem.errors[0].field.as_str()), (400, "limit"));
        }
    }
}
