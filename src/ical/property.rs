//! One logical line as name, parameters and value (RFC 5545 3.1), and the lines of a component.
//!
//! Reading is tolerant, because nothing that is read here is printed: the line itself is.

use memchr::{memchr, memchr_iter};

pub use super::content::{content_key, content_key_without_uid};

/// A content line, cut but not interpreted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property<'a> {
    /// The name as it was written; compare it with [`Property::is`].
    pub name: &'a str,
    /// The parameters as they were written, without the leading `;`.
    pub params: &'a str,
    /// The value as it was written, escapes and all.
    pub value: &'a str,
    /// The whole logical line.
    pub line: &'a str,
}

impl<'a> Property<'a> {
    /// Cuts a logical line; None if it is not `name[;params]:value`. The name may hold
    /// `_`, `.`, `/` and `+` besides what 3.1 allows; wider, and stray prose or HTML would pass for one.
    pub fn parse(line: &'a str) -> Option<Property<'a>> {
        let stop = line.bytes().position(|byte| !is_name_byte(byte))?;
        let (name, rest) = line.split_at_checked(stop)?;
        if name.is_empty() {
            return None;
        }
        if let Some(value) = rest.strip_prefix(':') {
            return Some(Property { name, params: "", value, line });
        }
        let rest = rest.strip_prefix(';')?;
        let colon = unquoted(rest, b':').or_else(|| memchr(b':', rest.as_bytes()))?;
        let (params, value) = rest.split_at_checked(colon)?;
        Some(Property { name, params, value: value.get(1..)?, line })
    }

    /// Whether this is the property called `name`, in any case of letters.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The first value of a parameter, without its quotes.
    pub fn param(&self, name: &str) -> Option<&'a str> {
        let mut rest = self.params;
        while !rest.is_empty() {
            let stop = unquoted(rest, b';').unwrap_or(rest.len());
            let (param, tail) = rest.split_at_checked(stop)?;
            rest = tail.strip_prefix(';').unwrap_or(tail);
            match param.split_once('=') {
                Some((key, value)) if key.eq_ignore_ascii_case(name) => return Some(bare(value)),
                _ => {}
            }
        }
        None
    }
}

/// The lines of a component's text.
pub fn lines(component: &str) -> impl Iterator<Item = &str> {
    let mut start = 0;
    memchr_iter(b'\n', component.as_bytes()).chain([component.len()]).filter_map(move |stop| {
        let line = component.get(start..stop);
        start = stop + 1;
        line.filter(|line| !line.is_empty())
    })
}

/// A component's own properties, without those of the components inside it (a VEVENT's VALARM).
pub fn own_properties(component: &str) -> impl Iterator<Item = Property<'_>> {
    let mut depth = 0u32;
    lines(component).filter_map(move |line| match edge(line) {
        Some(Edge::Begin(_)) => {
            depth = depth.saturating_add(1);
            None
        }
        Some(Edge::End(_)) => {
            depth = depth.saturating_sub(1);
            None
        }
        None if depth == 1 => Property::parse(line),
        None => None,
    })
}

/// Where a component begins or ends, with its name.
#[derive(Clone, Copy)]
pub(super) enum Edge<'a> {
    Begin(&'a str),
    End(&'a str),
}

/// Reads a `BEGIN:` or `END:` line, in any case of letters, with blanks behind it.
pub(super) fn edge(line: &str) -> Option<Edge<'_>> {
    let name = |length: usize| line.get(length..).map(str::trim_end);
    match line.as_bytes() {
        [b'B' | b'b', ..] if starts(line, "BEGIN:") => name(6).map(Edge::Begin),
        [b'E' | b'e', ..] if starts(line, "END:") => name(4).map(Edge::End),
        _ => None,
    }
}

fn starts(line: &str, prefix: &str) -> bool {
    line.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/' | b'+')
}

/// Where `wanted` first stands outside double quotes.
fn unquoted(text: &str, wanted: u8) -> Option<usize> {
    let mut quoted = false;
    text.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == wanted && !quoted
    })
}

/// The first of a parameter's values, without its quotes.
fn bare(value: &str) -> &str {
    match value.strip_prefix('"') {
        Some(inner) => inner.split('"').next().unwrap_or(inner),
        None => value.split(',').next().unwrap_or(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_outside_its_quotes() {
        let cases = [
            ("A:b", Some(("A", "", "b"))),
            ("A;P=1:b:c", Some(("A", "P=1", "b:c"))),
            (r#"A;P="x:y;z";Q=2:b"#, Some(("A", r#"P="x:y;z";Q=2"#, "b"))),
            (r#"A;P="open:b"#, Some(("A", r#"P="open"#, "b"))),
            ("X_A.1:", Some(("X_A.1", "", ""))),
            ("A;:b", Some(("A", "", "b"))),
            ("A", None),
            ("A;P=1", None),
            (":b", None),
            ("Salle B 204: ouverte", None),
            ("Où: là", None),
            ("<b>Warning</b>: x", None),
            ("", None),
        ];
        for (line, cut) in cases {
            let got = Property::parse(line).map(|p| (p.name, p.params, p.value));
            assert_eq!(got, cut, "{line}");
        }
    }

    #[test]
    fn a_parameter_is_found_without_its_quotes() {
        let line = r#"DTSTART;X="a;TZID=no:";tzid="(UTC+01:00) Paris";E=;M="1","2":x"#;
        let property = Property::parse(line).unwrap();
        assert_eq!(property.param("TZID"), Some("(UTC+01:00) Paris"));
        assert_eq!(property.param("E"), Some(""));
        assert_eq!(property.param("M"), Some("1"));
        assert_eq!(property.param("NONE"), None);
    }

    #[test]
    fn own_properties_leave_out_nested_components() {
        let text = "BEGIN:VEVENT\nUID:1\nbegin:VALARM\nUID:2\nEND:valarm\nSUMMARY:s\nEND:VEVENT\n";
        let names: Vec<_> = own_properties(text).map(|p| p.line).collect();
        assert_eq!(names, ["UID:1", "SUMMARY:s"]);
    }
}
