//! Lines: spans of text in a face and size, broken into lines of a given width.

use std::collections::BTreeSet;

use super::face::{Face, Glyph, width_of};
use super::link::Place;

/// Text in one face and size.
#[derive(Clone, Debug)]
pub struct Span {
    pub text: String,
    pub face: Face,
    pub size: f32,
    /// Digits of one width, for tables and dates.
    pub tabular: bool,
    /// Where a press on it leads.
    pub link: Option<Place>,
}

impl Span {
    pub fn new(text: impl Into<String>, face: Face, size: f32) -> Span {
        Span {
            text: text.into(),
            face,
            size,
            tabular: false,
            link: None,
        }
    }

    pub fn tabular(mut self) -> Span {
        self.tabular = true;
        self
    }

    pub fn linked(mut self, to: Place) -> Span {
        self.link = Some(to);
        self
    }
}

/// Glyphs of one span on one line, `x` points right of the line's start.
#[derive(Clone, Debug)]
pub struct Run {
    pub x: f32,
    pub width: f32,
    pub face: Face,
    pub size: f32,
    pub glyphs: Vec<Glyph>,
    pub link: Option<Place>,
}

impl Run {
    /// What it says.
    #[cfg(test)]
    pub fn text(&self) -> String {
        self.glyphs.iter().map(|g| g.text.as_str()).collect()
    }
}

/// One line.
#[derive(Clone, Debug, Default)]
pub struct Line {
    pub runs: Vec<Run>,
    pub width: f32,
}

/// A stretch that cannot be broken, and the space after it.
struct Word {
    parts: Vec<(usize, Vec<Glyph>, f32)>,
    width: f32,
    space: Vec<(usize, Vec<Glyph>, f32)>,
    space_width: f32,
    ends_line: bool,
}

/// Breaks spans into lines no wider than `width` points. A word that is wider by itself, such as a hash, is broken
/// anywhere. Characters that a face lacks are recorded in `missing`.
pub fn break_lines(spans: &[Span], width: f32, missing: &mut BTreeSet<char>) -> Vec<Line> {
    let mut text = String::new();
    let mut ends = Vec::with_capacity(spans.len());
    for span in spans {
        text.push_str(&span.face.printable(&span.text, missing));
        ends.push(text.len());
    }
    let mut lines = Vec::new();
    let mut line = Line::default();
    let mut pending: Vec<(usize, Vec<Glyph>, f32)> = Vec::new();
    let mut pending_width = 0.0;
    let mut start = 0;
    for (end, opportunity) in unicode_linebreak::linebreaks(&text) {
        let last = end == text.len();
        let forced = opportunity == unicode_linebreak::BreakOpportunity::Mandatory && !last;
        let word = word(spans, &ends, &text[start..end], start, forced);
        start = end;
        let fits =
            |line: &Line, pending: f32, word: f32| line.width + pending + word <= width + 0.01;
        let endless = word.width > width;
        if !line.runs.is_empty() && !endless && !fits(&line, pending_width, word.width) {
            lines.push(std::mem::take(&mut line));
            pending.clear();
        }
        if endless {
            // Wider than any line: it goes on from here and is broken anywhere.
            for (span, glyphs, advance) in pending.drain(..) {
                push(&mut line, spans, span, glyphs, advance);
            }
            for (span, glyphs, _) in word.parts {
                for glyph in glyphs {
                    let size = spans[span].size;
                    let advance = glyph.advance * size / 1000.0;
                    if !line.runs.is_empty() && line.width + advance > width {
                        lines.push(std::mem::take(&mut line));
                    }
                    push(&mut line, spans, span, vec![glyph], advance);
                }
            }
        } else {
            for (span, glyphs, advance) in pending.drain(..).chain(word.parts) {
                push(&mut line, spans, span, glyphs, advance);
            }
        }
        pending = word.space;
        pending_width = word.space_width;
        if word.ends_line {
            lines.push(std::mem::take(&mut line));
            pending.clear();
            pending_width = 0.0;
        }
    }
    if !line.runs.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

fn push(line: &mut Line, spans: &[Span], span: usize, glyphs: Vec<Glyph>, advance: f32) {
    let of = &spans[span];
    let x = line.width;
    line.width += advance;
    if let Some(run) = line.runs.last_mut()
        && run.face == of.face
        && run.size == of.size
        && run.link == of.link
    {
        run.glyphs.extend(glyphs);
        run.width += advance;
        return;
    }
    line.runs.push(Run {
        x,
        width: advance,
        face: of.face,
        size: of.size,
        glyphs,
        link: of.link.clone(),
    });
}

fn word(spans: &[Span], ends: &[usize], text: &str, start: usize, ends_line: bool) -> Word {
    let content = text.trim_end_matches([' ', '\n', '\t']);
    let gap = &text[content.len()..];
    let gap: String = gap.chars().filter(|c| *c != '\n').collect();
    let mut word = Word {
        parts: Vec::new(),
        width: 0.0,
        space: Vec::new(),
        space_width: 0.0,
        ends_line,
    };
    for (span, piece) in pieces(ends, content, start) {
        let of = &spans[span];
        let glyphs = of.face.shape(piece, of.tabular);
        let advance = width_of(&glyphs, of.size);
        word.width += advance;
        word.parts.push((span, glyphs, advance));
    }
    if !gap.is_empty() {
        for (span, piece) in pieces(ends, &gap, start + content.len()) {
            let of = &spans[span];
            let glyphs = of.face.shape(piece, of.tabular);
            let advance = width_of(&glyphs, of.size);
            word.space_width += advance;
            word.space.push((span, glyphs, advance));
        }
    }
    word
}

/// Splits a stretch at the ends of spans.
fn pieces<'t>(ends: &[usize], text: &'t str, start: usize) -> Vec<(usize, &'t str)> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let absolute = start + at;
        let span = ends
            .iter()
            .position(|end| absolute < *end)
            .unwrap_or(ends.len() - 1);
        let stop = (ends[span].max(absolute + 1) - start).min(text.len());
        pieces.push((span, &text[at..stop]));
        at = stop;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, width: f32) -> Vec<String> {
        let mut missing = BTreeSet::new();
        break_lines(&[Span::new(text, Face::Serif, 10.5)], width, &mut missing)
            .iter()
            .map(|line| line.runs.iter().map(Run::text).collect())
            .collect()
    }

    #[test]
    fn no_line_is_wider_than_its_column_and_no_word_is_lost() {
        let text = "A detainer asks a jail to hold a person for up to 48 hours beyond the moment at which \
                    that person would otherwise be released, and to tell ICE of the release.";
        for width in [60.0, 120.0, 333.0, 468.0] {
            let mut missing = BTreeSet::new();
            let broken = break_lines(&[Span::new(text, Face::Serif, 10.5)], width, &mut missing);
            for line in &broken {
                assert!(line.width <= width + 0.02, "{} > {width}", line.width);
            }
            let words: Vec<String> = lines(text, width)
                .iter()
                .flat_map(|l| l.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
                .collect();
            assert_eq!(
                words.join(" "),
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            );
        }
    }

    #[test]
    fn a_hash_is_broken_anywhere_and_stays_whole() {
        let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let broken = lines(hash, 80.0);
        assert!(broken.len() > 3);
        assert_eq!(broken.concat(), hash);
    }

    #[test]
    fn forced_breaks_empty_text_and_mixed_spans() {
        assert_eq!(lines("one\ntwo", 400.0), ["one", "two"]);
        assert_eq!(lines("", 400.0), [""]);
        assert_eq!(lines("one\n\ntwo", 400.0).len(), 3);
        let mut missing = BTreeSet::new();
        let mixed = break_lines(
            &[
                Span::new("Detainers received: 214 ", Face::Serif, 10.5),
                Span::new("(Exhibit B, p. 1)", Face::Sans, 8.0)
                    .linked(Place::Exhibit { index: 1, page: 1 }),
                Span::new(".", Face::Serif, 10.5),
            ],
            400.0,
            &mut missing,
        );
        assert_eq!(mixed.len(), 1);
        let runs = &mixed[0].runs;
        assert_eq!(runs.len(), 3);
        assert_eq!(runs[1].link, Some(Place::Exhibit { index: 1, page: 1 }));
        assert!((runs[2].x - (runs[1].x + runs[1].width)).abs() < 0.01);
    }
}
