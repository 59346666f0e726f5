//! Problems as pages: what a browser is shown where a program gets JSON, with a way on.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::actor::Caller;
use crate::app::App;
use crate::http::Problem;
use crate::http::visit::{Visit, local_path, sign_in_link};

/// Programs ask here, whatever they accept.
const FOR_PROGRAMS: [&str; 6] = ["/api/", "/admin/create_token", "/assets/", "/health", "/ready", "/metrics"];
/// What stays of a problem's headers on its page.
const KEPT: [HeaderName; 3] = [header::WWW_AUTHENTICATE, header::RETRY_AFTER, header::ALLOW];

/// A problem of a page: shown as one whatever the client accepts; 401 leads to the sign-in and back.
pub struct PageProblem(Problem);

/// Marks the answer of a page's handler.
#[derive(Clone)]
struct OfPage;

impl<E: Into<Problem>> From<E> for PageProblem {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for PageProblem {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        response.extensions_mut().insert(OfPage);
        response
    }
}

/// Does a browser ask, and not a program?
pub fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("text/html")
}

/// Turns the problems that browsers meet into pages.
pub async fn problems_as_pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let for_browser = wants_page(request.headers()) && !FOR_PROGRAMS.iter().any(|prefix| path.starts_with(prefix));
    let asked = for_browser.then(|| Asked::new(&request));
    let asked = asked.or_else(|| is_page(path).then(|| Asked::new(&request)));
    let response = next.run(request).await;
    let of_page = response.extensions().get::<OfPage>().is_some();
    let trouble = response.status().is_client_error() || response.status().is_server_error();
    let told =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    match asked {
        Some(asked) if trouble && !told && of_page && response.status() == StatusCode::UNAUTHORIZED => {
            asked.sign_in_first()
        }
        Some(asked) if trouble && !told && (of_page || for_browser) => asked.page(&app, &response),
        _ => response,
    }
}

/// Where pages are that programs may meet too.
fn is_page(path: &str) -> bool {
    let folders = ["/admin", "/me", "/c", "/events", "/rooms", "/import"];
    let under = |folder: &&str| path.strip_prefix(*folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    folders.iter().any(under) || ["/login", "/setup", "/setup/password"].contains(&path)
}

/// What is kept of a request while it is answered.
struct Asked {
    caller: Option<Caller>,
    headers: HeaderMap,
    back: String,
}

impl Asked {
    fn new(request: &Request) -> Self {
        let here = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let back = if request.method().is_safe() { here.to_owned() } else { came_from(request.headers()) };
        let caller = request.extensions().get::<Caller>().cloned();
        Self { caller, headers: request.headers().clone(), back }
    }

    fn sign_in_first(&self) -> Response {
        axum::response::Redirect::to(&sign_in_link(&self.back)).into_response()
    }

    fn page(self, app: &App, response: &Response) -> Response {
        let caller = self.caller.unwrap_or_else(|| Caller::new(crate::actor::Actor::Nobody, None));
        // The address may hold a key: nothing on the page repeats it.
        let visit = Visit::new(app, caller, "", &self.headers);
        let problem = response.extensions().get::<Problem>();
        let mut page = trouble_page(&visit, response.status(), problem);
        *page.status_mut() = response.status();
        for name in KEPT {
            if let Some(value) = response.headers().get(&name) {
                page.headers_mut().insert(name, value.clone());
            }
        }
        page
    }
}

/// The page of ours that a form was sent from; browsers tell it to ourselves alone.
fn came_from(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let url = referer.and_then(|referer| url::Url::parse(referer).ok());
    let here = |url: &url::Url| match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    url.map_or("/".to_owned(), |url| local_path(&here(&url)).to_owned())
}

fn trouble_page(visit: &Visit, status: StatusCode, problem: Option<&Problem>) -> Response {
    let words = visit.words;
    let (title, text) = match status {
        StatusCode::NOT_FOUND => (words.trouble.not_found, words.trouble.not_found_text),
        StatusCode::UNAUTHORIZED => (words.trouble.no_key, words.trouble.no_key_text),
        StatusCode::FORBIDDEN => (words.trouble.forbidden, words.trouble.forbidden_text),
        StatusCode::GONE => (words.trouble.gone, words.trouble.gone_text),
        StatusCode::PRECONDITION_FAILED => (words.trouble.outdated, words.trouble.outdated_text),
        StatusCode::PAYLOAD_TOO_LARGE => (words.trouble.too_large, words.trouble.too_large_text),
        StatusCode::TOO_MANY_REQUESTS => (words.trouble.busy, words.trouble.busy_text),
        StatusCode::SERVICE_UNAVAILABLE => (words.trouble.unavailable, words.trouble.unavailable_text),
        _ if status.is_server_error() => (words.trouble.failed, words.trouble.failed_text),
        _ => (words.trouble.refused, words.trouble.refused_text),
    };
    let number = problem.and_then(|problem| problem.request_id.as_deref());
    visit.page(
        title,
        html! {
            h1 { (title) }
            p { (text) }
            @if let Some(number) = number { p { code { (words.error_number(number)) } } }
            p .actions {
                a .button href="/" { (words.trouble.to_front) }
                @if visit.login().is_none() { a .button.quiet href="/login" { (words.shell.sign_in) } }
            }
        },
    )
}
