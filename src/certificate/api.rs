//! `/api/v1/certificate`, and what `/ready` says of it.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::actor::{Caller, Deed};
use crate::app::App;
use crate::audit;
use crate::clock::local;
use crate::http::{Json, Problem};
use crate::store::StoreError;
use crate::tls::{Certificates, Leaf, Origin, Renewed, Status, TlsError, Trouble};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_certificate))
        .routes(routes!(renew_certificate))
        .routes(routes!(get_authority))
}

/// The certificate in short: a part of `/ready`.
#[derive(Debug, Serialize)]
pub struct CertificateSummary {
    mode: &'static str,
    names: Vec<String>,
    until: Option<String>,
    issuer: Option<String>,
    trouble: Option<String>,
    #[serde(skip)]
    is_grave: bool,
}

impl CertificateSummary {
    /// As it stands.
    pub fn new(app: &App) -> Self {
        let Some(certificates) = &app.certificates else { return Self::off() };
        let Status { mode, leaf, trouble, .. } = certificates.status();
        Self {
            mode,
            names: leaf.names,
            until: Some(local(leaf.not_after, app.zone())),
            issuer: Some(leaf.issuer),
            is_grave: trouble.as_ref().is_some_and(|trouble| trouble.kind.is_grave()),
            trouble: trouble.map(|trouble| trouble.line),
        }
    }

    fn off() -> Self {
        Self { mode: "off", names: Vec::new(), until: None, issuer: None, trouble: None, is_grave: false }
    }

    /// Can devices connect, and will they be able to?
    pub fn is_fine(&self) -> bool {
        !self.is_grave
    }
}

/// The certificate as it goes out.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct CertificateResponse {
    mode: &'static str,
    domains: Vec<String>,
    #[serde(flatten)]
    shown: ShownResponse,
    next: MomentResponse,
    last_error: Option<MomentResponse>,
    ledger: Vec<String>,
    notes: Vec<String>,
    trouble: Option<String>,
}

/// The certificate, or that there is none.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
enum StandingResponse {
    On(Box<CertificateResponse>),
    Off(OffResponse),
}

/// HTTPS is off.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct OffResponse {
    /// `off`.
    mode: &'static str,
}

/// The certificate after it was renewed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RenewedResponse {
    #[serde(flatten)]
    certificate: CertificateResponse,
    warnings: Vec<String>,
}

/// What is shown to whoever connects.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ShownResponse {
    names: Vec<String>,
    issuer: String,
    serial: String,
    from: String,
    until: String,
    /// `files`, `authority`, `own` or `temporary`.
    origin: &'static str,
}

/// Words, and when.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MomentResponse {
    text: String,
    at: Option<String>,
}

impl CertificateResponse {
    fn new(status: Status, zone: Tz) -> Self {
        let Status { mode, domains, leaf, origin, next, last_error, ledger, notes, trouble } = status;
        let moment =
            |text: String, at: Option<DateTime<Utc>>| MomentResponse { text, at: at.map(|at| local(at, zone)) };
        Self {
            mode,
            domains,
            shown: ShownResponse::new(leaf, origin, zone),
            next: moment(next.words, next.at),
            last_error: last_error.map(|failure| moment(failure.text, Some(failure.at))),
            ledger,
            notes,
            trouble: trouble.map(|Trouble { line, .. }| line),
        }
    }
}

impl ShownResponse {
    fn new(leaf: Leaf, origin: Origin, zone: Tz) -> Self {
        let Leaf { names, issuer, serial, not_before, not_after } = leaf;
        let origin = match origin {
            Origin::Files => "files",
            Origin::Acme => "authority",
            Origin::Own => "own",
            Origin::Temporary => "temporary",
        };
        Self { names, issuer, serial, from: local(not_before, zone), until: local(not_after, zone), origin }
    }
}

/// Tells of the certificate; where HTTPS is off there is only the mode.
#[utoipa::path(get, path = "/api/v1/certificate", responses((status = 200, body = StandingResponse)))]
async fn get_certificate(State(app): State<App>, caller: Caller) -> Result<Json<StandingResponse>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let Some(certificates) = &app.certificates else {
        return Ok(Json(StandingResponse::Off(OffResponse { mode: "off" })));
    };
    let certificate = CertificateResponse::new(certificates.status(), app.zone());
    Ok(Json(StandingResponse::On(Box::new(certificate))))
}

/// Renews the certificate now.
#[utoipa::path(
    post, path = "/api/v1/certificate/renew",
    responses((status = 200, body = RenewedResponse), (status = 404), (status = 409), (status = 429), (status = 502), (status = 503)),
)]
async fn renew_certificate(State(app): State<App>, caller: Caller) -> Result<Json<RenewedResponse>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let certificates = app.certificates.clone().ok_or_else(is_off)?;
    let renewed = renew_to_the_end(&app, &certificates, caller).await?;
    let certificate = CertificateResponse::new(certificates.status(), app.zone());
    Ok(Json(RenewedResponse { certificate, warnings: renewed.warnings }))
}

/// An order that was begun is not given up because nobody waits for it any more.
pub(super) async fn renew_to_the_end(
    app: &App,
    certificates: &Certificates,
    caller: Caller,
) -> Result<Renewed, TlsError> {
    let work = tokio::spawn(renew(app.clone(), certificates.clone(), caller));
    work.await.map_err(|_| TlsError::Interrupted)?
}

async fn renew(app: App, certificates: Certificates, caller: Caller) -> Result<Renewed, TlsError> {
    let told = |leaf: &Leaf| Some(json!({"names": leaf.names, "serial": leaf.serial, "until": leaf.not_after}));
    let before = told(&certificates.status().leaf);
    let renewed = certificates.renew().await?;
    let (after, now) = (told(&renewed.leaf), app.clock.now_secs());
    let what = ("certificate.renew", "certificate".to_owned());
    let record = move |tx: &mut _| audit::record(tx, &caller, now, what, [before, after]);
    app.store.write::<(), StoreError>(record).await?;
    Ok(renewed)
}

/// Hands out the authority of our own in PEM: no secret, but nothing that a stranger needs.
#[utoipa::path(
    get, path = "/api/v1/certificate/authority",
    responses((status = 200, body = String, content_type = "application/pem-certificate-chain"), (status = 404)),
)]
async fn get_authority(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    caller.actor.must(Deed::Administer)?;
    let certificates = app.certificates.as_ref().ok_or_else(is_off)?;
    let pem = certificates.authority_pem().ok_or_else(|| no_authority(&certificates.status()))?;
    Ok(([(header::CONTENT_TYPE, "application/pem-certificate-chain")], pem).into_response())
}

fn is_off() -> Problem {
    let detail = "there is no certificate: HTTPS is off; set tls.mode in the configuration";
    Problem::new(StatusCode::NOT_FOUND, detail)
}

fn no_authority(status: &Status) -> Problem {
    let mode = status.mode;
    let detail = match mode {
        "self-signed" => format!("there is no authority yet: {}", status.next.words),
        _ => format!("there is no authority of our own: tls.mode is \"{mode}\", and only \"self-signed\" has one"),
    };
    Problem::new(StatusCode::NOT_FOUND, detail)
}
