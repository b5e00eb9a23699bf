//! A letter on paper: the very text that goes by mail, set on US Letter for post, fax and upload to a portal.
//!
//! The text comes from the approved words alone (`domain::letter::blocks`); paper adds the letterhead, the subject line,
//! a place to sign and "page x of y". The same letter gives the same bytes on any day.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use lopdf::{Dictionary, Document, Object, StringFormat};

use super::face::Face;
use super::flow::{MEASURE, Mark, Pages, Piece, baseline, flow, foot, line_marks, paragraph};
use super::paper;
use super::picture::Picture;
use super::text::{Span, break_lines};
use crate::domain::approval::sha256_hex;
use crate::domain::letter::{Block, BlockKind, blocks, keep_together};

/// A letter to be set.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The organisation, at the top of the first page.
    pub organisation: String,
    /// Under it: address, telephone, e-mail, in their order.
    pub under: Vec<String>,
    pub subject: String,
    /// The exact text.
    pub body: String,
    /// The request's own reference, at the foot of every page.
    pub reference: String,
    /// The day that the file carries as its date.
    pub on: NaiveDate,
    /// A word at the foot of every page, such as that counsel has not approved it yet; empty for none.
    pub remark: String,
    /// Printed above the signer's name.
    pub signature: Option<Arc<Picture>>,
}

/// A letter as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    pub pdf: Vec<u8>,
    pub pages: usize,
    /// Characters that our faces cannot print and that stand as "?" on the page.
    pub unprintable: Vec<char>,
}

const TEXT: f32 = 10.5;
const LEADING: f32 = 14.0;
/// Room for a hand to sign.
const SIGNING: f32 = 40.0;
const SIGNATURE_WIDTH: f32 = 170.0;
/// Lines of a paragraph that may be carried over to stay with the signature.
const SHORT: usize = 6;
/// Room for "10." before an item.
const INDENT: f32 = 22.0;

/// Sets a letter.
///
/// # Errors
/// A sentence, where a face cannot be cut down or our own pages cannot be finished; that would be a fault of ours.
pub fn render(letter: &Letter) -> Result<Set, String> {
    let (mut pages, missing) = lay(letter);
    let mut left = vec![letter.reference.clone()];
    left.push(letter.organisation.clone());
    left.push(letter.remark.clone());
    left.retain(|part| !part.trim().is_empty());
    foot(&mut pages, &left.join(" · "), 0);
    let count = pages.pages.len();
    let pdf = paper::write(&pages.pages, &letter.subject)?;
    Ok(Set {
        pdf: finish(&pdf, letter)?,
        pages: count,
        unprintable: missing.into_iter().collect(),
    })
}

/// The letter in pages, without their feet, and the characters that cannot be printed.
fn lay(letter: &Letter) -> (Pages, BTreeSet<char>) {
    let mut sheet = Sheet::default();
    sheet.letterhead(letter);
    let blocks = blocks(&letter.body);
    // The subject stands where a reader looks for it: before the salutation, else before everything.
    let subject_at = blocks
        .iter()
        .position(|block| block.kind == BlockKind::Salutation)
        .unwrap_or(0);
    let mut signers = 0;
    let mut starts = Vec::with_capacity(blocks.len());
    for (at, block) in blocks.iter().enumerate() {
        starts.push(sheet.pieces.len());
        if at == subject_at {
            sheet.subject(&letter.subject);
        }
        if block.kind == BlockKind::Signer {
            signers += 1;
        }
        let image = letter.signature.as_ref().filter(|_| signers == 1);
        sheet.block(block, image, at == 0);
    }
    if blocks.is_empty() {
        sheet.subject(&letter.subject);
    }
    // A signature never stands alone on a page: the last short paragraphs go with it.
    let closing = blocks
        .iter()
        .position(|block| block.kind == BlockKind::Closing);
    if let Some(closing) = closing {
        for at in (closing.saturating_sub(2)..closing).rev() {
            let (from, to) = (starts[at], starts[at + 1]);
            if to - from > SHORT {
                break;
            }
            for piece in &mut sheet.pieces[from..to] {
                piece.keep_next = true;
            }
        }
    }
    (flow(&sheet.pieces), sheet.missing)
}

#[derive(Default)]
struct Sheet {
    pieces: Vec<Piece>,
    missing: BTreeSet<char>,
}

impl Sheet {
    fn set(&mut self, text: &str, face: Face, size: f32, leading: f32, before: f32) -> Vec<Piece> {
        let lines = break_lines(&[Span::new(text, face, size)], MEASURE, &mut self.missing);
        paragraph(&lines, 0.0, leading, before)
    }

    fn letterhead(&mut self, letter: &Letter) {
        let name = self.set(&letter.organisation, Face::SansBold, 15.0, 19.0, 0.0);
        self.pieces.extend(name);
        let under: Vec<&str> = letter
            .under
            .iter()
            .map(|part| part.trim())
            .filter(|part| !part.is_empty())
            .collect();
        if !under.is_empty() {
            let under = self.set(&under.join(" · "), Face::Sans, 9.0, 13.0, 2.0);
            self.pieces.extend(under);
        }
        self.pieces.push(Piece {
            before: 7.0,
            ..Piece::rule(0.0, MEASURE, 0.9)
        });
        self.pieces.push(Piece::space(12.0));
    }

    fn subject(&mut self, subject: &str) {
        let mut set = self.set(subject, Face::SansBold, TEXT, LEADING, 14.0);
        for piece in &mut set {
            piece.keep_next = true;
        }
        self.pieces.extend(set);
    }

    fn block(&mut self, block: &Block, signature: Option<&Arc<Picture>>, first: bool) {
        let text = keep_together(&block.lines.join("\n"));
        let before = match block.kind {
            _ if first => 0.0,
            BlockKind::Head | BlockKind::Salutation | BlockKind::Closing => 12.0,
            BlockKind::Heading => 14.0,
            BlockKind::Paragraph => 7.0,
            BlockKind::Item => 5.0,
            BlockKind::Signer => 0.0,
        };
        match block.kind {
            BlockKind::Heading => {
                let mut set = self.set(&text, Face::SansBold, TEXT, LEADING, before);
                for piece in &mut set {
                    piece.keep_next = true;
                }
                self.pieces.extend(set);
            }
            BlockKind::Item => self.item(&block.mark, &text, before),
            BlockKind::Closing => {
                let mut set = self.set(&text, Face::Serif, TEXT, LEADING, before);
                for piece in &mut set {
                    piece.keep_next = true;
                }
                self.pieces.extend(set);
            }
            BlockKind::Signer => {
                self.signing(signature);
                let mut set = self.set(&text, Face::Serif, TEXT, LEADING, before);
                let last = set.len().saturating_sub(1);
                for piece in set.iter_mut().take(last) {
                    piece.keep_next = true;
                }
                self.pieces.extend(set);
            }
            BlockKind::Head => {
                let mut set = self.set(&text, Face::Serif, TEXT, LEADING, before);
                let last = set.len().saturating_sub(1);
                for piece in set.iter_mut().take(last) {
                    piece.keep_next = true;
                }
                self.pieces.extend(set);
            }
            BlockKind::Salutation | BlockKind::Paragraph => {
                let set = self.set(&text, Face::Serif, TEXT, LEADING, before);
                self.pieces.extend(set);
            }
        }
    }

    fn item(&mut self, mark: &str, text: &str, before: f32) {
        let lines = break_lines(
            &[Span::new(text, Face::Serif, TEXT)],
            MEASURE - INDENT,
            &mut self.missing,
        );
        let mut pieces = paragraph(&lines, INDENT, LEADING, before);
        let hung = break_lines(
            &[Span::new(mark, Face::Serif, TEXT).tabular()],
            INDENT,
            &mut self.missing,
        );
        if let (Some(first), Some(hung), Some(line)) =
            (pieces.first_mut(), hung.first(), lines.first())
        {
            // Numbers end under each other; marks are drawn first, so that a reader's program copies them first.
            let x = (INDENT - 6.0 - hung.width).max(0.0);
            let marks: Vec<Mark> = line_marks(hung, x, baseline(line, LEADING)).collect();
            first.marks.splice(0..0, marks);
        }
        self.pieces.extend(pieces);
    }

    /// The room above a signer's name, with the signature where there is one.
    fn signing(&mut self, signature: Option<&Arc<Picture>>) {
        let mut piece = Piece {
            keep_next: true,
            ..Piece::space(SIGNING)
        };
        if let Some(picture) = signature {
            let (wide, high) = (picture.width as f32, picture.height as f32);
            let by = (SIGNATURE_WIDTH / wide).min((SIGNING - 6.0) / high);
            piece.marks.push(Mark::Picture {
                x: 0.0,
                y: SIGNING - 4.0 - high * by,
                width: wide * by,
                height: high * by,
                picture: picture.clone(),
            });
        }
        self.pieces.push(piece);
    }
}

/// Language, title, date and a name by content, in place of what the writer of our pages leaves to chance.
fn finish(pdf: &[u8], letter: &Letter) -> Result<Vec<u8>, String> {
    let fault = |error: lopdf::Error| format!("a letter's pages could not be finished: {error}");
    let mut document = Document::load_mem(pdf).map_err(fault)?;
    let text = |text: &str| {
        let mut bytes = vec![0xFE, 0xFF];
        for unit in text.encode_utf16() {
            bytes.extend(unit.to_be_bytes());
        }
        Object::String(bytes, StringFormat::Hexadecimal)
    };
    let date = Object::String(
        letter.on.format("D:%Y%m%d000000Z").to_string().into_bytes(),
        StringFormat::Literal,
    );
    let mut info = Dictionary::new();
    info.set("Title", text(&letter.subject));
    info.set("Author", text(&letter.organisation));
    info.set("Creator", text("Sundial"));
    info.set("Producer", text("Sundial"));
    info.set("CreationDate", date.clone());
    info.set("ModDate", date);
    let info = document.add_object(Object::Dictionary(info));
    if let Ok(old) = document.trailer.get(b"Info").and_then(Object::as_reference) {
        document.objects.remove(&old);
    }
    document.trailer.set("Info", info);
    let catalog = document.catalog_mut().map_err(fault)?;
    catalog.remove(b"Metadata");
    catalog.remove(b"OutputIntents");
    catalog.remove(b"PageMode");
    catalog.set("Lang", Object::string_literal("en-US"));
    let mut preferences = Dictionary::new();
    preferences.set("DisplayDocTitle", true);
    catalog.set("ViewerPreferences", Object::Dictionary(preferences));
    document.prune_objects();
    document.renumber_objects();
    document.compress();
    let name = sha256_hex(
        format!(
            "{}\n{}\n{}\n{}\n{}",
            letter.organisation,
            letter.under.join("\n"),
            letter.subject,
            letter.body,
            letter.remark
        )
        .as_bytes(),
    );
    let id = Object::String(name.as_bytes()[..32].to_vec(), StringFormat::Literal);
    document
        .trailer
        .set("ID", Object::Array(vec![id.clone(), id]));
    document.version = "1.5".to_owned();
    let mut bytes = Vec::with_capacity(pdf.len());
    document
        .save_to(&mut bytes)
        .map_err(|error| format!("a letter could not be written: {error}"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
