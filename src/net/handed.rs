//! Sockets that systemd holds for us and hands over at the start (sd_listen_fds(3)), so that nobody is turned away while
//! the service restarts, and low ports need no right of ours.
//!
//! Two names count, `http` and `https`, each as often as there are sockets of it; and `carillon.socket`, which is what systemd
//! calls the sockets of a unit that gives them no name: one unit holds both ports, and they are told apart by their numbers.
//! What is of another name or port is closed and told once; what is no listening TCP socket stops the start. Must be called
//! before any thread is started: the variables are taken out of the environment.

use std::net::{SocketAddr, TcpListener};

use listenfd::ListenFd;
use socket2::SockRef;

use super::peer::Plane;
use crate::config::{Config, TlsMode};

/// The unit's own name.
const UNIT: &str = "carillon.socket";

/// The number of the first one.
const FIRST: usize = 3;

/// Sockets that were handed over, each with the listener that it stands in for.
#[derive(Debug, Default)]
pub struct Handed {
    sockets: Vec<(Plane, TcpListener)>,
}

/// The addresses that stand in for those of the configuration.
#[derive(Debug, Clone, Copy, Default)]
pub struct StandIn {
    http: Option<SocketAddr>,
    https: Option<SocketAddr>,
}

/// Why what was handed over cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandedError {
    /// Names and sockets do not pair up.
    #[error(
        "LISTEN_FDNAMES names {names} sockets and LISTEN_FDS says {count}: give each socket unit FileDescriptorName=http or https"
    )]
    Names {
        /// How many names there are.
        names: usize,
        /// What stands for their number.
        count: String,
    },
    /// Something else under a name of ours.
    #[error(
        "systemd handed over {name:?} (descriptor {number}), which is no listening TCP socket: write ListenStream= with a port, and Accept=no, in its socket unit"
    )]
    Kind {
        /// The name.
        name: String,
        /// The number of the descriptor.
        number: usize,
    },
}

impl Handed {
    /// Takes what the environment tells of, if it is for this process.
    pub fn take(env: &[(String, String)]) -> Result<Self, HandedError> {
        let names = names_for(env, std::process::id())?;
        if names.is_empty() {
            return Ok(Self::default());
        }
        let mut given = ListenFd::from_env();
        let (mut sockets, mut strangers) = (Vec::new(), Vec::new());
        for (index, name) in names.into_iter().enumerate() {
            match take_named(&mut given, index, &name)? {
                Some(taken) => sockets.push(taken),
                None => strangers.push(name),
            }
        }
        if !strangers.is_empty() {
            let names = strangers.join(", ");
            log::warn!(
                "systemd handed over sockets that are not used ({names}): give them FileDescriptorName=http or https, or the ports 80 and 443"
            );
        }
        Ok(Self { sockets })
    }

    /// Where the sockets listen.
    pub fn stand_in(&self) -> StandIn {
        let first = |plane| self.sockets.iter().find(|(of, _)| *of == plane)?.1.local_addr().ok();
        StandIn { http: first(Plane::Http), https: first(Plane::Https) }
    }

    /// Gives away those of one listener; there may be one for IPv4 and one for IPv6.
    pub(super) fn take_of(&mut self, plane: Plane) -> Vec<TcpListener> {
        let (taken, left) = std::mem::take(&mut self.sockets).into_iter().partition(|(of, _)| *of == plane);
        self.sockets = left;
        let taken: Vec<(Plane, TcpListener)> = taken;
        taken.into_iter().map(|(_, socket)| socket).collect()
    }

    /// Whether nothing was handed over, or all is given away.
    pub(super) fn is_empty(&self) -> bool {
        self.sockets.is_empty()
    }
}

impl StandIn {
    /// Writes the addresses into a configuration, so that links and redirects go by what is listened on. Without TLS there
    /// is no HTTPS, whoever holds a socket for it.
    pub fn apply(self, config: &mut Config) {
        config.listen.http = self.http.or(config.listen.http);
        if config.tls.mode != TlsMode::Off {
            config.listen.https = self.https.or(config.listen.https);
        }
    }
}

/// The names in the order of the descriptors; none where nothing is handed over, or only to another process: a parent
/// that was started by systemd may have left its variables to us.
fn names_for(env: &[(String, String)], process: u32) -> Result<Vec<String>, HandedError> {
    let value = |name: &str| env.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let count = value("LISTEN_FDS");
    if value("LISTEN_PID").parse() != Ok(process) || ["", "0"].contains(&count) {
        return Ok(Vec::new());
    }
    let names: Vec<String> =
        value("LISTEN_FDNAMES").split(':').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    match count.parse() == Ok(names.len()) {
        true => Ok(names),
        false => Err(HandedError::Names { names: names.len(), count: count.to_owned() }),
    }
}

fn plane_of(name: &str, port: Option<u16>) -> Option<Plane> {
    match (name, port) {
        ("http", _) | (UNIT, Some(80)) => Some(Plane::Http),
        ("https", _) | (UNIT, Some(443)) => Some(Plane::Https),
        _ => None,
    }
}

/// One socket by its name, or else by its port; a stranger is closed.
fn take_named(given: &mut ListenFd, index: usize, name: &str) -> Result<Option<(Plane, TcpListener)>, HandedError> {
    if name != UNIT && plane_of(name, None).is_none() {
        close(given, index);
        return Ok(None);
    }
    let socket = take_listener(given, index, name)?;
    let port = socket.local_addr().ok().map(|address| address.port());
    Ok(plane_of(name, port).map(|plane| (plane, socket)))
}

fn take_listener(given: &mut ListenFd, index: usize, name: &str) -> Result<TcpListener, HandedError> {
    // It looks at family and type, and marks the descriptor as ours alone (FD_CLOEXEC).
    let socket = given.take_tcp_listener(index).ok().flatten();
    let listens = |socket: &TcpListener| SockRef::from(socket).is_listener().unwrap_or(false);
    socket.filter(listens).ok_or_else(|| HandedError::Kind { name: name.to_owned(), number: FIRST + index })
}

fn close(given: &mut ListenFd, index: usize) {
    if let Ok(Some(number)) = given.take_raw_fd(index) {
        // An error means that there was nothing under this number.
        let _ = nix::unistd::close(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pid: &str, count: &str, names: &str) -> Result<Vec<String>, HandedError> {
        let pairs = [("LISTEN_PID", pid), ("LISTEN_FDS", count), ("LISTEN_FDNAMES", names)];
        names_for(&pairs.map(|(key, value)| (key.to_owned(), value.to_owned())), 7)
    }

    #[test]
    fn names_are_read_in_the_order_of_the_descriptors() {
        assert_eq!(names("7", "3", "http:https:https").unwrap(), ["http", "https", "https"]);
    }

    #[test]
    fn what_is_for_another_process_is_let_be() {
        for (pid, count) in [("8", "1"), ("", "1"), ("7", ""), ("7", "0"), ("x", "1")] {
            assert!(names(pid, count, "http").unwrap().is_empty(), "{pid} {count}");
        }
    }

    #[test]
    fn one_unit_holds_both_ports_and_they_are_told_apart_by_their_numbers() {
        let planes = [("http", 8443), ("https", 80), (UNIT, 80), (UNIT, 443), (UNIT, 8080), ("ftp", 80)];
        let told = planes.map(|(name, port)| plane_of(name, Some(port)));
        let (http, https) = (Some(Plane::Http), Some(Plane::Https));
        assert_eq!(told, [http, https, http, https, None, None]);
    }

    #[test]
    fn names_that_do_not_pair_up_are_refused() {
        for (count, list) in [("2", "http"), ("1", "http:https"), ("1", ""), ("many", "http"), ("-1", "http")] {
            let error = names("7", count, list).unwrap_err().to_string();
            assert!(error.contains("FileDescriptorName=http") && !error.contains('\n'), "{error}");
        }
    }
}
