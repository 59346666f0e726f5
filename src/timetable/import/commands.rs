//! `carillon import events`, `carillon import webcafe` and `carillon export events`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;

use super::Unknown;
use crate::control::{Client, CommandError, FormFile, Output, write_file};
use crate::timetable::commands::query_of;

/// Bring events in from a spreadsheet or a calendar: .xlsx, .ods, .csv, .ics. All of it or nothing.
#[derive(Debug, Args)]
pub struct ImportEvents {
    /// The file; `-` is standard input.
    file: PathBuf,
    /// The cohort of all events, whatever the file says; a calendar of somebody else needs it.
    #[arg(long)]
    cohort: Option<String>,
    /// Only say what would be made and changed.
    #[arg(long)]
    dry_run: bool,
    /// What is done about rooms, teachers and cohorts that are not here; without it their rows are bad.
    #[arg(long, value_enum)]
    unknown: Option<Unknown>,
    /// Rooms by their numbers in another system: 1:2Z34,2:B12
    #[arg(long, value_name = "NUMBER:ROOM,…")]
    map_rooms: Option<String>,
    /// Take what clashes too.
    #[arg(long)]
    allow_conflicts: bool,
}

/// Move over from WebCafé: its users with their passwords, promos, rooms and events.
#[derive(Debug, Args)]
pub struct ImportWebCafe {
    /// The folder of users.csv, events.csv, classroom.csv and promo.csv.
    dir: PathBuf,
    /// Only say what would be made and changed.
    #[arg(long)]
    dry_run: bool,
    /// Print a link for each who comes without a password, by which they choose one.
    #[arg(long, conflicts_with = "dry_run")]
    invite: bool,
}

/// Take data out.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Our own events, as a table or a calendar that can be imported again.
    Events {
        /// Of this cohort.
        #[arg(long)]
        cohort: Option<String>,
        /// As a table or as a calendar.
        #[arg(long, value_enum, default_value = "csv")]
        format: ExportFormat,
        /// Those that a roll-over has archived.
        #[arg(long)]
        archived: bool,
        /// The file; `-` is standard output.
        #[arg(long, value_name = "FILE", default_value = "-")]
        output: PathBuf,
    },
}

/// A form in which events go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A table (RFC 4180).
    Csv,
    /// A calendar (RFC 5545).
    Ics,
}

/// Runs `import events`.
pub async fn run_import_events(wanted: ImportEvents, client: &Client, out: &Output) -> Result<(), CommandError> {
    let file = FormFile::read("file", &wanted.file)?;
    let unknown = wanted.unknown.and_then(|unknown| unknown.to_possible_value());
    let fields = [
        ("cohort", wanted.cohort.as_deref()),
        ("map_rooms", wanted.map_rooms.as_deref()),
        ("unknown", unknown.as_ref().map(|unknown| unknown.get_name())),
        ("dry_run", wanted.dry_run.then_some("true")),
        ("allow_conflicts", wanted.allow_conflicts.then_some("true")),
    ];
    let fields: Vec<_> = fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let done = told(client.post_form("/api/v1/events/import", vec![file], &fields).await, out)?;
    let counts = counts_of(&done, &["created", "updated", "unchanged"]);
    out.in_words(&done, &in_words(&done, wanted.dry_run, &counts))
}

/// Runs `import webcafe`.
pub async fn run_import_webcafe(wanted: ImportWebCafe, client: &Client, out: &Output) -> Result<(), CommandError> {
    let files =
        [("users", "users.csv"), ("events", "events.csv"), ("classroom", "classroom.csv"), ("promo", "promo.csv")];
    let read = |(field, name): (&'static str, &str)| FormFile::read(field, &wanted.dir.join(Path::new(name)));
    let files = files.into_iter().map(read).collect::<Result<_, _>>()?;
    let fields = [("dry_run", wanted.dry_run), ("invite", wanted.invite)];
    let fields: Vec<_> = fields.into_iter().filter(|(_, said)| *said).map(|(name, _)| (name, "true")).collect();
    let done = told(client.post_form("/api/v1/import/webcafe", files, &fields).await, out)?;
    let made = counts_of(&done, &["cohorts", "rooms", "users"]);
    let events = counts_of(&done, &["created", "updated", "unchanged"]);
    out.in_words(&done, &in_words(&done, wanted.dry_run, &format!("new: {made}; events: {events}")))?;
    match done.get("invitations").and_then(Value::as_array) {
        Some(made) if !made.is_empty() && !out.json => out.table(made, &["login", "expires_at", "url"]),
        _ => Ok(()),
    }
}

/// Runs `export …`.
pub async fn run_export(command: ExportCommand, client: &Client, out: &Output) -> Result<(), CommandError> {
    let ExportCommand::Events { cohort, format, archived, output } = command;
    let end = match format {
        ExportFormat::Csv => "csv",
        ExportFormat::Ics => "ics",
    };
    let query = query_of(&[("cohort", cohort), ("archived", archived.then(|| "true".to_owned()))]);
    let text = client.get_text(&format!("/api/v1/events.{end}{query}")).await?;
    match output == Path::new("-") {
        true => out.file(&text),
        false => {
            write_file(&output, text.as_bytes())?;
            out.done(&format!("wrote {}", output.display()))
        }
    }
}

fn counts_of(done: &Value, names: &[&str]) -> String {
    let count = |name: &&str| format!("{} {name}", done.get(*name).and_then(Value::as_u64).unwrap_or(0));
    names.iter().map(count).collect::<Vec<_>>().join(", ")
}

/// What was done, and below it a line for each warning.
fn in_words(done: &Value, dry_run: bool, counts: &str) -> String {
    let start = if dry_run { "a dry run, nothing was written: " } else { "" };
    let mut lines = vec![format!("{start}{counts}")];
    let texts = |value: &Value| match value.get("warnings") {
        Some(Value::Array(warnings)) => warnings.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    lines.extend(texts(done).into_iter().map(|warning| format!("note: {warning}")));
    for row in done.get("rows").and_then(Value::as_array).into_iter().flatten() {
        let number = row.get("row").and_then(Value::as_u64).unwrap_or(0);
        lines.extend(texts(row).into_iter().map(|warning| format!("note: row {number}: {warning}")));
    }
    lines.join("\n")
}

/// What came of it; each bad row is printed as a row of a table, and what is left for standard error is their number.
fn told(answer: Result<Value, CommandError>, out: &Output) -> Result<Value, CommandError> {
    let problem = match answer {
        Err(CommandError::Refused(problem)) if problem.errors.iter().any(|error| error.row.is_some()) => problem,
        answer => return answer,
    };
    let rows: Vec<_> = problem.errors.iter().map(serde_json::to_value).filter_map(Result::ok).collect();
    out.table(&rows, &["row", "field", "message"])?;
    Err(CommandError::Other(problem.detail.clone()))
}
