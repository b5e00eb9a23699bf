//! When a letter leaves: now, after the window in which it can be taken back, at a chosen time, or when somebody says;
//! and what is awkward about a moment by the agency's clock and calendar.
//!
//! Pure: instants are arguments. Imports `calendar` only.

use std::fmt;

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Timelike, Utc, Weekday};
use chrono_tz::Tz;

use crate::calendar::Calendar;

/// What a person said about the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// After the window in which it can be taken back.
    AfterWindow,
    /// With the next waking of the scheduler.
    Now,
    At(DateTime<Utc>),
    /// Not before somebody says so.
    Held,
}

/// The longest that a letter may be dated ahead.
pub const FURTHEST: TimeDelta = TimeDelta::days(366);

impl When {
    /// The moment of leaving; none where it is held.
    ///
    /// # Errors
    /// [`NoSuchTime`] where the chosen time has passed or lies more than a year ahead.
    pub fn leaves(
        self,
        now: DateTime<Utc>,
        window: TimeDelta,
    ) -> Result<Option<DateTime<Utc>>, NoSuchTime> {
        match self {
            When::Held => Ok(None),
            When::Now => Ok(Some(now)),
            When::AfterWindow => Ok(Some(now + window.max(TimeDelta::zero()))),
            When::At(at) if at <= now => Err(NoSuchTime::Past),
            When::At(at) if at > now + FURTHEST => Err(NoSuchTime::TooFar),
            When::At(at) => Ok(Some(at)),
        }
    }
}

/// A time at which nothing can leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchTime {
    #[error("That time has passed. Choose a later one, or send the letter now.")]
    Past,
    #[error("That time lies more than a year ahead. Choose an earlier one, or hold the letter.")]
    TooFar,
}

/// An agency's offices: its clock, and its calendar where its law is known.
#[derive(Clone, Copy, Debug)]
pub struct Offices<'c> {
    pub zone: Tz,
    /// Without one, Monday to Friday.
    pub calendar: Option<&'c Calendar>,
}

/// The office has not opened before this hour, by its own clock.
const OPENS_AT: u32 = 7;
/// From this hour on, mail counts as having come after hours under some laws.
const SHUTS_AT: u32 = 17;
/// So many closed days in a row, a holiday among them, are a long holiday.
const LONG: usize = 3;

impl Offices<'_> {
    pub fn is_business(&self, day: NaiveDate) -> bool {
        match self.calendar {
            Some(calendar) => calendar.is_business(day),
            None => !is_weekend(day),
        }
    }

    /// The closed days that follow `day` at once.
    pub fn closed_after(&self, day: NaiveDate) -> Vec<NaiveDate> {
        (1..30)
            .filter_map(|n| day.checked_add_days(Days::new(n)))
            .take_while(|next| !self.is_business(*next))
            .collect()
    }

    /// An open day after which no holiday comes before the next open one. A plain weekend is no holiday.
    pub fn is_good(&self, day: NaiveDate, skip_eves: bool) -> bool {
        self.is_business(day)
            && !(skip_eves
                && self
                    .closed_after(day)
                    .into_iter()
                    .any(|next| !is_weekend(next)))
    }

    /// What speaks against this moment, if anything does.
    pub fn awkward(&self, at: DateTime<Utc>) -> Option<Awkward> {
        let local = at.with_timezone(&self.zone);
        let day = local.date_naive();
        if !self.is_business(day) {
            return Some(Awkward::Closed { day });
        }
        if !(OPENS_AT..SHUTS_AT).contains(&local.hour()) {
            return Some(Awkward::Night {
                hour: local.hour(),
                minute: local.minute(),
            });
        }
        let closed = self.closed_after(day);
        let holiday = closed.iter().any(|next| !is_weekend(*next));
        match (closed.first(), closed.last()) {
            (Some(first), Some(last)) if holiday && closed.len() >= LONG => {
                Some(Awkward::LongHoliday {
                    from: *first,
                    until: *last,
                })
            }
            _ => None,
        }
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Why a moment is a poor one for a letter to arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awkward {
    /// By the agency's clock.
    Night {
        hour: u32,
        minute: u32,
    },
    Closed {
        day: NaiveDate,
    },
    LongHoliday {
        from: NaiveDate,
        until: NaiveDate,
    },
}

impl fmt::Display for Awkward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |day: NaiveDate| day.format("%a %-d %b %Y").to_string();
        match self {
            Awkward::Night { hour, minute } => write!(
                f,
                "It would be {hour:02}:{minute:02} by the agency’s clock, when its offices are shut. Under some laws the letter then counts from the next business day."
            ),
            Awkward::Closed { day } => write!(
                f,
                "The agency’s offices are closed on {}, so the letter would lie until they open.",
                named(*day)
            ),
            Awkward::LongHoliday { from, until } => write!(
                f,
                "A long holiday follows: the agency’s offices are closed from {} until {}, and the letter may lie unread while the clock runs.",
                named(*from),
                named(*until)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::Library;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    #[test]
    fn a_time_is_after_the_window_now_chosen_or_not_yet() {
        let now = at("2026-01-12T17:00:00Z");
        let half = TimeDelta::minutes(30);
        for (when, leaves) in [
            (When::Now, Ok(Some(now))),
            (When::AfterWindow, Ok(Some(now + half))),
            (When::Held, Ok(None)),
            (When::At(now + half), Ok(Some(now + half))),
            (When::At(now), Err(NoSuchTime::Past)),
            (When::At(now - half), Err(NoSuchTime::Past)),
            (
                When::At(now + TimeDelta::days(400)),
                Err(NoSuchTime::TooFar),
            ),
        ] {
            assert_eq!(when.leaves(now, half), leaves, "{when:?}");
        }
        assert_eq!(When::AfterWindow.leaves(now, -half), Ok(Some(now)));
    }

    #[test]
    fn night_closed_days_and_long_holidays_are_told() {
        let library = Library::embedded().expect("the law files hold together");
        let calendar = library
            .get(&"WA".parse().expect("a code"))
            .map(|law| law.calendar());
        let seattle = Offices {
            zone: chrono_tz::America::Los_Angeles,
            calendar,
        };
        let plain = Offices {
            calendar: None,
            ..seattle
        };
        for (instant, says) in [
            ("2026-01-12T18:00:00Z", None),
            // 21:40 in Seattle.
            ("2026-01-13T05:40:00Z", Some("21:40")),
            // 06:59 and 07:00.
            ("2026-01-13T14:59:00Z", Some("06:59")),
            ("2026-01-13T15:00:00Z", None),
            ("2026-01-14T00:59:00Z", None),
            ("2026-01-14T01:00:00Z", Some("17:00")),
            ("2026-01-17T18:00:00Z", Some("closed on Sat 17 Jan 2026")),
            // Friday before Martin Luther King's day: three closed days.
            ("2026-01-16T18:00:00Z", Some("until Mon 19 Jan 2026")),
            // An ordinary Friday.
            ("2026-01-09T18:00:00Z", None),
            // The day itself.
            ("2026-01-19T18:00:00Z", Some("closed on Mon 19 Jan 2026")),
        ] {
            let told = seattle.awkward(at(instant)).map(|why| why.to_string());
            match says {
                None => assert_eq!(told, None, "{instant}"),
                Some(part) => assert!(
                    told.as_deref().is_some_and(|told| told.contains(part)),
                    "{instant}: {told:?}"
                ),
            }
        }
        assert_eq!(plain.awkward(at("2026-01-16T18:00:00Z")), None);
        assert_eq!(plain.awkward(at("2026-01-19T18:00:00Z")), None);
    }
}
