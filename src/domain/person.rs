//! Who asks: a person's role in one campaign, and what that role may see and do.
//!
//! The table is `docs/architecture.md`, "Who may see what".

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ids::{CampaignId, UserId};

/// A member's role in one campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Drafts, sends, receives and records figures.
    Researcher,
    /// The legal partner: approves letters, clears documents, checks figures.
    Counsel,
    /// The meeting team: sees titles and status, cleared copies, facts and dossiers.
    Team,
}

impl Role {
    pub const ALL: [Role; 3] = [Role::Researcher, Role::Counsel, Role::Team];

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Researcher => "researcher",
            Role::Counsel => "counsel",
            Role::Team => "team",
        }
    }

    /// As pages name it.
    pub fn plain(self) -> &'static str {
        match self {
            Role::Researcher => "Researcher",
            Role::Counsel => "Counsel (legal partner)",
            Role::Team => "Meeting team",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Role::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(UnknownRole)
    }
}

/// The text names no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role is researcher, counsel or team")]
pub struct UnknownRole;

/// A person acting in one campaign. Finders of `store` take it, so that a row of another campaign is never found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    pub user: UserId,
    pub campaign: CampaignId,
    pub role: Role,
}

impl Scope {
    /// Drafts, letters in preparation, messages and deadlines.
    pub fn sees_work(self) -> bool {
        matches!(self.role, Role::Researcher | Role::Counsel)
    }

    /// Originals that nobody has cleared yet. A researcher sees none but their own uploads.
    pub fn sees_held(self) -> bool {
        self.role == Role::Counsel
    }

    pub fn may_draft(self) -> bool {
        matches!(self.role, Role::Researcher | Role::Counsel)
    }

    pub fn may_approve(self) -> bool {
        self.role == Role::Counsel
    }
}
