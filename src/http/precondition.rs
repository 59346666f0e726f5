//! `If-Match` on a change (RFC 9110 13.1.1): 412 when somebody was faster.
//!
//! The tag is of the record that a change works on, and not of the bytes that go out: what only counts, such as a
//! token's last use, overtakes nobody. So a rule can ask inside its transaction, where no other writer is. It answers no
//! `If-None-Match`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::PartialSchema;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};

use super::{Json, Problem};
use crate::error::{Kind, Refusal};
use crate::secret::Fingerprint;

/// A record's strong validator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag(String);

impl Tag {
    /// The tag of a record as it is kept. Nothing of the record can be read from it.
    pub fn of(record: &impl Serialize) -> Self {
        let bytes = serde_json::to_vec(record).unwrap_or_default();
        let hash = Fingerprint::of_bytes(&bytes).to_text();
        Self(format!("\"{}\"", hash.get(..22).unwrap_or(&hash)))
    }

    /// As a header or a form carries it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A JSON answer with the `ETag` of the record that it shows.
pub struct Tagged<T>(pub Tag, pub T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.1).into_response();
        if let Ok(tag) = HeaderValue::try_from(self.0.0) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// Which state of a record a change was made for; any, where the request does not say.
#[derive(Clone, Debug, Default)]
pub struct IfMatch(Option<String>);

impl IfMatch {
    /// The state that a page was made of, by the tag that its form has carried; any, where it carries none.
    pub fn carried(tag: &str) -> Self {
        Self(Some(tag.to_owned()).filter(|tag| !tag.is_empty()))
    }

    /// Is the record still as the request knows it? Asked inside the transaction that changes it.
    pub fn must_hold(&self, present: &impl Serialize) -> Result<(), Overtaken> {
        let Some(wanted) = self.0.as_deref() else { return Ok(()) };
        let Tag(tag) = Tag::of(present);
        // Strong comparison: a weak tag matches nothing.
        match wanted.split(',').map(str::trim).any(|wanted| wanted == "*" || wanted == tag) {
            true => Ok(()),
            false => Err(Overtaken),
        }
    }
}

impl utoipa::IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let header = ParameterBuilder::new().name("If-Match").parameter_in(ParameterIn::Header);
        let told = "The `ETag` of what was read: 412 where somebody was faster.";
        vec![header.required(Required::False).description(Some(told)).schema(Some(String::schema())).build()]
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let values = parts.headers.get_all(header::IF_MATCH).iter().map(|value| value.to_str());
        let values = values.collect::<Result<Vec<_>, _>>();
        let values = values.map_err(|_| Problem::bad_field("If-Match", "the `ETag` of the last answer"))?;
        Ok(Self((!values.is_empty()).then(|| values.join(","))))
    }
}

/// The record is not what the request thinks any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("somebody has changed this since you read it: read it again, then decide")]
pub struct Overtaken;

impl Refusal for Overtaken {
    fn kind(&self) -> Kind {
        Kind::Outdated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_goes_through_for_the_state_that_it_was_made_for() {
        let Tag(tag) = Tag::of(&["now"]);
        let rows = [
            (None, true),
            (Some(tag.clone()), true),
            (Some(format!("\"x\" , {tag}")), true),
            (Some("*".to_owned()), true),
            (Some(format!("W/{tag}")), false),
            (Some("\"x\"".to_owned()), false),
            (Some(String::new()), false),
        ];
        for (wanted, holds) in rows {
            assert_eq!(IfMatch(wanted.clone()).must_hold(&["now"]).is_ok(), holds, "{wanted:?}");
        }
    }

    #[test]
    fn another_state_has_another_tag() {
        assert_ne!(Tag::of(&["now"]), Tag::of(&["then"]));
        assert_eq!(Tag::of(&1).0.len(), 24);
    }
}
