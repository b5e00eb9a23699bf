//! A plain paper under a letterhead: paragraphs, headings and one kind of table, as a small office writes it.
//!
//! The demonstration makes the agencies' replies with it.

use std::collections::BTreeSet;

use super::face::Face;
use super::flow::{MEASURE, Piece, flow, foot, paragraph};
use super::paper::write;
use super::table::{Column, Row, cell, table};
use super::text::{Span, break_lines};

/// What stands on a paper, in order.
#[derive(Clone, Debug)]
pub enum Part {
    Heading(String),
    Paragraph(String),
    /// Starts a new page.
    NewPage,
    /// Column heads, and rows of as many cells; every column but the first holds figures.
    Table {
        heads: Vec<String>,
        rows: Vec<Vec<String>>,
    },
}

/// A paper of some pages.
#[derive(Clone, Debug)]
pub struct Letterhead {
    /// The office's name, at the top of the first page.
    pub office: String,
    /// Under the name: address or division.
    pub under: String,
    /// At the foot of every page.
    pub foot: String,
    pub parts: Vec<Part>,
}

/// Sets the paper as a PDF.
///
/// # Errors
/// A sentence, where a face cannot be cut down; that would be a fault of ours.
pub fn render(paper: &Letterhead) -> Result<Vec<u8>, String> {
    let mut missing = BTreeSet::new();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut say = |text: &str, face: Face, size: f32, leading: f32, before: f32| {
        let mut set = paragraph(
            &break_lines(&[Span::new(text, face, size)], MEASURE, &mut missing),
            0.0,
            leading,
            before,
        );
        if face == Face::SansBold
            && let Some(last) = set.last_mut()
        {
            last.keep_next = true;
        }
        set
    };
    pieces.extend(say(&paper.office, Face::SansBold, 15.0, 19.0, 0.0));
    pieces.extend(say(&paper.under, Face::Sans, 9.0, 13.0, 0.0));
    pieces.push(Piece {
        before: 8.0,
        ..Piece::rule(0.0, MEASURE, 0.9)
    });
    let mut turn = false;
    let mut tables = 0;
    for part in &paper.parts {
        let mut set = match part {
            Part::NewPage => {
                turn = true;
                continue;
            }
            Part::Heading(text) => say(text, Face::SansBold, 11.0, 15.0, 16.0),
            Part::Paragraph(text) => say(text, Face::Serif, 10.5, 14.0, 8.0),
            Part::Table { heads, rows } => {
                tables += 1;
                let mut unseen = BTreeSet::new();
                let rest = (MEASURE - 170.0) / heads.len().saturating_sub(1).max(1) as f32;
                let columns: Vec<Column> = heads
                    .iter()
                    .enumerate()
                    .map(|(i, head)| {
                        if i == 0 {
                            Column::new(head, 170.0)
                        } else {
                            Column::decimal(head, rest)
                        }
                    })
                    .collect();
                let rows: Vec<Row> = rows
                    .iter()
                    .map(|row| Row::Cells(row.iter().map(|text| cell(text.clone())).collect()))
                    .collect();
                table(tables, &columns, &rows, 10.0, &mut unseen)
            }
        };
        if turn && let Some(first) = set.first_mut() {
            first.new_page = true;
            turn = false;
        }
        pieces.extend(set);
    }
    let mut pages = flow(&pieces);
    foot(&mut pages, &paper.foot, 0);
    write(&pages.pages, &paper.office)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paper_has_its_pages() {
        let paper = Letterhead {
            office: "Alder County Sheriff's Office".to_owned(),
            under: "Corrections Division".to_owned(),
            foot: "Policy 14".to_owned(),
            parts: vec![
                Part::Heading("Purpose".to_owned()),
                Part::Paragraph("To say what is done when a detainer arrives.".to_owned()),
                Part::NewPage,
                Part::Table {
                    heads: vec!["Year".to_owned(), "Received".to_owned()],
                    rows: vec![vec!["2024".to_owned(), "188".to_owned()]],
                },
            ],
        };
        let bytes = render(&paper).expect("a paper");
        let read = lopdf::Document::load_mem(&bytes).expect("a PDF");
        assert_eq!(read.get_pages().len(), 2);
    }
}
