//! Stamp: "Exhibit C, p. 4 of 12", upright in the margin of the page as it is shown.
//!
//! A small form of its own on top of the page's drawing, in an embedded face, so that it can be read, searched and
//! copied. Nothing is painted behind it: a white box could hide what the page says.

use std::collections::{BTreeMap, BTreeSet};

use lopdf::{Dictionary, Object, ObjectId, Stream, StringFormat};

use super::super::face::{Face, Glyph, subset_tag, width_of};
use super::BundleError;
use super::copy::Balance;
use super::place::{Sheet, Spot};
use super::sink::Sink;

const SIZE: f32 = 8.0;
const FACE: Face = Face::SansBold;
/// Every character that a stamp can hold.
const CHARACTERS: &str = "Exhibitpof ,.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A stamp's text, shaped.
pub(super) struct Stamp {
    glyphs: Vec<Glyph>,
    pub(super) width: f32,
}

/// Height of the stamp's capitals in points.
pub(super) fn cap_height() -> f32 {
    FACE.metrics().cap_height * SIZE / 1000.0
}

/// Draws stamps with one embedded face.
pub(super) struct Stamper {
    font: ObjectId,
    renumbered: BTreeMap<u16, u16>,
}

impl Stamper {
    pub(super) fn new(sink: &mut Sink) -> Result<Stamper, BundleError> {
        let mut texts: BTreeMap<u16, char> = BTreeMap::new();
        for character in CHARACTERS.chars() {
            for tabular in [true, false] {
                for glyph in FACE.shape(&character.to_string(), tabular) {
                    texts.entry(glyph.id).or_insert(character);
                }
            }
        }
        let used: BTreeSet<u16> = texts.keys().copied().collect();
        let (bytes, renumbered) = FACE.subset(&used).map_err(BundleError::Write)?;
        let font = embed(sink, &bytes, &used, &renumbered, &texts)?;
        Ok(Stamper { font, renumbered })
    }

    /// Shapes a stamp's text. Ligatures are left out, so that each glyph is one character.
    pub(super) fn text(&self, text: &str) -> Stamp {
        let glyphs: Vec<Glyph> = text
            .chars()
            .flat_map(|c| FACE.shape(&c.to_string(), true))
            .collect();
        let width = width_of(&glyphs, SIZE);
        Stamp { glyphs, width }
    }

    /// Adds the stamp to a copied page, on top of its drawing.
    pub(super) fn put(
        &self,
        page: &mut Dictionary,
        stamp: &Stamp,
        sheet: &Sheet,
        spot: Spot,
        balance: Balance,
        sink: &mut Sink,
    ) -> Result<(), BundleError> {
        let form = self.form(stamp, sink)?;
        let name = free_name(page);
        let Object::Dictionary(resources) = page
            .get_mut(b"Resources")
            .map_err(|_| BundleError::Write("a page has no resources".to_owned()))?
        else {
            return Err(BundleError::Write("a page has no resources".to_owned()));
        };
        match resources.get_mut(b"XObject") {
            Ok(Object::Dictionary(forms)) => forms.set(name.clone(), form),
            _ => {
                let mut forms = Dictionary::new();
                forms.set(name.clone(), form);
                resources.set("XObject", forms);
            }
        }

        let mut before = String::new();
        // As many states as the page closes without having opened them, then ours.
        before.push_str(&"q ".repeat(balance.surplus + 1));
        if spot == Spot::Strip {
            let [x0, y0, x1, y1] = sheet.shown;
            // What the page crops away stays cropped away.
            before.push_str(&format!("{x0} {y0} {} {} re W n ", x1 - x0, y1 - y0));
            let grown = sheet.with_strip();
            page.set("CropBox", numbers(&grown));
            let media = sheet.media;
            page.set(
                "MediaBox",
                numbers(&[
                    media[0].min(grown[0]),
                    media[1].min(grown[1]),
                    media[2].max(grown[2]),
                    media[3].max(grown[3]),
                ]),
            );
        }
        before.push('\n');
        let (x, y) = spot.origin(sheet.size(), stamp.width, cap_height());
        let [a, b, c, d, e, f] = sheet.matrix();
        let after = format!(
            "\n{}q {a} {b} {c} {d} {e} {f} cm 1 0 0 1 {x:.2} {y:.2} cm /{} Do Q\n",
            "Q ".repeat(balance.open + 1),
            String::from_utf8_lossy(&name)
        );
        let stream =
            |text: String| Object::Stream(Stream::new(Dictionary::new(), text.into_bytes()));
        let mut contents = vec![Object::Reference(sink.add(&stream(before))?)];
        match page.get(b"Contents") {
            Ok(Object::Array(own)) => contents.extend(own.iter().cloned()),
            Ok(Object::Null) | Err(_) => {}
            Ok(own) => contents.push(own.clone()),
        }
        contents.push(Object::Reference(sink.add(&stream(after))?));
        page.set("Contents", Object::Array(contents));
        Ok(())
    }

    fn form(&self, stamp: &Stamp, sink: &mut Sink) -> Result<ObjectId, BundleError> {
        let mut codes = String::new();
        for glyph in &stamp.glyphs {
            if let Some(code) = self.renumbered.get(&glyph.id) {
                codes.push_str(&format!("{code:04X}"));
            }
        }
        let content = format!("BT /F {SIZE} Tf 0 g <{codes}> Tj ET");
        let mut fonts = Dictionary::new();
        fonts.set("F", self.font);
        let mut resources = Dictionary::new();
        resources.set("Font", fonts);
        let mut form = Dictionary::new();
        form.set("Type", Object::Name(b"XObject".to_vec()));
        form.set("Subtype", Object::Name(b"Form".to_vec()));
        form.set(
            "BBox",
            numbers(&[-1.0, -3.0, stamp.width + 1.0, SIZE + 1.0]),
        );
        form.set("Resources", resources);
        sink.add(&Object::Stream(Stream::new(form, content.into_bytes())))
    }
}

/// A name for the stamp that the page does not use.
fn free_name(page: &Dictionary) -> Vec<u8> {
    let taken = |name: &[u8]| {
        page.get(b"Resources")
            .and_then(Object::as_dict)
            .and_then(|resources| resources.get(b"XObject"))
            .and_then(Object::as_dict)
            .is_ok_and(|forms| forms.has(name))
    };
    let mut name = b"SundialStamp".to_vec();
    while taken(&name) {
        name.push(b'x');
    }
    name
}

pub(super) fn numbers(values: &[f32]) -> Object {
    Object::Array(values.iter().map(|value| Object::Real(*value)).collect())
}

/// The face as a composite font with its widths and what each glyph says.
fn embed(
    sink: &mut Sink,
    bytes: &[u8],
    used: &BTreeSet<u16>,
    renumbered: &BTreeMap<u16, u16>,
    texts: &BTreeMap<u16, char>,
) -> Result<ObjectId, BundleError> {
    let name = |text: &str| Object::Name(text.as_bytes().to_vec());
    let base = format!("{}+{}", subset_tag(used), FACE.name());
    let metrics = FACE.metrics();

    let mut file = Dictionary::new();
    file.set("Length1", bytes.len() as i64);
    let file = sink.add(&Object::Stream(Stream::new(file, bytes.to_vec())))?;

    let mut descriptor = Dictionary::new();
    descriptor.set("Type", name("FontDescriptor"));
    descriptor.set("FontName", name(&base));
    descriptor.set("Flags", 32);
    descriptor.set("FontBBox", numbers(&metrics.bounds));
    descriptor.set("ItalicAngle", Object::Real(metrics.italic_angle));
    descriptor.set("Ascent", Object::Real(metrics.ascent));
    descriptor.set("Descent", Object::Real(metrics.descent));
    descriptor.set("CapHeight", Object::Real(metrics.cap_height));
    descriptor.set("StemV", 120);
    descriptor.set("FontFile2", file);
    let descriptor = sink.add(&Object::Dictionary(descriptor))?;

    let mut by_code: BTreeMap<u16, (i64, char)> = BTreeMap::new();
    for (old, new) in renumbered {
        if let Some(character) = texts.get(old) {
            by_code.insert(*new, (FACE.width(*old), *character));
        }
    }
    let mut widths = Vec::new();
    let mut map = String::from(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Stamp def\n/CMapType 2 def\n\
         1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
    );
    let entries: Vec<(&u16, &(i64, char))> = by_code.iter().collect();
    for hundred in entries.chunks(100) {
        map.push_str(&format!("{} beginbfchar\n", hundred.len()));
        for (code, (width, character)) in hundred {
            widths.push(Object::Integer(i64::from(**code)));
            widths.push(Object::Array(vec![Object::Integer(*width)]));
            map.push_str(&format!("<{code:04X}> <{:04X}>\n", u32::from(*character)));
        }
        map.push_str("endbfchar\n");
    }
    map.push_str("endcmap\nend\nend\n");
    let map = sink.add(&Object::Stream(Stream::new(
        Dictionary::new(),
        map.into_bytes(),
    )))?;

    let mut system = Dictionary::new();
    let literal = |text: &str| Object::String(text.as_bytes().to_vec(), StringFormat::Literal);
    system.set("Registry", literal("Adobe"));
    system.set("Ordering", literal("Identity"));
    system.set("Supplement", 0);
    let mut descendant = Dictionary::new();
    descendant.set("Type", name("Font"));
    descendant.set("Subtype", name("CIDFontType2"));
    descendant.set("BaseFont", name(&base));
    descendant.set("CIDSystemInfo", system);
    descendant.set("FontDescriptor", descriptor);
    descendant.set("CIDToGIDMap", name("Identity"));
    descendant.set("W", Object::Array(widths));
    let descendant = sink.add(&Object::Dictionary(descendant))?;

    let mut font = Dictionary::new();
    font.set("Type", name("Font"));
    font.set("Subtype", name("Type0"));
    font.set("BaseFont", name(&base));
    font.set("Encoding", name("Identity-H"));
    font.set("DescendantFonts", Object::Array(vec![descendant.into()]));
    font.set("ToUnicode", map);
    sink.add(&Object::Dictionary(font))
}
