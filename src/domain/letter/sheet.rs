//! The paper that a letter is composed on: clause templates rendered, wrapped and kept with their reasons.

use std::sync::LazyLock;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde_json::Value;

use super::facts::{LetterFacts, Warning};
use super::wrap::wrap;
use super::{COLUMNS, Clause};
use crate::law::Confidence;

macro_rules! templates {
    ($($name:literal)+) => {
        &[$(($name, include_str!(concat!("../../../templates/letters/request/", $name, ".txt")))),+]
    };
}

const TEMPLATES: &[(&str, &str)] = templates!(
    "close" "database" "denial" "elsewhere" "exclusions" "exclusions_documents" "fees" "format" "help" "item"
    "opening" "regulation" "residency" "rolling" "timing_fixed" "timing_open" "timing_unsaid"
    "waiver_discretionary" "waiver_public_interest" "words");

/// A letter could not be made: the templates are at fault, not the person.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    #[error("A letter needs at least one item. Choose a kind of record to ask for.")]
    NoItems,
    #[error("the letter template “{template}” does not fit: {why}")]
    Template { template: &'static str, why: String },
}

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment
});

/// Which wording made a letter: a hash over every clause template, 12 hexadecimal digits.
pub fn template_version() -> String {
    use sha2::{Digest, Sha256};
    let mut all = Sha256::new();
    for (name, text) in TEMPLATES {
        all.update(name.as_bytes());
        all.update(text.as_bytes());
    }
    all.finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A letter in the making.
pub(super) struct Sheet<'f> {
    pub(super) facts: &'f LetterFacts,
    pub(super) words: Value,
    pub(super) paragraphs: Vec<String>,
    pub(super) clauses: Vec<Clause>,
    pub(super) warnings: Vec<Warning>,
    /// The heading that the next clause opens.
    pub(super) heading: Option<&'static str>,
}

/// Why a clause stands in the letter.
pub(super) struct Because {
    pub(super) why: String,
    pub(super) citation: Option<String>,
    pub(super) confidence: Option<Confidence>,
}

impl Because {
    pub(super) fn habit(why: &str) -> Self {
        Self {
            why: why.to_owned(),
            citation: None,
            confidence: None,
        }
    }

    pub(super) fn rule(why: String, citation: &str, confidence: Confidence) -> Self {
        Self {
            why,
            citation: Some(citation.to_owned()),
            confidence: Some(confidence),
        }
    }
}

impl<'f> Sheet<'f> {
    /// An empty sheet over its merge fields.
    pub(super) fn new(facts: &'f LetterFacts, words: Value) -> Self {
        Self {
            facts,
            words,
            paragraphs: Vec::new(),
            clauses: Vec::new(),
            warnings: Vec::new(),
            heading: None,
        }
    }

    pub(super) fn warn(&mut self, about: &str, message: String) {
        self.warnings.push(Warning {
            about: about.to_owned(),
            message,
        });
    }

    pub(super) fn say(
        &mut self,
        key: &str,
        template: &'static str,
        because: Because,
    ) -> Result<(), ComposeError> {
        let paragraph = self.render(template)?;
        self.put(key, paragraph, "", because);
        Ok(())
    }

    pub(super) fn put(&mut self, key: &str, paragraph: String, lead: &str, because: Because) {
        let heading = self.heading.take();
        if let Some(heading) = heading {
            self.paragraphs.push(heading.to_owned());
        }
        self.paragraphs.push(wrap(&paragraph, COLUMNS, lead));
        self.clauses.push(Clause {
            key: key.to_owned(),
            heading: heading.map(str::to_owned),
            paragraph,
            why: because.why,
            citation: because.citation,
            confidence: because.confidence,
        });
    }

    /// Lines that stay as they are.
    pub(super) fn frame(&mut self, key: &str, text: String, why: &str) {
        self.paragraphs.push(text.clone());
        self.clauses.push(Clause {
            key: key.to_owned(),
            heading: None,
            paragraph: text,
            why: why.to_owned(),
            citation: None,
            confidence: None,
        });
    }

    pub(super) fn render(&self, template: &'static str) -> Result<String, ComposeError> {
        let fault = |why: String| ComposeError::Template { template, why };
        let (_, text) = TEMPLATES
            .iter()
            .find(|(name, _)| *name == template)
            .ok_or_else(|| fault("there is no such template".to_owned()))?;
        let rendered = ENVIRONMENT
            .render_str(text, Serde(&self.words))
            .map_err(|why| fault(format!("{why:#}")))?;
        Ok(rendered.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}
