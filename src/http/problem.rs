//! Errors as they go out: `application/problem+json` (RFC 9457). The one place where a kind becomes a status.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::error::{FieldError, Kind, Refusal};

/// A problem. The type is always `about:blank`: the status says what sort it is, and its title follows from it.
#[derive(Clone, Debug, Deserialize)]
pub struct Problem {
    /// The status code.
    pub status: u16,
    /// What is wrong and what to do, in a sentence.
    pub detail: String,
    /// The bad fields, for bad input.
    #[serde(default)]
    pub errors: Vec<FieldError>,
    /// What stands in the way, for a conflict.
    #[serde(default)]
    pub conflicts: Vec<serde_json::Value>,
    /// Finds an internal error in the journal.
    #[serde(default)]
    pub request_id: Option<String>,
    #[serde(skip)]
    retry_after_secs: Option<u64>,
}

/// A problem as it goes out.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemResponse<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(skip_serializing_if = "<[serde_json::Value]>::is_empty")]
    conflicts: &'a [serde_json::Value],
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

impl Problem {
    /// A problem of this status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            conflicts: Vec::new(),
            request_id: None,
            retry_after_secs: None,
        }
    }

    /// The same, said of one thing among several.
    pub fn about(self, what: &str) -> Self {
        Self { detail: format!("{what}: {}", self.detail), ..self }
    }

    /// 400 for one bad field.
    pub fn bad_field(field: &str, message: impl Into<String>) -> Self {
        let error = FieldError::new(field, message);
        let detail = format!("{}: {}", error.field, error.message);
        Self { errors: vec![error], ..Self::new(StatusCode::BAD_REQUEST, detail) }
    }

    /// 404 for a thing by its name.
    pub fn not_found(what: &str, name: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no {what} {name:?}"))
    }

    /// The status code.
    pub fn code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn response(&self) -> ProblemResponse<'_> {
        ProblemResponse {
            r#type: "about:blank",
            title: self.code().canonical_reason().unwrap_or("Error"),
            status: self.status,
            detail: &self.detail,
            errors: &self.errors,
            conflicts: &self.conflicts,
            request_id: self.request_id.as_deref(),
        }
    }

    /// An internal error: told to the journal with its chain, and to the client as a number to ask for.
    fn internal(error: &dyn std::error::Error) -> Self {
        let request_id = crate::id::random_id("r_").unwrap_or_default();
        log::error!(request_id = request_id.as_str(), error = chain(error).as_str(); "internal error");
        let detail = "something went wrong here, and it is in the journal under this request id";
        Self { request_id: Some(request_id), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail) }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

fn status_of(kind: Kind) -> StatusCode {
    match kind {
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Malformed => StatusCode::BAD_REQUEST,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Unauthorized => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Outdated => StatusCode::PRECONDITION_FAILED,
        Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Upstream => StatusCode::BAD_GATEWAY,
        Kind::Full => StatusCode::INSUFFICIENT_STORAGE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl<E: Refusal> From<E> for Problem {
    fn from(error: E) -> Self {
        if error.kind() == Kind::Internal {
            return Self::internal(&error);
        }
        let problem = Self::new(status_of(error.kind()), error.to_string());
        let conflicts = error.in_the_way();
        Self { errors: error.fields(), conflicts, retry_after_secs: error.retry_after_secs(), ..problem }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.code();
        let body = serde_json::to_vec(&self.response()).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(secs) = self.retry_after_secs {
            headers.insert(RETRY_AFTER, HeaderValue::from(secs));
        }
        // For the page that a browser is shown instead.
        response.extensions_mut().insert(self);
        response
    }
}
