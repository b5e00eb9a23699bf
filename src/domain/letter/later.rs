//! The merge fields and rules of letters after the first: what happened, what is due, what was refused and why not.
//!
//! Dates and numbers of days come from the request's clocks (`duty`), never from anywhere else.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::facts::{LetterFacts, Warning};
use super::kind::LetterKind;
use super::law::{LegalStep, plain_citation};
use super::merge::dollars;
use super::occasion::{ItemChoice, Occasion};
use super::offer::{clock_key, clock_rule, late_and_sure};
use super::practice::{StepAs, StepTo, StepWords};
use super::refusals::{Refusal, Weight, refusals};
use super::rules::{Rule, Rules};
use super::sheet::ComposeError;
use crate::calendar::words::counted;
use crate::domain::duty::DutyClock;
use crate::domain::event::{Evidence, ReplyKind};
use crate::domain::records::Shape;
use crate::domain::request::written;
use crate::law::Unit;

/// How a letter tells the agency that we know of its receipt; nothing where it is only presumed.
fn shown_by(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::ServerAccepted => "your mail server accepted it on that day",
        Evidence::Acknowledgment => "you acknowledged it",
        Evidence::DeliveryReceipt => "by the delivery receipt",
        Evidence::PortalStamp => "by the portal's confirmation",
        Evidence::CertifiedPost => "by the certified mail receipt",
        Evidence::FaxConfirmation => "by the fax confirmation",
        Evidence::StampedCopy => "by the stamped copy",
        Evidence::FolderWritten | Evidence::PersonVouched => "",
    }
}

/// Adds what a later letter speaks of to `fields` and `rules`, and says what its drafter should know.
pub(super) fn add(
    facts: &LetterFacts,
    occasion: &Occasion,
    rules: &mut Rules,
    fields: &mut Value,
) -> Result<Vec<Warning>, ComposeError> {
    let choices = &occasion.choices;
    let on = |day: Option<NaiveDate>| day.map(written);
    let file = format!("data/law/{}.toml", facts.law.code.as_str().to_lowercase());
    for clock in &occasion.clocks {
        rules.add(clock_rule(clock, &file, &facts.confirmed));
    }
    let reply_by = choices.reply_by.or(occasion.fair_day);
    let fee = occasion.last(ReplyKind::FeeDemanded);
    let fee_items: Vec<Value> = Vec::new();
    for (name, value) in [
        ("their_ref", json!(choices.their_ref.trim())),
        ("sent_on", json!(on(occasion.sent_on))),
        ("received_on", json!(occasion.received.map(|(day, _)| written(day)))),
        (
            "received_how",
            json!(occasion.received.map_or("", |(_, evidence)| shown_by(evidence))),
        ),
        (
            "ack_on",
            json!(on(occasion.last(ReplyKind::Acknowledged).map(|said| said.on))),
        ),
        (
            "extended_to",
            json!(on(occasion.last(ReplyKind::Extended).and_then(|said| said.until))),
        ),
        (
            "question_on",
            json!(on(occasion.last(ReplyKind::ClarificationAsked).map(|said| said.on))),
        ),
        ("came_on", json!(on(occasion.production().map(|said| said.on)))),
        ("words", json!(choices.words.trim())),
        ("reply_by", json!(on(reply_by))),
        ("fee_answer", json!(choices.fee_answer.as_str())),
        ("pay", json!(choices.pay_cents.and_then(dollars))),
        ("publication", json!(choices.publication.trim().trim_end_matches('.'))),
        ("nonprofit", json!(choices.nonprofit)),
        ("stays_open", json!(choices.stays_open)),
        ("fee", json!(fee.map(|said| json!({ "on": written(said.on), "amount": said.amount_cents.and_then(dollars), "by": on(said.until) })))),
        ("due", Value::Null),
        ("also_due", json!(fee_items)),
        ("silence", Value::Null),
    ] {
        fields[name] = value;
    }
    items(facts, occasion, fields);
    due(facts, occasion, rules, fields);
    let mut warnings = Vec::new();
    if matches!(
        facts.kind,
        LetterKind::Appeal | LetterKind::Complaint | LetterKind::Reconsideration
    ) {
        against(facts, occasion, rules, fields, &mut warnings)?;
    }
    Ok(warnings)
}

/// The items as the letter tells them, each with what the drafter chose for it.
fn items(facts: &LetterFacts, occasion: &Occasion, fields: &mut Value) {
    let none = ItemChoice::default();
    let told: Vec<Value> = facts
        .items
        .iter()
        .zip(1..)
        .map(|(item, n)| {
            let choice = occasion.choice(n).unwrap_or(&none);
            item_words(n, &item.text, item.shape, choice)
        })
        .collect();
    let pick = |wanted: &dyn Fn(&Value) -> bool| -> Value {
        told.iter().filter(|item| wanted(item)).cloned().collect()
    };
    fields["narrowed"] = pick(&|item| item["narrowed"] != "" && item["deferred"] == false);
    fields["deferred"] = pick(&|item| item["deferred"] == true);
    fields["unchanged"] = pick(&|item| item["narrowed"] == "" && item["deferred"] == false);
    fields["checked"] = pick(&|item| item["state"] != "");
    fields["gaps"] = pick(&|item| item["state"] != "" && item["state"] != "complete");
    fields["item_count"] = json!(told.len());
    fields["told"] = told.into();
}

fn item_words(n: i32, text: &str, shape: Shape, choice: &ItemChoice) -> Value {
    json!({
        "n": n,
        "text": text,
        "short": shortened(text),
        "totals": shape == Shape::Totals,
        "document": shape == Shape::Document,
        "agreement": shape == Shape::Agreement,
        "rows": shape == Shape::Rows,
        "money": shape == Shape::Money,
        "state": choice.state.map_or("", |state| state.as_str()),
        "state_plain": choice.state.map_or("", |state| state.plain()),
        "narrowed": choice.narrowed.trim(),
        "deferred": choice.deferred,
        "remark": choice.remark.trim().trim_end_matches('.'),
        "their_words": choice.their_words.trim(),
    })
}

/// The beginning of an item, enough to know it again: up to its first clause of some length.
fn shortened(text: &str) -> String {
    const ENOUGH: usize = 110;
    if text.chars().count() <= ENOUGH {
        return text.trim_end_matches('.').to_owned();
    }
    let mut short = String::new();
    for word in text.split(' ') {
        if short.chars().count() + word.chars().count() + 1 > ENOUGH {
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    format!("{} …", short.trim_end_matches([',', ';', ':', '(']))
}

/// The limit that the letter names: passed for a notice, running for a follow-up.
fn due(facts: &LetterFacts, occasion: &Occasion, rules: &mut Rules, fields: &mut Value) {
    let late = late_and_sure(occasion, &facts.confirmed);
    let (clock, others) = match facts.kind {
        LetterKind::OverdueNotice | LetterKind::Complaint => match late.split_first() {
            Some((first, rest)) => (Some(*first), rest.to_vec()),
            None => (None, Vec::new()),
        },
        _ => (
            occasion
                .running()
                .filter(|clock| rules.is_sure(&clock_key(clock))),
            Vec::new(),
        ),
    };
    let Some(clock) = clock else {
        return;
    };
    if let Some(own) = rules.get(&clock_key(clock)).cloned() {
        if let Some(silence) = clock
            .silence
            .as_ref()
            .filter(|silence| silence.means != "unstated")
            && let Some(citation) = &silence.citation
        {
            rules.add(Rule {
                key: "silence".to_owned(),
                citation: plain_citation(citation),
                says: silence.says.clone(),
                ..own.clone()
            });
            fields["silence"] =
                json!({ "means": silence.means, "citation": plain_citation(citation) });
        }
        rules.add(Rule {
            key: "due".to_owned(),
            ..own
        });
    }
    fields["due"] = clock_words(clock);
    fields["also_due"] = others.into_iter().map(clock_words).collect();
}

fn clock_words(clock: &DutyClock) -> Value {
    let what = match clock.duty.as_str() {
        "acknowledge" => "a first response",
        "determine" => "a decision on the request",
        _ => "the records, or the reason for withholding or delaying them",
    };
    let limit = match (clock.days, clock.unit) {
        (Some(days), Some(unit)) => counted(i64::from(days), unit.noun()),
        _ => String::new(),
    };
    let late_unit = match clock.unit {
        Some(Unit::Business) => "business day",
        _ => "day",
    };
    json!({
        "what": what,
        "limit": limit,
        "on": clock.due_on.map(written),
        "from": clock.counted_from.map(written),
        "from_what": from_what(&clock.counted_from_what),
        "late": clock.days_late.map(|days| counted(days, late_unit)),
        "citation": plain_citation(&clock.citation),
        "left_out": left_out(clock),
    })
}

/// The clock's own words, turned to the agency: "the day you received the request".
fn from_what(words: &str) -> String {
    words
        .replace("the agency received", "you received")
        .replace("the agency's acknowledgment", "your acknowledgment")
        .replace("the agency's determination", "your decision")
}

/// "weekends and Thanksgiving Day (November 26, 2026)": what the count left out.
fn left_out(clock: &DutyClock) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut weekends = false;
    for step in clock.trace.iter().filter(|step| !step.counted) {
        match step.why.as_str() {
            "Saturday" | "Sunday" => weekends = true,
            why if why.starts_with("day zero")
                || why.starts_with("the next business day")
                || why.starts_with("clock stopped") => {}
            why => parts.push(format!("{why} ({})", written(step.day))),
        }
    }
    if weekends {
        parts.insert(0, "weekends".to_owned());
    }
    match parts.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What a letter against a refusal needs: the step, its limit, and the answer to each item and ground.
fn against(
    facts: &LetterFacts,
    occasion: &Occasion,
    rules: &mut Rules,
    fields: &mut Value,
    warnings: &mut Vec<Warning>,
) -> Result<(), ComposeError> {
    let law = &facts.law;
    let choices = &occasion.choices;
    let steps = law.steps_for(facts.kind);
    let step = choices
        .step
        .and_then(|at| steps.iter().find(|(step, _)| step.at == at))
        .or(steps.first())
        .copied();
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
    fields["court"] = json!(law.court().map(|court| json!({
        "citation": plain_citation(&court.appeal.citation),
    })));
    answers(facts, occasion, rules, fields, warnings)
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
        "name": words.name,
        "to_agency": words.to == StepTo::Agency,
        "comment": words.as_ == StepAs::Comment,
        "citation": plain_citation(&step.appeal.citation),
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
            let mut said = clock_words(clock);
            said["on"] = json!(written(due));
            said["counted_from"] = json!(clock.counted_from_what);
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
        let words = item_words(n, &item.text, item.shape, choice);
        parts.push(json!({
            "key": format!("denied:{n}"),
            "id": "refusal/item",
            "version": 1,
            "text": format!(
                "Item {n} asks for: \"{}\"{}",
                words["short"].as_str().unwrap_or_default(),
                match choice.their_words.trim() {
                    "" => ".".to_owned(),
                    theirs => format!(". The answer to it was: \"{}\"", theirs),
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
        let cited = format!("{}, {}", authority.name, authority.citation);
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
