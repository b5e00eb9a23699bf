//! The classes of refusal and the answer to each: `data/refusals/*.toml`.
//!
//! An authority is binding only in the jurisdiction that made it; elsewhere it persuades at most. Adverse ones are
//! shown to the drafter and never stand in a letter.

use std::sync::LazyLock;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Deserialize;
use serde_json::Value;

use crate::law::{Code, Confidence};

macro_rules! files {
    ($($stem:literal)*) => {
        &[$(($stem, include_str!(concat!("../../../data/refusals/", $stem, ".toml")))),*]
    };
}

/// Stem and text of every file under `data/refusals/`; a test holds this list against the folder.
const FILES: &[(&str, &str)] = files!(
    "fed_236_6" "law_enforcement" "privacy" "security" "judicial_record" "no_records" "must_create" "fee_estimate"
    "overbroad" "third_party" "referral" "wrong_custodian" "extension" "silence" "partial" "residency" "form_defect"
    "purpose" "moot_or_closed" "retention"
);

/// What an authority is worth where it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    Binding,
    Persuasive,
    Adverse,
}

impl Weight {
    pub fn plain(self) -> &'static str {
        match self {
            Weight::Binding => "binding here",
            Weight::Persuasive => "persuasive only",
            Weight::Adverse => "against us: never in the letter",
        }
    }
}

/// A decision, rule or statute on a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    pub key: String,
    pub jurisdiction: Code,
    pub weight: Weight,
    /// It holds in every state, as the Supreme Court's decisions do.
    #[serde(default)]
    pub everywhere: bool,
    /// A statute, which says nothing outside its own state.
    #[serde(default)]
    pub own_state: bool,
    pub name: String,
    pub citation: String,
    /// What it held, after "which says that".
    pub says: String,
    pub source: String,
    pub confidence: Confidence,
}

impl Authority {
    /// What it is worth in a request under the law of `code`.
    pub fn weight_in(&self, code: Code) -> Weight {
        match self.weight {
            Weight::Binding if self.jurisdiction != code && !self.everywhere => Weight::Persuasive,
            weight => weight,
        }
    }
}

/// One class of refusal.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    pub key: String,
    /// Of the words of the answer.
    pub version: u32,
    pub name: String,
    /// Phrases by which a reply shows it. They suggest; a person decides.
    pub signs: Vec<String>,
    pub next_step: String,
    /// What the answer must show.
    pub show: Vec<String>,
    /// The paragraph, a template.
    pub answer: String,
    /// The paragraph where the same ground was answered above for another item.
    pub again: String,
    /// What is asked for instead, after "I ask for".
    pub relief: String,
    #[serde(rename = "authority", default)]
    pub authorities: Vec<Authority>,
}

static EMBEDDED: LazyLock<Result<Vec<Refusal>, Vec<String>>> = LazyLock::new(|| read(FILES));
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment
});

fn read(files: &[(&str, &str)]) -> Result<Vec<Refusal>, Vec<String>> {
    let mut refusals = Vec::new();
    let mut faults = Vec::new();
    for (stem, text) in files {
        match toml::from_str::<Refusal>(text) {
            Ok(refusal) if refusal.key == *stem => refusals.push(refusal),
            Ok(refusal) => faults.push(format!(
                "data/refusals/{stem}.toml: its key is {}",
                refusal.key
            )),
            Err(fault) => faults.push(format!("data/refusals/{stem}.toml: {fault}")),
        }
    }
    if faults.is_empty() {
        Ok(refusals)
    } else {
        Err(faults)
    }
}

/// Every class of refusal, the most telling first.
///
/// # Errors
/// What is wrong with the files; the launch stops on it.
pub fn refusals() -> Result<&'static [Refusal], Vec<String>> {
    EMBEDDED.as_ref().map(Vec::as_slice).map_err(Clone::clone)
}

impl Refusal {
    /// The answer over these fields, in full or short where it was given above.
    pub(super) fn answered(&self, again: bool, fields: &Value) -> Result<String, String> {
        let text = if again { &self.again } else { &self.answer };
        ENVIRONMENT
            .render_str(text, Serde(fields))
            .map(|said| super::sheet::flat(&said))
            .map_err(|fault| format!("{fault:#}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_there_and_sound() {
        let refusals = refusals().unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/refusals");
        let found = std::fs::read_dir(folder).expect("the folder").count();
        assert_eq!(refusals.len(), found);
        assert_eq!(found, 20);
        for refusal in refusals {
            assert!(
                !refusal.signs.is_empty() && !refusal.show.is_empty(),
                "{}",
                refusal.key
            );
            for authority in &refusal.authorities {
                assert!(authority.source.starts_with("http"), "{}", authority.key);
            }
        }
    }

    #[test]
    fn no_authority_binds_in_another_state() {
        let code = |text: &str| text.parse::<Code>().expect("a code");
        for refusal in refusals().expect("sound files") {
            for authority in &refusal.authorities {
                for at in ["WA", "TX", "WI", "IL", "US"] {
                    let weight = authority.weight_in(code(at));
                    if weight == Weight::Binding {
                        assert!(
                            authority.everywhere || authority.jurisdiction == code(at),
                            "{} in {at}",
                            authority.key
                        );
                    }
                    if authority.weight == Weight::Adverse {
                        assert_eq!(weight, Weight::Adverse, "{}", authority.key);
                    }
                }
            }
        }
    }
}
