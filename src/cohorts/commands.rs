//! `carillon cohort …`

use clap::Subcommand;

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
    }
}
