//! `carillon cohort …`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::rules::UpdateCohortRequest;
use super::{CreateCohortRequest, Visibility};
use crate::control::{Client, CommandError, Output};
use crate::http::percent::encoded;

/// Cohorts.
#[derive(Debug, Subcommand)]
pub enum CohortCommand {
    /// Make a cohort.
    Add {
        /// The name in addresses.
        slug: String,
        /// The name that people read.
        #[arg(long)]
        name: String,
        /// Who may see its calendar.
        #[arg(long, value_enum, default_value = "token")]
        visibility: Visibility,
    },
    /// List the cohorts.
    List,
    /// Give a cohort a new slug; the old one goes on answering.
    Rename {
        /// The present slug.
        slug: String,
        /// The new slug.
        new_slug: String,
        /// A new name too.
        #[arg(long)]
        name: Option<String>,
    },
    /// Remove a cohort.
    Remove {
        /// The slug.
        slug: String,
        /// Remove what hangs on it too.
        #[arg(long)]
        force: bool,
    },
    /// Archive what has ended of the last year, or take that back; the cohorts keep addresses, tokens and feeds.
    Rollover(Rollover),
}

/// A year's roll-over.
#[derive(Debug, Args)]
pub struct Rollover {
    /// The cohorts. An event of several goes when all of them are named.
    #[arg(value_name = "SLUG", required_unless_present_any = ["undo", "list"])]
    slugs: Vec<String>,
    /// Archive what ended before this day, instead of before the last first of August.
    #[arg(long, value_name = "DATE", requires = "slugs")]
    before: Option<String>,
    /// Only say what would be archived.
    #[arg(long, requires = "slugs")]
    dry_run: bool,
    /// Take a roll-over back, by its id.
    #[arg(long, value_name = "ID", conflicts_with_all = ["slugs", "list"])]
    undo: Option<String>,
    /// List the roll-overs that can be taken back.
    #[arg(long, conflicts_with = "slugs")]
    list: bool,
}

/// Runs one of them.
pub async fn run(command: CohortCommand, client: &Client, out: &Output) -> Result<(), CommandError> {
    match command {
        CohortCommand::Add { slug, name, visibility } => {
            let new = CreateCohortRequest { slug: Some(slug), name, visibility };
            let made = client.post("/api/v1/cohorts", &new).await?;
            out.object(&made, "made the cohort {slug} ({name})")
        }
        CohortCommand::List => {
            let list = client.list("/api/v1/cohorts").await?;
            out.table(&list, &["slug", "name", "visibility", "aliases"])
        }
        CohortCommand::Rename { slug, new_slug, name } => {
            let patch = UpdateCohortRequest { slug: Some(new_slug), name, visibility: None };
            let made = client.patch(&format!("/api/v1/cohorts/{}", encoded(&slug)), &patch).await?;
            out.object(&made, "the cohort is {slug} ({name}) now; its old addresses go on answering")
        }
        CohortCommand::Remove { slug, force } => {
            client.delete(&format!("/api/v1/cohorts/{}?force={force}", encoded(&slug))).await?;
            out.done(&format!("removed the cohort {slug}"))
        }
        CohortCommand::Rollover(Rollover { undo: Some(id), .. }) => {
            let undone = client.post(&format!("/api/v1/rollovers/{}/undo", encoded(&id)), &json!({})).await?;
            out.object(&undone, "undone: {restored} events are on the timetable again")
        }
        CohortCommand::Rollover(Rollover { list: true, .. }) => {
            let list = client.list("/api/v1/rollovers").await?;
            out.table(&list, &["id", "at", "before", "cohorts", "archived"])
        }
        CohortCommand::Rollover(Rollover { slugs, before, dry_run, .. }) => {
            let wanted = json!({"cohorts": slugs, "before": before, "dry_run": dry_run});
            let done = client.post("/api/v1/rollovers", &wanted).await?;
            out.in_words(&done, &in_words(&done))
        }
    }
}

/// What went; a line for each cohort; what is to be looked at.
fn in_words(done: &Value) -> String {
    let archived = format!("{} events that ended before {}", counted(done, "archived"), text(done, "before"));
    let first = match done.get("id").and_then(Value::as_str) {
        Some(id) => format!("archived {archived}; to take it back: carillon cohort rollover --undo {id}"),
        None if done.get("dry_run") == Some(&Value::Bool(true)) => {
            format!("a dry run, nothing was written: would archive {archived}")
        }
        None => format!("nothing to archive: {archived}"),
    };
    let cohorts = list(done, "cohorts").map(cohort_in_words);
    let warnings = list(done, "warnings").filter_map(Value::as_str).map(|warning| format!("note: {warning}"));
    std::iter::once(first).chain(cohorts).chain(warnings).collect::<Vec<_>>().join("\n")
}

fn cohort_in_words(cohort: &Value) -> String {
    let left = list(cohort, "left").map(|left| {
        let why = text(left, "why").replace('_', " ");
        format!("{} left ({why})", counted(left, "events"))
    });
    let archived = format!("{} archived", counted(cohort, "archived"));
    let events = std::iter::once(archived).chain(left).collect::<Vec<_>>().join(", ");
    let [students, tokens] = ["students", "tokens"].map(|field| counted(cohort, field));
    let feeds = list(cohort, "feeds").count();
    format!("{}: {events}; kept: {feeds} feeds, {tokens} tokens, {students} students", text(cohort, "cohort"))
}

fn list<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn counted(value: &Value, field: &str) -> u64 {
    value.get(field).and_then(Value::as_u64).unwrap_or(0)
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}
