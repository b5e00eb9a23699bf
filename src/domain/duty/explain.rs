//! The explanation of a clock: its trace day by day, whom the rule is for, and what to know besides.

use chrono::NaiveDate;

use super::bench::{Begin, Bench, Found};
use super::clock::MoreTime;
use super::facts::EventKind;
use super::limits::is_answering;
use super::reach::{Reached, Ruler};
use super::sentence;
use crate::calendar::{Day, Step, words};
use crate::law::{Duty, Kind, Unit, Who};

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
    pub(super) fn trace(&self, duty: &Duty, found: &Found) -> Vec<Step> {
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
            // Added calendar days run over weekends and holidays too.
            let added_in = self
                .j
                .extensions
                .iter()
                .find(|rule| self.extends(rule, duty))
                .and_then(|rule| rule.unit)
                .or(duty.unit);
            let skips_closed = added_in == Some(Unit::Business);
            let calendar = ruler.calendar();
            let mut day = before;
            while let Some(next) = day.succ_opt().filter(|next| *next < on) {
                day = next;
                if trace.len() > 400 {
                    break;
                }
                trace.push(match calendar.day(day) {
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
