//! Duties: what the law makes an agency, or us, do by when, computed from a request's events.
//!
//! [`clocks`] takes a jurisdiction, the facts of a request and a day, and gives every duty with its limit, how it was
//! counted, whether it was met and how late it is. Limits of the agency follow the latest reasonable reading, ours the
//! earliest. Not here: the rules themselves (`law`), what today is, any page.
//! May import `calendar`, `law` and earlier stages. Pure.

mod bench;
mod clock;
mod completed;
mod explain;
mod facts;
mod happened;
mod limits;
mod more_time;
mod moved;
mod reach;
mod sentence;
mod sheet;
mod step;
mod sweep;
mod wanted;

use chrono::NaiveDate;

use crate::calendar::Calendar;
use crate::law::{Jurisdiction, Unit};

pub use crate::law::HolderKind;
pub use clock::{ClockState, DutyClock, Filing, FilingWay, MoreTime, SilenceClock, SourceRef};
pub use explain::{ADDED, NAMED};
pub use facts::{Body, Facts};
pub use happened::EventKind;
pub use moved::{Moved, moved};
pub use sheet::ClockSheet;
pub use step::{STEPS, Step, StepProblem};
pub use sweep::{Counter, due_between};

/// Every duty that applies to these facts, in the order of the law file, and the days that the agency's own letters set
/// for us, as they stand at the end of `as_of`.
/// Events after `as_of` are left out.
pub fn clocks(jurisdiction: &Jurisdiction, facts: &Facts, as_of: NaiveDate) -> Vec<DutyClock> {
    let mut all = completed::clocks(jurisdiction, facts, as_of)
        .unwrap_or_else(|| bench::Bench::new(jurisdiction, facts, as_of).clocks());
    all.extend(wanted::clocks(jurisdiction, facts, as_of));
    all
}

/// The `n`th business day before `day`.
pub fn next_business_day_before(calendar: &Calendar, day: NaiveDate, n: u32) -> NaiveDate {
    calendar.sub_business_days(day, n)
}

/// The `n`th business day after `day`.
pub fn next_business_day_after(calendar: &Calendar, day: NaiveDate, n: u32) -> NaiveDate {
    calendar.add_business_days(day, n)
}

/// The day on which the law takes a request as received when it was sent by that channel (`email`, `mail`) on
/// `sent_on`; `None` where the law says nothing and the evidence alone decides.
pub fn deemed_received_on(
    jurisdiction: &Jurisdiction,
    channel: &str,
    sent_on: NaiveDate,
) -> Option<NaiveDate> {
    let rule = jurisdiction
        .receipts
        .iter()
        .find(|rule| rule.sent_by == channel)?;
    Some(match rule.unit {
        Unit::Business => jurisdiction
            .calendar()
            .add_business_days(sent_on, rule.days),
        _ => sent_on + chrono::Days::new(u64::from(rule.days)),
    })
}

#[cfg(test)]
mod kinds;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tables;
