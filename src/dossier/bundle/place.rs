//! Place: a page as its reader sees it, and where on it the stamp can stand.
//!
//! "Shown" coordinates run from the lower left corner of the page as it is displayed, after rotation and cropping, in
//! points of the displayed page.

use lopdf::{Document, Object, ObjectId};

use super::copy::inherited;

/// How far the stamp's text stands from the edges of the shown page, in points.
const EDGE: f32 = 16.0;
const SIDE: f32 = 30.0;
/// Height of the strip where no margin is free.
pub(super) const STRIP: f32 = 22.0;

/// US Letter, where a page says no size.
pub(super) fn letter_box() -> Object {
    Object::Array(vec![0.into(), 0.into(), 612.into(), 792.into()])
}

/// The page's boxes, its turn, and the length of its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sheet {
    /// What is shown, in the page's own coordinates: left, bottom, right, top.
    pub(super) shown: [f32; 4],
    pub(super) media: [f32; 4],
    /// Clockwise quarter turns, 0 to 3.
    pub(super) turns: u8,
    /// Points in one unit of the page.
    pub(super) unit: f32,
}

impl Sheet {
    pub(super) fn of(document: &Document, page: ObjectId) -> Sheet {
        let media = inherited(document, page, b"MediaBox")
            .and_then(|found| rectangle(document, found))
            .unwrap_or([0.0, 0.0, 612.0, 792.0]);
        let shown = inherited(document, page, b"CropBox")
            .and_then(|found| rectangle(document, found))
            .and_then(|crop| meet(crop, media))
            .unwrap_or(media);
        let number = |key: &[u8]| {
            inherited(document, page, key)
                .and_then(|found| document.dereference(found).ok())
                .and_then(|(_, found)| found.as_float().ok())
        };
        let turns = (number(b"Rotate").unwrap_or(0.0) / 90.0).round() as i64;
        let unit = document
            .get_dictionary(page)
            .ok()
            .and_then(|dictionary| dictionary.get(b"UserUnit").ok())
            .and_then(|unit| unit.as_float().ok())
            .filter(|unit| *unit > 0.0)
            .unwrap_or(1.0);
        Sheet {
            shown,
            media,
            turns: turns.rem_euclid(4) as u8,
            unit,
        }
    }

    /// Width and height as displayed, in points.
    pub(super) fn size(&self) -> (f32, f32) {
        let width = (self.shown[2] - self.shown[0]) * self.unit;
        let height = (self.shown[3] - self.shown[1]) * self.unit;
        if self.turns.is_multiple_of(2) {
            (width, height)
        } else {
            (height, width)
        }
    }

    /// From shown coordinates to the page's own, as a PDF matrix.
    pub(super) fn matrix(&self) -> [f32; 6] {
        let [x0, y0, x1, y1] = self.shown;
        let s = 1.0 / self.unit;
        match self.turns {
            0 => [s, 0.0, 0.0, s, x0, y0],
            1 => [0.0, s, -s, 0.0, x1, y0],
            2 => [-s, 0.0, 0.0, -s, x1, y1],
            _ => [0.0, -s, s, 0.0, x0, y1],
        }
    }

    /// The shown box with a strip added below, as displayed.
    pub(super) fn with_strip(&self) -> [f32; 4] {
        let [x0, y0, x1, y1] = self.shown;
        let strip = STRIP / self.unit;
        match self.turns {
            0 => [x0, y0 - strip, x1, y1],
            1 => [x0, y0, x1 + strip, y1],
            2 => [x0, y0, x1, y1 + strip],
            _ => [x0 - strip, y0, x1, y1],
        }
    }
}

fn rectangle(document: &Document, object: &Object) -> Option<[f32; 4]> {
    let (_, object) = document.dereference(object).ok()?;
    let items = object.as_array().ok()?;
    let mut corners = [0.0f32; 4];
    for (corner, item) in corners.iter_mut().zip(items.get(..4)?) {
        let (_, item) = document.dereference(item).ok()?;
        *corner = item.as_float().ok().filter(|value| value.is_finite())?;
    }
    let [a, b, c, d] = corners;
    let found = [a.min(c), b.min(d), a.max(c), b.max(d)];
    (found[2] - found[0] > 1.0 && found[3] - found[1] > 1.0).then_some(found)
}

fn meet(a: [f32; 4], b: [f32; 4]) -> Option<[f32; 4]> {
    let both = [
        a[0].max(b[0]),
        a[1].max(b[1]),
        a[2].min(b[2]),
        a[3].min(b[3]),
    ];
    (both[2] - both[0] > 1.0 && both[3] - both[1] > 1.0).then_some(both)
}

/// Where the stamp stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    BottomRight,
    TopRight,
    BottomLeft,
    TopLeft,
    /// In a strip of its own below the page.
    Strip,
}

impl Spot {
    /// Margins in the order in which they are tried.
    pub(super) const MARGINS: [Spot; 4] = [
        Spot::BottomRight,
        Spot::TopRight,
        Spot::BottomLeft,
        Spot::TopLeft,
    ];

    /// Where the text begins, in shown coordinates, for text of this width and cap height.
    pub(super) fn origin(self, size: (f32, f32), width: f32, cap: f32) -> (f32, f32) {
        let (w, h) = size;
        // A page narrower than its stamp keeps the stamp's beginning.
        let right = (w - SIDE - width).max(2.0);
        let left = SIDE.min((w - width).max(2.0));
        match self {
            Spot::BottomRight => (right, EDGE),
            Spot::BottomLeft => (left, EDGE),
            Spot::TopRight => (right, h - EDGE - cap),
            Spot::TopLeft => (left, h - EDGE - cap),
            Spot::Strip => (right, -(STRIP + cap) / 2.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(matrix: [f32; 6], x: f32, y: f32) -> (f32, f32) {
        let [a, b, c, d, e, f] = matrix;
        (a * x + c * y + e, b * x + d * y + f)
    }

    #[test]
    fn shown_corners_land_on_the_pages_corners_for_every_turn() {
        let shown = [10.0, 20.0, 410.0, 620.0];
        // Where the shown lower left and upper right corners are on the page itself.
        let corners = [
            ((10.0, 20.0), (410.0, 620.0)),
            ((410.0, 20.0), (10.0, 620.0)),
            ((410.0, 620.0), (10.0, 20.0)),
            ((10.0, 620.0), (410.0, 20.0)),
        ];
        for (turns, (low, high)) in corners.into_iter().enumerate() {
            for unit in [1.0, 2.0] {
                let sheet = Sheet {
                    shown,
                    media: shown,
                    turns: turns as u8,
                    unit,
                };
                let (w, h) = sheet.size();
                assert_eq!(apply(sheet.matrix(), 0.0, 0.0), low, "turn {turns}");
                assert_eq!(apply(sheet.matrix(), w, h), high, "turn {turns}");
                // The strip holds the point just below the shown page.
                let (x, y) = apply(sheet.matrix(), w / 2.0, -STRIP / 2.0);
                let strip = sheet.with_strip();
                assert!(x >= strip[0] && x <= strip[2] && y >= strip[1] && y <= strip[3]);
                assert!(!(x >= shown[0] && x <= shown[2] && y >= shown[1] && y <= shown[3]));
            }
        }
    }

    #[test]
    fn stamps_stay_on_the_page() {
        for size in [(612.0, 792.0), (792.0, 612.0), (120.0, 90.0), (60.0, 60.0)] {
            for spot in Spot::MARGINS {
                let (x, y) = spot.origin(size, 80.0, 6.0);
                assert!(
                    x >= 0.0 && y >= 0.0 && y + 6.0 <= size.1,
                    "{spot:?} on {size:?}"
                );
            }
        }
    }
}
