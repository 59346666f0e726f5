//! How the planning site writes a calendar: rightly, but never twice alike.
//!
//! What a fetch gets depends on its number alone: the order of the events, where lines are folded and with what, and
//! by cohort the charset and the line ends. The logical lines are those of [`super::school`], none lost, none changed.

use chrono::{DateTime, Utc};

use super::school::{self, Cohort, Quirk};

/// The calendar as the `nth` fetch gets it: its charset and its bytes.
pub fn calendar(cohort: &Cohort, now: DateTime<Utc>, nth: u64) -> (&'static str, Vec<u8>) {
    let mut disorder = Disorder(nth);
    let mut events = school::events(cohort, now);
    disorder.shuffle(&mut events);
    let mut lines = school::opening(cohort);
    lines.extend(events.into_iter().flatten());
    lines.push("END:VCALENDAR".to_owned());
    match cohort.quirk {
        Quirk::Windows1252 => ("windows-1252", disorder.fold(&lines, to_windows_1252, "\r\n")),
        Quirk::SplitsCharacters => ("utf-8", disorder.fold(&lines, to_octets, "\r\n")),
        Quirk::BareLineFeeds => ("utf-8", disorder.fold(&lines, to_characters, "\n")),
    }
}

/// A line as the pieces between which a fold may fall.
type Pieces = Vec<Vec<u8>>;

fn to_windows_1252(line: &str) -> Pieces {
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(line);
    bytes.iter().map(|byte| vec![*byte]).collect()
}

fn to_octets(line: &str) -> Pieces {
    line.bytes().map(|byte| vec![byte]).collect()
}

fn to_characters(line: &str) -> Pieces {
    line.chars().map(|c| c.to_string().into_bytes()).collect()
}

/// The site's whims: the same for the same number, different from one fetch to the next (splitmix64).
struct Disorder(u64);

impl Disorder {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let drawn = (z ^ (z >> 31)) % (bound.max(1) as u64);
        usize::try_from(drawn).unwrap_or_default()
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// Prints the lines, folding one in three early and somewhere odd, with a space or a tab.
    fn fold(&mut self, lines: &[String], pieces: fn(&str) -> Pieces, line_end: &str) -> Vec<u8> {
        let mut out = Vec::new();
        for line in lines {
            let mut room = if self.below(3) == 0 { 20 + self.below(50) } else { 75 };
            for piece in pieces(line) {
                if piece.len() > room {
                    out.extend_from_slice(line_end.as_bytes());
                    out.push(if self.below(4) == 0 { b'\t' } else { b' ' });
                    room = 74;
                }
                room -= piece.len();
                out.extend_from_slice(&piece);
            }
            out.extend_from_slice(line_end.as_bytes());
        }
        out
    }
}
