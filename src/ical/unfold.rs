//! Bytes to logical lines (RFC 5545 3.1), before the charset is known: a fold may stand inside a
//! UTF-8 sequence. Drops the control characters that 3.1 forbids and the blank lines, and only they;
//! remembers the physical line at which each logical line began.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};

/// The logical lines, each closed by `\n`; none is empty and none begins with a blank.
pub(super) struct Unfolded {
    pub(super) bytes: Vec<u8>,
    /// For each logical line the number, from 1, of its first physical line.
    pub(super) numbers: Vec<u32>,
}

/// Unfolds a body in any charset that keeps ASCII.
pub(super) fn unfold(body: &[u8]) -> Unfolded {
    let end = line_end(body);
    let mut out = Unfolded { bytes: Vec::with_capacity(body.len() + 1), numbers: Vec::with_capacity(body.len() / 32) };
    let mut start = 0;
    let ends = memchr_iter(end, body).chain([body.len()]);
    for (number, stop) in (1u32..).zip(ends) {
        let line = body.get(start..stop).unwrap_or_default();
        out.push(&clean(line), number);
        start = stop + 1;
    }
    if !out.bytes.is_empty() {
        out.bytes.push(b'\n');
    }
    out
}

impl Unfolded {
    fn push(&mut self, line: &[u8], number: u32) {
        match line {
            [] => {}
            [b' ' | b'\t', rest @ ..] if !self.bytes.is_empty() => self.bytes.extend_from_slice(rest),
            _ => {
                let line = line.trim_ascii_start();
                if line.is_empty() {
                    return;
                }
                if !self.bytes.is_empty() {
                    self.bytes.push(b'\n');
                }
                self.bytes.extend_from_slice(line);
                self.numbers.push(number);
            }
        }
    }
}

/// LF, or CR in a body of the old Macintosh that has no LF at all.
fn line_end(body: &[u8]) -> u8 {
    if memchr(b'\n', body).is_none() && memchr(b'\r', body).is_some() { b'\r' } else { b'\n' }
}

fn clean(line: &[u8]) -> Cow<'_, [u8]> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    // No early exit: so it is done many bytes at a time.
    if line.iter().fold(false, |bad, byte| bad | forbidden(*byte)) {
        Cow::Owned(line.iter().copied().filter(|byte| !forbidden(*byte)).collect())
    } else {
        Cow::Borrowed(line)
    }
}

/// CONTROL of RFC 5545 3.1: all but TAB. A CR that ends no line is one of them.
fn forbidden(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t') || byte == 0x7F
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_unfolded_whatever_ends_them() {
        let cases: &[(&[u8], &str, &[u32])] = &[
            (b"", "", &[]),
            (b"A:1\r\nB:2\r\n", "A:1\nB:2\n", &[1, 2]),
            (b"A:1\nB:2", "A:1\nB:2\n", &[1, 2]),
            (b"A:1\rB:2\r", "A:1\nB:2\n", &[1, 2]),
            (b"A:1\r\r\nB:2\r\r\n", "A:1\nB:2\n", &[1, 2]),
            (b"A:1\r\n  x\r\n\ty\r\nB:2", "A:1 xy\nB:2\n", &[1, 4]),
            (b"A:\xC3\r\n \xA9\r\n", "A:é\n", &[1]),
            (b"A:1\rx\nB:2\n", "A:1x\nB:2\n", &[1, 2]),
            (b"A:\x00\x07\t\x7F1\n\n\nB:2\n", "A:\t1\nB:2\n", &[1, 4]),
            (b"A:1\n\x00 2\n", "A:12\n", &[1]),
            (b"\n  \n A:1\n", "A:1\n", &[3]),
        ];
        for (body, text, numbers) in cases {
            let out = unfold(body);
            assert_eq!(String::from_utf8(out.bytes).unwrap(), *text, "{body:?}");
            assert_eq!(out.numbers, *numbers, "{body:?}");
        }
    }
}
