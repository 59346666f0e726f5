//! One thing that was looked at, and how it is printed.

use serde::Serialize;
use serde_json::json;

use crate::control::{CommandError, Output};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub name: String,
    pub state: State,
    pub detail: String,
    /// The line to change, or what to do; none where nothing is to be done.
    pub advice: Option<String>,
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// As it should be, as far as can be seen.
    Ok,
    /// It may be right, and may not: somebody should look.
    Warn,
    /// It would fail.
    Fail,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

impl Finding {
    pub(super) fn ok(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { name: name.into(), state: State::Ok, detail: detail.into(), advice: None }
    }

    pub(super) fn warn(name: impl Into<String>, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { state: State::Warn, advice: Some(advice.into()), ..Self::ok(name, detail) }
    }

    pub(super) fn fail(name: impl Into<String>, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { state: State::Fail, ..Self::warn(name, detail, advice) }
    }

    /// The same with something to do.
    pub(super) fn advising(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }
}

/// Prints them all: as JSON, or a line for each and one for its advice.
pub(super) fn print(findings: &[Finding], out: &Output) -> Result<(), CommandError> {
    out.in_words(&json!(findings), &in_words(findings))
}

fn in_words(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.name.chars().count()).max().unwrap_or(0);
    let lines = findings.iter().flat_map(|Finding { name, state, detail, advice }| {
        let head = format!("{:4}  {name:width$}  {detail}", state.word());
        let advice = advice.iter().map(move |advice| format!("{:4}  {:width$}  -> {advice}", "", ""));
        std::iter::once(head).chain(advice)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stand_in_columns_with_the_advice_below() {
        let findings = [Finding::ok("clock", "right"), Finding::fail("[listen] https", "taken", "[listen] https = 1")];
        let lines = "ok    clock           right\n\
                     fail  [listen] https  taken\n\
                     \x20                     -> [listen] https = 1";
        assert_eq!(in_words(&findings), lines);
    }
}
