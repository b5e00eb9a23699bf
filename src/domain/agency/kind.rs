//! What kind of body an agency is: by a person's word, by a list's, or by its own name.

use serde::{Deserialize, Serialize};

use super::name;
use crate::law::HolderKind;

/// What kind of body an agency is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgencyKind {
    /// A state's department that runs its prisons, or the District's.
    StateCorrections,
    /// A county's own department of corrections or detention, apart from its sheriff.
    CountyCorrections,
    Sheriff,
    CountyJail,
    CityJail,
    /// A town's, a city's or a township's police.
    Police,
    /// A district, county, state's or commonwealth's attorney.
    Prosecutor,
    /// A board of supervisors, a county commission, a commissioners court.
    CountyBoard,
    /// A component of the United States: ICE, CBP, the Marshals.
    Federal,
    /// A county's body of another kind, or of one that nobody told.
    County,
    /// A municipality's body of another kind, or of one that nobody told.
    Municipality,
    /// Any other body of a state.
    StateAgency,
    Other,
}

impl AgencyKind {
    pub const ALL: [AgencyKind; 13] = [
        AgencyKind::StateCorrections,
        AgencyKind::CountyCorrections,
        AgencyKind::Sheriff,
        AgencyKind::CountyJail,
        AgencyKind::CityJail,
        AgencyKind::Police,
        AgencyKind::Prosecutor,
        AgencyKind::CountyBoard,
        AgencyKind::Federal,
        AgencyKind::County,
        AgencyKind::Municipality,
        AgencyKind::StateAgency,
        AgencyKind::Other,
    ];

    /// The word of the database and of forms.
    pub fn as_str(self) -> &'static str {
        match self {
            AgencyKind::StateCorrections => "state_corrections",
            AgencyKind::CountyCorrections => "county_corrections",
            AgencyKind::Sheriff => "sheriff",
            AgencyKind::CountyJail => "county_jail",
            AgencyKind::CityJail => "city_jail",
            AgencyKind::Police => "police",
            AgencyKind::Prosecutor => "prosecutor",
            AgencyKind::CountyBoard => "county_board",
            AgencyKind::Federal => "federal",
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
            AgencyKind::CountyCorrections => "County corrections",
            AgencyKind::Sheriff => "Sheriff",
            AgencyKind::CountyJail => "County jail",
            AgencyKind::CityJail => "City jail",
            AgencyKind::Police => "Police",
            AgencyKind::Prosecutor => "Prosecutor",
            AgencyKind::CountyBoard => "County board",
            AgencyKind::Federal => "Federal component",
            AgencyKind::County => "County, other",
            AgencyKind::Municipality => "Municipality, other",
            AgencyKind::StateAgency => "State agency",
            AgencyKind::Other => "Other",
        }
    }

    /// What the law takes it for: some laws give each kind of holder its own limits. A county's sheriff whom nobody
    /// set down as one is told from the county itself by the name.
    pub fn holder(self, name: &str) -> HolderKind {
        match self {
            AgencyKind::StateCorrections | AgencyKind::StateAgency => HolderKind::StateAgency,
            AgencyKind::Federal => HolderKind::FederalAgency,
            AgencyKind::Sheriff => HolderKind::Sheriff,
            AgencyKind::County if name.to_lowercase().contains("sheriff") => HolderKind::Sheriff,
            AgencyKind::County
            | AgencyKind::CountyCorrections
            | AgencyKind::CountyJail
            | AgencyKind::CountyBoard
            | AgencyKind::Prosecutor => HolderKind::County,
            AgencyKind::Municipality | AgencyKind::Police | AgencyKind::CityJail => {
                HolderKind::Municipality
            }
            AgencyKind::Other => HolderKind::OtherLocal,
        }
    }

    /// What a list calls it, in any case and with stray spaces. Words unknown to us are none.
    pub fn of_list(words: &str) -> Option<AgencyKind> {
        let folded = name::fold(words);
        if let Some(kind) = AgencyKind::ALL
            .into_iter()
            .find(|kind| folded == name::fold(kind.plain()) || folded == name::fold(kind.as_str()))
        {
            return Some(kind);
        }
        match folded.as_str() {
            "parish" | "borough" => Some(AgencyKind::County),
            "sheriffs office" | "sheriffs department" => Some(AgencyKind::Sheriff),
            "jail" | "detention center" => Some(AgencyKind::CountyJail),
            "municipal" | "city" | "town" | "township" | "village" => {
                Some(AgencyKind::Municipality)
            }
            "police department" | "pd" => Some(AgencyKind::Police),
            "district attorney" | "county attorney" => Some(AgencyKind::Prosecutor),
            "state" => Some(AgencyKind::StateAgency),
            "state doc" | "doc" => Some(AgencyKind::StateCorrections),
            "tribal" | "university" | "territory" => Some(AgencyKind::Other),
            _ => None,
        }
    }

    /// The kind that a name itself tells; other where it tells none.
    pub fn by_name(called: &str) -> AgencyKind {
        let folded = name::fold(called);
        let has = |words: &[&str]| words.iter().any(|word| folded.contains(word));
        let county = has(&[" county", " parish", "county "]);
        if has(&["sheriff"]) {
            AgencyKind::Sheriff
        } else if has(&[
            "state police",
            "highway patrol",
            "state patrol",
            "department of public safety",
        ]) {
            AgencyKind::StateAgency
        } else if has(&[
            "district attorney",
            "county attorney",
            "prosecut",
            "commonwealths attorney",
            "states attorney",
            "state attorney",
        ]) {
            AgencyKind::Prosecutor
        } else if has(&[
            "board of supervisors",
            "county commission",
            "commissioners court",
            "county council",
            "board of commissioners",
        ]) {
            AgencyKind::CountyBoard
        } else if has(&["city jail", "municipal jail"]) {
            AgencyKind::CityJail
        } else if county && has(&["jail", "detention center"]) {
            AgencyKind::CountyJail
        } else if county && has(&["correction", "department of detention"]) {
            AgencyKind::CountyCorrections
        } else if has(&["police"]) {
            AgencyKind::Police
        } else if county {
            AgencyKind::County
        } else if folded.starts_with("city of") || folded.starts_with("town of") {
            AgencyKind::Municipality
        } else {
            AgencyKind::Other
        }
    }

    /// A list's wide word made finer by the name: ICE writes "County" for a sheriff and for a jail alike.
    pub fn refined(self, called: &str) -> AgencyKind {
        match (self, AgencyKind::by_name(called)) {
            (
                AgencyKind::County,
                finer @ (AgencyKind::Sheriff
                | AgencyKind::CountyJail
                | AgencyKind::CountyCorrections
                | AgencyKind::CountyBoard
                | AgencyKind::Prosecutor),
            )
            | (AgencyKind::Municipality, finer @ (AgencyKind::Police | AgencyKind::CityJail)) => {
                finer
            }
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_word_is_made_finer_by_the_name() {
        for (listed, name, kind) in [
            (
                "County",
                "Alder County Sheriff's Office",
                AgencyKind::Sheriff,
            ),
            ("County", "Alder County Jail", AgencyKind::CountyJail),
            ("Parish", "Alder Parish", AgencyKind::County),
            (
                "County",
                "Alder County Department of Corrections",
                AgencyKind::CountyCorrections,
            ),
            (
                "Municipality",
                "Alderton Police Department",
                AgencyKind::Police,
            ),
            ("Municipality", "Town of Alderton", AgencyKind::Municipality),
            (
                "State Agency",
                "Alder State Police",
                AgencyKind::StateAgency,
            ),
            ("County board", "Alder", AgencyKind::CountyBoard),
            ("county_jail", "Alder", AgencyKind::CountyJail),
        ] {
            let read = AgencyKind::of_list(listed).expect("a known word");
            assert_eq!(read.refined(name), kind, "{listed}, {name}");
        }
        assert_eq!(AgencyKind::of_list("Moon base"), None);
        for kind in AgencyKind::ALL {
            assert_eq!(AgencyKind::parse(kind.as_str()), Some(kind));
        }
    }

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
