//! The clause registry: every clause of every letter, read from `templates/letters/*.toml` and checked before use.
//!
//! A clause is data: words with merge fields, a condition on the facts of law and request, the rule that it leans on.
//! Which rule stands behind a key, and how sure it is, comes with the facts (`rules`); this file knows neither law nor
//! request. How the files are written: docs/letters.md.

#[cfg(test)]
mod faults;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::kind::LetterKind;
use super::rules::Rule;
use crate::law::Confidence;

macro_rules! files {
    ($($stem:literal)*) => {
        &[$(($stem, include_str!(concat!("../../../templates/letters/", $stem, ".toml")))),*]
    };
}

/// Stem and text of every file under `templates/letters/`; a test holds this list against the folder.
pub(super) const FILES: &[(&str, &str)] = files!(
    "shared" "request" "follow_up" "overdue_notice" "status_enquiry" "fee_waiver" "fee_reply" "clarification"
    "response_check" "reconsideration" "appeal" "complaint" "thank_you" "correction"
);

/// How a clause is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// One paragraph, broken into lines.
    #[default]
    Paragraph,
    /// Lines that stay as they are; empty ones fall away.
    Lines,
}

/// One clause as its file gives it.
#[derive(Clone, Debug)]
pub struct ClauseText {
    /// "request/timing_fixed": stable, and unique in the registry.
    pub id: String,
    /// A template: what the paragraph is about, "timing". Alternatives share one.
    pub key: String,
    /// Raised with every change of the words.
    pub version: u32,
    /// What it is for, for whoever changes it.
    pub purpose: String,
    /// The expression under which it stands in the letter.
    pub when: Option<String>,
    /// The key of the rule behind it; `each` takes the one of the thing that it is repeated for.
    pub rule: Option<String>,
    /// Said even where its rule is not verified: no letter can go without it. The drafter is warned all the same.
    pub keep: bool,
    pub heading: Option<String>,
    /// A template: why it is in this letter, one sentence.
    pub why: String,
    pub text: String,
    /// The list in the facts for which it is repeated.
    pub each: Option<String>,
    /// Repetitions are numbered " 1. ".
    pub numbered: bool,
    pub layout: Layout,
}

/// Something that the drafter is told and the agency is not.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// The key of the clause that it is about.
    pub about: String,
    #[serde(default)]
    pub when: Option<String>,
    /// The key of a rule that a person may confirm.
    #[serde(default)]
    pub confirm: Option<String>,
    pub says: String,
}

/// One kind of letter: its subject line and its clauses in order.
#[derive(Clone, Debug)]
pub struct KindText {
    pub subject: String,
    /// Indices into the registry's clauses.
    pub(super) order: Vec<usize>,
    pub(super) remarks: Vec<Remark>,
}

/// Every clause, every kind of letter, and the templates compiled.
#[derive(Clone)]
pub struct Registry {
    clauses: Vec<ClauseText>,
    kinds: BTreeMap<LetterKind, KindText>,
    rules: Vec<Rule>,
    environment: Environment<'static>,
    version: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Absent in the file of shared clauses.
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(rename = "clause", default)]
    clauses: Vec<Entry>,
    #[serde(rename = "warning", default)]
    remarks: Vec<Remark>,
    #[serde(rename = "rule", default)]
    rules: Vec<RuleEntry>,
}

/// A clause, or only the `use` of one that another file holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(rename = "use", default)]
    shared: Option<String>,
    #[serde(default)]
    id: String,
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    version: u32,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    when: Option<String>,
    #[serde(default)]
    rule: Option<String>,
    #[serde(default)]
    keep: bool,
    #[serde(default)]
    heading: Option<String>,
    #[serde(default)]
    why: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    each: Option<String>,
    #[serde(default)]
    numbered: bool,
    #[serde(default)]
    layout: Layout,
}

/// A rule that is the same everywhere, such as a federal regulation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleEntry {
    key: String,
    citation: String,
    confidence: Confidence,
    says: String,
    source: String,
}

static EMBEDDED: LazyLock<Result<Registry, Vec<String>>> = LazyLock::new(|| Registry::read(FILES));

/// The clauses that are built into the program.
///
/// # Errors
/// Everything wrong with the files, each fault with its clause; the launch stops on any.
pub fn registry() -> Result<&'static Registry, Vec<String>> {
    EMBEDDED.as_ref().map_err(Clone::clone)
}

/// Steps that rendering one adapted clause may take: the longest of the house takes some hundreds.
const FUEL: u64 = 50_000;

/// A bare environment for clauses: text only, an unknown field is an error.
fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment
}

impl Registry {
    /// Reads and checks clause files, as (stem, text).
    ///
    /// # Errors
    /// Everything wrong, each fault with its file or clause.
    pub fn read(files: &[(&str, &str)]) -> Result<Registry, Vec<String>> {
        let mut faults = Vec::new();
        let mut registry = Registry {
            clauses: Vec::new(),
            kinds: BTreeMap::new(),
            rules: Vec::new(),
            environment: environment(),
            version: version_of(files.iter().flat_map(|(stem, text)| [*stem, *text])),
        };
        let mut orders: Vec<(LetterKind, String, Vec<String>, Vec<Remark>)> = Vec::new();
        for (stem, text) in files {
            let file: File = match toml::from_str(text) {
                Ok(file) => file,
                Err(fault) => {
                    faults.push(format!("templates/letters/{stem}.toml: {fault}"));
                    continue;
                }
            };
            registry
                .rules
                .extend(file.rules.into_iter().map(|rule| Rule {
                    key: rule.key,
                    place: format!("templates/letters/{stem}.toml"),
                    citation: rule.citation,
                    confidence: rule.confidence,
                    says: rule.says,
                    source: rule.source,
                    confirmed: false,
                }));
            let mut order = Vec::new();
            for entry in file.clauses {
                if let Some(id) = entry.shared {
                    order.push(id);
                    continue;
                }
                order.push(entry.id.clone());
                registry.clauses.push(clause(entry));
            }
            match (file.kind.as_deref().map(LetterKind::parse), file.subject) {
                (None, None) => {}
                (Some(Some(kind)), Some(subject)) => {
                    orders.push((kind, subject, order, file.remarks));
                }
                _ => faults.push(format!(
                    "templates/letters/{stem}.toml: a letter has a `kind` that is known and a `subject`; shared clauses have neither"
                )),
            }
        }
        registry.check_clauses(&mut faults);
        for (kind, subject, order, remarks) in orders {
            let at: Vec<usize> = order
                .iter()
                .filter_map(|id| {
                    let found = registry.clauses.iter().position(|clause| clause.id == *id);
                    if found.is_none() {
                        faults.push(format!("{kind}: there is no clause “{id}”"));
                    }
                    found
                })
                .collect();
            registry.compile(&format!("{kind}#subject"), &subject, &mut faults);
            for (at, remark) in remarks.iter().enumerate() {
                registry.compile(&format!("{kind}#warning{at}"), &remark.says, &mut faults);
                let when = condition(remark.when.as_deref());
                registry.compile(&format!("{kind}#warning{at}-when"), &when, &mut faults);
            }
            let text = KindText {
                subject,
                order: at,
                remarks,
            };
            if registry.kinds.insert(kind, text).is_some() {
                faults.push(format!("{kind}: two files are for this letter"));
            }
        }
        if faults.is_empty() {
            Ok(registry)
        } else {
            Err(faults)
        }
    }

    fn check_clauses(&mut self, faults: &mut Vec<String>) {
        let mut ids = BTreeSet::new();
        for clause in self.clauses.clone() {
            let id = &clause.id;
            if !ids.insert(id.clone()) {
                faults.push(format!("{id}: there are two of them"));
            }
            for (missing, name) in [
                (clause.id.is_empty(), "id"),
                (clause.version == 0, "version, from 1"),
                (clause.purpose.trim().is_empty(), "purpose"),
                (clause.why.trim().is_empty(), "why"),
                (clause.text.trim().is_empty(), "text"),
            ] {
                if missing {
                    faults.push(format!("{id}: a clause needs a {name}"));
                }
            }
            if clause.rule.as_deref() == Some("each") && clause.each.is_none() {
                faults.push(format!("{id}: `rule = \"each\"` needs `each`"));
            }
            self.compile_clause(&clause, faults);
        }
    }

    fn compile_clause(&mut self, clause: &ClauseText, faults: &mut Vec<String>) {
        let id = &clause.id;
        self.compile(&format!("{id}#text"), &clause.text, faults);
        self.compile(&format!("{id}#why"), &clause.why, faults);
        self.compile(&format!("{id}#key"), &clause.key, faults);
        let when = condition(clause.when.as_deref());
        self.compile(&format!("{id}#when"), &when, faults);
    }

    fn compile(&mut self, name: &str, text: &str, faults: &mut Vec<String>) {
        if let Err(fault) = self
            .environment
            .add_template_owned(name.to_owned(), text.trim().to_owned())
        {
            faults.push(format!("{name}: {fault:#}"));
        }
    }

    /// The registry with other words for some clauses: id, words, and the version that they are kept under. Conditions
    /// and rules stay as they are.
    ///
    /// # Errors
    /// Each clause that is not known or whose words are no template.
    pub fn adapted(&self, words: &[(&str, &str, u32)]) -> Result<Registry, Vec<String>> {
        let mut adapted = self.clone();
        // Words that people write may not run on, whatever slipped past the sandbox.
        adapted.environment.set_fuel(Some(FUEL));
        let mut faults = Vec::new();
        for (id, text, version) in words {
            let Some(clause) = adapted.clauses.iter_mut().find(|clause| clause.id == *id) else {
                faults.push(format!("There is no clause “{id}”."));
                continue;
            };
            clause.text = (*text).to_owned();
            clause.version = *version;
            let clause = clause.clone();
            adapted.compile_clause(&clause, &mut faults);
        }
        let said: Vec<String> = words
            .iter()
            .map(|(id, text, version)| format!("{id} {version} {text}"))
            .collect();
        let parts = std::iter::once(self.version.as_str()).chain(said.iter().map(String::as_str));
        adapted.version = version_of(parts);
        if faults.is_empty() {
            Ok(adapted)
        } else {
            Err(faults)
        }
    }

    /// The kinds of letters in which a clause can stand.
    pub fn kinds_with(&self, id: &str) -> Vec<LetterKind> {
        self.kinds
            .iter()
            .filter(|(_, text)| {
                text.order
                    .iter()
                    .any(|at| self.clauses.get(*at).is_some_and(|clause| clause.id == id))
            })
            .map(|(kind, _)| *kind)
            .collect()
    }

    /// Every clause, in the order of the files.
    pub fn clauses(&self) -> &[ClauseText] {
        &self.clauses
    }

    /// The clauses of one kind of letter, in its order; empty where the kind has no file.
    pub fn of(&self, kind: LetterKind) -> impl Iterator<Item = &ClauseText> {
        self.kinds
            .get(&kind)
            .into_iter()
            .flat_map(|text| &text.order)
            .filter_map(|at| self.clauses.get(*at))
    }

    pub(super) fn kind(&self, kind: LetterKind) -> Option<&KindText> {
        self.kinds.get(&kind)
    }

    /// Rules that are the same in every jurisdiction.
    pub(super) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Which words made a letter: a hash over every clause, 12 hexadecimal digits.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Renders a compiled template.
    ///
    /// # Errors
    /// What the template engine says.
    pub(super) fn render(&self, name: &str, fields: &Value) -> Result<String, String> {
        self.environment
            .get_template(name)
            .and_then(|template| template.render(fields))
            .map_err(|fault| format!("{fault:#}"))
    }

    /// Whether a compiled condition holds.
    pub(super) fn holds(&self, name: &str, fields: &Value) -> Result<bool, String> {
        Ok(self.render(name, fields)? == "yes")
    }
}

/// A condition as a template that says "yes" or nothing; no condition always holds.
fn condition(when: Option<&str>) -> String {
    match when {
        Some(when) => format!("{{% if {when} %}}yes{{% endif %}}"),
        None => "yes".to_owned(),
    }
}

fn clause(entry: Entry) -> ClauseText {
    let stem = entry.id.rsplit('/').next().unwrap_or_default().to_owned();
    ClauseText {
        key: entry.key.unwrap_or(stem),
        id: entry.id,
        version: entry.version,
        purpose: entry.purpose,
        when: entry.when,
        rule: entry.rule,
        keep: entry.keep,
        heading: entry.heading,
        why: entry.why,
        text: entry.text,
        each: entry.each,
        numbered: entry.numbered,
        layout: entry.layout,
    }
}

fn version_of<'t>(parts: impl Iterator<Item = &'t str>) -> String {
    let mut all = Sha256::new();
    for part in parts {
        all.update(part.as_bytes());
        all.update([0]);
    }
    all.finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_file_is_embedded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/letters");
        let mut stems: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder of letters")
            .map(|entry| entry.expect("an entry").file_name())
            .filter_map(|name| Some(name.to_str()?.strip_suffix(".toml")?.to_owned()))
            .collect();
        stems.sort();
        let mut listed: Vec<&str> = super::FILES.iter().map(|(stem, _)| *stem).collect();
        listed.sort_unstable();
        assert_eq!(stems, listed);
    }
}
