//! `carillon audit …`

use clap::Subcommand;

use crate::control::{Client, CommandError, Output};

/// Who did what, when, from where.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// List the newest entries.
    List {
        /// By whom: user:marie, cli:pi; `cli:` is each of them.
        #[arg(long)]
        actor: Option<String>,
        /// What was done: user.create; `user.` is each of them.
        #[arg(long)]
        action: Option<String>,
        /// To what: cohort:2a-sr; `cohort:` is each of them.
        #[arg(long)]
        object: Option<String>,
        /// From this day or instant on: 2026-11-21, 2026-11-21T10:00:00+01:00.
        #[arg(long)]
        since: Option<String>,
        /// Before this day or instant.
        #[arg(long)]
        until: Option<String>,
        /// How many, at most 1000.
        #[arg(long, default_value = "100", conflicts_with = "csv")]
        limit: usize,
        /// Print all of them as CSV.
        #[arg(long)]
        csv: bool,
    },
}

/// Runs one of them.
pub async fn run(command: AuditCommand, client: &Client, out: &Output) -> Result<(), CommandError> {
    let AuditCommand::List { actor, action, object, since, until, limit, csv } = command;
    let wanted = [("actor", actor), ("action", action), ("object", object), ("from", since), ("to", until)];
    let wanted = wanted.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(wanted);
    if csv {
        return out.text(&client.get_text(&format!("/api/v1/audit.csv?{}", query.finish())).await?);
    }
    query.append_pair("limit", &limit.to_string());
    let page = client.get(&format!("/api/v1/audit?{}", query.finish())).await?;
    let items = page.get("items").and_then(|items| items.as_array()).cloned().unwrap_or_default();
    out.table(&items, &["id", "at", "actor", "ip", "action", "object"])
}
