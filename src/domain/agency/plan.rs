//! The plan of an import: what each line would add, what it matches, what is left out and why. Nothing is written here.
//!
//! Made by [`super::matching::plan`]. The same list planned against a campaign that already holds it plans nothing: a second import changes nothing.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::list::{ListKind, ListedAgreement, ListedContact};
use super::{AgencyKind, AgreementModel, AgreementStatus, Paper};
use crate::domain::ids::AgencyId;

/// An agency that the campaign has.
#[derive(Clone, Debug)]
pub struct KnownAgency {
    pub id: AgencyId,
    pub name: String,
    pub jurisdiction: String,
    pub county: Option<String>,
}

/// An agreement that the campaign has.
#[derive(Clone, Debug)]
pub struct KnownAgreement {
    pub agency: AgencyId,
    pub model: AgreementModel,
    pub status: AgreementStatus,
    pub signed_on: Option<NaiveDate>,
    pub paper: Paper,
    pub addendum: Paper,
}

/// What the campaign holds before the import.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub agencies: Vec<KnownAgency>,
    pub agreements: Vec<KnownAgreement>,
    /// E-mail addresses of contacts, by agency.
    pub emails: Vec<(AgencyId, String)>,
}

/// What becomes of a line's agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum AgencyStep {
    Add,
    /// The campaign has it already.
    Known {
        id: AgencyId,
        name: String,
    },
    /// An earlier line of this list adds it.
    SameAs {
        line: u32,
    },
}

/// What becomes of a line's agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum AgreementStep {
    Add {
        agreement: ListedAgreement,
    },
    /// The list knows more, or something newer: what changes, in words, and the agreement after it.
    Change {
        agreement: ListedAgreement,
        words: String,
    },
    /// The campaign has it just so, or an earlier line gives it.
    Same,
}

/// What becomes of a line's contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum ContactStep {
    Add { contact: ListedContact },
    Same,
}

/// One line and what it will do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedLine {
    pub line: u32,
    pub name: String,
    pub jurisdiction: String,
    pub county: Option<String>,
    pub kind: AgencyKind,
    pub agency: AgencyStep,
    pub model: Option<AgreementModel>,
    pub agreement: Option<AgreementStep>,
    pub contact: Option<ContactStep>,
    pub remarks: Vec<String>,
}

impl PlannedLine {
    /// Whether confirming writes anything for this line.
    pub fn writes(&self) -> bool {
        self.agency == AgencyStep::Add
            || matches!(
                self.agreement,
                Some(AgreementStep::Add { .. } | AgreementStep::Change { .. })
            )
            || matches!(self.contact, Some(ContactStep::Add { .. }))
    }
}

/// A line that does nothing, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedLine {
    pub line: u32,
    pub says: String,
    pub why: String,
}

/// The whole plan, as kept until it is confirmed or thrown away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub list: ListKind,
    pub lines: Vec<PlannedLine>,
    pub skipped: Vec<SkippedLine>,
}

/// The plan in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Lines that say anything.
    pub lines: u32,
    pub agencies_added: u32,
    /// Agencies of the list that the campaign has already, each counted once.
    pub agencies_matched: u32,
    pub agreements_added: u32,
    pub agreements_changed: u32,
    pub agreements_same: u32,
    pub contacts_added: u32,
    pub skipped: u32,
    /// Lines with something that could not be read or had to be judged.
    pub remarked: u32,
}

impl Summary {
    /// Whether confirming writes nothing.
    pub fn changes_nothing(&self) -> bool {
        self.agencies_added + self.agreements_added + self.agreements_changed + self.contacts_added
            == 0
    }
}

impl Plan {
    pub fn summary(&self) -> Summary {
        let count = |test: &dyn Fn(&PlannedLine) -> bool| {
            u32::try_from(self.lines.iter().filter(|line| test(line)).count()).unwrap_or(u32::MAX)
        };
        let mut matched: Vec<AgencyId> = self
            .lines
            .iter()
            .filter_map(|line| match line.agency {
                AgencyStep::Known { id, .. } => Some(id),
                _ => None,
            })
            .collect();
        matched.sort_unstable();
        matched.dedup();
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Summary {
            lines: small(self.lines.len() + self.skipped.len()),
            agencies_added: count(&|line| line.agency == AgencyStep::Add),
            agencies_matched: small(matched.len()),
            agreements_added: count(&|line| {
                matches!(line.agreement, Some(AgreementStep::Add { .. }))
            }),
            agreements_changed: count(&|line| {
                matches!(line.agreement, Some(AgreementStep::Change { .. }))
            }),
            agreements_same: count(&|line| line.agreement == Some(AgreementStep::Same)),
            contacts_added: count(&|line| matches!(line.contact, Some(ContactStep::Add { .. }))),
            skipped: small(self.skipped.len()),
            remarked: count(&|line| !line.remarks.is_empty()),
        }
    }
}
