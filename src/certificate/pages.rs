//! `/admin/certificate`: what `carillon cert status` says, and a renewal by hand, which says before what it costs.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};

use super::api::renew_to_the_end;
use crate::actor::Deed;
use crate::app::App;
use crate::error::{Kind, Refusal};
use crate::http::page::pieces::{breadcrumbs, note};
use crate::http::{Confirm, PageProblem, Problem, Visit};
use crate::tls::{Origin, Status, TlsError};
use crate::words::{Notice, Tone, Words};

const HERE: &str = "/admin/certificate";
const RENEW: &str = "/admin/certificate/renew";

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new().route(HERE, get(show_certificate)).route(RENEW, get(show_renewal).post(submit_renewal))
}

async fn show_certificate(State(app): State<App>, visit: Visit) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::Administer)?;
    let words = visit.words;
    let body = match &app.certificates {
        None => note(Tone::Plain, words.certificate.off),
        Some(certificates) => standing(&certificates.status(), &visit),
    };
    Ok(visit.admin_page(words.certificate.title, html! { h1 { (words.certificate.title) } (body) }))
}

fn standing(status: &Status, visit: &Visit) -> Markup {
    let (words, zone) = (visit.words, visit.app.zone());
    let leaf = &status.leaf;
    html! {
        @if let Some(trouble) = &status.trouble {
            div .note.(if trouble.kind.is_grave() { "bad" } else { "warn" }) { p lang="en" { (trouble.line) } }
        }
        dl .facts {
            div { dt { (words.certificate.names) } dd { (leaf.names.join(", ")) } }
            div { dt { (words.certificate.made_by) } dd { (origin(status.origin, words)) } }
            div { dt { (words.certificate.issuer) } dd { bdi { (leaf.issuer) } } }
            div {
                dt { (words.certificate.until) }
                dd { time datetime=(leaf.not_after.to_rfc3339()) { (words.moment(leaf.not_after, visit.now, zone)) } }
            }
            div {
                dt { (words.certificate.next) }
                dd {
                    span lang="en" { (status.next.words) }
                    @if let Some(at) = status.next.at { ", " (words.moment(at, visit.now, zone)) }
                }
            }
        }
        @if let Some(failure) = &status.last_error {
            div .note.warn {
                p { strong { (words.certificate.last_error) } ", " (words.ago(visit.now - failure.at)) }
                p lang="en" .address { (failure.text) }
            }
        }
        @if can_renew(status) { p .actions { a .button.quiet href=(RENEW) { (words.certificate.renew) } } }
        @else { p .muted { (words.certificate.not_ours) } }
        (lines(words.certificate.notes, &status.notes))
        (lines(words.certificate.ledger, &status.ledger))
    }
}

fn origin(origin: Origin, words: &Words) -> &'static str {
    match origin {
        Origin::Files => words.status.tls_files,
        Origin::Acme => words.machine.tls_acme,
        Origin::Own => words.machine.tls_own,
        Origin::Temporary => words.machine.tls_temporary,
    }
}

/// Whoever writes the files renews what is in them.
fn can_renew(status: &Status) -> bool {
    status.mode != "files"
}

/// What the service says line by line, in English as in the journal.
fn lines(title: &str, all: &[String]) -> Markup {
    html! {
        @if !all.is_empty() {
            details {
                summary { (title) }
                ul lang="en" { @for line in all { li .address { (line) } } }
            }
        }
    }
}

async fn show_renewal(State(app): State<App>, visit: Visit) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::Administer)?;
    if app.certificates.is_none() {
        return Err(off().into());
    }
    Ok(renewal_page(&visit, None))
}

async fn submit_renewal(State(app): State<App>, visit: Visit) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::Administer)?;
    let certificates = app.certificates.clone().ok_or_else(off)?;
    match renew_to_the_end(&app, &certificates, visit.caller.clone()).await {
        Ok(_) => Ok(visit.then(HERE, Notice::CertificateRenewed).into_response()),
        Err(error) if error.kind() == Kind::Internal => Err(error.into()),
        Err(error) => {
            let mut page = renewal_page(&visit, Some(&error));
            *page.status_mut() = Problem::from(error).code();
            Ok(page)
        }
    }
}

fn off() -> Problem {
    Problem::not_found("certificate", "off")
}

fn renewal_page(visit: &Visit, failed: Option<&TlsError>) -> Response {
    let words = visit.words;
    let says = html! {
        p { (words.certificate.renew_does) }
        p { (words.certificate.renew_costs) }
    };
    let confirm = Confirm::new(words.certificate.renew_title, RENEW, HERE).says(says).button(words.certificate.renew);
    visit.admin_page(
        words.certificate.renew_title,
        html! {
            (breadcrumbs(&[(HERE, words.certificate.title)], words.certificate.renew, words))
            @if let Some(error) = failed {
                div .note.bad role="alert" { p { strong { (words.certificate.failed) } } p lang="en" { (error) } }
            }
            (confirm.draw(visit))
        },
    )
}
