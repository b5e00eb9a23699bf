//! The explanation of a clock: its trace day by day, whom the rule is for, and what to know besides.

use chrono::NaiveDate;

use super::bench::{Begin, Bench, Found};
use super::clock::{Filing, FilingWay, MoreTime};
use super::happened::EventKind;
use super::more_time::is_answering;
use super::reach::Reached;
use super::sentence;
use crate::calendar::{Day, Step, words};
use crate::law::{AfterHours, Deed, Duty, Ground, Kind, Start, Unit, Who};

/// How the last step of a trace begins where more time ended it, before the day on which it was taken.
pub const NAMED: &str = "the date the agency named on";
pub const ADDED: &str = "the end of the time added on";

impl Bench<'_> {
    pub(super) fn counted_from_what(&self, duty: &Duty, begin: Option<Begin>) -> String {
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

    pub(super) fn applies_to(&self, duty: &Duty) -> Option<String> {
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

    pub(super) fn notes(
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
                "No answer came in time, and silence opens this way, so our own time is counted as running."
                    .to_owned(),
            );
        }
        notes.extend(self.standing_notes(duty));
        if let Some(more) = more_time {
            notes.push(sentence::more_time(more));
        }
        notes
    }

    /// What stopped the clock or could not, what came after hours, and which days the body may choose for itself.
    fn standing_notes(&self, duty: &Duty) -> Vec<String> {
        let mut notes = Vec::new();
        let counted = duty.who == Who::Agency && duty.kind == Kind::Fixed;
        if !counted {
            return notes;
        }
        if is_answering(duty.deed) {
            let allowed: Vec<Ground> = self
                .pauses_of(duty)
                .flat_map(|pause| pause.grounds.iter().copied())
                .collect();
            let mut refused: Vec<&'static str> = Vec::new();
            let mut unsaid = false;
            for (kind, _) in &self.facts.events {
                if let EventKind::Paused { ground } = kind {
                    match ground {
                        Some(ground) if !allowed.contains(ground) => refused.push(ground.plain()),
                        None if allowed.is_empty() => unsaid = true,
                        _ => {}
                    }
                }
            }
            refused.dedup();
            if unsaid {
                notes.push(
                    "This law file names no ground that stops this clock, so it runs on."
                        .to_owned(),
                );
            }
            notes.extend(refused.into_iter().map(|ground| {
                format!("This law does not let {ground} stop this clock, so it runs on.")
            }));
        }
        if self.facts.after_hours
            && duty.from.contains(&Start::Receipt)
            && let (Some(on), Some(latest)) = (
                self.facts.received_on,
                self.received_on(super::reach::Lens::Latest),
            )
        {
            notes.push(match self.j.counting.after_hours {
                AfterHours::SameDay => format!(
                    "It came after hours on {}; this law takes it as received that day.",
                    words::spoken(on)
                ),
                AfterHours::NextBusinessDay => format!(
                    "It came after hours on {}; this law takes it as received on {}.",
                    words::spoken(on),
                    words::spoken(latest)
                ),
                AfterHours::Unstated => format!(
                    "It came after hours on {}; the law does not say what follows, so the latest reading takes it as received on {}.",
                    words::spoken(on),
                    words::spoken(latest)
                ),
            });
        }
        if duty.from.contains(&Start::Receipt)
            && let Some((rule, on)) = self.deemed()
        {
            notes.push(format!(
                "{} Here that is {} ({}).",
                rule.says,
                words::spoken(on),
                rule.citation
            ));
        }
        if let Some(own) = &self.j.holidays.own_days
            && duty.unit == Some(Unit::Business)
            && self
                .j
                .first_duty(self.facts.holder, self.governed_on())
                .is_some_and(|first| first.id == duty.id)
        {
            let known = match self.facts.closed.len() {
                0 => "none is recorded for this one".to_owned(),
                n => format!("{} recorded for this one", words::counted(n as i64, "day")),
            };
            notes.push(format!(
                "{} ({}); {known}.",
                own.note.trim_end_matches('.'),
                own.citation
            ));
        }
        notes
    }

    /// What must be filed, where, where a duty is ours.
    pub(super) fn filing(&self, duty: &Duty) -> Option<Filing> {
        if duty.who != Who::Ours {
            return None;
        }
        let ways: Vec<FilingWay> = self
            .j
            .appeals_for(self.facts.holder, self.governed_on())
            .filter(|appeal| appeal.file_by.as_deref() == Some(duty.id.as_str()))
            .map(|appeal| FilingWay {
                step: appeal.step,
                body: appeal.body.clone(),
                kind: appeal.kind.plain().to_owned(),
                what: appeal.file_what.clone(),
                place: appeal.file_where.clone(),
                optional: appeal.optional,
                exclusive: appeal.exclusive,
                citation: appeal.citation.clone(),
                confidence: appeal.confidence,
                note: appeal.note.clone(),
            })
            .collect();
        let first: Vec<String> = if duty.deed == Deed::Sue {
            self.j
                .court
                .notices
                .iter()
                .map(|notice| notice.says.clone())
                .collect()
        } else {
            Vec::new()
        };
        if ways.is_empty() && first.is_empty() {
            return None;
        }
        Some(Filing { ways, first })
    }

    /// The explanation of the limit that was chosen.
    pub(super) fn trace(&self, duty: &Duty, found: &Found) -> Vec<Step> {
        let (_, stops) = self.paused(duty, found.way);
        let mut trace = Vec::new();
        let ruler = self.ruler(found.lens);
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
                format!("{NAMED} {}", words::long(more.taken_on))
            } else {
                format!("{ADDED} {}", words::long(more.taken_on))
            };
            // Added calendar days run over weekends and holidays too.
            let added_in = self
                .j
                .extensions
                .iter()
                .find(|rule| self.extends(rule, duty))
                .and_then(|rule| rule.unit)
                .or(duty.unit);
            let skips_closed = added_in == Some(Unit::Business);
            let mut day = before;
            while let Some(next) = day.succ_opt().filter(|next| *next < on) {
                day = next;
                if trace.len() > 400 {
                    break;
                }
                trace.push(match ruler.day(day) {
                    Day::Closed { why } if skips_closed => Step {
                        day,
                        counted: false,
                        why,
                    },
                    _ => Step {
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
