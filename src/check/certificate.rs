//! The certificate and the ledger: what is shown until when, what comes next, what is wrong, and how many more there may be
//! this week.

use chrono::DateTime;
use serde_json::Value;

use super::appliance::{Appliance, Kept};
use super::finding::{Finding, State};
use crate::clock::Clock;
use crate::config::{Config, TlsMode};
use crate::tls::{self, TlsError};

const NAME: &str = "certificate";

/// Looks at both.
pub(super) async fn look(config: &Config, appliance: &Appliance) -> Vec<Finding> {
    if config.tls.mode == TlsMode::Off {
        let detail = "HTTPS is off (tls.mode): a proxy has to see to it, or nobody outside is served safely";
        return vec![Finding::ok(NAME, detail)];
    }
    match tls::check(config, Clock::system().now()) {
        // Told by who looks at the authority.
        Err(TlsError::Authority(_)) => return Vec::new(),
        Err(error) => return vec![Finding::fail(NAME, error.to_string(), files_line(config))],
        Ok(()) => {}
    }
    match appliance.certificate().await {
        Ok(told) => judge(&told, appliance, config),
        Err(why) => {
            let advice = "mend what stands above first";
            vec![Finding::warn(NAME, format!("not looked at: {why}"), advice)]
        }
    }
}

fn files_line(config: &Config) -> String {
    match &config.tls.mode {
        TlsMode::Files(files) => format!(
            "[tls.files] certificate = \"{}\" and key = \"{}\" must name a pair that fits and has not ended",
            files.certificate.display(),
            files.key.display()
        ),
        TlsMode::Acme | TlsMode::SelfSigned | TlsMode::Off => "carillon cert status".to_owned(),
    }
}

fn judge(told: &Value, appliance: &Appliance, config: &Config) -> Vec<Finding> {
    let mode = text(told, "mode");
    if mode != config.tls.mode.word() {
        let detail = format!("the running service has tls.mode = \"{mode}\", and the configuration another");
        return vec![Finding::warn(NAME, detail, "systemctl restart carillon")];
    }
    let ledger = told.get("ledger").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let ledger: Vec<Finding> = ledger.map(|line| Finding::ok("ledger", line)).collect();
    std::iter::once(standing(told, appliance)).chain(ledger).collect()
}

fn standing(told: &Value, appliance: &Appliance) -> Finding {
    let is_temporary = text(told, "origin") == "temporary";
    let is_first = is_temporary && !told.get("last_error").is_some_and(Value::is_object);
    let next = told.get("next").map_or("", |next| text(next, "text"));
    match (text(told, "trouble"), appliance) {
        // Before the first order, or the first start, there is nothing wrong with having none.
        (_, Appliance::Still(..)) if is_first => Finding::ok(NAME, format!("none yet; at the start: {next}")),
        (_, Appliance::Still(_, Kept::NothingYet)) if text(told, "origin") == "own" => {
            Finding::ok(NAME, "none yet: the first start makes it")
        }
        ("", _) => Finding::ok(NAME, format!("from {}, until {}; {next}", text(told, "issuer"), text(told, "until"))),
        (trouble, _) => {
            let finding = Finding::warn(NAME, trouble, "carillon cert status, which says all of it");
            let fails = (is_temporary && !is_first) || has_ended(text(told, "until"));
            let state = if fails { State::Fail } else { State::Warn };
            Finding { state, ..finding }
        }
    }
}

/// While the clock is not trusted this may be wrong; but then it stands beside a clock that is found wrong.
fn has_ended(until: &str) -> bool {
    DateTime::parse_from_rfc3339(until).is_ok_and(|until| until <= Clock::system().now())
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}
