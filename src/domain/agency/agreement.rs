//! Agreements with ICE and its kin: which kind, where each stands, and whether a list offers the paper itself.

use serde::{Deserialize, Serialize};

use super::name;

/// What kind of agreement it is: the three models of a 287(g) agreement in use, as ICE's list names them, and the
/// papers under which a jail holds people for the federal government or is paid for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgreementModel {
    /// Jail enforcement: jail staff question people, prepare charges and issue detainers themselves.
    Jem,
    /// Warrant service officer: jail staff only serve ICE's I-200 and I-205 at a scheduled release.
    Wso,
    /// Task force: officers act in the community. Not a jail model.
    Tfm,
    /// Intergovernmental service agreement: a contract to hold ICE's detainees at a daily rate.
    Igsa,
    /// Basic ordering agreement: ICE pays for a hold of up to 48 hours, order by order.
    Boa,
    /// The Marshals' intergovernmental agreement; ICE may use it by rider.
    Usms,
    /// State Criminal Alien Assistance Program: an application and an award, no contract.
    Scaap,
    Other,
}

impl AgreementModel {
    pub const ALL: [AgreementModel; 8] = [
        AgreementModel::Jem,
        AgreementModel::Wso,
        AgreementModel::Tfm,
        AgreementModel::Igsa,
        AgreementModel::Boa,
        AgreementModel::Usms,
        AgreementModel::Scaap,
        AgreementModel::Other,
    ];

    /// Whether it is one of the models of 287(g).
    pub fn is_287g(self) -> bool {
        matches!(
            self,
            AgreementModel::Jem | AgreementModel::Wso | AgreementModel::Tfm
        )
    }

    /// With the family before it: "287(g): Task force model".
    pub fn title(self) -> String {
        if self.is_287g() {
            format!("287(g): {}", self.plain())
        } else {
            self.plain().to_owned()
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            AgreementModel::Jem => "jem",
            AgreementModel::Wso => "wso",
            AgreementModel::Tfm => "tfm",
            AgreementModel::Igsa => "igsa",
            AgreementModel::Boa => "boa",
            AgreementModel::Usms => "usms",
            AgreementModel::Scaap => "scaap",
            AgreementModel::Other => "other",
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
            AgreementModel::Igsa => "IGSA (detention contract with ICE)",
            AgreementModel::Boa => "BOA (basic ordering agreement)",
            AgreementModel::Usms => "USMS IGA (jail space for the Marshals)",
            AgreementModel::Scaap => "SCAAP award",
            AgreementModel::Other => "Another agreement",
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
            AgreementModel::Igsa => "A contract to hold ICE's detainees at a daily rate.",
            AgreementModel::Boa => {
                "Ordering terms: ICE pays for a hold of up to 48 hours. Each order is the contract."
            }
            AgreementModel::Usms => {
                "Jail space for the Marshals; ICE or CBP may use it by rider or shared use."
            }
            AgreementModel::Scaap => {
                "A federal payment toward jailing costs. It is not detainer money."
            }
            AgreementModel::Other => "CBP, Stonegarden, a task force, a lease, transport.",
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

/// Where an agreement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreementStatus {
    /// On the list of participating agencies.
    Signed,
    /// On the list of pending agencies, or applied for.
    Pending,
    /// It stood on ICE's list and no longer does. That is no proof that it ended.
    OffList,
    /// It ended, by a source.
    Ended,
}

impl AgreementStatus {
    pub const ALL: [AgreementStatus; 4] = [
        AgreementStatus::Signed,
        AgreementStatus::Pending,
        AgreementStatus::OffList,
        AgreementStatus::Ended,
    ];

    /// Whether it counts among what the agency holds today.
    pub fn stands(self) -> bool {
        matches!(self, AgreementStatus::Signed | AgreementStatus::Pending)
    }

    pub fn plain(self) -> &'static str {
        match self {
            AgreementStatus::Signed => "signed",
            AgreementStatus::Pending => "pending",
            AgreementStatus::OffList => "no longer on ICE's list",
            AgreementStatus::Ended => "ended",
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            AgreementStatus::Signed => "signed",
            AgreementStatus::Pending => "pending",
            AgreementStatus::OffList => "off_list",
            AgreementStatus::Ended => "ended",
        }
    }

    pub fn parse(text: &str) -> Option<AgreementStatus> {
        AgreementStatus::ALL
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
