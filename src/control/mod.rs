//! How a command reaches the appliance: the same routes as everybody else's, by the Unix socket of the running service,
//! or in this very process when no service runs. So a command has the same rules and leaves the same audit entries
//! either way.

mod client;
mod output;

pub use client::{Client, CommandError, FormFile};
pub use output::Output;

use std::io::{ErrorKind, Read};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use crate::secret::Secret;

/// The socket's name in the data folder.
pub const SOCKET_NAME: &str = "control.sock";

/// Who opens at the control socket of a data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Door {
    /// A running service, at this socket.
    Service(PathBuf),
    /// This user may not knock.
    Closed,
    /// No service runs.
    Nobody,
}

impl Door {
    /// Knocks.
    pub fn of(data_dir: &Path) -> Self {
        let socket = data_dir.join(SOCKET_NAME);
        match UnixStream::connect(&socket) {
            Ok(_) => Self::Service(socket),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Self::Closed,
            Err(_) => Self::Nobody,
        }
    }
}

/// What somebody is told before whom the door is closed.
pub fn closed(data_dir: &Path) -> String {
    format!("{}: you may not use this data: run it with sudo, or join the folder's group", data_dir.display())
}

/// The bytes of a file that a command names; `-` is standard input.
pub fn read_file(path: &Path) -> Result<Vec<u8>, CommandError> {
    let mut bytes = Vec::new();
    let read = match path == Path::new("-") {
        true => std::io::stdin().read_to_end(&mut bytes).map(|_| bytes),
        false => std::fs::read(path),
    };
    read.map_err(|error| CommandError::Other(format!("{}: {error}", path.display())))
}

/// Makes a file that a command names, in place of what is there.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    std::fs::write(path, bytes).map_err(|error| CommandError::Other(format!("{}: {error}", path.display())))
}

/// The first line of standard input: a password that stands in no process list.
pub fn secret_from_stdin() -> Result<Secret<String>, CommandError> {
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    read.map_err(|error| CommandError::Other(format!("standard input: {error}")))?;
    let secret = line.trim_end_matches(['\r', '\n']).to_owned();
    match secret.is_empty() {
        true => Err(CommandError::Other("standard input: no password came".to_owned())),
        false => Ok(Secret::new(secret)),
    }
}
