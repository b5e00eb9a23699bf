//! Where a duty starts and where its limit falls, under every reading: pauses, extensions, silence as a start.

use chrono::NaiveDate;

use super::bench::{Begin, Bench, Found, Way};
use super::happened::EventKind;
use super::reach::{Lens, Reached, Standstill};
use crate::law::{
    AfterHours, Deed, Duty, Ground, Limit, Pause, PauseAfter, Receipt, SilenceMeans, Start, Who,
    covers, in_force,
};

impl Bench<'_> {
    pub(super) fn begin(&self, duty: &Duty, lens: Lens) -> Option<Begin> {
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

    pub(super) fn begin_from(&self, duty: &Duty, starts: &[Start], lens: Lens) -> Option<Begin> {
        let by_event = starts
            .iter()
            .filter_map(|start| {
                self.day_for(duty, *start, lens).map(|on| Begin {
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
        let means: &[SilenceMeans] = if starts.contains(&Start::Silence) {
            &[SilenceMeans::Denial, SilenceMeans::Violation]
        } else if starts.iter().any(opens_by_silence) {
            &[SilenceMeans::Denial]
        } else {
            return None;
        };
        let (earliest_on, latest_on) = self.silence_becomes(means)?;
        if latest_on >= self.as_of {
            return None;
        }
        let on = match lens {
            Lens::Earliest => earliest_on,
            Lens::Latest => latest_on,
        };
        let from = duty
            .after_silence_from
            .unwrap_or(if starts.contains(&Start::Silence) {
                Start::Silence
            } else {
                Start::DeemedDenial
            });
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

    /// The day of the event that a start names for this duty. On a way of several steps the second appeal and the second
    /// ruling are those of the second step. Our own limit counts from the last ruling where steps were left out, so
    /// that none is hidden; an appeal body's limit waits for its own appeal.
    fn day_for(&self, duty: &Duty, start: Start, lens: Lens) -> Option<NaiveDate> {
        let (kind, nth) = match start {
            Start::Appeal => (EventKind::Appealed, self.step_of(duty)),
            // A step is filed after the ruling of the one before it.
            Start::Ruling => (EventKind::AppealDecided, self.step_of(duty) - 1),
            _ => return self.day_of(start, lens),
        };
        let days: Vec<NaiveDate> = self
            .facts
            .events
            .iter()
            .filter(|(what, _)| *what == kind)
            .map(|(_, day)| *day)
            .collect();
        let nth = nth.max(1);
        match duty.who {
            Who::Agency => days.get(nth - 1).copied(),
            Who::Ours => days.get(nth - 1).or(days.last()).copied(),
        }
    }

    /// The day of the event that a start names; for a start set by another duty, under the same lens.
    pub(super) fn day_of(&self, start: Start, lens: Lens) -> Option<NaiveDate> {
        let refused = |kind| {
            matches!(
                kind,
                EventKind::Denied
                    | EventKind::RefusedPart
                    | EventKind::Partial
                    | EventKind::NoRecords
            )
        };
        let first = |wanted: &[EventKind]| self.facts.first(|kind| wanted.contains(&kind));
        match start {
            Start::Receipt => self.received_on(lens),
            Start::FormalRequest => {
                first(&[EventKind::FormalRequest]).or_else(|| self.received_on(lens))
            }
            Start::ClarificationAnswered => {
                first(&[EventKind::ClarificationAnswered, EventKind::Narrowed])
            }
            Start::ExtensionNotice => self
                .facts
                .first(|kind| matches!(kind, EventKind::Extended { .. })),
            // Each part starts the time for the next.
            Start::Instalment => self
                .facts
                .events
                .iter()
                .filter(|(kind, _)| *kind == EventKind::Instalment)
                .map(|(_, day)| *day)
                .max(),
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
            Start::DeemedDenial | Start::Silence => None,
            Start::Appeal => first(&[EventKind::Appealed]),
            Start::Ruling => first(&[EventKind::AppealDecided]),
            Start::RulingRequest => first(&[EventKind::RulingRequested]),
            Start::LastInstalment => first(&[EventKind::Produced]),
            Start::ClarificationAsked => first(&[EventKind::ClarificationAsked]),
            Start::FeeAsked => first(&[EventKind::FeeAsked]),
            Start::Payment => first(&[EventKind::Paid]),
        }
    }

    /// The day of receipt. What came after hours is received that day or on the next business day, as the law says;
    /// where it does not say, the latest reading takes the next business day.
    pub(super) fn received_on(&self, lens: Lens) -> Option<NaiveDate> {
        let on = match (self.facts.received_on?, self.deemed()) {
            (on, None) => on,
            // The law's day stands; what shows a later one counts in the latest reading (a spam filter).
            (on, Some((_, deemed))) => match lens {
                Lens::Earliest => deemed,
                Lens::Latest => deemed.max(on),
            },
        };
        let next_day = match self.j.counting.after_hours {
            AfterHours::SameDay => false,
            AfterHours::NextBusinessDay => true,
            AfterHours::Unstated => lens == Lens::Latest,
        };
        Some(if self.facts.after_hours && next_day {
            self.ruler(lens).business_day_after(on)
        } else {
            on
        })
    }

    /// The rule of this law that dates the receipt from the sending, with its day, where it applies to this request.
    pub(super) fn deemed(&self) -> Option<(&Receipt, NaiveDate)> {
        let sent_by = self.facts.sent_by.as_deref()?;
        let rule = self
            .j
            .receipts
            .iter()
            .find(|rule| rule.sent_by == sent_by)?;
        if rule.only_without_proof && self.facts.receipt_proved {
            return None;
        }
        let sent_on = self.facts.first(|kind| kind == EventKind::Sent)?;
        let on = super::deemed_received_on(self.j, sent_by, sent_on)?;
        Some((rule, on))
    }

    /// Earliest and latest day of a duty's limit, if it has started and does not stand still.
    pub(super) fn span(&self, duty: &Duty) -> Option<(NaiveDate, NaiveDate)> {
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
    pub(super) fn limits(&self, duty: &Duty) -> Vec<Found> {
        let (Some(days), Some(unit)) = (duty.days, duty.unit) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for lens in [Lens::Earliest, Lens::Latest] {
            let Some(begin) = self.begin(duty, lens) else {
                continue;
            };
            let mut ways: Vec<Way> = std::iter::once(days)
                .chain(duty.days_to)
                .map(|days| Way {
                    start: begin.on,
                    days,
                    unit,
                })
                .collect();
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

    pub(super) fn limit(&self, duty: &Duty, way: Way, begin_on: NaiveDate, lens: Lens) -> Found {
        let ruler = self.ruler(lens);
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

    pub(super) fn other_limit(
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
            self.ruler(lens)
                .count(start, limit.days, limit.unit, stops, None),
        ))
    }

    /// Standstills that this law allows for this duty. A pause that starts the limit afresh moves the start instead.
    pub(super) fn paused(&self, duty: &Duty, way: Way) -> (Way, Vec<Standstill>) {
        let rules: Vec<&Pause> = self.pauses_of(duty).collect();
        if rules.is_empty() {
            return (way, Vec::new());
        }
        let mut way = way;
        let mut stops: Vec<Standstill> = Vec::new();
        for (stop, fresh) in self.standstills(&rules) {
            let Some(to) = stop.to_on.filter(|_| fresh) else {
                stops.push(stop);
                continue;
            };
            // Only a limit that had not passed when the clock stopped starts again: what was late stays late.
            let reached = self
                .ruler(Lens::Latest)
                .count(way.start, way.days, way.unit, &[], None);
            if let Reached::Day { on, .. } = reached
                && on >= stop.from_on
            {
                way.start = way.start.max(to);
            }
        }
        (way, stops)
    }

    /// The pauses that this law knows for a duty, for this body and this time.
    pub(super) fn pauses_of<'d>(&'d self, duty: &'d Duty) -> impl Iterator<Item = &'d Pause> {
        self.j.pauses.iter().filter(|pause| {
            pause.of.contains(&duty.id)
                && covers(&pause.holders, self.facts.holder)
                && in_force(
                    pause.in_force_from,
                    pause.in_force_until,
                    self.governed_on(),
                )
        })
    }

    /// Every time in which the clock stood still on a ground of these rules, and whether it then starts afresh. Where
    /// two grounds overlap it is one standstill.
    fn standstills(&self, rules: &[&Pause]) -> Vec<(Standstill, bool)> {
        let allowing = |ground: Option<Ground>| {
            rules.iter().position(|pause| match ground {
                Some(ground) => pause.grounds.contains(&ground),
                // Which ground was not said: taken for one that the law allows.
                None => true,
            })
        };
        let mut open: Vec<Option<Ground>> = Vec::new();
        let mut taken = vec![0u32; rules.len()];
        let mut stops: Vec<(Standstill, bool)> = Vec::new();
        for (kind, day) in &self.facts.events {
            let begins = match kind {
                EventKind::Paused { ground } => Some(*ground),
                EventKind::ClarificationAsked => Some(Some(Ground::Clarification)),
                EventKind::FeeAsked => Some(Some(Ground::Fee)),
                EventKind::ThirdPartyNotified => Some(Some(Ground::ThirdParty)),
                _ => None,
            };
            if let Some(ground) = begins
                && !open.contains(&ground)
                && let Some(at) = allowing(ground)
                && rules[at].times.is_none_or(|times| taken[at] < times)
            {
                taken[at] += 1;
                if open.is_empty() {
                    let stop = Standstill {
                        from_on: *day,
                        to_on: None,
                    };
                    stops.push((stop, rules[at].after == PauseAfter::Fresh));
                }
                open.push(ground);
            }
            match kind {
                EventKind::Resumed => open.clear(),
                EventKind::ClarificationAnswered | EventKind::Narrowed => {
                    open.retain(|ground| *ground != Some(Ground::Clarification));
                }
                EventKind::Paid | EventKind::FeeWaived => {
                    open.retain(|ground| *ground != Some(Ground::Fee));
                }
                _ => continue,
            }
            if open.is_empty()
                && let Some((stop, _)) = stops.last_mut().filter(|(stop, _)| stop.to_on.is_none())
            {
                stop.to_on = Some(*day);
            }
        }
        stops
    }
}
