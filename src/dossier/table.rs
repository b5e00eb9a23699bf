//! Tables: rules above, below and under the head only; the head repeated on each page; figures aligned at the point.

use std::collections::BTreeSet;

use super::face::Face;
use super::flow::{Mark, Piece, baseline, line_marks};
use super::text::{Line, Span, break_lines};

/// Height of a line in a table.
pub const LEADING: f32 = 12.0;
const GAP: f32 = 10.0;
const PADDING: f32 = 3.5;
const HEAVY: f32 = 0.9;
const FINE: f32 = 0.5;
/// A row of more lines than this may be cut between pages.
const TALL: usize = 16;

/// How a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    /// Figures: the decimal points stand under each other.
    Decimal,
}

/// A column: its head, its width in points, and how it stands.
#[derive(Clone, Debug)]
pub struct Column {
    pub head: String,
    pub width: f32,
    pub align: Align,
}

impl Column {
    pub fn new(head: &str, width: f32) -> Column {
        Column {
            head: head.to_owned(),
            width,
            align: Align::Left,
        }
    }

    pub fn decimal(head: &str, width: f32) -> Column {
        Column {
            align: Align::Decimal,
            ..Column::new(head, width)
        }
    }
}

/// A cell: paragraphs of spans, each on lines of its own.
pub type Cell = Vec<Vec<Span>>;

/// A cell of one short text.
pub fn cell(text: impl Into<String>) -> Cell {
    vec![vec![Span::new(text, Face::Sans, 9.0).tabular()]]
}

/// What stands under another.
#[derive(Clone, Debug)]
pub enum Row {
    Cells(Vec<Cell>),
    /// A line across all columns that names what follows.
    Group(String),
}

/// Sets a table. `number` tells tables apart in one document. Column widths take in the gap to the next column.
pub fn table(
    number: usize,
    columns: &[Column],
    rows: &[Row],
    before: f32,
    missing: &mut BTreeSet<char>,
) -> Vec<Piece> {
    let width: f32 = columns.iter().map(|c| c.width).sum();
    let mut pieces = head(number, columns, width, before, missing);
    let points = decimal_points(columns, rows);
    for (i, row) in rows.iter().enumerate() {
        match row {
            Row::Group(title) => {
                let lines = break_lines(
                    &[Span::new(title.clone(), Face::SansBold, 9.0).tabular()],
                    width,
                    missing,
                );
                for (n, line) in lines.iter().enumerate() {
                    pieces.push(Piece {
                        height: LEADING,
                        before: if n == 0 { PADDING + 4.0 } else { 0.0 },
                        marks: line_marks(line, 0.0, baseline(line, LEADING)).collect(),
                        keep_next: true,
                        table: Some(number),
                        ..Piece::default()
                    });
                }
            }
            Row::Cells(cells) => {
                pieces.extend(row_pieces(number, columns, cells, &points, missing));
            }
        }
        if i + 1 == rows.len() {
            // The closing rule stays with the last row.
            if let Some(last) = pieces.last_mut() {
                last.keep_next = true;
            }
            pieces.push(Piece {
                before: PADDING,
                table: Some(number),
                ..Piece::rule(0.0, width, HEAVY)
            });
        }
    }
    pieces
}

fn head(
    number: usize,
    columns: &[Column],
    width: f32,
    before: f32,
    missing: &mut BTreeSet<char>,
) -> Vec<Piece> {
    let mut cells = Vec::new();
    for column in columns {
        cells.push(break_lines(
            &[Span::new(column.head.clone(), Face::SansBold, 8.5)],
            column.width - GAP,
            missing,
        ));
    }
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let mut marks = Vec::new();
    let mut x = 0.0;
    for (column, lines) in columns.iter().zip(&cells) {
        // Heads stand on the rule, not under the line above.
        let skip = height - lines.len();
        for (i, line) in lines.iter().enumerate() {
            let y = (skip + i) as f32 * LEADING + baseline(line, LEADING);
            let x = match column.align {
                Align::Left => x,
                Align::Decimal => x + column.width - GAP - line.width,
            };
            marks.extend(line_marks(line, x, y));
        }
        x += column.width;
    }
    let piece = |piece: Piece| Piece {
        keep_next: true,
        table: Some(number),
        is_head: true,
        ..piece
    };
    vec![
        piece(Piece {
            before,
            ..Piece::rule(0.0, width, HEAVY)
        }),
        piece(Piece {
            height: height as f32 * LEADING,
            before: PADDING - 0.5,
            marks,
            ..Piece::default()
        }),
        piece(Piece {
            before: 2.0,
            ..Piece::rule(0.0, width, FINE)
        }),
    ]
}

/// How far right of each decimal column's start its point stands.
fn decimal_points(columns: &[Column], rows: &[Row]) -> Vec<f32> {
    columns
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let tail = rows
                .iter()
                .filter_map(|row| match row {
                    Row::Cells(cells) => cells.get(i),
                    Row::Group(_) => None,
                })
                .flatten()
                .filter_map(|spans| spans.first())
                .map(|span| {
                    let fraction = span.text.find('.').map_or("", |at| &span.text[at..]);
                    span.face.measure(fraction, span.size, span.tabular)
                })
                .fold(0.0f32, f32::max);
            column.width - GAP - tail
        })
        .collect()
}

fn row_pieces(
    number: usize,
    columns: &[Column],
    cells: &[Cell],
    points: &[f32],
    missing: &mut BTreeSet<char>,
) -> Vec<Piece> {
    let mut set: Vec<Vec<Line>> = Vec::new();
    for (column, cell) in columns.iter().zip(cells) {
        let mut lines = Vec::new();
        for spans in cell {
            lines.extend(break_lines(spans, column.width - GAP, missing));
        }
        set.push(lines);
    }
    let height = set.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let mut pieces = Vec::with_capacity(height);
    for at in 0..height {
        let mut marks: Vec<Mark> = Vec::new();
        let mut x = 0.0;
        for (i, (column, lines)) in columns.iter().zip(&set).enumerate() {
            if let Some(line) = lines.get(at) {
                let shift = match column.align {
                    Align::Left => 0.0,
                    Align::Decimal => points[i] - before_point(line),
                };
                marks.extend(line_marks(
                    line,
                    x + shift.max(0.0),
                    baseline(line, LEADING),
                ));
            }
            x += column.width;
        }
        let keep = if height <= TALL {
            at + 1 < height
        } else {
            at == 0 || at + 2 == height
        };
        pieces.push(Piece {
            height: LEADING,
            before: if at == 0 { PADDING + 1.5 } else { 0.0 },
            marks,
            keep_next: keep,
            table: Some(number),
            ..Piece::default()
        });
    }
    pieces
}

/// Width of what stands before the decimal point.
fn before_point(line: &Line) -> f32 {
    let mut width = 0.0;
    for run in &line.runs {
        for glyph in &run.glyphs {
            if glyph.text == "." {
                return width;
            }
            width += glyph.advance * run.size / 1000.0;
        }
    }
    width
}

#[cfg(test)]
mod tests {
    use super::super::flow::{MARGIN, PAGE_WIDTH, Pages, flow};
    use super::*;

    fn set(rows: &[Row]) -> Pages {
        let columns = [Column::new("What", 300.0), Column::decimal("Value", 100.0)];
        flow(&table(1, &columns, rows, 0.0, &mut BTreeSet::new()))
    }

    #[test]
    fn the_head_is_repeated_on_every_page_and_nothing_is_lost() {
        let rows: Vec<Row> = (0..150)
            .map(|i| Row::Cells(vec![cell(format!("row {i}")), cell(i.to_string())]))
            .collect();
        let pages = set(&rows);
        assert!(pages.pages.len() > 2);
        let mut found = 0;
        for page in &pages.pages {
            let texts: Vec<String> = page.texts.iter().map(|t| t.run.text()).collect();
            assert_eq!(texts.first().map(String::as_str), Some("What"), "{texts:?}");
            assert_eq!(texts.iter().filter(|t| *t == "What").count(), 1);
            found += texts.iter().filter(|t| t.starts_with("row ")).count();
            assert!(page.texts.iter().all(|t| t.y >= MARGIN));
        }
        assert_eq!(found, 150);
    }

    #[test]
    fn figures_stand_with_their_points_under_each_other() {
        let rows: Vec<Row> = ["$126.50", "$1,107,746.57", "214", "0.5"]
            .into_iter()
            .map(|v| Row::Cells(vec![cell("x"), cell(v)]))
            .collect();
        let pages = set(&rows);
        let mut points = Vec::new();
        for placed in &pages.pages[0].texts {
            let text = placed.run.text();
            if text.starts_with(|c: char| c.is_ascii_digit() || c == '$') {
                let line = Line {
                    runs: vec![placed.run.clone()],
                    width: placed.run.width,
                };
                points.push(placed.x + before_point(&line));
                assert!(placed.x + placed.run.width <= PAGE_WIDTH - MARGIN);
            }
        }
        assert_eq!(points.len(), 4);
        for point in &points {
            assert!((point - points[0]).abs() < 0.05, "{points:?}");
        }
    }

    #[test]
    fn a_row_stays_whole_unless_it_is_tall() {
        let words = |count: usize| "several words in a cell ".repeat(count);
        for (count, whole) in [(8, true), (60, false)] {
            let mut rows: Vec<Row> = (0..35)
                .map(|i| Row::Cells(vec![cell(format!("row {i}")), cell("1")]))
                .collect();
            rows.push(Row::Cells(vec![cell(words(count)), cell("1")]));
            let pages = set(&rows);
            let holding = pages
                .pages
                .iter()
                .filter(|page| page.texts.iter().any(|t| t.run.text().contains("several")))
                .count();
            assert_eq!(holding == 1, whole, "{count}");
        }
    }
}
