//! Files as others write them: each is taken whole, or refused with the number of a line.
//!
//! `tests/data/ics` is ours. `CARILLON_ICS_CORPUS` may name a folder with more, such as the test data
//! of libical and of Python's icalendar.

use std::fs;
use std::path::{Path, PathBuf};

use super::property_tests::{assert_is_taken_whole, plain_lines, reprint};
use super::*;

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(extension) if extension == "ics" => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    files
}

fn ours() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ics")
}

/// What a file should come out as, by other means than the parser's where the file allows it.
fn assert_taken_or_refused(path: &Path) {
    let body = fs::read(path).unwrap();
    match parse(&body, None) {
        Ok(calendar) => {
            assert_is_taken_whole(&body, &calendar);
            if let Some(sent) = std::str::from_utf8(&body).ok().filter(|text| is_plain(text)) {
                let printed = String::from_utf8(reprint(&calendar)).unwrap();
                let (mut sent, mut printed) = (plain_lines(sent), plain_lines(&printed));
                sent.sort();
                printed.sort();
                assert_eq!(sent, printed, "{}", path.display());
            }
            println!("taken    {:4} components  {}", calendar.components().count(), path.display());
        }
        Err(error) => {
            assert!(error.to_string().starts_with(&format!("line {}:", error.line())));
            println!("refused  {error}  {}", path.display());
        }
    }
}

/// One VCALENDAR, and nothing in it that is dropped or read in a way of ours.
fn is_plain(text: &str) -> bool {
    let control = |c: char| c.is_ascii_control() && !matches!(c, '\r' | '\n' | '\t');
    let lone_cr = text.replace("\r\n", "\n").contains('\r');
    !lone_cr && !text.contains(control) && text.matches("BEGIN:VCALENDAR").count() == 1
}

#[test]
fn our_files_are_taken_or_refused_as_they_should() {
    let expected = [
        ("cr-only.ics", "1"),
        ("custom-zone.ics", "2"),
        ("deep.ics", "line 67: components are nested more than 64 deep"),
        ("end-before-start.ics", "1"),
        ("fold-in-utf8.ics", "1"),
        ("junk-line.ics", "line 6: not a property: \"rapporter la calculatrice\""),
        ("latin1.ics", "1"),
        ("login-page.ics", "line 1: not a calendar, but a web page"),
        ("lone-cr.ics", "1"),
        ("missing-end.ics", "line 7: the text ends before the END:VEVENT that line 3 asks for"),
        ("nul.ics", "1"),
        ("overrides.ics", "3"),
        ("php-warning.ics", "line 1: text outside the calendar: \"<br />\""),
        ("quoted-params.ics", "1"),
        ("secondly.ics", "1"),
        ("two-calendars.ics", "2"),
        ("utf16.ics", "1"),
        ("windows-zone.ics", "2"),
    ];
    let files = files_below(&ours());
    let found: Vec<(String, String)> = files
        .iter()
        .map(|path| {
            assert_taken_or_refused(path);
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let fate = match parse(&fs::read(path).unwrap(), None) {
                Ok(calendar) => calendar.components().count().to_string(),
                Err(error) => error.to_string(),
            };
            (name, fate)
        })
        .collect();
    assert_eq!(found, expected.map(|(name, fate)| (name.to_owned(), fate.to_owned())));
}

#[test]
fn our_events_are_read_as_they_should() {
    let cases = [
        ("cr-only.ics", "Réseaux", "20261123T070000Z", "20261123T090000Z"),
        ("custom-zone.ics", "Soutenance", "20260706T060000Z", "20260706T080000Z"),
        ("end-before-start.ics", "À l'envers", "20261123T090000Z", "20261123T090000Z"),
        ("fold-in-utf8.ics", "Mécanique des fluides", "20261123T070000Z", "20261123T090000Z"),
        ("latin1.ics", "Électronique – TP n°3", "20261123T070000Z", "20261123T090000Z"),
        ("lone-cr.ics", "AvantAprès", "20261123T070000Z", "20261123T090000Z"),
        ("nul.ics", "Analyse", "20261123T070000Z", "20261123T090000Z"),
        ("quoted-params.ics", "TD: groupe 1", "20261123T070000Z", "20261123T090000Z"),
        ("utf16.ics", "Éthique", "20261123T070000Z", "20261123T090000Z"),
        ("windows-zone.ics", "Anglais", "20261123T070000Z", "20261123T090000Z"),
    ];
    for (name, summary, start, end) in cases {
        let calendar = parse(&fs::read(ours().join(name)).unwrap(), None).unwrap();
        let zones = Zones::read(calendar.zones(), chrono_tz::UTC);
        let event = read_event(calendar.of_kind(Kind::Event).next().unwrap(), &zones);
        let shown = (&*event.summary, event.start.map(format_utc), event.end.map(format_utc));
        assert_eq!(shown, (summary, Some(start.to_owned()), Some(end.to_owned())), "{name}");
    }
}

#[test]
#[allow(clippy::disallowed_methods)] // The tests' own switch.
fn the_corpus_of_others_is_taken_whole_or_refused() {
    let Some(folder) = std::env::var_os("CARILLON_ICS_CORPUS") else {
        println!("skipped: CARILLON_ICS_CORPUS names no folder");
        return;
    };
    let files = files_below(Path::new(&folder));
    assert!(!files.is_empty());
    files.iter().for_each(|path| assert_taken_or_refused(path));
}
