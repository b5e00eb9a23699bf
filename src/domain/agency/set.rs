//! Named sets of agencies by rule: which agencies belong, and in which words each one's reason is given.

use serde::{Deserialize, Serialize};

use super::{AgencyKind, AgreementModel};

/// Whether an agency can be reached, for filters and rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// A contact for records requests that is in use and did not come back.
    Reachable,
    /// No such contact.
    Unreachable,
    /// A contact that was last checked too long ago, or that came back.
    Stale,
}

impl Reach {
    pub const ALL: [Reach; 3] = [Reach::Reachable, Reach::Unreachable, Reach::Stale];

    pub fn as_str(self) -> &'static str {
        match self {
            Reach::Reachable => "reachable",
            Reach::Unreachable => "unreachable",
            Reach::Stale => "stale",
        }
    }

    pub fn parse(text: &str) -> Option<Reach> {
        Reach::ALL.into_iter().find(|reach| reach.as_str() == text)
    }

    pub fn plain(self) -> &'static str {
        match self {
            Reach::Reachable => "Has a records contact",
            Reach::Unreachable => "Has no records contact",
            Reach::Stale => "Has a contact to re-check",
        }
    }
}

/// A rule: everything that is set narrows. A rule that sets nothing takes every agency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    /// Words of the name or county.
    pub words: String,
    /// Postal codes; empty is all.
    pub jurisdictions: Vec<String>,
    /// Empty is all.
    pub kinds: Vec<AgencyKind>,
    /// Holds one of these today; empty is with or without.
    pub models: Vec<AgreementModel>,
    pub reach: Option<Reach>,
}

impl Rule {
    pub fn is_empty(&self) -> bool {
        *self == Rule::default()
    }

    /// The rule as one line: "County jail; in VA, NC; holds Warrant service officer".
    pub fn in_words(&self) -> String {
        let mut words = Vec::new();
        if !self.kinds.is_empty() {
            let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.plain()).collect();
            words.push(kinds.join(" or "));
        }
        if !self.jurisdictions.is_empty() {
            words.push(format!("in {}", self.jurisdictions.join(", ")));
        }
        if !self.models.is_empty() {
            let models: Vec<&str> = self.models.iter().map(|model| model.plain()).collect();
            words.push(format!("holds {}", models.join(" or ")));
        }
        if let Some(reach) = self.reach {
            words.push(reach.plain().to_lowercase());
        }
        if !self.words.trim().is_empty() {
            words.push(format!("named “{}”", self.words.trim()));
        }
        if words.is_empty() {
            "every agency of the campaign".to_owned()
        } else {
            words.join("; ")
        }
    }

    /// Why one agency belongs: its own kind, place and agreements, as far as the rule asks for them.
    pub fn reason_for(&self, kind: AgencyKind, jurisdiction: &str, held: &[String]) -> String {
        let mut words = vec![format!("{} in {jurisdiction}", kind.plain())];
        if !self.models.is_empty() && !held.is_empty() {
            words.push(format!("holds {}", held.join(" and ")));
        }
        if let Some(reach) = self.reach {
            words.push(reach.plain().to_lowercase());
        }
        if !self.words.trim().is_empty() {
            words.push(format!("named “{}”", self.words.trim()));
        }
        words.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_as_a_sentence() {
        let rule = Rule {
            jurisdictions: vec!["VA".to_owned()],
            kinds: vec![AgencyKind::CountyJail],
            models: vec![AgreementModel::Wso],
            ..Rule::default()
        };
        assert_eq!(
            rule.in_words(),
            "County jail; in VA; holds Warrant service officer"
        );
        assert_eq!(
            rule.reason_for(
                AgencyKind::CountyJail,
                "VA",
                &["Warrant service officer (signed 8 May 2025)".to_owned()]
            ),
            "County jail in VA; holds Warrant service officer (signed 8 May 2025)"
        );
        assert_eq!(Rule::default().in_words(), "every agency of the campaign");
    }
}
