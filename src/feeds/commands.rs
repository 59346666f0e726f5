//! `carillon feed …`

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::{Stamp, UidRule};
use crate::control::{Client, CommandError, Output, secret_from_stdin};
use crate::http::percent::encoded;

/// Feeds: upstream calendars, fetched on a timer.
#[derive(Debug, Subcommand)]
pub enum FeedCommand {
    /// Add a feed to a cohort.
    Add {
        /// Its name.
        slug: String,
        /// The cohort's slug.
        #[arg(long)]
        cohort: String,
        /// Where the calendar is.
        #[arg(long)]
        url: String,
        /// Accept a calendar without events as the first one.
        #[arg(long)]
        allow_empty: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// Change a feed in place; what is not named stays.
    Set {
        /// Its name.
        slug: String,
        /// Another cohort.
        #[arg(long)]
        cohort: Option<String>,
        /// Another address.
        #[arg(long)]
        url: Option<String>,
        #[command(flatten)]
        settings: Settings,
    },
    /// List the feeds and how they are doing.
    List,
    /// Show one feed with all that is known of it.
    Show {
        /// Its name.
        slug: String,
    },
    /// Fetch now, and say what came of it.
    Refresh {
        /// Its name.
        slug: String,
    },
    /// Publish a snapshot that is held back.
    Approve {
        /// Its name.
        slug: String,
    },
    /// Stop fetching for now.
    Pause {
        /// Its name.
        slug: String,
    },
    /// Fetch again on the timer.
    Resume {
        /// Its name.
        slug: String,
    },
    /// Remove a feed: its events leave the cohort's calendar.
    Remove {
        /// Its name.
        slug: String,
    },
}

/// What adding and changing have in common.
#[derive(Debug, Args)]
pub struct Settings {
    /// Seconds between two fetches, at least 60 (300 by default).
    #[arg(long, value_name = "SECONDS")]
    interval: Option<u32>,
    /// The page with the site's login form.
    #[arg(long, value_name = "URL")]
    login_url: Option<String>,
    /// The name to sign in with at the form.
    #[arg(long)]
    username: Option<String>,
    /// Read the password from standard input: of the form, else of basic authentication. Where both are named, the form's
    /// stands on the first line and the other on the second.
    #[arg(long)]
    password_stdin: bool,
    /// The form's field for the name, where it cannot be told from the form.
    #[arg(long, value_name = "FIELD")]
    username_field: Option<String>,
    /// The form's field for the password, likewise.
    #[arg(long, value_name = "FIELD")]
    password_field: Option<String>,
    /// A further field of the form.
    #[arg(long = "login-extra", value_name = "K=V", value_parser = pair)]
    login_extra: Vec<(String, String)>,
    /// The user of basic authentication.
    #[arg(long, value_name = "USER")]
    basic_user: Option<String>,
    /// An extra header.
    #[arg(long = "header", value_name = "K: V", value_parser = header)]
    headers: Vec<(String, String)>,
    /// The User-Agent, where the site is particular.
    #[arg(long)]
    user_agent: Option<String>,
    /// What is written at the end of each description (place and fetched by default).
    #[arg(long = "stamp", value_enum)]
    stamps: Vec<Stamp>,
    /// Write nothing at the end of descriptions.
    #[arg(long, conflicts_with = "stamps")]
    no_stamps: bool,
    /// What is done with the site's UIDs: `derive` where they change at each fetch.
    #[arg(long, value_enum)]
    uid: Option<UidRule>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as field=value")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn header(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once(':').ok_or("write it as 'Name: value'")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

impl Settings {
    /// The request's fields. `present` is the feed that is changed: a password without a word of what for is for what it
    /// has.
    fn into_request(self, present: Option<&Value>) -> Result<Map<String, Value>, CommandError> {
        let has = |key: &str| present.and_then(|feed| feed.get(key)).is_some_and(|value| !value.is_null());
        let mut login = self.login();
        let mut basic = named([("user", json!(self.basic_user))]);
        if self.password_stdin {
            let nothing_named = login.is_empty() && basic.is_empty();
            let for_login = !login.is_empty() || (nothing_named && has("login"));
            let for_basic = !basic.is_empty() || (nothing_named && !for_login && has("basic"));
            if !for_login && !for_basic {
                return Err(CommandError::Other(
                    "a password for what? Name --login-url or --basic-user too".to_owned(),
                ));
            }
            for (request, wanted) in [(&mut login, for_login), (&mut basic, for_basic)] {
                if wanted {
                    request.insert("password".to_owned(), json!(secret_from_stdin()?.expose()));
                }
            }
        }
        let headers: BTreeMap<_, _> = self.headers.into_iter().collect();
        Ok(named([
            ("interval", json!(self.interval)),
            ("uid", json!(self.uid)),
            ("user_agent", json!(self.user_agent)),
            ("stamps", json!((self.no_stamps || !self.stamps.is_empty()).then_some(self.stamps))),
            ("headers", json!((!headers.is_empty()).then_some(headers))),
            ("login", json!((!login.is_empty()).then_some(login))),
            ("basic", json!((!basic.is_empty()).then_some(basic))),
        ]))
    }

    fn login(&self) -> Map<String, Value> {
        let extra: BTreeMap<_, _> = self.login_extra.iter().cloned().collect();
        named([
            ("url", json!(self.login_url)),
            ("username", json!(self.username)),
            ("username_field", json!(self.username_field)),
            ("password_field", json!(self.password_field)),
            ("extra", json!((!extra.is_empty()).then_some(extra))),
        ])
    }
}

/// The fields that somebody has named.
fn named<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Runs one of them.
pub async fn run(command: FeedCommand, client: &Client, out: &Output) -> Result<(), CommandError> {
    let path = |slug: &str| format!("/api/v1/feeds/{}", encoded(slug));
    match command {
        FeedCommand::Add { slug, cohort, url, allow_empty, settings } => {
            let mut request = settings.into_request(None)?;
            request.extend([
                ("slug".to_owned(), json!(slug)),
                ("cohort".to_owned(), json!(cohort)),
                ("url".to_owned(), json!(url)),
                ("allow_empty".to_owned(), json!(allow_empty)),
            ]);
            let made = client.post("/api/v1/feeds", &request).await?;
            out.object(
                &made,
                "added the feed {slug} to the cohort {cohort}; `carillon feed refresh {slug}` fetches it now",
            )
        }
        FeedCommand::Set { slug, cohort, url, settings } => {
            let present = client.get(&path(&slug)).await?;
            let mut request = settings.into_request(Some(&present))?;
            request.extend(cohort.map(|cohort| ("cohort".to_owned(), json!(cohort))));
            request.extend(url.map(|url| ("url".to_owned(), json!(url))));
            let changed = client.patch(&path(&slug), &request).await?;
            out.object(&changed, "changed the feed {slug}")
        }
        FeedCommand::List => {
            let list = client.list("/api/v1/feeds").await?;
            out.table(
                &list,
                &["slug", "cohort", "status.state", "status.events", "status.last_success", "status.last_error"],
            )
        }
        FeedCommand::Show { slug } => out.fields(&client.get(&path(&slug)).await?),
        FeedCommand::Refresh { slug } => {
            let done = client.post(&format!("{}/refresh", path(&slug)), &json!({})).await?;
            out.object(&done, "{feed.slug}: {outcome}, {feed.status.events} events, {changes} changes")
        }
        FeedCommand::Approve { slug } => {
            let done = client.post(&format!("{}/approve", path(&slug)), &json!({})).await?;
            out.object(&done, "published what was held: the feed {slug} has {status.events} events now")
        }
        FeedCommand::Pause { slug } => {
            let done = client.patch(&path(&slug), &json!({"paused": true})).await?;
            out.object(&done, "paused the feed {slug}: what it has goes on being served")
        }
        FeedCommand::Resume { slug } => {
            let done = client.patch(&path(&slug), &json!({"paused": false})).await?;
            out.object(&done, "the feed {slug} is fetched again")
        }
        FeedCommand::Remove { slug } => {
            client.delete(&path(&slug)).await?;
            out.done(&format!("removed the feed {slug}"))
        }
    }
}
