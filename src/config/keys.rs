//! The keys that exist, their names in the environment, and what to say to somebody who wrote another one.

/// Every key, with its section. What is not here is refused.
pub(super) const KEYS: &[&str] = &[
    "public_url",
    "timezone",
    "language",
    "data_dir",
    "listen.http",
    "listen.http_extra",
    "listen.https",
    "tls.mode",
    "tls.domains",
    "tls.acme.contact",
    "tls.acme.directory",
    "tls.acme.challenge",
    "tls.acme.ca_file",
    "tls.files.certificate",
    "tls.files.key",
    "clock.trust",
    "fetch.total_secs",
    "fetch.proxy",
    "server.trusted_proxies",
    "server.cors_origins",
    "server.legacy_http",
    "audit.fade_days",
];

/// The sections that these keys stand in.
const SECTIONS: &[&str] = &["listen", "tls", "tls.acme", "tls.files", "clock", "fetch", "server", "audit"];

/// The prefix of every variable that is ours.
const PREFIX: &str = "CARILLON_";

/// Variables of ours that are no settings: the log level, `--config`, `--data`.
const NOT_SETTINGS: &[&str] = &["LOG", "CONFIG", "DATA"];

/// How alike two names must be (0 to 1) for one to be offered for the other.
const ALIKE: f64 = 0.6;

/// Whether `path` is a section, such as `tls.acme`.
pub(super) fn is_section(path: &str) -> bool {
    SECTIONS.contains(&path)
}

/// The key as the list above spells it.
pub(super) fn find(path: &str) -> Option<&'static str> {
    KEYS.iter().copied().find(|key| *key == path)
}

/// Whether the key's value must never be repeated: a proxy's address may carry a password in any shape.
pub(super) fn may_be_secret(path: &str) -> bool {
    path == "fetch.proxy"
}

/// `CARILLON_LISTEN__HTTP` gives `listen.http`; `None` for a variable that is no setting of ours.
pub(super) fn path_of_variable(name: &str) -> Option<String> {
    let rest = name.strip_prefix(PREFIX)?;
    let ours = !NOT_SETTINGS.contains(&rest) && !rest.starts_with("TEST_");
    ours.then(|| rest.to_ascii_lowercase().replace("__", "."))
}

/// `listen.http` gives `CARILLON_LISTEN__HTTP`.
fn variable_of_path(path: &str) -> String {
    format!("{PREFIX}{}", path.replace('.', "__").to_ascii_uppercase())
}

/// What to say about an unknown key of the file: the nearest one, in short if it is of the same section.
pub(super) fn advice_in_file(path: &str) -> String {
    match nearest(path) {
        Some(near) if parent(near) == parent(path) => format!("did you mean \"{}\"?", last(near)),
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("known here: {}", children(parent(path), |key| last(key).to_owned())),
    }
}

/// What to say about an unknown variable.
pub(super) fn advice_in_environment(path: &str) -> String {
    match nearest(path).filter(|near| !is_section(near)) {
        Some(near) => format!("did you mean {}?", variable_of_path(near)),
        None => format!("known: {}", children(parent(path), variable_of_path)),
    }
}

fn nearest(path: &str) -> Option<&'static str> {
    let path = path.to_ascii_lowercase();
    let scored = KEYS.iter().chain(SECTIONS).map(|known| (likeness(&path, known), *known));
    scored.filter(|(score, _)| *score >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}

/// How alike: by the last name inside one section, by the whole path else; the right name in the wrong section is close.
fn likeness(path: &str, known: &str) -> f64 {
    if parent(path) == parent(known) {
        strsim::normalized_damerau_levenshtein(last(path), last(known))
    } else if last(path) == last(known) {
        0.9
    } else {
        strsim::normalized_damerau_levenshtein(path, known)
    }
}

/// The names right under a section (the top if it does not exist), as `show` writes them.
fn children(section: &str, show: impl Fn(&str) -> String) -> String {
    let section = if is_section(section) { section } else { "" };
    let under = KEYS.iter().chain(SECTIONS).filter(|known| parent(known) == section);
    under.map(|known| show(known)).collect::<Vec<_>>().join(", ")
}

fn parent(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(section, _)| section)
}

fn last(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(_, name)| name)
}
