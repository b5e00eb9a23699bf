//! Faces: the four cuts of type that paper uses, shaping a run of text into glyphs, and cutting a face down to the
//! glyphs that were used.
//!
//! The fonts are vendored under `static/type/` and embedded in the binary, so the same packet gives the same bytes on
//! every machine.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;

/// A cut of type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Face {
    Serif,
    SerifItalic,
    Sans,
    SansBold,
}

impl Face {
    pub const ALL: [Face; 4] = [Face::Serif, Face::SerifItalic, Face::Sans, Face::SansBold];

    /// Name of the font resource on our pages, and the name inside the PDF after the subset's tag.
    pub fn name(self) -> &'static str {
        match self {
            Face::Serif => "SourceSerif4-Regular",
            Face::SerifItalic => "SourceSerif4-Italic",
            Face::Sans => "PublicSans-Regular",
            Face::SansBold => "PublicSans-SemiBold",
        }
    }

    /// The font file.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Face::Serif => include_bytes!("../../static/type/SourceSerif4-Regular.ttf"),
            Face::SerifItalic => include_bytes!("../../static/type/SourceSerif4-Italic.ttf"),
            Face::Sans => include_bytes!("../../static/type/PublicSans-Regular.ttf"),
            Face::SansBold => include_bytes!("../../static/type/PublicSans-SemiBold.ttf"),
        }
    }

    fn parsed(self) -> &'static rustybuzz::Face<'static> {
        static PARSED: OnceLock<BTreeMap<Face, rustybuzz::Face<'static>>> = OnceLock::new();
        let parsed = PARSED.get_or_init(|| {
            Face::ALL
                .into_iter()
                .map(|face| {
                    let parsed = rustybuzz::Face::from_slice(face.bytes(), 0)
                        .expect("the vendored fonts parse; a test reads each of them");
                    (face, parsed)
                })
                .collect()
        });
        &parsed[&self]
    }

    /// Vertical measures of the face in thousandths of an em.
    pub fn metrics(self) -> Metrics {
        let face = self.parsed();
        let scale = |units: i16| (f32::from(units) * 1000.0 / face.units_per_em() as f32).round();
        let bounds = face.global_bounding_box();
        Metrics {
            ascent: scale(face.ascender()),
            descent: scale(face.descender()),
            cap_height: scale(face.capital_height().unwrap_or_else(|| face.ascender())),
            italic_angle: face.italic_angle(),
            weight: face.weight().to_number(),
            bounds: [
                scale(bounds.x_min),
                scale(bounds.y_min),
                scale(bounds.x_max),
                scale(bounds.y_max),
            ],
        }
    }

    /// The width that the PDF's font dictionary states for a glyph: whole thousandths of an em, rounded down as the
    /// writer of our pages does it.
    pub fn width(self, glyph: u16) -> i64 {
        let face = self.parsed();
        let advance = face
            .glyph_hor_advance(rustybuzz::ttf_parser::GlyphId(glyph))
            .unwrap_or(0);
        i64::from(advance) * 1000 / i64::from(face.units_per_em())
    }

    /// Text that this face can print: composed, control characters turned into spaces, and each character that the face
    /// lacks replaced by "?" and recorded, so that the maker of a dossier hears of it.
    pub fn printable(self, text: &str, missing: &mut BTreeSet<char>) -> String {
        let face = self.parsed();
        text.nfc()
            .filter_map(|c| match c {
                '\n' => Some('\n'),
                // Invisible marks that have no width: joiners, direction marks, soft hyphens.
                '\u{ad}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2064}'
                | '\u{feff}' => None,
                '\u{a0}' | '\u{2007}' | '\u{202f}' if face.glyph_index(c).is_none() => Some(' '),
                '\u{2010}' | '\u{2011}' if face.glyph_index(c).is_none() => Some('-'),
                c if c.is_control() => Some(' '),
                c if face.glyph_index(c).is_some() => Some(c),
                c => {
                    missing.insert(c);
                    Some('?')
                }
            })
            .collect()
    }

    /// Shapes one run without line breaks. `tabular` gives all digits the same width.
    pub fn shape(self, text: &str, tabular: bool) -> Vec<Glyph> {
        if text.is_empty() {
            return Vec::new();
        }
        let face = self.parsed();
        let upem = face.units_per_em();
        let mut buffer = rustybuzz::UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(rustybuzz::Direction::LeftToRight);
        let shaped = PLANS.with_borrow_mut(|plans| {
            let plan = plans
                .entry((self, tabular, buffer.script()))
                .or_insert_with(|| plan(face, tabular, buffer.script()));
            rustybuzz::shape_with_plan(face, plan, buffer)
        });
        let infos = shaped.glyph_infos();
        let positions = shaped.glyph_positions();
        let mut glyphs = Vec::with_capacity(infos.len());
        for (i, (info, position)) in infos.iter().zip(positions).enumerate() {
            let id = info.glyph_id as u16;
            let natural = i32::from(
                face.glyph_hor_advance(rustybuzz::ttf_parser::GlyphId(id))
                    .unwrap_or(0),
            );
            let thousandths = |units: i32| (units as f32 * 1000.0 / upem as f32).round();
            // Only the first glyph of a cluster carries its text, up to the next cluster.
            let start = info.cluster as usize;
            let first = i == 0 || infos[i - 1].cluster != info.cluster;
            let end = infos[i + 1..]
                .iter()
                .map(|next| next.cluster as usize)
                .find(|next| *next != start)
                .unwrap_or(text.len());
            glyphs.push(Glyph {
                id,
                advance: self.width(id) as f32 + thousandths(position.x_advance - natural),
                shift: thousandths(position.x_offset),
                text: if first && end > start {
                    text[start..end].to_owned()
                } else {
                    String::new()
                },
            });
        }
        glyphs
    }

    /// Width of a run in points.
    pub fn measure(self, text: &str, size: f32, tabular: bool) -> f32 {
        width_of(&self.shape(text, tabular), size)
    }

    /// Cuts the face down to these glyphs. Gives the font file and the new number of each glyph.
    pub fn subset(self, used: &BTreeSet<u16>) -> Result<(Vec<u8>, BTreeMap<u16, u16>), String> {
        let mut remapper = subsetter::GlyphRemapper::new();
        for glyph in used {
            remapper.remap(*glyph);
        }
        let bytes = subsetter::subset(self.bytes(), 0, &remapper)
            .map_err(|e| format!("the face {} cannot be cut down: {e}", self.name()))?;
        let renumbered = used
            .iter()
            .filter_map(|old| remapper.get(*old).map(|new| (*old, new)))
            .collect();
        Ok((bytes, renumbered))
    }
}

thread_local! {
    /// Making a plan costs far more than shaping a word with it.
    static PLANS: RefCell<HashMap<(Face, bool, rustybuzz::Script), rustybuzz::ShapePlan>> =
        RefCell::new(HashMap::new());
}

fn plan(
    face: &rustybuzz::Face<'static>,
    tabular: bool,
    script: rustybuzz::Script,
) -> rustybuzz::ShapePlan {
    let feature = |name: &[u8; 4]| {
        rustybuzz::Feature::new(rustybuzz::ttf_parser::Tag::from_bytes(name), 1, ..)
    };
    let mut features = vec![feature(b"lnum")];
    if tabular {
        features.push(feature(b"tnum"));
    }
    rustybuzz::ShapePlan::new(
        face,
        rustybuzz::Direction::LeftToRight,
        Some(script),
        None,
        &features,
    )
}

/// Vertical measures and style of a face, in thousandths of an em and degrees.
#[derive(Clone, Copy, Debug)]
pub struct Metrics {
    pub ascent: f32,
    pub descent: f32,
    pub cap_height: f32,
    pub italic_angle: f32,
    pub weight: u16,
    /// Left, bottom, right, top.
    pub bounds: [f32; 4],
}

/// A placed glyph. Measures are thousandths of an em.
#[derive(Clone, Debug, PartialEq)]
pub struct Glyph {
    pub id: u16,
    /// How far the pen moves, kerning included.
    pub advance: f32,
    /// How far the glyph is drawn right of the pen.
    pub shift: f32,
    /// What a reader copies; empty for the later glyphs of a cluster.
    pub text: String,
}

/// Width of shaped glyphs in points.
pub fn width_of(glyphs: &[Glyph], size: f32) -> f32 {
    glyphs.iter().map(|g| g.advance).sum::<f32>() * size / 1000.0
}

/// The six letters before a subset's name, from its glyphs: the same glyphs give the same name.
pub fn subset_tag(used: &BTreeSet<u16>) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for glyph in used {
        for byte in glyph.to_be_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    (0..6)
        .map(|place| char::from(b'A' + ((hash >> (place * 8)) % 26) as u8))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_face_prints_what_letters_and_spanish_need() {
        for face in Face::ALL {
            let text = "ÁÉÍÑÓÚÜáéíñóúü ¿¡ § – — “quoted” ‘it’ … $1,204.50 · • × ≥ é";
            let mut missing = BTreeSet::new();
            let printed = face.printable(text, &mut missing);
            assert_eq!(
                missing.into_iter().collect::<String>(),
                "",
                "{}",
                face.name()
            );
            assert_eq!(printed.chars().count(), text.nfc().count());
        }
    }

    #[test]
    fn what_a_face_lacks_is_said_not_dropped() {
        let mut missing = BTreeSet::new();
        assert_eq!(
            Face::Serif.printable("A 世\u{7}\u{200b}b", &mut missing),
            "A ? b"
        );
        assert_eq!(missing.into_iter().collect::<String>(), "世");
    }

    #[test]
    fn shaping_kerns_ligates_and_keeps_the_text() {
        let plain: f32 = "AV"
            .chars()
            .map(|c| Face::Serif.measure(&c.to_string(), 10.0, false))
            .sum();
        assert!(
            Face::Serif.measure("AV", 10.0, false) < plain,
            "A and V move together"
        );
        for text in ["office of the sheriff", "difficult", "El Niño", "fi"] {
            let copied: String = Face::Serif
                .shape(text, false)
                .iter()
                .map(|g| g.text.as_str())
                .collect();
            assert_eq!(copied, text);
        }
    }

    #[test]
    fn tabular_digits_have_one_width() {
        for face in [Face::Sans, Face::SansBold, Face::Serif] {
            let widths: BTreeSet<i64> = "0123456789"
                .chars()
                .map(|c| (face.measure(&c.to_string(), 1000.0, true)) as i64)
                .collect();
            assert_eq!(widths.len(), 1, "{}: {widths:?}", face.name());
        }
    }

    #[test]
    fn a_subset_is_small_and_named_by_its_glyphs() {
        let used: BTreeSet<u16> = Face::Sans
            .shape("Exhibit A, p. 1", false)
            .iter()
            .map(|g| g.id)
            .collect();
        let (bytes, renumbered) = Face::Sans.subset(&used).expect("it subsets");
        assert!(bytes.len() < 20_000, "{} bytes", bytes.len());
        assert_eq!(renumbered.len(), used.len());
        let mut other = used.clone();
        other.insert(7);
        assert_ne!(subset_tag(&used), subset_tag(&other));
        assert_eq!(subset_tag(&used).len(), 6);
    }
}
