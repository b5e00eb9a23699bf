//! Counting a limit from its start: one reading of the calendar, pauses, roll-forward, and the trace.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::clock::MOVED_TO;
use crate::calendar::{Calendar, Day, Step, words};
use crate::law::{Confidence, Counting, RollDay, Unit};

/// Longer calendar limits are traced by their last days only.
const TRACED_DAYS: u32 = 120;

/// Which of the reasonable readings of the calendar is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lens {
    /// Only sure closings; a weekend start counts from itself; a last day moves only where that is sure.
    Earliest,
    /// Every possible closing; a weekend start is taken as the next business day; a last day moves where it may.
    Latest,
}

/// A time in which the clock stood still: days after `from_on` up to `to_on` do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standstill {
    pub from_on: NaiveDate,
    /// None while it lasts.
    pub to_on: Option<NaiveDate>,
}

impl Standstill {
    fn covers(self, day: NaiveDate) -> bool {
        self.from_on < day && self.to_on.is_none_or(|to| day <= to)
    }
}

/// How a jurisdiction counts for one body, under one lens.
#[derive(Clone, Copy)]
pub(super) struct Ruler<'b> {
    counting: &'b Counting,
    calendar: &'b Calendar,
    /// Days on which the body is closed besides.
    closed: &'b BTreeMap<NaiveDate, String>,
    lens: Lens,
}

/// Where a count ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reached {
    /// `raw_on` is the last day counted, `on` after any roll-forward.
    Day { raw_on: NaiveDate, on: NaiveDate },
    /// The clock stands still with this many days left.
    Standing { left: u32 },
}

impl<'b> Ruler<'b> {
    pub fn new(
        counting: &'b Counting,
        calendar: &'b Calendar,
        closed: &'b BTreeMap<NaiveDate, String>,
        lens: Lens,
    ) -> Self {
        Self {
            counting,
            calendar,
            closed,
            lens,
        }
    }

    pub fn is_business(self, day: NaiveDate) -> bool {
        self.calendar.is_business(day)
            && (self.closed.is_empty() || !self.closed.contains_key(&day))
    }

    /// Business day, or closed and why.
    pub fn day(self, day: NaiveDate) -> Day {
        match (self.calendar.day(day), self.closed.get(&day)) {
            (Day::Business, Some(why)) => Day::Closed { why: why.clone() },
            (known, _) => known,
        }
    }

    pub fn business_day_on_or_after(self, day: NaiveDate) -> NaiveDate {
        let mut day = day;
        while !self.is_business(day) && day < NaiveDate::MAX {
            day = next(day);
        }
        day
    }

    pub fn business_day_after(self, day: NaiveDate) -> NaiveDate {
        self.business_day_on_or_after(next(day))
    }

    /// Business days after `from` up to and including `to`; negative when `to` comes first.
    pub fn business_days_between(self, from: NaiveDate, to: NaiveDate) -> i64 {
        let (first, last, sign) = if from <= to {
            (from, to, 1)
        } else {
            (to, from, -1)
        };
        let own = self
            .closed
            .range(first..=last)
            .filter(|(day, _)| **day > first && self.calendar.is_business(**day))
            .count();
        sign * (self.calendar.business_days_between(first, last)
            - i64::try_from(own).unwrap_or(i64::MAX))
    }

    /// Counts `days` of `unit` from `start`, which is day zero. Writes each step into `trace` if one is given.
    pub fn count(
        self,
        start: NaiveDate,
        days: u32,
        unit: Unit,
        stops: &[Standstill],
        trace: Option<&mut Vec<Step>>,
    ) -> Reached {
        match unit {
            Unit::Business => self.count_business(start, days, stops, trace),
            Unit::Calendar => self.count_calendar(start, days, stops, true, trace),
            // Whole days only: the hour of receipt is not kept.
            Unit::Hours => self.count_calendar(start, days.div_ceil(24), stops, false, trace),
            Unit::Months => self.count_months(start, days, unit, stops, trace),
            Unit::Years => self.count_months(start, days.saturating_mul(12), unit, stops, trace),
        }
    }

    fn count_business(
        self,
        start: NaiveDate,
        days: u32,
        stops: &[Standstill],
        mut trace: Option<&mut Vec<Step>>,
    ) -> Reached {
        let mut day = start;
        if self.lens == Lens::Latest && !self.is_business(start) {
            day = self.business_day_on_or_after(start);
            if let Some(trace) = trace.as_deref_mut() {
                let mut closed = start;
                while closed < day {
                    trace.push(Step {
                        day: closed,
                        counted: false,
                        why: self.why_closed(closed),
                    });
                    closed = next(closed);
                }
                let why = "day zero: the clock starts on the next business day".to_owned();
                trace.push(Step {
                    day,
                    counted: false,
                    why,
                });
            }
        } else if let Some(trace) = trace.as_deref_mut() {
            trace.push(Step {
                day,
                counted: false,
                why: "day zero".to_owned(),
            });
        }
        let mut counted = 0;
        while counted < days && day < NaiveDate::MAX {
            day = next(day);
            let stopped = stops.iter().find(|stop| stop.covers(day));
            if stopped.is_some_and(|stop| stop.to_on.is_none()) {
                return Reached::Standing {
                    left: days - counted,
                };
            }
            let counts = stopped.is_none() && self.is_business(day);
            counted += u32::from(counts);
            if let Some(trace) = trace.as_deref_mut() {
                let why = if counts {
                    format!("business day {counted}")
                } else if stopped.is_some() {
                    "clock stopped".to_owned()
                } else {
                    self.why_closed(day)
                };
                trace.push(Step {
                    day,
                    counted: counts,
                    why,
                });
            }
        }
        Reached::Day {
            raw_on: day,
            on: day,
        }
    }

    fn count_calendar(
        self,
        start: NaiveDate,
        days: u32,
        stops: &[Standstill],
        rolls: bool,
        mut trace: Option<&mut Vec<Step>>,
    ) -> Reached {
        if stops.is_empty() && (trace.is_none() || days > TRACED_DAYS) {
            let raw_on = start
                .checked_add_days(Days::new(u64::from(days)))
                .unwrap_or(NaiveDate::MAX);
            if let Some(trace) = trace.as_deref_mut() {
                trace.push(Step {
                    day: start,
                    counted: false,
                    why: "day zero".to_owned(),
                });
                trace.push(Step {
                    day: raw_on,
                    counted: true,
                    why: format!("calendar day {days}"),
                });
            }
            return self.rolled(raw_on, rolls, trace);
        }
        if let Some(trace) = trace.as_deref_mut() {
            trace.push(Step {
                day: start,
                counted: false,
                why: "day zero".to_owned(),
            });
        }
        let mut day = start;
        let mut counted = 0;
        while counted < days && day < NaiveDate::MAX {
            day = next(day);
            let stopped = stops.iter().find(|stop| stop.covers(day));
            if stopped.is_some_and(|stop| stop.to_on.is_none()) {
                return Reached::Standing {
                    left: days - counted,
                };
            }
            counted += u32::from(stopped.is_none());
            if let Some(trace) = trace.as_deref_mut() {
                let why = if stopped.is_some() {
                    "clock stopped".to_owned()
                } else {
                    format!("calendar day {counted}")
                };
                trace.push(Step {
                    day,
                    counted: stopped.is_none(),
                    why,
                });
            }
        }
        self.rolled(day, rolls, trace)
    }

    fn count_months(
        self,
        start: NaiveDate,
        months: u32,
        unit: Unit,
        stops: &[Standstill],
        mut trace: Option<&mut Vec<Step>>,
    ) -> Reached {
        let mut raw_on = start
            .checked_add_months(Months::new(months))
            .unwrap_or(NaiveDate::MAX);
        for stop in stops.iter().filter(|stop| start <= stop.from_on) {
            if stop.from_on >= raw_on {
                break;
            }
            match stop.to_on {
                None => {
                    let left = (raw_on - stop.from_on).num_days();
                    return Reached::Standing {
                        left: u32::try_from(left).unwrap_or(u32::MAX),
                    };
                }
                Some(to) => {
                    let stood = u64::try_from((to - stop.from_on).num_days()).unwrap_or(0);
                    raw_on = raw_on
                        .checked_add_days(Days::new(stood))
                        .unwrap_or(NaiveDate::MAX);
                }
            }
        }
        if let Some(trace) = trace.as_deref_mut() {
            let n = if unit == Unit::Years {
                months / 12
            } else {
                months
            };
            trace.push(Step {
                day: start,
                counted: false,
                why: "day zero".to_owned(),
            });
            let why = format!(
                "{} from {}",
                words::counted(i64::from(n), unit.noun()),
                words::long(start)
            );
            trace.push(Step {
                day: raw_on,
                counted: true,
                why,
            });
        }
        self.rolled(raw_on, true, trace)
    }

    /// Moves a last day that is closed to the next business day, where this lens lets it.
    fn rolled(self, raw_on: NaiveDate, rolls: bool, mut trace: Option<&mut Vec<Step>>) -> Reached {
        let mut on = raw_on;
        while rolls && on < NaiveDate::MAX && self.moves_off(on) {
            if let Some(trace) = trace.as_deref_mut() {
                if on == raw_on
                    && let Some(last) = trace.last_mut()
                {
                    last.why = format!(
                        "{}: {}, so the limit moves on",
                        last.why,
                        self.why_closed(on)
                    );
                } else {
                    trace.push(Step {
                        day: on,
                        counted: false,
                        why: self.why_closed(on),
                    });
                }
            }
            on = next(on);
        }
        if on != raw_on
            && let Some(trace) = trace
        {
            trace.push(Step {
                day: on,
                counted: false,
                why: MOVED_TO.to_owned(),
            });
        }
        Reached::Day { raw_on, on }
    }

    fn moves_off(self, day: NaiveDate) -> bool {
        let counting = self.counting;
        if self.is_business(day) {
            return false;
        }
        let kind = match day.weekday() {
            Weekday::Sat => RollDay::Saturday,
            Weekday::Sun => RollDay::Sunday,
            _ => RollDay::Holiday,
        };
        let sure = counting
            .rolls_surely_off
            .as_deref()
            .is_none_or(|days| days.contains(&kind));
        match self.lens {
            Lens::Latest => counting.rolls_forward || counting.rolls_surely_off.is_some() && sure,
            Lens::Earliest => {
                counting.rolls_forward && sure && counting.confidence == Confidence::TwoSources
            }
        }
    }

    fn why_closed(self, day: NaiveDate) -> String {
        match self.day(day) {
            Day::Closed { why } => why,
            Day::Business => "business day".to_owned(),
        }
    }
}

fn next(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(NaiveDate::MAX)
}
