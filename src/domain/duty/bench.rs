//! Where the clocks of one request are computed: which rules apply, where each starts, what moved it, what met it.

use chrono::NaiveDate;

use super::clock::{ClockState, DutyClock, MoreTime, SilenceClock, SourceRef};
use super::facts::{EventKind, Facts};
use super::reach::{Lens, Reached, Ruler, Standstill};
use super::sentence;
use crate::calendar::{Step, words};
use crate::law::{
    Deed, Duty, Extension, ExtensionKind, HolderKind, Jurisdiction, Kind, Limit, PauseAfter,
    Silence, SilenceMeans, Start, Unit, Who,
};

/// One request's facts up to a day, laid beside one jurisdiction's law.
pub(super) struct Bench<'a> {
    j: &'a Jurisdiction,
    facts: Facts,
    as_of: NaiveDate,
}

/// Day zero of a duty.
#[derive(Debug, Clone, Copy)]
struct Begin {
    on: NaiveDate,
    from: Start,
    /// No event: the law took silence as one.
    by_silence: bool,
}

/// One way of counting a rule, with everything settled but the calendar.
#[derive(Debug, Clone, Copy)]
struct Way {
    start: NaiveDate,
    days: u32,
    unit: Unit,
}

/// A limit found in one way under one lens.
#[derive(Debug, Clone)]
struct Found {
    way: Way,
    lens: Lens,
    reached: Reached,
    more_time: Option<MoreTime>,
}

impl<'a> Bench<'a> {
    pub fn new(j: &'a Jurisdiction, facts: &Facts, as_of: NaiveDate) -> Self {
        let mut facts = facts.clone();
        facts.events.retain(|(_, day)| *day <= as_of);
        facts.events.sort_by_key(|(_, day)| *day);
        Self { j, facts, as_of }
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
    fn applies(&self, duty: &Duty) -> bool {
        let day = self.facts.received_on.unwrap_or(self.as_of);
        duty.in_force_on(day)
            && duty.covers(self.facts.holder)
            && duty
                .when
                .iter()
                .all(|key| self.facts.conditions.contains(key))
            && !duty
                .unless
                .iter()
                .any(|key| self.facts.conditions.contains(key))
    }

    fn clock(&self, duty: &Duty) -> DutyClock {
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
        let left = due_on.map(|due_on| match duty.unit {
            Some(Unit::Business) => self.days_between(Unit::Business, self.as_of, due_on),
            _ => (due_on - self.as_of).num_days(),
        });
        clock.predicate = sentence::predicate(&clock, duty.deed, left);
        clock.sentence = sentence::sentence(&clock, duty.deed);
        clock
    }

    // Day zero.

    fn begin(&self, duty: &Duty, lens: Lens) -> Option<Begin> {
        let mut begin = self.begin_from(duty, &duty.from, lens)?;
        if let Some(later) = duty.or_later_from
            && let Some(on) = self.day_of(later, lens)
            && on > begin.on
        {
            begin = Begin {
                on,
                from: later,
                by_silence: false,
            };
        }
        Some(begin)
    }

    fn begin_from(&self, duty: &Duty, starts: &[Start], lens: Lens) -> Option<Begin> {
        let by_event = starts
            .iter()
            .filter_map(|start| {
                self.day_of(*start, lens).map(|on| Begin {
                    on,
                    from: *start,
                    by_silence: false,
                })
            })
            .min_by_key(|begin| begin.on);
        if by_event.is_some() {
            return by_event;
        }
        let opens_by_silence = |start: &Start| {
            matches!(
                start,
                Start::Denial | Start::ReceiptOfDenial | Start::DeemedDenial
            )
        };
        if !starts.iter().any(opens_by_silence) {
            return None;
        }
        let (earliest_on, latest_on) = self.deemed_denial()?;
        if latest_on >= self.as_of {
            return None;
        }
        let on = match lens {
            Lens::Earliest => earliest_on,
            Lens::Latest => latest_on,
        };
        let from = duty.after_silence_from.unwrap_or(Start::DeemedDenial);
        let on = duty
            .after_silence_from
            .and_then(|start| self.day_of(start, lens))
            .unwrap_or(on);
        Some(Begin {
            on,
            from,
            by_silence: true,
        })
    }

    /// The day of the event that a start names; for a start set by another duty, under the same lens.
    fn day_of(&self, start: Start, lens: Lens) -> Option<NaiveDate> {
        let refused = |kind| {
            matches!(
                kind,
                EventKind::Denied | EventKind::Partial | EventKind::NoRecords
            )
        };
        let first = |wanted: &[EventKind]| self.facts.first(|kind| wanted.contains(&kind));
        match start {
            Start::Receipt => self.facts.received_on,
            Start::Sending => first(&[EventKind::Sent]).or(self.facts.received_on),
            Start::Acknowledgment => first(&[EventKind::Acknowledged]),
            Start::AcknowledgmentDue => {
                let duty = self
                    .j
                    .duties
                    .iter()
                    .find(|duty| duty.deed == Deed::Acknowledge && self.applies(duty))?;
                self.span(duty).map(|(earliest_on, latest_on)| match lens {
                    Lens::Earliest => earliest_on,
                    Lens::Latest => latest_on,
                })
            }
            Start::Determination => first(&[EventKind::Determined, EventKind::Partial]),
            Start::Denial => self.facts.first(refused),
            Start::ReceiptOfDenial => {
                first(&[EventKind::DenialReceived]).or_else(|| self.facts.first(refused))
            }
            Start::DeemedDenial => None,
            Start::Appeal => first(&[EventKind::Appealed]),
            Start::Ruling => first(&[EventKind::AppealDecided]),
            Start::RulingRequest => first(&[EventKind::RulingRequested]),
            Start::LastInstalment => first(&[EventKind::Produced]),
            Start::ClarificationAsked => first(&[EventKind::ClarificationAsked]),
            Start::FeeAsked => first(&[EventKind::FeeAsked]),
            Start::Payment => first(&[EventKind::Paid]),
        }
    }

    // Limits.

    /// Earliest and latest day of a duty's limit, if it has started and does not stand still.
    fn span(&self, duty: &Duty) -> Option<(NaiveDate, NaiveDate)> {
        let days: Option<Vec<NaiveDate>> = self
            .limits(duty)
            .into_iter()
            .map(|found| match found.reached {
                Reached::Day { on, .. } => Some(on),
                Reached::Standing { .. } => None,
            })
            .collect();
        let days = days?;
        Some((*days.iter().min()?, *days.iter().max()?))
    }

    /// The limit under every reading and both lenses.
    fn limits(&self, duty: &Duty) -> Vec<Found> {
        let (Some(days), Some(unit)) = (duty.days, duty.unit) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for lens in [Lens::Earliest, Lens::Latest] {
            let Some(begin) = self.begin(duty, lens) else {
                continue;
            };
            let mut ways = vec![Way {
                start: begin.on,
                days,
                unit,
            }];
            for reading in &duty.readings {
                let start = match reading.from {
                    None => Some(begin.on),
                    Some(from) => self.day_of(from, lens),
                };
                if let Some(start) = start {
                    ways.push(Way {
                        start,
                        days: reading.days.unwrap_or(days),
                        unit: reading.unit.unwrap_or(unit),
                    });
                }
            }
            for way in ways {
                found.push(self.limit(duty, way, begin.on, lens));
            }
        }
        found
    }

    fn limit(&self, duty: &Duty, way: Way, begin_on: NaiveDate, lens: Lens) -> Found {
        let ruler = Ruler::new(self.j, lens);
        let (way, stops) = self.paused(duty, way);
        let mut best = Found {
            way,
            lens,
            reached: ruler.count(way.start, way.days, way.unit, &stops, None),
            more_time: None,
        };
        for (limits, later) in [(&duty.earlier_of, false), (&duty.later_of, true)] {
            for limit in limits {
                let Some(other) = self.other_limit(limit, begin_on, lens, &stops) else {
                    continue;
                };
                let replaces =
                    match (best.reached, other.1) {
                        (Reached::Day { on: best, .. }, Reached::Day { on: other, .. }) => {
                            if later { other > best } else { other < best }
                        }
                        _ => false,
                    };
                if replaces {
                    (best.way, best.reached) = other;
                }
            }
        }
        self.extended(duty, best, &stops)
    }

    fn other_limit(
        &self,
        limit: &Limit,
        begin_on: NaiveDate,
        lens: Lens,
        stops: &[Standstill],
    ) -> Option<(Way, Reached)> {
        let start = match limit.from {
            None => begin_on,
            Some(from) => self.day_of(from, lens)?,
        };
        let way = Way {
            start,
            days: limit.days,
            unit: limit.unit,
        };
        Some((
            way,
            Ruler::new(self.j, lens).count(start, limit.days, limit.unit, stops, None),
        ))
    }

    /// Standstills that this law allows for this duty. A pause that starts the limit afresh moves the start instead.
    fn paused(&self, duty: &Duty, way: Way) -> (Way, Vec<Standstill>) {
        let rules: Vec<_> = self
            .j
            .pauses
            .iter()
            .filter(|pause| pause.of.contains(&duty.id))
            .collect();
        if rules.is_empty() {
            return (way, Vec::new());
        }
        let fresh = rules.iter().all(|pause| pause.after == PauseAfter::Fresh);
        let mut way = way;
        let mut stops: Vec<Standstill> = Vec::new();
        for (kind, day) in &self.facts.events {
            match kind {
                EventKind::Paused if stops.last().is_none_or(|stop| stop.to_on.is_some()) => {
                    stops.push(Standstill {
                        from_on: *day,
                        to_on: None,
                    });
                }
                EventKind::Resumed => {
                    if let Some(open) = stops.last_mut().filter(|stop| stop.to_on.is_none()) {
                        open.to_on = Some(*day);
                    }
                }
                _ => {}
            }
        }
        if fresh {
            // Only a limit that had not passed when the clock stopped starts again: what was late stays late.
            for stop in stops.iter().filter(|stop| stop.to_on.is_some()) {
                let reached = Ruler::new(self.j, Lens::Latest).count(
                    way.start,
                    way.days,
                    way.unit,
                    &[],
                    None,
                );
                if let (Reached::Day { on, .. }, Some(to)) = (reached, stop.to_on)
                    && on >= stop.from_on
                {
                    way.start = way.start.max(to);
                }
            }
            stops.retain(|stop| stop.to_on.is_none());
        }
        (way, stops)
    }

    /// Time that the agency took, as far as the law allows it.
    fn extended(&self, duty: &Duty, found: Found, stops: &[Standstill]) -> Found {
        let Reached::Day { .. } = found.reached else {
            return found;
        };
        let rule = self
            .j
            .extensions
            .iter()
            .find(|rule| self.extends(rule, duty));
        let mut now = found;
        let mut taken = 0;
        for (kind, taken_on) in &self.facts.events {
            let EventKind::Extended { to } = kind else {
                continue;
            };
            let Reached::Day { raw_on, on } = now.reached else {
                break;
            };
            if duty.who == Who::Ours || *taken_on < now.way.start || !is_answering(duty.deed) {
                continue;
            }
            let ruler = Ruler::new(self.j, now.lens);
            let in_time = *taken_on <= on;
            let may = rule.is_some_and(|rule| {
                rule.kind != ExtensionKind::None
                    && in_time
                    && (taken == 0 || rule.repeatable || rule.days.is_none())
            });
            let allowed_until = match rule.filter(|_| may) {
                Some(Extension {
                    days: Some(days),
                    unit: Some(unit),
                    total,
                    ..
                }) => {
                    let start = if *total {
                        now.way.start
                    } else if now.lens == Lens::Latest {
                        on
                    } else {
                        raw_on
                    };
                    match ruler.count(start, *days, *unit, stops, None) {
                        Reached::Day { on: until, .. } => Some(until.max(on)),
                        Reached::Standing { left } => {
                            now.reached = Reached::Standing { left };
                            break;
                        }
                    }
                }
                _ => None,
            };
            let moved_to = match (may, to, allowed_until) {
                (false, ..) => on,
                (true, Some(to), Some(until)) => (*to).clamp(on, until),
                (true, Some(to), None) => (*to).max(on),
                (true, None, Some(until)) => until,
                (true, None, None) => on,
            };
            let beyond_law = !may || to.zip(allowed_until).is_some_and(|(to, until)| to > until);
            now.reached = Reached::Day {
                raw_on: moved_to,
                on: moved_to,
            };
            now.more_time = Some(MoreTime {
                taken_on: *taken_on,
                named_on: *to,
                allowed_until,
                beyond_law,
                citation: rule.map(|rule| rule.citation.clone()),
            });
            taken += u32::from(may);
        }
        now
    }

    fn extends(&self, rule: &Extension, duty: &Duty) -> bool {
        let holder = self.facts.holder;
        rule.of.contains(&duty.id)
            && (rule.holders.is_empty()
                || holder == HolderKind::Unstated
                || rule.holders.contains(&holder))
            && rule
                .when
                .iter()
                .all(|key| self.facts.conditions.contains(key))
            && !rule
                .unless
                .iter()
                .any(|key| self.facts.conditions.contains(key))
    }

    // What became of it.

    /// The first event on or after the start that does what the duty asks.
    fn met_on(&self, duty: &Duty, begin_on: NaiveDate) -> Option<NaiveDate> {
        use EventKind::{
            Acknowledged, AppealDecided, Appealed, Complained, Denied, Determined, NoRecords, Paid,
            Partial, Produced, Resumed, RulingRequested, Sued,
        };
        let wanted: &[EventKind] = match duty.deed {
            Deed::Acknowledge => &[
                Acknowledged,
                Determined,
                Denied,
                Partial,
                NoRecords,
                Produced,
            ],
            Deed::Determine => &[
                Determined,
                Denied,
                Partial,
                NoRecords,
                Produced,
                RulingRequested,
            ],
            // A release in part with the rest refused is an answer in full: the agency is not called late for it.
            Deed::Produce => &[Produced, Partial, Denied, NoRecords],
            // Nothing to rule on once everything was released.
            Deed::SeekRuling => &[RulingRequested, Produced, NoRecords],
            Deed::DecideAppeal => &[AppealDecided],
            Deed::Appeal => &[Appealed],
            Deed::Complain => &[Complained, Appealed],
            Deed::Sue => &[Sued],
            Deed::AnswerClarification => &[Resumed],
            Deed::AnswerFee => &[Paid, Resumed],
        };
        self.facts
            .events
            .iter()
            .filter(|(kind, day)| *day >= begin_on && wanted.contains(kind))
            .map(|(_, day)| *day)
            .min()
    }

    /// In the law's unit; days where that is hours, months or years.
    fn days_between(&self, unit: Unit, from: NaiveDate, to: NaiveDate) -> i64 {
        match unit {
            Unit::Business => self.j.calendar().business_days_between(from, to),
            _ => (to - from).num_days(),
        }
    }

    /// Earliest and latest day on which unbroken silence becomes a denial.
    fn deemed_denial(&self) -> Option<(NaiveDate, NaiveDate)> {
        self.j
            .silences
            .iter()
            .filter(|silence| silence.means == SilenceMeans::Denial)
            .flat_map(|silence| silence.after.iter().map(move |id| (silence, id)))
            .filter_map(|(silence, id)| {
                let duty = self.j.duty(id).filter(|duty| self.applies(duty))?;
                self.silent_from(silence, duty)
            })
            .min()
    }

    /// The same after one duty; none if the duty was done or has no limit.
    fn silent_from(&self, silence: &Silence, duty: &Duty) -> Option<(NaiveDate, NaiveDate)> {
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

    fn silence(&self, duty: &Duty, met_on: Option<NaiveDate>) -> Option<SilenceClock> {
        let silence = self.j.silence_after(&duty.id)?;
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

    // Words and trace.

    fn counted_from_what(&self, duty: &Duty, begin: Option<Begin>) -> String {
        match begin {
            Some(begin) => begin.from.plain().to_owned(),
            None => duty
                .from
                .iter()
                .map(|start| start.plain())
                .collect::<Vec<_>>()
                .join(" or "),
        }
    }

    fn applies_to(&self, duty: &Duty) -> Option<String> {
        let mut parts = Vec::new();
        if !duty.holders.is_empty() {
            let holders: Vec<_> = duty.holders.iter().map(|holder| holder.plain()).collect();
            parts.push(format!("for {}", holders.join(", ")));
        }
        for key in &duty.when {
            if let Some(condition) = self
                .j
                .conditions
                .iter()
                .find(|condition| condition.key == *key)
            {
                parts.push(format!("where {}", condition.says));
            }
        }
        if parts.is_empty() {
            None
        } else {
            Some(parts.join(", "))
        }
    }

    fn notes(
        &self,
        duty: &Duty,
        begin: Option<Begin>,
        earliest_on: Option<NaiveDate>,
        latest_on: Option<NaiveDate>,
        more_time: Option<&MoreTime>,
    ) -> Vec<String> {
        let mut notes: Vec<String> = duty.note.iter().cloned().collect();
        if let (Some(earliest_on), Some(latest_on)) = (earliest_on, latest_on)
            && earliest_on != latest_on
        {
            let (earliest, latest) = (words::spoken(earliest_on), words::spoken(latest_on));
            notes.push(match duty.who {
                Who::Agency => format!(
                    "The law can be read to end on {earliest} or as late as {latest}; the agency is called late only after the latest."
                ),
                Who::Ours => format!(
                    "The law can be read to end on {earliest} or as late as {latest}; we keep to the earliest."
                ),
            });
        }
        notes.extend(
            duty.readings
                .iter()
                .map(|reading| format!("Another reading: {}", reading.note)),
        );
        if begin.is_some_and(|begin| begin.by_silence) {
            notes.push(
                "No answer came, and this law takes silence as a denial, so our own time is counted as running."
                    .to_owned(),
            );
        }
        let has_pause = self
            .j
            .pauses
            .iter()
            .any(|pause| pause.of.contains(&duty.id));
        let paused = self.facts.first(|kind| kind == EventKind::Paused).is_some();
        if paused
            && !has_pause
            && duty.who == Who::Agency
            && duty.kind == Kind::Fixed
            && is_answering(duty.deed)
        {
            notes.push(
                "This law file names no ground that stops this clock, so it runs on.".to_owned(),
            );
        }
        if let Some(more) = more_time {
            notes.push(sentence::more_time(more));
        }
        notes
    }

    /// The explanation of the limit that was chosen.
    fn trace(&self, duty: &Duty, found: &Found) -> Vec<Step> {
        let (_, stops) = self.paused(duty, found.way);
        let mut trace = Vec::new();
        let ruler = Ruler::new(self.j, found.lens);
        let plain = ruler.count(
            found.way.start,
            found.way.days,
            found.way.unit,
            &stops,
            Some(&mut trace),
        );
        if let (Reached::Day { on: before, .. }, Reached::Day { on, .. }, Some(more)) =
            (plain, found.reached, &found.more_time)
            && on != before
        {
            let why = if more.named_on == Some(on) {
                format!(
                    "the date the agency named on {}",
                    words::long(more.taken_on)
                )
            } else {
                format!(
                    "the end of the time added on {}",
                    words::long(more.taken_on)
                )
            };
            let calendar = ruler.calendar();
            let mut day = before;
            while let Some(next) = day.succ_opt().filter(|next| *next < on) {
                day = next;
                if trace.len() > 400 {
                    break;
                }
                trace.push(match calendar.day(day) {
                    crate::calendar::Day::Closed { why } => Step {
                        day,
                        counted: false,
                        why,
                    },
                    crate::calendar::Day::Business => Step {
                        day,
                        counted: true,
                        why: "added time".to_owned(),
                    },
                });
            }
            trace.push(Step {
                day: on,
                counted: true,
                why,
            });
        }
        trace
    }
}

/// Duties that an agency's own notice can extend.
fn is_answering(deed: Deed) -> bool {
    matches!(
        deed,
        Deed::Acknowledge | Deed::Determine | Deed::Produce | Deed::SeekRuling
    )
}
