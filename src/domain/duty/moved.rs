//! What a change moved: the clocks of a request before it and after it, told as sentences.

use chrono::NaiveDate;
use serde::Serialize;

use super::clock::{ClockState, DutyClock};
use crate::calendar::words::long;

/// One clock that a change moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The rule's name in the law file.
    pub id: String,
    pub heading: String,
    pub ours: bool,
    pub before_on: Option<NaiveDate>,
    pub after_on: Option<NaiveDate>,
    /// "Records: the limit moves from Mon 2 Feb 2026 to Fri 13 Feb 2026."
    pub says: String,
}

/// The clocks whose limit or state differs, in the order of the law file. Both lists are of one request and one day.
pub fn moved(before: &[DutyClock], after: &[DutyClock]) -> Vec<Moved> {
    let mut all = Vec::new();
    for now in after {
        let old = before.iter().find(|old| old.id == now.id);
        if let Some(what) = told(old, now) {
            all.push(Moved {
                id: now.id.clone(),
                heading: now.heading.clone(),
                ours: now.ours,
                before_on: old.and_then(|old| old.due_on),
                after_on: now.due_on,
                says: format!("{}: {what}.", now.heading),
            });
        }
    }
    for old in before {
        if !after.iter().any(|now| now.id == old.id) {
            all.push(Moved {
                id: old.id.clone(),
                heading: old.heading.clone(),
                ours: old.ours,
                before_on: old.due_on,
                after_on: None,
                says: format!("{}: this limit no longer applies.", old.heading),
            });
        }
    }
    all
}

fn told(old: Option<&DutyClock>, now: &DutyClock) -> Option<String> {
    let was = old.map_or(ClockState::NotStarted, |old| old.state);
    let before = old.and_then(|old| old.due_on);
    if was == now.state && before == now.due_on && old.and_then(|o| o.met_on) == now.met_on {
        return None;
    }
    Some(match (before, now.due_on, now.state) {
        (_, _, ClockState::Met) if was != ClockState::Met => {
            let on = now.met_on.map(long).unwrap_or_default();
            match now.days_late {
                Some(_) => format!("met on {on}, late"),
                None => format!("met on {on}"),
            }
        }
        (Some(before), None, ClockState::Paused) => {
            format!("the clock stands still; its limit was {}", long(before))
        }
        (None, Some(after), _) if was == ClockState::Paused => {
            format!("the clock runs again, to {}", long(after))
        }
        (None, Some(after), _) => format!("this limit now runs, to {}", long(after)),
        (Some(before), Some(after), _) if before != after => {
            format!("the limit moves from {} to {}", long(before), long(after))
        }
        (Some(before), None, _) => {
            format!("the limit of {} no longer stands", long(before))
        }
        (_, _, ClockState::NotStarted) => {
            format!(
                "it no longer runs: {} has not happened",
                now.counted_from_what
            )
        }
        (_, _, ClockState::Closed) => "closed with the request".to_owned(),
        (_, _, ClockState::NoneFixed) => "due, with no day fixed by the law".to_owned(),
        (Some(on), Some(_), ClockState::Late) => format!("the limit of {} has passed", long(on)),
        (Some(on), Some(_), ClockState::Running) => {
            format!("open again, with the limit {}", long(on))
        }
        _ => "it stands differently now".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tables::{day, law};
    use super::super::{EventKind, Facts, clocks};
    use super::*;
    use crate::law::Ground;

    fn sheet(events: &[(EventKind, &str)]) -> Vec<DutyClock> {
        let facts = Facts {
            received_on: Some(day("2026-01-16")),
            events: events.iter().map(|(kind, on)| (*kind, day(on))).collect(),
            ..Facts::default()
        };
        clocks(law("VA"), &facts, day("2026-01-22"))
    }

    #[test]
    fn a_change_is_told_clock_by_clock() {
        let asked = [(EventKind::FeeAsked, "2026-01-21")];
        let says = |before: &[DutyClock], after: &[DutyClock]| {
            moved(before, after)
                .into_iter()
                .map(|moved| moved.says)
                .collect::<Vec<_>>()
                .join(" ")
        };
        let stopped = says(&sheet(&[]), &sheet(&asked));
        assert!(
            stopped.contains("the clock stands still; its limit was"),
            "{stopped}"
        );
        let paid = [asked[0], (EventKind::Paid, "2026-01-22")];
        let again = says(&sheet(&asked), &sheet(&paid));
        assert!(again.contains("the clock runs again, to"), "{again}");
        let waived = [asked[0], (EventKind::FeeWaived, "2026-01-22")];
        assert_eq!(says(&sheet(&asked), &sheet(&waived)), again);
        let denied = says(&sheet(&[]), &sheet(&[(EventKind::Denied, "2026-01-21")]));
        assert!(denied.contains("met on Wed 21 Jan 2026"), "{denied}");
        assert!(moved(&sheet(&asked), &sheet(&asked)).is_empty());
        // Virginia lets no third party stop its clock.
        let third = EventKind::Paused {
            ground: Some(Ground::ThirdParty),
        };
        let unmoved = moved(&sheet(&[]), &sheet(&[(third, "2026-01-21")]));
        assert!(unmoved.is_empty(), "{unmoved:?}");
    }
}
