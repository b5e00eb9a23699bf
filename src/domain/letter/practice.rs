//! What letters say in one state and not in another, and whom an appeal is addressed to: `data/letters/*.toml`.
//!
//! Limits, bodies and fees are the law file's; here stand only words, addressees, and rules that no clock needs.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::law::{Code, Confidence, HolderKind};

const SWITCHES: &str = include_str!("../../../data/letters/switches.toml");
const STEPS: &str = include_str!("../../../data/letters/steps.toml");

/// What a switch is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// Which of two records laws.
    WhichLaw,
    Purpose,
    Form,
    Addressee,
    Signature,
    Identity,
    Portal,
    /// The presumption of openness, as the law words it.
    Openness,
    Burden,
    /// Redact and release the rest.
    Segregation,
    /// What a refusal must say.
    Basis,
    Search,
    Assist,
    /// The ground of a fee waiver, in the law's own words.
    Waiver,
    /// What is asked for where something is withheld, if the law has its own way.
    Withholding,
}

impl Switch {
    pub const ALL: [Switch; 15] = [
        Switch::WhichLaw,
        Switch::Purpose,
        Switch::Form,
        Switch::Addressee,
        Switch::Signature,
        Switch::Identity,
        Switch::Portal,
        Switch::Openness,
        Switch::Burden,
        Switch::Segregation,
        Switch::Basis,
        Switch::Search,
        Switch::Assist,
        Switch::Waiver,
        Switch::Withholding,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Switch::WhichLaw => "which_law",
            Switch::Purpose => "purpose",
            Switch::Form => "form",
            Switch::Addressee => "addressee",
            Switch::Signature => "signature",
            Switch::Identity => "identity",
            Switch::Portal => "portal",
            Switch::Openness => "openness",
            Switch::Burden => "burden",
            Switch::Segregation => "segregation",
            Switch::Basis => "basis",
            Switch::Search => "search",
            Switch::Assist => "assist",
            Switch::Waiver => "waiver",
            Switch::Withholding => "withholding",
        }
    }
}

/// One rule of one state that letters speak of, or that their drafter must know.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Practice {
    pub code: Code,
    pub what: Switch,
    /// Only for these holders; empty is for all.
    #[serde(default)]
    pub holders: Vec<HolderKind>,
    /// The sentence that stands in letters; empty where nothing is said.
    #[serde(default)]
    pub says: String,
    #[serde(default)]
    pub drafter: String,
    pub citation: String,
    pub confidence: Confidence,
    pub source: String,
}

/// What a state that limits requesters calls them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Residency {
    pub code: Code,
    /// "resident", "citizen".
    pub word: String,
    pub drafter: String,
}

/// What a state calls the officer to whom requests go, where no contact has a title.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    pub code: Code,
    pub title: String,
    pub citation: String,
    pub confidence: Confidence,
    pub source: String,
}

/// How a state's law words what one duty of its file asks for, where the general words are not exact.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DueWords {
    pub code: Code,
    /// The id of the duty in the law file.
    pub duty: String,
    /// Before "is due": "a determination, with the reasons for it,".
    #[serde(default)]
    pub what: String,
    #[serde(default)]
    pub plural: bool,
    /// For a duty without a number: after "the law asks for".
    #[serde(default)]
    pub pace: String,
    /// The law's own name of the day that it counts: "working day".
    #[serde(default)]
    pub unit: String,
}

/// What a step against a refusal is in a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepAs {
    Appeal,
    Complaint,
    /// The agency asks the body for a ruling; ours are comments (Texas).
    Comment,
}

/// Who gets the letter of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepTo {
    /// The agency's own head or appeals officer.
    Agency,
    /// A body outside.
    Body,
}

/// Whom the letter of one step of a law file is addressed to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepWords {
    pub code: Code,
    /// Which `[[appeal]]` of the law file, from 0.
    pub at: usize,
    #[serde(rename = "as")]
    pub as_: StepAs,
    pub to: StepTo,
    #[serde(default)]
    pub title: String,
    pub name: String,
    /// "an appeal", "a request for review".
    pub what: String,
    /// The one section of the law file's citation under which it is made, where the file names several.
    #[serde(default)]
    pub under: String,
    /// The body cannot act without copies of the request and the answer: the letter says that they come with it.
    #[serde(default)]
    pub copies: bool,
    /// Only where nothing came at all: the body does not look into a refusal.
    #[serde(default)]
    pub silence_only: bool,
    #[serde(default)]
    pub drafter: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SwitchFile {
    #[serde(rename = "residency")]
    residencies: Vec<Residency>,
    #[serde(rename = "switch")]
    switches: Vec<Practice>,
    #[serde(rename = "officer")]
    officers: Vec<Officer>,
    #[serde(rename = "due")]
    dues: Vec<DueWords>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    #[serde(rename = "step")]
    steps: Vec<StepWords>,
}

/// Everything under `data/letters/`.
#[derive(Debug)]
pub struct Practices {
    pub residencies: Vec<Residency>,
    pub switches: Vec<Practice>,
    pub officers: Vec<Officer>,
    pub dues: Vec<DueWords>,
    pub steps: Vec<StepWords>,
}

static EMBEDDED: LazyLock<Result<Practices, String>> = LazyLock::new(|| {
    let switches: SwitchFile =
        toml::from_str(SWITCHES).map_err(|fault| format!("data/letters/switches.toml: {fault}"))?;
    let steps: StepFile =
        toml::from_str(STEPS).map_err(|fault| format!("data/letters/steps.toml: {fault}"))?;
    Ok(Practices {
        residencies: switches.residencies,
        switches: switches.switches,
        officers: switches.officers,
        dues: switches.dues,
        steps: steps.steps,
    })
});

/// What is built into the program.
///
/// # Errors
/// What is wrong with the files; the launch stops on it.
pub fn practices() -> Result<&'static Practices, String> {
    EMBEDDED.as_ref().map_err(Clone::clone)
}

impl Practices {
    /// The switches of a state for one kind of holder.
    pub fn of(&self, code: Code, holder: HolderKind) -> impl Iterator<Item = &Practice> {
        self.switches.iter().filter(move |switch| {
            switch.code == code
                && (switch.holders.is_empty()
                    || holder == HolderKind::Unstated
                    || switch.holders.contains(&holder))
        })
    }

    pub fn step(&self, code: Code, at: usize) -> Option<&StepWords> {
        self.steps
            .iter()
            .find(|step| step.code == code && step.at == at)
    }

    /// The officer's title in this state, if it is sure.
    pub fn officer(&self, code: Code) -> Option<&Officer> {
        self.officers
            .iter()
            .find(|officer| officer.code == code && officer.confidence > Confidence::Unverified)
    }

    pub fn due(&self, code: Code, duty: &str) -> Option<&DueWords> {
        self.dues
            .iter()
            .find(|words| words.code == code && words.duty == duty)
    }

    pub fn residency(&self, code: Code) -> Option<&Residency> {
        self.residencies.iter().find(|found| found.code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::{AppealKind, Library};

    #[test]
    fn every_step_that_is_no_court_has_its_addressee_and_no_other() {
        let library = Library::embedded().expect("sound law files");
        let practices = practices().expect("sound practices");
        let mut words = 0;
        for jurisdiction in library.all() {
            for (at, appeal) in jurisdiction.appeals.iter().enumerate() {
                let step = practices.step(jurisdiction.code, at);
                let court = appeal.kind == AppealKind::CourtOnly;
                assert_eq!(step.is_none(), court, "{} {at}", jurisdiction.code);
                words += usize::from(step.is_some());
                if let Some(under) = step
                    .map(|step| step.under.as_str())
                    .filter(|under| !under.is_empty())
                {
                    let section = under.rsplit(' ').next().unwrap_or_default();
                    assert!(
                        appeal.citation.contains(section),
                        "{}: {under} is not of the law file",
                        jurisdiction.code
                    );
                }
            }
            let limited = jurisdiction.eligibility.residents_only;
            assert_eq!(
                practices.residency(jurisdiction.code).is_some(),
                limited,
                "{}",
                jurisdiction.code
            );
        }
        assert_eq!(practices.steps.len(), words, "a step that no law file has");
    }

    #[test]
    fn officers_and_words_of_duties_are_of_their_own_state() {
        use super::super::citations;
        let library = Library::embedded().expect("sound law files");
        let practices = practices().expect("sound practices");
        for officer in &practices.officers {
            let at = officer.code;
            let twins = practices.officers.iter().filter(|other| other.code == at);
            assert_eq!(twins.count(), 1, "{at} stands twice");
            assert!(
                officer.source.starts_with("http") || officer.confidence == Confidence::Unverified,
                "{at}"
            );
            for found in citations::find(&officer.citation) {
                assert_eq!(found.code, at.as_str(), "{}", found.text);
            }
        }
        for words in &practices.dues {
            let at = format!("{} {}", words.code, words.duty);
            let law = library.get(&words.code).expect("a law file");
            assert!(law.duties.iter().any(|duty| duty.id == words.duty), "{at}");
            assert!(
                !words.what.is_empty() || !words.pace.is_empty() || !words.unit.is_empty(),
                "{at}"
            );
        }
    }

    #[test]
    fn a_switch_speaks_or_tells_and_cites_its_own_state() {
        use super::super::citations;
        let practices = practices().expect("sound practices");
        for switch in &practices.switches {
            let at = format!("{} {}", switch.code, switch.what.as_str());
            assert!(
                !switch.says.is_empty() || !switch.drafter.is_empty(),
                "{at}"
            );
            assert!(
                switch.source.starts_with("http") || switch.confidence == Confidence::Unverified,
                "{at}: a rule that is sure has a source"
            );
            for text in [&switch.says, &switch.citation] {
                for found in citations::find(text) {
                    assert_eq!(found.code, switch.code.as_str(), "{at}: {}", found.text);
                }
            }
            let twins = practices
                .switches
                .iter()
                .filter(|other| other.code == switch.code && other.what == switch.what);
            assert_eq!(twins.count(), 1, "{at} stands twice");
        }
    }
}
