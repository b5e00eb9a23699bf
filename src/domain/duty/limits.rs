//! Where a duty starts and where its limit falls, under every reading: pauses, extensions, silence as a start.

use chrono::NaiveDate;

use super::bench::{Begin, Bench, Found, Way};
use super::clock::MoreTime;
use super::facts::EventKind;
use super::reach::{Lens, Reached, Ruler, Standstill};
use crate::law::{Deed, Duty, Extension, ExtensionKind, HolderKind, Limit, PauseAfter, Start, Who};

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
    pub(super) fn day_of(&self, start: Start, lens: Lens) -> Option<NaiveDate> {
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

    pub(super) fn limit(&self, duty: &Duty, way: Way, begin_on: NaiveDate, lens: Lens) -> Found {
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
            Ruler::new(self.j, lens).count(start, limit.days, limit.unit, stops, None),
        ))
    }

    /// Standstills that this law allows for this duty. A pause that starts the limit afresh moves the start instead.
    pub(super) fn paused(&self, duty: &Duty, way: Way) -> (Way, Vec<Standstill>) {
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
    pub(super) fn extended(&self, duty: &Duty, found: Found, stops: &[Standstill]) -> Found {
        let Reached::Day { .. } = found.reached else {
            return found;
        };
        let rule = self
            .j
            .extensions
            .iter()
            .find(|rule| self.extends(rule, duty));
        // Where the law extends another duty, the notice was meant for that one.
        let allows = |rule: &Extension| rule.kind != ExtensionKind::None;
        if rule.is_none() && self.j.extensions.iter().any(allows) {
            return found;
        }
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

    pub(super) fn extends(&self, rule: &Extension, duty: &Duty) -> bool {
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
}

/// Duties that an agency's own notice can extend.
pub(super) fn is_answering(deed: Deed) -> bool {
    matches!(
        deed,
        Deed::Acknowledge | Deed::Determine | Deed::Produce | Deed::SeekRuling
    )
}
