//! An address as a QR code, drawn into the page: one path, black on white in the dark too, since cameras want it so.

use std::fmt::Write;

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code (ISO/IEC 18004 wants four).
const MARGIN: usize = 4;

/// The code of a text, with what a screen reader says instead; nothing where the text is too long for one.
pub fn qr_code(text: &str, label: &str) -> Option<Markup> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let size = code.width() + 2 * MARGIN;
    Some(html! {
        svg .qr role="img" aria-label=(label) viewBox=(format!("0 0 {size} {size}")) shape-rendering="crispEdges" {
            rect width=(size) height=(size) fill="#fff" {}
            path fill="#000" d=(path(&code)) {}
        }
    })
}

/// Each run of dark modules as one rectangle.
fn path(code: &QrCode) -> String {
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(code.width()).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{} {}h{}v1h-{}z", x + MARGIN, y + MARGIN, run.len(), run.len());
            }
            x += run.len();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_small_and_says_what_it_is() {
        let code = qr_code("https://cafe.example.org/calendars/m2.ics", "Code \"QR\"").unwrap().into_string();
        assert!(code.contains("aria-label=\"Code &quot;QR&quot;\"") && code.contains("M4 4h7v1h-7z"));
        assert!(code.len() < 6000, "{}", code.len());
        assert!(qr_code(&"x".repeat(5000), "too long").is_none());
    }
}
