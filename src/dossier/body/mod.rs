//! Body: a packet laid out as the pages that stand before its exhibits.
//!
//! Sections in the order of the dossier: cover, contents, purpose, the ask, findings, figures, agreements, request
//! timeline, method and limits, exhibits. Set twice: the second time the contents know their pages.

mod findings;
mod sheets;

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::face::Face;
use super::flow::{MEASURE, Mark, Pages, Piece, baseline, flow, foot, line_marks, paragraph};
use super::link::{Heading, Link, Place};
use super::paper;
use super::table::{Column, Row, table};
use super::text::{Span, break_lines};
use crate::domain::packet::{Exhibit, Packet, SourceTag};

/// The pages before the exhibits.
#[derive(Clone, Debug)]
pub struct Body {
    pub pdf: Vec<u8>,
    pub pages: usize,
    pub headings: Vec<Heading>,
    pub links: Vec<Link>,
    /// Characters that our faces cannot print and that stand as "?" on the page.
    pub unprintable: Vec<char>,
}

/// A fault of ours while laying out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The packet could not be laid out: {0}. Nothing was lost; tell whoever runs this site.")]
pub struct RenderError(String);

/// Lays a packet out. The same packet gives the same bytes.
pub fn render(packet: &Packet) -> Result<Body, RenderError> {
    let draft = set(packet, &[]);
    let mut made = set(packet, &draft.pages.headings);
    // The contents take the same room whatever numbers stand in them, so the second setting is the last.
    let left = format!(
        "{} · edition {} · {}",
        packet.front().title(),
        packet.front().edition,
        day(packet.front().built_on)
    );
    foot(&mut made.pages, &left, 1);
    let pdf = paper::write(&made.pages.pages, packet.front().title()).map_err(RenderError)?;
    Ok(Body {
        pdf,
        pages: made.pages.pages.len(),
        headings: made.pages.headings,
        links: made.pages.links,
        unprintable: made.missing.into_iter().collect(),
    })
}

struct Made {
    pages: Pages,
    missing: BTreeSet<char>,
}

fn set(packet: &Packet, known: &[Heading]) -> Made {
    let mut sheet = Sheet::default();
    cover(&mut sheet, packet);
    contents(&mut sheet, packet, known);
    purpose(&mut sheet, packet);
    findings::findings(&mut sheet, packet);
    sheets::figures(&mut sheet, packet);
    sheets::agreements(&mut sheet, packet);
    sheets::timeline(&mut sheet, packet);
    method(&mut sheet, packet);
    sheets::exhibits(&mut sheet, packet);
    Made {
        pages: flow(&sheet.pieces),
        missing: sheet.missing,
    }
}

/// "Mon 23 Nov 2026".
pub(super) fn day(day: NaiveDate) -> String {
    day.format("%a %-d %b %Y").to_string()
}

/// Type sizes and leadings of the paper.
const TEXT: f32 = 10.5;
const LEADING: f32 = 14.0;
const SMALL: f32 = 8.5;

/// Pieces in the making.
#[derive(Default)]
struct Sheet {
    pieces: Vec<Piece>,
    missing: BTreeSet<char>,
    sections: u32,
    tables: usize,
}

impl Sheet {
    fn lines(&mut self, spans: &[Span], width: f32) -> Vec<super::text::Line> {
        break_lines(spans, width, &mut self.missing)
    }

    /// A numbered section.
    fn section(&mut self, name: &str, title: &str) {
        self.sections += 1;
        let number = self.sections;
        let lines = self.lines(
            &[Span::new(format!("{number}   {title}"), Face::SansBold, 15.0).tabular()],
            MEASURE,
        );
        for (i, line) in lines.iter().enumerate() {
            self.pieces.push(Piece {
                height: 20.0,
                before: if i == 0 { 30.0 } else { 0.0 },
                marks: line_marks(line, 0.0, baseline(line, 20.0)).collect(),
                keep_next: true,
                heading: (i == 0).then(|| (name.to_owned(), format!("{number} {title}"), 1)),
                ..Piece::default()
            });
        }
    }

    /// A heading inside a section. Goes into the outline where it has a name.
    fn heading(&mut self, name: Option<&str>, title: &str) {
        let lines = self.lines(&[Span::new(title, Face::SansBold, TEXT).tabular()], MEASURE);
        for (i, line) in lines.iter().enumerate() {
            self.pieces.push(Piece {
                height: LEADING,
                before: if i == 0 { 14.0 } else { 0.0 },
                marks: line_marks(line, 0.0, baseline(line, LEADING)).collect(),
                keep_next: true,
                heading: name
                    .filter(|_| i == 0)
                    .map(|name| (name.to_owned(), title.to_owned(), 2)),
                ..Piece::default()
            });
        }
    }

    /// A paragraph of text.
    fn para(&mut self, spans: &[Span]) {
        let lines = self.lines(spans, MEASURE);
        self.pieces.extend(paragraph(&lines, 0.0, LEADING, 7.0));
    }

    fn plain(&mut self, text: impl Into<String>) {
        self.para(&[Span::new(text, Face::Serif, TEXT)]);
    }

    /// A line of remark under a table or heading.
    fn remark(&mut self, text: impl Into<String>) {
        let lines = self.lines(&[Span::new(text, Face::Sans, SMALL).tabular()], MEASURE);
        self.pieces.extend(paragraph(&lines, 0.0, 11.5, 5.0));
    }

    /// An item of a list, with its mark hanging left of it.
    fn item(&mut self, mark: &str, spans: &[Span]) {
        const INDENT: f32 = 16.0;
        let lines = self.lines(spans, MEASURE - INDENT);
        let mut pieces = paragraph(&lines, INDENT, LEADING, 4.0);
        let hung = self.lines(&[Span::new(mark, Face::Serif, TEXT)], INDENT);
        if let (Some(first), Some(hung), Some(line)) =
            (pieces.first_mut(), hung.first(), lines.first())
        {
            let y = baseline(line, LEADING);
            first.marks.extend(line_marks(hung, 0.0, y));
        }
        self.pieces.extend(pieces);
    }

    /// A name on the left, what it is on the right.
    fn pair(&mut self, name: &str, spans: &[Span], left: f32, size: f32, leading: f32) {
        let lines = self.lines(spans, MEASURE - left);
        let mut pieces = paragraph(&lines, left, leading, 3.0);
        let label = self.lines(&[Span::new(name, Face::Sans, size)], left - 8.0);
        if let (Some(first), Some(label)) = (pieces.first_mut(), label.first()) {
            first
                .marks
                .extend(line_marks(label, 0.0, baseline(label, leading)));
        }
        self.pieces.extend(pieces);
    }

    fn table(&mut self, columns: &[Column], rows: &[Row]) {
        self.tables += 1;
        let pieces = table(self.tables, columns, rows, 10.0, &mut self.missing);
        self.pieces.extend(pieces);
    }
}

/// "Exhibit B, p. 1", which leads to that page.
fn tag(source: &SourceTag, size: f32) -> Span {
    // Fixed spaces: a tag is never broken between lines.
    Span::new(source.to_string().replace(' ', "\u{a0}"), Face::Sans, size).linked(Place::Exhibit {
        index: source.letter().place(),
        page: source.page(),
    })
}

/// The label of an exhibit's page in the viewer: "B-1".
fn page_label(exhibit: &Exhibit, page: u32) -> String {
    format!("{}-{page}", exhibit.letter())
}

fn cover(sheet: &mut Sheet, packet: &Packet) {
    let front = packet.front();
    sheet.pieces.push(Piece::space(86.0));
    let lines = sheet.lines(
        &[Span::new(&*front.organisation, Face::Sans, 11.0)],
        MEASURE,
    );
    sheet.pieces.extend(paragraph(&lines, 0.0, 15.0, 0.0));
    let lines = sheet.lines(&[Span::new(front.title(), Face::SansBold, 27.0)], MEASURE);
    sheet.pieces.extend(paragraph(&lines, 0.0, 33.0, 10.0));
    if !front.goal.trim().is_empty() {
        let lines = sheet.lines(&[Span::new(front.goal.trim(), Face::Serif, 14.0)], MEASURE);
        sheet.pieces.extend(paragraph(&lines, 0.0, 20.0, 8.0));
    }
    sheet.pieces.push(Piece {
        before: 26.0,
        ..Piece::rule(0.0, MEASURE, 0.9)
    });
    sheet.pieces.push(Piece::space(8.0));
    let mut pairs: Vec<(&str, String)> = Vec::new();
    if !front.addressed_to.trim().is_empty() {
        pairs.push(("Presented to", front.addressed_to.trim().to_owned()));
    }
    pairs.push(("Presented by", front.organisation.clone()));
    let agencies: Vec<String> = packet
        .agencies()
        .iter()
        .map(|agency| {
            if agency.place.is_empty() {
                agency.name.clone()
            } else {
                format!("{} ({})", agency.name, agency.place)
            }
        })
        .collect();
    if !agencies.is_empty() {
        pairs.push(("Agencies asked", agencies.join("\n")));
    }
    pairs.push(("Date", day(front.built_on)));
    pairs.push(("Edition", front.edition.to_string()));
    let pages: u32 = packet.exhibits().iter().map(Exhibit::pages).sum();
    pairs.push((
        "Rests on",
        format!(
            "{}, {}, {} of {} in all",
            counted(packet.timeline().len(), "records request"),
            counted(packet.figures().rows().len(), "figure"),
            counted(packet.exhibits().len(), "exhibit"),
            counted(pages as usize, "page"),
        ),
    ));
    for (name, value) in pairs {
        sheet.pair(
            name,
            &[Span::new(value, Face::Serif, 11.5)],
            108.0,
            9.5,
            16.0,
        );
    }
    sheet.pieces.push(Piece {
        before: 10.0,
        ..Piece::rule(0.0, MEASURE, 0.5)
    });
    let lines = sheet.lines(
        &[Span::new(
            "Every figure in this packet is followed by the exhibit and the page from which it was read. The exhibits \
             are the agencies’ own documents, bound in behind the text, page for page and unaltered but for a stamp in \
             the margin. Questions that agencies have not answered are shown as unanswered.",
            Face::Serif,
            TEXT,
        )],
        MEASURE,
    );
    sheet.pieces.extend(paragraph(&lines, 0.0, LEADING, 12.0));
}

/// "1 exhibit", "3 exhibits".
fn counted(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    }
}

fn contents(sheet: &mut Sheet, packet: &Packet, known: &[Heading]) {
    let lines = sheet.lines(&[Span::new("Contents", Face::SansBold, 15.0)], MEASURE);
    for line in &lines {
        sheet.pieces.push(Piece {
            height: 20.0,
            marks: line_marks(line, 0.0, baseline(line, 20.0)).collect(),
            keep_next: true,
            new_page: true,
            heading: Some(("contents".to_owned(), "Contents".to_owned(), 1)),
            ..Piece::default()
        });
    }
    for heading in known
        .iter()
        .filter(|h| h.level == 1 && h.name != "contents")
    {
        entry(
            sheet,
            &heading.title,
            &(heading.page + 1).to_string(),
            &Place::Heading {
                name: heading.name.clone(),
            },
            9.0,
        );
    }
    for (i, exhibit) in packet.exhibits().iter().enumerate() {
        entry(
            sheet,
            &format!(
                "Exhibit {}   {}, {}",
                exhibit.letter(),
                exhibit.title(),
                exhibit.agency()
            ),
            &page_label(exhibit, 1),
            &Place::Exhibit {
                index: exhibit.letter().place(),
                page: 1,
            },
            if i == 0 { 14.0 } else { 4.0 },
        );
    }
    if known.is_empty() {
        // The first setting does not know the headings yet; leave the room that they will take.
        for _ in 0..SECTIONS {
            entry(
                sheet,
                "…",
                "0",
                &Place::Heading {
                    name: String::new(),
                },
                9.0,
            );
        }
    }
}

/// Sections in the contents.
const SECTIONS: usize = 8;

fn entry(sheet: &mut Sheet, title: &str, label: &str, to: &Place, before: f32) {
    const LABELS: f32 = 44.0;
    let lines = sheet.lines(
        &[Span::new(title, Face::Serif, TEXT)],
        MEASURE - LABELS - 12.0,
    );
    let mut pieces = paragraph(&lines, 0.0, LEADING, before);
    let label = sheet.lines(&[Span::new(label, Face::Sans, 9.5).tabular()], LABELS);
    let (Some(last), Some(label), Some(line)) = (pieces.last_mut(), label.first(), lines.last())
    else {
        return;
    };
    let y = baseline(line, LEADING);
    last.marks
        .extend(line_marks(label, MEASURE - label.width, y));
    // Leaders up to the label, in steps that stand under each other.
    let (step, right) = (6.0, MEASURE - label.width - 6.0);
    let dot = sheet.lines(&[Span::new(".", Face::Sans, 8.0)], step);
    let mut x = (line.width / step).ceil() * step + step;
    while x < right {
        if let Some(dot) = dot.first() {
            last.marks.extend(line_marks(dot, x, y));
        }
        x += step;
    }
    last.marks.push(Mark::Press {
        x: 0.0,
        y: 0.0,
        width: MEASURE,
        height: LEADING,
        to: to.clone(),
    });
    sheet.pieces.extend(pieces);
}

fn purpose(sheet: &mut Sheet, packet: &Packet) {
    let front = packet.front();
    let first = sheet.pieces.len();
    sheet.section("purpose", "Purpose");
    if let Some(piece) = sheet.pieces.get_mut(first) {
        piece.new_page = true;
    }
    sheet.plain(front.purpose.trim());
    if !front.jurisdictions.is_empty() {
        sheet.plain(format!(
            "The records were asked for under the public-records law of {}.",
            listed(&front.jurisdictions)
        ));
    }
    sheet.section("ask", "The ask");
    let asks: Vec<&str> = front
        .asks
        .iter()
        .map(|ask| ask.trim())
        .filter(|ask| !ask.is_empty())
        .collect();
    for (i, ask) in asks.iter().enumerate() {
        if asks.len() == 1 {
            sheet.plain(*ask);
        } else {
            sheet.item(
                &format!("{}.", i + 1),
                &[Span::new(*ask, Face::Serif, TEXT)],
            );
        }
    }
}

/// "Washington, California and Florida".
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn method(sheet: &mut Sheet, packet: &Packet) {
    sheet.section("method", "Method and limits");
    sheet.heading(None, "How this was found");
    for text in packet.method() {
        sheet.plain(text.trim());
    }
    sheet.heading(None, "What it does not show");
    for text in packet.limits() {
        sheet.item("•", &[Span::new(text.trim(), Face::Serif, TEXT)]);
    }
    if packet.limits().is_empty() {
        sheet.plain("No limits were noted.");
    }
}

#[cfg(test)]
mod tests;
