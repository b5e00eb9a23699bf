//! Composing a letter: the facts become rules and merge fields, and the registry's clauses are written over them.
//!
//! Which clauses stand in a letter, in which order and under which condition is in `templates/letters/*.toml`. A rule
//! whose confidence is `unverified` does not speak in a letter unless a person confirmed it: it is a warning to the
//! drafter, with a way to confirm it.

use serde_json::Value;

use super::Draft;
use super::facts::{LetterFacts, Unsure, Warning};
use super::kind::LetterKind;
use super::later;
use super::merge::{duty_words, words};
use super::offer::{Fit, fit};
use super::practice::practices;
use super::registry::{Registry, registry};
use super::rules::{Rule, Rules, duty_key, rules};
use super::sheet::{ComposeError, Sheet};
use crate::law::{Duty, Kind};

/// Makes the letter that these facts call for, in the house's words.
pub fn compose(facts: &LetterFacts) -> Result<Draft, ComposeError> {
    let registry = registry().map_err(|faults| ComposeError::Registry(faults.join("; ")))?;
    compose_with(registry, facts)
}

/// Makes the letter that these facts call for, in the words of this registry.
pub fn compose_with(registry: &Registry, facts: &LetterFacts) -> Result<Draft, ComposeError> {
    if facts.items.is_empty() {
        return Err(ComposeError::NoItems);
    }
    let mut rules = rules(registry, facts);
    let mut fields = words(facts, &rules);
    let mut warnings = timing(facts, &mut rules, &mut fields);
    if facts.kind != LetterKind::Request {
        // What the opening of a request says of its limits is no remark on a later letter.
        warnings.clear();
        let occasion = facts.occasion.as_ref().ok_or_else(|| {
            ComposeError::Refused(
                "The request has not been sent yet: nothing can follow it.".to_owned(),
            )
        })?;
        if let Fit::Refused { why, .. } = fit(
            facts.kind,
            &facts.law,
            occasion,
            &facts.confirmed,
            facts.date,
        ) {
            return Err(ComposeError::Refused(why));
        }
        warnings.extend(later::add(facts, occasion, &mut rules, &mut fields)?);
    }
    if let Ok(practices) = practices() {
        let law = &facts.law;
        if facts.kind == LetterKind::Request {
            for switch in practices.of(law.code, law.holder) {
                if !switch.drafter.is_empty() {
                    warnings.push(Warning::new(switch.what.as_str(), switch.drafter.clone()));
                }
            }
        }
        if let Some(residency) = practices.residency(law.code)
            && law.residents_only
        {
            warnings.push(Warning::new("residency", residency.drafter.clone()));
        }
    }
    for exception in facts
        .law
        .exceptions
        .iter()
        .filter(|_| facts.kind == LetterKind::Request)
    {
        warnings.push(Warning::new(
            "timing",
            format!("The limit in the letter does not run where {exception}."),
        ));
    }
    let mut draft = Sheet::new(registry, &rules, fields).write(facts.kind)?;
    draft.warnings.extend(warnings);
    Ok(draft)
}

/// The duties that a request letter quotes: only those that are sure. The number is the one that the clock runs.
fn timing(facts: &LetterFacts, rules: &mut Rules, fields: &mut Value) -> Vec<Warning> {
    let law = &facts.law;
    let mut warnings = Vec::new();
    let sure = |duty: &&Duty| rules.is_sure(&duty_key(duty));
    let first = law.first.as_ref().filter(sure);
    let later: Vec<&Duty> = law.later.iter().filter(sure).collect();
    let unsure: Vec<&Rule> = law
        .first
        .iter()
        .chain(&law.later)
        .filter(|duty| !sure(duty))
        .filter_map(|duty| rules.get(&duty_key(duty)))
        .collect();
    for rule in &unsure {
        warnings.push(Warning {
            about: "timing".to_owned(),
            message: format!(
                "{} ({}) That is not verified, so the letter does not mention it.",
                rule.says, rule.citation
            ),
            confirm: Some(Unsure::of(rule)),
        });
    }
    for duty in first.iter().copied().chain(later.iter().copied()) {
        for reading in &duty.readings {
            warnings.push(Warning::new(
                "timing",
                format!(
                    "{} can be read in another way: {}",
                    duty.citation, reading.note
                ),
            ));
        }
    }
    fields["timing_unsure"] = Value::from(!unsure.is_empty());
    fields["first"] = first.map_or(Value::Null, |duty| {
        let mut said = duty_words(duty, law);
        said["fixed"] = Value::from(duty.kind == Kind::Fixed);
        said["limit_plain"] = Value::from(duty.limit_plain());
        said
    });
    fields["later"] = later.iter().map(|duty| duty_words(duty, law)).collect();
    // The paragraph is as sure as the least sure duty in it.
    let weakest = first
        .into_iter()
        .chain(later.iter().copied())
        .filter_map(|duty| rules.get(&duty_key(duty)))
        .min_by_key(|rule| rule.confidence);
    if let (Some(duty), Some(weakest)) = (first, weakest)
        && let Some(own) = rules.get(&duty_key(duty))
    {
        let rule = Rule {
            key: "timing".to_owned(),
            confidence: weakest.confidence,
            confirmed: weakest.confirmed,
            ..own.clone()
        };
        rules.add(rule);
    }
    warnings
}
