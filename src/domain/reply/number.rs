//! The agency's own number for a request: how it is compared, and where a message states one.
//!
//! Imports nothing of the project.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

/// Words of a message that are compared with known numbers, at most.
const MOST: usize = 2_000;
const SHORTEST: usize = 5;
const LONGEST: usize = 40;

/// "Request No. 26-1234", "[PRR-2026-0042]", "Reference #: W012345-010626".
static STATED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:request|reference|ref|case|tracking|file|ticket|control|prr|pra|foia|foil|ipra|cpra|opra|orr|rtk)\s*(?:number|num|no\.?|id|#)?[\s:#]{0,6}\(?((?:[A-Z]{1,6}[-_]?)?[0-9][0-9A-Z]*(?:[-_/][0-9A-Z]+)*)\b",
    )
    .expect("a fixed pattern")
});
static BRACKETED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)[\[(]\s*#?\s*((?:[A-Z]{1,6}[-_])?[0-9][0-9A-Z]*(?:[-_/][0-9A-Z]+)*)\s*[\])]")
        .expect("a fixed pattern")
});

/// A number as it is compared: capitals, no marks between. None where it proves nothing: short, or without a digit.
pub fn folded_number(number: &str) -> Option<String> {
    let folded: String = number
        .chars()
        .filter(|sign| sign.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect();
    let digits = folded.chars().filter(char::is_ascii_digit).count();
    (folded.chars().count() >= SHORTEST && folded.chars().count() <= LONGEST && digits >= 3)
        .then_some(folded)
}

/// Every word of a text that could be a known number, folded.
pub fn numbers_in_text(text: &str) -> BTreeSet<String> {
    text.split(|sign: char| sign.is_whitespace() || "()[]{}<>,;:\"'#".contains(sign))
        .map(|word| word.trim_matches(|sign: char| !sign.is_alphanumeric()))
        .filter(|word| {
            word.len() <= 3 * LONGEST && word.contains(|sign: char| sign.is_ascii_digit())
        })
        .filter_map(folded_number)
        .take(MOST)
        .collect()
}

/// Numbers that a message seems to state for the request, the subject's first. A person confirms one.
pub fn stated_numbers(subject: &str, own_words: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let head: String = own_words.chars().take(4_000).collect();
    for (text, patterns) in [
        (subject, &[&*STATED, &*BRACKETED][..]),
        (head.as_str(), &[&*STATED][..]),
    ] {
        for pattern in patterns {
            for hit in pattern.captures_iter(text) {
                let number = hit[1].trim_matches(['-', '_', '/']).to_owned();
                let ours = number
                    .strip_prefix(['S', 's'])
                    .and_then(|rest| rest.strip_prefix('-'))
                    .is_some_and(|rest| rest.bytes().all(|sign| sign.is_ascii_digit()));
                let is_day = number.split(['-', '/']).count() == 3
                    && number.len() <= 10
                    && number.bytes().all(|sign| !sign.is_ascii_alphabetic());
                if ours || is_day || folded_number(&number).is_none() || found.contains(&number) {
                    continue;
                }
                found.push(number);
                if found.len() == 5 {
                    return found;
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_where_agencies_state_them() {
        for (subject, text, expected) in [
            (
                "Public Records Request :: W012345-010626",
                "",
                vec!["W012345-010626"],
            ),
            ("[PRR-2026-0042] Your request", "", vec!["PRR-2026-0042"]),
            (
                "Re: Detainer counts (S-0042)",
                "Your request has been assigned reference number 26-10234.",
                vec!["26-10234"],
            ),
            ("FOIA 2026-00917", "", vec!["2026-00917"]),
            (
                "Your request of 01/12/2026",
                "We received your request 1/12/2026.",
                vec![],
            ),
            ("Re: request", "Call 206-555-0100.", vec![]),
            ("Request #12", "", vec![]),
        ] {
            assert_eq!(
                stated_numbers(subject, text),
                expected,
                "{subject} / {text}"
            );
        }
    }

    #[test]
    fn numbers_are_compared_without_their_marks() {
        assert_eq!(
            folded_number("prr-2026-0042").as_deref(),
            Some("PRR20260042")
        );
        assert_eq!(folded_number("12"), None);
        assert_eq!(folded_number("detainer"), None);
        let all = numbers_in_text("Re: [PRR-2026-0042], due (1/2/2026). W012345/010626!");
        assert!(all.contains("PRR20260042") && all.contains("W012345010626"));
        assert!(!all.contains("PRR2026004"), "only whole words");
    }
}
