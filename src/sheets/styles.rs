//! Which formats of a workbook show a number as a date or a time (ECMA-376 part 1, 18.8).

use std::collections::HashMap;

use super::SheetError;
use super::xml::{Node, Xml};

/// Formats of one's own; a workbook has some tens.
const FORMATS_AT_MOST: usize = 10_000;

/// How a number is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Shown {
    /// As a number.
    #[default]
    Number,
    /// As a date.
    Day,
    /// As a time of a day, with its date or alone.
    Moment,
    /// As a length of time: `[h]:mm`.
    Length,
}

/// The formats of `styles.xml`, as cells number them.
pub(super) fn read_formats(xml: &mut Xml<'_>) -> Result<Vec<Shown>, SheetError> {
    let mut own = HashMap::new();
    let mut shown = Vec::new();
    let mut inside = false;
    while let Some(node) = xml.next()? {
        match node {
            Node::Start(element) if element.is("numFmt") && own.len() < FORMATS_AT_MOST => {
                let code = element.attribute("formatCode").unwrap_or_default();
                own.insert(element.attribute("numFmtId").unwrap_or_default(), of_code(&code));
            }
            Node::Start(element) if element.is("cellXfs") => inside = true,
            Node::Start(element) if inside && element.is("xf") => {
                let id = element.attribute("numFmtId").unwrap_or_default();
                shown.push(own.get(&id).copied().unwrap_or_else(|| of_id(&id)));
            }
            Node::End(name) if name == "cellXfs" => break,
            _ => {}
        }
    }
    Ok(shown)
}

/// The formats that have no code in the file (18.8.30).
fn of_id(id: &str) -> Shown {
    match id.parse::<u32>() {
        Ok(46) => Shown::Length,
        Ok(14..=17 | 27..=31 | 36 | 50..=58) => Shown::Day,
        Ok(18..=22 | 32..=35 | 45 | 47) => Shown::Moment,
        _ => Shown::Number,
    }
}

/// By the first section of a code (18.8.31): letters of a date or of a time outside quotes, escapes and `[…]`; in brackets
/// `h`, `m` or `s` alone. An `m` could be of either: without `h` and `s` it is a month.
fn of_code(code: &str) -> Shown {
    let mut shown = Shown::Number;
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' | '_' | '*' => drop(characters.next()),
            '"' => drop(characters.by_ref().find(|next| *next == '"')),
            ';' => break,
            '[' => {
                let inside: String = characters.by_ref().take_while(|next| *next != ']').collect();
                let letter = inside.chars().next().map(|letter| letter.to_ascii_lowercase());
                let alone = inside.chars().all(|other| Some(other.to_ascii_lowercase()) == letter);
                if shown == Shown::Number && alone && matches!(letter, Some('h' | 'm' | 's')) {
                    return Shown::Length;
                }
            }
            'h' | 'H' | 's' | 'S' => return Shown::Moment,
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' => shown = Shown::Day,
            // `General` and its translations hold letters of dates.
            'G' | 'g' if shown == Shown::Number => return Shown::Number,
            _ => {}
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_known_by_its_code() {
        let cases = [
            ("General", Shown::Number),
            ("0.00", Shown::Number),
            ("0\" jours\"", Shown::Number),
            ("#,##0\\ [$€-40C]", Shown::Number),
            ("[Red]0", Shown::Number),
            ("#,##0*y", Shown::Number),
            ("0;yyyy", Shown::Number),
            ("DD/MM/YY", Shown::Day),
            ("dd/mm/yyyy\\ hh:mm", Shown::Moment),
            ("[$-40C]dddd\\ d\\ mmmm\\ yyyy;@", Shown::Day),
            ("h:mm AM/PM", Shown::Moment),
            ("[h]:mm:ss", Shown::Length),
            ("[MM]", Shown::Length),
            ("[s].00", Shown::Length),
        ];
        for (code, shown) in cases {
            assert_eq!(of_code(code), shown, "{code}");
        }
        assert_eq!(
            [of_id("14"), of_id("22"), of_id("46"), of_id("2"), of_id("x")],
            [Shown::Day, Shown::Moment, Shown::Length, Shown::Number, Shown::Number]
        );
    }
}
