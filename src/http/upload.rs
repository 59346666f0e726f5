//! A file that somebody sends: as the body itself, or as the `file` of a form (RFC 7578). It is held in memory, within the
//! limit of its route.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};

use super::Problem;

/// The largest file that an import takes.
pub const IMPORT_BYTES: usize = 8 * 1024 * 1024;

/// A file, and the fields beside it.
#[derive(Debug)]
pub struct Upload {
    /// The file's bytes.
    pub file: Bytes,
    /// The other fields of the form.
    pub fields: BTreeMap<String, String>,
}

impl Upload {
    /// Reads a request whose body is one of `types` or a form with a `file` and at most the `known` fields. To be asked
    /// after it is known that the caller may send one.
    pub async fn read(request: Request, types: &[&str], known: &[&str]) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "multipart/form-data" => Self::read_form(request, known).await,
            essence if types.contains(&essence) => Self::read_body(request).await,
            _ => {
                let detail = format!("send the file as {}, or as `file` of multipart/form-data", types.join(", "));
                Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
            }
        }
    }

    /// A flag that may stand in the form.
    pub fn flag(&self, name: &str) -> Result<bool, Problem> {
        match self.fields.get(name).map(|value| value.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "false" | "0" | "off") => Ok(false),
            Some("true" | "1" | "on") => Ok(true),
            Some(_) => Err(Problem::bad_field(name, "true or false")),
        }
    }

    async fn read_body(request: Request) -> Result<Self, Problem> {
        let file = Bytes::from_request(request, &()).await;
        let file =
            file.map_err(|rejection| Problem::new(rejection.status(), "the file is too large or was cut off"))?;
        Ok(Self { file, fields: BTreeMap::new() })
    }

    async fn read_form(request: Request, known: &[&str]) -> Result<Self, Problem> {
        let form = Multipart::from_request(request, &()).await;
        let mut form = form.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
        let (mut file, mut fields) = (None, BTreeMap::new());
        while let Some(field) = form.next_field().await.map_err(bad_form)? {
            let name = field.name().unwrap_or_default().to_owned();
            match name.as_str() {
                "file" => file = Some(field.bytes().await.map_err(bad_form)?),
                known_name if known.contains(&known_name) => {
                    fields.insert(name, field.text().await.map_err(bad_form)?);
                }
                _ => return Err(Problem::bad_field(&name, "is not a field of this form")),
            }
        }
        let file = file.ok_or_else(|| Problem::bad_field("file", "the file itself is missing from the form"))?;
        Ok(Self { file, fields })
    }
}

fn bad_form(error: MultipartError) -> Problem {
    Problem::new(error.status(), error.body_text())
}
