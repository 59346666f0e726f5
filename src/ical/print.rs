//! Logical lines to bytes (RFC 5545 3.1): CRLF behind every line, folded at 75 octets between
//! characters. A line comes out with the characters that it came in with, or not at all.

use memchr::memchr_iter;

use super::text::escape;

/// RFC 5545 3.1: a physical line should not be longer, its CRLF not counted.
const OCTETS: usize = 75;

/// Gathers the lines of a calendar.
#[derive(Debug, Default)]
pub struct Printer {
    out: Vec<u8>,
    /// Room for a line that is put together, used again for the next.
    joined: String,
}

impl Printer {
    /// An empty text.
    pub fn new() -> Printer {
        Printer::default()
    }

    /// An empty text with room for so many bytes.
    pub fn with_capacity(bytes: usize) -> Printer {
        Printer { out: Vec::with_capacity(bytes), joined: String::new() }
    }

    /// One logical line. Control characters are dropped, so that no value can open a line of its own.
    pub fn line(&mut self, logical: &str) {
        let line = logical.trim_start_matches([' ', '\t']);
        if has_control(line) {
            let kept: String = line.chars().filter(|c| !c.is_ascii_control() || *c == '\t').collect();
            self.fold(kept.trim_start_matches([' ', '\t']));
        } else {
            self.fold(line);
        }
    }

    /// A property whose value is written as it is. `name` may carry parameters.
    pub fn property(&mut self, name: &str, value: &str) {
        let mut line = std::mem::take(&mut self.joined);
        line.clear();
        [name, ":", value].into_iter().for_each(|part| line.push_str(part));
        self.line(&line);
        self.joined = line;
    }

    /// A property whose value is a text, which is escaped (RFC 5545 3.3.11).
    pub fn text(&mut self, name: &str, value: &str) {
        self.property(name, &escape(value));
    }

    /// All lines of a component's text.
    pub fn component(&mut self, text: &str) {
        let mut start = 0;
        for stop in memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
            self.line(text.get(start..stop).unwrap_or_default());
            start = stop + 1;
        }
    }

    /// The bytes, with CRLF behind the last line too.
    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    fn fold(&mut self, line: &str) {
        if line.is_empty() {
            return;
        }
        let mut rest = line;
        let mut room = OCTETS;
        while rest.len() > room {
            let (head, tail) = rest.split_at_checked(cut(rest, room)).unwrap_or((rest, ""));
            self.out.extend_from_slice(head.as_bytes());
            self.out.extend_from_slice(b"\r\n ");
            rest = tail;
            room = OCTETS - 1;
        }
        self.out.extend_from_slice(rest.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }
}

/// Looks at all of it, many bytes at once: hardly a line has any.
fn has_control(line: &str) -> bool {
    line.bytes().fold(false, |found, byte| found | (byte.is_ascii_control() & (byte != b'\t')))
}

/// Where to cut, at most `room` octets in: between characters, and not before one that belongs to the
/// character in front of it, unless that would take the line back by more than a few characters.
fn cut(text: &str, room: usize) -> usize {
    let hard = boundary(text, room);
    let mut at = hard;
    while joins(text, at) {
        let back = boundary(text, at.saturating_sub(1));
        if back + 32 < hard || back == 0 {
            return hard;
        }
        at = back;
    }
    at
}

/// The end of the last character that ends at or before a place.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Whether the characters on both sides of a place make one: combining marks, emoji sequences.
fn joins(text: &str, at: usize) -> bool {
    let Some((before, after)) = text.split_at_checked(at) else {
        return false;
    };
    let belongs =
        |c: char| matches!(c, '\u{300}'..='\u{36F}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}');
    after.chars().next().is_some_and(belongs) || before.ends_with('\u{200D}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(line: &str) -> String {
        let mut printer = Printer::new();
        printer.line(line);
        String::from_utf8(printer.finish()).unwrap()
    }

    #[test]
    fn a_line_of_75_octets_is_not_folded() {
        let line = format!("A:{}", "x".repeat(73));
        assert_eq!(printed(&line), format!("{line}\r\n"));
        assert_eq!(printed(&format!("{line}y")), format!("{line}\r\n y\r\n"));
    }

    #[test]
    fn folds_stand_between_characters() {
        for unit in ["é", "€", "🎓", "e\u{301}", "👩\u{200D}🎓", "👍🏽"] {
            let line = format!("SUMMARY:{}", unit.repeat(120));
            let text = printed(&line);
            assert!(text.split("\r\n").all(|physical| physical.len() <= 75));
            assert_eq!(text.replace("\r\n ", ""), format!("{line}\r\n"));
            assert!(text.split("\r\n ").skip(1).all(|part| part.starts_with(unit.chars().next().unwrap())));
        }
    }

    #[test]
    fn endless_combining_marks_are_cut_anyway() {
        let line = format!("A:{}", "\u{301}".repeat(500));
        assert_eq!(printed(&line).replace("\r\n ", ""), format!("{line}\r\n"));
    }

    #[test]
    fn a_value_cannot_open_a_line() {
        let mut printer = Printer::new();
        printer.property("NAME", "a\r\nEND:VCALENDAR");
        printer.text("X-WR-CALNAME", "a\nb,c");
        printer.component("BEGIN:X\nEND:X\n");
        let text = String::from_utf8(printer.finish()).unwrap();
        assert_eq!(text, "NAME:aEND:VCALENDAR\r\nX-WR-CALNAME:a\\nb\\,c\r\nBEGIN:X\r\nEND:X\r\n");
    }
}
