//! `carillon clashes`

use clap::Args;
use serde_json::{Value, json};

use crate::control::{Client, CommandError, Output};
use crate::timetable::commands::query_of;

/// Which clashes.
#[derive(Debug, Args)]
pub struct ClashesCommand {
    /// From this time or day on [default: now].
    #[arg(long)]
    from: Option<String>,
    /// Up to this time or day.
    #[arg(long)]
    to: Option<String>,
}

/// Lists them: the two events of each, or the one that does not fit its room.
pub async fn run_clashes(command: ClashesCommand, client: &Client, out: &Output) -> Result<(), CommandError> {
    let query = query_of(&[("from", command.from), ("to", command.to)]);
    let list = client.list(&format!("/api/v1/clashes{query}")).await?;
    if out.json {
        return out.table(&list, &[]);
    }
    let rows: Vec<Value> = list.iter().map(row).collect();
    out.table(&rows, &["start", "why", "event", "with"])
}

fn row(clash: &Value) -> Value {
    let name = |number: usize| {
        let event = clash.get("events").and_then(|events| events.get(number))?;
        let text = |field: &str| event.get(field).and_then(Value::as_str).unwrap_or_default();
        Some(format!("{} {}", text("id"), text("subject").chars().take(30).collect::<String>()))
    };
    let seats = clash
        .get("students")
        .map(|students| format!("{students} students, {} seats", clash.get("capacity").cloned().unwrap_or_default()));
    json!({"start": clash.get("start"), "why": clash.get("why"), "event": name(0), "with": seats.or_else(|| name(1))})
}
