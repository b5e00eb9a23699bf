//! A duty in one plain sentence.

use super::clock::{ClockState, DutyClock, MoreTime};
use crate::calendar::words::{counted, spoken};
use crate::law::{Deed, Unit};

/// What stands after a name: "must acknowledge the request by Monday 26 January 2026, in 3 business days".
/// `left` is the time to the limit in the law's unit (days for hours, months and years).
/// `to_do` stands after "must".
pub(super) fn predicate(clock: &DutyClock, to_do: &str, left: Option<i64>) -> String {
    match (clock.state, clock.due_on) {
        (ClockState::Running, Some(due_on)) => {
            format!(
                "must {to_do} by {}, {}",
                spoken(due_on),
                in_days(left.unwrap_or(0), noun(clock))
            )
        }
        (ClockState::Late, Some(due_on)) => {
            format!("had to {to_do} by {}, {} ago", spoken(due_on), late(clock))
        }
        (ClockState::Met, _) => match (clock.met_on, clock.due_on) {
            (Some(met_on), Some(due_on)) if clock.days_late.is_some() => {
                format!(
                    "had to {to_do} by {} and did on {}, {} late",
                    spoken(due_on),
                    spoken(met_on),
                    late(clock)
                )
            }
            (Some(met_on), Some(due_on)) => {
                format!(
                    "had to {to_do} by {} and did in time, on {}",
                    spoken(due_on),
                    spoken(met_on)
                )
            }
            (Some(met_on), None) => format!("did so on {}; {}", spoken(met_on), none_fixed(clock)),
            (None, _) => format!("did {to_do}"),
        },
        (ClockState::Closed, Some(due_on)) => match clock.days_late {
            Some(_) => format!(
                "had to {to_do} by {}; the request was closed {} after that",
                spoken(due_on),
                late(clock)
            ),
            None => format!(
                "had until {} to {to_do}; the request was closed before that",
                spoken(due_on)
            ),
        },
        (ClockState::Closed, None) => "the request was closed".to_owned(),
        (ClockState::Paused, _) => format!("must {to_do}, but the clock is stopped"),
        (ClockState::NoneFixed, _) => format!("must {to_do}; {}", none_fixed(clock)),
        _ => format!(
            "must {to_do}, counted from {}, which has not happened",
            clock.counted_from_what
        ),
    }
}

/// The whole sentence with its subject.
pub(super) fn sentence(clock: &DutyClock, deed: Deed) -> String {
    let subject = if clock.ours {
        "We"
    } else if deed == Deed::DecideAppeal {
        "The appeal body"
    } else {
        "The agency"
    };
    let predicate = match clock.state {
        ClockState::Closed if clock.due_on.is_none() => {
            return "The request was closed.".to_owned();
        }
        _ => &clock.predicate,
    };
    format!("{subject} {predicate}.")
}

/// What an extension came to.
pub(super) fn more_time(more: &MoreTime) -> String {
    let named = more.named_on.map_or_else(|| "no date".to_owned(), spoken);
    let taken = spoken(more.taken_on);
    match (more.beyond_law, more.allowed_until) {
        (false, Some(until)) => {
            format!(
                "On {taken} the agency took more time and named {named}; the law allows it until {}.",
                spoken(until)
            )
        }
        (false, None) => format!("On {taken} the agency took more time and named {named}."),
        (true, Some(until)) => format!(
            "On {taken} the agency took more time and named {named}, but the law allows it only until {}.",
            spoken(until)
        ),
        (true, None) => format!(
            "On {taken} the agency took more time and named {named}; {}, so the limit stays.",
            more.why_not
                .as_deref()
                .unwrap_or("the law does not allow this")
        ),
    }
}

fn noun(clock: &DutyClock) -> &'static str {
    match clock.unit {
        Some(Unit::Business) => "business day",
        _ => "day",
    }
}

fn late(clock: &DutyClock) -> String {
    counted(clock.days_late.unwrap_or(0), noun(clock))
}

fn in_days(left: i64, noun: &str) -> String {
    match left {
        0 => "today".to_owned(),
        n => format!("in {}", counted(n, noun)),
    }
}

fn none_fixed(clock: &DutyClock) -> String {
    let plain = clock.kind.plain();
    let mut letters = plain.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}
