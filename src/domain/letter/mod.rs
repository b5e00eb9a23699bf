//! Letters: composed from clauses, each switched on by the request and the jurisdiction's law, and checked as text.
//!
//! `kind` names the letters, `registry` holds their clauses (`templates/letters/*.toml`), `facts` is what a letter is
//! made from, `rules` what it leans on; `compose` makes it on a `sheet` with the fields of `merge`, `wrap` sets it in
//! plain text, `blocks` reads it back for setting on paper, `check` reads any text (also after a person edited it),
//! `citations` knows one state's statutes from another's; `sandbox` judges a campaign's own words for a clause,
//! `difference` tells them from the house's, `sample` tries any letter without a campaign. A letter here is
//! text and its reasons; who may approve or send it is `approval` and `delivery`.
//! May import `calendar`, `law` and the earlier stages. Pure: the date of the letter is an argument.

mod against;
mod blocks;
mod check;
mod citations;
mod compose;
mod difference;
mod facts;
mod insert;
mod kind;
mod later;
mod law;
mod merge;
mod occasion;
mod offer;
mod passage;
mod practice;
mod refusals;
mod registry;
mod rules;
mod sample;
mod sandbox;
mod sheet;
mod splice;
#[cfg(test)]
mod tests;
mod wrap;

pub use blocks::{Block, Kind as BlockKind, blocks};
pub use check::{Note, check};
pub use compose::{compose, compose_with};
pub use difference::{Change, Stretch, difference};
pub use facts::{
    Addressee, LetterFacts, LetterItem, ListError, Requester, Resident, Unsure, Warning, list_items,
};
pub use insert::insert_behind;
pub use kind::{LetterKind, NoSeries, Series};
pub use law::{LegalStep, LetterLaw};
pub use occasion::{Choices, FeeAnswer, ItemChoice, ItemState, Occasion, Said};
pub use offer::{Fit, Offer, fit, offers};
pub use passage::{Passage, passages};
pub use practice::{Practice, Practices, Residency, StepAs, StepTo, StepWords, Switch, practices};
pub use refusals::{Authority, Refusal, Weight, refusals};
pub use registry::{ClauseText, KindText, Layout, Registry, Remark, registry};
pub use rules::{Rule, RuleMark};
pub use sample::{SAMPLE_RECORDS, TELLING, sample_facts};
pub use sandbox::{LONGEST as LONGEST_CLAUSE, faults, fields_of};
pub use sheet::ComposeError;
pub use splice::spliced;
pub use wrap::keep_together;

use serde::{Deserialize, Serialize};

use crate::law::Confidence;

/// The widest line of a letter, in characters: safe in every mail program and on paper.
pub const COLUMNS: usize = 76;

/// A composed letter, exactly as it would go out, with the reason for each of its paragraphs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub subject: String,
    /// Plain text, lines of at most [`COLUMNS`] characters ending in `\n`.
    pub body: String,
    pub clauses: Vec<Clause>,
    /// What the drafter should know before sending: nothing of it stands in the letter.
    pub warnings: Vec<Warning>,
}

/// One paragraph of a letter and the rule that switched it on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// "timing", "item:detainer_summary": stable, for review and for later versions.
    pub key: String,
    /// The heading above it, where it opens a part of the letter.
    #[serde(default)]
    pub heading: Option<String>,
    /// The paragraph without its line breaks.
    pub paragraph: String,
    /// Why it is in this letter: one sentence.
    pub why: String,
    /// The rule behind it; none where it is only our habit.
    #[serde(default)]
    pub citation: Option<String>,
    #[serde(default)]
    pub confidence: Option<Confidence>,
    /// "request/timing_fixed": the clause of the registry that it was made from, and the version of its words.
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub version: u32,
    #[serde(default)]
    pub rule: Option<RuleMark>,
}

/// Whether everything that letters are made from is sound; the launch asks.
///
/// # Errors
/// Everything wrong with the clauses, the states' switches and steps, and the classes of refusal.
pub fn sound() -> Result<(), Vec<String>> {
    registry()?;
    practices().map_err(|fault| vec![fault])?;
    refusals()?;
    Ok(())
}

/// Which words made a letter: a hash over every clause of the house, 12 hexadecimal digits.
pub fn template_version() -> String {
    registry().map_or_else(|_| String::new(), |registry| registry.version().to_owned())
}

/// The text as it will be stored and sent: Unix line ends, no space at a line's end, one newline at the end.
pub fn settle(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut settled: String = text
        .trim_matches('\n')
        .split('\n')
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n");
    settled.push('\n');
    settled
}
