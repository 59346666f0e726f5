//! The one letter that keeps a spreadsheet from taking a text for a formula.
//!
//! [`unguarded`] takes off what [`guarded`] puts on, whatever the text. So a text that already looks guarded is guarded too.

use std::borrow::Cow;

/// A text as a .csv for spreadsheets holds it: one that would be taken for a formula gets a `'` before it.
pub fn guarded(text: &str) -> Cow<'_, str> {
    match is_formula(text.trim_start_matches('\'')) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

/// The text that was meant: a `'` that [`guarded`] puts on is taken off again.
pub fn unguarded(text: &str) -> &str {
    let bare = text.strip_prefix('\'').filter(|rest| is_formula(rest.trim_start_matches('\'')));
    bare.unwrap_or(text)
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_formula_is_made_text_and_back() {
        let cases =
            [("=1+1", "'=1+1"), ("-", "'-"), ("'=1", "''=1"), ("l'eau", "l'eau"), ("'", "'"), ("'a", "'a"), ("", "")];
        for (text, cell) in cases {
            assert_eq!(guarded(text), cell);
            assert_eq!(unguarded(cell), text);
        }
    }

    proptest! {
        #[test]
        fn taking_off_gives_back_what_was_there(text in "['=+@\t\r\\-a]{0,4}\\PC{0,4}") {
            let cell = guarded(&text);
            prop_assert_eq!(unguarded(&cell), text.as_str());
            prop_assert!(!is_formula(&cell));
        }
    }
}
