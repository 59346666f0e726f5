//! `carillon cert …`

use std::fmt::Write;

use clap::Subcommand;
use serde_json::{Value, json};

use crate::control::{Client, CommandError, Output};

const CERTIFICATE: &str = "/api/v1/certificate";

/// The certificate of HTTPS.
#[derive(Debug, Subcommand)]
pub enum CertCommand {
    /// Say what is shown, until when, and what comes next.
    Status,
    /// Get another certificate now; it is not needed, renewal goes by itself.
    Renew,
    /// Print the certificate of our own authority (tls.mode = "self-signed"), for devices that are to trust it.
    Ca,
}

/// Runs one of them.
pub async fn run(command: CertCommand, client: &Client, out: &Output) -> Result<(), CommandError> {
    match command {
        CertCommand::Status => {
            let status = client.get(CERTIFICATE).await?;
            let served = if client.is_service() { "" } else { "no service runs: this is what it would begin with\n" };
            out.in_words(&status, &format!("{served}{}", told(&status)))
        }
        CertCommand::Renew if !client.is_service() => {
            let detail = "no service runs: start it with `carillon serve`, it renews by itself";
            Err(CommandError::Other(detail.to_owned()))
        }
        CertCommand::Renew => {
            let renewed = client.post(&format!("{CERTIFICATE}/renew"), &json!({})).await?;
            out.with_warnings(&renewed, "renewed: {names}, from {issuer}, until {until}")
        }
        CertCommand::Ca => {
            let pem = client.get_text(&format!("{CERTIFICATE}/authority")).await?;
            out.in_words(&json!({"certificate": pem}), &pem)
        }
    }
}

/// The certificate in words, a line for each fact.
fn told(status: &Value) -> String {
    let text = |field: &str| status.get(field).and_then(Value::as_str).unwrap_or_default();
    if text("mode") == "off" {
        return "HTTPS is off (tls.mode)".to_owned();
    }
    let origin = match text("origin") {
        "files" => "from the files of the configuration",
        "authority" => "from an authority",
        "own" => "from our own authority",
        _ => "a temporary one, until there is another",
    };
    let mut words = format!("mode: {}\ncertificate: {origin}\n", text("mode"));
    // Writing to a String cannot fail.
    let _ = writeln!(words, "names: {}", joined(status, "names", ", "));
    let _ = writeln!(words, "issuer: {}\nfrom: {}\nuntil: {}", text("issuer"), text("from"), text("until"));
    let _ = writeln!(words, "next: {}", moment(status, "next"));
    for (label, field) in [("issued", "ledger"), ("note", "notes")] {
        for line in lines(status, field) {
            let _ = writeln!(words, "{label}: {line}");
        }
    }
    if status.get("last_error").is_some_and(Value::is_object) {
        let _ = writeln!(words, "last attempt failed: {}", moment(status, "last_error"));
    }
    if !text("trouble").is_empty() {
        let _ = writeln!(words, "trouble: {}", text("trouble"));
    }
    words
}

fn moment(status: &Value, field: &str) -> String {
    let of = |part: &str| status.get(field).and_then(|moment| moment.get(part)).and_then(Value::as_str);
    match (of("text").unwrap_or_default(), of("at")) {
        (text, Some(at)) => format!("{text} ({at})"),
        (text, None) => text.to_owned(),
    }
}

fn lines<'a>(status: &'a Value, field: &str) -> impl Iterator<Item = &'a str> {
    status.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn joined(status: &Value, field: &str, between: &str) -> String {
    lines(status, field).collect::<Vec<_>>().join(between)
}
