//! Percent-encoding (RFC 3986 2.1): of anything but unreserved characters, for a log line and for a path; and back.

/// The text with each byte that is not unreserved as `%XX`.
pub fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// The same, cut at so many characters, never inside an escape.
pub fn encoded_to(text: &str, length: usize) -> String {
    // No character takes less than one place, so the rest of a long text need not be looked at.
    let start: String = text.chars().take(length).collect();
    let mut cut = encoded(&start);
    cut.truncate(length);
    if let Some(escape) = cut.rfind('%').filter(|at| at + 3 > cut.len()) {
        cut.truncate(escape);
    }
    cut
}

/// The text with each `%XX` as the byte that it stands for; what is no UTF-8 then becomes the replacement character, and
/// a `%` without two digits stays.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escape = after.split_first_chunk::<2>().filter(|_| *first == b'%');
        let byte = escape.and_then(|(digits, after)| Some((byte_of(*digits)?, after)));
        let (byte, after) = byte.unwrap_or((*first, after));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn byte_of(digits: [u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_and_what_is_none_stays() {
        let rows =
            [("/%73%2F%C3%A9", "/s/é"), ("a%", "a%"), ("%4", "%4"), ("%zz%41", "%zzA"), ("%FF", "\u{fffd}"), ("", "")];
        for (text, expected) in rows {
            assert_eq!(decoded(text), expected, "{text}");
        }
    }

    #[test]
    fn only_unreserved_characters_stand() {
        assert_eq!(encoded("é a\n/b=%.~"), "%C3%A9%20a%0A%2Fb%3D%25.~");
    }

    #[test]
    fn a_cut_leaves_no_half_escape() {
        assert_eq!(encoded_to("abc", 2), "ab");
        assert_eq!(encoded_to("a  ", 4), "a%20");
        assert_eq!(encoded_to("a  ", 6), "a%20");
        assert_eq!(encoded_to("a  ", 7), "a%20%20");
    }
}
