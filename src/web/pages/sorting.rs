//! The form of "what is this reply": everything at once, item by item, with the words that suggest it beside each choice.
//!
//! Shared by the page of a message and by the page for what came another way. It reads and shows; deeds are elsewhere.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use minijinja::{Value, context};

use crate::actions::ActionError;
use crate::domain::event::{Detail, ReplyKind};
use crate::domain::letter::refusals;
use crate::domain::reply::{Incomplete, Marked, Passage, Sorting, Suggestions, cents, passages};
use crate::domain::request::RequestItem;
use crate::web::desk::long_day;
use crate::web::form::{Posted, Reading};
use crate::web::trouble::WebError;

/// What a reply can say of the request as a whole.
const OF_THE_REQUEST: [ReplyKind; 6] = [
    ReplyKind::Acknowledged,
    ReplyKind::Extended,
    ReplyKind::ClarificationAsked,
    ReplyKind::FeeDemanded,
    ReplyKind::ClosedByAgency,
    ReplyKind::Other,
];

/// What it can say of an item.
const OF_ITEMS: [ReplyKind; 6] = [
    ReplyKind::Produced,
    ReplyKind::Partial,
    ReplyKind::Denied,
    ReplyKind::NoRecords,
    ReplyKind::Determined,
    ReplyKind::Referred,
];

fn hint(kind: ReplyKind) -> &'static str {
    match kind {
        ReplyKind::Acknowledged => "They have it; nothing is decided.",
        ReplyKind::Extended => "Give the date that they name.",
        ReplyKind::FeeDemanded => "Give the amount, and by when if they say.",
        ReplyKind::ClarificationAsked => "The next word is ours.",
        ReplyKind::ClosedByAgency => {
            "“Closed for inactivity” and the like: it can be reopened in writing."
        }
        ReplyKind::Other => "Automatic receipts too: they prove arrival at most.",
        _ => "",
    }
}

/// What an item came to, as a choice.
fn outcome(kind: ReplyKind) -> &'static str {
    match kind {
        ReplyKind::Produced => "Released: all of it came",
        ReplyKind::Partial => "Released in part, the rest refused",
        ReplyKind::Denied => "Denied",
        ReplyKind::NoRecords => "They say they have no records",
        ReplyKind::Determined => "They will release it; it has not come yet",
        ReplyKind::Referred => "They point to another agency",
        other => other.plain(),
    }
}

/// What the form shows: choices with the words that suggest them, the items, and what was found in the text.
pub fn fields(
    items: &[RequestItem],
    found: &Suggestions,
    on: NaiveDate,
    knows_number: bool,
) -> Result<Value, WebError> {
    let because = |kind: ReplyKind| {
        found
            .kinds
            .iter()
            .find(|(known, _)| *known == kind)
            .map(|(_, words)| format!("The reply says “{words}”."))
    };
    let kinds: Vec<Value> = OF_THE_REQUEST
        .into_iter()
        .map(|kind| {
            let hint = match because(kind) {
                Some(seen) => format!("{} {seen}", hint(kind)),
                None => hint(kind).to_owned(),
            };
            context! { value => kind.as_str(), label => kind.plain(), hint => hint }
        })
        .collect();
    let outcomes: Vec<Value> = OF_ITEMS
        .into_iter()
        .map(|kind| context! { value => kind.as_str(), label => outcome(kind) })
        .collect();
    let suggested: Vec<String> = OF_ITEMS
        .into_iter()
        .filter_map(|kind| {
            let (_, words) = found.kinds.iter().find(|(known, _)| *known == kind)?;
            Some(format!(
                "“{words}” suggests: {}",
                kind.plain().to_lowercase()
            ))
        })
        .collect();
    let classes = refusals().map_err(|faults| {
        ActionError::fault(
            "reading the classes of refusal",
            std::io::Error::other(faults.join("; ")),
        )
    })?;
    // What the words suggest stands first; the rest follow in their usual order.
    let mut grounds: Vec<(bool, Value)> = classes
        .iter()
        .map(|class| {
            let seen = found.grounds.iter().find(|(key, _)| *key == class.key);
            let hint = match seen {
                Some((_, words)) => format!("The reply says “{words}”."),
                None => String::new(),
            };
            let choice =
                context! { value => class.key.clone(), label => class.name.clone(), hint => hint };
            (seen.is_none(), choice)
        })
        .collect();
    grounds.sort_by_key(|(unseen, _)| *unseen);
    let seen = grounds.iter().filter(|(unseen, _)| !unseen).count();
    Ok(context! {
        kinds => kinds,
        outcomes => outcomes,
        suggested => &suggested,
        grounds => grounds.iter().take(seen).map(|(_, choice)| choice.clone()).collect::<Vec<_>>(),
        more_grounds => grounds.iter().skip(seen).map(|(_, choice)| choice.clone()).collect::<Vec<_>>(),
        all_grounds => grounds.iter().map(|(_, choice)| choice.clone()).collect::<Vec<_>>(),
        items => items.iter().map(|item| context! { n => item.position, text => short(&item.text) }).collect::<Vec<_>>(),
        on => on.to_string(),
        open_details => found.kinds.iter().any(|(kind, _)| matches!(kind, ReplyKind::Extended | ReplyKind::FeeDemanded | ReplyKind::ClarificationAsked)),
        open_items => suggested.len() > 1,
        amounts => found.amounts.iter().take(6).map(|cents| dollars(*cents)).collect::<Vec<_>>(),
        days => found.days.iter().take(6).map(|day| long_day(*day)).collect::<Vec<_>>(),
        number => if knows_number { String::new() } else { found.numbers.first().cloned().unwrap_or_default() },
        numbers => found.numbers.clone(),
    })
}

/// The beginning of an item's text, for a list of them.
fn short(text: &str) -> String {
    if text.chars().count() <= 160 {
        return text.to_owned();
    }
    let cut: String = text.chars().take(159).collect();
    format!("{}…", cut.trim_end())
}

/// "$1,250.50".
pub fn dollars(cents: i64) -> String {
    let sign = if cents < 0 { "−" } else { "" };
    let cents = cents.unsigned_abs();
    let digits = (cents / 100).to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}${grouped}.{:02}", cents % 100)
}

/// An amount in a field of a form, in cents.
pub fn amount(reading: &mut Reading<'_>, posted: &Posted, name: &str) -> Option<i64> {
    match posted.text(name) {
        "" => None,
        text => {
            let read = cents(text);
            if read.is_none() {
                reading.wrong(name, "This is not an amount. Write it as 125.50.");
            }
            read
        }
    }
}

fn chosen_grounds(posted: &Posted, name: &str) -> Vec<String> {
    let known = refusals().unwrap_or_default();
    posted
        .all(name)
        .into_iter()
        .filter(|key| known.iter().any(|class| class.key == *key))
        .map(str::to_owned)
        .collect()
}

/// Reads the form into findings; none where something is missing, with a sentence beside it.
pub fn read(
    reading: &mut Reading<'_>,
    posted: &Posted,
    items: &[RequestItem],
    (found, text): (&Suggestions, &str),
    today: NaiveDate,
) -> Option<Vec<Sorting>> {
    let on = reading.date("on", "Give the day on which the reply came.");
    let note = reading.optional("note", 2_000);
    let until = reading.optional_date("until");
    let pay_by = reading.optional_date("pay_by");
    let answer_by = reading.optional_date("answer_by");
    let reason = reading.optional("reason", 500);
    let asked = amount(reading, posted, "amount");
    let deposit = amount(reading, posted, "deposit");
    let mut kinds: Vec<ReplyKind> = posted
        .all("what")
        .into_iter()
        .filter_map(ReplyKind::parse)
        .collect();
    let every = ReplyKind::parse(posted.text("outcome"));
    kinds.extend(every.filter(|kind| OF_ITEMS.contains(kind)));
    kinds.dedup();
    let on = on?;
    let finding = |what, until, amount_cents, detail| Sorting {
        what,
        on,
        until,
        amount_cents,
        note: note.clone(),
        detail,
    };
    let mut findings = Vec::new();
    let mut of_all: Option<ReplyKind> = None;
    for kind in kinds {
        match kind {
            ReplyKind::Extended => {
                let detail = Detail {
                    reason: reason.clone(),
                    ..Detail::default()
                };
                findings.push(finding(kind, until, None, detail));
            }
            ReplyKind::FeeDemanded => {
                let detail = Detail {
                    deposit_cents: deposit,
                    invoiced: posted.has("billed"),
                    ..Detail::default()
                };
                findings.push(finding(kind, pay_by, asked, detail));
            }
            ReplyKind::ClarificationAsked => {
                findings.push(finding(kind, answer_by, None, Detail::default()));
            }
            kind if OF_ITEMS.contains(&kind) => of_all = Some(kind),
            kind => findings.push(finding(kind, None, None, Detail::default())),
        }
    }
    for (kind, detail) in outcomes(reading, posted, items, of_all, (found, text)) {
        findings.push(finding(kind, None, None, detail));
    }
    match crate::domain::reply::in_order(findings, today) {
        Ok(findings) if reading.is_right() => Some(findings),
        Ok(_) => None,
        Err(why) => {
            let field = match why {
                Incomplete::Nothing => "what",
                Incomplete::Deposit => "deposit",
                Incomplete::NotYet => "on",
                Incomplete::ExtendedTo | Incomplete::BeforeTheReply => "until",
                Incomplete::Amount => "amount",
            };
            reading.wrong(field, why.to_string());
            None
        }
    }
}

/// What came of the items, those that came to the same for the same reasons together.
fn outcomes(
    reading: &mut Reading<'_>,
    posted: &Posted,
    items: &[RequestItem],
    of_all: Option<ReplyKind>,
    (found, text): (&Suggestions, &str),
) -> Vec<(ReplyKind, Detail)> {
    let typed = reading.optional("words", 2_000);
    let grounds = chosen_grounds(posted, "grounds");
    // The sentence that shows a ground is kept with it, so that the appeal can quote it.
    let relied_on = |typed: &str, grounds: &[String]| {
        if !typed.is_empty() {
            return typed.to_owned();
        }
        let mut said: Vec<String> = Vec::new();
        for ground in grounds {
            if let Some(sentence) = found.words_for(ground, text)
                && !said.contains(&sentence)
            {
                said.push(sentence);
            }
        }
        said.join(" … ")
    };
    let mut grouped: BTreeMap<(usize, Vec<String>, String), Vec<i32>> = BTreeMap::new();
    let place = |kind| OF_ITEMS.iter().position(|known| *known == kind);
    for item in items {
        let n = item.position;
        let own = ReplyKind::parse(posted.text(&format!("outcome-{n}")))
            .filter(|kind| OF_ITEMS.contains(kind));
        let own_words = reading.optional(&format!("words-{n}"), 2_000);
        let own_grounds = chosen_grounds(posted, &format!("grounds-{n}"));
        let Some(kind) = own.or(of_all) else {
            continue;
        };
        let grounds = if own_grounds.is_empty() {
            grounds.clone()
        } else {
            own_grounds
        };
        let words = relied_on(
            if own_words.is_empty() {
                &typed
            } else {
                &own_words
            },
            &grounds,
        );
        if let Some(place) = place(kind) {
            grouped.entry((place, grounds, words)).or_default().push(n);
        }
    }
    if items.is_empty()
        && let Some(place) = of_all.and_then(place)
    {
        let words = relied_on(&typed, &grounds);
        grouped.insert((place, grounds, words), Vec::new());
    }
    grouped
        .into_iter()
        .map(|((place, grounds, words), items)| {
            let detail = Detail {
                items,
                grounds,
                words,
                ..Detail::default()
            };
            (OF_ITEMS[place], detail)
        })
        .collect()
}

/// A message's text for the page: what it quotes apart, and words that suggest something marked.
pub fn shown(text: &str, found: &Suggestions) -> Vec<Value> {
    // Marks never overlap on the page: the first and longest stands.
    let mut marks: Vec<(usize, usize, String)> = Vec::new();
    for mark in &found.marks {
        if marks.last().is_none_or(|(_, end, _)| mark.start >= *end) {
            marks.push((mark.start, mark.end, points_at(&mark.what)));
        }
    }
    let all: Vec<Passage> = passages(text);
    all.iter()
        .map(|passage| {
            let mut pieces = Vec::new();
            let mut at = passage.start;
            for (start, end, title) in &marks {
                if *start < at || *end > passage.end {
                    continue;
                }
                pieces.push(context! { text => &text[at..*start], title => "" });
                pieces.push(context! { text => &text[*start..*end], title => title });
                at = *end;
            }
            pieces.push(context! { text => &text[at..passage.end], title => "" });
            context! { quoted => passage.quoted, pieces => pieces }
        })
        .collect()
}

fn points_at(what: &Marked) -> String {
    match what {
        Marked::Kind(kind) => format!("suggests: {}", kind.plain().to_lowercase()),
        Marked::Ground(key) => {
            let name = refusals()
                .unwrap_or_default()
                .iter()
                .find(|class| class.key == *key)
                .map_or(key.as_str(), |class| class.name.as_str());
            format!("suggests a ground: {name}")
        }
        Marked::Amount(cents) => format!("an amount: {}", dollars(*cents)),
        Marked::Day(day) => format!("a day: {}", long_day(*day)),
    }
}

/// One finding in words, as a list of what a reply was sorted as says it.
pub fn said(what: ReplyKind, on: NaiveDate, amount_cents: Option<i64>, detail: &Detail) -> String {
    let mut words = what.plain().to_owned();
    if detail.is_part() {
        words.push_str(&format!(" ({})", numbered(&detail.items)));
    }
    words.push_str(&format!(", {}", long_day(on)));
    if let Some(cents) = amount_cents {
        words.push_str(&format!("; {}", dollars(cents)));
    }
    words
}

/// "item 2", "items 1 and 3".
pub fn numbered(items: &[i32]) -> String {
    let all: Vec<String> = items.iter().map(ToString::to_string).collect();
    match &all[..] {
        [] => "all items".to_owned(),
        [one] => format!("item {one}"),
        [before @ .., last] => format!("items {} and {last}", before.join(", ")),
    }
}

/// Classes of refusal by their names.
pub fn grounds(keys: &[String]) -> String {
    let known = crate::domain::letter::refusals().unwrap_or_default();
    keys.iter()
        .filter_map(|key| known.iter().find(|class| class.key == *key))
        .map(|class| class.name.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

/// The agency's own words, marked as such.
pub fn quoted(words: &str) -> String {
    if words.is_empty() {
        String::new()
    } else {
        format!("“{words}”")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_and_items_in_words() {
        for (cents, words) in [
            (0, "$0.00"),
            (5, "$0.05"),
            (125_050, "$1,250.50"),
            (100_000_000, "$1,000,000.00"),
            (-99_999, "−$999.99"),
        ] {
            assert_eq!(dollars(cents), words);
        }
        assert_eq!(numbered(&[2]), "item 2");
        assert_eq!(numbered(&[1, 3, 4]), "items 1, 3 and 4");
    }

    #[test]
    fn the_whole_text_is_shown_once() {
        let text = "It is denied.\n\nOn Tue, Jan 6, 2026 Rosa wrote:\n> is denied\n";
        let found = crate::domain::reply::suggest("", text);
        let mut back = String::new();
        let mut marked = 0;
        for block in shown(text, &found) {
            for piece in block
                .get_attr("pieces")
                .expect("pieces")
                .try_iter()
                .expect("a list")
            {
                back.push_str(
                    piece
                        .get_attr("text")
                        .expect("text")
                        .as_str()
                        .expect("a string"),
                );
                marked += usize::from(
                    !piece
                        .get_attr("title")
                        .expect("title")
                        .as_str()
                        .unwrap_or_default()
                        .is_empty(),
                );
            }
        }
        assert_eq!(back, text);
        assert_eq!(marked, 1, "our own words, quoted, are not marked");
    }
}
