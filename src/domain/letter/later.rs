//! The merge fields and rules of letters after the first: what happened, what is due, what was refused and why not.
//!
//! Dates and numbers of days come from the request's clocks (`duty`), never from anywhere else.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::against;
use super::facts::{LetterFacts, LetterItem, Warning};
use super::kind::LetterKind;
use super::law::plain_citation;
use super::merge::dollars;
use super::occasion::{ItemChoice, Occasion};
use super::offer::{clock_key, clock_rule, late_and_sure};
use super::practice::{StepTo, practices};
use super::rules::{Rule, Rules};
use super::sheet::ComposeError;
use crate::calendar::words::counted;
use crate::domain::duty::DutyClock;
use crate::domain::event::{Evidence, ReplyKind};
use crate::domain::records::Shape;
use crate::domain::request::written;
use crate::law::{Code, Unit};

/// How a letter tells the agency that we know of its receipt; nothing where it is only presumed.
fn shown_by(evidence: Evidence, to_body: bool) -> &'static str {
    match evidence {
        Evidence::ServerAccepted if to_body => "the agency's mail server accepted it",
        Evidence::ServerAccepted => "your mail server accepted it",
        Evidence::Acknowledgment if to_body => "the agency acknowledged it",
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
    let to_body =
        against::chosen_step(facts, occasion).is_some_and(|(_, words)| words.to == StepTo::Body);
    let reply_by = choices.reply_by.or(occasion.fair_day);
    let fee = occasion.last(ReplyKind::FeeDemanded);
    let fee_items: Vec<Value> = Vec::new();
    for (name, value) in [
        ("their_ref", json!(choices.their_ref.trim())),
        ("sent_on", json!(on(occasion.sent_on))),
        ("received_on", json!(occasion.received.map(|(day, _)| written(day)))),
        (
            "received_how",
            json!(occasion.received.map_or("", |(_, evidence)| shown_by(evidence, to_body))),
        ),
        (
            "same_day",
            json!(occasion.sent_on.is_some() && occasion.sent_on == occasion.received.map(|(day, _)| day)),
        ),
        ("to_body", json!(to_body)),
        ("your", json!(if to_body { "the" } else { "your" })),
        ("please", json!(if to_body { "the agency can be asked to" } else { "please" })),
        (
            "with_copies",
            json!(choices.with_copies || facts.law.wants_copies(facts.kind, choices.step)),
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
        ("corrects_on", json!(on(choices.corrects_on))),
        ("completes", json!(choices.completes)),
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
        against::add(facts, occasion, rules, fields, &mut warnings)?;
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
            item_words(n, item, choice)
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

pub(super) fn item_words(n: i32, item: &LetterItem, choice: &ItemChoice) -> Value {
    let shape = item.shape;
    json!({
        "n": n,
        "text": item.text,
        "short": in_a_sentence(&item.name),
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

/// A name as it stands inside a sentence: "yearly detainer totals", but "ICE visits".
fn in_a_sentence(name: &str) -> String {
    let mut letters = name.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if !second.is_uppercase() && !second.is_ascii_digit() => {
            first.to_lowercase().collect::<String>() + &name[first.len_utf8()..]
        }
        _ => name.to_owned(),
    }
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
    let code = facts.law.code;
    fields["due"] = clock_words(clock, code);
    fields["also_due"] = others
        .into_iter()
        .map(|clock| clock_words(clock, code))
        .collect();
}

pub(super) fn clock_words(clock: &DutyClock, code: Code) -> Value {
    let own = practices().ok().and_then(|all| all.due(code, &clock.id));
    let (what, plural) = match (own, clock.duty.as_str()) {
        (Some(own), _) if !own.what.is_empty() => (own.what.as_str(), own.plural),
        (_, "acknowledge") => ("a first response", false),
        (_, "determine") => ("a decision on the request", false),
        _ => (
            "the records, or the reason for withholding or delaying them,",
            true,
        ),
    };
    let own_unit = own.map_or("", |own| own.unit.as_str());
    let limit = match (clock.days, clock.unit) {
        (Some(days), Some(_)) if !own_unit.is_empty() => counted(i64::from(days), own_unit),
        (Some(days), Some(unit)) => counted(i64::from(days), unit.noun()),
        _ => String::new(),
    };
    let late_unit = match clock.unit {
        Some(Unit::Business) if !own_unit.is_empty() => own_unit,
        Some(Unit::Business) => "business day",
        _ => "day",
    };
    json!({
        "what": what,
        "was": if plural { "were" } else { "was" },
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
