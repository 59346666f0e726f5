//! The clock: whether it is trusted, and by whom.
//!
//! The running service has judged it. Without one the machine is asked at once, and the two hosts on the internet only where
//! a certificate hangs on it.

use serde_json::Value;

use super::LONGEST;
use super::appliance::Appliance;
use super::finding::Finding;
use crate::app::App;
use crate::clock::local;
use crate::config::{ClockTrust, Config, TlsMode};
use crate::timekeeping::{Standing, Why};

const NAME: &str = "clock";

/// Looks at it.
pub(super) async fn look(config: &Config, appliance: &Appliance) -> Finding {
    match appliance {
        Appliance::Running { ready, .. } => told(config, ready),
        Appliance::Still(app, _) => judge(config, app).await,
        Appliance::Unknown => Finding::warn(NAME, "not looked at: nobody judges it", "mend what stands above first"),
    }
}

fn told(config: &Config, ready: &Value) -> Finding {
    let clock = |field: &str| ready.get("clock").and_then(|clock| clock.get(field));
    let text = |field| clock(field).and_then(Value::as_str).unwrap_or_default();
    match clock("trusted").and_then(Value::as_bool) {
        Some(true) => Finding::ok(NAME, format!("{}, trusted by {}", text("now"), text("by"))),
        _ => untrusted(config, text("now"), text("why")),
    }
}

async fn judge(config: &Config, app: &App) -> Finding {
    let mut standing = app.time.standing();
    let orders = config.tls.mode == TlsMode::Acme;
    if orders && config.clock == ClockTrust::Auto && standing == Standing::Untrusted(Why::Unvouched) {
        // Whoever says nothing by then vouches for nothing.
        drop(tokio::time::timeout(LONGEST, app.time.ask()).await);
        standing = app.time.standing();
    }
    let now = local(app.clock.now(), app.zone());
    match standing {
        Standing::Trusted(by) => Finding::ok(NAME, format!("{now}, trusted by {}", by.as_str())),
        Standing::Untrusted(Why::Unvouched) if !orders => {
            let why = "no time server vouches for it yet; the service asks two hosts on the internet, too";
            untrusted(config, &now, why)
        }
        Standing::Untrusted(why) => untrusted(config, &now, &why.line()),
    }
}

/// While it is not trusted no certificate is ordered; everything else goes on.
fn untrusted(config: &Config, now: &str, why: &str) -> Finding {
    let detail = format!("{now}, not trusted: {why}");
    let advice = match config.clock {
        ClockTrust::Never => "[clock] trust = \"auto\"",
        ClockTrust::Auto | ClockTrust::Always => {
            "sudo timedatectl set-ntp true, or where somebody else sets it: [clock] trust = \"always\""
        }
    };
    match config.tls.mode {
        TlsMode::Acme => Finding::fail(NAME, detail, advice),
        TlsMode::Off | TlsMode::Files(_) | TlsMode::SelfSigned => Finding::warn(NAME, detail, advice),
    }
}
