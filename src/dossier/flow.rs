//! Flow: pieces of paper stacked into pages.
//!
//! A piece is a line of a paragraph, a line of a table row, or a rule, with its height and what it draws. Widows,
//! orphans, headings and table heads are all one rule: a piece may ask to stay with the next one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::face::Face;
use super::link::{Heading, Link, Place};
use super::picture::Picture;
use super::text::{Line, Run};

/// US Letter with margins of an inch.
pub const PAGE_WIDTH: f32 = 612.0;
pub const PAGE_HEIGHT: f32 = 792.0;
pub const MARGIN: f32 = 72.0;
/// Width of the text.
pub const MEASURE: f32 = PAGE_WIDTH - 2.0 * MARGIN;

/// What a piece draws, measured from its upper left corner: `x` to the right, `y` down.
#[derive(Clone, Debug)]
pub enum Mark {
    /// `y` is the baseline.
    Text { x: f32, y: f32, run: Run },
    /// A horizontal rule.
    Rule {
        x: f32,
        y: f32,
        width: f32,
        weight: f32,
    },
    /// A rectangle that leads somewhere, beyond the links of the text itself.
    Press {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        to: Place,
    },
    /// A picture, as wide and high as it is printed.
    Picture {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        picture: Arc<Picture>,
    },
}

/// The smallest part that is never cut.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    pub height: f32,
    /// Space above, dropped at the top of a page.
    pub before: f32,
    pub marks: Vec<Mark>,
    /// Stays on one page with the next piece.
    pub keep_next: bool,
    /// Starts a new page.
    pub new_page: bool,
    /// A heading that starts here: name, title, level.
    pub heading: Option<(String, String, u8)>,
    /// The table that it belongs to, whose head is repeated on a new page.
    pub table: Option<usize>,
    /// Part of its table's head.
    pub is_head: bool,
}

impl Piece {
    /// Empty space.
    pub fn space(height: f32) -> Piece {
        Piece {
            height,
            ..Piece::default()
        }
    }

    /// A rule across the measure or part of it.
    pub fn rule(x: f32, width: f32, weight: f32) -> Piece {
        Piece {
            height: weight,
            marks: vec![Mark::Rule {
                x,
                y: weight / 2.0,
                width,
                weight,
            }],
            ..Piece::default()
        }
    }
}

/// Marks of one line of text at `x`, with its baseline `y` points down.
pub fn line_marks(line: &Line, x: f32, y: f32) -> impl Iterator<Item = Mark> + '_ {
    line.runs.iter().map(move |run| Mark::Text {
        x: x + run.x,
        y,
        run: run.clone(),
    })
}

/// Lines of a paragraph as pieces: two lines stay together at the start and at the end.
pub fn paragraph(lines: &[Line], indent: f32, leading: f32, before: f32) -> Vec<Piece> {
    let count = lines.len();
    lines
        .iter()
        .enumerate()
        .map(|(i, line)| Piece {
            height: leading,
            before: if i == 0 { before } else { 0.0 },
            marks: line_marks(line, indent, baseline(line, leading)).collect(),
            keep_next: i + 1 < count && (i == 0 || i + 2 == count),
            ..Piece::default()
        })
        .collect()
}

/// Where the baseline of a line stands in its leading: the largest run is centred by its ascent and descent.
pub fn baseline(line: &Line, leading: f32) -> f32 {
    let (mut up, mut down) = (0.0f32, 0.0f32);
    for run in &line.runs {
        let metrics = run.face.metrics();
        up = up.max(metrics.ascent * run.size / 1000.0);
        down = down.max(-metrics.descent * run.size / 1000.0);
    }
    if up == 0.0 {
        return leading * 0.75;
    }
    (leading - up - down) / 2.0 + up
}

/// A run in its place on a page, from the lower left corner.
#[derive(Clone, Debug)]
pub struct Placed {
    pub x: f32,
    /// The baseline.
    pub y: f32,
    pub run: Run,
}

/// A horizontal rule on a page.
#[derive(Clone, Copy, Debug)]
pub struct PlacedRule {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub weight: f32,
}

/// One page.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub texts: Vec<Placed>,
    pub rules: Vec<PlacedRule>,
    pub pictures: Vec<PlacedPicture>,
}

/// A picture on a page, from the lower left corner.
#[derive(Clone, Debug)]
pub struct PlacedPicture {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
    pub picture: Arc<Picture>,
}

/// Pages with what points at them and out of them.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    pub pages: Vec<Page>,
    pub headings: Vec<Heading>,
    pub links: Vec<Link>,
}

impl Pages {
    /// Writes one run on a page, outside the flow. `x` and `y` from the lower left corner.
    pub fn put(&mut self, page: usize, x: f32, y: f32, line: &Line) {
        if let Some(page) = self.pages.get_mut(page) {
            for run in &line.runs {
                page.texts.push(Placed {
                    x: x + run.x,
                    y,
                    run: run.clone(),
                });
            }
        }
    }
}

/// Stacks pieces into pages.
pub fn flow(pieces: &[Piece]) -> Pages {
    let bottom = PAGE_HEIGHT - MARGIN;
    let mut heads: BTreeMap<usize, Vec<&Piece>> = BTreeMap::new();
    for piece in pieces.iter().filter(|p| p.is_head) {
        if let Some(table) = piece.table {
            heads.entry(table).or_default().push(piece);
        }
    }
    let mut out = Pages {
        pages: vec![Page::default()],
        ..Pages::default()
    };
    let mut y = MARGIN;
    let mut empty = true;
    let mut at = 0;
    while at < pieces.len() {
        let mut end = at + 1;
        while end < pieces.len() && pieces[end - 1].keep_next && !pieces[end].new_page {
            end += 1;
        }
        let chunk = &pieces[at..end];
        at = end;
        let height = |empty: bool| -> f32 {
            chunk
                .iter()
                .enumerate()
                .map(|(i, p)| p.height + if i == 0 && empty { 0.0 } else { p.before })
                .sum()
        };
        let wants_page = chunk[0].new_page && !empty;
        if wants_page || (!empty && y + height(false) > bottom + 0.01) {
            start_page(&mut out, &mut y, &mut empty);
            repeat_head(&mut out, &mut y, &mut empty, &heads, &chunk[0]);
        }
        // A chunk taller than a page is set piece by piece.
        for piece in chunk {
            let before = if empty { 0.0 } else { piece.before };
            if !empty && y + before + piece.height > bottom + 0.01 {
                start_page(&mut out, &mut y, &mut empty);
                repeat_head(&mut out, &mut y, &mut empty, &heads, piece);
            }
            place(&mut out, &mut y, &mut empty, piece);
        }
    }
    out
}

fn start_page(out: &mut Pages, y: &mut f32, empty: &mut bool) {
    out.pages.push(Page::default());
    *y = MARGIN;
    *empty = true;
}

fn repeat_head(
    out: &mut Pages,
    y: &mut f32,
    empty: &mut bool,
    heads: &BTreeMap<usize, Vec<&Piece>>,
    next: &Piece,
) {
    if next.is_head {
        return;
    }
    if let Some(head) = next.table.and_then(|table| heads.get(&table)) {
        for piece in head {
            place(out, y, empty, piece);
        }
    }
}

fn place(out: &mut Pages, y: &mut f32, empty: &mut bool, piece: &Piece) {
    if !*empty {
        *y += piece.before;
    }
    let number = out.pages.len() - 1;
    if let Some((name, title, level)) = &piece.heading {
        out.headings.push(Heading {
            name: name.clone(),
            title: title.clone(),
            level: *level,
            page: number,
            top: PAGE_HEIGHT - *y + 4.0,
        });
    }
    for mark in &piece.marks {
        match mark {
            Mark::Text { x, y: down, run } => {
                let x = MARGIN + x;
                let base = PAGE_HEIGHT - *y - down;
                if let Some(to) = &run.link {
                    out.links.push(Link {
                        page: number,
                        rect: [
                            x - 1.0,
                            base - run.size * 0.3,
                            x + run.width + 1.0,
                            base + run.size * 0.9,
                        ],
                        to: to.clone(),
                    });
                }
                out.pages[number].texts.push(Placed {
                    x,
                    y: base,
                    run: run.clone(),
                });
            }
            Mark::Rule {
                x,
                y: down,
                width,
                weight,
            } => out.pages[number].rules.push(PlacedRule {
                x: MARGIN + x,
                y: PAGE_HEIGHT - *y - down,
                width: *width,
                weight: *weight,
            }),
            Mark::Picture {
                x,
                y: down,
                width,
                height,
                picture,
            } => out.pages[number].pictures.push(PlacedPicture {
                x: MARGIN + x,
                y: PAGE_HEIGHT - *y - down - height,
                width: *width,
                height: *height,
                picture: picture.clone(),
            }),
            Mark::Press {
                x,
                y: down,
                width,
                height,
                to,
            } => out.links.push(Link {
                page: number,
                rect: [
                    MARGIN + x,
                    PAGE_HEIGHT - *y - down - height,
                    MARGIN + x + width,
                    PAGE_HEIGHT - *y - down,
                ],
                to: to.clone(),
            }),
        }
    }
    *y += piece.height;
    *empty = false;
}

/// The foot of every page but the cover: title and edition on the left, the page on the right.
pub fn foot(pages: &mut Pages, left: &str, from: usize) {
    let total = pages.pages.len();
    let mut missing = std::collections::BTreeSet::new();
    for number in from..total {
        let right = format!("page {} of {total}", number + 1);
        let right_width = Face::Sans.measure(&right, 8.0, true);
        let mut text = left.to_owned();
        // A long title gives way to the page number.
        while Face::Sans.measure(&text, 8.0, true) > MEASURE - right_width - 24.0 {
            let shorter: String = text.chars().take(text.chars().count() - 2).collect();
            text = format!("{}…", shorter.trim_end_matches(['…', ' ']));
        }
        for (text, at_right) in [(text, false), (right, true)] {
            let span = super::text::Span::new(text, Face::Sans, 8.0).tabular();
            for line in super::text::break_lines(&[span], MEASURE, &mut missing) {
                let x = if at_right {
                    PAGE_WIDTH - MARGIN - line.width
                } else {
                    MARGIN
                };
                pages.put(number, x, 44.0, &line);
            }
        }
        if let Some(page) = pages.pages.get_mut(number) {
            page.rules.push(PlacedRule {
                x: MARGIN,
                y: 56.0,
                width: MEASURE,
                weight: 0.5,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::text::{Span, break_lines};
    use super::*;

    fn lines(text: &str) -> Vec<Line> {
        break_lines(
            &[Span::new(text, Face::Serif, 10.5)],
            MEASURE,
            &mut std::collections::BTreeSet::new(),
        )
    }

    fn texts(page: &Page) -> Vec<String> {
        page.texts.iter().map(|t| t.run.text()).collect()
    }

    fn numbered(count: usize) -> Vec<Piece> {
        (0..count)
            .flat_map(|i| paragraph(&lines(&format!("row {i}")), 0.0, 14.0, 0.0))
            .collect()
    }

    #[test]
    fn a_paragraph_never_leaves_one_line_alone() {
        let long = "word ".repeat(140);
        let body = lines(&long);
        assert!(body.len() >= 6, "the paragraph runs over several lines");
        // Every possible place of the paragraph on the page.
        for above in 30..46 {
            let mut pieces = numbered(above);
            pieces.extend(paragraph(&body, 0.0, 14.0, 0.0));
            let pages = flow(&pieces);
            for page in &pages.pages {
                let of_paragraph = texts(page).iter().filter(|t| t.starts_with("word")).count();
                assert_ne!(of_paragraph, 1, "{above} rows above");
            }
            let total: usize = pages.pages.iter().map(|p| p.texts.len()).sum();
            assert_eq!(total, above + body.len(), "nothing lost");
        }
    }

    #[test]
    fn a_heading_stays_with_what_follows() {
        for above in 40..50 {
            let mut pieces = numbered(above);
            pieces.push(Piece {
                height: 20.0,
                keep_next: true,
                heading: Some(("h".to_owned(), "Heading".to_owned(), 1)),
                ..Piece::default()
            });
            pieces.extend(paragraph(&lines("after"), 0.0, 14.0, 0.0));
            let pages = flow(&pieces);
            let after = pages
                .pages
                .iter()
                .position(|p| texts(p).contains(&"after".to_owned()));
            assert_eq!(pages.headings.first().map(|h| h.page), after);
        }
    }

    #[test]
    fn nothing_is_set_outside_the_margins_and_a_tall_chunk_goes_on() {
        let mut pieces = numbered(200);
        for piece in &mut pieces {
            piece.keep_next = true;
        }
        let pages = flow(&pieces);
        assert_eq!(pages.pages.len(), 5, "46 lines of 14 points a page");
        for page in &pages.pages {
            for text in &page.texts {
                assert!(
                    text.y >= MARGIN && text.y <= PAGE_HEIGHT - MARGIN,
                    "{}",
                    text.y
                );
            }
        }
    }

    #[test]
    fn the_foot_counts_pages_and_a_long_title_gives_way() {
        let mut pages = flow(&numbered(100));
        foot(&mut pages, &"A very long campaign title ".repeat(10), 1);
        assert!(texts(&pages.pages[0]).iter().all(|t| !t.contains("page")));
        let last = texts(pages.pages.last().expect("pages"));
        assert!(last.iter().any(|t| t == "page 3 of 3"), "{last:?}");
        for placed in &pages.pages[1].texts {
            assert!(placed.x + placed.run.width <= PAGE_WIDTH - MARGIN + 0.1);
        }
    }
}
