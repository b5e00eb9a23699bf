//! Source: opens an exhibit's file by a ladder of ways, from the agency's own page objects down to a page that says
//! plainly that the document could not be reproduced.
//!
//! The reader drops objects that it cannot read without a word, so pages are counted against what was counted when the
//! document was taken in, and page contents are looked up before a file counts as read.

use std::path::Path;
use std::process::{Command, Stdio};

use lopdf::{Document, LoadOptions, Object, ObjectId};

use super::copy::inherited;
use super::{BundleError, ExhibitFile, Way, stand_in};

/// The most that one stream may unpack to.
const MOST_UNPACKED: usize = 256 << 20;

/// An exhibit ready to be taken over.
pub(super) struct Opened {
    pub(super) document: Document,
    pub(super) pages: Vec<ObjectId>,
    pub(super) way: Way,
    pub(super) remarks: Vec<String>,
    /// The bytes to draw pages from when looking for margins.
    pub(super) drawable: Option<Vec<u8>>,
}

/// The body that we wrote ourselves.
pub(super) struct Body {
    pub(super) document: Document,
    pub(super) pages: Vec<ObjectId>,
}

pub(super) fn body(bytes: &[u8]) -> Result<Body, BundleError> {
    let document = load(bytes).ok_or_else(|| BundleError::Body("it is no PDF".to_owned()))?;
    let pages = document.page_iter().collect();
    Ok(Body { document, pages })
}

/// What a reading of a file gave.
struct Reading {
    document: Document,
    pages: Vec<ObjectId>,
    /// Pages that cannot be read, or whose contents are missing.
    broken: usize,
    /// Form fields with a value and no look of their own.
    faceless: usize,
}

impl Reading {
    fn of(bytes: &[u8]) -> Option<Reading> {
        let document = load(bytes)?;
        let pages: Vec<ObjectId> = document.page_iter().collect();
        if pages.is_empty() {
            return None;
        }
        let broken = pages
            .iter()
            .filter(|page| !is_whole(&document, **page))
            .count();
        let faceless = pages
            .iter()
            .map(|page| faceless_fields(&document, *page))
            .sum();
        Some(Reading {
            document,
            pages,
            broken,
            faceless,
        })
    }

    fn is_sound(&self, expected: u32) -> bool {
        self.broken == 0 && self.pages.len() == expected as usize
    }
}

fn load(bytes: &[u8]) -> Option<Document> {
    let options = LoadOptions {
        max_decompressed_size: Some(MOST_UNPACKED),
        ..LoadOptions::default()
    };
    let mut document = Document::load_mem_with_options(bytes, options).ok()?;
    if document.is_encrypted() {
        // Many agencies lock a file against change with an empty password for reading.
        document.decrypt("").ok()?;
    }
    Some(document)
}

/// The page is there and so is everything that it draws.
fn is_whole(document: &Document, page: ObjectId) -> bool {
    let Ok(dictionary) = document.get_dictionary(page) else {
        return false;
    };
    if inherited(document, page, b"MediaBox").is_none() {
        return false;
    }
    let Ok(contents) = dictionary.get(b"Contents") else {
        // A blank page.
        return true;
    };
    let found = |object: &Object| {
        document
            .dereference(object)
            .is_ok_and(|(_, found)| matches!(found, Object::Stream(_)))
    };
    match document.dereference(contents) {
        Ok((_, Object::Array(parts))) => parts.iter().all(found),
        Ok((_, Object::Stream(_) | Object::Null)) => true,
        _ => false,
    }
}

fn faceless_fields(document: &Document, page: ObjectId) -> usize {
    let Ok(annotations) = document.get_page_annotations(page) else {
        return 0;
    };
    annotations
        .iter()
        .filter(|annotation| {
            let is_field = annotation
                .get(b"Subtype")
                .and_then(Object::as_name)
                .is_ok_and(|subtype| subtype == b"Widget");
            let has_value = annotation.has(b"V")
                || annotation
                    .get_deref(b"Parent", document)
                    .and_then(Object::as_dict)
                    .is_ok_and(|parent| parent.has(b"V"));
            is_field && has_value && !annotation.has(b"AP")
        })
        .count()
}

/// Opens an exhibit as well as it can be opened.
pub(super) fn open(
    bytes: &[u8],
    exhibit: &ExhibitFile,
    folder: &Path,
) -> Result<Opened, BundleError> {
    let expected = exhibit.pages;
    let mut remarks = Vec::new();
    let own = Reading::of(bytes);
    if let Some(reading) = &own
        && reading.is_sound(expected)
        && reading.faceless == 0
    {
        return Ok(opened(own, Way::Copied, remarks, bytes));
    }
    let repaired = repair(bytes, &exhibit.letter, folder)?;
    let mended = repaired.as_deref().and_then(Reading::of);

    if let Some(reading) = &own
        && reading.is_sound(expected)
    {
        // Sound, but with form values that nothing draws: take the copy in which they are drawn.
        let fields = reading.faceless;
        if let (Some(mended), Some(repaired)) = (mended, repaired)
            && mended.is_sound(expected)
            && mended.faceless < fields
        {
            remarks.push("Form values without a look of their own were drawn by qpdf.".to_owned());
            return Ok(opened(Some(mended), Way::Copied, remarks, &repaired));
        }
        remarks.push(format!(
            "{fields} form values have no look of their own; compare the exhibit with the file as sent."
        ));
        return Ok(opened(own, Way::Copied, remarks, bytes));
    }

    // The reading with the most pages that are whole, the file's own first.
    let whole = |reading: &Option<Reading>| {
        reading
            .as_ref()
            .map_or(0, |reading| reading.pages.len() - reading.broken)
    };
    let sound = mended
        .as_ref()
        .is_some_and(|reading| reading.is_sound(expected));
    if sound || (whole(&mended) > whole(&own) && whole(&mended) >= expected as usize) {
        let pages = whole(&mended) as u32;
        remarks.push("The file is damaged; qpdf repaired it.".to_owned());
        remarks.extend(mismatch(expected, pages));
        let repaired = repaired.unwrap_or_default();
        return Ok(opened(mended, Way::Repaired, remarks, &repaired));
    }
    let pictures = stand_in::pictures(bytes);
    if let Some((document, pages)) = pictures
        && pages.len() >= whole(&own).max(whole(&mended))
        && (pages.len() as u32 >= expected || whole(&own).max(whole(&mended)) == 0)
    {
        remarks.push(
            "The file’s structure is broken, so its pages came over as pictures without text."
                .to_owned(),
        );
        remarks.extend(mismatch(expected, pages.len() as u32));
        return Ok(Opened {
            document,
            pages,
            way: Way::Pictures,
            remarks,
            drawable: None,
        });
    }
    let best = if whole(&mended) > whole(&own) {
        mended.map(|reading| (reading, Way::Repaired, repaired.unwrap_or_default()))
    } else {
        own.map(|reading| (reading, Way::Copied, bytes.to_vec()))
    };
    if let Some((reading, way, from)) = best
        && reading.pages.len() > reading.broken
    {
        remarks.extend(mismatch(expected, reading.pages.len() as u32));
        if reading.broken > 0 {
            remarks.push(format!(
                "{} of its pages could not be read whole and may be blank.",
                reading.broken
            ));
        }
        return Ok(opened(Some(reading), way, remarks, &from));
    }
    remarks.push(
        "The document could not be reproduced; a page in its place says so, with its SHA-256."
            .to_owned(),
    );
    let (document, pages) = stand_in::page(exhibit)?;
    Ok(Opened {
        document,
        pages,
        way: Way::StandIn,
        remarks,
        drawable: None,
    })
}

fn opened(reading: Option<Reading>, way: Way, remarks: Vec<String>, from: &[u8]) -> Opened {
    let (document, pages) = match reading {
        Some(reading) => (reading.document, reading.pages),
        None => (Document::new(), Vec::new()),
    };
    Opened {
        document,
        pages,
        way,
        remarks,
        drawable: Some(from.to_vec()),
    }
}

fn mismatch(expected: u32, found: u32) -> Option<String> {
    (expected != found).then(|| {
        format!(
            "{expected} pages were counted when the document came in, {found} could be bound in. Say so in the limits, or ask the agency for a sound copy."
        )
    })
}

/// `qpdf` rewrites the file and draws form values that have no look; none where it is not installed or gives up.
fn repair(bytes: &[u8], letter: &str, folder: &Path) -> Result<Option<Vec<u8>>, BundleError> {
    let (from, to) = (
        folder.join(format!("repair-{letter}-in.pdf")),
        folder.join(format!("repair-{letter}-out.pdf")),
    );
    std::fs::write(&from, bytes)?;
    let ran = Command::new("qpdf")
        .args(["--warning-exit-0", "--decrypt", "--generate-appearances"])
        .arg(&from)
        .arg(&to)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let repaired = match ran {
        Ok(status) if status.success() => Some(std::fs::read(&to)?),
        // Not installed, or beyond repair: the next way down.
        Ok(_) | Err(_) => None,
    };
    for file in [from, to] {
        match std::fs::remove_file(&file) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(repaired)
}
