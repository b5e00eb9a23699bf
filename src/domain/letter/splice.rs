//! Taking new clauses into a letter that a person may have changed: their words stay, the new paragraphs find their
//! place after the clause that stands before them.

use super::passage::flatten;
use super::wrap::wrap;
use super::{COLUMNS, Clause, Draft, settle};

/// The body with the clauses of `draft` that it did not have, and the reasons of all. A clause that gives way to
/// another one about the same thing (its key) is replaced where its words still stand.
pub fn spliced(body: &str, known: &[Clause], draft: &Draft) -> (String, Vec<Clause>) {
    let mut paragraphs: Vec<String> = body
        .trim_matches('\n')
        .split("\n\n")
        .map(str::to_owned)
        .collect();
    let place = |paragraphs: &[String], clause: &Clause| {
        let wanted = flatten(&clause.paragraph);
        paragraphs
            .iter()
            .position(|paragraph| flatten(paragraph) == wanted)
    };
    let mut reasons: Vec<Clause> = known.to_vec();
    for (at, clause) in draft.clauses.iter().enumerate() {
        if known
            .iter()
            .any(|old| old.id == clause.id && old.key == clause.key)
        {
            continue;
        }
        let set = wrap(&clause.paragraph, COLUMNS, "");
        let gone = known.iter().find(|old| {
            old.key == clause.key
                && !draft
                    .clauses
                    .iter()
                    .any(|new| new.id == old.id && new.key == old.key)
        });
        let old_place = gone.and_then(|old| place(&paragraphs, old));
        if let Some(old) = gone {
            reasons.retain(|reason| reason.id != old.id || reason.key != old.key);
        }
        match old_place {
            Some(there) => paragraphs[there] = set,
            None => {
                let before = draft.clauses[..at]
                    .iter()
                    .rev()
                    .find_map(|earlier| place(&paragraphs, earlier));
                let mut there = before.map_or(paragraphs.len(), |before| before + 1);
                if let Some(heading) = &clause.heading
                    && !paragraphs.iter().any(|paragraph| paragraph == heading)
                {
                    paragraphs.insert(there, heading.clone());
                    there += 1;
                }
                paragraphs.insert(there, set);
            }
        }
        reasons.push(clause.clone());
    }
    (settle(&paragraphs.join("\n\n")), reasons)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clause(id: &str, key: &str, paragraph: &str) -> Clause {
        Clause {
            key: key.to_owned(),
            heading: None,
            paragraph: paragraph.to_owned(),
            why: String::new(),
            citation: None,
            confidence: None,
            id: id.to_owned(),
            version: 1,
            rule: None,
        }
    }

    #[test]
    fn a_new_clause_finds_its_place_and_what_a_person_wrote_stays() {
        let known = [
            clause("a", "a", "The first."),
            clause("unsaid", "timing", "Please tell me when."),
            clause("z", "z", "The last."),
        ];
        let body = "The first.\n\nMy own words.\n\nPlease tell me\nwhen.\n\nThe last.\n";
        let draft = Draft {
            subject: String::new(),
            body: String::new(),
            clauses: vec![
                known[0].clone(),
                clause("waiver", "waiver", "I ask for a waiver."),
                clause("fixed", "timing", "It is due in five days."),
                known[2].clone(),
            ],
            warnings: Vec::new(),
        };
        let (after, reasons) = spliced(body, &known, &draft);
        assert_eq!(
            after,
            "The first.\n\nI ask for a waiver.\n\nMy own words.\n\nIt is due in five days.\n\nThe last.\n"
        );
        let ids: Vec<&str> = reasons.iter().map(|reason| reason.id.as_str()).collect();
        assert_eq!(ids, ["a", "z", "waiver", "fixed"]);
        // Nothing new: nothing changes.
        let (same, _) = spliced(&after, &reasons, &draft);
        assert_eq!(same, after);
    }
}
