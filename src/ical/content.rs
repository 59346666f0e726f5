//! The rule "nothing new": what two fetches of one component must share to be the same.
//!
//! A key is made of the set of a component's logical lines, in whatever order, without those that
//! sites print anew at each fetch, and of the keys of the components inside it. The keys depend on
//! nothing but the text, so they may be kept across restarts.

use super::property::{Edge, edge, lines};

const VOLATILE: [&str; 5] = ["DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "PRODID"];

/// The content of a component without DTSTAMP, CREATED, LAST-MODIFIED, SEQUENCE and PRODID.
pub fn content_key(component: &str) -> u64 {
    key(component, &[])
}

/// The same without UID, for sites whose UIDs change at each fetch.
pub fn content_key_without_uid(component: &str) -> u64 {
    key(component, &["UID"])
}

/// What was gathered of a component that is still open.
#[derive(Default)]
struct Level {
    lines: Vec<u64>,
    inner: Vec<u64>,
}

impl Level {
    fn open(line: &str) -> Level {
        let mut lines = Vec::with_capacity(16);
        lines.push(hash(line.as_bytes()));
        Level { lines, inner: Vec::new() }
    }

    /// Lines count once each, inner components as often as they stand there.
    fn close(mut self) -> u64 {
        self.lines.sort_unstable();
        self.lines.dedup();
        self.inner.sort_unstable();
        let count = self.lines.len() as u64;
        self.lines.iter().chain([&count]).chain(&self.inner).fold(SEED, |h, part| mix(h ^ part, SECOND))
    }
}

fn key(component: &str, more: &[&str]) -> u64 {
    let mut open = vec![Level::default()];
    for line in lines(component) {
        match edge(line) {
            Some(Edge::Begin(_)) => open.push(Level::open(line)),
            Some(Edge::End(_)) => {
                let Some(level) = open.pop() else { break };
                let Some(outer) = open.last_mut() else { break };
                outer.inner.push(level.close());
            }
            None if is_one_of(line, &VOLATILE) || is_one_of(line, more) => {}
            None => open.last_mut().map(|level| level.lines.push(hash(line.as_bytes()))).unwrap_or(()),
        }
    }
    open.into_iter().fold(SEED, |h, level| mix(h ^ level.close(), SECOND))
}

fn is_one_of(line: &str, names: &[&str]) -> bool {
    let line = line.as_bytes();
    // Most lines are told apart by their first letter.
    let first = line.first().map_or(0, u8::to_ascii_uppercase);
    let mut alike = names.iter().map(|name| name.as_bytes()).filter(|name| name.first() == Some(&first));
    alike.any(|name| {
        matches!(line.get(name.len()), Some(b':' | b';'))
            && line.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
    })
}

const SEED: u64 = 0x243F_6A88_85A3_08D3; // pi
const SECOND: u64 = 0x9E37_79B9_7F4A_7C15; // the golden ratio

/// A fixed hash, eight bytes at a time. Not a secret one: a site that forges a collision of its own
/// two texts harms only its own calendar.
fn hash(bytes: &[u8]) -> u64 {
    let (chunks, tail) = bytes.as_chunks::<8>();
    let mut h = SEED ^ bytes.len() as u64;
    for chunk in chunks {
        h = mix(h ^ u64::from_le_bytes(*chunk), SECOND);
    }
    let last = tail.iter().fold(1u64, |word, byte| (word << 8) | u64::from(*byte));
    mix(h ^ last, SEED)
}

/// The two halves of a 128-bit product, folded.
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64) ^ a.rotate_left(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = "BEGIN:VEVENT\nUID:1\nDTSTAMP:1\nSUMMARY:a\nBEGIN:VALARM\nACTION:x\nEND:VALARM\nEND:VEVENT\n";

    #[test]
    fn what_sites_print_anew_does_not_count() {
        let same = "BEGIN:VEVENT\nSequence:7\nSUMMARY:a\nBEGIN:VALARM\nACTION:x\nLAST-MODIFIED:3\nEND:VALARM\nUID:1\nCREATED;X=1:2\nEND:VEVENT\n";
        assert_eq!(content_key(EVENT), content_key(same));
    }

    #[test]
    fn everything_else_counts() {
        let others = [
            EVENT.replace("SUMMARY:a", "SUMMARY:b"),
            EVENT.replace("SUMMARY:a", "SUMMARY:a "),
            EVENT.replace("UID:1", "UID:2"),
            EVENT.replace("ACTION:x", "ACTION:y"),
            EVENT.replace("BEGIN:VALARM\nACTION:x\nEND:VALARM\n", "ACTION:x\n"),
            EVENT.replace("END:VALARM\n", "END:VALARM\nBEGIN:VALARM\nACTION:x\nEND:VALARM\n"),
            EVENT.replace("VEVENT", "VTODO"),
            EVENT.replace("DTSTAMP:", "DTSTAMPS:"),
        ];
        for other in others {
            assert_ne!(content_key(EVENT), content_key(&other), "{other}");
        }
    }

    #[test]
    fn a_uid_can_be_left_out() {
        let other = EVENT.replace("UID:1", "UID:2");
        assert_eq!(content_key_without_uid(EVENT), content_key_without_uid(&other));
        assert_ne!(content_key_without_uid(EVENT), content_key(EVENT));
    }

    #[test]
    fn a_key_is_the_same_in_every_release() {
        assert_eq!(content_key("BEGIN:VEVENT\nSUMMARY:Réseaux\nEND:VEVENT\n"), 9_640_423_756_871_326_890);
    }
}
