//! How many pages a PDF has, by two counts where a second is to be had, and what they look like.

use std::path::Path;

use lopdf::{Document, Object, ObjectId};
use serde::{Deserialize, Serialize};

use super::{BROKEN, LOCKED, MOST_PAGES, bytes_of, inherited, open};
use crate::documents::tools;
use crate::documents::worker::child::Stopped;

/// What a PDF is, before anything of it is read or drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// The number of pages to go by: the larger of the two counts, so that no page is lost unseen.
    pub pages: u32,
    /// Counted by the built-in reader; none where it cannot read the file.
    pub pages_builtin: Option<u32>,
    /// Counted by `qpdf`; none where it is not installed or cannot read the file.
    pub pages_qpdf: Option<u32>,
    /// Encrypted, but opens without a password.
    pub encrypted: bool,
    /// Carries fillable fields.
    pub form: bool,
    /// In page order; fewer than `pages` where the built-in reader sees fewer.
    pub sizes: Vec<PageSize>,
    /// Sentences for people: what differs, what could not be told.
    pub notes: Vec<String>,
}

/// The visible box of one page, in points (1/72 inch), and how far it is turned clockwise for display.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageSize {
    pub width: f32,
    pub height: f32,
    pub turned: u16,
}

/// Looks at a PDF.
///
/// # Errors
/// A sentence where it is empty, no PDF, locked, or beyond reading.
pub fn inspect(file: &Path) -> Result<Inspection, Stopped> {
    let bytes = bytes_of(file)?;
    let document = open(&bytes)?;
    let pages_qpdf = count_by_qpdf(file)?;
    let mut notes = Vec::new();
    let mut inspection = Inspection {
        pages: 0,
        pages_builtin: None,
        pages_qpdf,
        encrypted: false,
        form: false,
        sizes: Vec::new(),
        notes: Vec::new(),
    };
    if let Some(document) = &document {
        let pages: Vec<ObjectId> = document.page_iter().take(MOST_PAGES as usize + 1).collect();
        if pages.len() > MOST_PAGES as usize {
            return Err(Stopped::refused(format!(
                "This PDF has more than {MOST_PAGES} pages. It is kept as it came; split it into smaller files and add those."
            )));
        }
        inspection.pages_builtin = Some(u32::try_from(pages.len()).unwrap_or(u32::MAX));
        inspection.encrypted = document.was_encrypted();
        inspection.form = document
            .catalog()
            .is_ok_and(|catalog| catalog.has(b"AcroForm"));
        inspection.sizes = pages.iter().map(|page| size_of(document, *page)).collect();
    }
    let builtin = inspection.pages_builtin.unwrap_or(0);
    let qpdf = pages_qpdf.unwrap_or(0);
    inspection.pages = builtin.max(qpdf);
    if inspection.pages == 0 {
        return Err(Stopped::refused(BROKEN));
    }
    if inspection.pages > MOST_PAGES {
        return Err(Stopped::refused(format!(
            "This PDF has {} pages, more than the {MOST_PAGES} that can be taken in at once. It is kept as it came; split it into smaller files and add those.",
            inspection.pages
        )));
    }
    match (inspection.pages_builtin, pages_qpdf) {
        (Some(one), Some(two)) if one != two => notes.push(format!(
            "Two programs count the pages differently ({one} and {two}): the file is damaged. Compare with the original before relying on it."
        )),
        (None | Some(0), Some(_)) => notes.push(
            "The file is damaged: only a repairing program finds its pages. Compare with the original before relying on it.".to_owned(),
        ),
        _ => {}
    }
    if inspection.sizes.iter().any(PageSize::absurd) {
        notes.push("A page claims an impossible size; it cannot be shown as a picture.".to_owned());
    }
    inspection.notes = notes;
    Ok(inspection)
}

impl PageSize {
    /// Wider or higher than 200 inches, the most a PDF page may be, or without any size.
    pub fn absurd(&self) -> bool {
        let fine = |side: f32| side.is_finite() && (1.0..=14_400.0).contains(&side);
        !(fine(self.width) && fine(self.height))
    }
}

fn size_of(document: &Document, page: ObjectId) -> PageSize {
    let media = rectangle(document, page, b"MediaBox").unwrap_or([0.0, 0.0, 612.0, 792.0]);
    let visible = match rectangle(document, page, b"CropBox") {
        // The crop box counts only where it lies in the media box.
        Some(crop) => [
            crop[0].max(media[0]),
            crop[1].max(media[1]),
            crop[2].min(media[2]),
            crop[3].min(media[3]),
        ],
        None => media,
    };
    let visible = if visible[2] > visible[0] && visible[3] > visible[1] {
        visible
    } else {
        media
    };
    let turned = inherited(document, page, b"Rotate")
        .and_then(number)
        .map_or(0, |degrees| (degrees as i64).rem_euclid(360));
    PageSize {
        width: visible[2] - visible[0],
        height: visible[3] - visible[1],
        turned: u16::try_from(turned).unwrap_or(0),
    }
}

/// A box as left, bottom, right, top, put in order.
fn rectangle(document: &Document, page: ObjectId, key: &[u8]) -> Option<[f32; 4]> {
    let Object::Array(sides) = inherited(document, page, key)? else {
        return None;
    };
    let mut read = [0.0f32; 4];
    if sides.len() != 4 {
        return None;
    }
    for (slot, side) in read.iter_mut().zip(sides) {
        *slot = number(super::followed(document, side)?)?;
    }
    let [a, b, c, d] = read;
    Some([a.min(c), b.min(d), a.max(c), b.max(d)])
}

fn number(object: &Object) -> Option<f32> {
    match object {
        Object::Integer(whole) => Some(*whole as f32),
        Object::Real(real) => Some(*real),
        _ => None,
    }
}

/// A second opinion. None where qpdf is missing or finds no pages.
fn count_by_qpdf(file: &Path) -> Result<Option<u32>, Stopped> {
    let done = match tools::run("qpdf", &["--show-npages".as_ref(), file.as_os_str()], 30) {
        Ok(done) => done,
        Err(_) => return Ok(None),
    };
    // 0: clean, 3: clean with warnings.
    if !matches!(done.code, Some(0 | 3)) {
        return Ok(None);
    }
    let printed = String::from_utf8_lossy(&done.stdout);
    match printed.trim().parse::<u32>() {
        Ok(0) | Err(_) => Ok(None),
        Ok(pages) => Ok(Some(pages)),
    }
}

/// Whether a refusal is about a password rather than damage.
pub fn is_locked(sentence: &str) -> bool {
    sentence == LOCKED
}
