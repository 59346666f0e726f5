//! Gathers the cells of a sheet, whatever format they come from, within the bounds that all formats share.

use super::{Cell, Row, Sheet, SheetError};

/// Rows that hold something.
pub const ROWS_AT_MOST: usize = 20_000;
/// Up to `BL`.
pub const COLUMNS_AT_MOST: usize = 64;
/// Characters of one cell: what Excel allows.
pub const LONGEST_CELL: usize = 32_767;
/// Bytes of text of a whole sheet: a text that is shared by many cells is copied into each.
pub const TEXT_AT_MOST: usize = 16 * 1024 * 1024;

/// A sheet in the making.
#[derive(Default)]
pub(super) struct Gather {
    rows: Vec<Row>,
    text_bytes: usize,
}

impl Gather {
    /// Puts a cell; rows come in ascending order, from 1, columns from 0. What is empty is left out.
    pub(super) fn put(&mut self, row: u32, column: usize, cell: Cell) -> Result<(), SheetError> {
        if is_empty(&cell) {
            return Ok(());
        }
        if column >= COLUMNS_AT_MOST {
            return Err(SheetError::TooManyColumns { row });
        }
        self.weigh(row, column, &cell)?;
        let cells = &mut self.row(row)?.cells;
        if cells.len() <= column {
            cells.resize(column + 1, Cell::Empty);
        }
        if let Some(slot) = cells.get_mut(column) {
            *slot = cell;
        }
        Ok(())
    }

    fn weigh(&mut self, row: u32, column: usize, cell: &Cell) -> Result<(), SheetError> {
        let (Cell::Text(text) | Cell::Bad(text)) = cell else { return Ok(()) };
        must_fit(row, column, text)?;
        self.text_bytes += text.len();
        if self.text_bytes > TEXT_AT_MOST { Err(SheetError::TooMuchText) } else { Ok(()) }
    }

    fn row(&mut self, number: u32) -> Result<&mut Row, SheetError> {
        let last = self.rows.last().map_or(0, |row| row.number);
        if number < last {
            return Err(SheetError::broken(format!("row {number} comes after row {last}")));
        }
        if number > last {
            if self.rows.len() >= ROWS_AT_MOST {
                return Err(SheetError::TooManyRows);
            }
            self.rows.push(Row { number, cells: Vec::new() });
        }
        self.rows.last_mut().ok_or_else(|| SheetError::broken("a row with the number 0"))
    }

    /// The sheet.
    pub(super) fn finish(self) -> Sheet {
        Sheet { rows: self.rows }
    }
}

/// The text of one cell, or what has been read of it so far.
pub(super) fn must_fit(row: u32, column: usize, text: &str) -> Result<(), SheetError> {
    if text.len() > LONGEST_CELL && text.chars().count() > LONGEST_CELL {
        return Err(SheetError::CellTooLong { row, column: column_name(column) });
    }
    Ok(())
}

fn is_empty(cell: &Cell) -> bool {
    match cell {
        Cell::Empty => true,
        Cell::Text(text) => text.is_empty(),
        _ => false,
    }
}

/// What a spreadsheet calls a column: 0 is `A`, 26 is `AA`.
pub(super) fn column_name(column: usize) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        let digit = u8::try_from((left - 1) % 26).unwrap_or_default();
        letters.push(char::from(b'A' + digit));
        left = (left - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_spreadsheets_call_them() {
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (63, "BL"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(column_name(column), name);
        }
    }

    #[test]
    fn only_what_holds_something_counts() {
        let mut gather = Gather::default();
        gather.put(7, 1, Cell::Bool(true)).unwrap();
        gather.put(7, 9_999, Cell::Empty).unwrap();
        gather.put(u32::MAX, 0, Cell::Text(String::new())).unwrap();
        assert_eq!(gather.finish().rows, [Row { number: 7, cells: vec![Cell::Empty, Cell::Bool(true)] }]);
    }

    #[test]
    fn each_bound_has_its_message() {
        let put = |cells: &[(u32, usize, Cell)]| {
            let mut gather = Gather::default();
            cells
                .iter()
                .try_for_each(|(row, column, cell)| gather.put(*row, *column, cell.clone()))
                .unwrap_err()
                .to_string()
        };
        let long = |length| Cell::Text("é".repeat(length));
        assert!(put(&[(3, 64, Cell::Bool(true))]).starts_with("row 3: there is something beyond column BL"));
        assert!(put(&[(3, 1, long(LONGEST_CELL + 1))]).starts_with("row 3, column B: the cell has more"));
        assert!(put(&[(3, 0, Cell::Bool(true)), (2, 0, Cell::Bool(true))]).contains("row 2 comes after row 3"));
        assert!(put(&[(0, 0, Cell::Bool(true))]).contains("the number 0"));
        let many: Vec<_> = (1..=20_001).map(|row| (row, 0, Cell::Bool(true))).collect();
        assert!(put(&many).contains("more than 20000 rows"));
        let much: Vec<_> = (1..=300).map(|row| (row, 0, long(LONGEST_CELL))).collect();
        assert!(put(&much).contains("MiB of text"));
    }
}
