//! The cells of an OpenDocument spreadsheet (ODF 1.2 part 1, 9.1 and 19.385).
//!
//! Rows and cells come with the number of their repetitions. An empty one is only counted; one that holds something is put as
//! often as it says, up to the bounds of a sheet.

use super::container::Container;
use super::gather::Gather;
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

fn put_row(gather: &mut Gather, first: u32, times: u32, cells: &[(usize, Cell)]) -> Result<(), SheetError> {
    let times = if cells.is_empty() { 0 } else { times };
    for row in first..first.saturating_add(times) {
        for (column, cell) in cells {
            gather.put(row, *column, cell.clone())?;
        }
    }
    Ok(())
}

/// The cells of the row that has just begun that hold something, with their columns.
fn read_row(xml: &mut Xml<'_>, row: u32) -> Result<Vec<(usize, Cell)>, SheetError> {
    let outside = xml.depth().saturating_sub(1);
    let (mut cells, mut column) = (Vec::new(), 0_usize);
    while xml.depth() > outside {
        match xml.next()? {
            Some(Node::Start(element)) if element.is("table-cell") => {
                let times = usize::try_from(repeated(&element, "number-columns-repeated")).unwrap_or(usize::MAX);
                let cell = read_cell(xml, &element)?;
                if cell != Cell::Empty {
                    if column.saturating_add(times) > super::COLUMNS_AT_MOST {
                        return Err(SheetError::TooManyColumns { row });
                    }
                    cells.extend((0..times).map(|at| (column + at, cell.clone())));
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
fn read_cell(xml: &mut Xml<'_>, element: &Element<'_>) -> Result<Cell, SheetError> {
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
    let text = read_paragraphs(xml)?;
    Ok(match typed {
        _ if is_error => Cell::Bad(text),
        Some(Cell::Text(typed)) if typed.is_empty() => Cell::Empty,
        Some(typed) => typed,
        None if text.is_empty() => Cell::Empty,
        None => Cell::Text(text),
    })
}

/// The text of the cell that has just begun: its paragraphs, a line each, without notes and pictures (ODF 1.2 part 1, 6.1).
fn read_paragraphs(xml: &mut Xml<'_>) -> Result<String, SheetError> {
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
        if text.len() > super::TEXT_AT_MOST {
            return Err(SheetError::TooMuchText);
        }
    }
    Ok(text)
}
