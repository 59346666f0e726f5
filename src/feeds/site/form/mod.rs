//! Reads a site's sign-in form, and tells a web page from a calendar.
//!
//! It goes over the page's tags once and builds no tree: what counts is which controls stand between `<form>` and `</form>`.
//! As in browsers (HTML, 4.10 and 13.2), a form inside an open form is not one, disabled controls and unchecked boxes are not
//! sent, and text in scripts, comments and `<textarea>` is not a tag. It never fails on rubbish; it finds no form.

mod draft;

use html5gum::{DefaultEmitter, StringReader, Token, Tokenizer};

use draft::Draft;

type StartTag = html5gum::StartTag<()>;

/// Only so much of a page is read: a sign-in page is small, and tokenising 16 MiB would hold up a Pi.
const PAGE_MAX_BYTES: usize = 1024 * 1024;

/// A form with a password in it, as a browser would send it untouched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoginForm {
    /// As written, relative or absolute; `None` and empty both mean the page's own address.
    pub action: Option<String>,
    /// The page's `<base href>`, which a relative action counts from.
    pub base: Option<String>,
    /// Otherwise GET, which is what HTML means by no method.
    pub method_post: bool,
    /// Names and values in the page's order: hidden and preset fields (the user's name too, as the page has it), checked
    /// boxes, selected options, the first named submit button. Not the password.
    pub fields: Vec<(String, String)>,
    /// The control marked `autocomplete=username`, else the last text control before the password, else the first after it.
    pub username_field: Option<String>,
    /// The first password control; `None` when it has no name.
    pub password_field: Option<String>,
}

/// The first form that has a password control.
pub fn read_login_form(html: &[u8]) -> Option<LoginForm> {
    let mut open: Option<Draft> = None;
    let mut base: Option<String> = None;
    for token in tokens(html) {
        match token {
            Token::StartTag(tag) if is(&tag, "form") => {
                open.get_or_insert_with(|| Draft::open(&tag));
            }
            Token::StartTag(tag) if is(&tag, "base") => {
                base = base.or_else(|| attribute(&tag, "href"));
            }
            Token::EndTag(tag) if tag.name.as_slice() == b"form" => {
                if let Some(form) = open.take().and_then(Draft::finish) {
                    return Some(LoginForm { base, ..form });
                }
            }
            token => {
                if let Some(draft) = open.as_mut() {
                    draft.take(token);
                }
            }
        }
    }
    let form = open.and_then(Draft::finish)?;
    Some(LoginForm { base, ..form })
}

/// Whether a page asks for a password, in a form or outside of one.
pub fn has_password_field(html: &[u8]) -> bool {
    tokens(html)
        .any(|token| matches!(token, Token::StartTag(tag) if is(&tag, "input") && input_type(&tag) == "password"))
}

/// Whether an answer is a web page. What begins like a calendar is none, whatever its content type says.
pub fn looks_like_html(body: &[u8], content_type: Option<&str>) -> bool {
    if begins_like_calendar(body) {
        return false;
    }
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    let said = essence.eq_ignore_ascii_case("text/html") || essence.eq_ignore_ascii_case("application/xhtml+xml");
    said || matches!(trimmed(body), [b'<', b'!' | b'?' | b'a'..=b'z' | b'A'..=b'Z', ..])
}

/// Whether an answer begins with `BEGIN:VCALENDAR`, in any case, after a byte order mark and white space.
pub fn begins_like_calendar(body: &[u8]) -> bool {
    const BEGIN: &[u8] = b"BEGIN:VCALENDAR";
    trimmed(body).get(..BEGIN.len()).is_some_and(|start| start.eq_ignore_ascii_case(BEGIN))
}

/// Without byte order marks and white space at the beginning.
pub(super) fn trimmed(mut body: &[u8]) -> &[u8] {
    loop {
        let next = body.trim_ascii_start();
        match next.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) => body = rest,
            None => return next,
        }
    }
}

/// The page's tags and texts; the content of scripts and the like comes as text.
fn tokens(html: &[u8]) -> impl Iterator<Item = Token> {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let page = html.get(..PAGE_MAX_BYTES).unwrap_or(html);
    Tokenizer::<StringReader<'_>, _>::new_with_emitter(page, emitter).map_while(Result::ok)
}

fn is(tag: &StartTag, name: &str) -> bool {
    tag.name.as_slice() == name.as_bytes()
}

fn has(tag: &StartTag, name: &str) -> bool {
    tag.attributes.contains_key(name.as_bytes())
}

fn attribute(tag: &StartTag, name: &str) -> Option<String> {
    tag.attributes.get(name.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned())
}

fn input_type(tag: &StartTag) -> String {
    attribute(tag, "type").unwrap_or_default().to_ascii_lowercase()
}

/// The name under which a control is sent, if it is.
fn sent_name(tag: &StartTag) -> Option<String> {
    attribute(tag, "name").filter(|name| !name.is_empty() && !has(tag, "disabled"))
}

#[cfg(test)]
mod tests;
