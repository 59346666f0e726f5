//! The cells of an OpenDocument spreadsheet (ODF 1.2 part 1, 9.1 and 19.385).
//!
//! Rows and cells come with the number of their repetitions. An empty one is only counted; one that holds something is put as
//! often as it says, up to the bounds of a sheet, and no copy of it is made before.

use std::ops::Range;

use chrono::NaiveTime;

use super::container::Container;
use super::gather::{Gather, must_fit};
use super::xml::{Element, Node, Xml};
use super::{Cell, Sheet, SheetError, iso};

const CONTENT: &str = "content.xml";

/// Reads the first sheet that holds something.
pub(super) fn read(container: &mut Container<'_>) -> Result<Sheet, SheetError> {
    let manifest = container.part("META-INF/manifest.xml")?.unwrap_or_default();
    if memchr::memmem::find(&manifest, b"encryption-data").is_some() {
        return Err(SheetError::Protected);
    }
    let content = container.part(CONTENT)?.ok_or_else(|| SheetError::broken("it has no content.xml"))?;
    let mut xml = Xml::new(&content, CONTENT)?;
    while let Some(node) = xml.next()? {
        if let Node::Start(element) = node
            && element.is("table")
        {
            let sheet = read_table(&mut xml)?;
            if !sheet.rows.is_empty() {
                return Ok(sheet);
            }
        }
    }
    Ok(Sheet::default())
}

/// The table that has just begun.
fn read_table(xml: &mut Xml<'_>) -> Result<Sheet, SheetError> {
    let outside = xml.depth().saturating_sub(1);
    let (mut gather, mut row) = (Gather::default(), 1_u32);
    while xml.depth() > outside {
        match xml.next()? {
            Some(Node::Start(element)) if element.is("table-row") => {
                let times = repeated(&element, "number-rows-repeated");
                put_row(&mut gather, row, times, &read_row(xml, row)?)?;
                row = row.saturating_add(times);
            }
            // What a sheet has beside rows and groups of rows: pictures, other tables inside of them.
            Some(Node::Start(element)) if element.is("shapes") => xml.skip()?,
            Some(_) => {}
            None => break,
        }
    }
    Ok(gather.finish())
}

fn put_row(gather: &mut Gather, first: u32, times: u32, cells: &[(Range<usize>, Cell)]) -> Result<(), SheetError> {
    let times = if cells.is_empty() { 0 } else { times };
    for row in first..first.saturating_add(times) {
        for (columns, cell) in cells {
            columns.clone().try_for_each(|column| gather.put(row, column, cell.clone()))?;
        }
    }
    Ok(())
}

/// The cells of the row that has just begun that hold something, each with the columns that it fills.
fn read_row(xml: &mut Xml<'_>, row: u32) -> Result<Vec<(Range<usize>, Cell)>, SheetError> {
    let outside = xml.depth().saturating_sub(1);
    let (mut cells, mut column) = (Vec::new(), 0_usize);
    while xml.depth() > outside {
        match xml.next()? {
            Some(Node::Start(element)) if element.is("table-cell") => {
                let times = usize::try_from(repeated(&element, "number-columns-repeated")).unwrap_or(usize::MAX);
                let cell = read_cell(xml, &element, (row, column))?;
                if cell != Cell::Empty {
                    if column.saturating_add(times) > super::COLUMNS_AT_MOST {
                        return Err(SheetError::TooManyColumns { row });
                    }
                    cells.push((column..column + times, cell));
                }
                column = column.saturating_add(times);
            }
            // Under a cell that was merged over it: counted, and not shown.
            Some(Node::Start(element)) => {
                let times = repeated(&element, "number-columns-repeated");
                column = column.saturating_add(usize::try_from(times).unwrap_or(usize::MAX));
                xml.skip()?;
            }
            Some(_) => {}
            None => break,
        }
    }
    Ok(cells)
}

fn repeated(element: &Element<'_>, name: &str) -> u32 {
    element.attribute(name).and_then(|times| times.parse().ok()).unwrap_or(1)
}

/// The cell that has just begun, by its type.
fn read_cell(xml: &mut Xml<'_>, element: &Element<'_>, (row, column): (u32, usize)) -> Result<Cell, SheetError> {
    // Two attributes have this local name: `office:value-type` and LibreOffice's own, which alone knows errors.
    let is_error = element.says("calcext:value-type", "error");
    let kind = element.attribute("value-type").unwrap_or_default();
    let value = |name| element.attribute(name);
    let typed = match kind.as_str() {
        _ if is_error => None,
        "float" | "percentage" | "currency" => value("value")
            .and_then(|number| number.parse().ok())
            .filter(|number: &f64| number.is_finite())
            .map(Cell::Number),
        "date" => value("date-value").and_then(|text| iso::date(&text)),
        "time" => value("time-value").and_then(|text| iso::length(&text)),
        "boolean" => value("boolean-value").map(|text| Cell::Bool(text == "true")),
        _ => value("string-value").map(Cell::Text),
    };
    let text = read_paragraphs(xml, (row, column))?;
    Ok(match typed {
        _ if is_error => Cell::Bad(text),
        Some(Cell::Text(typed)) if typed.is_empty() => Cell::Empty,
        Some(Cell::Text(typed)) => {
            must_fit(row, column, &typed)?;
            Cell::Text(typed)
        }
        // LibreOffice leaves a midnight out of the value, and not out of what it shows.
        Some(Cell::Date(day)) if text.contains(':') => Cell::DateTime(day.and_time(NaiveTime::MIN)),
        Some(typed) => typed,
        None if text.is_empty() => Cell::Empty,
        None => Cell::Text(text),
    })
}

/// The text of the cell that has just begun: its paragraphs, a line each, without notes and pictures (ODF 1.2 part 1, 6.1).
fn read_paragraphs(xml: &mut Xml<'_>, (row, column): (u32, usize)) -> Result<String, SheetError> {
    let outside = xml.depth().saturating_sub(1);
    let (mut text, mut paragraphs) = (String::new(), 0);
    while xml.depth() > outside {
        match xml.next()? {
            Some(Node::Start(element)) if element.is("annotation") || element.is("frame") => xml.skip()?,
            Some(Node::Start(element)) if element.is("p") => {
                if paragraphs > 0 {
                    text.push('\n');
                }
                paragraphs += 1;
            }
            Some(Node::Start(element)) if element.is("s") => {
                let blanks = usize::try_from(repeated(&element, "c")).unwrap_or(usize::MAX);
                text.extend(std::iter::repeat_n(' ', blanks.min(super::LONGEST_CELL + 1)));
            }
            Some(Node::Start(element)) if element.is("tab") => text.push('\t'),
            Some(Node::Start(element)) if element.is("line-break") => text.push('\n'),
            Some(Node::Text(part)) if paragraphs > 0 => text.push_str(&part),
            Some(_) => {}
            None => break,
        }
        // Four bytes to a character at most: whatever is longer does not fit.
        if text.len() > 4 * super::LONGEST_CELL {
            must_fit(row, column, &text)?;
        }
    }
    must_fit(row, column, &text)?;
    Ok(text)
}
