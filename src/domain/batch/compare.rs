//! Many letters as one text with its differences: what counsel reads of a batch.
//!
//! Paragraphs are set side by side by the clause that they came from; what is a letter's own (the agency's name, our
//! reference, the address for answers) is shown as a ‹field›, so that forty letters that say the same stand there once.
//! Nothing is left out: every letter can be put together again from its variants, and [`Comparison::restored`] does so.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::domain::letter::{Clause, passages};
use crate::law::Confidence;

/// One letter of the batch.
#[derive(Clone, Debug)]
pub struct Text<'t> {
    pub subject: &'t str,
    pub body: &'t str,
    pub clauses: &'t [Clause],
    /// What is this letter's own: the field's name and its words here.
    pub own: Vec<(&'static str, String)>,
    /// What the check of its text remarks, and what the composer warned of.
    pub notes: Vec<String>,
}

/// All letters, laid side by side. Letters are named by their place in the list given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// In the order of the letters.
    pub parts: Vec<Part>,
    /// Remarks with the letters they are about, the most frequent first.
    pub notes: Vec<(String, Vec<usize>)>,
    /// Letters whose paragraphs stand in another order than the rest: to be read alone.
    pub reordered: Vec<usize>,
}

/// One place in the letters.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The clause's key; `subject`, `heading`, `hand` for what has none.
    pub key: String,
    pub is_heading: bool,
    /// An address, a greeting, a signature: nothing that needs a rule.
    pub is_frame: bool,
    /// A person wrote or changed it.
    pub by_hand: bool,
    /// Different words, those of most letters first.
    pub variants: Vec<Variant>,
    /// Letters without it.
    pub missing: Vec<usize>,
}

impl Part {
    /// Every letter has it, in the same words.
    pub fn is_common(&self) -> bool {
        self.variants.len() == 1 && self.missing.is_empty()
    }
}

/// One wording, and the letters that have it.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Without line breaks, with ‹fields›.
    pub text: String,
    pub why: String,
    pub citation: Option<String>,
    pub confidence: Option<Confidence>,
    pub letters: Vec<usize>,
}

/// One paragraph of one letter, before it is laid beside the others.
struct Piece<'c> {
    key: String,
    text: String,
    clause: Option<&'c Clause>,
    is_heading: bool,
    is_frame: bool,
}

/// Lays the letters side by side.
pub fn compare(letters: &[Text<'_>]) -> Comparison {
    let pieces: Vec<Vec<Piece>> = letters.iter().map(pieces).collect();
    let order = order(&pieces);
    let place: HashMap<&str, usize> = order
        .iter()
        .enumerate()
        .map(|(at, key)| (key.as_str(), at))
        .collect();
    let mut parts: Vec<Part> = order
        .iter()
        .map(|key| Part {
            key: key.split('#').next().unwrap_or(key).to_owned(),
            is_heading: false,
            is_frame: false,
            by_hand: false,
            variants: Vec::new(),
            missing: Vec::new(),
        })
        .collect();
    let mut reordered = Vec::new();
    for (letter, own) in pieces.iter().enumerate() {
        let mut last = 0;
        let mut in_order = true;
        for piece in own {
            let at = place[piece.key.as_str()];
            in_order &= at >= last;
            last = at;
            take(&mut parts[at], piece, letter);
        }
        if !in_order {
            reordered.push(letter);
        }
    }
    for part in &mut parts {
        let there: BTreeSet<usize> = part
            .variants
            .iter()
            .flat_map(|variant| variant.letters.iter().copied())
            .collect();
        part.missing = (0..letters.len())
            .filter(|letter| !there.contains(letter))
            .collect();
        part.variants
            .sort_by_key(|variant| std::cmp::Reverse(variant.letters.len()));
    }
    Comparison {
        parts,
        notes: notes(letters),
        reordered,
    }
}

impl Comparison {
    /// The paragraphs of one letter as the page shows them: what the reader has read of it, fields filled in.
    pub fn restored(&self, letter: usize, own: &[(&'static str, String)]) -> Vec<String> {
        self.parts
            .iter()
            .filter_map(|part| {
                let variant = part
                    .variants
                    .iter()
                    .find(|variant| variant.letters.contains(&letter))?;
                let mut text = variant.text.clone();
                for (field, words) in own {
                    text = text.replace(&format!("‹{field}›"), &flat(words));
                }
                Some(text)
            })
            .collect()
    }
}

/// In place of a citation where letters of several states say the same under laws of their own.
const EACH_ITS_OWN: &str = "each letter's own law";

fn take(part: &mut Part, piece: &Piece<'_>, letter: usize) {
    part.is_heading = piece.is_heading;
    part.is_frame = piece.is_frame;
    part.by_hand =
        piece.clause.is_none() && !piece.is_frame && !piece.is_heading && part.key != "subject";
    if let Some(known) = part
        .variants
        .iter_mut()
        .find(|variant| variant.text == piece.text)
    {
        known.letters.push(letter);
        // The same words may rest on another law in another state: then no one citation stands for them.
        let citation = piece.clause.and_then(|clause| clause.citation.as_ref());
        if known.citation.as_ref() != citation {
            known.citation = Some(EACH_ITS_OWN.to_owned());
        }
        let confidence = piece.clause.and_then(|clause| clause.confidence);
        known.confidence = known.confidence.min(confidence);
        return;
    }
    part.variants.push(Variant {
        text: piece.text.clone(),
        why: piece
            .clause
            .map(|clause| clause.why.clone())
            .unwrap_or_default(),
        citation: piece.clause.and_then(|clause| clause.citation.clone()),
        confidence: piece.clause.and_then(|clause| clause.confidence),
        letters: vec![letter],
    });
}

/// The paragraphs of a letter with unique keys: what is by hand is its own key, so that the same words meet.
fn pieces<'t>(letter: &Text<'t>) -> Vec<Piece<'t>> {
    let mut own = letter.own.clone();
    own.retain(|(_, words)| !words.trim().is_empty());
    // The longest first, so that a name inside another is not torn out of it.
    own.sort_by_key(|(_, words)| std::cmp::Reverse(words.len()));
    let shown = |text: &str| {
        let mut text = flat(text);
        for (field, words) in &own {
            text = text.replace(&flat(words), &format!("‹{field}›"));
        }
        text
    };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut unique = |key: String| {
        let many = seen.entry(key.clone()).or_default();
        *many += 1;
        match *many {
            1 => key,
            n => format!("{key}#{n}"),
        }
    };
    let mut out = vec![Piece {
        key: unique("subject".to_owned()),
        text: shown(letter.subject),
        clause: None,
        is_heading: false,
        is_frame: true,
    }];
    for passage in passages(letter.body, letter.clauses) {
        let text = shown(passage.text);
        let is_heading = passage.clause.is_none() && passage.is_frame;
        let (key, text) = match passage.clause {
            Some(clause) if clause.key.starts_with("item:") => {
                (clause.key.clone(), shown(&clause.paragraph))
            }
            Some(clause) => (clause.key.clone(), text),
            None if is_heading => (format!("heading#{text}"), text),
            None => (format!("hand#{text}"), text),
        };
        out.push(Piece {
            key: unique(key),
            text,
            clause: passage.clause,
            is_heading,
            is_frame: passage.is_frame,
        });
    }
    out
}

/// Every key once, each behind the one that it follows in the first letter that has it.
fn order(pieces: &[Vec<Piece<'_>>]) -> Vec<String> {
    let mut order: Vec<String> = Vec::new();
    for own in pieces {
        let mut cursor = 0;
        for piece in own {
            match order.iter().position(|key| *key == piece.key) {
                Some(at) => cursor = cursor.max(at + 1),
                None => {
                    order.insert(cursor, piece.key.clone());
                    cursor += 1;
                }
            }
        }
    }
    order
}

fn notes(letters: &[Text<'_>]) -> Vec<(String, Vec<usize>)> {
    let mut all: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (letter, text) in letters.iter().enumerate() {
        let once: BTreeSet<&str> = text.notes.iter().map(String::as_str).collect();
        for note in once {
            all.entry(note).or_default().push(letter);
        }
    }
    let mut all: Vec<(String, Vec<usize>)> = all
        .into_iter()
        .map(|(note, letters)| (note.to_owned(), letters))
        .collect();
    all.sort_by_key(|(_, letters)| std::cmp::Reverse(letters.len()));
    all
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clause(key: &str, heading: Option<&str>, paragraph: &str) -> Clause {
        Clause {
            heading: heading.map(str::to_owned),
            ..Clause::by_habit(key, paragraph, &format!("why {key}"))
        }
    }

    fn composed(clauses: &[Clause]) -> String {
        let mut out = Vec::new();
        let mut items = 0;
        for clause in clauses {
            out.extend(clause.heading.clone());
            if clause.key.starts_with("item:") {
                items += 1;
                out.push(format!("{items:>2}. {}", clause.paragraph));
            } else {
                out.push(clause.paragraph.clone());
            }
        }
        out.join("\n\n")
    }

    fn letter(agency: &str, law: &str, days: &str, report: bool) -> Vec<Clause> {
        let mut all = vec![
            clause("addressee", None, &format!("Records Officer\n{agency}")),
            clause("opening", None, &format!("Under the {law}, I ask.")),
        ];
        if report {
            all.push(clause(
                "item:report",
                Some("Records requested"),
                "The yearly report.",
            ));
            all.push(clause("item:log", None, "The log."));
        } else {
            all.push(clause("item:log", Some("Records requested"), "The log."));
        }
        all.push(clause(
            "timing",
            None,
            &format!("Please answer within {days} days."),
        ));
        all.push(clause("close", None, &format!("Thank you, {agency}.")));
        all
    }

    #[test]
    fn one_text_stands_once_and_the_differences_beside_their_letters() {
        let clauses = [
            letter("Alder Sheriff", "Act of WA", "5", false),
            letter("Birch Sheriff", "Act of WA", "5", false),
            letter("Cedar Sheriff", "Act of IL", "5", true),
        ];
        let mut bodies: Vec<String> = clauses.iter().map(|own| composed(own)).collect();
        // One is changed by hand.
        bodies[1] = bodies[1].replace("Thank you, Birch Sheriff.", "Many thanks, Birch Sheriff.");
        let texts: Vec<Text> = clauses
            .iter()
            .zip(&bodies)
            .zip(["Alder Sheriff", "Birch Sheriff", "Cedar Sheriff"])
            .map(|((clauses, body), agency)| Text {
                subject: "Request",
                body,
                clauses,
                own: vec![("agency", agency.to_owned())],
                notes: if agency.starts_with("Alder") {
                    vec!["Short.".to_owned()]
                } else {
                    vec![]
                },
            })
            .collect();
        let seen = compare(&texts);
        let common: Vec<&str> = seen
            .parts
            .iter()
            .filter(|p| p.is_common())
            .map(|p| p.variants[0].text.as_str())
            .collect();
        assert_eq!(
            common,
            [
                "Request",
                "Records Officer ‹agency›",
                "Records requested",
                "The log.",
                "Please answer within 5 days."
            ]
        );
        let opening = seen
            .parts
            .iter()
            .find(|p| p.key == "opening")
            .expect("it is there");
        assert_eq!(opening.variants[0].letters, [0, 1]);
        assert_eq!(opening.variants[1].letters, [2]);
        let report = seen
            .parts
            .iter()
            .find(|p| p.key == "item:report")
            .expect("it is there");
        assert_eq!(report.missing, [0, 1]);
        let by_hand = seen.parts.iter().find(|p| p.by_hand).expect("it is seen");
        assert_eq!(
            (
                by_hand.variants[0].text.as_str(),
                &by_hand.variants[0].letters[..]
            ),
            ("Many thanks, ‹agency›.", &[1][..])
        );
        let close = seen
            .parts
            .iter()
            .find(|p| p.key == "close")
            .expect("it is there");
        assert_eq!(close.missing, [1]);
        assert_eq!(seen.notes, [("Short.".to_owned(), vec![0])]);
        assert_eq!(seen.reordered, [0; 0]);
        // Every letter can be put together again.
        for (at, text) in texts.iter().enumerate() {
            let mut whole = vec![text.subject.to_owned()];
            whole.extend(passages(text.body, text.clauses).iter().map(|passage| {
                flat(passage.text)
                    .trim_start_matches("1. ")
                    .trim_start_matches("2. ")
                    .to_owned()
            }));
            assert_eq!(seen.restored(at, &text.own), whole);
        }
    }

    #[test]
    fn a_letter_in_another_order_is_to_be_read_alone() {
        let straight = [clause("a", None, "First."), clause("b", None, "Second.")];
        let turned = [clause("b", None, "Second."), clause("a", None, "First.")];
        let bodies = [composed(&straight), composed(&turned)];
        let texts: Vec<Text> = bodies
            .iter()
            .map(|body| Text {
                subject: "x",
                body,
                clauses: &straight,
                own: vec![],
                notes: vec![],
            })
            .collect();
        assert_eq!(compare(&texts).reordered, [1]);
    }
}
