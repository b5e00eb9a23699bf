//! Copy: a page and all that it reaches, taken from one file into another.
//!
//! Page contents, fonts and images come over byte for byte. What comes over by choice, not by default: annotations as
//! they look, links to pages and web addresses, layers with their default state. What stays behind: scripts and every
//! other action, embedded files, hidden annotations, the words of pop-up comments that no reader of the page saw,
//! editing data and metadata. Form fields keep their look and are no longer fields.
//!
//! Over 500 lines because what comes over and what stays behind is one list that must be read whole.

use std::collections::{BTreeMap, VecDeque};

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use super::BundleError;
use super::sink::Sink;

/// Keys that lead back to the source's structure, or carry what no reader sees.
const CUT: [&[u8]; 12] = [
    b"Parent",
    b"StructParent",
    b"StructParents",
    b"AA",
    b"PieceInfo",
    b"Metadata",
    b"LastModified",
    b"AF",
    b"JS",
    b"EF",
    b"OpenAction",
    b"Thumb",
];

/// Actions that do more than lead somewhere.
const ACTIONS: [&[u8]; 17] = [
    b"JavaScript",
    b"Launch",
    b"SubmitForm",
    b"ImportData",
    b"ResetForm",
    b"GoToR",
    b"GoToE",
    b"GoTo3DView",
    b"Rendition",
    b"Movie",
    b"Sound",
    b"SetOCGState",
    b"RichMediaExecute",
    b"Trans",
    b"Hide",
    b"Thread",
    b"Named",
];

/// Page attributes that pass down from the page tree.
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];

/// Layers of all sources, for the catalog.
#[derive(Default)]
pub(super) struct Layers {
    pub(super) all: Vec<Object>,
    pub(super) off: Vec<Object>,
}

/// Takes pages of one source over.
pub(super) struct Copier<'a> {
    document: &'a Document,
    pages: BTreeMap<ObjectId, ObjectId>,
    taken: BTreeMap<ObjectId, ObjectId>,
    waiting: VecDeque<(ObjectId, ObjectId)>,
    comments: usize,
    hidden: usize,
    files: usize,
    actions: usize,
    dangling: usize,
}

impl<'a> Copier<'a> {
    /// `pages` of the source become `ids` of the new file.
    pub(super) fn new(document: &'a Document, pages: &[ObjectId], ids: &[ObjectId]) -> Copier<'a> {
        Copier {
            document,
            pages: pages.iter().copied().zip(ids.iter().copied()).collect(),
            taken: BTreeMap::new(),
            waiting: VecDeque::new(),
            comments: 0,
            hidden: 0,
            files: 0,
            actions: 0,
            dangling: 0,
        }
    }

    /// One page as a dictionary of the new file, with what it inherits made its own. The caller writes it.
    pub(super) fn page(
        &mut self,
        page: ObjectId,
        parent: ObjectId,
        sink: &mut Sink,
    ) -> Result<Dictionary, BundleError> {
        let mut copied = Dictionary::new();
        copied.set("Type", Object::Name(b"Page".to_vec()));
        copied.set("Parent", parent);
        let of = self.document.get_dictionary(page).ok();
        for key in INHERITED {
            if let Some(value) = inherited(self.document, page, key) {
                let value = match key {
                    // A page's own copy, so that the stamp can be added to this page alone.
                    b"Resources" => self.resources(value, sink),
                    _ => self.object(self.resolved(value), sink),
                };
                copied.set(key.to_vec(), value);
            }
        }
        if !copied.has(b"MediaBox") {
            copied.set("MediaBox", super::place::letter_box());
        }
        if !copied.has(b"Resources") {
            copied.set("Resources", Dictionary::new());
        }
        if let Some(of) = of {
            for key in [
                b"Contents".as_slice(),
                b"Group",
                b"UserUnit",
                b"BleedBox",
                b"TrimBox",
                b"ArtBox",
            ] {
                if let Ok(value) = of.get(key) {
                    let value = self.object(value, sink);
                    copied.set(key.to_vec(), value);
                }
            }
            let annotations = self.annotations(of, page, sink)?;
            if !annotations.is_empty() {
                copied.set("Annots", Object::Array(annotations));
            }
        }
        Ok(copied)
    }

    /// How many graphics states the page's own drawing leaves open, and how many it closes that it never opened.
    pub(super) fn balance(&self, page: ObjectId) -> Balance {
        /// Contents beyond this are taken to be balanced rather than unpacked.
        const MOST: usize = 32 << 20;
        let Ok(bytes) = self.document.get_page_content_with_limit(page, MOST) else {
            return Balance::default();
        };
        Balance::of(&bytes)
    }

    /// Writes everything that the pages reached. Gives remarks on what was left behind.
    pub(super) fn finish(
        mut self,
        sink: &mut Sink,
        layers: &mut Layers,
    ) -> Result<Vec<String>, BundleError> {
        self.layers(layers, sink);
        while let Some((old, new)) = self.waiting.pop_front() {
            let object = match self.document.get_object(old) {
                Ok(object) => self.object(object, sink),
                Err(_) => Object::Null,
            };
            sink.put(new, &object)?;
        }
        let mut remarks = Vec::new();
        let mut left = |count: usize, one: &str, many: &str| {
            if count > 0 {
                remarks.push(format!(
                    "{count} {} left out.",
                    if count == 1 { one } else { many }
                ));
            }
        };
        left(
            self.comments,
            "pop-up comment, which does not show on the page, was",
            "pop-up comments, which do not show on the page, were",
        );
        left(
            self.hidden,
            "hidden annotation was",
            "hidden annotations were",
        );
        left(self.files, "attached file was", "attached files were");
        left(
            self.actions,
            "script or other action was",
            "scripts or other actions were",
        );
        if self.dangling > 0 {
            remarks.push(format!(
                "The file points at {} that it does not hold; look at its pages in the dossier.",
                if self.dangling == 1 {
                    "one part".to_owned()
                } else {
                    format!("{} parts", self.dangling)
                }
            ));
        }
        Ok(remarks)
    }

    /// Follows references; a value that leads nowhere is itself.
    fn resolved(&self, object: &'a Object) -> &'a Object {
        self.document
            .dereference(object)
            .map_or(object, |(_, found)| found)
    }

    fn resources(&mut self, value: &'a Object, sink: &mut Sink) -> Object {
        let mut own = Dictionary::new();
        if let Object::Dictionary(resources) = self.resolved(value) {
            for (key, value) in resources.iter() {
                // The stamp is added to the page's forms: that list is the page's own too.
                let value = if key == b"XObject" {
                    self.object(self.resolved(value), sink)
                } else {
                    self.object(value, sink)
                };
                own.set(key.clone(), value);
            }
        }
        Object::Dictionary(own)
    }

    fn object(&mut self, object: &'a Object, sink: &mut Sink) -> Object {
        match object {
            Object::Reference(id) => self.reference(*id, sink),
            Object::Array(items) => {
                Object::Array(items.iter().map(|item| self.object(item, sink)).collect())
            }
            Object::Dictionary(dictionary) => self.dictionary(dictionary, sink),
            Object::Stream(stream) => {
                let dictionary = match self.dictionary(&stream.dict, sink) {
                    Object::Dictionary(dictionary) => dictionary,
                    _ => Dictionary::new(),
                };
                let mut copied = Stream::new(dictionary, stream.content.clone());
                // The bytes come over as they are, in the filters that their dictionary names.
                copied.allows_compression = false;
                Object::Stream(copied)
            }
            other => other.clone(),
        }
    }

    fn reference(&mut self, id: ObjectId, sink: &mut Sink) -> Object {
        if let Some(page) = self.pages.get(&id) {
            return Object::Reference(*page);
        }
        if let Some(new) = self.taken.get(&id) {
            return Object::Reference(*new);
        }
        match self.document.get_object(id) {
            Ok(found) => {
                // A page that is not in the bundle, or the page tree, is not dragged along.
                if let Object::Dictionary(dictionary) = found
                    && (dictionary.has_type(b"Page") || dictionary.has_type(b"Pages"))
                {
                    return Object::Null;
                }
                let new = sink.reserve();
                self.taken.insert(id, new);
                self.waiting.push_back((id, new));
                Object::Reference(new)
            }
            Err(_) => {
                self.dangling += 1;
                Object::Null
            }
        }
    }

    fn dictionary(&mut self, dictionary: &'a Dictionary, sink: &mut Sink) -> Object {
        if dictionary
            .get(b"S")
            .and_then(Object::as_name)
            .is_ok_and(|name| ACTIONS.contains(&name))
            && !dictionary.has_type(b"StructElem")
        {
            self.actions += 1;
            return Object::Null;
        }
        if dictionary.has_type(b"EmbeddedFile") || dictionary.has_type(b"Filespec") {
            self.files += 1;
            return Object::Null;
        }
        let mut copied = Dictionary::new();
        for (key, value) in dictionary.iter() {
            if CUT.contains(&key.as_slice()) {
                continue;
            }
            let value = self.object(value, sink);
            copied.set(key.clone(), value);
        }
        Object::Dictionary(copied)
    }

    fn annotations(
        &mut self,
        page: &'a Dictionary,
        page_id: ObjectId,
        sink: &mut Sink,
    ) -> Result<Vec<Object>, BundleError> {
        let Ok(annotations) = page.get(b"Annots") else {
            return Ok(Vec::new());
        };
        let Object::Array(annotations) = self.resolved(annotations) else {
            return Ok(Vec::new());
        };
        let mut kept = Vec::new();
        for annotation in annotations {
            let Object::Dictionary(of) = self.resolved(annotation) else {
                continue;
            };
            if let Some(copied) = self.annotation(of, page_id, sink) {
                kept.push(Object::Reference(sink.add(&Object::Dictionary(copied))?));
            }
        }
        Ok(kept)
    }

    fn annotation(
        &mut self,
        of: &'a Dictionary,
        page: ObjectId,
        sink: &mut Sink,
    ) -> Option<Dictionary> {
        let subtype = of.get(b"Subtype").and_then(Object::as_name).unwrap_or(b"");
        let flags = of
            .get(b"F")
            .map(|f| self.resolved(f))
            .and_then(Object::as_i64)
            .unwrap_or(0);
        if flags & 2 != 0 {
            self.hidden += 1;
            return None;
        }
        if subtype == b"Popup" {
            return None;
        }
        if subtype == b"FileAttachment" {
            self.files += 1;
        }
        let speaks = matches!(subtype, b"FreeText" | b"Link" | b"Widget");
        let mut copied = Dictionary::new();
        for (key, value) in of.iter() {
            match key.as_slice() {
                b"Popup" | b"IRT" | b"RT" | b"P" | b"PA" | b"FS" | b"RichMediaContent"
                | b"RichMediaSettings" | b"Movie" | b"Sound" | b"3DD" | b"3DA" | b"Dest" | b"A"
                | b"Kids" => continue,
                // What a comment says is not on the page that counsel looked at.
                b"Contents" | b"RC" | b"T" | b"Subj" if !speaks => {
                    if key == b"Contents" && value.as_str().is_ok_and(|text| !text.is_empty()) {
                        self.comments += 1;
                    }
                    continue;
                }
                cut if CUT.contains(&cut) => continue,
                _ => {}
            }
            let value = self.object(value, sink);
            copied.set(key.clone(), value);
        }
        if subtype == b"Widget" {
            self.field(of, &mut copied, sink);
        }
        if let Some(new) = self.pages.get(&page) {
            copied.set("P", *new);
        }
        if let Some(action) = self.action(of, sink) {
            copied.set("A", action);
        } else if let Ok(to) = of.get(b"Dest")
            && let Object::Array(to) = self.resolved(to)
        {
            let to = self.explicit(to, sink);
            copied.set("Dest", to);
        }
        Some(copied)
    }

    /// A field's widget keeps what its look depends on; the field itself stays behind.
    fn field(&mut self, of: &'a Dictionary, copied: &mut Dictionary, sink: &mut Sink) {
        for key in [b"FT".as_slice(), b"Ff", b"V", b"DA", b"Q", b"MaxLen"] {
            let mut level = Some(of);
            for _ in 0..16 {
                let Some(dictionary) = level else { break };
                if let Ok(value) = dictionary.get(key) {
                    let value = self.object(value, sink);
                    copied.set(key.to_vec(), value);
                    break;
                }
                level =
                    dictionary
                        .get(b"Parent")
                        .ok()
                        .and_then(|parent| match self.resolved(parent) {
                            Object::Dictionary(parent) => Some(parent),
                            _ => None,
                        });
            }
        }
    }

    /// A link's action, where it only leads somewhere.
    fn action(&mut self, of: &'a Dictionary, sink: &mut Sink) -> Option<Object> {
        let Object::Dictionary(action) = self.resolved(of.get(b"A").ok()?) else {
            return None;
        };
        let mut copied = Dictionary::new();
        match action.get(b"S").and_then(Object::as_name).ok()? {
            b"URI" => {
                copied.set("S", Object::Name(b"URI".to_vec()));
                copied.set("URI", self.resolved(action.get(b"URI").ok()?).clone());
            }
            b"GoTo" => {
                let Object::Array(to) = self.resolved(action.get(b"D").ok()?) else {
                    // A named place is listed in the source's catalog, which stays behind.
                    return None;
                };
                copied.set("S", Object::Name(b"GoTo".to_vec()));
                let to = self.explicit(to, sink);
                copied.set("D", to);
            }
            _ => {
                self.actions += 1;
                return None;
            }
        }
        Some(Object::Dictionary(copied))
    }

    fn explicit(&mut self, to: &'a [Object], sink: &mut Sink) -> Object {
        Object::Array(to.iter().map(|part| self.object(part, sink)).collect())
    }

    /// Layers keep their default state: what the source hides stays hidden.
    fn layers(&mut self, layers: &mut Layers, sink: &mut Sink) {
        let Some(properties) = self
            .document
            .catalog()
            .ok()
            .and_then(|catalog| catalog.get(b"OCProperties").ok())
            .and_then(|properties| match self.resolved(properties) {
                Object::Dictionary(properties) => Some(properties),
                _ => None,
            })
        else {
            return;
        };
        let list = |this: &Self, of: &'a Dictionary, key: &[u8]| -> Vec<ObjectId> {
            match of.get(key).map(|value| this.resolved(value)) {
                Ok(Object::Array(items)) => items
                    .iter()
                    .filter_map(|item| item.as_reference().ok())
                    .collect(),
                _ => Vec::new(),
            }
        };
        let all = list(self, properties, b"OCGs");
        let Ok(Object::Dictionary(default)) = properties.get(b"D").map(|d| self.resolved(d)) else {
            return;
        };
        let on = list(self, default, b"ON");
        let off = list(self, default, b"OFF");
        let starts_off = default
            .get(b"BaseState")
            .and_then(Object::as_name)
            .is_ok_and(|state| state == b"OFF");
        for group in all {
            let new = self.reference(group, sink);
            if matches!(new, Object::Null) {
                continue;
            }
            layers.all.push(new.clone());
            if off.contains(&group) || (starts_off && !on.contains(&group)) {
                layers.off.push(new);
            }
        }
    }
}

/// A page attribute, from the page or from the nearest node above it that has one.
pub(super) fn inherited<'a>(
    document: &'a Document,
    page: ObjectId,
    key: &[u8],
) -> Option<&'a Object> {
    let mut at = document.get_dictionary(page).ok()?;
    for _ in 0..64 {
        if let Ok(value) = at.get(key)
            && !value.is_null()
        {
            return Some(value);
        }
        let parent = at.get(b"Parent").ok()?;
        at = document
            .dereference(parent)
            .ok()
            .and_then(|(_, object)| object.as_dict().ok())?;
    }
    None
}

/// What the page's own drawing leaves behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Balance {
    /// `q` without `Q`.
    pub(super) open: usize,
    /// `Q` without `q`.
    pub(super) surplus: usize,
}

impl Balance {
    /// Counts the operators, passing over strings, names, comments and inline images.
    pub(super) fn of(content: &[u8]) -> Balance {
        let mut balance = Balance::default();
        let mut at = 0;
        while at < content.len() {
            match content[at] {
                b'(' => at = after_string(content, at),
                b'%' => {
                    while at < content.len() && content[at] != b'\n' && content[at] != b'\r' {
                        at += 1;
                    }
                }
                byte if is_regular(byte) => {
                    let start = at;
                    while at < content.len() && is_regular(content[at]) {
                        at += 1;
                    }
                    match &content[start..at] {
                        b"q" => balance.open += 1,
                        b"Q" if balance.open > 0 => balance.open -= 1,
                        b"Q" => balance.surplus += 1,
                        b"ID" => at = after_image(content, at),
                        _ => {}
                    }
                }
                b'/' => {
                    at += 1;
                    while at < content.len() && is_regular(content[at]) {
                        at += 1;
                    }
                }
                _ => at += 1,
            }
        }
        balance
    }
}

fn is_regular(byte: u8) -> bool {
    !matches!(
        byte,
        0 | b'\t'
            | b'\n'
            | 0x0c
            | b'\r'
            | b' '
            | b'('
            | b')'
            | b'<'
            | b'>'
            | b'['
            | b']'
            | b'{'
            | b'}'
            | b'/'
            | b'%'
    )
}

fn after_string(content: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0usize);
    while at < content.len() {
        match content[at] {
            b'\\' => at += 1,
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    content.len()
}

/// Past the `EI` that ends an inline image: one that stands between white space.
fn after_image(content: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at + 2 < content.len() {
        let space = |byte: u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0);
        if content[at..].starts_with(b"EI")
            && space(content[at - 1])
            && content.get(at + 2).is_none_or(|next| space(*next))
        {
            return at + 2;
        }
        at += 1;
    }
    content.len()
}
