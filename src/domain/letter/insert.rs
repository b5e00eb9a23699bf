//! A paragraph put into a composed letter behind another one: what is particular to one agency or one campaign.

use super::passage::passages;
use super::wrap::wrap;
use super::{COLUMNS, Clause, Draft, settle};

/// Puts `clause` behind the last paragraph whose key starts with one of `behind`, the first of them that is there. Set
/// as the other paragraphs are. False, with nothing changed, where no such paragraph stands in the letter.
pub fn insert_behind(draft: &mut Draft, behind: &[&str], clause: Clause) -> bool {
    for prefix in behind {
        let at = passages(&draft.body, &draft.clauses)
            .iter()
            .rev()
            .find(|passage| {
                passage
                    .clause
                    .is_some_and(|clause| clause.key.starts_with(prefix))
            })
            .map(|passage| passage.line - 1 + passage.text.lines().count());
        let Some(at) = at else { continue };
        let lines: Vec<&str> = draft.body.lines().collect();
        let (before, after) = lines.split_at(at.min(lines.len()));
        let paragraph = wrap(&clause.paragraph, COLUMNS, "");
        let body = format!("{}\n\n{paragraph}\n{}", before.join("\n"), after.join("\n"));
        let place = draft
            .clauses
            .iter()
            .rposition(|known| known.key.starts_with(prefix))
            .map_or(draft.clauses.len(), |place| place + 1);
        draft.body = settle(&body);
        draft.clauses.insert(place, clause);
        return true;
    }
    false
}

impl Clause {
    /// A paragraph that no rule asks for.
    pub fn by_habit(key: &str, paragraph: &str, why: &str) -> Clause {
        Clause {
            key: key.to_owned(),
            heading: None,
            paragraph: paragraph.to_owned(),
            why: why.to_owned(),
            citation: None,
            confidence: None,
            id: String::new(),
            version: 0,
            rule: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clause(key: &str, paragraph: &str) -> Clause {
        Clause::by_habit(key, paragraph, "")
    }

    #[test]
    fn a_paragraph_goes_behind_the_last_of_its_kind() {
        let mut draft = Draft {
            subject: "Records".to_owned(),
            body: "I ask.\n\n 1. The log.\n\n 2. The policy\n    of 2024.\n\nThank you.\n"
                .to_owned(),
            clauses: vec![
                clause("opening", "I ask."),
                clause("item:a", "The log."),
                clause("item:b", "The policy of 2024."),
                clause("close", "Thank you."),
            ],
            warnings: Vec::new(),
        };
        let new = clause("particulars", "This covers the Main Jail.");
        assert!(insert_behind(&mut draft, &["nothing:", "item:"], new));
        assert_eq!(
            draft.body,
            "I ask.\n\n 1. The log.\n\n 2. The policy\n    of 2024.\n\nThis covers the Main Jail.\n\nThank you.\n"
        );
        let keys: Vec<&str> = draft.clauses.iter().map(|c| c.key.as_str()).collect();
        assert_eq!(
            keys,
            ["opening", "item:a", "item:b", "particulars", "close"]
        );
        let before = draft.clone();
        assert!(!insert_behind(&mut draft, &["nothing:"], clause("x", "y")));
        assert_eq!(draft, before);
    }
}
