//! A jurisdiction's calendar: which days its offices are closed, and why.

use std::sync::OnceLock;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use super::{Holiday, YEARS};

/// What happens to a holiday that falls on a weekend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observed {
    /// Saturday to Friday, Sunday to Monday.
    Nearest,
    /// Sunday to Monday only.
    Monday,
    /// Saturday and Sunday to Monday (Rhode Island).
    WeekendToMonday,
    /// It stays where it falls.
    #[default]
    None,
}

/// Whether an office works on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Day {
    Business,
    Closed { why: String },
}

/// Why a day is in the list of closings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosingKind {
    /// The holiday itself.
    Holiday,
    /// The day on which a weekend holiday is kept.
    Observed,
}

/// One closed day of a year, weekends aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Closing {
    pub day: NaiveDate,
    pub kind: ClosingKind,
    /// "Independence Day", or "Independence Day (observed)".
    pub why: String,
    /// The rule in the words of the law file.
    pub rule: String,
}

/// The closed days of one jurisdiction. Cheap to ask, also a million times: each year is worked out once.
#[derive(Debug)]
pub struct Calendar {
    holidays: Vec<(Holiday, Vec<Observed>)>,
    dated: Vec<(NaiveDate, String)>,
    saturday_open: bool,
    years: Box<[OnceLock<Year>]>,
}

#[derive(Debug)]
struct Year {
    /// One bit a day of the year, weekends included: 1 is closed.
    closed: [u64; 6],
    closings: Vec<Closing>,
}

impl Calendar {
    /// `holidays` each with the shifts that apply to it (more than one where practice is unsettled), `dated` single
    /// closings, and whether Saturday is an ordinary business day.
    pub fn new(
        holidays: Vec<(Holiday, Vec<Observed>)>,
        dated: Vec<(NaiveDate, String)>,
        saturday_open: bool,
    ) -> Self {
        let years = YEARS.map(|_| OnceLock::new()).collect();
        Self {
            holidays,
            dated,
            saturday_open,
            years,
        }
    }

    /// Business day, or closed and why: "Saturday", "Martin Luther King Jr. Day", "Independence Day (observed)".
    pub fn day(&self, day: NaiveDate) -> Day {
        if self.is_business(day) {
            return Day::Business;
        }
        let holidays: Vec<String> = self.with_year(day.year(), |year| {
            year.closings
                .iter()
                .filter(|closing| closing.day == day)
                .map(|closing| closing.why.clone())
                .collect()
        });
        // Two holidays can share a day: in Texas 19 January is Confederate Heroes Day and can be the King holiday.
        let holiday = (!holidays.is_empty()).then(|| holidays.join("; "));
        let weekend = match day.weekday() {
            Weekday::Sat if !self.saturday_open => Some("Saturday"),
            Weekday::Sun => Some("Sunday"),
            _ => None,
        };
        let why = match (weekend, holiday) {
            (Some(weekend), Some(holiday)) => format!("{weekend} ({holiday})"),
            (Some(weekend), None) => weekend.to_owned(),
            (None, Some(holiday)) => holiday,
            (None, None) => "Closed".to_owned(),
        };
        Day::Closed { why }
    }

    /// Whether `day` is neither a weekend nor a holiday nor the observed day of one.
    pub fn is_business(&self, day: NaiveDate) -> bool {
        let at = day.ordinal0() as usize;
        self.with_year(day.year(), |year| {
            year.closed[at / 64] >> (at % 64) & 1 == 0
        })
    }

    /// Every holiday and observed day of a year in order, weekends aside.
    pub fn closings(&self, year: i32) -> Vec<Closing> {
        self.with_year(year, |year| year.closings.clone())
    }

    fn with_year<T>(&self, year: i32, ask: impl FnOnce(&Year) -> T) -> T {
        let kept = usize::try_from(year - YEARS.start())
            .ok()
            .and_then(|at| self.years.get(at));
        match kept {
            Some(cell) => ask(cell.get_or_init(|| self.work_out(year))),
            None => ask(&self.work_out(year)),
        }
    }

    fn work_out(&self, year: i32) -> Year {
        let mut closings = Vec::new();
        for (holiday, shifts) in &self.holidays {
            // A holiday of 1 January can be kept in the old year.
            for falls_in in [year, year + 1, year - 1] {
                let Some(falls_on) = holiday.falls_on(falls_in) else {
                    continue;
                };
                let mut keep = |day: NaiveDate, kind, why| {
                    if day.year() == year {
                        closings.push(Closing {
                            day,
                            kind,
                            why,
                            rule: holiday.rule.clone(),
                        });
                    }
                };
                keep(falls_on, ClosingKind::Holiday, holiday.name.clone());
                for shift in shifts {
                    if let Some(day) = shift.kept_on(falls_on) {
                        keep(
                            day,
                            ClosingKind::Observed,
                            format!("{} (observed)", holiday.name),
                        );
                    }
                }
            }
        }
        for (day, why) in self.dated.iter().filter(|(day, _)| day.year() == year) {
            closings.push(Closing {
                day: *day,
                kind: ClosingKind::Holiday,
                why: why.clone(),
                rule: day.to_string(),
            });
        }
        closings.sort_by(|a, b| (a.day, a.kind, &a.why).cmp(&(b.day, b.kind, &b.why)));
        closings.dedup_by(|a, b| a.day == b.day && a.why == b.why);
        let mut closed = [0u64; 6];
        let mut shut = |day: NaiveDate| {
            let at = day.ordinal0() as usize;
            closed[at / 64] |= 1 << (at % 64);
        };
        for closing in &closings {
            shut(closing.day);
        }
        let mut day = NaiveDate::from_ymd_opt(year, 1, 1);
        while let Some(today) = day.filter(|day| day.year() == year) {
            let weekend = match today.weekday() {
                Weekday::Sat => !self.saturday_open,
                Weekday::Sun => true,
                _ => false,
            };
            if weekend {
                shut(today);
            }
            day = today.succ_opt();
        }
        Year { closed, closings }
    }
}

impl Observed {
    /// The working day on which a holiday of `falls_on` is kept instead; `None` where it stays.
    fn kept_on(self, falls_on: NaiveDate) -> Option<NaiveDate> {
        let (saturday, sunday) = match self {
            Observed::Nearest => (Some(-1i64), Some(1u64)),
            Observed::Monday => (None, Some(1)),
            Observed::WeekendToMonday => (Some(2), Some(1)),
            Observed::None => (None, None),
        };
        match falls_on.weekday() {
            Weekday::Sat => match saturday? {
                back if back < 0 => falls_on.checked_sub_days(Days::new(back.unsigned_abs())),
                on => falls_on.checked_add_days(Days::new(on.unsigned_abs())),
            },
            Weekday::Sun => falls_on.checked_add_days(Days::new(sunday?)),
            _ => None,
        }
    }

    /// The shift in words for people.
    pub fn says(self) -> &'static str {
        match self {
            Observed::Nearest => "a Saturday holiday is kept on Friday, a Sunday one on Monday",
            Observed::Monday => "a Sunday holiday is kept on Monday, a Saturday one is not moved",
            Observed::WeekendToMonday => "a Saturday or Sunday holiday is kept on Monday",
            Observed::None => "a weekend holiday is not moved",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn calendar(rules: &[&str], observed: Observed) -> Calendar {
        let holidays = rules
            .iter()
            .map(|rule| (Holiday::parse(rule).expect(rule), vec![observed]))
            .collect();
        Calendar::new(
            holidays,
            vec![(day("2026-11-27"), "Closed by the Governor".to_owned())],
            false,
        )
    }

    fn why(calendar: &Calendar, text: &str) -> Option<String> {
        match calendar.day(day(text)) {
            Day::Business => None,
            Day::Closed { why } => Some(why),
        }
    }

    #[test]
    fn weekend_holidays_are_kept_as_the_law_says() {
        // 4 July 2026 is a Saturday, 4 July 2027 a Sunday.
        for (observed, fri, mon, next_mon) in [
            (Observed::Nearest, true, false, true),
            (Observed::Monday, false, false, true),
            (Observed::WeekendToMonday, false, true, true),
            (Observed::None, false, false, false),
        ] {
            let calendar = calendar(&["independence"], observed);
            let kept = |on: &str| {
                why(&calendar, on).is_some_and(|why| why == "Independence Day (observed)")
            };
            assert_eq!(kept("2026-07-03"), fri, "{observed:?}");
            assert_eq!(kept("2026-07-06"), mon, "{observed:?}");
            assert_eq!(kept("2027-07-05"), next_mon, "{observed:?}");
            assert_eq!(
                why(&calendar, "2026-07-04").as_deref(),
                Some("Saturday (Independence Day)")
            );
        }
    }

    #[test]
    fn a_new_year_on_saturday_closes_the_last_day_of_the_old_year() {
        // 1 January 2028 is a Saturday.
        let nearest = calendar(&["new_year"], Observed::Nearest);
        assert_eq!(
            why(&nearest, "2027-12-31").as_deref(),
            Some("New Year's Day (observed)")
        );
        let monday = calendar(&["new_year"], Observed::Monday);
        assert_eq!(why(&monday, "2027-12-31"), None);
    }

    #[test]
    fn dated_closings_and_open_saturdays() {
        let closed = calendar(&[], Observed::None);
        assert_eq!(
            why(&closed, "2026-11-27").as_deref(),
            Some("Closed by the Governor")
        );
        assert_eq!(why(&closed, "2026-11-28").as_deref(), Some("Saturday"));
        let open = Calendar::new(Vec::new(), Vec::new(), true);
        assert!(open.is_business(day("2026-11-28")));
        assert!(!open.is_business(day("2026-11-29")));
    }

    #[test]
    fn years_outside_the_kept_range_are_worked_out_too() {
        let calendar = calendar(&["christmas"], Observed::Nearest);
        assert_eq!(
            why(&calendar, "2150-12-25").as_deref(),
            Some("Christmas Day")
        );
        assert_eq!(
            why(&calendar, "1950-12-25").as_deref(),
            Some("Christmas Day")
        );
    }
}
