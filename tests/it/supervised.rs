//! The service under a supervisor that speaks systemd's protocol: a datagram socket in systemd's place.

use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::process::Home;

struct Supervisor {
    socket: UnixDatagram,
}

impl Supervisor {
    fn of(home: &Home) -> Self {
        let socket = UnixDatagram::bind(home.dir.path().join("notify")).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self { socket }
    }

    /// What it was told next, but for signs of life.
    fn heard(&self) -> String {
        loop {
            let told = self.heard_any();
            if told != "WATCHDOG=1\n" {
                return told;
            }
        }
    }

    fn heard_any(&self) -> String {
        let mut text = [0; 1024];
        let length = self.socket.recv(&mut text).unwrap();
        String::from_utf8(text[..length].to_vec()).unwrap()
    }
}

fn supervised(home: &Home) -> Command {
    let mut command = home.serving();
    command.env("NOTIFY_SOCKET", home.dir.path().join("notify"));
    command
}

#[test]
fn it_is_told_of_the_start_each_reload_and_the_stop() {
    let home = Home::new();
    let supervisor = Supervisor::of(&home);
    let service = home.launch(supervised(&home));
    assert_eq!(supervisor.heard(), "READY=1\n");
    assert_eq!(service.get("/health").status, 200, "ready means that it answers");
    service.signal(Signal::SIGHUP);
    let reloading = supervisor.heard();
    assert!(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="), "{reloading}");
    assert_eq!(supervisor.heard(), "READY=1\n");
    service.signal(Signal::SIGTERM);
    assert_eq!(supervisor.heard(), "STOPPING=1\n");
}

#[test]
fn it_is_given_signs_of_life_as_often_as_it_wants() {
    let home = Home::new();
    let supervisor = Supervisor::of(&home);
    let mut command = supervised(&home);
    command.env("WATCHDOG_USEC", "4000000");
    let _service = home.launch(command);
    assert_eq!(supervisor.heard_any(), "READY=1\n");
    let start = Instant::now();
    for _ in 0..2 {
        assert_eq!(supervisor.heard_any(), "WATCHDOG=1\n");
    }
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}

#[test]
fn a_mistake_in_the_configuration_is_one_that_no_restart_mends() {
    let home = Home::new();
    let _supervisor = Supervisor::of(&home);
    home.configure("langage = \"fr\"");
    let done = supervised(&home).output().unwrap();
    let told = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(78), "{told}");
    assert!(told.contains("carillon.toml:1: langage"), "{told}");
}
