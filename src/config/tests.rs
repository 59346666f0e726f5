//! The rules of the configuration, as rows.

use super::*;

const FILE: &str = "carillon.toml";

/// Loads `text` as `carillon.toml`, without touching a disk.
fn with_file(text: &str, env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let env = pairs(env);
    let settings = Settings::gather(Some(Path::new(FILE)), text, &env)?;
    resolve::resolve(&settings, Some(PathBuf::from(FILE)), &env)
}

fn without_file(env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let env = pairs(env);
    resolve::resolve(&Settings::gather(None, "", &env)?, None, &env)
}

fn pairs(env: &[(&str, &str)]) -> Vec<(String, String)> {
    env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn addr(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[test]
fn without_a_file_the_built_in_defaults_stand() {
    let config = without_file(&[("HOME", "/root"), ("CARILLON_LOG", "debug")]).unwrap();
    let listen = Listen { http: Some(addr("127.0.0.1:8080")), http_extra: Vec::new(), https: None };
    assert_eq!(config.listen, listen);
    assert_eq!(config.tls.mode, TlsMode::Off);
    assert_eq!(config.tls.acme.directory.as_str(), "https://acme-v02.api.letsencrypt.org/directory");
    assert_eq!(config.public_url, None);
    assert_eq!(config.timezone, Tz::Europe__Paris);
    assert_eq!(config.language, Language::Fr);
    assert_eq!(config.data_dir, Path::new("./carillon-data"));
    assert_eq!(config.clock, ClockTrust::Auto);
    assert_eq!(config.fetch, Fetch { total_secs: 30, proxy: None });
    assert_eq!(config.server.legacy_http, None);
    assert_eq!(config.source, None);
}

#[test]
fn an_empty_file_listens_on_port_80_of_every_address() {
    for text in ["", "\n", "# nothing\n", "\u{feff}", "[listen]\n"] {
        let config = with_file(text, &[]).unwrap();
        assert_eq!(config.listen.http, Some(addr("[::]:80")), "{text:?}");
        assert_eq!(config.listen.https, None, "{text:?}");
        assert_eq!(config.source, Some(PathBuf::from(FILE)));
    }
}

const WHOLE: &str = r#"
public_url = "https://cafe.example.org"
timezone = "Europe/Brussels"
language = "en"
data_dir = "/var/lib/carillon"
[listen]
http = "[::]:8080"
https = "[::]:8443"
http_extra = ["[::]:5000", "127.0.0.1:5001"]
[tls]
mode = "files"
domains = ["Cafe.Example.org"]
[tls.acme]
contact = "mailto:admin@example.org"
directory = "https://acme.example.org/directory"
challenge = "http-01"
ca_file = "/etc/ca.pem"
[tls.files]
certificate = "/etc/c.pem"
key = "/etc/k.pem"
[clock]
trust = "never"
[fetch]
total_secs = 0x1E
proxy = "http://user:hunter2@proxy.example.org:3128"
[server]
trusted_proxies = ["10.0.0.0/8", "::1"]
cors_origins = ["https://App.example.org/"]
legacy_http = true
"#;

#[test]
fn every_key_of_a_whole_file_is_taken() {
    let config = with_file(WHOLE, &[]).unwrap();
    assert_eq!(config.public_url.unwrap().as_str(), "https://cafe.example.org/");
    assert_eq!(config.timezone, Tz::Europe__Brussels);
    assert_eq!(config.language, Language::En);
    assert_eq!(config.listen.https, Some(addr("[::]:8443")));
    assert_eq!(config.listen.http_extra, [addr("[::]:5000"), addr("127.0.0.1:5001")]);
    let files = CertificateFiles { certificate: "/etc/c.pem".into(), key: "/etc/k.pem".into() };
    assert_eq!(config.tls.mode, TlsMode::Files(files));
    assert_eq!(config.tls.domains, ["cafe.example.org"]);
    assert_eq!(config.tls.acme.contact.as_deref(), Some("mailto:admin@example.org"));
    assert_eq!(config.tls.acme.challenge, Challenge::Http01);
    assert_eq!(config.tls.acme.ca_file, Some(PathBuf::from("/etc/ca.pem")));
    assert_eq!(config.clock, ClockTrust::Never);
    assert_eq!(config.fetch.total_secs, 30);
    assert!(config.server.trusted_proxies[0].contains("10.1.2.3".parse().unwrap()));
    assert_eq!(config.server.cors_origins, ["https://app.example.org"]);
    assert_eq!(config.server.legacy_http, Some(true));
}

#[test]
fn an_empty_text_is_as_good_as_no_key() {
    let text = "public_url = \"\"\n[tls]\nmode = \"off\"\n[tls.acme]\ncontact = \"\"\nca_file = \"\"\n\
                [tls.files]\ncertificate = \"\"\nkey = \"\"\n[fetch]\nproxy = \"\"\n";
    let config = with_file(text, &[]).unwrap();
    assert_eq!(config.public_url, None);
    assert_eq!(config.tls.acme.contact, None);
    assert_eq!(config.tls.acme.ca_file, None);
    assert_eq!(config.fetch.proxy, None);
}

#[test]
fn the_proxys_password_is_not_in_the_debug_text() {
    let config = with_file(WHOLE, &[]).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn a_variable_beats_the_file() {
    let env = [
        ("CARILLON_PUBLIC_URL", "http://box.lan:8080"),
        ("CARILLON_LISTEN__HTTP", ""),
        ("CARILLON_LISTEN__HTTP_EXTRA", "127.0.0.1:1, 127.0.0.1:2"),
        ("CARILLON_TLS__ACME__CONTACT", "mailto:a@b.example"),
        ("CARILLON_TLS__DOMAINS", r#"["a.example", "b.example"]"#),
        ("CARILLON_FETCH__TOTAL_SECS", "5"),
        ("CARILLON_SERVER__LEGACY_HTTP", "false"),
        ("CARILLON_SERVER__TRUSTED_PROXIES", ""),
    ];
    let config = with_file(WHOLE, &env).unwrap();
    assert_eq!(config.public_url.unwrap().as_str(), "http://box.lan:8080/");
    assert_eq!(config.listen.http, None);
    assert_eq!(config.listen.http_extra, [addr("127.0.0.1:1"), addr("127.0.0.1:2")]);
    assert_eq!(config.tls.acme.contact.as_deref(), Some("mailto:a@b.example"));
    assert_eq!(config.tls.domains, ["a.example", "b.example"]);
    assert_eq!(config.fetch.total_secs, 5);
    assert_eq!(config.server.legacy_http, Some(false));
    assert!(config.server.trusted_proxies.is_empty());
}

#[test]
fn the_data_folder_comes_from_the_nearest_who_names_one() {
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
    let state = ("STATE_DIRECTORY", "/var/lib/carillon:/var/lib/other");
    let rows: [Row; 5] = [
        ("", &[], "./carillon-data"),
        ("", &[state], "/var/lib/carillon"),
        ("", &[("STATE_DIRECTORY", "")], "./carillon-data"),
        ("data_dir = \"/srv/c\"", &[state], "/srv/c"),
        ("data_dir = \"/srv/c\"", &[state, ("CARILLON_DATA_DIR", "/srv/d")], "/srv/d"),
    ];
    for (text, env, expected) in rows {
        assert_eq!(with_file(text, env).unwrap().data_dir, Path::new(expected), "{text} {env:?}");
    }
}

#[test]
fn the_installed_file_means_the_installed_data_folder() {
    let settings = Settings::gather(Some(Path::new(DEFAULT_PATH)), "", &[]).unwrap();
    let config = resolve::resolve(&settings, Some(PathBuf::from(DEFAULT_PATH)), &[]).unwrap();
    assert_eq!(config.data_dir, Path::new("/var/lib/carillon"));
}

#[test]
fn the_data_option_beats_everything() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    fs::write(&file, "data_dir = \"/srv/c\"").unwrap();
    let env = pairs(&[("CARILLON_DATA_DIR", "/srv/d")]);
    let config = Config::load(Some(&file), Some(Path::new("/srv/e")), env.into_iter()).unwrap();
    assert_eq!(config.data_dir, Path::new("/srv/e"));
    assert_eq!(config.source, Some(file));
}

#[test]
fn a_file_that_was_asked_for_must_be_there_and_the_default_need_not() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent.toml");
    let error = find_file(Some(&absent), &absent).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: cannot be read: No such file", absent.display())), "{error}");
    assert_eq!(find_file(None, &absent).unwrap(), (None, String::new()));
}

#[test]
fn https_has_a_default_only_where_tls_is_on() {
    let files = "[tls]\nmode = \"files\"\n[tls.files]\ncertificate = \"c\"\nkey = \"k\"\n";
    let rows = [
        (files.to_owned(), Some("[::]:443")),
        ("[tls]\nmode = \"acme\"\ndomains = [\"a.example\"]\n".to_owned(), Some("[::]:443")),
        ("[tls]\nmode = \"self-signed\"\ndomains = [\"a\"]\n[listen]\nhttp = \"\"".to_owned(), Some("[::]:443")),
        ("[tls]\nmode = \"off\"\n[listen]\nhttps = \"[::]:443\"\n".to_owned(), None),
        ("[listen]\nhttps = \"[::]:443\"\n".to_owned(), None),
    ];
    for (text, expected) in rows {
        assert_eq!(with_file(&text, &[]).unwrap().listen.https, expected.map(addr), "{text}");
    }
}

#[test]
fn a_mistake_in_the_file_is_told_in_one_line_with_its_place() {
    let proxy = "carillon.toml:2: fetch.proxy: expected an address such as \"http://proxy.example.org:3128\", \
                 found a value that is not shown";
    let url = "expected an http or https address without a path, such as \"https://cafe.example.org\", found";
    let modes = "\"acme\", \"files\", \"self-signed\" or \"off\"";
    let listen = "expected an address with a port, such as \"[::]:80\", found";
    let rows: &[(&str, &str)] = &[
        ("\n\n[listen]\nhtp = \"\"", "carillon.toml:4: listen.htp: unknown key; did you mean \"http\"?"),
        ("listen.htps = \"\"", "carillon.toml:1: listen.htps: unknown key; did you mean \"https\"?"),
        ("publicurl = \"\"", "carillon.toml:1: publicurl: unknown key; did you mean \"public_url\"?"),
        ("[lisen]\nhttp = \"\"", "carillon.toml:1: lisen: unknown key; did you mean \"listen\"?"),
        ("[tls]\ncontact = \"\"", "carillon.toml:2: tls.contact: unknown key; did you mean \"tls.acme.contact\"?"),
        ("domains = []", "carillon.toml:1: domains: unknown key; did you mean \"tls.domains\"?"),
        ("[tls.acme]\nCA_FILE = \"\"", "carillon.toml:2: tls.acme.CA_FILE: unknown key; did you mean \"ca_file\"?"),
        ("[clock]\nxyz = 1", "carillon.toml:2: clock.xyz: unknown key; known here: trust"),
        ("listen = \"[::]:80\"", "carillon.toml:1: listen: expected a section [listen], found \"[::]:80\""),
        ("[[listen]]\nhttp = \"\"", "carillon.toml:1: listen: expected a section [listen], found a list"),
        ("[language]\nx = 1", "carillon.toml:1: language: expected \"fr\" or \"en\", found a section"),
        ("language = \"de\"", "carillon.toml:1: language: expected \"fr\" or \"en\", found \"de\""),
        ("language = 3", "carillon.toml:1: language: expected \"fr\" or \"en\", found 3"),
        (
            "timezone = \"Paris\"",
            "carillon.toml:1: timezone: expected a time zone, such as \"Europe/Paris\", found \"Paris\"",
        ),
        ("public_url = \"cafe.example.org\"", &format!("carillon.toml:1: public_url: {url} \"cafe.example.org\"")),
        (
            "public_url = \"https://c.example/x\"",
            &format!("carillon.toml:1: public_url: {url} \"https://c.example/x\""),
        ),
        (
            "public_url = \"https://c.example/?x\"",
            &format!("carillon.toml:1: public_url: {url} \"https://c.example/?x\""),
        ),
        ("public_url = \"ftp://c.example\"", &format!("carillon.toml:1: public_url: {url} \"ftp://c.example\"")),
        (
            "public_url = \"https://u:hunter2@c.example\"",
            &format!("carillon.toml:1: public_url: {url} a value that is not shown"),
        ),
        ("data_dir = [\"a\", \"b\"]", "carillon.toml:1: data_dir: expected a folder, found a list"),
        ("[listen]\nhttp = \"80\"", &format!("carillon.toml:2: listen.http: {listen} \"80\"")),
        ("[listen]\nhttp = 80", &format!("carillon.toml:2: listen.http: {listen} 80")),
        ("[listen]\nhttp = \"localhost:80\"", &format!("carillon.toml:2: listen.http: {listen} \"localhost:80\"")),
        (
            "[listen]\nhttp_extra = [\"[::]:1\", \"x\\ny\"]",
            &format!("carillon.toml:2: listen.http_extra: {listen} \"x\\ny\""),
        ),
        ("[listen]\nhttp = \"\"", "carillon.toml:2: listen.http: missing; there is no other address to listen on"),
        (
            "[listen]\nhttp_extra = [\"[::]:80\"]",
            "carillon.toml:2: listen.http_extra: expected addresses that no other listener has, found a list",
        ),
        ("[tls]\nmode = \"on\"", &format!("carillon.toml:2: tls.mode: expected {modes}, found \"on\"")),
        ("[tls]\ndomains = [\"a.example\"]", &format!("carillon.toml: tls.mode: missing; say {modes}")),
        ("[tls]\nmode = \"files\"", "carillon.toml: tls.files.certificate: missing; tls.mode \"files\" needs it"),
        (
            "[tls]\nmode = \"files\"\nfiles.certificate = \"c\"\nfiles.key = \"\"",
            "carillon.toml:4: tls.files.key: missing; tls.mode \"files\" needs it",
        ),
        (
            "[tls]\nmode = \"off\"\nacme.challenge = \"dns-01\"",
            "carillon.toml:3: tls.acme.challenge: expected \"tls-alpn-01\" or \"http-01\", found \"dns-01\"",
        ),
        (
            "[clock]\ntrust = true",
            "carillon.toml:2: clock.trust: expected \"auto\", \"always\" or \"never\", found true",
        ),
        (
            "[fetch]\ntotal_secs = 0",
            "carillon.toml:2: fetch.total_secs: expected a whole number from 1 to 600, found 0",
        ),
        (
            "[fetch]\ntotal_secs = 1.5",
            "carillon.toml:2: fetch.total_secs: expected a whole number from 1 to 600, found a number with a fraction",
        ),
        ("[fetch]\nproxy = \"u:hunter2@proxy\"", proxy),
        (
            "[server]\ntrusted_proxies = [\"10.0.0.0/33\"]",
            "carillon.toml:2: server.trusted_proxies: expected an address or a network, such as \"10.0.0.0/8\", found \"10.0.0.0/33\"",
        ),
        (
            "[server]\ntrusted_proxies = [10]",
            "carillon.toml:2: server.trusted_proxies: expected an address or a network, such as \"10.0.0.0/8\", found 10",
        ),
        (
            "[server]\ncors_origins = \"*\"",
            "carillon.toml:2: server.cors_origins: expected an origin, such as \"https://app.example.org\", found \"*\"",
        ),
        (
            "[server]\nlegacy_http = \"yes\"",
            "carillon.toml:2: server.legacy_http: expected true or false, found \"yes\"",
        ),
        ("language = \"fr\"\nlanguage = \"en\"", "carillon.toml:2: duplicate key"),
        ("a = 1\nb", "carillon.toml:2: key with no value, expected `=`"),
    ];
    for (text, expected) in rows {
        let error = with_file(text, &[]).unwrap_err().to_string();
        assert_eq!(&error, expected, "{text}");
        assert!(!error.contains('\n'), "{error}");
    }
}

#[test]
fn a_mistake_in_a_variable_names_the_variable() {
    let rows: &[((&str, &str), &str)] = &[
        (("CARILLON_LISTEN__HTP", ""), "CARILLON_LISTEN__HTP: unknown key; did you mean CARILLON_LISTEN__HTTP?"),
        (("CARILLON_LISTEN_HTTP", ""), "CARILLON_LISTEN_HTTP: unknown key; did you mean CARILLON_LISTEN__HTTP?"),
        (("CARILLON_CLOCK__ZZZ", ""), "CARILLON_CLOCK__ZZZ: unknown key; known: CARILLON_CLOCK__TRUST"),
        (("CARILLON_LANGUAGE", "de"), "CARILLON_LANGUAGE: expected \"fr\" or \"en\", found \"de\""),
        (
            ("CARILLON_FETCH__TOTAL_SECS", "soon"),
            "CARILLON_FETCH__TOTAL_SECS: expected a whole number from 1 to 600, found \"soon\"",
        ),
        (
            ("CARILLON_TLS__DOMAINS", "[\"a"),
            "CARILLON_TLS__DOMAINS: expected a list, each a host name, such as \"cafe.example.org\", found \"[\\\"a\"",
        ),
        (
            ("CARILLON_TLS__MODE", "acme"),
            "tls.domains: missing; tls.mode \"acme\" needs at least one name, such as [\"cafe.example.org\"]",
        ),
        (("CARILLON_TLS__MODE", "files"), "tls.files.certificate: missing; tls.mode \"files\" needs it"),
    ];
    for (variable, expected) in rows {
        assert_eq!(&without_file(&[*variable]).unwrap_err().to_string(), expected);
    }
}

#[test]
fn variables_of_the_program_that_are_no_settings_are_let_be() {
    let env = [("CARILLON_LOG", "x"), ("CARILLON_CONFIG", "x"), ("CARILLON_DATA", "x"), ("CARILLON_TEST_CA", "x")];
    assert!(without_file(&env).is_ok());
}

/// A file of mode `acme` with more lines in its `[tls]` section.
fn acme_file(more: &str) -> String {
    format!("[tls]\nmode = \"acme\"\n{more}")
}

#[test]
fn names_are_taken_as_dns_writes_them_each_once() {
    let text = acme_file("domains = [\"Cafe.Example.org\", \"cafe.example.org\", \"école.example\", \"box\"]");
    let config = with_file(&text, &[]).unwrap();
    assert_eq!(config.tls.mode, TlsMode::Acme);
    assert_eq!(config.tls.domains, ["cafe.example.org", "xn--cole-9oa.example", "box"]);
}

#[test]
fn what_is_no_host_name_is_refused_with_what_to_write_instead() {
    let such = "such as \"cafe.example.org\"";
    let long = format!("{}.example", "a".repeat(64));
    let rows = [
        ("me@example.org", format!("a host name, {such} (an e-mail address belongs in tls.acme.contact)")),
        ("mailto:me@example.org", format!("a host name, {such} (an e-mail address belongs in tls.acme.contact)")),
        ("*.example.org", format!("each host name by itself, {such} (no wildcard)")),
        ("192.0.2.1", format!("a host name, {such} (no address)")),
        ("2001:db8::1", format!("a host name, {such} (no address)")),
        ("[2001:db8::1]", format!("a host name, {such} (no address)")),
        ("https://cafe.example.org/x", "the host name alone, \"cafe.example.org\"".to_owned()),
        ("cafe.example.org:443", format!("a host name, {such}")),
        ("cafe.example.org/", format!("a host name, {such}")),
        ("cafe..example.org", format!("a host name, {such}")),
        ("cafe.example.org.", format!("a host name, {such}")),
        ("-cafe.example.org", format!("a host name, {such}")),
        ("my_cafe.example.org", format!("a host name, {such}")),
        ("my cafe", format!("a host name, {such}")),
        ("", format!("a host name, {such}")),
        (&long, format!("a host name, {such}")),
    ];
    for (name, expected) in rows {
        let error = with_file(&acme_file(&format!("domains = [\"good.example\", \"{name}\"]")), &[]).unwrap_err();
        let wanted = format!("carillon.toml:3: tls.domains: expected {expected}, found ");
        assert!(error.to_string().starts_with(&wanted), "{name}: {error}");
    }
}

#[test]
fn what_a_mode_needs_is_told_where_it_is_missing() {
    let domains = "domains = [\"a.example\"]\n";
    let lets_encrypt = "\"https://acme-v02.api.letsencrypt.org/directory\"";
    let directory = format!("expected the https address of an ACME directory, such as {lets_encrypt}, found");
    let contact = "carillon.toml:4: tls.acme.contact: expected one address such as \"mailto:admin@example.org\", found";
    let http = "missing; tls.acme.challenge \"http-01\" needs it; write \"[::]:80\", or challenge = \"tls-alpn-01\"";
    let https = |mode| {
        format!("listen.https: missing; tls.mode \"{mode}\" needs it; write \"[::]:443\", or tls.mode = \"off\"")
    };
    let names = |mode| {
        format!("tls.domains: missing; tls.mode \"{mode}\" needs at least one name, such as [\"cafe.example.org\"]")
    };
    let files = "[tls]\nmode = \"files\"\nfiles.certificate = \"c\"\nfiles.key = \"k\"\n[listen]\nhttps = \"\"";
    let rows = [
        (acme_file(""), format!("carillon.toml: {}", names("acme"))),
        (acme_file("domains = []"), format!("carillon.toml:3: {}", names("acme"))),
        ("tls.mode = \"self-signed\"".to_owned(), format!("carillon.toml: {}", names("self-signed"))),
        (acme_file(&format!("{domains}[listen]\nhttps = \"\"")), format!("carillon.toml:5: {}", https("acme"))),
        (files.to_owned(), format!("carillon.toml:6: {}", https("files"))),
        (
            acme_file(&format!("{domains}acme.challenge = \"http-01\"\n[listen]\nhttp = \"\"")),
            format!("carillon.toml:6: listen.http: {http}"),
        ),
        (acme_file(&format!("{domains}acme.contact = \"me@a.example\"")), format!("{contact} \"me@a.example\"")),
        (acme_file(&format!("{domains}acme.contact = \"mailto:me\"")), format!("{contact} \"mailto:me\"")),
        (
            acme_file(&format!("{domains}acme.contact = \"mailto:a@b.example,c@b.example\"")),
            format!("{contact} \"mailto:a@b.example,c@b.example\""),
        ),
        (
            acme_file(&format!("{domains}acme.directory = \"http://ca.example/dir\"")),
            format!("carillon.toml:4: tls.acme.directory: {directory} \"http://ca.example/dir\""),
        ),
        (
            acme_file(&format!("{domains}acme.directory = \"https://u:hunter2@ca.example/dir\"")),
            format!("carillon.toml:4: tls.acme.directory: {directory} a value that is not shown"),
        ),
        (
            acme_file(&format!("{domains}acme.directory = \"ca.example\"")),
            format!("carillon.toml:4: tls.acme.directory: {directory} \"ca.example\""),
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(with_file(&text, &[]).unwrap_err().to_string(), expected, "{text}");
    }
}

#[test]
fn plain_http_may_be_off_where_the_authority_comes_by_tls() {
    let text = acme_file("domains = [\"a.example\"]\n[listen]\nhttp = \"\"");
    assert_eq!(with_file(&text, &[]).unwrap().listen.http, None);
}

#[test]
fn the_file_of_the_package_explains_every_key() {
    let (mut section, mut told) = (String::new(), Vec::new());
    for line in include_str!("../../packaging/carillon.toml").lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = format!("{}.", name.trim_end_matches(']'));
        } else if let Some((key, _)) =
            line.trim_start_matches('#').split_once(" = ").filter(|(key, _)| !key.contains(' '))
        {
            told.push(format!("{section}{key}"));
        }
    }
    assert_eq!(
        told.iter().collect::<std::collections::BTreeSet<_>>(),
        keys::KEYS.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>().iter().collect()
    );
}
