//! The parts of an .xlsx workbook beside its sheets: where they are, the epoch, the shared texts, the formats.

use std::collections::HashMap;

use super::SheetError;
use super::container::Container;
use super::serial::Epoch;
use super::styles::{Shown, read_formats};
use super::xml::{Node, Xml};

/// Texts that the cells of all sheets share.
const TEXTS_AT_MOST: usize = 500_000;
const SHEETS_AT_MOST: usize = 255;

/// What the cells of any sheet refer to.
pub(super) struct Workbook {
    /// The parts of the sheets, in their order.
    pub(super) sheets: Vec<String>,
    /// Where days are counted from.
    pub(super) epoch: Epoch,
    /// Texts, by their place.
    pub(super) texts: Vec<String>,
    /// How numbers are shown, by the style of a cell.
    pub(super) formats: Vec<Shown>,
}

/// A relationship of a part (OPC 6.5): what sort, and the name of the part that it leads to.
struct Relation {
    kind: String,
    target: String,
}

impl Workbook {
    /// Reads them.
    pub(super) fn read(container: &mut Container<'_>) -> Result<Self, SheetError> {
        let main = relations(container, "")?;
        let main = main.into_values().find(|relation| relation.is("officeDocument"));
        let main = main.map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.target);
        if main.ends_with(".bin") {
            return Err(SheetError::OldWorkbook);
        }
        let content = container.part(&main)?.ok_or(SheetError::NotASheet { looks: "another sort of document" })?;
        let (ids, epoch) = read_main(&mut Xml::new(&content, &main)?)?;
        let relations = relations(container, &main)?;
        let of_kind =
            |kind| relations.values().find(|relation| relation.is(kind)).map(|relation| relation.target.clone());
        let sheet =
            |id: &String| relations.get(id).filter(|sheet| sheet.is("worksheet")).map(|sheet| sheet.target.clone());
        let (texts, styles) = (of_kind("sharedStrings"), of_kind("styles"));
        Ok(Self {
            sheets: ids.iter().filter_map(sheet).collect(),
            epoch,
            texts: read_part(container, texts, read_texts)?,
            formats: read_part(container, styles, read_formats)?,
        })
    }
}

impl Relation {
    /// Is it of this kind, by either of the two standards' names?
    fn is(&self, kind: &str) -> bool {
        self.kind.rsplit_once('/').is_some_and(|(_, last)| last == kind)
    }
}

fn read_part<T: Default>(
    container: &mut Container<'_>,
    part: Option<String>,
    read: impl FnOnce(&mut Xml<'_>) -> Result<T, SheetError>,
) -> Result<T, SheetError> {
    let Some(part) = part else { return Ok(T::default()) };
    match container.part(&part)? {
        Some(content) => read(&mut Xml::new(&content, &part)?),
        None => Ok(T::default()),
    }
}

/// The relationships of a part, or of the package, by their ids.
fn relations(container: &mut Container<'_>, part: &str) -> Result<HashMap<String, Relation>, SheetError> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let of = if folder.is_empty() { format!("_rels/{file}.rels") } else { format!("{folder}/_rels/{file}.rels") };
    let mut relations = HashMap::new();
    let Some(content) = container.part(&of)? else { return Ok(relations) };
    let mut xml = Xml::new(&content, &of)?;
    while let Some(node) = xml.next()? {
        if let Node::Start(element) = node
            && element.is("Relationship")
            && let (Some(id), Some(kind), Some(target)) =
                (element.attribute("Id"), element.attribute("Type"), element.attribute("Target"))
        {
            relations.insert(id, Relation { kind, target: resolve(folder, &target) });
        }
    }
    Ok(relations)
}

/// A target is a path from the root, or from the folder of the part that names it.
fn resolve(folder: &str, target: &str) -> String {
    let mut path: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for step in target.split('/') {
        match step {
            ".." => drop(path.pop()),
            "." => {}
            step => path.push(step),
        }
    }
    path.retain(|step| !step.is_empty());
    path.join("/")
}

/// The relations of the sheets, in their order, and the epoch (18.2.19, 18.2.28).
fn read_main(xml: &mut Xml<'_>) -> Result<(Vec<String>, Epoch), SheetError> {
    let (mut ids, mut epoch) = (Vec::new(), Epoch::Of1900);
    while let Some(node) = xml.next()? {
        match node {
            Node::Start(element) if element.is("workbookPr") => {
                if matches!(element.attribute("date1904").as_deref(), Some("1" | "true" | "on")) {
                    epoch = Epoch::Of1904;
                }
            }
            Node::Start(element) if element.is("sheet") && ids.len() < SHEETS_AT_MOST => {
                ids.extend(element.attribute("id"));
            }
            _ => {}
        }
    }
    Ok((ids, epoch))
}

/// The shared texts (18.4.9).
fn read_texts(xml: &mut Xml<'_>) -> Result<Vec<String>, SheetError> {
    let mut texts = Vec::new();
    while let Some(node) = xml.next()? {
        if let Node::Start(element) = node
            && element.is("si")
        {
            if texts.len() >= TEXTS_AT_MOST {
                return Err(SheetError::TooMuchText);
            }
            texts.push(read_text(xml)?);
        }
    }
    Ok(texts)
}

/// The text of the element that has just begun (18.4.8): its runs put together, without how they are pronounced.
pub(super) fn read_text(xml: &mut Xml<'_>) -> Result<String, SheetError> {
    let outside = xml.depth().saturating_sub(1);
    let (mut text, mut in_text) = (String::new(), false);
    while xml.depth() > outside {
        match xml.next()? {
            Some(Node::Start(element)) if element.is("rPh") => xml.skip()?,
            Some(Node::Start(element)) => in_text = element.is("t"),
            Some(Node::End(_)) => in_text = false,
            Some(Node::Text(part)) if in_text => text.push_str(&part),
            Some(Node::Text(_)) => {}
            None => break,
        }
    }
    Ok(unescape(&text))
}

/// `_x000D_`: how a workbook writes what XML cannot hold (22.4.2.4).
fn unescape(text: &str) -> String {
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at(at);
        plain.push_str(before);
        let code = from.get(2..6).filter(|_| from.get(6..7) == Some("_"));
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let character = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        let taken = if character.is_some() { 7 } else { 2 };
        match character {
            Some(character) => plain.push(character),
            None => plain.push_str("_x"),
        }
        rest = from.get(taken..).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_a_workbook_are_read() {
        let cases = [
            ("a_x000D_b", "a\rb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x00", "_x00"),
            ("_xZZZZ_", "_xZZZZ_"),
            ("_xD800_", "_xD800_"),
            ("_xé000_", "_xé000_"),
            ("a_x", "a_x"),
        ];
        for (text, plain) in cases {
            assert_eq!(unescape(text), plain, "{text}");
        }
    }

    #[test]
    fn a_target_is_found_from_where_it_is_named() {
        let cases = [
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "/xl/styles.xml", "xl/styles.xml"),
            ("xl", "../a.xml", "a.xml"),
            ("", "xl/workbook.xml", "xl/workbook.xml"),
            ("", "../../x", "x"),
        ];
        for (folder, target, path) in cases {
            assert_eq!(resolve(folder, target), path, "{target}");
        }
    }
}
