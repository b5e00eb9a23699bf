//! A day that the agency itself set for us: answer by then, pay by then, or the request is closed.
//!
//! No law is behind it, so the clock cites the agency's letter. Whoever misses it begins again, so it is a limit of
//! ours like any other, by the earliest reading: a day on which the office is shut moves to the open day before it.

use chrono::NaiveDate;

use super::bench::Bench;
use super::clock::{ClockState, DutyClock};
use super::facts::Facts;
use super::happened::EventKind;
use super::sentence;
use crate::calendar::Step;
use crate::calendar::words::long;
use crate::law::{Confidence, Deed, Jurisdiction, Kind};

/// What its letter wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Answer,
    Payment,
}

impl Wanted {
    fn of(kind: EventKind) -> Option<(Wanted, NaiveDate)> {
        match kind {
            EventKind::AnswerWanted { by } => by.map(|by| (Wanted::Answer, by)),
            EventKind::PaymentWanted { by } => by.map(|by| (Wanted::Payment, by)),
            _ => None,
        }
    }

    fn deed(self) -> Deed {
        match self {
            Wanted::Answer => Deed::AnswerClarification,
            Wanted::Payment => Deed::PayDeposit,
        }
    }

    fn heading(self) -> &'static str {
        match self {
            Wanted::Answer => "Our answer, by their date",
            Wanted::Payment => "Our payment, by their date",
        }
    }

    /// After "must".
    fn to_do(self) -> &'static str {
        match self {
            Wanted::Answer => "answer the agency's question",
            Wanted::Payment => "pay what the agency asked, or have it waived,",
        }
    }

    fn is_met_by(self, kind: EventKind) -> bool {
        match self {
            Wanted::Answer => matches!(
                kind,
                EventKind::ClarificationAnswered | EventKind::Narrowed | EventKind::Resumed
            ),
            // To contest a fee does not pay it: until the agency answers, its date stands.
            Wanted::Payment => matches!(kind, EventKind::Paid | EventKind::FeeWaived),
        }
    }
}

/// Nothing is left to answer or to pay for.
fn is_moot_after(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::Produced | EventKind::Partial | EventKind::Denied | EventKind::NoRecords
    )
}

/// The limits that the agency's letters set for us, as they stand at the end of `as_of`. A later letter that sets a new
/// day for the same thing takes the place of the earlier one.
pub(super) fn clocks(
    jurisdiction: &Jurisdiction,
    facts: &Facts,
    as_of: NaiveDate,
) -> Vec<DutyClock> {
    let wanted = |kind: EventKind| Wanted::of(kind).is_some();
    if !facts.events.iter().any(|(kind, _)| wanted(*kind)) {
        return Vec::new();
    }
    let bench = Bench::new(jurisdiction, facts, as_of);
    [Wanted::Answer, Wanted::Payment]
        .into_iter()
        .filter_map(|wanted| {
            let of_it = |kind: EventKind| Wanted::of(kind).filter(|(known, _)| *known == wanted);
            let mut set = bench
                .facts
                .events
                .iter()
                .filter_map(|(kind, on)| of_it(*kind).map(|(_, by)| (*on, by)));
            let (on, by) = set.next_back()?;
            Some(clock(&bench, wanted, on, by, set.next_back()))
        })
        .collect()
}

fn clock(
    bench: &Bench<'_>,
    wanted: Wanted,
    on: NaiveDate,
    by: NaiveDate,
    before: Option<(NaiveDate, NaiveDate)>,
) -> DutyClock {
    let as_of = bench.as_of;
    let due_on = bench.open_day_on_or_before(by);
    let first = |wanted: &dyn Fn(EventKind, NaiveDate) -> bool| {
        let events = bench.facts.events.iter();
        let mut days = events.filter(|(kind, day)| wanted(*kind, *day));
        days.next().map(|(_, day)| *day)
    };
    let met_on =
        first(&|kind, day| day >= on && wanted.is_met_by(kind) || day > on && is_moot_after(kind));
    let closed_on = first(&|kind, _| kind == EventKind::Closed);
    let ended_on = met_on.or(closed_on).unwrap_or(as_of);
    let state = match (met_on, closed_on) {
        (Some(_), _) => ClockState::Met,
        (None, Some(_)) => ClockState::Closed,
        (None, None) if due_on < as_of => ClockState::Late,
        (None, None) => ClockState::Running,
    };
    let mut notes = vec![
        "This day is the agency's own, from its letter; limits of the law stand beside it. If it is too short, ask in writing for more time before it passes.".to_owned(),
    ];
    if due_on != by {
        notes.push(format!(
            "The letter says {}, a day on which the office is shut: be there on the open day before it.",
            long(by)
        ));
    }
    if let Some((earlier, named)) = before {
        notes.push(format!(
            "Their letter of {} had set {}; the later letter is followed.",
            long(earlier),
            long(named)
        ));
    }
    let mut clock = DutyClock {
        duty: wanted.deed().as_str().to_owned(),
        kind: Kind::Fixed,
        days: None,
        unit: None,
        due_on: Some(due_on),
        citation: format!("the agency's letter of {}", long(on)),
        confidence: Confidence::OneSource,
        trace: vec![Step {
            day: due_on,
            counted: true,
            why: "the day that they set".to_owned(),
        }],
        id: match wanted {
            Wanted::Answer => "answer-by-their-date".to_owned(),
            Wanted::Payment => "pay-by-their-date".to_owned(),
        },
        ours: true,
        state,
        earliest_on: Some(due_on),
        latest_on: Some(by),
        counted_from: Some(on),
        counted_from_what: "the agency's letter".to_owned(),
        met_on,
        days_late: (due_on < ended_on).then(|| (ended_on - due_on).num_days()),
        sentence: String::new(),
        predicate: String::new(),
        says: match wanted {
            Wanted::Answer => "The agency asked us something and set this day for our answer.",
            Wanted::Payment => "The agency asked for money and set this day for it.",
        }
        .to_owned(),
        heading: wanted.heading().to_owned(),
        applies: None,
        notes,
        more_time: None,
        silence: None,
        filing: None,
        sources: Vec::new(),
    };
    let left = (due_on - as_of).num_days();
    clock.predicate = sentence::predicate(&clock, wanted.to_do(), Some(left));
    clock.sentence = sentence::sentence(&clock, wanted.deed());
    clock
}

#[cfg(test)]
mod tests {
    use super::super::tables::{day, law};
    use super::super::{ClockState, DutyClock, EventKind, Facts, clocks};
    use crate::law::HolderKind;

    fn wanted(events: &[(EventKind, &str)], as_of: &str) -> Vec<DutyClock> {
        let facts = Facts {
            received_on: Some(day("2026-11-02")),
            holder: HolderKind::Sheriff,
            events: events.iter().map(|(kind, on)| (*kind, day(on))).collect(),
            ..Facts::default()
        };
        clocks(law("CA"), &facts, day(as_of))
            .into_iter()
            .filter(|clock| clock.id.ends_with("their-date"))
            .collect()
    }

    fn pay(by: &str) -> EventKind {
        EventKind::PaymentWanted { by: Some(day(by)) }
    }

    #[test]
    fn their_date_is_a_limit_of_ours_until_it_is_met() {
        let asked = (pay("2026-12-18"), "2026-11-25");
        let [clock] = &wanted(&[asked], "2026-12-01")[..] else {
            panic!("one limit")
        };
        assert!(clock.ours && clock.state == ClockState::Running);
        assert_eq!(clock.due_on, Some(day("2026-12-18")));
        assert_eq!(clock.citation, "the agency's letter of Wed 25 Nov 2026");
        assert_eq!(
            clock.sentence,
            "We must pay what the agency asked, or have it waived, by Friday 18 December 2026, in 17 days."
        );
        let state = |events: &[(EventKind, &str)], as_of| wanted(events, as_of)[0].state;
        assert_eq!(state(&[asked], "2026-12-19"), ClockState::Late);
        // To contest it is not to pay it.
        let contested = [asked, (EventKind::FeeAnswered, "2026-12-01")];
        assert_eq!(state(&contested, "2026-12-02"), ClockState::Running);
        for done in [EventKind::Paid, EventKind::FeeWaived, EventKind::Produced] {
            assert_eq!(
                state(&[asked, (done, "2026-12-01")], "2026-12-02"),
                ClockState::Met
            );
        }
        // What came with the demand does not settle it.
        let with = [asked, (EventKind::Denied, "2026-11-25")];
        assert_eq!(state(&with, "2026-12-02"), ClockState::Running);
        assert!(wanted(&[asked], "2026-11-24").is_empty(), "it had not come");
    }

    #[test]
    fn a_shut_day_is_met_the_open_day_before_and_a_later_letter_is_followed() {
        // Sunday 20 December 2026.
        let [clock] = &wanted(&[(pay("2026-12-20"), "2026-11-25")], "2026-12-01")[..] else {
            panic!("one limit")
        };
        assert_eq!(clock.due_on, Some(day("2026-12-18")));
        assert!(
            clock.notes[1].contains("Sun 20 Dec 2026"),
            "{:?}",
            clock.notes
        );
        let answer = EventKind::AnswerWanted {
            by: Some(day("2026-12-09")),
        };
        let both = [
            (pay("2026-12-10"), "2026-11-25"),
            (answer, "2026-11-26"),
            (pay("2027-01-08"), "2026-12-02"),
        ];
        let found = wanted(&both, "2026-12-03");
        let due: Vec<_> = found.iter().filter_map(|clock| clock.due_on).collect();
        assert_eq!(due, [day("2026-12-09"), day("2027-01-08")]);
        assert!(found[1].notes[1].contains("Thu 10 Dec 2026"));
        // Before the second letter the first stood.
        let found = wanted(&both, "2026-12-01");
        assert_eq!(found[1].due_on, Some(day("2026-12-10")));
        let answered = [both[1], (EventKind::Narrowed, "2026-12-01")];
        assert_eq!(wanted(&answered, "2026-12-03")[0].state, ClockState::Met);
    }
}
