//! `carillon import ipp`: files are read here, by the command, and never by the service.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::control::{Client, CommandError, Output};
use crate::feeds::Stamp;

/// Move over from IPP: its sections, its sign-in, its tokens; no phone has to change.
#[derive(Debug, Args)]
pub struct ImportIpp {
    /// Its .env file.
    #[arg(long, value_name = "FILE")]
    env: PathBuf,
    /// Its tokens.json.
    #[arg(long, value_name = "FILE")]
    tokens: PathBuf,
    /// What stands before a section's suffix at the planning site.
    #[arg(long, value_name = "URL")]
    base_url: String,
    /// Where phones will find this appliance.
    #[arg(long, value_name = "URL")]
    public_url: String,
    /// Phones found IPP by plain HTTP: go on answering them there.
    #[arg(long)]
    keep_http: bool,
}

/// Runs it.
pub async fn run_import_ipp(command: ImportIpp, client: &Client, out: &Output) -> Result<(), CommandError> {
    let ImportIpp { env, tokens, base_url, public_url, keep_http } = command;
    let mut request = request_of(&env_of(&read(&env)?), &env)?;
    let tokens: BTreeMap<String, String> = serde_json::from_str(&read(&tokens)?).map_err(|error| {
        CommandError::Other(format!("{}: not a {{\"name\": \"token\"}} file: {error}", tokens.display()))
    })?;
    let more = json!({"tokens": tokens, "base_url": base_url, "public_url": public_url, "keep_http": keep_http});
    if let (Value::Object(request), Value::Object(more)) = (&mut request, more) {
        request.extend(more);
    }
    let done = client.post("/api/v1/import/ipp", &request).await?;
    out.with_warnings(
        &done,
        "imported {cohorts} cohorts, {feeds} feeds and {tokens} tokens; phones find them at {public_url}/SECTION?token=…",
    )
}

fn read(path: &Path) -> Result<String, CommandError> {
    let text = match path.as_os_str() == "-" {
        true => std::io::read_to_string(std::io::stdin()),
        false => std::fs::read_to_string(path),
    };
    text.map_err(|error| CommandError::Other(format!("{}: {error}", path.display())))
}

/// `KEY=VALUE` lines as python-dotenv reads them: comments, `export`, quotes; `$` means nothing outside of `${…}`, so a
/// password with a dollar stays whole.
fn env_of(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.strip_prefix("export ").unwrap_or(line).split_once('='));
    pairs.map(|(key, value)| (key.trim().to_owned(), unquoted(value.trim()).to_owned())).collect()
}

fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some((inner, _)) = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote)) {
            return inner;
        }
    }
    value.split(" #").next().unwrap_or(value).trim_end()
}

fn request_of(env: &BTreeMap<String, String>, path: &Path) -> Result<Value, CommandError> {
    let missing = |key: &str| CommandError::Other(format!("{}: {key} is missing", path.display()));
    let required = |key: &str| env.get(key).filter(|value| !value.is_empty()).ok_or_else(|| missing(key));
    let bad = |pair: &str| CommandError::Other(format!("{}: SECTIONS: {pair:?} is no Name:suffix", path.display()));
    let pairs = required("SECTIONS")?.split(',').filter(|pair| !pair.trim().is_empty());
    let sections = pairs.map(|pair| pair.split_once(':').ok_or_else(|| bad(pair))).collect::<Result<Vec<_>, _>>()?;
    let interval = env.get("DOWNLOAD_INTERVAL").map_or(Ok(300), |secs| secs.trim().parse::<u32>());
    let bad_interval = |_| CommandError::Other(format!("{}: DOWNLOAD_INTERVAL: a number of seconds", path.display()));
    Ok(json!({
        "sections": sections.iter().map(|(name, suffix)| (name.trim(), suffix.trim())).collect::<Vec<_>>(),
        "login_url": required("LOGIN_URL")?,
        "username": required("WEB_USERNAME")?,
        "password": required("WEB_PASSWORD")?,
        "master_token": env.get("ADMIN_STATIC_TOKEN").filter(|token| !token.is_empty()),
        "interval": interval.map_err(bad_interval)?,
        "stamps": stamps(env),
    }))
}

/// IPP writes each note unless told otherwise. Its "Scrap le" becomes *fetched*: it says when the event came, and
/// defeats no 304.
fn stamps(env: &BTreeMap<String, String>) -> Vec<Stamp> {
    let notes =
        [("ADD_PLACE_NOTE", Stamp::Place), ("ADD_SCRAP_NOTE", Stamp::Fetched), ("ADD_IMPORT_NOTE", Stamp::Served)];
    let yes = |value: &String| ["1", "true", "yes", "on", "oui"].contains(&value.to_lowercase().as_str());
    notes.into_iter().filter(|(key, _)| env.get(*key).is_none_or(yes)).map(|(_, stamp)| stamp).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENV: &str = "\
# the proxy's settings
LOGIN_URL=https://planning.example/login.php
export WEB_USERNAME='marie'
WEB_PASSWORD=\"pa$$ word # not a comment\"
SECTIONS=FESup:fesup.ics, 2A-SR:2a.ics
DOWNLOAD_INTERVAL=600 # ten minutes
ADD_IMPORT_NOTE=non
";

    #[test]
    fn an_env_file_is_read_as_ipp_reads_it() {
        let request = request_of(&env_of(ENV), Path::new(".env")).unwrap();
        assert_eq!(request["password"], "pa$$ word # not a comment");
        assert_eq!(request["username"], "marie");
        assert_eq!(request["sections"], json!([["FESup", "fesup.ics"], ["2A-SR", "2a.ics"]]));
        assert_eq!(request["interval"], 600);
        assert_eq!(request["stamps"], json!(["place", "fetched"]));
        assert_eq!(request["master_token"], Value::Null);
    }

    #[test]
    fn a_missing_key_is_named() {
        let error = request_of(&env_of("SECTIONS=a:b"), Path::new(".env")).unwrap_err();
        assert_eq!(error.to_string(), ".env: LOGIN_URL is missing");
    }
}
