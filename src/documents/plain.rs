//! A file that is text already, as one page, inside the worker.

use std::path::Path;

use super::pdf::reading::judge;
use super::pdf::text::{DocumentText, MOST_OF_A_PAGE, PageText, cut_at};
use super::tables::decode;
use super::worker::child::Stopped;
use crate::domain::document::TextMethod;

/// Reads a text file in any of the usual encodings.
///
/// # Errors
/// A sentence where it is empty or cannot be read.
pub fn text(file: &Path) -> Result<DocumentText, Stopped> {
    let bytes = std::fs::read(file).map_err(|error| Stopped::reading(&error))?;
    if bytes.is_empty() {
        return Err(Stopped::refused(super::pdf::EMPTY));
    }
    let (whole, _) = decode(&bytes);
    let (text, cut) = cut_at(&whole, MOST_OF_A_PAGE);
    Ok(DocumentText {
        method: TextMethod::Plain,
        notes: if cut {
            vec!["The text is longer than is kept; its end is only in the file.".to_owned()]
        } else {
            Vec::new()
        },
        pages: vec![PageText {
            number: 1,
            reading: judge(&text),
            text,
            cut,
        }],
    })
}
