//! GROUND: days. Which days an office is open, how days are counted, what a fiscal year covers, how a day is written.
//!
//! Here: holiday rules, observed days, business-day arithmetic with its explanation, fiscal years, date words.
//! Not here: any law (`law`), any duty (`domain::duty`), any reading of today's date (`clock`).
//! May import nothing of this crate. Pure: no clock, file, socket or database.

mod closings;
mod counting;
mod fiscal;
mod holiday;
pub mod words;

pub use closings::{Calendar, Closing, ClosingKind, Day, Observed};
pub use counting::Step;
pub use fiscal::{FiscalStart, FiscalYear};
pub use holiday::{Holiday, RuleError};

/// The years for which every holiday rule must be resolvable, and which calendars keep at hand.
pub const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;
