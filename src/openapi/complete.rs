//! What no handler says of itself, because it is the same for all: what the extractors and the middleware refuse, the
//! problem that each refusal is, words for each status, the group of each route.
//!
//! A handler names its own answers by status alone; here they get their form. Nothing is added that cannot happen.

use axum::http::StatusCode;
use utoipa::PartialSchema;
use utoipa::openapi::path::{HttpMethod, Operation, ParameterIn, PathItem};
use utoipa::openapi::{Content, HeaderBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};

/// Writes it into each operation.
pub(super) fn complete(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let tagged = operations(item).any(|(_, operation)| takes(operation, ParameterIn::Header));
        for (method, operation) in operations(item) {
            operation.tags = Some(vec![group(path).to_owned()]);
            refuse(&method, operation);
            if tagged {
                tell_tag(operation);
            }
            describe(&method, operation);
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    let PathItem { get, put, post, patch, delete, .. } = item;
    let all = [
        (HttpMethod::Get, get),
        (HttpMethod::Put, put),
        (HttpMethod::Post, post),
        (HttpMethod::Patch, patch),
        (HttpMethod::Delete, delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// `/api/v1/rooms/{slug}` is of `rooms`, `/api/csv` of `calendars`, `/ready` of `service`.
fn group(path: &str) -> &str {
    let Some(rest) = path.strip_prefix("/api/v1/") else {
        return if path.starts_with("/api/") { "calendars" } else { "service" };
    };
    rest.split(['/', '.']).next().filter(|first| *first != "version").unwrap_or("service")
}

fn takes(operation: &Operation, place: ParameterIn) -> bool {
    operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == place,
        RefOr::Ref(_) => false,
    })
}

/// The refusals that come before the handler, or by its arguments.
fn refuse(method: &HttpMethod, operation: &mut Operation) {
    let change = *method != HttpMethod::Get;
    let signed_in = operation.security.is_none();
    let (body, query) = (operation.request_body.is_some(), takes(operation, ParameterIn::Query));
    let (path, header) = (takes(operation, ParameterIn::Path), takes(operation, ParameterIn::Header));
    let rows = [
        (StatusCode::BAD_REQUEST, body || query || path || header),
        (StatusCode::UNAUTHORIZED, signed_in),
        // A page of another site may change nothing, whoever has signed in.
        (StatusCode::FORBIDDEN, signed_in || change),
        (StatusCode::NOT_FOUND, path),
        (StatusCode::PRECONDITION_FAILED, header),
        (StatusCode::PAYLOAD_TOO_LARGE, body),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, body),
        (StatusCode::INTERNAL_SERVER_ERROR, true),
        (StatusCode::INSUFFICIENT_STORAGE, change && signed_in),
    ];
    for (status, _) in rows.into_iter().filter(|(_, can_happen)| *can_happen) {
        operation.responses.responses.entry(status.as_str().to_owned()).or_insert_with(|| Response::new("").into());
    }
}

/// The record that is shown has a tag, for the `If-Match` of a change.
fn tell_tag(operation: &mut Operation) {
    for status in ["200", "201"] {
        if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status) {
            let told = "Of the record, for the `If-Match` of a change.";
            let header = HeaderBuilder::new().schema(Some(String::schema())).description(Some(told)).build();
            response.headers.insert("ETag".to_owned(), header.into());
        }
    }
}

/// Each refusal as a problem, under its status.
pub(super) fn refusals() -> impl Iterator<Item = (String, Response)> {
    let statuses = ["400", "401", "403", "404", "409", "412", "413", "415", "422", "429", "500", "502", "503", "507"];
    statuses.into_iter().map(|status| {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        let response = ResponseBuilder::new()
            .description(meaning(status, &HttpMethod::Get))
            .content("application/problem+json", problem)
            .build();
        (status.to_owned(), response)
    })
}

/// A refusal stands among the components; each other answer says in words what it means.
fn describe(method: &HttpMethod, operation: &mut Operation) {
    for (status, answer) in &mut operation.responses.responses {
        let RefOr::T(response) = answer else { continue };
        if status.as_str() >= "400" && response.content.is_empty() {
            *answer = Ref::from_response_name(status.as_str()).into();
            continue;
        }
        if response.description.is_empty() {
            response.description = meaning(status, method).to_owned();
        }
    }
}

fn meaning(status: &str, method: &HttpMethod) -> &'static str {
    match (status, method) {
        ("200", HttpMethod::Get) => "What was asked for.",
        ("200", _) => "Done: this is how it is now.",
        ("201", _) => "Made.",
        ("204", _) => "Done: there is nothing to tell.",
        ("304", _) => "As it was when it was last asked for.",
        ("400", _) => "It cannot be read: `errors` names each field and what it should be.",
        ("401", _) => "Nobody has signed in, or what signs in is no good.",
        ("403", _) => "Whoever has signed in may not.",
        ("404", _) => "There is no such thing.",
        ("409", _) => "Something stands in the way.",
        ("412", _) => "Somebody was faster: read it again.",
        ("413", _) => "Too large.",
        ("415", _) => "Of another type than this address takes.",
        ("422", _) => "It reads well, and cannot be: `errors` names the fields.",
        ("429", _) => "Too often, or too many at once: `Retry-After` says when.",
        ("502", _) => "A site that this depends on did not do its part.",
        ("503", _) => "Not now.",
        ("507", _) => "The disk is full.",
        _ => "A defect: it is in the journal under `request_id`.",
    }
}
