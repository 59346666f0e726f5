//! The line of the status page that tells of the certificate.

use maud::{Markup, html};

use crate::http::Visit;
use crate::tls::{Origin, Trouble, TroubleKind};
use crate::words::Words;

/// Who made the certificate, until when it is good, and what is wrong.
pub(super) fn https(visit: &Visit) -> Markup {
    let (words, zone) = (visit.words, visit.app.zone());
    let Some(certificates) = &visit.app.certificates else { return html! { (words.tls_off) } };
    let status = certificates.status();
    let origin = match status.origin {
        Origin::Files => words.tls_files,
        Origin::Acme => words.tls_acme,
        Origin::Own => words.tls_own,
        Origin::Temporary => words.tls_temporary,
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
            details { summary { (words.detail) } p lang="en" .address { (trouble.line) } }
        }
    }
}

fn phrase(kind: TroubleKind, words: &Words) -> &'static str {
    match kind {
        TroubleKind::Temporary => words.certificate_temporary,
        TroubleKind::Expired => words.certificate_expired,
        TroubleKind::Lapsing => words.certificate_lapsing,
        TroubleKind::Late | TroubleKind::Overdue => words.certificate_late,
        TroubleKind::Failed => words.certificate_failed,
        TroubleKind::NotYet => words.certificate_not_yet,
    }
}
