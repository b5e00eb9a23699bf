//! What must hold of every law file before the program uses it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::Datelike;

use super::Code;
use super::correction::Rule;
use super::jurisdiction::{Jurisdiction, Topic};
use super::rules::{Duty, ExtensionKind};
use super::terms::{Confidence, Kind, Unit, Who};
use crate::calendar::{Holiday, YEARS};

/// Something wrong in a law file: which file, which key, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// "wa.toml".
    pub file: String,
    /// "duty acknowledge.citation".
    pub key: String,
    pub says: String,
}

impl Problem {
    pub(super) fn new(code: Code, key: impl Into<String>, says: impl Into<String>) -> Self {
        Self {
            file: format!("{}.toml", code.lower()),
            key: key.into(),
            says: says.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "data/law/{}, {}: {}", self.file, self.key, self.says)
    }
}

/// Everything wrong with one parsed file.
pub(super) fn check(j: &Jurisdiction) -> Vec<Problem> {
    let mut found = Found {
        code: j.code,
        problems: Vec::new(),
    };
    let ids: BTreeSet<&str> = j.duties.iter().map(|duty| duty.id.as_str()).collect();
    let conditions: BTreeSet<&str> = j
        .conditions
        .iter()
        .map(|condition| condition.key.as_str())
        .collect();

    if j.duties.is_empty() {
        found.add(
            "duty",
            "the file has no duty; every law has at least one, if only with kind = \"none\"",
        );
    }
    found.force(&j.duties);
    found.force(&j.extensions);
    found.force(&j.pauses);
    found.force(&j.silences);
    found.force(&j.appeals);
    for duty in &j.duties {
        check_duty(&mut found, j, duty, &conditions);
    }
    for extension in &j.extensions {
        let key = format!("extension of {}", extension.of.join(", "));
        found.ids(&key, &extension.of, &ids);
        found.conditions(&key, &extension.when, &conditions);
        found.conditions(&key, &extension.unless, &conditions);
        found.text(&format!("{key}, citation"), &extension.citation);
        let fixed = extension.days.is_some() && extension.unit.is_some();
        if (extension.kind == ExtensionKind::Fixed) && !fixed {
            found.add(&key, "a fixed extension needs days and unit");
        }
        if extension.kind == ExtensionKind::None && extension.days.is_some() {
            found.add(&key, "kind is none but days are given");
        }
    }
    for pause in &j.pauses {
        let key = pause.key();
        if pause.grounds.is_empty() {
            found.add(&key, "grounds is empty; say what stops the clock");
        }
        found.ids(&key, &pause.of, &ids);
        found.text(&format!("{key}, citation"), &pause.citation);
        found.text(&format!("{key}, says"), &pause.says);
    }
    for silence in &j.silences {
        found.ids("silence", &silence.after, &ids);
        if let Some(citation) = &silence.citation {
            found.text("silence, citation", citation);
        }
    }
    if j.silences.is_empty() {
        found.add(
            "silence",
            "say what silence means; means = \"unstated\" where the law does not",
        );
    }
    if j.appeals.is_empty() {
        found.add("appeal", "give at least one way against a refusal; kind = \"court_only\" where there is no other");
    }
    for appeal in &j.appeals {
        let key = format!("appeal step {}", appeal.step);
        found.text(&format!("{key}, body"), &appeal.body);
        found.text(&format!("{key}, citation"), &appeal.citation);
        for id in appeal.file_by.iter().chain(&appeal.decide_by) {
            found.ids(&key, std::slice::from_ref(id), &ids);
        }
    }
    for (key, text) in [
        ("name", &j.name),
        ("law.name", &j.law.name),
        ("law.short", &j.law.short),
        ("law.citation", &j.law.citation),
        ("eligibility.citation", &j.eligibility.citation),
        ("court.citation", &j.court.citation),
        ("fees.citation", &j.fees.citation),
        ("counting.citation", &j.counting.citation),
        ("holidays.citation", &j.holidays.citation),
    ] {
        found.text(key, text);
    }
    found.address("law.url", &j.law.url);
    if let Some(detainers) = &j.detainers {
        found.text("detainers.citation", &detainers.citation);
        found.sourced(j, Topic::Detainers, detainers.confidence);
    }
    for (topic, confidence) in [
        (Topic::Law, j.law.confidence),
        (Topic::Eligibility, j.eligibility.confidence),
        (Topic::Court, j.court.confidence),
        (Topic::Fees, j.fees.confidence),
        (Topic::Counting, j.counting.confidence),
        (Topic::Holidays, j.holidays.confidence),
    ] {
        found.sourced(j, topic, confidence);
    }
    if !j.counting.first_day_excluded {
        found.add(
            "counting.first_day_excluded",
            "no law counts the day of receipt so far; the count does not support it",
        );
    }
    if j.fiscal.county_start.is_some() != j.fiscal.county_confidence.is_some() {
        found.add(
            "fiscal",
            "county_start and county_confidence belong together",
        );
    }
    if j.sources.is_empty() {
        found.add("source", "the file has no source");
    }
    for (at, source) in j.sources.iter().enumerate() {
        let key = format!("source {}", at + 1);
        found.address(&format!("{key}, url"), &source.url);
        found.text(&format!("{key}, title"), &source.title);
        if source.supports.is_empty() {
            found.add(&key, "supports is empty; say which parts it supports");
        }
    }
    for (at, change) in j.changes.iter().enumerate() {
        let key = format!("change {}", at + 1);
        found.text(&format!("{key}, says"), &change.says);
        if let Some(url) = &change.url {
            found.address(&format!("{key}, url"), url);
        }
    }
    check_holidays(&mut found, j);
    found.problems
}

fn check_duty(found: &mut Found, j: &Jurisdiction, duty: &Duty, conditions: &BTreeSet<&str>) {
    let key = format!("duty {}", duty.id);
    found.text(&format!("{key}, citation"), &duty.citation);
    found.text(&format!("{key}, says"), &duty.says);
    found.conditions(&key, &duty.when, conditions);
    found.conditions(&key, &duty.unless, conditions);
    found.sourced(j, duty.topic, duty.confidence);
    let plain_id = duty.id.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    if duty.id.is_empty() || !plain_id {
        found.add(
            &key,
            "an id has small letters and hyphens only, for it stands in addresses",
        );
    }
    if duty.from.is_empty() {
        found.add(&key, "from is empty; say what the count starts from");
    }
    match (duty.kind, duty.days, duty.unit) {
        (Kind::Fixed, Some(days), Some(_)) if days > 0 => {}
        (Kind::Fixed, ..) => found.add(&key, "a fixed limit needs days above 0 and a unit"),
        (_, None, None) => {}
        _ => found.add(&key, "days and unit belong to kind = \"fixed\" only"),
    }
    if duty.kind != Kind::Fixed
        && !(duty.readings.is_empty() && duty.earlier_of.is_empty() && duty.later_of.is_empty())
    {
        found.add(
            &key,
            "readings, earlier_of and later_of belong to kind = \"fixed\" only",
        );
    }
    for reading in &duty.readings {
        if reading.days.is_none() && reading.unit.is_none() && reading.from.is_none() {
            found.add(&key, "a reading must differ in days, unit or from");
        }
    }
    match (duty.days, duty.days_to) {
        (Some(days), Some(to)) if to > days => {}
        (_, None) => {}
        _ => found.add(
            &key,
            "days_to is the far end of a range: it needs days, and must be more",
        ),
    }
    if duty.who == Who::Ours && duty.unit == Some(Unit::Hours) {
        found.add(&key, "our own limits are counted in days or longer");
    }
}

/// Every rule must give a day for each year it names, over all years that calendars keep.
fn check_holidays(found: &mut Found, j: &Jurisdiction) {
    let rules = j
        .holidays
        .days
        .iter()
        .chain(j.holidays.may_be.iter().map(|maybe| &maybe.day))
        .chain(j.holidays.local.iter().map(|local| &local.day))
        .chain(&j.holidays.half_days);
    for text in rules {
        match Holiday::parse(text) {
            Err(problem) => found.add("holidays", &problem.to_string()),
            Ok(holiday) => {
                if !YEARS
                    .into_iter()
                    .any(|year| holiday.falls_on(year).is_some())
                {
                    found.add(
                        "holidays",
                        &format!("“{text}” falls in no year from 1990 to 2100"),
                    );
                }
            }
        }
    }
    if j.holidays.days.is_empty() {
        found.add("holidays.days", "the list is empty");
    }
    for own in &j.holidays.own_shifts {
        let key = format!("holidays.own_shift {}", own.day);
        found.text(&format!("{key}, citation"), &own.citation);
        if !j.holidays.days.contains(&own.day) {
            found.add(&key, "is not in holidays.days; write it as it stands there");
        }
    }
    for local in &j.holidays.local {
        let key = format!("holidays.local {}", local.day);
        found.text(&format!("{key}, citation"), &local.citation);
        if local.counties.is_empty() && local.holders.is_empty() {
            found.add(
                &key,
                "names neither counties nor holders; a holiday of all belongs in days",
            );
        }
    }
    for closing in &j.holidays.closings {
        let key = format!("holidays.closing {}", closing.on);
        found.text(&format!("{key}, why"), &closing.why);
        found.text(&format!("{key}, citation"), &closing.citation);
        if !YEARS.contains(&closing.on.year()) {
            found.add(&key, "is not between 1990 and 2100");
        }
    }
    if let Some(own) = &j.holidays.own_days {
        found.text("holidays.own_days, citation", &own.citation);
    }
    for unlike in &j.holidays.unlike {
        let key = format!("holidays.unlike {}", unlike.day);
        found.text(&format!("{key}, why"), &unlike.why);
        found.text(&format!("{key}, citation"), &unlike.citation);
    }
}

struct Found {
    code: Code,
    problems: Vec<Problem>,
}

impl Found {
    fn add(&mut self, key: &str, says: &str) {
        self.problems.push(Problem::new(self.code, key, says));
    }

    /// Rules of one key are in force one after the other, without a gap and without two at a time.
    fn force<R: Rule>(&mut self, rules: &[R]) {
        let mut by_key: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for rule in rules {
            let (from, until) = rule.force();
            if let (Some(from), Some(until)) = (from, until)
                && until < from
            {
                self.add(&rule.key(), "in_force_until is before in_force_from");
            }
            by_key.entry(rule.key()).or_default().push((from, until));
        }
        for (key, mut times) in by_key {
            times.sort();
            for pair in times.windows(2) {
                match (pair[0].1.and_then(|until| until.succ_opt()), pair[1].0) {
                    (Some(next), Some(from)) if next == from => {}
                    (Some(next), Some(from)) if next < from => self.add(
                        &key,
                        &format!("no rule is in force from {next} until {from}; let their dates of force meet"),
                    ),
                    _ => self.add(&key, "two rules of this name are in force at one time; give each its own id, or dates of force that meet"),
                }
            }
        }
    }

    fn text(&mut self, key: &str, text: &str) {
        if text.trim().is_empty() {
            self.add(key, "is empty");
        }
    }

    fn address(&mut self, key: &str, url: &str) {
        if !(url.starts_with("https://") || url.starts_with("http://"))
            || url.contains(char::is_whitespace)
        {
            self.add(key, "is not an address that starts with https://");
        }
    }

    fn ids(&mut self, key: &str, named: &[String], known: &BTreeSet<&str>) {
        for id in named {
            if !known.contains(id.as_str()) {
                self.add(key, &format!("there is no duty “{id}” in this file"));
            }
        }
    }

    fn conditions(&mut self, key: &str, named: &[String], known: &BTreeSet<&str>) {
        for name in named {
            if !known.contains(name.as_str()) {
                self.add(key, &format!("there is no condition “{name}” in this file"));
            }
        }
    }

    /// A part that claims a source must have one.
    fn sourced(&mut self, j: &Jurisdiction, topic: Topic, confidence: Confidence) {
        if confidence > Confidence::Unverified && j.sources_for(topic).next().is_none() {
            self.add(
                &format!("{topic:?}").to_lowercase(),
                "claims a source but no source of the file supports it; add one or set confidence = \"unverified\"",
            );
        }
    }
}
