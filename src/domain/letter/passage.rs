//! A letter's text as counsel reads it: paragraph by paragraph, each beside the rule that switched it on, and those
//! that a person wrote by hand shown as such.

use super::Clause;

/// One paragraph of a letter as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage<'d> {
    /// With its line breaks.
    pub text: &'d str,
    /// From 1, its first line in the body.
    pub line: usize,
    /// The clause that it came from, word for word. None where a person wrote or changed it, and for headings.
    pub clause: Option<&'d Clause>,
    /// A heading, an address, a date line: nothing that needs a rule.
    pub is_frame: bool,
}

/// Clauses that are no statement: addresses, greetings, signatures.
const FRAME: &[&str] = &[
    "date",
    "addressee",
    "about",
    "salutation",
    "greeting",
    "signature",
    "resident",
];

/// Splits a body at its empty lines and finds each paragraph's clause.
pub fn passages<'d>(body: &'d str, clauses: &'d [Clause]) -> Vec<Passage<'d>> {
    let mut out = Vec::new();
    let mut line = 1;
    for text in body.split("\n\n") {
        let trimmed = text.trim_matches('\n');
        if !trimmed.trim().is_empty() {
            let blank_before = text.len() - text.trim_start_matches('\n').len();
            let flat = flatten(trimmed);
            let clause = clauses.iter().find(|clause| {
                let paragraph = flatten(&clause.paragraph);
                flat == paragraph
                    || (clause.key.starts_with("item:") && without_number(&flat) == paragraph)
            });
            let is_heading = clauses
                .iter()
                .any(|clause| clause.heading.as_deref() == Some(flat.as_str()));
            out.push(Passage {
                text: trimmed,
                line: line + blank_before,
                clause,
                is_frame: is_heading
                    || clause.is_some_and(|clause| FRAME.contains(&clause.key.as_str())),
            });
        }
        line += text.matches('\n').count() + 2;
    }
    out
}

pub(super) fn flatten(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// "2. Records …" as "Records …".
fn without_number(text: &str) -> &str {
    match text.split_once(". ") {
        Some((number, rest))
            if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) =>
        {
            rest
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_paragraph_finds_its_clause_and_a_changed_one_does_not() {
        let clause = |key: &str, heading: Option<&str>, paragraph: &str| Clause {
            key: key.to_owned(),
            heading: heading.map(str::to_owned),
            paragraph: paragraph.to_owned(),
            why: String::new(),
            citation: None,
            confidence: None,
            id: String::new(),
            version: 0,
            rule: None,
        };
        let clauses = [
            clause("opening", None, "Under the Act, I ask."),
            clause("item:a", Some("Records requested"), "The log of 2024."),
            clause("close", None, "Thank you."),
        ];
        let body = "Dear officer:\n\nUnder the\nAct, I ask.\n\nRecords requested\n\n1. The log\n   of 2024.\n\n\nThank you very much.\n";
        let found: Vec<(usize, Option<&str>, bool)> = passages(body, &clauses)
            .iter()
            .map(|passage| {
                (
                    passage.line,
                    passage.clause.map(|c| c.key.as_str()),
                    passage.is_frame,
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                (1, None, false),
                (3, Some("opening"), false),
                (6, None, true),
                (8, Some("item:a"), false),
                (12, None, false),
            ]
        );
    }
}
