//! Fiscal years: from the day a government's year starts, which days "FY 2026" covers.

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::words;

/// The month and day on which a government's fiscal year starts, written `MM-DD` in the law files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FiscalStart {
    month: u32,
    day: u32,
}

/// One fiscal year, both days included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FiscalYear {
    /// The year it is named after: that of its last day.
    pub named: i32,
    pub first_on: NaiveDate,
    pub last_on: NaiveDate,
}

impl FiscalStart {
    /// The fiscal year named `named`, which is the calendar year of its last day. `None` only outside chrono's range.
    pub fn year(self, named: i32) -> Option<FiscalYear> {
        let starts = if self.month == 1 && self.day == 1 {
            named
        } else {
            named - 1
        };
        let first_on = NaiveDate::from_ymd_opt(starts, self.month, self.day)?;
        let next = NaiveDate::from_ymd_opt(starts + 1, self.month, self.day)?;
        Some(FiscalYear {
            named,
            first_on,
            last_on: next.pred_opt()?,
        })
    }

    /// The fiscal year in which `day` falls.
    pub fn year_of(self, day: NaiveDate) -> Option<FiscalYear> {
        [day.year(), day.year() + 1]
            .into_iter()
            .filter_map(|named| self.year(named))
            .find(|year| year.first_on <= day && day <= year.last_on)
    }
}

impl FiscalYear {
    /// "FY 2026 (Tue 1 Jul 2025 to Tue 30 Jun 2026)".
    pub fn label(&self) -> String {
        format!(
            "FY {} ({} to {})",
            self.named,
            words::long(self.first_on),
            words::long(self.last_on)
        )
    }

    /// How many days it has: 365 or 366.
    pub fn days(&self) -> i64 {
        (self.last_on - self.first_on).num_days() + 1
    }

    /// The year after this one.
    pub fn next(&self) -> Option<FiscalYear> {
        let first_on = self.last_on.checked_add_days(Days::new(1))?;
        FiscalStart {
            month: first_on.month(),
            day: first_on.day(),
        }
        .year_of(first_on)
    }
}

impl TryFrom<String> for FiscalStart {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("“{text}” is not a month and a day as in 07-01");
        let (month, day) = text.split_once('-').ok_or_else(wrong)?;
        let month: u32 = month.parse().map_err(|_| wrong())?;
        let day: u32 = day.parse().map_err(|_| wrong())?;
        // 29 February would leave three years in four without a start.
        NaiveDate::from_ymd_opt(2001, month, day).ok_or_else(wrong)?;
        Ok(Self { month, day })
    }
}

impl From<FiscalStart> for String {
    fn from(start: FiscalStart) -> String {
        format!("{:02}-{:02}", start.month, start.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_year_is_named_after_its_last_day() {
        for (start, named, first, last, days) in [
            ("07-01", 2026, "2025-07-01", "2026-06-30", 365),
            ("10-01", 2024, "2023-10-01", "2024-09-30", 366),
            ("04-01", 2026, "2025-04-01", "2026-03-31", 365),
            ("09-01", 2026, "2025-09-01", "2026-08-31", 365),
            ("01-01", 2026, "2026-01-01", "2026-12-31", 365),
        ] {
            let start = FiscalStart::try_from(start.to_owned()).expect("a start");
            let year = start.year(named).expect("a year");
            assert_eq!((year.first_on, year.last_on), (day(first), day(last)));
            assert_eq!(year.days(), days);
            assert_eq!(start.year_of(day(first)), Some(year));
            assert_eq!(start.year_of(day(last)), Some(year));
            assert_eq!(year.next().map(|next| next.named), Some(named + 1));
        }
    }

    #[test]
    fn a_wrong_start_is_named() {
        for text in ["7", "13-01", "02-30", "02-29", "ab-cd"] {
            let problem = FiscalStart::try_from(text.to_owned()).expect_err("refused");
            assert!(problem.contains(text), "{problem}");
        }
    }
}
