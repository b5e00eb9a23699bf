//! Bundle: the body and its exhibits in one file, each exhibit page unharmed and stamped.
//!
//! Runs inside the worker process, because it opens files that agencies sent: everything it needs is in the request and
//! in one folder, and everything it gives is a file in that folder and a report. Streams: one source is in memory at a
//! time. `source` opens a damaged file by a ladder of ways, `copy` takes pages over, `place` and `margin` find room for
//! the stamp, `stamp` draws it, `finish` adds outline, labels and metadata, `sink` writes.

mod copy;
mod finish;
mod margin;
mod place;
mod sink;
mod source;
mod stamp;
mod stand_in;

use std::path::{Component, Path, PathBuf};

use chrono::NaiveDate;
use lopdf::{Dictionary, Object, ObjectId};
use serde::{Deserialize, Serialize};

use super::link::{Heading, Link, Place};
use crate::domain::document::Sha256;

/// What to put together. Files are names inside `folder`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BundleRequest {
    pub folder: PathBuf,
    /// The laid-out pages.
    pub body: String,
    /// The file to write.
    pub output: String,
    pub title: String,
    /// Who presents it.
    pub author: String,
    pub subject: String,
    /// "en-US".
    pub language: String,
    /// Stands in the file as its date, so that the same request gives the same bytes on any day.
    pub built_on: NaiveDate,
    pub headings: Vec<Heading>,
    pub links: Vec<Link>,
    pub exhibits: Vec<ExhibitFile>,
    /// Look at each page for a margin that is free of ink. Without it, each exhibit page gets a strip of its own for
    /// the stamp: the way out when drawing a page takes more than the worker may have.
    pub look_for_margins: bool,
}

/// One exhibit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExhibitFile {
    pub file: String,
    /// "C".
    pub letter: String,
    /// For the outline.
    pub title: String,
    /// Pages as counted when the document was taken in, and as the index prints them.
    pub pages: u32,
    pub sha256: Sha256,
}

/// What was put together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BundleReport {
    pub sha256: Sha256,
    pub bytes: u64,
    /// Of the whole file.
    pub pages: u32,
    pub body_pages: u32,
    pub exhibits: Vec<ExhibitReport>,
}

/// How an exhibit's pages came over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The agency's own page objects.
    Copied,
    /// The same, after `qpdf` repaired the file's structure.
    Repaired,
    /// Pictures of the pages, because the file's structure is broken.
    Pictures,
    /// A page that says that the document could not be reproduced.
    StandIn,
}

/// What became of one exhibit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExhibitReport {
    pub letter: String,
    pub way: Way,
    /// As the request said.
    pub pages_expected: u32,
    pub pages: u32,
    /// Pages, from 1, that got a strip for the stamp because no margin was free.
    pub strips: Vec<u32>,
    /// Sentences for the maker of the dossier: counts that differ, hidden things left out.
    pub remarks: Vec<String>,
}

/// Why nothing was put together, as a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum BundleError {
    #[error("The dossier’s own pages could not be read back: {0}. Tell whoever runs this site.")]
    Body(String),
    #[error(
        "The file of exhibit {letter} is not the one that counsel cleared: its SHA-256 differs. Nothing was built. Look at the document’s page, and tell whoever runs this site."
    )]
    OtherBytes { letter: String },
    #[error(
        "A file of the bundle could not be read or written: {0}. Check the disk, then build again."
    )]
    Disk(String),
    #[error("“{0}” is not the name of a file in the working folder.")]
    Name(String),
    #[error("A page could not be written: {0}. Tell whoever runs this site.")]
    Write(String),
}

impl From<std::io::Error> for BundleError {
    fn from(error: std::io::Error) -> Self {
        BundleError::Disk(error.to_string())
    }
}

/// Puts the body and the exhibits together.
///
/// # Errors
/// When a file is missing, is not the one named by its hash, or cannot be written. A damaged exhibit is no error: it
/// comes over as well as it can, and the report says how.
pub fn run(request: &BundleRequest) -> Result<BundleReport, BundleError> {
    let body = read(&request.folder, &request.body)?;
    let body = source::body(&body)?;
    let mut sink = sink::Sink::create(&inside(&request.folder, &request.output)?)?;
    let pages_root = sink.reserve();
    let mut layers = copy::Layers::default();
    let mut stamper = stamp::Stamper::new(&mut sink)?;
    let mut kids: Vec<ObjectId> = Vec::new();

    // The body's page objects wait in memory for the links into the exhibits.
    let body_ids: Vec<ObjectId> = body.pages.iter().map(|_| sink.reserve()).collect();
    kids.extend(&body_ids);
    let mut body_pages = {
        let mut copier = copy::Copier::new(&body.document, &body.pages, &body_ids);
        let mut pages = Vec::new();
        for page in &body.pages {
            pages.push(copier.page(*page, pages_root, &mut sink)?);
        }
        copier.finish(&mut sink, &mut layers)?;
        pages
    };
    drop(body);

    let mut exhibits = Vec::new();
    let mut exhibit_ids: Vec<Vec<ObjectId>> = Vec::new();
    for exhibit in &request.exhibits {
        let (report, ids) = add_exhibit(
            request,
            exhibit,
            pages_root,
            &mut sink,
            &mut layers,
            &mut stamper,
        )?;
        kids.extend(&ids);
        exhibits.push(report);
        exhibit_ids.push(ids);
    }

    let target = |place: &Place| -> Option<(ObjectId, Option<f32>)> {
        match place {
            Place::Heading { name } => request
                .headings
                .iter()
                .find(|h| h.name == *name)
                .and_then(|h| body_ids.get(h.page).map(|id| (*id, Some(h.top)))),
            Place::Exhibit { index, page } => exhibit_ids
                .get(*index)
                .and_then(|ids| ids.get((*page as usize).saturating_sub(1)))
                .map(|id| (*id, None)),
        }
    };
    for link in &request.links {
        let (Some(page), Some((id, top))) = (body_pages.get_mut(link.page), target(&link.to))
        else {
            continue;
        };
        finish::add_link(page, link.rect, finish::destination(id, top), &mut sink)?;
    }
    for (id, page) in body_ids.iter().zip(body_pages) {
        sink.put(*id, &Object::Dictionary(page))?;
    }

    let mut root = Dictionary::new();
    root.set("Type", Object::Name(b"Pages".to_vec()));
    root.set("Count", kids.len() as i64);
    root.set(
        "Kids",
        Object::Array(kids.iter().map(|id| Object::Reference(*id)).collect()),
    );
    sink.put(pages_root, &Object::Dictionary(root))?;

    let outline = finish::outline(request, &body_ids, &exhibit_ids, &mut sink)?;
    let labels = finish::labels(body_ids.len(), &request.exhibits, &exhibit_ids);
    let (catalog, info) = finish::catalog(request, pages_root, outline, labels, layers, &mut sink)?;
    let (bytes, sha256) = sink.finish(catalog, info)?;
    Ok(BundleReport {
        sha256,
        bytes,
        pages: kids.len() as u32,
        body_pages: body_ids.len() as u32,
        exhibits,
    })
}

/// The same over plain JSON, as the worker process takes and gives it.
///
/// # Errors
/// The sentence of the `BundleError`.
pub fn in_worker(request: serde_json::Value) -> Result<serde_json::Value, String> {
    let request: BundleRequest = serde_json::from_value(request)
        .map_err(|error| format!("The bundle’s order could not be read: {error}."))?;
    let report = run(&request).map_err(|error| error.to_string())?;
    serde_json::to_value(report)
        .map_err(|error| format!("The report could not be written: {error}."))
}

fn add_exhibit(
    request: &BundleRequest,
    exhibit: &ExhibitFile,
    pages_root: ObjectId,
    sink: &mut sink::Sink,
    layers: &mut copy::Layers,
    stamper: &mut stamp::Stamper,
) -> Result<(ExhibitReport, Vec<ObjectId>), BundleError> {
    let bytes = read(&request.folder, &exhibit.file)?;
    if Sha256::of(&bytes) != exhibit.sha256 {
        return Err(BundleError::OtherBytes {
            letter: exhibit.letter.clone(),
        });
    }
    let source::Opened {
        document,
        pages,
        way,
        mut remarks,
        drawable,
    } = source::open(&bytes, exhibit, &request.folder)?;
    drop(bytes);
    let boxes: Vec<place::Sheet> = pages
        .iter()
        .map(|page| place::Sheet::of(&document, *page))
        .collect();
    let stamps: Vec<stamp::Stamp> = (1..=pages.len())
        .map(|page| {
            stamper.text(&format!(
                "Exhibit {}, p. {page} of {}",
                exhibit.letter,
                pages.len()
            ))
        })
        .collect();
    let spots = if request.look_for_margins {
        margin::spots(drawable.as_deref(), &boxes, &stamps)
    } else {
        vec![place::Spot::Strip; boxes.len()]
    };
    let ids: Vec<ObjectId> = pages.iter().map(|_| sink.reserve()).collect();
    let mut copier = copy::Copier::new(&document, &pages, &ids);
    let mut strips = Vec::new();
    for (i, page) in pages.iter().enumerate() {
        let mut copied = copier.page(*page, pages_root, sink)?;
        if spots[i] == place::Spot::Strip {
            strips.push(i as u32 + 1);
        }
        let balance = copier.balance(*page);
        stamper.put(&mut copied, &stamps[i], &boxes[i], spots[i], balance, sink)?;
        sink.put(ids[i], &Object::Dictionary(copied))?;
    }
    remarks.extend(copier.finish(sink, layers)?);
    let report = ExhibitReport {
        letter: exhibit.letter.clone(),
        way,
        pages_expected: exhibit.pages,
        pages: pages.len() as u32,
        strips,
        remarks,
    };
    Ok((report, ids))
}

/// A file inside the folder: a plain name, without a way out of it.
fn inside(folder: &Path, name: &str) -> Result<PathBuf, BundleError> {
    let mut parts = Path::new(name).components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(_)), None) => Ok(folder.join(name)),
        _ => Err(BundleError::Name(name.to_owned())),
    }
}

fn read(folder: &Path, name: &str) -> Result<Vec<u8>, BundleError> {
    let path = inside(folder, name)?;
    std::fs::read(&path).map_err(|error| BundleError::Disk(format!("{name}: {error}")))
}

#[cfg(test)]
mod tests;
