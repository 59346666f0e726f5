//! Files that somebody sends: one as the body itself, or any as the parts of a form (RFC 7578). They are held in memory,
//! within the limit of their route.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use serde::Deserialize;

use super::Problem;
use crate::sheets::SentFile;

/// The largest request that an import takes.
pub const IMPORT_BYTES: usize = 8 * 1024 * 1024;

/// What a table may be sent as.
pub const TABLES: &[&str] = &[
    "text/csv",
    "application/csv",
    "application/vnd.ms-excel",
    "text/plain",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
];

/// A file that has arrived.
#[derive(Clone, Debug, Default)]
pub struct UploadedFile {
    /// What is in it.
    pub bytes: Bytes,
    /// What it is called; may be empty.
    pub name: String,
    content_type: Option<String>,
}

impl UploadedFile {
    /// As the readers of files take it.
    pub fn sent(&self) -> SentFile<'_> {
        SentFile { bytes: &self.bytes, name: &self.name, content_type: self.content_type.as_deref() }
    }

    async fn of_part(part: Field<'_>) -> Result<Self, Problem> {
        let (name, kind) = (part.file_name().unwrap_or_default().to_owned(), part.content_type().map(str::to_owned));
        Ok(Self { bytes: part.bytes().await.map_err(bad_form)?, name, content_type: kind })
    }
}

/// The files of a form, and the fields beside them.
#[derive(Debug, Default)]
pub struct Form {
    files: BTreeMap<String, UploadedFile>,
    /// All that was said of each of the other fields, in the form and beside it.
    fields: BTreeMap<String, Vec<String>>,
}

/// Whether anything is to be written, as the query of an import says it.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct DryRunQuery {
    /// `true`: nothing is written.
    pub dry_run: Option<String>,
}

impl Form {
    /// Reads a form of these files and at most these fields. To be asked after it is known that the caller may send one.
    pub async fn read(request: Request, files: &[&str], known: &[&str]) -> Result<Self, Problem> {
        let form = Multipart::from_request(request, &()).await;
        let mut parts = form.map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await.map_err(bad_form)? {
            let name = part.name().unwrap_or_default().to_owned();
            if files.contains(&name.as_str()) {
                let file = UploadedFile::of_part(part).await?;
                if form.files.insert(name.clone(), file).is_some() {
                    return Err(Problem::bad_field(&name, "is there twice: send one file"));
                }
            } else if known.contains(&name.as_str()) {
                form.add(&name, part.text().await.map_err(bad_form)?);
            } else {
                return Err(Problem::bad_field(&name, "is not a field of this form"));
            }
        }
        Ok(form)
    }

    /// A file that must be there.
    pub fn take(&mut self, name: &str) -> Result<UploadedFile, Problem> {
        self.files.remove(name).ok_or_else(|| Problem::bad_field(name, "the file itself is missing from the form"))
    }

    /// Adds what is said of a field somewhere else, in the query say.
    pub fn add(&mut self, name: &str, value: String) {
        self.fields.entry(name.to_owned()).or_default().push(value);
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.get(name).into_iter().flatten().map(|value| value.trim())
    }

    /// A field, unless it is blank.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Problem> {
        one_of(name, self.values(name).filter(|value| !value.is_empty()).map(Ok))
    }

    /// A flag. One that is there and says nothing is meant: `?dry_run`.
    pub fn flag(&self, name: &str) -> Result<bool, Problem> {
        let read = |value: &str| match value.to_ascii_lowercase().as_str() {
            "" | "true" | "1" | "on" | "yes" => Ok(true),
            "false" | "0" | "off" | "no" => Ok(false),
            _ => Err(Problem::bad_field(name, "true or false")),
        };
        Ok(one_of(name, self.values(name).map(read))?.unwrap_or(false))
    }
}

/// What all of them say.
fn one_of<T: PartialEq>(
    name: &str,
    mut values: impl Iterator<Item = Result<T, Problem>>,
) -> Result<Option<T>, Problem> {
    let Some(first) = values.next().transpose()? else { return Ok(None) };
    for other in values {
        if other? != first {
            return Err(Problem::bad_field(name, "is said twice, and not the same"));
        }
    }
    Ok(Some(first))
}

/// One file, and the fields beside it.
#[derive(Debug)]
pub struct Upload {
    /// The file.
    pub file: UploadedFile,
    /// The rest of the form; empty where the file was the body.
    pub form: Form,
}

impl Upload {
    /// Reads a request whose body is one of `types` or a form with a `file` and at most the `known` fields. To be asked
    /// after it is known that the caller may send one.
    pub async fn read(request: Request, types: &[&str], known: &[&str]) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().to_owned();
        let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "multipart/form-data" => {
                let mut form = Form::read(request, &["file"], known).await?;
                Ok(Self { file: form.take("file")?, form })
            }
            essence if types.contains(&essence) => Self::read_body(request, kind).await,
            _ => {
                let detail = format!("send the file as {}, or as `file` of multipart/form-data", types.join(", "));
                Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
            }
        }
    }

    async fn read_body(request: Request, kind: String) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, &()).await;
        let bytes =
            bytes.map_err(|rejection| Problem::new(rejection.status(), "the file is too large or was cut off"))?;
        let file = UploadedFile { bytes, name: String::new(), content_type: Some(kind) };
        Ok(Self { file, form: Form::default() })
    }
}

/// Reads files where work may block.
pub async fn parse_files<T, E>(read: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, Problem>
where
    T: Send + 'static,
    E: Into<Problem> + Send + 'static,
{
    match tokio::task::spawn_blocking(read).await {
        Ok(read) => read.map_err(Into::into),
        Err(_) => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the reading of the file was interrupted")),
    }
}

fn bad_form(error: MultipartError) -> Problem {
    Problem::new(error.status(), error.body_text())
}
