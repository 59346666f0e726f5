//! What an administrator says of a feed: where it is, how to get in, how it is shown.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use super::FeedError;
use super::site::{Basic, Login, Source};
use crate::id::Slug;
use crate::seal::{Sealed, Sealer};

/// How often a feed is fetched unless somebody says otherwise.
pub const DEFAULT_INTERVAL_SECS: u32 = 300;

/// One upstream calendar, fetched on a timer, that belongs to one cohort.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// Its name, unique and for good.
    pub slug: Slug,
    /// The id of its cohort.
    pub cohort_id: String,
    /// Where the calendar is.
    pub url: Url,
    /// Seconds between two fetches.
    pub interval_secs: u32,
    /// What is done with the upstream's UIDs.
    pub uid: UidRule,
    /// What is written at the end of each description.
    pub stamps: Vec<Stamp>,
    /// Not fetched for now.
    pub paused: bool,
    /// Whether a calendar without events may be its first.
    pub allow_empty: bool,
    /// The login form to pass first.
    pub login: Option<FormLogin>,
    /// Basic authentication.
    pub basic: Option<BasicLogin>,
    /// Extra headers; their values are secrets.
    pub headers: Vec<(String, Sealed)>,
    /// The User-Agent, where the site is particular.
    pub user_agent: Option<String>,
    /// When it was added; feeds of a cohort stand in this order.
    pub created_at: DateTime<Utc>,
}

/// A login form, as the database holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormLogin {
    /// The page with the form.
    pub url: Url,
    /// The name to sign in with.
    pub username: String,
    /// Sealed.
    pub password: Sealed,
    /// The form's field for the name, where it cannot be told from the form.
    pub username_field: Option<String>,
    /// The form's field for the password, likewise.
    pub password_field: Option<String>,
    /// Further fields.
    pub extra: Vec<(String, String)>,
}

/// Basic authentication, as the database holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasicLogin {
    /// The user.
    pub user: String,
    /// Sealed.
    pub password: Sealed,
}

/// What is done with the upstream's UIDs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UidRule {
    /// They are kept.
    #[default]
    Keep,
    /// The site changes them at each fetch: events are matched by what they are.
    Derive,
}

/// A line at the end of each event's description.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Stamp {
    /// The place again, for clients that hide it.
    Place,
    /// Since when the event is as it is.
    Fetched,
    /// When the site was last seen in order. Defeats 304.
    Checked,
    /// When the calendar was handed out. Defeats 304.
    Served,
}

impl Feed {
    /// What the site fetcher needs, with the secrets open.
    pub(super) fn source(&self, sealer: &Sealer) -> Result<Source, FeedError> {
        let login = self.login.as_ref().map(|login| login.open(sealer)).transpose()?;
        let basic = self.basic.as_ref().map(|basic| {
            let password = sealer.open_sealed(&basic.password)?;
            Ok::<_, FeedError>(Basic { user: basic.user.clone(), password })
        });
        let open = |(name, value): &(String, Sealed)| Ok::<_, FeedError>((name.clone(), sealer.open_sealed(value)?));
        let headers = self.headers.iter().map(open).collect::<Result<_, _>>()?;
        let user_agent = self.user_agent.clone();
        Ok(Source { url: self.url.clone(), login, basic: basic.transpose()?, headers, user_agent })
    }

    /// Is it the same feed, fetched in the same way, as this other state of it? A body of one is a body of the other.
    pub(super) fn has_source_of(&self, other: &Self) -> bool {
        let source = |feed: &Self| {
            let Self { slug, url, uid, login, basic, headers, user_agent, created_at, .. } = feed.clone();
            (slug, url, uid, login, basic, headers, user_agent, created_at)
        };
        source(self) == source(other)
    }

    /// The topic under which the version of its snapshot is kept.
    pub fn topic(slug: &str) -> String {
        format!("feed:{slug}")
    }

    /// Does it write this stamp?
    pub fn stamps(&self, stamp: Stamp) -> bool {
        self.stamps.contains(&stamp)
    }
}

impl FormLogin {
    fn open(&self, sealer: &Sealer) -> Result<Login, FeedError> {
        Ok(Login {
            url: self.url.clone(),
            username: self.username.clone(),
            password: sealer.open_sealed(&self.password)?,
            username_field: self.username_field.clone(),
            password_field: self.password_field.clone(),
            extra: self.extra.clone(),
        })
    }
}
