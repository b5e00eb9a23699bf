//! Margin: looks at each page of an exhibit for a corner without ink, where the stamp hides nothing.
//!
//! The page is drawn small by hayro. What cannot be drawn, or does not come out in the size that we expect, counts as
//! full: such a page gets a strip of its own.

use std::panic::AssertUnwindSafe;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};

use super::place::{Sheet, Spot};
use super::stamp::{Stamp, cap_height};

/// Pixels in a point: 48 dots to the inch.
const SCALE: f32 = 48.0 / 72.0;
/// Sides beyond 200 inches are what a PDF may not have, and what renderers have panicked on.
const LONGEST: f32 = 14_400.0;
/// Most pixels of a page drawn for this.
const MOST: f32 = 4_000_000.0;
/// Room kept around the stamp's text, in points.
const AROUND: f32 = 4.0;

/// The spot for each page's stamp. Pages of one exhibit keep to one corner where they can.
pub(super) fn spots(file: Option<&[u8]>, sheets: &[Sheet], stamps: &[Stamp]) -> Vec<Spot> {
    let free: Vec<Vec<Spot>> = match file.and_then(|bytes| Pdf::new(bytes.to_vec()).ok()) {
        Some(pdf) if pdf.pages().len() == sheets.len() => sheets
            .iter()
            .zip(stamps)
            .enumerate()
            .map(|(i, (sheet, stamp))| {
                // A page that makes the renderer panic has no margin that we know of.
                std::panic::catch_unwind(AssertUnwindSafe(|| free_spots(&pdf, i, sheet, stamp)))
                    .unwrap_or_default()
            })
            .collect(),
        _ => vec![Vec::new(); sheets.len()],
    };
    let favourite = Spot::MARGINS
        .into_iter()
        .enumerate()
        .max_by_key(|(order, spot)| {
            let pages = free.iter().filter(|spots| spots.contains(spot)).count();
            (pages, std::cmp::Reverse(*order))
        })
        .map_or(Spot::BottomRight, |(_, spot)| spot);
    free.into_iter()
        .map(|spots| {
            if spots.contains(&favourite) {
                favourite
            } else {
                spots.first().copied().unwrap_or(Spot::Strip)
            }
        })
        .collect()
}

fn free_spots(pdf: &Pdf, index: usize, sheet: &Sheet, stamp: &Stamp) -> Vec<Spot> {
    let Some(page) = pdf.pages().get(index) else {
        return Vec::new();
    };
    let (width, height) = page.render_dimensions();
    let (shown_width, shown_height) = sheet.size();
    let fine = |side: f32| side.is_finite() && (72.0..=LONGEST).contains(&side);
    if !fine(width) || !fine(height) || width * height * SCALE * SCALE > MOST {
        return Vec::new();
    }
    // The renderer counts in the page's own unit.
    if (width * sheet.unit - shown_width).abs() > 1.5
        || (height * sheet.unit - shown_height).abs() > 1.5
    {
        return Vec::new();
    }
    let picture = render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &PixmapSettings {
            x_scale: SCALE,
            y_scale: SCALE,
            bg_color: WHITE,
        },
    );
    let (columns, rows) = (usize::from(picture.width()), usize::from(picture.height()));
    let pixels = picture.data();
    let cap = cap_height();
    Spot::MARGINS
        .into_iter()
        .filter(|spot| {
            let (x, y) = spot.origin((shown_width, shown_height), stamp.width, cap);
            if x < AROUND || x + stamp.width + AROUND > shown_width {
                return false;
            }
            let s = SCALE / sheet.unit;
            let column = |points: f32| ((points * s).max(0.0) as usize).min(columns);
            let row = |points: f32| (((shown_height - points) * s).max(0.0) as usize).min(rows);
            let (left, right) = (column(x - AROUND), column(x + stamp.width + AROUND));
            // Descenders reach below the line.
            let (top, bottom) = (row(y + cap + AROUND), row(y - AROUND - 2.0));
            for at in top..bottom {
                for pixel in &pixels[at * columns + left..at * columns + right] {
                    let light =
                        (u32::from(pixel.r) * 3 + u32::from(pixel.g) * 6 + u32::from(pixel.b)) / 10;
                    if light < 170 {
                        return false;
                    }
                }
            }
            right > left && bottom > top
        })
        .collect()
}
