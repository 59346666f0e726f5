//! The line of the status page that tells of the certificate.

use maud::{Markup, html};

use crate::http::Visit;
use crate::tls::{Origin, Trouble, TroubleKind};
use crate::words::Words;

/// Who made the certificate, until when it is good, and what is wrong.
pub(super) fn https(visit: &Visit) -> Markup {
    let (words, zone) = (visit.words, visit.app.zone());
    let Some(certificates) = &visit.app.certificates else { return html! { (words.status.tls_off) } };
    let status = certificates.status();
    let origin = match status.origin {
        Origin::Files => words.status.tls_files,
        Origin::Acme => words.machine.tls_acme,
        Origin::Own => words.machine.tls_own,
        Origin::Temporary => words.machine.tls_temporary,
    };
    let end = status.leaf.not_after;
    html! {
        (origin) ", "
        time datetime=(end.to_rfc3339()) { (words.ends(&words.moment(end, visit.now, zone))) }
        @if let Some(trouble) = &status.trouble { (told(trouble, words)) }
    }
}

fn told(trouble: &Trouble, words: &Words) -> Markup {
    let class = if trouble.kind.is_grave() { "bad" } else { "warn" };
    html! {
        div .note.(class) {
            p { strong { (phrase(trouble.kind, words)) } }
            details { summary { (words.status.detail) } p lang="en" .address { (trouble.line) } }
        }
    }
}

fn phrase(kind: TroubleKind, words: &Words) -> &'static str {
    match kind {
        TroubleKind::Temporary => words.machine.certificate_temporary,
        TroubleKind::Expired => words.machine.certificate_expired,
        TroubleKind::Lapsing => words.machine.certificate_lapsing,
        TroubleKind::Late | TroubleKind::Overdue => words.machine.certificate_late,
        TroubleKind::Failed => words.machine.certificate_failed,
        TroubleKind::NotYet => words.machine.certificate_not_yet,
    }
}
