//! Bytes to text, by what the bytes say first and the header second.
//!
//! A byte order mark wins; then valid UTF-8, whatever the header claims; then the header; then
//! windows-1252, which is how the web reads Latin-1. It never fails: the worst is a wrong accent.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

const UTF_8_BOM: &[u8] = b"\xEF\xBB\xBF";

/// The text of a body whose `Content-Type` header is `content_type`; without its byte order mark.
pub fn decode(bytes: &[u8], content_type: Option<&str>) -> String {
    match whole_first(bytes, content_type) {
        Some(text) => text,
        None => from_ascii_like(without_bom(bytes).to_vec(), content_type),
    }
}

/// The text, if the bytes are in a charset where a line end is not the byte LF (UTF-16, ISO-2022-JP).
/// All others can be cut into lines, and unfolded, before they are decoded.
pub(super) fn whole_first(bytes: &[u8], content_type: Option<&str>) -> Option<String> {
    let encoding = wide(bytes).or_else(|| {
        declared(content_type)
            .filter(|named| !named.is_ascii_compatible() && !is_utf_16(named) && bytes.contains(&0x1B))
    })?;
    Some(encoding.decode_with_bom_removal(bytes).0.into_owned())
}

/// Decodes bytes without a mark, in a charset that keeps ASCII; takes the buffer over where it can.
pub(super) fn from_ascii_like(bytes: Vec<u8>, content_type: Option<&str>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let encoding = declared(content_type)
                .filter(|named| *named != UTF_8 && named.is_ascii_compatible())
                .unwrap_or(WINDOWS_1252);
            let (text, _) = encoding.decode_without_bom_handling(error.as_bytes());
            text.into_owned()
        }
    }
}

/// The bytes after a UTF-8 byte order mark, if there is one.
pub(super) fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(UTF_8_BOM).unwrap_or(bytes)
}

/// UTF-16, by its mark, or by the look of `BEGIN` in it. A header alone is not believed.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    match Encoding::for_bom(bytes) {
        Some((encoding, _)) if is_utf_16(encoding) => Some(encoding),
        Some(_) => None,
        None if bytes.starts_with(b"B\0E\0") => Some(UTF_16LE),
        None if bytes.starts_with(b"\0B\0E") => Some(UTF_16BE),
        None => None,
    }
}

fn is_utf_16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// The charset that a `Content-Type` names, if it is a known one.
fn declared(content_type: Option<&str>) -> Option<&'static Encoding> {
    content_type?.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let label = value.trim().trim_matches(['"', '\'']);
        let named = name.trim().eq_ignore_ascii_case("charset");
        named.then(|| Encoding::for_label(label.as_bytes()))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_win_over_the_header() {
        let utf_16: Vec<u8> = "é".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [b"\xFF\xFE".as_slice(), &utf_16].concat();
        let cases: &[(&[u8], Option<&str>, &str)] = &[
            (b"abc", None, "abc"),
            ("é".as_bytes(), None, "é"),
            ("é".as_bytes(), Some("text/calendar; charset=ISO-8859-1"), "é"),
            (b"\xE9", None, "é"),
            (b"\xE9\x80", Some("text/calendar; charset=\"utf-8\""), "é€"),
            (b"\xE9", Some("text/calendar;charset=latin1"), "é"),
            (b"\xA4", Some("text/calendar;CHARSET=iso-8859-15"), "€"),
            (b"\xA4", Some("text/calendar;charset=nonsense"), "¤"),
            (b"\xEF\xBB\xBFx", Some("text/calendar;charset=latin1"), "x"),
            (&marked, Some("text/calendar;charset=utf-8"), "é"),
            (b"B\0E\0", None, "BE"),
            (b"BE", Some("text/calendar;charset=utf-16"), "BE"),
            (b"", None, ""),
        ];
        for (bytes, header, text) in cases {
            assert_eq!(decode(bytes, *header), *text, "{bytes:?} {header:?}");
        }
    }
}
