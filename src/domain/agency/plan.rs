//! The plan of an import: what each line would add, what it matches, what is left out and why. Nothing is written here.
//!
//! Made by [`super::matching::plan`]. The same list planned against a campaign that already holds it plans nothing: a second import changes nothing.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::contact::Channel;
use super::list::{ListKind, ListedAgreement, ListedContact};
use super::{AgencyKind, AgreementModel, AgreementStatus, Paper};
use crate::domain::ids::{AgencyId, AgreementId};

/// An agency that the campaign has.
#[derive(Clone, Debug)]
pub struct KnownAgency {
    pub id: AgencyId,
    pub name: String,
    pub jurisdiction: String,
    pub county: Option<String>,
    /// Its other names.
    pub also: Vec<String>,
}

/// An agreement that the campaign has.
#[derive(Clone, Debug)]
pub struct KnownAgreement {
    pub id: AgreementId,
    /// Whether a list gave it: only such a one can leave the list.
    pub listed: bool,
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
    /// Addresses and numbers of contacts in use, by agency.
    pub contacts: Vec<(AgencyId, Channel, String)>,
}

/// What a person said of one line, in place of what the planner would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "choice", rename_all = "snake_case")]
pub enum Choice {
    /// It is an agency of its own.
    New {
        reason: String,
    },
    /// It is this one.
    Merge {
        agency: AgencyId,
        reason: String,
    },
    Skip {
        reason: String,
    },
}

impl Choice {
    pub fn reason(&self) -> &str {
        match self {
            Choice::New { reason } | Choice::Merge { reason, .. } | Choice::Skip { reason } => {
                reason
            }
        }
    }
}

/// Everything that a person said of a list before it is carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// By line.
    pub lines: BTreeMap<u32, Choice>,
    /// The file is only a part of ICE's list: what is missing from it has not left.
    pub part_only: bool,
}

/// An agreement that stood on an earlier list and is missing from this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedEnd {
    pub agreement: AgreementId,
    pub agency: AgencyId,
    pub name: String,
    pub jurisdiction: String,
    pub model: AgreementModel,
    /// Where it stood.
    pub was: AgreementStatus,
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
    #[serde(default)]
    pub contacts: Vec<ContactStep>,
    pub remarks: Vec<String>,
    /// Why a person chose this, in place of what the planner would do.
    #[serde(default)]
    pub chosen: Option<String>,
}

impl PlannedLine {
    /// Whether confirming writes anything for this line.
    pub fn writes(&self) -> bool {
        self.agency == AgencyStep::Add
            || matches!(
                self.agreement,
                Some(AgreementStep::Add { .. } | AgreementStep::Change { .. })
            )
            || self
                .contacts
                .iter()
                .any(|contact| matches!(contact, ContactStep::Add { .. }))
    }
}

/// A line that does nothing, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedLine {
    pub line: u32,
    pub says: String,
    pub why: String,
    /// A person left it out.
    #[serde(default)]
    pub chosen: bool,
    /// It names an agency, so that a person can say which.
    #[serde(default)]
    pub can_choose: bool,
}

/// The whole plan, as kept until it is confirmed or thrown away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub list: ListKind,
    pub lines: Vec<PlannedLine>,
    pub skipped: Vec<SkippedLine>,
    /// Agreements that left the list.
    #[serde(default)]
    pub ends: Vec<PlannedEnd>,
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
    #[serde(default)]
    pub agreements_ended: u32,
    pub contacts_added: u32,
    pub skipped: u32,
    /// Lines with something that could not be read or had to be judged.
    pub remarked: u32,
}

impl Summary {
    /// Whether confirming writes nothing.
    pub fn changes_nothing(&self) -> bool {
        self.agencies_added
            + self.agreements_added
            + self.agreements_changed
            + self.agreements_ended
            + self.contacts_added
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
            agreements_ended: small(self.ends.len()),
            contacts_added: small(
                self.lines
                    .iter()
                    .flat_map(|line| &line.contacts)
                    .filter(|contact| matches!(contact, ContactStep::Add { .. }))
                    .count(),
            ),
            skipped: small(self.skipped.len()),
            remarked: count(&|line| !line.remarks.is_empty()),
        }
    }
}
