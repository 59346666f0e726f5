//! The real binary in a temporary folder: its commands, and its service on a port of its own.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use carillon::store::Store;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

/// A folder with a configuration, and in it the data folder.
pub struct Home {
    pub dir: tempfile::TempDir,
    pub port: u16,
}

/// What a command left behind.
#[derive(Debug)]
pub struct Done {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Home {
    /// Without a data folder.
    pub fn bare() -> Self {
        let home = Self { dir: tempfile::tempdir().unwrap(), port: free_port() };
        home.configure("");
        home
    }

    /// With an empty database, as a service that ran once has left it.
    pub fn new() -> Self {
        let home = Self::bare();
        fs::create_dir(home.data()).unwrap();
        drop(Store::open(&home.data()).unwrap());
        home
    }

    /// Writes the configuration, with more lines at its top. The clock is trusted, so that no test asks the internet the time.
    pub fn configure(&self, more: &str) {
        let text = format!(
            "{more}\ndata_dir = \"{}\"\n[clock]\ntrust = \"always\"\n[listen]\nhttp = \"127.0.0.1:{}\"\n",
            self.data().display(),
            self.port
        );
        fs::write(self.config(), text).unwrap();
    }

    pub fn config(&self) -> PathBuf {
        self.dir.path().join("carillon.toml")
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_carillon"));
        command.env_clear().current_dir(self.dir.path()).arg("--config").arg(self.config()).args(args);
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str]) -> Done {
        self.run_with(args, "")
    }

    /// The same with something in its standard input.
    pub fn run_with(&self, args: &[&str], input: &str) -> Done {
        let mut command = self.command(args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that does not read what it is given closes the pipe.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Done { code: status.code().unwrap_or(-1), out: text(stdout), err: text(stderr) }
    }

    /// What a command prints with `--json`.
    pub fn json(&self, args: &[&str]) -> Value {
        self.run(&[args, &["--json"]].concat()).json()
    }

    /// The command that starts the service.
    pub fn serving(&self) -> Command {
        let mut command = self.command(&["serve"]);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// Starts the service and waits until it answers.
    pub fn serve(&self) -> Service {
        self.serve_until(|service| service.get("/health").status == 200)
    }

    /// Starts the service and waits until its port is open and it answers as it should.
    pub fn serve_until(&self, answers: impl Fn(&Service) -> bool) -> Service {
        self.started_until(self.serving(), answers)
    }

    /// Starts a service by any command, and waits until it answers.
    pub fn started(&self, command: Command) -> Service {
        self.started_until(command, |service| service.get("/health").status == 200)
    }

    fn started_until(&self, command: Command, answers: impl Fn(&Service) -> bool) -> Service {
        let mut service = self.launch(command);
        for _ in 0..400 {
            assert!(service.child.try_wait().unwrap().is_none(), "it ended: {}", self.log());
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() && answers(&service) {
                return service;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("it does not answer: {}", self.log());
    }

    /// Starts a service, and waits for nothing.
    pub fn launch(&self, mut command: Command) -> Service {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.log_path()).unwrap();
        Service { child: command.stderr(log).spawn().unwrap(), port: self.port }
    }

    fn log_path(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    /// What the service has said.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// Waits until the service has said something.
    pub fn wait_for_log(&self, words: &str) {
        for _ in 0..200 {
            if self.log().contains(words) {
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("it never said {words:?}: {}", self.log());
    }
}

impl Done {
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        assert_eq!(self.err, "");
        self.out
    }

    pub fn json(self) -> Value {
        let out = self.ok();
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
    }

    /// One line on standard error, exit 1, and nothing else.
    pub fn refused(self) -> String {
        assert_eq!((self.code, self.out.as_str()), (1, ""), "{}", self.err);
        assert!(self.err.starts_with("carillon: ") && self.err.ends_with('\n'), "{}", self.err);
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self.err
    }
}

/// A running service; killed with the test.
pub struct Service {
    pub child: Child,
    pub port: u16,
}

/// An answer over a socket.
#[derive(Debug)]
pub struct Heard {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Heard {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

impl Service {
    pub fn get(&self, path: &str) -> Heard {
        hear(self.port, "GET", path, &[], "").unwrap()
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    /// Waits for its end, and gives the exit code.
    pub fn wait(&mut self, at_most: Duration) -> i32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(start.elapsed() < at_most, "it still runs after {at_most:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Stops it as systemd does.
    pub fn stop(mut self) {
        self.signal(Signal::SIGTERM);
        assert_eq!(self.wait(Duration::from_secs(10)), 0);
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// One request over a connection of its own.
pub fn hear(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> std::io::Result<Heard> {
    let mut socket = TcpStream::connect(("127.0.0.1", port))?;
    socket.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
    socket.write_all(text.as_bytes())?;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok(Heard { status: status.ok_or(std::io::ErrorKind::InvalidData)?, head: head.to_owned(), body: body.to_owned() })
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}
