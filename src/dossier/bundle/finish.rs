//! Finish: links, outline, page labels, metadata and catalog of the bundle.

use lopdf::{Dictionary, Object, ObjectId, Stream, StringFormat};

use super::copy::Layers;
use super::sink::Sink;
use super::{BundleError, BundleRequest, ExhibitFile};

fn name(text: &str) -> Object {
    Object::Name(text.as_bytes().to_vec())
}

/// A text string as PDF wants it: UTF-16 with its mark.
pub(super) fn text(text: &str) -> Object {
    let mut bytes = vec![0xFE, 0xFF];
    for unit in text.encode_utf16() {
        bytes.extend(unit.to_be_bytes());
    }
    Object::String(bytes, StringFormat::Hexadecimal)
}

/// A place on a page: its top where known, else the whole page from its top.
pub(super) fn destination(page: ObjectId, top: Option<f32>) -> Object {
    Object::Array(vec![
        page.into(),
        name("XYZ"),
        Object::Null,
        top.map_or(Object::Null, Object::Real),
        Object::Null,
    ])
}

/// Adds a link without a frame to a page of the body.
pub(super) fn add_link(
    page: &mut Dictionary,
    rect: [f32; 4],
    to: Object,
    sink: &mut Sink,
) -> Result<(), BundleError> {
    let mut link = Dictionary::new();
    link.set("Type", name("Annot"));
    link.set("Subtype", name("Link"));
    link.set("Rect", super::stamp::numbers(&rect));
    link.set("Border", Object::Array(vec![0.into(), 0.into(), 0.into()]));
    link.set("F", 4);
    link.set("Dest", to);
    let link = sink.add(&Object::Dictionary(link))?;
    match page.get_mut(b"Annots") {
        Ok(Object::Array(annotations)) => annotations.push(link.into()),
        _ => page.set("Annots", Object::Array(vec![link.into()])),
    }
    Ok(())
}

/// One line of the outline.
struct Entry {
    title: String,
    to: Object,
    children: Vec<Entry>,
}

/// Sections with what stands below them, then the exhibits.
pub(super) fn outline(
    request: &BundleRequest,
    body: &[ObjectId],
    exhibits: &[Vec<ObjectId>],
    sink: &mut Sink,
) -> Result<ObjectId, BundleError> {
    let mut entries: Vec<Entry> = Vec::new();
    for heading in &request.headings {
        let Some(page) = body.get(heading.page) else {
            continue;
        };
        let entry = Entry {
            title: heading.title.clone(),
            to: destination(*page, Some(heading.top)),
            children: Vec::new(),
        };
        match entries.last_mut() {
            Some(section) if heading.level > 1 => section.children.push(entry),
            _ => entries.push(entry),
        }
    }
    for (exhibit, pages) in request.exhibits.iter().zip(exhibits) {
        if let Some(first) = pages.first() {
            entries.push(Entry {
                title: format!("Exhibit {}: {}", exhibit.letter, exhibit.title),
                to: destination(*first, None),
                children: Vec::new(),
            });
        }
    }
    let root = sink.reserve();
    let (first, last, count) = level(&entries, root, sink)?;
    let mut outline = Dictionary::new();
    outline.set("Type", name("Outlines"));
    if let (Some(first), Some(last)) = (first, last) {
        outline.set("First", first);
        outline.set("Last", last);
        outline.set("Count", count);
    }
    sink.put(root, &Object::Dictionary(outline))?;
    Ok(root)
}

type Ends = (Option<ObjectId>, Option<ObjectId>, i64);

fn level(entries: &[Entry], parent: ObjectId, sink: &mut Sink) -> Result<Ends, BundleError> {
    let ids: Vec<ObjectId> = entries.iter().map(|_| sink.reserve()).collect();
    for (i, entry) in entries.iter().enumerate() {
        let mut item = Dictionary::new();
        item.set("Title", text(&entry.title));
        item.set("Parent", parent);
        item.set("Dest", entry.to.clone());
        if i > 0 {
            item.set("Prev", ids[i - 1]);
        }
        if let Some(next) = ids.get(i + 1) {
            item.set("Next", *next);
        }
        let (first, last, count) = level(&entry.children, ids[i], sink)?;
        if let (Some(first), Some(last)) = (first, last) {
            item.set("First", first);
            item.set("Last", last);
            // Shown closed: the reader opens what they want.
            item.set("Count", -count);
        }
        sink.put(ids[i], &Object::Dictionary(item))?;
    }
    Ok((
        ids.first().copied(),
        ids.last().copied(),
        entries.len() as i64,
    ))
}

/// 1, 2, 3 … for the body; … for the exhibits.
pub(super) fn labels(body: usize, exhibits: &[ExhibitFile], pages: &[Vec<ObjectId>]) -> Object {
    let mut ranges: Vec<Object> = Vec::new();
    let mut range = |at: usize, prefix: Option<String>| {
        let mut label = Dictionary::new();
        label.set("S", name("D"));
        if let Some(prefix) = prefix {
            label.set("P", text(&prefix));
        }
        ranges.push(Object::Integer(at as i64));
        ranges.push(Object::Dictionary(label));
    };
    range(0, None);
    let mut at = body;
    for (exhibit, pages) in exhibits.iter().zip(pages) {
        if !pages.is_empty() {
            range(at, Some(format!("{}-", exhibit.letter)));
        }
        at += pages.len();
    }
    let mut labels = Dictionary::new();
    labels.set("Nums", Object::Array(ranges));
    Object::Dictionary(labels)
}

/// The catalog and the information dictionary.
pub(super) fn catalog(
    request: &BundleRequest,
    pages: ObjectId,
    outline: ObjectId,
    labels: Object,
    layers: Layers,
    sink: &mut Sink,
) -> Result<(ObjectId, ObjectId), BundleError> {
    let mut metadata = Dictionary::new();
    metadata.set("Type", name("Metadata"));
    metadata.set("Subtype", name("XML"));
    let metadata = sink.add(&Object::Stream(Stream::new(
        metadata,
        packet_metadata(request).into_bytes(),
    )))?;

    let mut viewer = Dictionary::new();
    viewer.set("DisplayDocTitle", true);
    let mut catalog = Dictionary::new();
    catalog.set("Type", name("Catalog"));
    catalog.set("Pages", pages);
    catalog.set("Outlines", outline);
    catalog.set("PageMode", name("UseOutlines"));
    catalog.set("PageLabels", labels);
    catalog.set(
        "Lang",
        Object::String(request.language.as_bytes().to_vec(), StringFormat::Literal),
    );
    catalog.set("ViewerPreferences", viewer);
    catalog.set("Metadata", metadata);
    if !layers.all.is_empty() {
        let mut default = Dictionary::new();
        default.set("OFF", Object::Array(layers.off));
        let mut properties = Dictionary::new();
        properties.set("OCGs", Object::Array(layers.all));
        properties.set("D", default);
        catalog.set("OCProperties", properties);
    }
    let catalog = sink.add(&Object::Dictionary(catalog))?;

    let mut info = Dictionary::new();
    info.set("Title", text(&request.title));
    info.set("Author", text(&request.author));
    info.set("Subject", text(&request.subject));
    info.set("Producer", text("Sundial"));
    let date = request.built_on.format("D:%Y%m%d000000Z").to_string();
    let date = || Object::String(date.clone().into_bytes(), StringFormat::Literal);
    info.set("CreationDate", date());
    info.set("ModDate", date());
    let info = sink.add(&Object::Dictionary(info))?;
    Ok((catalog, info))
}

fn packet_metadata(request: &BundleRequest) -> String {
    let escape = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    let date = request.built_on.format("%Y-%m-%dT00:00:00Z");
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\n\
         <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>\n\
         <dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>\n\
         <dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{subject}</rdf:li></rdf:Alt></dc:description>\n\
         <dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>\n\
         <xmp:CreateDate>{date}</xmp:CreateDate><xmp:ModifyDate>{date}</xmp:ModifyDate>\n\
         <pdf:Producer>Sundial</pdf:Producer>\n\
         </rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>",
        title = escape(&request.title),
        author = escape(&request.author),
        subject = escape(&request.subject),
        language = escape(&request.language),
    )
}
