//! Events of a day beside each other: a pure function of their times.
//!
//! What overlaps, also by way of others, is one group; a group has as many columns as go on at once, and an event takes
//! the first that is free, and those to its right that stay free. Where a group would need more columns than can be read,
//! its last column holds the number of those that had no place.

/// What is shorter takes as much room as this, in minutes: its text has to be somewhere.
const SHORTEST: u32 = 25;

/// When something is, in minutes of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first minute.
    pub start: u32,
    /// The first minute after it.
    pub end: u32,
}

/// Where something stands: from this column of so many on, as wide as some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Counted from 0.
    pub column: usize,
    /// Columns that are there.
    pub columns: usize,
    /// Columns that it takes.
    pub width: usize,
}

/// Events without a place of their own, told by their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Folded {
    /// From the first of them to the last.
    pub span: Span,
    /// How many.
    pub count: usize,
    /// Where their number stands.
    pub place: Place,
}

/// A day's events in their places.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The place of each, in the order in which they came; none where it is folded.
    pub places: Vec<Option<Place>>,
    /// The rest.
    pub folded: Vec<Folded>,
}

impl Span {
    fn drawn_end(self) -> u32 {
        self.end.max(self.start + SHORTEST)
    }
}

/// Lays out events that are sorted by start, in at most so many columns.
pub fn lay_out(spans: &[Span], most: usize) -> Layout {
    let mut layout = Layout::default();
    let mut rest = spans;
    while let Some(first) = rest.first() {
        let mut end = first.drawn_end();
        let length = rest.iter().take_while(|span| {
            let joins = span.start < end;
            end = end.max(span.drawn_end());
            joins
        });
        let (group, others) = rest.split_at(length.count().max(1).min(rest.len()));
        place_group(group, most.max(1), &mut layout);
        rest = others;
    }
    layout
}

fn place_group(group: &[Span], most: usize, layout: &mut Layout) {
    let columns = columns_of(group);
    let needed = columns.iter().max().map_or(1, |last| last + 1);
    // The last column is the number's, where not all can be shown.
    let (count, shown) = if needed > most { (most, most - 1) } else { (needed, needed) };
    let taken: Vec<_> = group.iter().copied().zip(columns.iter().copied()).collect();
    let place = |(span, column): &(Span, usize)| {
        let width = width_of(*span, *column, &taken, shown);
        (*column < shown).then_some(Place { column: *column, columns: count, width })
    };
    layout.places.extend(taken.iter().map(place));
    let folded: Vec<_> = taken.iter().filter(|(_, column)| *column >= shown).map(|(span, _)| *span).collect();
    if let Some(start) = folded.iter().map(|span| span.start).min() {
        let end = folded.iter().map(|span| span.drawn_end()).max().unwrap_or(start);
        let place = Place { column: count - 1, columns: count, width: 1 };
        layout.folded.push(Folded { span: Span { start, end }, count: folded.len(), place });
    }
}

/// The first free column of each.
fn columns_of(group: &[Span]) -> Vec<usize> {
    let mut ends: Vec<u32> = Vec::new();
    let mut columns = Vec::with_capacity(group.len());
    for span in group {
        let free = ends.iter().position(|end| *end <= span.start);
        let column = free.unwrap_or(ends.len());
        match ends.get_mut(column) {
            Some(end) => *end = span.drawn_end(),
            None => ends.push(span.drawn_end()),
        }
        columns.push(column);
    }
    columns
}

/// Its own column, and those to the right until one has something at the same time.
fn width_of(span: Span, column: usize, taken: &[(Span, usize)], columns: usize) -> usize {
    let meets = |other: &Span| other.start < span.drawn_end() && span.start < other.drawn_end();
    let next = taken.iter().filter(|(other, at)| *at > column && meets(other)).map(|(_, at)| *at).min();
    next.unwrap_or(columns).min(columns).saturating_sub(column).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hours in, `column/columns` and `+` for each further column out; `-` for what is folded.
    fn laid_out(hours: &[(f32, f32)], most: usize) -> String {
        let minutes = |hours: f32| (hours * 60.0) as u32;
        let spans: Vec<_> =
            hours.iter().map(|(start, end)| Span { start: minutes(*start), end: minutes(*end) }).collect();
        let say = |place: &Option<Place>| match place {
            Some(at) => format!("{}/{}{}", at.column, at.columns, "+".repeat(at.width - 1)),
            None => "-".to_owned(),
        };
        lay_out(&spans, most).places.iter().map(say).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_overlaps_stands_side_by_side_and_nothing_else_does() {
        let cases: [(&[(f32, f32)], &str); 8] = [
            (&[], ""),
            (&[(8.0, 10.0)], "0/1"),
            (&[(8.0, 10.0), (10.0, 12.0)], "0/1 0/1"),
            (&[(8.0, 10.0), (9.0, 11.0)], "0/2 1/2"),
            (&[(8.0, 10.0), (8.0, 10.0), (8.0, 10.0)], "0/3 1/3 2/3"),
            // The third takes the column that the first has left.
            (&[(8.0, 10.0), (9.0, 12.0), (10.0, 12.0)], "0/2 1/2 0/2"),
            // The last stands beside nothing but the long one: it is as wide as what is free.
            (&[(8.0, 12.0), (8.0, 9.0), (8.0, 9.0), (10.0, 11.0)], "0/3 1/3 2/3 1/3+"),
            // A group ends where nothing goes on.
            (&[(8.0, 9.0), (8.5, 9.5), (9.5, 10.0)], "0/2 1/2 0/1"),
        ];
        for (hours, places) in cases {
            assert_eq!(laid_out(hours, 6), places, "{hours:?}");
        }
    }

    #[test]
    fn what_has_no_length_has_room_for_its_text() {
        assert_eq!(laid_out(&[(8.0, 8.0), (8.25, 9.0)], 6), "0/2 1/2");
        assert_eq!(laid_out(&[(8.0, 8.0), (8.5, 9.0)], 6), "0/1 0/1");
    }

    #[test]
    fn more_than_can_be_read_are_folded_into_their_number() {
        let hours = [(8.0, 10.0), (8.0, 9.0), (8.5, 9.0), (8.75, 11.0), (12.0, 13.0)];
        assert_eq!(laid_out(&hours, 3), "0/3 1/3 - - 0/1");
        let spans =
            hours.map(|(start, end): (f32, f32)| Span { start: (start * 60.0) as u32, end: (end * 60.0) as u32 });
        let folded = lay_out(&spans, 3).folded;
        let place = Place { column: 2, columns: 3, width: 1 };
        assert_eq!(folded, [Folded { span: Span { start: 510, end: 660 }, count: 2, place }]);
    }

    #[test]
    fn no_two_events_stand_in_one_place() {
        let spans: Vec<_> =
            (0..200).map(|n| Span { start: n * 7 % 97 + n * 3, end: n * 7 % 97 + n * 3 + 20 + n * 13 % 90 }).collect();
        let mut spans = spans;
        spans.sort_by_key(|span| span.start);
        let layout = lay_out(&spans, 50);
        let placed: Vec<_> = spans.iter().zip(&layout.places).map(|(span, place)| (span, place.unwrap())).collect();
        for (at, (span, place)) in placed.iter().enumerate() {
            for (other, beside) in &placed[at + 1..] {
                let at_once = other.start < span.end && span.start < other.end;
                let apart = place.column + place.width <= beside.column || beside.column + beside.width <= place.column;
                assert!(
                    !at_once || apart && place.columns == beside.columns,
                    "{span:?} {place:?} {other:?} {beside:?}"
                );
            }
        }
    }
}
