//! A body to a [`Calendar`]: one normalised text and where its components stand in it.
//!
//! All or nothing. A text without its END, with unbalanced components or with a line that is no
//! property is refused with the number of that line: half a calendar must never replace a whole one,
//! and a stray line cannot be printed so that strict clients take it.

use std::fmt;
use std::ops::Range;

use memchr::memchr_iter;

use super::charset;
use super::property::{Edge, Property, edge, lines};
pub use super::refusal::ParseError;
use super::refusal::{DEPTH, head, looks};
use super::unfold::unfold;

/// What a component is, as far as anybody here asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Event,
    Timezone,
    Todo,
    Journal,
    FreeBusy,
    Other,
}

impl Kind {
    fn of(name: &str) -> Kind {
        match name {
            _ if name.eq_ignore_ascii_case("VEVENT") => Kind::Event,
            _ if name.eq_ignore_ascii_case("VTIMEZONE") => Kind::Timezone,
            _ if name.eq_ignore_ascii_case("VTODO") => Kind::Todo,
            _ if name.eq_ignore_ascii_case("VJOURNAL") => Kind::Journal,
            _ if name.eq_ignore_ascii_case("VFREEBUSY") => Kind::FreeBusy,
            _ => Kind::Other,
        }
    }
}

/// A top-level component: its logical lines from BEGIN to END, each closed by `\n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component<'a> {
    pub kind: Kind,
    pub text: &'a str,
    /// The physical line of its BEGIN in the body, counted from 1.
    pub line: u32,
}

/// A body that was taken whole; several VCALENDARs in it are read as one.
pub struct Calendar {
    text: String,
    components: Vec<Span>,
    headers: Vec<Range<usize>>,
}

struct Span {
    kind: Kind,
    range: Range<usize>,
    line: u32,
}

impl Calendar {
    /// The components of all VCALENDARs, in their order.
    pub fn components(&self) -> impl Iterator<Item = Component<'_>> {
        self.components.iter().map(|span| Component {
            kind: span.kind,
            text: self.text.get(span.range.clone()).unwrap_or_default(),
            line: span.line,
        })
    }

    /// The texts of the components of one kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.components().filter(move |component| component.kind == kind).map(|component| component.text)
    }

    /// The texts of the VTIMEZONEs, as [`super::Zones::read`] wants them.
    pub fn zones(&self) -> impl Iterator<Item = &str> {
        self.of_kind(Kind::Timezone)
    }

    /// The VCALENDARs' own property lines, in their order.
    pub fn header_lines(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().flat_map(|range| lines(self.text.get(range.clone()).unwrap_or_default()))
    }
}

impl fmt::Debug for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Calendar({} bytes, {} components)", self.text.len(), self.components.len())
    }
}

/// Reads a fetched body. `content_type` is the header of that name; its charset is believed as far as
/// the bytes do not contradict it ([`charset::decode`]).
pub fn parse(body: &[u8], content_type: Option<&str>) -> Result<Calendar, ParseError> {
    let wide = charset::whole_first(body, content_type);
    let body = wide.as_ref().map_or(body, |text| text.as_bytes());
    let unfolded = unfold(charset::without_bom(body));
    let text = charset::from_ascii_like(unfolded.bytes, content_type);
    let mut scan = Scan { text: &text, ..Scan::default() };
    let mut start = 0;
    let ends = memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1);
    for (end, number) in ends.zip(unfolded.numbers.iter().copied()) {
        scan.line(start..end, number)?;
        start = end;
    }
    scan.finish(unfolded.numbers.last().copied().unwrap_or(1))?;
    let Scan { components, headers, .. } = scan;
    Ok(Calendar { components, headers, text })
}

/// What is known in the middle of a text.
#[derive(Default)]
struct Scan<'a> {
    text: &'a str,
    /// Names of the open components and the lines of their BEGINs; the first is VCALENDAR.
    open: Vec<(&'a str, u32)>,
    /// Where the open top-level component began.
    since: usize,
    seen: bool,
    components: Vec<Span>,
    headers: Vec<Range<usize>>,
}

impl<'a> Scan<'a> {
    fn line(&mut self, range: Range<usize>, number: u32) -> Result<(), ParseError> {
        let line = self.text.get(range.clone()).unwrap_or_default();
        let line = line.strip_suffix('\n').unwrap_or(line);
        if self.open.is_empty() {
            return self.outside(line, number);
        }
        match edge(line) {
            Some(Edge::Begin(name)) => self.begin(name, range, number),
            Some(Edge::End(name)) => self.end(name, range, number),
            None => self.property(line, range, number),
        }
    }

    fn outside(&mut self, line: &'a str, number: u32) -> Result<(), ParseError> {
        let line = line.trim_matches(|c: char| c == '\u{FEFF}' || c.is_whitespace());
        match edge(line) {
            Some(Edge::Begin(name)) if is_calendar(name) => {
                self.seen = true;
                self.open.push((name, number));
                Ok(())
            }
            _ if line.is_empty() => Ok(()),
            _ if self.seen || self.begins_later() => Err(ParseError::Outside { line: number, start: head(line) }),
            _ => Err(ParseError::NotACalendar { line: number, looks: looks(line) }),
        }
    }

    fn begin(&mut self, name: &'a str, range: Range<usize>, number: u32) -> Result<(), ParseError> {
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(ParseError::JunkLine { line: number, start: head(&["BEGIN:", name].concat()) });
        }
        if is_calendar(name) {
            return Err(self.unbalanced(number, ["BEGIN:", name]));
        }
        if self.open.len() > DEPTH {
            return Err(ParseError::TooDeep { line: number });
        }
        if self.open.len() == 1 {
            self.since = range.start;
        }
        self.open.push((name, number));
        Ok(())
    }

    fn end(&mut self, name: &str, range: Range<usize>, number: u32) -> Result<(), ParseError> {
        let Some((open, line)) = self.open.pop_if(|(open, _)| open.eq_ignore_ascii_case(name)) else {
            return Err(self.unbalanced(number, ["END:", name]));
        };
        if self.open.len() == 1 {
            let range = self.since..range.end;
            self.components.push(Span { kind: Kind::of(open), range, line });
        }
        Ok(())
    }

    fn property(&mut self, line: &str, range: Range<usize>, number: u32) -> Result<(), ParseError> {
        match Property::parse(line) {
            Some(property) if !property.is("BEGIN") && !property.is("END") => {
                if self.open.len() == 1 {
                    self.header(range);
                }
                Ok(())
            }
            _ => Err(ParseError::JunkLine { line: number, start: head(line) }),
        }
    }

    fn header(&mut self, range: Range<usize>) {
        match self.headers.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.headers.push(range),
        }
    }

    fn finish(&self, line: u32) -> Result<(), ParseError> {
        match self.open.last() {
            Some((open, since)) => Err(ParseError::Truncated { line, open: head(open), since: *since }),
            None if self.seen => Ok(()),
            None => Err(ParseError::NotACalendar { line: 1, looks: "an empty answer" }),
        }
    }

    fn unbalanced(&self, line: u32, found: [&str; 2]) -> ParseError {
        let open = self.open.last().map_or("", |(name, _)| name);
        let expected = head(&["END:", open].concat());
        ParseError::Unbalanced { line, expected, found: head(&found.concat()) }
    }

    /// Asked once, of a text that is about to be refused.
    fn begins_later(&self) -> bool {
        lines(self.text).any(|line| matches!(edge(line), Some(Edge::Begin(name)) if is_calendar(name)))
    }
}

fn is_calendar(name: &str) -> bool {
    name.eq_ignore_ascii_case("VCALENDAR")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &str) -> String {
        parse(body.as_bytes(), None).unwrap_err().to_string()
    }

    #[test]
    fn components_are_slices_of_the_logical_lines() {
        let body = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nbegin:vevent\r\nSUMMARY:a\r\n  b\r\nBEGIN:VALARM\r\nEND:VALARM\r\nEND:VEVENT \r\nX-A:1\r\nBEGIN:X-Y\r\nEND:X-Y\r\nEND:VCALENDAR\r\n\u{FEFF}BEGIN:VCALENDAR\r\nX-B:2\r\nBEGIN:VTIMEZONE\r\nEND:VTIMEZONE\r\nEND:VCALENDAR";
        let calendar = parse(body.as_bytes(), None).unwrap();
        let components: Vec<_> = calendar.components().collect();
        let kinds: Vec<_> = components.iter().map(|c| (c.kind, c.line)).collect();
        assert_eq!(kinds, [(Kind::Event, 3), (Kind::Other, 10), (Kind::Timezone, 15)]);
        assert_eq!(components[0].text, "begin:vevent\nSUMMARY:a b\nBEGIN:VALARM\nEND:VALARM\nEND:VEVENT \n");
        assert_eq!(calendar.header_lines().collect::<Vec<_>>(), ["VERSION:2.0", "X-A:1", "X-B:2"]);
    }

    #[test]
    fn what_is_refused_names_its_line() {
        let deep = "BEGIN:VCALENDAR\n".to_owned() + &"BEGIN:X\n".repeat(100_000);
        let cases = [
            ("", "line 1: not a calendar, but an empty answer"),
            (" \r\n\u{FEFF}\r\n", "line 1: not a calendar, but an empty answer"),
            ("\n<html>", "line 2: not a calendar, but a web page"),
            ("BEGIN:VEVENT\nEND:VEVENT", "line 1: not a calendar, but a component without its BEGIN:VCALENDAR"),
            ("<br />Warning\nBEGIN:VCALENDAR\nEND:VCALENDAR", "line 1: text outside the calendar: \"<br />Warning\""),
            ("BEGIN:VCALENDAR\nEND:VCALENDAR\nx", "line 3: text outside the calendar: \"x\""),
            ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nA:1", "line 3: the text ends before the END:VEVENT that line 2 asks for"),
            ("BEGIN:VCALENDAR\nBEGIN:A\nEND:B\n", "line 3: END:B where END:A should be"),
            ("BEGIN:VCALENDAR\nBEGIN:VCALENDAR\n", "line 2: BEGIN:VCALENDAR where END:VCALENDAR should be"),
            ("BEGIN:VCALENDAR\nA:1\n\nSalle B\n", "line 4: not a property: \"Salle B\""),
            ("BEGIN:VCALENDAR\nBEGIN;X=1:A\n", "line 2: not a property: \"BEGIN;X=1:A\""),
            ("BEGIN:VCALENDAR\nBEGIN:\n", "line 2: not a property: \"BEGIN:\""),
            (deep.as_str(), "line 66: components are nested more than 64 deep"),
        ];
        for (body, message) in cases {
            assert_eq!(refusal(body), message);
            assert!(message.starts_with(&format!("line {}:", parse(body.as_bytes(), None).unwrap_err().line())));
        }
    }

    #[test]
    fn a_fold_may_stand_inside_a_character() {
        let body = b"BEGIN:VCALENDAR\r\nX-A:\xC3\r\n \xA9t\xC3\xA9\r\nEND:VCALENDAR\r\n";
        let calendar = parse(body, Some("text/calendar; charset=utf-8")).unwrap();
        assert_eq!(calendar.header_lines().collect::<Vec<_>>(), ["X-A:été"]);
    }

    #[test]
    fn utf_16_is_decoded_before_it_is_unfolded() {
        let text = "\u{FEFF}BEGIN:VCALENDAR\r\nX-A:é\r\n  ċ\r\nEND:VCALENDAR\r\n";
        for bytes in [
            text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
            text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        ] {
            let calendar = parse(&bytes, None).unwrap();
            assert_eq!(calendar.header_lines().collect::<Vec<_>>(), ["X-A:é ċ"]);
        }
    }
}
