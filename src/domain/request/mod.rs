//! A records request: its reference, period, format and items, and where it stands, folded from what happened.
//!
//! Not here: the letter's text (`letter`), the agency's limits (`duty`). May import `calendar`, `law` and the
//! earlier stages.

mod items;
mod ledger;
mod standing;
mod status;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{AgencyId, CampaignId, ContactId, ItemId, RequestId, UserId};
use crate::calendar::FiscalStart;

pub use items::{Answer, Items, Meaning, answers_of};
pub use ledger::{FeeLine, Ledger};
pub use standing::{Received, Standing, later_series, letter_standing, standing};
pub use status::Status;

/// A request's number in its campaign, written "S-0042" on pages and in letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reference(pub i32);

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "S-{:04}", self.0)
    }
}

impl FromStr for Reference {
    type Err = NoReference;

    /// Takes "S-0042", "s-42" or "42".
    fn from_str(text: &str) -> Result<Self, NoReference> {
        let text = text.trim();
        let digits = text
            .strip_prefix("S-")
            .or_else(|| text.strip_prefix("s-"))
            .unwrap_or(text);
        match digits.parse::<i32>() {
            Ok(number) if number > 0 => Ok(Self(number)),
            _ => Err(NoReference),
        }
    }
}

/// The text is no reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reference looks like S-0042")]
pub struct NoReference;

/// The days that a request covers, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    start: NaiveDate,
    end: NaiveDate,
}

/// Two days that make no period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    #[error("The period ends before it starts: put the earlier day first.")]
    Backwards,
    #[error("A period of more than twenty years invites a refusal as too broad: shorten it.")]
    TooLong,
    #[error("Write the period as two dates, such as 2022-01-01..2024-12-31.")]
    Unreadable,
}

impl Period {
    /// The longest period that a request may cover, in years.
    pub const LONGEST_YEARS: u32 = 20;

    pub fn new(start: NaiveDate, end: NaiveDate) -> Result<Self, PeriodError> {
        if end < start {
            return Err(PeriodError::Backwards);
        }
        let latest = start.checked_add_months(Months::new(12 * Self::LONGEST_YEARS));
        if latest.is_none_or(|latest| latest < end) {
            return Err(PeriodError::TooLong);
        }
        Ok(Self { start, end })
    }

    pub fn start(&self) -> NaiveDate {
        self.start
    }

    pub fn end(&self) -> NaiveDate {
        self.end
    }

    /// The last `years` complete fiscal years before `today`, and the running one to date if `to_date`.
    /// `None` only outside the calendar's range.
    pub fn fiscal_years(
        start: FiscalStart,
        today: NaiveDate,
        years: i32,
        to_date: bool,
    ) -> Option<Self> {
        let running = start.year_of(today)?;
        let first = start.year(running.named - years)?;
        let end = if to_date {
            today
        } else {
            running.first_on.pred_opt()?
        };
        Self::new(first.first_on, end).ok()
    }

    /// "January 1, 2022 through December 31, 2024": dates in full, as letters write them.
    pub fn in_words(&self) -> String {
        format!("{} through {}", written(self.start), written(self.end))
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    /// "2022-01-01..2024-12-31".
    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let (start, end) = text.split_once("..").ok_or(PeriodError::Unreadable)?;
        let day = |text: &str| {
            NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").map_err(|_| PeriodError::Unreadable)
        };
        Self::new(day(start)?, day(end)?)
    }
}

/// "November 22, 2026": a day as American letters write it.
pub fn written(day: NaiveDate) -> String {
    day.format("%B %-d, %Y").to_string()
}

/// `day` less so many months, for "since" dates; the calendar's first day where it cannot go further back.
pub fn months_before(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_sub_months(Months::new(months))
        .unwrap_or(NaiveDate::MIN)
}

/// In which form the records are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Data as spreadsheets, documents as searchable PDF, by e-mail.
    #[default]
    Native,
    /// PDF throughout, by e-mail.
    Pdf,
    /// Paper copies by post.
    Paper,
    /// To be looked at in the office.
    Inspection,
}

impl Format {
    pub const ALL: [Format; 4] = [
        Format::Native,
        Format::Pdf,
        Format::Paper,
        Format::Inspection,
    ];

    /// The word of the database and of forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Native => "native",
            Format::Pdf => "pdf",
            Format::Paper => "paper",
            Format::Inspection => "inspection",
        }
    }

    pub fn parse(text: &str) -> Option<Format> {
        Format::ALL
            .into_iter()
            .find(|format| format.as_str() == text)
    }

    /// As forms name it.
    pub fn plain(self) -> &'static str {
        match self {
            Format::Native => "Spreadsheets for data, searchable PDF for documents, by e-mail",
            Format::Pdf => "PDF for everything, by e-mail",
            Format::Paper => "Paper copies by post",
            Format::Inspection => "Inspection at the office, then copies of what is marked",
        }
    }
}

/// One records request to one agency under one law.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub id: RequestId,
    pub campaign: CampaignId,
    pub reference: Reference,
    pub agency: AgencyId,
    /// The custodian's contact to which it goes.
    pub contact: Option<ContactId>,
    /// "WA".
    pub jurisdiction: String,
    /// SHA-256 of the law file that governs it.
    pub law_version: String,
    pub title: String,
    pub period: Period,
    pub format: Format,
    /// What the campaign pays without being asked again, in US cents.
    pub fee_ceiling_cents: i64,
    pub owner: UserId,
    pub created_at: DateTime<Utc>,
}

/// One numbered item of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestItem {
    pub id: ItemId,
    /// From 1, as the letter numbers it.
    pub position: i32,
    /// A key of the catalogue, or of a statutory report.
    pub record_key: String,
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_reference_reads_back_as_it_is_written() {
        assert_eq!(Reference(42).to_string(), "S-0042");
        assert_eq!(Reference(12345).to_string(), "S-12345");
        for text in ["S-0042", "s-42", " 42 "] {
            assert_eq!(text.parse(), Ok(Reference(42)), "{text}");
        }
        for text in ["", "S-", "S-0", "-3", "S-4x"] {
            assert_eq!(text.parse::<Reference>(), Err(NoReference), "{text}");
        }
    }

    #[test]
    fn a_period_is_two_days_in_order() {
        let period: Period = "2022-01-01..2024-12-31".parse().expect("a period");
        assert_eq!(
            period.in_words(),
            "January 1, 2022 through December 31, 2024"
        );
        for (text, why) in [
            ("2024-12-31..2022-01-01", PeriodError::Backwards),
            ("1990-01-01..2024-01-01", PeriodError::TooLong),
            ("2024", PeriodError::Unreadable),
            ("2024-13-01..2024-12-31", PeriodError::Unreadable),
        ] {
            assert_eq!(text.parse::<Period>(), Err(why), "{text}");
        }
        assert!(
            "2024-05-05..2024-05-05".parse::<Period>().is_ok(),
            "one day is a period"
        );
    }

    #[test]
    fn the_default_period_is_the_last_complete_fiscal_years() {
        for (start, today, to_date, first, last) in [
            ("07-01", "2026-11-22", false, "2023-07-01", "2026-06-30"),
            ("07-01", "2026-11-22", true, "2023-07-01", "2026-11-22"),
            ("01-01", "2026-11-22", false, "2023-01-01", "2025-12-31"),
            ("10-01", "2026-09-30", false, "2022-10-01", "2025-09-30"),
            ("10-01", "2026-10-01", false, "2023-10-01", "2026-09-30"),
        ] {
            let start = FiscalStart::try_from(start.to_owned()).expect("a start");
            let period = Period::fiscal_years(start, day(today), 3, to_date).expect("in range");
            assert_eq!(
                (period.start(), period.end()),
                (day(first), day(last)),
                "{start:?} {today}"
            );
        }
    }

    #[test]
    fn months_before_stops_at_the_end_of_a_short_month() {
        assert_eq!(months_before(day("2026-11-22"), 60), day("2021-11-22"));
        assert_eq!(months_before(day("2024-02-29"), 12), day("2023-02-28"));
    }
}
