//! Any bytes under any header become text; bytes that are UTF-8 and come without a header stay what they were.
//!
//! The first byte chooses the header, the rest is the body.

#![no_main]

use carillon::ical::charset::decode;
use libfuzzer_sys::fuzz_target;

const HEADERS: [Option<&str>; 10] = [
    None,
    Some("text/calendar"),
    Some("text/calendar; charset=utf-8"),
    Some("text/calendar; charset=\"UTF-8\""),
    Some("text/calendar; charset=iso-8859-1"),
    Some("text/calendar; charset=windows-1252"),
    Some("text/calendar; charset=utf-16"),
    Some("text/calendar; charset=utf-16le; x=y"),
    Some("text/calendar; charset="),
    Some("text/calendar; charset=klingon; charset=utf-8"),
];

fuzz_target!(|data: &[u8]| {
    let Some((choice, body)) = data.split_first() else {
        return;
    };
    let header = HEADERS[usize::from(*choice) % HEADERS.len()];
    let text = decode(body, header);
    assert_eq!(
        text,
        decode(body, header),
        "the same bytes give the same text"
    );
    if let (Some("text/calendar; charset=utf-8"), Ok(already)) = (header, std::str::from_utf8(body))
        && !body.contains(&0)
        && !already.contains('\u{feff}')
    {
        assert_eq!(text, already);
    }
});
