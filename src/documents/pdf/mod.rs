//! PDFs, inside the worker: pages counted (`inspect`), read (`text`) and drawn (`image`).
//!
//! Here also: opening a file with limits, the same way for all three. Nothing here runs in the server.

pub mod image;
pub mod inspect;
pub mod reading;
pub mod text;

use std::path::Path;

use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};

use super::worker::child::Stopped;

/// The most that one compressed stream may unfold to while a file is opened or a page read, in bytes.
pub const MOST_UNFOLDED: usize = 64 << 20;

/// Pages looked at in one document. A longer one is refused with a sentence.
pub const MOST_PAGES: u32 = 20_000;

/// The sentence for a PDF that needs a password.
pub const LOCKED: &str = "This PDF is locked with a password, so its pages cannot be read or shown. The file is kept as it came. Ask the agency for an unlocked copy, or unlock it on your own computer and add that copy.";

/// The sentence for a PDF that nothing can open.
pub const BROKEN: &str = "This file says it is a PDF but its pages cannot be found: it may have been cut short on its way. The file is kept as it came. Ask the agency to send it again.";

/// The sentence for an empty file.
pub const EMPTY: &str =
    "This file is empty: it has no bytes in it. Ask the agency to send it again.";

/// The sentence for a file that is no PDF.
pub const NOT_A_PDF: &str = "This file is not a PDF, whatever its name says. It is kept as it came; download it to see what it is.";

/// Reads the bytes of an uploaded file and makes sure that they begin like a PDF.
///
/// # Errors
/// A sentence for an empty file, one that is no PDF, or one that cannot be read.
pub(super) fn bytes_of(file: &Path) -> Result<Vec<u8>, Stopped> {
    let bytes = std::fs::read(file).map_err(|error| Stopped::reading(&error))?;
    if bytes.is_empty() {
        return Err(Stopped::refused(EMPTY));
    }
    let head = &bytes[..bytes.len().min(1024)];
    if !head.windows(5).any(|window| window == b"%PDF-") {
        return Err(Stopped::refused(NOT_A_PDF));
    }
    Ok(bytes)
}

/// Opens a PDF with lopdf, decrypting with the empty password where that is enough. `Ok(None)` where lopdf cannot
/// read it at all: another program may.
///
/// # Errors
/// [`LOCKED`], when a password is needed.
pub(super) fn open(bytes: &[u8]) -> Result<Option<Document>, Stopped> {
    let options = LoadOptions::with_max_decompressed_size(MOST_UNFOLDED);
    let loaded = std::panic::catch_unwind(|| Document::load_mem_with_options(bytes, options));
    match loaded {
        Ok(Ok(document)) if document.is_encrypted() && !document.was_encrypted() => {
            Err(Stopped::refused(LOCKED))
        }
        Ok(Ok(document)) => Ok(Some(document)),
        Ok(Err(lopdf::Error::InvalidPassword)) => Err(Stopped::refused(LOCKED)),
        Ok(Err(_)) | Err(_) => Ok(None),
    }
}

/// A page's value that may stand on any of its parents (MediaBox, CropBox, Rotate), references followed.
pub(super) fn inherited<'a>(
    document: &'a Document,
    page: ObjectId,
    key: &[u8],
) -> Option<&'a Object> {
    let mut node: &Dictionary = dictionary(document, page)?;
    // A page tree deeper than this is a loop or an attack.
    for _ in 0..64 {
        if let Ok(value) = node.get(key)
            && let Some(value) = followed(document, value)
        {
            return Some(value);
        }
        let parent = match node.get(b"Parent") {
            Ok(Object::Reference(id)) => *id,
            _ => return None,
        };
        node = dictionary(document, parent)?;
    }
    None
}

pub(super) fn dictionary(document: &Document, id: ObjectId) -> Option<&Dictionary> {
    match document.get_object(id) {
        Ok(Object::Dictionary(dictionary)) => Some(dictionary),
        Ok(Object::Stream(stream)) => Some(&stream.dict),
        _ => None,
    }
}

/// The object behind a reference; none where it is missing or circular.
pub(super) fn followed<'a>(document: &'a Document, object: &'a Object) -> Option<&'a Object> {
    match document.dereference(object) {
        Ok((_, object)) => Some(object),
        Err(_) => None,
    }
}
