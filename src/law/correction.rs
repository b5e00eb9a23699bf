//! Corrections of the law that is built in: text in the format of a law file, laid over a jurisdiction.
//!
//! The shipped file is never changed. A rule of a correction takes the place of the file's rule of the same key (the
//! id of a duty; what an extension, pause or silence is of) on the days that the correction is in force; before and
//! after them the file's rule stands. Closed days, sources and conditions are added. A table that stands once
//! (`[fees]`, `[court]` …) is replaced whole. The result passes the same checks as a file.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::check::{Problem, check};
use super::jurisdiction::{
    Act, Appeal, Change, Condition, Counting, Court, DatedClosing, Detainers, Eligibility, Fees,
    Fiscal, Form, Jurisdiction, LocalHoliday, MaybeHoliday, Receipt, Source,
};
use super::rules::{Duty, Extension, Pause, Silence};
use super::{Code, Library};

/// One correction that is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub code: Code,
    /// In the format of a law file; see [`Patch`].
    pub text: String,
}

/// What a correction may say. Every table is written as in a law file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patch {
    #[serde(rename = "duty", default, skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<Duty>,
    #[serde(rename = "extension", default, skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<Extension>,
    #[serde(rename = "pause", default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    #[serde(rename = "silence", default, skip_serializing_if = "Vec::is_empty")]
    pub silences: Vec<Silence>,
    #[serde(rename = "appeal", default, skip_serializing_if = "Vec::is_empty")]
    pub appeals: Vec<Appeal>,
    #[serde(rename = "receipt", default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<Receipt>,
    #[serde(rename = "condition", default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    #[serde(rename = "source", default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    #[serde(rename = "change", default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holidays: Option<MoreHolidays>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law: Option<Act>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eligibility: Option<Eligibility>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub court: Option<Court>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fees: Option<Fees>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counting: Option<Counting>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detainers: Option<Detainers>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiscal: Option<Fiscal>,
    /// Keys of rules that are wrong altogether, as "pause acknowledge, produce: fee".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drop: Vec<String>,
}

/// Closed days that a correction adds, and holidays that it takes away.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoreHolidays {
    /// Rules, as in a law file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<String>,
    /// Rules of the file that are no holidays, as they stand there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_be: Vec<MaybeHoliday>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub local: Vec<LocalHoliday>,
    #[serde(rename = "closing", default, skip_serializing_if = "Vec::is_empty")]
    pub closings: Vec<DatedClosing>,
}

/// A rule with dates of force, that a correction can take the place of.
pub(super) trait Rule: Clone {
    /// What makes it the same rule.
    fn key(&self) -> String;
    fn force(&self) -> (Option<NaiveDate>, Option<NaiveDate>);
    fn set_force(&mut self, from: Option<NaiveDate>, until: Option<NaiveDate>);
}

macro_rules! rules {
    ($($rule:ty: |$it:ident| $key:expr;)*) => {$(
        impl Rule for $rule {
            fn key(&self) -> String {
                let $it = self;
                $key
            }
            fn force(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
                (self.in_force_from, self.in_force_until)
            }
            fn set_force(&mut self, from: Option<NaiveDate>, until: Option<NaiveDate>) {
                (self.in_force_from, self.in_force_until) = (from, until);
            }
        }
    )*};
}

rules! {
    Duty: |it| format!("duty {}", it.id);
    Extension: |it| format!("extension {} {}{}", it.kind.as_str(), it.of.join(", "), tail(&it.holders, &it.when));
    Pause: |it| {
        let grounds: Vec<_> = it.grounds.iter().map(|ground| ground.as_str()).collect();
        format!("pause {}: {}{}", it.of.join(", "), grounds.join(", "), tail(&it.holders, &[]))
    };
    Silence: |it| format!("silence {}", it.after.join(", "));
    Appeal: |it| format!("appeal {} {}{}", it.step, it.body, tail(&it.holders, &[]));
}

/// What tells apart rules of one subject: the holders and conditions they are for.
fn tail(holders: &[super::HolderKind], when: &[String]) -> String {
    let mut tail = String::new();
    if !holders.is_empty() {
        let holders: Vec<_> = holders.iter().map(|holder| holder.as_str()).collect();
        tail.push_str(&format!(" for {}", holders.join(", ")));
    }
    if !when.is_empty() {
        tail.push_str(&format!(" where {}", when.join(", ")));
    }
    tail
}

/// Puts each new rule in the place of the old one of its key, on its days of force.
fn lay_over<R: Rule>(rules: &mut Vec<R>, new: &[R]) {
    for rule in new {
        let (from, until) = rule.force();
        let key = rule.key();
        let mut result: Vec<R> = Vec::with_capacity(rules.len() + 1);
        let mut laid = false;
        for old in rules.drain(..) {
            if old.key() != key {
                result.push(old);
                continue;
            }
            let (old_from, old_until) = old.force();
            let before = from.and_then(|from| from.pred_opt());
            if let Some(before) = before
                && old_from.is_none_or(|start| start <= before)
            {
                let mut part = old.clone();
                let end = old_until.map_or(before, |end| end.min(before));
                part.set_force(old_from, Some(end));
                result.push(part);
            }
            if !laid {
                result.push(rule.clone());
                laid = true;
            }
            let after = until.and_then(|until| until.succ_opt());
            if let Some(after) = after
                && old_until.is_none_or(|end| after <= end)
            {
                let mut part = old;
                let start = old_from.map_or(after, |start| start.max(after));
                part.set_force(Some(start), old_until);
                result.push(part);
            }
        }
        if !laid {
            result.push(rule.clone());
        }
        *rules = result;
    }
}

impl Patch {
    /// Reads the text of a correction.
    ///
    /// # Errors
    /// The line and what was not understood there.
    pub fn read(text: &str) -> Result<Patch, String> {
        toml::from_str(text).map_err(|problem| {
            let line = problem
                .span()
                .map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            format!("Line {line}: {}", problem.message())
        })
    }

    /// The text of a correction, as [`Patch::read`] takes it.
    ///
    /// # Errors
    /// What cannot be written in the format of a law file.
    pub fn write(&self) -> Result<String, String> {
        toml::to_string(self).map_err(|problem| problem.to_string())
    }

    /// Every key that `drop` may name in this jurisdiction.
    pub fn keys(j: &Jurisdiction) -> Vec<String> {
        let mut keys: Vec<String> = j.duties.iter().map(Rule::key).collect();
        keys.extend(j.extensions.iter().map(Rule::key));
        keys.extend(j.pauses.iter().map(Rule::key));
        keys.extend(j.silences.iter().map(Rule::key));
        keys.extend(j.appeals.iter().map(Rule::key));
        keys.dedup();
        keys
    }

    /// The rules of that key as they stand, as a correction that changes nothing yet.
    pub fn of_key(j: &Jurisdiction, key: &str) -> Patch {
        fn of<R: Rule>(rules: &[R], key: &str) -> Vec<R> {
            let found = rules.iter().filter(|rule| rule.key() == key);
            found.cloned().collect()
        }
        Patch {
            duties: of(&j.duties, key),
            extensions: of(&j.extensions, key),
            pauses: of(&j.pauses, key),
            silences: of(&j.silences, key),
            appeals: of(&j.appeals, key),
            ..Patch::default()
        }
    }

    fn apply(&self, j: &mut Jurisdiction, problems: &mut Vec<Problem>) {
        let known = Self::keys(j);
        for key in &self.drop {
            if !known.contains(key) {
                problems.push(Problem::new(
                    j.code,
                    "drop",
                    format!("there is no rule “{key}”; there are: {}", known.join("; ")),
                ));
            }
        }
        fn without<R: Rule>(rules: &mut Vec<R>, drop: &[String]) {
            rules.retain(|rule| !drop.contains(&rule.key()));
        }
        without(&mut j.duties, &self.drop);
        without(&mut j.extensions, &self.drop);
        without(&mut j.pauses, &self.drop);
        without(&mut j.silences, &self.drop);
        without(&mut j.appeals, &self.drop);
        lay_over(&mut j.duties, &self.duties);
        lay_over(&mut j.extensions, &self.extensions);
        lay_over(&mut j.pauses, &self.pauses);
        lay_over(&mut j.silences, &self.silences);
        lay_over(&mut j.appeals, &self.appeals);
        j.receipts
            .retain(|old| !self.receipts.iter().any(|new| new.sent_by == old.sent_by));
        j.receipts.extend(self.receipts.iter().cloned());
        j.conditions
            .retain(|old| !self.conditions.iter().any(|new| new.key == old.key));
        j.conditions.extend(self.conditions.iter().cloned());
        j.sources.extend(self.sources.iter().cloned());
        j.changes.splice(0..0, self.changes.iter().cloned());
        if let Some(more) = &self.holidays {
            for rule in &more.without {
                if !j.holidays.days.contains(rule) {
                    problems.push(Problem::new(
                        j.code,
                        "holidays.without",
                        format!("“{rule}” is not in the list of days"),
                    ));
                }
            }
            j.holidays.days.retain(|day| !more.without.contains(day));
            j.holidays.days.extend(more.days.iter().cloned());
            j.holidays.may_be.extend(more.may_be.iter().cloned());
            j.holidays.local.extend(more.local.iter().cloned());
            j.holidays.closings.extend(more.closings.iter().cloned());
        }
        fn put<T: Clone>(old: &mut T, new: &Option<T>) {
            if let Some(new) = new {
                old.clone_from(new);
            }
        }
        put(&mut j.law, &self.law);
        put(&mut j.form, &self.form);
        put(&mut j.eligibility, &self.eligibility);
        put(&mut j.court, &self.court);
        put(&mut j.fees, &self.fees);
        put(&mut j.counting, &self.counting);
        put(&mut j.fiscal, &self.fiscal);
        if self.detainers.is_some() {
            j.detainers.clone_from(&self.detainers);
        }
    }
}

impl Library {
    /// The law with the corrections laid over it, in their order. Jurisdictions without one are shared.
    ///
    /// # Errors
    /// Everything wrong with the corrections or with what they make of the law.
    pub fn corrected(&self, corrections: &[Correction]) -> Result<Library, Vec<Problem>> {
        let mut library = self.clone();
        let mut problems = Vec::new();
        let mut codes: Vec<Code> = corrections.iter().map(|one| one.code).collect();
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            let Some(base) = self.get(&code) else {
                problems.push(Problem::new(code, "code", "there is no law of that code"));
                continue;
            };
            let mut j = base.clone();
            let mut digest = Sha256::new();
            digest.update(&base.version);
            for one in corrections.iter().filter(|one| one.code == code) {
                digest.update(&one.text);
                match Patch::read(&one.text) {
                    Ok(patch) => patch.apply(&mut j, &mut problems),
                    Err(says) => problems.push(Problem::new(code, "correction", says)),
                }
            }
            problems.extend(check(&j));
            if !problems.is_empty() {
                continue;
            }
            let version = digest
                .finalize()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            match j.ready(version) {
                Ok(j) => library.put(j),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() {
            Ok(library)
        } else {
            Err(problems)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::HolderKind;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn corrected(code: &str, text: &str) -> Result<Library, Vec<Problem>> {
        Library::embedded().expect("sound").corrected(&[Correction {
            code: code.parse().expect("a code"),
            text: text.to_owned(),
        }])
    }

    const SEVEN_DAYS: &str = r#"
[[duty]]
id = "acknowledge"
who = "agency"
do = "acknowledge"
kind = "fixed"
days = 7
unit = "business"
from = ["receipt"]
citation = "RCW 42.56.520(1) as amended"
confidence = "one_source"
topic = "response"
says = "Within seven business days."
in_force_from = "2027-01-01"
"#;

    #[test]
    fn a_rule_takes_the_place_of_the_old_one_on_its_days() {
        let library = corrected("WA", SEVEN_DAYS).expect("a sound correction");
        let j = library.get(&"WA".parse().expect("a code")).expect("a law");
        let days = |on: &str| {
            j.first_duty(HolderKind::Sheriff, day(on))
                .and_then(|duty| duty.days)
        };
        assert_eq!(days("2026-12-31"), Some(5));
        assert_eq!(days("2027-01-01"), Some(7));
        let embedded = Library::embedded().expect("sound");
        let before = embedded.get(&j.code).expect("a law");
        assert_ne!(j.version, before.version);
        assert_eq!(j.duties.len(), before.duties.len() + 1);
    }

    #[test]
    fn a_rule_for_a_time_gives_way_to_the_old_one_again() {
        let text = SEVEN_DAYS.replace(
            "in_force_from = \"2027-01-01\"",
            "in_force_from = \"2027-01-01\"\nin_force_until = \"2027-06-30\"",
        );
        let library = corrected("WA", &text).expect("a sound correction");
        let j = library.get(&"WA".parse().expect("a code")).expect("a law");
        for (on, days) in [
            ("2026-12-31", 5),
            ("2027-01-01", 7),
            ("2027-06-30", 7),
            ("2027-07-01", 5),
        ] {
            let found = j.duty("acknowledge", day(on)).and_then(|duty| duty.days);
            assert_eq!(found, Some(days), "{on}");
        }
    }

    #[test]
    fn a_closed_day_is_added_and_a_holiday_taken_away() {
        let text = r#"
[holidays]
without = ["veterans"]
[[holidays.closing]]
on = "2026-11-25"
why = "Closed by the Governor"
citation = "Proclamation 26-1"
confidence = "one_source"
"#;
        let library = corrected("WA", text).expect("a sound correction");
        let j = library.get(&"WA".parse().expect("a code")).expect("a law");
        assert!(!j.calendar().is_business(day("2026-11-25")));
        assert!(j.calendar().is_business(day("2026-11-11")));
    }

    #[test]
    fn what_does_not_hold_is_refused_with_its_place() {
        for (text, says) in [
            ("[[duty]]\nid = \"x\"\n", "missing field"),
            ("[weather]\n", "unknown field"),
            ("drop = [\"duty nod\"]\n", "there is no rule"),
            ("[holidays]\nwithout = [\"festivus\"]\n", "not in the list"),
            (
                &SEVEN_DAYS.replace(
                    "citation = \"RCW 42.56.520(1) as amended\"",
                    "citation = \" \"",
                ),
                "is empty",
            ),
        ] {
            let problems = corrected("WA", text).err().unwrap_or_default();
            assert!(
                problems.iter().any(|problem| problem.says.contains(says)),
                "{text}: {problems:?}"
            );
        }
    }

    #[test]
    fn a_correction_reads_back_as_it_was_written() {
        let patch = Patch::read(SEVEN_DAYS).expect("a correction");
        let again = Patch::read(&patch.write().expect("text")).expect("a correction");
        assert_eq!(patch.duties, again.duties);
    }
}
