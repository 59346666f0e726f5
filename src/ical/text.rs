//! TEXT values (RFC 5545 3.3.11): escaped on the way out, read leniently on the way in.

use std::borrow::Cow;

use memchr::memchr;

/// Escapes a text for a property's value. Line ends become `\n`; other control characters are dropped.
pub fn escape(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| !byte.is_ascii_control() & !matches!(byte, b'\\' | b';' | b',');
    if text.bytes().fold(true, |all, byte| all & plain(byte)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => out.push_str("\\n"),
            '\t' => out.push(c),
            c if c.is_ascii_control() => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Reads an escaped text. A backslash before anything else than `n`, `N` is taken off, as clients do
/// with `\:` and `\"`; one at the very end stays.
pub fn unescape(value: &str) -> Cow<'_, str> {
    if memchr(b'\\', value.as_bytes()).is_none() {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(next) => out.push(next),
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The values of a comma-separated list of texts (CATEGORIES), each unescaped.
pub(super) fn unescape_list(value: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut escaped = false;
    value
        .split(move |c| {
            let cut = c == ',' && !escaped;
            escaped = c == '\\' && !escaped;
            cut
        })
        .map(unescape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_read_back() {
        let cases = [("plain é 🎓", "plain é 🎓"), ("a,b;c\\d\ne", "a\\,b\\;c\\\\d\\ne"), ("C:\\new", "C:\\\\new")];
        for (text, escaped) in cases {
            assert_eq!(escape(text), escaped);
            assert_eq!(unescape(escaped), text);
        }
        assert_eq!(escape("a\r\nb\rc\u{7}\td"), "a\\nb\\nc\td");
    }

    #[test]
    fn odd_escapes_are_read_leniently() {
        for (value, text) in [("a\\Nb", "a\nb"), ("a\\:b\\x", "a:bx"), ("a\\", "a\\")] {
            assert_eq!(unescape(value), text);
        }
    }

    #[test]
    fn a_list_is_cut_at_bare_commas() {
        let values: Vec<_> = unescape_list("a\\,b,c\\\\,d").collect();
        assert_eq!(values, ["a,b", "c\\", "d"]);
    }
}
