//! One page as a picture: drawn by hayro, or by `pdftoppm` where that fails and it is installed.

use std::panic::AssertUnwindSafe;
use std::path::Path;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use serde::{Deserialize, Serialize};

use super::{LOCKED, bytes_of};
use crate::documents::tools;
use crate::documents::worker::child::Stopped;

/// The most pixels of one picture: a letter page at 300 dpi has 8.4 million.
pub const MOST_PIXELS: f32 = 16_000_000.0;

/// The longest side of a picture in pixels.
pub const LONGEST_SIDE: f32 = 8_000.0;

/// Who draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drawer {
    /// hayro, in this binary; `pdftoppm` follows where it gives up in an orderly way.
    Builtin,
    /// `pdftoppm` at once: for a page that ended the built-in renderer's process.
    Poppler,
}

/// A picture of a page, in the worker's folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageImage {
    /// File name in the working folder, a PNG.
    pub file: String,
    pub by: Drawer,
}

const NAME: &str = "page.png";

const NOT_DRAWN: &str = "This page could not be turned into a picture. Its text, if any, is beside; download the original to see the page.";

/// Draws page `number` (from 1) at about `dpi` dots per inch, smaller where the page is very large.
///
/// # Errors
/// A sentence where the file is no PDF, locked, has no such page, or the page cannot be drawn.
pub fn page_image(file: &Path, number: u32, dpi: u32, by: Drawer) -> Result<PageImage, Stopped> {
    let dpi = dpi.clamp(18, 300);
    let bytes = bytes_of(file)?;
    let refusal = match by {
        Drawer::Builtin => {
            match std::panic::catch_unwind(AssertUnwindSafe(|| draw(bytes, number, dpi))) {
                Ok(Ok(png)) => {
                    std::fs::write(NAME, png).map_err(|error| Stopped::reading(&error))?;
                    return Ok(PageImage {
                        file: NAME.to_owned(),
                        by: Drawer::Builtin,
                    });
                }
                Ok(Err(No::Final(sentence))) => return Err(Stopped::refused(sentence)),
                Ok(Err(No::TryAnother(sentence))) => sentence,
                Err(_panicked) => NOT_DRAWN.to_owned(),
            }
        }
        Drawer::Poppler => NOT_DRAWN.to_owned(),
    };
    if by_pdftoppm(file, number, dpi) {
        return Ok(PageImage {
            file: NAME.to_owned(),
            by: Drawer::Poppler,
        });
    }
    Err(Stopped::Refused(refusal))
}

enum No {
    Final(String),
    TryAnother(String),
}

fn draw(bytes: Vec<u8>, number: u32, dpi: u32) -> Result<Vec<u8>, No> {
    let pdf = Pdf::new(bytes).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => {
            No::Final(LOCKED.to_owned())
        }
        LoadPdfError::Decryption(_) | LoadPdfError::Invalid => {
            No::TryAnother(super::BROKEN.to_owned())
        }
    })?;
    let Some(index) = number.checked_sub(1).map(|index| index as usize) else {
        return Err(No::Final("Pages are counted from 1.".to_owned()));
    };
    let pages = pdf.pages();
    let page = pages.get(index).ok_or_else(|| {
        No::TryAnother(format!(
            "There is no page {number}: this document has {} pages.",
            pages.len()
        ))
    })?;
    let (width, height) = page.render_dimensions();
    let scale = scale_for(width, height, dpi).ok_or_else(|| {
        No::Final(
            "This page claims an impossible size and is not drawn. Download the original to look into it.".to_owned(),
        )
    })?;
    let picture = render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &PixmapSettings {
            x_scale: scale,
            y_scale: scale,
            bg_color: WHITE,
        },
    );
    picture
        .into_png()
        .map_err(|_| No::TryAnother(NOT_DRAWN.to_owned()))
}

/// Pixels per point so that the picture stays within bounds. None for a page without size or with sides of more than
/// 200 inches, the most a PDF allows: renderers have panicked on those.
fn scale_for(width: f32, height: f32, dpi: u32) -> Option<f32> {
    let fine = |side: f32| side.is_finite() && (1.0..=14_400.0).contains(&side);
    if !fine(width) || !fine(height) {
        return None;
    }
    let wanted = dpi as f32 / 72.0;
    let by_pixels = (MOST_PIXELS / (width * height)).sqrt();
    let by_side = LONGEST_SIDE / width.max(height);
    let scale = wanted.min(by_pixels).min(by_side);
    // The renderer counts pixels in whole numbers: neither side may vanish.
    (width.min(height) * scale >= 1.0).then_some(scale)
}

/// Draws with pdftoppm into a box that cannot be large whatever the page claims. False where it is missing or fails.
fn by_pdftoppm(file: &Path, number: u32, dpi: u32) -> bool {
    let number = number.to_string();
    // The longer side of a letter page at the wanted resolution, whatever size the page claims.
    let side = (dpi * 11).min(LONGEST_SIDE as u32).to_string();
    let done = tools::run(
        "pdftoppm",
        &[
            "-png".as_ref(),
            "-singlefile".as_ref(),
            "-f".as_ref(),
            number.as_ref(),
            "-l".as_ref(),
            number.as_ref(),
            "-scale-to".as_ref(),
            side.as_ref(),
            file.as_os_str(),
            "page".as_ref(),
        ],
        40,
    );
    let made = std::fs::metadata(NAME).is_ok_and(|made| made.is_file() && made.len() > 0);
    matches!(done, Ok(done) if done.code == Some(0)) && made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_stay_within_bounds() {
        assert_eq!(scale_for(612.0, 792.0, 72), Some(1.0));
        for (width, height) in [(612.0, 792.0), (14_400.0, 14_400.0), (14_400.0, 2.0)] {
            let scale = scale_for(width, height, 300).expect("a legal size");
            assert!(width * height * scale * scale <= MOST_PIXELS * 1.001);
            assert!(width.max(height) * scale <= LONGEST_SIDE * 1.001);
        }
        for (width, height) in [
            (1.0e9, 1.0e9),
            (0.0, 792.0),
            (f32::NAN, 792.0),
            (612.0, f32::INFINITY),
            (-5.0, 792.0),
        ] {
            assert_eq!(scale_for(width, height, 72), None);
        }
    }
}
