//! `carillon token …`

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use crate::control::{Client, CommandError, Output, read_file};
use crate::http::percent::encoded;
use crate::ical::decode;

/// Subscriber tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token, or one for each line of a file. The secret is shown this once.
    Create {
        /// What people call it.
        #[arg(required_unless_present = "from", conflicts_with = "from")]
        name: Option<String>,
        /// A file with one name per line; `-` is standard input.
        #[arg(long, requires = "cohorts")]
        from: Option<PathBuf>,
        /// A cohort that it opens; without any it opens each.
        #[arg(long = "cohort")]
        cohorts: Vec<String>,
        /// The last day that it opens anything: 2027-08-31.
        #[arg(long)]
        expires: Option<String>,
    },
    /// Make a token for each student of a cohort who has none. The secrets are shown this once.
    Batch {
        /// The cohort.
        #[arg(long)]
        cohort: String,
        /// The last day that they open anything: 2027-08-31.
        #[arg(long)]
        expires: Option<String>,
    },
    /// List the tokens; without their secrets, which nobody has.
    List,
    /// Revoke a token: from now on it opens nothing.
    Revoke {
        /// Its name or id.
        token: String,
    },
    /// Give a token a new secret; the old one is dead at once.
    Rotate {
        /// Its name or id.
        token: String,
    },
    /// Say whether the master token of the replaced proxy still makes tokens, or withdraw it.
    Master {
        /// From now on it makes nothing.
        #[arg(long)]
        withdraw: bool,
    },
}

/// Runs one of them.
pub async fn run_token(command: TokenCommand, client: &Client, out: &Output) -> Result<(), CommandError> {
    match command {
        TokenCommand::Create { name: Some(name), cohorts, expires, .. } => {
            let made = client.post("/api/v1/tokens", &new_token(&name, &cohorts, expires.as_deref())).await?;
            show_issued(&made, out)
        }
        TokenCommand::Create { from, cohorts, expires, .. } => {
            let [cohort] = cohorts.as_slice() else {
                return Err(CommandError::Other("--from makes tokens of one cohort: name one --cohort".to_owned()));
            };
            let names = read_names(&from.unwrap_or_else(|| PathBuf::from("-")))?;
            create_many(json!({"cohort": cohort, "names": names, "expires_at": expires}), client, out).await
        }
        TokenCommand::Batch { cohort, expires } => {
            create_many(json!({"cohort": cohort, "expires_at": expires}), client, out).await
        }
        TokenCommand::List => {
            let list = client.list("/api/v1/tokens").await?;
            let columns = ["id", "name", "scope", "cohorts", "expires_at", "revoked_at", "last_used_at"];
            out.table(&list, &columns)
        }
        TokenCommand::Revoke { token } => {
            client.delete(&format!("/api/v1/tokens/{}", encoded(&token))).await?;
            out.done(&format!("revoked the token {token}"))
        }
        TokenCommand::Rotate { token } => {
            let made = client.post(&format!("/api/v1/tokens/{}/rotate", encoded(&token)), &json!({})).await?;
            show_issued(&made, out)
        }
        TokenCommand::Master { withdraw: true } => {
            client.delete("/api/v1/master-token").await?;
            out.done("withdrew the master token: it makes no tokens any more")
        }
        TokenCommand::Master { withdraw: false } => {
            let told = client.get("/api/v1/master-token").await?;
            let words = match told.get("present") {
                Some(Value::Bool(true)) => "there is a master token: it makes subscriber tokens at /admin/create_token",
                _ => "there is no master token",
            };
            out.in_words(&told, words)
        }
    }
}

fn new_token(name: &str, cohorts: &[String], expires: Option<&str>) -> Value {
    let cohorts = if cohorts.is_empty() { Value::Null } else { json!(cohorts) };
    json!({"name": name, "cohorts": cohorts, "expires_at": expires})
}

/// The addresses alone stand on lines of their own, to be copied.
fn show_issued(made: &Value, out: &Output) -> Result<(), CommandError> {
    match out.json {
        true => out.object(made, ""),
        false => out.done(&issued_text(made)),
    }
}

fn issued_text(made: &Value) -> String {
    let text = |field: &str| made.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let urls = urls(made);
    let what =
        if urls.len() > 1 { "subscribe to one of these; the last is all of them as one" } else { "subscribe to" };
    let lines = [format!("the token {} ({}): {what}", text("name"), text("id"))];
    let end = "This is shown once: whoever loses it needs `carillon token rotate`.".to_owned();
    let urls = urls.iter().map(|url| format!("  {url}"));
    lines.into_iter().chain(urls).chain([end]).collect::<Vec<_>>().join("\n")
}

fn urls(made: &Value) -> Vec<String> {
    let urls = made.get("urls").and_then(Value::as_array);
    urls.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// All of them or none: the secrets are shown once, so none may be made that is not shown.
async fn create_many(batch: Value, client: &Client, out: &Output) -> Result<(), CommandError> {
    let made = client.post("/api/v1/tokens/batch", &batch).await?;
    let items = made.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    out.table(&items, &["name", "urls"])
}

/// One name per line; empty lines are left out.
fn read_names(path: &Path) -> Result<Vec<String>, CommandError> {
    let text = decode(&read_file(path)?, None);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_once_says_so_and_stands_on_its_own_line() {
        let made =
            json!({"id": "t_1", "name": "marie", "urls": ["http://x/s/marie_k/2a.ics", "http://x/s/marie_k.ics"]});
        let text = issued_text(&made);
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        assert_eq!(lines[1..3], ["http://x/s/marie_k/2a.ics", "http://x/s/marie_k.ics"]);
        assert!(text.contains("shown once"));
    }
}
