//! Reading a letter as its opponent would: what must not be in it, and what had better not be.
//!
//! Works on any text, also one that a person wrote or edited. The rules are those of tone and language for letters.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::citations;
use super::law::{LetterLaw, said_start};
use crate::law::{Duty, Unit};

/// A remark beside one line of a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Note {
    /// From 1, in the body; 0 is the subject line.
    pub line: usize,
    pub message: String,
    /// The letter cannot go to counsel or to the agency while it stands so.
    pub blocking: bool,
}

/// Items beyond which offices put a request aside.
const MANY_ITEMS: usize = 12;

/// Initials that a records officer knows, or that the letter explains where it uses them.
const KNOWN: &[&str] = &[
    "ICE", "CBP", "DHS", "USA", "PDF", "CSV", "XLSX", "FOIA", "CFR", "SCAAP", "CORA", "CCJRA",
    "MCA", "RCW", "HRS", "HAR", "AAC", "ILCS", "KRS", "MCL", "NMSA", "NRS", "ORS", "RSA", "SDCL",
    "CMR", "WAC", "DCMR", "TV", "TRUST", "TRUTH", "HB", "OAR", "PO", "LLC", "GRAMA", "NYPD", "DC",
];

/// Words end by ASCII rules throughout: a section sign would otherwise drive each search onto its slow path.
static MERGE_FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\[\[[^\]]*\]\]|\{\{|\}\}|\{%|%\}|_{3,}|(?-u:\b)TBD(?-u:\b)|(?-u:\b)XXX+(?-u:\b)|\[(?:your|insert|name|date|address|agency)[^\]]*\]").ok()
});
static PERSON_NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?-u:\b)A[- ]?[0-9]{3}[- ]?[0-9]{3}[- ]?[0-9]{2,3}(?-u:\b)").ok()
});
static SHORT_YEAR: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?-u:\b)FY ?'?[0-9]{2}(?-u:\b)").ok());
static YEAR: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?-u:\b)(?:19|20)[0-9]{2}(?-u:\b)").ok());
static ITEM: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^ {0,3}([0-9]{1,2})\. ").ok());
static INITIALS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?-u:\b)[A-Z]{2,6}(?-u:\b)").ok());
static SHOUTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?-u:\b)[A-Z]{3,}(?: [A-Z]{3,})+(?-u:\b)|(?-u:\b)[A-Z]{7,}(?-u:\b)").ok()
});
static WITHIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?-u:\b)within ([0-9]{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty) (?:(business|working|calendar) )?(?:days?|hours?)(?-u:\b)").ok()
});

static PROMISE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?-u:\b)(?:I|we) (?:(?:will|shall|agree to|undertake to) (?:pay|reimburse|cover|withdraw|drop|not (?:sue|appeal|publish))|promise|guarantee|undertake)(?-u:\b)").ok()
});

/// Words that had better not stand in a letter, with what to write.
const BETTER_NOT: &[(&str, &str)] = &[
    (
        r"(?i)(?-u:\b)any and all(?-u:\b)",
        "“any and all” invites a refusal as too broad: name the records, the dates and the office.",
    ),
    (
        r"(?i)(?-u:\b)immediately(?-u:\b)",
        "“immediately” asks for more than the law gives: name its limit instead.",
    ),
    (
        r"(?i)(?-u:\b)illegals?(?-u:\b)",
        "“illegal” is a judgment on people: leave it out, or name the form whose title it is.",
    ),
    (
        r"(?i)(?-u:\b)outrag[a-z]+|(?-u:\b)shameful[a-z]*|(?-u:\b)unconscionable(?-u:\b)|(?-u:\b)obviously(?-u:\b)",
        "An adjective is an argument; the records will make it.",
    ),
];

static BETTER_NOT_READ: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    BETTER_NOT
        .iter()
        .filter_map(|(form, says)| Regex::new(form).ok().map(|form| (form, *says)))
        .collect()
});

/// Titles in which "alien" is somebody else's word.
static ALIEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(?-u:\b)aliens?(?-u:\b)").ok());
const ALIEN_TITLES: &[&str] = &[
    "Criminal Alien Program",
    "Criminal Alien Assistance Program",
    "Warrant for Arrest of Alien",
];

/// A text as sentences run: lines joined by spaces, each offset still knowing its line.
struct Flow {
    text: String,
    /// Offset at which each line starts, with its number.
    starts: Vec<(usize, usize)>,
}

impl Flow {
    fn of(body: &str) -> Self {
        let mut text = String::new();
        let mut starts = Vec::new();
        for (at, line) in body.lines().enumerate() {
            if line.trim().is_empty() {
                text.push('\n');
                continue;
            }
            if !text.is_empty() && !text.ends_with('\n') {
                text.push(' ');
            }
            starts.push((text.len(), at + 1));
            text.push_str(line.trim());
        }
        Self { text, starts }
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.starts.partition_point(|(start, _)| *start <= offset);
        before
            .checked_sub(1)
            .and_then(|at| self.starts.get(at))
            .map_or(1, |(_, line)| *line)
    }

    /// The paragraph around an offset.
    fn paragraph(&self, offset: usize) -> &str {
        let start = self.text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[offset..]
            .find('\n')
            .map_or(self.text.len(), |at| offset + at);
        &self.text[start..end]
    }

    /// Inside quotation marks: somebody else's words.
    fn is_quoted(&self, offset: usize) -> bool {
        let start = self.text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let before = &self.text[start..offset];
        before.matches('"').count() % 2 == 1
            || before.matches('“').count() > before.matches('”').count()
    }

    /// The sentence around an offset: from the last full stop, question mark or paragraph to the next.
    fn sentence(&self, offset: usize) -> &str {
        let ends = |text: &str, at: usize| {
            let after = text[at..].chars().nth(1);
            matches!(text[at..].chars().next(), Some('.' | '?' | '!'))
                && after.is_none_or(|c| c == '\n')
                || text[at..].starts_with('\n')
                || (text[at..].starts_with(". ") && text[at + 2..].starts_with(char::is_uppercase))
        };
        let start = self.text[..offset]
            .char_indices()
            .rev()
            .find(|(at, _)| ends(&self.text, *at))
            .map_or(0, |(at, _)| at + 1);
        let end = self.text[offset..]
            .char_indices()
            .find(|(at, _)| ends(&self.text, offset + at))
            .map_or(self.text.len(), |(at, _)| offset + at);
        &self.text[start..end]
    }
}

/// Reads subject and body and says, line by line, what stands in the way or had better be changed.
pub fn check(subject: &str, body: &str, law: &LetterLaw) -> Vec<Note> {
    let mut notes = Vec::new();
    if subject.trim().is_empty() {
        notes.push(Note {
            line: 0,
            message: "The subject line is empty.".to_owned(),
            blocking: true,
        });
    }
    if subject.contains('\n') {
        notes.push(Note {
            line: 0,
            message: "The subject must be one line.".to_owned(),
            blocking: true,
        });
    }
    if body.trim().is_empty() {
        notes.push(Note {
            line: 1,
            message: "The letter is empty.".to_owned(),
            blocking: true,
        });
        return notes;
    }
    let flow = Flow::of(body);
    let head = Flow {
        text: subject.to_owned(),
        starts: vec![(0, 0)],
    };
    for flow in [&head, &flow] {
        fields(flow, &mut notes);
        foreign_law(flow, law, &mut notes);
        words(flow, law, &mut notes);
    }
    limits(&flow, law, &mut notes);
    if YEAR.as_ref().is_some_and(|year| !year.is_match(&flow.text)) {
        notes.push(Note {
            line: 1,
            message: "No date with a year stands in this letter: write the period out in full."
                .to_owned(),
            blocking: false,
        });
    }
    let items = items(body);
    if items.len() > MANY_ITEMS {
        notes.push(Note {
            line: items[MANY_ITEMS],
            message: format!(
                "{} items. Offices put long requests aside: send the {MANY_ITEMS} most useful first, the rest later.",
                items.len()
            ),
            blocking: false,
        });
    }
    notes.sort();
    notes.dedup();
    notes
}

fn fields(flow: &Flow, notes: &mut Vec<Note>) {
    for hit in MERGE_FIELD
        .iter()
        .flat_map(|field| field.find_iter(&flow.text))
    {
        let inside = hit.as_str().trim_matches(['[', ']']).trim();
        let message = if inside.len() > 2 && hit.as_str().starts_with("[[") {
            format!("Fill in: {inside}.")
        } else {
            format!("“{}” is not filled in.", hit.as_str())
        };
        notes.push(Note {
            line: flow.line(hit.start()),
            message,
            blocking: true,
        });
    }
    for hit in PERSON_NUMBER
        .iter()
        .flat_map(|number| number.find_iter(&flow.text))
    {
        notes.push(Note {
            line: flow.line(hit.start()),
            message: "This looks like a person's A-number. No letter may carry one.".to_owned(),
            blocking: true,
        });
    }
}

fn foreign_law(flow: &Flow, law: &LetterLaw, notes: &mut Vec<Note>) {
    for found in citations::find(&flow.text) {
        if found.code != law.code.as_str() {
            let message = match found.code {
                "US" => format!(
                    "“{}” is the federal records law. It binds federal agencies only; this letter is under the {}.",
                    found.text, law.name
                ),
                code => format!(
                    "“{}” is the law of another jurisdiction ({code}); this letter is under the {}.",
                    found.text, law.name
                ),
            };
            notes.push(Note {
                line: flow.line(found.at),
                message,
                blocking: true,
            });
        }
    }
}

fn words(flow: &Flow, law: &LetterLaw, notes: &mut Vec<Note>) {
    let mut say = |at: usize, message: String| {
        notes.push(Note {
            line: flow.line(at),
            message,
            blocking: false,
        });
    };
    let lower = flow.text.to_ascii_lowercase();
    for (at, _) in lower.match_indices("detainee") {
        if !flow.paragraph(at).contains("236.6") && !flow.is_quoted(at) {
            say(
                at,
                "A detainee is a person, a detainer a document. Asking about detainees invites a refusal under \
                 8 C.F.R. § 236.6: write “detainer” if you mean the document."
                    .to_owned(),
            );
        }
    }
    for (form, says) in BETTER_NOT_READ.iter() {
        for hit in form.find_iter(&flow.text) {
            say(hit.start(), (*says).to_owned());
        }
    }
    for hit in PROMISE
        .iter()
        .flat_map(|promise| promise.find_iter(&flow.text))
    {
        // The ceiling of the request is what the campaign agreed to.
        let agreed = ["the lawful cost", "up to"]
            .iter()
            .any(|words| flow.text[hit.end()..].trim_start().starts_with(words));
        if !agreed && !flow.is_quoted(hit.start()) {
            say(
                hit.start(),
                format!(
                    "“{}” is a promise: send it only if the campaign has agreed to it.",
                    hit.as_str()
                ),
            );
        }
    }
    for hit in ALIEN.iter().flat_map(|word| word.find_iter(&flow.text)) {
        let titled = ALIEN_TITLES.iter().any(|title| {
            flow.text
                .match_indices(title)
                .any(|(at, _)| at <= hit.start() && hit.end() <= at + title.len())
        });
        if !titled {
            say(
                hit.start(),
                "Write “alien” only inside the title of a form or program.".to_owned(),
            );
        }
    }
    for (at, _) in lower.match_indices("you must") {
        if citations::find(flow.sentence(at)).is_empty() {
            say(
                at,
                "“you must” without a citation is a threat: cite the rule, or ask.".to_owned(),
            );
        }
    }
    for hit in SHORT_YEAR
        .iter()
        .flat_map(|year| year.find_iter(&flow.text))
    {
        say(
            hit.start(),
            format!(
                "“{}” means other dates elsewhere: write the first and last day.",
                hit.as_str()
            ),
        );
    }
    for hit in SHOUTED.iter().flat_map(|shout| shout.find_iter(&flow.text)) {
        let shouts = |word: &&str| !KNOWN.contains(word) && *word != law.short;
        if hit.as_str().split(' ').filter(shouts).count() > 0 {
            say(
                hit.start(),
                format!("“{}” shouts: write it in small letters.", hit.as_str()),
            );
        }
    }
    let mut explained: Vec<&str> = Vec::new();
    for hit in INITIALS
        .iter()
        .flat_map(|initials| initials.find_iter(&flow.text))
    {
        let word = hit.as_str();
        let bracketed = flow.text[..hit.start()].ends_with('(');
        let known =
            KNOWN.contains(&word) || law.short.contains(word) || law.citation.contains(word);
        let code = flow.text[hit.end()..].starts_with(['-', '.'])
            || flow.text[..hit.start()].ends_with(['-', '.']);
        let number = word.bytes().all(|letter| b"IVX".contains(&letter));
        // "Nashville, TN": an address of the state itself needs no number behind it.
        let own_state = word == law.code.as_str() && flow.text[..hit.start()].ends_with(", ");
        let place = own_state || is_postal_code(&flow.text, hit.start(), hit.end());
        if !bracketed && !known && !code && !number && !place && !explained.contains(&word) {
            say(
                hit.start(),
                format!("Explain “{word}” where it first stands, or write it out."),
            );
        }
        explained.push(word);
    }
}

/// "Alderton, WA 98000": two capitals between a comma and a number are an address.
fn is_postal_code(text: &str, start: usize, end: usize) -> bool {
    end - start == 2
        && text[..start].ends_with(", ")
        && text[end..]
            .trim_start()
            .starts_with(|c: char| c.is_ascii_digit())
}

/// A number of days in the letter that the law does not give.
fn limits(flow: &Flow, law: &LetterLaw, notes: &mut Vec<Note>) {
    let duties: Vec<&Duty> = law
        .first
        .iter()
        .chain(&law.later)
        .filter(|duty| duty.from.iter().any(|start| said_start(*start).is_some()))
        .collect();
    for hit in WITHIN
        .iter()
        .flat_map(|within| within.captures_iter(&flow.text))
    {
        let (Some(whole), Some(number)) = (hit.get(0), hit.get(1)) else {
            continue;
        };
        let Some(days) = in_digits(number.as_str()) else {
            continue;
        };
        let business = hit
            .get(2)
            .map(|unit| !unit.as_str().eq_ignore_ascii_case("calendar"));
        let fits = duties.iter().any(|duty| {
            duty.days == Some(days)
                && business.is_none_or(|business| business == (duty.unit == Some(Unit::Business)))
        });
        if !fits {
            notes.push(Note {
                line: flow.line(whole.start()),
                message: format!(
                    "“{}” is not a limit that the law file of {} gives this agency. The clock will not run on it.",
                    whole.as_str(),
                    law.state
                ),
                blocking: false,
            });
        }
    }
}

fn in_digits(word: &str) -> Option<u32> {
    const WORDS: &[(&str, u32)] = &[
        ("one", 1),
        ("two", 2),
        ("three", 3),
        ("four", 4),
        ("five", 5),
        ("six", 6),
        ("seven", 7),
        ("eight", 8),
        ("nine", 9),
        ("ten", 10),
        ("fifteen", 15),
        ("twenty", 20),
        ("thirty", 30),
    ];
    let word = word.to_ascii_lowercase();
    WORDS
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, days)| *days)
        .or_else(|| word.parse().ok())
}

/// The lines on which items 1, 2, 3 … start. A number out of turn is no item.
fn items(body: &str) -> Vec<usize> {
    let mut found = Vec::new();
    for (at, line) in body.lines().enumerate() {
        let number = ITEM
            .as_ref()
            .and_then(|item| item.captures(line))
            .and_then(|hit| hit.get(1)?.as_str().parse::<usize>().ok());
        if number == Some(found.len() + 1) {
            found.push(at + 1);
        }
    }
    found
}
