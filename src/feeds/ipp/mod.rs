//! Moving over from IPP, the proxy that Carillon replaces: its sections become cohorts with a feed each, its tokens go
//! on opening them. All of it in one transaction, or nothing; a second time makes nothing twice.

pub mod commands;

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{LoginRequest, checked_url};
use super::rules::{FeedRequest, MIN_INTERVAL_SECS};
use super::tables::FEEDS;
use super::{Feed, FeedError, Feeds, Stamp};
use crate::accounts::{AccountError, Scope, import_subscriber_token, set_master_token};
use crate::actor::{Caller, Deed};
use crate::audit;
use crate::cohorts::{CreateCohortRequest, Directory, Visibility, create_cohort};
use crate::http::{Json, Problem};
use crate::id::fold;
use crate::secret::Secret;
use crate::settings;
use crate::store::{Read, WriteTx};

/// A shorter master token is told as one that can be guessed.
const MASTER_CHARS: usize = 24;

/// What `carillon import ipp` has read from IPP's files.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportIppRequest {
    /// `SECTIONS`: each section's name and the suffix of its address.
    sections: Vec<(String, String)>,
    /// What stands before the suffix.
    base_url: String,
    /// `LOGIN_URL`.
    login_url: String,
    /// `WEB_USERNAME`.
    username: String,
    /// `WEB_PASSWORD`.
    password: Secret<String>,
    /// `DOWNLOAD_INTERVAL`, in seconds.
    interval: u32,
    /// The notes that were written.
    stamps: Vec<Stamp>,
    /// `ADMIN_STATIC_TOKEN`.
    master_token: Option<Secret<String>>,
    /// `tokens.json`.
    tokens: BTreeMap<String, Secret<String>>,
    /// Where phones will find this appliance.
    public_url: String,
    /// Phones found it by plain HTTP, and shall go on.
    keep_http: bool,
}

/// Moves over from the proxy that Carillon replaces.
#[utoipa::path(
    post, path = "/api/v1/import/ipp",
    responses((status = 200, body = Value), (status = 409), (status = 422)),
)]
pub async fn import_ipp(
    State(feeds): State<Feeds>,
    caller: Caller,
    Json(import): Json<ImportIppRequest>,
) -> Result<Json<Value>, Problem> {
    caller.actor.must(Deed::Administer)?;
    let store = feeds.app.store.clone();
    Ok(Json(store.write(move |tx| feeds.import_ipp_in(tx, &caller, &import)).await?))
}

impl Feeds {
    fn import_ipp_in(&self, tx: &mut WriteTx, caller: &Caller, import: &ImportIppRequest) -> Result<Value, Problem> {
        if import.sections.is_empty() {
            return Err(FeedError::bad("SECTIONS", "names no section: Name:suffix,Name:suffix").into());
        }
        let public_url = checked_url("public_url", &import.public_url)?;
        if let Some((name, _)) = import.tokens.iter().find(|(_, token)| token.expose().trim().is_empty()) {
            return Err(FeedError::bad("tokens", format!("the token of {name:?} is empty")).into());
        }
        let (mut cohorts, mut feeds) = (0, 0);
        for (name, suffix) in &import.sections {
            cohorts += usize::from(self.import_cohort(tx, caller, name)?);
            feeds += usize::from(self.import_feed(tx, caller, import, (name, suffix))?);
        }
        let clock = &self.app.clock;
        for (name, token) in &import.tokens {
            let told = |error: AccountError| Problem::from(error).about(&format!("token {name:?}"));
            import_subscriber_token(tx, caller, clock, name, token, Scope::All).map_err(told)?;
        }
        if let Some(token) = &import.master_token {
            set_master_token(tx, caller, clock, token)?;
        }
        let public_url = public_url.as_str().trim_end_matches('/').to_owned();
        settings::update(tx, |settings| {
            settings.public_url = Some(public_url.clone());
            settings.legacy_http = import.keep_http;
        })?;
        let told = json!({"cohorts": cohorts, "feeds": feeds, "tokens": import.tokens.len(),
                          "public_url": self.app.config().public_url.as_ref().map_or(&*public_url, |url| url.as_str()),
                          "legacy_http": self.app.config().server.legacy_http.unwrap_or(import.keep_http),
                          "warnings": self.warnings(import, &public_url)});
        audit::record(tx, caller, clock.now_secs(), ("import.ipp", "import".to_owned()), [None, Some(told.clone())])?;
        Ok(told)
    }

    /// What the configuration decides otherwise, and what the notes cost.
    fn warnings(&self, import: &ImportIppRequest, public_url: &str) -> Vec<String> {
        let config = self.app.config();
        let configured = config.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
        let other_url = configured
            .filter(|url| url != public_url)
            .map(|url| format!("the configuration says public_url = {url:?}, and that counts: change it there"));
        let shut = (import.keep_http && config.server.legacy_http == Some(false)).then(|| {
            "the configuration says [server] legacy_http = false, and that counts: plain HTTP stays shut".to_owned()
        });
        let served = import.stamps.contains(&Stamp::Served).then(|| {
            "ADD_IMPORT_NOTE is kept as the stamp `served`: each minute's calendar is another one, so phones load it \
             whole each time; `carillon feed set … --stamp place --stamp fetched` is lighter"
                .to_owned()
        });
        let short = import.master_token.as_ref().filter(|token| token.expose().chars().count() < MASTER_CHARS).map(|_| {
            format!(
                "ADMIN_STATIC_TOKEN has fewer than {MASTER_CHARS} characters, and whoever guesses it makes tokens that open \
                 every calendar: where no script needs it, `carillon token master --withdraw`"
            )
        });
        [other_url, shut, served, short].into_iter().flatten().collect()
    }

    /// A section's cohort; false where it is there already.
    fn import_cohort(&self, tx: &mut WriteTx, caller: &Caller, name: &str) -> Result<bool, Problem> {
        if Directory::load(tx)?.find(name).is_some() {
            return Ok(false);
        }
        let new = CreateCohortRequest { slug: None, name: name.to_owned(), visibility: Visibility::Token };
        create_cohort(tx, caller, &self.app.clock, &new)?;
        Ok(true)
    }

    /// A section's feed; false where it is there already.
    fn import_feed(
        &self,
        tx: &mut WriteTx,
        caller: &Caller,
        import: &ImportIppRequest,
        (name, suffix): (&str, &str),
    ) -> Result<bool, Problem> {
        let present: Option<Feed> = tx.find(&FEEDS, fold(name).as_bytes())?;
        let url = format!("{}{suffix}", import.base_url);
        let parsed = checked_url("base_url", &url)?;
        if present.is_some_and(|feed| feed.url == parsed) {
            return Ok(false);
        }
        // Its form posts these two empty fields beside the name and the password.
        let extra = [("url", ""), ("login", "")].map(|(field, value)| (field.to_owned(), value.to_owned()));
        let login = LoginRequest {
            url: Some(import.login_url.clone()),
            username: Some(import.username.clone()),
            password: Some(import.password.clone()),
            username_field: Some("Username".to_owned()),
            password_field: Some("Password".to_owned()),
            extra: Some(extra.into()),
        };
        let request = FeedRequest {
            slug: Some(name.to_owned()),
            cohort: Some(name.to_owned()),
            url: Some(url),
            interval: Some(import.interval.max(MIN_INTERVAL_SECS)),
            stamps: Some(import.stamps.clone()),
            login: Some(Some(login)),
            ..FeedRequest::default()
        };
        let directory = Directory::load(tx)?;
        self.add_in(tx, caller, &request, &directory)?;
        Ok(true)
    }
}
