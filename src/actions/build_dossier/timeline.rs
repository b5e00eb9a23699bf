//! One request as the packet tells it: its events and its clocks, folded into a row.

use chrono::NaiveDate;

use crate::actions::read_clocks::facts;
use crate::domain::duty::{ClockState, DutyClock, clocks};
use crate::domain::event::{Event, Happening, ReplyKind, that_count};
use crate::domain::packet::{Delay, Due, Receipt, RequestRow};
use crate::domain::request::{Items, Request, standing};
use crate::law::{Jurisdiction, Kind, Unit};
use crate::store::agencies::Agency;
use crate::store::closings::Closings;

/// A request that was sent, with what the findings need of it.
pub(super) struct Told {
    pub(super) row: RequestRow,
    /// The last thing that the agency did, as it follows on "has".
    pub(super) said: Option<String>,
    /// Records came back, in whole or in part.
    pub(super) produced: bool,
}

/// None where the request was not sent.
pub(super) fn tell(
    request: &Request,
    records: Vec<String>,
    agency: &Agency,
    closings: &Closings,
    law: &Jurisdiction,
    events: &[Event],
    today: NaiveDate,
) -> Option<Told> {
    let stands = standing(events);
    let sent_on = stands
        .sent_at
        .map(|at| crate::clock::day_in(agency.time_zone, at))?;
    let mut sorted: Vec<(ReplyKind, NaiveDate, Option<NaiveDate>)> = Vec::new();
    // A word on some items is no answer to the request; what came with it came all the same.
    let mut items = Items::default();
    let mut came_in_part: Option<NaiveDate> = None;
    for event in that_count(events) {
        if let Happening::ReplySorted {
            what,
            on,
            until,
            detail,
            ..
        } = &event.what
        {
            let meaning = items.take(*what, *on, detail);
            if let Some((whole, on)) = meaning.whole {
                sorted.push((whole, on, *until));
            }
            if matches!(meaning.part, Some(ReplyKind::Produced | ReplyKind::Partial)) {
                came_in_part = Some(came_in_part.map_or(*on, |before| before.min(*on)));
            }
        }
    }
    sorted.sort_by_key(|(_, on, _)| *on);
    let first = |wanted: fn(ReplyKind) -> bool| sorted.iter().find(|(kind, _, _)| wanted(*kind));
    let answer = first(|kind| {
        matches!(
            kind,
            ReplyKind::Determined
                | ReplyKind::Denied
                | ReplyKind::Partial
                | ReplyKind::NoRecords
                | ReplyKind::Produced
        )
    })
    .copied();
    let produced_on = first(|kind| matches!(kind, ReplyKind::Produced | ReplyKind::Partial))
        .map(|(_, on, _)| *on)
        .into_iter()
        .chain(came_in_part)
        .min();
    let facts = facts(agency, closings, events);
    let all = clocks(law, &facts, today);
    let clock = telling(&all, answer.is_some());
    let answered_on = answer.map(|(_, on, _)| on);
    let row = RequestRow {
        number: request.reference.to_string(),
        agency: agency.name.clone(),
        records,
        law: law.law.name.clone(),
        citation: law.law.citation.clone(),
        sent_on: Some(sent_on),
        receipt: stands.received.map(|received| Receipt {
            on: received.on,
            how: received.evidence.plain().to_owned(),
        }),
        acknowledged_on: first(|kind| kind == ReplyKind::Acknowledged).map(|(_, on, _)| *on),
        due: due(clock),
        extended_to: sorted
            .iter()
            .rev()
            .find(|(kind, _, _)| *kind == ReplyKind::Extended)
            .and_then(|(_, _, until)| *until),
        answered_on,
        answer: answer.map(|(kind, _, _)| kind.plain().to_owned()),
        produced_on,
        delay: delay(clock, facts.received_on, answered_on, today),
        ours: String::new(),
        as_of: today,
    };
    Some(Told {
        row,
        said: sorted.last().and_then(|(kind, _, _)| said(*kind)),
        produced: produced_on.is_some(),
    })
}

/// The clock that tells how the agency stands: the worst that is late, else the next to fall due, else the last that
/// was met, else one without a number. While nothing was answered, a met acknowledgment says nothing about the answer.
fn telling(all: &[DutyClock], answered: bool) -> Option<&DutyClock> {
    let agencys: Vec<&DutyClock> = all
        .iter()
        .filter(|clock| {
            !clock.ours && !matches!(clock.duty.as_str(), "decide_appeal" | "seek_ruling")
        })
        .filter(|clock| answered || clock.state != ClockState::Met)
        .collect();
    let state = |wanted: ClockState| {
        agencys
            .iter()
            .copied()
            .filter(move |clock| clock.state == wanted)
    };
    state(ClockState::Late)
        .max_by_key(|clock| clock.days_late)
        .or_else(|| {
            agencys
                .iter()
                .copied()
                .filter(|clock| matches!(clock.state, ClockState::Running | ClockState::Paused))
                .min_by_key(|clock| clock.due_on.unwrap_or(NaiveDate::MAX))
        })
        .or_else(|| {
            state(ClockState::Met)
                .filter(|clock| clock.kind == Kind::Fixed)
                .max_by_key(|clock| clock.due_on)
        })
        .or_else(|| state(ClockState::NoneFixed).next())
        .or_else(|| state(ClockState::Met).next())
        .or_else(|| agencys.first().copied())
}

fn due(clock: Option<&DutyClock>) -> Due {
    let Some(clock) = clock else {
        return Due::NotRunning {
            why: "the law names no duty to answer".to_owned(),
        };
    };
    let says = clock.says.trim_end_matches('.').to_owned();
    let confidence = clock.confidence.plain().to_owned();
    match clock.due_on {
        Some(on) => Due::Fixed {
            on,
            rule: says,
            citation: clock.citation.clone(),
            confidence,
        },
        None if clock.kind != Kind::Fixed => Due::NoneFixed {
            says,
            citation: clock.citation.clone(),
            confidence,
        },
        None => Due::NotRunning {
            why: if clock.state == ClockState::Paused {
                "the law stops the clock for now".to_owned()
            } else {
                format!("it counts from {}", clock.counted_from_what)
            },
        },
    }
}

fn delay(
    clock: Option<&DutyClock>,
    received_on: Option<NaiveDate>,
    answered_on: Option<NaiveDate>,
    today: NaiveDate,
) -> Delay {
    let Some(clock) = clock else {
        return Delay::NoClock;
    };
    let late = clock
        .days_late
        .and_then(|days| u32::try_from(days).ok())
        .filter(|days| *days > 0);
    match (clock.state, late) {
        (ClockState::Met, Some(days)) => Delay::AnsweredLate {
            days,
            unit: unit(clock.unit),
        },
        (ClockState::Met, None) if clock.kind == Kind::Fixed => Delay::InTime,
        (ClockState::Late, Some(days)) => Delay::Overdue {
            days,
            unit: unit(clock.unit),
        },
        (ClockState::Late | ClockState::Running | ClockState::Paused, _) => Delay::NotYetDue,
        (ClockState::NoneFixed | ClockState::Met, _) => {
            let Some(received_on) = received_on else {
                return Delay::NoClock;
            };
            let days =
                |until: NaiveDate| u32::try_from((until - received_on).num_days()).unwrap_or(0);
            match answered_on {
                Some(answered_on) => Delay::AnsweredNoLimit {
                    days: days(answered_on),
                },
                None => Delay::OpenNoLimit { days: days(today) },
            }
        }
        (ClockState::NotStarted | ClockState::Closed, _) => Delay::NoClock,
    }
}

/// In the plural. Hours, months and years are counted late in days.
fn unit(unit: Option<Unit>) -> String {
    match unit {
        Some(Unit::Business) => "business days".to_owned(),
        Some(Unit::Calendar) => "calendar days".to_owned(),
        _ => "days".to_owned(),
    }
}

fn said(kind: ReplyKind) -> Option<String> {
    let words = match kind {
        ReplyKind::Acknowledged => "acknowledged the request",
        ReplyKind::Extended => "taken more time",
        ReplyKind::FeeDemanded => "asked for a fee or deposit",
        ReplyKind::ClarificationAsked => "asked us to clarify",
        ReplyKind::Determined => "said what it will release, and not released it yet",
        ReplyKind::Denied => "denied the request",
        ReplyKind::Partial => "released some records, none of which answers this",
        ReplyKind::NoRecords => "said that it has no records",
        ReplyKind::Produced => "produced records, none of which answers this",
        ReplyKind::Referred => "referred us elsewhere",
        ReplyKind::ClosedByAgency => "closed the request",
        ReplyKind::Other => return None,
    };
    Some(words.to_owned())
}
