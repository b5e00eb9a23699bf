//! What the words of a reply suggest. Nothing here decides: a person sees the marked words and says what the reply is.
//!
//! Only the agency's own words are looked at, never what it quotes of ours.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use super::number::stated_numbers;
use super::quoted::unquoted;
use crate::domain::event::ReplyKind;
use crate::domain::letter::refusals;

/// Text beyond this is not looked at: a letter is shorter.
const LOOKED_AT: usize = 100_000;
/// Hits of one sign that are marked.
const MARKED: usize = 5;
/// How much of a sentence is kept as the words relied on.
const LONGEST_SENTENCE: usize = 400;

/// What marked words point at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    Kind(ReplyKind),
    /// A class of refusal, by its key.
    Ground(String),
    Amount(i64),
    Day(NaiveDate),
}

/// A stretch of the text that suggests something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub start: usize,
    pub end: usize,
    pub what: Marked,
}

/// Everything that a reply's words suggest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// In order of place; they may overlap.
    pub marks: Vec<Mark>,
    /// Kinds with the words that suggest them.
    pub kinds: Vec<(ReplyKind, String)>,
    /// Classes of refusal with the words.
    pub grounds: Vec<(String, String)>,
    /// US cents, in order of place.
    pub amounts: Vec<i64>,
    pub days: Vec<NaiveDate>,
    /// Numbers that the agency seems to give the request.
    pub numbers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signs {
    phrases: Vec<String>,
}

struct Sign {
    what: Marked,
    pattern: Regex,
}

static SIGNS: LazyLock<Result<Vec<Sign>, String>> = LazyLock::new(read);
static AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\$\s?([0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{2})?|[0-9]{1,9}(?:\.[0-9]{2})?)")
        .expect("a fixed pattern")
});
static DAY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?,?\s+([0-9]{4})|([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2}))\b",
    )
    .expect("a fixed pattern")
});

/// Up to six words of the same sentence between two parts of a phrase.
const GAP: &str = r"(?:\s+(?:(?:\w\.)+|[^\s;!?]*[^\s.;!?])){0,6}?\s+";

/// A pattern for a phrase: blanks match any white space, curly marks match straight ones, whole words only, and "…"
/// matches at most six words.
fn pattern(phrase: &str) -> Result<Regex, String> {
    let part = |part: &str| {
        part.split_whitespace()
            .map(|word| {
                regex::escape(word)
                    .replace('\'', "['’]")
                    .replace('-', "[-‐‑–]")
            })
            .collect::<Vec<_>>()
            .join(r"\s+")
    };
    let parts: Vec<String> = phrase.split('…').map(part).collect();
    let edge = |sign: Option<char>| match sign {
        Some(sign) if sign.is_alphanumeric() => r"\b",
        _ => "",
    };
    let text = format!(
        "{}{}{}",
        edge(phrase.chars().next()),
        parts.join(GAP),
        edge(phrase.chars().next_back())
    );
    RegexBuilder::new(&text)
        .case_insensitive(true)
        .build()
        .map_err(|fault| format!("the sign “{phrase}”: {fault}"))
}

fn read() -> Result<Vec<Sign>, String> {
    let kinds: BTreeMap<String, Signs> =
        toml::from_str(include_str!("../../../data/mail/signs.toml"))
            .map_err(|fault| format!("data/mail/signs.toml: {fault}"))?;
    let mut all = Vec::new();
    for (word, signs) in kinds {
        let kind = ReplyKind::parse(&word)
            .ok_or_else(|| format!("data/mail/signs.toml: no reply is “{word}”"))?;
        for phrase in &signs.phrases {
            all.push(Sign {
                what: Marked::Kind(kind),
                pattern: pattern(phrase)?,
            });
        }
    }
    for class in refusals().map_err(|faults| faults.join("; "))? {
        for phrase in &class.signs {
            all.push(Sign {
                what: Marked::Ground(class.key.clone()),
                pattern: pattern(phrase)?,
            });
        }
    }
    Ok(all)
}

/// Whether the signs can be read.
///
/// # Errors
/// What is wrong with them.
pub fn sound() -> Result<(), String> {
    SIGNS.as_ref().map(|_| ()).map_err(Clone::clone)
}

/// What a reply's subject and text suggest. Places are those of `text`.
pub fn suggest(subject: &str, text: &str) -> Suggestions {
    let mut end = text.len().min(LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let own = unquoted(&text[..end]);
    let mut found = Suggestions::default();
    for sign in SIGNS.as_deref().unwrap_or_default() {
        for hit in sign.pattern.find_iter(&own).take(MARKED) {
            found.marks.push(Mark {
                start: hit.start(),
                end: hit.end(),
                what: sign.what.clone(),
            });
        }
    }
    for hit in AMOUNT.captures_iter(&own).take(50) {
        if let (Some(place), Some(cents)) = (hit.get(0), super::cents(&hit[1])) {
            found.marks.push(Mark {
                start: place.start(),
                end: place.end(),
                what: Marked::Amount(cents),
            });
        }
    }
    for hit in DAY.captures_iter(&own).take(50) {
        if let (Some(place), Some(day)) = (hit.get(0), day_of(&hit)) {
            found.marks.push(Mark {
                start: place.start(),
                end: place.end(),
                what: Marked::Day(day),
            });
        }
    }
    found
        .marks
        .sort_by_key(|mark| (mark.start, std::cmp::Reverse(mark.end)));
    for mark in &found.marks {
        let words = own[mark.start..mark.end]
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        match &mark.what {
            Marked::Kind(kind) if !found.kinds.iter().any(|(known, _)| known == kind) => {
                found.kinds.push((*kind, words));
            }
            Marked::Ground(key) if !found.grounds.iter().any(|(known, _)| known == key) => {
                found.grounds.push((key.clone(), words));
            }
            Marked::Amount(cents) if !found.amounts.contains(cents) => found.amounts.push(*cents),
            Marked::Day(day) if !found.days.contains(day) => found.days.push(*day),
            _ => {}
        }
    }
    found.numbers = stated_numbers(subject, &own);
    found
}

impl Suggestions {
    /// The sentence around the first words that suggest a class of refusal: what the agency relied on.
    pub fn words_for(&self, ground: &str, text: &str) -> Option<String> {
        let mark = self
            .marks
            .iter()
            .find(|mark| matches!(&mark.what, Marked::Ground(key) if key == ground))?;
        let before = text.get(..mark.start)?;
        let after = text.get(mark.end..)?;
        let ends = |at: usize, sign: char, rest: &str| -> bool {
            matches!(sign, '!' | '?' | ';')
                || (sign == '.' && ends_a_sentence(rest, at))
                || (sign == '\n' && rest[at + 1..].starts_with('\n'))
        };
        let start = before
            .char_indices()
            .rev()
            .find(|(at, sign)| {
                let rest = &text[..mark.end];
                ends(*at, *sign, rest)
            })
            .map_or(0, |(at, sign)| at + sign.len_utf8());
        let end = after
            .char_indices()
            .find(|(at, sign)| ends(*at, *sign, after) || (*sign == '.' && at + 1 == after.len()))
            .map_or(text.len(), |(at, sign)| mark.end + at + sign.len_utf8());
        let sentence = text[start..end]
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        Some(sentence.chars().take(LONGEST_SENTENCE).collect())
    }
}

/// Whether the full stop at `at` ends a sentence: "C.F.R. § 236.6" and "No. 12" have stops that do not.
fn ends_a_sentence(text: &str, at: usize) -> bool {
    let after = &text[at + 1..];
    let next = after.trim_start();
    let abbreviated = text[..at]
        .rsplit(|sign: char| sign.is_whitespace() || sign == '.')
        .next()
        .is_some_and(|word| word.chars().count() == 1 && word.chars().all(char::is_uppercase));
    after.starts_with(char::is_whitespace)
        && !abbreviated
        && next
            .chars()
            .next()
            .is_none_or(|sign| sign.is_uppercase() || "\"“(>".contains(sign))
}

/// The first day that a text names.
pub(super) fn first_day(text: &str) -> Option<NaiveDate> {
    DAY.captures_iter(text).find_map(|hit| day_of(&hit))
}

fn day_of(hit: &regex::Captures<'_>) -> Option<NaiveDate> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    if let Some(month) = hit.get(1) {
        let name = month.as_str().get(..3)?.to_ascii_lowercase();
        let month = u32::try_from(MONTHS.iter().position(|known| *known == name)?).ok()? + 1;
        return NaiveDate::from_ymd_opt(hit[3].parse().ok()?, month, hit[2].parse().ok()?);
    }
    let year: i32 = hit[6].parse().ok()?;
    let year = if year < 100 { 2000 + year } else { year };
    NaiveDate::from_ymd_opt(year, hit[4].parse().ok()?, hit[5].parse().ok()?)
}
