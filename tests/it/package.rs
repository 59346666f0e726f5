//! What the package lays beside the program: the configuration, the units, the documents made of the command tree.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use carillon::config::Config;

use crate::process::Home;

/// What stands in the file as an example, because there is no default, or another where nothing is written.
const EXAMPLES: [&str; 6] = ["public_url", "domains", "contact", "certificate", "key", "legacy_http"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What a configuration comes to, whatever it is called.
fn resolved(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("carillon.toml");
    fs::write(&path, text).unwrap();
    let config = Config::load(Some(&path), Some(Path::new("/data")), [].into_iter()).unwrap_or_else(|e| panic!("{e}"));
    format!("{:#?}", Config { source: None, ..config })
}

/// The key of a line that is commented out: `#timezone = "Europe/Paris"`.
fn proposed(line: &str) -> Option<&str> {
    let (key, _) = line.strip_prefix('#')?.split_once(" = ")?;
    (!key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')).then_some(key)
}

#[test]
fn the_configuration_of_the_package_is_the_built_in_one() {
    let packaged = read("packaging/carillon.toml");
    // That there is a file says that this is an installed appliance.
    assert_eq!(resolved(&packaged), resolved(""));
}

#[test]
fn the_defaults_that_it_tells_of_are_the_defaults() {
    let packaged = read("packaging/carillon.toml");
    let spelled_out = packaged.lines().map(|line| match proposed(line) {
        Some(key) if !EXAMPLES.contains(&key) => &line[1..],
        _ => line,
    });
    assert_eq!(resolved(&spelled_out.collect::<Vec<_>>().join("\n")), resolved(&packaged));
    assert!(packaged.contains("#data_dir = \"/var/lib/carillon\"\n"), "which --data hides above");
}

#[test]
fn its_examples_read_too() {
    let packaged = read("packaging/carillon.toml").replace("mode = \"off\"", "mode = \"files\"");
    let all = packaged.lines().map(|line| if proposed(line).is_some() { &line[1..] } else { line });
    let text = resolved(&all.collect::<Vec<_>>().join("\n"));
    assert!(text.contains("cafe.example.org") && text.contains("/run/credentials/carillon.service"), "{text}");
}

#[test]
fn the_unit_calls_a_command_that_there_is_with_the_configuration_that_is_there() {
    let home = Home::bare();
    let unit = read("systemd/carillon.service");
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let command = line.strip_prefix("/usr/bin/carillon --config /etc/carillon/carillon.toml ").unwrap();
    assert!(home.run(&[command, "--help"]).ok().contains("Usage: carillon"), "{command}");
}

#[test]
fn the_changelog_of_the_package_ends_with_this_version() {
    let first = read("packaging/changelog").lines().next().unwrap().to_owned();
    assert!(first.starts_with(&format!("carillon ({}) ", env!("CARGO_PKG_VERSION"))), "{first}");
}

#[test]
fn there_is_a_manual_page_for_each_command() {
    let home = Home::bare();
    home.run(&["man", "pages"]).ok();
    let pages = fs::read_dir(home.dir.path().join("pages")).unwrap();
    let pages: BTreeSet<String> = pages.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    for page in ["carillon.1", "carillon-serve.1", "carillon-feed-add.1", "carillon-import-webcafe.1"] {
        assert!(pages.contains(page), "{page}: {pages:?}");
    }
    let page = fs::read_to_string(home.dir.path().join("pages/carillon-feed-add.1")).unwrap();
    assert!(page.contains("\\-\\-login\\-url") && page.contains(".TH carillon-feed-add 1"), "{page}");
}

#[test]
fn the_page_of_the_program_is_printed_and_the_same_each_time() {
    let home = Home::bare();
    let page = home.run(&["man"]).ok();
    assert!(page.contains(".TH carillon 1") && page.contains(env!("CARGO_PKG_VERSION")), "{page}");
    assert_eq!(home.run(&["man"]).ok(), page);
}

#[test]
fn shells_complete_commands() {
    let home = Home::bare();
    for (shell, word) in [("bash", "complete -F"), ("zsh", "#compdef carillon"), ("fish", "complete -c carillon")] {
        let script = home.run(&["completions", shell]).ok();
        assert!(script.contains(word) && script.contains("approve"), "{shell}");
    }
    assert_eq!(home.run(&["completions", "cobol"]).code, 2);
}
