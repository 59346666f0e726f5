//! A workbook (.xlsx) of texts, as spreadsheets write it: each text once, in a part of its own.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

const WORKBOOK: &str = r#"<workbook><sheets><sheet name="a" r:id="1"/></sheets></workbook>"#;
const RELATIONS: &str = r#"<Relationships><Relationship Id="1" Type="x/worksheet" Target="s.xml"/><Relationship Id="2" Type="x/sharedStrings" Target="t.xml"/></Relationships>"#;

/// The file with these rows.
pub fn workbook(rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let (mut texts, mut numbers) = (String::from("<sst>"), HashMap::new());
    let mut sheet = String::from("<worksheet><sheetData>");
    for (row, cells) in (1..).zip(rows) {
        write!(sheet, r#"<row r="{row}">"#).unwrap();
        for (column, text) in ('A'..).zip(cells) {
            let next = numbers.len();
            let number = *numbers.entry(text.clone()).or_insert_with(|| {
                write!(texts, "<si><t>{text}</t></si>").unwrap();
                next
            });
            write!(sheet, r#"<c r="{column}{row}" t="s"><v>{number}</v></c>"#).unwrap();
        }
        sheet.push_str("</row>");
    }
    sheet.push_str("</sheetData></worksheet>");
    texts.push_str("</sst>");
    packed(&[
        ("[Content_Types].xml", ""),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/s.xml", &sheet),
        ("xl/t.xml", &texts),
    ])
}

/// A ZIP file with these parts, deflated.
fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in parts {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content.as_bytes()).unwrap();
        let data = encoder.finish().unwrap();
        let mut sum = Crc::new();
        sum.update(content.as_bytes());
        let offset = u32::try_from(bytes.len()).unwrap();
        let sizes: [u32; 3] = [sum.sum(), data.len().try_into().unwrap(), content.len().try_into().unwrap()];
        let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
        sizes.iter().for_each(|size| common.extend(size.to_le_bytes()));
        common.extend([name.len() as u8, 0, 0, 0]);
        bytes.extend([b"PK\x03\x04", common.as_slice(), name.as_bytes(), &data].concat());
        let rest = [&[0; 10], offset.to_le_bytes().as_slice(), name.as_bytes()].concat();
        directory.extend([b"PK\x01\x02\x14\0", common.as_slice(), &rest].concat());
    }
    let (start, size, count) = (bytes.len() as u32, directory.len() as u32, [parts.len() as u8, 0]);
    bytes.extend(directory);
    let end = [count.as_slice(), &count, &size.to_le_bytes(), &start.to_le_bytes(), &[0, 0]].concat();
    bytes.extend([b"PK\x05\x06\0\0\0\0", end.as_slice()].concat());
    bytes
}
