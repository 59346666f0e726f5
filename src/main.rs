//! Parses, runs, prints the error, sets the exit code: 0, 1 for what went wrong, 2 for wrong usage; 78 under
//! systemd for a mistake in the configuration.

use std::process::ExitCode;

use carillon::cli::{Cli, exit_code, run};
use clap::Parser;

#[allow(clippy::print_stderr)] // Where a command's errors go.
fn main() -> ExitCode {
    let cli = Cli::parse();
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        eprintln!("carillon: a second TLS provider is linked in");
        return ExitCode::FAILURE;
    }
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("carillon: {error:#}");
            ExitCode::from(exit_code(&error))
        }
    }
}
