//! Tables in columns.

use anstyle::Style;

use super::{style, text};

/// The space between two columns.
const GAP: usize = 2;

/// A cell: its text and how it is painted.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// A plain cell.
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        Cell::styled(text, style::PLAIN)
    }

    /// A painted cell.
    pub(crate) fn styled(text: impl AsRef<str>, style: Style) -> Self {
        Cell { text: text::printable(text.as_ref()), style }
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }
}

/// The lines of a table, each as wide as it needs to be: the last column is not padded. With
/// `titles` the first line names the columns.
pub(crate) fn lines(titles: Option<&[&str]>, rows: &[Vec<Cell>]) -> Vec<String> {
    let head = titles.map(|titles| {
        titles.iter().map(|title| Cell::styled(title, style::FAINT)).collect::<Vec<_>>()
    });
    let all: Vec<&Vec<Cell>> = head.iter().chain(rows).collect();
    let columns = all.iter().map(|row| row.len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| all.iter().filter_map(|row| row.get(column)).map(Cell::width).max())
        .map(Option::unwrap_or_default)
        .collect();
    all.iter().map(|row| line(row, &widths)).collect()
}

fn line(row: &[Cell], widths: &[usize]) -> String {
    let end = row.iter().rposition(|cell| !cell.text.is_empty()).map_or(0, |last| last + 1);
    let mut out = String::new();
    for (column, cell) in row[..end].iter().enumerate() {
        out.push_str(&style::paint(cell.style, &cell.text));
        if column + 1 < end {
            out.push_str(&" ".repeat(widths[column] - cell.width() + GAP));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Cell, lines};
    use crate::render::style::STRONG;

    fn cells(texts: &[&str]) -> Vec<Cell> {
        texts.iter().map(Cell::new).collect()
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [cells(&["a", "pending", ""]), cells(&["order-7", "ok", "x"])];
        let found = lines(None, &rows);
        assert_eq!(found, ["a        pending", "order-7  ok       x"]);
    }

    #[test]
    fn styles_do_not_count_as_width() {
        let rows = [
            vec![Cell::styled("ä", STRONG), Cell::new("1")],
            vec![Cell::new("bb"), Cell::new("2")],
        ];
        let plain: Vec<String> = lines(None, &rows)
            .iter()
            .map(|line| anstream::adapter::strip_str(line).to_string())
            .collect();
        assert_eq!(plain, ["ä   1", "bb  2"]);
    }

    #[test]
    fn titles_come_first() {
        let found = lines(Some(&["ID", "STATE"]), &[cells(&["a", "pending"])]);
        let plain = anstream::adapter::strip_str(&found[0]).to_string();
        assert_eq!(plain, "ID  STATE");
    }

    #[test]
    fn no_rows_make_no_lines() {
        assert!(lines(None, &[]).is_empty());
    }
}
