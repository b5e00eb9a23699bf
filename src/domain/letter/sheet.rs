//! The paper that a letter is composed on: the registry's clauses, switched, rendered, wrapped and kept with reasons.

use minijinja::value::Serde;
use minijinja::{Value, context};
use serde_json::Value as Json;

use super::facts::{Unsure, Warning};
use super::kind::LetterKind;
use super::registry::{ClauseText, Layout, Registry};
use super::rules::{Rule, RuleMark, Rules};
use super::wrap::wrap;
use super::{COLUMNS, Clause, Draft, settle};

/// A letter could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    #[error("A letter needs at least one item. Choose a kind of record to ask for.")]
    NoItems,
    /// This kind of letter does not fit the request as it stands: the sentence says why.
    #[error("{0}")]
    Refused(String),
    /// The clauses are at fault, not the person.
    #[error("the letter's clause “{clause}” does not fit: {why}")]
    Clause { clause: String, why: String },
    #[error("the letters' clauses are not sound: {0}")]
    Registry(String),
}

/// A letter in the making.
pub(super) struct Sheet<'r> {
    registry: &'r Registry,
    rules: &'r Rules,
    fields: Value,
    paragraphs: Vec<String>,
    clauses: Vec<Clause>,
    warnings: Vec<Warning>,
    /// The last heading printed: alternatives and repetitions share one.
    heading: Option<String>,
}

impl<'r> Sheet<'r> {
    /// An empty sheet over its merge fields, to which `sure` is added: for each rule, whether a letter may speak of it.
    pub(super) fn new(registry: &'r Registry, rules: &'r Rules, mut fields: Json) -> Self {
        fields["sure"] = rules
            .all()
            .map(|rule| (rule.key.clone(), Json::from(rule.is_sure())))
            .collect::<serde_json::Map<_, _>>()
            .into();
        Self {
            registry,
            rules,
            fields: Value::from(Serde(&fields)),
            paragraphs: Vec::new(),
            clauses: Vec::new(),
            warnings: Vec::new(),
            heading: None,
        }
    }

    /// Writes every clause of this kind of letter whose condition holds.
    pub(super) fn write(mut self, kind: LetterKind) -> Result<Draft, ComposeError> {
        let registry = self.registry;
        let text = registry
            .kind(kind)
            .ok_or_else(|| ComposeError::Registry(format!("there is no file for {kind}")))?;
        for clause in registry.of(kind) {
            self.consider(clause)?;
        }
        for (at, remark) in text.remarks.iter().enumerate() {
            let name = format!("{kind}#warning{at}");
            let fault = |why| fault(&name, why);
            if registry
                .holds(&format!("{name}-when"), &self.fields)
                .map_err(fault)?
            {
                let message = flat(&registry.render(&name, &self.fields).map_err(fault)?);
                let unsure = remark
                    .confirm
                    .as_deref()
                    .and_then(|key| self.rules.get(key));
                self.warnings.push(Warning {
                    about: remark.about.clone(),
                    message,
                    confirm: unsure.map(Unsure::of),
                });
            }
        }
        let subject = format!("{kind}#subject");
        let subject = registry
            .render(&subject, &self.fields)
            .map_err(|why| fault(&subject, why))?;
        Ok(Draft {
            subject: flat(&subject),
            body: settle(&self.paragraphs.join("\n\n")),
            clauses: self.clauses,
            warnings: self.warnings,
        })
    }

    fn consider(&mut self, clause: &ClauseText) -> Result<(), ComposeError> {
        let Some(list) = &clause.each else {
            let fields = self.fields.clone();
            return self.try_one(clause, &fields, None, 0);
        };
        let things = self
            .fields
            .get_attr(list)
            .and_then(|things| things.try_iter())
            .map_err(|why| fault(&clause.id, format!("{why:#}")))?;
        for (at, thing) in things.enumerate() {
            let fields = context! { item => thing.clone(), n => at + 1, ..self.fields.clone() };
            self.try_one(clause, &fields, Some(&thing), at + 1)?;
        }
        Ok(())
    }

    fn try_one(
        &mut self,
        clause: &ClauseText,
        fields: &Value,
        thing: Option<&Value>,
        n: usize,
    ) -> Result<(), ComposeError> {
        let id = &clause.id;
        let registry = self.registry;
        let render = |part: &str| {
            registry
                .render(&format!("{id}#{part}"), fields)
                .map_err(|why| fault(id, why))
        };
        if render("when")? != "yes" {
            return Ok(());
        }
        let rule = self.rule_of(clause, thing)?;
        let key = flat(&render("key")?);
        if let Some(rule) = rule.filter(|rule| !rule.is_sure() && !clause.keep) {
            self.warnings.push(Warning {
                about: key,
                message: format!(
                    "{} ({}) That is not verified, so the letter leaves it out.",
                    rule.says, rule.citation
                ),
                confirm: Some(Unsure::of(rule)),
            });
            return Ok(());
        }
        let why = flat(&render("why")?);
        let text = render("text")?;
        let (paragraph, set) = match clause.layout {
            Layout::Paragraph => {
                let paragraph = flat(&text);
                let lead = if clause.numbered {
                    format!("{n:>2}. ")
                } else {
                    String::new()
                };
                let set = wrap(&paragraph, COLUMNS, &lead);
                (paragraph, set)
            }
            Layout::Lines => {
                let lines: Vec<String> = text
                    .lines()
                    .map(|line| wrap(line.trim(), COLUMNS, ""))
                    .filter(|line| !line.is_empty())
                    .collect();
                let set = lines.join("\n");
                (set.clone(), set)
            }
        };
        if paragraph.is_empty() {
            return Err(fault(id, "it came out empty".to_owned()));
        }
        let heading = clause
            .heading
            .clone()
            .filter(|heading| self.heading.as_ref() != Some(heading));
        if let Some(heading) = &heading {
            self.paragraphs.push(heading.clone());
            self.heading = Some(heading.clone());
        }
        self.paragraphs.push(set);
        // What a list repeats may be a clause of its own: the answer to a class of refusal.
        let own = thing.and_then(|thing| {
            let id = thing.get_attr("id").ok()?.as_str()?.to_owned();
            let version = u32::try_from(thing.get_attr("version").ok()?.as_i64()?).ok()?;
            Some((id, version))
        });
        let (id, version) = own.unwrap_or_else(|| (id.clone(), clause.version));
        self.clauses.push(Clause {
            key,
            id,
            version,
            heading,
            paragraph,
            why,
            citation: rule.map(|rule| rule.citation.clone()),
            confidence: rule.map(|rule| rule.confidence),
            rule: rule.map(|rule| RuleMark {
                key: rule.key.clone(),
                place: rule.place.clone(),
                confirmed: rule.confirmed,
            }),
        });
        Ok(())
    }

    /// The rule behind a clause; a key that the facts do not bring is a fault of the clause.
    fn rule_of(
        &self,
        clause: &ClauseText,
        thing: Option<&Value>,
    ) -> Result<Option<&'r Rule>, ComposeError> {
        let Some(key) = &clause.rule else {
            return Ok(None);
        };
        let own = thing.filter(|_| key == "each").map(|thing| {
            thing
                .get_attr("rule")
                .ok()
                .and_then(|own| own.as_str().map(str::to_owned))
        });
        let key = match own {
            Some(None) => return Ok(None),
            Some(Some(own)) => own,
            None => key.clone(),
        };
        match self.rules.get(&key) {
            Some(rule) => Ok(Some(rule)),
            None => Err(fault(&clause.id, format!("there is no rule “{key}” here"))),
        }
    }
}

fn fault(clause: &str, why: String) -> ComposeError {
    ComposeError::Clause {
        clause: clause.to_owned(),
        why,
    }
}

/// Words with single spaces. A sentence that ends in an abbreviation ("et seq.") has one period, not two.
pub(super) fn flat(text: &str) -> String {
    text.split_whitespace()
        .map(|word| match word.strip_suffix("..") {
            Some(bare) if !bare.ends_with('.') => word.strip_suffix('.').unwrap_or(bare),
            _ => word,
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::flat;

    #[test]
    fn a_sentence_that_ends_in_an_abbreviation_has_one_period() {
        assert_eq!(flat("140/1 et\n seq.. I  ask"), "140/1 et seq. I ask");
        assert_eq!(flat("and so on... yes"), "and so on... yes");
    }
}
