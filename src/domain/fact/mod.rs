//! Fact: a typed figure that a person read off a cleared page, and a second person checked.
//!
//! Here: what can be measured (`metric`), exact numbers (`figure`), what a form says (`reading`), cautions
//! (`flag`), the fact with its provenance, its checks and its
//! status. Not here: how figures are laid out in a dossier (`packet`). May import `ids`, `document`, `review`.

mod figure;
mod flag;
mod metric;
mod reading;

pub use figure::{Figure, NotAFigure};
pub use flag::{Flag, UnknownFlag};
pub use metric::{CostBasis, CountBasis, Metric, Unit};
pub use reading::{Period, Problem, Reading, Typed};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{AgencyId, DocumentId, FactId, RequestId, UserId};
use super::review::Cleared;

/// How the value came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The agency states the figure.
    Quoted,
    /// We counted rows of the agency's records.
    Counted,
    /// Computed from other facts.
    Derived,
    /// Pro-rated or extrapolated.
    Estimated,
}

impl Method {
    pub const ALL: [Method; 4] = [
        Method::Quoted,
        Method::Counted,
        Method::Derived,
        Method::Estimated,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Method::Quoted => "quoted",
            Method::Counted => "counted",
            Method::Derived => "derived",
            Method::Estimated => "estimated",
        }
    }

    pub fn parse(text: &str) -> Option<Method> {
        Method::ALL.into_iter().find(|m| m.as_str() == text)
    }

    pub fn plain(self) -> &'static str {
        match self {
            Method::Quoted => "stated by the agency",
            Method::Counted => "counted by us in the agency's records",
            Method::Derived => "computed from other figures",
            Method::Estimated => "estimated",
        }
    }
}

/// Where a fact stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactStatus {
    Quoted,
    Counted,
    Derived,
    Estimated,
    Disputed,
    Withdrawn,
}

impl FactStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            FactStatus::Quoted => "quoted",
            FactStatus::Counted => "counted",
            FactStatus::Derived => "derived",
            FactStatus::Estimated => "estimated",
            FactStatus::Disputed => "disputed",
            FactStatus::Withdrawn => "withdrawn",
        }
    }
}

/// A recorded figure with its provenance.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    pub id: FactId,
    pub agency: AgencyId,
    pub request: Option<RequestId>,
    pub document: DocumentId,
    pub reading: Reading,
    pub quote_found: bool,
    pub flags: Vec<Flag>,
    pub entered_by: UserId,
    pub entered_at: DateTime<Utc>,
    pub withdrawn: bool,
}

/// What a second person found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The page says so.
    Agrees,
    /// The page does not say so, or says something else.
    Disputes,
}

impl Verdict {
    pub const ALL: [Verdict; 2] = [Verdict::Agrees, Verdict::Disputes];

    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Agrees => "agrees",
            Verdict::Disputes => "disputes",
        }
    }

    pub fn parse(text: &str) -> Option<Verdict> {
        Verdict::ALL.into_iter().find(|v| v.as_str() == text)
    }
}

/// A second person's check of one fact. The latest holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    pub fact: FactId,
    pub verdict: Verdict,
    pub by: UserId,
    pub at: DateTime<Utc>,
}

impl Fact {
    /// Folded from how it was read, its checks and whether it was withdrawn.
    pub fn status(&self, checks: &[Check]) -> FactStatus {
        if self.withdrawn {
            return FactStatus::Withdrawn;
        }
        let latest = self.latest(checks);
        if latest.is_some_and(|check| check.verdict == Verdict::Disputes) {
            return FactStatus::Disputed;
        }
        match self.reading.method {
            Method::Quoted => FactStatus::Quoted,
            Method::Counted => FactStatus::Counted,
            Method::Derived => FactStatus::Derived,
            Method::Estimated => FactStatus::Estimated,
        }
    }

    fn latest<'a>(&self, checks: &'a [Check]) -> Option<&'a Check> {
        checks
            .iter()
            .filter(|check| check.fact == self.id)
            .max_by_key(|check| check.at)
    }
}

/// Why a fact may not leave the team, as a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotChecked {
    #[error("A second person has not checked this figure yet.")]
    Unchecked,
    #[error("The person who entered a figure cannot check it. Ask another member.")]
    SamePerson,
    #[error("A second person disputes this figure. Correct or withdraw it.")]
    Disputed,
    #[error("This figure was withdrawn.")]
    Withdrawn,
    #[error("This figure was read from another document than the cleared one.")]
    OtherDocument,
}

/// Whether this person may check this fact.
pub fn may_check(fact: &Fact, by: UserId) -> Result<(), NotChecked> {
    if fact.withdrawn {
        return Err(NotChecked::Withdrawn);
    }
    if fact.entered_by == by {
        return Err(NotChecked::SamePerson);
    }
    Ok(())
}

/// A fact from a cleared document that a second person checked. No other way to make one exists.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedFact {
    fact: Fact,
    checked_at: DateTime<Utc>,
}

impl CheckedFact {
    /// `checks` are all checks of this fact; the latest must agree and be another person's than who entered it.
    pub fn confirm<D>(
        fact: Fact,
        checks: &[Check],
        source: &Cleared<D>,
    ) -> Result<CheckedFact, NotChecked> {
        if source.document() != fact.document {
            return Err(NotChecked::OtherDocument);
        }
        if fact.withdrawn {
            return Err(NotChecked::Withdrawn);
        }
        let check = fact.latest(checks).ok_or(NotChecked::Unchecked)?;
        if check.by == fact.entered_by {
            return Err(NotChecked::SamePerson);
        }
        if check.verdict == Verdict::Disputes {
            return Err(NotChecked::Disputed);
        }
        let checked_at = check.at;
        Ok(CheckedFact { fact, checked_at })
    }

    pub fn fact(&self) -> &Fact {
        &self.fact
    }

    pub fn checked_at(&self) -> DateTime<Utc> {
        self.checked_at
    }
}

#[cfg(test)]
mod tests;
