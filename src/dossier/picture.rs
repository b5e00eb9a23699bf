//! A picture on paper: a scanned signature, in shades of grey, without its white margin.
//!
//! The file that a person uploads is opened by [`in_worker`] only, inside the worker process. What comes out is plain
//! grey pixels, which the server can hold and print without decoding anything.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use printpdf::{RawImage, RawImageData, RawImageFormat};
use serde::{Deserialize, Serialize};

use crate::domain::approval::sha256_hex;

/// More than any scan of a signature.
const MOST_PIXELS: usize = 40_000_000;
/// Sharp enough for print at the size of a signature.
const WIDEST: usize = 900;
const HIGHEST: usize = 300;
/// Lighter than this is paper.
const PAPER: u8 = 200;

/// Grey pixels, row by row from the top; 0 is black.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub gray: Vec<u8>,
}

/// A picture as the worker answers it.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    width: usize,
    height: usize,
    gray: String,
}

impl Picture {
    pub fn sha256(&self) -> String {
        sha256_hex(&self.to_bytes())
    }

    /// As it is kept: a portable graymap, `P5`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = format!("P5\n{} {}\n255\n", self.width, self.height).into_bytes();
        bytes.extend_from_slice(&self.gray);
        bytes
    }

    /// Reads what [`Picture::to_bytes`] wrote; nothing else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Picture> {
        let rest = bytes.strip_prefix(b"P5\n")?;
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let (width, height) = std::str::from_utf8(&rest[..end]).ok()?.split_once(' ')?;
        let (width, height): (usize, usize) = (width.parse().ok()?, height.parse().ok()?);
        let gray = rest[end..].strip_prefix(b"\n255\n")?;
        let sound = width > 0 && height > 0 && width.checked_mul(height) == Some(gray.len());
        sound.then(|| Picture {
            width,
            height,
            gray: gray.to_vec(),
        })
    }

    /// Reads the worker's answer.
    pub fn from_answer(answer: serde_json::Value) -> Option<Picture> {
        let answer: Answer = serde_json::from_value(answer).ok()?;
        let gray = STANDARD.decode(answer.gray).ok()?;
        (answer.width.checked_mul(answer.height) == Some(gray.len()) && !gray.is_empty()).then_some(
            Picture {
                width: answer.width,
                height: answer.height,
                gray,
            },
        )
    }

    /// Without the rows and columns at its edges that are paper only. None where all of it is.
    fn trimmed(&self) -> Option<Picture> {
        let dark = |x: usize, y: usize| self.gray[y * self.width + x] < PAPER;
        let row = |y: usize| (0..self.width).any(|x| dark(x, y));
        let column = |x: usize| (0..self.height).any(|y| dark(x, y));
        let (top, bottom) = (
            (0..self.height).find(|y| row(*y))?,
            (0..self.height).rfind(|y| row(*y))?,
        );
        let (left, right) = (
            (0..self.width).find(|x| column(*x))?,
            (0..self.width).rfind(|x| column(*x))?,
        );
        let mut gray = Vec::with_capacity((right - left + 1) * (bottom - top + 1));
        for y in top..=bottom {
            gray.extend_from_slice(&self.gray[y * self.width + left..=y * self.width + right]);
        }
        Some(Picture {
            width: right - left + 1,
            height: bottom - top + 1,
            gray,
        })
    }

    /// No larger than print needs: each pixel is the mean of those that it stands for.
    fn fitted(self) -> Picture {
        let by = self
            .width
            .div_ceil(WIDEST)
            .max(self.height.div_ceil(HIGHEST))
            .max(1);
        if by == 1 {
            return self;
        }
        let (width, height) = (self.width.div_ceil(by), self.height.div_ceil(by));
        let mut gray = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let (mut sum, mut count) = (0usize, 0usize);
                for row in y * by..((y + 1) * by).min(self.height) {
                    for column in x * by..((x + 1) * by).min(self.width) {
                        sum += usize::from(self.gray[row * self.width + column]);
                        count += 1;
                    }
                }
                gray.push(u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX));
            }
        }
        Picture {
            width,
            height,
            gray,
        }
    }
}

/// Reads an uploaded PNG or JPEG. Runs in the worker process.
///
/// # Errors
/// A sentence for the person who uploaded it.
pub fn in_worker(file: &Path) -> Result<serde_json::Value, String> {
    let bytes = std::fs::read(file)
        .map_err(|error| format!("The file could not be read from disk ({}).", error.kind()))?;
    let picture = read(&bytes)?;
    serde_json::to_value(Answer {
        width: picture.width,
        height: picture.height,
        gray: STANDARD.encode(&picture.gray),
    })
    .map_err(|error| format!("The picture could not be handed back: {error}"))
}

fn read(bytes: &[u8]) -> Result<Picture, String> {
    let wrong = || {
        "This is no PNG or JPEG picture that can be read. Scan or photograph the signature again and save it as PNG.".to_owned()
    };
    let mut warnings = Vec::new();
    let image = RawImage::decode_from_bytes(bytes, &mut warnings).map_err(|_| wrong())?;
    let pixels = image.width.checked_mul(image.height).ok_or_else(wrong)?;
    if pixels == 0 || pixels > MOST_PIXELS {
        return Err("The picture is larger than a signature needs. Cut it to the signature and save it again.".to_owned());
    }
    let bytes: Vec<u8> = match image.pixels {
        RawImageData::U8(bytes) => bytes,
        RawImageData::U16(words) => words.into_iter().map(|word| (word >> 8) as u8).collect(),
        RawImageData::F32(_) => return Err(wrong()),
    };
    use RawImageFormat::*;
    let channels = match image.data_format {
        R8 | R16 => 1,
        RG8 | RG16 => 2,
        RGB8 | RGB16 | BGR8 => 3,
        RGBA8 | RGBA16 | BGRA8 => 4,
        RGBF32 | RGBAF32 => return Err(wrong()),
    };
    if bytes.len() != pixels * channels {
        return Err(wrong());
    }
    let gray = bytes
        .chunks_exact(channels)
        .map(|pixel| {
            let (colours, alpha) = match channels {
                2 => (&pixel[..1], pixel[1]),
                4 => (&pixel[..3], pixel[3]),
                _ => (pixel, u8::MAX),
            };
            let mean = colours.iter().map(|c| u32::from(*c)).sum::<u32>() / colours.len() as u32;
            // What shines through is white paper.
            let over = (mean * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255;
            u8::try_from(over).unwrap_or(u8::MAX)
        })
        .collect();
    Picture {
        width: image.width,
        height: image.height,
        gray,
    }
    .trimmed()
    .map(Picture::fitted)
    .ok_or_else(|| {
        "The picture is blank: no ink was found on it. Scan the signature in black on white."
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_trimmed_and_fitted_and_reads_back() {
        let mut gray = vec![255u8; 4000 * 50];
        for x in 500..3500 {
            gray[20 * 4000 + x] = 0;
        }
        let whole = Picture {
            width: 4000,
            height: 50,
            gray,
        };
        let fitted = whole.trimmed().expect("ink").fitted();
        assert_eq!((fitted.width, fitted.height), (750, 1));
        assert!(fitted.gray.iter().all(|shade| *shade == 0));
        assert_eq!(Picture::from_bytes(&fitted.to_bytes()), Some(fitted));
        let blank = Picture {
            width: 2,
            height: 2,
            gray: vec![255; 4],
        };
        assert_eq!(blank.trimmed(), None);
    }

    #[test]
    fn anything_but_our_own_bytes_is_no_picture() {
        for bytes in [
            b"".as_slice(),
            b"P5\n",
            b"P5\n2 2\n255\nabc",
            b"P5\n0 0\n255\n",
            b"P5\n99999999999 99999999999\n255\nx",
            b"P6\n1 1\n255\nx",
        ] {
            assert_eq!(Picture::from_bytes(bytes), None);
        }
        assert!(read(b"not a picture").is_err());
    }
}
