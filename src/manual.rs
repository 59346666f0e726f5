//! `carillon man` and `carillon completions`: documents made of the command tree, so that they cannot tell of another one.
//!
//! The same program gives the same bytes: no date, and no name of a machine.

use std::fs;
use std::path::Path;

use anyhow::Context;
use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::control::Output;

/// Prints the page of the program, or writes that of each command into `folder`, as `carillon-feed-add.1`.
pub fn write_pages(program: Command, folder: Option<&Path>, out: &Output) -> anyhow::Result<()> {
    match folder {
        Some(folder) => {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
            clap_mangen::generate_to(program, folder).with_context(|| folder.display().to_string())
        }
        None => print(&page(program)?, out),
    }
}

fn page(mut program: Command) -> anyhow::Result<Vec<u8>> {
    program.build();
    let mut page = Vec::new();
    Man::new(program).render(&mut page)?;
    Ok(page)
}

/// Prints what a shell needs to complete our command lines.
pub fn write_completions(mut program: Command, shell: Shell, out: &Output) -> anyhow::Result<()> {
    let name = program.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut program, name, &mut script);
    print(&script, out)
}

fn print(document: &[u8], out: &Output) -> anyhow::Result<()> {
    Ok(out.text(&String::from_utf8_lossy(document))?)
}
