//! Why a body is refused, in plain sentences that begin with the number of a line.

/// How deep components may stand inside each other.
pub(super) const DEPTH: usize = 64;

/// Why a body is not taken. Each names the physical line, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Nowhere a line `BEGIN:VCALENDAR`.
    #[error("line {line}: not a calendar, but {looks}")]
    NotACalendar { line: u32, looks: &'static str },
    /// The text ends inside a component.
    #[error("line {line}: the text ends before the END:{open} that line {since} asks for")]
    Truncated { line: u32, open: String, since: u32 },
    /// An END that does not close what is open, or a VCALENDAR inside something.
    #[error("line {line}: {found} where {expected} should be")]
    Unbalanced { line: u32, expected: String, found: String },
    /// Components inside components, more than 64 deep.
    #[error("line {line}: components are nested more than {DEPTH} deep")]
    TooDeep { line: u32 },
    /// A line inside the calendar that is not `NAME:value`.
    #[error("line {line}: not a property: {start:?}")]
    JunkLine { line: u32, start: String },
    /// Text before, between or after the calendars, as a failing PHP page prints it.
    #[error("line {line}: text outside the calendar: {start:?}")]
    Outside { line: u32, start: String },
}

impl ParseError {
    /// The physical line at fault, counted from 1.
    pub fn line(&self) -> u32 {
        match self {
            Self::NotACalendar { line, .. }
            | Self::Truncated { line, .. }
            | Self::Unbalanced { line, .. }
            | Self::TooDeep { line }
            | Self::JunkLine { line, .. }
            | Self::Outside { line, .. } => *line,
        }
    }
}

/// The beginning of a line, for a message.
pub(super) fn head(line: &str) -> String {
    line.chars().take(40).collect()
}

/// What a text that is no calendar seems to be.
pub(super) fn looks(line: &str) -> &'static str {
    let starts = |prefix: &str| line.get(..prefix.len()).is_some_and(|h| h.eq_ignore_ascii_case(prefix));
    match line {
        _ if starts("<?xml") => "XML",
        _ if starts("<") => "a web page",
        _ if starts("{") || starts("[") => "JSON",
        _ if starts("%PDF") => "a PDF file",
        _ if starts("PK") => "a ZIP file",
        _ if starts("BEGIN:VCARD") => "an address book",
        _ if starts("BEGIN:") => "a component without its BEGIN:VCALENDAR",
        _ => "some other text",
    }
}
