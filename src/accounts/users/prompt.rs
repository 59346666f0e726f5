//! Getting a password from whoever runs a command: from the terminal, twice and unseen.

use std::io::{BufRead, IsTerminal, Write};

use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};

use crate::control::CommandError;
use crate::secret::Secret;

/// The password that somebody types twice; `None` where there is no terminal to ask on.
pub(super) fn ask_password() -> Result<Option<Secret<String>>, CommandError> {
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let unseen = Unseen::begin()?;
    let typed = ask("password: ").and_then(|first| Ok((first, ask("once more: ")?)));
    drop(unseen);
    match typed? {
        (first, second) if first == second => Ok(Some(Secret::new(first))),
        _ => Err(CommandError::Other("the two passwords differ: nothing was changed".to_owned())),
    }
}

fn ask(question: &str) -> Result<String, CommandError> {
    let mut out = std::io::stderr();
    write!(out, "{question}").and_then(|()| out.flush()).map_err(told)?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(told)?;
    writeln!(out).map_err(told)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// A terminal that shows nothing of what is typed, until this is dropped.
struct Unseen(Termios);

impl Unseen {
    fn begin() -> Result<Self, CommandError> {
        let before = tcgetattr(std::io::stdin()).map_err(told)?;
        let mut unseen = before.clone();
        unseen.local_flags.remove(LocalFlags::ECHO);
        tcsetattr(std::io::stdin(), SetArg::TCSAFLUSH, &unseen).map_err(told)?;
        Ok(Self(before))
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        if let Err(error) = tcsetattr(std::io::stdin(), SetArg::TCSAFLUSH, &self.0) {
            log::warn!(error:% = error; "the terminal still hides what is typed: `stty echo` mends it");
        }
    }
}

fn told(error: impl std::fmt::Display) -> CommandError {
    CommandError::Other(format!("cannot read the password: {error}"))
}
