//! Stand-ins: pictures of pages whose structure is broken, and the page that says that a document could not be
//! reproduced.

use std::panic::AssertUnwindSafe;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use super::super::face::Face;
use super::super::flow::{MEASURE, Piece, flow, paragraph};
use super::super::paper;
use super::super::text::{Span, break_lines};
use super::{BundleError, ExhibitFile};

/// Dots per point of the pictures: 150 to the inch.
const SCALE: f32 = 150.0 / 72.0;
const MOST_PIXELS: f32 = 16_000_000.0;

/// Every page drawn as a picture, where the renderer can open the file at all.
pub(super) fn pictures(bytes: &[u8]) -> Option<(Document, Vec<ObjectId>)> {
    let pdf = Pdf::new(bytes.to_vec()).ok()?;
    let mut document = Document::with_version("1.7");
    let mut ids = Vec::new();
    let root = document.new_object_id();
    for page in pdf.pages().iter() {
        let (width, height) = page.render_dimensions();
        let fine = |side: f32| side.is_finite() && (1.0..=14_400.0).contains(&side);
        if !fine(width) || !fine(height) {
            return None;
        }
        let scale = SCALE.min((MOST_PIXELS / (width * height)).sqrt());
        let drawn = std::panic::catch_unwind(AssertUnwindSafe(|| {
            render(
                page,
                &RenderCache::new(),
                &InterpreterSettings::default(),
                &RenderSettings::default(),
                &PixmapSettings {
                    x_scale: scale,
                    y_scale: scale,
                    bg_color: WHITE,
                },
            )
        }))
        .ok()?;
        let mut image = Dictionary::new();
        image.set("Type", Object::Name(b"XObject".to_vec()));
        image.set("Subtype", Object::Name(b"Image".to_vec()));
        image.set("Width", i64::from(drawn.width()));
        image.set("Height", i64::from(drawn.height()));
        image.set("ColorSpace", Object::Name(b"DeviceRGB".to_vec()));
        image.set("BitsPerComponent", 8);
        let samples: Vec<u8> = drawn
            .data()
            .iter()
            .flat_map(|pixel| [pixel.r, pixel.g, pixel.b])
            .collect();
        let mut image = Stream::new(image, samples);
        image.compress().ok()?;
        let image = document.add_object(image);
        let contents = document.add_object(Stream::new(
            Dictionary::new(),
            format!("q {width} 0 0 {height} 0 0 cm /Page Do Q").into_bytes(),
        ));
        let mut forms = Dictionary::new();
        forms.set("Page", image);
        let mut resources = Dictionary::new();
        resources.set("XObject", forms);
        let mut sheet = Dictionary::new();
        sheet.set("Type", Object::Name(b"Page".to_vec()));
        sheet.set("Parent", root);
        sheet.set(
            "MediaBox",
            super::stamp::numbers(&[0.0, 0.0, width, height]),
        );
        sheet.set("Resources", resources);
        sheet.set("Contents", contents);
        ids.push(document.add_object(sheet));
    }
    (!ids.is_empty()).then_some((document, ids))
}

/// The page that stands for a document that nothing could open.
pub(super) fn page(exhibit: &ExhibitFile) -> Result<(Document, Vec<ObjectId>), BundleError> {
    let mut missing = std::collections::BTreeSet::new();
    let mut pieces = vec![Piece::space(120.0)];
    let mut say = |text: &str, face: Face, size: f32, leading: f32, before: f32| {
        let lines = break_lines(&[Span::new(text, face, size)], MEASURE, &mut missing);
        pieces.extend(paragraph(&lines, 0.0, leading, before));
    };
    say(
        &format!("Exhibit {}: {}", exhibit.letter, exhibit.title),
        Face::SansBold,
        15.0,
        20.0,
        0.0,
    );
    say(
        "This document could not be reproduced here. The file is damaged or locked in a way that no program at hand \
         could open. It is kept exactly as the agency sent it and can be shown on request.",
        Face::Serif,
        10.5,
        14.0,
        12.0,
    );
    say(
        &format!("SHA-256 {}", exhibit.sha256),
        Face::Sans,
        8.5,
        12.0,
        10.0,
    );
    let bytes = paper::write(&flow(&pieces).pages, &exhibit.title).map_err(BundleError::Write)?;
    let document = Document::load_mem(&bytes)
        .map_err(|error| BundleError::Write(format!("the page in its place: {error}")))?;
    let pages = document.page_iter().collect();
    Ok((document, pages))
}
