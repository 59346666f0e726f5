//! The form of a feed: where the calendar is, how to get in, how it is shown. A secret is taken and never shown again: of
//! an address that is kept only origin and path, of a password nothing; what is left empty stays.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::actor::Deed;
use crate::feeds::access::{BasicRequest, LoginRequest};
use crate::feeds::rules::FeedRequest;
use crate::feeds::{Feed, FeedError, Feeds, Stamp, UidRule};
use crate::fetch::shown;
use crate::http::page::pieces::{breadcrumbs, empty};
use crate::http::{Field, Form, IfMatch, Mistake, Mistakes, PageProblem, Problem, Typed, Visit};
use crate::words::{Notice, Words};

const STAMPS: [(Stamp, &str); 4] =
    [(Stamp::Place, "place"), (Stamp::Fetched, "fetched"), (Stamp::Checked, "checked"), (Stamp::Served, "served")];

pub(super) async fn show_new_feed(State(feeds): State<Feeds>, visit: Visit) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::Administer)?;
    let typed = Typed::new().with("access", "none").with("interval", 15).with_all("stamps", ["place", "fetched"]);
    Ok(form_page(&feeds, &visit, None, (&typed, &Mistakes::none())))
}

/// A new feed is not followed before somebody has seen a test of it go well.
pub(super) async fn submit_new_feed(
    State(feeds): State<Feeds>,
    visit: Visit,
    typed: Typed,
) -> Result<Response, PageProblem> {
    visit.caller.actor.must(Deed::Administer)?;
    let mut mistakes = Mistakes::none();
    let request = request_of(&typed, visit.words, &mut mistakes);
    if mistakes.any() {
        return Ok(form_page(&feeds, &visit, None, (&typed, &mistakes)));
    }
    let slug = typed.filled("slug").or_else(|| typed.filled("cohort"));
    let request = FeedRequest { slug, paused: Some(true), ..request };
    match feeds.add(&visit.caller, request).await {
        Ok(feed) => {
            let next = format!("/admin/feeds/{}/test", feed.slug);
            Ok(visit.then(&next, Notice::FeedAdded).about(feed.slug.as_str()).into_response())
        }
        Err(error) => Ok(form_page(&feeds, &visit, None, (&typed, &mistakes_of(error, visit.words)?))),
    }
}

pub(super) async fn show_feed_form(
    State(feeds): State<Feeds>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let feed = feeds.for_administrator(&visit, &slug)?;
    Ok(form_page(&feeds, &visit, Some(&feed), (&typed_of(&feeds, &feed), &Mistakes::none())))
}

pub(super) async fn submit_feed_form(
    State(feeds): State<Feeds>,
    visit: Visit,
    Path(slug): Path<String>,
    typed: Typed,
) -> Result<Response, PageProblem> {
    let feed = feeds.for_administrator(&visit, &slug)?;
    let mut mistakes = Mistakes::none();
    let request = request_of(&typed, visit.words, &mut mistakes);
    if mistakes.any() {
        return Ok(form_page(&feeds, &visit, Some(&feed), (&typed, &mistakes)));
    }
    match feeds.change(&visit.caller, &slug, (request, IfMatch::default())).await {
        Ok(feed) => Ok(super::back(&visit, Notice::FeedChanged, &feed)),
        Err(error) => Ok(form_page(&feeds, &visit, Some(&feed), (&typed, &mistakes_of(error, visit.words)?))),
    }
}

/// What somebody says of a feed; what they leave empty stays as it is.
fn request_of(typed: &Typed, words: &Words, mistakes: &mut Mistakes) -> FeedRequest {
    let minutes = |text: &str| text.parse::<u32>().ok()?.checked_mul(60);
    let access = typed.raw("access");
    let password = Some(typed.secret("password")).filter(|password| !password.expose().is_empty());
    let login = (access == "form").then(|| LoginRequest {
        url: typed.filled("login_url"),
        username: typed.filled("username"),
        password: password.clone(),
        username_field: typed.filled("username_field"),
        password_field: typed.filled("password_field"),
        extra: None,
    });
    let basic = (access == "basic").then(|| BasicRequest { user: typed.filled("username"), password });
    FeedRequest {
        cohort: typed.filled("cohort"),
        url: typed.filled("url"),
        interval: typed.read("interval", words.feed.bad_interval, mistakes, minutes),
        uid: Some(if typed.has("derive", "on") { UidRule::Derive } else { UidRule::Keep }),
        stamps: Some(
            STAMPS.into_iter().filter(|(_, word)| typed.has("stamps", word)).map(|(stamp, _)| stamp).collect(),
        ),
        allow_empty: Some(typed.has("allow_empty", "on")),
        login: Some(login),
        basic: Some(basic),
        ..FeedRequest::default()
    }
}

/// A feed as its form shows it: no secret.
fn typed_of(feeds: &Feeds, feed: &Feed) -> Typed {
    let cohort = feeds.cohorts.directory().by_id(&feed.cohort_id).map(|cohort| cohort.slug.to_string());
    let (login, basic) = (feed.login.as_ref(), feed.basic.as_ref());
    let access = if login.is_some() {
        "form"
    } else if basic.is_some() {
        "basic"
    } else {
        "none"
    };
    let username = login.map(|login| &login.username).or(basic.map(|basic| &basic.user)).cloned();
    let field = |name: Option<&String>| name.cloned().unwrap_or_default();
    let typed = Typed::new()
        .with("cohort", cohort.unwrap_or_default())
        .with("interval", feed.interval_secs.div_ceil(60))
        .with("access", access)
        .with("username", username.unwrap_or_default())
        .with("username_field", field(login.and_then(|login| login.username_field.as_ref())))
        .with("password_field", field(login.and_then(|login| login.password_field.as_ref())))
        .with_all("stamps", STAMPS.into_iter().filter(|(stamp, _)| feed.stamps(*stamp)).map(|(_, word)| word));
    let typed = if feed.uid == UidRule::Derive { typed.with("derive", "on") } else { typed };
    if feed.allow_empty { typed.with("allow_empty", "on") } else { typed }
}

fn mistakes_of(error: FeedError, words: &Words) -> Result<Mistakes, Problem> {
    Mistakes::of(error, |bad| {
        let (field, text) = match bad.field.as_str() {
            "slug" => ("slug", words.feed.bad_slug),
            "url" => ("url", words.feed.bad_url),
            "cohort" => ("cohort", words.feed.bad_cohort),
            "interval" => ("interval", words.feed.bad_interval),
            "login.url" => ("login_url", words.feed.bad_url),
            "login.username" | "basic.user" => ("username", words.feed.needs_username),
            "login.password" | "basic.password" => ("password", words.feed.needs_password),
            _ => return None,
        };
        Some(Mistake::at(field, text))
    })
}

fn form_page(feeds: &Feeds, visit: &Visit, feed: Option<&Feed>, (typed, mistakes): (&Typed, &Mistakes)) -> Response {
    let (words, form) = (visit.words, Form::new(visit.words, typed, mistakes));
    let title = feed.map_or(words.feed.add, |feed| feed.slug.as_str());
    let action = feed.map_or("/admin/feeds/add".to_owned(), |feed| format!("/admin/feeds/{}/edit", feed.slug));
    let directory = feeds.cohorts.directory();
    let cohorts: Vec<_> = directory.all().iter().map(|cohort| (cohort.slug.to_string(), cohort.name.clone())).collect();
    let first = html! { a .button href="/admin/cohorts/add" { (words.cohorts_admin.add) } };
    let page = visit.admin_page(
        title,
        html! {
            (breadcrumbs(&[("/admin", words.status.title)], title, words))
            h1 { (title) }
            @if cohorts.is_empty() { (empty(words.feed.cohort_first, &first)) } @else {
                form .narrow method="post" action=(action) {
                    (form.summary())
                    (form.field(&Field::select("cohort", words.keys.cohort, cohorts)))
                    (form.field(&url_field("url", words.feed.url, feed.map(|feed| shown(&feed.url)), words)))
                    @if feed.is_none() {
                        (form.field(&Field::code("slug", words.feed.slug).hint(words.feed.slug_hint).at_most(60).optional()))
                    }
                    (access_fields(&form, feed, words))
                    (form.field(&Field::number("interval", words.feed.interval).between(1, 10_080)))
                    (more(&form, words))
                    (form.submit(if feed.is_some() { words.people.save } else { words.feed.add_and_test }))
                }
            }
        },
    );
    form.answer(page)
}

/// An address; of the one that is kept only what no key stands in.
fn url_field(name: &'static str, label: &str, kept: Option<String>, words: &Words) -> Field {
    match kept {
        Some(kept) => Field::code(name, label).hint(&words.kept_address(&kept)).optional(),
        None => Field::code(name, label).hint(words.feed.url_hint),
    }
}

fn access_fields(form: &Form, feed: Option<&Feed>, words: &Words) -> Markup {
    let ways = [("none", words.feed.access_none), ("form", words.feed.access_form), ("basic", words.feed.access_basic)];
    let kept = feed.and_then(|feed| feed.login.as_ref()).map(|login| shown(&login.url));
    let has_password = feed.is_some_and(|feed| feed.login.is_some() || feed.basic.is_some());
    let password = Field::password("password", words.sign_in.password).filled_by("off");
    let password = if has_password { password.hint(words.feed.password_kept) } else { password };
    let login_url = match kept {
        Some(kept) => Field::code("login_url", words.feed.login_url).hint(&words.kept_address(&kept)),
        None => Field::code("login_url", words.feed.login_url).hint(words.feed.login_url_hint),
    };
    html! {
        (form.field(&Field::radios("access", words.feed.access, ways)))
        (form.field(&login_url.optional()))
        (form.field(&Field::code("username", words.feed.username).filled_by("off").optional()))
        (form.field(&password.optional()))
    }
}

/// What few sites need.
fn more(form: &Form, words: &Words) -> Markup {
    let stamps = [
        ("place", words.feed.stamp_place),
        ("fetched", words.feed.stamp_fetched),
        ("checked", words.feed.stamp_checked),
        ("served", words.feed.stamp_served),
    ];
    html! {
        details {
            summary { (words.feed.more) }
            (form.field(&Field::checkboxes("stamps", words.feed.stamps, stamps).hint(words.feed.stamps_hint)))
            (form.field(&Field::tick("derive", words.feed.derive)))
            (form.field(&Field::tick("allow_empty", words.feed.allow_empty)))
            (form.field(&Field::code("username_field", words.feed.username_field).hint(words.feed.field_hint).optional()))
            (form.field(&Field::code("password_field", words.feed.password_field).hint(words.feed.field_hint).optional()))
        }
    }
}
