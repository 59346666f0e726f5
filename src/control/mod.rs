//! How a command reaches the appliance: the same routes as everybody else's, by the Unix socket of the running service,
//! or in this very process when no service runs. So a command has the same rules and leaves the same audit entries
//! either way.

mod client;
mod output;

pub use client::{Client, CommandError, FormFile};
pub use output::Output;

use std::io::Read;
use std::path::Path;

use crate::secret::Secret;

/// The socket's name in the data folder.
pub const SOCKET_NAME: &str = "control.sock";

/// The bytes of a file that a command names; `-` is standard input.
pub fn read_file(path: &Path) -> Result<Vec<u8>, CommandError> {
    let mut bytes = Vec::new();
    let read = match path == Path::new("-") {
        true => std::io::stdin().read_to_end(&mut bytes).map(|_| bytes),
        false => std::fs::read(path),
    };
    read.map_err(|error| CommandError::Other(format!("{}: {error}", path.display())))
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
