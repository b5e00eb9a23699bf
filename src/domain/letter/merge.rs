//! The merge fields of the clause templates: what each is called and how it is worded.

use serde_json::{Value, json};

use super::facts::LetterFacts;
use super::law::{LetterLaw, plain_citation, said_start};
use super::practice::{Switch, practices};
use super::rules::{Rules, item_key, switch_key};
use crate::domain::records::Shape;
use crate::domain::request::{Format, written};
use crate::law::{Confidence, Deed, Duty, Kind, Start, Waiver};

/// "50" dollars as "$50", 1250 cents as "$12.50"; none for nothing.
pub(super) fn dollars(cents: i64) -> Option<String> {
    match (cents / 100, cents % 100) {
        _ if cents <= 0 => None,
        (whole, 0) => Some(format!("${whole}")),
        (whole, part) => Some(format!("${whole}.{part:02}")),
    }
}

/// The merge fields of every template.
pub(super) fn words(facts: &LetterFacts, rules: &Rules) -> Value {
    let law = &facts.law;
    let text: String = facts
        .items
        .iter()
        .map(|item| item.text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let text = text.to_lowercase();
    let has = |word: &str| text.contains(word);
    let data: Vec<bool> = facts
        .items
        .iter()
        .map(|item| item.shape.is_data())
        .collect();
    let resident = facts.resident.as_ref();
    let placeholder = format!(
        "[[name and address of a {} of {} who makes this request]]",
        law.residency_word(),
        law.state
    );
    let uses = [
        ("detainer", has("detainer")),
        (
            "hold",
            text.split(|c: char| !c.is_alphanumeric())
                .any(|word| word == "hold" || word == "holds"),
        ),
        ("notification", has("notification")),
        ("transfer", has("transfer")),
        ("period", has("the period")),
        ("fiscal_year", has("fiscal year")),
    ];
    let to = &facts.addressee;
    let is_requester = resident.is_some_and(|who| who.name.trim() == facts.requester.name.trim());
    let switches = switches(law);
    json!({
        "agency": to.agency.trim(),
        "to_body": false,
        "switch": switches,
        "principles": principles(&switches, &law.state),
        "date": written(facts.date),
        "to": {
            "title": title(&to.custodian_title, law),
            "agency": to.agency.trim(),
        "to_body": false,
            "address": to.address.trim(),
            "email": to.email.trim(),
        },
        "topic": topic(facts),
        "federal": law.is_federal(),
        "requester": {
            "name": facts.requester.name.trim(),
            "organisation": facts.requester.organisation.trim(),
            "address": facts.requester.address.trim(),
            "email": facts.requester.email.trim(),
            "phone": facts.requester.phone.trim(),
        },
        "resident": {
            "given": resident.is_some(),
            "is_requester": is_requester,
            "signs": law.residents_only && resident.is_some() && !is_requester,
            "name": resident.map_or(placeholder.as_str(), |who| who.name.trim()),
            "address": resident.map_or("", |who| who.address.trim()),
        },
        "residency_word": law.residency_word(),
        "law": {
            "name": law.name,
            "citation": law.citation,
            "state": law.state,
            "eligibility_citation": law.eligibility_citation,
            "waiver_citation": law.waiver_citation,
            "fees_citation": law.fees_citation,
            "short": law.short,
            "residents_only": law.residents_only,
            "search_time_chargeable": law.search_time_chargeable,
            "form_note": law.form_note,
        },
        "our_ref": facts.our_ref.to_string(),
        "reply_address": facts.reply_address,
        "period": facts.period.in_words(),
        "inspection": facts.format == Format::Inspection,
        "format": facts.format.as_str(),
        "has_data": data.contains(&true),
        "has_documents": data.contains(&false),
        "uses": uses
            .iter()
            .map(|(word, used)| ((*word).to_owned(), Value::from(*used)))
            .collect::<serde_json::Map<_, _>>(),
        "items": facts.items.iter().map(|item| json!({
            "key": item.key,
            "text": item.text,
            "why": item.why,
            "rule": item.law.is_some().then(|| item_key(&item.key)),
        })).collect::<Vec<_>>(),
        "excluded": excluded(facts),
        "sought": sought(facts),
        "ceiling": dollars(facts.fee_ceiling_cents),
        "search": law.search_time_chargeable && rules.is_sure("fees"),
        "waiver": match law.waiver {
            Waiver::PublicInterest => "public_interest",
            Waiver::Discretionary => "discretionary",
            Waiver::Indigent => "indigent",
            Waiver::None => "none",
        },
        "waiver_words": switches["waiver"]
            .as_str()
            .filter(|_| rules.is_sure(&switch_key(Switch::Waiver)))
            .unwrap_or_default(),
        "waiver_plain": law.waiver.plain().to_lowercase(),
        "detainers_unsure": law.detainer_confidence == Some(Confidence::Unverified),
    })
}

/// What each switch says in this state: a sentence, or nothing.
fn switches(law: &LetterLaw) -> Value {
    let mut said: serde_json::Map<String, Value> = Switch::ALL
        .iter()
        .map(|what| (what.as_str().to_owned(), Value::Null))
        .collect();
    if let Ok(practices) = practices() {
        for switch in practices.of(law.code, law.holder) {
            if !switch.says.is_empty() {
                said.insert(switch.what.as_str().to_owned(), switch.says.clone().into());
            }
        }
    }
    said.into()
}

/// How the state's law words openness, the burden and redaction: what a letter against a refusal leans on.
fn principles(switches: &Value, state: &str) -> Vec<Value> {
    [
        (Switch::Openness, "openness"),
        (Switch::Burden, "the burden of proof"),
        (Switch::Basis, "what a refusal must say"),
        (Switch::Segregation, "release of the rest"),
        (Switch::Assist, "help for requesters"),
        (Switch::Search, "the search"),
    ]
    .into_iter()
    .filter_map(|(what, about)| {
        let says = switches[what.as_str()].as_str()?;
        Some(json!({
            "text": says,
            "why": format!("{state}'s own words on {about}."),
            "rule": switch_key(what),
        }))
    })
    .collect()
}

/// The custodian's title, the one that the state's law has for the officer, or the general one.
fn title<'t>(given: &'t str, law: &LetterLaw) -> &'t str {
    match given.trim() {
        "" => practices()
            .ok()
            .and_then(|all| all.officer(law.code))
            .map_or("Custodian of Records", |officer| officer.title.as_str()),
        title => title,
    }
}

/// "immigration detainer records", or what the only item is about.
fn topic(facts: &LetterFacts) -> &'static str {
    if facts
        .items
        .iter()
        .all(|item| item.shape == Shape::Agreement)
    {
        "agreements with federal immigration authorities"
    } else {
        "immigration detainer records"
    }
}

/// "names, A-numbers and dates of birth": each thing once, in the order of the items.
fn excluded(facts: &LetterFacts) -> String {
    let mut things: Vec<&str> = Vec::new();
    for thing in facts.items.iter().flat_map(|item| &item.exclude) {
        if !things.contains(&thing.as_str()) {
            things.push(thing);
        }
    }
    // "names" says it all.
    if things.contains(&"names") {
        things.retain(|thing| !thing.starts_with("names "));
    }
    listed(&things)
}

/// "totals, policies and agreements": what the items ask for, and truthfully so.
fn sought(facts: &LetterFacts) -> String {
    let mut things = Vec::new();
    for (shape, word) in [
        (Shape::Totals, "totals"),
        (Shape::Document, "policies and other general documents"),
        (Shape::Agreement, "agreements"),
        (Shape::Money, "costs and payments"),
        (Shape::Rows, "data without identifiers"),
    ] {
        if facts.items.iter().any(|item| item.shape == shape) {
            things.push(word);
        }
    }
    // "policies and other general documents" needs its comma before the last "and".
    match things.as_slice() {
        [first @ .., last] if first.len() > 1 => format!("{}, and {last}", first.join(", ")),
        _ => listed(&things),
    }
}

fn listed(things: &[&str]) -> String {
    match things {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// One duty as `timing_*.txt` speaks of it.
pub(super) fn duty_words(duty: &Duty, law: &LetterLaw) -> Value {
    let own = practices().ok().and_then(|all| all.due(law.code, &duty.id));
    let what = match own.filter(|own| !own.what.is_empty()) {
        Some(own) => format!("{} {}", own.what, if own.plural { "are" } else { "is" }),
        None => match duty.deed {
            Deed::Acknowledge => "a first response is",
            Deed::Determine => "a decision on the request is",
            _ => "the records, or the reason for withholding or delaying them, are",
        }
        .to_owned(),
    };
    // Where another reading counts other days, only the printed number is quoted.
    let disputed = duty
        .readings
        .iter()
        .any(|reading| reading.unit.is_some_and(|unit| Some(unit) != duty.unit));
    let limit = match duty.days {
        Some(days) if disputed => crate::calendar::words::counted(i64::from(days), "day"),
        Some(days) if own.is_some_and(|own| !own.unit.is_empty()) => {
            let unit = own.map_or("day", |own| own.unit.as_str());
            crate::calendar::words::counted(i64::from(days), unit)
        }
        _ => duty.limit_plain(),
    };
    let pace = match duty.kind {
        _ if own.is_some_and(|own| !own.pace.is_empty()) => own.map_or("", |own| own.pace.as_str()),
        Kind::Prompt => "a prompt answer",
        Kind::Reasonable => "an answer within a reasonable time",
        _ => "an answer",
    };
    let start = duty.from.iter().find_map(|start| said_start(*start));
    json!({
        "citation": plain_citation(&duty.citation),
        "what": what,
        "limit": limit,
        "pace": pace,
        "start": start.or(said_start(Start::Receipt)),
        "state": law.state,
    })
}
