//! The cells of an .xlsx workbook (ECMA-376 part 1, 18.3). Of a formula the value that it last had.

use super::container::Container;
use super::gather::Gather;
use super::serial::{day, length, moment};
use super::styles::Shown;
use super::workbook::{Workbook, read_text};
use super::xml::{Element, Node, Xml};
use super::{Cell, Sheet, SheetError, iso};
use crate::error::shortened;

/// Reads the first sheet that holds something.
pub(super) fn read(container: &mut Container<'_>) -> Result<Sheet, SheetError> {
    let workbook = Workbook::read(container)?;
    for part in &workbook.sheets {
        let Some(content) = container.part(part)? else { continue };
        let sheet = read_cells(&mut Xml::new(&content, part)?, &workbook)?;
        if !sheet.rows.is_empty() {
            return Ok(sheet);
        }
    }
    Ok(Sheet::default())
}

/// Where the next row and cell stand that do not say where they do: rows from 1, columns from 0.
#[derive(Clone, Copy, Default)]
struct Place {
    row: u32,
    column: usize,
}

fn read_cells(xml: &mut Xml<'_>, workbook: &Workbook) -> Result<Sheet, SheetError> {
    let mut gather = Gather::default();
    let mut place = Place::default();
    while let Some(node) = xml.next()? {
        match node {
            Node::Start(element) if element.is("row") => {
                let said = element.attribute("r").and_then(|row| row.parse().ok());
                place = Place { row: said.unwrap_or(place.row.saturating_add(1)), column: 0 };
            }
            Node::Start(element) if element.is("c") => {
                if let Some(column) = element.attribute("r").as_deref().and_then(column_of) {
                    place.column = column;
                }
                let cell = read_cell(xml, &element, workbook)?;
                gather.put(place.row, place.column, cell)?;
                place.column += 1;
            }
            Node::End(name) if name == "sheetData" => break,
            _ => {}
        }
    }
    Ok(gather.finish())
}

/// The column of `BC12`, from 0.
fn column_of(reference: &str) -> Option<usize> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic).take(4);
    let number = letters.fold(0, |number, letter| number * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1);
    number.checked_sub(1)
}

/// The cell that has just begun.
fn read_cell(xml: &mut Xml<'_>, element: &Element<'_>, workbook: &Workbook) -> Result<Cell, SheetError> {
    let (kind, style) = (element.attribute("t").unwrap_or_default(), element.attribute("s"));
    let shown = style.and_then(|style| workbook.formats.get(style.parse::<usize>().ok()?).copied()).unwrap_or_default();
    let outside = xml.depth().saturating_sub(1);
    let mut cell = Cell::Empty;
    while xml.depth() > outside {
        match xml.next()? {
            Some(Node::Start(value)) if value.is("v") => {
                let value = value_text(xml)?;
                // An inline text stands in `is`; a value beside it says nothing more.
                if kind != "inlineStr" {
                    cell = read_value(&value, &kind, shown, workbook).ok_or_else(|| {
                        let (value, kind) = (shortened(&value, 20), shortened(&kind, 20));
                        xml.broken(&format!("the value {value:?} of a cell of the type {kind:?}"))
                    })?;
                }
            }
            Some(Node::Start(value)) if value.is("is") => cell = Cell::Text(read_text(xml)?),
            Some(Node::Start(_)) => xml.skip()?,
            Some(_) => {}
            None => break,
        }
    }
    Ok(cell)
}

/// The text inside of the element that has just begun.
fn value_text(xml: &mut Xml<'_>) -> Result<String, SheetError> {
    let outside = xml.depth().saturating_sub(1);
    let mut text = String::new();
    while xml.depth() > outside {
        match xml.next()? {
            Some(Node::Text(part)) => text.push_str(&part),
            Some(_) => {}
            None => break,
        }
    }
    Ok(text)
}

/// A value by the type of its cell (18.18.11); none where the two contradict each other.
fn read_value(value: &str, kind: &str, shown: Shown, workbook: &Workbook) -> Option<Cell> {
    let plain = value.trim();
    Some(match kind {
        "s" => Cell::Text(workbook.texts.get(plain.parse::<usize>().ok()?)?.clone()),
        "str" => Cell::Text(value.to_owned()),
        "e" => Cell::Bad(plain.to_owned()),
        "b" => Cell::Bool(matches!(plain, "1" | "true")),
        _ if plain.is_empty() => Cell::Empty,
        "d" => iso::date(plain).unwrap_or_else(|| Cell::Text(value.to_owned())),
        "" | "n" => match shown {
            Shown::Number => Cell::Number(plain.parse().ok()?),
            Shown::Day => day(plain.parse().ok()?, workbook.epoch),
            Shown::Moment => moment(plain.parse().ok()?, workbook.epoch),
            Shown::Length => length(plain.parse().ok()?),
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_its_column() {
        for (reference, column) in
            [("A1", Some(0)), ("BC12", Some(54)), ("XFD1", Some(16_383)), ("7", None), ("", None)]
        {
            assert_eq!(column_of(reference), column, "{reference}");
        }
        assert!(column_of(&"Z".repeat(100)).is_some());
    }
}
