//! Limits without their explanation, for a sweep over many requests: which fall due within some days.
//!
//! Only what counts from one known day, with no pause and no more time; a request with either goes through
//! [`super::clocks`]. A property test holds the two against each other.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::reach::{Lens, Reached, Ruler};
use crate::law::{Duty, HolderKind, Jurisdiction, Readings, Who};

/// One duty of one law, ready to be counted from many days.
pub struct Counter<'j> {
    jurisdiction: &'j Jurisdiction,
    duty: &'j Duty,
    readings: std::sync::Arc<Readings>,
    none_closed: BTreeMap<NaiveDate, String>,
}

impl<'j> Counter<'j> {
    /// `None` where the law fixes no number, or where the limit depends on more than its start: a reading or a second
    /// limit that counts from another event.
    pub fn new(
        jurisdiction: &'j Jurisdiction,
        duty: &'j Duty,
        holder: HolderKind,
        county: Option<&str>,
    ) -> Option<Counter<'j>> {
        let plain = duty.days.is_some()
            && duty.unit.is_some()
            && duty.earlier_of.is_empty()
            && duty.later_of.is_empty()
            && duty.readings.iter().all(|reading| reading.from.is_none());
        plain.then(|| Counter {
            jurisdiction,
            duty,
            readings: jurisdiction.calendars(holder, county),
            none_closed: BTreeMap::new(),
        })
    }

    /// The limit of a count from `start`: the agency's by the latest reading, ours by the earliest.
    pub fn due_on(&self, start: NaiveDate) -> Option<NaiveDate> {
        let (days, unit) = (self.duty.days?, self.duty.unit?);
        let agency = self.duty.who == Who::Agency;
        // Each reading of the days is latest under the latest lens, and earliest under the earliest.
        let (lens, calendar) = if agency {
            (Lens::Latest, &self.readings.latest)
        } else {
            (Lens::Earliest, &self.readings.earliest)
        };
        let ruler = Ruler::new(
            &self.jurisdiction.counting,
            calendar,
            &self.none_closed,
            lens,
        );
        let reach = |days, unit| match ruler.count(start, days, unit, &[], None) {
            Reached::Day { on, .. } => on,
            Reached::Standing { .. } => start,
        };
        let mut due_on = reach(days, unit);
        let others = self.duty.days_to.map(|to| (to, unit)).into_iter().chain(
            self.duty
                .readings
                .iter()
                .map(|reading| (reading.days.unwrap_or(days), reading.unit.unwrap_or(unit))),
        );
        for (days, unit) in others {
            let other = reach(days, unit);
            due_on = if agency {
                due_on.max(other)
            } else {
                due_on.min(other)
            };
        }
        Some(due_on)
    }
}

/// How many of these starts have their limit from `from` to `until`, both included. One pass, no allocation.
pub fn due_between(
    counter: &Counter<'_>,
    starts: &[NaiveDate],
    from: NaiveDate,
    until: NaiveDate,
) -> usize {
    starts
        .iter()
        .filter_map(|start| counter.due_on(*start))
        .filter(|due_on| (from..=until).contains(due_on))
        .count()
}
