//! The document: what each slice's routes say of themselves, put together. The same program makes the same bytes.

use std::sync::LazyLock;

use axum::body::Bytes;
use utoipa::ToSchema;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};

use super::complete::{complete, refusals};
use crate::http::page::gzip;
use crate::http::problem::ProblemResponse;
use crate::secret::Fingerprint;
use crate::{accounts, audit, backup, calendars, certificate, cohorts, feeds, health, timetable};

const ABOUT: &str = "The REST interface of the timetable appliance.\n\n\
    Times go out as RFC 3339 in the site's zone; they come in with any offset, or without one in that zone. Fields that \
    are not known are refused. Lists are `{\"items\":[…],\"next\":CURSOR}`: ask again with `after=CURSOR` until `next` \
    is null. Errors are `application/problem+json` (RFC 9457). A method that an address does not take is 405, and its \
    `Allow` names those that it does.\n\n\
    A program signs in at `/api/v1/auth/token` and sends the access token as `Authorization: Bearer`; a browser's session \
    does as well. A subscriber token opens calendars, and nothing here.";

/// The document as it goes out.
pub(super) struct Text {
    pub(super) plain: Bytes,
    pub(super) gzip: Option<Bytes>,
    /// Of the plain bytes and of the compressed ones.
    pub(super) tags: [String; 2],
}

/// Made once; it is the same for everybody.
pub(super) static TEXT: LazyLock<Text> = LazyLock::new(|| {
    let plain = Bytes::from(serde_json::to_vec(&document()).unwrap_or_default());
    let hash = Fingerprint::of_bytes(&plain).to_text();
    let gzip = gzip(&plain).map(Bytes::from);
    Text { plain, gzip, tags: [format!("\"{hash}\""), format!("\"{hash}-gz\"")] }
});

/// The whole interface. Needs no service and no data.
pub fn document() -> OpenApi {
    let slices = [
        accounts::routes().into_openapi(),
        cohorts::routes().into_openapi(),
        timetable::routes().into_openapi(),
        calendars::routes().into_openapi(),
        feeds::routes().into_openapi(),
        audit::routes().into_openapi(),
        certificate::routes().into_openapi(),
        backup::routes().into_openapi(),
        health::routes().into_openapi(),
    ];
    let mut document = slices.into_iter().fold(head(), OpenApi::merge_from);
    complete(&mut document);
    document
}

fn head() -> OpenApi {
    let license = LicenseBuilder::new().name("MIT").identifier(Some("MIT")).build();
    let info = InfoBuilder::new().title("Carillon").version(env!("CARGO_PKG_VERSION")).description(Some(ABOUT));
    let mut schemas = Vec::new();
    ProblemResponse::schemas(&mut schemas);
    let components = ComponentsBuilder::new()
        .schema("Problem", <ProblemResponse as utoipa::PartialSchema>::schema())
        .schemas_from_iter(schemas)
        .responses_from_iter(refusals())
        .security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)))
        .security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-carillon"))));
    let signed_in = ["bearer", "session"].map(|scheme| SecurityRequirement::new(scheme, Vec::<String>::new()));
    OpenApiBuilder::new()
        .info(info.license(Some(license)).build())
        .components(Some(components.build()))
        .security(Some(signed_in))
        .build()
}
