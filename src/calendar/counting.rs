//! Counting business days, and the explanation of a count.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{Calendar, Day};

/// One day of a count: whether it counted and why, as shown beside every date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub day: NaiveDate,
    pub counted: bool,
    /// "business day 3", "Saturday", "Martin Luther King Jr. Day".
    pub why: String,
}

impl Calendar {
    /// The `n`th business day after `from`; `from` itself is day zero whether open or not. Zero gives `from`.
    pub fn add_business_days(&self, from: NaiveDate, n: u32) -> NaiveDate {
        let mut day = from;
        let mut counted = 0;
        while counted < n && day < NaiveDate::MAX {
            day = tomorrow(day);
            counted += u32::from(self.is_business(day));
        }
        day
    }

    /// The same with each day passed, in order.
    pub fn add_business_days_traced(&self, from: NaiveDate, n: u32) -> (NaiveDate, Vec<Step>) {
        let mut day = from;
        let mut counted = 0;
        let mut trace = Vec::new();
        while counted < n && day < NaiveDate::MAX {
            day = tomorrow(day);
            match self.day(day) {
                Day::Business => {
                    counted += 1;
                    trace.push(Step {
                        day,
                        counted: true,
                        why: format!("business day {counted}"),
                    });
                }
                Day::Closed { why } => trace.push(Step {
                    day,
                    counted: false,
                    why,
                }),
            }
        }
        (day, trace)
    }

    /// `day` if it is a business day, else the first one after it.
    pub fn business_day_on_or_after(&self, day: NaiveDate) -> NaiveDate {
        let mut day = day;
        while !self.is_business(day) && day < NaiveDate::MAX {
            day = tomorrow(day);
        }
        day
    }

    /// `day` if it is a business day, else the last one before it.
    pub fn business_day_on_or_before(&self, day: NaiveDate) -> NaiveDate {
        let mut day = day;
        while !self.is_business(day) && day > NaiveDate::MIN {
            day = yesterday(day);
        }
        day
    }

    /// The `n`th business day before `day`.
    pub fn sub_business_days(&self, day: NaiveDate, n: u32) -> NaiveDate {
        let mut day = day;
        let mut counted = 0;
        while counted < n && day > NaiveDate::MIN {
            day = yesterday(day);
            counted += u32::from(self.is_business(day));
        }
        day
    }

    /// Business days after `from` up to and including `to`; negative when `to` comes first.
    pub fn business_days_between(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        if to < from {
            return -self.business_days_between(to, from);
        }
        let mut day = from;
        let mut counted = 0;
        while day < to {
            day = tomorrow(day);
            counted += i64::from(self.is_business(day));
        }
        counted
    }
}

/// The next day; the last day chrono knows (in the year 262142) stays itself.
fn tomorrow(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX)
}

fn yesterday(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(1)).unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests {
    use super::super::{Holiday, Observed};
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn calendar() -> Calendar {
        let holidays = ["new_year", "mlk", "christmas"]
            .iter()
            .map(|rule| (Holiday::parse(rule).expect(rule), vec![Observed::Nearest]))
            .collect();
        Calendar::new(holidays, Vec::new(), false)
    }

    #[test]
    fn business_days_skip_weekends_and_holidays() {
        let calendar = calendar();
        for (from, n, to) in [
            ("2026-01-16", 5, "2026-01-26"),
            ("2026-01-17", 1, "2026-01-20"),
            ("2026-12-23", 3, "2026-12-29"),
            ("2026-12-31", 1, "2027-01-04"),
            ("2028-02-28", 1, "2028-02-29"),
            ("2026-01-16", 0, "2026-01-16"),
        ] {
            assert_eq!(
                calendar.add_business_days(day(from), n),
                day(to),
                "{from} + {n}"
            );
            let (traced, trace) = calendar.add_business_days_traced(day(from), n);
            assert_eq!(traced, day(to));
            assert_eq!(trace.iter().filter(|step| step.counted).count(), n as usize);
            assert_eq!(
                calendar.business_days_between(day(from), day(to)),
                i64::from(n)
            );
            assert_eq!(
                calendar.business_days_between(day(to), day(from)),
                -i64::from(n)
            );
        }
        assert_eq!(
            calendar.sub_business_days(day("2026-01-20"), 2),
            day("2026-01-15")
        );
        assert_eq!(
            calendar.business_day_on_or_after(day("2026-01-17")),
            day("2026-01-20")
        );
        assert_eq!(
            calendar.business_day_on_or_before(day("2026-01-19")),
            day("2026-01-16")
        );
    }

    #[test]
    fn each_skipped_day_says_why() {
        let (_, trace) = calendar().add_business_days_traced(day("2026-01-16"), 1);
        let whys: Vec<_> = trace
            .iter()
            .map(|step| (step.counted, step.why.as_str()))
            .collect();
        assert_eq!(
            whys,
            [
                (false, "Saturday"),
                (false, "Sunday"),
                (false, "Martin Luther King Jr. Day"),
                (true, "business day 1")
            ]
        );
    }
}
