//! Exact numbers. No floating point: a figure in a dossier is the figure that the agency gave.

use std::fmt;

use serde::{Serialize, Serializer};

use super::metric::Unit;

/// A non-negative decimal number, kept with exactly the places that the source shows.
///
/// `digits` are the digits without the point: `126.50` is digits 12650, places 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Figure {
    digits: i64,
    places: u8,
}

/// Why the text is not a figure of this unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAFigure {
    #[error(
        "Give the number. Where the agency left the cell blank, record nothing: blank is not zero."
    )]
    Empty,
    #[error("Write the number in digits, such as 1,204 or 126.50.")]
    NotDigits,
    #[error("Commas may only stand between thousands, such as 1,107,746.")]
    Commas,
    #[error(
        "A count is a whole number. If the source gives a rate or an average, choose that metric."
    )]
    NotWhole,
    #[error("Dollars have at most two places after the point.")]
    TooFine,
    #[error("Give at most six places after the point.")]
    TooManyPlaces,
    #[error("A count or an amount cannot be negative. Say in the note what the source means.")]
    Negative,
    #[error("The number is too large to be one. Check it against the page.")]
    TooLarge,
}

impl Figure {
    /// A whole number.
    pub fn whole(number: u32) -> Figure {
        Figure {
            digits: i64::from(number),
            places: 0,
        }
    }

    /// An amount in cents.
    pub fn cents(cents: u32) -> Figure {
        Figure {
            digits: i64::from(cents),
            places: 2,
        }
    }

    /// Reads what a person typed, or what the database holds, for a metric with this unit.
    pub fn parse(text: &str, unit: Unit) -> Result<Figure, NotAFigure> {
        let text = text.trim();
        let text = if unit.is_money() {
            text.trim_start_matches("US$")
                .trim_start_matches('$')
                .trim_start()
        } else {
            text
        };
        if text.is_empty() {
            return Err(NotAFigure::Empty);
        }
        if text.starts_with(['-', '−', '(']) {
            return Err(NotAFigure::Negative);
        }
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) => (whole, fraction),
            None => (text, ""),
        };
        if text.ends_with('.') || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NotAFigure::NotDigits);
        }
        let groups: Vec<&str> = whole.split(',').collect();
        if !groups
            .iter()
            .all(|g| !g.is_empty() && g.bytes().all(|b| b.is_ascii_digit()))
        {
            return Err(NotAFigure::NotDigits);
        }
        if groups.len() > 1 && (groups[0].len() > 3 || groups[1..].iter().any(|g| g.len() != 3)) {
            return Err(NotAFigure::Commas);
        }
        if unit.is_count() && !fraction.is_empty() {
            return Err(NotAFigure::NotWhole);
        }
        if unit.is_money() && fraction.len() > 2 {
            return Err(NotAFigure::TooFine);
        }
        if fraction.len() > 6 {
            return Err(NotAFigure::TooManyPlaces);
        }
        let digits = format!("{}{fraction}", groups.concat());
        let digits: i64 = digits.parse().map_err(|_| NotAFigure::TooLarge)?;
        if digits > 999_999_999_999_999 {
            return Err(NotAFigure::TooLarge);
        }
        Ok(Figure {
            digits,
            places: fraction.len() as u8,
        })
    }

    /// Nothing but zero.
    pub fn is_zero(&self) -> bool {
        self.digits == 0
    }

    /// The number without its places, where it is whole.
    pub fn as_whole(&self) -> Option<i64> {
        let scale = 10i64.pow(u32::from(self.places));
        (self.digits % scale == 0).then_some(self.digits / scale)
    }

    /// Amount in cents, where it has no finer part.
    pub fn as_cents(&self) -> Option<i64> {
        match self.places {
            0 => self.digits.checked_mul(100),
            1 => self.digits.checked_mul(10),
            2 => Some(self.digits),
            places => {
                let scale = 10i64.pow(u32::from(places) - 2);
                (self.digits % scale == 0).then_some(self.digits / scale)
            }
        }
    }

    /// With thousands set apart: `1,107,746.57`.
    pub fn grouped(&self) -> String {
        let plain = self.to_string();
        let (whole, fraction) = match plain.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (plain.as_str(), None),
        };
        let mut out = String::with_capacity(plain.len() + plain.len() / 3);
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        if let Some(fraction) = fraction {
            out.push('.');
            out.push_str(fraction);
        }
        out
    }

    /// As a table shows it: money with its sign, the rest grouped.
    pub fn shown(&self, unit: Unit) -> String {
        if unit.is_money() {
            format!("${}", self.grouped())
        } else {
            self.grouped()
        }
    }
}

/// Canonical text without grouping, which the database keeps: `1107746.57`.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = usize::from(self.places);
        let digits = format!("{:0>width$}", self.digits, width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        f.write_str(whole)?;
        if places > 0 {
            write!(f, ".{fraction}")?;
        }
        Ok(())
    }
}

impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
