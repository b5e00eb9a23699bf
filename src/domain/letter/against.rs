//! The merge fields and rules of letters against a refusal: the step, its limit, the answer to each item and ground.

use serde_json::{Value, json};

use super::facts::{LetterFacts, Warning};
use super::later::{clock_words, item_words};
use super::law::{LegalStep, plain_citation};
use super::occasion::Occasion;
use super::offer::clock_key;
use super::practice::{StepAs, StepTo, StepWords};
use super::refusals::{Refusal, Weight, refusals};
use super::rules::{Rule, Rules};
use super::sheet::ComposeError;
use crate::domain::request::written;

/// The step that the drafter chose, or the first one.
pub(super) fn chosen_step<'f>(
    facts: &'f LetterFacts,
    occasion: &Occasion,
) -> Option<(&'f LegalStep, &'static StepWords)> {
    let steps = facts.law.steps_for(facts.kind);
    occasion
        .choices
        .step
        .and_then(|at| steps.iter().find(|(step, _)| step.at == at))
        .or(steps.first())
        .copied()
}

/// What a letter against a refusal needs: the step, its limit, and the answer to each item and ground.
pub(super) fn add(
    facts: &LetterFacts,
    occasion: &Occasion,
    rules: &mut Rules,
    fields: &mut Value,
    warnings: &mut Vec<Warning>,
) -> Result<(), ComposeError> {
    let law = &facts.law;
    let choices = &occasion.choices;
    let step = chosen_step(facts, occasion);
    let refused_on = choices
        .refused_on
        .or(occasion.refusal().map(|said| said.on));
    let silent_since = refused_on
        .is_none()
        .then(|| occasion.denied_by_silence(facts.date))
        .flatten();
    fields["refused_on"] = json!(refused_on.map(written));
    fields["refusal_received_on"] = json!(
        choices
            .refusal_received_on
            .filter(|day| Some(*day) != refused_on)
            .map(written)
    );
    fields["silent_since"] = json!(silent_since.map(written));
    fields["appeal"] = Value::Null;
    fields["timely"] = Value::Null;
    if let Some((step, words)) = step {
        legal_step(facts, occasion, step, words, rules, fields, warnings);
    }
    for says in &law.before_suit {
        warnings.push(Warning::new("ask", format!("Before a suit: {says}")));
    }
    fields["court"] = json!(law.court().map(|court| json!({
        "citation": plain_citation(&court.appeal.citation),
    })));
    answers(facts, occasion, rules, fields, warnings)
}

/// "a request for review" as "Request for review".
fn titled(what: &str) -> String {
    let bare = what
        .strip_prefix("a ")
        .or_else(|| what.strip_prefix("an "))
        .unwrap_or(what);
    let mut letters = bare.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

fn legal_step(
    facts: &LetterFacts,
    occasion: &Occasion,
    step: &LegalStep,
    words: &StepWords,
    rules: &mut Rules,
    fields: &mut Value,
    warnings: &mut Vec<Warning>,
) {
    let place = format!(
        "data/law/{}.toml, appeal {}",
        facts.law.code.as_str().to_lowercase(),
        step.appeal.step
    );
    rules.add(Rule {
        key: "appeal".to_owned(),
        place,
        citation: plain_citation(&step.appeal.citation),
        confidence: step.appeal.confidence,
        says: step.appeal.body.clone(),
        source: String::new(),
        confirmed: facts.confirmed.contains("appeal"),
    });
    fields["appeal"] = json!({
        "what": words.what,
        "title": titled(&words.what),
        "name": words.name,
        "to_agency": words.to == StepTo::Agency,
        "comment": words.as_ == StepAs::Comment,
        "citation": if words.under.is_empty() {
            plain_citation(&step.appeal.citation)
        } else {
            words.under.clone()
        },
    });
    match words.to {
        StepTo::Agency => fields["to"]["title"] = json!(words.name),
        StepTo::Body => {
            fields["to"]["title"] = json!(words.title);
            fields["to"]["agency"] = json!(words.name);
        }
    }
    if !words.drafter.is_empty() {
        warnings.push(Warning::new("appeal", words.drafter.clone()));
    }
    if let Some(note) = &step.appeal.note {
        warnings.push(Warning::new("appeal", note.clone()));
    }
    let Some(clock) = step
        .file_by
        .as_ref()
        .and_then(|duty| occasion.clocks.iter().find(|clock| clock.id == duty.id))
    else {
        warnings.push(Warning::new(
            "appeal",
            "The law file gives no limit for filing: file soon, and ask counsel.".to_owned(),
        ));
        return;
    };
    for note in &clock.notes {
        warnings.push(Warning::new("appeal", note.clone()));
    }
    match clock.due_on {
        Some(due) if due < facts.date => warnings.push(Warning::new(
            "appeal",
            format!(
                "By the earliest count the limit for filing passed on {} ({}). Ask counsel before it goes.",
                written(due),
                clock.citation
            ),
        )),
        Some(due) => {
            if let Some(own) = rules.get(&clock_key(clock)).cloned() {
                rules.add(Rule {
                    key: "file_by".to_owned(),
                    ..own
                });
            }
            let mut said = clock_words(clock, facts.law.code);
            said["on"] = json!(written(due));
            said["counted_from"] = json!(clock.counted_from_what.replace("we received", "I received"));
            let shorter = step.file_by.as_ref().is_some_and(|duty| {
                let days = |other: Option<u32>| other.zip(duty.days);
                (duty.readings.iter()).any(|read| days(read.days).is_some_and(|(a, b)| a < b))
            });
            said["shorter"] = json!(shorter);
            fields["timely"] = said;
        }
        None => {}
    }
}

/// One paragraph for each item and ground, and one for each authority that may be named.
fn answers(
    facts: &LetterFacts,
    occasion: &Occasion,
    rules: &mut Rules,
    fields: &mut Value,
    warnings: &mut Vec<Warning>,
) -> Result<(), ComposeError> {
    let classes = refusals().map_err(|faults| ComposeError::Registry(faults.join("; ")))?;
    let mut parts: Vec<Value> = Vec::new();
    let mut reliefs: Vec<Value> = Vec::new();
    let mut answered: Vec<&str> = Vec::new();
    for (item, n) in facts.items.iter().zip(1..) {
        let Some(choice) = occasion
            .choice(n)
            .filter(|choice| !choice.grounds.is_empty())
        else {
            continue;
        };
        let words = item_words(n, item, choice);
        parts.push(json!({
            "key": format!("denied:{n}"),
            "id": "refusal/item",
            "version": 1,
            "text": format!(
                "Item {n} asks for: \"{}.\"{}",
                item.text.trim_end_matches('.'),
                match choice.their_words.trim() {
                    "" => String::new(),
                    theirs => format!(" The answer to it was: \"{theirs}\""),
                }
            ),
            "why": "Each refused item is quoted and answered by itself.",
            "rule": Value::Null,
        }));
        let mut wants: Vec<&str> = Vec::new();
        for ground in &choice.grounds {
            let Some(class) = classes.iter().find(|class| class.key == *ground) else {
                warnings.push(Warning::new(
                    "appeal",
                    format!("Item {n}: there is no class of refusal “{ground}” any more."),
                ));
                continue;
            };
            let again = answered.contains(&class.key.as_str());
            let mut about = fields.clone();
            about["item"] = words.clone();
            about["resident_name"] = json!(
                facts
                    .resident
                    .as_ref()
                    .map(|who| who.name.trim().to_owned())
            );
            let text = class
                .answered(again, &about)
                .map_err(|why| ComposeError::Clause {
                    clause: format!("refusal/{}", class.key),
                    why,
                })?;
            parts.push(json!({
                "key": format!("answer:{n}:{}", class.key),
                "id": format!("refusal/{}", class.key),
                "version": class.version,
                "text": text,
                "why": format!("Item {n}, ground: {}. It must show {}.", class.name, class.show.join("; ")),
                "rule": Value::Null,
            }));
            if !again {
                authorities(facts, occasion, class, rules, &mut parts, warnings);
                answered.push(&class.key);
            }
            wants.push(&class.relief);
        }
        reliefs.push(json!({ "n": n, "text": wants.join("; or ") }));
    }
    fields["answers"] = parts.into();
    fields["reliefs"] = reliefs.into();
    Ok(())
}

/// Binding authorities of this jurisdiction speak; persuasive ones only if the drafter chose them, and named as such;
/// adverse ones are told to the drafter.
fn authorities(
    facts: &LetterFacts,
    occasion: &Occasion,
    class: &Refusal,
    rules: &mut Rules,
    parts: &mut Vec<Value>,
    warnings: &mut Vec<Warning>,
) {
    let code = facts.law.code;
    for authority in &class.authorities {
        if authority.own_state && authority.jurisdiction != code {
            continue;
        }
        let cited = if authority.citation.starts_with('(') {
            format!("{} {}", authority.name, authority.citation)
        } else {
            format!("{}, {}", authority.name, authority.citation)
        };
        let weight = authority.weight_in(code);
        let chosen = occasion.choices.persuasive.contains(&authority.key);
        let text = match weight {
            Weight::Adverse => {
                warnings.push(Warning::new(
                    "authorities",
                    format!(
                        "Against us on “{}”, {}: {cited}: {}. It is not in the letter; be ready for it.",
                        class.name, authority.jurisdiction, authority.says
                    ),
                ));
                continue;
            }
            Weight::Persuasive if !chosen => {
                warnings.push(Warning::new(
                    "authorities",
                    format!(
                        "Persuasive only, on “{}”: {cited}: {}. Choose it for the letter if it helps.",
                        class.name, authority.says
                    ),
                ));
                continue;
            }
            Weight::Persuasive => format!(
                "Though it does not bind here, {cited}, is persuasive: {}.",
                authority.says
            ),
            Weight::Binding => format!("See {cited}: {}.", authority.says),
        };
        let key = format!("authority:{}", authority.key);
        rules.add(Rule {
            place: format!("data/refusals/{}.toml", class.key),
            citation: authority.citation.clone(),
            confidence: authority.confidence,
            says: format!("{}: {}.", authority.name, authority.says),
            source: authority.source.clone(),
            confirmed: facts.confirmed.contains(&key),
            key: key.clone(),
        });
        parts.push(json!({
            "key": key,
            "id": format!("refusal/{}", class.key),
            "version": class.version,
            "text": text,
            "why": format!("An authority on this ground: {}.", weight.plain()),
            "rule": key,
        }));
    }
}
