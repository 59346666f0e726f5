//! The addresses of `[listen]`: ours already, free, taken, or not to be had by this user.

use std::net::SocketAddr;

use serde_json::Value;

use super::appliance::Appliance;
use super::finding::Finding;
use super::holder::{self, Holder};
use crate::config::Config;
use crate::net::{BindError, try_addresses};

/// Looks at each.
pub(super) fn look(config: &Config, appliance: &Appliance) -> Vec<Finding> {
    let tried = try_addresses(&config.listen);
    if tried.is_empty() {
        let advice = "[listen] http = \"127.0.0.1:8080\"";
        return vec![Finding::warn("[listen]", "nothing is listened on but the control socket", advice)];
    }
    let judged = tried.into_iter().map(|(key, addr, outcome)| match appliance {
        Appliance::Running { ready, .. } => served(ready, key, addr),
        Appliance::Still(..) | Appliance::Unknown => judge(key, addr, outcome),
    });
    judged.collect()
}

fn name_of(key: &str) -> String {
    format!("[listen] {key}")
}

/// By what the running service says of its sockets.
fn served(ready: &Value, key: &str, addr: SocketAddr) -> Finding {
    let listed = ready.get("listening").and_then(|listening| listening.get(key)).and_then(Value::as_array);
    let listening: Vec<SocketAddr> =
        listed.into_iter().flatten().filter_map(|text| text.as_str()?.parse().ok()).collect();
    if listening.contains(&addr) {
        return Finding::ok(name_of(key), format!("{addr}: the running service listens there"));
    }
    match listening.iter().find(|other| other.port() == addr.port()) {
        Some(other) => {
            Finding::ok(name_of(key), format!("{addr}: the running service listens on {other} in its place"))
        }
        None => {
            let at: Vec<String> = listening.iter().map(SocketAddr::to_string).collect();
            let at = if at.is_empty() { "not at all".to_owned() } else { format!("on {}", at.join(", ")) };
            let detail = format!("{addr}: the running service listens {at}: it was started with something else");
            Finding::warn(name_of(key), detail, "systemctl restart carillon")
        }
    }
}

fn judge(key: &str, addr: SocketAddr, outcome: Result<(), BindError>) -> Finding {
    let name = name_of(key);
    match outcome {
        Ok(()) if is_low(addr) && nix::unistd::geteuid().is_root() => {
            let detail = format!("{addr} is free, tried as root: the service's user needs the right to it");
            Finding::ok(name, detail).advising("AmbientCapabilities=CAP_NET_BIND_SERVICE in the service's unit")
        }
        Ok(()) => Finding::ok(name, format!("{addr} is free")),
        Err(BindError::InUse { .. }) => in_use(key, addr),
        Err(error) => {
            let advice = match &error {
                BindError::Forbidden { .. } => instead(key, addr, addr.ip().to_string(), other_port(addr)),
                _ => instead(key, addr, "::".to_owned(), addr.port()),
            };
            Finding::fail(name, plain(key, &error), advice)
        }
    }
}

/// The finding's own name says the key already.
fn plain(key: &str, error: &BindError) -> String {
    let text = error.to_string();
    text.strip_prefix(&format!("[listen] {key}: ")).unwrap_or(&text).to_owned()
}

fn in_use(key: &str, addr: SocketAddr) -> Finding {
    let advice = |stop: &str| format!("{stop}, or {}", instead(key, addr, addr.ip().to_string(), other_port(addr)));
    match holder::of(addr.port()) {
        Holder::Systemd => {
            let detail = format!("{addr} is held by systemd, which hands it over to the service");
            Finding::ok(name_of(key), detail).advising(format!("FileDescriptorName={key} in its socket unit"))
        }
        Holder::Program(program) => {
            let detail = format!("{addr} is in use by {program}");
            Finding::fail(name_of(key), detail, advice("stop that program"))
        }
        Holder::Hidden => {
            let detail = format!("{addr} is in use by another program, which root alone may see");
            Finding::fail(name_of(key), detail, advice("stop it (sudo carillon check names it)"))
        }
    }
}

fn is_low(addr: SocketAddr) -> bool {
    (1..1024).contains(&addr.port())
}

/// 443 becomes 8443, 80 becomes 8080.
fn other_port(addr: SocketAddr) -> u16 {
    match addr.port() {
        80 => 8080,
        low if is_low(addr) => 8000 + low,
        high => high.checked_add(1).unwrap_or(8080),
    }
}

/// The line of the configuration; entries of `http_extra` stand in a list.
fn instead(key: &str, addr: SocketAddr, ip: String, port: u16) -> String {
    let host = if ip.contains(':') { format!("[{ip}]") } else { ip };
    match key {
        "http_extra" => format!("[listen] http_extra: \"{host}:{port}\" in place of \"{addr}\""),
        _ => format!("[listen] {key} = \"{host}:{port}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::State;
    use super::*;
    use serde_json::json;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn what_the_running_service_listens_on_is_ours_by_its_port() {
        let ready = json!({"listening": {"https": ["0.0.0.0:443", "[::]:443"]}});
        for (addr, state) in [("[::]:443", State::Ok), ("192.0.2.1:443", State::Ok), ("[::]:8443", State::Warn)] {
            assert_eq!(served(&ready, "https", at(addr)).state, state, "{addr}");
        }
        let none = served(&ready, "http", at("[::]:80"));
        assert!(none.state == State::Warn && none.detail.contains("listens not at all"), "{none:?}");
    }

    #[test]
    fn a_port_that_cannot_be_had_names_the_line_to_write() {
        let (key, addr) = ("https", at("[::]:443"));
        let forbidden = judge(key, addr, Err(BindError::Forbidden { key, addr }));
        assert_eq!(forbidden.state, State::Fail);
        assert_eq!(forbidden.advice.as_deref(), Some("[listen] https = \"[::]:8443\""));
        assert!(forbidden.detail.starts_with("[::]:443 needs a right"), "{forbidden:?}");
        let (key, addr) = ("http", at("192.0.2.1:80"));
        let strange = judge(key, addr, Err(BindError::NotOurs { key, addr }));
        assert_eq!(strange.advice.as_deref(), Some("[listen] http = \"[::]:80\""));
    }
}
