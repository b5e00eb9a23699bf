//! A step that a person records because the clocks depend on it: what may be recorded, and what must be said with it.
//!
//! Replies of the agency are sorted as replies; a step is what no reply tells, or what we did ourselves.

use chrono::NaiveDate;

use super::facts::Facts;
use super::happened::EventKind;
use crate::domain::event::Happening;
use crate::law::Ground;

/// What may be recorded, the agency's first, then ours.
pub const STEPS: [EventKind; 17] = [
    EventKind::Extended {
        to: None,
        noticed: None,
    },
    EventKind::Paused { ground: None },
    EventKind::Resumed,
    EventKind::ThirdPartyNotified,
    EventKind::Instalment,
    EventKind::DenialReceived,
    EventKind::RulingRequested,
    EventKind::AppealDecided,
    EventKind::FeeWaived,
    EventKind::ClarificationAnswered,
    EventKind::Narrowed,
    EventKind::FeeAnswered,
    EventKind::Paid,
    EventKind::FormalRequest,
    EventKind::Appealed,
    EventKind::Complained,
    EventKind::Sued,
];

/// What a person typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub kind: EventKind,
    pub on: NaiveDate,
    /// For more time: the date that the agency named.
    pub until: Option<NaiveDate>,
    /// For a stopped clock: why.
    pub ground: Option<Ground>,
    /// For more time: whether we had the notice.
    pub notice_seen: Option<bool>,
    /// Evidence: what shows it, where it lies.
    pub note: String,
}

/// What is wrong with a step, with the field it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepProblem {
    pub field: &'static str,
    pub says: String,
}

impl Step {
    /// Checks a step against what is known of the request, on the agency's `today`.
    ///
    /// # Errors
    /// The first thing that does not fit, with its field and what to do.
    pub fn check(&self, facts: &Facts, today: NaiveDate) -> Result<(), StepProblem> {
        let wrong = |field, says: &str| {
            Err(StepProblem {
                field,
                says: says.to_owned(),
            })
        };
        if !STEPS
            .iter()
            .any(|known| known.as_str() == self.kind.as_str())
        {
            return wrong("step", "Choose what happened from the list.");
        }
        if self.on > today {
            return wrong(
                "on",
                "That day is still to come. Record it when it has happened.",
            );
        }
        match facts.received_on {
            None => {
                return wrong(
                    "step",
                    "No receipt is recorded for this request, so no clock runs. Record the receipt first.",
                );
            }
            Some(received_on) if self.on < received_on => {
                return wrong(
                    "on",
                    "That day lies before the agency had the request. Check the day, or correct the receipt.",
                );
            }
            Some(_) => {}
        }
        let had = |wanted: fn(&EventKind) -> bool| {
            facts
                .events
                .iter()
                .any(|(kind, day)| *day <= self.on && wanted(kind))
        };
        match self.kind {
            EventKind::Extended { .. } if self.until.is_some_and(|until| until <= self.on) => {
                return wrong(
                    "until",
                    "The date they name must lie after the day of their notice.",
                );
            }
            EventKind::Extended { .. } if self.notice_seen.is_none() => {
                return wrong(
                    "notice_seen",
                    "Say whether you have seen their notice: some laws ask for one.",
                );
            }
            EventKind::Paused { .. } if self.ground.is_none() => {
                return wrong(
                    "ground",
                    "Say why the clock was stopped: laws allow only some grounds.",
                );
            }
            EventKind::Resumed
                if !had(|kind| {
                    matches!(
                        kind,
                        EventKind::Paused { .. }
                            | EventKind::ClarificationAsked
                            | EventKind::FeeAsked
                            | EventKind::ThirdPartyNotified
                    )
                }) =>
            {
                return wrong(
                    "step",
                    "Nothing is recorded that stopped a clock before that day.",
                );
            }
            EventKind::ClarificationAnswered
                if !had(|kind| *kind == EventKind::ClarificationAsked) =>
            {
                return wrong(
                    "step",
                    "No question of the agency is recorded before that day. Sort its letter as a question first.",
                );
            }
            EventKind::Paid | EventKind::FeeAnswered | EventKind::FeeWaived
                if !had(|kind| *kind == EventKind::FeeAsked) =>
            {
                return wrong(
                    "step",
                    "No fee demand of the agency is recorded before that day. Sort its letter as a fee demand first.",
                );
            }
            EventKind::AppealDecided
                if !had(|kind| matches!(kind, EventKind::Appealed | EventKind::Complained)) =>
            {
                return wrong(
                    "step",
                    "No appeal or complaint of ours is recorded before that day. Record it first.",
                );
            }
            _ => {}
        }
        if facts
            .events
            .iter()
            .any(|(kind, day)| *day == self.on && kind.as_str() == self.kind.as_str())
        {
            return wrong("step", "This is recorded for that day already.");
        }
        Ok(())
    }

    /// As the log keeps it.
    pub fn happening(&self) -> Happening {
        let extended = matches!(self.kind, EventKind::Extended { .. });
        let paused = matches!(self.kind, EventKind::Paused { .. });
        Happening::StepRecorded {
            step: self.kind.as_str().to_owned(),
            on: self.on,
            until: self.until.filter(|_| extended),
            ground: self
                .ground
                .filter(|_| paused)
                .map(|ground| ground.as_str().to_owned()),
            notice_seen: self.notice_seen.filter(|_| extended),
            note: self.note.clone(),
            letter: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tables::day;
    use super::*;

    fn step(kind: EventKind, on: &str) -> Step {
        Step {
            kind,
            on: day(on),
            until: None,
            ground: None,
            notice_seen: None,
            note: String::new(),
        }
    }

    #[test]
    fn what_does_not_fit_is_said_beside_its_field() {
        let facts = Facts {
            received_on: Some(day("2026-01-16")),
            events: vec![(EventKind::Appealed, day("2026-01-20"))],
            ..Facts::default()
        };
        let extended = EventKind::Extended {
            to: None,
            noticed: None,
        };
        let paused = EventKind::Paused { ground: None };
        for (kind, on, field) in [
            (EventKind::Sued, "2026-02-10", "on"),
            (EventKind::Sued, "2026-01-15", "on"),
            (extended, "2026-01-20", "notice_seen"),
            (paused, "2026-01-20", "ground"),
            (EventKind::Resumed, "2026-01-20", "step"),
            (EventKind::Paid, "2026-01-20", "step"),
            (EventKind::ClarificationAnswered, "2026-01-20", "step"),
            (EventKind::AppealDecided, "2026-01-19", "step"),
            (EventKind::Appealed, "2026-01-20", "step"),
            (EventKind::Denied, "2026-01-20", "step"),
        ] {
            let problem = step(kind, on)
                .check(&facts, day("2026-02-01"))
                .expect_err(kind.as_str());
            assert_eq!(problem.field, field, "{}: {}", kind.as_str(), problem.says);
        }
        for (kind, on) in [
            (EventKind::Sued, "2026-02-01"),
            (EventKind::AppealDecided, "2026-01-25"),
            (EventKind::Narrowed, "2026-01-16"),
        ] {
            assert_eq!(step(kind, on).check(&facts, day("2026-02-01")), Ok(()));
        }
        let nothing = Facts::default();
        assert!(
            step(EventKind::Sued, "2026-01-20")
                .check(&nothing, day("2026-02-01"))
                .is_err()
        );
    }
}
