//! Workbooks that nobody means well with: small files that ask for much, and the fixtures with bytes changed.

use std::io::Write;
use std::time::{Duration, Instant};

use flate2::{Compression, Crc, write::DeflateEncoder};
use proptest::prelude::*;

use super::container::UNZIPPED_AT_MOST;
use super::fixture_tests::fixture;
use super::*;

/// A file with these parts, deflated.
fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in parts {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        let data = encoder.finish().unwrap();
        let mut sum = Crc::new();
        sum.update(content);
        let offset = u32::try_from(bytes.len()).unwrap();
        let sizes = [sum.sum(), data.len().try_into().unwrap(), content.len().try_into().unwrap()];
        let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
        sizes.iter().for_each(|size: &u32| common.extend(size.to_le_bytes()));
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        bytes.extend([b"PK\x03\x04", common.as_slice(), name.as_bytes(), &data].concat());
        directory.extend(
            [b"PK\x01\x02\x14\0", common.as_slice(), &[0; 10], &offset.to_le_bytes(), name.as_bytes()].concat(),
        );
    }
    let start = u32::try_from(bytes.len()).unwrap();
    let (count, size) = (u16::try_from(parts.len()).unwrap().to_le_bytes(), u32::try_from(directory.len()).unwrap());
    bytes.extend(directory);
    bytes.extend(
        [b"PK\x05\x06\0\0\0\0", count.as_slice(), &count, &size.to_le_bytes(), &start.to_le_bytes(), &[0, 0]].concat(),
    );
    bytes
}

fn refusal(parts: &[(&str, &[u8])]) -> SheetError {
    let begun = Instant::now();
    let bytes = packed(parts);
    let error = read_sheet(&SentFile { bytes: &bytes, name: "a", content_type: None }).unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(20), "{error} took {:?}", begun.elapsed());
    error
}

fn ods(content: &str) -> SheetError {
    refusal(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content.as_bytes())])
}

const WORKBOOK: &str = r#"<workbook><sheets><sheet name="a" r:id="1"/></sheets></workbook>"#;
const RELATIONS: &str = r#"<Relationships><Relationship Id="1" Type="x/worksheet" Target="s.xml"/>
    <Relationship Id="2" Type="x/sharedStrings" Target="t.xml"/></Relationships>"#;

fn xlsx_parts<'a>(sheet: &'a str, texts: &'a str) -> Vec<(&'a str, &'a [u8])> {
    vec![
        ("[Content_Types].xml", b""),
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
        ("xl/s.xml", sheet.as_bytes()),
        ("xl/t.xml", texts.as_bytes()),
    ]
}

fn xlsx(sheet: &str, texts: &str) -> SheetError {
    refusal(&xlsx_parts(sheet, texts))
}

#[test]
fn a_sheet_made_by_hand_is_read() {
    let sheet = r#"<x:worksheet><x:sheetData><x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t="b"><x:v>1</x:v></x:c></x:row>
        <x:row r="5"><x:c r="B5" t="inlineStr"><x:is><x:r><x:t> a&amp;</x:t></x:r><x:r><x:t>&#233;_x000A_</x:t></x:r></x:is></x:c></x:row></x:sheetData></x:worksheet>"#;
    let texts = r"<sst><si><t>text</t><rPh><t>spoken</t></rPh></si></sst>";
    let bytes = packed(&xlsx_parts(sheet, texts));
    let rows = read_sheet(&SentFile { bytes: &bytes, name: "", content_type: None }).unwrap().rows;
    assert_eq!(rows[0], Row { number: 1, cells: vec![Cell::Text("text".into()), Cell::Bool(true)] });
    assert_eq!(rows[1], Row { number: 5, cells: vec![Cell::Empty, Cell::Text(" a&é\n".into())] });
}

#[test]
fn what_a_file_says_of_its_size_reserves_nothing() {
    assert_eq!(xlsx("<sheetData/>", r#"<sst uniqueCount="99999999999"/>"#), SheetError::Empty);
    let far = r#"<sheetData><row r="4294967295"><c r="ZZZZZZZZZZ1"><v>1</v></c></row></sheetData>"#;
    assert!(matches!(xlsx(far, "<sst/>"), SheetError::TooManyColumns { .. }));
    let cell = r#"<table-cell number-columns-repeated="4000000000" value-type="float" value="1"/>"#;
    assert!(matches!(ods(&format!("<table><table-row>{cell}</table-row></table>")), SheetError::TooManyColumns { .. }));
    let row = r#"<table-row number-rows-repeated="4294967295"><table-cell value-type="string"><p>a</p></table-cell></table-row>"#;
    assert_eq!(ods(&format!("<table>{row}{row}</table>")), SheetError::TooManyRows);
    let blanks = r#"<table><table-row><table-cell><p><s c="4000000000"/></p></table-cell></table-row></table>"#;
    assert!(matches!(ods(blanks), SheetError::CellTooLong { row: 1, .. }));
}

#[test]
fn a_cell_that_is_too_long_is_refused_before_anything_after_it_is_read() {
    // What follows is broken: it is never looked at.
    let long = "x".repeat(LONGEST_CELL + 1);
    for cell in [
        format!(r#"<table-cell number-columns-repeated="64"><p>{long}</p></table-cell>"#),
        format!(r#"<table-cell number-columns-repeated="64" value-type="string" string-value="{long}"/>"#),
        r#"<table-cell><p><s c="40000"/><s c="40000"/></p></table-cell>"#.to_owned(),
    ] {
        let error =
            ods(&format!("<table><table-row><table-cell value-type='string'><p>a</p></table-cell>{cell}</oops>"));
        assert_eq!(error, SheetError::CellTooLong { row: 1, column: "B".into() });
    }
}

#[test]
fn a_midnight_that_is_shown_is_a_time_and_a_day_alone_is_none() {
    let cell = |value: &str, shown: &str| {
        format!(r#"<table-cell value-type="date" date-value="{value}"><p>{shown}</p></table-cell>"#)
    };
    let cells = cell("2026-11-23", "23/11/2026") + &cell("2026-11-23", "23/11/2026 00:00");
    let content = format!("<table><table-row>{cells}</table-row></table>");
    let kind: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
    let bytes = packed(&[("mimetype", kind), ("content.xml", content.as_bytes())]);
    let sheet = read_sheet(&SentFile { bytes: &bytes, name: "", content_type: None }).unwrap();
    let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    assert_eq!(sheet.rows[0].cells, [Cell::Date(day), Cell::DateTime(day.into())]);
}

#[test]
fn a_bomb_does_not_go_off() {
    let zeros = vec![b' '; UNZIPPED_AT_MOST + 1];
    assert_eq!(
        refusal(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", &zeros)]),
        SheetError::Swells
    );
    // What is left of the budget counts, not the size of one part.
    let blanks = " ".repeat(UNZIPPED_AT_MOST / 2);
    let (sheet, texts) = (format!("<sheetData>{blanks}</sheetData>"), format!("<sst>{blanks}</sst>"));
    assert_eq!(xlsx(&sheet, &texts), SheetError::Swells);
}

#[test]
fn a_text_that_many_cells_share_is_weighed_each_time() {
    let cells: String = (1..=600).map(|row| format!(r#"<row r="{row}"><c t="s"><v>0</v></c></row>"#)).collect();
    let texts = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(LONGEST_CELL));
    assert_eq!(xlsx(&format!("<sheetData>{cells}</sheetData>"), &texts), SheetError::TooMuchText);
}

#[test]
fn markup_that_does_not_end_is_broken() {
    for content in [
        "<table>",
        "<table><table-row>",
        "<table><table-row><table-cell><p><annotation>",
        "<table",
        "<a>&nonsense;</a>",
        "</a>",
    ] {
        assert!(matches!(ods(content), SheetError::Broken { .. }), "{content}");
    }
    assert!(matches!(ods(&"<a>".repeat(1_000_000)), SheetError::Broken { .. }));
    let many: String = (0..200_000).map(|n| format!(" a{n}='1'")).collect();
    assert_eq!(ods(&format!("<table><table-row><table-cell{many}/></table-row></table>")), SheetError::Empty);
    assert!(matches!(
        xlsx(r#"<sheetData><row><c t="s"><v>7</v></c></row></sheetData>"#, "<sst/>"),
        SheetError::Broken { .. }
    ));
}

#[test]
fn a_checksum_that_is_wrong_is_told() {
    let mut bytes = packed(&xlsx_parts("<sheetData/>", "<sst/>"));
    let at = memchr::memmem::rfind(&bytes, b"xl/workbook.xml").unwrap();
    bytes[at - 30] ^= 1;
    let error = read_sheet(&SentFile { bytes: &bytes, name: "", content_type: None }).unwrap_err();
    assert!(error.to_string().contains("checksum"), "{error}");
}

proptest! {
    #[test]
    fn changed_fixtures_never_panic(
        name in prop::sample::select(vec!["typed.xlsx", "typed-1904.xlsx", "typed.ods", "split.ods", "plain.ods", "plain.csv", "old.xls"]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = fixture(name);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len())));
        let _ = read_sheet(&SentFile { bytes: &bytes, name, content_type: None });
    }

    // Behind the checksum: the markup itself is changed and packed anew.
    #[test]
    fn changed_markup_never_panics(
        name in prop::sample::select(vec!["typed.xlsx", "split.xlsx", "typed.ods", "split.ods"]),
        part in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(vec!["", "<", ">", "\"", "&", "9999999999", "-1", "/", "é", "NaN"])), 1..6),
    ) {
        let bytes = fixture(name);
        let names: &[&str] = if name.ends_with("ods") { &["mimetype", "META-INF/manifest.xml", "content.xml"] } else {
            &["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"]
        };
        let mut container = Container::open(&bytes).unwrap();
        let mut parts: Vec<_> = names.iter().map(|name| (*name, container.part(name).unwrap().unwrap())).collect();
        let changed = &mut parts[part.index(names.len())].1;
        for (at, value) in changes {
            let at = at.index(changed.len() + 1);
            changed.splice(at..(at + value.len()).min(changed.len()), value.bytes());
        }
        let parts: Vec<_> = parts.iter().map(|(name, content)| (*name, content.as_slice())).collect();
        let _ = read_sheet(&SentFile { bytes: &packed(&parts), name, content_type: None });
    }
}
