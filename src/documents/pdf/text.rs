//! The text of each page: by `pdftotext` where it is installed, else built in, and the answer says which.
//!
//! The built-in way reads page contents with lopdf and adds the values of form fields, which lopdf's own extraction
//! leaves out; `pdftotext` reads both.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::path::Path;

use lopdf::{Dictionary, Document, Object, ObjectId};
use serde::{Deserialize, Serialize};

use super::reading::{Reading, judge};
use super::{BROKEN, MOST_PAGES, MOST_UNFOLDED, bytes_of, followed, inspect, open};
use crate::documents::tools::{self, ToolError};
use crate::documents::worker::child::Stopped;
use crate::domain::document::TextMethod;

/// The most text kept of one page, in bytes.
pub const MOST_OF_A_PAGE: usize = 200_000;

/// The most text kept of one document, in bytes; pages after it are marked as cut.
pub const MOST_OF_A_DOCUMENT: usize = 24 << 20;

/// Every page's text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocumentText {
    pub method: TextMethod,
    pub pages: Vec<PageText>,
    /// Sentences for people: what was left out and why.
    pub notes: Vec<String>,
}

/// One page's text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageText {
    /// From 1.
    pub number: u32,
    /// Lines end in `\n`; no form feeds, no NULs.
    pub text: String,
    pub reading: Reading,
    /// Longer than is kept; the rest is only in the file.
    pub cut: bool,
}

/// Reads all pages.
///
/// # Errors
/// A sentence where the file is empty, no PDF, locked, or beyond reading.
pub fn page_text(file: &Path) -> Result<DocumentText, Stopped> {
    let inspection = inspect::inspect(file)?;
    let mut notes = inspection.notes;
    let (method, raw) = match by_pdftotext(file) {
        Ok(Some(pages)) => (TextMethod::Pdftotext, pages),
        Ok(None) | Err(_) => (
            TextMethod::BuiltIn,
            built_in(file, inspection.pages, &mut notes)?,
        ),
    };
    let mut kept = 0usize;
    let mut pages = Vec::new();
    let count = usize::try_from(inspection.pages).unwrap_or(usize::MAX);
    if raw.len() > count {
        notes.push(format!(
            "The text has {} pages but the file {count}: text of the pages beyond was left out.",
            raw.len()
        ));
    }
    let mut raw = raw.into_iter();
    for number in 1..=inspection.pages {
        let room = MOST_OF_A_PAGE.min(MOST_OF_A_DOCUMENT.saturating_sub(kept));
        let (text, cut) = cut_at(&raw.next().unwrap_or_default(), room);
        kept += text.len();
        pages.push(PageText {
            number,
            reading: judge(&text),
            text,
            cut,
        });
    }
    let unreadable = pages
        .iter()
        .filter(|page| !page.reading.is_readable())
        .count();
    if unreadable > 0 {
        notes.push(format!(
            "{unreadable} of {} pages have no text that can be relied on and need a person's eyes.",
            pages.len()
        ));
    }
    if pages.iter().any(|page| page.cut) {
        notes.push(
            "Some pages hold more text than is kept; their end is only in the file.".to_owned(),
        );
    }
    Ok(DocumentText {
        method,
        pages,
        notes,
    })
}

/// None where pdftotext is missing or fails: the built-in way follows.
fn by_pdftotext(file: &Path) -> Result<Option<Vec<String>>, ToolError> {
    let out = tempfile::NamedTempFile::new()?;
    let last = MOST_PAGES.to_string();
    let done = tools::run(
        "pdftotext",
        &[
            "-layout".as_ref(),
            "-enc".as_ref(),
            "UTF-8".as_ref(),
            "-l".as_ref(),
            last.as_ref(),
            file.as_os_str(),
            out.path().as_os_str(),
        ],
        45,
    )?;
    if done.code != Some(0) {
        return Ok(None);
    }
    let bytes = std::fs::read(out.path())?;
    let text = String::from_utf8_lossy(&bytes);
    // Every page ends in a form feed, so the piece after the last is no page.
    let mut pages: Vec<String> = text.split('\u{c}').map(str::to_owned).collect();
    if pages.last().is_some_and(|last| last.trim().is_empty()) {
        pages.pop();
    }
    Ok(Some(pages))
}

fn built_in(file: &Path, count: u32, notes: &mut Vec<String>) -> Result<Vec<String>, Stopped> {
    let bytes = bytes_of(file)?;
    let Some(document) = open(&bytes)? else {
        return Err(Stopped::refused(BROKEN));
    };
    let ids = document.get_pages();
    let mut failed = 0u32;
    let mut pages = Vec::new();
    for number in 1..=count {
        let Some(id) = ids.get(&number) else {
            pages.push(String::new());
            continue;
        };
        let read = std::panic::catch_unwind(AssertUnwindSafe(|| {
            document.extract_text_with_limit(&[number], MOST_UNFOLDED)
        }));
        let mut text = match read {
            Ok(Ok(text)) => text,
            Ok(Err(_)) | Err(_) => {
                failed += 1;
                String::new()
            }
        };
        for value in field_values(&document, *id) {
            text.push('\n');
            text.push_str(&value);
        }
        pages.push(text);
    }
    if failed > 0 {
        notes.push(format!(
            "The text of {failed} pages could not be read by the built-in reader; installing poppler-utils reads more."
        ));
    }
    Ok(pages)
}

/// What was typed into the form fields shown on a page or over it, in the order of its annotations.
fn field_values(document: &Document, page: ObjectId) -> Vec<String> {
    let Some(page) = super::dictionary(document, page) else {
        return Vec::new();
    };
    let Some(Object::Array(annotations)) = page
        .get(b"Annots")
        .map_or(None, |annotations| followed(document, annotations))
    else {
        return Vec::new();
    };
    annotations
        .iter()
        .take(5_000)
        .filter_map(|annotation| match followed(document, annotation) {
            Some(Object::Dictionary(annotation)) => field_value(document, annotation),
            _ => None,
        })
        .collect()
}

fn field_value(document: &Document, widget: &Dictionary) -> Option<String> {
    match widget.get(b"Subtype") {
        Ok(Object::Name(name)) if name == b"Widget" => {}
        Ok(Object::Name(name)) if name == b"FreeText" => {
            return match widget.get(b"Contents") {
                Ok(contents) => typed(followed(document, contents)?),
                Err(_) => None,
            };
        }
        _ => return None,
    }
    let mut node = widget;
    let mut seen: HashSet<ObjectId> = HashSet::new();
    let value = loop {
        if let Ok(value) = node.get(b"V") {
            break followed(document, value)?;
        }
        let Ok(Object::Reference(parent)) = node.get(b"Parent") else {
            return None;
        };
        if !seen.insert(*parent) {
            return None;
        }
        node = super::dictionary(document, *parent)?;
    };
    typed(value)
}

/// The text of a field's value; none for an empty one or an unticked box.
fn typed(value: &Object) -> Option<String> {
    let text = match value {
        Object::String(..) => match lopdf::decode_text_string(value) {
            Ok(text) => text,
            Err(_) => return None,
        },
        Object::Name(name) => String::from_utf8_lossy(name).into_owned(),
        _ => return None,
    };
    let text = text.trim().to_owned();
    (!text.is_empty() && text != "Off").then_some(text)
}

/// Text cleaned and no longer than `room` bytes, and whether something was cut off.
pub(in crate::documents) fn cut_at(text: &str, room: usize) -> (String, bool) {
    let mut whole = clean(text);
    let end = floor_char_boundary(&whole, room);
    let cut = end < whole.len();
    whole.truncate(end);
    (whole, cut)
}

fn clean(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .filter(|c| matches!(c, '\n' | '\t') || !c.is_control())
        .collect()
}

/// The last place at or before `at` where a character begins.
fn floor_char_boundary(text: &str, at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    (0..=at)
        .rev()
        .find(|index| text.is_char_boundary(*index))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters_and_kept_clean() {
        assert_eq!(floor_char_boundary("añb", 2), 1);
        assert_eq!(floor_char_boundary("añb", 3), 3);
        assert_eq!(floor_char_boundary("añb", 99), 4);
        assert_eq!(clean("a\r\nb\rc\u{0}\u{c}d\te"), "a\nb\ncd\te");
    }
}
