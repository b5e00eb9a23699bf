//! Paper: pages of placed text and rules, written as a PDF by printpdf.
//!
//! Each face is cut down to the glyphs in use, everything is black, and nothing depends on the clock or on chance, so
//! that the same pages give the same bytes.

use std::collections::{BTreeMap, BTreeSet};

use printpdf::{
    Codepoint, Color, FontId, FontMetrics, FontType, Greyscale, Line, LinePoint, Op, ParsedFont,
    PdfDocument, PdfFont, PdfFontHandle, PdfFontMetricsStub, PdfPage, PdfSaveOptions, Point, Pt,
    RawImage, RawImageData, RawImageFormat, Rect, TextItem, TextMatrix, XObject, XObjectId,
    XObjectTransform,
};

use super::face::{Face, Glyph, subset_tag};
use super::flow::{PAGE_HEIGHT, PAGE_WIDTH, Page};
use super::picture::Picture;

/// A face as the PDF carries it.
struct Cut {
    font: ParsedFont,
    /// Number of a glyph in the whole face → in the subset.
    renumbered: BTreeMap<u16, u16>,
    /// What a reader copies for a glyph of the subset.
    texts: BTreeMap<u16, String>,
}

/// Writes the pages as a PDF.
///
/// # Errors
/// A sentence, if a face cannot be cut down; that would be a fault of ours.
pub fn write(pages: &[Page], title: &str) -> Result<Vec<u8>, String> {
    let mut used: BTreeMap<Face, (BTreeSet<u16>, BTreeMap<u16, String>)> = BTreeMap::new();
    for placed in pages.iter().flat_map(|page| &page.texts) {
        let (glyphs, texts) = used.entry(placed.run.face).or_default();
        for glyph in &placed.run.glyphs {
            glyphs.insert(glyph.id);
            // One glyph can stand for several texts (a space and a fixed space): the first one seen names it.
            if !glyph.text.is_empty() {
                texts.entry(glyph.id).or_insert_with(|| glyph.text.clone());
            }
        }
    }
    let mut cuts = BTreeMap::new();
    for (face, (glyphs, texts)) in used {
        cuts.insert(face, cut(face, &glyphs, texts)?);
    }
    let mut document = PdfDocument::new(title);
    document.metadata.info.creator = "Sundial".to_owned();
    document.metadata.info.producer = "Sundial".to_owned();
    for (face, cut) in &cuts {
        document.resources.fonts.map.insert(
            FontId(face.name().to_owned()),
            PdfFont::new(cut.font.clone()),
        );
    }
    for placed in pages.iter().flat_map(|page| &page.pictures) {
        let picture = &placed.picture;
        document
            .resources
            .xobjects
            .map
            .entry(picture_id(picture))
            .or_insert_with(|| {
                XObject::Image(RawImage {
                    pixels: RawImageData::U8(picture.gray.clone()),
                    width: picture.width,
                    height: picture.height,
                    data_format: RawImageFormat::R8,
                    tag: Vec::new(),
                })
            });
    }
    let pages: Vec<PdfPage> = pages.iter().map(|page| sheet(page, &cuts)).collect();
    document.with_pages(pages);
    let mut warnings = Vec::new();
    let bytes = document.save(
        &PdfSaveOptions {
            optimize: true,
            subset_fonts: false,
            secure: true,
            image_optimization: None,
        },
        &mut warnings,
    );
    Ok(bytes)
}

/// Our own name of a picture, by its content.
fn picture_id(picture: &Picture) -> XObjectId {
    XObjectId(format!("picture-{}", &picture.sha256()[..16]))
}

fn cut(face: Face, glyphs: &BTreeSet<u16>, texts: BTreeMap<u16, String>) -> Result<Cut, String> {
    let (bytes, renumbered) = face.subset(glyphs)?;
    let metrics = face.metrics();
    let whole = |value: f32| value as i16;
    let font = ParsedFont {
        original_bytes: bytes,
        font_index: 0,
        font_name: Some(format!("{}+{}", subset_tag(glyphs), face.name())),
        codepoint_to_glyph: BTreeMap::new(),
        glyph_widths: renumbered
            .iter()
            .map(|(old, new)| (*new, face.width(*old) as u16))
            .collect(),
        units_per_em: 1000,
        font_metrics: FontMetrics {
            ascent: whole(metrics.ascent),
            descent: whole(metrics.descent),
        },
        font_type: FontType::TrueType,
        pdf_font_metrics: PdfFontMetricsStub {
            units_per_em: 1000,
            x_min: whole(metrics.bounds[0]),
            y_min: whole(metrics.bounds[1]),
            x_max: whole(metrics.bounds[2]),
            y_max: whole(metrics.bounds[3]),
            caret_slope_rise: 1000,
            caret_slope_run: whole(-metrics.italic_angle.to_radians().tan() * 1000.0),
            us_weight_class: metrics.weight,
        },
    };
    let texts = texts
        .into_iter()
        .filter_map(|(old, text)| renumbered.get(&old).map(|new| (*new, text)))
        .collect();
    Ok(Cut {
        font,
        renumbered,
        texts,
    })
}

fn sheet(page: &Page, cuts: &BTreeMap<Face, Cut>) -> PdfPage {
    let black = || {
        Color::Greyscale(Greyscale {
            percent: 0.0,
            icc_profile: None,
        })
    };
    let mut ops = vec![
        Op::SetFillColor { col: black() },
        Op::SetOutlineColor { col: black() },
    ];
    for rule in &page.rules {
        let point = |x: f32| LinePoint {
            p: Point {
                x: Pt(x),
                y: Pt(rule.y),
            },
            bezier: false,
        };
        ops.push(Op::SetOutlineThickness {
            pt: Pt(rule.weight),
        });
        ops.push(Op::DrawLine {
            line: Line {
                points: vec![point(rule.x), point(rule.x + rule.width)],
                is_closed: false,
            },
        });
    }
    for placed in &page.pictures {
        ops.push(Op::UseXobject {
            id: picture_id(&placed.picture),
            transform: XObjectTransform {
                translate_x: Some(Pt(placed.x)),
                translate_y: Some(Pt(placed.y)),
                scale_x: Some(placed.width / placed.picture.width.max(1) as f32),
                scale_y: Some(placed.height / placed.picture.height.max(1) as f32),
                // At this density a pixel is a point before it is scaled.
                dpi: Some(72.0),
                ..XObjectTransform::default()
            },
        });
    }
    for placed in &page.texts {
        let run = &placed.run;
        let Some(cut) = cuts.get(&run.face) else {
            continue;
        };
        ops.push(Op::StartTextSection);
        ops.push(Op::SetFont {
            font: PdfFontHandle::External(FontId(run.face.name().to_owned())),
            size: Pt(run.size),
        });
        ops.push(Op::SetTextMatrix {
            matrix: TextMatrix::Raw([1.0, 0.0, 0.0, 1.0, placed.x, placed.y]),
        });
        ops.push(Op::ShowText {
            items: items(run.face, &run.glyphs, cut),
        });
        ops.push(Op::EndTextSection);
    }
    let letter = || Rect::from_wh(Pt(PAGE_WIDTH), Pt(PAGE_HEIGHT));
    PdfPage {
        media_box: letter(),
        trim_box: letter(),
        crop_box: letter(),
        ops,
    }
}

fn items(face: Face, glyphs: &[Glyph], cut: &Cut) -> Vec<TextItem> {
    let mut items = Vec::new();
    let mut codes: Vec<Codepoint> = Vec::new();
    for glyph in glyphs {
        let Some(new) = cut.renumbered.get(&glyph.id) else {
            continue;
        };
        if glyph.shift != 0.0 {
            if !codes.is_empty() {
                items.push(TextItem::GlyphIds(std::mem::take(&mut codes)));
            }
            items.push(TextItem::Offset(-glyph.shift));
        }
        let offset = face.width(glyph.id) as f32 - glyph.advance + glyph.shift;
        let text = cut.texts.get(new).cloned().unwrap_or_default();
        codes.push(Codepoint {
            gid: *new,
            offset,
            cid: Some(text),
        });
    }
    if !codes.is_empty() {
        items.push(TextItem::GlyphIds(codes));
    }
    items
}
