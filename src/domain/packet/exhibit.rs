//! Exhibits: cleared documents under letters, and the tags that point at their pages.

use std::fmt;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use crate::domain::document::{Document, Sha256};
use crate::domain::ids::DocumentId;
use crate::domain::review::Cleared;

/// A, B, … Z, AA, AB …
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Letter(u32);

impl Letter {
    /// The letter of the exhibit at this place, counted from 0.
    pub fn nth(place: u32) -> Letter {
        Letter(place)
    }

    pub fn place(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = Vec::new();
        let mut rest = self.0;
        loop {
            letters.push(char::from(b'A' + (rest % 26) as u8));
            if rest < 26 {
                break;
            }
            rest = rest / 26 - 1;
        }
        letters.iter().rev().try_for_each(|l| write!(f, "{l}"))
    }
}

impl Serialize for Letter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A page of an exhibit of this packet. Only an `Exhibit` hands one out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct SourceTag {
    letter: Letter,
    /// Counted from 1.
    page: u32,
}

impl SourceTag {
    pub fn letter(&self) -> Letter {
        self.letter
    }

    pub fn page(&self) -> u32 {
        self.page
    }
}

impl fmt::Display for SourceTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exhibit {}, p. {}", self.letter, self.page)
    }
}

/// What an exhibit is made from.
#[derive(Clone, Debug)]
pub struct ExhibitSource {
    pub document: Cleared<Document>,
    /// What it is, in plain words; the file's name where nobody gave a better one.
    pub title: String,
    pub agency: String,
    /// "S-0042"; none where it did not come by a request.
    pub request_number: Option<String>,
}

/// Why a document cannot be an exhibit, as a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnExhibit {
    #[error(
        "“{0}” is not a PDF, so it has no pages to carry. Its figures can be cited once it is turned into a PDF."
    )]
    NotPdf(String),
    #[error("The pages of “{0}” could not be counted, so it cannot be cited by page.")]
    NoPages(String),
}

/// A cleared document under its letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exhibit {
    letter: Letter,
    document: DocumentId,
    title: String,
    agency: String,
    request_number: Option<String>,
    received_on: NaiveDate,
    pages: u32,
    sha256: Sha256,
    relied_on_for: Vec<String>,
}

impl Exhibit {
    pub fn letter(&self) -> Letter {
        self.letter
    }

    pub fn document(&self) -> DocumentId {
        self.document
    }

    pub fn title(&self) -> &str {
        &self.title
    }

    pub fn agency(&self) -> &str {
        &self.agency
    }

    pub fn request_number(&self) -> Option<&str> {
        self.request_number.as_deref()
    }

    pub fn received_on(&self) -> NaiveDate {
        self.received_on
    }

    pub fn pages(&self) -> u32 {
        self.pages
    }

    /// Of the file as the agency sent it.
    pub fn sha256(&self) -> &Sha256 {
        &self.sha256
    }

    /// What in this packet rests on it: "Detainers received, Alder County Sheriff".
    pub fn relied_on_for(&self) -> &[String] {
        &self.relied_on_for
    }

    /// A tag for one of its pages, counted from 1; none where the exhibit has no such page.
    pub fn page(&self, page: u32) -> Option<SourceTag> {
        (1..=self.pages).contains(&page).then_some(SourceTag {
            letter: self.letter,
            page,
        })
    }
}

/// All exhibits of a packet, in letter order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Exhibits(Vec<Exhibit>);

impl Exhibits {
    /// Gives letters in the order of the sources. What cannot be an exhibit is handed back with the reason, so that the
    /// packet's limits can say so. A document that comes twice is one exhibit.
    pub fn letter(sources: Vec<ExhibitSource>) -> (Exhibits, Vec<NotAnExhibit>) {
        let mut exhibits: Vec<Exhibit> = Vec::new();
        let mut left_out = Vec::new();
        for source in sources {
            let document = source.document.item();
            if !document.is_pdf() {
                left_out.push(NotAnExhibit::NotPdf(document.name.clone()));
                continue;
            }
            let Some(pages) = document.pages.filter(|pages| *pages > 0) else {
                left_out.push(NotAnExhibit::NoPages(document.name.clone()));
                continue;
            };
            if exhibits.iter().any(|e| e.sha256 == document.sha256) {
                continue;
            }
            exhibits.push(Exhibit {
                letter: Letter::nth(exhibits.len() as u32),
                document: document.id,
                title: source.title,
                agency: source.agency,
                request_number: source.request_number,
                received_on: document.received_on,
                pages,
                sha256: document.sha256,
                relied_on_for: Vec::new(),
            });
        }
        (Exhibits(exhibits), left_out)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Exhibit> {
        self.0.iter()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The exhibit that carries these bytes.
    pub fn find_bytes(&self, sha256: &Sha256) -> Option<&Exhibit> {
        self.0.iter().find(|e| e.sha256 == *sha256)
    }

    /// Whether the tag points at a page of these exhibits.
    pub fn holds(&self, tag: &SourceTag) -> bool {
        self.0
            .get(tag.letter.place())
            .is_some_and(|e| tag.page <= e.pages)
    }

    pub(super) fn rely(&mut self, tag: &SourceTag, what: String) {
        if let Some(exhibit) = self.0.get_mut(tag.letter.place())
            && !exhibit.relied_on_for.contains(&what)
        {
            exhibit.relied_on_for.push(what);
        }
    }
}
