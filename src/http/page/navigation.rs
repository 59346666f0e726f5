//! The ways through the pages: the one list of what the header links, and the one of the administration's frame.
//!
//! A way is shown to whom the table of rights lets through, and stands here once there is a page at its end.

use maud::{Markup, html};

use crate::actor::{Actor, Deed, Reach};
use crate::http::Visit;
use crate::words::Words;

/// To whom a way is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// To everybody.
    All,
    /// To whoever may do this, at least to what is theirs.
    May(Deed),
    /// To whoever may do the first and has no right to the second, under which the same way stands.
    MayOnly(Deed, Deed),
}

/// One way: where to, what it is called, for whom.
struct Way {
    href: &'static str,
    label: fn(&Words) -> &'static str,
    shown: Shown,
}

/// The header's ways, in order.
const MAIN: &[Way] = &[
    Way { href: "/", label: |words| words.shell.timetable, shown: Shown::All },
    Way { href: "/week", label: |words| words.views.week, shown: Shown::May(Deed::ReadTimetable) },
    Way { href: "/rooms", label: |words| words.rooms.title, shown: Shown::May(Deed::ListTeachers) },
    Way { href: "/import", label: |words| words.import.title, shown: Shown::May(Deed::ChangeTimetable) },
    Way { href: "/events/new", label: |words| words.edit.new_event, shown: Shown::May(Deed::ChangeEvents) },
    Way { href: "/admin", label: |words| words.shell.administration, shown: Shown::May(Deed::Administer) },
    Way {
        href: "/admin/cohorts",
        label: |words| words.cohorts_admin.title,
        shown: Shown::MayOnly(Deed::ChangeTimetable, Deed::Administer),
    },
];

/// The ways in the administration's frame, in order. The frame shows them from two on.
const ADMINISTRATION: &[Way] = &[
    Way { href: "/admin", label: |words| words.status.title, shown: Shown::May(Deed::Administer) },
    Way { href: "/admin/cohorts", label: |words| words.cohorts_admin.title, shown: Shown::May(Deed::ChangeTimetable) },
    Way { href: "/admin/users", label: |words| words.people.title, shown: Shown::May(Deed::Administer) },
    Way { href: "/admin/tokens", label: |words| words.keys.short, shown: Shown::May(Deed::Administer) },
    Way { href: "/admin/rollovers", label: |words| words.rollover.title, shown: Shown::May(Deed::ChangeTimetable) },
    Way { href: "/admin/audit", label: |words| words.audit.title, shown: Shown::May(Deed::Administer) },
    Way { href: "/admin/certificate", label: |words| words.certificate.title, shown: Shown::May(Deed::Administer) },
];

impl Shown {
    fn to(self, actor: &Actor) -> bool {
        match self {
            Self::All => true,
            Self::May(deed) => actor.reach(deed) > Reach::Nothing,
            Self::MayOnly(deed, wider) => Self::May(deed).to(actor) && !Self::May(wider).to(actor),
        }
    }
}

/// The header's ways for whoever looks.
pub(super) fn main_ways(visit: &Visit) -> Markup {
    ways(MAIN, visit)
}

/// The administration's ways; nothing while there is a single one.
pub(super) fn administration_ways(visit: &Visit) -> Markup {
    let words = visit.words;
    html! {
        @if ADMINISTRATION.iter().filter(|way| way.shown.to(&visit.caller.actor)).count() > 1 {
            nav .side aria-label=(words.shell.administration_pages) { (ways(ADMINISTRATION, visit)) }
        }
    }
}

fn ways(all: &[Way], visit: &Visit) -> Markup {
    let here = current(all, visit.path());
    html! {
        ul {
            @for way in all.iter().filter(|way| way.shown.to(&visit.caller.actor)) {
                li { a href=(way.href) aria-current=[current_mark(way.href, here, visit.path())] { ((way.label)(visit.words)) } }
            }
        }
    }
}

/// The longest of the ways that leads to this path or above it.
fn current(all: &[Way], path: &str) -> Option<&'static str> {
    all.iter().map(|way| way.href).filter(|href| leads_to(href, path)).max_by_key(|href| href.len())
}

/// The calendars' own pages hang below the front page.
fn leads_to(href: &str, path: &str) -> bool {
    match href {
        "/" => path == "/" || path.starts_with("/c/"),
        _ => path.strip_prefix(href).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
    }
}

/// `page` for the page itself, `true` for one below it.
fn current_mark(href: &str, here: Option<&str>, path: &str) -> Option<&'static str> {
    (here == Some(href)).then_some(if href == path { "page" } else { "true" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_way_is_marked() {
        let way = |href| Way { href, label: |words| words.shell.timetable, shown: Shown::All };
        let all = [way("/"), way("/rooms"), way("/admin"), way("/admin/users")];
        let cases = [
            ("/", Some("/")),
            ("/c/m2", Some("/")),
            ("/rooms/2z34", Some("/rooms")),
            ("/roomsy", None),
            ("/admin", Some("/admin")),
            ("/admin/feeds/x", Some("/admin")),
            ("/admin/users/ada", Some("/admin/users")),
            ("/login", None),
        ];
        for (path, href) in cases {
            assert_eq!(current(&all, path), href, "{path}");
        }
    }
}
