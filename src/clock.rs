//! The only reader of "now". Everything else is handed an instant or a day.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use chrono_tz::Tz;

/// Where "now" comes from: the system, or a hand that tests and the demo move.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    Hand(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    /// A clock that stands still at `at` until it is moved by [`Clock::set`].
    pub fn standing_at(at: DateTime<Utc>) -> Clock {
        Clock::Hand(Arc::new(Mutex::new(at)))
    }

    /// The present instant in UTC, cut to whole microseconds: the finest that both databases keep.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Clock::System => Utc::now().trunc_subsecs(6),
            Clock::Hand(at) => *at.lock().unwrap_or_else(|poisoned| poisoned.into_inner()),
        }
    }

    /// Moves a hand clock. On the system clock this does nothing.
    pub fn set(&self, to: DateTime<Utc>) {
        if let Clock::Hand(at) = self {
            *at.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = to;
        }
    }
}

/// The calendar day that `at` falls on in `zone`.
pub fn day_in(zone: Tz, at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}
