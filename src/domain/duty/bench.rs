//! Where the clocks of one request are computed: which rules apply, where each starts, what moved it, what met it.

use std::sync::Arc;

use chrono::NaiveDate;

use super::clock::{ClockState, DutyClock, MoreTime, SilenceClock, SourceRef};
use super::facts::Facts;
use super::happened::EventKind;
use super::reach::{Lens, Reached, Ruler};
use super::sentence;
use crate::calendar::{Calendar, words};
use crate::law::{
    Deed, Duty, Jurisdiction, Kind, Readings, Silence, SilenceMeans, Start, Unit, Who, in_force,
};

/// One request's facts up to a day, laid beside one jurisdiction's law.
pub(super) struct Bench<'a> {
    pub(super) j: &'a Jurisdiction,
    pub(super) facts: Facts,
    pub(super) as_of: NaiveDate,
    /// The calendars of the body that was asked.
    pub(super) readings: Arc<Readings>,
}

/// Day zero of a duty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begin {
    pub(super) on: NaiveDate,
    pub(super) from: Start,
    /// No event: the law took silence as one.
    pub(super) by_silence: bool,
}

/// One way of counting a rule, with everything settled but the calendar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    pub(super) start: NaiveDate,
    pub(super) days: u32,
    pub(super) unit: Unit,
}

/// A limit found in one way under one lens.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) way: Way,
    pub(super) lens: Lens,
    pub(super) reached: Reached,
    pub(super) more_time: Option<MoreTime>,
}

impl<'a> Bench<'a> {
    pub fn new(j: &'a Jurisdiction, facts: &Facts, as_of: NaiveDate) -> Self {
        let mut facts = facts.clone();
        facts.events.retain(|(_, day)| *day <= as_of);
        facts.events.sort_by_key(|(_, day)| *day);
        let readings = j.calendars(facts.holder, facts.county.as_deref());
        Self {
            j,
            facts,
            as_of,
            readings,
        }
    }

    /// How this law counts for this body, under one lens.
    pub(super) fn ruler(&self, lens: Lens) -> Ruler<'_> {
        Ruler::new(
            &self.j.counting,
            match lens {
                Lens::Earliest => &self.readings.earliest,
                Lens::Latest => &self.readings.latest,
            },
            &self.facts.closed,
            lens,
        )
    }

    /// The day that the rules are dated by: a request keeps the rule of the day on which it was received.
    pub(super) fn governed_on(&self) -> NaiveDate {
        self.facts.received_on.unwrap_or(self.as_of)
    }

    /// The last day not after `day` on which this body is open, by every reading.
    pub(super) fn open_day_on_or_before(&self, day: NaiveDate) -> NaiveDate {
        let open = |calendar: &Calendar, day| {
            calendar.is_business(day) && !self.facts.closed.contains_key(&day)
        };
        let mut on = day;
        while !(open(&self.readings.earliest, on) && open(&self.readings.latest, on)) {
            match on.pred_opt() {
                Some(before) => on = before,
                None => return day,
            }
        }
        on
    }

    pub fn clocks(&self) -> Vec<DutyClock> {
        self.j
            .duties
            .iter()
            .filter(|duty| self.applies(duty))
            .map(|duty| self.clock(duty))
            .collect()
    }

    /// A rule of another time, holder or condition is left out. Rules are dated by receipt.
    pub(super) fn applies(&self, duty: &Duty) -> bool {
        duty.in_force_on(self.governed_on())
            && duty.covers(self.facts.holder)
            && self.conditions_hold(&duty.when, &duty.unless)
    }

    pub(super) fn conditions_hold(&self, when: &[String], unless: &[String]) -> bool {
        when.iter().all(|key| self.facts.conditions.contains(key))
            && !unless.iter().any(|key| self.facts.conditions.contains(key))
    }

    pub(super) fn clock(&self, duty: &Duty) -> DutyClock {
        let chosen_lens = match duty.who {
            Who::Agency => Lens::Latest,
            Who::Ours => Lens::Earliest,
        };
        let begin = self.begin(duty, chosen_lens);
        let found = self.limits(duty);
        let on = |found: &Found| match found.reached {
            Reached::Day { on, .. } => Some(on),
            Reached::Standing { .. } => None,
        };
        let standing = found.iter().any(|found| on(found).is_none());
        let chosen = match duty.who {
            Who::Agency => found.iter().max_by_key(|found| on(found)),
            Who::Ours => found.iter().min_by_key(|found| on(found)),
        };
        let chosen = if standing {
            found.iter().find(|found| on(found).is_none())
        } else {
            chosen
        };
        let due_on = chosen.and_then(&on);
        let (earliest_on, latest_on) = if standing {
            (None, None)
        } else {
            (
                found.iter().filter_map(&on).min(),
                found.iter().filter_map(&on).max(),
            )
        };
        let met_on = begin.and_then(|begin| self.met_on(duty, begin.on));
        let closed_on = self.facts.first(|kind| kind == EventKind::Closed);
        let ends_on = met_on.or(closed_on).unwrap_or(self.as_of);
        let state = if begin.is_none() {
            ClockState::NotStarted
        } else if met_on.is_some() {
            ClockState::Met
        } else if closed_on.is_some() {
            ClockState::Closed
        } else if duty.kind != Kind::Fixed {
            ClockState::NoneFixed
        } else {
            match due_on {
                None => ClockState::Paused,
                Some(due_on) if due_on < self.as_of => ClockState::Late,
                Some(_) => ClockState::Running,
            }
        };
        let days_late = match (due_on, duty.unit) {
            (Some(due_on), Some(unit)) if due_on < ends_on => {
                Some(self.days_between(unit, due_on, ends_on))
            }
            _ => None,
        };
        let more_time = chosen.and_then(|found| found.more_time.clone());
        let mut clock = DutyClock {
            duty: duty.deed.as_str().to_owned(),
            kind: duty.kind,
            days: duty.days,
            unit: duty.unit,
            due_on,
            citation: duty.citation.clone(),
            confidence: duty.confidence,
            trace: chosen
                .map(|found| self.trace(duty, found))
                .unwrap_or_default(),
            id: duty.id.clone(),
            ours: duty.who == Who::Ours,
            state,
            earliest_on,
            latest_on,
            counted_from: begin.map(|begin| begin.on),
            counted_from_what: self.counted_from_what(duty, begin),
            met_on,
            days_late,
            sentence: String::new(),
            predicate: String::new(),
            says: duty.says.clone(),
            heading: duty.deed.heading().to_owned(),
            applies: self.applies_to(duty),
            notes: self.notes(duty, begin, earliest_on, latest_on, more_time.as_ref()),
            more_time,
            silence: self.silence(duty, met_on),
            filing: self.filing(duty),
            sources: self
                .j
                .sources_for(duty.topic)
                .map(|source| SourceRef {
                    url: source.url.clone(),
                    title: source.title.clone(),
                    retrieved_on: source.retrieved,
                })
                .collect(),
        };
        // Where another reading than the rule's own words gave the limit, the page says which.
        if let Some(found) = chosen
            && clock.more_time.is_none()
            && (Some(found.way.days), Some(found.way.unit)) != (duty.days, duty.unit)
        {
            let counted = words::counted(i64::from(found.way.days), found.way.unit.noun());
            clock
                .notes
                .insert(0, format!("The limit shown counts {counted}."));
        }
        let left = due_on.map(|due_on| match duty.unit {
            Some(Unit::Business) => self.days_between(Unit::Business, self.as_of, due_on),
            _ => (due_on - self.as_of).num_days(),
        });
        clock.predicate = sentence::predicate(&clock, duty.deed.plain(), left);
        clock.sentence = sentence::sentence(&clock, duty.deed);
        clock
    }

    /// The first event on or after the start that does what the duty asks.
    pub(super) fn met_on(&self, duty: &Duty, begin_on: NaiveDate) -> Option<NaiveDate> {
        use EventKind::{
            Acknowledged, AppealDecided, Appealed, ClarificationAnswered, ClarificationAsked,
            Complained, Denied, Determined, FeeAnswered, FeeAsked, FeeWaived, Instalment, Narrowed,
            NoRecords, Paid, Partial, Produced, RefusedPart, Resumed, RulingRequested, Sued,
        };
        let took_time = |kind: &EventKind| matches!(kind, EventKind::Extended { .. });
        let (wanted, or_more_time): (&[EventKind], bool) = match duty.deed {
            // Whatever the agency writes about the request shows that it has it.
            Deed::Acknowledge => (
                &[
                    Acknowledged,
                    ClarificationAsked,
                    FeeAsked,
                    Determined,
                    Denied,
                    RefusedPart,
                    Partial,
                    NoRecords,
                    Instalment,
                    Produced,
                    RulingRequested,
                ],
                true,
            ),
            Deed::Determine => (
                &[
                    Determined,
                    Denied,
                    Partial,
                    NoRecords,
                    Produced,
                    RulingRequested,
                ],
                false,
            ),
            // A release in part with the rest refused is an answer in full: the agency is not called late for it.
            Deed::Produce => (&[Produced, Partial, Denied, NoRecords], false),
            // Nothing to pay for once everything was released or refused.
            Deed::EstimateFees => (&[FeeAsked, Produced, Partial, Denied, NoRecords], false),
            // No notice is needed once it answered.
            Deed::Extend => (&[Determined, Denied, Partial, NoRecords, Produced], true),
            // Nothing to rule on once everything was released.
            Deed::SeekRuling => (&[RulingRequested, Determined, Produced, NoRecords], false),
            Deed::DecideAppeal => (&[AppealDecided], false),
            Deed::Appeal => (&[Appealed], false),
            Deed::Complain => (&[Complained, Appealed], false),
            Deed::Sue => (&[Sued], false),
            Deed::AnswerClarification => (&[ClarificationAnswered, Narrowed, Resumed], false),
            Deed::AnswerFee => (&[FeeAnswered, Paid, FeeWaived, Resumed], false),
            Deed::PayDeposit => (&[Paid, FeeWaived], false),
        };
        // What answers the request does so from its receipt on, also before a limit of its own began to count.
        let from_on = match duty.deed {
            Deed::Acknowledge | Deed::Determine | Deed::Produce | Deed::SeekRuling => self
                .facts
                .received_on
                .map_or(begin_on, |received_on| received_on.min(begin_on)),
            _ => begin_on,
        };
        self.facts
            .events
            .iter()
            .filter(|(kind, day)| {
                *day >= from_on && (wanted.contains(kind) || or_more_time && took_time(kind))
            })
            .map(|(_, day)| *day)
            .min()
    }

    /// Which step of the way against a refusal a duty belongs to, from 1.
    pub(super) fn step_of(&self, duty: &Duty) -> usize {
        let of_duty = |id: &Option<String>| id.as_deref() == Some(duty.id.as_str());
        let mut steps: Vec<u32> = self
            .j
            .appeals_for(self.facts.holder, self.governed_on())
            .map(|appeal| appeal.step)
            .collect();
        steps.sort_unstable();
        steps.dedup();
        self.j
            .appeals_for(self.facts.holder, self.governed_on())
            .filter(|appeal| of_duty(&appeal.file_by) || of_duty(&appeal.decide_by))
            .filter_map(|appeal| steps.iter().position(|step| *step == appeal.step))
            .min()
            .map_or(1, |at| at + 1)
    }

    /// In the law's unit; days where that is hours, months or years.
    pub(super) fn days_between(&self, unit: Unit, from: NaiveDate, to: NaiveDate) -> i64 {
        match unit {
            Unit::Business => self.ruler(Lens::Latest).business_days_between(from, to),
            _ => (to - from).num_days(),
        }
    }

    /// Earliest and latest day on which unbroken silence becomes one of these.
    pub(super) fn silence_becomes(&self, means: &[SilenceMeans]) -> Option<(NaiveDate, NaiveDate)> {
        self.j
            .silences
            .iter()
            .filter(|silence| {
                means.contains(&silence.means)
                    && in_force(
                        silence.in_force_from,
                        silence.in_force_until,
                        self.governed_on(),
                    )
            })
            .flat_map(|silence| silence.after.iter().map(move |id| (silence, id)))
            .filter_map(|(silence, id)| {
                let duty = self
                    .j
                    .duty(id, self.governed_on())
                    .filter(|duty| self.applies(duty))?;
                self.silent_from(silence, duty)
            })
            .min()
    }

    /// The same after one duty; none if the duty was done or has no limit.
    pub(super) fn silent_from(
        &self,
        silence: &Silence,
        duty: &Duty,
    ) -> Option<(NaiveDate, NaiveDate)> {
        let begin = self.begin(duty, Lens::Earliest)?;
        if self.met_on(duty, begin.on).is_some() {
            return None;
        }
        let Some(deemed) = &silence.deemed else {
            return self.span(duty);
        };
        let day = |lens| {
            std::iter::once(deemed)
                .chain(&silence.deemed_earlier_of)
                .filter_map(
                    |limit| match self.other_limit(limit, begin.on, lens, &[])?.1 {
                        Reached::Day { on, .. } => Some(on),
                        Reached::Standing { .. } => None,
                    },
                )
                .min()
        };
        Some((day(Lens::Earliest)?, day(Lens::Latest)?))
    }

    pub(super) fn silence(&self, duty: &Duty, met_on: Option<NaiveDate>) -> Option<SilenceClock> {
        let silence = self.j.silence_after(&duty.id, self.governed_on())?;
        let from_on = match silence.means {
            SilenceMeans::Unstated => None,
            _ if met_on.is_some() => None,
            _ => self
                .silent_from(silence, duty)
                .map(|(_, latest_on)| latest_on),
        };
        Some(SilenceClock {
            means: silence.means.as_str().to_owned(),
            says: silence.means.plain().to_owned(),
            citation: silence.citation.clone(),
            from_on,
            note: silence.note.clone(),
        })
    }
}
