//! Which program listens on a port, as /proc tells it. Other users' programs are seen by root alone.

use std::fs;

/// Who listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// systemd, for a socket unit.
    Systemd,
    /// A program, by its name and number.
    Program(String),
    /// Somebody whom this user may not see.
    Hidden,
}

/// Who listens on a TCP port.
pub(super) fn of(port: u16) -> Holder {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| fs::read_to_string(table).unwrap_or_default());
    let sockets: Vec<String> = tables.iter().flat_map(|table| listening(table, port)).collect();
    let Some(process) = process_with(&sockets) else { return Holder::Hidden };
    match process.as_str() {
        "1" => Holder::Systemd,
        _ => {
            let name = fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
            Holder::Program(format!("{} (process {process})", name.trim()))
        }
    }
}

/// The sockets that listen on a port, each as a descriptor's link names it: `socket:[4711]` (proc(5), /proc/net/tcp).
fn listening(table: &str, port: u16) -> Vec<String> {
    const LISTEN: &str = "0A";
    let end = format!(":{port:04X}");
    let inode = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (local, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
        (local.ends_with(&end) && *state == LISTEN).then(|| format!("socket:[{inode}]"))
    };
    table.lines().skip(1).filter_map(inode).collect()
}

fn process_with(sockets: &[String]) -> Option<String> {
    let processes = fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut numbers = processes.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    numbers.find(|process| has_one_of(process, sockets))
}

fn has_one_of(process: &str, sockets: &[String]) -> bool {
    let descriptors = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    let mut links = descriptors.filter_map(|entry| fs::read_link(entry.path()).ok());
    links.any(|link| sockets.iter().any(|socket| link.as_os_str() == socket.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 0100007F:01BB 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 20 4 30 10 -1
   2: 0100007F:1BB0 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0
   3: broken";

    #[test]
    fn only_sockets_that_listen_on_that_port_count() {
        assert_eq!(listening(TABLE, 443), ["socket:[4711]"]);
        assert_eq!(listening(TABLE, 80), Vec::<String>::new());
    }

    #[test]
    fn a_listener_of_our_own_is_found() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let Holder::Program(told) = of(listener.local_addr().unwrap().port()) else { panic!("it is ours") };
        assert!(told.ends_with(&format!("(process {})", std::process::id())), "{told}");
    }
}
