//! The layers of ARCHITECTURE.md, held against the `use` lines; and each path that it names, against the tree.

use std::fs;
use std::path::{Path, PathBuf};

/// From the bottom up. A module uses its own layer and those below; a slice, of the slices only those below.
const LAYERS: &[&[&str]] = &[
    &["actor", "clock", "error", "id", "secret"],
    &[
        "app",
        "config",
        "control",
        "fetch",
        "http",
        "ical",
        "logs",
        "net",
        "seal",
        "settings",
        "sheets",
        "store",
        "timekeeping",
        "tls",
        "words",
    ],
    &["audit"],
    &["cohorts"],
    &["accounts"],
    &["feeds"],
    &["timetable"],
    &["calendars"],
    &[
        "assemble",
        "backup",
        "certificate",
        "check",
        "cli",
        "demo",
        "health",
        "manual",
        "openapi",
        "plain",
        "router",
        "schedule",
        "serve",
        "supervisor",
    ],
];

fn layer(module: &str) -> usize {
    LAYERS.iter().position(|layer| layer.contains(&module)).unwrap_or_else(|| panic!("{module} stands in no layer"))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let here = files.into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs"));
    here.chain(folders.iter().flat_map(|folder| rust_files(folder))).collect()
}

fn is_test(file: &Path) -> bool {
    file.iter().any(|part| part == "tests") || file.to_str().unwrap().ends_with("tests.rs")
}

/// `src/feeds/api.rs` is of `feeds`, `src/app.rs` of `app`.
fn module_of(file: &Path) -> String {
    let path = file.strip_prefix(root().join("src")).unwrap();
    path.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// The modules that a file names by `crate::`, outside of its tests.
fn used(text: &str) -> Vec<String> {
    // A module of tests may stand above the `use` lines; the tests themselves stand at the end.
    let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let named = product.split("crate::").skip(1).filter(|rest| !rest.starts_with('{'));
    let names = named.map(|rest| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect::<String>());
    let single = names.filter(|name| !name.is_empty());
    let groups = product.split("use crate::{").skip(1).flat_map(|rest| {
        let group = rest.split("};").next().unwrap_or_default();
        group
            .split([',', ' ', '\n'])
            .map(|name| name.split("::").next().unwrap_or_default().trim().to_owned())
            .collect::<Vec<_>>()
    });
    let known = |name: &String| LAYERS.iter().any(|layer| layer.contains(&name.as_str()));
    single.chain(groups.filter(known)).collect()
}

#[test]
fn arrows_point_downwards() {
    let mut upwards = Vec::new();
    for file in rust_files(&root().join("src")) {
        let module = module_of(&file);
        if ["main", "lib"].contains(&module.as_str()) || is_test(&file) {
            continue;
        }
        for other in used(&fs::read_to_string(&file).unwrap()) {
            if layer(&other) > layer(&module) {
                upwards.push(format!("{} uses {other}", file.display()));
            }
        }
    }
    assert!(upwards.is_empty(), "{upwards:#?}");
}

#[test]
fn each_path_that_a_document_names_is_there() {
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let named = text.split('`').skip(1).step_by(2);
        let tops = ["src/", "tests/", "benches/", "fuzz/", "packaging/", "cross/", "systemd/"];
        for path in named.filter(|path| tops.iter().any(|top| path.starts_with(top)) && !path.contains(' ')) {
            assert!(root().join(path).exists(), "{document} names {path}");
        }
    }
}

#[test]
fn each_module_says_what_it_answers_for() {
    for file in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        assert!(is_test(&file) || text.starts_with("//!"), "{} opens without //!", file.display());
    }
}
