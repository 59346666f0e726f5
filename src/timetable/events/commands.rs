//! `carillon event …`

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::record::Status;
use super::rules::Scope;
use crate::control::{Client, CommandError, Output};
use crate::http::percent::encoded;
use crate::timetable::commands::query_of;

/// Events.
#[derive(Debug, Subcommand)]
pub enum EventCommand {
    /// Make an event, or with --repeat-until one for each week.
    Add {
        /// What it is.
        subject: String,
        /// When it begins: 2026-11-23T08:00, or with an offset.
        #[arg(long)]
        start: String,
        /// When it ends.
        #[arg(long)]
        end: String,
        #[command(flatten)]
        settings: Settings,
        /// Repeat it each week, up to this day.
        #[arg(long, value_name = "DATE")]
        repeat_until: Option<String>,
        /// A day on which it does not take place.
        #[arg(long = "except", value_name = "DATE", requires = "repeat_until")]
        except: Vec<String>,
    },
    /// List events, feeds' among them.
    List(Wanted),
    /// Show one event with all that is known of it.
    Show {
        /// Its id.
        id: String,
    },
    /// Change an event; what is not named stays, and an empty value takes away.
    Set {
        /// Its id.
        id: String,
        /// What it is.
        #[arg(long)]
        subject: Option<String>,
        /// When it begins.
        #[arg(long)]
        start: Option<String>,
        /// When it ends.
        #[arg(long)]
        end: Option<String>,
        #[command(flatten)]
        settings: Settings,
        /// How much of its series.
        #[arg(long, value_enum, default_value = "this")]
        scope: Scope,
    },
    /// Cancel an event: calendars show it as cancelled for two weeks.
    Cancel {
        /// Its id.
        id: String,
        /// How much of its series.
        #[arg(long, value_enum, default_value = "this")]
        scope: Scope,
    },
    /// Remove an event: it is gone at once.
    Remove {
        /// Its id.
        id: String,
        /// How much of its series.
        #[arg(long, value_enum, default_value = "this")]
        scope: Scope,
    },
    /// Take the last change of an event back.
    Undo {
        /// Its id.
        id: String,
        /// Although something stands in the way.
        #[arg(long)]
        allow_conflicts: bool,
    },
}

/// What there is to say of an event beside its subject and times.
#[derive(Debug, Args)]
pub struct Settings {
    /// What sort of event: CM, TD, exam.
    #[arg(long)]
    kind: Option<String>,
    /// More about it.
    #[arg(long)]
    notes: Option<String>,
    /// Its room.
    #[arg(long)]
    room: Option<String>,
    /// Its teacher's login.
    #[arg(long)]
    teacher: Option<String>,
    /// A cohort; all of them, where it is changed.
    #[arg(long = "cohort", value_name = "COHORT")]
    cohorts: Vec<String>,
    /// Whether it takes place.
    #[arg(long, value_enum)]
    status: Option<Status>,
    /// Although something stands in the way.
    #[arg(long)]
    allow_conflicts: bool,
}

/// Which events.
#[derive(Debug, Args)]
pub struct Wanted {
    /// Of this cohort.
    #[arg(long)]
    cohort: Option<String>,
    /// In this room.
    #[arg(long)]
    room: Option<String>,
    /// Of this teacher.
    #[arg(long)]
    teacher: Option<String>,
    /// Of this series.
    #[arg(long)]
    series: Option<String>,
    /// With this in their subject.
    #[arg(long)]
    subject: Option<String>,
    /// Of this kind.
    #[arg(long)]
    kind: Option<String>,
    /// From this time or day on.
    #[arg(long)]
    from: Option<String>,
    /// Up to this time or day.
    #[arg(long)]
    to: Option<String>,
}

impl Settings {
    fn request(self) -> Map<String, Value> {
        let mut request = Map::new();
        // An empty name is none: `--room ""` takes the room away.
        let or_null = |text: String| if text.is_empty() { Value::Null } else { Value::String(text) };
        let texts = [("kind", self.kind), ("notes", self.notes), ("room", self.room), ("teacher", self.teacher)];
        request.extend(texts.into_iter().filter_map(|(field, text)| Some((field.to_owned(), or_null(text?)))));
        if !self.cohorts.is_empty() {
            let named: Vec<_> = self.cohorts.into_iter().filter(|cohort| !cohort.is_empty()).collect();
            request.insert("cohorts".to_owned(), json!(named));
        }
        request.extend(self.status.map(|status| ("status".to_owned(), json!(status))));
        if self.allow_conflicts {
            request.insert("allow_conflicts".to_owned(), json!(true));
        }
        request
    }
}

/// Runs one of them.
pub async fn run_event(command: EventCommand, client: &Client, out: &Output) -> Result<(), CommandError> {
    match command {
        EventCommand::Add { subject, start, end, settings, repeat_until, except } => {
            let mut request = settings.request();
            request.extend(fields([("subject", Some(subject)), ("start", Some(start)), ("end", Some(end))]));
            if let Some(until) = repeat_until {
                request.insert("repeat".to_owned(), json!({"every": "week", "until": until, "except": except}));
            }
            show(&client.post("/api/v1/events", &request).await?, "made", out)
        }
        EventCommand::List(wanted) => list(wanted, client, out).await,
        EventCommand::Show { id } => out.fields(&client.get(&path(&id)).await?),
        EventCommand::Set { id, subject, start, end, settings, scope } => {
            let mut request = settings.request();
            request.extend(fields([("subject", subject), ("start", start), ("end", end)]));
            show(&client.patch(&scoped(&id, scope), &request).await?, "changed", out)
        }
        EventCommand::Cancel { id, scope } => {
            let request = json!({"status": Status::Cancelled});
            show(&client.patch(&scoped(&id, scope), &request).await?, "cancelled", out)
        }
        EventCommand::Remove { id, scope } => {
            client.delete(&scoped(&id, scope)).await?;
            out.done(&format!("removed the event {id}"))
        }
        EventCommand::Undo { id, allow_conflicts } => {
            let path = format!("{}/undo?allow_conflicts={allow_conflicts}", path(&id));
            match client.post(&path, &json!({})).await? {
                Value::Null => out.done(&format!("undone: the event {id} is gone")),
                left => show(&left, "undone", out),
            }
        }
    }
}

async fn list(wanted: Wanted, client: &Client, out: &Output) -> Result<(), CommandError> {
    let Wanted { cohort, room, teacher, series, subject, kind, from, to } = wanted;
    let query = query_of(&[
        ("cohort", cohort),
        ("room", room),
        ("teacher", teacher),
        ("series", series),
        ("subject", subject),
        ("kind", kind),
        ("from", from),
        ("to", to),
    ]);
    let list = client.list(&format!("/api/v1/events{query}")).await?;
    out.table(&list, &["id", "start", "end", "kind", "subject", "room", "teacher", "cohorts", "status", "source"])
}

fn fields<const N: usize>(texts: [(&str, Option<String>); N]) -> Vec<(String, Value)> {
    texts.into_iter().filter_map(|(field, text)| Some((field.to_owned(), Value::String(text?)))).collect()
}

fn path(id: &str) -> String {
    format!("/api/v1/events/{}", encoded(id))
}

fn scoped(id: &str, scope: Scope) -> String {
    let scope = match scope {
        Scope::This => "this",
        Scope::Following => "following",
        Scope::All => "all",
    };
    format!("{}?scope={scope}", path(id))
}

/// One event, or several that were made or changed together.
fn show(answer: &Value, done: &str, out: &Output) -> Result<(), CommandError> {
    match answer.get("items").and_then(Value::as_array) {
        None => out.object(answer, &format!("{done} {{id}}: {{subject}}, {{start}} to {{end}}, {{status}}")),
        Some(items) => out.object(answer, &format!("{done} {} events of the series {{series}}", items.len())),
    }
}
