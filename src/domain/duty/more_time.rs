//! More time that the agency took: which notice the law allows, how far, and why another does not count.

use super::bench::{Bench, Found};
use super::clock::MoreTime;
use super::happened::EventKind;
use super::reach::{Lens, Reached, Standstill};
use crate::law::{Deed, Duty, Extension, ExtensionKind, Who, covers, in_force};

impl Bench<'_> {
    /// Time that the agency took, as far as the law allows it.
    pub(super) fn extended(&self, duty: &Duty, found: Found, stops: &[Standstill]) -> Found {
        let Reached::Day { .. } = found.reached else {
            return found;
        };
        let rules: Vec<&Extension> = self
            .j
            .extensions
            .iter()
            .filter(|rule| self.extends(rule, duty))
            .collect();
        // Where the law extends another duty, the notice was meant for that one.
        let allows = |rule: &Extension| rule.kind != ExtensionKind::None;
        if rules.is_empty() && self.j.extensions.iter().any(allows) {
            return found;
        }
        let mut now = found;
        let mut taken = vec![0u32; rules.len()];
        for (kind, taken_on) in &self.facts.events {
            let EventKind::Extended { to, noticed } = kind else {
                continue;
            };
            let Reached::Day { raw_on, on } = now.reached else {
                break;
            };
            if duty.who == Who::Ours || *taken_on < now.way.start || !is_answering(duty.deed) {
                continue;
            }
            let ruler = self.ruler(now.lens);
            let in_time = *taken_on <= on;
            let allows_now = |at: usize, rule: &Extension| {
                let unnoticed = rule.notice_required == Some(true) && *noticed == Some(false);
                rule.kind != ExtensionKind::None
                    && in_time
                    && !unnoticed
                    && (taken[at] == 0 || rule.repeatable || rule.days.is_none())
            };
            // The first rule that allows it; a further one where the first is used up (MS, IL: then by agreement).
            let allowing = rules
                .iter()
                .enumerate()
                .find(|(at, rule)| allows_now(*at, rule))
                .map(|(at, _)| at);
            let may = allowing.is_some();
            let rule = rules.get(allowing.unwrap_or(0)).copied();
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
                why_not: (!may).then(|| {
                    why_not(rule, in_time, *noticed, taken.first().copied().unwrap_or(0)).to_owned()
                }),
                taken_on: *taken_on,
                named_on: *to,
                allowed_until,
                beyond_law,
                citation: rule.map(|rule| rule.citation.clone()),
            });
            if let Some(at) = allowing {
                taken[at] += 1;
            }
        }
        now
    }

    pub(super) fn extends(&self, rule: &Extension, duty: &Duty) -> bool {
        rule.of.contains(&duty.id)
            && covers(&rule.holders, self.facts.holder)
            && in_force(rule.in_force_from, rule.in_force_until, self.governed_on())
            && self.conditions_hold(&rule.when, &rule.unless)
    }
}

/// Why more time does not count.
fn why_not(
    rule: Option<&Extension>,
    in_time: bool,
    noticed: Option<bool>,
    taken: u32,
) -> &'static str {
    match rule {
        None => "the law knows no extension of this limit",
        Some(rule) if rule.kind == ExtensionKind::None => "the law allows none",
        Some(_) if !in_time => "it was taken after the limit had passed",
        Some(rule) if rule.notice_required == Some(true) && noticed == Some(false) => {
            "the law asks for a notice, and none was seen"
        }
        Some(_) if taken > 0 => "the law allows it only once",
        Some(_) => "the law does not allow it here",
    }
}

/// Duties that an agency's own notice can extend.
pub(super) fn is_answering(deed: Deed) -> bool {
    matches!(
        deed,
        Deed::Acknowledge | Deed::Determine | Deed::Produce | Deed::SeekRuling
    )
}
