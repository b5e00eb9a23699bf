//! The rules behind a letter's clauses: what each is called, what it says, where it stands, and how sure it is.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::facts::LetterFacts;
use super::law::plain_citation;
use super::practice::{Switch, practices};
use super::registry::Registry;
use crate::law::{Confidence, Duty};

/// One rule that clauses may lean on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// "fees", "duty:acknowledge": what clauses call it.
    pub key: String,
    /// Where it is written: "data/law/wa.toml, duty acknowledge".
    pub place: String,
    pub citation: String,
    pub confidence: Confidence,
    /// One sentence on what it says.
    pub says: String,
    /// Its public address, where it has one of its own.
    pub source: String,
    /// A person looked it up and vouches for it in this letter.
    pub confirmed: bool,
}

impl Rule {
    /// A letter may speak of it.
    pub fn is_sure(&self) -> bool {
        self.confidence > Confidence::Unverified || self.confirmed
    }
}

/// The rule of a clause, as it is kept beside the letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleMark {
    pub key: String,
    pub place: String,
    /// The law file does not vouch for it: a person did.
    #[serde(default)]
    pub confirmed: bool,
}

/// The rules at hand for one letter, by key.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules(BTreeMap<String, Rule>);

impl Rules {
    pub fn get(&self, key: &str) -> Option<&Rule> {
        self.0.get(key)
    }

    pub fn is_sure(&self, key: &str) -> bool {
        self.get(key).is_some_and(Rule::is_sure)
    }

    pub fn all(&self) -> impl Iterator<Item = &Rule> {
        self.0.values()
    }

    pub fn add(&mut self, rule: Rule) {
        self.0.insert(rule.key.clone(), rule);
    }
}

/// The key of a duty's rule.
pub(super) fn duty_key(duty: &Duty) -> String {
    format!("duty:{}", duty.id)
}

/// Every rule that these facts bring along.
pub(super) fn rules(registry: &Registry, facts: &LetterFacts) -> Rules {
    let law = &facts.law;
    let file = format!("data/law/{}.toml", law.code.as_str().to_lowercase());
    let confirmed: &BTreeSet<String> = &facts.confirmed;
    let mut rules = Rules::default();
    let mut add = |key: &str, part: &str, citation: &str, confidence, says: String| {
        rules.add(Rule {
            key: key.to_owned(),
            place: format!("{file}, {part}"),
            citation: plain_citation(citation),
            confidence,
            says,
            source: String::new(),
            confirmed: confirmed.contains(key),
        });
    };
    add(
        "law",
        "law",
        &law.citation,
        law.confidence,
        format!("The records law of {} is the {}.", law.state, law.name),
    );
    add(
        "eligibility",
        "eligibility",
        &law.eligibility_citation,
        law.eligibility_confidence,
        if law.residents_only {
            format!(
                "{} limits requests to its {}s.",
                law.state,
                law.residency_word()
            )
        } else {
            format!("{} does not limit requests to its residents.", law.state)
        },
    );
    add(
        "fees",
        "fees",
        &law.fees_citation,
        law.fees_confidence,
        format!("The rules of {} on fees.", law.state),
    );
    add(
        "waiver",
        "fees",
        &law.waiver_citation,
        law.fees_confidence,
        format!("{}: {}.", law.state, law.waiver.plain().to_lowercase()),
    );
    for duty in law.first.iter().chain(&law.later) {
        add(
            &duty_key(duty),
            &format!("duty {}", duty.id),
            &duty.citation,
            duty.confidence,
            duty.says.clone(),
        );
    }
    for item in &facts.items {
        if let Some((citation, confidence)) = &item.law {
            add(
                &item_key(&item.key),
                "data/reports",
                citation,
                *confidence,
                item.why.clone(),
            );
        }
    }
    if let Ok(practices) = practices() {
        for switch in practices.of(law.code, law.holder) {
            let key = switch_key(switch.what);
            rules.add(Rule {
                place: "data/letters/switches.toml".to_owned(),
                citation: switch.citation.clone(),
                confidence: switch.confidence,
                says: if switch.says.is_empty() {
                    switch.drafter.clone()
                } else {
                    switch.says.clone()
                },
                source: switch.source.clone(),
                confirmed: confirmed.contains(&key),
                key,
            });
        }
    }
    for rule in registry.rules() {
        rules.add(Rule {
            confirmed: confirmed.contains(&rule.key),
            ..rule.clone()
        });
    }
    rules
}

pub(super) fn switch_key(what: Switch) -> String {
    format!("switch:{}", what.as_str())
}

pub(super) fn item_key(key: &str) -> String {
    format!("item:{key}")
}
