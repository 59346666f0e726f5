//! The markup of a part, event by event. Namespaces are known by the local name alone, as all readers of these formats do.
//!
//! No entity but the five of XML is resolved, nothing outside the part is ever asked for, and no element stands more than 100
//! deep.

use std::borrow::Cow;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::SheetError;

const DEPTH: usize = 100;

/// What comes next in a part.
pub(super) enum Node<'x> {
    /// An element begins. One without content begins and ends.
    Start(Element<'x>),
    /// An element ends: its local name.
    End(String),
    /// Text; entities come as texts of their own.
    Text(Cow<'x, str>),
}

/// The beginning of an element.
pub(super) struct Element<'x>(BytesStart<'x>);

impl Element<'_> {
    /// Is this its local name?
    pub(super) fn is(&self, name: &str) -> bool {
        self.0.local_name().as_ref() == name
    }

    /// An attribute by its local name.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        // The check for duplicates compares each attribute with all before it.
        let mut attributes = self.0.attributes();
        let mut all = attributes.with_checks(false).filter_map(Result::ok);
        let found = all.find(|attribute| attribute.key.local_name().as_ref() == name)?;
        found.normalized_value(XmlVersion::Implicit1_0).ok().map(Cow::into_owned)
    }

    /// Has it this attribute, by its whole name as all writers spell it, with this value?
    pub(super) fn says(&self, name: &str, value: &str) -> bool {
        let mut attributes = self.0.attributes();
        let mut all = attributes.with_checks(false).filter_map(Result::ok);
        all.any(|attribute| attribute.key.as_ref() == name && attribute.value == value)
    }
}

/// A part that is being read.
pub(super) struct Xml<'x> {
    reader: Reader<&'x [u8]>,
    part: &'x str,
    depth: usize,
}

impl<'x> Xml<'x> {
    /// Begins to read a part, which is UTF-8.
    pub(super) fn new(content: &'x [u8], part: &'x str) -> Result<Self, SheetError> {
        let text = std::str::from_utf8(content).map_err(|_| SheetError::broken(format!("{part} is not UTF-8")))?;
        let mut reader = Reader::from_str(text.strip_prefix('\u{FEFF}').unwrap_or(text));
        reader.config_mut().expand_empty_elements = true;
        Ok(Self { reader, part, depth: 0 })
    }

    /// The next node, or none at the end, where all elements must have ended.
    pub(super) fn next(&mut self) -> Result<Option<Node<'x>>, SheetError> {
        loop {
            let event = self.reader.read_event().map_err(|error| self.broken(&error.to_string()))?;
            return Ok(Some(match event {
                Event::Start(element) | Event::Empty(element) => {
                    self.depth += 1;
                    if self.depth > DEPTH {
                        return Err(self.broken("elements are nested too deep"));
                    }
                    Node::Start(Element(element))
                }
                Event::End(element) => {
                    self.depth = self.depth.saturating_sub(1);
                    Node::End(element.local_name().as_ref().to_owned())
                }
                Event::Text(text) => Node::Text(text.xml10_content()),
                Event::CData(text) => Node::Text(text.xml10_content()),
                Event::GeneralRef(entity) => Node::Text(Cow::Owned(self.resolve(&entity)?)),
                Event::Eof if self.depth > 0 => return Err(self.broken("it is cut off")),
                Event::Eof => return Ok(None),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => continue,
            }));
        }
    }

    fn resolve(&self, entity: &quick_xml::events::BytesRef<'_>) -> Result<String, SheetError> {
        let name: &str = entity;
        Ok(match name {
            "lt" => "<".to_owned(),
            "gt" => ">".to_owned(),
            "amp" => "&".to_owned(),
            "apos" => "'".to_owned(),
            "quot" => "\"".to_owned(),
            _ => match entity.resolve_char_ref() {
                Ok(Some(character)) => character.to_string(),
                _ => return Err(self.broken("an entity that XML does not know")),
            },
        })
    }

    /// Goes on to the end of the element that has just begun.
    pub(super) fn skip(&mut self) -> Result<(), SheetError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside && self.next()?.is_some() {}
        Ok(())
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Says that this part cannot be read.
    pub(super) fn broken(&self, what: &str) -> SheetError {
        SheetError::broken(format!("{}: {what}", self.part))
    }
}
