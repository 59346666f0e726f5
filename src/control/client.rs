//! The commands' side: a small client of our own REST routes.

use std::io::Write;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde_json::Value;
use tokio::net::UnixStream;
use tokio::task::JoinHandle;
use tower::ServiceExt;

use super::read_file;
use crate::actor::Caller;
use crate::error::FieldError;
use crate::http::Problem;
use crate::http::list::MAX_LIMIT;
use crate::id::random_id;

/// A way to the appliance.
pub enum Client {
    /// The running service.
    Service(PathBuf),
    /// No service runs: the routes in this process, on the database that it has opened.
    InProcess(Box<Router>, Caller),
}

/// A file that a command sends.
#[derive(Debug)]
pub struct FormFile {
    /// The field of the form.
    pub field: &'static str,
    /// What it is called.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl FormFile {
    /// Reads it; `-` is standard input. Files are read by commands and never by the service.
    pub fn read(field: &'static str, path: &Path) -> Result<Self, CommandError> {
        let bytes = read_file(path)?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).filter(|name| name != "-");
        Ok(Self { field, name: name.unwrap_or_default(), bytes })
    }
}

/// Why a command failed: one line for standard error.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The appliance refused.
    #[error("{}", told(.0))]
    Refused(Box<Problem>),
    /// The service could not be talked to.
    #[error("{path}: the service does not answer: {reason}")]
    Unreachable {
        /// The socket.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// Anything else, said in full.
    #[error("{0}")]
    Other(String),
}

/// The detail, and each bad field that it does not name already.
fn told(problem: &Problem) -> String {
    let named = |error: &&FieldError| !problem.detail.contains(&error.message);
    let fields = problem.errors.iter().filter(named).map(|error| match error.row {
        Some(row) => format!("; row {row}, {}: {}", error.field, error.message),
        None => format!("; {}: {}", error.field, error.message),
    });
    let id = problem.request_id.iter().map(|id| format!(" ({id})"));
    std::iter::once(problem.detail.clone()).chain(fields).chain(id).collect()
}

impl Client {
    /// Asks with a body and reads the answer.
    pub async fn post(&self, path: &str, body: &impl Serialize) -> Result<Value, CommandError> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Sends a table and reads the answer.
    pub async fn post_csv(&self, path: &str, csv: Vec<u8>) -> Result<Value, CommandError> {
        self.answer_to(request(Method::POST, path, Some(("text/csv", csv)))?).await
    }

    /// Sends files and fields as a form (RFC 7578) and reads the answer.
    pub async fn post_form(
        &self,
        path: &str,
        files: Vec<FormFile>,
        fields: &[(&str, &str)],
    ) -> Result<Value, CommandError> {
        let boundary = random_id("form-").map_err(|error| CommandError::Other(error.to_string()))?;
        let mut body = Vec::new();
        for (name, value) in fields {
            let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        for FormFile { field, name, bytes } in files {
            // Of the name only the end is of use, and a quote or a line end would break the head.
            let name = name.replace(['"', '\\', '\r', '\n'], "_");
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        self.answer_to(request(Method::POST, path, Some((&kind, body)))?).await
    }

    /// Changes something.
    pub async fn patch(&self, path: &str, body: &impl Serialize) -> Result<Value, CommandError> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    /// Puts something in the place of what is there.
    pub async fn put(&self, path: &str, body: &impl Serialize) -> Result<Value, CommandError> {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// Removes something.
    pub async fn delete(&self, path: &str) -> Result<Value, CommandError> {
        self.call(Method::DELETE, path, None::<&()>).await
    }

    /// Reads something.
    pub async fn get(&self, path: &str) -> Result<Value, CommandError> {
        self.call(Method::GET, path, None::<&()>).await
    }

    /// Reads what is told under any status: `/ready` says with 503 what is not.
    pub async fn get_told(&self, path: &str) -> Result<Value, CommandError> {
        let (_, bytes) = self.send(request(Method::GET, path, None)?).await?;
        serde_json::from_slice(&bytes).map_err(|error| CommandError::Other(error.to_string()))
    }

    /// Reads something that is no JSON.
    pub async fn get_text(&self, path: &str) -> Result<String, CommandError> {
        let (status, bytes) = self.send(request(Method::GET, path, None)?).await?;
        match status.is_success() {
            true => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            false => Err(refusal(status, &bytes)),
        }
    }

    /// Writes what comes, part after part: it is never held as a whole. An answer that breaks off is an error.
    pub async fn download(&self, path: &str, into: &mut dyn Write) -> Result<(), CommandError> {
        let Answer { response, connection: _connection } = self.begin(request(Method::GET, path, None)?).await?;
        let (status, mut body) = (response.status(), response.into_body());
        if !status.is_success() {
            let bytes = body.collect().await.map_err(|error| CommandError::Other(error.to_string()))?;
            return Err(refusal(status, &bytes.to_bytes()));
        }
        while let Some(frame) = body.frame().await {
            let broken = |error| CommandError::Other(format!("the service broke off: {error}"));
            if let Ok(bytes) = frame.map_err(broken)?.into_data() {
                into.write_all(&bytes).map_err(|error| CommandError::Other(format!("cannot write it: {error}")))?;
            }
        }
        into.flush().map_err(|error| CommandError::Other(format!("cannot write it: {error}")))
    }

    /// Is a service running, that does what it is told after this command has ended?
    pub fn is_service(&self) -> bool {
        matches!(self, Self::Service(_))
    }

    /// Reads a whole list, page by page.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>, CommandError> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut items = Vec::new();
        let mut after = String::new();
        loop {
            let mut page = self.get(&format!("{path}{joint}limit={MAX_LIMIT}{after}")).await?;
            if let Some(Value::Array(found)) = page.get_mut("items").map(Value::take) {
                items.extend(found);
            }
            let Some(next) = page.get("next").and_then(Value::as_str) else { return Ok(items) };
            let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
            after = format!("&after={next}");
        }
    }

    async fn call(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Result<Value, CommandError> {
        let json = body.map(serde_json::to_vec).transpose();
        let json = json.map_err(|error| CommandError::Other(error.to_string()))?;
        self.answer_to(request(method, path, json.map(|bytes| ("application/json", bytes)))?).await
    }

    async fn answer_to(&self, request: Request<Body>) -> Result<Value, CommandError> {
        let (status, bytes) = self.send(request).await?;
        match bytes.is_empty() {
            _ if !status.is_success() => Err(refusal(status, &bytes)),
            true => Ok(Value::Null),
            false => serde_json::from_slice(&bytes).map_err(|error| CommandError::Other(error.to_string())),
        }
    }

    async fn send(&self, request: Request<Body>) -> Result<(StatusCode, Bytes), CommandError> {
        let Answer { response, connection: _connection } = self.begin(request).await?;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.map_err(|error| self.broken(&error.to_string()))?;
        Ok((parts.status, bytes.to_bytes()))
    }

    /// The head of the answer; its body is still to come.
    async fn begin(&self, request: Request<Body>) -> Result<Answer, CommandError> {
        match self {
            Self::Service(path) => {
                begin_by_socket(path, request).await.map_err(|error| self.broken(&error.to_string()))
            }
            Self::InProcess(router, caller) => {
                let mut request = request;
                request.extensions_mut().insert(caller.clone());
                let Ok(response) = router.as_ref().clone().oneshot(request).await;
                Ok(Answer { response, connection: None })
            }
        }
    }

    fn broken(&self, reason: &str) -> CommandError {
        match self {
            Self::Service(path) => {
                CommandError::Unreachable { path: path.display().to_string(), reason: reason.to_owned() }
            }
            Self::InProcess(..) => CommandError::Other(reason.to_owned()),
        }
    }
}

/// An answer, and the connection that it comes by, which ends with it.
struct Answer {
    response: Response<Body>,
    connection: Option<AbortOnDrop>,
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn refusal(status: StatusCode, bytes: &[u8]) -> CommandError {
    let plain = |_| Problem::new(status, "the service refused without a reason");
    CommandError::Refused(Box::new(serde_json::from_slice(bytes).unwrap_or_else(plain)))
}

fn request(method: Method, path: &str, body: Option<(&str, Vec<u8>)>) -> Result<Request<Body>, CommandError> {
    let builder = Request::builder().method(method).uri(path).header(header::HOST, "localhost");
    let built = match body {
        None => builder.body(Body::empty()),
        Some((kind, bytes)) => builder.header(header::CONTENT_TYPE, kind).body(Body::from(bytes)),
    };
    built.map_err(|error| CommandError::Other(error.to_string()))
}

async fn begin_by_socket(path: &Path, request: Request<Body>) -> anyhow::Result<Answer> {
    let stream = UnixStream::connect(path).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(async move { drop(connection.await) });
    let response = sender.send_request(request).await?.map(Body::new);
    Ok(Answer { response, connection: Some(AbortOnDrop(connection)) })
}
