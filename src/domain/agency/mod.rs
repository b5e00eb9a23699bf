//! Agencies: who holds the records, how each is reached, and which agreements with ICE it has.
//!
//! Here: the kinds, channels and models, what makes two names one agency ([`name`]), the departments that stand in
//! a campaign from the start ([`start`]), the reading of lists ([`list`]) and the plan of an import ([`plan`],
//! made in [`matching`]).
//! Not here: requests and letters, which are later stages, and the files themselves. Pure.
//! May import `calendar`, `law` and earlier stages.

pub mod contact;
pub mod fiscal;
pub mod list;
pub mod matching;
pub mod name;
pub mod plan;
pub mod start;
mod table;

use serde::{Deserialize, Serialize};

use crate::law::HolderKind;

/// What kind of body an agency is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgencyKind {
    /// A state's department that runs its prisons, or the District's.
    StateCorrections,
    /// A county's: sheriff, jail, department of detention.
    County,
    /// A town's, a city's or a township's police, constable or jail.
    Municipality,
    /// Any other body of a state.
    StateAgency,
    Other,
}

impl AgencyKind {
    pub const ALL: [AgencyKind; 5] = [
        AgencyKind::StateCorrections,
        AgencyKind::County,
        AgencyKind::Municipality,
        AgencyKind::StateAgency,
        AgencyKind::Other,
    ];

    /// The word of the database and of forms.
    pub fn as_str(self) -> &'static str {
        match self {
            AgencyKind::StateCorrections => "state_corrections",
            AgencyKind::County => "county",
            AgencyKind::Municipality => "municipality",
            AgencyKind::StateAgency => "state_agency",
            AgencyKind::Other => "other",
        }
    }

    pub fn parse(text: &str) -> Option<AgencyKind> {
        AgencyKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }

    /// As pages name it.
    pub fn plain(self) -> &'static str {
        match self {
            AgencyKind::StateCorrections => "State corrections",
            AgencyKind::County => "County",
            AgencyKind::Municipality => "Municipality",
            AgencyKind::StateAgency => "State agency",
            AgencyKind::Other => "Other",
        }
    }

    /// What the law takes it for: some laws give each kind of holder its own limits. A county's sheriff is told from
    /// the county itself by the agency's name, for no list says it otherwise.
    pub fn holder(self, name: &str) -> HolderKind {
        match self {
            AgencyKind::StateCorrections | AgencyKind::StateAgency => HolderKind::StateAgency,
            AgencyKind::County if name.to_lowercase().contains("sheriff") => HolderKind::Sheriff,
            AgencyKind::County => HolderKind::County,
            AgencyKind::Municipality => HolderKind::Municipality,
            AgencyKind::Other => HolderKind::OtherLocal,
        }
    }

    /// What a list calls it, in any case and with stray spaces. Words unknown to us are none.
    pub fn of_list(words: &str) -> Option<AgencyKind> {
        match name::fold(words).as_str() {
            "county" | "parish" | "borough" | "sheriff" | "county jail" => Some(AgencyKind::County),
            "municipality" | "municipal" | "city" | "town" | "township" | "village" => {
                Some(AgencyKind::Municipality)
            }
            "state agency" | "state" => Some(AgencyKind::StateAgency),
            "state corrections" => Some(AgencyKind::StateCorrections),
            "other" | "tribal" | "university" | "territory" => Some(AgencyKind::Other),
            _ => None,
        }
    }
}

/// The three models of a 287(g) agreement in use, as ICE's list names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgreementModel {
    /// Jail enforcement: jail staff question people, prepare charges and issue detainers themselves.
    Jem,
    /// Warrant service officer: jail staff only serve ICE's I-200 and I-205 at a scheduled release.
    Wso,
    /// Task force: officers act in the community. Not a jail model.
    Tfm,
}

impl AgreementModel {
    pub const ALL: [AgreementModel; 3] = [
        AgreementModel::Jem,
        AgreementModel::Wso,
        AgreementModel::Tfm,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            AgreementModel::Jem => "jem",
            AgreementModel::Wso => "wso",
            AgreementModel::Tfm => "tfm",
        }
    }

    pub fn parse(text: &str) -> Option<AgreementModel> {
        AgreementModel::ALL
            .into_iter()
            .find(|model| model.as_str() == text)
    }

    pub fn plain(self) -> &'static str {
        match self {
            AgreementModel::Jem => "Jail enforcement model",
            AgreementModel::Wso => "Warrant service officer",
            AgreementModel::Tfm => "Task force model",
        }
    }

    /// What the model lets local staff do, in one sentence.
    pub fn says(self) -> &'static str {
        match self {
            AgreementModel::Jem => {
                "Jail staff may question people, prepare charges and issue detainers themselves."
            }
            AgreementModel::Wso => {
                "Jail staff may only serve ICE's own warrants (I-200, I-205) at a scheduled release."
            }
            AgreementModel::Tfm => "Officers may act in the community. Not a jail model.",
        }
    }

    /// ICE's words for it, in any case and with stray spaces.
    pub fn of_list(words: &str) -> Option<AgreementModel> {
        match name::fold(words).as_str() {
            "jail enforcement model" | "jail enforcement" | "jem" => Some(AgreementModel::Jem),
            "warrant service officer" | "warrant service officer model" | "wso" => {
                Some(AgreementModel::Wso)
            }
            "task force model" | "task force" | "tfm" => Some(AgreementModel::Tfm),
            _ => None,
        }
    }
}

/// Where an agreement stands, by the list it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreementStatus {
    /// On the list of participating agencies.
    Signed,
    /// On the list of pending agencies.
    Pending,
}

impl AgreementStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            AgreementStatus::Signed => "signed",
            AgreementStatus::Pending => "pending",
        }
    }

    pub fn parse(text: &str) -> Option<AgreementStatus> {
        [AgreementStatus::Signed, AgreementStatus::Pending]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// Whether the list offers the paper itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// The list links to it.
    Linked,
    /// The list says that a link will come.
    LinkPending,
    /// The list says nothing.
    NotStated,
}

impl Paper {
    pub fn as_str(self) -> &'static str {
        match self {
            Paper::Linked => "linked",
            Paper::LinkPending => "link_pending",
            Paper::NotStated => "not_stated",
        }
    }

    pub fn parse(text: &str) -> Option<Paper> {
        [Paper::Linked, Paper::LinkPending, Paper::NotStated]
            .into_iter()
            .find(|paper| paper.as_str() == text)
    }

    pub fn plain(self) -> &'static str {
        match self {
            Paper::Linked => "on ICE's list",
            Paper::LinkPending => "link pending on ICE's list",
            Paper::NotStated => "not stated",
        }
    }

    /// The list's own cell: "link", "link pending" (stray spaces allowed), an address, or empty.
    pub fn of_list(words: &str) -> Paper {
        let folded = name::fold(words);
        if folded.contains("pending") {
            Paper::LinkPending
        } else if folded.is_empty() || folded == "na" || folded == "none" {
            Paper::NotStated
        } else {
            Paper::Linked
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheriff_is_known_by_the_name() {
        for (kind, name, holder) in [
            (
                AgencyKind::County,
                "Alder County Sheriff's Office",
                HolderKind::Sheriff,
            ),
            (AgencyKind::County, "Alder County Jail", HolderKind::County),
            (
                AgencyKind::StateCorrections,
                "Department of Corrections",
                HolderKind::StateAgency,
            ),
            (
                AgencyKind::Municipality,
                "Alderton Police",
                HolderKind::Municipality,
            ),
            (
                AgencyKind::Other,
                "Alder Regional Jail",
                HolderKind::OtherLocal,
            ),
        ] {
            assert_eq!(kind.holder(name), holder, "{name}");
        }
    }
}
