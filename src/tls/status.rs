//! How the certificate stands: what is shown, what comes next, and what is wrong with it, in words.

use chrono::{DateTime, TimeDelta, Utc};

use super::pair::Leaf;

/// All that is known of the certificate; nothing of it is secret.
#[derive(Clone, Debug)]
pub struct Status {
    /// `tls.mode`, as the file writes it.
    pub mode: &'static str,
    /// The names that a certificate is asked for; empty where files decide.
    pub domains: Vec<String>,
    /// What is shown.
    pub leaf: Leaf,
    /// Who made what is shown.
    pub origin: Origin,
    /// What happens next.
    pub next: Next,
    /// The last attempt, where it failed.
    pub last_error: Option<Failure>,
    /// Certificates issued, a line each.
    pub ledger: Vec<String>,
    /// What else to know, a line each.
    pub notes: Vec<String>,
    /// What is wrong, if anything.
    pub trouble: Option<Trouble>,
}

/// Who made the certificate that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Whoever writes the files.
    Files,
    /// An authority, by ACME.
    Acme,
    /// The authority of our own.
    Own,
    /// Nobody: it signs itself, until there is another.
    Temporary,
}

/// What happens next, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    /// In words.
    pub words: String,
    /// Not known where somebody else decides.
    pub at: Option<DateTime<Utc>>,
}

/// An attempt that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// When.
    pub at: DateTime<Utc>,
    /// Why, and what to do.
    pub text: String,
}

/// Something that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What sort it is.
    pub kind: TroubleKind,
    /// One line with what to do.
    pub line: String,
}

/// The sorts of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// What is shown is trusted by nobody.
    Temporary,
    /// What is shown has ended.
    Expired,
    /// In the last third, and the last attempt failed.
    Lapsing,
    /// In the last third, and nothing is planned.
    Late,
    /// In the last tenth, and whoever writes the files does not.
    Overdue,
    /// The last attempt failed; there is time.
    Failed,
    /// What is shown begins later, by this clock.
    NotYet,
}

impl TroubleKind {
    /// Is it as bad as not being ready?
    pub fn is_grave(self) -> bool {
        matches!(self, Self::Temporary | Self::Expired | Self::Lapsing | Self::Overdue)
    }
}

/// What trouble is judged by.
pub(super) struct Look<'a> {
    pub leaf: &'a Leaf,
    pub origin: Origin,
    pub failure: Option<&'a Failure>,
    /// `None` while the clock is not trusted: then no date means anything.
    pub now: Option<DateTime<Utc>>,
    /// What comes next, or who has to do something.
    pub next: &'a Next,
}

impl Look<'_> {
    /// What is wrong, the worst first.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        if self.origin == Origin::Temporary {
            return Some(self.temporary());
        }
        self.dates().or_else(|| {
            let failure = self.failure?;
            let line = format!("{}; the certificate until {} goes on", failure.text, day(self.leaf.not_after));
            Some(Trouble { kind: TroubleKind::Failed, line })
        })
    }

    fn temporary(&self) -> Trouble {
        let why = self.failure.map_or(&self.next.words, |failure| &failure.text);
        let line = format!("a temporary certificate is shown, which nobody trusts: {why}");
        Trouble { kind: TroubleKind::Temporary, line }
    }

    fn dates(&self) -> Option<Trouble> {
        let (now, mend) = (self.now?, &self.next.words);
        let end = day(self.leaf.not_after);
        let (kind, line) = match self.failure {
            _ if now > self.leaf.not_after => {
                let why = self.failure.map_or(mend, |failure| &failure.text);
                (TroubleKind::Expired, format!("the certificate expired on {end}: {why}"))
            }
            Some(failure) if now >= last_third(self.leaf) => {
                let text = &failure.text;
                (TroubleKind::Lapsing, format!("the certificate ends on {end}, and the last attempt failed: {text}"))
            }
            None if self.origin == Origin::Files && now >= last_tenth(self.leaf) => (
                TroubleKind::Overdue,
                format!("the certificate ends on {end} and is in the last tenth of its life: {mend}"),
            ),
            None if now >= last_third(self.leaf) && !self.is_planned(now) => (
                TroubleKind::Late,
                format!("the certificate ends on {end} and is in the last third of its life: {mend}"),
            ),
            _ if now < self.leaf.not_before => {
                let begin = day(self.leaf.not_before);
                (TroubleKind::NotYet, format!("the certificate begins only on {begin}: is this machine's clock right?"))
            }
            _ => return None,
        };
        Some(Trouble { kind, line })
    }

    /// An authority's advice may lie a little after two thirds.
    fn is_planned(&self, now: DateTime<Utc>) -> bool {
        self.next.at.is_some_and(|at| at > now)
    }
}

/// When two thirds of a certificate's life have passed: whoever renews it should have.
pub(super) fn last_third(leaf: &Leaf) -> DateTime<Utc> {
    let life = leaf.not_after - leaf.not_before;
    leaf.not_before + TimeDelta::seconds(life.num_seconds() / 3 * 2)
}

/// When nine tenths of a certificate's life have passed.
fn last_tenth(leaf: &Leaf) -> DateTime<Utc> {
    leaf.not_before + (leaf.not_after - leaf.not_before) * 9 / 10
}

/// A date as lines for the journal and for commands write it.
pub(super) fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf() -> Leaf {
        let at = |text: &str| text.parse().unwrap();
        Leaf {
            names: vec!["a.example".into()],
            issuer: "CN=x".into(),
            serial: "1".into(),
            not_before: at("2026-01-01T00:00:00Z"),
            not_after: at("2026-03-31T00:00:00Z"),
        }
    }

    #[test]
    fn the_last_third_begins_after_two() {
        assert_eq!(last_third(&leaf()), "2026-03-01T08:00:00Z".parse::<DateTime<Utc>>().unwrap());
    }

    #[test]
    fn trouble_is_told_by_the_dates_and_the_last_attempt() {
        use TroubleKind::{Expired, Failed, Lapsing, Late, NotYet, Overdue, Temporary};
        let failure = Failure { at: leaf().not_before, text: "the disk is full".into() };
        let rows = [
            (Origin::Files, false, Some("2026-02-01T00:00:00Z"), None),
            (Origin::Files, true, Some("2026-02-01T00:00:00Z"), Some(Failed)),
            (Origin::Files, false, Some("2025-12-31T00:00:00Z"), Some(NotYet)),
            (Origin::Files, false, Some("2026-03-02T00:00:00Z"), Some(Late)),
            (Origin::Files, false, Some("2026-03-22T02:24:00Z"), Some(Overdue)),
            (Origin::Own, false, Some("2026-03-22T02:24:00Z"), Some(Late)),
            (Origin::Own, true, Some("2026-03-02T00:00:00Z"), Some(Lapsing)),
            (Origin::Acme, false, Some("2026-04-01T00:00:00Z"), Some(Expired)),
            (Origin::Acme, false, None, None),
            (Origin::Acme, true, None, Some(Failed)),
            (Origin::Temporary, false, Some("2026-02-01T00:00:00Z"), Some(Temporary)),
        ];
        for (origin, failed, now, expected) in rows {
            let failure = Some(&failure).filter(|_| failed);
            let now = now.map(|now| now.parse().unwrap());
            let next = Next { words: "wait".into(), at: None };
            let look = Look { leaf: &leaf(), origin, failure, now, next: &next };
            let trouble = look.trouble();
            assert_eq!(trouble.as_ref().map(|trouble| trouble.kind), expected, "{origin:?} {now:?}");
            let why = if failed { "the disk is full" } else { "wait" };
            let line = trouble.map(|trouble| trouble.line).unwrap_or_default();
            assert!(line.is_empty() || expected == Some(NotYet) || line.contains(why), "{line}");
        }
    }

    #[test]
    fn what_is_planned_is_not_late_until_then() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let next = Next { words: "wait".into(), at: Some(at("2026-03-02T00:00:00Z")) };
        for (now, expected) in [("2026-03-01T23:59:59Z", None), ("2026-03-02T00:00:00Z", Some(TroubleKind::Late))] {
            let look = Look { leaf: &leaf(), origin: Origin::Acme, failure: None, now: Some(at(now)), next: &next };
            assert_eq!(look.trouble().map(|trouble| trouble.kind), expected, "{now}");
        }
    }

    #[test]
    fn what_nobody_trusts_or_soon_nobody_will_is_grave() {
        use TroubleKind::{Expired, Failed, Lapsing, Late, NotYet, Overdue, Temporary};
        assert!([Temporary, Expired, Lapsing, Overdue].iter().all(|kind| kind.is_grave()));
        assert!(![Late, Failed, NotYet].iter().any(|kind| kind.is_grave()));
    }
}
