//! What has to be made: a pure decision.

use chrono::{DateTime, Utc};

use super::keep::{Authority, Kept};
use crate::tls::issue::LEAF_LIFE;
use crate::tls::status::last_third;

/// What to make, the lesser first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// All is well, or it is not the time.
    Nothing,
    /// A certificate by the same authority.
    Leaf,
    /// An authority, and a certificate by it.
    Authority,
}

impl Need {
    /// By the present instant where the clock is trusted. By another one names count, dates do not: what is missing is made,
    /// for a box that no time server reaches must serve too.
    pub(super) fn of(kept: &Kept, domains: &[String], now: Option<DateTime<Utc>>) -> Self {
        let by_names = match (&kept.authority, &kept.leaf) {
            (Some(authority), _) if !permits(authority, domains) => Self::Authority,
            (Some(_), Some(leaf)) if leaf.leaf.names == domains => Self::Nothing,
            (Some(_), _) => Self::Leaf,
            (None, _) => Self::Authority,
        };
        by_names.max(now.map_or(Self::Nothing, |now| Self::by_dates(kept, now)))
    }

    /// A certificate that begins later is made anew: either its clock was wrong or the present one is. An authority is not,
    /// for it may be this clock, at each boot, and devices trust the authority that they have.
    fn by_dates(kept: &Kept, now: DateTime<Utc>) -> Self {
        let wants_authority = |authority: &Authority| now > authority.leaf.not_after - LEAF_LIFE;
        if kept.authority.as_deref().is_some_and(wants_authority) {
            return Self::Authority;
        }
        let wants_leaf = |leaf: &crate::tls::Leaf| now < leaf.not_before || now >= last_third(leaf);
        if kept.leaf.as_ref().is_some_and(|pair| wants_leaf(&pair.leaf)) { Self::Leaf } else { Self::Nothing }
    }
}

/// RFC 5280, section 4.2.1.10: a name permits itself and what lies below it.
fn permits(authority: &Authority, domains: &[String]) -> bool {
    let below = |name: &str, permitted: &str| {
        name.strip_suffix(permitted).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    domains.iter().all(|name| authority.domains.iter().any(|permitted| below(name, permitted)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;

    use super::*;
    use crate::store::Store;
    use crate::tls::issue::{make_authority, make_leaf};

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn start() -> DateTime<Utc> {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }

    /// As a first start leaves it.
    fn kept(domains: &[String]) -> Kept {
        let authority = Authority::new(make_authority(domains, start()).unwrap(), domains.to_vec(), None).unwrap();
        let made = make_leaf(domains, start(), (domains, &authority.key), authority.leaf.not_after).unwrap();
        Kept::write(&Store::in_memory().unwrap(), Arc::new(authority), &made).unwrap()
    }

    #[test]
    fn names_decide_who_has_to_sign() {
        let present = names(&["cafe.example", "b.example"]);
        let rows = [
            (&["cafe.example", "b.example"][..], Need::Nothing),
            (&["cafe.example"], Need::Leaf),
            (&["b.example", "cafe.example"], Need::Leaf),
            (&["www.cafe.example", "b.example"], Need::Leaf),
            (&["decafe.example"], Need::Authority),
            (&["cafe.example", "c.example"], Need::Authority),
        ];
        let kept = kept(&present);
        for (wanted, need) in rows {
            for now in [Some(start()), None] {
                assert_eq!(Need::of(&kept, &names(wanted), now), need, "{wanted:?}");
            }
        }
    }

    #[test]
    fn dates_count_where_the_clock_is_trusted() {
        let domains = names(&["a.example"]);
        let kept = kept(&domains);
        let rows = [
            (-20_000, Need::Leaf),
            (-1, Need::Leaf),
            (0, Need::Nothing),
            (59, Need::Nothing),
            (61, Need::Leaf),
            (400, Need::Leaf),
            (3653 - 91, Need::Leaf),
            (3653 - 89, Need::Authority),
            (5000, Need::Authority),
        ];
        for (days, need) in rows {
            let now = start() + TimeDelta::days(days);
            assert_eq!(Need::of(&kept, &domains, Some(now)), need, "{days}");
            assert_eq!(Need::of(&kept, &domains, None), Need::Nothing, "{days}");
        }
    }

    #[test]
    fn the_first_start_needs_all_whatever_the_clock() {
        let domains = names(&["a.example"]);
        for now in [Some(start()), None] {
            assert_eq!(Need::of(&Kept::default(), &domains, now), Need::Authority);
        }
    }
}
